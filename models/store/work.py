"""How the work goes: what people decided, how long that took, and how often the queue is right.

All counts are made by the database from its indexes, over a period that the caller bounds; none reads a lead
itself. See docs/decisions/0013 for what is shown to whom.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Float, and_, case, cast, exists, extract, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.account import Account
from models.base import ZONE
from models.decision import Decision
from models.lead import Lead
from models.store.attention import none_but
from models.store.missed import INITIATIVE
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus, Role

#: What counts as deciding on a lead; splitting and undoing go with one of these.
DECIDING = (
    DecisionKind.PROMOTE,
    DecisionKind.REJECT,
    DecisionKind.KNOWN,
    DecisionKind.MERGE,
    DecisionKind.SNOOZE,
)
#: Longest time between two decisions of one sitting, and what the first decision of a sitting counts for:
#: how long somebody looked before it, nobody knows. Our own choice: deciding takes well under a minute.
SITTING = timedelta(minutes=5)
FIRST = timedelta(minutes=1)
#: Who sees what each single person did. All others see themselves, and the team as a whole.
SEES_PERSONS = frozenset({Role.PROJECT_LEADER, Role.ADMIN})
#: People at work below which the team's minutes are not shown to all: they would tell of one colleague.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in one period."""

    #: Decisions on leads that were not undone.
    decided: int = 0
    #: Time at work, in seconds; None = not for this viewer.
    seconds: float | None = 0.0


@dataclass(frozen=True)
class Person:
    """What one person did."""

    account_id: int
    #: Name, else the e-mail address.
    name: str
    #: One for each period, as asked for.
    work: tuple[Work, ...]


@dataclass(frozen=True)
class TeamWork:
    """What this viewer may know of the work done."""

    own: tuple[Work, ...]
    team: tuple[Work, ...]
    #: By name; only for who sees persons.
    persons: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of some decided leads were initiatives."""

    promoted: int = 0
    known: int = 0
    rejected: int = 0
    #: Of the rejected, those whose reason says nothing about whether it is an initiative.
    unclear: int = 0
    #: Sum of the scores of all of them.
    scores: float = 0.0

    @property
    def decided(self) -> int:
        """All of them."""
        return self.promoted + self.known + self.rejected

    @property
    def share(self) -> float | None:
        """Part that was promoted or known, 0.0 to 1.0; None = nothing was decided."""
        return (self.promoted + self.known) / self.decided if self.decided else None

    @property
    def expected(self) -> float | None:
        """Their mean score: the part that should be initiatives; None = nothing was decided."""
        return self.scores / self.decided if self.decided else None

    @property
    def share_of_clear(self) -> float | None:
        """Part that is an initiative of those of which that was said; None = of none."""
        clear = self.decided - self.unclear
        return (self.promoted + self.known) / clear if clear else None


def start_of_day(now: datetime, days_back: int = 0) -> datetime:
    """When the day began that was ``days_back`` days before that of ``now``, in UTC."""
    day = now.astimezone(ZONE).date() - timedelta(days=days_back)
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def in_hand(session: Session, viewer: Viewer) -> int:
    """How many leads that wait were given to this viewer."""
    return (
        session.scalar(
            select(func.count()).where(
                Lead.assignee_id == viewer.account_id,
                Lead.status == LeadStatus.OPEN,
                viewer.scope(Lead.municipality_code),
            )
        )
        or 0
    )


def team_work(session: Session, viewer: Viewer, *, starts: Sequence[datetime], now: datetime) -> TeamWork:
    """What the viewer and the team did since each of ``starts``.

    Args:
        starts: beginnings of periods that all end now; the newest first.
    """
    nothing = tuple(Work() for _ in starts)
    if not viewer.decides:
        return TeamWork(nothing, nothing)
    decided = _decided(session, starts, now)
    seconds = _seconds(session, starts, now)
    persons = {
        account_id: tuple(
            Work(count, time)
            for count, time in zip(
                decided.get(account_id, [0] * len(starts)),
                seconds.get(account_id, [0.0] * len(starts)),
                strict=True,
            )
        )
        for account_id in sorted({*decided, *seconds})
    }
    leads_team = bool(viewer.roles & SEES_PERSONS)
    team = tuple(
        _together([work[place] for work in persons.values()], open_to_all=leads_team)
        for place in range(len(starts))
    )
    return TeamWork(
        own=persons.get(viewer.account_id, nothing),
        team=team,
        persons=_named(session, persons) if leads_team else (),
    )


def _together(work: Sequence[Work], *, open_to_all: bool) -> Work:
    """The sum; without minutes when they would tell of too few people."""
    at_work = sum(1 for one in work if one.decided or one.seconds)
    total = sum(one.seconds or 0.0 for one in work)
    return Work(
        decided=sum(one.decided for one in work),
        seconds=total if open_to_all or at_work == 0 or at_work >= FEWEST else None,
    )


def _named(session: Session, persons: Mapping[int, tuple[Work, ...]]) -> tuple[Person, ...]:
    names = session.execute(
        select(Account.id, func.coalesce(func.nullif(Account.name, ""), Account.email)).where(
            Account.id.in_(persons)
        )
    )
    found = [Person(account_id, name, persons[account_id]) for account_id, name in names]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.account_id)))


def _period(moment: InstrumentedAttribute[datetime], starts: Sequence[datetime]) -> ColumnElement[int]:
    """Number of the first period that a moment falls into."""
    return case(
        *((moment >= start, literal(place)) for place, start in enumerate(starts)), else_=literal(len(starts))
    )


def _decided(session: Session, starts: Sequence[datetime], now: datetime) -> dict[int, list[int]]:
    """Account -> decisions in each period."""
    undoing = aliased(Decision)
    period = _period(Decision.made_at, starts).label("period")
    found: dict[int, list[int]] = {}
    for account_id, first, count in session.execute(
        select(Decision.account_id, period, func.count())
        .where(
            Decision.made_at >= min(starts),
            Decision.made_at <= now,
            Decision.kind.in_(DECIDING),
            ~exists().where(undoing.undoes_id == Decision.id),
        )
        .group_by(Decision.account_id, period)
    ):
        counts = found.setdefault(account_id, [0] * len(starts))
        # Whatever is in a period is in all longer ones too.
        for place in range(first, len(starts)):
            counts[place] += count
    return found


def _seconds(session: Session, starts: Sequence[datetime], now: datetime) -> dict[int, list[float]]:
    """Account -> seconds at work in each period: between decisions of one sitting, and before its first."""
    before = func.lag(Decision.made_at).over(
        partition_by=Decision.account_id, order_by=(Decision.made_at, Decision.id)
    )
    made = (
        select(
            Decision.account_id.label("account_id"),
            _period(Decision.made_at, starts).label("period"),
            _between(session, before, Decision.made_at).label("gap"),
        )
        .where(Decision.made_at >= min(starts), Decision.made_at <= now)
        .subquery()
    )
    spent = case(
        (made.c.gap <= SITTING.total_seconds(), made.c.gap),
        else_=literal(FIRST.total_seconds(), Float),
    )
    found: dict[int, list[float]] = {}
    for account_id, first, seconds in session.execute(
        select(made.c.account_id, made.c.period, func.sum(spent)).group_by(made.c.account_id, made.c.period)
    ):
        counts = found.setdefault(account_id, [0.0] * len(starts))
        for place in range(first, len(starts)):
            counts[place] += float(seconds)
    return found


def _between(
    session: Session, earlier: ColumnElement[datetime], later: InstrumentedAttribute[datetime]
) -> ColumnElement[float]:
    """Seconds from one moment to another."""
    if session.get_bind().dialect.name == "sqlite":
        # Days with so many digits are right to a tenth of a millisecond; five minutes must stay five minutes.
        return func.round((func.julianday(later) - func.julianday(earlier)) * 86400.0, 3)
    return cast(extract("epoch", later - earlier), Float)


def precision_by_score(
    session: Session,
    viewer: Viewer,
    *,
    since: datetime,
    lowest: Sequence[float],
    no_initiative: Collection[str] = (),
) -> list[Precision]:
    """How many decided leads were initiatives, for each class of scores; drawn leads are left out.

    Args:
        since: leads whose decision is from then on count.
        lowest: lowest score of each class, the highest class first; the last one takes the rest.
        no_initiative: reasons of rejection that say "this is no initiative".
    """
    number = case(
        *((Lead.score >= score, literal(place)) for place, score in enumerate(lowest)),
        else_=literal(len(lowest) - 1),
    ).label("number")
    found: list[dict[LeadStatus, int]] = [{} for _ in lowest]
    scores = [0.0 for _ in lowest]
    for place, status, count, total in session.execute(
        select(number, Lead.status, func.count(), func.sum(Lead.score))
        .where(_judged(viewer, since), Lead.drawn.is_(None))
        .group_by(number, Lead.status)
    ):
        found[place][status] = count
        scores[place] += float(total)
    unclear = dict.fromkeys(range(len(lowest)), 0)
    undoing = aliased(Decision)
    for place, count in session.execute(
        select(number, func.count())
        .select_from(Decision)
        .join(Lead, Lead.id == Decision.lead_id)
        .where(
            Decision.made_at >= since,
            Decision.kind == DecisionKind.REJECT,
            Decision.reason.not_in(sorted(no_initiative)),
            ~exists().where(undoing.undoes_id == Decision.id),
            # A lead that was decided on, undone and decided on again counts once.
            none_but([LeadStatus.REJECTED]),
            Lead.decided_at >= since,
            Lead.drawn.is_(None),
            viewer.scope(Lead.municipality_code),
        )
        .group_by(number)
    ):
        unclear[place] = count
    return [
        _precision(by_status, unclear=unclear[place], scores=scores[place])
        for place, by_status in enumerate(found)
    ]


def precision_of_first(
    session: Session, viewer: Viewer, *, since: datetime, numbers: Sequence[int]
) -> list[Precision]:
    """How many of the first so many leads of each day were initiatives.

    Of each day on which decisions were made, the leads that were decided on and had the earliest turns in
    the queue: what somebody finds who does only so many a day.

    Args:
        numbers: how many leads a day, the smallest first. Days are those of UTC: nobody decides at night.
    """
    day = func.date(Lead.decided_at)
    turn = func.row_number().over(
        partition_by=day, order_by=(Lead.precedence.desc(), Lead.score.desc(), Lead.id.desc())
    )
    lined_up = (
        select(Lead.status.label("status"), Lead.score.label("score"), turn.label("turn"))
        .where(_judged(viewer, since))
        .subquery()
    )
    place = case(
        *((lined_up.c.turn <= number, literal(at)) for at, number in enumerate(numbers)),
        else_=literal(len(numbers)),
    ).label("place")
    found: list[dict[LeadStatus, int]] = [{} for _ in numbers]
    scores = [0.0 for _ in numbers]
    for first, status, count, total in session.execute(
        select(place, lined_up.c.status, func.count(), func.sum(lined_up.c.score))
        .where(lined_up.c.turn <= max(numbers))
        .group_by(place, lined_up.c.status)
    ):
        for at in range(first, len(numbers)):
            found[at][status] = found[at].get(status, 0) + count
            scores[at] += float(total)
    return [_precision(by_status, scores=score) for by_status, score in zip(found, scores, strict=True)]


def _judged(viewer: Viewer, since: datetime) -> ColumnElement[bool]:
    """Leads of which somebody said lately whether they are worth it."""
    return and_(Lead.decided_at >= since, none_but(INITIATIVE), viewer.scope(Lead.municipality_code))


def _precision(by_status: Mapping[LeadStatus, int], *, unclear: int = 0, scores: float = 0.0) -> Precision:
    return Precision(
        promoted=by_status.get(LeadStatus.PROMOTED, 0),
        known=by_status.get(LeadStatus.KNOWN, 0),
        rejected=by_status.get(LeadStatus.REJECTED, 0),
        unclear=unclear,
        scores=scores,
    )

"""How sources are doing, for pages and commands: states, signs, what comes in, and who is left out.

Made from the sources' rows and their days (``models.store.rhythm``), in a few queries for all of them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.health import WALLS, SignSeen, seen, state_of
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.run import Run
from models.source import Source
from models.source_day import SourceDay
from models.store.rhythm import accepted_leads, among, day_of
from models.words import Sign, SourceKind, SourceState

#: Days in a sparkline and in ``new_30``.
SPARK_DAYS, NEW_DAYS = 28, 30
#: A municipality is covered by a source that was visited well within this time …
THIS_WEEK = timedelta(days=7)
#: … and from which something comes in.
NOTHING_COMES_IN = WALLS | {Sign.SILENT}
#: States of sources that are visited.
VISITED = frozenset({SourceState.HEALTHY, SourceState.ODD, SourceState.FAILING})

#: All that states and lists need of a source, without the large columns.
COLUMNS = (
    Source.key,
    Source.title,
    Source.kind,
    Source.url,
    Source.municipality_code,
    Source.enabled,
    Source.removed_at,
    Source.terms_checked,
    Source.last_visit_at,
    Source.last_success_at,
    Source.next_visit_at,
    Source.retry_after_until,
    Source.consecutive_failures,
    Source.signs,
    Source.paused,
    Source.defined_in,
    Source.added_at,
)


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """One source as the list of sources shows it."""

    key: str
    title: str
    kind: SourceKind
    url: str
    municipality_code: str | None
    state: SourceState
    #: In order of weight. Also a source that fails or is paused may have some.
    signs: tuple[SignSeen, ...]
    last_visit_at: datetime | None
    last_success_at: datetime | None
    #: None = it is due, or never will be.
    next_visit_at: datetime | None
    #: Visits that failed in a row.
    failures: int
    #: Why the last visit failed, in one sentence; None = it did not.
    problem: str | None
    #: Why it is paused, in words; None = it is not.
    paused: str | None
    #: New items of the last 28 days (Europe/Amsterdam), oldest first, today last.
    per_day: tuple[int, ...]
    #: New items in 30 days.
    new_30: int
    #: Leads with an item of it that were promoted or known in 90 days.
    accepted: int
    #: File of the definition; empty = added on a page.
    defined_in: str
    added_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StateSeen:
    """How one source is doing; what can be said of all of them at once. See :class:`SourceHealth`."""

    key: str
    municipality_code: str | None
    state: SourceState
    signs: tuple[SignSeen, ...]
    last_visit_at: datetime | None
    last_success_at: datetime | None
    failures: int
    paused: str | None


@dataclass(frozen=True)
class Uncovered:
    """A municipality that takes part and has no healthy source this week."""

    code: str
    #: When one of its sources was visited well last; None = never.
    since: datetime | None


def source_healths(
    session: Session,
    *,
    now: datetime,
    keys: Collection[str] | None = None,
    accepted: Mapping[str, int] | None = None,
) -> list[SourceHealth]:
    """Sources by key, removed ones too; give the keys of one page where there are many.

    Args:
        accepted: what :func:`models.store.rhythm.accepted_leads` gave, which takes long where there are many
            leads; None = it is asked.
    """
    today = day_of(now)
    rows = session.execute(select(*COLUMNS).where(*among(Source.key, keys)).order_by(Source.key)).all()
    if keys is not None:
        wanted = set(keys)
        rows = [row for row in rows if row.key in wanted]
    news = _news(session, today, keys)
    if accepted is None:
        accepted = accepted_leads(session, now=now, keys=keys)
    problems = _problems(session, keys)
    return [
        SourceHealth(
            key=row.key,
            title=row.title,
            kind=row.kind,
            url=row.url,
            municipality_code=row.municipality_code,
            state=state_of(row, today=today),
            signs=seen(row.signs),
            last_visit_at=row.last_visit_at,
            last_success_at=row.last_success_at,
            next_visit_at=_later(row.next_visit_at, row.retry_after_until),
            failures=row.consecutive_failures,
            problem=problems.get(row.key),
            paused=row.paused,
            per_day=tuple(_sparkline(news[row.key], today)) if row.key in news else (0,) * SPARK_DAYS,
            new_30=sum(count for _, count in news.get(row.key, ())),
            accepted=accepted.get(row.key, 0),
            defined_in=row.defined_in,
            added_at=row.added_at,
        )
        for row in rows
    ]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else max(one, other or one)


def _news(session: Session, today: date, keys: Collection[str] | None) -> dict[str, list[tuple[date, int]]]:
    """Key -> its days with something new."""
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    days = select(SourceDay.source_key, SourceDay.day, SourceDay.new).where(
        SourceDay.day > today - timedelta(days=NEW_DAYS),
        SourceDay.new > 0,
        *among(SourceDay.source_key, keys),
    )
    for key, day, new in session.execute(days):
        found[key].append((day, new))
    return found


def _sparkline(news: Sequence[tuple[date, int]], today: date) -> list[int]:
    counts = [0] * SPARK_DAYS
    for day, new in news:
        ago = (today - day).days
        if 0 <= ago < SPARK_DAYS:
            counts[SPARK_DAYS - 1 - ago] = new
    return counts


def _problems(session: Session, keys: Collection[str] | None) -> dict[str, str | None]:
    """Key -> why its last visit failed, of the sources that fail."""
    newest = (
        select(Run.problem)
        .where(Run.source_key == Source.key, Run.finished_at.is_not(None))
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    failing = select(Source.key, newest).where(Source.consecutive_failures > 0, *among(Source.key, keys))
    return {row[0]: row[1] for row in session.execute(failing)}


def source_states(session: Session, *, now: datetime) -> list[StateSeen]:
    """How every source is doing, by key: one short query, also for thousands of them."""
    today = day_of(now)
    rows = session.execute(select(*COLUMNS).order_by(Source.key))
    return [
        StateSeen(
            key=row.key,
            municipality_code=row.municipality_code,
            state=state_of(row, today=today),
            signs=seen(row.signs),
            last_visit_at=row.last_visit_at,
            last_success_at=row.last_success_at,
            failures=row.consecutive_failures,
            paused=row.paused,
        )
        for row in rows
    ]


def state_counts(session: Session, now: datetime) -> Counter[SourceState]:
    """How many sources there are of each state."""
    return Counter(source.state for source in source_states(session, now=now))


def coverage(session: Session, *, now: datetime) -> list[Uncovered]:
    """Participating municipalities without a healthy source this week, by code.

    A municipality has one if a source of its own, or a general one that a lead there came from, was
    visited well in the last seven days and something comes in from it.
    """
    today = day_of(now)
    codes = session.scalars(
        select(Municipality.code)
        .where(
            Municipality.participates_from <= today,
            or_(Municipality.participates_until.is_(None), Municipality.participates_until >= today),
        )
        .order_by(Municipality.code)
    ).all()
    if not codes:
        return []
    healthy: set[str] = set()
    covered: set[str | None] = set()
    last: dict[str, datetime] = {}
    for source in source_states(session, now=now):
        code, at = source.municipality_code, source.last_success_at
        if at is None:
            continue
        if code is not None:
            last[code] = max(at, last.get(code, at))
        good = source.state in VISITED and at > now - THIS_WEEK
        if good and NOTHING_COMES_IN.isdisjoint(one.sign for one in source.signs):
            healthy.add(source.key)
            covered.add(code)
    found_in = (
        select(Lead.municipality_code, Item.source_key)
        .distinct()
        .join(LeadItem, LeadItem.lead_id == Lead.id)
        .join(Item, Item.id == LeadItem.item_id)
        .where(
            Lead.municipality_code.in_([code for code in codes if code not in covered]),
            Lead.opened_at > now - THIS_WEEK,
        )
    )
    covered |= {code for code, key in session.execute(found_in) if key in healthy}
    return [Uncovered(code, last.get(code)) for code in codes if code not in covered]

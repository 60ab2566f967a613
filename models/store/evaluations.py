"""Evaluations: short forms for consultant, host municipality and initiator, when they are asked and answered.

Everybody answers by a secret link, without an account. The caller commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Evaluation, Match
from models.municipality import Municipality
from models.store.audit import record
from models.store.evaluation_questions import ASKED, checked
from models.store.lessons import draft_lessons
from models.store.match_changes import hold_match
from models.store.match_mails import drop, morning_of, queue
from models.store.match_rules import MatchNotFoundError
from models.store.viewer import Viewer
from models.words import MatchState, Moment, Party
from models.working_days import is_working_day

#: Days after the asking in which an answer is in time: two weeks.
TERM = timedelta(days=14)
#: Working days before the end of the term on which who did not answer is reminded.
REMIND_BEFORE = 5
#: Months after the work on which is asked what was done with it.
HALF_YEAR_MONTHS = 6
#: Days after the term in which an answer is still taken.
OPEN_DAYS = 90
#: State of a match -> what is planned when it gets there.
PLANNED = {
    MatchState.DEPLOYED: (Moment.START,),
    MatchState.FINISHED: (Moment.AFTERWARDS, Moment.HALF_YEAR),
}
#: States of a match in which its forms are taken.
ANSWERABLE = frozenset(PLANNED)
#: Open forms on one page.
PAGE_SIZE = 100


class EvaluationError(Exception):
    """An evaluation can't be answered; nothing was changed."""


class EvaluationNotFoundError(EvaluationError):
    """This party is asked nothing at this moment, or this viewer may not see it."""


class EvaluationClosedError(EvaluationError):
    """The match was stopped, or the term has long passed."""


@dataclass(frozen=True)
class EvaluationRow:
    """One form as staff and municipalities see it."""

    id: int
    match_id: int
    party: Party
    moment: Moment
    ask_on: date
    due_on: date
    #: When the mail with the link, and the one that reminds, left; None = not (yet).
    asked_at: datetime | None
    reminded_at: datetime | None
    answered_at: datetime | None
    #: Question -> answer; empty = none yet, or not for this viewer.
    answers: dict[str, Any]


@dataclass(frozen=True)
class OpenForm:
    """A form that was not answered yet."""

    #: The evaluation's.
    id: int
    match_id: int
    party: Party
    moment: Moment
    due_on: date
    asked_at: datetime | None
    initiative: str
    municipality: str


def mail_kind(moment: Moment) -> str:
    """Kind of the message that asks (``MatchMail.kind``)."""
    return f"evaluatie_{moment.value}"


def reminder_kind(moment: Moment) -> str:
    """Kind of the message that reminds (``MatchMail.kind``)."""
    return f"herinnering_{moment.value}"


def plan_evaluations(session: Session, match: Match, *, now: datetime) -> None:
    """Plan the forms that go with the state of a match, and their mails; what is planned already stays.

    Call it in the transaction in which the match becomes DEPLOYED or FINISHED, with its days filled in.
    """
    today = now.astimezone(ZONE).date()
    if match.state is MatchState.FINISHED:
        # How it begins nobody needs to say any more.
        drop(session, match.id, now=now, kinds=_kinds(Moment.START))
    known = set(
        session.execute(select(Evaluation.party, Evaluation.moment).where(Evaluation.match_id == match.id))
    )
    for moment in PLANNED.get(match.state, ()):
        ask_on = _working_day(max(today, _wanted_day(match, moment, today)))
        due_on = ask_on + TERM
        for party in ASKED:
            if (party, moment) in known:
                continue
            session.add(
                Evaluation(
                    match_id=match.id, party=party, moment=moment, ask_on=ask_on, due_on=due_on, answers={}
                )
            )
            queue(session, match.id, party, mail_kind(moment), due_at=morning_of(ask_on))
            queue(session, match.id, party, reminder_kind(moment), due_at=morning_of(reminder_day(due_on)))
    session.flush()


def reminder_day(due_on: date) -> date:
    """The day on which who did not answer is reminded: :data:`REMIND_BEFORE` working days before the last."""
    day, left = due_on, REMIND_BEFORE
    while left:
        day -= timedelta(days=1)
        left -= is_working_day(day)
    return day


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month when it is shorter."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def note_mailed(session: Session, match_id: int, party: Party, kind: str, *, at: datetime) -> None:
    """A message of this kind left; does nothing when it is not about an evaluation."""
    moment = next((moment for moment in Moment if kind in _kinds(moment)), None)
    row = _find(session, match_id, party, moment) if moment is not None else None
    if row is not None:
        name = "asked_at" if kind == mail_kind(row.moment) else "reminded_at"
        setattr(row, name, getattr(row, name) or at)
        session.flush()


def is_open(state: MatchState, evaluation: Evaluation, *, day: date) -> bool:
    """Whether an answer is taken on a day; one that was given can be corrected as long."""
    return state in ANSWERABLE and day <= evaluation.due_on + timedelta(days=OPEN_DAYS)


def answer_evaluation(
    session: Session,
    match_id: int,
    party: Party,
    moment: Moment,
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> Evaluation:
    """Keep what one party answers; answering again replaces it.

    What others can learn from it becomes a draft of a lesson. Whoever calls this has seen the secret link of
    this party and moment.

    Args:
        answers: as :func:`models.store.evaluation_questions.checked` takes them.

    Raises:
        EvaluationNotFoundError, EvaluationClosedError, models.store.evaluation_questions.InvalidAnswersError:
            nothing was kept.
    """
    try:
        _round, match = hold_match(session, match_id)
    except MatchNotFoundError as error:
        raise EvaluationNotFoundError(str(error)) from None
    row = _find(session, match_id, party, moment)
    if row is None:
        raise EvaluationNotFoundError(f"match {match_id} asks nothing of {party} at {moment}")
    if not is_open(match.state, row, day=now.astimezone(ZONE).date()):
        raise EvaluationClosedError(f"evaluation {row.id} takes no answers any more")
    kept, before = checked(moment, party, answers), dict(row.answers)
    if kept == before:
        return row
    row.answers = kept
    row.answered_at = now
    drop(session, match_id, now=now, party=party, kinds=_kinds(moment))
    draft_lessons(session, match, before, kept, now=now)
    after = {"done": "evaluated", "party": party.value, "moment": moment.value}
    record(session, None, "match", "match", match_id, after=after, at=now)
    return row


def evaluations_of(session: Session, viewer: Viewer, match_id: int) -> list[EvaluationRow]:
    """The forms of one match, in order of asking; none when the match is not for this viewer.

    Answers are for staff; a municipality gets those that it gave itself as the host.
    """
    found = session.execute(
        select(Initiative.municipality_code, Consultant.municipality_code)
        .select_from(Match)
        .join(Initiative, Initiative.id == Match.initiative_id)
        .join(Consultant, Consultant.id == Match.consultant_id)
        .where(
            Match.id == match_id,
            or_(viewer.scope(Initiative.municipality_code), viewer.scope(Consultant.municipality_code)),
        )
    ).one_or_none()
    if found is None:
        return []
    hosts = viewer.municipality_code == found[0]
    rows = session.scalars(select(Evaluation).where(Evaluation.match_id == match_id)).all()
    order = [(moment, party) for moment in Moment for party in ASKED]
    return [
        EvaluationRow(
            id=row.id,
            match_id=match_id,
            party=row.party,
            moment=row.moment,
            ask_on=row.ask_on,
            due_on=row.due_on,
            asked_at=row.asked_at,
            reminded_at=row.reminded_at,
            answered_at=row.answered_at,
            answers=dict(row.answers) if viewer.decides or (hosts and row.party is Party.HOST) else {},
        )
        for row in sorted(rows, key=lambda row: order.index((row.moment, row.party)))
    ]


def evaluations_due(session: Session, viewer: Viewer, *, day: date, limit: int = PAGE_SIZE) -> list[OpenForm]:
    """For staff: forms asked by now, not answered yet and still taken; whose term ends first comes first."""
    if not viewer.decides:
        return []
    rows = session.execute(
        select(
            Evaluation.id,
            Evaluation.match_id,
            Evaluation.party,
            Evaluation.moment,
            Evaluation.due_on,
            Evaluation.asked_at,
            Initiative.name,
            Municipality.name,
        )
        .join(Match, Match.id == Evaluation.match_id)
        .join(Initiative, Initiative.id == Match.initiative_id)
        .join(Municipality, Municipality.code == Initiative.municipality_code)
        .where(
            Evaluation.answered_at.is_(None),
            Evaluation.ask_on <= day,
            Evaluation.due_on >= day - timedelta(days=OPEN_DAYS),
            Match.state.in_(ANSWERABLE),
            # Who answers how it began when it is over is welcome, but nobody asks for it.
            or_(Match.state == MatchState.DEPLOYED, Evaluation.moment != Moment.START),
        )
        .order_by(Evaluation.due_on, Evaluation.id)
        .limit(limit)
    )
    return [OpenForm(*row) for row in rows]


def _find(session: Session, match_id: int, party: Party, moment: Moment) -> Evaluation | None:
    return session.scalar(
        select(Evaluation)
        .where(Evaluation.match_id == match_id, Evaluation.party == party, Evaluation.moment == moment)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _kinds(moment: Moment) -> frozenset[str]:
    return frozenset({mail_kind(moment), reminder_kind(moment)})


def _wanted_day(match: Match, moment: Moment, today: date) -> date:
    if moment is Moment.START:
        return match.deployed_on or today
    ended = match.visit_on or today
    return months_after(ended, HALF_YEAR_MONTHS) if moment is Moment.HALF_YEAR else ended


def _working_day(day: date) -> date:
    """This day, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day

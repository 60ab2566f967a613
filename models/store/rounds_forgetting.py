"""Own words about matches and rounds, and names in them, go after a year; numbers stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from models.base import ZONE
from models.match import Evaluation, Lesson, Match, MatchAnswer
from models.round import Round, RoundInitiative, RoundMark
from models.store.evaluation_questions import OWN_WORDS

#: Days after the end of a match or round that own words and names are kept: 12 months.
KEEP_DAYS = 365


def forget_rounds(session: Session, *, now: datetime) -> int:
    """Blank own words and names past their term, and remove lessons nobody approved. The caller commits.

    Returns:
        How many rows were changed or removed.
    """
    moment = now - timedelta(days=KEEP_DAYS)
    # A round that nobody closed ends with its last day.
    day = moment.astimezone(ZONE).date()
    past = or_(Round.ended_at <= moment, and_(Round.ended_at.is_(None), Round.last_day < day))
    # Held as every writer of a round holds it: in the order of their numbers.
    rounds = session.scalars(
        select(Round.id).where(past).order_by(Round.id).with_for_update(key_share=True)
    ).all()
    over = or_(Match.ended_at <= moment, Match.round_id.in_(rounds))
    matches = select(Match.id).where(over)
    changes: tuple[Update, ...] = (
        update(Match)
        .where(over, or_(Match.recommendations != "", Match.ended_why != ""))
        .values(recommendations="", ended_why=""),
        update(MatchAnswer)
        .where(MatchAnswer.match_id.in_(matches), MatchAnswer.reason != "")
        .values(reason=""),
        update(RoundInitiative)
        .where(_host_over(rounds, moment), RoundInitiative.host_name + RoundInitiative.host_email != "")
        .values(host_name="", host_email=""),
        update(RoundMark).where(RoundMark.round_id.in_(rounds), RoundMark.reason != "").values(reason=""),
        update(Round).where(Round.id.in_(rounds), Round.ended_why != "").values(ended_why=""),
    )
    count = _answers(session, over) + _reasons(session, over)
    for change in changes:
        count += _rows(session, change)
    count += _rows(session, delete(Lesson).where(Lesson.approved_at.is_(None), _old(matches, moment)))
    session.expire_all()
    return count


def _rows(session: Session, change: Any) -> int:
    done = session.execute(change.execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))


def _host_over(rounds: Sequence[int], moment: datetime) -> ColumnElement[bool]:
    """Hosts of rounds that are over, and of initiatives whose last match in their round is."""

    def matched(*more: ColumnElement[bool]) -> ColumnElement[bool]:
        same = (
            Match.round_id == RoundInitiative.round_id,
            Match.initiative_id == RoundInitiative.initiative_id,
        )
        return exists(select(Match.id).where(*same, *more))

    going_on = or_(Match.ended_at.is_(None), Match.ended_at > moment)
    return or_(RoundInitiative.round_id.in_(rounds), and_(matched(), ~matched(going_on)))


def _old(matches: Any, moment: datetime) -> ColumnElement[bool]:
    """Drafts of lessons of matches that are over, and others that nobody touched for as long."""
    return or_(Lesson.match_id.in_(matches), and_(Lesson.match_id.is_(None), Lesson.written_at <= moment))


def _answers(session: Session, over: ColumnElement[bool]) -> int:
    """Own words out of evaluations; numbers and chosen words stay."""
    rows = session.scalars(
        select(Evaluation)
        .join(Match, Match.id == Evaluation.match_id)
        .where(over, Evaluation.answered_at.is_not(None))
        .execution_options(populate_existing=True)
    )
    changed = [row for row in rows if OWN_WORDS & row.answers.keys()]
    for row in changed:
        row.answers = {name: answer for name, answer in row.answers.items() if name not in OWN_WORDS}
    session.flush()
    return len(changed)


def _reasons(session: Session, over: ColumnElement[bool]) -> int:
    """Why soft rules were set aside, out of what was kept of the proposal."""
    rows = session.scalars(select(Match).where(over).execution_options(populate_existing=True))
    changed = [row for row in rows if row.reasons.get("set_aside")]
    for row in changed:
        row.reasons = {**row.reasons, "set_aside": ""}
    session.flush()
    return len(changed)

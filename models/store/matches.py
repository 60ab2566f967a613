"""Matches: proposing them, what the parties say, and the work itself.

The caller commits; on SQLite the session must be one that writes, so that two who change wait for each other.
"""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.match import Match
from models.store.evaluations import plan_evaluations
from models.store.match_answering import Answered, answer_match
from models.store.match_changes import check_round, end_match, end_matches, hold_match, note, tell_all
from models.store.match_mails import drop
from models.store.match_proposing import propose
from models.store.match_rules import (
    ACTS,
    BEGUN,
    MOST_SPENT,
    REASON_LIMIT,
    RECOMMENDATIONS_LIMIT,
    REMINDER,
    REQUEST,
    ROUND_STATES,
    InvalidMatchError,
    MatchAct,
    MatchError,
    MatchNotAllowedError,
    MatchNotFoundError,
    MatchStateError,
    StaleMatchError,
    may_act,
)
from models.store.matches_list import (
    AnswerRow,
    MatchPage,
    MatchRow,
    get_match,
    match_page,
    read_match,
    waiting_matches,
)
from models.store.viewer import Viewer
from models.words import MatchState

__all__ = [
    "AnswerRow",
    "Answered",
    "InvalidMatchError",
    "MatchAct",
    "MatchError",
    "MatchNotAllowedError",
    "MatchNotFoundError",
    "MatchPage",
    "MatchRow",
    "MatchStateError",
    "StaleMatchError",
    "answer_match",
    "deploy",
    "end_matches",
    "finish",
    "get_match",
    "match_page",
    "propose",
    "read_match",
    "stop",
    "waiting_matches",
]

#: Days ahead that a first day of the work can be.
AHEAD = timedelta(days=366)


def deploy(
    session: Session,
    match_id: int,
    *,
    viewer: Viewer,
    version: int,
    day: date,
    now: datetime | None = None,
) -> Match:
    """Let the work begin.

    Args:
        version: ``Match.version`` as shown to the person who says so.
        day: its first day; not before the proposal.

    Raises:
        MatchNotFoundError, MatchNotAllowedError, StaleMatchError, MatchStateError, InvalidMatchError:
            nothing was changed.
    """
    now = now or utc_now()
    match = _held_for(session, viewer, match_id, version, MatchAct.DEPLOY)
    if day < match.proposed_at.astimezone(ZONE).date():
        raise InvalidMatchError({"day": "early"})
    if day > now.astimezone(ZONE).date() + AHEAD:
        raise InvalidMatchError({"day": "late"})
    match.state, match.deployed_on = MatchState.DEPLOYED, day
    drop(session, match_id, now=now, kinds=(REQUEST, REMINDER))
    tell_all(session, match, BEGUN, now=now)
    note(session, match, account_id=viewer.account_id, now=now, **{"from": day.isoformat()})
    plan_evaluations(session, match, now=now)
    return match


def finish(
    session: Session,
    match_id: int,
    *,
    viewer: Viewer,
    version: int,
    visit_on: date,
    recommendations: str,
    spent: int,
    now: datetime | None = None,
) -> Match:
    """Close the work with the visit to the host municipality.

    Args:
        visit_on: day of the visit, from the first day of the work up to today.
        recommendations: in own words, at most :data:`RECOMMENDATIONS_LIMIT` characters.
        spent: half hours that were really spent.

    Raises:
        As :func:`deploy`.
    """
    now, text = now or utc_now(), recommendations.strip()
    match = _held_for(session, viewer, match_id, version, MatchAct.FINISH)
    problems = {}
    if match.deployed_on is not None and visit_on < match.deployed_on:
        problems["visit_on"] = "early"
    elif visit_on > now.astimezone(ZONE).date():
        problems["visit_on"] = "late"
    if not text:
        problems["recommendations"] = "empty"
    elif len(text) > RECOMMENDATIONS_LIMIT:
        problems["recommendations"] = "long"
    if not 0 <= spent <= MOST_SPENT:
        problems["spent"] = "bounds"
    if problems:
        raise InvalidMatchError(problems)
    match.state, match.ended_at = MatchState.FINISHED, now
    match.visit_on, match.recommendations, match.spent = visit_on, text, spent
    drop(session, match_id, now=now, kinds=(REQUEST, REMINDER))
    told = {"visit_on": visit_on.isoformat(), "hours": spent / 2, "characters": len(text)}
    note(session, match, account_id=viewer.account_id, now=now, **told)
    plan_evaluations(session, match, now=now)
    return match


def stop(
    session: Session,
    match_id: int,
    *,
    viewer: Viewer,
    version: int,
    why: str,
    now: datetime | None = None,
) -> Match:
    """End a match before it is finished; everybody who heard of it hears why.

    Raises:
        As :func:`deploy`.
    """
    now, text = now or utc_now(), why.strip()
    match = _held_for(session, viewer, match_id, version, MatchAct.STOP)
    if not text or len(text) > REASON_LIMIT:
        raise InvalidMatchError({"why": "long" if text else "empty"})
    end_match(session, match, MatchState.STOPPED, why=text, account_id=viewer.account_id, now=now)
    return match


def _held_for(session: Session, viewer: Viewer, match_id: int, version: int, act: MatchAct) -> Match:
    """The match, held, if this viewer may do this with it now."""
    if not viewer.leads_rounds:
        row = get_match(session, viewer, match_id)
        if not may_act(viewer, act, host_code=row.municipality_code):
            raise MatchNotAllowedError("neither who leads rounds nor the host municipality")
    round_, match = hold_match(session, match_id)
    if match.version != version:
        raise StaleMatchError(match.version)
    if match.state not in ACTS[act]:
        raise MatchStateError(f"this can't be done with a match in state {match.state.value!r}", match.state)
    check_round(round_, match, *ROUND_STATES)
    return match

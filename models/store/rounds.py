"""Matching rounds: making one, changing what was agreed about it, and reading it.

The caller commits; on SQLite the session must be one that writes, so that two who change wait for each other.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.base import utc_now
from models.round import Round, RoundVote
from models.store.audit import record
from models.store.round_rules import (
    OPEN,
    InvalidRoundError,
    RoundError,
    RoundNotAllowedError,
    RoundNotFoundError,
    RoundNotReadyError,
    RoundStateError,
    StaleRoundError,
    hold_any,
    hold_open_rounds,
    hold_round,
    in_state,
    seen_by,
    seen_round,
    taking_part,
)
from models.store.rounds_list import (
    RoundConsultantRow,
    RoundInitiativeRow,
    consultants_of,
    initiatives_of,
)
from models.store.rounds_shown import Fallen, RoundPage, RoundView, get_round, round_page
from models.store.viewer import Viewer
from models.words import RoundState, SelectionMethod

__all__ = [
    "OPEN",
    "Fallen",
    "InvalidRoundError",
    "RoundConsultantRow",
    "RoundDraft",
    "RoundError",
    "RoundInitiativeRow",
    "RoundNotAllowedError",
    "RoundNotFoundError",
    "RoundNotReadyError",
    "RoundPage",
    "RoundStateError",
    "RoundView",
    "StaleRoundError",
    "change_round",
    "consultants_of",
    "get_round",
    "hold_any",
    "hold_open_rounds",
    "hold_round",
    "in_state",
    "initiatives_of",
    "make_round",
    "problems_of",
    "round_page",
    "seen_by",
    "seen_round",
    "taking_part",
]

#: Most characters of a name, and bounds of points and places.
LONGEST_NAME = 120
MOST_POINTS, MOST_PLACES = 1000, 1000
#: What is changed only while the round is made up, and only until it is frozen; the name goes always.
RULES = ("method", "points", "places", "quorum")
UNTIL_FROZEN = ("automatic",)
#: A change of these makes ballots that were handed in before worthless: they were divided by other rules.
OF_BALLOTS = frozenset({"method", "points"})


@dataclass(frozen=True, kw_only=True)
class RoundDraft:
    """What is agreed about a round; fields as in :class:`models.round.Round`."""

    name: str
    first_day: date | None = None
    last_day: date | None = None
    method: SelectionMethod = SelectionMethod.POINTS
    points: int = 10
    places: int | None = None
    #: 0 to 1.
    quorum: float = 0.5
    automatic: bool = True


def make_round(session: Session, draft: RoundDraft, *, viewer: Viewer, now: datetime | None = None) -> Round:
    """Make a round; it begins with being made up.

    Raises:
        RoundNotAllowedError: this account leads no rounds.
        InvalidRoundError: fields that can't be taken.
    """
    if not viewer.leads_rounds:
        raise RoundNotAllowedError("only who leads rounds may make one")
    now, draft = now or utc_now(), _checked(draft)
    row = Round(**vars(draft), created_by_id=viewer.account_id, created_at=now)
    session.add(row)
    session.flush()
    after = {"done": "added", "method": row.method.value, "points": row.points, "automatic": row.automatic}
    record(session, viewer.account_id, "round", "round", row.id, after=after, at=now)
    return row


def change_round(
    session: Session,
    round_id: int,
    draft: RoundDraft,
    *,
    viewer: Viewer,
    version: int,
    now: datetime | None = None,
) -> Round:
    """Change what was agreed: the rules of choosing while the round is made up, ``automatic`` until frozen.

    Ballots of before (the round went back to being made up) go when what can be given is changed.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, StaleRoundError, InvalidRoundError: nothing was changed.
        RoundStateError: it has ended, or this can't be changed any more.
    """
    row, draft = hold_round(session, viewer, round_id, version), _checked(draft)
    in_state(row, *OPEN)
    changed = [name for name, value in vars(draft).items() if getattr(row, name) != value]
    late = [name for name in RULES if row.state is not RoundState.SEEDING]
    late += [name for name in UNTIL_FROZEN if row.state not in (RoundState.SEEDING, RoundState.SELECTION)]
    if set(changed) & set(late):
        raise RoundStateError("how is chosen and paired was agreed on already", row.state)
    if not changed:
        return row
    before = {name: _told(getattr(row, name)) for name in changed if name != "name"}
    for name in changed:
        setattr(row, name, getattr(draft, name))
    if OF_BALLOTS & set(changed):
        session.execute(delete(RoundVote).where(RoundVote.round_id == row.id))
    row.version += 1
    after = {name: _told(getattr(row, name)) for name in before} | {"fields": changed}
    record(session, viewer.account_id, "round", "round", row.id, before=before, after=after, at=now)
    return row


def problems_of(draft: RoundDraft) -> dict[str, str]:
    """Fields that can't be taken: name of the field -> ``empty``, ``long``, ``backwards`` or ``bounds``."""
    name = " ".join(draft.name.split())
    problems = {}
    if not name:
        problems["name"] = "empty"
    elif len(name) > LONGEST_NAME:
        problems["name"] = "long"
    if draft.first_day and draft.last_day and draft.last_day < draft.first_day:
        problems["last_day"] = "backwards"
    if not 1 <= draft.points <= MOST_POINTS:
        problems["points"] = "bounds"
    if draft.places is not None and not 1 <= draft.places <= MOST_PLACES:
        problems["places"] = "bounds"
    if not 0 <= draft.quorum <= 1:
        problems["quorum"] = "bounds"
    return problems


def _checked(draft: RoundDraft) -> RoundDraft:
    problems = problems_of(draft)
    if problems:
        raise InvalidRoundError(problems)
    return replace(draft, name=" ".join(draft.name.split()))


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else getattr(value, "value", value)

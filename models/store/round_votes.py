"""The joint choice: the ballot of each municipality, and who chose.

What a municipality gives is for itself until the choosing is closed; after that totals are shown, never who
gave what. The caller commits.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.initiative import Initiative
from models.mergers import same
from models.municipality import Municipality
from models.round import Round, RoundInitiative, RoundMunicipality, RoundVote
from models.store.audit import record
from models.store.round_result import close_choice, result, result_shown, turnout
from models.store.round_rules import (
    RoundError,
    RoundNotAllowedError,
    hold_any,
    in_state,
    seen_round,
)
from models.store.viewer import Viewer
from models.words import RoundState, SelectionMethod

__all__ = [
    "Ballot",
    "InvalidVoteError",
    "StaleBallotError",
    "VoteProblem",
    "Voter",
    "ballot",
    "close_choice",
    "result",
    "result_shown",
    "turnout",
    "vote",
    "who_voted",
]


class VoteProblem(StrEnum):
    """What can be wrong with a ballot."""

    #: More points together than each municipality has.
    TOO_MANY = "too_many"
    #: Points that are no whole number from 0 on; with approval anything but 0 or 1.
    OUT_OF_RANGE = "out_of_range"
    #: An initiative that is not (any more) in the choice.
    UNKNOWN = "unknown"


class InvalidVoteError(RoundError):
    """A ballot that can't be taken: number of the initiative -> its problem; 0 = the ballot as a whole."""

    def __init__(self, problems: Mapping[int, VoteProblem]) -> None:
        super().__init__(", ".join(f"{number}: {problem}" for number, problem in problems.items()))
        self.problems = dict(problems)


class StaleBallotError(RoundError):
    """A colleague handed in another ballot since this one was shown. Nothing was changed."""


@dataclass(frozen=True)
class Ballot:
    """What one municipality gives."""

    municipality_code: str
    #: Number of the initiative -> points; empty = it has not chosen yet.
    points: dict[int, int]
    #: Where it says that it has an interest of its own.
    conflicts: frozenset[int]
    #: By whom of the municipality and when; empty and None = not yet.
    by: str
    at: datetime | None
    #: Tells this ballot from a later one.
    seen: str

    @property
    def cast(self) -> bool:
        """Whether the municipality has chosen."""
        return self.at is not None


@dataclass(frozen=True)
class Voter:
    """A municipality that chooses along."""

    code: str
    name: str
    voted: bool
    #: Left the network; it does not count any more.
    out: bool


def vote(
    session: Session,
    round_id: int,
    *,
    viewer: Viewer,
    points: Mapping[int, int],
    conflicts: Collection[int],
    seen: str | None = None,
    now: datetime | None = None,
) -> Ballot:
    """Hand in the whole ballot of the viewer's municipality; it takes the place of an earlier one.

    Points for initiatives of the municipality itself, and for those where it has an interest, become 0.

    Args:
        points: number of the initiative -> points (with approval 1 = yes); what is left out gets 0.
        conflicts: initiatives in which the municipality has an interest of its own.
        seen: :attr:`Ballot.seen` as shown to the person who votes; None = does not matter.

    Raises:
        RoundNotFoundError, RoundNotAllowedError: only municipalities of the round choose.
        RoundStateError: the choosing has not begun or is closed.
        InvalidVoteError, StaleBallotError: nothing was changed.
    """
    now = now or utc_now()
    code = viewer.municipality_code if viewer.answers else None
    seen_round(session, viewer, round_id, now=now)
    row = hold_any(session, round_id)
    if code is None:
        raise RoundNotAllowedError("only municipalities choose")
    in_state(row, RoundState.SELECTION)
    member = session.get(RoundMunicipality, (row.id, code), populate_existing=True)
    if member is None or member.out_at is not None:
        raise RoundNotAllowedError("this municipality does not choose along in this round")
    own = {
        number: same(town, code)
        for number, town in session.execute(
            select(RoundInitiative.initiative_id, Initiative.municipality_code)
            .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
            .where(RoundInitiative.round_id == row.id, RoundInitiative.out_at.is_(None))
        )
    }
    if seen is not None and seen != _ballot(session, row.id, code).seen:
        raise StaleBallotError("a colleague handed in another ballot")
    interests = {number for number in own if own[number] or number in conflicts}
    problems = _problems(row, points, conflicts, own, interests)
    if problems:
        raise InvalidVoteError(problems)
    session.execute(
        delete(RoundVote).where(RoundVote.round_id == row.id, RoundVote.municipality_code == code)
    )
    session.add_all(
        RoundVote(
            round_id=row.id,
            municipality_code=code,
            initiative_id=number,
            points=0 if number in interests else points.get(number, 0),
            conflict=number in interests,
            account_id=viewer.account_id,
            at=now,
        )
        for number in sorted(own)
    )
    session.flush()
    # That it chose; what, stands in no log that others read.
    after = {"done": "chosen together", "municipality": code}
    record(session, viewer.account_id, "round", "round", row.id, after=after, at=now)
    return _ballot(session, row.id, code)


def ballot(session: Session, viewer: Viewer, round_id: int) -> Ballot:
    """The ballot of the viewer's own municipality, also after the choosing was closed.

    Raises:
        RoundNotFoundError: no such round, or not for this viewer.
        RoundNotAllowedError: not of a municipality.
    """
    seen_round(session, viewer, round_id)
    if not viewer.answers or viewer.municipality_code is None:
        raise RoundNotAllowedError("only municipalities choose")
    return _ballot(session, round_id, viewer.municipality_code)


def who_voted(session: Session, viewer: Viewer, round_id: int) -> list[Voter]:
    """Which municipalities choose along and whether they did, by name.

    Raises:
        RoundNotFoundError: no such round, or not for this viewer.
    """
    seen_round(session, viewer, round_id)
    voted = select(RoundVote.municipality_code).where(RoundVote.round_id == round_id)
    rows = session.execute(
        select(
            Municipality.code,
            Municipality.name,
            Municipality.code.in_(voted),
            RoundMunicipality.out_at.is_not(None),
        )
        .join(RoundMunicipality, RoundMunicipality.municipality_code == Municipality.code)
        .where(RoundMunicipality.round_id == round_id)
        .order_by(func.lower(Municipality.name), Municipality.code)
    )
    return [Voter(code, name, bool(chose), bool(out)) for code, name, chose, out in rows]


def _ballot(session: Session, round_id: int, code: str) -> Ballot:
    rows = session.execute(
        select(
            RoundVote.initiative_id,
            RoundVote.points,
            RoundVote.conflict,
            RoundVote.at,
            func.coalesce(func.nullif(Account.name, ""), Account.email),
        )
        .join(Account, Account.id == RoundVote.account_id)
        .where(RoundVote.round_id == round_id, RoundVote.municipality_code == code)
        .order_by(RoundVote.initiative_id)
    ).all()
    return Ballot(
        municipality_code=code,
        points={number: points for number, points, *_rest in rows},
        conflicts=frozenset(number for number, _points, conflict, *_rest in rows if conflict),
        by=rows[0][4] if rows else "",
        at=rows[0][3] if rows else None,
        seen=_seen(rows),
    )


def _seen(rows: Collection[Row[int, int, bool, datetime, str]]) -> str:
    if not rows:
        return ""
    values = json.dumps([(number, points, conflict) for number, points, conflict, *_rest in rows])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _problems(
    row: Round,
    points: Mapping[int, int],
    conflicts: Collection[int],
    own: Mapping[int, bool],
    interests: set[int],
) -> dict[int, VoteProblem]:
    most = 1 if row.method is SelectionMethod.APPROVAL else row.points
    problems = {
        number: VoteProblem.OUT_OF_RANGE
        for number, given in points.items()
        if number in own and number not in interests and not 0 <= given <= most
    }
    problems |= {
        number: VoteProblem.UNKNOWN
        for number in (*points, *conflicts)
        if number not in own and (points.get(number) or number in conflicts)
    }
    together = sum(given for number, given in points.items() if number in own and number not in interests)
    if not problems and row.method is SelectionMethod.POINTS and together > row.points:
        problems[0] = VoteProblem.TOO_MANY
    return problems

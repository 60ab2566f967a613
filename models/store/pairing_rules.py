"""Pairs and marks of a round as they are kept, and what keeps a pair from being changed.

What can be counted is checked here whatever the caller found: another municipality, hours, the most at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.round import Round, RoundConsultant, RoundInitiative, RoundMark, RoundPair
from models.store.match_rules import LIVE
from models.store.round_rules import RoundError
from models.store.staff_bodies import same_staff
from models.words import PairingKind, RoundState

#: States of a round in which pairs are made -> the pairing that is worked on.
WORKED_ON = {RoundState.PAIRING: PairingKind.BY_HAND, RoundState.PROPOSING: PairingKind.FINAL}
#: After a change somebody is taken to work on for so long; a first change counts as :data:`FIRST` minutes.
GOING_ON = timedelta(minutes=5)
FIRST = 1.0


class PairingError(RoundError):
    """A pair can't be changed; nothing was."""


class NotInRoundError(PairingError):
    """The initiative or the consultant is not in this round, was not chosen, or has left it."""


class StalePairError(PairingError):
    """Another consultant stands beside the initiative than was shown."""

    def __init__(self, consultant_id: int | None) -> None:
        super().__init__("somebody else has changed this pair since it was shown")
        #: Who stands beside it now; None = nobody.
        self.consultant_id = consultant_id


class LockedPairError(PairingError):
    """A proposal was made from this pair; it goes by way of the match."""


class PinnedPairError(PairingError):
    """The pair is pinned: unpin it first."""


class BrokenRuleError(PairingError):
    """The pair breaks a rule that always holds."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"this pair breaks a rule that always holds: {rule}")
        #: As in ``matching.problem.Rule``.
        self.rule = rule


class ReasonNeededError(PairingError):
    """The pair breaks soft rules, and why these do not count was not written; or too little, or too much."""


@dataclass(frozen=True)
class PairRow:
    """One pair as it is kept."""

    initiative_id: int
    consultant_id: int
    #: When it was made: 0 to 1000, and the soft rules that it broke.
    fit: int
    broken: tuple[str, ...]
    #: None = the automatic pairing.
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class MarkRow:
    """What a person demands of one pair."""

    initiative_id: int
    consultant_id: int
    pinned: bool
    forbidden: bool
    #: Why soft rules do not count; empty = they do.
    reason: str


def board_kind(round_: Any) -> PairingKind:
    """The pairing that the board shows of a round (or a view of one) in its present state."""
    if round_.state in WORKED_ON:
        return WORKED_ON[round_.state]
    begun = round_.state in (RoundState.DEPLOYED, RoundState.CLOSED, RoundState.CANCELLED)
    return PairingKind.FINAL if begun and round_.chosen is not None else PairingKind.BY_HAND


def pairs_of(session: Session, round_id: int, kind: PairingKind) -> list[PairRow]:
    """The pairs of one pairing, in the order of the initiatives.

    Those that were made automatically are not given until the pairing by hand is closed, whoever asks.
    """
    query = select(RoundPair).where(RoundPair.round_id == round_id, RoundPair.kind == kind)
    if kind is PairingKind.AUTOMATIC:
        query = query.join(Round, Round.id == RoundPair.round_id).where(Round.paired_at.is_not(None))
    return [
        PairRow(row.initiative_id, row.consultant_id, row.fit, tuple(row.broken), row.by_id, row.at)
        for row in session.scalars(query.order_by(RoundPair.initiative_id))
    ]


def marks_of(session: Session, round_id: int) -> list[MarkRow]:
    """What persons demand in a round."""
    rows = session.scalars(
        select(RoundMark)
        .where(RoundMark.round_id == round_id)
        .order_by(RoundMark.initiative_id, RoundMark.consultant_id)
    )
    return [
        MarkRow(row.initiative_id, row.consultant_id, row.pinned, row.forbidden, row.reason) for row in rows
    ]


def locked_pairs(session: Session, round_id: int) -> dict[int, tuple[int, int]]:
    """Initiative -> consultant and number of the match that holds this pair."""
    rows = session.execute(
        select(Match.initiative_id, Match.consultant_id, Match.id)
        .where(Match.round_id == round_id, Match.state.in_(LIVE))
        .order_by(Match.id)
    )
    return {row.initiative_id: (row.consultant_id, row.id) for row in rows}


def both(
    session: Session, round_id: int, initiative_id: int, consultant_id: int
) -> tuple[RoundInitiative, RoundConsultant]:
    wanted = session.get(RoundInitiative, (round_id, initiative_id), populate_existing=True)
    offered = session.get(RoundConsultant, (round_id, consultant_id), populate_existing=True)
    if wanted is None or not wanted.selected or wanted.out_at is not None:
        raise NotInRoundError(f"initiative {initiative_id} can't be paired in this round")
    if offered is None or offered.out_at is not None:
        raise NotInRoundError(f"consultant {consultant_id} can't be paired in this round")
    return wanted, offered


def pair_now(session: Session, round_id: int, kind: PairingKind, initiative_id: int) -> RoundPair | None:
    return session.scalar(
        select(RoundPair)
        .where(
            RoundPair.round_id == round_id, RoundPair.kind == kind, RoundPair.initiative_id == initiative_id
        )
        .execution_options(populate_existing=True)
    )


def pins_of(session: Session, round_id: int, initiative_id: int) -> list[int]:
    """Consultants to whom an initiative is pinned."""
    return list(
        session.scalars(
            select(RoundMark.consultant_id).where(
                RoundMark.round_id == round_id, RoundMark.initiative_id == initiative_id, RoundMark.pinned
            )
        )
    )


def check_free(
    session: Session, round_id: int, initiative_id: int, pair: RoundPair | None, seen: int | None
) -> None:
    """Raise unless the pair of an initiative may be changed by whoever saw it so."""
    now = pair.consultant_id if pair is not None else None
    if initiative_id in locked_pairs(session, round_id):
        raise LockedPairError("a proposal was made from this pair")
    if now != seen:
        raise StalePairError(now)
    if now is not None and now in pins_of(session, round_id, initiative_id):
        raise PinnedPairError("this pair is pinned")


def check_room(
    session: Session, kind: PairingKind, wanted: RoundInitiative, offered: RoundConsultant
) -> None:
    """Raise when the pair breaks a rule that can be counted here, whatever the caller found."""
    check_other_municipality(session, wanted, offered)
    taken, count = session.execute(
        select(func.coalesce(func.sum(RoundInitiative.half_hours), 0), func.count())
        .select_from(RoundPair)
        .join(
            RoundInitiative,
            (RoundInitiative.round_id == RoundPair.round_id)
            & (RoundInitiative.initiative_id == RoundPair.initiative_id),
        )
        .where(
            RoundPair.round_id == wanted.round_id,
            RoundPair.kind == kind,
            RoundPair.consultant_id == offered.consultant_id,
            RoundPair.initiative_id != wanted.initiative_id,
        )
    ).one()
    if taken + wanted.half_hours > offered.half_hours:
        raise BrokenRuleError("uren")
    if count >= offered.most:
        raise BrokenRuleError("maximum")


def check_other_municipality(session: Session, wanted: RoundInitiative, offered: RoundConsultant) -> None:
    """Raise when the consultant works for the initiative's own municipality: that always holds."""
    host = session.scalar(select(Initiative.municipality_code).where(Initiative.id == wanted.initiative_id))
    employer = session.scalar(
        select(Consultant.municipality_code).where(Consultant.id == offered.consultant_id)
    )
    if host is None or employer is None or same_staff(session)(host, employer):
        raise BrokenRuleError("zelfde_gemeente")


def minutes_after(minutes: float, worked_at: datetime | None, now: datetime) -> float:
    """Minutes spent, with a change at ``now``; the change before it was at ``worked_at``."""
    gap = now - worked_at if worked_at is not None else None
    if gap is None or gap > GOING_ON:
        return minutes + FIRST
    return minutes + max(0.0, gap.total_seconds() / 60)

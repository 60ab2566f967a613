"""Pairing by hand: who is put beside which initiative, and what a person demands or forbids of a pair.

The room that calls this looks at a pair first (which rules it breaks, how well it fits), in the same
transaction and with the round held. The caller commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.base import utc_now
from models.round import Round, RoundMark, RoundPair
from models.store.audit import record
from models.store.pairing_rules import (
    WORKED_ON,
    BrokenRuleError,
    LockedPairError,
    MarkRow,
    NotInRoundError,
    PairingError,
    PairRow,
    PinnedPairError,
    ReasonNeededError,
    StalePairError,
    board_kind,
    both,
    check_free,
    check_other_municipality,
    check_room,
    locked_pairs,
    marks_of,
    minutes_after,
    pair_now,
    pairs_of,
    pins_of,
)
from models.store.round_rules import hold_round, in_state
from models.store.viewer import Viewer
from models.words import PairingKind, RoundState

__all__ = [
    "BrokenRuleError",
    "LockedPairError",
    "MarkRow",
    "NotInRoundError",
    "PairRow",
    "PairingError",
    "PinnedPairError",
    "ReasonNeededError",
    "StalePairError",
    "board_kind",
    "locked_pairs",
    "mark",
    "marks_of",
    "minutes_after",
    "pairs_of",
    "put_pair",
    "set_minutes",
    "take_pair",
]

#: Characters of the reason for which soft rules are set aside: fewest and most.
REASON = (10, 500)
#: Most minutes that can be filled in by hand: some 160 hours.
MOST_MINUTES = 10_000


def put_pair(
    session: Session,
    round_id: int,
    initiative_id: int,
    consultant_id: int,
    *,
    viewer: Viewer,
    seen: int | None,
    fit: int,
    broken: Sequence[str] = (),
    now: datetime | None = None,
) -> bool:
    """Put a consultant beside an initiative, in the place of whoever stands there.

    Args:
        seen: the consultant who was shown beside the initiative; None = nobody.
        fit: 0 to 1000.
        broken: soft rules that the pair breaks; then a mark with a reason is there already.

    Returns:
        Whether anything changed: putting the same pair once more changes nothing.

    Raises:
        models.store.round_rules.RoundError: no such round, or this account may not, or not in this state.
        PairingError: one of the kinds above; nothing was changed.
    """
    work = _hold(session, viewer, round_id, now)
    kind = work.kind
    wanted, offered = both(session, round_id, initiative_id, consultant_id)
    pair = pair_now(session, round_id, kind, initiative_id)
    if pair is not None and pair.consultant_id == consultant_id:
        return False
    check_free(session, round_id, initiative_id, pair, seen)
    mark = session.get(RoundMark, (round_id, initiative_id, consultant_id), populate_existing=True)
    if mark is not None and mark.forbidden:
        raise BrokenRuleError("verboden")
    check_room(session, kind, wanted, offered)
    if broken and not (mark is not None and mark.reason):
        raise ReasonNeededError("a pair that breaks soft rules needs a reason")
    before = pair.consultant_id if pair is not None else None
    if pair is None:
        pair = RoundPair(round_id=round_id, kind=kind, initiative_id=initiative_id)
        session.add(pair)
    pair.consultant_id, pair.fit, pair.broken = consultant_id, fit, list(broken)
    pair.by_id, pair.at = viewer.account_id, work.now
    work.note(initiative_id, {"consultant": before}, {"consultant": consultant_id})
    return True


def take_pair(
    session: Session,
    round_id: int,
    initiative_id: int,
    *,
    viewer: Viewer,
    seen: int | None,
    now: datetime | None = None,
) -> bool:
    """Take the consultant away from an initiative.

    Returns:
        Whether there was one.

    Raises:
        models.store.round_rules.RoundError, PairingError: as :func:`put_pair`.
    """
    work = _hold(session, viewer, round_id, now)
    pair = pair_now(session, round_id, work.kind, initiative_id)
    if pair is None:
        return False
    check_free(session, round_id, initiative_id, pair, seen)
    work.take(pair)
    return True


def mark(
    session: Session,
    round_id: int,
    initiative_id: int,
    consultant_id: int,
    *,
    viewer: Viewer,
    pinned: bool | None = None,
    forbidden: bool | None = None,
    reason: str | None = None,
    now: datetime | None = None,
) -> MarkRow:
    """Demand a pair, forbid it, or set soft rules aside for it; what is None stays as it is.

    A pin takes the place of another pin of the same initiative. A pair that is forbidden is unpinned, and
    taken away when it is there.

    Args:
        reason: why soft rules do not count for this pair; empty = they count.

    Returns:
        The mark as it is now.

    Raises:
        models.store.round_rules.RoundError: as :func:`put_pair`.
        BrokenRuleError: a pair can't be pinned that is forbidden, or of one municipality.
        LockedPairError: a proposal was made from the pair, so that it can't be forbidden.
        ReasonNeededError: the reason is too short or too long.
        NotInRoundError: one of the two is not in this round.
    """
    work = _hold(session, viewer, round_id, now)
    in_it = both(session, round_id, initiative_id, consultant_id)
    reason = reason.strip() if reason is not None else None
    if reason and not REASON[0] <= len(reason) <= REASON[1]:
        raise ReasonNeededError("the reason is too short or too long")
    key = (round_id, initiative_id, consultant_id)
    row = session.get(RoundMark, key, populate_existing=True)
    was = MarkRow(initiative_id, consultant_id, False, False, "")
    if row is not None:
        was = MarkRow(initiative_id, consultant_id, row.pinned, row.forbidden, row.reason)
    want = MarkRow(
        *key[1:],
        pinned if pinned is not None else was.pinned and not forbidden,
        forbidden if forbidden is not None else was.forbidden,
        reason if reason is not None else was.reason,
    )
    if want.pinned and want.forbidden:
        raise BrokenRuleError("verboden")
    if want == was:
        return was
    if want.forbidden and not was.forbidden:
        pair = pair_now(session, round_id, work.kind, initiative_id)
        if pair is not None and pair.consultant_id == consultant_id:
            if initiative_id in locked_pairs(session, round_id):
                raise LockedPairError("a proposal was made from this pair")
            work.take(pair)
    if want.pinned and not was.pinned:
        check_other_municipality(session, *in_it)
        for other in pins_of(session, round_id, initiative_id):
            mark(session, round_id, initiative_id, other, viewer=viewer, pinned=False, now=work.now)
    work.write(row, want)
    sides: tuple[dict[str, Any], dict[str, Any]] = ({}, {"consultant": consultant_id})
    for name, before, after in (
        ("pinned", was.pinned, want.pinned),
        ("forbidden", was.forbidden, want.forbidden),
        ("set_aside", bool(was.reason), bool(want.reason)),
    ):
        if before is not after:
            sides[0][name], sides[1][name] = before, after
    work.note(initiative_id, *sides)
    return want


def set_minutes(
    session: Session, round_id: int, minutes: float, *, viewer: Viewer, now: datetime | None = None
) -> None:
    """Say how many minutes were really spent on pairing by hand.

    Raises:
        models.store.round_rules.RoundError: as :func:`put_pair`; also once others compare with it.
        ValueError: less than none, or more than :data:`MOST_MINUTES`.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise ValueError(f"minutes must be 0 to {MOST_MINUTES}")
    held = hold_round(session, viewer, round_id)
    in_state(held, RoundState.PAIRING, RoundState.COMPARING)
    before, held.minutes = held.minutes, float(minutes)
    held.worked_at = now or utc_now()
    record(
        session,
        viewer.account_id,
        "pairing",
        "round",
        round_id,
        before={"minutes": round(before)},
        after={"minutes": round(minutes)},
        at=now,
    )


@dataclass(frozen=True)
class _Work:
    """One change to a round that is held."""

    session: Session
    held: Round
    viewer: Viewer
    now: datetime

    @property
    def kind(self) -> PairingKind:
        """The pairing that is worked on."""
        return WORKED_ON[self.held.state]

    def note(self, initiative_id: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Tell the log, and count the minutes that pairing by hand takes."""
        held = self.held
        if held.state is RoundState.PAIRING:
            held.minutes = minutes_after(held.minutes, held.worked_at, self.now)
            held.worked_at = self.now
        by, told = self.viewer.account_id, {"initiative": initiative_id, **after}
        record(self.session, by, "pairing", "round", held.id, before=before, after=told, at=self.now)

    def take(self, pair: RoundPair) -> None:
        """Take a pair away."""
        self.session.delete(pair)
        self.note(pair.initiative_id, {"consultant": pair.consultant_id}, {"consultant": None})

    def write(self, row: RoundMark | None, want: MarkRow) -> None:
        """Keep a mark; one that says nothing goes."""
        if not (want.pinned or want.forbidden or want.reason):
            if row is not None:
                self.session.delete(row)
            return
        if row is None:
            row = RoundMark(
                round_id=self.held.id, initiative_id=want.initiative_id, consultant_id=want.consultant_id
            )
            self.session.add(row)
        row.pinned, row.forbidden, row.reason = want.pinned, want.forbidden, want.reason
        row.by_id, row.at = self.viewer.account_id, self.now


def _hold(session: Session, viewer: Viewer, round_id: int, now: datetime | None) -> _Work:
    held = hold_round(session, viewer, round_id)
    in_state(held, *WORKED_ON)
    return _Work(session, held, viewer, now or utc_now())

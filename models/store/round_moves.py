"""From state to state: moving a round on, with all that goes with it.

``TRANSITIONS`` is the one table of who may move it where, what must be true and what it does; the page of a
round shows the same one. The caller commits; on SQLite the session must be one that writes.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.municipality import Municipality
from models.round import Round, RoundMunicipality, RoundPair
from models.store.audit import record
from models.store.round_jobs import ask_job, cancel_all
from models.store.round_needs import (
    LONGEST_WHY,
    TRANSITIONS,
    Missing,
    Transition,
    moves_from,
    standing_pairs,
    what_is_missing,
)
from models.store.round_rules import OPEN, RoundNotReadyError, hold_round, taking_part
from models.store.viewer import Viewer
from models.words import JobPurpose, PairingKind, RoundState

__all__ = [
    "LONGEST_WHY",
    "TRANSITIONS",
    "Freeze",
    "Missing",
    "Transition",
    "move",
    "moves_from",
    "what_is_missing",
]

#: Gives the problem as text and its SHA-256; ``matching`` is no business of this package.
Freeze = Callable[[Session, Round], tuple[str, str]]

_S = RoundState


def move(
    session: Session,
    round_id: int,
    to: RoundState,
    *,
    viewer: Viewer,
    version: int,
    now: datetime | None = None,
    freeze: Freeze | None = None,
    chosen: PairingKind | None = None,
    why: str = "",
) -> Round:
    """Move a round to another state, with all that goes with it.

    Args:
        version: ``Round.version`` as shown to the person who moves it.
        freeze: tells the problem, for the move that freezes it.
        chosen: which pairing is proposed, for the move after comparing.
        why: why it is called off, in own words, at most :data:`LONGEST_WHY` characters.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, StaleRoundError: nothing was changed.
        RoundStateError: there is no such move from here.
        RoundNotReadyError: what is missing.
    """
    now = now or utc_now()
    row = hold_round(session, viewer, round_id, version)
    missing = what_is_missing(session, row, to, chosen=chosen, why=why, now=now)
    if missing:
        raise RoundNotReadyError(missing)
    before = row.state
    if (before, to) == (_S.SEEDING, _S.SELECTION):
        _fix_choosers(session, row, now)
    elif (before, to) == (_S.SELECTION, _S.PAIRING):
        _freeze(session, row, viewer, freeze, now)
    elif before is _S.PAIRING and to is not _S.CANCELLED:
        row.paired_at = now
    if to is _S.PROPOSING and before is not _S.DEPLOYED:
        row.chosen = chosen if row.automatic else PairingKind.BY_HAND
        _copy(session, row, viewer, now)
        if row.chosen is PairingKind.AUTOMATIC:
            # What is proposed stays as it was compared, also when it was being worked out anew.
            cancel_all(session, row, now=now)
    if to not in OPEN:
        _end(session, row, viewer, cancelled=to is _S.CANCELLED, why=why.strip(), now=now)
    row.state = to
    row.version += 1
    after: dict[str, Any] = {"state": to.value}
    if row.chosen is not None and to is _S.PROPOSING:
        after["pairing"] = row.chosen.value
    record(
        session,
        viewer.account_id,
        "round",
        "round",
        row.id,
        before={"state": before.value},
        after=after,
        at=now,
    )
    return row


def _fix_choosers(session: Session, row: Round, now: datetime) -> None:
    """From now on the municipalities that take part today choose along, whoever joins later does not."""
    part = set(session.scalars(select(Municipality.code).where(taking_part(now.astimezone(ZONE).date()))))
    known = {
        one.municipality_code: one
        for one in session.scalars(select(RoundMunicipality).where(RoundMunicipality.round_id == row.id))
    }
    for code in sorted(part - set(known)):
        session.add(RoundMunicipality(round_id=row.id, municipality_code=code))
    for code, one in known.items():
        if code in part:
            one.out_at = None
        elif one.out_at is None:
            one.out_at = now
    session.flush()


def _freeze(session: Session, row: Round, viewer: Viewer, freeze: Freeze | None, now: datetime) -> None:
    from models.store.round_votes import close_choice

    if freeze is None:
        raise ValueError("this move freezes the problem, so somebody has to tell what it is")
    close_choice(session, row, now=now)
    session.flush()
    row.snapshot, row.snapshot_hash = freeze(session, row)
    row.frozen_at = now
    if row.automatic:
        ask_job(
            session,
            row,
            JobPurpose.BESIDE,
            row.snapshot,
            row.snapshot_hash,
            account_id=viewer.account_id,
            now=now,
        )


def _copy(session: Session, row: Round, viewer: Viewer, now: datetime) -> None:
    """The pairs that proposals are made from begin as a copy of the chosen pairing."""
    session.execute(
        delete(RoundPair)
        .where(RoundPair.round_id == row.id, RoundPair.kind == PairingKind.FINAL)
        .execution_options(synchronize_session="fetch")
    )
    for pair in standing_pairs(session, row, row.chosen):
        session.add(
            RoundPair(
                round_id=row.id,
                kind=PairingKind.FINAL,
                initiative_id=pair.initiative_id,
                consultant_id=pair.consultant_id,
                fit=pair.fit,
                broken=list(pair.broken),
                by_id=viewer.account_id,
                at=now,
            )
        )
    session.flush()


def _end(session: Session, row: Round, viewer: Viewer, *, cancelled: bool, why: str, now: datetime) -> None:
    from models.store.match_changes import end_matches

    if cancelled:
        end_matches(session, row.id, why="round_cancelled", now=now, account_id=viewer.account_id)
        row.ended_why = why
    cancel_all(session, row, now=now)
    row.ended_at = now

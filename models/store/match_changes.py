"""Holding a match, and ending one with all that goes with it.

Whoever changes a match holds its round first (``models.store.round_rules``), then the match. The caller
commits.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from models.match import Match, MatchMail
from models.round import Round, RoundMark, RoundPair
from models.store.audit import record
from models.store.match_mails import drop, queue
from models.store.match_rules import ASKED, OPEN, STOPPED, MatchNotFoundError, MatchStateError
from models.store.round_rules import hold_any
from models.words import MatchState, PairingKind, RoundState

#: What the log says of each state that a match comes in.
DONE = {
    MatchState.PROPOSED: "proposed",
    MatchState.AGREED: "agreed",
    MatchState.DECLINED: "declined",
    MatchState.DEPLOYED: "deployed",
    MatchState.FINISHED: "finished",
    MatchState.STOPPED: "stopped",
}


def hold_match(session: Session, match_id: int) -> tuple[Round, Match]:
    """The match and its round, fresh and held until the transaction ends.

    Raises:
        MatchNotFoundError: there is none.
    """
    round_id = session.scalar(select(Match.round_id).where(Match.id == match_id))
    if round_id is None:
        raise MatchNotFoundError(f"there is no match {match_id}")
    round_ = hold_any(session, round_id)
    match = session.scalar(
        select(Match)
        .where(Match.id == match_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    assert match is not None  # matches are never deleted
    return round_, match


def note(session: Session, match: Match, *, account_id: int | None, now: datetime, **after: Any) -> None:
    """Count the change, and tell it to the log: what was done, words, numbers and days."""
    match.version += 1
    session.flush()
    told = {"done": DONE[match.state], **after}
    record(session, account_id, "match", "match", match.id, after=told, at=now)


def check_round(round_: Round, match: Match, *states: RoundState) -> None:
    """Check that the round is in one of these states.

    Raises:
        MatchStateError: it is not.
    """
    if round_.state not in states:
        raise MatchStateError(f"not while the round is in state {round_.state.value!r}", match.state)


def end_match(
    session: Session,
    match: Match,
    state: MatchState,
    *,
    why: str = "",
    account_id: int | None,
    now: datetime,
    **after: Any,
) -> None:
    """Let a match come to nothing; the caller holds its round.

    What was to be sent about it is not sent any more, its pair is free again, and whoever heard of it
    hears that it is over.

    Args:
        state: ``DECLINED`` or ``STOPPED``.
        why: in own words, or a word of the product.
        after: more for the log.
    """
    heard = select(MatchMail.party).where(
        MatchMail.match_id == match.id,
        or_(MatchMail.sent_at.is_not(None), MatchMail.taken_until.is_not(None)),
    )
    parties = set(session.scalars(heard))
    drop(session, match.id, now=now)
    for party in ASKED:
        if party in parties:
            queue(session, match.id, party, STOPPED, due_at=now)
    session.execute(
        delete(RoundPair)
        .where(
            RoundPair.round_id == match.round_id,
            RoundPair.kind == PairingKind.FINAL,
            RoundPair.initiative_id == match.initiative_id,
            RoundPair.consultant_id == match.consultant_id,
        )
        .execution_options(synchronize_session="fetch")
    )
    match.state = state
    match.ended_at = now
    match.ended_why = why
    note(session, match, account_id=account_id, now=now, **after)


def end_matches(
    session: Session,
    round_id: int,
    *,
    why: str,
    now: datetime,
    account_id: int | None = None,
    initiative_id: int | None = None,
    consultant_id: int | None = None,
    states: Collection[MatchState] = OPEN,
) -> int:
    """Stop the matches of a round that go on: of an initiative or consultant that fell out, or all of them.

    The caller holds the round.

    Args:
        states: only those in one of these states.

    Returns:
        How many were stopped.
    """
    wanted = [Match.round_id == round_id, Match.state.in_(sorted(states))]
    if initiative_id is not None:
        wanted.append(Match.initiative_id == initiative_id)
    if consultant_id is not None:
        wanted.append(Match.consultant_id == consultant_id)
    rows = session.scalars(
        select(Match)
        .where(*wanted)
        .order_by(Match.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for match in rows:
        end_match(session, match, MatchState.STOPPED, why=why, account_id=account_id, now=now)
    return len(rows)


def forbid(session: Session, match: Match, *, account_id: int, now: datetime) -> None:
    """Keep a pair that was declined from being made again in this round."""
    key = {
        "round_id": match.round_id,
        "initiative_id": match.initiative_id,
        "consultant_id": match.consultant_id,
    }
    mark = session.get(RoundMark, tuple(key.values()), populate_existing=True)
    if mark is None:
        mark = RoundMark(**key, reason="")
        session.add(mark)
    mark.pinned, mark.forbidden = False, True
    mark.by_id, mark.at = account_id, now
    session.flush()


def tell_all(session: Session, match: Match, kind: str, *, now: datetime) -> None:
    """Let everybody whose word counted hear of it."""
    for party in ASKED:
        queue(session, match.id, party, kind, due_at=now)

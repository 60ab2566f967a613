"""Sharing: giving leads and entries of the register to municipalities, and what these make of them.

The caller commits; on SQLite the session must be one that writes. Who may do what from which status stands in
:data:`models.store.share_rules.TRANSITIONS`. Staff's part stands in ``shares_offering``, what follows from
decisions in ``shares_follow``, what time brings in ``shares_due``.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from models.base import utc_now
from models.lead import Lead
from models.share import Share
from models.store.share_changes import move
from models.store.share_moves import check_move, check_who, do_move, held_share
from models.store.share_rules import (
    TRANSITIONS,
    LaterDateError,
    Move,
    ShareError,
    ShareMoveError,
    ShareNotAllowedError,
    ShareNotFoundError,
    StaleShareError,
    day_of,
    latest_later_day,
    usual_later_day,
    who_is,
)
from models.store.shares_due import Ticked, tick
from models.store.shares_follow import offer_initiative
from models.store.shares_list import ShareRow, get_share, share_page, waiting_shares
from models.store.shares_offering import offer_again, offer_elsewhere, offer_lead, take_back
from models.store.viewer import Viewer
from models.words import Answer, Ending, ShareStatus

__all__ = [
    "ShareError",
    "ShareMoveError",
    "ShareNotAllowedError",
    "ShareNotFoundError",
    "ShareRow",
    "StaleShareError",
    "Ticked",
    "answer_share",
    "begin_contact",
    "close_share",
    "get_share",
    "note_seen",
    "offer_again",
    "offer_elsewhere",
    "offer_initiative",
    "offer_lead",
    "share_page",
    "take_back",
    "tick",
    "waiting_shares",
]


def note_seen(session: Session, share_id: int, *, viewer: Viewer, now: datetime | None = None) -> bool:
    """Note that somebody of the municipality has opened a share; says whether that was news.

    Nothing happens when others look, or when it was seen before.

    Raises:
        ShareNotFoundError: it does not exist, or is not for this viewer.
    """
    share = held_share(session, viewer, share_id)
    rule = TRANSITIONS[Move.SEE]
    if rule.who not in who_is(viewer, share.municipality_code) or not rule.fits(share.status, share.answer):
        return False
    at = now or utc_now()
    move(session, share, Move.SEE, account_id=viewer.account_id, at=at, counts=False, seen_at=at)
    return True


def answer_share(
    session: Session,
    share_id: int,
    *,
    viewer: Viewer,
    answer: Answer,
    version: int,
    note: str = "",
    later_on: date | None = None,
    now: datetime | None = None,
) -> Share:
    """Say what the municipality makes of a share; sent twice by the same person it counts once.

    Args:
        version: ``Share.version`` as shown to whoever answers.
        note: in own words; may be empty.
        later_on: of "later": the day on which it is asked again; None = after ten working days.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, ShareMoveError, LaterDateError,
        TextTooLongError: nothing was changed.
    """
    note = note.strip()
    at = now or utc_now()
    share = held_share(session, viewer, share_id)
    check_who(viewer, share, Move.ANSWER, note)
    twice = (share.version, share.answered_by_id, share.answer, share.answer_note)
    if twice == (version + 1, viewer.account_id, answer, note) and share.status is ShareStatus.ANSWERED:
        return share
    check_move(session, viewer, share, Move.ANSWER, version)
    lead = session.get(Lead, share.lead_id) if share.initiative_id is None and share.lead_id else None
    if lead is not None and (lead.purged_at or lead.municipality_code != share.municipality_code):
        # There is nothing left to see, or it is another's by now.
        raise ShareMoveError(get_share(session, viewer, share_id), Move.ANSWER)
    asked_again = _later_day(lead, day_of(at), later_on) if answer is Answer.LATER else None
    move(
        session,
        share,
        Move.ANSWER,
        account_id=viewer.account_id,
        at=at,
        after={"characters": len(note) or None},
        answer=answer,
        answered_by_id=viewer.account_id,
        answered_at=at,
        answer_note=note,
        later_on=asked_again,
        due_on=asked_again,
        seen_at=share.seen_at or at,
    )
    return share


def _later_day(lead: Lead | None, today: date, wanted: date | None) -> date:
    """The day on which it is asked again; ``lead``: one that is in no register."""
    latest = latest_later_day(today, lead.opened_at if lead is not None else None)
    chosen = wanted or usual_later_day(today, latest)
    if not today < chosen <= latest:
        raise LaterDateError(latest)
    return chosen


def begin_contact(
    session: Session, share_id: int, *, viewer: Viewer, version: int, now: datetime | None = None
) -> Share:
    """Say that the municipality is in contact with the initiative.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, ShareMoveError: nothing was changed.
    """
    at = now or utc_now()
    return do_move(
        session, share_id, Move.CONTACT, viewer=viewer, version=version, at=at, due_on=None, in_contact_at=at
    )


def close_share(
    session: Session,
    share_id: int,
    *,
    viewer: Viewer,
    version: int,
    ending: Ending,
    note: str = "",
    now: datetime | None = None,
) -> Share:
    """Say with what a share ended.

    Args:
        note: in own words; may be empty.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, ShareMoveError, TextTooLongError:
            nothing was changed.
    """
    at = now or utc_now()
    return do_move(
        session,
        share_id,
        Move.CLOSE,
        viewer=viewer,
        version=version,
        at=at,
        note=note,
        due_on=None,
        ended_at=at,
        ending=ending,
        ending_note=note.strip(),
    )

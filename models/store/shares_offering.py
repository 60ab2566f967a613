"""Giving leads to municipalities, taking them back, and giving them anew: what staff does with shares."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.base import utc_now
from models.initiative import Initiative
from models.lead import Lead
from models.municipality import Municipality
from models.share import Share
from models.store.attention import NOT_ARRANGED
from models.store.audit import record
from models.store.deciding import UNDECIDED, hold
from models.store.search import refresh_lead
from models.store.share_changes import ask_anew, hold_shares, make_share, withdraw_share
from models.store.share_moves import check_move, do_move, held_share
from models.store.share_rules import (
    TEXT_LIMIT,
    TRANSITIONS,
    AlreadySharedError,
    Move,
    NotShareableError,
    ShareNotAllowedError,
    StaleShareError,
    TextTooLongError,
    Why,
)
from models.store.shares_list import get_share
from models.store.viewer import Viewer
from models.words import Answer


def offer_lead(
    session: Session, lead_id: int, *, viewer: Viewer, message: str = "", now: datetime | None = None
) -> Share:
    """Ask the municipality of a lead that waits for a decision what it makes of it.

    What was taken back or lapsed is offered again.

    Args:
        message: words of staff for the municipality; may be empty.

    Raises:
        ShareNotAllowedError, LeadNotFoundError, NotShareableError, AlreadySharedError, TextTooLongError:
            nothing was changed.
    """
    _check_staff(viewer, message)
    lead = hold(session, viewer, lead_id)
    return _offer(session, lead, viewer, message, now or utc_now())


def take_back(
    session: Session, share_id: int, *, viewer: Viewer, version: int, now: datetime | None = None
) -> Share:
    """Take a share back that there is no contact about yet.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, ShareMoveError: nothing was changed.
    """
    cause = {"why": Why.STAFF.value}
    return do_move(
        session, share_id, Move.TAKE_BACK, viewer=viewer, version=version, at=now or utc_now(), after=cause
    )


def offer_again(
    session: Session,
    share_id: int,
    *,
    viewer: Viewer,
    version: int,
    message: str = "",
    now: datetime | None = None,
) -> Share:
    """Ask again about a share that lapsed or was taken back.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, ShareMoveError, NotShareableError,
        TextTooLongError: nothing was changed.
    """
    _check_staff(viewer, message)
    share = held_share(session, viewer, share_id, with_lead=True)
    check_move(session, viewer, share, Move.OFFER_AGAIN, version)
    if not _is_there(session, share):
        raise NotShareableError("what was shared is decided on, gone, or of another municipality")
    ask_anew(session, share, account_id=viewer.account_id, at=now or utc_now(), message=message)
    return share


def offer_elsewhere(
    session: Session,
    share_id: int,
    municipality_code: str,
    *,
    viewer: Viewer,
    version: int,
    message: str = "",
    now: datetime | None = None,
) -> Share:
    """Say that a shared lead is of another municipality, and offer it there; an answer of the first stays.

    An entry of the register is moved by changing it there.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, NotShareableError (also when there is no
        such municipality, or it is the same), AlreadySharedError, TextTooLongError: nothing was changed.
    """
    _check_staff(viewer, message)
    at = now or utc_now()
    share = held_share(session, viewer, share_id, with_lead=True)
    if share.version != version:
        raise StaleShareError(get_share(session, viewer, share_id))
    lead = session.get(Lead, share.lead_id) if share.lead_id is not None else None
    if lead is None or share.initiative_id is not None or lead.status not in UNDECIDED:
        raise NotShareableError("only a lead that waits for a decision can be moved from here")
    unknown = session.get(Municipality, municipality_code) is None
    if unknown or municipality_code == share.municipality_code:
        raise NotShareableError("choose another municipality")
    for other in hold_shares(session, lead_ids=[lead.id]):
        living = TRANSITIONS[Move.OFFER_AGAIN].fits(other.status, other.answer)
        if other.municipality_code == municipality_code and not living:
            raise AlreadySharedError(other.id)
    before = lead.municipality_code
    lead.municipality_code, lead.place_key = municipality_code, None
    # Its place in the queue was one of the other municipality's.
    lead.precedence = NOT_ARRANGED
    session.flush()
    record(
        session,
        viewer.account_id,
        "share",
        "lead",
        lead.id,
        before={"municipality": before},
        after={"municipality": municipality_code},
        at=at,
    )
    if share.answer is None or share.answer is Answer.LATER:
        withdraw_share(session, share, Why.MOVED, account_id=viewer.account_id, at=at)
    refresh_lead(session, lead.id)
    return _offer(session, lead, viewer, message, at)


def _offer(session: Session, lead: Lead, viewer: Viewer, message: str, at: datetime) -> Share:
    if lead.status not in UNDECIDED or lead.purged_at is not None or lead.municipality_code is None:
        raise NotShareableError("only a lead that waits for a decision and has a municipality can be shared")
    known = [
        share
        for share in hold_shares(session, lead_ids=[lead.id])
        if share.municipality_code == lead.municipality_code
    ]
    if not known:
        return make_share(
            session,
            municipality_code=lead.municipality_code,
            lead_id=lead.id,
            account_id=viewer.account_id,
            at=at,
            message=message,
        )
    if not TRANSITIONS[Move.OFFER_AGAIN].fits(known[0].status, known[0].answer):
        raise AlreadySharedError(known[0].id)
    ask_anew(session, known[0], account_id=viewer.account_id, at=at, message=message)
    return known[0]


def _is_there(session: Session, share: Share) -> bool:
    if share.initiative_id is not None:
        entry = session.get_one(Initiative, share.initiative_id)
        return entry.withdrawn_at is None and entry.municipality_code == share.municipality_code
    lead = session.get(Lead, share.lead_id) if share.lead_id is not None else None
    return (
        lead is not None
        and lead.status in UNDECIDED
        and lead.purged_at is None
        and lead.municipality_code == share.municipality_code
    )


def _check_staff(viewer: Viewer, message: str) -> None:
    if not viewer.decides:
        raise ShareNotAllowedError("only staff gives leads to municipalities")
    if len(message.strip()) > TEXT_LIMIT:
        raise TextTooLongError(f"a message has at most {TEXT_LIMIT} characters")

"""Making one move of one share: who may, from where, and on which version of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.share import Share
from models.store.deciding import hold
from models.store.share_changes import hold_where, move
from models.store.share_rules import (
    TEXT_LIMIT,
    TRANSITIONS,
    Move,
    ShareMoveError,
    ShareNotAllowedError,
    ShareNotFoundError,
    StaleShareError,
    TextTooLongError,
    Who,
    who_is,
)
from models.store.shares_list import get_share
from models.store.viewer import Viewer


def do_move(
    session: Session,
    share_id: int,
    made: Move,
    *,
    viewer: Viewer,
    version: int,
    at: datetime,
    note: str = "",
    after: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Share:
    """Hold a share and make this move, or say why not.

    Args:
        after: more for the log; ``fields``: columns to set beside the status.

    Raises:
        ShareNotFoundError, ShareNotAllowedError, StaleShareError, ShareMoveError, TextTooLongError:
            nothing was changed.
    """
    share = held_share(session, viewer, share_id)
    check_who(viewer, share, made, note)
    check_move(session, viewer, share, made, version)
    move(session, share, made, account_id=viewer.account_id, at=at, after=after, **fields)
    return share


def held_share(session: Session, viewer: Viewer, share_id: int, *, with_lead: bool = False) -> Share:
    """The share, held; with its lead, which goes first.

    Raises:
        ShareNotFoundError: it does not exist, or is not for this viewer.
    """
    share = session.get(Share, share_id)
    if with_lead and share is not None and share.lead_id is not None and viewer.decides:
        hold(session, viewer, share.lead_id)
    held = hold_where(session, (Share.id == share_id) & viewer.scope(Share.municipality_code))
    if not held:
        raise ShareNotFoundError(f"there is no share {share_id}")
    return held[0]


def check_who(viewer: Viewer, share: Share, made: Move, note: str = "") -> None:
    """Say no to whoever this move is not for, and to a note that is too long."""
    if TRANSITIONS[made].who not in who_is(viewer, share.municipality_code):
        staff = TRANSITIONS[made].who is Who.STAFF
        raise ShareNotAllowedError("this is for staff" if staff else "this is for the municipality itself")
    if len(note.strip()) > TEXT_LIMIT:
        raise TextTooLongError(f"a note has at most {TEXT_LIMIT} characters")


def check_move(session: Session, viewer: Viewer, share: Share, made: Move, version: int) -> None:
    """Say no when the share is not as it was shown, or can't make this move."""
    if share.version != version:
        raise StaleShareError(get_share(session, viewer, share.id))
    if not TRANSITIONS[made].fits(share.status, share.answer):
        raise ShareMoveError(get_share(session, viewer, share.id), made)

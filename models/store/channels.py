"""Whose channels somebody keeps: feed addresses, webhooks and the like."""

from typing import Any

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.municipality import Municipality
from models.store.viewer import Viewer

#: Channels of one kind that a municipality has at most; more are a mistake.
MOST = 20


class ChannelError(Exception):
    """A channel can't be made or changed; nothing was."""


class NotYourChannelError(ChannelError):
    """It is not of a municipality whose channels this viewer keeps, or of one that there is not."""


class TooManyChannelsError(ChannelError):
    """There are :data:`MOST` of this kind already."""


def kept_by(viewer: Viewer, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Condition on a municipality-code column: channels that this viewer keeps.

    Keepers of sources keep all, those of the network itself (no code) too; a municipality keeps its own.
    Narrower than ``viewer.scope``: a reviewer sees every municipality, but keeps no channels.
    """
    if viewer.keeps_sources:
        return true()
    return column == viewer.municipality_code if viewer.answers else false()


def must_keep(session: Session, viewer: Viewer, municipality_code: str | None) -> None:
    """Check that this viewer may make a channel of a municipality; None = of the network itself.

    Raises:
        NotYourChannelError: no, or there is no such municipality.
    """
    if municipality_code is None:
        allowed = viewer.keeps_sources
    else:
        own = viewer.answers and viewer.municipality_code == municipality_code
        allowed = (viewer.keeps_sources or own) and session.get(Municipality, municipality_code) is not None
    if not allowed:
        raise NotYourChannelError(f"no channels of {municipality_code} for account {viewer.account_id}")

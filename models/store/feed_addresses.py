"""Secret addresses of Atom feeds: making, listing and revoking them, and knowing one that is asked for."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from models.base import utc_now
from models.feed_address import FeedAddress
from models.keys import keyed_hash
from models.store.audit import record
from models.store.channels import MOST, ChannelError, TooManyChannelsError, kept_by, must_keep
from models.store.viewer import Viewer
from models.store.work import start_of_day

#: Random bytes of a token: 43 characters, which nobody guesses.
TOKEN_BYTES = 32
#: Most characters of what its maker calls it.
NAME_LIMIT = 80


class FeedNotFoundError(ChannelError):
    """There is no such feed address for this viewer, or it is revoked."""


@dataclass(frozen=True)
class FeedRow:
    """One feed address as listed; the address itself is kept nowhere."""

    id: int
    municipality_code: str
    name: str
    created_at: datetime
    #: Midnight of the day on which it was read last; None = never.
    last_read_at: datetime | None


def make_feed(
    session: Session,
    secret: bytes,
    *,
    viewer: Viewer,
    municipality_code: str,
    name: str,
    now: datetime | None = None,
) -> tuple[FeedRow, str]:
    """A feed of one municipality at an address of its own; the caller commits.

    Returns:
        The row, and the token of the address, which is kept nowhere.

    Raises:
        NotYourChannelError: not of a municipality whose channels the viewer keeps.
        TooManyChannelsError: it has enough of them.
    """
    must_keep(session, viewer, municipality_code)
    if len(feed_rows(session, viewer, municipality_code)) >= MOST:
        raise TooManyChannelsError(f"{municipality_code} has {MOST} feed addresses already")
    at = now or utc_now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = FeedAddress(
        municipality_code=municipality_code,
        name=" ".join(name.split())[:NAME_LIMIT],
        token_hash=_hash(secret, token),
        created_by_id=viewer.account_id,
        created_at=at,
    )
    session.add(feed)
    session.flush()
    _record(session, viewer, feed, "added", at)
    return _row(feed), token


def feed_rows(session: Session, viewer: Viewer, municipality_code: str) -> list[FeedRow]:
    """The feed addresses of one municipality that are not revoked, newest first."""
    rows = session.scalars(
        select(FeedAddress)
        .where(
            kept_by(viewer, FeedAddress.municipality_code),
            FeedAddress.municipality_code == municipality_code,
            FeedAddress.revoked_at.is_(None),
        )
        .order_by(FeedAddress.id.desc())
    )
    return [_row(one) for one in rows]


def count_feeds(session: Session, viewer: Viewer) -> dict[str, int]:
    """CBS code -> feed addresses that are not revoked, of the municipalities whose channels are kept."""
    rows = session.execute(
        select(FeedAddress.municipality_code, func.count())
        .where(kept_by(viewer, FeedAddress.municipality_code), FeedAddress.revoked_at.is_(None))
        .group_by(FeedAddress.municipality_code)
    )
    return {row[0]: row[1] for row in rows}


def revoke_feed(session: Session, feed_id: int, *, viewer: Viewer, now: datetime | None = None) -> FeedRow:
    """Make an address useless at once; the caller commits.

    Raises:
        FeedNotFoundError: there is none such for this viewer, or it was revoked before.
    """
    feed = session.scalar(
        select(FeedAddress)
        .where(
            FeedAddress.id == feed_id,
            kept_by(viewer, FeedAddress.municipality_code),
            FeedAddress.revoked_at.is_(None),
        )
        .with_for_update()
    )
    if feed is None:
        raise FeedNotFoundError(f"no feed address {feed_id} for account {viewer.account_id}")
    at = now or utc_now()
    feed.revoked_at = at
    _record(session, viewer, feed, "removed", at)
    return _row(feed)


def feed_of_token(session: Session, secret: bytes, token: str) -> FeedRow:
    """The feed that an address is of.

    Raises:
        FeedNotFoundError: nobody made the address, or it is revoked; who asks is told no difference.
    """
    feed = session.scalar(
        select(FeedAddress).where(
            FeedAddress.token_hash == _hash(secret, token), FeedAddress.revoked_at.is_(None)
        )
    )
    if feed is None:
        raise FeedNotFoundError("no such feed address")
    return _row(feed)


def is_read_today(feed: FeedRow, *, now: datetime) -> bool:
    """Whether this day's reading is kept already."""
    return feed.last_read_at is not None and feed.last_read_at >= start_of_day(now)


def note_reading(session: Session, feed_id: int, *, now: datetime) -> None:
    """Keep the day on which a feed was read, not the moment; the caller commits."""
    today = start_of_day(now)
    session.execute(
        update(FeedAddress)
        .where(
            FeedAddress.id == feed_id,
            or_(FeedAddress.last_read_at.is_(None), FeedAddress.last_read_at < today),
        )
        .values(last_read_at=today)
    )


def _hash(secret: bytes, token: str) -> str:
    return keyed_hash(secret, "feed", token)


def _record(session: Session, viewer: Viewer, feed: FeedAddress, done: str, at: datetime) -> None:
    after = {"done": done, "municipality": feed.municipality_code}
    record(session, viewer.account_id, "channel", "feed", feed.id, after=after, at=at)


def _row(feed: FeedAddress) -> FeedRow:
    return FeedRow(feed.id, feed.municipality_code, feed.name, feed.created_at, feed.last_read_at)

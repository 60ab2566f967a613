"""Webhooks: adding, listing, stopping and removing them, and their secrets."""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.base import utc_now
from models.sealing import SealError, seal, unseal
from models.store.audit import record
from models.store.channels import MOST, ChannelError, TooManyChannelsError, kept_by, must_keep
from models.store.events import newest_event
from models.store.viewer import Viewer
from models.webhook import Delivery, Webhook
from models.words import DeliveryState

#: For what a webhook's secret is sealed.
PURPOSE = "webhook"
#: How a secret begins, and its random bytes (Standard Webhooks).
PREFIX, SECRET_BYTES = "whsec_", 32
#: How long messages are signed with the former secret too, so that a receiver can change without a gap.
OVERLAP = timedelta(hours=24)
#: Most characters of what the makers of the receiver call it.
NAME_LIMIT = 80


class Stopped(StrEnum):
    """Why a webhook stopped by itself: values of ``Webhook.stopped_why``."""

    GONE = "gone"  # the receiver answered 410
    UNREADABLE = "unreadable"  # its secret can't be read: the secret key was changed


class WebhookNotFoundError(ChannelError):
    """There is no such webhook for this viewer, or it is removed."""


@dataclass(frozen=True)
class WebhookRow:
    """One webhook as listed."""

    id: int
    municipality_code: str | None
    name: str
    #: Host and path of the address: the rest may hold a secret, and is not shown.
    shown: str
    created_at: datetime
    stopped_at: datetime | None
    stopped_why: str


def add_webhook(
    session: Session,
    secret: bytes,
    *,
    viewer: Viewer,
    municipality_code: str | None,
    url: str,
    name: str = "",
    now: datetime | None = None,
) -> tuple[WebhookRow, str]:
    """Send events of a municipality to an address from now on. The caller has checked it, and commits.

    Args:
        municipality_code: None = events of all municipalities, for the network's own systems.

    Returns:
        The row, and the secret that messages are signed with, to be shown once.

    Raises:
        NotYourChannelError: not of a municipality whose channels the viewer keeps.
        TooManyChannelsError: it has enough of them.
    """
    must_keep(session, viewer, municipality_code)
    if len(webhook_rows(session, viewer, municipality_code)) >= MOST:
        raise TooManyChannelsError(f"{municipality_code} has {MOST} webhooks already")
    at = now or utc_now()
    word = new_secret()
    webhook = Webhook(
        municipality_code=municipality_code,
        url=url,
        name=" ".join(name.split())[:NAME_LIMIT],
        secret=_sealed(secret, [(word, None)]),
        created_by_id=viewer.account_id,
        created_at=at,
        last_event_id=newest_event(session),
    )
    session.add(webhook)
    session.flush()
    _record(session, viewer, webhook, "added", at)
    return _row(webhook), word


def webhook_rows(session: Session, viewer: Viewer, municipality_code: str | None) -> list[WebhookRow]:
    """The webhooks of one municipality, or of the network itself (None), newest first."""
    rows = session.scalars(
        select(Webhook)
        .where(
            kept_by(viewer, Webhook.municipality_code),
            Webhook.municipality_code.is_(None)
            if municipality_code is None
            else Webhook.municipality_code == municipality_code,
            Webhook.removed_at.is_(None),
        )
        .order_by(Webhook.id.desc())
    )
    return [_row(one) for one in rows]


def count_webhooks(session: Session, viewer: Viewer) -> dict[str | None, int]:
    """CBS code (None = of the network itself) -> webhooks that are there, of those that are kept."""
    rows = session.execute(
        select(Webhook.municipality_code, func.count())
        .where(kept_by(viewer, Webhook.municipality_code), Webhook.removed_at.is_(None))
        .group_by(Webhook.municipality_code)
    )
    return {row[0]: row[1] for row in rows}


def find_webhook(session: Session, webhook_id: int, *, viewer: Viewer, lock: bool = False) -> Webhook:
    """One webhook that this viewer keeps.

    Args:
        lock: until the transaction ends nobody else changes it, nor begins to deliver to it.

    Raises:
        WebhookNotFoundError: there is none such for this viewer, or it is removed.
    """
    query = select(Webhook).where(
        Webhook.id == webhook_id, kept_by(viewer, Webhook.municipality_code), Webhook.removed_at.is_(None)
    )
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise WebhookNotFoundError(f"no webhook {webhook_id} for account {viewer.account_id}")
    return found


def get_webhook(session: Session, webhook_id: int, *, viewer: Viewer) -> WebhookRow:
    """One webhook as listed.

    Raises:
        WebhookNotFoundError: there is none such for this viewer, or it is removed.
    """
    return _row(find_webhook(session, webhook_id, viewer=viewer))


def stop_webhook(session: Session, webhook_id: int, *, viewer: Viewer, now: datetime | None = None) -> None:
    """Send nothing until somebody resumes it; what happens meanwhile waits. The caller commits.

    Raises:
        WebhookNotFoundError: there is none such for this viewer.
    """
    webhook = find_webhook(session, webhook_id, viewer=viewer, lock=True)
    if webhook.stopped_at is None:
        at = now or utc_now()
        webhook.stopped_at, webhook.stopped_why = at, ""
        _record(session, viewer, webhook, "paused", at)


def resume_webhook(session: Session, webhook_id: int, *, viewer: Viewer, now: datetime | None = None) -> None:
    """Send again, to begin with what happened since it stopped. The caller commits.

    Raises:
        WebhookNotFoundError: there is none such for this viewer.
    """
    webhook = find_webhook(session, webhook_id, viewer=viewer, lock=True)
    if webhook.stopped_at is not None:
        at = now or utc_now()
        webhook.stopped_at, webhook.stopped_why = None, ""
        # What waited has its whole term yet.
        session.execute(
            update(Delivery)
            .where(Delivery.webhook_id == webhook.id, Delivery.state == DeliveryState.WAITING)
            .values(waiting_since=at, next_try_at=at, attempts=0)
        )
        _record(session, viewer, webhook, "resumed", at)


def remove_webhook(session: Session, webhook_id: int, *, viewer: Viewer, now: datetime | None = None) -> None:
    """Take a webhook away for good; its address and secret go at once. The caller commits.

    Raises:
        WebhookNotFoundError: there is none such for this viewer.
    """
    webhook = find_webhook(session, webhook_id, viewer=viewer, lock=True)
    at = now or utc_now()
    webhook.removed_at = at
    webhook.url = webhook.secret = ""
    _record(session, viewer, webhook, "removed", at)


def renew_secret(
    session: Session, secret: bytes, webhook_id: int, *, viewer: Viewer, now: datetime | None = None
) -> str:
    """Give a webhook another secret, to be shown once; the former one signs beside it for :data:`OVERLAP`.

    The caller commits.

    Raises:
        WebhookNotFoundError: there is none such for this viewer.
    """
    webhook = find_webhook(session, webhook_id, viewer=viewer, lock=True)
    at = now or utc_now()
    word = new_secret()
    former = _former(secret, webhook.secret, at)
    webhook.secret = _sealed(secret, [(word, None), *((one, at + OVERLAP) for one in former)])
    _record(session, viewer, webhook, "new secret", at)
    return word


def _former(secret: bytes, sealed: str, at: datetime) -> list[str]:
    """The secret in use until now; none when it can't be read any more."""
    try:
        return signing_secrets(secret, sealed, now=at)[:1]
    except SealError:
        return []


def new_secret() -> str:
    """A random secret as Standard Webhooks writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signing_secrets(secret: bytes, sealed: str, *, now: datetime) -> list[str]:
    """The secrets that a message is signed with, the newest first.

    Raises:
        SealError: the secret key was changed since.
    """
    kept: list[tuple[str, str | None]] = json.loads(unseal(secret, PURPOSE, sealed))
    return [word for word, until in kept if until is None or datetime.fromisoformat(until) > now]


def without_secrets(url: str) -> str:
    """Host and path of an address; a query may hold a secret and is never shown or logged."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}{parts.path}"


def _sealed(secret: bytes, words: list[tuple[str, datetime | None]]) -> str:
    kept = [(word, until.isoformat() if until else None) for word, until in words]
    return seal(secret, PURPOSE, json.dumps(kept))


def _record(session: Session, viewer: Viewer, webhook: Webhook, done: str, at: datetime) -> None:
    after = {"done": done, "municipality": webhook.municipality_code}
    record(session, viewer.account_id, "channel", "webhook", webhook.id, after=after, at=at)


def _row(webhook: Webhook) -> WebhookRow:
    return WebhookRow(
        webhook.id,
        webhook.municipality_code,
        webhook.name,
        without_secrets(webhook.url),
        webhook.created_at,
        webhook.stopped_at,
        webhook.stopped_why,
    )

"""Telling of what happened to shares and initiatives, and reading it in order.

Everything that goes out (feeds, webhooks, digests, the feed for matching) reads from here, so that nothing
can be told in one place and forgotten in another.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, text
from sqlalchemy.orm import Session

from models.base import utc_now
from models.event import Event
from models.initiative import Initiative
from models.share import Share
from models.store.audit import LOCK
from models.webhook import Delivery
from models.words import EventKind

#: Days that an event is kept: 12 months, as the audit log.
KEEP_DAYS = 365
#: Events removed in one transaction.
BATCH = 500


def tell(
    session: Session,
    kind: EventKind,
    *,
    municipality_code: str,
    share: Share | None = None,
    initiative: Initiative | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Event:
    """Add one event in the transaction of the change that it tells of; the caller commits.

    Numbers become visible in their order: on PostgreSQL whoever tells waits for whoever told before, until
    that transaction ends, as with the audit log, whose lock is used so that the two can't wait for each
    other; on SQLite there is one writer anyway.

    Args:
        share, initiative: what it is about; the initiative remembers the number, so that changes since a
            number can be found.
        data: names of fields that changed, statuses and numbers; never written text.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    event = Event(
        uid=str(uuid.uuid4()),
        kind=kind,
        at=at or utc_now(),
        municipality_code=municipality_code,
        share_id=share.id if share is not None else None,
        initiative_id=initiative.id if initiative is not None else None,
        data=dict(data or {}),
    )
    session.add(event)
    session.flush()
    if initiative is not None:
        initiative.change_number = event.id
        session.flush()
    return event


def newest_event(session: Session) -> int:
    """Number of the newest event; 0 = there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def events_after(
    session: Session, number: int, *, municipality_code: str | None = None, limit: int = 100
) -> list[Event]:
    """Events above a number, oldest first.

    Args:
        municipality_code: only those that concern this municipality; None = all.
    """
    query = select(Event).where(Event.id > number).order_by(Event.id).limit(limit)
    if municipality_code is not None:
        query = query.where(Event.municipality_code == municipality_code)
    return list(session.scalars(query))


def forget_events(session: Session, *, now: datetime) -> int:
    """Remove events older than :data:`KEEP_DAYS`, with their deliveries; commits in batches.

    Returns:
        How many went.
    """
    done = 0
    while True:
        old = session.scalars(
            select(Event.id)
            .where(Event.at <= now - timedelta(days=KEEP_DAYS))
            .order_by(Event.id)
            .limit(BATCH)
        ).all()
        if not old:
            session.rollback()
            return done
        session.execute(delete(Delivery).where(Delivery.event_id.in_(old)))
        gone = session.execute(delete(Event).where(Event.id.in_(old)))
        assert isinstance(gone, CursorResult)
        session.commit()
        done += gone.rowcount

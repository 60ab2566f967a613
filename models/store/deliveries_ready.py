"""Deliveries made ready: of events that happened since, and of earlier ones that are sent once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, insert, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.event import Event
from models.store.events import newest_event
from models.webhook import Delivery, Webhook
from models.words import DeliveryState

#: Webhooks that events are sent to.
AT_WORK = and_(Webhook.stopped_at.is_(None), Webhook.removed_at.is_(None))


def lay_ready(session: Session, *, now: datetime) -> int:
    """Make the deliveries of events that happened since; the caller commits.

    Returns:
        How many were made.
    """
    webhooks = session.scalars(
        select(Webhook).where(AT_WORK, has_news()).order_by(Webhook.id).with_for_update(skip_locked=True)
    ).all()
    if not webhooks:
        return 0
    newest, made = newest_event(session), 0
    for webhook in webhooks:
        made += _lay(session, webhook, now, Event.id > webhook.last_event_id, Event.id <= newest)
        webhook.last_event_id = newest
    session.flush()
    return made


def replay(
    session: Session,
    webhook: Webhook,
    *,
    now: datetime,
    delivery_ids: Sequence[int] | None = None,
    period: tuple[datetime, datetime] | None = None,
) -> int:
    """Send once more, with the same ids, for another term; the caller has locked the webhook, and commits.

    Args:
        delivery_ids: these; None = all that was given up.
        period: instead, all that happened from the first up to the second moment, also what was never sent
            to this webhook because it is newer.

    Returns:
        How many.
    """
    conditions: list[ColumnElement[bool]] = [Delivery.webhook_id == webhook.id]
    made = 0
    if period is not None:
        within = and_(Event.at >= period[0], Event.at < period[1], Event.id <= webhook.last_event_id)
        conditions.append(Delivery.event_id.in_(select(Event.id).where(within)))
        made = _lay(session, webhook, now, within)
    elif delivery_ids is not None:
        conditions.append(Delivery.id.in_(delivery_ids))
    else:
        conditions.append(Delivery.state == DeliveryState.GIVEN_UP)
    again = session.execute(
        update(Delivery)
        # What somebody is at is being sent just now, and what was made ready just now will be.
        .where(
            *conditions,
            Delivery.waiting_since < now,
            or_(Delivery.state != DeliveryState.WAITING, is_free(Delivery.taken_until, now)),
        )
        .values(
            state=DeliveryState.WAITING,
            attempts=0,
            waiting_since=now,
            next_try_at=now,
            taken_until=None,
            delivered_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    assert isinstance(again, CursorResult)
    return again.rowcount + made


def has_news() -> ColumnElement[bool]:
    """Whether anything happened that a webhook has no delivery of yet."""
    concerns = or_(Webhook.municipality_code.is_(None), Event.municipality_code == Webhook.municipality_code)
    return select(Event.id).where(Event.id > Webhook.last_event_id, concerns).correlate(Webhook).exists()


def is_free(taken_until: Any, now: datetime) -> ColumnElement[bool]:
    """Whether nobody is at a delivery, of a column ``taken_until``."""
    return or_(taken_until.is_(None), taken_until <= now)


def _lay(session: Session, webhook: Webhook, now: datetime, *which: ColumnElement[bool]) -> int:
    """Make the deliveries of these events that a webhook has none of."""
    there = aliased(Delivery)
    known = select(there.id).where(there.webhook_id == webhook.id, there.event_id == Event.id)
    events = select(
        literal(webhook.id),
        Event.id,
        literal(DeliveryState.WAITING.value),
        literal(0),
        literal(now, Delivery.waiting_since.type),
        literal(now, Delivery.waiting_since.type),
        literal(""),
    ).where(*which, ~known.exists())
    if webhook.municipality_code is not None:
        events = events.where(Event.municipality_code == webhook.municipality_code)
    columns = ["webhook_id", "event_id", "state", "attempts", "waiting_since", "next_try_at", "last_problem"]
    done = session.execute(
        insert(Delivery).from_select(columns, events.order_by(Event.id)),
        execution_options={"preserve_rowcount": True},
    )
    assert isinstance(done, CursorResult)
    return done.rowcount

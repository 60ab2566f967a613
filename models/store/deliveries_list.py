"""Deliveries as lists and figures: what was sent to a webhook, what waits, what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.event import Event
from models.store.channels import kept_by
from models.store.viewer import Viewer
from models.webhook import Delivery, Webhook
from models.words import DeliveryState, EventKind

#: Deliveries on one page.
PAGE_SIZE = 25


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery as listed."""

    id: int
    #: The id under which the receiver knows the event.
    uid: str
    kind: EventKind
    happened_at: datetime
    share_id: int | None
    initiative_id: int | None
    state: DeliveryState
    attempts: int
    next_try_at: datetime | None
    last_status: int | None
    last_problem: str
    last_tried_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True)
class Backlog:
    """How far the deliveries of all webhooks at work are."""

    waiting: int
    #: Since when the one waits that waits longest; None = none waits.
    oldest: datetime | None
    given_up: int


def delivery_page(
    session: Session,
    viewer: Viewer,
    webhook_id: int,
    *,
    state: DeliveryState | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> tuple[list[DeliveryRow], int | None]:
    """Deliveries of one webhook, newest event first, and where the next page begins; None = there is none.

    Args:
        before: only events with a lower number.
    """
    query = (
        select(
            Delivery.id,
            Event.uid,
            Event.kind,
            Event.at,
            Event.share_id,
            Event.initiative_id,
            Delivery.state,
            Delivery.attempts,
            Delivery.next_try_at,
            Delivery.last_status,
            Delivery.last_problem,
            Delivery.last_tried_at,
            Delivery.delivered_at,
            Delivery.event_id,
        )
        .join(Event, Event.id == Delivery.event_id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.webhook_id == webhook_id, kept_by(viewer, Webhook.municipality_code))
        .order_by(Delivery.event_id.desc())
        .limit(limit + 1)
    )
    if state is not None:
        query = query.where(Delivery.state == state)
    if before is not None:
        query = query.where(Delivery.event_id < before)
    rows: Sequence[Any] = session.execute(query).all()
    following = rows[limit - 1].event_id if len(rows) > limit else None
    return [DeliveryRow(*row[:-1]) for row in rows[:limit]], following


def has_delivery(session: Session, webhook_id: int, delivery_id: int) -> bool:
    """Whether a delivery is one of this webhook."""
    query = select(Delivery.id).where(Delivery.id == delivery_id, Delivery.webhook_id == webhook_id)
    return session.scalar(query) is not None


def count_deliveries(
    session: Session, viewer: Viewer, webhook_ids: list[int]
) -> dict[int, dict[DeliveryState, int]]:
    """Number of a webhook -> deliveries by state; only states that there are."""
    rows = session.execute(
        select(Delivery.webhook_id, Delivery.state, func.count())
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.webhook_id.in_(webhook_ids), kept_by(viewer, Webhook.municipality_code))
        .group_by(Delivery.webhook_id, Delivery.state)
    )
    counts: dict[int, dict[DeliveryState, int]] = {number: {} for number in webhook_ids}
    for webhook_id, state, count in rows:
        counts[webhook_id][state] = count
    return counts


def backlog(session: Session) -> Backlog:
    """How far the deliveries of the whole network are, for whoever keeps the service running."""
    at_work = (Webhook.stopped_at.is_(None), Webhook.removed_at.is_(None))
    waiting = session.execute(
        select(func.count(), func.min(Delivery.waiting_since))
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.state == DeliveryState.WAITING, *at_work)
    ).one()
    given_up = session.scalar(
        select(func.count())
        .select_from(Delivery)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.state == DeliveryState.GIVEN_UP, Webhook.removed_at.is_(None))
    )
    return Backlog(waiting[0], waiting[1], given_up or 0)

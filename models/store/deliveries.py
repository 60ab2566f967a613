"""Deliveries: laying events ready for webhooks, taking one up, and what became of it.

Of each webhook only the first delivery that waits is taken up, by one worker at a time, so events arrive in
their order and a receiver that is away holds up nobody else. A worker says until when it is at it; when it
dies, somebody else takes the delivery up after that. So an event may arrive twice, under the same id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, ScalarSelect, exists, func, select, text, update
from sqlalchemy.orm import Session, aliased

from models.event import Event
from models.store.deliveries_ready import AT_WORK, has_news, is_free
from models.webhook import Delivery, Webhook
from models.words import DeliveryState, EventKind

#: How long a worker has for one delivery; sending takes 10 s at most.
LEASE = timedelta(seconds=60)
#: How long to wait after each try that failed; after the last of these, always as long.
STEPS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 300, 900, 1800, 3600))
#: How long it is tried, from when it was laid ready or asked for once more.
TERM = timedelta(days=3)
#: The longest time that a receiver may ask for with Retry-After.
LONGEST_WAIT = timedelta(hours=6)

#: As it stands, so that SQLite uses the index of what waits.
_WAITS = text("delivery.state = 'waiting'")


@dataclass(frozen=True)
class Claim:
    """One delivery that this worker is to send."""

    delivery_id: int
    webhook_id: int
    url: str
    #: The sealed secrets of the webhook.
    secret: str
    uid: str
    kind: EventKind
    at: datetime
    municipality_code: str
    share_id: int | None
    initiative_id: int | None
    #: Marks it as this worker's.
    taken_until: datetime


def has_work(session: Session, *, now: datetime) -> bool:
    """Whether anything is to be laid ready or sent; reads only, so it may be asked every second."""
    fresh = select(exists().where(AT_WORK, has_news()))
    if session.scalar(fresh):
        return True
    return session.scalar(select(_due(now).exists())) or False


def take_up(session: Session, *, now: datetime, limit: int) -> list[Claim]:
    """Take deliveries that are due, one of a webhook at most, oldest first; the caller commits, then sends.

    Whoever took one up says what became of it (:func:`delivered`, :func:`failed`) within :data:`LEASE`.
    """
    rows = session.execute(
        _due(now)
        .add_columns(Webhook.url, Webhook.secret)
        .add_columns(Event.uid, Event.kind, Event.at, Event.municipality_code)
        .add_columns(Event.share_id, Event.initiative_id)
        .join(Event, Event.id == Delivery.event_id)
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(limit)
        .with_for_update(of=Webhook, skip_locked=True)
    ).all()
    claims = []
    until = now + LEASE
    for row in rows:
        taken = session.execute(
            update(Delivery)
            .where(
                Delivery.id == row.delivery_id,
                Delivery.state == DeliveryState.WAITING,
                is_free(Delivery.taken_until, now),
            )
            .values(taken_until=until)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(taken, CursorResult)
        if taken.rowcount:
            claims.append(Claim(**row._mapping, taken_until=until))
    return claims


def delivered(session: Session, claim: Claim, status: int, *, now: datetime) -> None:
    """The receiver took it, whoever else may have taken it up meanwhile; the caller commits."""
    _settle(
        session,
        claim,
        {
            "state": DeliveryState.DELIVERED,
            "last_status": status,
            "last_problem": "",
            "delivered_at": now,
            "next_try_at": None,
        },
        now,
        own=False,
    )


def failed(
    session: Session,
    claim: Claim,
    *,
    now: datetime,
    problem: str,
    status: int | None = None,
    wait: timedelta | None = None,
    jitter: float = 0.0,
) -> None:
    """The receiver did not take it: try again later, or give up after :data:`TERM`. The caller commits.

    Args:
        problem: a word for why, without any content.
        wait: what the receiver asked for with Retry-After.
        jitter: -1 to 1, so that not all are tried again at the same moment.
    """
    delivery = session.get(Delivery, claim.delivery_id)
    if delivery is None:
        return
    following = next_try(
        delivery.attempts + 1, now=now, since=delivery.waiting_since, wait=wait, jitter=jitter
    )
    _settle(
        session,
        claim,
        {
            "state": DeliveryState.WAITING if following else DeliveryState.GIVEN_UP,
            "last_status": status,
            "last_problem": problem,
            "next_try_at": following,
        },
        now,
    )


def stop_by_itself(
    session: Session, claim: Claim, *, now: datetime, why: str, status: int | None = None
) -> None:
    """Stop the webhook, for the receiver is gone for good or can't be sent anything; the caller commits.

    What waits stays, for when somebody resumes it.
    """
    session.execute(
        update(Webhook)
        .where(Webhook.id == claim.webhook_id, Webhook.stopped_at.is_(None))
        .values(stopped_at=now, stopped_why=why)
    )
    _settle(session, claim, {"last_status": status, "last_problem": why, "next_try_at": now}, now)


def next_try(
    attempts: int,
    *,
    now: datetime,
    since: datetime,
    wait: timedelta | None = None,
    jitter: float = 0.0,
) -> datetime | None:
    """When to try again after so many tries that failed; None = no more.

    Args:
        since: when the term began.
        wait: what the receiver asked for; at most :data:`LONGEST_WAIT` of it counts.
        jitter: -1 to 1: up to a tenth earlier or later.
    """
    if now - since >= TERM:
        return None
    step = STEPS[min(attempts, len(STEPS)) - 1] * (1 + jitter / 10)
    return now + max(step, min(wait or timedelta(0), LONGEST_WAIT))


def _head() -> ScalarSelect[Any]:
    """The first event that waits, of a webhook."""
    first = aliased(Delivery, name="first")
    return (
        select(func.min(first.event_id))
        .where(first.webhook_id == Webhook.id, text("first.state = 'waiting'"))
        .correlate(Webhook)
        .scalar_subquery()
    )


def _due(now: datetime) -> Any:
    """Of each webhook at work the first delivery that waits, if it may be taken up now."""
    return (
        select(Delivery.id.label("delivery_id"), Delivery.webhook_id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            AT_WORK,
            _WAITS,
            Delivery.event_id == _head(),
            Delivery.next_try_at <= now,
            is_free(Delivery.taken_until, now),
        )
    )


def _settle(
    session: Session, claim: Claim, values: dict[str, Any], now: datetime, *, own: bool = True
) -> None:
    """Write down what became of a try, unless somebody else has taken it up since (``own``)."""
    conditions = [Delivery.id == claim.delivery_id, Delivery.state == DeliveryState.WAITING]
    if own:
        conditions.append(Delivery.taken_until == claim.taken_until)
    session.execute(
        update(Delivery)
        .where(*conditions)
        .values(**values, attempts=Delivery.attempts + 1, last_tried_at=now, taken_until=None)
        .execution_options(synchronize_session=False)
    )

"""Webhooks: addresses at which a municipality wants to hear of events at once."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import DeliveryState


class Webhook(Base):
    """One address that events are sent to."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Whose events are sent; None = those of all municipalities, for the network's own systems.
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    url: Mapped[str]
    #: As the makers of the receiver call it.
    name: Mapped[str] = mapped_column(default="")
    #: What messages are signed with (Standard Webhooks), encrypted with the secret key.
    secret: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Events up to this number have their delivery, or are from before the webhook.
    last_event_id: Mapped[int] = mapped_column(default=0)
    #: Stopped by a person, or because the receiver said 410 Gone; None = at work.
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why it stopped by itself; empty = a person did it.
    stopped_why: Mapped[str] = mapped_column(default="")
    #: Removed: the row stays for the log.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Delivery(Base):
    """One event for one webhook."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        # The first that waits of each webhook: the others wait for it.
        Index(
            "ix_delivery_waiting",
            "webhook_id",
            "event_id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    #: When it was laid ready, or asked for once more: the term of trying begins then.
    waiting_since: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When it is tried (again).
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Somebody is at it until then; nobody else takes it up before.
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Status of the last answer; None = there was none yet.
    last_status: Mapped[int | None]
    #: Why the last try failed, in one sentence without content.
    last_problem: Mapped[str] = mapped_column(default="")
    last_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

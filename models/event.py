"""Events: what happened to shares and initiatives, in the order in which it became true."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import EventKind


class Event(Base):
    """One thing that happened. Rows are only ever added, and go after a year.

    Numbers rise in the order in which the changes became visible (``models.store.events.tell``), so that who
    has read up to a number misses nothing by going on from there. Events are thin: whoever wants more, asks.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_municipality_code_id", "municipality_code", "id"),
        # A number is never used twice, also when all before it are gone: readers go on from a number.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Known outside by this: the ``id`` of the CloudEvent and the ``webhook-id``.
    uid: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: The municipality that it concerns.
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    share_id: Mapped[int | None] = mapped_column(ForeignKey("share.id"), index=True)
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"), index=True)
    #: Names of fields that changed, statuses and numbers; never written text.
    data: Mapped[dict[str, Any]] = mapped_column(JSON)

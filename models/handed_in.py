"""What people hand in: addresses and summaries from places that the scout may not read itself."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import Channel, Outcome


class HandedIn(Base):
    """One thing handed in; ``scout gather`` makes an item of it. Its words go once that is done."""

    __tablename__ = "handed_in"
    __table_args__ = (
        Index(
            "ix_handed_in_waiting",
            "handed_in_at",
            sqlite_where=text("taken_at IS NULL"),
            postgresql_where=text("taken_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(Word(Channel))
    #: Empty for a flyer or a talk; after it was taken.
    url: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    #: In the words of whoever handed it in; empty after it was taken.
    summary: Mapped[str]
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    #: The day it was published, if known.
    published_on: Mapped[date | None]
    #: Whether its maker agrees that it is handed in; None = not asked.
    consent: Mapped[bool | None]
    #: A municipality's own initiative.
    own: Mapped[bool] = mapped_column(default=False)
    handed_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Keyed HMAC of what it came from (a message, a row of a file): the same never comes in twice.
    origin_key: Mapped[str | None] = mapped_column(unique=True)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(Word(Outcome))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)


class Upload(Base):
    """A file of things to hand in, shown to whoever sent it before it counts. Kept for a day."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Name of the file as sent, for the screen.
    name: Mapped[str]
    #: What is good in it: one mapping a row, ready to be handed in.
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    #: What is wrong in it: ``{"row": number in the file, "column": str, "why": str}``.
    mistakes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

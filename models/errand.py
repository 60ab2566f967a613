"""Errands: what people ask of the scout on a page. The two rooms meet only here, in the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import ErrandKind


class Errand(Base):
    """One thing asked, and what came of it. Kept for a week."""

    __tablename__ = "errand"
    __table_args__ = (
        Index(
            "ix_errand_waiting",
            "asked_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ErrandKind] = mapped_column(Word(ErrandKind))
    #: The address to look behind; empty for a visit.
    url: Mapped[str] = mapped_column(default="")
    #: The source to visit; None for a look behind an address.
    source_key: Mapped[str | None] = mapped_column(ForeignKey("source.key"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the scout took it up; it is taken up again when it was not done a quarter of an hour later.
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What came of it; for a look: what ``scout.discover`` found, as JSON.
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Why nothing came of it, in one sentence; None = something did.
    problem: Mapped[str | None]

"""Runs: one row for each visit to one source."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Run(Base):
    """One visit to one source: times, outcome counts, problems. The audit trail of gathering."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_source_key_started_at", "source_key", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The same for all visits of one ``scout run``.
    batch: Mapped[str] = mapped_column(index=True)
    source_key: Mapped[str] = mapped_column(ForeignKey("source.key"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: None = still going on, or broken off by a kill.
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Outcome -> how many drafts ended so.
    outcomes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    #: Requests sent for this visit, robots.txt and terms page not counted.
    requests: Mapped[int] = mapped_column(default=0)
    #: What made the visit fail, in one sentence; None = it did not fail.
    problem: Mapped[str | None]
    #: What was odd: ``{"sign": a models.words.Sign, "detail": str}``, in order of weight.
    signs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    #: What a person should know though the visit did not fail.
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)

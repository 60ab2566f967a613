"""Reports that were made, and profiles of residents' engagement to lay beside them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class ReportMade(Base):
    """One report that somebody closed: its figures as they were, to hold the next one against."""

    __tablename__ = "report_made"
    __table_args__ = (Index("ix_report_made_municipality_code_id", "municipality_code", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None = of the whole network.
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    #: First and last day of its period.
    first_day: Mapped[date]
    last_day: Mapped[date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Counts only, no written text; shape: ``models.store.reports``.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class EngagementProfile(Base):
    """How the residents of one neighbourhood are spread over groups of engagement, says its municipality."""

    __tablename__ = "engagement_profile"

    #: CBS code of the neighbourhood (``BU…``), which begins with that of its municipality.
    neighbourhood_code: Mapped[str] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    #: Name of a group -> its share of the residents, 0 to 1.
    shares: Mapped[dict[str, float]] = mapped_column(JSON)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

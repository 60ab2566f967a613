"""Leads: possible citizen initiatives, and the items each is made of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import LeadStatus


class Lead(Base):
    """One possible citizen initiative: one or more items about the same thing.

    ``version`` counts changes; two people who decide at once are told apart by it.
    """

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_status_score_id", "status", "score", "id"),
        Index("ix_lead_status_municipality_code_score_id", "status", "municipality_code", "score", "id"),
        Index("ix_lead_status_precedence_score_id", "status", "precedence", "score", "id"),
        Index(
            "ix_lead_status_municipality_code_precedence_score_id",
            "status",
            "municipality_code",
            "precedence",
            "score",
            "id",
        ),
        # Newest first, by number: what is searched for. Rare choices come from the search index (0004).
        Index("ix_lead_status_id", "status", "id"),
        Index(
            "ix_lead_assignee_id_status_precedence_score_id",
            "assignee_id",
            "status",
            "precedence",
            "score",
            "id",
        ),
        # All that the figures ask of a period stands in one of these four, so that no lead is read for it.
        Index(
            "ix_lead_status_opened_at_municipality_code", "status", "opened_at", "municipality_code", "drawn"
        ),
        Index(
            "ix_lead_municipality_code_opened_at",
            "municipality_code",
            "opened_at",
            "status",
            "theme",
            "place_key",
        ),
        Index(
            "ix_lead_decided_at",
            "decided_at",
            "status",
            "municipality_code",
            "score",
            "drawn",
            "precedence",
            sqlite_where=text("decided_at IS NOT NULL"),
            postgresql_where=text("decided_at IS NOT NULL"),
        ),
        Index(
            "ix_lead_drawn_opened_at",
            "opened_at",
            "status",
            "municipality_code",
            "drawn",
            sqlite_where=text("drawn IS NOT NULL"),
            postgresql_where=text("drawn IS NOT NULL"),
        ),
        Index("ix_lead_status_snoozed_until", "status", "snoozed_until"),
        # Few are merged, and most are purged in the end.
        Index(
            "ix_lead_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "ix_lead_municipality_code_id_living",
            "municipality_code",
            "id",
            sqlite_where=text("purged_at IS NULL"),
            postgresql_where=text("purged_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[LeadStatus] = mapped_column(Word(LeadStatus), default=LeadStatus.OPEN)
    #: Title of its best item, or that item's first words; empty after purging.
    title: Mapped[str]
    #: Of its best item; empty after purging.
    snippet: Mapped[str] = mapped_column(default="")
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    place_key: Mapped[str | None] = mapped_column(ForeignKey("place.key"))
    theme: Mapped[str | None]
    #: What its best item calls the initiative, and the organisation behind it; empty when it does not say,
    #: and after purging.
    initiative_name: Mapped[str] = mapped_column(default="", server_default="")
    organisation_name: Mapped[str] = mapped_column(default="", server_default="")
    #: Opened by an item drawn from those below the threshold: its chance of being drawn. None = flagged.
    drawn: Mapped[float | None]
    #: Highest score among its items, 0.0 to 1.0.
    score: Mapped[float]
    #: Place in the mixed order of the queue, the highest first: below 0 once the order was worked out
    #: (``models.store.attention``); 0 = it came (back) into the queue since then, and stands in front.
    precedence: Mapped[int] = mapped_column(default=0, server_default="0")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When an item joined last.
    extended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the status changed last; None = never decided on.
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Snoozed: back in the queue at this time, or as soon as an item joins, or whichever comes first.
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wake_on_news: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: When it came back by itself after it was snoozed last; None = it never did.
    woken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The account that has it in hand. No foreign key: SQLite would have to rebuild this table for one, and
    #: accounts are never deleted.
    assignee_id: Mapped[int | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When an item of it was deleted because its source had; shown with the lead.
    source_gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it stands

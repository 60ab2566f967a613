"""Counted leads: how many leads of each status each municipality has, without counting them."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Word
from models.words import LeadStatus


class LeadCount(Base):
    """One change of a number of leads; the sum of all rows of a status and municipality is the number.

    Triggers on ``lead`` add the rows (migration 0004), so that no way of writing can forget them. Adding
    never waits for another transaction, as changing one shared number would; ``models.store.lead_counts``
    puts rows together now and then.
    """

    __tablename__ = "lead_count"
    __table_args__ = (  # With the change, so that sums are taken from the index alone.
        Index("ix_lead_count_status_municipality_code_change", "status", "municipality_code", "change"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[LeadStatus] = mapped_column(Word(LeadStatus))
    #: None = leads without municipality.
    municipality_code: Mapped[str | None]
    change: Mapped[int]

"""Which items make up which lead."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class LeadItem(Base):
    """One item in one lead. A round-up article may stand in several leads."""

    __tablename__ = "lead_item"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Why it was put here, in the words of the grouping rules: ``first``, ``copy``, ``names`` …
    why: Mapped[str] = mapped_column(default="")

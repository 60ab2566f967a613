"""Claims: who is looking at a lead right now."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class LeadClaim(Base):
    """One person has one lead in front of them; a claim lapses by itself (``models.store.claims``)."""

    __tablename__ = "lead_claim"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)

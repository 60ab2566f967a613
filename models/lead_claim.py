"""Claims: who is looking at a lead right now."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime

#: How long a claim counts: longer than reading and deciding takes, short enough that nobody waits for a
#: colleague who went home.
CLAIM_TERM = timedelta(minutes=10)


class LeadClaim(Base):
    """One person has one lead in front of them; a claim lapses by itself after :data:`CLAIM_TERM`."""

    __tablename__ = "lead_claim"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)

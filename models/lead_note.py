"""Notes: what staff write to each other about a lead."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class LeadNote(Base):
    """One note on one lead. Rows are only ever added; the text goes when the lead's content goes."""

    __tablename__ = "lead_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Empty after purging.
    text: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

"""Second looks: decisions drawn to be judged once more, blind, by somebody else."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import Verdict


class SecondLook(Base):
    """One drawn decision and what the second person made of the lead, not knowing the first.

    It changes nothing about the lead: it measures how far reviewers agree.
    """

    __tablename__ = "second_look"
    # What waits, and what was answered in a period.
    __table_args__ = (Index("ix_second_look_answered_at_drawn_at", "answered_at", "drawn_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Who looked the second time, what was found and why; None/empty = still waits.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    verdict: Mapped[Verdict | None] = mapped_column(Word(Verdict))
    #: Slug of a rejection reason, with :attr:`Verdict.NO_INITIATIVE` only.
    reason: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

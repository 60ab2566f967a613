"""Shares: leads and initiatives given to the municipality that they concern, and what it answered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import Answer, Ending, ShareStatus


class Share(Base):
    """One lead or initiative given to one municipality.

    A lead that was shared and then promoted stays one share: it gets the number of the initiative.
    """

    __tablename__ = "share"
    __table_args__ = (
        CheckConstraint("lead_id IS NOT NULL OR initiative_id IS NOT NULL", name="of_something"),
        UniqueConstraint("lead_id", "municipality_code"),
        UniqueConstraint("initiative_id", "municipality_code"),
        Index("ix_share_municipality_code_status_id", "municipality_code", "status", "id"),
        Index("ix_share_status_due_on", "status", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    status: Mapped[ShareStatus] = mapped_column(Word(ShareStatus), default=ShareStatus.OFFERED)
    #: Counts the changes: whoever answers says which version they saw.
    version: Mapped[int] = mapped_column(default=1)
    #: Who gave it, by sharing or by promoting, and on what ground ("6(1)(e) AVG" and a task).
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ground: Mapped[str] = mapped_column(default="")
    #: Words of who gave it, for the municipality; may be empty.
    message: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[Answer | None] = mapped_column(Word(Answer))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    #: In the municipality's own words; may be empty.
    answer_note: Mapped[str] = mapped_column(default="")
    #: Of the answer "later": the day on which it is asked again.
    later_on: Mapped[date | None]
    #: The next day on which something happens by itself (reminder, lapsing, asking again); None = nothing.
    due_on: Mapped[date | None]
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    in_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = mapped_column(Word(Ending))
    ending_note: Mapped[str] = mapped_column(default="")

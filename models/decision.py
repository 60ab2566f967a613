"""Decisions: the append-only log of what reviewers did."""

from datetime import datetime

from sqlalchemy import ForeignKey, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import DecisionKind, LeadStatus


class Decision(Base):
    """One reviewer action on one lead. Rows are only ever added."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    kind: Mapped[DecisionKind] = mapped_column(Word(DecisionKind))
    old_status: Mapped[LeadStatus] = mapped_column(Word(LeadStatus))
    new_status: Mapped[LeadStatus] = mapped_column(Word(LeadStatus))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Slug of ``config/labels.toml`` for reject; own words for undoing another's decision; else empty.
    reason: Mapped[str] = mapped_column(default="")
    #: Free text for the next reviewer; may be empty.
    note: Mapped[str] = mapped_column(default="")
    #: The decision that this one undoes.
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    #: The register entry that this one made (promote) or withdrew (undo of that), or that the initiative
    #: was known by already (known).
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    #: Number of the lead that this one went into (merge), or that was split off from it (split); the same
    #: for undoing these. No foreign key: SQLite would have to rebuild this table for one, and leads are
    #: never deleted.
    other_lead_id: Mapped[int | None] = mapped_column(index=True)
    #: Of a snooze: when the lead comes back, and whether it does so as soon as an item joins; else None.
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wake_on_news: Mapped[bool | None]
    #: Shared by decisions that were taken in one go; None = taken alone.
    batch: Mapped[str | None] = mapped_column(index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AppendOnlyError(Exception):
    """Somebody tried to change or delete a row of an append-only table."""


@event.listens_for(Decision, "before_update")
@event.listens_for(Decision, "before_delete")
def _refuse(mapper: Mapper[Decision], connection: Connection, target: Decision) -> None:
    raise AppendOnlyError(f"decision {target.id} is part of the log: add a new decision instead")

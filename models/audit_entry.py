"""The audit log: every change a person made, chained so that tampering shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.base import Base, UtcDateTime
from models.decision import AppendOnlyError


class AuditEntry(Base):
    """One change: who, when, what, and the values before and after. Rows are only ever added.

    Holds names of fields, statuses, numbers and codes; never text of a source, a note or a summary.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object_kind_object_id", "object_kind", "object_id"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index("ix_audit_entry_object_kind_id", "object_kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: None = a command on the machine itself, or the product (a lead that woke up).
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: What was done, a word of ``models.store.audit.ACTIONS``.
    action: Mapped[str]
    #: What it was done to: ``lead``, ``initiative``, ``account`` and so on, and its number or key.
    object_kind: Mapped[str]
    object_id: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: SHA-256 (hex) of the entry before this one, and of this one with that; see ``models.store.audit``.
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse(mapper: Mapper[AuditEntry], connection: Connection, target: AuditEntry) -> None:
    raise AppendOnlyError(f"entry {target.id} is part of the audit log")

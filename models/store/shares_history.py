"""What happened to one share, from the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.audit_entry import AuditEntry
from models.store.shares_list import ShareRow
from models.store.viewer import Viewer


@dataclass(frozen=True)
class ShareEvent:
    """One line of what happened to a share."""

    at: datetime
    #: A value of :class:`models.store.share_rules.Move`; empty = it was offered, carried over or put back.
    done: str
    before: dict[str, Any]
    after: dict[str, Any]
    #: Who did it; empty = nobody, or somebody whose name is not for this viewer.
    by: str
    #: It was one of the municipality's own people.
    own: bool


def share_history(session: Session, viewer: Viewer, row: ShareRow) -> list[ShareEvent]:
    """What happened to a share, newest first, as far as the log goes back.

    Names of staff are for staff only; a municipality sees those of its own people.

    Args:
        row: as :func:`get_share` gave it to this viewer.
    """
    found = session.execute(
        select(
            AuditEntry.at,
            AuditEntry.before,
            AuditEntry.after,
            func.coalesce(func.nullif(Account.name, ""), Account.email, ""),
            Account.municipality_code,
        )
        .join_from(AuditEntry, Account, Account.id == AuditEntry.account_id, isouter=True)
        .where(
            AuditEntry.object_kind == "share",
            AuditEntry.object_id == str(row.id),
            AuditEntry.action == "share",
        )
        .order_by(AuditEntry.id.desc())
    )
    events = []
    for at, before, after, by, code in found:
        own = code == row.municipality_code
        shown = by if own or viewer.decides else ""
        events.append(ShareEvent(at, str(after.get("done", "")), before, after, shown, own))
    return events

"""The audit log: adding to it, reading it, and checking that nobody changed it.

Each entry holds the hash of the one before it, so an entry that is changed, taken out or put in
between makes every later hash wrong. Whoever writes the newest hash down elsewhere can also see that
entries were cut off at the end.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.account import Account
from models.audit_entry import AuditEntry
from models.base import utc_now

#: What was done, for whoever reads the code or the export. The pages say it in Dutch.
ACTIONS = {
    "decide": "a decision on a lead: promote, reject, known, snooze, merge, split",
    "undo": "a decision taken back",
    "wake": "a snoozed lead that came back into the queue",
    "assign": "a lead given to somebody, or to nobody",
    "note": "a note added to a lead",
    "second_look": "a lead judged a second time, blind",
    "account_add": "an account made",
    "account_change": "roles, municipality, name or state of an account changed",
    "account_secure": "password, second factor or passkeys of an account changed",
    "invite": "an invitation made or withdrawn",
    "sign_in": "somebody signed in",
    "sign_in_refused": "an account was locked after too many failures, or refused by the identity provider",
    "view": "a saved view made, changed or removed",
    "export": "leads or initiatives taken out as a file",
}
#: Hash before the first entry.
START = "0" * 64
#: Number of the lock that writers of the log wait for on PostgreSQL; any number nobody else uses.
LOCK = 7_310_001
#: Entries on one page of the log.
PAGE_SIZE = 50
#: Entries read at a time when all are checked.
CHUNK = 1000


@dataclass(frozen=True)
class AuditRow:
    """One entry as shown."""

    id: int
    at: datetime
    #: Name of who did it, else the e-mail address; empty = a command or the product itself.
    by: str
    account_id: int | None
    action: str
    object_kind: str
    object_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    hash: str


def record(
    session: Session,
    account_id: int | None,
    action: str,
    object_kind: str,
    object_id: int | str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Add one entry in the transaction of the change that it tells of; the caller commits.

    Args:
        account_id: who did it; None or 0 = a command, or the product itself.
        action: a key of :data:`ACTIONS`.
        before, after: names of fields with words, numbers, codes or None; never written text.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action of the audit log")
    if session.get_bind().dialect.name == "postgresql":
        # Until the transaction ends: two entries with one predecessor would break the chain.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    session.flush()
    previous = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or START
    entry = AuditEntry(
        at=at or utc_now(),
        account_id=account_id or None,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        before=dict(before or {}),
        after=dict(after or {}),
        previous_hash=previous,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()
    return entry


def _hash(entry: AuditEntry) -> str:
    told = [
        entry.previous_hash,
        # Microseconds, as both databases keep them.
        entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        entry.account_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def first_broken(session: Session) -> int | None:
    """Number of the first entry that does not follow from the one before it; None = the log is whole."""
    previous = START
    for entry in _all(session):
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return entry.id
        previous = entry.hash
    return None


def _all(session: Session) -> Iterator[AuditEntry]:
    last = 0
    while True:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(CHUNK)
        ).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].id
        session.expunge_all()


def newest_hash(session: Session) -> str:
    """Hash of the newest entry: to be written down elsewhere."""
    return session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or START


def audit_page(
    session: Session,
    *,
    account_id: int | None = None,
    action: str | None = None,
    object_kind: str | None = None,
    object_id: str | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> tuple[list[AuditRow], int | None]:
    """Entries, newest first, and where the next page begins (None = there is none).

    Whoever calls this checks that the viewer may read the log (``Viewer.audits``).

    Args:
        before: only entries with a lower number.
    """
    query = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            func.coalesce(func.nullif(Account.name, ""), Account.email, ""),
            AuditEntry.account_id,
            AuditEntry.action,
            AuditEntry.object_kind,
            AuditEntry.object_id,
            AuditEntry.before,
            AuditEntry.after,
            AuditEntry.hash,
        )
        .join_from(AuditEntry, Account, Account.id == AuditEntry.account_id, isouter=True)
        .order_by(AuditEntry.id.desc())
        .limit(limit + 1)
    )
    for column, wanted in (
        (AuditEntry.account_id, account_id),
        (AuditEntry.action, action),
        (AuditEntry.object_kind, object_kind),
        (AuditEntry.object_id, object_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = [AuditRow(*row) for row in session.execute(query)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

"""The audit log: adding to it, reading it, and checking that nobody changed it.

Each entry holds the hash of the one before it, so an entry that is changed, taken out or put in
between makes every later hash wrong. Whoever writes the newest hash down elsewhere can also see that
entries were cut off at the end. Entries that are past their term go from the beginning, and an entry
tells up to where (:func:`expire`), so that nobody else can take the beginning off unseen.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, text
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
    "participation": "first or last day of a municipality in the network changed",
    "invite": "an invitation made or withdrawn",
    "sign_in": "somebody signed in",
    "sign_in_refused": "an account was locked after too many failures, or refused by the identity provider",
    "view": "a saved view made, changed or removed",
    "source": "a source added, changed, paused, resumed, removed, or visited at once",
    "withdraw": "items taken out because their source deleted them, or somebody objects to them",
    "initiative": "an entry of the register made, changed, approved for others, or taken out",
    "share": "a lead or initiative given to a municipality, seen, answered, closed or taken back",
    "channel": "a feed address, webhook, digest or client of the API made, changed, stopped or removed",
    "consultant": "a consultant entered, changed, said to be available or not, or taken out",
    "round": "a matching round made, changed or moved on, who is in it, or the joint choice",
    "pairing": "a pair made, taken away, demanded or forbidden in a round",
    "match": "a match proposed, answered, begun, finished, stopped, or evaluated; a lesson of one",
    "report": "a report closed, or profiles of residents' engagement laid beside it",
    "export": "leads, initiatives or the log taken out as a file",
    "expire": "entries of this log removed that were past their term",
}
#: Hash before the first entry.
START = "0" * 64
#: Number of the lock that writers of the log wait for on PostgreSQL; any number nobody else uses.
LOCK = 7_310_001
#: Entries on one page of the log.
PAGE_SIZE = 50
#: Entries read at a time when all are checked.
CHUNK = 1000
#: Days that an entry is kept: 12 months.
KEEP_DAYS = 365


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
    previous_hash: str


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
    entry.hash = hash_of(entry)
    session.add(entry)
    session.flush()
    return entry


def hash_of(entry: AuditEntry | Row[Any]) -> str:
    """Hash of an entry and of all before it: SHA-256, 64 hexadecimal digits."""
    told = [
        entry.previous_hash,
        # Microseconds, as both databases keep them.
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        entry.account_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True)
class Checked:
    """What checking the log found."""

    #: How many entries were read.
    entries: int
    #: Number of the first entry that does not follow from the one before it; None = they all do.
    broken: int | None
    #: Hash of the newest entry that was read; of nothing: :data:`START`.
    newest: str


def check(session: Session, *, on_progress: Callable[[int], None] | None = None) -> Checked:
    """Work out every hash again, from the oldest entry on; stops at the first that is wrong.

    Takes some 20 seconds for a million entries (2026-11-22, one core).

    Args:
        on_progress: called with the number of entries read so far, once in a while.
    """
    return _check(session, _all(session), on_progress)


def check_newest(session: Session, entries: int = CHUNK) -> Checked:
    """The same for the newest ``entries`` only, so that it takes no longer when the log grows."""
    newest = session.execute(_columns().order_by(AuditEntry.id.desc()).limit(entries)).all()
    return _check(session, iter(newest[::-1]), None, from_the_start=len(newest) < entries)


def first_broken(session: Session) -> int | None:
    """Number of the first entry that does not follow from the one before it; None = the log is whole."""
    return check(session).broken


def _check(
    session: Session,
    entries: Iterator[Row[Any]],
    on_progress: Callable[[int], None] | None,
    *,
    from_the_start: bool = True,
) -> Checked:
    previous: str | None = None
    count = 0
    for entry in entries:
        if previous is None:
            # Of the first one that is looked at, what came before can only be known at a beginning.
            follows = not from_the_start or entry.previous_hash in _beginnings(session)
        else:
            follows = entry.previous_hash == previous
        if not follows or entry.hash != hash_of(entry):
            return Checked(count, entry.id, previous or START)
        previous = entry.hash
        count += 1
        if on_progress and count % CHUNK == 0:
            on_progress(count)
    return Checked(count, None, previous or START)


def _beginnings(session: Session) -> set[str]:
    """Hashes that the oldest entry may follow from: none, or one up to which entries expired."""
    told = session.scalars(select(AuditEntry.after).where(AuditEntry.action == "expire"))
    return {START} | {str(after.get("hash")) for after in told}


def _columns() -> Any:
    return select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.account_id,
        AuditEntry.action,
        AuditEntry.object_kind,
        AuditEntry.object_id,
        AuditEntry.before,
        AuditEntry.after,
        AuditEntry.previous_hash,
        AuditEntry.hash,
    )


def _all(session: Session) -> Iterator[Row[Any]]:
    last = 0
    while True:
        rows = session.execute(
            _columns().where(AuditEntry.id > last).order_by(AuditEntry.id).limit(CHUNK)
        ).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].id


def expire(session: Session, *, now: datetime) -> int:
    """Remove entries older than :data:`KEEP_DAYS` and tell so in a new one; the caller commits.

    Returns:
        How many went.
    """
    # All up to the first that is to stay, so that one with a wrong time takes no others along.
    stays = session.scalar(
        select(AuditEntry.id)
        .where(AuditEntry.at > now - timedelta(days=KEEP_DAYS))
        .order_by(AuditEntry.id)
        .limit(1)
    )
    going = select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    last = session.execute(going if stays is None else going.where(AuditEntry.id < stays)).first()
    if last is None:
        return 0
    count = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.id <= last.id)) or 0
    record(session, None, "expire", "log", last.id, after={"entries": count, "hash": last.hash}, at=now)
    session.execute(
        delete(AuditEntry).where(AuditEntry.id <= last.id).execution_options(synchronize_session=False)
    )
    return count


def has_hash(session: Session, wanted: str) -> bool:
    """Whether an entry with this hash, written down earlier, is still in the log."""
    return session.scalar(select(AuditEntry.id).where(AuditEntry.hash == wanted)) is not None


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
        account_id: who did it; 0 = a command, or the product itself.
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
            AuditEntry.previous_hash,
        )
        .join_from(AuditEntry, Account, Account.id == AuditEntry.account_id, isouter=True)
        .order_by(AuditEntry.id.desc())
        .limit(limit + 1)
    )
    if account_id is not None:
        query = query.where(
            AuditEntry.account_id == account_id if account_id else AuditEntry.account_id.is_(None)
        )
    for column, wanted in (
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

"""Sources and visits: keeping the rows in line with the source files, and noting what visits leave behind."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.health import Noted
from models.run import Run
from models.source import Source
from models.store.rhythm import note_visit

#: When one of these changes, what the last answers said is no longer about the same thing.
DEFINES_ANSWERS = ("url", "kind", "options", "full_text")


def sync_sources(
    session: Session,
    definitions: Iterable[Mapping[str, Any]],
    *,
    broken_keys: Collection[str] = (),
    broken_files: Collection[str] = (),
    now: datetime,
) -> dict[str, Source]:
    """Bring the ``source`` table in line with the source files. The caller commits.

    Args:
        definitions: definition columns of :class:`Source`, ``key`` among them, one mapping a source.
        broken_keys: sources with a mistake in their definition: left as they are.
        broken_files: files with a mistake: a source that is missing from them is not taken as removed.

    Returns:
        Key -> row, of the sources in ``definitions`` only.
    """
    rows = {row.key: row for row in session.scalars(select(Source))}
    present: dict[str, Source] = {}
    for columns in definitions:
        row = rows.get(columns["key"])
        if row is None:
            row = Source(**columns, validators={}, refused={}, cursor={}, signs=[], consecutive_failures=0)
            session.add(row)
        else:
            follow(row, columns)
        row.removed_at = None
        present[row.key] = row
    for key, row in rows.items():
        from_files = row.defined_in and row.defined_in not in broken_files
        if key not in present and key not in broken_keys and from_files and row.removed_at is None:
            row.removed_at = now
    return present


def follow(row: Source, columns: Mapping[str, Any]) -> None:
    """Take over a definition, and forget what no longer holds with it."""
    if any(getattr(row, name) != columns[name] for name in DEFINES_ANSWERS):
        row.validators = {}
        row.refused = {}
        row.unread_pages = False
        row.cursor = {}
        row.signs = []
        row.next_visit_at = None
        row.consecutive_failures = 0
        if urlsplit(row.url).hostname != urlsplit(columns["url"]).hostname:
            row.retry_after_until = None
    if row.terms_url != columns["terms_url"]:
        row.terms_hash = row.terms_read_at = row.terms_tried_at = None
    by_person = row.paused_by_id is not None
    if row.paused_at is not None and not by_person and _reviewed_since(row, columns["terms_checked"]):
        row.paused = row.paused_at = None
        row.terms_hash = row.terms_tried_at = None
    for name, value in columns.items():
        # Writing an equal value would still mark JSON columns as changed.
        if getattr(row, name) != value:
            setattr(row, name, value)


def _reviewed_since(row: Source, checked: Any) -> bool:
    # A review on the day of the pause itself counts when the file says so anew.
    return (
        checked is not None
        and row.paused_at is not None
        and checked >= row.paused_at.date()
        and (row.terms_checked is None or checked > row.terms_checked)
    )


def begin_run(session: Session, source_key: str, batch: str, now: datetime) -> int:
    """Note that a visit begins; returns the id of its run. The caller commits."""
    run = Run(batch=batch, source_key=source_key, started_at=now, outcomes={}, requests=0, warnings=[])
    session.add(run)
    session.flush()
    return run.id


@dataclass(frozen=True, kw_only=True)
class VisitEnd:
    """What one visit leaves behind."""

    run_id: int
    source_key: str
    finished_at: datetime
    #: Earliest moment of the next visit.
    next_visit_at: datetime
    #: Why the visit failed, in one sentence; None = it did not.
    problem: str | None = None
    warnings: tuple[str, ...] = ()
    #: What the visit noted as odd, in order of weight.
    signs: tuple[Noted, ...] = ()
    outcomes: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    #: The server asked to be left alone until then.
    retry_after_until: datetime | None = None
    #: For ``Source.validators``; None = the old ones stay, because something is still to be fetched.
    validators: dict[str, Any] | None = None
    #: Its list was read, and was not the same as last time.
    looked: bool = True
    #: Every page of its lists was read that had to be.
    read_to_end: bool = False
    #: For ``Source.refused``; None = it stays.
    refused: dict[str, Any] | None = None


def finish_visit(session: Session, end: VisitEnd) -> None:
    """Write the end of a visit to its run and its source. The caller commits."""
    run = session.get_one(Run, end.run_id)
    run.finished_at = end.finished_at
    run.problem = end.problem
    run.warnings = list(end.warnings)
    run.signs = [sign.as_dict() for sign in end.signs]
    run.outcomes = end.outcomes
    run.requests = end.requests
    row = session.get_one(Source, end.source_key)
    row.last_visit_at = end.finished_at
    row.next_visit_at = end.next_visit_at
    row.retry_after_until = end.retry_after_until
    if end.problem is None:
        row.last_success_at = end.finished_at
        row.consecutive_failures = 0
    else:
        row.consecutive_failures += 1
    note_visit(
        session,
        row,
        signs=end.signs,
        outcomes=end.outcomes,
        fine=end.problem is None,
        looked=end.looked,
        at=end.finished_at,
    )
    if end.read_to_end:
        row.unread_pages = False
    if end.validators is not None and end.validators != row.validators:
        row.validators = end.validators
    if end.refused is not None and end.refused != row.refused:
        row.refused = end.refused


def note_unread_pages(session: Session, source_key: str) -> None:
    """Note that a visit goes on to further pages of its list. The caller commits."""
    session.get_one(Source, source_key).unread_pages = True


def note_cursor(session: Session, source_key: str, cursor: Mapping[str, Any]) -> None:
    """Note where reading goes on. The caller commits."""
    session.get_one(Source, source_key).cursor = dict(cursor)


def note_wait(session: Session, source_key: str, until: datetime) -> None:
    """Note that its server asks to be left alone until then. The caller commits."""
    row = session.get_one(Source, source_key)
    row.retry_after_until = max(until, row.retry_after_until or until)


def note_terms(session: Session, source_key: str, text_hash: str | None, now: datetime) -> bool:
    """Note a look at a terms page; a changed text pauses the source. The caller commits.

    Args:
        text_hash: ``version:sha256`` of its text; None = it could not be read. Hashes of different
            versions of the way of reading can't be compared: then the new one is simply kept.

    Returns:
        Whether the text changed, so that the source is paused now.
    """
    row = session.get_one(Source, source_key)
    row.terms_tried_at = now
    if text_hash is None:
        return False
    old, row.terms_hash, row.terms_read_at = row.terms_hash, text_hash, now
    comparable = old is not None and old.partition(":")[0] == text_hash.partition(":")[0]
    if not comparable or old == text_hash:
        return False
    row.paused_at = now
    row.paused = (
        f"its terms page changed ({row.terms_url}, seen on {now.date()}): "
        "read the new terms and set terms.checked to the day of that review"
    )
    return True

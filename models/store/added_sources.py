"""Sources added on a page: adding, changing, pausing and removing them. Source files stay the other way in.

A source of a source file is paused and visited here as well, but changed and removed only in its file.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errand import Errand
from models.source import Source
from models.source_definition import SourceDefinition, columns, definition_of_row
from models.store.audit import record
from models.store.errands import ask
from models.store.sources import follow
from models.words import ErrandKind, SourceKind


class KeyTakenError(Exception):
    """Another source has this key; the message says which."""


class SourceNotFoundError(Exception):
    """There is no such source; the message names it."""


class DefinedInFileError(Exception):
    """The source stands in a source file, so it is changed or removed there; the message names the file."""


def added_sources(session: Session) -> list[SourceDefinition]:
    """The definitions of all sources added on a page and not removed, by key; what is handed in is none."""
    rows = session.scalars(
        select(Source)
        .where(Source.defined_in == "", Source.removed_at.is_(None), Source.kind != SourceKind.HANDIN)
        .order_by(Source.key)
    )
    return [definition_of_row(row) for row in rows]


def add_source(
    session: Session, definition: SourceDefinition, *, account_id: int | None, now: datetime
) -> Source:
    """Add a source; one that was removed before comes back under its key. The caller commits.

    Args:
        account_id: who adds it; None = a command.

    Raises:
        KeyTakenError: a source that is not removed has this key.
    """
    given = columns(replace(definition, defined_in=""))
    row = session.get(Source, definition.key, populate_existing=True)
    if row is not None and row.removed_at is None:
        where = f"in {row.defined_in}" if row.defined_in else "by a source that was added"
        raise KeyTakenError(f"the key {definition.key!r} is used {where}: choose another one")
    if row is None:
        row = Source(**given, validators={}, refused={}, cursor={}, consecutive_failures=0)
        session.add(row)
    else:
        follow(row, given)
        row.removed_at = row.paused = row.paused_at = row.paused_by_id = None
    row.added_by_id, row.added_at = account_id, now
    session.flush()
    _note(session, row, "added", account_id, now, after=_told(definition))
    return row


def change_source(
    session: Session, key: str, definition: SourceDefinition, *, account_id: int | None, now: datetime
) -> Source:
    """Give a source that was added a new definition, under the same key. The caller commits.

    Raises:
        SourceNotFoundError: there is none with this key.
        DefinedInFileError: it stands in a source file.
    """
    row = _added(session, key)
    before = _told(definition_of_row(row))
    follow(row, columns(replace(definition, key=key, defined_in="")))
    after = _told(definition_of_row(row))
    _note(session, row, "changed", account_id, now, before=before, after=after)
    return row


def remove_source(session: Session, key: str, *, account_id: int | None, now: datetime) -> Source:
    """Remove a source that was added; its items stay. The caller commits.

    Raises:
        SourceNotFoundError: there is none with this key.
        DefinedInFileError: it stands in a source file.
    """
    row = _added(session, key)
    row.removed_at = now
    _note(session, row, "removed", account_id, now)
    return row


def pause(session: Session, key: str, why: str, *, account_id: int | None, now: datetime) -> Source:
    """Visit a source no more until somebody resumes it, from a file or not. The caller commits.

    Args:
        why: in words, for whoever reads the list; may be empty.
        account_id: who pauses it; None = a command, which ends the same way.

    Raises:
        SourceNotFoundError: there is none with this key.
    """
    row = _row(session, key)
    row.paused, row.paused_at = why.strip() or "by hand", now
    # Not None, even from a command: a review of the terms must not end what a person began.
    row.paused_by_id = account_id or 0
    _note(session, row, "paused", account_id, now)
    return row


def resume(session: Session, key: str, *, account_id: int | None, now: datetime) -> Source:
    """Visit a paused source again; one that is not paused stays as it is. The caller commits.

    Raises:
        SourceNotFoundError: there is none with this key.
    """
    row = _row(session, key)
    if row.paused_at is None:
        return row
    if row.paused_by_id is None:
        # Its terms had changed: they are read anew, and that is what later ones are held against.
        row.terms_hash = row.terms_tried_at = None
    row.paused = row.paused_at = row.paused_by_id = None
    row.next_visit_at = None
    _note(session, row, "resumed", account_id, now)
    return row


def visit_soon(session: Session, key: str, *, account_id: int | None, now: datetime) -> Errand:
    """Ask for a visit at the next opportunity, due or not. The caller commits.

    Raises:
        SourceNotFoundError: there is none with this key.
    """
    row = _row(session, key)
    errand = ask(session, ErrandKind.VISIT, source_key=key, account_id=account_id, now=now)
    _note(session, row, "visit", account_id, now)
    return errand


def _row(session: Session, key: str) -> Source:
    row = session.get(Source, key, populate_existing=True, with_for_update=True)
    if row is None or row.removed_at is not None:
        raise SourceNotFoundError(f"there is no source {key!r}: `scout sources list` shows all sources")
    return row


def _added(session: Session, key: str) -> Source:
    row = _row(session, key)
    if row.defined_in:
        raise DefinedInFileError(f"{key!r} stands in {row.defined_in}: change or remove it there")
    return row


def _told(definition: SourceDefinition) -> dict[str, Any]:
    """What the log holds of a definition: words, codes, numbers and days; titles and purposes are text."""
    terms = definition.terms
    return {
        "kind": definition.kind.value,
        "every": definition.every_seconds,
        "municipality": definition.municipality_code,
        "enabled": definition.enabled,
        "terms_checked": terms.checked.isoformat() if terms else None,
    }


def _note(
    session: Session,
    row: Source,
    done: str,
    account_id: int | None,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    kept = {"done": done, **(after or {})}
    record(session, account_id, "source", "source", row.key, before=before, after=kept, at=now)

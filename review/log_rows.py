"""The audit log as rows of a file."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from models.store.audit import CHUNK, audit_page
from review.export_formats import csv_parts

#: Header of the file. Times are in UTC.
COLUMNS = (
    "id",
    "at",
    "by",
    "account",
    "action",
    "object_kind",
    "object_id",
    "before",
    "after",
    "previous_hash",
    "hash",
)


def rows(
    session: Session, conditions: dict[str, Any] | None = None, *, nested: bool = False
) -> Iterator[dict[str, Any]]:
    """Entries as :data:`COLUMNS` name them, newest first, read a part at a time.

    Args:
        conditions: as :func:`models.store.audit.audit_page` takes them.
        nested: before and after as they are, instead of as JSON in a text.
    """
    following: int | None = None
    while True:
        entries, following = audit_page(session, **(conditions or {}), before=following, limit=CHUNK)
        for entry in entries:
            yield {
                "id": entry.id,
                "at": entry.at.isoformat(),
                "by": entry.by,
                "account": entry.account_id,
                "action": entry.action,
                "object_kind": entry.object_kind,
                "object_id": entry.object_id,
                "before": entry.before if nested else _text(entry.before),
                "after": entry.after if nested else _text(entry.after),
                "previous_hash": entry.previous_hash,
                "hash": entry.hash,
            }
        if following is None:
            return


def as_csv(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Comma-separated values with a header, in parts; no cell is one that a spreadsheet calculates."""
    return csv_parts(COLUMNS, entries)


def _text(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)

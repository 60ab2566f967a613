"""``review export``: which rows, in which form, to where."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from models.store.exports import count_initiatives, count_leads, export_initiatives, export_leads
from models.store.exports_chosen import count_shares, export_shares
from models.store.viewer import OPERATOR
from models.words import LeadStatus, Phase, ShareStatus
from review.export_formats import XLSX_ROWS, peeked, write_csv, write_json, write_xlsx

Rows = Iterator[dict[str, Any]]

#: Header of the tables, in the order of the rows.
LEAD_COLUMNS = (
    "id",
    "title",
    "municipality",
    "place",
    "theme",
    "score",
    "status",
    "items",
    "item_url",
    "item_source",
    "item_title",
    "item_published",
)
INITIATIVE_COLUMNS = (
    "id",
    "name",
    "summary",
    "municipality",
    "place",
    "theme",
    "question",
    "link",
    "contact",
    "expertise",
    "hours",
    "phase",
    "lead",
    "created",
    "updated",
)
CONSULTANT_COLUMNS = (
    "id",
    "municipality",
    "name",
    "email",
    "function",
    "hours",
    "from",
    "until",
    "expertise",
    "themes",
    "languages",
    "experience",
    "radius_km",
    "most",
    "place",
    "employer_name",
    "employer_email",
    "available",
    "added",
    "updated",
)
NETWORK_COLUMNS = (
    "municipality",
    "name",
    "first_day",
    "last_day",
    "takes_part",
    "inhabitants",
    "inhabitants_year",
    "contribution",
)
SHARE_COLUMNS = (
    "id",
    "municipality",
    "title",
    "place",
    "theme",
    "link",
    "lead",
    "initiative",
    "status",
    "offered",
    "message",
    "seen",
    "answer",
    "answered",
    "answer_note",
    "later_on",
    "reminded",
    "in_contact",
    "ended",
    "ending",
    "ending_note",
)


def export_rows(session: Session, what: str, status: str | None) -> tuple[tuple[str, ...], int, Rows]:
    """Columns, number and rows of an export.

    Args:
        what: ``leads``, ``initiatives`` or ``shares``.
        status: keep to this status (of leads, of shares) or phase (of initiatives); None = all.

    Raises:
        click.ClickException: there is no such status.
    """
    if what == "leads":
        wanted = _word(LeadStatus, status)
        return (
            LEAD_COLUMNS,
            count_leads(session, OPERATOR, status=wanted),
            export_leads(session, OPERATOR, status=wanted),
        )
    if what == "shares":
        stands = _word(ShareStatus, status)
        return (
            SHARE_COLUMNS,
            count_shares(session, OPERATOR, status=stands),
            export_shares(session, OPERATOR, status=stands),
        )
    phase = _word(Phase, status)
    return (
        INITIATIVE_COLUMNS,
        count_initiatives(session, OPERATOR, phase=phase),
        export_initiatives(session, OPERATOR, phase=phase),
    )


def _word(words: Any, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return words(text)
    except ValueError:
        raise click.ClickException(f"there is no status {text!r}; choose from {', '.join(words)}") from None


def write_export(form: str, output: Path | None, columns: tuple[str, ...], count: int, rows: Rows) -> None:
    """Write an export; a file appears whole or not at all.

    Raises:
        click.ClickException: a workbook can't hold that many rows, or would go to a terminal.
    """
    if form == "xlsx" and count >= XLSX_ROWS:
        raise click.ClickException(
            f"a workbook holds at most {XLSX_ROWS - 1} rows, this would be {count}: use csv"
        )
    if form == "xlsx" and output is None and sys.stdout.isatty():
        raise click.ClickException("a workbook is not for a terminal: say where with --output")
    rows = peeked(rows)
    if output is None and form != "xlsx":
        _write_text(form, columns, rows, _stdout())
        return
    folder = output.parent if output else None
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as temporary:
        path = Path(temporary) / f"export.{form}"
        if form == "xlsx":
            write_xlsx(columns, rows, path)
        else:
            with open(path, "w", encoding="utf-8", newline="") as file:
                _write_text(form, columns, rows, file)
        if output is not None:
            path.replace(output)
        else:
            sys.stdout.buffer.write(path.read_bytes())


def _write_text(form: str, columns: tuple[str, ...], rows: Rows, file: Any) -> None:
    if form == "csv":
        write_csv(columns, rows, file)
    else:
        write_json(rows, file)
    file.flush()


def _stdout() -> Any:
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    return sys.stdout

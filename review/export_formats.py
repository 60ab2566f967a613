"""Writing exports: JSON, CSV and XLSX, row by row, with cells that no spreadsheet calculates."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

#: What a spreadsheet takes for the start of a formula, in ordinary and full-width form; tab and
#: line ends are skipped by some programs, so that what follows them would start one.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

#: Characters of a file that are written or sent at a time.
PART = 64 * 1024
#: Limits of the XLSX format: rows with the header, characters in a cell.
XLSX_ROWS, XLSX_CELL = 1_048_576, 32_767


def write_json(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """One JSON array, one row a line."""
    for part in json_parts(rows):
        file.write(part)


def write_csv(columns: Iterable[str], rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """Comma-separated values, UTF-8 (set by the caller), with a header."""
    for part in csv_parts(columns, rows):
        file.write(part)


def json_parts(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON array, one row a line, in parts of some :data:`PART` characters."""
    part, length = [], 0
    separator = "["
    for row in rows:
        line = separator + "\n" + json.dumps(row, ensure_ascii=False, default=str)
        separator = ","
        part.append(line)
        length += len(line)
        if length > PART:
            yield "".join(part)
            part, length = [], 0
    yield "".join(part) + ("[]\n" if separator == "[" else "\n]\n")


def csv_parts(columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Comma-separated values with a header, in parts; no cell is one that a spreadsheet calculates."""
    part = io.StringIO()
    writer = csv.writer(part, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe(value) for value in flat(row).values()])
        if part.tell() > PART:
            yield part.getvalue()
            part.seek(0)
            part.truncate()
    yield part.getvalue()


def write_xlsx(columns: Iterable[str], rows: Iterable[dict[str, Any]], path: Path | io.BytesIO) -> None:
    """A workbook with one sheet; texts are stored as texts, so nothing in them is calculated."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        path,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    with book:
        sheet = book.add_worksheet("export")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(flat(row).values()):
                if isinstance(value, (int, float, Decimal)):
                    sheet.write_number(number, column, float(value))
                elif value is not None:
                    sheet.write_string(number, column, clipped(str(value)))


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose lists are one cell each: items as their number, addresses, sources and titles."""
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if name == "items":
            cells["items"] = len(value)
            for part in ("url", "source", "title", "published"):
                cells[f"item_{part}"] = "\n".join(item[part] or "" for item in value)
        elif isinstance(value, list):
            cells[name] = ", ".join(str(one) for one in value)
        else:
            cells[name] = value
    return cells


def safe(value: Any) -> Any:
    """A cell for CSV: a text that a spreadsheet could calculate gets an apostrophe before it."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value


def clipped(text: str) -> str:
    """A text that fits in a cell of a workbook; cut off with an ellipsis where it does not."""
    return text if len(text) <= XLSX_CELL else text[: XLSX_CELL - 1] + "…"


def peeked(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same rows, the first one read already, so that a broken database shows before writing."""
    first = next(rows, None)

    def again() -> Iterator[dict[str, Any]]:
        if first is not None:
            yield first
            yield from rows

    return again()

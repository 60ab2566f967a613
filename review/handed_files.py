"""Reading files of things to hand in: CSV as spreadsheets write it, and XLSX. Pure: bytes in, rows out."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

#: Bytes of a file, and rows below its header.
MOST_BYTES, MOST_ROWS = 1_000_000, 500
#: Bytes that a workbook may unpack to, tags in it, and columns that are looked at. A tag takes the reader
#: some microseconds and up to half a kilobyte, and a file of 30 kB can hold six million.
MOST_UNPACKED, MOST_TAGS, MOST_COLUMNS = 10_000_000, 300_000, 50
#: Characters of one cell; a longer one is no summary.
MOST_CELL = 100_000

#: The columns, and what else people call them.
COLUMNS: dict[str, tuple[str, ...]] = {
    "url": ("url", "adres", "link", "webadres"),
    "titel": ("titel", "title", "naam"),
    "gemeente": ("gemeente", "municipality", "gemeentecode"),
    "samenvatting": ("samenvatting", "summary", "omschrijving", "beschrijving"),
    "datum": ("datum", "date", "dag"),
}
_DAY = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")


class Fault(StrEnum):
    """Why a whole file can't be read."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    NO_HEADER = "no_header"
    TOO_MANY = "too_many"
    BROKEN = "broken"
    #: An older or other sort of spreadsheet.
    OTHER_KIND = "other_kind"


class FileError(Exception):
    """The file can't be read at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Formula:
    """Stands for a cell that holds a formula: what it comes to is not in the file for certain."""


@dataclass(frozen=True)
class FileRow:
    """One row; the header is row 1, as spreadsheets count."""

    number: int
    #: Column of :data:`COLUMNS` -> text; columns that the file lacks are missing.
    cells: dict[str, str] = field(default_factory=dict)
    #: Columns with a formula in them.
    formulas: tuple[str, ...] = ()


def read_rows(
    content: bytes,
    columns: Mapping[str, tuple[str, ...]] = COLUMNS,
    needed: Iterable[str] = ("samenvatting",),
) -> list[FileRow]:
    """The rows of a file, without those that are empty.

    Args:
        columns: name of a column -> what else people call it, in small letters.
        needed: columns without which it is another kind of file.

    Raises:
        FileError: it can't be read, or holds too much.
    """
    if len(content) > MOST_BYTES:
        raise FileError(Fault.TOO_LARGE)
    if content.startswith(b"PK\x03\x04"):
        lines = _workbook(content)
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF-", b"{\\rtf")):
        raise FileError(Fault.OTHER_KIND)
    else:
        lines = _separated(_decoded(content))
    return _rows(lines, columns, needed)


def example_file(today: date, *, town: str) -> bytes:
    """A file to begin with: the header, and a row that shows what goes where.

    Args:
        town: municipality in that row; may be empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerow(
        [
            "https://voorbeeld.example/buurttuin",
            "Buurttuin zoekt hulp",
            town,
            "Bewoners leggen samen een tuin aan en zoeken mensen die meehelpen.",
            f"{today:%d-%m-%Y}",
        ]
    )
    # With the mark by which spreadsheet programs know UTF-8.
    return out.getvalue().encode("utf-8-sig")


def day_of(text: str) -> date | None:
    """The day that a cell names, year last or first; None = it names none."""
    text = text.strip()
    try:
        found = _DAY.fullmatch(text)
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _rows(
    lines: Iterator[list[Any]], columns: Mapping[str, tuple[str, ...]], needed: Iterable[str]
) -> list[FileRow]:
    header = next(lines, None)
    if header is None:
        raise FileError(Fault.EMPTY)
    known = {name: column for column, names in columns.items() for name in names}
    places: dict[int, str] = {}
    for place, cell in enumerate(header[:MOST_COLUMNS]):
        column = known.get(cell.strip().casefold()) if isinstance(cell, str) else None
        if column is not None and column not in places.values():
            places[place] = column
    if not set(needed) <= set(places.values()):
        raise FileError(Fault.NO_HEADER)
    rows: list[FileRow] = []
    for number, line in enumerate(lines, start=2):
        chosen = {column: line[place] for place, column in places.items() if place < len(line)}
        cells = {
            column: "" if isinstance(cell, Formula) else cell.strip()[:MOST_CELL]
            for column, cell in chosen.items()
        }
        formulas = tuple(column for column, cell in chosen.items() if isinstance(cell, Formula))
        if formulas or any(cells.values()):
            rows.append(FileRow(number, cells, formulas))
        if len(rows) > MOST_ROWS or number > 20 * MOST_ROWS:
            raise FileError(Fault.TOO_MANY)
    if not rows:
        raise FileError(Fault.EMPTY)
    return rows


# -- CSV -----------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileError(Fault.NO_TEXT)


def _separated(text: str) -> Iterator[list[Any]]:
    """Records of a text; the separator is the one that the header has most of."""
    text = text.lstrip("\r\n")
    if not text.strip():
        raise FileError(Fault.EMPTY)
    first = text.splitlines()[0]
    told = re.fullmatch(r"\"?sep=(.)\"?", first.strip(), re.IGNORECASE)
    if told:
        separator, text = told[1], text[len(first) :].lstrip("\r\n")
    else:
        separator = max(";,\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    except (csv.Error, ValueError, TypeError):
        # The last two: newer Pythons refuse some separators that a file may name.
        raise FileError(Fault.BROKEN) from None


# -- XLSX ----------------------------------------------------------------------------------------


def _workbook(content: bytes) -> Iterator[list[Any]]:
    """Rows of the first sheet, as texts; formulas are not calculated and not taken over."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            if len(entries) > 1000 or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise FileError(Fault.TOO_LARGE)
            if "xl/workbook.xml" not in packed.namelist():
                raise FileError(Fault.OTHER_KIND)
            if sum(packed.read(entry).count(b"<") for entry in entries) > MOST_TAGS:
                raise FileError(Fault.TOO_LARGE)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except FileError:
        raise
    except Exception:
        # The library meets broken workbooks with whatever its parts raise.
        raise FileError(Fault.BROKEN) from None
    try:
        if not book.worksheets:
            raise FileError(Fault.EMPTY)
        sheet = book.worksheets[0]
        # What the file says of its own size need not be true.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MOST_COLUMNS):
            yield [_cell(cell) for cell in row]
    except FileError:
        raise
    except Exception:
        raise FileError(Fault.BROKEN) from None
    finally:
        book.close()


def _cell(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f" or (cell.data_type != "s" and str(value).startswith("=")):
        return Formula()
    if cell.data_type == "e":
        return ""
    if isinstance(value, datetime | date):
        return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

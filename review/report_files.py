"""A report as rows of a file: one row for each number."""

import re
from collections.abc import Mapping

from review import report_words as words
from review.report_parts import NUMBERED, parts_of
from review.report_shapes import Report

#: Columns of the file.
COLUMNS = ("onderdeel", "regel", "waarde", "vorig_rapport")
Row = dict[str, str | float | None]


def file_rows(report: Report) -> list[Row]:
    """Every number of a report as a row of a file."""
    made = report.compared
    before: Mapping[str, float | None] = made.figures.numbers if made else {}
    rows = [
        _row(str(title), words.name_of(key, name), report.figures.numbers.get(key), before.get(key))
        for title, lines in words.LINES.items()
        for key, name in lines.items()
    ]
    for part in parts_of(report):
        if part.key in NUMBERED:
            continue
        for table in part.tables:
            rows += [
                _row(f"{table.caption}: {heading}", cells[0], _cell(cell), None)
                for cells in table.rows
                for heading, cell in zip(table.headings[1:], cells[1:], strict=True)
            ]
    return rows


def _row(part: str, name: str, value: str | float | None, before: float | None) -> Row:
    return dict(zip(COLUMNS, (part, name, value, before), strict=True))


def _cell(text: str) -> str | float:
    """A number that was written for people is a number again."""
    bare = re.sub(r"[.,]", "", text)
    return int(bare) if bare.isdecimal() else text

"""Reading a CSV of residents' engagement profiles: bytes in, neighbourhoods and mistakes out. Pure."""

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.store.profiles import GROUP_LIMIT, MOST_GROUPS

#: Bytes of a file, and rows below its header: more than there are neighbourhoods in any municipality.
MOST_BYTES, MOST_ROWS = 300_000, 1500
#: How far the parts of one neighbourhood may be from the whole: they were rounded.
ROUNDED = 0.05
#: What the column with the code may be called, and columns that are no group.
CODES = ("buurtcode", "buurt_code", "code", "buurt code", "cbs-code", "gwb_code")
OTHERS = ("buurt", "buurtnaam", "naam", "wijk", "wijknaam", "inwoners", "gemeente", "gemeentecode")
_CODE = re.compile(r"BU[0-9]{8}")


class Fault(StrEnum):
    """Why a whole file can't be read."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    NO_CODES = "no_codes"
    NO_GROUPS = "no_groups"
    TOO_MANY_GROUPS = "too_many_groups"
    GROUP_NAME = "group_name"
    TOO_MANY = "too_many"


class Wrong(StrEnum):
    """What is wrong with one row."""

    NO_CODE = "no_code"
    NOT_HERE = "not_here"
    TWICE = "twice"
    NO_NUMBER = "no_number"
    OUTSIDE = "outside"
    NOT_WHOLE = "not_whole"


class ProfileFileError(Exception):
    """The file can't be read at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Mistake:
    """One row that can't be used; the header is row 1, as spreadsheets count."""

    row: int
    #: Name of the group; empty = the row as a whole, or its code.
    column: str
    wrong: Wrong
    #: What is there; of :attr:`Wrong.NOT_WHOLE` the sum, of :attr:`Wrong.TWICE` the other row.
    value: str = ""


@dataclass(frozen=True)
class ProfileFile:
    """What is good in a file, and every mistake."""

    groups: tuple[str, ...]
    #: CBS code -> group -> part of the residents, 0.0 to 1.0.
    shares: Mapping[str, Mapping[str, float]]
    mistakes: tuple[Mistake, ...]


def read_profiles(content: bytes, known: Mapping[str, str]) -> ProfileFile:
    """What a file says.

    Args:
        known: CBS code of each neighbourhood of the municipality -> its name.

    Raises:
        ProfileFileError: it can't be read, or holds too much.
    """
    if len(content) > MOST_BYTES:
        raise ProfileFileError(Fault.TOO_LARGE)
    lines = _lines(_decoded(content))
    header = [" ".join(cell.split()) for cell in lines[0]] if lines else []
    if not any(header):
        raise ProfileFileError(Fault.EMPTY)
    place = next((at for at, name in enumerate(header) if name.casefold() in CODES), None)
    if place is None:
        raise ProfileFileError(Fault.NO_CODES)
    columns = {
        at: name
        for at, name in enumerate(header)
        if at != place and name and name.casefold() not in (*CODES, *OTHERS)
    }
    _check_groups(list(columns.values()))
    rows = [
        (number, row) for number, row in enumerate(lines[1:], start=2) if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise ProfileFileError(Fault.EMPTY)
    if len(rows) > MOST_ROWS:
        raise ProfileFileError(Fault.TOO_MANY)
    numbers = {
        number: {name: _number(row[at] if at < len(row) else "") for at, name in columns.items()}
        for number, row in rows
    }
    found = [value for row in numbers.values() for value in row.values() if value is not None]
    # A share is never above 1: a file with such a number holds percentages.
    scale = 100.0 if any(value > 1 + ROUNDED for value in found) else 1.0
    shares: dict[str, dict[str, float]] = {}
    seen: dict[str, int] = {}
    mistakes: list[Mistake] = []
    for number, row in rows:
        code = row[place].strip().upper() if place < len(row) else ""
        wrong = _wrong_code(number, code, known, seen) or _wrong_values(number, numbers[number], scale)
        seen.setdefault(code, number)
        if wrong:
            mistakes += wrong
        else:
            whole = sum(value or 0.0 for value in numbers[number].values())
            shares[code] = {name: round((value or 0.0) / whole, 6) for name, value in numbers[number].items()}
    return ProfileFile(tuple(columns.values()), shares, tuple(mistakes))


def as_csv(read: ProfileFile) -> str:
    """The good rows as a text that :func:`read_profiles` reads again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(["buurtcode", *read.groups])
    for code, parts in read.shares.items():
        writer.writerow([code, *(f"{100 * parts[group]:.4f}" for group in read.groups)])
    return out.getvalue()


def example(known: Mapping[str, str], groups: tuple[str, ...]) -> bytes:
    """A file to begin with: every neighbourhood of the municipality, without numbers."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["buurtcode", "buurt", *groups])
    for code, name in known.items():
        writer.writerow([code, name, *("" for _group in groups)])
    return out.getvalue().encode("utf-8-sig")


def _check_groups(groups: list[str]) -> None:
    if not groups:
        raise ProfileFileError(Fault.NO_GROUPS)
    if len(groups) > MOST_GROUPS:
        raise ProfileFileError(Fault.TOO_MANY_GROUPS)
    if len({group.casefold() for group in groups}) < len(groups) or any(
        len(group) > GROUP_LIMIT or not group.isprintable() for group in groups
    ):
        raise ProfileFileError(Fault.GROUP_NAME)


def _wrong_code(number: int, code: str, known: Mapping[str, str], seen: Mapping[str, int]) -> list[Mistake]:
    if not _CODE.fullmatch(code):
        return [Mistake(number, "", Wrong.NO_CODE, code[:20])]
    if code not in known:
        return [Mistake(number, "", Wrong.NOT_HERE, code)]
    return [Mistake(number, "", Wrong.TWICE, str(seen[code]))] if code in seen else []


def _wrong_values(number: int, values: Mapping[str, float | None], scale: float) -> list[Mistake]:
    wrong = [Mistake(number, name, Wrong.NO_NUMBER) for name, value in values.items() if value is None]
    wrong += [
        Mistake(number, name, Wrong.OUTSIDE)
        for name, value in values.items()
        if value is not None and not 0 <= value <= scale * (1 + ROUNDED)
    ]
    whole = sum(value or 0.0 for value in values.values()) / scale
    if not wrong and abs(whole - 1) > ROUNDED:
        wrong.append(Mistake(number, "", Wrong.NOT_WHOLE, f"{100 * whole:.0f}"))
    return wrong


def _number(text: str) -> float | None:
    """A number with a decimal comma or point, with or without a percent sign; None = it is none."""
    bare = text.strip().removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,12})?", bare):
        return None
    value = float(bare)
    return value if math.isfinite(value) else None


def _decoded(content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and not text.startswith("PK\x03\x04"):
            return text
    raise ProfileFileError(Fault.NO_TEXT)


def _lines(text: str) -> list[list[str]]:
    text = text.lstrip("\r\n")
    first = text.splitlines()[0] if text.strip() else ""
    separator = max(";,\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise ProfileFileError(Fault.NO_TEXT) from None

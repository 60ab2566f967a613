"""Rows of a file as consultants: what is good in them, and what is wrong, cell by cell."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models import geo
from models.labels import Labels
from models.store.consultant_drafts import (
    WRITTEN,
    ConsultantDraft,
    ConsultantProblem,
    differences,
    problems_of,
    tidy,
)
from models.store.consultant_import import ImportRow
from models.store.consultants_list import ConsultantRow, consultants_by_email
from models.store.drafts import find_place
from models.store.viewer import Viewer
from review.consultant_words import half_hours_of, whole_of
from review.handed_files import FileRow, day_of

#: The columns, and what else people call them; the names of the export are among them.
COLUMNS: dict[str, tuple[str, ...]] = {
    "naam": ("naam", "name"),
    "e-mail": ("e-mail", "email", "e-mailadres", "mail"),
    "gemeente": ("gemeente", "municipality", "gemeentecode"),
    "functie": ("functie", "function"),
    "uren": ("uren", "hours"),
    "vanaf": ("vanaf", "van", "from", "begin"),
    "tot en met": ("tot en met", "t/m", "tot", "until", "eind"),
    "kennis": ("kennis", "expertise"),
    "thema’s": ("thema’s", "thema's", "themas", "thema", "themes"),
    "talen": ("talen", "taal", "languages"),
    "ervaring": ("ervaring", "experience"),
    "reisafstand": ("reisafstand", "reisafstand (km)", "km", "radius_km"),
    "opdrachten": ("opdrachten", "hoogste aantal opdrachten", "most"),
    "plaats": ("plaats", "plaats van vertrek", "place"),
    "akkoord": ("akkoord", "wie geeft akkoord", "employer_name"),
    "akkoord e-mail": ("akkoord e-mail", "e-mail akkoord", "employer_email"),
    "beschikbaar": ("beschikbaar", "available"),
}
NEEDED = ("naam", "e-mail")
#: Field of a consultant -> column of the file.
COLUMN_OF = {
    "name": "naam",
    "email": "e-mail",
    "municipality_code": "gemeente",
    "function": "functie",
    "half_hours": "uren",
    "period_from": "vanaf",
    "period_until": "tot en met",
    "expertise": "kennis",
    "themes": "thema’s",
    "languages": "talen",
    "experience": "ervaring",
    "radius_km": "reisafstand",
    "most": "opdrachten",
    "place_key": "plaats",
    "employer_name": "akkoord",
    "employer_email": "akkoord e-mail",
    "available": "beschikbaar",
}
_ANSWERS = {"": True, "ja": True, "yes": True, "j": True, "true": True, "1": True} | dict.fromkeys(
    ("nee", "no", "n", "false", "0"), False
)
_THEME = re.compile(r"(.+?)[\s:(]+(\d{1,5})\)?")

#: ``{"row", "column", "why"}``; why is ``formula``, ``in_file:3`` or ``problem:<field>:<problem>``.
Mistake = dict[str, Any]


class _UnreadError(Exception):
    """A cell that says nothing that can be kept."""

    def __init__(self, problem: ConsultantProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def sort_rows(
    session: Session, rows: Iterable[FileRow], viewer: Viewer, labels: Labels
) -> tuple[list[ImportRow], list[Mistake]]:
    """The rows that can be taken over, and every mistake in the others.

    Whoever is there already (same municipality and e-mail address) is offered as a change; a column that the
    file does not have leaves what is there.
    """
    found = [(row, _municipality(row, viewer)) for row in rows]
    keys = {(code, _email(row)) for row, (code, _wrong) in found if code}
    known = consultants_by_email(session, viewer, keys)
    good: list[ImportRow] = []
    mistakes: list[Mistake] = []
    first: dict[tuple[str, str], int] = {}
    for row, (code, wrong) in found:
        key = (code, _email(row))
        there = known.get(key)
        draft, problems = _read(session, row, code, there, labels)
        problems = {**problems, **wrong, **dict.fromkeys(row.formulas, "formula")}
        if not problems and key in first:
            problems = {"e-mail": f"in_file:{first[key]}"}
        first.setdefault(key, row.number)
        if problems:
            order = [column for column in COLUMNS if column in problems]
            mistakes += [{"row": row.number, "column": name, "why": problems[name]} for name in order]
        elif there is None:
            good.append(ImportRow(row.number, draft))
        else:
            changed = tuple(differences(there, draft))
            good.append(ImportRow(row.number, draft, there.id, there.version, changed))
    return good, mistakes


def _email(row: FileRow) -> str:
    return row.cells.get("e-mail", "").strip().lower()


def _municipality(row: FileRow, viewer: Viewer) -> tuple[str, dict[str, str]]:
    """CBS code, empty = none, and what is wrong with the cell; an officer's is that of the account."""
    told = row.cells.get("gemeente", "")
    code = geo.municipality_code(told) if told else None
    wrong = None
    if told and code is None:
        wrong = ConsultantProblem.UNKNOWN
    elif not viewer.decides and code not in (None, viewer.municipality_code):
        wrong = ConsultantProblem.NOT_YOURS
    own = viewer.municipality_code or ""
    problems = {"gemeente": f"problem:municipality_code:{wrong}"} if wrong else {}
    return (code or "") if viewer.decides else own, problems


def _read(
    session: Session, row: FileRow, code: str, there: ConsultantRow | None, labels: Labels
) -> tuple[ConsultantDraft, dict[str, str]]:
    """What a row says, and column -> what is wrong with it."""
    values: dict[str, Any] = {"half_hours": 0, "employer_name": "", "employer_email": ""}
    if there is not None:
        values = {name: getattr(there, name) for name in WRITTEN}
    wrong: dict[str, ConsultantProblem] = {}
    readers = _readers(session, code, labels)
    for name, column in COLUMN_OF.items():
        if name == "municipality_code" or column not in row.cells:
            continue
        text = row.cells[column]
        try:
            values[name] = readers[name](text) if name in readers else text
        except _UnreadError as error:
            wrong[name] = error.problem
            values.pop(name, None)
    values = {"name": "", "email": "", **values, "municipality_code": code}
    # An empty cell of a new one stands for what the form begins with.
    draft = tidy(ConsultantDraft(**{**values, "languages": tuple(values.get("languages") or ("nl",))}))
    problems = problems_of(session, draft, labels, consultant_id=there.id if there else None) | wrong
    return draft, {COLUMN_OF[name]: f"problem:{name}:{one}" for name, one in problems.items()}


def _readers(session: Session, code: str, labels: Labels) -> dict[str, Callable[[str], Any]]:
    """Field -> what reads its cell."""
    return {
        "half_hours": half_hours_of,
        "period_from": _day,
        "period_until": _day,
        "expertise": lambda text: tuple(_slugs(text, labels.expertise, labels.expertise_en)),
        "languages": lambda text: tuple(_slugs(text, labels.languages, labels.languages_en)),
        "themes": lambda text: _themes(text, labels),
        "radius_km": lambda text: whole_of(text) if text else None,
        "most": lambda text: whole_of(text) if text else 1,
        "place_key": lambda text: (find_place(session, code, text) or text) if text else None,
        "available": _answer,
    }


def _day(text: str) -> date | None:
    day = day_of(text) if text else None
    if text and day is None:
        raise _UnreadError(ConsultantProblem.NO_DAY)
    return day


def _answer(text: str) -> bool:
    if text.casefold() not in _ANSWERS:
        raise _UnreadError(ConsultantProblem.UNKNOWN)
    return _ANSWERS[text.casefold()]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;|\n]", text) if part.strip()]


def _slugs(text: str, *names: Mapping[str, str]) -> list[str]:
    """Slugs of what a cell names, by slug or by name in either language."""
    known = {words.casefold(): slug for one in names for slug, words in one.items()}
    known |= {slug: slug for one in names for slug in one}
    found = [known.get(part.casefold()) for part in _parts(text)]
    if None in found:
        raise _UnreadError(ConsultantProblem.UNKNOWN)
    return [slug for slug in found if slug]


def _themes(text: str, labels: Labels) -> dict[str, int]:
    """``Groen en tuinen 2, energie`` -> two earlier assignments of the one, none of the other."""
    found: dict[str, int] = {}
    for part in _parts(text):
        counted = _THEME.fullmatch(part)
        name, count = (counted[1], int(counted[2])) if counted else (part, 0)
        found.update(dict.fromkeys(_slugs(name, labels.themes, labels.themes_en), count))
    return found


def example_file(today: date, *, town: str) -> bytes:
    """A file to begin with: the header, and a row that shows what goes where.

    Args:
        town: municipality in that row.
    """
    row = {
        "naam": "Voorbeeld Voorbeeldsma",
        "e-mail": "v.voorbeeldsma@gemeente.example",
        "gemeente": town,
        "functie": "Adviseur gebiedsontwikkeling",
        "uren": "24",
        "vanaf": f"01-01-{today.year + 1}",
        "tot en met": f"30-06-{today.year + 1}",
        "kennis": "Vergunningen en omgevingsplan, subsidies",
        "thema’s": "Groen en tuinen 2, energie",
        "talen": "Nederlands, Engels",
        "ervaring": "Hielp bewoners aan een vergunning voor een buurttuin.",
        "reisafstand": "50",
        "opdrachten": "2",
        "plaats": "",
        "akkoord": "Teamleider Ruimte",
        "akkoord e-mail": "teamleider.ruimte@gemeente.example",
        "beschikbaar": "ja",
    }
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerow([row[column] for column in COLUMNS])
    # With the mark by which spreadsheet programs know UTF-8.
    return out.getvalue().encode("utf-8-sig")

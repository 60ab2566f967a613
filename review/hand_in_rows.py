"""Rows of a file as hand-ins: what is good in them, and what is wrong, cell by cell."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models import geo
from models.addresses import address_key
from models.settings import Settings
from models.store.handed_in import HandIn, HandInProblem, InvalidHandInError, checked
from models.store.handed_in_list import known_addresses
from models.store.viewer import Viewer
from models.words import Channel
from review.handed_files import FileRow, day_of

#: Field of a hand-in -> column of the file.
COLUMN_OF = {
    "url": "url",
    "title": "titel",
    "municipality_code": "gemeente",
    "summary": "samenvatting",
    "published_on": "datum",
}

#: ``{"row", "column", "why"}`` with a word that ``review.hand_in_texts.mistake_words`` says in a sentence.
Mistake = dict[str, Any]


def sort_rows(
    session: Session,
    rows: Iterable[FileRow],
    viewer: Viewer,
    settings: Settings,
    secret: bytes,
    *,
    own: bool,
    today: date,
) -> tuple[list[HandIn], list[Mistake]]:
    """The rows that can be handed in, and every mistake in the others.

    Args:
        own: they are initiatives of the viewer's own municipality.
    """
    good: list[tuple[int, HandIn]] = []
    mistakes: list[Mistake] = []
    for row in rows:
        one, wrong = _read(row, viewer, settings, own=own, today=today)
        mistakes += wrong
        if one is not None:
            good.append((row.number, one))
    known = known_addresses(session, secret, viewer, [one.url for _number, one in good])
    first: dict[str, int] = {}
    fine: list[HandIn] = []
    for number, one in good:
        key = address_key(one.url)
        why = ""
        if one.url in known:
            why = "in_line" if known[one.url].lead_id is None else "in_leads"
        elif key and key in first:
            why = f"in_file:{first[key]}"
        if why:
            mistakes.append({"row": number, "column": "url", "why": why})
        else:
            first.setdefault(key, number)
            fine.append(one)
    order = list(COLUMN_OF.values())
    return fine, sorted(mistakes, key=lambda one: (one["row"], order.index(one["column"])))


def _read(
    row: FileRow, viewer: Viewer, settings: Settings, *, own: bool, today: date
) -> tuple[HandIn | None, list[Mistake]]:
    wrong: dict[str, str] = dict.fromkeys(row.formulas, "formula")
    told = row.cells.get("gemeente", "")
    code = geo.municipality_code(told) if told else None
    if told and code is None:
        wrong["gemeente"] = f"problem:municipality_code:{HandInProblem.UNKNOWN}"
    if not viewer.decides:
        if code is not None and code != viewer.municipality_code:
            wrong["gemeente"] = f"problem:municipality_code:{HandInProblem.NOT_YOURS}"
        code = viewer.municipality_code
    written = row.cells.get("datum", "")
    day = day_of(written) if written else None
    if written and day is None:
        wrong["datum"] = f"problem:published_on:{HandInProblem.NO_DAY}"
    one = HandIn(
        channel=Channel.UPLOAD,
        url=row.cells.get("url", ""),
        title=row.cells.get("titel", ""),
        summary=row.cells.get("samenvatting", ""),
        municipality_code=code,
        published_on=day,
        own=own,
    )
    clean: HandIn | None = None
    try:
        clean = checked(one, settings, today=today)
    except InvalidHandInError as error:
        for name, problem in error.problems.items():
            wrong.setdefault(COLUMN_OF[name], f"problem:{name}:{problem}")
    mistakes = [{"row": row.number, "column": column, "why": why} for column, why in wrong.items()]
    return (None if wrong else clean), mistakes

"""The register in words: fields and their values, before and after a change."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from models.place import Place
from models.store.register_history import HistoryRow
from models.words import Informed
from review.database import db
from review.shown import labels, names
from review.texts import FIELDS, PHASES

INFORMED = {
    Informed.TO_DO: _l("nog te doen"),
    Informed.DONE: _l("gedaan"),
    Informed.NOT_NEEDED: _l("niet nodig"),
}

#: Field of a change -> its name, where forms have no such field.
NAMES: dict[str, Any] = {
    **FIELDS,
    "phase": _l("Fase"),
    "approved": _l("Te zien voor andere gemeenten"),
    "informed": _l("Organisatie geïnformeerd"),
    "informed_on": _l("Geïnformeerd op"),
    "withdrawn": _l("Uit het register gehaald"),
}


@dataclass(frozen=True)
class Field:
    """One field of a change, in words."""

    name: str
    label: Any
    #: Empty = there was nothing, or there is nothing now.
    before: str
    after: str
    #: Long texts stand below each other.
    long: bool


def fields_of(row: HistoryRow) -> list[Field]:
    """What one change did."""
    return [
        Field(
            name,
            NAMES.get(name, name),
            value_words(name, before),
            value_words(name, after),
            name in ("summary", "question"),
        )
        for name, (before, after) in row.fields.items()
    ]


def value_words(name: str, value: Any) -> str:
    """A value of a field in words; empty = nothing."""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return str(_("ja") if value else _("nee"))
    return str(SHOWN.get(name, str)(value))


def place_names_of(keys: Iterable[str]) -> dict[str, str]:
    """Key of a place -> its name; each is asked for once a request."""
    known: dict[str, str] = g.setdefault("places_by_key", {})
    missing = [key for key in keys if key not in known]
    if missing:
        rows = db.session.execute(select(Place.key, Place.name).where(Place.key.in_(missing)))
        known.update({row[0]: row[1] for row in rows})
    return known


def who(row_by: str, by_itself: bool = False) -> str:
    """Who did something; staff has no names for municipalities."""
    if by_itself:
        return str(_("Scout"))
    return row_by or str(_("het netwerk"))


#: Fields whose values are no words of people -> how they are shown.
SHOWN: dict[str, Callable[[Any], Any]] = {
    "expertise": lambda slugs: ", ".join(labels("expertise").get(slug, slug) for slug in slugs),
    "links": "\n".join,
    "place_key": lambda key: place_names_of([key]).get(key, key),
    "informed_on": lambda day: format_date(date.fromisoformat(day), "d MMMM yyyy"),
    "municipality_code": lambda code: names().get(code, code),
    "theme": lambda slug: labels("themes").get(slug, slug),
    "phase": lambda phase: PHASES.get(phase, phase),
    "informed": lambda word: INFORMED.get(word, word),
}

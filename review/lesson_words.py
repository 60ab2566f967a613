"""Lessons in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.lesson_words import Revealing
from models.store.lessons import LONGEST, InvalidLessonError

#: What a lesson says.
ABOUT: dict[str, Any] = {
    "repeat": _l("weer zo doen"),
    "change": _l("anders doen"),
    "": _l("algemeen"),
}
#: Field of the form -> its name.
NAMES: dict[str, Any] = {
    "text": _l("De les"),
    "about": _l("Soort"),
    "theme": _l("Thema"),
    "expertise": _l("Kennis"),
}
REVEALING: dict[Revealing, Any] = {
    Revealing.EMAIL: _l("e-mailadres"),
    Revealing.WEB: _l("webadres"),
    Revealing.NUMBER: _l("telefoonnummer of ander nummer"),
    Revealing.NAME: _l("naam"),
}


def problems_in_words(error: InvalidLessonError) -> dict[str, str]:
    """Field -> what is wrong and what to do, in one sentence."""
    return {name: _problem(problem, error) for name, problem in error.problems.items()}


def _problem(problem: str, error: InvalidLessonError) -> str:
    if problem == "empty":
        return str(_("Schrijf op wat anderen kunnen leren."))
    if problem == "too_long":
        return str(_("Maak dit korter: hooguit %(limit)s tekens.", limit=LONGEST))
    if problem == "reveals":
        found = ", ".join(f"‘{one.passage}’ ({REVEALING[one.how]})" for one in error.shown)
        return str(_("Haal weg waaraan men ziet wie het was: %(found)s.", found=found))
    return str(_("Kies iets uit de lijst."))

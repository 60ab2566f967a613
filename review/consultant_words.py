"""Consultants in words: fields, what is wrong with them, and their values; and reading what is typed."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.audit import AuditRow
from models.store.consultant_drafts import LIMITS, RANGES, ConsultantProblem
from review.register_words import place_names_of
from review.shown import labels

#: Field -> its name.
NAMES: dict[str, Any] = {
    "municipality_code": _l("Gemeente"),
    "name": _l("Naam"),
    "email": _l("E-mailadres van het werk"),
    "function": _l("Functie"),
    "expertise": _l("Kennis"),
    "themes": _l("Thema’s"),
    "languages": _l("Talen"),
    "experience": _l("Ervaring"),
    "half_hours": _l("Uren"),
    "period_from": _l("Vanaf"),
    "period_until": _l("Tot en met"),
    "most": _l("Hoogste aantal opdrachten tegelijk"),
    "radius_km": _l("Reisafstand in kilometers"),
    "place_key": _l("Plaats van vertrek"),
    "employer_name": _l("Wie geeft akkoord"),
    "employer_email": _l("E-mailadres van wie akkoord geeft"),
    "available": _l("Beschikbaar"),
    "file": _l("Bestand"),
}

_NUMBER = re.compile(r"\d{1,5}")
_HOURS = re.compile(r"\d{1,5}([.,]\d{1,2})?")


def problem_words(field: str, problem: ConsultantProblem) -> str:
    """What is wrong with a field and what to do, in one sentence."""
    if problem is ConsultantProblem.TOO_LONG:
        return str(_("Maak dit korter: hooguit %(limit)s tekens.", limit=LIMITS[field]))
    if problem is ConsultantProblem.OUT_OF_RANGE:
        least, most = RANGES[field]
        if field == "half_hours":
            return str(
                _("Vul hele of halve uren in, van 0,5 tot en met %(most)s.", most=format_decimal(most / 2))
            )
        if field == "themes":
            return str(_("Vul bij een thema een heel getal in van 0 tot en met %(most)s.", most=most))
        return str(_("Vul een heel getal in van %(least)s tot en met %(most)s.", least=least, most=most))
    return str(_SENTENCES.get((field, problem)) or _SENTENCES["", problem])


_SENTENCES: dict[tuple[str, ConsultantProblem], Any] = {
    ("", ConsultantProblem.EMPTY): _l("Vul dit in."),
    ("name", ConsultantProblem.EMPTY): _l("Vul een naam in."),
    ("municipality_code", ConsultantProblem.EMPTY): _l("Kies een gemeente."),
    ("expertise", ConsultantProblem.EMPTY): _l("Kies ten minste één soort kennis."),
    ("languages", ConsultantProblem.EMPTY): _l("Kies ten minste één taal."),
    ("", ConsultantProblem.UNKNOWN): _l("Kies iets uit de lijst."),
    ("municipality_code", ConsultantProblem.UNKNOWN): _l("Kies een gemeente uit de lijst."),
    ("place_key", ConsultantProblem.UNKNOWN): _l(
        "Kies een plaats of wijk in deze gemeente, of laat dit leeg."
    ),
    ("available", ConsultantProblem.UNKNOWN): _l("Vul ja of nee in."),
    ("", ConsultantProblem.NO_EMAIL): _l("Vul een e-mailadres in, zoals naam@gemeente.nl."),
    ("", ConsultantProblem.NO_DAY): _l("Vul een dag in, bijvoorbeeld 31-12-2027."),
    ("", ConsultantProblem.BACKWARDS): _l("De laatste dag ligt vóór de eerste. Verander een van de twee."),
    ("", ConsultantProblem.DOUBLE): _l(
        "Deze gemeente heeft al een consultant met dit e-mailadres. Wijzig die, of vul een ander adres in."
    ),
    ("", ConsultantProblem.NOT_YOURS): _l("Dit is een andere gemeente dan die van uw account."),
}


def half_hours_of(text: str) -> int:
    """Hours as typed (``12``, ``12,5``) in half hours; 0 = no whole or half hours."""
    text = text.strip()
    if not _HOURS.fullmatch(text):
        return 0
    try:
        doubled = 2 * Decimal(text.replace(",", "."))
    except InvalidOperation:
        return 0
    return int(doubled) if doubled == doubled.to_integral_value() else 0


def whole_of(text: str) -> int:
    """A whole number as typed; -1 = it is none."""
    text = text.strip()
    return int(text) if _NUMBER.fullmatch(text) and text.isascii() else -1


def hours_typed(half_hours: int) -> str:
    """Half hours as a form shows them: ``12,5``."""
    return f"{half_hours // 2}" + (",5" if half_hours % 2 else "")


def unknown() -> str:
    """Whose name is not known any more, or not for this reader."""
    return str(_("(niet meer bekend)"))


def hours_words(half_hours: int) -> str:
    """Half hours in words: ``12,5 uur``."""
    # One hour and many have the same word in Dutch, not in English.
    number = format_decimal(half_hours / 2)
    return str(ngettext("%(words)s uur", "%(words)s uur", 1 if half_hours == 2 else 2, words=number))


def day_words(day: date) -> str:
    """A day in words."""
    return str(format_date(day, "d MMMM yyyy"))


def period_words(start: date | None, end: date | None) -> str:
    """A period in words."""
    if start and end:
        return str(_("van %(start)s tot en met %(end)s", start=day_words(start), end=day_words(end)))
    if end:
        return str(_("tot en met %(end)s", end=day_words(end)))
    return str(_("vanaf %(start)s", start=day_words(start))) if start else str(_("zonder einddatum"))


def theme_words(slug: str, count: int) -> str:
    """A theme with how often it was done before."""
    name = labels("themes").get(slug, slug)
    if not count:
        return str(_("%(theme)s (nog geen opdracht)", theme=name))
    times = ngettext("%(num)s opdracht", "%(num)s opdrachten", count)
    return f"{name} ({times})"


def value_words(name: str, value: Any) -> str:
    """A value of a field in words."""
    if name in _SHOWN:
        return str(_SHOWN[name](value))
    if isinstance(value, date):
        return day_words(value)
    return str(value) if value not in (None, "") else str(_("(leeg)"))


#: Fields whose values are no words of people -> how they are shown.
_SHOWN: dict[str, Callable[[Any], Any]] = {
    "expertise": lambda slugs: ", ".join(labels("expertise").get(slug, slug) for slug in slugs),
    "languages": lambda slugs: ", ".join(labels("languages").get(slug, slug) for slug in slugs),
    "themes": lambda counts: ", ".join(theme_words(*one) for one in counts.items()) or _("geen"),
    "half_hours": hours_words,
    "available": lambda value: _("ja") if value else _("nee"),
    "place_key": lambda key: place_names_of([key]).get(key, key) if key else _("het midden van de gemeente"),
    "radius_km": lambda km: _("%(km)s km", km=km) if km is not None else _("overal"),
}


def who_words(rows: list[AuditRow], own: set[int] | None) -> str:
    """Who changed something, of entries of the log, newest first.

    Args:
        own: accounts whose names this viewer may know; None = all.
    """
    if not rows or rows[0].account_id is None or (own is not None and rows[0].account_id not in own):
        return str(_("Het netwerk"))
    return rows[0].by


#: Answer in an address -> the same in words.
AVAILABLE = {"ja": _l("beschikbaar"), "nee": _l("niet beschikbaar")}

"""Words of reports: the lines of their tables, and how much more or less they are than last time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.profiles import Reached
from models.store.reports import STANDING
from models.store.reports_period import Period
from models.words import Answer, Ending, Phase
from review import share_texts, texts
from review.figure_words import percent

#: Word in addresses -> name of a period.
PRESETS = {
    "sinds": _l("Sinds het vorige rapport"),
    "4-weken": _l("4 weken"),
    "3-weken": _l("3 weken"),
    "kwartaal": _l("Dit kwartaal"),
    "jaar": _l("Dit jaar"),
}
FIELDS = {"vanaf": _l("Eerste dag"), "tot-en-met": _l("Laatste dag"), "profielen": _l("Bestand")}

#: Part of a report -> its numbers in order, each with its name.
LINES: dict[Any, dict[str, Any]] = {
    _l("Signalen"): {
        "leads_opened": _l("Binnengekomen"),
        "leads_promoted": _l("Opgenomen in het register"),
        "leads_rejected": _l("Afgewezen"),
        "leads_known": _l("Al bekend"),
    },
    _l("Delingen"): {
        "shares_offered": _l("Aangeboden"),
        "shares_answered": _l("Antwoorden gekregen"),
        **{f"answer_{answer.value}": share_texts.ANSWERS[answer] for answer in Answer},
        "days_median": _l("Werkdagen tot een antwoord: de middelste"),
        "days_longest": _l("Werkdagen tot een antwoord: de langste"),
        "shares_lapsed": _l("Termijn voorbij zonder antwoord"),
        "shares_in_contact": _l("Contact gelegd"),
        "shares_closed": _l("Afgesloten"),
        **{f"ending_{ending.value}": share_texts.ENDINGS[ending] for ending in Ending},
        "shares_waiting": _l("Wachten nu op antwoord"),
    },
    _l("Initiatieven"): {
        "entered": _l("Nieuw in het register"),
        "moves": _l("Stappen naar een andere fase"),
        "in_register": _l("Nu in het register"),
        **{f"phase_{phase.value}": texts.PHASES[phase] for phase in Phase},
    },
}
#: Names of the numbers of one municipality in a report of the network, above its columns.
OF_EACH = {
    "leads_opened": _l("Signalen"),
    "leads_promoted": _l("Opgenomen"),
    "shares_offered": _l("Aangeboden"),
    "shares_answered": _l("Antwoorden"),
    "shares_waiting": _l("Wachten nu"),
    "entered": _l("Nieuw in register"),
    "in_register": _l("Nu in register"),
}
#: Lines that tell what the line before them is made of: beginnings of their keys -> what stands before them.
INSIDE = {"answer_": _l("Antwoord"), "ending_": _l("Afloop"), "phase_": _l("Nu in fase")}


@dataclass(frozen=True)
class Line:
    """One number, in words."""

    name: str
    number: str
    before: str
    difference: str


def name_of(key: str, words: Any) -> str:
    """Name of a line; of a part of the line before it with what it is a part of."""
    whole = next((whole for start, whole in INSIDE.items() if key.startswith(start)), None)
    return f"{whole}: {words}" if whole is not None else str(words)


def line(key: str, words: Any, number: float | None, before: float | None, *, compared: bool) -> Line:
    """One line of a table."""
    return Line(
        name_of(key, words),
        written(number),
        written(before) if compared else "",
        difference(number, before) if compared else "",
    )


def written(number: float | None) -> str:
    """A number, or that there is none."""
    return "–" if number is None else str(format_decimal(number))


def difference(number: float | None, before: float | None) -> str:
    """How much more or less than last time; a dash when one of the two is not there."""
    if number is None or before is None:
        return "–"
    if number == before:
        return str(_("gelijk"))
    much = format_decimal(abs(number - before))
    more = number > before
    return str(_("%(number)s meer", number=much) if more else _("%(number)s minder", number=much))


def period(one: Period) -> str:
    """``1 juli 2026 tot en met 30 september 2026``."""
    return str(_("%(first)s tot en met %(last)s", first=day(one.first), last=day(one.last)))


def day(one: Any) -> str:
    """``1 juli 2026``."""
    return str(format_date(one, "d MMMM yyyy"))


def days(one: Period) -> str:
    """``28 dagen``."""
    return str(ngettext("%(num)s dag", "%(num)s dagen", one.days))


def reached_words(groups: Sequence[Reached]) -> list[str]:
    """Which groups are not reached, in sentences."""
    without = [one.group for one in groups if one.largest_in and not one.entries]
    nowhere = [one.group for one in groups if not one.largest_in]
    said = []
    if without:
        said.append(
            _(
                "Niet bereikt: %(groups)s. In de buurten waar deze groepen het grootst zijn, staat geen "
                "enkel initiatief in het register.",
                groups=", ".join(without),
            )
        )
    else:
        said.append(_("Voor elke groep staat er een initiatief in een buurt waar zij het grootst is."))
    if nowhere:
        said.append(
            _(
                "Nergens het grootst: %(groups)s. Van deze groepen zegt het register niets.",
                groups=", ".join(nowhere),
            )
        )
    said.append(
        _(
            "Het deel van de bewoners is het gemiddelde van de buurten. Elke buurt telt even zwaar, want "
            "hoeveel mensen er wonen weten wij niet."
        )
    )
    return [str(one) for one in said]


def reached_row(one: Reached) -> tuple[str, ...]:
    """Cells of one group."""
    return (
        one.group,
        percent(one.share),
        written(one.largest_in),
        written(one.with_entries),
        written(one.entries),
    )


def is_standing(key: str) -> bool:
    """Whether a number is of the moment of the report, and not of its days."""
    return key in STANDING

"""What was chosen, in words, each with the address of the list without it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from review.asked import MINE, NOBODY
from review.choices import person_name, place_name, source_of
from review.shown import labels, names
from review.texts import LIKELIHOODS, PHASES, STATUSES


@dataclass(frozen=True)
class Chip:
    """One thing that was chosen."""

    words: str
    #: Address of the list without it.
    without: str


def chips(endpoint: str, chosen: dict[str, str]) -> list[Chip]:
    """One for each choice but the order, in the order of the form.

    Args:
        endpoint: the page that lists.
        chosen: as :func:`review.asked.context` gives it.
    """
    return [
        Chip(
            words=str(WORDS[name](text)),
            # A place goes with its municipality.
            without=url_for(
                endpoint,
                **{  # type: ignore[arg-type]
                    other: value
                    for other, value in chosen.items()
                    if other != name and (name, other) != ("gemeente", "buurt")
                },
            ),
        )
        for name, text in chosen.items()
        if name in WORDS
    ]


def age_in_words(days: str | int) -> str:
    """``7`` -> ``hooguit 7 dagen geleden``."""
    return str(ngettext("hooguit %(num)s dag geleden", "hooguit %(num)s dagen geleden", int(days)))


def _municipality(code: str) -> Any:
    # To a municipality, others are no more than that.
    foreign = not g.viewer.decides and code != g.viewer.municipality_code
    return _("andere gemeente") if foreign else names().get(code, code)


def _score(level: str) -> Any:
    words = next(str(words) for _lowest, words, one in LIKELIHOODS if level == str(one))
    return _("score: %(words)s", words=words)


def _source(key: str) -> Any:
    source = source_of(g.viewer, key)
    return _("bron: %(title)s", title=source.title if source else key)


def _assignee(text: str) -> Any:
    if text == MINE:
        return _("toegewezen aan mij")
    if text == NOBODY:
        return _("aan niemand toegewezen")
    return _("toegewezen aan %(name)s", name=person_name(int(text)) or text)


#: Name in the address -> its value in words.
WORDS: dict[str, Any] = {
    "zoek": lambda text: _("zoekt: %(text)s", text=text),
    "gemeente": _municipality,
    "buurt": place_name,
    "thema": lambda slug: labels("themes").get(slug, slug),
    "status": lambda status: _("status: %(status)s", status=STATUSES[status]),
    "score": _score,
    "bron": _source,
    # On cards stands when it was published, often earlier.
    "leeftijd": lambda days: _("gevonden: %(age)s", age=age_in_words(days)),
    "toegewezen": _assignee,
    "fase": lambda phase: PHASES[phase],
    "kennis": lambda slug: labels("expertise").get(slug, slug),
    "goedgekeurd": lambda answer: (
        _("te zien voor andere gemeenten") if answer == "ja" else _("niet te zien voor andere gemeenten")
    ),
    "informeren": lambda _answer: _("organisatie nog niet geïnformeerd"),
    "sinds": lambda day: _(
        "veranderd sinds %(day)s", day=format_date(date.fromisoformat(day), "d MMMM yyyy")
    ),
    "van": lambda code: names().get(code, code),
}

"""What addresses and forms ask for, read with care: anything unexpected counts as not asked.

One choice of leads stands in the address of the queue, in that of every lead opened from it, and in the
hidden fields of the forms there, always under the same names: :data:`PARAMETERS`. So whoever decides walks
on through the leads that were chosen, and an address can be sent to a colleague.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import current_app, g, request

from models.place import Place
from models.store.leads import Cursor
from models.store.leads_list import Filter, Order
from models.words import LeadStatus
from review.choices import person_name, source_of
from review.database import db
from review.texts import LIKELIHOODS

#: Largest number that a page asks a database for.
LARGEST = 2147483647
NUMBER = f"int(max={LARGEST})"
#: Place in the mixed order (left out: 0), score and number of a lead.
CURSOR = re.compile(
    r"(?:(-?\d{1,10})~)?([01](?:\.\d{1,20}(?:e-\d{1,3})?)?|\d(?:\.\d{1,20})?e-\d{1,3})~(\d{1,10})",
    re.ASCII,
)
MUNICIPALITY = re.compile(r"GM[0-9]{4}")
#: Most characters of what is searched for, and of any other word in an address.
SEARCH_LIMIT = 100
WORD_LIMIT = 200
#: Oldest age that can be asked for, in days: content is kept 90 days at most.
DAYS_LIMIT = 365
#: Words for whose leads: one's own, and those of nobody.
MINE, NOBODY = "mij", "niemand"
#: Characters that no text needs and that databases refuse: all controls.
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def filter_asked() -> Filter:
    """Which leads the address or the form asks for."""
    return Filter(**{name: value for found in _asked().values() for name, value in found.items()})


def context() -> dict[str, str]:
    """The choice as addresses and hidden fields carry it; what is left at its default is left out."""
    found = {name: _written(name) for name in _asked()}
    if found.get("status") == LeadStatus.OPEN:
        del found["status"]
    if "bron" in found:
        # By key, also when a title was typed: titles change.
        found["bron"] = _asked()["bron"]["source_key"]
    if "zoek" in found:
        found["zoek"] = _asked()["zoek"]["text"]
    order = order_shown()
    return {**found, "volgorde": order} if order else found


def status_asked() -> LeadStatus:
    """The status asked for; open unless another one is."""
    found: LeadStatus = _asked().get("status", {}).get("status", LeadStatus.OPEN)
    return found


def order_asked() -> Order:
    """The order to list in: mixed unless another one is asked for; only what is open has turns."""
    return Order.SCORE if order_shown() or status_asked() is not LeadStatus.OPEN else Order.MIXED


def order_shown() -> str | None:
    """The order as addresses carry it: nothing for the mixed one."""
    return Order.SCORE.value if request.values.get("volgorde") == Order.SCORE else None


def municipality_asked() -> str | None:
    """CBS code in the address or the form, if it is one."""
    code = request.values.get("gemeente", "")
    return code if MUNICIPALITY.fullmatch(code) else None


def source_not_found() -> str:
    """What was typed for a source when that does not say which one; else empty."""
    return "" if "bron" in _asked() else _written("bron")


def cursor_of(text: str) -> Cursor | None:
    """A place in the list as ``review.shown`` writes it into addresses; None when it is none."""
    match = CURSOR.fullmatch(text)
    if match is None:
        return None
    precedence, score, lead_id = int(match[1] or 0), float(match[2]), int(match[3])
    return Cursor(score, lead_id, precedence) if max(abs(precedence), lead_id) <= LARGEST else None


def _written(name: str) -> str:
    """A word of the address or form, on one line, without outer space and stray characters."""
    return CONTROLS.sub(" ", request.values.get(name, "")).strip()[:WORD_LIMIT]


def _asked() -> dict[str, dict[str, Any]]:
    """Name in the address -> fields of the filter, of what is asked for and can be; once a request."""
    if "asked" not in g:
        g.asked = {}
        for name, read in PARAMETERS.items():
            text = _written(name)
            found = read(text) if text else None
            if found is not None:
                g.asked[name] = found
    asked: dict[str, dict[str, Any]] = g.asked
    return asked


def _municipality(text: str) -> dict[str, Any] | None:
    return {"municipality_code": text} if MUNICIPALITY.fullmatch(text) else None


def _place(text: str) -> dict[str, Any] | None:
    """A place goes with its municipality: after choosing another one it counts no longer."""
    code = municipality_asked() if g.viewer.decides else g.viewer.municipality_code
    place = db.session.get(Place, text)
    return {"place_key": text} if place is not None and place.municipality_code == code else None


def _theme(text: str) -> dict[str, Any] | None:
    return {"theme": text} if text in current_app.extensions["scout"].labels.themes else None


def _status(text: str) -> dict[str, Any] | None:
    return {"status": LeadStatus(text)} if text in set(LeadStatus) else None


def _score(text: str) -> dict[str, Any] | None:
    """A class of scores, 1 to 5, as the cards name them."""
    above: float | None = None
    for lowest, _words, level in LIKELIHOODS:
        if text == str(level):
            # The lowest class takes everything below the next one, also a score of exactly 0.
            return {"score_from": lowest or None, "score_below": above}
        above = lowest
    return None


def _source(text: str) -> dict[str, Any] | None:
    """A source by key, or by its title as people type it."""
    source = source_of(g.viewer, text)
    return {"source_key": source.key} if source is not None else None


def _days(text: str) -> dict[str, Any] | None:
    days = _number(text)
    return {"days": days} if days and days <= DAYS_LIMIT else None


def _assignee(text: str) -> dict[str, Any] | None:
    if not g.viewer.decides:
        return None
    if text in (MINE, NOBODY):
        return {"assignee_id": g.viewer.account_id if text == MINE else 0}
    number = _number(text)
    return {"assignee_id": number} if number and person_name(number) else None


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
    return number if number is not None and number <= LARGEST else None


def _search(text: str) -> dict[str, Any] | None:
    return {"text": text[:SEARCH_LIMIT].rstrip()}


#: Name in addresses and forms -> what reads it: fields of the filter, or None for what can't be meant.
PARAMETERS: dict[str, Callable[[str], dict[str, Any] | None]] = {
    "zoek": _search,
    "gemeente": _municipality,
    "buurt": _place,
    "thema": _theme,
    "status": _status,
    "score": _score,
    "bron": _source,
    "leeftijd": _days,
    "toegewezen": _assignee,
}

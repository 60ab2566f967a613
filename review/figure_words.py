"""Figures in words: estimates, agreement, time."""

from typing import Any

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _

from models.agreement import SOMEWHAT, WELL, Agreement
from models.missed import Missed
from models.store.work import Work

#: Of who did nothing in a period.
NO_WORK = Work()


def missed(one: Missed) -> Any:
    """How many initiatives were missed: ``naar schatting 2 tot 7 gemist``."""
    if not one.known:
        return _("te weinig bekeken om te schatten")
    low, high = (format_decimal(number) for number in one.between)
    if one.between == (0, 0):
        return _("naar schatting niets gemist")
    if low == high:
        return _("naar schatting %(number)s gemist", number=low)
    if one.between[0] == 0:
        return _("naar schatting hooguit %(number)s gemist", number=high)
    return _("naar schatting %(low)s tot %(high)s gemist", low=low, high=high)


def found(one: Missed) -> Any:
    """Which part was found: ``40% tot 70% van alle initiatieven gevonden``; empty when nobody can say."""
    part = one.share_found
    if part is None:
        return ""
    low, high = percent(part[1]), percent(part[2])
    if low == high:
        return _("%(part)s van alle initiatieven gevonden", part=low)
    return _("%(low)s tot %(high)s van alle initiatieven gevonden", low=low, high=high)


def agreed(one: Agreement) -> Any:
    """How far two readers agree, in a few words."""
    if one.alpha is None:
        if one.pairs and one.same == one.pairs:
            return _("nog geen verschil gezien")
        return _("te weinig om te zeggen")
    if one.alpha >= WELL:
        return _("beoordelaars zijn het goed eens")
    if one.alpha >= SOMEWHAT:
        return _("beoordelaars zijn het redelijk eens")
    return _("beoordelaars zijn het te weinig eens")


def minutes(one: Work) -> Any:
    """Time at work in whole minutes; a dash when it is not for this viewer."""
    if one.seconds is None:
        return "–"
    number = round(one.seconds / 60)
    return ngettext("%(count)s minuut", "%(count)s minuten", number, count=format_decimal(number))


def percent(part: float) -> str:
    """A part of 1.0 in whole percents."""
    return str(format_percent(part, "0%"))

"""The joint choice and the host in words: what is wrong with a form, and why something is chosen or not."""

from collections.abc import Mapping
from typing import Any

from babel.lists import format_list
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.round_counting import Outcome, Result, TieBreak, Why
from models.store.round_hosts import LIMITS, RANGES, HostProblem
from models.store.round_votes import VoteProblem

#: Most others that a tie names.
NAMED = 5
#: Field of the form about the host -> its name.
HOST_FIELDS: dict[str, Any] = {
    "host_name": _l("Contactpersoon bij de gemeente"),
    "host_email": _l("E-mailadres van het werk"),
    "host_hours": _l("Uren die de gemeente vrijmaakt"),
    "half_hours": _l("Uren hulp die het initiatief vraagt"),
    "language": _l("Taal van de vraag"),
}

_EMPTY = {
    "host_name": _l("Vul in wie de consultant bij de gemeente ontvangt."),
    "host_email": _l("Vul een e-mailadres in, zoals naam@gemeente.nl."),
}


def host_problem(field: str, problem: HostProblem) -> str:
    """What is wrong with a field and what to do, in one sentence."""
    if problem is HostProblem.EMPTY:
        return str(_EMPTY[field])
    if problem is HostProblem.TOO_LONG:
        return str(_("Maak dit korter: hooguit %(limit)s tekens.", limit=LIMITS[field]))
    if problem is HostProblem.NO_EMAIL:
        return str(_("Vul een e-mailadres in, zoals naam@gemeente.nl."))
    if problem is HostProblem.UNKNOWN:
        return str(_("Kies een taal uit de lijst."))
    least, most = RANGES[field]
    if field == "half_hours":
        return str(
            _("Vul hele of halve uren in, van 0,5 tot en met %(most)s.", most=format_decimal(most / 2))
        )
    return str(_("Vul een heel getal in van %(least)s tot en met %(most)s.", least=least, most=most))


def vote_problem(problem: VoteProblem, *, points: int, given: int) -> str:
    """What is wrong with a ballot or one line of it, in one sentence.

    Args:
        points: how many there are to divide.
        given: how many were given together.
    """
    if problem is VoteProblem.TOO_MANY:
        over = given - points
        return str(
            ngettext(
                "U gaf %(given)s punten; u heeft er %(points)s. Haal er %(num)s af.",
                "U gaf %(given)s punten; u heeft er %(points)s. Haal er %(num)s af.",
                over,
                given=given,
                points=points,
            )
        )
    if problem is VoteProblem.UNKNOWN:
        return str(_("Een initiatief doet niet meer mee. Bekijk de lijst en bewaar opnieuw."))
    return str(_("Vul een heel getal in van 0 tot en met %(points)s.", points=points))


def why_words(one: Outcome, result: Result, names: Mapping[int, str], *, by_points: bool) -> list[str]:
    """Why an initiative was chosen or not, in sentences.

    Args:
        names: number -> name, of the initiatives that this visitor may see.
        by_points: municipalities divided points; else they said yes or no.
    """
    said = [_first(one, result, by_points)]
    if one.decided_by is not None:
        said.append(_tie(one, names, by_points))
    if one.conflicts:
        said.append(
            str(
                ngettext(
                    "De stem van %(num)s gemeente telt hier niet: zij heeft er zelf belang bij.",
                    "De stem van %(num)s gemeenten telt hier niet: zij hebben er zelf belang bij.",
                    one.conflicts,
                )
            )
        )
    return said


def _first(one: Outcome, result: Result, by_points: bool) -> str:
    if one.why is Why.OUT:
        return str(_("Dit initiatief viel af voordat het kiezen werd gesloten."))
    if one.why is Why.NO_SUPPORT:
        none = _("Geen gemeente gaf hier punten die tellen.")
        return str(none if by_points else _("Geen gemeente koos dit met een stem die telt."))
    if one.why is Why.NO_PLACE:
        return str(
            _(
                "Dit staat op plaats %(rank)s, en er zijn %(places)s plaatsen.",
                rank=one.rank,
                places=result.places,
            )
        )
    if result.places is None:
        if by_points:
            all_ = _(
                "Alle initiatieven met punten zijn gekozen. Dit staat op plaats %(rank)s.", rank=one.rank
            )
        else:
            all_ = _("Alles wat een gemeente koos, doet mee. Dit staat op plaats %(rank)s.", rank=one.rank)
        return str(all_)
    return str(_("Dit staat op plaats %(rank)s van %(places)s.", rank=one.rank, places=result.places))


def _tie(one: Outcome, names: Mapping[int, str], by_points: bool) -> str:
    others = [
        f"‘{names[number]}’" if names.get(number) else str(_("een initiatief dat niet meer meedoet"))
        for number in one.equals[:NAMED]
    ]
    more = len(one.equals) - len(others)
    if more:
        others.append(str(ngettext("nog %(num)s ander", "nog %(num)s andere", more)))
    told = format_list(others, locale=get_locale())
    if not by_points:
        # One yes is one point, so that as many points are as many municipalities.
        return str(
            _(
                "Even vaak gekozen als %(others)s. Dan gaat voor wat het langst in het register staat.",
                others=told,
            )
        )
    if one.decided_by is TieBreak.SUPPORT:
        return str(
            _(
                "Evenveel punten als %(others)s. Dan gaat voor wat van meer gemeenten punten kreeg.",
                others=told,
            )
        )
    return str(
        _(
            "Evenveel punten als %(others)s. Dan gaat voor wat van meer gemeenten punten kreeg, en "
            "daarna wat het langst in het register staat.",
            others=told,
        )
    )

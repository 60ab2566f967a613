"""Which pins clash, and what everything would be with one more pair: in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matching.explain import WhyNot
from matching.problem import FULL, Clash
from review.consultant_words import hours_words
from review.round_explained import listed, named, rule_words, rules_words


def clash_words(
    told: Mapping[str, Any], initiatives: Mapping[str, str], consultants: Mapping[str, str]
) -> str:
    """Which pins can't all be and what to do, in one sentence.

    Args:
        told: as ``review.round_solving.clash_told`` gives.
    """
    clash, pins = Clash(told["clash"]), told["pins"]
    initiative, consultant = (named(initiatives, pins[0][0]), named(consultants, pins[0][1]))
    if clash is Clash.RULE:
        return str(
            _(
                "%(initiative)s is vastgezet bij %(consultant)s, maar dat kan niet: %(rule)s. Maak deze los.",
                initiative=initiative,
                consultant=consultant,
                rule=rule_words(told["rule"]),
            )
        )
    if clash is Clash.TWICE:
        names = listed([named(consultants, pin[1]) for pin in pins])
        return str(
            _(
                "%(initiative)s is vastgezet bij %(names)s tegelijk. Maak er een los.",
                initiative=initiative,
                names=names,
            )
        )
    names = listed([named(initiatives, pin[0]) for pin in pins])
    if clash is Clash.HOURS:
        return str(
            _(
                "%(consultant)s is vastgezet bij %(names)s: samen %(wanted)s, van %(left)s. Maak er een los.",
                consultant=consultant,
                names=names,
                wanted=hours_words(told["wanted"]),
                left=hours_words(told["left"]),
            )
        )
    return str(
        _(
            "%(consultant)s is vastgezet bij %(names)s, maar neemt er hooguit %(most)s aan. Maak er een los.",
            consultant=consultant,
            names=names,
            most=told["left"],
        )
    )


#: How a pin of one more pair clashes with the pins that are there.
CLASHES: dict[Clash, Any] = {
    Clash.RULE: _l("er geldt een regel die altijd geldt"),
    Clash.TWICE: _l("het initiatief is al vastgezet bij iemand anders"),
    Clash.HOURS: _l("wat bij deze consultant is vastgezet, kost al te veel uren"),
    Clash.MAXIMUM: _l("bij deze consultant is al het hoogste aantal opdrachten vastgezet"),
}


def why_not_words(why: WhyNot, initiatives: Mapping[str, str], consultants: Mapping[str, str]) -> list[str]:
    """Why a pair is not so, and what everything would be with it: sentences, the answer first."""
    if why.rules:
        return [str(_("Dat kan niet: %(rules)s.", rules=rules_words(why.rules)))]
    if why.clash is not None:
        return [str(_("Dat kan niet: %(why)s.", why=CLASHES[why.clash]))]
    told = [_difference(why)]
    for initiative, (now, then) in (why.moves or {}).items():
        told.append(
            str(
                _(
                    "%(initiative)s gaat van %(now)s naar %(then)s.",
                    initiative=named(initiatives, initiative),
                    now=named(consultants, now) if now else _("niemand"),
                    then=named(consultants, then) if then else _("niemand"),
                )
            )
        )
    if len(told) == 1:
        told.append(str(_("Niemand anders hoeft te wisselen.")))
    return told


def _difference(why: WhyNot) -> str:
    if why.served < 0:
        fewer = ngettext(
            "Dan heeft %(num)s initiatief minder een consultant.",
            "Dan hebben %(num)s initiatieven minder een consultant.",
            -why.served,
        )
        return str(fewer)
    if why.served > 0:
        more = ngettext(
            "Dan heeft %(num)s initiatief meer een consultant.",
            "Dan hebben %(num)s initiatieven meer een consultant.",
            why.served,
        )
        return str(more)
    if why.worst:
        return _points(
            why.worst,
            _l("Dan past de minst passende koppeling %(points)s procentpunt beter."),
            _l("Dan past de minst passende koppeling %(points)s procentpunt slechter."),
        )
    if why.total:
        return _points(
            why.total,
            _l("Dan passen alle koppelingen samen %(points)s procentpunt beter."),
            _l("Dan passen alle koppelingen samen %(points)s procentpunt slechter."),
        )
    return str(_("Dat is samen even goed."))


def _points(difference: int, better: Any, worse: Any) -> str:
    points = format_decimal(max(0.1, round(abs(100 * difference / FULL), 1)))
    return str(better if difference > 0 else worse) % {"points": points}

"""Pairs in words, short enough for a board: why two fit, which rules they break, and what can't be done."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matching.problem import Rule
from models.store.pairing import (
    REASON,
    BrokenRuleError,
    LockedPairError,
    NotInRoundError,
    PinnedPairError,
    ReasonNeededError,
)
from models.store.round_rules import RoundError, RoundNotAllowedError, RoundStateError
from review.consultant_words import hours_words, theme_words
from review.shown import labels

if TYPE_CHECKING:
    from review.board_look import Look


def rule_words(rule: Rule, look: "Look") -> str:
    """A rule that a pair breaks, with what it breaks it by."""
    return str(_RULES[rule](look))


def _same(look: "Look") -> Any:
    if look.wanted.municipality == look.offered.municipality:
        return _("zelfde gemeente")
    return _("zelfde gemeente: samengevoegd, of met dezelfde ambtenaren")


def _hours(look: "Look") -> Any:
    needed = hours_words(look.wanted.half_hours)
    if look.left <= 0:
        return _("geen uren meer over, %(needed)s nodig", needed=needed)
    return _("te weinig uren: %(needed)s nodig, %(left)s over", needed=needed, left=hours_words(look.left))


_RULES: dict[Rule, Callable[["Look"], Any]] = {
    Rule.SAME_MUNICIPALITY: _same,
    Rule.UNAVAILABLE: lambda look: _("niet meer beschikbaar in deze ronde"),
    Rule.FORBIDDEN: lambda look: _("deze koppeling is verboden"),
    Rule.HOURS: _hours,
    Rule.MAXIMUM: lambda look: _("heeft al het hoogste aantal opdrachten (%(most)s)", most=look.offered.most),
    Rule.TOO_FAR: lambda look: _(
        "te ver: %(km)s km, reist hooguit %(most)s km", km=_km(look.km), most=_km(look.offered.radius_km)
    ),
    Rule.NO_EXPERTISE: lambda look: _("heeft geen van de gevraagde soorten kennis"),
    Rule.LANGUAGE: lambda look: _(
        "spreekt de taal van de vraag niet: %(language)s", language=_language(look.wanted.language)
    ),
}


def reasons_words(look: "Look") -> list[str]:
    """Why the two fit, the weightiest first; what a rule says already is not told again."""
    found = []
    wanted, offered = look.wanted, look.offered
    if look.shared:
        found.append(
            _(
                "kennis: %(names)s (%(shared)s van %(all)s gevraagd)",
                names=", ".join(labels("expertise").get(slug, slug) for slug in look.shared),
                shared=len(look.shared),
                all=len(wanted.expertise),
            )
        )
    if wanted.theme is not None and wanted.theme in offered.themes:
        found.append(_("thema: %(theme)s", theme=theme_words(wanted.theme, offered.themes[wanted.theme])))
    elif wanted.theme is not None:
        theme = labels("themes").get(wanted.theme, wanted.theme)
        found.append(_("thema is nieuw: %(theme)s", theme=theme))
    if look.km is not None and Rule.TOO_FAR not in look.soft:
        found.append(_("%(km)s km", km=_km(look.km)))
    if wanted.language != "nl" and wanted.language in offered.languages:
        found.append(_("spreekt %(language)s", language=_language(wanted.language)))
    return [str(one) for one in found]


def refused_words(error: RoundError) -> str:
    """Why nothing was changed and what to do, in one sentence."""
    if isinstance(error, ReasonNeededError):
        least, most = REASON
        return str(
            _("Schrijf waarom dit toch kan, in %(least)s tot %(most)s tekens.", least=least, most=most)
        )
    if isinstance(error, BrokenRuleError):
        return str(_("Dit kan niet: %(why)s.", why=_BROKEN.get(error.rule, error.rule)))
    said = next((words for kind, words in _REFUSED.items() if isinstance(error, kind)), None)
    return str(said or _("Dit kon niet. Kijk opnieuw en probeer het nog eens."))


_REFUSED: dict[type[RoundError], Any] = {
    LockedPairError: _l("Van deze koppeling is al een voorstel gedaan. Stop eerst de match."),
    PinnedPairError: _l("Deze koppeling staat vast. Zet haar eerst los."),
    NotInRoundError: _l("Dit initiatief of deze consultant is niet meer in de ronde. Kijk opnieuw."),
    RoundStateError: _l("De ronde is intussen verder: hier kan niets meer veranderen."),
    RoundNotAllowedError: _l("Alleen een projectleider of beheerder mag dit in een ronde doen."),
}

#: Rules that always hold, as the store names them.
_BROKEN: dict[str, Any] = {
    "zelfde_gemeente": _l("de consultant werkt bij dezelfde gemeente"),
    "niet_beschikbaar": _l("de consultant is niet meer beschikbaar in deze ronde"),
    "verboden": _l("deze koppeling is verboden"),
    "uren": _l("de consultant heeft niet genoeg uren over"),
    "maximum": _l("de consultant heeft al het hoogste aantal opdrachten"),
}


def _km(km: float | None) -> str:
    return str(format_decimal(round(km))) if km is not None else "?"


def _language(code: str) -> str:
    return str(labels("languages").get(code, code))

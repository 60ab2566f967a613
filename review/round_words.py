"""Matching rounds in words: states, moves, what is missing, who fell out, and fields of the form."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.round_leavers import Why
from models.store.rounds import Fallen
from models.words import PairingKind, RoundState, SelectionMethod
from review.consultant_words import unknown

STATES: dict[RoundState, Any] = {
    RoundState.SEEDING: _l("samenstellen"),
    RoundState.SELECTION: _l("kiezen"),
    RoundState.PAIRING: _l("koppelen"),
    RoundState.COMPARING: _l("vergelijken"),
    RoundState.PROPOSING: _l("voorstellen"),
    RoundState.DEPLOYED: _l("uitvoeren"),
    RoundState.CLOSED: _l("afgesloten"),
    RoundState.CANCELLED: _l("gestopt"),
}
#: Colour of the badge, beside the words.
COLOURS: dict[RoundState, str] = {
    RoundState.SEEDING: "open",
    RoundState.CLOSED: "merged",
    RoundState.CANCELLED: "rejected",
}
METHODS: dict[SelectionMethod, Any] = {
    SelectionMethod.POINTS: _l("punten verdelen"),
    SelectionMethod.APPROVAL: _l("ja zeggen"),
}
KINDS: dict[PairingKind, Any] = {
    PairingKind.BY_HAND: _l("met de hand"),
    PairingKind.AUTOMATIC: _l("automatisch"),
    PairingKind.FINAL: _l("definitief"),
}

#: From and to -> what the button says.
BUTTONS: dict[tuple[RoundState, RoundState], Any] = {
    (RoundState.SEEDING, RoundState.SELECTION): _l("Laat de gemeenten kiezen"),
    (RoundState.SELECTION, RoundState.SEEDING): _l("Terug naar samenstellen"),
    (RoundState.SELECTION, RoundState.PAIRING): _l("Sluit het kiezen en begin met koppelen"),
    (RoundState.PAIRING, RoundState.COMPARING): _l("Sluit het koppelen met de hand en vergelijk"),
    (RoundState.PAIRING, RoundState.PROPOSING): _l("Sluit het koppelen en begin met voorstellen"),
    (RoundState.PROPOSING, RoundState.DEPLOYED): _l("Klaar met voorstellen: nu uitvoeren"),
    (RoundState.DEPLOYED, RoundState.PROPOSING): _l("Terug naar voorstellen"),
    (RoundState.DEPLOYED, RoundState.CLOSED): _l("Sluit de ronde af"),
}
#: State that a round came in -> what is said of it.
MOVED: dict[RoundState, Any] = {
    RoundState.SEEDING: _l("De ronde wordt weer samengesteld. De stemmen zijn bewaard."),
    RoundState.SELECTION: _l("De gemeenten kunnen nu kiezen."),
    RoundState.PAIRING: _l("Het kiezen is gesloten. De gegevens staan vast en u kunt koppelen."),
    RoundState.COMPARING: _l("Het koppelen met de hand is gesloten. U kunt nu vergelijken."),
    RoundState.PROPOSING: _l("U kunt nu voorstellen doen."),
    RoundState.DEPLOYED: _l("De ronde wordt uitgevoerd."),
    RoundState.CLOSED: _l("De ronde is afgesloten."),
    RoundState.CANCELLED: _l("De ronde is gestopt. Wie op een voorstel wachtte, krijgt bericht."),
}

#: Word of ``round_needs.Transition.needs`` -> what must be true.
NEEDS: dict[str, Any] = {
    "initiatives": _l("er is een initiatief"),
    "hosts": _l("elk initiatief heeft een contactpersoon bij de gemeente, met e-mailadres en uren"),
    "hours": _l("van elk initiatief is bekend hoeveel uur hulp nodig is"),
    "municipalities": _l("er doen twee of meer gemeenten mee aan het netwerk"),
    "quorum": _l("genoeg gemeenten hebben gekozen"),
    "chosen": _l("er is een initiatief gekozen"),
    "consultants": _l("er is een consultant"),
    "pairs_by_hand": _l("er is met de hand gekoppeld"),
    "which": _l("de projectleider koos tussen met de hand en automatisch"),
    "pairs_of_chosen": _l("die keuze heeft een koppeling"),
    "all_answered": _l("er wacht geen voorstel meer op antwoord"),
    "some_agreed": _l("bij een match is iedereen akkoord"),
    "all_proposed": _l("elke koppeling is voorgesteld"),
    "all_ended": _l("elke match is afgerond of gestopt"),
    "why": _l("er staat waarom"),
}
#: Word of ``round_needs.Transition.does`` -> what the move does.
DOES: dict[str, Any] = {
    "choosers": _l("wie nu meedoet aan het netwerk, kiest mee"),
    "asked": _l("de gemeenten kunnen kiezen"),
    "votes_kept": _l("wat gekozen was, blijft bewaard"),
    "selected": _l("de stemmen worden geteld"),
    "frozen": _l("de gegevens staan vast"),
    "automatic": _l("er wordt ook automatisch gekoppeld"),
    "closed_by_hand": _l("het koppelen met de hand is klaar"),
    "revealed": _l("de automatische koppelingen zijn te zien"),
    "copied": _l("de koppelingen gaan naar het bord met voorstellen"),
    "no_more": _l("er komen geen nieuwe voorstellen"),
    "proposing_again": _l("er kunnen weer voorstellen komen"),
    "matches_stopped": _l("wat nog loopt, stopt, en iedereen krijgt bericht"),
    "ended": _l("er kan niets meer veranderen"),
}
#: State -> what a municipality may do in it, and what who leads rounds may.
MAY: dict[RoundState, tuple[Any, Any]] = {
    RoundState.SEEDING: (
        _l("eigen initiatieven voordragen, en invullen wie de consultant ontvangt"),
        _l("alle initiatieven en consultants erin zetten, en afspreken hoe er gekozen wordt"),
    ),
    RoundState.SELECTION: (
        _l("kiezen, en zeggen waar een eigen belang is"),
        _l("consultants erin zetten, en zien wie al koos"),
    ),
    RoundState.PAIRING: (_l("zien wat er gekozen is"), _l("koppelen op het bord")),
    RoundState.COMPARING: (
        _l("zien wat er gekozen is"),
        _l("vergelijken, en kiezen wat er wordt voorgesteld"),
    ),
    RoundState.PROPOSING: (
        _l("antwoorden op voorstellen voor eigen initiatieven en eigen consultants"),
        _l("koppelingen aanpassen en voorstellen"),
    ),
    RoundState.DEPLOYED: (
        _l("bij eigen initiatieven zeggen wanneer het werk begint, en het afronden; eigen matches volgen"),
        _l("het werk laten beginnen, en afronden met een bezoek en aanbevelingen"),
    ),
    RoundState.CLOSED: (_l("alles nalezen"), _l("alles nalezen")),
}
#: Why somebody or something fell out.
FELL_OUT: dict[str, Any] = {
    Why.REMOVED: _l("weggehaald uit de lijst met consultants"),
    Why.UNAVAILABLE: _l("niet meer beschikbaar"),
    Why.PERIOD: _l("de periode eindigt voordat het werk begint"),
    Why.WITHDRAWN: _l("staat niet meer in het register"),
    Why.MUNICIPALITY_LEFT: _l("de gemeente doet niet meer mee aan het netwerk"),
}

#: Field of the form -> its name.
NAMES: dict[str, Any] = {
    "name": _l("Naam van de ronde"),
    "first_day": _l("Eerste dag van het werk"),
    "last_day": _l("Laatste dag van het werk"),
    "method": _l("Hoe kiezen de gemeenten?"),
    "points": _l("Punten per gemeente"),
    "places": _l("Hoogste aantal gekozen initiatieven"),
    "quorum": _l("Zoveel procent van de gemeenten moet gekozen hebben"),
    "automatic": _l("Ook automatisch koppelen?"),
    "why": _l("Waarom stopt de ronde?"),
}
_SENTENCES: dict[tuple[str, str], Any] = {
    ("name", "empty"): _l("Vul een naam in."),
    ("name", "long"): _l("Maak de naam korter: hooguit 120 tekens."),
    ("first_day", "day"): _l("Vul een dag in, bijvoorbeeld 04-01-2027."),
    ("last_day", "day"): _l("Vul een dag in, bijvoorbeeld 26-03-2027."),
    ("last_day", "backwards"): _l("De laatste dag ligt vóór de eerste. Verander een van de twee."),
    ("points", "bounds"): _l("Vul een heel getal in van 1 tot en met 1000."),
    ("places", "bounds"): _l("Vul een heel getal in van 1 tot en met 1000, of laat dit leeg."),
    ("quorum", "bounds"): _l("Vul een heel getal in van 0 tot en met 100."),
    ("method", "choice"): _l("Kies hoe de gemeenten kiezen."),
    ("automatic", "choice"): _l("Kies een antwoord."),
}


def problem_words(field: str, word: str) -> str:
    """What is wrong with a field of the form and what to do, in one sentence."""
    return str(_SENTENCES[field, word])


def missing_words(word: str, values: Mapping[str, Any]) -> str:
    """What is missing before a move and what to do, in one or two sentences."""
    return str(_COUNTED[word](values) if word in _COUNTED else _MISSING[word])


def _named(values: Mapping[str, Any]) -> str:
    names = ", ".join(f"‘{name}’" for name in values["names"])
    more = values["count"] - len(values["names"])
    if not more:
        return names
    return str(_("%(names)s en nog %(more)s", names=names, more=format_decimal(more)))


#: Words with numbers or names -> the sentence.
_COUNTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "hosts": lambda values: _(
        "Vul contactpersoon, e-mailadres en uren van de gemeente in bij %(names)s.", names=_named(values)
    ),
    "hours": lambda values: _("Vul in hoeveel uur hulp nodig is bij %(names)s.", names=_named(values)),
    "quorum": lambda values: ngettext(
        "Nog te weinig gemeenten kozen: %(num)s van de %(all)s. Er moeten er %(needed)s zijn.",
        "Nog te weinig gemeenten kozen: %(num)s van de %(all)s. Er moeten er %(needed)s zijn.",
        values["voted"],
        all=values["municipalities"],
        needed=values["needed"],
    ),
    "all_answered": lambda values: ngettext(
        "Er wacht nog %(num)s voorstel op antwoord.",
        "Er wachten nog %(num)s voorstellen op antwoord.",
        values["count"],
    ),
    "all_proposed": lambda values: ngettext(
        "Er is nog %(num)s koppeling zonder voorstel. Stel die voor, of haal die van het bord.",
        "Er zijn nog %(num)s koppelingen zonder voorstel. Stel die voor, of haal die van het bord.",
        values["count"],
    ),
    "all_ended": lambda values: ngettext(
        "Er loopt nog %(num)s match. Rond die af of stop die.",
        "Er lopen nog %(num)s matches. Rond die af of stop die.",
        values["count"],
    ),
    "pairs_of_chosen": lambda values: (
        _("De automatische koppeling is nog niet klaar. Wacht daarop, of kies met de hand.")
        if values["waits"]
        else _("In die koppeling staat niemand (meer). Kies de andere.")
    ),
    "why": lambda values: (
        _("Maak dit korter: hooguit %(limit)s tekens.", limit=values["limit"])
        if values["long"]
        else _("Schrijf waarom de ronde stopt.")
    ),
}


_MISSING: dict[str, Any] = {
    "initiatives": _l("Zet eerst een initiatief in de ronde."),
    "municipalities": _l("Er doen nog geen twee gemeenten mee aan het netwerk."),
    "chosen": _l("Geen initiatief kreeg een stem die telt."),
    "consultants": _l("Zet eerst een consultant in de ronde."),
    "pairs_by_hand": _l("Koppel eerst een initiatief aan een consultant op het bord."),
    "which": _l("Kies eerst welke koppeling u voorstelt."),
    "some_agreed": _l(
        "Er is nog geen match waarbij iedereen akkoord is. Koppel opnieuw op het bord en stel dat voor. Lukt"
        " het bij geen enkel initiatief? Stop dan de ronde, en schrijf erbij waarom."
    ),
}


def fallen_words(one: Fallen) -> str:
    """Who or what fell out."""
    if one.kind == "municipality":
        return one.name
    name = one.name or unknown()
    return str(_("%(name)s, %(municipality)s", name=name, municipality=one.municipality))


def why_words(word: str) -> str:
    """Why somebody or something fell out; the word itself where there is no other."""
    return str(FELL_OUT.get(word, word))


#: State and kind of what fell out -> what to do about it.
_AFTERWARDS: dict[tuple[RoundState, str], Any] = {
    (RoundState.SEEDING, "initiative"): _l("U kunt een ander initiatief in de ronde zetten."),
    (RoundState.SEEDING, "consultant"): _l("U kunt een andere consultant in de ronde zetten."),
    (RoundState.SELECTION, "initiative"): _l("Wie hier punten aan gaf, kan opnieuw kiezen."),
    (RoundState.SELECTION, "consultant"): _l("U kunt een andere consultant in de ronde zetten."),
    (RoundState.PAIRING, "initiative"): _l("De koppeling is van het bord gehaald."),
    (RoundState.PAIRING, "consultant"): _l("De koppelingen zijn van het bord gehaald. Koppel opnieuw."),
    (RoundState.COMPARING, "initiative"): _l("De koppeling gaat niet mee naar de voorstellen."),
    (RoundState.COMPARING, "consultant"): _l("De koppelingen gaan niet mee naar de voorstellen."),
    (RoundState.PROPOSING, "initiative"): _l("De koppeling is van het bord gehaald."),
    (RoundState.PROPOSING, "consultant"): _l(
        "Koppel de initiatieven opnieuw op het bord, of vraag automatisch advies, en stel dat voor."
    ),
    (RoundState.DEPLOYED, "consultant"): _l(
        "Wilt u een andere consultant voorstellen? Ga dan terug naar voorstellen."
    ),
}


def afterwards_words(state: RoundState, one: Fallen) -> str:
    """What the leader can do about it; empty = nothing, or nothing any more."""
    return str(_AFTERWARDS.get((state, one.kind), ""))

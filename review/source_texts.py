"""Words on screen about sources: how they are doing, what is odd, what visits brought, why one is refused."""

from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _l

from models.words import Outcome, Sign, SourceKind, SourceState

#: In the order of the list: what asks for attention first.
STATES: dict[SourceState, Any] = {
    SourceState.FAILING: _l("lukt niet"),
    SourceState.ODD: _l("opvallend"),
    SourceState.UNREVIEWED: _l("voorwaarden niet in orde"),
    SourceState.PAUSED: _l("gepauzeerd"),
    SourceState.NEW: _l("nog niet bezocht"),
    SourceState.HEALTHY: _l("gezond"),
    SourceState.DISABLED: _l("staat uit"),
    SourceState.REMOVED: _l("weggehaald"),
}

#: What to do, where the state itself says it.
ADVICE: dict[SourceState, Any] = {
    SourceState.UNREVIEWED: _l("Lees de voorwaarden en vul ze in; tot dan gaat Scout niet langs."),
    SourceState.NEW: _l("Scout gaat bij het volgende bezoek voor het eerst langs."),
    SourceState.DISABLED: _l("Zet de bron aan om hem te laten bezoeken."),
}

#: What is odd -> that in one sentence, and what to do; the gaps are filled by ``sign_words``.
SIGNS: dict[Sign, tuple[Any, Any]] = {
    Sign.MOVED: (
        _l("De bron is verhuisd naar %(detail)s."),
        _l("Controleer of het dezelfde bron is, en neem het nieuwe adres over."),
    ),
    Sign.PARKED: (
        _l("Het domein lijkt te koop te staan (%(detail)s)."),
        _l("Zoek waar de bron gebleven is, of haal hem weg."),
    ),
    Sign.SUSPENDED: (
        _l("De site is afgesloten door de hostingfirma (%(detail)s)."),
        _l("Vraag het aan de eigenaar, of pauzeer de bron tot hij terug is."),
    ),
    Sign.CONSENT: (
        _l("De site toont een toestemmings- of aanmeldpagina in plaats van berichten (%(detail)s)."),
        _l("Zoek een nieuwsfeed zonder zo’n pagina, of vraag het aan de eigenaar."),
    ),
    Sign.SILENT: (
        _l("De bron is stil: sinds %(day)s kwam er niets nieuws, veel langer dan anders."),
        _l("Kijk of de berichten verhuisd of gestopt zijn, en verbeter de bron of haal hem weg."),
    ),
    Sign.BOUNDS: (
        _l("Het laatste bezoek gaf %(drafts)s berichten; verwacht: %(bounds)s."),
        _l("Kijk of de pagina veranderd is, of pas het verwachte aantal aan."),
    ),
    Sign.DOUBLED: (
        _l("De bron geeft veel meer dan anders."),
        _l("Kijk of het een andere lijst geworden is."),
    ),
}

#: What ``doubled`` counts -> that in one sentence, and what to do.
DOUBLED: dict[str, tuple[Any, Any]] = {
    "visit": (
        _l("Een bezoek geeft %(now)s berichten, terwijl %(usual)s gewoon is."),
        _l("Kijk of het een andere lijst geworden is."),
    ),
    "day": (
        _l("Er komen %(now)s nieuwe berichten per dag, terwijl %(usual)s gewoon is."),
        _l("Kijk of het een andere lijst geworden is."),
    ),
    "source": (
        _l("%(now)s van de %(usual)s berichten zijn dezelfde als die van de bron %(key)s."),
        _l("Houd een van de twee bronnen aan."),
    ),
}

KINDS: dict[SourceKind, Any] = {
    SourceKind.FEED: _l("nieuwsfeed"),
    SourceKind.SITE: _l("webpagina met berichten"),
    SourceKind.SITEMAP: _l("sitemap"),
    SourceKind.WORDPRESS: _l("WordPress-site"),
    SourceKind.MASTODON: _l("Mastodon"),
    SourceKind.BLUESKY: _l("Bluesky"),
    SourceKind.KOOP: _l("officiële bekendmakingen"),
    SourceKind.COUNCIL: _l("gemeenteraad"),
    SourceKind.YOUTUBE: _l("YouTube-kanaal"),
    SourceKind.HANDIN: _l("ingebracht door mensen"),
}

#: Keys that only some kinds have.
OPTIONS: dict[str, Any] = {
    "article": _l("Patroon van artikelen"),
    "hashtag": _l("Hashtag"),
    "account": _l("Account"),
    "timeline": _l("Tijdlijn"),
    "actor": _l("Account"),
    "creator": _l("Uitgever"),
    "rubrics": _l("Rubrieken"),
    "council": _l("Gemeenteraad"),
    "channel": _l("Kanaal"),
}

#: What became of what a visit found, after a number.
OUTCOMES: dict[Outcome, Any] = {
    Outcome.NEW: _l("nieuw"),
    Outcome.CHANGED: _l("veranderd"),
    Outcome.UNCHANGED: _l("al bekend"),
    Outcome.DUPLICATE: _l("dubbel"),
    Outcome.NO_TEXT: _l("zonder tekst"),
    Outcome.NO_LINK: _l("zonder link"),
    Outcome.LANGUAGE: _l("in een andere taal"),
    Outcome.TOO_OLD: _l("te oud"),
    Outcome.SUPPRESSED: _l("op verzoek weggelaten"),
    Outcome.ERROR: _l("niet gelukt"),
}

#: Why an address can't become a source -> what is the matter, and what to do.
REFUSALS: dict[str, tuple[Any, Any]] = {
    "blocked": (
        _l("De voorwaarden van deze site verbieden dat Scout er berichten ophaalt."),
        _l("Breng zelf in wat daar staat."),
    ),
    "person": (
        _l("Dit is een account van een persoon."),
        _l(
            "Scout volgt onderwerpen, plaatsen en organisaties, nooit personen. Kies een account van een "
            "organisatie, of een hashtag."
        ),
    ),
    "robots": (
        _l("De site wil niet dat programma’s deze pagina lezen (robots.txt)."),
        _l("Vraag de eigenaar om toestemming, of breng zelf in wat daar staat."),
    ),
    "private": (
        _l("Dit adres is van een eigen netwerk, niet van het internet."),
        _l("Vul een openbaar adres in."),
    ),
    "not_public": (
        _l("Wat daar staat, is niet openbaar: u moet zich er aanmelden."),
        _l("Zoek een openbaar adres van deze bron, of breng zelf in wat daar staat."),
    ),
    "nothing": (
        _l("Achter dit adres is niets gevonden dat Scout kan volgen."),
        _l("Probeer de voorpagina van de site, of het adres van de nieuwsfeed."),
    ),
    "unreachable": (
        _l("De site is niet te bereiken."),
        _l("Controleer het adres, of probeer het later nog eens."),
    ),
}

#: Times between two visits that can be chosen: in words of a source file, in seconds, on screen.
EVERY: tuple[tuple[str, int, Any], ...] = (
    ("15m", 900, _l("elk kwartier")),
    ("30m", 1_800, _l("elk half uur")),
    ("1h", 3_600, _l("elk uur")),
    ("2h", 7_200, _l("elke 2 uur")),
    ("6h", 21_600, _l("elke 6 uur")),
    ("12h", 43_200, _l("elke 12 uur")),
    ("1d", 86_400, _l("elke dag")),
    ("1w", 604_800, _l("elke week")),
)

#: Seconds of a unit -> so many of them between two visits.
UNITS: tuple[tuple[int, Any], ...] = (
    (86_400, _l("elke %(count)s dagen")),
    (3_600, _l("elke %(count)s uur")),
    (60, _l("elke %(count)s minuten")),
    (1, _l("elke %(count)s seconden")),
)

#: Field of the form -> its name.
FIELDS: dict[str, Any] = {
    "adres": _l("Adres"),
    "titel": _l("Naam"),
    "sleutel": _l("Sleutel"),
    "gemeente": _l("Gemeente"),
    "hoe_vaak": _l("Hoe vaak"),
    "minst": _l("Laagste aantal berichten"),
    "meest": _l("Hoogste aantal berichten"),
    "patroon": _l("Patroon van artikelen"),
    "doel": _l("Doel"),
    "grondslag": _l("Grondslag"),
    "voorwaarden": _l("Adres van de voorwaarden"),
    "gelezen": _l("Voorwaarden gelezen op"),
    "waarom": _l("Reden"),
    "bestand": _l("Bestand"),
}

#: Most characters of a field.
LIMITS = {
    "adres": 2_000,
    "titel": 200,
    "sleutel": 80,
    "patroon": 200,
    "doel": 500,
    "grondslag": 200,
    "voorwaarden": 2_000,
    "waarom": 200,
}


def sign_words(sign: Sign, detail: str) -> tuple[str, str]:
    """What is odd and what to do, each in one sentence.

    Args:
        detail: as ``models.health`` describes it for each sign.
    """
    what, advice = SIGNS[sign]
    values: dict[str, str] = {"detail": detail}
    parts = detail.split(":")
    if sign is Sign.SILENT:
        values["day"] = _day(detail)
    elif sign is Sign.BOUNDS and len(parts) == 3:
        values |= {"drafts": parts[0], "bounds": bounds(parts[1], parts[2])}
    elif sign is Sign.DOUBLED and parts[0] in DOUBLED and len(parts) > 2:
        what, advice = DOUBLED[parts[0]]
        values |= {"now": parts[-2], "usual": parts[-1], "key": parts[1]}
    return str(what) % values, str(advice)


def bounds(least: object, most: object) -> str:
    """How many items a visit should give: ``1 tot 200``; empty or None = no bound."""
    low, high = ("" if one is None else one for one in (least, most))
    if low == high == "":
        return str(_l("geen grens"))
    words = _l("%(low)s of meer") if high == "" else _l("%(low)s tot %(high)s")
    return str(words % {"low": low or 0, "high": high})


def every_words(seconds: int) -> str:
    """How often a source is visited: ``elk uur``."""
    known = next((words for _code, each, words in EVERY if each == seconds), None)
    if known is None:
        unit, words = next(one for one in UNITS if seconds % one[0] == 0)
        known = words % {"count": seconds // unit}
    return str(known)


def _day(text: str) -> str:
    try:
        return str(format_date(date.fromisoformat(text), "d MMMM yyyy"))
    except ValueError:
        return text


def kind_words(kind: str) -> str:
    """The name of a kind, also of one that is not known here."""
    return str(KINDS[SourceKind(kind)]) if kind in set(SourceKind) else kind

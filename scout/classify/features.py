"""Features with names that reviewers understand, each found at places in the text.

A feature takes a :class:`~scout.classify.signs.Signs` (who stands where, gathered once a text) and
gives the spans where it holds. Its value is ``1 - 0.5 ** spans``: 0.0 never, 0.5 once, towards 1.0.
Names are shown on screen and in exports, so they are in plain Dutch; a name never changes its meaning.
"""

from collections.abc import Callable

from scout.classify.signs import Signs, Span

Feature = Callable[[Signs], list[Span]]

_HANDS = ("maakt", "draait", "helpt")
_PEOPLE = ("BEWONERS", "NAASTEN")
_CLUBS = ("GROEP", "VRIJWILLIGERS", "BURGERCLUB")
_OFFICE = ("GEMEENTE", "POLITIE")
_STAFF = ("WELZIJN", "INSTELLING", "BEROEPS", "CORPORATIE")


def acts(actors: tuple[str, ...], doings: tuple[str, ...]) -> Feature:
    """Such an actor, not governed by a preposition, in one clause with such a doing."""
    return lambda signs: [span for a in actors for d in doings for span in signs.acts.get((a, d), ())]


def by(actors: tuple[str, ...], *prepositions: str) -> Feature:
    """Such an actor after one of these prepositions."""
    return lambda signs: [
        span for a in actors for p in prepositions for span in signs.governed.get((p, a), ())
    ]


def has(*classes: str) -> Feature:
    """A word of one of these classes."""
    return lambda signs: [span for name in classes for span in signs.words.get(name, ())]


def our(*classes: str) -> Feature:
    """ "Onze", followed within two words by a word of one of these classes."""
    return lambda signs: [span for name in classes for span in signs.ours.get(name, ())]


def speaks(*classes: str) -> Feature:
    """Such an actor in one clause with a verb of saying."""
    return lambda signs: [span for name in classes for span in signs.says.get(name, ())]


def _petition_without_doing(signs: Signs) -> list[Span]:
    """Protest words in a text in which no resident builds, runs or takes over anything."""
    if any(signs.acts.get((actor, doing)) for actor in ("WIJ", *_PEOPLE, "GROEP") for doing in _HANDS):
        return []
    return signs.words.get("protest", [])


#: Name -> where it holds: who acts are residents, or it is done as residents do it.
RESIDENTS_ACT: dict[str, Feature] = {
    "wij beginnen iets": acts(("WIJ", "IK"), ("begint", "neemt_over")),
    "wij doen het werk": acts(("WIJ", "IK"), _HANDS),
    "wij vragen hulp": acts(("WIJ", "IK"), ("vraagt",)),
    "bewoners beginnen iets": acts(_PEOPLE, ("begint",)),
    "bewoners doen het werk": acts(_PEOPLE, _HANDS),
    "bewoners nemen iets over": acts((*_PEOPLE, "GROEP", "BURGERCLUB"), ("neemt_over",)),
    "een groep mensen begint iets": acts(("GROEP",), ("begint", "plan")),
    "een groep mensen doet het werk": acts(("GROEP",), _HANDS),
    "vrijwilligers doen het werk": acts(("VRIJWILLIGERS",), _HANDS),
    "een bewonersclub doet iets": acts(("BURGERCLUB",), ("begint", "plan", *_HANDS)),
    "een bewonersclub vraagt hulp": acts(("BURGERCLUB", "GROEP"), ("vraagt",)),
    "een stichting of vereniging doet iets": acts(("STICHTING",), ("begint", *_HANDS, "neemt_over")),
    "iemand begint iets": acts(("PERSOON",), ("begint", "plan")),
    "iemand doet het werk": acts(("PERSOON", "NAASTEN"), _HANDS),
    "op initiatief van bewoners": by((*_PEOPLE, *_CLUBS), "initiatief", "idee", "plan", "project"),
    "gedaan door bewoners": by((*_PEOPLE, *_CLUBS), "door"),
    "de gemeente helpt mee": acts(("GEMEENTE",), ("geeft",)),
    "een instelling helpt mee": acts((*_STAFF, "BEDRIJF"), ("geeft",)),
    "bij iemand thuis": has("thuis"),
    "een plek van de buurt": has("plek"),
    "zelf en samen": has("zelf"),
    "zoekt mensen, geld of ruimte": has("vraagt"),
    "een bewoner aan het woord": speaks(*_PEOPLE, *_CLUBS),
    "een groep mensen": has("GROEP"),
    "een club van bewoners": has("BURGERCLUB"),
    "vrijwilligers": has("VRIJWILLIGERS"),
    "bewoners of buren": has("BEWONERS"),
}

#: Name -> where it holds: somebody else acts, or the text is about something else.
OTHERS_ACT: dict[str, Feature] = {
    "de gemeente doet iets": acts(("GEMEENTE",), ("begint", "plan", *_HANDS, "vraagt")),
    "de gemeente besluit": acts(_OFFICE, ("besluit",)),
    "een instelling begint iets": acts(_STAFF, ("begint", "plan")),
    "een instelling doet het werk": acts(_STAFF, (*_HANDS, "vraagt")),
    "een bedrijf doet iets": acts(("BEDRIJF",), ("begint", "plan", *_HANDS, "vraagt")),
    "een partij doet iets": acts(("PARTIJ",), ("begint", "plan", *_HANDS, "vraagt", "wil")),
    "wij als gemeente of organisatie": by((*_OFFICE, *_STAFF, "BEDRIJF", "PARTIJ"), "als", "namens"),
    "op initiatief of onder leiding van een organisatie": by(
        (*_OFFICE, *_STAFF, "BEDRIJF"), "initiatief", "leiding", "opdracht", "verzoek", "uitnodiging"
    ),
    "betaald werk": has("betaald"),
    "een zaak of winkel": has("zaak"),
    "iets van huis en gezin": has("prive"),
    "een landelijke organisatie doet iets": acts(("LANDELIJK",), ("begint", "plan", *_HANDS, "vraagt")),
    "voor of met bewoners": by((*_PEOPLE, "VRIJWILLIGERS"), "voor", "met", "van", "aan", "onder"),
    "onze medewerkers of klanten": our("BEROEPS", "WELZIJN", "BEDRIJF", "INSTELLING", "CORPORATIE"),
    "onze fractie of gemeente": our("PARTIJ", "GEMEENTE"),
    "een beroepskracht aan het woord": speaks("BEROEPS", "WELZIJN", "CORPORATIE", "INSTELLING"),
    "een bestuurder aan het woord": speaks("GEMEENTE", "PARTIJ", "POLITIE"),
    "spreekt de lezer aan met u": has("U"),
    "bekendmaking of inspraak": has("bekendmaking"),
    "beleid of besluit": has("besluit"),
    "protest zonder eigen plan": _petition_without_doing,
    "handel of vacature": has("handel"),
    "partijpolitiek": has("PARTIJ"),
    "sport en clubleven": has("SPORTCLUB"),
    "landelijke actie": has("LANDELIJK"),
    "ongeluk, misdaad, weer of verkeer": has("ramp"),
    "lintje, prijs of jubileum": has("feest"),
}

#: Name shown to reviewers -> where it holds in a text. A change of names or order needs a new
#: ``SPACE`` in hashing.py, because kept features are numbered by it.
FEATURES: dict[str, Feature] = {**RESIDENTS_ACT, **OTHERS_ACT}

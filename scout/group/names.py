"""Names in a text: of organisations, projects, buildings and streets; not of persons, towns and months."""

import re
from collections.abc import Iterator

from scout.group.given_names import GIVEN_NAMES
from scout.group.rarity import Rarity, stem
from scout.places.gazetteer import Gazetteer
from scout.places.names import fold
from scout.places.words import words

#: A name: words with capitals, small words between them ("Vrienden van het Binnenbos").
WITH_CAPITAL = r"[A-ZÀ-Þ][\w'’-]*"
BETWEEN = r"(?:van|de|het|der|den|'t|’t|je|op|aan|voor|en|in|&)"
SEQUENCE = re.compile(rf"{WITH_CAPITAL}(?: (?:{BETWEEN} ){{0,2}}{WITH_CAPITAL}){{0,5}}")
HASHTAG = re.compile(r"#(\w{4,60})")
CAMEL = re.compile(r"[A-Z][a-z]+|[a-z]{4,}")

#: What names of all kinds begin with or contain; says nothing of which one it is.
GENERIC = words(
    """
    stichting vereniging cooperatie werkgroep initiatief buurthuis dorpshuis wijkcentrum gemeente provincie
    rijk raad restaurant cafe kerk school museum park plein straat weg huis dorp wijk buurt stad club groep
    fonds bank stichtingsbestuur januari februari maart april mei juni juli augustus september oktober
    november december maandag dinsdag woensdag donderdag vrijdag zaterdag zondag kerst pasen pinksteren
    nederland nederlands nederlandse europa europees corona facebook instagram whatsapp twitter google
    plaatselyk plaatselijk belang belangen dorpsbelang bestuur voorzitter bewoners buurtbewoners kern het een
    voor fonds wie wat hoe kom dank nog dit deze daar hier zaal avond commissie coordinator directeur
    postcode loterij buurtfonds oranje vsbfonds rabobank nldoet anbi wmo welzijn zorg noord oost zuid west
    centrum nieuw nieuwe oud oude sint burgemeester wethouder college tweede eerste derde ook onze wij
    """
)
#: Endings of streets and squares: venues of many things, so they count for half.
STREET = re.compile(r"(?:straat|weg|laan|plein|pad|kade|dyk|singel|gracht|steeg|plantsoen|baan|markt)$")
STREET_SHARE = 0.5


def names(text: str, places: frozenset[str]) -> dict[str, float]:
    """Stem of each telling word in a name -> how rare it is (see :meth:`Rarity.of`), halved for streets.

    Args:
        places: folded words of the towns and neighbourhoods that the text names; they don't count.
    """
    rarity = Rarity.load()
    found: dict[str, float] = {}
    for word in _telling(text, rarity):
        parts = word.replace("’", "'").split("-")
        if len(word) < 3 or word in GENERIC or all(part in places for part in parts):
            continue
        weight = rarity.of(stem(word))
        found[stem(word)] = weight * STREET_SHARE if STREET.search(word) else weight
    return found


def place_words(text: str) -> frozenset[str]:
    """Folded words of all names of places in a text, and of words made of them; streets are none."""
    found: set[str] = set()
    for mention in Gazetteer.load().find(text):
        written = text[mention.start : mention.end]
        # Many neighbourhoods are called after their main street, which stays a name.
        if mention.candidates[0].is_town or not STREET.search(fold(written)):
            found.update(fold(word) for word in re.findall(r"[\w'’]+", f"{written} {mention.name}"))
    return frozenset(found)


def _telling(text: str, rarity: Rarity) -> Iterator[str]:
    for match in SEQUENCE.finditer(text):
        starts = _starts_sentence(text, match.start())
        after_given_name = False
        for index, part in enumerate(match.group().split()):
            word = fold(part.strip("'’-"))
            if not part[0].isupper():
                continue
            # A person: the surname is left out too. A street that is called after one stays a name.
            if (after_given_name and not STREET.search(word)) or word in GIVEN_NAMES:
                after_given_name = word in GIVEN_NAMES
                continue
            after_given_name = False
            # A capital at the start of a sentence makes no name of a word that is also written small.
            if not (word in rarity.small and ((index == 0 and starts) or part.isupper())):
                yield word
    for tag in HASHTAG.findall(text):
        for part in CAMEL.findall(tag):
            yield fold(part)


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" '’\"“‘(-–•")
    return not before or before[-1] in ".!?:;\n…" or ord(before[-1]) > 0x2190

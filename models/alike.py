"""How much two descriptions of an initiative are alike: names and words in, a reason and a strength out.

Pure and quick, for "was this known already?" beside a lead. A hint for who decides, no more: what belongs
together is worked out by the stage ``group`` and decided by people.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from models.search import fold, stem
from models.search_words import STOP_WORDS


class Alike(StrEnum):
    """Why two look like the same, best reason first."""

    SAME_LINK = "same_link"
    SAME_NAME = "same_name"
    SAME_ORGANISATION = "same_organisation"
    SAME_SITE = "same_site"
    SIMILAR_WORDS = "similar_words"


#: Least strength that is worth showing.
LEAST = 0.25
#: From this strength on it is more likely the same than not.
LIKELY = 0.75
#: What the same neighbourhood and the same theme add, and what different neighbourhoods take off.
SAME_PLACE, SAME_THEME, OTHER_PLACE = 0.08, 0.04, 0.05
#: How much the same organisation counts: it may have several initiatives in one neighbourhood.
ORGANISATION = 0.6
#: How rare words are is counted as if there were at least so many descriptions, else every word is.
FEWEST = 50
#: A single word is a name in its own right when it is so long, and stands in so few descriptions.
NAME_LENGTH, NAME_IN = 6, 3
#: Letters of a stem by which words are found that may have the same.
START = 4

WORD = re.compile(r"[a-z0-9]{2,}")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words that say nothing of what something is about, beside those that no search looks for.
SMALL = _listed(
    """
    af alsnog andere anders begin beginnen begint binnen bijna boven buiten daar den der des eens eerste
    elk elkaar elke ervan gaan gaat geeft hen komen komt krijgen krijgt maakt maken nieuw nieuwe open
    openen opent samen start starten ten ter tussen vraagt waar weer welke willen word zoeken zoekt
    """
)
NOT_TELLING = SMALL | STOP_WORDS
#: What names of all kinds contain; they tell no name from another.
GENERIC = _listed(
    """
    belang belangen bestuur bewoner bewoners bewonersgroep bewonersinitiatief burger burgerinitiatief
    buren buurt buurtbewoners buurtinitiatief centrum club collectief comite commissie coop cooperatie
    dorp dorpen dorpsraad gemeente groep initiatief inwoners kern lokaal lokale ondernemers organisatie
    plan platform project raad stad stadsdeel stichting vereniging vrienden vrijwilliger vrijwilligers
    werkgroep wijk wijkbewoners wijkraad
    """
)
#: Sites on which many have a page of their own: what comes first in the path tells whose.
SHARED_SITES = _listed("facebook.com instagram.com linkedin.com youtube.com x.com nextdoor.nl")


class Described(NamedTuple):
    """One lead or register entry, or what somebody is about to enter."""

    id: int
    #: Title of a lead, name of an entry.
    title: str
    name: str = ""
    organisation: str = ""
    place_key: str | None = None
    theme: str | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """One that looks like the one that was asked about."""

    id: int
    why: Alike
    #: :data:`LEAST` to 1.0.
    strength: float


@dataclass(frozen=True, slots=True)
class _Words:
    """The stems of one description."""

    all: frozenset[str]
    name: frozenset[str]
    organisation: frozenset[str]


def most_alike(
    one: Described,
    others: Iterable[Described],
    *,
    texts: dict[int, float] | None = None,
    own_sites: Collection[str] | None = None,
    limit: int = 5,
) -> list[Likeness]:
    """Those of ``others`` that look like ``one``, the most alike first.

    Args:
        texts: id -> how much the texts behind two leads are alike (0.0 to 1.0), as far as that is known.
        own_sites: sites that belong to one initiative or organisation, as far as they stand in ``others``;
            None = all but :data:`SHARED_SITES` do.
    """
    known = [other for other in others if other.id != one.id]
    own = _words(one)
    link = _Link.of(one.link, own_sites)
    alike_texts = {number: strength for number, strength in (texts or {}).items() if strength > LEAST / 2}
    begins = _beginning_with(own)
    # Most have no word in common with it: they are passed over before their words are looked at.
    near = [
        (other, _words(other), link.reason(other.link))
        for other in known
        if other.id in alike_texts or link.may_be(other.link) or begins(_folded(other))
    ]
    counts = Counter(word for words in (own, *(words for _, words, _ in near)) for word in words.all)
    rarity = _Rarity(counts, len(known) + 1)
    judged = []
    for other, words, same_link in near:
        reasons = [
            same_link,
            (Alike.SAME_NAME, _same_name(own, words, rarity)),
            (Alike.SAME_ORGANISATION, _same(own.organisation, words.organisation, rarity) * ORGANISATION),
            (Alike.SIMILAR_WORDS, max(rarity.cosine(own.all, words.all), alike_texts.get(other.id, 0.0))),
        ]
        why, strength = max(reasons, key=lambda reason: reason[1])
        if strength > 0:
            strength = min(1.0, strength + _nearness(one, other))
        if strength >= LEAST:
            judged.append(Likeness(other.id, why, round(strength, 4)))
    judged.sort(key=lambda like: (-like.strength, -like.id))
    return judged[:limit]


class _Rarity:
    """How much each word tells, by how many descriptions it stands in."""

    def __init__(self, counts: Counter[str], number: int) -> None:
        self.counts, self.number = counts, max(number, FEWEST)

    def of(self, word: str) -> float:
        return math.log(1 + self.number / max(self.counts[word], 1))

    def is_name(self, words: frozenset[str]) -> bool:
        """Whether these words can stand for one thing only: two of them, or a long and rare one."""
        return len(words) > 1 or any(
            len(word) >= NAME_LENGTH and self.counts[word] <= NAME_IN for word in words
        )

    def cosine(self, one: frozenset[str], other: frozenset[str]) -> float:
        """How much two titles share of their words, the rare ones counting most; 0.0 to 1.0."""
        both = one & other
        telling = both - _generic()
        if len(telling) < 2 and not self.is_name(telling):
            return 0.0
        shared = sum(self.of(word) ** 2 for word in both)
        return shared / math.sqrt(
            sum(self.of(word) ** 2 for word in one) * sum(self.of(word) ** 2 for word in other)
        )


def _same_name(one: _Words, other: _Words, rarity: _Rarity) -> float:
    """Names that are the same, or the name of one in the title of the other."""
    best = _same(one.name, other.name, rarity)
    for name, title in ((one.name, other.all), (other.name, one.all)):
        if name and name <= title and rarity.is_name(name):
            best = max(best, 0.8)
    return best


def _same(one: frozenset[str], other: frozenset[str], rarity: _Rarity) -> float:
    """1.0 for the same words, less when one name is longer than the other."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    return 0.8 if shorter < longer and rarity.is_name(shorter) else 0.0


def _nearness(one: Described, other: Described) -> float:
    """What place and theme add or take off."""
    near = SAME_THEME if one.theme and one.theme == other.theme else 0.0
    if one.place_key and other.place_key:
        near += SAME_PLACE if one.place_key == other.place_key else -OTHER_PLACE
    return near


@dataclass(frozen=True, slots=True)
class _Link:
    """The address that others are compared with."""

    host: str
    plain: str
    #: Empty when the site says nothing.
    site: str

    @classmethod
    def of(cls, link: str, own_sites: Collection[str] | None) -> "_Link":
        site = site_of(link)
        return cls(_parts(link)[0], plain_link(link), site if own_sites is None or site in own_sites else "")

    def may_be(self, other: str) -> bool:
        """Whether it makes sense to take another address apart, which takes long."""
        return bool(self.host) and self.host in other.casefold()

    def reason(self, other: str) -> tuple[Alike, float]:
        if not self.may_be(other):
            return Alike.SAME_LINK, 0.0
        if plain_link(other) == self.plain:
            return Alike.SAME_LINK, 1.0
        return Alike.SAME_SITE, 0.6 if self.site and site_of(other) == self.site else 0.0


def plain_link(link: str) -> str:
    """An address without what may differ by accident: protocol, ``www.``, last slash, fragment."""
    host, path, query = _parts(link)
    return f"{host}{path.rstrip('/')}" + (f"?{query}" if query else "")


def site_of(link: str) -> str:
    """Host of an address; where many share the host, with the first part of the path, empty without one."""
    host, path, _ = _parts(link)
    if host not in SHARED_SITES:
        return host
    first = path.strip("/").split("/")[0].casefold()
    return f"{host}/{first}" if first else ""


def _parts(link: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(link.strip())
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return "", link, ""
    return host, parts.path, parts.query


def _beginning_with(own: _Words) -> Callable[[str], object]:
    """Finds the texts, folded, that may share a word that tells something."""
    starts = {word[:START] for word in (own.all - _generic()) | own.name | own.organisation}
    if not starts:
        return lambda text: None
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(sorted(starts))})").search


def _folded(one: Described) -> str:
    text = f"{one.title} {one.name} {one.organisation}"
    return text.lower() if text.isascii() else fold(text)


def _words(one: Described) -> _Words:
    name = stems(one.name)
    title = name if one.title == one.name else stems(one.title) | name
    return _Words(title, _core(name), _core(stems(one.organisation)))


def _core(found: frozenset[str]) -> frozenset[str]:
    """A name without what all names contain; all of it when nothing else is left."""
    return found - _generic() or found


def stems(text: str) -> frozenset[str]:
    """Stems of the telling words of a text."""
    if not text:
        return frozenset()
    found = set(WORD.findall(text.lower() if text.isascii() else fold(text))) - NOT_TELLING
    return frozenset(map(stem, found))


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(map(stem, GENERIC))

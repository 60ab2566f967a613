"""Whether two items are about the same initiative. Pure: sketches in, a reason out."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from models import geo
from scout.group.signature import overlap
from scout.group.sketch import Sketch, likeness

#: A near-copy shares half of its pairs of words, or the shorter one stands in the longer one for the
#: greater part. On 168 rewritten local articles (2026) that found all of those cut to 70 %, framed or
#: changed in 5 % of their words, and 91 % of those changed in 15 %, without a false one.
COPY_JACCARD, COPY_CONTAINED = 0.5, 0.7
#: Two texts of fewer pairs of words are not copies just because one stands in the other.
CONTAINED_PAIRS = 12
#: Two texts of fewer pairs of words are copies only if they also play in the same municipality.
SHORT_PAIRS = 6
#: Estimated similarity from which two texts are looked at as copies.
COPY_CANDIDATE = 0.25

#: Different texts belong together within this time: longer than a series on one project in a weekly, shorter
#: than from one season's activity to the next one's.
WITHIN = timedelta(days=60)
#: Likeness needed where both name the same village or neighbourhood, where that is not known, and where
#: they name different ones. Between initiatives of one theme in different municipalities 1 pair in 2,000
#: reaches 0.15 and 1 in 10,000 reaches 0.21 (26,381 pairs of the corpus, 2026-11-22).
SAME_PLACE, UNKNOWN_PLACE, OTHER_PLACE = 0.14, 0.16, 0.22
#: What another theme adds to that; themes are estimates.
OTHER_THEME = 0.03
#: What it adds when both texts have names of their own and share no rare one: two clubs, maybe.
OTHER_NAMES = 0.04
#: Shared words of names, as rare as 1 in 400 texts together (e^6), make less do; twice as much still less.
#: Never less than the least: names and common words alone bring nothing together.
NAME_WEIGHT, NAME_RELIEF = 6.0, 0.07
MOST_RELIEF = 2
LEAST = 0.08
#: Telling words, names not counted, that two texts share at least, without and with a rare name shared:
#: two clubs in one hall share its name.
SHARED_WORDS, SHARED_WORDS_WITH_NAME = 3, 2
#: Inhabitants above which a town's name says little of where in it something plays.
SMALL_TOWN = 15_000


class Reason(StrEnum):
    """Why an item stands in a lead, best reason first; ``LeadItem.why``."""

    COPY = "copy"  # (nearly) the same text
    NAMES = "names"  # same municipality, shared rare names, and alike
    ALIKE = "alike"  # same municipality, and very much alike
    FIRST = "first"  # opened the lead


@dataclass(frozen=True, slots=True)
class Match:
    """Two items are about the same initiative."""

    reason: Reason
    #: 0.0 to 1.0; comparable within one reason.
    strength: float


def same_initiative(one: Sketch, other: Sketch) -> Match | None:
    """Say whether two items are about the same initiative, and why; None if not."""
    return _copy(one, other) or _same_subject(one, other)


def _copy(one: Sketch, other: Sketch) -> Match | None:
    """Near-copies, wherever they play: the same text on two sites may be located by the sites."""
    if abs(one.at - other.at) > WITHIN:
        return None
    similar, contained = overlap(one.shingles, other.shingles)
    shorter = min(len(one.shingles), len(other.shingles))
    if shorter < SHORT_PAIRS and not _same_municipality(one, other):
        return None
    if similar >= COPY_JACCARD or (contained >= COPY_CONTAINED and shorter >= CONTAINED_PAIRS):
        return Match(Reason.COPY, max(similar, contained))
    return None


def _same_subject(one: Sketch, other: Sketch) -> Match | None:
    if not _same_municipality(one, other) or abs(one.at - other.at) > WITHIN:
        return None
    alike, words = likeness(one, other)
    if alike < LEAST:
        return None
    shared = sum(min(one.names[name], other.names[name]) for name in one.names.keys() & other.names.keys())
    relief = min(int(shared / NAME_WEIGHT), MOST_RELIEF)
    needed = max(_needed(one, other) - relief * NAME_RELIEF, LEAST)
    own = min(sum(one.names.values()), sum(other.names.values())) - shared
    if not relief and own >= NAME_WEIGHT:
        needed += OTHER_NAMES
    if alike < needed or words < (SHARED_WORDS_WITH_NAME if relief else SHARED_WORDS):
        return None
    return Match(Reason.NAMES if relief else Reason.ALIKE, round(alike, 4))


def _same_municipality(one: Sketch, other: Sketch) -> bool:
    return one.municipality_code is not None and one.municipality_code == other.municipality_code


def _needed(one: Sketch, other: Sketch) -> float:
    """Likeness that makes two texts without shared names one subject."""
    needed = UNKNOWN_PLACE
    if one.place_key and one.place_key == other.place_key:
        needed = UNKNOWN_PLACE if one.place_key in _big_towns() else SAME_PLACE
    elif one.place_key and other.place_key and _is_town(one.place_key) == _is_town(other.place_key):
        # A neighbourhood may lie in the very town that the other one names, so only like is compared.
        needed = OTHER_PLACE
    if one.theme and other.theme and one.theme != other.theme:
        needed += OTHER_THEME
    return needed


def _is_town(key: str) -> bool:
    return key.startswith("bag:")


@lru_cache(maxsize=1)
def _big_towns() -> frozenset[str]:
    return frozenset(town.key for town in geo.towns() if (town.inhabitants or 0) > SMALL_TOWN)

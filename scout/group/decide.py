"""Whether two items are about the same initiative. Pure: sketches in, a reason out."""

from collections.abc import Mapping
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
MOST_RELIEF = 2.0
#: From half of that on they count as a name in common: one street that is named nowhere else.
NAME_IN_COMMON = 0.5
LEAST = 0.08
#: Telling words, names not counted, that two texts share at least, without and with a rare name shared:
#: two clubs in one hall share its name. With two such names one is enough, and with one name in texts that
#: are so much alike: short ones.
SHARED_WORDS, SHARED_WORDS_WITH_NAME, SHARED_WORDS_AT_LEAST = 3, 2, 1
MUCH_ALIKE = 0.20
#: Where one of the two does not say in which municipality it plays, they need a name in common and more
#: likeness: of 859,936 such pairs of initiatives of the corpus 2 had both (2026-11-23).
UNKNOWN_MUNICIPALITY = 0.20
#: Inhabitants above which a town's name says little of where in it something plays.
SMALL_TOWN = 15_000


class Reason(StrEnum):
    """Why an item stands in a lead, best reason first; ``LeadItem.why``."""

    COPY = "copy"  # (nearly) the same text
    NAMES = "names"  # same municipality, shared rare names, and alike
    ALIKE = "alike"  # same municipality, and very much alike
    FIRST = "first"  # opened the lead


#: Order of reasons when several texts match.
RANK = {Reason.COPY: 0, Reason.NAMES: 1, Reason.ALIKE: 2}


@dataclass(frozen=True, slots=True)
class Match:
    """Two items are about the same initiative."""

    reason: Reason
    #: 0.0 to 1.0; comparable within one reason.
    strength: float


def same_initiative(one: Sketch, other: Sketch) -> Match | None:
    """Say whether two items are about the same initiative, and why; None if not."""
    return _copy(one, other) or _same_subject(one, other)


def rank(match: Match) -> tuple[int, float]:
    """Sorts matches, best first."""
    return RANK[match.reason], -match.strength


def followed(before: Mapping[int, Sketch], after: Mapping[int, Sketch]) -> dict[int, int]:
    """Which passage of a changed item is which of what it was: new number -> old number, each once."""
    pairs = [
        (rank(match), new, old)
        for new, made in after.items()
        for old, known in before.items()
        if (match := same_initiative(made, known)) is not None
    ]
    found: dict[int, int] = {}
    for _, new, old in sorted(pairs):
        if new not in found and old not in found.values():
            found[new] = old
    return found


def repeated(passages: Mapping[int, Sketch]) -> dict[int, int]:
    """Passages of one item about the same initiative as an earlier one: number -> number of that one."""
    found: dict[int, int] = {}
    for number, made in passages.items():
        for earlier in passages:
            if earlier == number:
                break
            if same_initiative(made, passages[earlier]) is not None:
                found[number] = found.get(earlier, earlier)
                break
    return found


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
    somewhere = one.municipality_code is None or other.municipality_code is None
    if abs(one.at - other.at) > WITHIN or not (somewhere or _same_municipality(one, other)):
        return None
    alike, words = likeness(one, other)
    if alike < LEAST:
        return None
    shared = sum(min(one.names[name], other.names[name]) for name in one.names.keys() & other.names.keys())
    if somewhere:
        named = shared >= NAME_WEIGHT * NAME_IN_COMMON
        enough = named and alike >= UNKNOWN_MUNICIPALITY and words >= SHARED_WORDS
        return Match(Reason.NAMES, round(alike, 4)) if enough else None
    relief = min(shared / NAME_WEIGHT, MOST_RELIEF)
    needed = max(_needed(one, other) - relief * NAME_RELIEF, LEAST)
    own = min(sum(one.names.values()), sum(other.names.values())) - shared
    in_common = relief >= NAME_IN_COMMON
    if not in_common and own >= NAME_WEIGHT:
        needed += OTHER_NAMES
    least = SHARED_WORDS_WITH_NAME if in_common else SHARED_WORDS
    if relief >= MOST_RELIEF or (relief >= 1 and alike >= MUCH_ALIKE):
        least = SHARED_WORDS_AT_LEAST
    if alike < needed or words < least:
        return None
    return Match(Reason.NAMES if in_common else Reason.ALIKE, round(alike, 4))


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

"""What grouping knows of one item: no text, only keyed hashes, place, theme and time."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from scout.group import signature
from scout.group.given_names import GIVEN_NAMES
from scout.group.names import names, place_words
from scout.group.rarity import Rarity, stem, stems
from scout.group.signature import Hashes

#: The rarest words of a text that are kept; a text of ordinary length has fewer.
MOST_TERMS = 120
#: A telling word stands in less than one in twelve texts of the corpus (e^2.5): not "bewoners" or "samen".
LEAST_RARE = 2.5
#: A text of fewer telling words counts as if it had so many, else one word in common would make it alike.
FEWEST_TERMS = 12
#: Only so much of a text is read for words and names: an article is shorter, a page of a megabyte no news.
MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """One flagged item as grouping sees it."""

    #: Reference time: published, else first seen.
    at: datetime
    municipality_code: str | None
    #: Key of a town or neighbourhood.
    place_key: str | None
    theme: str | None
    minhash: Hashes
    #: Sorted hashes of pairs of words.
    shingles: Hashes
    #: Sorted hashes of telling words, and their weights by rarity; together of length 1, less if few.
    terms: Hashes
    weights: npt.NDArray[np.float32]
    #: Hash of a word in a name -> how rare it is, up to 8.
    names: dict[int, float]


def sketch(
    secret: bytes,
    title: str,
    text: str,
    *,
    at: datetime,
    municipality_code: str | None,
    place_key: str | None = None,
    theme: str | None = None,
) -> Sketch:
    """Make the sketch of one text.

    Args:
        secret: keys all hashes; sketches under different secrets can't be compared.
    """
    whole = f"{title}\n{text}"[:MOST_CHARACTERS]
    places = place_words(whole)
    named = names(whole, places)
    hashes, weights = _terms(secret, whole, places)
    pairs = signature.shingles(secret, text or title)
    return Sketch(
        at=at,
        municipality_code=municipality_code,
        place_key=place_key,
        theme=theme,
        minhash=signature.minhash(pairs),
        shingles=pairs,
        terms=hashes,
        weights=weights,
        # Rounded as they are kept, so that a sketch is the same before and after it was stored.
        names={
            int(number): round(weight, 4)
            for number, weight in zip(signature.keyed(secret, named), named.values(), strict=True)
        },
    )


def _terms(secret: bytes, text: str, places: frozenset[str]) -> tuple[Hashes, npt.NDArray[np.float32]]:
    """Hashed stems of the rarest words, names of places and persons left out, with weights."""
    rarity = Rarity.load()
    left_out = {stem(word) for word in places | GIVEN_NAMES}
    found = {word: rarity.of(word) for word in set(stems(text)) - left_out}
    telling = [word for word, rare in found.items() if rare >= LEAST_RARE]
    rarest = sorted(telling, key=lambda word: (-found[word], word))[:MOST_TERMS]
    length = math.sqrt(sum(found[word] ** 2 for word in rarest)) or 1.0
    length *= math.sqrt(max(1.0, FEWEST_TERMS / max(len(rarest), 1)))
    by_hash = dict(
        zip(signature.keyed(secret, rarest).tolist(), (found[word] / length for word in rarest), strict=True)
    )
    hashes = np.array(sorted(by_hash), dtype="<u4")
    return hashes, np.array([by_hash[number] for number in hashes.tolist()], dtype=np.float32)


def likeness(one: Sketch, other: Sketch) -> tuple[float, int]:
    """How much two texts use the same rare words: cosine, 0.0 to 1.0; and how many, names not counted."""
    same, here, there = np.intersect1d(one.terms, other.terms, assume_unique=True, return_indices=True)
    words = sum(number not in one.names for number in same.tolist())
    return float(one.weights[here] @ other.weights[there]), words

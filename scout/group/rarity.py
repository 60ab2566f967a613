"""Words of a text as grouping compares them, and how rare they are."""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from scout.places.names import fold

CORPUS = Path(__file__).resolve().parents[1] / "data" / "corpus"

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{2,}")
#: Endings that are cut off, longest first: "vrijwilligers" and "vrijwilliger" count as one word.
ENDINGS = ("tjes", "heden", "tje", "jes", "ers", "eren", "en", "je", "er", "es", "s", "e", "n")
#: A word keeps at least so many letters.
SHORTEST_STEM = 4
#: Words of fewer letters say nothing of what a text is about.
SHORTEST_WORD = 4


def stem(word: str) -> str:
    """A folded word without its ending; the same for most forms of one Dutch word."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    if len(word) > SHORTEST_STEM and word[-1] == word[-2]:
        word = word[:-1]
    return word


def stems(text: str) -> list[str]:
    """Stems of the words of a text that may tell what it is about, in order."""
    return [stem(word) for word in map(fold, WORD.findall(text)) if len(word) >= SHORTEST_WORD]


@dataclass(frozen=True)
class Rarity:
    """In how many texts of the corpus words stand."""

    texts: int
    stems: Counter[str]
    #: Whole words that stand somewhere in small letters.
    small: frozenset[str]

    @classmethod
    def load(cls) -> "Rarity":
        """Counted over the labelled corpus, once."""
        return _counted()

    def of(self, stem: str) -> float:
        """Natural logarithm of how rare a stem is: about 8 for one never seen, 0 for one in every text."""
        return math.log((self.texts + 1) / (self.stems[stem] + 1))


@lru_cache(maxsize=1)
def _counted() -> Rarity:
    counts: Counter[str] = Counter()
    small: set[str] = set()
    texts = 0
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            text = f"{row['title']}\n{row['text']}"
            counts.update(set(stems(text)))
            small.update(fold(word) for word in WORD.findall(text) if word[0].islower())
            texts += 1
    return Rarity(texts, counts, frozenset(small))

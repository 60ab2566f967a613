"""Dutch words for generated leads: some in nearly every text, most in hardly any, as in real texts.

All words (``data/queue_words.toml``) were written for this; there are no names of persons among them. How
often a word comes follows its place in the list (Zipf): "de" stands in most texts, "vlindersteiger" in a few
of a million.
"""

import random
import tomllib
from itertools import accumulate, product
from pathlib import Path

#: Lists of words, in the order of how usual they are.
WORDS = {
    name: text.split()
    for name, text in tomllib.loads(
        (Path(__file__).resolve().parent / "data" / "queue_words.toml").read_text("utf-8")
    ).items()
}


class Words:
    """Draws words; two with the same seed draw the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"words {seed}")
        rare = [
            first + last
            for firsts, lasts in (("first_parts", "last_parts"), ("street_starts", "street_ends"))
            for first, last in product(WORDS[firsts], WORDS[lasts])
        ]
        self._random.shuffle(rare)
        #: The most usual ones first.
        self.all: list[str] = list(dict.fromkeys([*WORDS["small"], *WORDS["usual"], *rare]))
        self._weights = list(accumulate(1 / (place + 3) for place in range(len(self.all))))
        #: Without the small words: what a title begins with.
        self._telling = self.all[len(WORDS["small"]) :]
        self._telling_weights = list(accumulate(1 / (place + 12) for place in range(len(self._telling))))

    def title(self, place: str) -> str:
        """Four to ten words, sometimes with the name of a place."""
        start = self._random.choices(self._telling, cum_weights=self._telling_weights, k=2)
        rest = self._random.choices(self.all, cum_weights=self._weights, k=self._random.randint(2, 6))
        words = " ".join([start[0].capitalize(), start[1], *rest])
        return f"{words} in {place}" if place and self._random.random() < 0.4 else words

    def snippet(self, longest: int = 150) -> str:
        """A sentence of at most 150 characters."""
        drawn = self._random.choices(self.all, cum_weights=self._weights, k=self._random.randint(12, 24))
        text = " ".join(drawn)
        if len(text) >= longest:
            text = text[: longest - 1].rpartition(" ")[0]
        return f"{text[0].upper()}{text[1:]}."

    def name(self) -> str:
        """What an initiative may call itself."""
        return " ".join(self._random.choices(self._telling, k=2)).title()


def spread(number: int, exponent: float = 1.0) -> list[float]:
    """Cumulative weights of things of which a few come often and most seldom, for ``random.choices``."""
    return list(accumulate(1 / (place + 1) ** exponent for place in range(number)))

"""Cut text into the pieces that the encoder knows: the most probable cut of each word (a unigram model).

The same code serves training and scoring, so that both see the same pieces on every machine.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Self

#: Marks the start of a word inside pieces.
WORD_START = "\u2581"
#: What an unknown character costs more than the rarest piece, as in SentencePiece.
UNKNOWN_PENALTY = 10.0
#: Characters of a text looked at for each piece wanted: Dutch averages 4.5, a 256-piece text needs 1,200.
CHARACTERS_A_PIECE = 24
#: Longer words are cut here; 1 MB without a space must not take minutes.
LONGEST_WORD = 64
#: Words whose pieces are remembered.
REMEMBERED_WORDS = 50_000

# NUL, line ends and exotic spaces that a vocabulary's own list may lack.
_SPACES = re.compile(r"[\s\x00\u200b\ufeff]+")


def joined(title: str, text: str) -> str:
    """What the encoder reads of an item."""
    return f"{title}\n{text}" if title else text


@dataclass(kw_only=True)
class Vocabulary:
    """The pieces of a unigram model and how text is normalised before it is cut."""

    #: Piece of each id; a leading ``\\u2581`` means that a word starts there.
    pieces: list[str]
    #: Logarithm of each piece's probability.
    scores: list[float]
    #: Ids of the pieces put before and after a text, and for characters that no piece covers.
    start: int
    end: int
    unknown: int
    #: Character -> what stands for it before cutting (mostly compatibility forms, NFKC).
    changes: dict[str, str]
    _ids: dict[str, int] = field(init=False, repr=False)
    _seen: dict[str, tuple[int, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # As they are written away: training and scoring must not differ where two cuts are about as good.
        self.scores = [round(score, 5) for score in self.scores]
        special = {self.start, self.end, self.unknown}
        self._ids = {piece: i for i, piece in enumerate(self.pieces) if i not in special and piece}
        self._longest = max((len(piece) for piece in self._ids), default=1)
        self._unknown_score = min(self.scores, default=0.0) - UNKNOWN_PENALTY
        self._table = str.maketrans(self.changes)
        self._seen = {}

    def encode(self, text: str, longest: int) -> list[int]:
        """Ids of a text with start and end, at most ``longest`` in all."""
        found = [self.start]
        room = longest - 2
        head = text[: (room + 1) * CHARACTERS_A_PIECE].translate(self._table)
        for word in _SPACES.sub(" ", head).split(" "):
            if not word:
                continue
            for at in range(0, len(word), LONGEST_WORD):
                found.extend(self.cut((WORD_START if at == 0 else "") + word[at : at + LONGEST_WORD]))
            if len(found) > room:
                break
        return [*found[: room + 1], self.end]

    def cut(self, word: str) -> tuple[int, ...]:
        """Ids of the most probable cut of a word; the first one found where two are as probable."""
        known = self._seen.get(word)
        if known is None:
            known = self._best_cut(word)
            if len(self._seen) >= REMEMBERED_WORDS:
                self._seen.clear()
            self._seen[word] = known
        return known

    def _best_cut(self, word: str) -> tuple[int, ...]:
        length = len(word)
        best = [0.0] + [float("-inf")] * length
        came_from = [(0, self.unknown)] * (length + 1)
        for start in range(length):
            so_far = best[start]
            for end in range(start + 1, min(length, start + self._longest) + 1):
                piece = self._ids.get(word[start:end])
                if piece is not None and so_far + self.scores[piece] > best[end]:
                    best[end] = so_far + self.scores[piece]
                    came_from[end] = (start, piece)
            if so_far + self._unknown_score > best[start + 1]:
                best[start + 1] = so_far + self._unknown_score
                came_from[start + 1] = (start, self.unknown)
        found: list[int] = []
        at = length
        while at > 0:
            at, piece = came_from[at]
            # A run of unknown characters is one unknown piece.
            if not (piece == self.unknown and found and found[-1] == self.unknown):
                found.append(piece)
        return tuple(reversed(found))

    def subset(self, kept: list[int]) -> "Vocabulary":
        """Only these pieces, renumbered in the order given; the three special ones must be among them."""
        place = {old: new for new, old in enumerate(kept)}
        return Vocabulary(
            pieces=[self.pieces[old] for old in kept],
            scores=[self.scores[old] for old in kept],
            start=place[self.start],
            end=place[self.end],
            unknown=place[self.unknown],
            changes=self.changes,
        )

    def to_json(self) -> str:
        """The vocabulary as JSON text; :meth:`from_json` reads it back the same."""
        return json.dumps(
            {
                "pieces": self.pieces,
                "scores": self.scores,
                "start": self.start,
                "end": self.end,
                "unknown": self.unknown,
                "changes": self.changes,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The vocabulary that :meth:`to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: it is something else.
        """
        return cls(**json.loads(text))

"""Which words carried a score, and the passage of at most 150 characters that shows it best.

Every feature that was found at a place gives its share of the log-odds back to the characters
there. Phrases are the stretches with the highest sums; reasons are the named features among them.
"""

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scout.classify.features import FEATURES, RESIDENTS_ACT
from scout.classify.hashing import CHAR_SIZES, NAMED, Indices, char_grams, who_keys, who_spans, word_grams
from scout.classify.linear import Row
from scout.classify.model import Model
from scout.classify.reading import Reading
from scout.classify.signs import Signs, Span

Offsets = npt.NDArray[np.int64]

#: Longest snippet in characters (press publishers' right, DESIGN 7).
SNIPPET = 150
#: Phrases and reasons shown at most.
PHRASES = 5
REASONS = 5
#: Words of one phrase at most.
PHRASE_WORDS = 8
#: Log-odds that a phrase must bring to be shown.
LEAST = 0.02
#: Share of the best window's worth that beginning and ending with a whole sentence is worth.
WHOLE_SENTENCE = 0.15
#: Reason of a phrase that no named feature explains.
WORDING = "woorden zoals in andere initiatieven"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of text that spoke for the score; offsets in ``title + "\\n" + text``."""

    text: str
    start: int
    end: int
    #: Log-odds that it brought.
    weight: float
    #: Name of the feature it shows.
    reason: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A named feature that spoke for the score; offsets in the snippet, None when it stands elsewhere."""

    reason: str
    start: int | None
    end: int | None
    weight: float


@dataclass(frozen=True, slots=True)
class Snippet:
    """The passage that best justifies the flag."""

    #: At most :data:`SNIPPET` characters, line breaks made spaces.
    text: str
    #: Where it begins in ``title + "\\n" + text``.
    start: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Evidence:
    """What carried one score."""

    phrases: tuple[Phrase, ...]
    snippet: Snippet


def explain(model: Model, reading: Reading, signs: Signs, row: Row) -> Evidence:
    """Evidence for one text, strongest first."""
    sums = np.concatenate(([0.0], np.cumsum(_shares(model, reading, signs, row))))
    spans = {name: feature(signs) for name, feature in RESIDENTS_ACT.items()}
    phrases = _phrases(reading, sums, spans)
    start, end = passage(reading, sums)
    shown = reading.text[start:end].replace("\n", " ")
    return Evidence(tuple(phrases), Snippet(shown, start, _reasons(sums, spans, phrases, start, end)))


def _shares(model: Model, reading: Reading, signs: Signs, row: Row) -> npt.NDArray[np.float64]:
    """Log-odds that each character of the text brought: each feature shares evenly over its places."""
    indices, starts, ends = _places(reading, signs)
    once = model.weights[row.positions] * row.values / row.counts
    positions = model.space.lookup[indices]
    known = (positions >= 0) & (ends > starts)
    shares = once[np.searchsorted(row.positions, positions[known])] / (ends - starts)[known]
    steps = np.zeros(len(reading.text) + 1)
    np.add.at(steps, starts[known], shares)
    np.subtract.at(steps, ends[known], shares)
    result: npt.NDArray[np.float64] = np.cumsum(steps)[:-1]
    return result


def _places(reading: Reading, signs: Signs) -> tuple[Indices, Offsets, Offsets]:
    """Every occurrence of every feature: its index, and where it begins and ends in the text."""
    tokens = reading.tokens
    token_starts = np.array([token.start for token in tokens], dtype=np.int64)
    token_ends = np.array([token.end for token in tokens], dtype=np.int64)
    indices, starts, ends = [], [], []
    grams, firsts = word_grams(reading)
    for size, (found, first) in enumerate(zip(grams, firsts, strict=True), start=1):
        indices.append(found)
        starts.append(token_starts[first])
        ends.append(token_ends[first + size - 1])
    # One more than the text, for grams that end with the space after it; -1 stands before it.
    offsets = np.array(reading.offsets or range(len(reading.folded)), dtype=np.int64)
    for size, (found, first) in zip(CHAR_SIZES, char_grams(reading), strict=False):
        last = np.minimum(first + size, len(offsets)) - 1
        indices.append(found)
        starts.append(offsets[np.maximum(first, 0)])
        ends.append(offsets[last] + 1)
    spans: list[Span] = []
    numbers = [who_keys(signs)]
    for number, feature in enumerate(FEATURES.values()):
        found_at = feature(signs)
        spans += found_at
        numbers.append(np.full(len(found_at), NAMED + number, dtype=np.uint32))
    edges = np.concatenate((who_spans(signs), np.array(spans, dtype=np.int64).reshape(-1, 2)))
    return (
        np.concatenate((*indices, *numbers)),
        np.concatenate((*starts, edges[:, 0])),
        np.concatenate((*ends, edges[:, 1])),
    )


def _phrases(reading: Reading, sums: npt.NDArray[np.float64], spans: dict[str, list[Span]]) -> list[Phrase]:
    """The heaviest stretches, at most one a clause."""
    found = []
    for clause in reading.clauses:
        best = (LEAST, 0, 0)
        for first in range(len(clause.tokens)):
            for last in range(first, min(first + PHRASE_WORDS, len(clause.tokens))):
                start, end = clause.tokens[first].start, clause.tokens[last].end
                best = max(best, (float(sums[end] - sums[start]), start, end))
        weight, start, end = best
        if end > start:
            text = reading.text[start:end]
            found.append(Phrase(text, start, end, round(weight, 4), _reason_of(spans, start, end)))
    return sorted(found, key=lambda phrase: (-phrase.weight, phrase.start))[:PHRASES]


def _reason_of(spans: dict[str, list[Span]], start: int, end: int) -> str:
    """Name of the first listed feature that overlaps the stretch: the list goes from telling to general."""
    for name, places in spans.items():
        if any(first < end and start < last for first, last in places):
            return name
    return WORDING


def _reasons(
    sums: npt.NDArray[np.float64], spans: dict[str, list[Span]], phrases: list[Phrase], start: int, end: int
) -> tuple[Reason, ...]:
    """Named features by what their places brought, those in the snippet with offsets there."""
    reasons = []
    for name, places in spans.items():
        best: tuple[bool, float, int, int] | None = None
        for first, last in places:
            entry = (start <= first and last <= end, float(sums[last] - sums[first]), first, last)
            best = max(best, entry) if best else entry
        if best is not None and best[1] >= LEAST:
            inside, weight, first, last = best
            reasons.append(
                Reason(
                    name,
                    first - start if inside else None,
                    last - start if inside else None,
                    round(weight, 4),
                )
            )
    covered = [(reason.start, reason.end) for reason in reasons if reason.start is not None]
    for phrase in phrases:
        first, last = phrase.start - start, phrase.end - start
        if phrase.start < start or phrase.end > end:
            continue
        if phrase.reason == WORDING and (first, last) not in covered:
            reasons.append(Reason(WORDING, first, last, phrase.weight))
    return tuple(sorted(reasons, key=lambda reason: -reason.weight)[:REASONS])


def passage(reading: Reading, sums: npt.NDArray[np.float64]) -> Span:
    """Begin and end of the passage of at most :data:`SNIPPET` characters with the highest sum.

    The text is preferred to the title, which is shown anyway, whole sentences to parts of them.
    """
    text = reading.text
    begin, end = _stripped(text, reading.title_end + 1 if reading.title_end >= 0 else 0, len(text))
    if begin == end:
        begin, end = _stripped(text, 0, len(text))
    if end - begin <= SNIPPET:
        return begin, end
    places = [
        (token.start, token.end, clause.sentence)
        for clause in reading.clauses
        for token in clause.tokens
        if token.start >= begin
    ]
    if not places:
        return begin, safe_cut(text, begin, begin + SNIPPET)
    opens = [True, *(before[2] != after[2] for before, after in pairwise(places))]
    closes = [*opens[1:], True]
    ends = [
        _with_marks(text, places[i][1], places[i + 1][0] if i + 1 < len(places) else end)
        for i in range(len(places))
    ]
    best: tuple[float, int, int] | None = None
    bonus = WHOLE_SENTENCE * float(np.abs(np.diff(sums)).sum())
    last = 0
    for first, (start, _, _) in enumerate(places):
        last = max(last, first)
        while last + 1 < len(places) and ends[last + 1] - start <= SNIPPET:
            last += 1
        whole = next((k for k in range(last, first, -1) if closes[k]), None)
        for stop in {last, whole if whole is not None else last}:
            if ends[stop] - start > SNIPPET:
                continue
            worth = float(sums[ends[stop]] - sums[start])
            worth += bonus * opens[first] * 0.5 + bonus * closes[stop] * 0.5
            if best is None or worth > best[0] + 1e-12:
                best = (worth, start, ends[stop])
    if best is None:
        return begin, safe_cut(text, begin, begin + SNIPPET)
    return best[1], safe_cut(text, best[1], best[2])


def _stripped(text: str, begin: int, end: int) -> Span:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end


def _with_marks(text: str, end: int, limit: int) -> int:
    """End of a word with the closing marks right behind it."""
    while end < limit and text[end] in ".!?,;:)\"'’”»…":
        end += 1
    return end


def safe_cut(text: str, start: int, end: int) -> int:
    """The last place at or before ``end`` that splits no emoji or letter with its marks."""
    end = min(end, len(text), start + SNIPPET)
    place = end
    while start < place < len(text) and _joined(text[place - 1], text[place]):
        place -= 1
    return place if place > start else end


def _joined(before: str, after: str) -> bool:
    code = ord(after)
    return (
        unicodedata.category(after).startswith("M")
        or before == "\u200d"
        or code == 0x200D
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
        or (0x1F1E6 <= ord(before) <= 0x1F1FF and 0x1F1E6 <= code <= 0x1F1FF)
    )

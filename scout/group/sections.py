"""Sections of a round-up article: passages that may tell of different initiatives. Pure rules.

Most texts are about one thing, and taking such a text apart does more harm than leaving a round-up
whole. So a text counts as a round-up only when at least two of its pieces each say, where they begin,
of which place or organisation they tell, and these differ.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import combinations

from models import geo
from scout.group.given_names import GIVEN_NAMES
from scout.group.layout import (
    OPENING_ROLES,
    OPENING_WORDS,
    ORGANISATION,
    WORDS,
    Block,
    Span,
    count_words,
    headings,
    labelled,
    list_items,
    paragraphs,
    sentence_groups,
    sentences,
)
from scout.group.names import names
from scout.group.rarity import Rarity, stem, stems
from scout.group.sketch import LEAST_RARE
from scout.places.mention import PlaceMention, Role
from scout.places.names import fold
from scout.places.words import words

#: Sections of one text that are looked at; a page with more is an index.
MOST_SECTIONS = 40
#: A text of fewer words tells of one thing.
SHORTEST_TEXT = 28
#: Words of a section set apart by its writer, and of one found by what it is about.
SHORTEST_MARKED, SHORTEST_FOUND = 9, 16
#: So few pieces found only by what they are about make a round-up if the first says where it plays too.
LEAST_FOUND = 2
#: Words at the start of a piece in which it must say what it is about.
HEAD_WORDS = 40
#: A word in a name says which one it is from this rarity on (1 text in 150 of the corpus).
TELLING_NAME = 5.0
#: Two pieces that share so much of their rare words are about one thing, whatever they name.
SAME_SUBJECT = 0.16
#: The same for pieces that name different places and no name in common.
SAME_WORDS = 0.2
#: Roles of places that say nothing of where a piece plays.
ELSEWHERE = frozenset(
    {Role.FROM, Role.TOWARDS, Role.COMPARED, Role.INSTITUTION, Role.FAR, Role.PERSON, Role.MEDIUM}
)
#: Sentences that go on about what was told before begin so.
GOES_ON = words(
    """
    de het dit dat die deze zij ze hij er daar daarom daarvoor daarna dan maar want toch inmiddels eerder
    volgens toen wie wat hoe een zo zelf nu wij we je u samen iedereen intussen
    """
)


#: Roles that say where something is, and words that may stand before the place then: "Ook in het dorp X".
WHERE = OPENING_ROLES - {Role.PLAIN, Role.BRACKETS}
WORDS_BEFORE_PLACE = 4


@lru_cache(maxsize=1)
def municipality_names() -> frozenset[str]:
    """Names of all municipalities."""
    return frozenset(facts.name for facts in geo.municipalities())


@dataclass(frozen=True, slots=True)
class Section:
    """One passage; ``text[start:body]`` is its heading (may be empty), ``text[body:end]`` the rest."""

    #: From 1, in the order of the text.
    number: int
    start: int
    body: int
    end: int
    #: Set apart by the writer (list, heading, label), not only found by what it is about.
    marked: bool


@dataclass(frozen=True)
class _About:
    """What one piece says of its subject where it begins."""

    names: frozenset[str]
    places: frozenset[str]
    #: Rare words with their weights; together of length 1.
    words: dict[str, float]


def sections(title: str, text: str, places: Sequence[PlaceMention]) -> list[Section]:
    """The sections of a round-up, in order; none for a text about one thing.

    Args:
        places: as named in ``title + "\\n" + text``; offsets there.
    """
    if count_words(text) < SHORTEST_TEXT:
        return []
    shift = len(title) + 1
    reader = _Reader(title, text, shift, [place for place in places if place.start >= shift])
    ways: list[tuple[Callable[[], list[Block]], bool]] = [
        (partial(headings, text), True),
        (reader.list_items, True),
        (partial(labelled, text, reader.places), True),
        (partial(paragraphs, text, reader.opens), False),
        (partial(sentence_groups, text, reader.opens), False),
    ]
    for way, marked in ways:
        shortest = SHORTEST_MARKED if marked else SHORTEST_FOUND
        blocks = [block for block in way() if count_words(block.read(text)) >= shortest]
        if 2 <= len(blocks) <= MOST_SECTIONS:
            found = reader.different(blocks, marked=marked)
            if found:
                return [
                    Section(number, block.start, block.body, block.end, marked)
                    for number, block in enumerate(found, start=1)
                ]
    return []


class _Reader:
    """Says what pieces of one text are about."""

    def __init__(self, title: str, text: str, shift: int, places: Sequence[PlaceMention]) -> None:
        self.title, self.text = title, text
        #: Offsets in the text alone.
        self.places = [
            replace(place, start=place.start - shift, end=place.end - shift)
            for place in places
            if place.role not in ELSEWHERE
        ]
        self.place_words = frozenset(
            fold(word)
            for place in places
            for word in WORDS.findall(f"{place.name} {text[place.start - shift : place.end - shift]}")
        )

    def _named(self, start: int, end: int) -> frozenset[str]:
        return frozenset(fold(place.name) for place in self.places if start <= place.start < end)

    def opens(self, piece: Span, since: int) -> bool:
        """Whether a paragraph or sentence begins another subject than the text from ``since`` to it."""
        start, end = piece
        head = WORDS.finditer(self.text, start, end)
        first = [match for _, match in zip(range(OPENING_WORDS), head, strict=False)]
        if not first:
            return False
        before = self.text[since:start]
        if self._elsewhere(start, first, since):
            return True
        match = ORGANISATION.search(self.text, start, end)
        return (
            match is not None
            and match.start() <= first[0].start() + 4
            and fold(first[0].group()) not in GOES_ON
            and match.group() not in before
        )

    def list_items(self) -> list[Block]:
        """The items of a list; none when the text says before it of which organisation all of it tells."""
        blocks = list_items(self.text)
        intro = self.text[: blocks[0].start] if blocks else ""
        told = names(intro, self.place_words).values()
        if ORGANISATION.search(intro) or any(weight >= TELLING_NAME for weight in told):
            return []
        return blocks

    def _elsewhere(self, start: int, first: list[re.Match[str]], since: int) -> bool:
        """Whether a sentence opens with another place than the ones named from ``since`` to it."""
        named = self._named(since, start)
        for place in self.places:
            if not start <= place.start < first[-1].end() or place.role not in OPENING_ROLES:
                continue
            before = sum(match.start() < place.start for match in first)
            if before > (WORDS_BEFORE_PLACE if place.role in WHERE else 0) or fold(place.name) in named:
                continue
            # "Oldebroek denkt mee": the municipality as somebody, not as a place.
            if place.role is Role.PLAIN and place.name in municipality_names():
                continue
            return True
        return False

    def _opens_itself(self, block: Block) -> bool:
        """Whether a piece says from its first words where it plays; a dateline is one for the whole text."""
        datelines = {place.start for place in self.places if place.role is Role.DATELINE}
        first = next(sentences(self.text[block.start : block.end]))
        span = (block.start + first[0], block.start + first[1])
        return span[0] not in datelines and self.opens(span, span[0])

    def about(self, block: Block) -> _About:
        """What a piece says of its subject."""
        ends = [match.end() for match in WORDS.finditer(self.text, block.start, block.end)]
        head_end = ends[min(HEAD_WORDS, len(ends)) - 1] if ends else block.start
        rarity = Rarity.load()
        named = names(self.text[block.start : head_end], self.place_words)
        left_out = {stem(word) for word in self.place_words | GIVEN_NAMES}
        rare = {word: rarity.of(word) for word in set(stems(block.read(self.text))) - left_out}
        rare = {word: weight for word, weight in rare.items() if weight >= LEAST_RARE}
        length = math.sqrt(sum(weight**2 for weight in rare.values())) or 1.0
        return _About(
            frozenset(word for word, weight in named.items() if weight >= TELLING_NAME),
            self._named(block.start, head_end),
            {word: weight / length for word, weight in rare.items()},
        )

    def different(self, blocks: list[Block], *, marked: bool) -> list[Block]:
        """The pieces, those about one thing put together; none when they are not about different things."""
        if not marked and len(blocks) == LEAST_FOUND and not self._opens_itself(blocks[0]):
            return []
        told = [self.about(block) for block in blocks]
        intro = self.text[: blocks[0].start]
        common_names = frozenset(names(f"{self.title}\n{intro}", self.place_words))
        common_places = self._named(0, blocks[0].start)
        own = [(about.names - common_names, about.places - common_places) for about in told]
        subjects = list(range(len(blocks)))
        for one, two in combinations(range(len(blocks)), 2):
            if self._one_subject(told[one], told[two]):
                old, new = subjects[two], subjects[one]
                subjects = [new if subject == old else subject for subject in subjects]
        anchored = {subjects[place] for place, (name, where) in enumerate(own) if name or where}
        told_of = sum(bool(name or where) for name, where in own)
        if len(anchored) < 2 or 2 * told_of < len(blocks):
            return []
        found: list[Block] = []
        last = None
        for block, subject in zip(blocks, subjects, strict=True):
            if found and subject == last:
                found[-1] = Block(found[-1].start, found[-1].body, block.end)
            else:
                found.append(block)
            last = subject
        return found

    @staticmethod
    def _one_subject(one: _About, two: _About) -> bool:
        if one.places and two.places and not one.places & two.places:
            return _alike(one, two) >= (SAME_SUBJECT if one.names & two.names else SAME_WORDS)
        return bool(one.names & two.names) or _alike(one, two) >= SAME_SUBJECT


def _alike(one: _About, two: _About) -> float:
    return sum(weight * two.words.get(word, 0.0) for word, weight in one.words.items())

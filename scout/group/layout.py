"""How a text is laid out: list items, headings, labels, paragraphs, sentences. Pure rules, no meaning."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from scout.places.mention import PlaceMention, Role

Span = tuple[int, int]

LINE = re.compile(r"[^\n]+")
WORDS = re.compile(r"\w+")
#: A list item: bullet, number or letter before a space.
MARK = re.compile(r"\s*(?:[-–—*•·▪◦‣►▶✓✔➡→]|\d{1,2}[.)]|[a-h][.)])\s+(?=\S)")
#: Bullets that stand between items on one line.
INLINE_BULLET = re.compile(r"(?:^|\s)[•▪◦‣►](?=\s)\s*")
INLINE_NUMBER = re.compile(r"(?:^|\s)(\d{1,2})[.)]\s+(?=[A-ZÀ-Þ'‘\"“])")
#: A heading: short, and no sentence.
HEADING_CHARACTERS, HEADING_WORDS = 80, 12
NO_HEADING = re.compile(r"[.!,;…]['’\"”)]?\s*$")
#: What stands under a heading has at least so many characters.
UNDER_HEADING = 60
#: A label before a text: "Elst: ", "VELP - "; at most four words.
LABEL = re.compile(r"[A-ZÀ-Þ'‘’][\w'’./()-]*(?: [\w'’./()&-]+){0,3}?(?::|\s?[–—]|\s[-|•])\s+(?=\S)")
#: Where a new sentence begins.
SENTENCE = re.compile(r"(?<=[.!?…])(?:['’\"”)])?\s+(?=[A-ZÀ-Þ'‘’\"“(#\d])")
#: No sentence ends with these: shortened words, initials.
NO_END = re.compile(r"(?:\b(?:[A-Z]|[Ss]t|[Dd]r|[Mm]r|ca|nr|o\.a|bijv|[Dd]hr|[Mm]evr|t/m)|\b\d{1,2})\.$")
#: Words from the start of a sentence in which it says where or of whom it tells.
OPENING_WORDS = 6
#: Ways in which a place opens a new subject; not "from X", "like in X".
OPENING_ROLES = frozenset(
    {
        Role.DATELINE,
        Role.INSIDE,
        Role.HERE,
        Role.PLAIN,
        Role.VILLAGE,
        Role.RESIDENTS,
        Role.NEAR,
        Role.BRACKETS,
    }
)
#: Kinds of organisations as they stand before a name of their own.
ORGANISATION = re.compile(
    r"\b(?:(?:[Ss]tichting|[Vv]ereniging|[Ww]erkgroep|[Cc]oöperatie|[Cc]omité|[Aa]ctiegroep|[Bb]ewonersgroep"
    r"|[Bb]ewonersinitiatief|[Bb]urgerinitiatief|[Rr]epair ?[Cc]afé|[Rr]eparatiecafé|[Vv]oedselbos"
    r"|(?:[Bb]uurt|[Ww]ijk|[Dd]orps)\w+|\w*(?:[Tt]uin|coöperatie|vereniging|stichting|belang|bus|bieb))\s+"
    r"(?:(?:de|het|van|'t|’t|in|op|aan)\s){0,2}['‘’\"“]?[A-ZÀ-Þ][\w'’-]+)"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a text: ``text[start:body]`` is its heading or label, ``text[body:end]`` the rest."""

    start: int
    body: int
    end: int

    def read(self, text: str) -> str:
        """All of it."""
        return text[self.start : self.end]


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(WORDS.findall(text))


def lines(text: str) -> list[Span]:
    """Where the lines that are not empty begin and end."""
    return [match.span() for match in LINE.finditer(text) if match.group().strip()]


def headings(text: str) -> list[Block]:
    """A block for each line that stands as a heading over what follows."""
    found = lines(text)
    heads = [
        (line, below)
        for line, below in pairwise(found)
        if _is_heading(text[slice(*line)]) and below[1] - below[0] >= UNDER_HEADING
    ]
    return _reaching([(line[0], line[0], below[0]) for line, below in heads], len(text))


def _is_heading(line: str) -> bool:
    return (
        len(line) <= HEADING_CHARACTERS
        and count_words(line) <= HEADING_WORDS
        and not NO_HEADING.search(line)
        and not MARK.match(line)
    )


def list_items(text: str) -> list[Block]:
    """A block for each item of a list, with the lines that belong to it."""
    found = lines(text)
    marked = [(line, match.end()) for line in found if (match := _mark(text[slice(*line)])) is not None]
    if len(marked) < 2:
        return _inline_items(text)
    blocks = []
    for place, (line, skip) in enumerate(marked):
        last = place + 1 == len(marked)
        limit = len(text) if last else marked[place + 1][0][0]
        start = line[0] + skip
        heads = _is_heading(text[start : line[1]])
        if heads and limit > line[1] + UNDER_HEADING:
            blocks.append(Block(start, min(line[1] + 1, limit), limit))
        else:
            # What follows the last item of a list is no part of it.
            blocks.append(Block(start, start, line[1] if last else limit))
    return blocks


def _mark(line: str) -> re.Match[str] | None:
    match = MARK.match(line)
    if match is None and unicodedata.category(line.strip()[0]) == "So":
        match = re.match(r"\s*\S+\s+(?=\S)", line)  # an emoji for a bullet
    return match


def _inline_items(text: str) -> list[Block]:
    starts = [(match.start(), match.end()) for match in INLINE_BULLET.finditer(text)]
    if len(starts) < 2:
        numbered = list(INLINE_NUMBER.finditer(text))
        counting = [int(match.group(1)) for match in numbered]
        starts = (
            [(match.start(), match.end()) for match in numbered]
            if counting == list(range(1, len(counting) + 1))
            else []
        )
    return _reaching([(start, after, after) for start, after in starts], len(text))


def labelled(text: str, places: list[PlaceMention]) -> list[Block]:
    """A block for each line or sentence that begins with a place or organisation as its label."""
    starts = []
    for start, _ in sentences(text):
        match = LABEL.match(text, start)
        if match is None:
            continue
        named = any(start <= place.start < match.end() for place in places)
        if named or ORGANISATION.match(text, start, match.end()):
            starts.append((start, match.end()))
    return _reaching([(start, start, body) for start, body in starts], len(text))


def _reaching(marks: list[tuple[int, int, int]], end: int) -> list[Block]:
    """Blocks that reach to the next one.

    Args:
        marks: where the sign of each block begins, where the block itself, and where its body.
    """
    ends = [*(sign for sign, _, _ in marks[1:]), end][: len(marks)]
    return [Block(start, body, stop) for (_, start, body), stop in zip(marks, ends, strict=True)]


def paragraphs(text: str, opens: Callable[[Span, int], bool]) -> list[Block]:
    """Blocks of whole lines; ``opens`` says whether a line begins another subject than the block so far."""
    return _gathered(lines(text), opens)


def sentence_groups(text: str, opens: Callable[[Span, int], bool]) -> list[Block]:
    """Blocks of whole sentences, likewise."""
    return _gathered(list(sentences(text)), opens)


def _gathered(pieces: list[Span], opens: Callable[[Span, int], bool]) -> list[Block]:
    blocks: list[Block] = []
    for start, end in pieces:
        if blocks and not opens((start, end), blocks[-1].start):
            blocks[-1] = Block(blocks[-1].start, blocks[-1].start, end)
        else:
            blocks.append(Block(start, start, end))
    return blocks


def sentences(text: str) -> Iterator[Span]:
    """Where the sentences begin and end; a line ends one."""
    for start, end in lines(text):
        begin = start
        for match in SENTENCE.finditer(text, start, end):
            if NO_END.search(text[begin : match.start()]):
                continue
            yield begin, match.start()
            begin = match.end()
        if begin < end:
            yield begin, end

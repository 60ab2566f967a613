"""Words that are searched for: how texts are taken apart, and how to read what somebody typed.

Both databases get the same words. Case and diacritics do not count, and words are kept as their stem, so
that "tuinen" finds "tuin". Every word kept has a mark in front, so that sorts of words can't be confused:

* ``w``: the word as it stands, for phrases and for beginnings of words;
* ``s``: its stem, and the stems of what a compound begins or ends with ("buurttuin": "buurt", "tuin").

Facets of leads (status, municipality, sources …) are kept beside them and have a colon (migration 0004).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import Stemmer

from models.search_words import ENDINGS, PARTS, STOP_WORDS

#: Characters of a search that are read, words of it that count, and letters of a word that count.
TEXT_LIMIT, WORD_LIMIT, LETTER_LIMIT = 200, 12, 40
#: Fewest letters that can be the beginning of a word, and that a part of a compound leaves over.
LEAST_BEGINNING, LEAST_REST = 2, 3
#: Characters beyond ASCII that are remembered: more than all alphabets of Europe have.
CHARACTERS = 5000
#: Letters that Unicode does not take apart.
LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
QUOTES = re.compile('["“”„«»]')
#: Words that belong together: letters and digits, joined by one hyphen or apostrophe.
JOINED = re.compile(r"[^\W_]+(?:['’‘‐‑-][^\W_]+)*")
SINGLE = re.compile(r"[^\W_]+")

_stemmer = Stemmer.Stemmer("dutch")
#: The stemmer keeps the word it is at: two threads at once would get each other's letters.
_stemming = Lock()


def fold(text: str) -> str:
    """``text`` without case and diacritics: ``Café`` and ``cafe`` are the same."""
    if text.isascii():
        return text.lower()
    return text.translate(_folded)


class _Folded(dict[int, str]):
    """Code of a character -> what becomes of it, worked out when it first comes by: each stands by itself."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code).casefold())
        plain = "".join(character for character in decomposed if not unicodedata.combining(character))
        # Once more: taking apart a ligature or a full-width letter can give a capital.
        found = plain.casefold().translate(LETTERS)
        if len(self) < CHARACTERS:
            self[code] = found
        return found


_folded = _Folded()


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Stem of one folded word; numbers and postcodes stay as they are."""
    if not word.isalpha():
        return word
    for ending, instead in ENDINGS.items():
        if word.endswith(ending):
            word = word.removesuffix(ending) + instead
            break
    with _stemming:
        # Twice, for the stemmer takes one ending at a time: fietsen, fiets, fiet.
        once = str(_stemmer.stemWord(word)) or word
        return str(_stemmer.stemWord(once)) or once


@lru_cache(maxsize=20_000)
def parts(word: str) -> tuple[str, ...]:
    """Stems of the longest parts that a folded word begins and ends with, if it is a compound of them."""
    base = stem(word)
    first = max(
        (part for part in PARTS if _leaves(word, part) and word.startswith(part)), key=len, default=""
    )
    last = max(
        (part for part in _PART_STEMS if _leaves(base, part) and base.endswith(part)), key=len, default=""
    )
    return tuple(dict.fromkeys(part for part in (first and stem(first), last) if part))


def _leaves(word: str, part: str) -> bool:
    return len(word) - len(part) >= LEAST_REST


_PART_STEMS = frozenset(stem(part) for part in PARTS)


@dataclass(frozen=True)
class Words:
    """What is kept of one lead or entry."""

    #: One list for each text, marked ``w``, in the order in which they stand there.
    texts: tuple[tuple[str, ...], ...]
    #: Stems, parts and joined words, marked, each once.
    others: tuple[str, ...]


def words_of(texts: Iterable[str]) -> Words:
    """What to keep of these texts."""
    standing: list[tuple[str, ...]] = []
    others: dict[str, None] = {}
    for text in texts:
        row = []
        for joined in JOINED.findall(fold(text)):
            single = _single(joined)
            row += [f"w{word}" for word in single]
            for word in single:
                others[f"s{stem(word)}"] = None
                others.update(dict.fromkeys(f"s{part}" for part in parts(word)))
            whole = _whole(joined)
            if whole is not None:
                # Stem first: two words marked ``w`` are neighbours only where the text has them so.
                others.update({f"s{stem(whole)}": None, f"w{whole}": None})
        if row:
            standing.append(tuple(row))
    return Words(tuple(standing), tuple(others))


def _single(joined: str) -> list[str]:
    return [word[:LETTER_LIMIT] for word in SINGLE.findall(joined) if word not in STOP_WORDS]


def _whole(joined: str) -> str | None:
    """A word with hyphens or apostrophes without them: ``repair-café`` is also ``repaircafe``."""
    words = SINGLE.findall(joined)
    return "".join(words)[:LETTER_LIMIT] if len(words) > 1 else None


@dataclass(frozen=True)
class Atom:
    """Marked words that stand together; of the last one only the beginning when ``begins``."""

    words: tuple[str, ...]
    begins: bool = False


#: One thing that must be there: any of these ways, each of which asks for all of its atoms.
Term = tuple[tuple[Atom, ...], ...]


def read(text: str) -> list[Term]:
    """What somebody looks for: all of the terms must be there; none = nothing that can be found.

    The last word may be the beginning of a longer one, as people see while they type; what stands
    between quotes is looked for word by word as it stands. Whatever else is typed is no mistake.
    """
    pieces = QUOTES.split(text[:TEXT_LIMIT])
    # An opening quote that is never closed means nothing.
    last = len(pieces) - 1
    found: list[Term] = []
    for number, piece in enumerate(pieces):
        if number % 2 and number < last:
            found += _phrase(piece)
        else:
            found += _bare(piece, typing=number == last)
    if not found and (words := SINGLE.findall(fold(pieces[-1]))):
        # Nothing but words that say nothing: perhaps a longer one begins so.
        found = [(way,) for way in (_beginning(words[-1]),) if way]
    return list(dict.fromkeys(found))[:WORD_LIMIT]


def _phrase(piece: str) -> Iterator[Term]:
    words = tuple(f"w{word}" for joined in JOINED.findall(fold(piece)) for word in _single(joined))
    if words:
        yield ((Atom(words[:WORD_LIMIT]),),)


def _bare(piece: str, *, typing: bool) -> Iterator[Term]:
    joined_words = JOINED.findall(fold(piece))
    for number, joined in enumerate(joined_words):
        ends = typing and number == len(joined_words) - 1
        single, whole = _single(joined), _whole(joined)
        ways = []
        if single:
            stems = tuple(Atom((f"s{stem(word)}",)) for word in single)
            ways.append(stems)
            if ends:
                ways.append((*stems[:-1], *_beginning(single[-1])))
        if whole is not None:
            ways.append((Atom((f"s{stem(whole)}",)),))
            if ends:
                ways.append(_beginning(whole))
        ways = [way for way in dict.fromkeys(ways) if way]
        if ways:
            yield tuple(ways)


def _beginning(word: str) -> tuple[Atom, ...]:
    return (Atom((f"w{word[:LETTER_LIMIT]}",), begins=True),) if len(word) >= LEAST_BEGINNING else ()

"""What visits say about sources, in Dutch: English sentences of ``scout`` looked up in visible tables.

The scout writes its sentences in English, and the two rooms meet only in the database. A sentence that is in
no table is shown as it is, marked as English (``Said.known``). A test holds the tables against the sentences
in the code.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from review.source_sentences import VISITS
from review.source_sentences_read import ERRANDS, READERS
from review.source_sentences_social import ACCOUNTS, ODD, OFFICIAL

#: All tables, in the order in which they are looked through.
TABLES = (VISITS, ACCOUNTS, OFFICIAL, ODD, READERS, ERRANDS)

#: Names in the tables that stand for a whole sentence, which is looked up in turn.
SENTENCES = frozenset({"why", "first", "last"})
#: Name -> what its gap may hold; every other name stands for any words.
GAPS = {
    "url": r"\S+",
    "host": r"\S+",
    "count": r"[\d.,]+",
    "other": r"[\d.,]+",
    "more": r"[\d.,]+",
    "seconds": r"[\d.,]+",
    "status": r"\d+",
    # The name of a status, which not every status has.
    "phrase": r"(?: [^:]*)?",
    # What may be left out.
    "extra": r".*?",
}

NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Said:
    """One sentence as it is shown."""

    text: str
    #: False = it is the English one of the code.
    known: bool


def say(sentence: str) -> Said:
    """A sentence of a visit in the visitor's language, with a capital and a full stop."""
    found = _said(sentence.strip())
    if found is None:
        return Said(sentence, known=False)
    # A name of a host stays as it is written.
    text = found if "." in found.split(maxsplit=1)[0] else found[:1].upper() + found[1:]
    return Said(text if text.endswith((".", "?", "!")) else f"{text}.", known=True)


def say_all(sentences: Iterable[str]) -> list[Said]:
    """Several sentences, each once."""
    return [say(one) for one in dict.fromkeys(sentences)]


def _said(sentence: str) -> str | None:
    """The sentence in the words of a table; None = it is in none, or a sentence within it is not."""
    for words, given in matches(sentence):
        values = {name: _said(value) if name in SENTENCES else value for name, value in given}
        if None not in values.values():
            inside = {name: str(value).strip().rstrip(".") for name, value in values.items()}
            return str(words) % inside if inside else str(words)
    return None


@lru_cache(maxsize=4_000)
def matches(sentence: str) -> tuple[tuple[Any, tuple[tuple[str, str], ...]], ...]:
    """The words of every pattern that fits, and what stands in its gaps."""
    return tuple(
        (words, tuple(match.groupdict().items()))
        for pattern, words in _patterns()
        if (match := pattern.fullmatch(sentence)) is not None
    )


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Any], ...]:
    return tuple(
        (re.compile(as_pattern(english), re.DOTALL), dutch) for table in TABLES for english, dutch in table
    )


def as_pattern(english: str) -> str:
    """``{host} refuses connections`` as a regular expression: each name is a gap."""
    parts = NAME.split(english)
    found = [re.escape(parts[0])]
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        found += [f"(?P<{name}>{GAPS.get(name, '.+?')})", re.escape(text)]
    return "".join(found)

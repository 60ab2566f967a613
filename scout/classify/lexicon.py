"""Word classes: who can act in a local text, and what they can do (``scout/data/words.toml``)."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

#: The word lists; part of what makes a model.
WORD_FILE = Path(__file__).resolve().parent.parent / "data" / "words.toml"


def _lists() -> dict[str, dict[str, tuple[str, ...]]]:
    data = tomllib.loads(WORD_FILE.read_text("utf-8"))
    return {
        table: {name: tuple(words.split()) for name, words in entries.items()}
        for table, entries in data.items()
    }


_LISTS = _lists()
#: Classes that can be who acts: people who live there, everybody else, and what may be either.
RESIDENTS = tuple(_LISTS["residents"])
OTHERS = tuple(_LISTS["others"])
ACTORS = frozenset((*RESIDENTS, *_LISTS["either"], *OTHERS))
#: Classes of what a citizen initiative does.
DOINGS = frozenset(_LISTS["doings"])
#: Words between which and an actor no other word of weight stands: "door de bewoners".
PREPOSITIONS = frozenset(_LISTS["grammar"]["prepositions"])
#: Words that join two actors.
JOINERS = frozenset(_LISTS["grammar"]["joiners"])
#: Words that open a new clause without punctuation.
OPENERS = frozenset(_LISTS["grammar"]["openers"])
#: Words before "van" that say who is behind something: "op initiatief van", "onder leiding van".
SOURCES = frozenset(_LISTS["grammar"]["sources"])
NUMBERS = frozenset(_LISTS["grammar"]["numbers"])
#: Ending of what people of a town are called: Eibergenaren, Needenaren, Amsterdammers.
DEMONYM = re.compile(r"(?:naren|naar|ners|mers|lers|ters|ezen|ingers|lingen)$")


def _exact() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for table in ("residents", "either", "others", "doings", "circumstances"):
        for name, words in _LISTS[table].items():
            for word in words:
                found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


_EXACT = _exact()
_ENDINGS = [(ending, name) for name, endings in _LISTS["endings"].items() for ending in endings]


@lru_cache(maxsize=100_000)
def classes_of(word: str) -> tuple[str, ...]:
    """Classes of a folded word, possibly none."""
    found = _EXACT.get(word)
    if found is not None:
        return found
    for ending, name in _ENDINGS:
        # At least two letters before the ending: "tuin" itself is no compound.
        if len(word) > len(ending) + 1 and word.endswith(ending):
            return (name,)
    return ()

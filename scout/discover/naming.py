"""What to call a possible source, and where it plays. Pure."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from models import geo
from models.source_keys import key_for, slug
from scout.places import place

__all__ = ["key_for", "municipality_of", "slug"]

#: Of the texts that say where they play, this part must agree, and at least so many.
AGREEING, LEAST_AGREEING = 0.7, 3
#: Letters of a name that is looked for inside a host, where it may stand by chance.
LEAST_LETTERS = 5


def municipality_of(title: str, address: str, texts: Sequence[tuple[str, str]]) -> str | None:
    """CBS code of the municipality that title, address or texts clearly name; None = they don't.

    Args:
        texts: title and first words of items.
    """
    by_address = _by_address(address)
    by_title = _located(title, "") or _by_words(title)
    if by_title or by_address:
        # Two that contradict each other are not clear.
        return (by_title or by_address) if by_title in {None, by_address} or by_address is None else None
    located = Counter(code for code in (_located(*text) for text in texts) if code)
    if not located:
        return None
    code, count = located.most_common(1)[0]
    return code if count >= LEAST_AGREEING and count >= AGREEING * located.total() else None


def _located(title: str, text: str) -> str | None:
    return place(title, text).location.municipality_code if title or text else None


def _by_words(title: str) -> str | None:
    """Exactly one municipality among the words of a title, in any case of letters."""
    words = f"-{slug(title)}-"
    found = {code for name, code in _names() if f"-{name}-" in words}
    return found.pop() if len(found) == 1 else None


def _by_address(address: str) -> str | None:
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    by_website = _websites().get(host)
    if by_website:
        return by_website
    steps = f"-{slug(unquote(parts.path))}-"
    found = {code for name, code in _names() if f"-{name}-" in steps}
    if not found:
        # "arnhemsekoerier.nl": the name begins a part of the host, and is long enough not to stand there
        # by chance.
        labels = [label for label in host.split(".")[:-1] for label in label.split("-")]
        matches = [
            (len(name), code)
            for name, code in _names()
            if len(name) >= LEAST_LETTERS and any(label.startswith(name.replace("-", "")) for label in labels)
        ]
        longest = max((length for length, _ in matches), default=0)
        found = {code for length, code in matches if length == longest}
    return found.pop() if len(found) == 1 else None


@lru_cache
def _names() -> tuple[tuple[str, str], ...]:
    """(name as a slug, CBS code) of the municipalities whose name is no common word."""
    return tuple((slug(facts.name), facts.code) for facts in geo.municipalities() if not facts.common_word)


@lru_cache
def _websites() -> dict[str, str]:
    return {
        (urlsplit(facts.website).hostname or facts.website).removeprefix("www."): facts.code
        for facts in geo.municipalities()
        if facts.website
    }

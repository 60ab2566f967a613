"""The pattern of a site's articles, worked out from the links on one of its pages. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

from models.addresses import canonical, same_site

#: So many different links of one form, with words like a title, are a list of articles.
LEAST = 3
#: Words of a link that make a title.
TITLE_WORDS = 3
MOST_LINKS = 3_000

#: First parts of paths under which no articles stand.
_NO_ARTICLES = re.compile(
    r"tags?|thema|categor(?:y|ie|ies)|author|auteur|page|pagina|login|inloggen|account|zoeken|search|feed|rss"
    r"|wp-content|wp-admin|contact|privacy|over-ons|about|shop|winkel|cart",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[^-]+(?:-[^-]+){2,}")
#: What such a slug looks like in a pattern; no part of it can match in two ways.
_ANY_SLUG = "[^/?-]+(?:-[^/?-]+){2,}"


def article_pattern(links: Iterable[tuple[str, str]], page: str) -> str | None:
    """The ``article`` pattern that fits the articles a page links to; None = it links to no list of them.

    Args:
        links: (address, words of the link).
        page: address of the page itself.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for place, (address, words) in enumerate(links):
        if place == MOST_LINKS:
            break
        if len(words.split()) < TITLE_WORDS or not same_site(address, page):
            continue
        pattern = _pattern(address)
        if pattern and canonical(address) != canonical(page):
            groups[pattern].add(canonical(address))
    if not groups:
        return None
    # Of two that fit as many, the longer one says more.
    best = max(groups, key=lambda pattern: (len(groups[pattern]), len(pattern)))
    return best if len(groups[best]) >= LEAST else None


def _pattern(address: str) -> str:
    """The form of an address that is like an article's; empty if it is not."""
    parts = urlsplit(address)
    segments = [segment for segment in parts.path.split("/") if segment]
    if segments and _NO_ARTICLES.fullmatch(segments[0]):
        return ""
    number = re.fullmatch(r"(?:.*&)?(\w*id)=\d+(?:&.*)?", parts.query, re.ASCII)
    if number:
        return f"^{_plain(parts.path)}\\?.*\\b{number[1]}=\\d+"
    forms = [_form(segment, last=place == len(segments) - 1) for place, segment in enumerate(segments)]
    variable = [place for place, form in enumerate(forms) if form != _plain(segments[place])]
    if not variable:
        return ""
    return "^/" + "/".join(forms)


def _form(segment: str, *, last: bool) -> str:
    stem, dot, ending = segment.rpartition(".")
    if last and dot and re.fullmatch(r"html?|php|aspx?", ending):
        inner = _form(stem, last=False) if not _SLUG.fullmatch(stem) else _ANY_SLUG
        return f"{inner}\\.{ending}"
    if re.fullmatch(r"\d+", segment, re.ASCII):
        return r"\d{4}" if len(segment) == 4 else r"\d+"
    if re.fullmatch(r"\d+-.+", segment, re.ASCII):
        return r"\d+-"
    if re.fullmatch(r".+-\d{3,}", segment, re.ASCII):
        return r"[^/?]+-\d+"
    if _SLUG.fullmatch(segment) and (last or len(segment) > 25):
        return _ANY_SLUG
    return _plain(segment)


def _plain(text: str) -> str:
    # A hyphen means nothing outside brackets.
    return re.escape(text).replace("\\-", "-")

"""What a web page says of itself and of the ways to read its site. Pure."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from scout.drafts import Page
from scout.readers.site import absolute, base_of, parsed
from scout.steps.text import clean_title

#: Bytes of a page that are looked at: heads and menus stand at its beginning.
MOST_BYTES = 2_000_000
MOST_FEEDS, MOST_TERMS = 5, 8
#: Words in a link or its address that tell pages with terms of use, the most telling first.
_TERMS = (
    re.compile(r"voorwaarden|terms|gebruiksvoorw|spelregels", re.I),
    re.compile(r"disclaimer|auteursrecht|copyright|proclaimer|licen[ts]ie", re.I),
    re.compile(r"privacy|colofon", re.I),
)
_FEED_TYPES = re.compile(r"application/(?:rss|atom|feed)\+(?:xml|json)|application/rdf\+xml", re.I)
_OF_COMMENTS = re.compile(r"comments?\b|reacties?\b", re.I)
_API = "https://api.w.org/"
_CHANNEL = re.compile(r"/channel/(UC[\w-]{22})\b|[?&]channel_id=(UC[\w-]{22})\b", re.ASCII)
_PARTS_OF_TITLE = re.compile(r"\s+[|–—·•»-]\s+|\s*[|»]\s*")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a page says."""

    #: Name of the site; empty if it has none.
    site: str = ""
    #: ``<title>`` and description.
    title: str = ""
    description: str = ""
    #: Feeds that it names: (address, title).
    feeds: tuple[tuple[str, str], ...] = ()
    #: Root of the WordPress site that it belongs to; empty = none that shows.
    wordpress: str = ""
    #: Id of the YouTube channel that it is.
    channel: str = ""
    #: What made it, as far as it says: ``mastodon``, ``peertube``, ``lemmy`` …
    made_with: str = ""
    terms: tuple[str, ...] = ()
    #: Links on the same site: (address, words of the link).
    links: tuple[tuple[str, str], ...] = ()


def look_at(page: Page) -> Seen | None:
    """Read a page; None = it is no web page."""
    tree = parsed(replace(page, body=page.body[:MOST_BYTES]))
    if tree is None:
        return None
    base = base_of(tree, page.url)
    metas = _metas(tree)
    title = clean_title(next((element.text_content() for element in tree.iter("title")), ""))
    links = [(absolute(base, link.get("href")), _words(link)) for link in tree.iter("a", "area")]
    links = [(address, words) for address, words in links if address]
    return Seen(
        site=clean_title(metas.get("og:site_name", ""))
        or site_name(title, urlsplit(page.url).hostname or ""),
        title=clean_title(metas.get("og:title", "")) or title,
        description=clean_title(metas.get("og:description", "") or metas.get("description", "")),
        feeds=tuple(_feeds(tree, base))[:MOST_FEEDS],
        wordpress=_wordpress(tree, base, page),
        channel=_channel(tree),
        made_with=_made_with(tree, metas, page),
        terms=_terms(links),
        links=tuple(links),
    )


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or "").lower()
        if name and element.get("content"):
            found.setdefault(name, element.get("content"))
    return found


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content()[:500].split())


def site_name(title: str, host: str) -> str:
    """Of a page's title the part that names the site: the one that is like the host, else the last one."""
    parts = [part for part in _PARTS_OF_TITLE.split(title) if part]
    squashed = re.sub(r"[^a-z0-9]", "", host.removeprefix("www.").lower())
    for part in parts:
        small = re.sub(r"[^a-z0-9]", "", part.lower())
        if len(small) > 3 and (small in squashed or squashed.startswith(small[:8])):
            return part
    return parts[0] if parts else ""


def _feeds(tree: HtmlElement, base: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for link in tree.iter("link"):
        if "alternate" not in (link.get("rel") or "").lower().split():
            continue
        address, title = absolute(base, link.get("href")), clean_title(link.get("title") or "")
        if not address or not _FEED_TYPES.match((link.get("type") or "").strip()):
            continue
        if not _OF_COMMENTS.search(title) and not _OF_COMMENTS.search(urlsplit(address).path):
            found.setdefault(address, title)
    return list(found.items())


def _wordpress(tree: HtmlElement, base: str, page: Page) -> str:
    match = re.search(r"<([^>]+)>\s*;[^,]*rel=\"?https://api\.w\.org/", page.headers.get("link", ""))
    address = absolute(base, match[1]) if match else ""
    for link in tree.iter("link"):
        if not address and _API in (link.get("rel") or "").split():
            address = absolute(base, link.get("href"))
    return re.sub(r"(?:index\.php/)?(?:wp-json/?.*|\?rest_route=.*)$", "", address)


def _channel(tree: HtmlElement) -> str:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() in {"canonical", "alternate"}:
            match = _CHANNEL.search(link.get("href") or "")
            if match:
                return match[1] or match[2]
    return ""


def _made_with(tree: HtmlElement, metas: dict[str, str], page: Page) -> str:
    told = f"{metas.get('generator', '')} {metas.get('og:platform', '')}".lower()
    for name in ("mastodon", "peertube", "lemmy", "wordpress"):
        if name in told:
            return name
    if tree.get_element_by_id("mastodon", None) is not None:
        return "mastodon"
    if "lemmy" in page.headers.get("server", "").lower() or b"lemmy-site" in page.body[:MOST_BYTES]:
        return "lemmy"
    return ""


def _terms(links: list[tuple[str, str]]) -> tuple[str, ...]:
    found: dict[str, int] = {}
    for address, words in links:
        told = f"{words[:80]} {urlsplit(address).path}"
        rank = next((place for place, pattern in enumerate(_TERMS) if pattern.search(told)), None)
        if rank is not None:
            found[address] = min(rank, found.get(address, rank))
    return tuple(sorted(found, key=lambda address: found[address]))[:MOST_TERMS]

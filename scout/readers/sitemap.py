"""Sitemaps: of addresses, of news, of other sitemaps; XML, compressed or plain text."""

import re
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from models import markup
from models.addresses import canonical, same_site
from models.encoding import decode
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page, Reading
from scout.readers import still_there

ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.5"
#: Statuses other than 200 that this reader wants to judge itself.
JUDGES: frozenset[int] = frozenset()
#: Whether an item is still there is told by its page.
questions, judge = still_there.questions, still_there.judge

#: Bytes of a sitemap after decompression, the limit of the protocol (sitemaps.org).
LARGEST = 50_000_000
#: Sub-sitemaps of one index that are read, the newest first.
MOST_CHILDREN = 50
#: Drafts that one sitemap gives, the newest first: sitemaps list a site's whole past.
MOST_DRAFTS = 1_000

_GZIP = b"\x1f\x8b"


class _TooLargeError(Exception):
    """Decompression was stopped."""


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The one sitemap; an index or a robots.txt leads to more."""
    return [source.url]


def read(source: SourceDefinition, page: Page) -> Reading:
    """A draft for each address of a sitemap, the newest first, or the sitemaps that an index names.

    ``article``, if the source has it, is searched in path and query of each address.
    """
    try:
        body = decompressed(page.body)
    except _TooLargeError:
        return Reading(problem=f"the sitemap is larger than {LARGEST // 10**6} MB after decompression")
    except zlib.error:
        return Reading(problem="the sitemap is compressed, but broken")
    if not re.search(
        rb"<\s*(?:[\w.-]+:)?(?:urlset|sitemapindex|rss|feed|html)\b", body[:5000], re.IGNORECASE
    ):
        return _read_text(source, page, decode(body))
    kind, entries, broken = _entries(source, page, markup.as_bytes(markup.text_of(body, page.headers)))
    warnings = ("the sitemap is not well-formed XML: it was read as far as possible",) if broken else ()
    if kind == "sitemapindex":
        return _read_index(source, page, [(draft.url, draft.updated) for draft in entries], warnings)
    if kind == "urlset":
        return _reading(source, page, entries, warnings)
    what = (
        'a feed: use kind = "feed"'
        if kind in {"rss", "feed"}
        else "a web page: look for its sitemap in robots.txt"
    )
    return Reading(problem=f"not a sitemap but {what}")


def _entries(source: SourceDefinition, page: Page, body: bytes) -> tuple[str, list[ItemDraft], bool]:
    """Name of the outermost element, what stands in it, and whether the XML is broken.

    Read as a stream: a tree of the largest sitemap would take some 300 MB. The parser goes no deeper than 256
    levels and expands no entity.
    """
    kind = ""
    entries: list[ItemDraft] = []
    events = etree.iterparse(
        BytesIO(body), events=("start", "end"), recover=True, resolve_entities=False, no_network=True
    )
    for event, element in events:
        if not kind:
            kind = _name(element)
        parent = element.getparent()
        is_entry = parent is not None and parent.getparent() is None and _name(element) in {"url", "sitemap"}
        if event == "end" and is_entry:
            entries.append(_draft(source, page, element))
            element.clear()
            while element.getprevious() is not None:
                del parent[0]
    return kind, entries, len(events.error_log) > 0


def decompressed(body: bytes) -> bytes:
    """The body, unpacked if it is gzip, whatever its name says.

    Raises:
        _TooLargeError: there are more than ``LARGEST`` bytes in it.
        zlib.error: it is broken.
    """
    if not body.startswith(_GZIP):
        return body
    unpacked = b""
    while body.startswith(_GZIP):  # several members may stand behind each other
        unpacker = zlib.decompressobj(wbits=31)
        unpacked += unpacker.decompress(body, LARGEST - len(unpacked) + 1)
        if len(unpacked) > LARGEST:
            raise _TooLargeError
        body = unpacker.unused_data
    return unpacked


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _field(element: etree._Element, *path: str) -> str:
    """Text of the first child at this path, whatever the namespace; empty if there is none."""
    for name in path:
        element = next((child for child in element if _name(child) == name), None)
        if element is None:
            return ""
    return (element.text or "").strip()


def _absolute(page: Page, address: str) -> str:
    try:
        absolute = urljoin(page.url, address) if address else ""
    except ValueError:
        return ""
    return absolute if canonical(absolute) else ""


def _draft(source: SourceDefinition, page: Page, entry: etree._Element) -> ItemDraft:
    url = _absolute(page, _field(entry, "loc"))
    return ItemDraft(
        source=source.key,
        external_id=canonical(url),
        url=url,
        title=_field(entry, "news", "title"),
        text_is_html=False,
        published=_field(entry, "news", "publication_date"),
        updated=_field(entry, "lastmod"),
        language=_field(entry, "news", "publication", "language"),
        complete=not source.full_text,
    )


def _reading(
    source: SourceDefinition, page: Page, drafts: list[ItemDraft], warnings: tuple[str, ...] = ()
) -> Reading:
    pattern = source.options.get("article")
    fitting = [draft for draft in drafts if not pattern or _matches(draft.url, pattern)]
    # A child of an index may well hold other things, such as pages and categories.
    if drafts and not fitting and page.asked == source.url:
        return Reading(
            problem=f"none of the {len(drafts)} addresses in the sitemap matches article = {pattern!r}: "
            "correct the pattern"
        )
    if len(fitting) > MOST_DRAFTS:
        fitting.sort(key=lambda draft: draft.published or draft.updated, reverse=True)
        warnings += (f"the sitemap has {len(fitting)} addresses: the {MOST_DRAFTS} newest were read",)
        fitting = fitting[:MOST_DRAFTS]
    return Reading(drafts=tuple(fitting), warnings=warnings)


def _matches(url: str, pattern: str) -> bool:
    parts = urlsplit(url)
    return re.search(pattern, parts.path + (f"?{parts.query}" if parts.query else "")) is not None


def _read_index(
    source: SourceDefinition, page: Page, children: list[tuple[str, str]], warnings: tuple[str, ...] = ()
) -> Reading:
    """The sitemaps of an index, the newest first; those without a date come last, in their order."""
    if page.asked != source.url and not urlsplit(source.url).path.endswith("/robots.txt"):
        # The protocol forbids it, and followed blindly it need not end.
        return Reading(warnings=("an index of sitemaps names another index, which is not followed",))
    newest_first = [location for location, _ in sorted(children, key=lambda child: child[1], reverse=True)]
    own = [each for each in dict.fromkeys(newest_first) if each and same_site(each, page.url)]
    if len(own) < len(children):
        warnings += ("the index names sitemaps twice, of other sites or without address: these are left out",)
    if len(own) > MOST_CHILDREN:
        warnings += (f"the index names {len(own)} sitemaps: the {MOST_CHILDREN} newest are read",)
    return Reading(more=tuple(own[:MOST_CHILDREN]), warnings=warnings)


def _read_text(source: SourceDefinition, page: Page, text: str) -> Reading:
    """One address a line, or the ``Sitemap:`` lines of a robots.txt."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("sitemap:")]
    if named:
        return _read_index(source, page, [(_absolute(page, address), "") for address in named])
    addresses = [line for line in lines if re.match(r"https?://", line) and canonical(line)]
    if not lines or len(addresses) < len(lines) / 2:
        return Reading(
            problem="not a sitemap: the answer holds neither urlset, sitemapindex nor a list of addresses"
        )
    drafts = [
        ItemDraft(
            source=source.key,
            external_id=canonical(address),
            url=address,
            text_is_html=False,
            complete=not source.full_text,
        )
        for address in dict.fromkeys(addresses)
    ]
    return _reading(source, page, drafts)

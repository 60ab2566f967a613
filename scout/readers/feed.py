"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from models import markup
from models.addresses import canonical, same_site
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page, Reading
from scout.readers import json_feed, social, still_there

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
#: Statuses other than 200 that this reader wants to judge itself.
JUDGES: frozenset[int] = frozenset()
#: Whether an item is still there is told by its page.
questions, judge = still_there.questions, still_there.judge

_END_OF_ENTRY = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_START_OF_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_END_OF_FEED = re.compile(
    r"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>\s*(?:<!--.*-->\s*)?$", re.IGNORECASE | re.DOTALL
)
_FEED_LINK = re.compile(r"<link\b[^>]{0,500}>", re.IGNORECASE)


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The one address of the feed."""
    return [source.url]


def read(source: SourceDefinition, page: Page) -> Reading:
    """Entries of a feed, in its order, and its next page if it has one (RFC 5005, JSON Feed ``next_url``).

    Every entry gives a draft, also one without link, title or date, and one that repeats an id: what becomes
    of it is counted later.
    """
    if refusal := social.refusal(source.url):
        return Reading(problem=refusal)
    if not page.body.strip():
        return Reading(problem="not a feed: the answer is empty")
    if page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        reading = json_feed.read(source, page)
        return replace(reading, drafts=social.without_people(reading.drafts, source.url))
    return _read_xml(source, page)


def _read_xml(source: SourceDefinition, page: Page) -> Reading:
    try:
        text, warnings = _readable(markup.text_of(page.body, page.headers))
    except markup.TooDeepError:
        return Reading(problem=f"not a feed: its elements are nested deeper than {markup.DEEPEST} levels")
    try:
        parsed = _parsed(text)
    except Exception as error:  # feedparser trips over its own feet in a few ways on deliberate nonsense
        return Reading(problem=f"the feed is so broken that it can't be read ({type(error).__name__})")
    if not parsed.version:
        return Reading(problem=_no_feed(text, page.url))
    generator = _text(parsed.feed.get("generator"))
    if refusal := social.refusal(source.url, generator):
        return Reading(problem=refusal)
    drafts = [_draft(source, page, parsed, entry) for entry in parsed.entries]
    return Reading(
        drafts=social.without_people(drafts, source.url, generator),
        more=tuple(_next_pages(parsed.feed, page)),
        stop_when_known=True,
        warnings=warnings,
    )


def _parsed(text: str) -> Any:
    # Bytes in a stream: feedparser would fetch or open a string. Its own cleaning of HTML is off, as every
    # text goes through scout.steps.text; that makes it three times as fast. It is not told the address of the
    # feed either: with it, it makes a link of any id ("abc" -> https://…/abc).
    return feedparser.parse(
        BytesIO(markup.as_bytes(text)),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _readable(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as well-formed as it can be made, and what had to be done for it."""
    if markup.is_well_formed(text):
        return text, ()
    mended = markup.mended(text)
    if markup.is_well_formed(mended):
        return mended, ()
    if _END_OF_FEED.search(mended[-500:]):
        return mended, ("the feed is not well-formed XML: it was read as far as possible",)
    # It breaks off. A half entry could have half a link or half a text: it is left for the next visit.
    ends = [match.end() for match in _END_OF_ENTRY.finditer(mended)]
    begin = _START_OF_ENTRY.search(mended)
    whole = mended[: ends[-1]] if ends else mended[: begin.start()] if begin else mended
    warnings = ("the feed breaks off: only its complete entries were read",)
    closed = (whole + closing for closing in ("</channel></rss>", "</feed>", "</rdf:RDF>", "</rss>"))
    return next(filter(markup.is_well_formed, closed), whole), warnings


def _no_feed(text: str, url: str) -> str:
    """The sentence for an answer that is no feed."""
    if not re.search(r"<(?:html|body|head)\b", text[:20_000], re.IGNORECASE):
        return "not a feed: the answer is neither RSS, Atom nor JSON Feed"
    for link in _FEED_LINK.findall(text[:200_000]):
        if re.search(r"application/(?:rss|atom|feed)\+(?:xml|json)", link, re.IGNORECASE):
            href = re.search(r"href\s*=\s*[\"']([^\"']{1,500})", link, re.IGNORECASE)
            if href:
                named = _absolute(url, href[1])
                return f"not a feed but a web page, which names {named} as its feed: try that as url"
    return "not a feed but a web page: look for the address of its feed"


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _draft(source: SourceDefinition, page: Page, parsed: Any, entry: Any) -> ItemDraft:
    url = _link(page, entry)
    text, is_html = _body(entry)
    title = _text(entry.get("title"))
    # As written: feedparser's own reading of dates takes 12-05-2026 for a day in 2012.
    published, updated = _text(dict.get(entry, "published")), _text(dict.get(entry, "updated"))
    content = next(iter(entry.get("content", [])), None) or entry.get("summary_detail") or {}
    return ItemDraft(
        source=source.key,
        external_id=_text(entry.get("id")) or url or title,
        url=url,
        title=title,
        text=text,
        text_is_html=is_html,
        # The one date of an RSS entry, often dc:date, is that of publication.
        published=published or (updated if parsed.version.startswith("rss") else ""),
        updated=updated,
        language=_text(content.get("language")) or _text(parsed.feed.get("language")),
        complete=not source.full_text,
    )


def _link(page: Page, entry: Any) -> str:
    """Absolute address of the entry's page; empty if it has none that can be visited."""
    links = [
        entry.get("feedburner_origlink"),
        *(link.get("href") for link in entry.get("links", []) if link.get("rel") == "alternate"),
        # feedparser puts the id here when there is no link.
        "" if entry.get("guidislink") else entry.get("link"),
    ]
    for link in links:
        absolute = _absolute(page.url, _text(link)) if _text(link).strip() else ""
        if canonical(absolute):
            return absolute
    # An id that is a whole address is the page's own, unless the feed denies it (isPermaLink="false").
    identity = _text(entry.get("link")) if entry.get("guidislink") else ""
    return identity if canonical(identity) else ""


def _body(entry: Any) -> tuple[str, bool]:
    """The entry's own text: the full content if given, else the summary; and whether that is HTML."""
    details = [*entry.get("content", []), entry.get("summary_detail") or {}]
    for detail in details:
        value = _text(detail.get("value"))
        if value.strip():
            return value, detail.get("type") != "text/plain"
    return _text(entry.get("summary")) or _text(entry.get("media_description")), True


def _next_pages(feed: Any, page: Page) -> list[str]:
    """The page of older entries: ``next`` of a paged feed, ``prev-archive`` of an archived one."""
    for relation in ("next", "prev-archive"):
        for link in feed.get("links", []):
            address = _absolute(page.url, _text(link.get("href")))
            if link.get("rel") == relation and same_site(address, page.url) and address != page.asked:
                return [address]
    return []

"""Sites without a feed: listing pages whose links to articles are told by a pattern."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from models.addresses import LONGEST, canonical, same_site
from models.encoding import claimed_by_header, claimed_by_html, decode
from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Page, Reading
from scout.readers import still_there

ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
#: Statuses other than 200 that this reader wants to judge itself.
JUDGES: frozenset[int] = frozenset()
#: Whether an item is still there is told by its page.
questions, judge = still_there.questions, still_there.judge

#: Links of one page that are looked at.
MOST_LINKS = 5_000
#: Words of a link that can be a title; fewer are "Lees meer", more are a title with the text under it.
_TITLE_WORDS = range(3, 31)
_LONGEST_WORDS = 2_000


def first(source: SourceDefinition, cursor: Mapping[str, Any]) -> list[str]:
    """The one listing page."""
    return [source.url]


def read(source: SourceDefinition, page: Page) -> Reading:
    """A draft for each different article that the page links to, in its order, and the next listing page.

    Articles are links on the same site whose path and query match ``article``; the words of a link are a
    first title.
    """
    tree = parsed(page)
    if tree is None:
        return Reading(problem="the listing page is empty or no web page")
    base = base_of(tree, page.url)
    #: Canonical address -> the address as linked, and the best title for it.
    articles: dict[str, tuple[str, str]] = {}
    links = 0
    warnings: tuple[str, ...] = ()
    for anchor in tree.iter("a", "area"):
        address = absolute(base, anchor.get("href"))
        if not address or not same_site(address, page.url):
            continue
        if links == MOST_LINKS:
            warnings = (f"the page has more than {MOST_LINKS} links: only the first were looked at",)
            break
        links += 1
        if _is_article(address, source.options["article"]) and not _same_page(address, page):
            known, title = articles.setdefault(canonical(address), (address, ""))
            articles[canonical(address)] = (known, max(title, _title(anchor), key=len))
    if not articles:
        pattern = source.options["article"]
        return Reading(
            problem=f"none of the {links} links on the listing page matches article = {pattern!r}: "
            "correct the pattern, or the url if the page moved"
        )
    return Reading(
        drafts=tuple(
            ItemDraft(
                source=source.key,
                external_id=key,
                url=address,
                title=title,
                text_is_html=False,
                complete=not source.full_text,
            )
            for key, (address, title) in articles.items()
        ),
        more=_next_page(tree, base, page),
        stop_when_known=True,
        warnings=warnings,
    )


def parsed(page: Page) -> HtmlElement | None:
    claims = (claimed_by_header(page.headers.get("content-type", "")), claimed_by_html(page.body))
    text = decode(page.body, *claims).replace("\x00", "")
    if not re.search(r"<[a-zA-Z]", text):
        return None
    # The parser goes no deeper than 256 levels; links up to there are found.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def base_of(tree: HtmlElement, url: str) -> str:
    """What relative links start from: ``<base href>`` if given."""
    for element in tree.iter("base"):
        return absolute(url, element.get("href")) or url
    return url


def absolute(base: str, href: str | None) -> str:
    """A link's address, without fragment; empty if it can't be visited (``mailto:``, ``javascript:``)."""
    if not href or len(href) > LONGEST or href.strip().startswith("#"):
        return ""
    try:
        address = urljoin(base, re.sub(r"[\t\r\n]", "", href).strip()).split("#", 1)[0]
    except ValueError:
        return ""
    return address if canonical(address) else ""


def _is_article(address: str, pattern: str) -> bool:
    parts = urlsplit(address)
    return re.search(pattern, parts.path + (f"?{parts.query}" if parts.query else "")) is not None


def _same_page(address: str, page: Page) -> bool:
    return canonical(address) in {canonical(page.url), canonical(page.asked)}


def _title(anchor: HtmlElement) -> str:
    """The words of a link as a title, or its heading; empty if they are none."""
    headings = list(anchor.iter("h1", "h2", "h3", "h4", "h5"))[:1]
    for words in (
        *(_words(heading) for heading in headings),
        _words(anchor),
        (anchor.get("title") or "").split(),
    ):
        if len(words) in _TITLE_WORDS:
            return " ".join(words)
    return ""


def _words(element: HtmlElement) -> list[str]:
    text = ""
    for piece in element.itertext():
        text += piece + " "
        if len(text) > _LONGEST_WORDS:
            return []
    return text.split()


def _next_page(tree: HtmlElement, base: str, page: Page) -> tuple[str, ...]:
    """The following listing page, if the page names one (``rel="next"``)."""
    for element in tree.iter("link", "a"):
        if "next" in (element.get("rel") or "").lower().split():
            address = absolute(base, element.get("href"))
            if address and same_site(address, page.url) and not _same_page(address, page):
                return (address,)
    return ()

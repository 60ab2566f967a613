"""What a web page says about itself: title, date, language, address, reservations."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml.html import HtmlElement

from models import addresses
from scout.steps.text import clean, clean_title, plain


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """Facts of one page, each empty or False where the page does not say."""

    #: Clean, without the name of the site.
    title: str = ""
    #: As the page wrote it.
    published_raw: str = ""
    #: What ``<html lang>`` and the like claim, e.g. ``nl-NL``.
    language: str = ""
    #: The address it wants to be known by; only if it is on the same site and no front page.
    canonical_url: str = ""
    #: Summary for search engines and social media, clean.
    description: str = ""
    #: Text and data mining is reserved (``tdm-reservation``).
    tdm_reserved: bool = False
    #: It says itself that it can't be read for free.
    paywalled: bool = False


#: Kinds of JSON-LD objects that describe an article.
_ARTICLES = frozenset(
    {
        "Article",
        "NewsArticle",
        "BlogPosting",
        "ReportageNewsArticle",
        "LiveBlogPosting",
        "AnalysisNewsArticle",
    }
    | {
        "OpinionNewsArticle",
        "SocialMediaPosting",
        "DiscussionForumPosting",
        "Report",
        "AdvertiserContentArticle",
    }
)
#: Names of ``<meta>`` that give a date of publication, the most reliable first.
_DATE_NAMES = (
    *("article:published_time", "og:article:published_time", "article:published", "datepublished"),
    *("dcterms.issued", "dc.date.issued", "dcterms.created", "dc.date.created", "dcterms.date", "dc.date"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "publish-date",
        "publish_date",
        "publication_date",
        "pubdate",
        "date",
    ),
)
_MARKED = "@datetime and (@pubdate or contains(@class, 'publish') or contains(@class, 'entry-date'))"
#: Elements whose visible text may be the date, the most reliable first.
_DATE_PATHS = (
    "//*[@itemprop='datePublished']",
    f"//article//time[{_MARKED}]",
    f"//time[{_MARKED}]",
    "//article//time",
    "//main//time",
    "//time[@datetime]",
    "//*[self::span or self::div or self::p or self::li]"
    "[contains(@class, 'date') or contains(@class, 'datum')][string-length(.) < 80]",
)
#: Signs between a title and the name of the site.
_SEPARATOR = re.compile(r"\s+[-–—|·•:»]+\s+|\s*\|\s*|\s+::\s+")
#: JSON-LD is looked at up to this many characters a block, blocks a page and objects a block.
_LONGEST_JSON, _MOST_BLOCKS, _MOST_OBJECTS = 300_000, 20, 2_000


def read_facts(tree: HtmlElement, url: str) -> PageFacts:
    """The facts of a parsed page that was found at ``url``."""
    metas = _metas(tree)
    articles = list(_article_objects(tree))
    return PageFacts(
        title=_title(tree, metas, articles, url),
        published_raw=_published(tree, metas, articles),
        language=_language(tree, metas),
        canonical_url=_canonical(tree, metas, url),
        description=clean(
            plain(metas.get("og:description") or metas.get("description") or "", is_html=False)
        ),
        tdm_reserved=metas.get("tdm-reservation", "").strip() == "1",
        paywalled=any(str(each.get("isAccessibleForFree")).lower() == "false" for each in articles),
    )


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Names and properties of ``<meta>`` in small letters -> content; the first of a name counts."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = meta.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), content.strip())
    return found


def _article_objects(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects of the page that are articles."""
    for script in tree.xpath("//script[@type='application/ld+json']")[:_MOST_BLOCKS]:
        text = (script.text or "").strip()
        if not text or len(text) > _LONGEST_JSON:
            continue
        try:
            waiting: list[Any] = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        seen = 0
        while waiting and seen < _MOST_OBJECTS:
            thing = waiting.pop(0)
            seen += 1
            if isinstance(thing, list):
                waiting += thing
            elif isinstance(thing, dict):
                kinds = thing.get("@type")
                if _ARTICLES.intersection(kinds if isinstance(kinds, list) else [kinds]):
                    yield thing
                waiting += [
                    thing[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in thing
                ]


def _first_text(articles: list[dict[str, Any]], name: str) -> str:
    return next((each[name].strip() for each in articles if isinstance(each.get(name), str)), "")


def _title(tree: HtmlElement, metas: dict[str, str], articles: list[dict[str, Any]], url: str) -> str:
    site = clean_title(metas.get("og:site_name", ""))
    headings = [clean_title(heading.text_content()) for heading in tree.xpath("//h1")[:5]]
    headings = [heading for heading in headings if heading and heading != site]
    documents = [clean_title(element.text or "") for element in tree.xpath("//head/title | //title")[:1]]
    for candidate in (
        clean_title(metas.get("og:title", "")),
        clean_title(_first_text(articles, "headline")),
        headings[0] if len(headings) == 1 else "",
        *documents,
        *headings,
    ):
        title = _without_site(candidate, site, headings, url)
        if title and title != site:
            return title
    return ""


def _without_site(title: str, site: str, headings: list[str], url: str) -> str:
    """The title without the name of the site before or after it."""
    parts = [part for part in _SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return title
    host = addresses.address_key(url).split("/")[0]
    for rest, cut in ((title[: title.rfind(parts[-1])], parts[-1]), (title[len(parts[0]) :], parts[0])):
        kept = rest.strip(" -–—|·•:»")
        if kept and (cut == site or kept in headings or _names_host(cut, host)):
            return kept
    return title


def _names_host(words: str, host: str) -> bool:
    """Whether these words are the name of the site at this host: "De Koerier" of ``koerier.nl``."""
    letters = re.sub(r"[^a-z0-9]", "", words.lower())
    labels = [label for label in host.split(".") if len(label) >= 4]
    joined = re.sub(r"[^a-z0-9]", "", host)
    return len(letters) >= 4 and (
        letters in joined or any(label in letters and len(label) >= 0.6 * len(letters) for label in labels)
    )


def _published(tree: HtmlElement, metas: dict[str, str], articles: list[dict[str, Any]]) -> str:
    said = _first_text(articles, "datePublished")
    said = said or next((metas[name] for name in _DATE_NAMES if name in metas), "")
    if said:
        return said[:200]
    for path in _DATE_PATHS:
        for element in tree.xpath(path)[:3]:
            text = (
                element.get("datetime") or element.get("content") or " ".join(element.text_content().split())
            )
            if re.search(r"\d", text) and len(text) < 80:
                return str(text)
    return ""


def _language(tree: HtmlElement, metas: dict[str, str]) -> str:
    root = tree.getroottree().getroot()
    said = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    said = (said or metas.get("content-language") or metas.get("og:locale") or "").strip()
    return said if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", said) else ""


def _canonical(tree: HtmlElement, metas: dict[str, str], url: str) -> str:
    links = tree.xpath("//link[@rel='canonical']/@href")[:1]
    said = str(links[0]) if links else metas.get("og:url", "")
    try:
        canonical = addresses.canonical(urljoin(url, said.strip())) if said else ""
    except ValueError:
        return ""
    if not canonical or not addresses.same_site(canonical, url):
        return ""
    # A site that names its front page on every page would lose all others.
    is_front = "/" not in addresses.address_key(canonical)
    return "" if is_front and "/" in addresses.address_key(url) else canonical

"""The article on a web page: its text without menus and advertisements, and what the page says of it.

Slow and, on hostile pages, endless: run it through ``scout.extraction``, which can kill it.
"""

import logging
import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from models.encoding import claimed_by_html, decode
from scout.steps.marked import marked_text
from scout.steps.page_facts import read_facts
from scout.steps.text import clean

#: Bytes of HTML that are looked into; the mean article page was 170 KB in the set measured for this design.
LARGEST_PAGE = 5_000_000
#: Fewer characters are a word of a menu: the page's summary of itself says more.
_SHORTEST_ARTICLE = 30
#: The part of the page marked as its article stands when it has this share of what the extractor found.
MARKED_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Article:
    """What was found on one page; text fields are clean plain text, empty where there is nothing."""

    title: str = ""
    #: The article; else the page's own summary of it.
    text: str = ""
    #: As the page wrote it.
    published_raw: str = ""
    #: What the page claims, e.g. ``nl-NL``; a hint only.
    language: str = ""
    #: Canonical address by which the page wants to be known, on the same site; may be empty.
    canonical_url: str = ""
    #: The page reserves text and data mining: its text must not be used.
    tdm_reserved: bool = False
    #: The page says that it can't be read for free: the text is the part outside the wall.
    paywalled: bool = False
    #: Why there is no text, or less than there should be, in one sentence.
    problem: str | None = None


def extract(html: bytes, url: str, charset_hint: str = "") -> Article:
    """The article on a page.

    Args:
        html: the answer of the server as it came, decompressed.
        url: where it was found, after redirects.
        charset_hint: charset of the ``Content-Type`` header, if any.

    Never fails: what can't be read gives an article without text and with a problem.
    """
    if len(html) > LARGEST_PAGE:
        return Article(
            problem=f"the page has {len(html) / 1e6:.1f} MB of HTML, more than {LARGEST_PAGE // 10**6} MB"
        )
    tree, problem = _parsed(decode(html, charset_hint, claimed_by_html(html)))
    if tree is None:
        return Article(problem=problem)
    facts = read_facts(tree, url)
    text = ""
    if not facts.tdm_reserved:
        text = "" if problem else _main_text(tree, url)
        if not text or (len(text) < _SHORTEST_ARTICLE and facts.description):
            problem = problem or "no article was found on the page"
            text = facts.description
    return Article(
        title=facts.title,
        text=text,
        published_raw=facts.published_raw,
        language=facts.language,
        canonical_url=facts.canonical_url,
        tdm_reserved=facts.tdm_reserved,
        paywalled=facts.paywalled,
        problem=problem,
    )


def _parsed(text: str) -> tuple[HtmlElement | None, str | None]:
    """The tree of a page, and what is wrong with it."""
    if not text.strip("\x00 \t\r\n"):
        return None, "the page is empty"
    if not re.search(r"<[a-zA-Z]", text) or text.startswith("%PDF-"):
        return None, "the page holds no HTML"
    # The parser itself goes no deeper than 256 levels and stops there, so that nothing after it is endless.
    parser = HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, default_doctype=False
    )
    try:
        tree = document_fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None, "the page holds no HTML"
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        return tree, "the page is nested deeper than 256 levels"
    return tree, None


def _main_text(tree: HtmlElement, url: str) -> str:
    marked = marked_text(tree)
    found = _extracted_text(tree, url)
    # An article of a few lines drowns in what stands around it, so the page's own mark counts for
    # more; unless it marks a teaser only.
    return marked if len(marked) >= MARKED_SHARE * len(found) else found


def _extracted_text(tree: HtmlElement, url: str) -> str:
    # Loaded here: only the processes that extract need it.
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(tree, url=url, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, etree.LxmlError):
        return ""  # a page that the extractor can't digest has no text; its facts stand
    text = str(getattr(found, "text", "") or "")
    return clean(re.sub(r"(?m)^\|.*\|[ \t]*$", _row_of_a_table, text))


def _row_of_a_table(row: re.Match[str]) -> str:
    """Cells side by side, without the bars that the extractor draws."""
    return " ".join(cell for cell in row[0].replace("|", " ").split() if cell.strip("-"))

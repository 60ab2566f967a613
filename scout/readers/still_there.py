"""Whether a web page that was gathered is still there: for all kinds whose items are pages.

A page is gone when it answers 404 or 410 while the rest of its site answers. Everything else that is no
page (403, a sign-in, trouble at the server, a redirect to the front page, a "not found" with status 200)
says nothing about it.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from models.addresses import address_key, same_site
from models.encoding import claimed_by_header, claimed_by_html, decode
from models.source_definition import SourceDefinition
from scout.drafts import Answer, Page, Question, Standing, Stored

#: Statuses of a page that is not there; other ones than 2xx never reach a reader.
GONE = frozenset({404, 410})
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
#: Asked after a page that is not there: the front page of its site, then the source's own list.
_FRONT, _LIST = "front", "list"

#: Bytes of a page in which its title and first heading are looked for.
_HEAD = 50_000
_HEADINGS = re.compile(r"<(title|h1)\b[^>]{0,500}>(.{0,1000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
#: What sites call a page that is not there. "Niet gevonden" alone may be the news of a lost dog.
_NOT_FOUND = re.compile(
    r"\b(?:fout|error|http)?\s*404\b|^\W*(?:niet gevonden|not found)\W*$"
    r"|\b(?:pagina|page|bericht|artikel|article|inhoud)\b.{0,40}\b(?:niet gevonden|not found|bestaat niet"
    r"|niet (?:meer )?beschikbaar|verwijderd|no longer (?:exists|available))",
    re.IGNORECASE,
)


def questions(source: SourceDefinition, items: Sequence[Stored]) -> list[Question]:
    """One for each item: its page."""
    return [_ask(item.url, (item,)) for item in items if item.url]


def judge(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """What the answer says of the one item of a question."""
    (item,) = question.items
    if not same_site(page.url, question.url):
        return Answer()
    if question.after:
        return _judge_rest(source, question, page)
    if page.status in GONE:
        parts = urlsplit(item.url)
        return Answer(ask=(_ask(f"{parts.scheme}://{parts.netloc}/", question.items, _FRONT),))
    if _leads_elsewhere(source, page) or _says_not_found(page):
        return Answer()
    return Answer(standing={item.item_id: Standing.THERE})


def _judge_rest(source: SourceDefinition, question: Question, page: Page) -> Answer:
    """The page was not there; and the rest of its site?"""
    (item,) = question.items
    if page.status in GONE:
        return Answer()
    if question.after == _FRONT and same_site(source.url, item.url) and source.url != question.url:
        return Answer(ask=(_ask(source.url, question.items, _LIST),))
    return Answer(standing={item.item_id: Standing.GONE})


def _ask(url: str, items: tuple[Stored, ...], after: str = "") -> Question:
    return Question(url=url, items=items, accept=_ACCEPT if not after else "*/*", judges=GONE, after=after)


def _leads_elsewhere(source: SourceDefinition, page: Page) -> bool:
    """Whether a redirect ended at a page for everybody: the front page, or the source's list."""
    if address_key(page.url) == address_key(page.asked):
        return False
    front = urlsplit(page.url).path.strip("/") == "" and not urlsplit(page.url).query
    return front or address_key(page.url) == address_key(source.url)


def _says_not_found(page: Page) -> bool:
    claims = (claimed_by_header(page.headers.get("content-type", "")), claimed_by_html(page.body))
    text = decode(page.body[:_HEAD], *claims)
    headings = (re.sub(r"<[^>]*>|\s+", " ", found[2]).strip() for found in _HEADINGS.finditer(text))
    return any(_NOT_FOUND.search(heading) for heading in headings)

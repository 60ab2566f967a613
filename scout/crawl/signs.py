"""What is odd about an answer: the source moved, or something else stands in its place. Pure.

A page that stands in the place of a source is told by its words *and* by its shape: next to no text, next
to no links that could be articles. Papers write about domains for sale, suspended accounts and cookies, and
nearly every page asks for consent at its edge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from models.addresses import address_key, canonical, same_site
from models.encoding import claimed_by_header, claimed_by_html, decode
from models.health import WEIGHT, Noted
from models.words import Sign
from scout.crawl import media, wall_words
from scout.drafts import ItemDraft, Page

#: Bytes beyond which a page is none of these; walls for consent carry much script.
LARGEST = 1_500_000
#: Words of a page that sells a domain, tells of a closed account, or asks for consent or a sign-in, at most.
MOST_WORDS = {Sign.PARKED: 300, Sign.SUSPENDED: 200, Sign.CONSENT: 600}
MOST_WORDS_OF_SIGN_IN = 250
#: A link of so many words could be the title of an article; one page with so many of these is a list.
TITLE_WORDS, ARTICLE_LINKS = 4, 4
#: Up to so many words, a link with words of policies leads to one.
SHORT_TITLE_WORDS = 8
#: Drafts from which a page is a list, whatever else it says.
SURELY_A_LIST = 30
#: Share of the page's words that must belong to the question for consent, and the words of a page so small
#: that the question need not be a part of its own.
QUESTION_SHARE, TINY = 0.5, 200
#: Ways to say yes that are looked at.
MOST_CONTROLS = 3
#: Links on an empty listing of a folder: its parent and the four columns.
EMPTY_FOLDER_LINKS = 5
#: A source that gives the same items as another one: at least so many, and so large a share of its list.
SAME_ITEMS, SAME_SHARE = 5, 0.8


# -- moved -----------------------------------------------------------------------------------------


def moved(source_url: str, page: Page) -> tuple[Noted | None, str | None]:
    """Whether a list answers from another address for good.

    Args:
        source_url: as the definition has it; what it lacks of the address asked is taken off the new one.

    Returns:
        The sign, or else a mild sentence when only ``http`` became ``https``, ``www.`` came or went, or a
        slash was added: that works as well as before.
    """
    if not page.moved_to or canonical(page.moved_to) == canonical(page.asked):
        return None, None
    rest = page.asked.removeprefix(source_url) if page.asked.startswith(source_url) else ""
    address = page.moved_to.removesuffix(rest) if rest else page.moved_to
    if address_key(canonical(page.moved_to)) == address_key(canonical(page.asked)):
        return None, f"{source_url} is {address} for good: correct the url when you are there anyway"
    return Noted(Sign.MOVED, address), None


# -- something else in its place ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Face:
    """What a visitor sees of a page, as far as it matters here; texts in small letters, single spaces."""

    title: str
    text: str
    words: int
    #: Links that could lead to articles.
    article_links: int
    links: int
    #: Buttons and links that say yes.
    accepting: tuple[HtmlElement, ...]
    asks_for_password: bool
    #: Hosts of scripts and frames.
    embedded: frozenset[str]


def wall(page: Page, drafts: Sequence[ItemDraft] = ()) -> Noted | None:
    """What stands in the place of a source's list, if it is not the list.

    Args:
        page: the answer, with any status.
        drafts: what the reader made of it.
    """
    if len(drafts) >= SURELY_A_LIST or len(page.body) > LARGEST or not media.is_html(page.headers, page.body):
        return None
    parts = urlsplit(page.url)
    where = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if page.status == 509 or wall_words.PANEL_PATHS.search(parts.path):
        return Noted(Sign.SUSPENDED, where)
    face = _face(page)
    if face is None:
        return None
    gates_count = 200 <= page.status < 300 and all(
        wall_words.POLICY.search(draft.url.lower()) for draft in drafts
    )
    found = (
        (Sign.PARKED, _is_parked(page, face)),
        (Sign.SUSPENDED, _is_suspended(face)),
        (Sign.CONSENT, gates_count and _is_gate(page, face)),
    )
    return next((Noted(sign, where) for sign, holds in found if holds), None)


def _is_short(face: _Face, most_words: int) -> bool:
    return face.words <= most_words and face.article_links < ARTICLE_LINKS


def _is_parked(page: Page, face: _Face) -> bool:
    if not _is_short(face, MOST_WORDS[Sign.PARKED]):
        return False
    sent = not same_site(page.asked, page.url) and _is_seller(urlsplit(page.url).hostname or "")
    return (
        sent
        or any(_is_seller(host) for host in face.embedded)
        or (face.words < TINY and wall_words.SENT_AWAY.search(page.body) is not None)
        or wall_words.PARKED.search(face.title) is not None
        or wall_words.PARKED.search(face.text) is not None
    )


def _is_seller(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in wall_words.SELLERS)


def _is_suspended(face: _Face) -> bool:
    if wall_words.DEFAULT_TITLES.fullmatch(face.title):
        return face.article_links < 2 * ARTICLE_LINKS  # one of them explains itself at length
    if face.title.startswith("index of /") and face.links <= EMPTY_FOLDER_LINKS:
        return True
    return _is_short(face, MOST_WORDS[Sign.SUSPENDED]) and wall_words.SUSPENDED.search(face.text) is not None


def _is_gate(page: Page, face: _Face) -> bool:
    if not _is_short(face, MOST_WORDS[Sign.CONSENT]):
        return False
    there, asked = urlsplit(page.url), urlsplit(page.asked)
    sent = (there.hostname, there.path) != (asked.hostname, asked.path) and (
        (there.hostname != asked.hostname and wall_words.GATE_HOSTS.search(there.hostname or "") is not None)
        or wall_words.GATE_PATHS.search(there.path) is not None
    )
    signs_in = face.asks_for_password and face.words <= MOST_WORDS_OF_SIGN_IN
    return (
        (sent and (face.asks_for_password or wall_words.CONSENT.search(face.text) is not None))
        or (signs_in and wall_words.SIGN_IN.search(f"{face.title} {face.text}") is not None)
        or _asks_for_consent(face)
    )


def _asks_for_consent(face: _Face) -> bool:
    """Whether the question for consent is what the page is about, and not a bar at its edge."""
    for control in face.accepting:
        for block in control.iterancestors():
            text = _text(block)
            if wall_words.CONSENT.search(text):
                whole = block.tag in ("body", "html")
                share = len(text.split()) / max(face.words, 1)
                if share >= QUESTION_SHARE and (not whole or face.words <= TINY):
                    return True
                break
    return False


# -- what a page looks like ----------------------------------------------------------------------------


def _face(page: Page) -> _Face | None:
    claims = (claimed_by_header(page.headers.get("content-type", "")), claimed_by_html(page.body))
    html = decode(page.body, *claims).replace("\x00", "")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    title = " ".join((tree.findtext(".//title") or "").split()).lower()
    embedded = {
        urlsplit(address).hostname or ""
        for element in tree.iter("script", "iframe", "frame")
        if (address := (element.get("src") or "").strip()).startswith(("http", "//"))
    }
    for element in list(tree.iter("script", "style", "template", "svg", "title")):
        element.drop_tree()
    links = [(_text(link), (link.get("href") or "").lower(), link) for link in tree.iter("a", "area")]
    controls = [(_text(button), button) for button in tree.iter("button")]
    controls += [
        (" ".join((field.get("value") or "").lower().split()), field)
        for field in tree.iter("input")
        if (field.get("type") or "").lower() in ("submit", "button")
    ]
    controls += [(words, link) for words, _, link in links]
    text = _text(tree)
    return _Face(
        title=title,
        text=text,
        words=len(text.split()),
        article_links=sum(_could_be_article(words, href) for words, href, _ in links),
        links=len(links),
        accepting=tuple(control for words, control in controls if wall_words.ACCEPT.fullmatch(words))[
            :MOST_CONTROLS
        ],
        asks_for_password=any(
            (field.get("type") or "").lower() == "password" for field in tree.iter("input")
        ),
        embedded=frozenset(embedded),
    )


def _text(element: HtmlElement) -> str:
    words = " ".join(" ".join(element.itertext()).split())
    return words.lower().replace("\u2019", "'")


def _could_be_article(words: str, href: str) -> bool:
    length = len(words.split())
    if length < TITLE_WORDS or wall_words.POLICY.search(href):
        return False
    return length > SHORT_TITLE_WORDS or wall_words.POLICY.search(words) is None


# -- the list itself -------------------------------------------------------------------------------------


def bounds(minimum: int | None, maximum: int | None, drafts: int) -> Noted:
    """The sign of a visit outside what is expected of it."""
    least, most = ("" if bound is None else bound for bound in (minimum, maximum))
    return Noted(Sign.BOUNDS, f"{drafts}:{least}:{most}")


def same_as_another(others: Mapping[str, int], drafts: int) -> Noted | None:
    """Whether the list gives what another source gives already.

    Args:
        others: key of another source -> items of the list that are stored as its own.
        drafts: items of the list.
    """
    key, count = max(others.items(), key=lambda one: one[1], default=("", 0))
    if count < SAME_ITEMS or count < SAME_SHARE * drafts:
        return None
    return Noted(Sign.DOUBLED, f"source:{key}:{count}:{drafts}")


def in_order(noted: Iterable[Noted]) -> tuple[Noted, ...]:
    """One of each sign, in order of weight."""
    found = {one.sign: one for one in noted}
    return tuple(found[sign] for sign in WEIGHT if sign in found)

"""Which sources may stand behind an address: from the most telling way in to the last resort."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from models import geo
from models.encoding import decode
from models.words import SourceKind
from scout.crawl.trouble import Trouble
from scout.discover import social
from scout.discover.asked import Shape
from scout.discover.asker import Asker
from scout.discover.found import Guess, RefusedError
from scout.discover.listing import article_pattern
from scout.discover.naming import slug
from scout.discover.page import Seen, look_at
from scout.drafts import Page

#: Where sites keep their feed when no page names it, the most usual first; asked until one answers.
WELL_KNOWN = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml")
#: Sitemaps of one site that are looked into.
MOST_SITEMAPS = 3

_SITEMAP = re.compile(rb"<\s*(?:[\w.-]+:)?(?:urlset|sitemapindex)\b", re.I)
_FEED = re.compile(rb"<\s*(?:rss|feed|(?:\w+:)?RDF)\b|https?://(?:www\.)?jsonfeed\.org/version/", re.I)
_KOOP_HOSTS = re.compile(r"(?:.*\.)?officielebekendmakingen\.nl|repository\.overheid\.nl")
_COUNCIL_HOSTS = re.compile(r"(?:.*\.)?openbesluitvorming\.nl")
#: Program interfaces of government data, whatever the host.
_KOOP, _COUNCIL = "https://repository.overheid.nl/sru", "https://openbesluitvorming.nl"


@dataclass
class Search:
    """What one search has come to."""

    guesses: list[Guess] = field(default_factory=list)
    #: What the page says of its site; None = no page could be read.
    seen: Seen | None = None
    #: Why the address itself could not be read.
    trouble: Trouble | None = None

    def add(self, guesses: Iterable[Guess]) -> None:
        """Add guesses that are not there yet."""
        known = {guess.identity for guess in self.guesses}
        for guess in guesses:
            if guess.identity not in known:
                known.add(guess.identity)
                self.guesses.append(guess)

    def has(self, *kinds: SourceKind) -> bool:
        """Whether there is a guess of one of these kinds."""
        return any(guess.kind in kinds for guess in self.guesses)


async def search(asker: Asker, shape: Shape) -> Search:
    """Look for sources behind an address.

    Raises:
        RefusedError: it can't be a source.
    """
    found = Search()
    found.add(open_data(shape))
    if not found.guesses and shape.actor:
        found.add(await social.bluesky(asker, shape))
    if not found.guesses and (shape.account or shape.tag) and shape.host not in social.YOUTUBE_SITES:
        found.add(await social.mastodon(asker, shape))
    if not found.guesses and shape.host in social.YOUTUBE_SITES:
        found.add(social.youtube(shape, None))
    if found.guesses:
        return found
    if shape.personal or (shape.names_account and shape.host not in social.YOUTUBE_SITES):
        raise RefusedError(
            "person", shape.host, "this is the page of one author or user, and persons are not followed"
        )
    try:
        page = await asker.get(shape.url, retries=True)
    except Trouble as trouble:
        found.trouble = trouble
        return found
    await _behind_page(asker, shape, page, found)
    return found


# -- open government data ---------------------------------------------------------------------------


def open_data(shape: Shape) -> list[Guess]:
    """The register or the council system that an address belongs to."""
    sru = shape.path.rstrip("/").endswith("/sru") and "operation" in shape.query
    if sru or _KOOP_HOSTS.fullmatch(shape.host):
        return [_announcements(shape, f"{shape.origin}{shape.path}" if sru else _KOOP)]
    if _COUNCIL_HOSTS.fullmatch(shape.host) or shape.path.startswith("/api/export/"):
        council = next((shape.query[name] for name in ("source", "organization") if name in shape.query), "")
        url = _COUNCIL if _COUNCIL_HOSTS.fullmatch(shape.host) else shape.origin
        return [
            Guess(
                kind=SourceKind.COUNCIL,
                url=url,
                title=f"Raadsstukken {council}".strip(),
                why="the address is that of OpenBesluitvorming, which has an interface for programs",
                options={"council": council} if council else {},
                municipality=geo.municipality_code(council) if council else None,
            )
        ]
    return []


def _announcements(shape: Shape, url: str) -> Guess:
    told = f"-{slug(' '.join([shape.path, *shape.query.values()]))}-"
    names = {facts.name: facts.code for facts in geo.municipalities() if f"-{slug(facts.name)}-" in told}
    name = next(iter(names)) if len(names) == 1 else ""
    return Guess(
        kind=SourceKind.KOOP,
        url=url,
        title=f"Officiële bekendmakingen {name}".strip(),
        why="the address is that of the official announcements, which have an interface for programs",
        options={"creator": name} if name else {},
        municipality=names.get(name),
    )


# -- pages -------------------------------------------------------------------------------------------


async def _behind_page(asker: Asker, shape: Shape, page: Page, found: Search) -> None:
    found.add(_itself(page))
    found.seen = look_at(page)
    if found.guesses or found.seen is None:
        root = None if shape.path == "/" else await asker.maybe(f"{_origin(page)}/")
        found.seen = look_at(root) if root is not None else None
        return
    seen = found.seen
    if seen.made_with == "mastodon":
        found.add(await social.mastodon(asker, replace(shape, origin=_origin(page))))
    found.add(social.youtube(shape, seen))
    found.add(social.videos_or_community(shape, seen))
    if found.guesses:
        return
    found.add(_named_by(seen))
    if not found.guesses and shape.path != "/":
        await _on_front_page(asker, page, found)
    if not found.has(SourceKind.FEED):
        await _well_known(asker, page, found)
    if not found.has(SourceKind.WORDPRESS, SourceKind.FEED):
        await _sitemaps(asker, page, found)
    pattern = article_pattern(seen.links, page.url)
    if pattern is not None:
        found.add(
            [
                Guess(
                    kind=SourceKind.SITE,
                    url=page.url,
                    why="the page links to articles whose addresses have one form",
                    options={"article": pattern},
                )
            ]
        )


def _origin(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def _itself(page: Page) -> list[Guess]:
    """The source that the answer itself is: a feed, a sitemap, the interface of a WordPress site."""
    head = page.body[:5000]
    packed = page.body.startswith(b"\x1f\x8b")
    if _SITEMAP.search(head) or packed or urlsplit(page.url).path == "/robots.txt":
        return [Guess(kind=SourceKind.SITEMAP, url=page.url, why="the address is that of a sitemap")]
    if _FEED.search(head):
        return [
            Guess(
                kind=SourceKind.FEED,
                url=page.url,
                title=_title_of_feed(page),
                why="the address is that of a feed",
            )
        ]
    root, interface, _ = page.url.partition("/wp-json")
    if interface:
        why = "the address is that of the interface of a WordPress site"
        return [Guess(kind=SourceKind.WORDPRESS, url=f"{root}/", why=why)]
    return []


def _title_of_feed(page: Page) -> str:
    """What a feed is called: its first title, before any entry."""
    text = decode(page.body[:20_000])
    begin = re.split(r"<(?:item|entry)\b|\"items\"", text, maxsplit=1)[0]
    match = re.search(
        r"<title[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</title>|\"title\"\s*:\s*\"((?:[^\"\\]|\\.)*)\"",
        begin,
        re.DOTALL,
    )
    return " ".join((match[1] or match[2] or "").split())[:200] if match else ""


def _named_by(seen: Seen) -> list[Guess]:
    guesses = []
    if seen.wordpress:
        why = "the site is made with WordPress, which has an interface for programs"
        guesses.append(Guess(kind=SourceKind.WORDPRESS, url=seen.wordpress, why=why))
    for address, title in seen.feeds:
        why = "the page names this feed"
        guesses.append(Guess(kind=SourceKind.FEED, url=address, title=_of_site(title, seen), why=why))
    return guesses


def _of_site(title: str, seen: Seen) -> str:
    """A feed's title, unless it says no more than that it is one."""
    rest = re.sub(r"\b(?:rss|atom|feed|nieuwsfeed|2\.0|1\.0|xml)\b", "", title, flags=re.I)
    return "" if len(re.sub(r"\W", "", rest)) < 3 or seen.site in title else title


async def _on_front_page(asker: Asker, page: Page, found: Search) -> None:
    root = await asker.maybe(f"{_origin(page)}/")
    seen = look_at(root) if root is not None else None
    if seen is None:
        return
    found.add(_named_by(seen))
    # A page inside may say little of its site.
    assert found.seen is not None
    found.seen = replace(found.seen, site=seen.site or found.seen.site, terms=found.seen.terms or seen.terms)


async def _well_known(asker: Asker, page: Page, found: Search) -> None:
    for path in WELL_KNOWN:
        address = urljoin(f"{_origin(page)}/", path)
        answer = await asker.maybe(address, accept="application/rss+xml, application/atom+xml, */*;q=0.5")
        if answer is not None and _FEED.search(answer.body[:5000]):
            why = "no page names a feed, but it stands where many sites keep theirs"
            found.add([Guess(kind=SourceKind.FEED, url=address, title=_title_of_feed(answer), why=why)])
            return


async def _sitemaps(asker: Asker, page: Page, found: Search) -> None:
    robots = await asker.maybe(f"{_origin(page)}/robots.txt", accept="text/plain")
    text = decode(robots.body[:500_000]) if robots is not None else ""
    named = [match.strip() for match in re.findall(r"(?im)^\s*sitemap\s*:\s*(\S+)", text)]
    named = [address for address in dict.fromkeys(named) if address.startswith(("http://", "https://"))]
    # A sitemap of news holds the last two days; any other a site's whole past.
    named.sort(key=lambda address: "news" not in address.lower() and "nieuws" not in address.lower())
    why = "robots.txt names this sitemap"
    found.add(Guess(kind=SourceKind.SITEMAP, url=address, why=why) for address in named[:MOST_SITEMAPS])

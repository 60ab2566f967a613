"""Looking behind an address that somebody pasted: which sources are there, and what a visit would bring.

Nothing is stored. Everything is fetched through the same guarded, polite crawl as visits are.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from models.base import utc_now
from models.settings import Settings
from models.words import SourceKind
from scout.crawl.context import Context
from scout.crawl.process import Network, run_crawl
from scout.crawl.trouble import Trouble
from scout.discover import dry
from scout.discover.asked import Shape, shape_of
from scout.discover.asker import Asker
from scout.discover.dry import Dry
from scout.discover.found import Found, Guess, Possible, Refusal, RefusedError, Sample
from scout.discover.naming import key_for, municipality_of
from scout.discover.search import Search, search
from scout.discover.social import trouble_code
from scout.extraction import ExtractionPool
from scout.kinds import KINDS

__all__ = ["Found", "Possible", "Refusal", "Sample", "discover"]

#: Guesses that are tried.
MOST_TRIED = 8
#: Of two that bring something, the kind that stands first here is suggested first: what tells more about
#: edits and deletions, then what needs less guessing.
ORDER = (
    SourceKind.MASTODON,
    SourceKind.BLUESKY,
    SourceKind.YOUTUBE,
    SourceKind.KOOP,
    SourceKind.COUNCIL,
    SourceKind.WORDPRESS,
    SourceKind.FEED,
    SourceKind.SITEMAP,
    SourceKind.SITE,
    SourceKind.HANDIN,
)


def discover(
    settings: Settings,
    url: str,
    *,
    taken: Collection[str] = (),
    waits: Iterable[tuple[str, datetime]] = (),
    now: Callable[[], datetime] = utc_now,
    network: Network | None = None,
) -> Found:
    """Find what is behind an address. Call once in a process: it starts Scrapy's reactor.

    Args:
        url: whatever somebody pasted; ``https://`` may be missing, and ``@name@server`` will do.
        taken: keys of sources that are there.
        waits: (address, until when its server asked to be left alone).
        network: tests bring their own.
    """
    try:
        shape = shape_of(url, settings)
    except RefusedError as refused:
        host = refused.refusal.host
        return Found(f"https://{host}/" if host else "", refusal=refused.refusal)
    results: list[Found] = []

    async def work(crawler: Crawler, context: Context) -> None:
        context.waits.update({context.server(address): until for address, until in waits})
        pool = ExtractionPool(workers=1)
        try:
            results.append(await _look(Asker(crawler, context, pool), shape, taken, now()))
        finally:
            pool.close()

    run_crawl(settings, now=now, network=network or Network(), work=work)
    return results[0]


async def _look(asker: Asker, shape: Shape, taken: Collection[str], now: datetime) -> Found:
    try:
        searched = await search(asker, shape)
    except RefusedError as refused:
        return Found(_told(shape, False), refusal=refused.refusal)
    site = searched.seen.site if searched.seen else ""
    tried = [
        (guess, await dry.visit(asker, guess, guess.title or site, now))
        for guess in searched.guesses[:MOST_TRIED]
    ]
    good = [(guess, visit) for guess, visit in tried if visit.trouble is None]
    good.sort(key=lambda pair: _rank(*pair))
    found = _described(good, searched, shape, taken)
    troubles = [visit.trouble for _, visit in tried if visit.trouble is not None]
    refusal = None if found else _refusal(shape, searched, troubles)
    return Found(_told(shape, bool(found)), tuple(found), refusal)


def _rank(guess: Guess, visit: Dry) -> tuple[bool, int]:
    can_be_tried = guess.kind in KINDS
    return can_be_tried and not visit.count, ORDER.index(guess.kind)


def _told(shape: Shape, fine: bool) -> str:
    """The address as it may be kept: the account of somebody who is not followed is not written down."""
    return shape.url if fine or not shape.names_account else f"{shape.origin}/"


def _described(
    good: Sequence[tuple[Guess, Dry]], searched: Search, shape: Shape, taken: Collection[str]
) -> list[Possible]:
    keys = set(taken)
    site = searched.seen.site if searched.seen else ""
    described = []
    for guess, visit in good:
        title = guess.title or site or (urlsplit(guess.url).hostname or shape.host)
        key = key_for(title, urlsplit(guess.url).hostname or shape.host, guess.kind.value, keys)
        keys.add(key)
        described.append(
            Possible(
                kind=guess.kind,
                url=guess.url,
                title=title,
                options=dict(guess.options),
                full_text=guess.full_text,
                key=key,
                municipality=guess.municipality or municipality_of(title, shape.url, visit.texts),
                every=dry.every(visit),
                expect=dry.bounds(visit),
                count=visit.count,
                items=visit.samples,
                why=guess.why,
                terms=guess.terms or (searched.seen.terms if searched.seen else ()),
            )
        )
    return described


def _refusal(shape: Shape, searched: Search, troubles: Sequence[Trouble]) -> Refusal:
    trouble = searched.trouble or next(iter(troubles), None)
    if trouble is None:
        return Refusal("nothing", shape.host, f"nothing that can be visited was found at {shape.host}")
    code = trouble_code(trouble)
    if searched.trouble is None and code == "unreachable":
        code = "nothing"
    if shape.names_account and code != "person":
        return Refusal(code, shape.host, f"{shape.host} could not be asked about this account")
    return Refusal(code, shape.host, str(trouble))

"""The invented media: which address of which site answers what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scout.demo import feeds, pages
from scout.demo.answers import Answer, text
from scout.demo.edition import Edition, Listed
from scout.demo.region import Story, stories

#: Path -> answer, or a function of the query string where the answer depends on it.
Routes = dict[str, Answer | Callable[[str], Answer]]

#: Articles on one listing page of the site that pages.
PAGE = 7
ROBOTS = "User-agent: *\nDisallow: /zoeken\nDisallow: /redactie/\n"


@dataclass(frozen=True, kw_only=True)
class Site:
    """One medium: its key in ``config/demo/sources``, its title, and what it serves."""

    key: str
    title: str
    #: Makes its lists and feeds.
    serve: Callable[[Edition], Routes]
    #: Makes the page of one story from edition, path and story.
    article: Callable[[Edition, str, Story], str] = pages.article
    #: Lines of robots.txt beyond those that all sites have.
    robots: str = ""


def routes(site: Site, base: str, moment: datetime) -> Mapping[str, Answer | Callable[[str], Answer]]:
    """Everything that this site answers; any other path is a 404."""
    listed = tuple((f"/nieuws/{story.number}-{story.slug}", story) for story in stories().get(site.key, ()))
    edition = Edition(title=site.title, base=base, moment=moment, listed=listed)
    answers: Routes = {
        "/robots.txt": text(ROBOTS + site.robots.format(base=base)),
        # Without a date of its own, so the same on every day: a change would pause the source.
        "/voorwaarden": Answer(body=pages.terms(site.title).encode()),
    }
    if listed:
        answers |= {path: _page(edition, listed[:PAGE]) for path in ("/", "/nieuws")}
    for path, story in listed:
        page = site.article(edition, path, story).encode()
        answers[path] = Answer(body=page, modified=edition.published(story))
    return answers | site.serve(edition)


def _page(edition: Edition, listed: Listed, *, before: str = "", after: str = "") -> Answer:
    page = pages.listing(edition, listed, before=before, after=after)
    return Answer(body=page.encode(), modified=edition.newest(listed))


def _full_rss(edition: Edition) -> Routes:
    return {"/rss.xml": feeds.rss(edition, full=True)}


def _summaries_rss(edition: Edition) -> Routes:
    return {"/feed/": feeds.rss(edition, full=False, zone_names=True)}


def _notices_rss(edition: Edition) -> Routes:
    return {"/prikbord.rss": feeds.rss(edition, full=False)}


def _summaries_atom(edition: Edition) -> Routes:
    return {"/atom.xml": feeds.atom(edition, full=False)}


def _full_atom(edition: Edition) -> Routes:
    return {"/atom.xml": feeds.atom(edition, full=True)}


def _json_feed(edition: Edition) -> Routes:
    return {"/feed.json": feeds.json_feed(edition)}


def _listing_pages(edition: Edition) -> Routes:
    parts = [edition.listed[start : start + PAGE] for start in range(0, len(edition.listed), PAGE)]
    paths = ["/nieuws", *(f"/nieuws/pagina/{number}" for number in range(2, len(parts) + 1))]
    beside = ["", *paths, ""]
    return {
        path: _page(edition, part, before=beside[place], after=beside[place + 2])
        for place, (path, part) in enumerate(zip(paths, parts, strict=True))
    }


def _one_listing(edition: Edition) -> Routes:
    return {path: _page(edition, edition.listed) for path in ("/", "/nieuws")}


def _news_sitemaps(edition: Edition) -> Routes:
    half = len(edition.listed) // 2
    children: Routes = {
        f"/sitemaps/nieuws-{number}.xml.gz": feeds.news_sitemap(edition, part)
        for number, part in enumerate((edition.listed[:half], edition.listed[half:]), start=1)
    }
    return children | {"/sitemap_index.xml": feeds.sitemap_index(edition, list(children))}


def _plain_sitemap(edition: Edition) -> Routes:
    return {"/sitemap.xml": feeds.sitemap(edition)}


def _wordpress(edition: Edition) -> Routes:
    return {"/wp-json/wp/v2/posts": lambda query: feeds.wordpress_posts(edition, query)}


def _given_up(edition: Edition) -> Routes:
    return {path: Answer(body=pages.parked(edition.title).encode()) for path in ("/", "/feed/")}


#: All sites, in the order of their ports.
SITES = (
    Site(key="arnhemse-lantaarn", title="De Arnhemse Lantaarn", serve=_full_rss),
    Site(key="liemers-kompas", title="Liemers Kompas", serve=_summaries_rss),
    Site(key="omroep-rijnzoom", title="Omroep Rijnzoom", serve=_summaries_atom),
    Site(key="presikhaafse-praat", title="Presikhaafse Praat", serve=_json_feed, robots="Crawl-delay: 1\n"),
    Site(key="velpse-klok", title="De Velpse Klok", serve=_listing_pages),
    Site(
        key="overbetuws-venster",
        title="Overbetuws Venster",
        serve=_news_sitemaps,
        robots="Sitemap: {base}/sitemap_index.xml\n",
    ),
    Site(key="renkumse-beek", title="De Renkumse Beek", serve=_wordpress),
    Site(key="linge-en-waard", title="Linge & Waard", serve=_one_listing, article=pages.plain_article),
    Site(key="dorpspraat-driel", title="Dorpspraat Driel", serve=_full_atom),
    Site(key="prikbord-arnhem", title="Prikbord Arnhem", serve=_notices_rss, article=pages.notice),
    Site(key="liemers-wegwijzer", title="De Liemers Wegwijzer", serve=_plain_sitemap),
    Site(key="zevenaarse-klepel", title="De Zevenaarse Klepel", serve=_given_up),
)

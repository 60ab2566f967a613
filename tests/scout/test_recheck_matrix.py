"""The contract of deletion, row by row: what a source answers, twice, and what becomes of the item.

All rows are sites of their own that are asked in the same two runs.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from models.database import open_engine
from models.settings import load_settings
from tests.scout.gather_world import Entry, article, rss
from tests.scout.recheck_world import HOUR, WEEK, Blog, RecheckWorld
from tests.web import Answer

GOES, STAYS = True, False

#: Kind -> path of its list.
LISTS = {"feed": "/krant.xml", "site": "/overzicht", "sitemap": "/sitemap.xml"}


class Site:
    """One site whose items are pages, with one article."""

    def __init__(self, world: RecheckWorld, kind: str, key: str, address: str) -> None:
        self.world, self.kind, self.address = world, kind, address
        self.serve("/", article("Voorpagina"))
        link = self.serve(
            "/nieuws/1", article("Buurttuin", f"Over {key}. " + "Bewoners leggen een tuin aan. " * 9)
        )
        lists = {
            "feed": rss([Entry(link)]),
            "site": f'<p><a href="{link}">Buurttuin zoekt veel vrijwilligers</a></p>',
            "sitemap": f"<urlset><url><loc>{link}</loc></url></urlset>",
        }
        url = self.serve(LISTS[kind], lists[kind])
        more = {"article": r"/nieuws/\d+"} if kind == "site" else {}
        world.source(key, url, kind=kind, **more)

    def serve(self, path: str, answer: Answer | str) -> str:
        return self.world.web.route(path, answer, address=self.address)

    def answer(self, status: int, path: str = "/nieuws/1", **headers: str) -> None:
        self.serve(path, Answer("<h1>iets</h1>", status, {"Content-Type": "text/html", **headers}))

    def moves(self, to: str) -> None:
        self.answer(301, Location=to)

    def together(self, path: str, status: int) -> None:
        """The article is not there, and something else of the site is not right either."""
        self.answer(404)
        self.answer(status, path)


def moved(site: Site) -> None:
    site.serve("/nieuw/1", article())
    site.moves("/nieuw/1")


def forbidden(site: Site) -> None:
    site.answer(404)
    site.serve("/robots.txt", "User-agent: *\nDisallow: /nieuws/")


PAGES: dict[str, tuple[Callable[[Site], object], bool]] = {
    "200": (lambda site: None, STAYS),
    "404": (lambda site: site.answer(404), GOES),
    "410": (lambda site: site.answer(410), GOES),
    "401": (lambda site: site.answer(401), STAYS),
    "403": (lambda site: site.answer(403), STAYS),
    "429": (lambda site: site.answer(429), STAYS),
    "451": (lambda site: site.answer(451), STAYS),
    "500": (lambda site: site.answer(500), STAYS),
    "503": (lambda site: site.answer(503), STAYS),
    "404, as its front page": (lambda site: site.together("/", 404), STAYS),
    "404, as its list": (lambda site: site.together(LISTS[site.kind], 404), STAYS),
    "404, and its front page wants a password": (lambda site: site.together("/", 401), STAYS),
    "404, and its front page has trouble": (lambda site: site.together("/", 500), STAYS),
    "redirect to the front page": (lambda site: site.moves("/"), STAYS),
    "redirect to its list": (lambda site: site.moves(LISTS[site.kind]), STAYS),
    "redirect to another site": (lambda site: site.moves(site.world.web.url("/elders")), STAYS),
    "redirect to where it is now": (moved, STAYS),
    "redirect to a page that is not there": (lambda site: site.moves("/nergens"), GOES),
    "200 that says not found": (
        lambda site: site.serve("/nieuws/1", article("Pagina niet gevonden", "Helaas.")),
        STAYS,
    ),
    "not allowed by robots.txt": (forbidden, STAYS),
}


def close(blog: Blog, status: int, code: str = "rest_forbidden") -> None:
    blog.closed = (status, code)


def answer_of_one(blog: Blog, status: int, code: str) -> None:
    blog.posts.clear()
    blog.one = lambda number: Answer(
        f'{{"code": "{code}"}}', status, {"Content-Type": "application/json; charset=utf-8"}
    )


def only_by_route(blog: Blog) -> None:
    blog.usual = False
    blog.posts.clear()


def deaf(blog: Blog) -> None:
    blog.deaf = True


POSTS: dict[str, tuple[Callable[[Blog], object], bool]] = {
    "on its list": (lambda blog: None, STAYS),
    "gone: 404": (lambda blog: blog.posts.clear(), GOES),
    "in the bin: 401 rest_forbidden": (lambda blog: blog.binned.add(7), GOES),
    "site-wide 401": (lambda blog: close(blog, 401), STAYS),
    "site-wide 401 of a plugin": (lambda blog: close(blog, 401, "rest_not_logged_in"), STAYS),
    "site-wide 403": (lambda blog: close(blog, 403), STAYS),
    "site-wide 404": (lambda blog: close(blog, 404, "rest_no_route"), STAYS),
    "429": (lambda blog: close(blog, 429), STAYS),
    "500": (lambda blog: close(blog, 500), STAYS),
    "one post: 401 for another reason": (
        lambda blog: answer_of_one(blog, 401, "rest_not_logged_in"),
        STAYS,
    ),
    "one post: 403": (lambda blog: answer_of_one(blog, 403, "rest_forbidden"), STAYS),
    "one post: 500": (lambda blog: answer_of_one(blog, 500, "internal"), STAYS),
    "gone where addresses are not rewritten": (only_by_route, GOES),
    "not on a list that takes no heed of numbers": (deaf, STAYS),
}

ROWS = [
    *((kind, answer, goes) for kind in LISTS for answer, (_, goes) in PAGES.items()),
    *(("wordpress", answer, goes) for answer, (_, goes) in POSTS.items()),
]


def key_of(number: int) -> str:
    return f"rij-{number}"


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[dict[tuple[str, str], bool]]:
    """(kind, answer) -> whether the item was taken out after the second answer; none goes after the first."""
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "config" / "sources").mkdir(parents=True)
    (folder / "var").mkdir()
    shutil.copy(sqlite_template, folder / "var" / "scout.db")
    settings = load_settings(
        var=folder / "var",
        config=folder / "config",
        allow_private_addresses=True,
        secret_key="only for tests",
    )
    engine = open_engine(settings)
    addresses = ["127.0.0.1", *(f"127.0.1.{number + 1}" for number in range(len(ROWS)))]
    with RecheckWorld(settings, engine, *addresses) as world:
        world.page("/elders", address="127.0.0.1")
        changes: list[Callable[[], object]] = []
        for number, (kind, answer, _) in enumerate(ROWS):
            key, address = key_of(number), addresses[number + 1]
            if kind == "wordpress":
                blog = Blog(world, key, address=address)
                blog.write(7, text=f"Over {key}. " + "Bewoners leggen een tuin aan. " * 9)
                changes.append(partial(POSTS[answer][0], blog))
            else:
                site = Site(world, kind, key, address)
                changes.append(partial(PAGES[answer][0], site))
        assert world.gather()["new"] == len(ROWS)
        world.remember()
        for change in changes:
            change()
        first = world.recheck(WEEK)
        assert first["sources"] == len(ROWS)
        assert first["withdrawn"] == 0
        assert world.gone() == []
        world.recheck(WEEK + 2 * HOUR)
        gone = {item.source_key: item.purged_at is not None for item in world.items()}
        yield {(kind, answer): gone[key_of(number)] for number, (kind, answer, _) in enumerate(ROWS)}
    engine.dispose()


@pytest.mark.parametrize(
    ("kind", "answer", "goes"),
    [pytest.param(*row, id=f"{row[0]}: {row[1]} {'goes' if row[2] else 'stays'}") for row in ROWS],
)
def test_an_item_goes_when_its_source_says_twice_that_it_is_gone_and_never_else(
    outcome: dict[tuple[str, str], bool], kind: str, answer: str, goes: bool
) -> None:
    assert outcome[kind, answer] == goes

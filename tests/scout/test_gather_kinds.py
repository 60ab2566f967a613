"""Gathering, the happy way: each kind of source, what is stored of it, and what a second run costs."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from tests.scout.gather_world import PROSE, Entry, World, article, rss
from tests.web import Answer, Asked, conditional

YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def posts(world: World) -> list[dict[str, object]]:
    """Three posts of a WordPress site, newest change first."""
    return [
        {
            "id": number,
            "date_gmt": YESTERDAY.strftime("%Y-%m-%dT%H:%M:%S"),
            "modified_gmt": YESTERDAY.strftime("%Y-%m-%dT%H:%M:%S"),
            "link": world.page(
                f"/blog/{number}", article(f"Dorpshuis {number}", f"Nummer {number}. {PROSE}")
            ),
            "title": {"rendered": f"Dorpshuis &#8216;{number}&#8217;"},
            "excerpt": {"rendered": f"<p>Over dorpshuis {number}.</p>"},
        }
        for number in (3, 2, 1)
    ]


def serve_all_kinds(world: World) -> None:
    """One source of each kind that can be visited."""
    world.news("krant", 2, municipality="Arnhem")
    world.page("/site/nieuws/1", article("Repaircafé opent", f"Een. {PROSE}"))
    world.page("/site/nieuws/2", article("Speeltuin in eigen beheer", f"Twee. {PROSE}"))
    world.page(
        "/site/",
        conditional(
            '<html lang="nl"><body><a href="/site/contact">Contact</a><ul>'
            '<li><a href="nieuws/1?utm_source=home">Repaircafé opent deuren in Duiven</a></li>'
            '<li><a href="nieuws/2">Speeltuin in eigen beheer van buurt</a></li></ul></body></html>'
        ),
    )
    world.source("site", world.web.url("/site/"), kind="site", article=r"/site/nieuws/\d+")
    world.page("/kaart/a", article("Lief en leed in de straat", f"Kaart a. {PROSE}"))
    child = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        f"<loc>{world.web.url('/kaart/a')}</loc><news:news><news:title>Lief en leed in de straat</news:title>"
        f"<news:publication_date>{YESTERDAY.isoformat()}</news:publication_date></news:news></url></urlset>"
    )
    packed = gzip.compress(child.encode(), mtime=0)
    world.web.route("/kaart-1.xml.gz", conditional(packed))
    world.web.route(
        "/kaart.xml",
        conditional(
            f"<sitemapindex><sitemap><loc>{world.web.url('/kaart-1.xml.gz')}</loc></sitemap></sitemapindex>"
        ),
    )
    world.source("kaart", world.web.url("/kaart.xml"), kind="sitemap")
    listed = json.dumps(posts(world))
    world.web.route("/wp/wp-json/wp/v2/posts", _typed(conditional(listed), "application/json"))
    world.source("dorpsblog", world.web.url("/wp/"), kind="wordpress")


def _typed(route: object, kind: str) -> object:
    def answer(asked: Asked) -> Answer:
        given = route(asked)  # type: ignore[operator]
        given.headers["Content-Type"] = kind
        return given  # type: ignore[no-any-return]

    return answer


@pytest.mark.both_databases
def test_every_kind_is_read_and_a_second_run_asks_only_whether_anything_changed(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        serve_all_kinds(world)

        first = world.run(batch="een")
        stored = world.items()

        assert (first.sources, first.failed, first.problems, first.warnings) == (4, 0, [], [])
        assert first.items == {"new": 8}
        assert first.progress == [["gather", number, 4] for number in (1, 2, 3, 4)]
        assert first.stderr == ""
        assert [(item.source_key, item.url.removeprefix(world.web.url(""))) for item in stored] == [
            ("dorpsblog", "/blog/1"),
            ("dorpsblog", "/blog/2"),
            ("dorpsblog", "/blog/3"),
            ("kaart", "/kaart/a"),
            ("krant", "/krant/0"),
            ("krant", "/krant/1"),
            ("site", "/site/nieuws/1"),
            ("site", "/site/nieuws/2"),
        ]
        texts = world.texts()
        assert all("spitten, zaaien en onderhouden" in text for text in texts.values())
        assert not any("Menu" in text for text in texts.values())
        post = stored[0]
        assert (post.title, post.language, post.published_at) == ("Dorpshuis ‘1’", "nl", YESTERDAY)
        assert world.row("krant").municipality_code == "GM0202"
        (visit,) = world.runs("krant")
        assert (visit.batch, visit.outcomes, visit.requests) == ("een", {"new": 2}, 3)
        assert visit.finished_at is not None

        second = world.run()

        assert (second.sources, second.failed, second.items, second.problems) == (4, 0, {}, [])
        assert sorted(world.web.paths()) == [
            "/kaart-1.xml.gz",
            "/kaart.xml",
            "/krant.xml",
            "/site/",
            "/wp/wp-json/wp/v2/posts",
        ]
        assert all("if-none-match" in asked.headers for asked in world.web.asked)
        assert len(world.items()) == 8


def test_a_new_and_a_changed_entry_cost_one_request_each_and_the_rest_none(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        links = [world.page(f"/a/{number}", article(f"Bericht {number}")) for number in range(4)]
        entries = [Entry(link, title=f"Bericht {number}") for number, link in enumerate(links)]
        world.feed("krant", entries[:3])
        assert world.run().items == {"new": 3}
        before = {item.url: item for item in world.items()}

        entries[1].title = "Bericht 1, aangevuld"
        world.page("/a/1", article("Bericht 1, aangevuld", f"Meer nieuws. {PROSE}"))
        world.feed("krant", entries)
        assert world.run().items == {"new": 1, "changed": 1, "unchanged": 2}

        assert sorted(world.asked()) == ["/a/1", "/a/3", "/krant.xml"]
        after = {item.url: item for item in world.items()}
        changed = after[links[1]]
        assert changed.title == "Bericht 1, aangevuld"
        assert changed.content_hash != before[links[1]].content_hash
        assert changed.changed_at is not None
        assert changed.first_seen_at == before[links[1]].first_seen_at
        assert "Meer nieuws" in world.texts()[links[1]]
        assert after[links[0]].last_seen_at > before[links[0]].last_seen_at
        assert after[links[0]].changed_at is None


def test_the_same_body_without_validators_counts_as_unchanged(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        link = world.page("/a/1")
        world.source("krant", world.web.route("/krant.xml", rss([Entry(link)])))
        world.source(
            "gedateerd",
            world.web.route(
                "/gedateerd.xml",
                lambda asked: Answer(
                    b"" if "if-modified-since" in asked.headers else rss([Entry(world.page("/b/1"))]),
                    304 if "if-modified-since" in asked.headers else 200,
                    {"Last-Modified": "za, 21 nov 2026 (raar maar waar)"},
                ),
            ),
        )
        assert world.run().items == {"new": 2}

        assert world.run().items == {}

        assert sorted(world.web.paths()) == ["/gedateerd.xml", "/krant.xml"]
        sent = world.web.asked_for("/gedateerd.xml")[0].headers["if-modified-since"]
        assert sent == "za, 21 nov 2026 (raar maar waar)"


def test_lists_that_give_all_text_themselves_need_no_articles(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.feed("krant", [Entry(world.web.url("/a/1"), summary=f"<p>{PROSE}</p>")], full_text=False)

        assert world.run().items == {"new": 1}

        assert world.asked() == ["/krant.xml"]
        assert world.texts()[world.web.url("/a/1")] == PROSE.strip()


def test_paging_goes_on_while_there_is_something_unseen(settings: Settings, engine: Engine) -> None:
    def page(number: int, items: list[int], pages: int) -> str:
        following = f'<link rel="next" href="/lijst-{number + 1}.xml"/>' if number < pages else ""
        entries = "".join(
            f'<entry><id>urn:{item}</id><title>Bericht {item}</title><link href="/b/{item}"/>'
            f"<summary>{PROSE} {item}</summary></entry>"
            for item in items
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{following}{entries}</feed>'

    with World(settings, engine) as world:
        for number, items in ((1, [6, 5]), (2, [4, 3]), (3, [2, 1])):
            world.web.route(f"/lijst-{number}.xml", page(number, items, 3))
        world.source("krant", world.web.url("/lijst-1.xml"), full_text=False)

        assert world.run().items == {"new": 6}
        assert world.asked() == ["/lijst-1.xml", "/lijst-2.xml", "/lijst-3.xml"]

        for number, items in ((1, [8, 7]), (2, [6, 5]), (3, [4, 3])):
            world.web.route(f"/lijst-{number}.xml", page(number, items, 3))

        assert world.run().items == {"new": 2, "unchanged": 2}
        assert world.asked() == ["/lijst-1.xml", "/lijst-2.xml"]

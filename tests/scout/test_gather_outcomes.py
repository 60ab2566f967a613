"""What becomes of drafts: each ends in exactly one counted outcome, and only what may be is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, update

from models.addresses import address_key
from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.settings import Settings
from models.store.items import domain_key, url_key
from models.suppression import Suppression
from tests.scout.gather_world import GERMAN, PROSE, Entry, World, article, rss
from tests.web import Answer, redirect

NOW = datetime.now(UTC).replace(microsecond=0)


def test_every_draft_is_counted_once_whatever_becomes_of_it(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, "127.0.0.1", "127.0.0.2") as world:
        secret = settings.effective_secret_key
        objected = world.page("/bezwaar")
        kept_out = [
            (url_key(secret, address_key(objected)), "url"),
            (domain_key(secret, "127.0.0.2"), "domain"),
        ]
        with session_factory(engine)() as session:
            for key, kind in kept_out:
                session.add(Suppression(key=key, kind=kind, added_at=NOW, why="objection"))
            session.commit()
        old = NOW - timedelta(days=400)
        dated = f'<meta property="article:published_time" content="{old.isoformat()}">'
        entries = [
            Entry(world.page("/goed"), title="Goed"),
            Entry(f"{world.web.url('/goed')}?utm_source=rss#top", title="Goed, nog eens"),
            Entry(world.page("/kort", article("Kort", "Fietsclub zoekt leden.")), title="", guid="kort"),
            Entry("", title="Zonder link", summary=PROSE),
            Entry("mailto:redactie@krant.example", title="Post", summary=PROSE),
            Entry(world.page("/oud"), title="Oud", published=old),
            Entry(world.page("/oud-artikel", article("Oud", PROSE, dated)), title="Oud artikel"),
            Entry(world.page("/duits", article("Bibliothek", GERMAN)), title="Bibliothek wird eröffnet"),
            Entry(world.page("/leeg", "<html><body></body></html>"), title=""),
            Entry(objected, title="Met bezwaar"),
            Entry(world.page("/x", address="127.0.0.2"), title="Van een domein met bezwaar"),
            Entry(world.page("/naar-bezwaar", redirect(objected)), title="Langs een omweg"),
            Entry(world.page("/weg", Answer("", 410)), title="Weg"),
        ]
        world.feed("krant", entries)

        ran = world.run()

        expected = {
            "new": 2,
            "duplicate": 1,
            "no_link": 2,
            "too_old": 2,
            "language": 1,
            "no_text": 1,
            "suppressed": 3,
            "error": 1,
        }
        assert ran.items == expected
        assert sum(ran.items.values()) == len(entries)
        assert {item.url for item in world.items()} == {world.web.url("/goed"), world.web.url("/kort")}
        assert "/oud" not in world.asked()
        assert "/bezwaar" not in world.asked()[:1]
        assert not any(asked.address == "127.0.0.2" for asked in world.web.asked)
        assert world.runs("krant")[0].outcomes == expected

        # Read again, nothing is fetched anew but what failed.
        ran = world.run()

        assert ran.items == {**{key: n for key, n in expected.items() if key != "new"}, "unchanged": 2}
        assert world.asked() == ["/krant.xml", "/weg"]


def test_an_article_of_two_sources_is_stored_once(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        link = world.page("/a/1")
        world.feed("een", [Entry(link)])
        world.run()
        world.feed("twee", [Entry(f"{link}?utm_medium=rss"), Entry(world.page("/a/2"), title="Anders")])

        ran = world.run(keys=["twee"])

        assert ran.items == {"duplicate": 1, "new": 1}
        assert world.asked() == ["/twee.xml", "/a/2"]
        assert [item.source_key for item in world.items()] == ["een", "twee"]


def test_items_are_kept_under_the_address_that_their_links_lead_to(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        final = world.page("/artikel/1")
        links = [world.page(f"/volg/{n}", redirect(final)) for n in (1, 2)]
        entries = [Entry(link, guid=link) for link in links]
        world.feed("krant", entries)

        assert world.run().items == {"new": 1, "duplicate": 1}
        assert [item.url for item in world.items()] == [final]

        world.feed("krant", [*entries, Entry(world.page("/b"), title="Nog een")])
        assert world.run().items == {"unchanged": 1, "duplicate": 1, "new": 1}
        assert world.asked() == ["/krant.xml", "/b"]


def test_links_that_all_lead_to_one_page_are_a_wall_and_no_articles(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine, "127.0.0.1", "127.0.0.2") as world:
        wall = world.page("/toestemming", article("Mogen wij?", "Wij gebruiken cookies. " * 20))
        remembering = world.page("/privacy", article("Mogen wij?", "Cookies. " * 50), address="127.0.0.2")
        summaries = [Entry(world.page(f"/a/{n}", redirect(wall)), summary=f"{n}. {PROSE}") for n in range(3)]
        bare = [Entry(world.page(f"/b/{n}", redirect(f"{remembering}?terug=/b/{n}"))) for n in range(4)]
        world.feed("samenvattingen", summaries)
        world.feed("kaal", bare)

        ran = world.run()

        assert "3 different links lead to one page at 127.0.0.1" in ran.problem("samenvattingen")
        assert "4 different links lead to one page at 127.0.0.2" in ran.problem("kaal")
        assert ran.failed == 2
        assert ran.items == {"new": 3, "error": 4}
        assert not any("cookies" in text.lower() for text in world.texts().values())


def test_a_purged_item_does_not_come_back(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        gone, thinned, plain = (
            Entry(link, title=f"Over {link}") for link in map(world.page, ("/a", "/b", "/c"))
        )
        world.feed("krant", [gone, thinned, plain])
        world.run()
        with session_factory(engine)() as session:
            ids = {item.url: item.id for item in world.items()}
            session.execute(delete(ItemText).where(ItemText.item_id.in_([ids[gone.link], ids[thinned.link]])))
            session.execute(
                update(Item).where(Item.id == ids[gone.link]).values(purged_at=NOW, url="", title="")
            )
            session.commit()

        # The list changed, so it is read again: once with the same entries, once with all of them altered.
        world.feed("krant", [gone, thinned, plain, Entry("", title="x")])
        assert world.run().items == {"unchanged": 3, "no_link": 1}
        for entry in (gone, thinned, plain):
            entry.summary = "Nu met een samenvatting."
        world.feed("krant", [gone, thinned, plain])
        assert world.run().items == {"unchanged": 3}

        assert "/a" not in world.asked()
        assert sorted(item.url for item in world.items()) == ["", thinned.link, plain.link]
        assert set(world.texts()) == {plain.link}


def test_a_purged_item_does_not_come_back_along_another_way(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        final = world.page("/artikel")
        world.feed("krant", [Entry(world.page("/volg", redirect(final)), guid="1")])
        world.run()
        with session_factory(engine)() as session:
            session.execute(delete(ItemText))
            session.execute(update(Item).values(purged_at=NOW, url="", title=""))
            session.commit()

        world.page("/artikel", article("Aangevuld", f"Met meer. {PROSE}"))
        world.feed("krant", [Entry(world.web.url("/volg"), title="Aangevuld", guid="1")])

        assert world.run().items == {"unchanged": 1}
        assert "/artikel" in world.asked()
        (item,) = world.items()
        assert (item.url, item.title, world.texts()) == ("", "", {})


@pytest.mark.parametrize("carrier", ["header", "page"])
def test_text_that_is_reserved_from_mining_is_not_stored(
    settings: Settings, engine: Engine, carrier: str
) -> None:
    head = '<meta name="tdm-reservation" content="1">' if carrier == "page" else ""
    headers = {"TDM-Reservation": "1"} if carrier == "header" else {}
    with World(settings, engine) as world:
        link = world.page("/a", Answer(article("Van de pagina", PROSE, head), headers=headers))
        other = world.page("/b", Answer(article("Van de pagina", PROSE, head), headers=headers))
        world.feed("krant", [Entry(link, title="Uit de feed"), Entry(other, "Ook", summary="Kort bericht.")])

        assert world.run().items == {"new": 2}

        assert [item.title for item in world.items()] == ["Uit de feed", "Ook"]
        assert world.texts() == {link: "", other: "Kort bericht."}


def test_a_visit_that_looks_unlike_a_healthy_one_is_a_problem_but_no_failure(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        world.feed("leeg", [], expect={"min": 1, "max": 200})
        world.feed(
            "vol",
            [Entry(world.web.url(f"/{n}"), summary=PROSE) for n in range(3)],
            full_text=False,
            expect={"max": 2},
        )
        world.feed("goed", [Entry(world.web.url("/g"), summary=PROSE)], full_text=False, expect={"min": 1})

        ran = world.run()

        assert ran.failed == 0
        assert ran.problem("leeg").startswith("gave 0 items, expected 1 to 200")
        assert ran.problem("vol").startswith("gave 3 items, expected at most 2")
        assert ran.troubled == {"leeg", "vol"}
        assert world.row("leeg").consecutive_failures == 0
        assert world.runs("leeg")[0].problem is None
        assert "expected 1 to 200" in world.runs("leeg")[0].warnings[0]


def test_feeds_with_odd_entries_lose_none_of_them(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        same_id = [Entry(world.page(f"/i/{n}"), title=f"Bericht {n}", guid="altijd-1") for n in range(3)]
        world.feed("zelfde-id", same_id)
        cut = rss([Entry(world.page("/k/1"), title="Heel"), Entry(world.page("/k/2"), title="Half")])
        world.source("afgebroken", world.web.route("/cut.xml", cut[: cut.index("Half")]))

        ran = world.run()

        assert (ran.failed, ran.items) == (0, {"new": 4})
        assert "breaks off" in ran.warned("afgebroken")

        world.web.route("/cut.xml", cut)
        assert world.run().items == {"new": 1, "unchanged": 1}

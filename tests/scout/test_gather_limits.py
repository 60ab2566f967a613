"""The limits of one visit: what is beyond them is left for the next one, and nothing is lost."""

import psutil
import pytest
from sqlalchemy import Engine

from models.settings import Settings
from tests.scout.gather_world import PROSE, Entry, World, article
from tests.web import hanging, in_turn


def test_a_visit_that_takes_too_long_keeps_what_it_has_and_the_next_goes_on(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine, timeout_seconds=30) as world:
        entries = [Entry(world.page(f"/a/{number}"), title=f"Bericht {number}") for number in range(8)]
        for number in (3, 4):
            world.page(f"/a/{number}", hanging(world.web, 60))
        world.feed("krant", entries)

        ran = world.run(limits={"scout.crawl.findings:LONGEST_VISIT": 3.0})

        assert "the visit took more than 0.05 minutes" in ran.problem("krant")
        assert ran.failed == 1
        assert ran.seconds < 30
        assert sum(ran.items.values()) == 8
        assert ran.items["error"] >= 5
        assert len(world.items()) == 8 - ran.items["error"]
        assert world.runs("krant")[0].finished_at is not None

        for number in (3, 4):
            world.page(f"/a/{number}")
        again = world.run()
        assert again.items.get("new") == ran.items["error"]
        assert sum(again.items.values()) == len(world.items()) == 8


def test_a_visit_takes_up_so_many_new_items_and_the_next_goes_on(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        entries = [Entry(world.web.url(f"/{number}"), summary=f"{number}. {PROSE}") for number in range(10)]
        world.feed("krant", entries, full_text=False)
        limits = {"scout.crawl.visit:MOST_DRAFTS": 4}

        counts = []
        for _ in range(3):
            ran = world.run(limits=limits)
            counts.append(ran.items)
            assert (ran.failed, ran.problems) == (0, [])
        assert counts == [{"new": 4}, {"new": 4, "unchanged": 4}, {"new": 2, "unchanged": 8}]
        assert world.run(limits=limits).items == {}
        assert len(world.items()) == 10


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_list_without_end_is_read_up_to_so_many_pages(
    settings: Settings, engine: Engine, interrupted: bool
) -> None:
    def page(number: int) -> str:
        following = f'<link rel="next" href="/p{number + 1}.xml"/>'
        return (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{following}'
            f'<entry><id>urn:{number}</id><title>Bericht {number}</title><link href="/b/{number}"/>'
            f"<summary>{PROSE} {number}</summary></entry></feed>"
        )

    with World(settings, engine) as world:
        for number in range(12):
            world.web.route(f"/p{number}.xml", page(number))
        world.source("krant", world.web.url("/p0.xml"), full_text=False)
        limits = {"scout.crawl.visit:MOST_PAGES": 6}
        if interrupted:
            world.web.route("/p3.xml", in_turn("geen feed", page(3)))
            assert world.run(limits=limits).items == {"new": 3}
            assert world.row("krant").unread_pages

        ran = world.run(limits=limits)

        assert (ran.failed, len(world.asked())) == (0, 6)
        assert "6 list pages were read" in ran.warned("krant")
        assert len(world.items()) == 6
        assert not world.row("krant").unread_pages


def test_gathering_stays_within_its_memory(settings: Settings, engine: Engine) -> None:
    large = article("Groot bericht", PROSE * 3000)
    with World(settings, engine, *(f"127.0.0.{n}" for n in range(1, 9))) as world:
        for n in range(1, 9):
            links = [world.page(f"/g/{number}", large, address=f"127.0.0.{n}") for number in range(4)]
            world.feed(f"krant-{n}", [Entry(link) for link in links], address=f"127.0.0.{n}")
        begun = world.begin()
        process, peak = psutil.Process(begun.process.pid), 0

        while begun.process.is_alive():
            tree = [process, *process.children(recursive=True)] if process.is_running() else []
            total = 0
            for each in tree:
                try:
                    total += each.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak = max(peak, total)
            begun.process.join(0.05)

        assert begun.report().items == {"new": 32}
        assert peak < 400_000_000

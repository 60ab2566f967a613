"""Gathering open data of governments through real HTTP: nothing is missed, nothing is read twice."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from scout.crawl import visit
from tests.scout.council_world import Aggregator
from tests.scout.gather_world import PROSE, World, article
from tests.scout.sru_world import PATH, Publication, Sru
from tests.scout.test_gather_kill import Tripwire
from tests.web import Answer, Asked

TODAY = datetime.now(UTC).date()


def day(back: int) -> str:
    return (TODAY - timedelta(days=back)).isoformat()


# -- official publications ----------------------------------------------------------------------------


def serve_sru(world: World, *, full_text: bool = False) -> Sru:
    sru = Sru(
        Publication(identifier="gmb-1", title="Kermis in de wijk", date=day(20)),
        Publication(identifier="gmb-2", title="Dakkapel Dorpsstraat 12", type="omgevingsvergunning"),
        Publication(identifier="gmb-3", title="Subsidie voor de buurttuin", date=day(3)),
        Publication(identifier="gmb-4", title="Kermis in de provincie", organisation="provincie"),
        Publication(identifier="gmb-5", title="Straatfeest de heer J. Jansen, Dorpsstraat 12", date=day(1)),
        page=2,
    )
    for one in sru.publications:
        one.url = world.page(
            f"/pub/{one.identifier}",
            article(one.title, f"Nummer {one.identifier}. De heer J. Jansen woont Dorpsstraat 12. {PROSE}"),
        )
    world.web.route(PATH, sru)
    world.source("koop", world.web.url(PATH), kind="koop", creator="Zwolle", full_text=full_text)
    return sru


def titles(world: World) -> list[str]:
    return sorted(item.title for item in world.items() if not item.gone_at)


@pytest.mark.both_databases
def test_publications_are_gathered_once_and_what_follows_is_not_missed(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        sru = serve_sru(world)

        ran = world.run()

        assert (ran.failed, ran.problems) == (0, [])
        assert ran.items == {"new": 3}
        assert titles(world) == [
            "Kermis in de wijk",
            "Straatfeest iemand, Dorpsstraat",
            "Subsidie voor de buurttuin",
        ]
        assert {item.native_id for item in world.items()} == {"gmb-1", "gmb-3", "gmb-5"}
        assert world.row("koop").cursor == {"since": day(2)}

        # Dated before the newest that was seen, but published after it; and a correction of an old one.
        sru.publications.append(
            Publication(identifier="gmb-6", title="Inspraak", date=day(1), url=world.page("/pub/gmb-6"))
        )
        sru.publications[0].title, sru.publications[0].modified = "Kermis gaat niet door", day(0)
        ran = world.run()

        assert ran.items == {"new": 1, "changed": 1, "unchanged": 1}
        assert "Kermis gaat niet door" in titles(world)
        assert world.run().items == {}


def test_names_and_house_numbers_are_taken_out_of_the_page_too(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        serve_sru(world, full_text=True)

        assert world.run().items == {"new": 3}

        assert all("Iemand woont Dorpsstraat." in text for text in world.texts().values())
        assert not any("Jansen" in f"{item.title}{item.url}" for item in world.items())


def test_an_error_with_status_200_fails_the_visit_and_forgets_nothing(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        sru = serve_sru(world)
        world.run()
        before = world.row("koop").cursor
        sru.refused = {"dt.date"}

        ran = world.run()

        assert ran.failed == 1
        assert "refuses the question: Unsupported index" in ran.problem("koop")
        assert world.row("koop").cursor == before
        assert len(world.items()) == 3


def test_a_visit_to_the_search_service_killed_between_two_pages_loses_nothing(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        serve_sru(world)
        tripwire = Tripwire(world, PATH, 3)
        tripwire.run = world.begin()
        tripwire.run.process.join(60)
        assert tripwire.run.process.exitcode == -9

        ran = world.run()

        assert (ran.failed, ran.problems) == (0, [])
        assert {item.native_id for item in world.items()} == {"gmb-1", "gmb-3", "gmb-5"}
        assert len(world.items()) == 3


# -- council papers -----------------------------------------------------------------------------------


def serve_council(world: World, **more: object) -> Aggregator:
    council = Aggregator(world)
    for number, name in enumerate(
        [
            "Subsidie voor het dorpshuis",
            "Begroting",
            "Burgerinitiatief zwembad",
            "Notulen",
            "Motie buurthuis open",
        ],
        1,
    ):
        council.put(number, name)
    world.source("raad", world.web.url("/"), kind="council", council="soest", **more)
    return council


def numbers(world: World) -> list[str]:
    return sorted(item.native_id.rpartition(":")[2] for item in world.items() if not item.gone_at)


@pytest.mark.both_databases
def test_papers_are_read_from_the_snapshot_and_then_only_what_changed(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        council = serve_council(world)

        ran = world.run()

        assert (ran.failed, ran.problems) == (0, [])
        assert ran.items == {"new": 3}
        assert numbers(world) == ["1", "3", "5"]
        assert {item.url for item in world.items()} == {f"https://soest.example/{n}" for n in (1, 3, 5)}
        assert all("spitten, zaaien" in text and "#" not in text for text in world.texts().values())
        assert not world.web.asked_for(council.path(2))
        assert world.row("raad").cursor == {"phase": "changes", "at": "c5"}

        assert world.run().items == {}
        assert world.asked() == ["/api/export/changes"]

        council.put(6, "Inspraak over het plein")
        council.put(3, "Burgerinitiatief zwembad is geslaagd")
        council.put(7, "Rioolheffing")
        council.delete(1)
        ran = world.run()

        assert ran.items == {"new": 1, "changed": 1}
        assert "/api/export/snapshot" not in world.asked()
        # A tombstone is the first "gone": its item stays until a second one.
        assert numbers(world) == ["3", "5", "6"]
        assert len(world.items()) == 4


def test_what_changes_while_the_snapshot_is_read_is_not_missed(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        council = serve_council(world)
        answer = world.web.answer

        def meanwhile(asked: Asked) -> Answer:
            given = answer(asked)
            if asked.path == "/api/export/snapshot" and "8" not in str(council.names):
                # It sorts before what was read: the snapshot itself does not show it.
                council.put(8, "Buurtbudget voor de wijk", sorts="0")
            return given

        world.web.answer = meanwhile  # type: ignore[method-assign]
        world.run()

        assert "8" in numbers(world)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(("/api/export/snapshot", 2), id="between two pages of the snapshot"),
        pytest.param(("/api/entities/", 2), id="between two papers"),
        pytest.param(("/api/export/changes", 1), id="between snapshot and changes"),
    ],
)
def test_a_visit_to_the_council_killed_anywhere_loses_and_doubles_nothing(
    settings: Settings, engine: Engine, moment: tuple[str, int]
) -> None:
    with World(settings, engine) as world:
        council = serve_council(world)
        tripwire = Tripwire(world, *moment)
        tripwire.run = world.begin()
        tripwire.run.process.join(60)
        assert tripwire.run.process.exitcode == -9
        before = numbers(world)
        # Changed while nobody was looking.
        council.put(8, "Wijkbudget")

        ran = world.run()

        assert (ran.failed, ran.problems) == (0, [])
        assert numbers(world) == ["1", "3", "5", "8"]
        # What was stored is not asked for again.
        assert before
        assert not {council.path(int(number)) for number in before} & set(world.asked())
        assert world.run().items == {}


def test_a_snapshot_of_many_pages_is_read_in_several_visits(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        serve_council(world)
        limits = {f"{visit.__name__}:MOST_PAGES": 2}

        counts, told = [], 0
        for _ in range(8):
            warned = world.run(limits=limits).warned("raad")
            assert "left out" not in warned
            told += "2 list pages were read; the next visit goes on there" in warned
            counts.append(len(world.items()))

        assert counts[-1] == 3
        assert counts == sorted(counts)
        assert told >= 3
        assert world.row("raad").cursor == {"phase": "changes", "at": "c5"}


def test_a_server_that_has_had_enough_is_left_alone_and_read_on_afterwards(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        council = serve_council(world)
        council.units = 3
        begin = datetime.now(UTC)

        ran = world.run(now=begin)

        assert "asks to be left alone" in ran.problem("raad")
        stored = numbers(world)
        assert stored == ["1"]

        council.units = None
        assert world.run(now=begin).items == {}
        assert world.asked() == []

        ran = world.run(now=begin + timedelta(minutes=1))

        assert (ran.failed, numbers(world)) == (0, ["1", "3", "5"])
        assert council.path(1) not in world.asked()


def test_a_broken_line_costs_that_line_and_is_named(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        council = serve_council(world)
        council.rubbish = '{"seq": 9, "op": "upsert", "entity_id": \n'

        ran = world.run()

        assert ran.items == {"new": 3}
        assert "1 records can't be read and are left out: line 3 of" in ran.warned("raad")


def test_only_names_are_read_where_full_text_is_off(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        serve_council(world, full_text=False)

        assert world.run().items == {"new": 3}

        assert not [path for path in world.asked() if path.startswith("/api/entities/")]


def test_a_cursor_that_the_server_forgot_means_reading_anew(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        council = serve_council(world)
        world.run()
        council.refuses_cursors = True
        council.put(9, "Dorpsfonds")

        ran = world.run()

        assert "all papers are read anew" in ran.warned("raad")
        assert "9" in numbers(world)


def test_a_council_that_the_server_does_not_know_is_a_problem(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        Aggregator(world)
        world.source("raad", world.web.url("/"), kind="council", council="nergens")

        ran = world.run()

        assert "no papers of council 'nergens' (400, unknown_export_source)" in ran.problem("raad")

"""Which sources are visited when: their rhythm, back-off, terms of use, and changes of the source files."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from models.database import session_factory
from models.health import Yield
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.settings import Settings
from models.source_day import SourceDay
from models.words import LeadStatus
from scout.crawl.schedule import next_visit, pace, retry_after
from tests.scout.gather_driver import Run
from tests.scout.gather_world import PROSE, Entry, World, article
from tests.web import Answer, hanging

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def terms(world: World, checked: str = "2026-11-01", path: str = "/voorwaarden") -> str:
    """Terms as a source file has them."""
    address = world.web.url(path)
    return f'{{ url = "{address}", checked = {checked}, basis = "6(1)(e) AVG", purpose = "vinden" }}'


def test_sources_are_visited_when_due_and_pause_longer_after_each_failure(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        world.feed("uur", [], every="1h", terms=terms(world))
        world.feed("dag", [], every="1d", terms=terms(world))
        world.source("stuk", world.web.route("/stuk.xml", Answer("", 404)), every="1h", terms=terms(world))

        def visited(after: timedelta, everything: bool = False) -> set[str]:
            ran = world.run(everything=everything, now=NOW + after)
            assert ran.sources == len(world.asked())
            return {path.removeprefix("/").removesuffix(".xml") for path in world.asked()}

        assert visited(timedelta()) == {"uur", "dag", "stuk"}
        assert visited(0.9 * HOUR) == set()
        assert visited(1 * HOUR) == {"uur"}
        assert visited(2.5 * HOUR) == {"uur", "stuk"}  # after one failure: two hours, give or take
        assert visited(4 * HOUR) == {"uur"}
        assert visited(4.1 * HOUR, everything=True) == {"uur", "dag", "stuk"}
        row = world.row("stuk")
        assert row.consecutive_failures == 3
        assert row.next_visit_at is not None
        assert 7 * HOUR < row.next_visit_at - (NOW + 4.1 * HOUR) < 9 * HOUR

        world.feed("stuk", [], every="1h", terms=terms(world))
        assert visited(14 * HOUR) == {"uur", "stuk"}
        assert world.row("stuk").consecutive_failures == 0
        assert world.row("stuk").next_visit_at == world.row("uur").next_visit_at


def test_the_pause_after_failures_doubles_up_to_a_day_and_differs_between_sources() -> None:
    after = [(next_visit("krant", 3600, failures, NOW) - NOW) / HOUR for failures in range(8)]

    assert after[0] == 1.0
    for hours, expected in zip(after[1:], (2, 4, 8, 16, 24, 24, 24), strict=True):
        assert hours == pytest.approx(expected, rel=0.1)
    assert next_visit("week", 7 * 86400, 3, NOW) - NOW > timedelta(days=6)
    others = {next_visit(f"bron-{number}", 3600, 1, NOW) for number in range(50)}
    assert len(others) == 50
    assert next_visit("krant", 3600, 1, NOW) == next_visit("krant", 3600, 1, NOW)


def lately(days: int = 89, items: int = 400, accepted: int = 0, room: int = 50) -> Yield:
    return Yield(days=days, items=items, accepted=accepted, room=room)


@pytest.mark.parametrize(
    ("brought", "every", "network", "expected"),
    [
        pytest.param(None, 3600, 50, 1.0, id="not visited lately"),
        pytest.param(lately(accepted=1), 3600, 50, 1.0, id="one accepted lead is enough"),
        pytest.param(lately(days=59), 3600, 50, 1.0, id="young"),
        pytest.param(lately(items=99), 3600, 50, 1.0, id="gives little"),
        pytest.param(lately(items=100), 3600, 50, 1.0, id="at the threshold"),
        pytest.param(lately(items=150), 3600, 50, 1.5, id="barren, little by little"),
        pytest.param(lately(items=300), 3600, 50, 3.0, id="barren for longer"),
        pytest.param(lately(), 3600, 50, 4.0, id="barren for long"),
        pytest.param(lately(items=9000, room=5000), 3600, 50, 4.0, id="never over four times"),
        pytest.param(lately(), 3600, 9, 1.0, id="nobody decides: none is barren"),
        pytest.param(lately(), 12 * 3600, 50, 2.0, id="a day at most"),
        pytest.param(lately(), 7 * 86400, 50, 1.0, id="over a day already"),
        # 890 items in 89 days: ten a day; half of a list of ten is used up in twelve hours.
        pytest.param(lately(items=890, room=10), 4 * 3600, 50, 3.0, id="its list would run past"),
        pytest.param(lately(items=8900, room=10), 3600, 50, 1.2, id="a fast and short list"),
        pytest.param(lately(items=89000, room=10), 3600, 50, 1.0, id="never sooner than every"),
        pytest.param(lately(room=0), 3600, 50, 1.0, id="no list was ever seen"),
    ],
)
def test_barren_sources_are_left_alone_for_longer_within_bounds(
    brought: Yield | None, every: int, network: int, expected: float
) -> None:
    assert pace(brought, every, network) == pytest.approx(expected)


def test_sources_that_brought_accepted_leads_are_visited_as_often_as_allowed(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        known = {"goed": 80, "kaal": 80, "jong": 20}
        for key in known:
            world.feed(key, [], every="1h", terms=terms(world))
        world.run(now=NOW - 90 * 24 * HOUR, everything=True)
        with session_factory(engine)() as session:
            for key, days in known.items():
                for ago in range(1, days + 1):
                    day = (NOW - ago * 24 * HOUR).date()
                    session.add(SourceDay(source_key=key, day=day, visits=1, new=5, drafts=20))
            for number in range(12):
                at = NOW - number * 24 * HOUR
                item = Item(
                    source_key="goed", url_key=f"u{number}", external_key="", url="", title="",
                    first_seen_at=at, last_seen_at=at, entry_hash="", content_hash="",
                )  # fmt: skip
                lead = Lead(title="", score=0.5, opened_at=at, extended_at=at, decided_at=at)
                lead.status = LeadStatus.PROMOTED
                session.add_all([item, lead])
                session.flush()
                session.add(LeadItem(lead_id=lead.id, item_id=item.id, added_at=at))
            session.commit()

        def visited(after: timedelta, **options: bool) -> set[str]:
            world.run(now=NOW + after, **{"everything": False, **options})
            return {path.removeprefix("/").removesuffix(".xml") for path in world.asked()}

        assert visited(timedelta()) == set(known)
        assert [world.row(key).next_visit_at for key in known] == pytest.approx(
            [NOW + HOUR, NOW + 4 * HOUR, NOW + HOUR], abs=HOUR / 60
        )
        assert visited(0.9 * HOUR) == set()
        assert visited(1.1 * HOUR) == {"goed", "jong"}
        assert visited(1.2 * HOUR, everything=True) == set(known)
        assert visited(5 * HOUR) == {"goed", "jong"}  # counted from that visit
        assert visited(6 * HOUR) == set(known)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("120", NOW + timedelta(minutes=2), id="seconds"),
        pytest.param("Fri, 20 Nov 2026 13:00:00 GMT", NOW + HOUR, id="date"),
        pytest.param("Fri, 20 Nov 2026 11:00:00 GMT", NOW, id="date that is over"),
        pytest.param("99999999999999999", NOW + timedelta(days=365), id="for ever"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", NOW + timedelta(days=365), id="end of time"),
        pytest.param("morgen", None, id="words"),
        pytest.param("-5", None, id="negative"),
        pytest.param("", None, id="empty"),
        pytest.param("²", None, id="no ASCII digit"),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, expected: datetime | None) -> None:
    assert retry_after(value, NOW) == expected


def test_only_sources_with_reviewed_terms_of_a_kind_we_read_are_visited(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        world.feed("goed", [], terms=terms(world))
        world.feed("zonder", [], terms="")
        world.feed("verlopen", [], terms=terms(world, "2025-11-01"))
        world.feed("uit", [], terms="", enabled=False)
        world.source("hand", "https://social.example", kind="handin", terms=terms(world))

        ran = world.run(now=NOW)

        assert world.asked() == ["/goed.xml"]
        assert (ran.sources, ran.failed) == (1, 0)
        assert "its terms of use are not reviewed" in ran.problem("zonder")
        assert "over 12 months ago" in ran.problem("verlopen")
        assert "kind handin can't be read yet" in ran.problem("hand")
        assert ran.troubled == {"zonder", "verlopen", "hand"}

        assert "switched off" in world.run(now=NOW, keys=["uit"]).problem("uit")


def test_a_changed_terms_page_pauses_its_source_until_it_is_reviewed(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        web = world.web
        secret = iter(range(100))
        web.route("/v", lambda _: article("Voorwaarden", f"U mag lezen. {PROSE}", f"<!-- {next(secret)} -->"))
        web.route("/weg", Answer("", 404))
        for key in ("een", "twee"):
            world.feed(key, [], terms=terms(world, path="/v"))
        world.feed("onbereikbaar", [], terms=terms(world, path="/weg"))

        ran = world.run(now=NOW)
        assert (ran.problems, web.paths().count("/v"), web.paths().count("/weg")) == ([], 1, 1)
        assert ran.failed == 0
        assert "could not be read" in ran.warned("onbereikbaar")

        world.run(now=NOW + 23 * HOUR)
        assert not {"/v", "/weg"} & set(web.paths())

        # Mark-up with a number used once is no change.
        ran = world.run(now=NOW + 25 * HOUR)
        assert (ran.problems, web.paths().count("/v")) == ([], 1)

        web.route("/v", article("Voorwaarden", f"U mag niets meer. {PROSE}"))
        ran = world.run(now=NOW + 50 * HOUR)
        assert "/een.xml" not in web.paths()
        assert "terms page" in ran.problem("een")
        assert ran.troubled == {"een", "twee"}
        assert (ran.sources, ran.failed) == (1, 0)

        ran = world.run(now=NOW + 51 * HOUR)
        assert "read the new terms and set terms.checked" in ran.problem("twee")
        assert "/twee.xml" not in web.paths()

        world.feed("een", [], terms=terms(world, "2026-11-21", path="/v"))  # before the change
        assert "een" in world.run(now=NOW + 52 * HOUR).troubled
        world.feed("een", [], terms=terms(world, "2026-11-22", path="/v"))  # the day of the change
        ran = world.run(now=NOW + 53 * HOUR)
        assert ran.troubled == {"twee"}
        assert "/een.xml" in web.paths()


def test_a_terms_page_that_hangs_does_not_hold_up_the_run(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, "127.0.0.1", "127.0.0.2", timeout_seconds=60) as world:
        world.web.route("/v", hanging(world.web), address="127.0.0.2")
        address = world.web.url("/v", address="127.0.0.2")
        world.news(
            "krant", 1, terms=f'{{ url = "{address}", checked = 2026-11-01, basis = "x", purpose = "y" }}'
        )

        ran = world.run(now=NOW)

        assert (ran.items, ran.problems) == ({"new": 1}, [])
        assert "could not be read in time" in ran.warned("krant")
        assert ran.seconds < 10  # the limit of a try, let alone that of this setting


def test_source_files_are_followed(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        entries = [Entry(world.page("/a"), summary=PROSE)]
        world.feed("blijft", entries, full_text=False, municipality="Arnhem")
        world.feed("gaat", [])
        world.run()
        assert world.row("blijft").validators
        assert world.row("blijft").defined_in == "sources/blijft.toml"

        # Another address: what was learnt of the old one no longer counts.
        world.file("gaat").unlink()
        world.source("blijft", world.web.route("/nieuw.xml", Answer("", 500)), full_text=False)
        world.run()
        assert world.row("blijft").validators == {}
        assert world.row("blijft").municipality_code is None
        assert world.row("gaat").removed_at is not None
        assert len(world.items()) == 1

        # A mistake in a file is no removal; a source that comes back is itself again.
        world.file("blijft").write_text("[[source]\n", "utf-8")
        world.feed("gaat", [])
        ran = world.run()
        assert ran.troubled == {"sources/blijft.toml"}
        assert world.row("blijft").removed_at is None
        assert world.row("gaat").removed_at is None


def test_a_key_that_is_not_defined_is_wrong_use(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.feed("krant", [])
        begun = world.begin(keys=["krnat"])
        begun.process.join(60)

        assert isinstance(begun, Run)
        assert begun.process.exitcode == 1
        assert "UnknownSourceError: no source file defines 'krnat'" in begun.stderr()
        assert world.web.paths() == []

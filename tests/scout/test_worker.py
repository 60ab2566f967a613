"""The worker as an operator meets it: errands within seconds, runs, a clean end, and nothing done twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select, update

from models.base import utc_now
from models.database import session_factory
from models.errand import Errand
from models.item import Item
from models.prediction import Prediction
from models.run import Run
from models.source_definition import SourceDefinition, Terms
from models.store.added_sources import add_source, visit_soon
from models.store.errands import TAKEN_FOR, ask, errand_of
from models.words import ErrandKind, SourceKind
from scout.errands import note_broken
from tests.scout.command import environment_of
from tests.scout.gather_world import Entry, World, article, rss
from tests.web import hanging

#: Seconds after which something that should happen is given up; far more than any of it takes.
GIVE_UP = 300.0


@pytest.fixture
def world(trained, engine):
    with World(trained, engine, timeout_seconds=30.0) as world:
        yield world


@contextmanager
def worker(world: World, *words: str) -> "Iterator[subprocess.Popen[str]]":
    """A worker at work, on errands alone unless told otherwise; killed at the end if it is still there."""
    with subprocess.Popen(
        [sys.executable, "-m", "scout", "worker", *(words or ["--errands-only"])],
        env=environment_of(world.settings),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(what: Callable[[], Any]) -> Any:
    """Wait until something holds, and return it."""
    give_up = time.monotonic() + GIVE_UP
    while time.monotonic() < give_up:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never happened")


def row(world: World, number: int) -> Errand:
    with session_factory(world.engine, writes=False)() as session:
        errand = errand_of(session, number)
        assert errand is not None
        return errand


def done(world: World, number: int) -> Errand:
    return until(lambda: (errand := row(world, number)).done_at is not None and errand)


def probe(world: World, url: str) -> int:
    with session_factory(world.engine)() as session:
        errand = ask(session, ErrandKind.PROBE, url=url, account_id=None, now=utc_now())
        session.commit()
        return errand.id


def feed(world: World, name: str = "krant") -> str:
    link = world.page(f"/{name}/1", article(f"Bericht van {name}"))
    return world.page(f"/{name}.xml", rss([Entry(link, f"Bericht van {name}")]))


def added(world: World, url: str, every_seconds: int = 3600) -> None:
    """A source that was added on a page."""
    terms = Terms(
        url=world.web.url("/voorwaarden"), checked=datetime.now(UTC).date(), basis="6(1)(e)", purpose="vinden"
    )
    definition = SourceDefinition(
        key="krant",
        title="Krant",
        kind=SourceKind.FEED,
        url=url,
        every_seconds=every_seconds,
        terms=terms,
    )
    with session_factory(world.engine)() as session:
        add_source(session, definition, account_id=None, now=utc_now())
        session.commit()


def count(world: World, table: type) -> int:
    with session_factory(world.engine, writes=False)() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_look_and_a_visit_are_done_as_soon_as_they_are_asked_and_sigterm_ends_it(world):
    url = feed(world)
    with worker(world) as process:
        look = done(world, probe(world, url))
        assert (look.problem, look.result["refusal"]) == (None, None)
        assert [item["title"] for item in look.result["found"][0]["items"]] == ["Bericht van krant"]
        assert count(world, Item) == 0, "a look stores nothing"

        added(world, url)
        with session_factory(world.engine)() as session:
            visit = visit_soon(session, "krant", account_id=None, now=utc_now()).id
            session.commit()
        assert done(world, visit).result["items"]["new"] == 1
        assert (count(world, Item), count(world, Prediction)) == (1, 1), "flagged as well"

        process.terminate()
        assert process.wait(GIVE_UP) == 0
        assert process.stderr is not None
        assert "the worker has stopped" in process.stderr.read()


def test_due_sources_are_visited_without_anybody_asking(world):
    added(world, feed(world))
    with worker(world, "--every", "1h"):
        until(lambda: count(world, Prediction))

    assert count(world, Run) == 1


def test_what_can_not_be_read_is_a_problem_of_the_errand_and_not_of_the_worker(world):
    with worker(world) as process:
        refused = done(world, probe(world, "https://www.facebook.com/groups/kanarie"))
        gone = done(world, probe(world, world.web.url("/weg")))

        codes = [errand.result["refusal"]["code"] for errand in (refused, gone)]
        assert codes == ["blocked", "unreachable"]
        assert "hand in" in (refused.problem or "")
        assert "kanarie" not in refused.url + str(refused.result)
        assert process.poll() is None


@pytest.mark.parametrize(
    "url", ["@kanarie@elders.example", "https://elders.example/@kanarie", "elders.example/u/kanarie"]
)
def test_an_address_that_nobody_could_look_behind_names_nobody(world, url):
    number = probe(world, url)

    note_broken(world.engine, number, -9, lambda said: None)

    assert row(world, number).url == "https://elders.example/"
    assert "killed by signal 9" in (row(world, number).problem or "")


def test_a_visit_that_can_not_be_made_says_why(world):
    added(world, feed(world))
    with session_factory(world.engine)() as session:
        visit = visit_soon(session, "krant", account_id=None, now=utc_now())
        session.commit()
    world.web.route("/krant.xml", "geen feed")

    with worker(world):
        assert "not a feed" in (done(world, visit.id).problem or "")


def test_two_workers_do_each_errand_once(world):
    urls = [feed(world, f"krant-{number}") for number in range(4)]
    with worker(world), worker(world):
        numbers = [probe(world, url) for url in urls]
        for number in numbers:
            assert done(world, number).problem is None

    for url in urls:
        assert len(world.web.asked_for("/" + url.rpartition("/")[2])) == 1


def test_a_worker_that_is_told_to_stop_leaves_its_errand_to_another(world):
    url = world.page("/traag.xml", hanging(world.web, 60))
    number = probe(world, url)
    with worker(world) as process:
        until(lambda: world.web.asked_for("/traag.xml"))
        process.terminate()
        assert process.wait(GIVE_UP) == 0

    assert (row(world, number).begun_at, row(world, number).done_at) == (None, None)
    world.web.route("/traag.xml", rss([Entry(world.page("/a", article()))]))
    with worker(world):
        assert done(world, number).result["found"][0]["count"] == 1


def test_an_errand_of_a_worker_that_was_killed_is_taken_up_again_later(world):
    url = world.page("/traag.xml", hanging(world.web, 60))
    number = probe(world, url)
    with worker(world) as process:
        until(lambda: world.web.asked_for("/traag.xml"))
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    _, alive = psutil.wait_procs(children, timeout=GIVE_UP)
    assert alive == [], "children end with their worker"
    world.web.route("/traag.xml", rss([Entry(world.page("/a", article()))]))

    other = feed(world)
    with worker(world):
        done(world, probe(world, other))
        assert row(world, number).done_at is None, "somebody may still be at it"
        with session_factory(world.engine)() as session:
            session.execute(update(Errand).where(Errand.id == number).values(begun_at=utc_now() - TAKEN_FOR))
            session.commit()
        assert done(world, number).result["found"][0]["count"] == 1


def test_a_child_that_breaks_is_noted_and_the_worker_goes_on(world):
    number = probe(world, world.page("/traag.xml", hanging(world.web, 60)))
    with worker(world) as process:
        until(lambda: world.web.asked_for("/traag.xml"))
        (child,) = [
            one
            for one in psutil.Process(process.pid).children()
            if one.cmdline()[-2:] == ["errand", str(number)]
        ]
        child.kill()

        assert "killed by signal 9" in (done(world, number).problem or "")
        assert done(world, probe(world, feed(world))).problem is None


def scout(world: World, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "scout", *words],
        env=environment_of(world.settings),
        capture_output=True,
        text=True,
        timeout=GIVE_UP,
        check=False,
    )


def test_without_a_worker_a_run_does_what_waits_first(world):
    number = probe(world, feed(world))

    ran = scout(world, "run", "--json")

    assert (ran.returncode, row(world, number).problem) == (0, None), ran.stderr
    assert row(world, number).result["found"][0]["kind"] == "feed"
    assert ran.stdout.count("\n") == 1


def test_errands_of_yesterday_are_given_up_and_old_ones_forgotten(world):
    with session_factory(world.engine)() as session:
        for days, url in ((2, "https://a.example/"), (8, "https://b.example/")):
            ask(
                session,
                ErrandKind.PROBE,
                url=url,
                account_id=None,
                now=datetime.now(UTC) - timedelta(days=days),
            )
        session.commit()

    assert scout(world, "errands", "--json").stdout == '{"errands": 0}\n'

    with session_factory(world.engine, writes=False)() as session:
        (left,) = session.scalars(select(Errand)).all()
    assert (left.url, left.done_at is not None) == ("https://a.example/", True)


def test_no_length_of_time_is_wrong_use_and_an_unknown_errand_is_named(world):
    wrong = scout(world, "worker", "--every", "soon")
    unknown = scout(world, "errand", "999")

    assert (wrong.returncode, unknown.returncode) == (2, 1)
    assert "'soon' is not a length of time" in wrong.stderr
    assert unknown.stderr == "scout: there is no errand 999\n"


def test_a_database_that_can_not_be_used_is_a_sentence_and_another_try(world, tmp_path):
    folder = tmp_path / "elders"
    folder.mkdir()
    broken = folder / "scout.db"
    broken.write_bytes(b"this is no database, and never was one" * 100)
    world.settings = world.settings.model_copy(update={"database_url": f"sqlite:///{broken}"})
    with worker(world) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(2)]
        assert "the worker goes on in 5 seconds: the database can't be used" in said[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(GIVE_UP) == 0

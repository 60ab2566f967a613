"""Killed at any moment and run again, gathering ends in the same state as a run that nobody disturbed."""

import threading

import pytest
from sqlalchemy import Engine, func, select

from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.settings import Settings
from tests.scout.gather_driver import Run
from tests.scout.gather_world import PROSE, World, article
from tests.web import Answer, Asked

#: Moments to kill at: the n-th request for one of these paths.
MOMENTS = [
    pytest.param(("/robots.txt", 1), id="before anything is fetched"),
    pytest.param(("/krant.xml", 1), id="while a list is fetched"),
    pytest.param(("/krant/", 1), id="at the first article"),
    pytest.param(("/krant/", 4), id="amid the articles"),
    pytest.param(("/oud-2.xml", 1), id="between two pages of a list"),
    pytest.param(("/oud/", 6), id="at the last article of the second page"),
]


class Tripwire:
    """Kills a run at its n-th request for a path that begins so."""

    def __init__(self, world: World, begin: str, number: int) -> None:
        self.begin, self.left = begin, number
        self.run: Run | None = None
        self._lock = threading.Lock()
        self._answer = world.web.answer
        world.web.answer = self.answer  # type: ignore[method-assign]

    def answer(self, asked: Asked) -> Answer:
        """The usual answer; at the moment to kill, to nobody."""
        if asked.path.startswith(self.begin):
            with self._lock:
                self.left -= 1
                if self.left == 0 and self.run is not None:
                    self.run.process.kill()
        return self._answer(asked)


def serve(world: World) -> None:
    """A feed of six articles, and a paged one of three and three."""
    world.news("krant", 6)
    for page, numbers in ((1, (6, 5, 4)), (2, (3, 2, 1))):
        following = '<link rel="next" href="/oud-2.xml"/>' if page == 1 else ""
        entries = ""
        for number in numbers:
            world.page(f"/oud/{number}", article(f"Bericht {number}", f"Nummer {number} van oud. {PROSE}"))
            entries += (
                f"<entry><id>urn:{number}</id><title>Bericht {number}</title>"
                f'<link href="/oud/{number}"/></entry>'
            )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{following}{entries}</feed>'
        world.web.route(f"/oud-{page}.xml", feed)
    world.source("oud", world.web.url("/oud-1.xml"))


def state(world: World) -> set[tuple[str, ...]]:
    """All that is stored, but for what differs by nature: ids, times and the port of the server."""
    root = world.web.url("")
    with session_factory(world.engine, writes=False)() as session:
        rows = session.execute(
            select(Item.source_key, Item.url, Item.title, Item.language, ItemText.text).join(
                ItemText, ItemText.item_id == Item.id
            )
        )
        found = [(row[0], row[1].removeprefix(root), *row[2:]) for row in rows]
        assert session.scalar(select(func.count()).select_from(Item)) == len(found)
    assert len(found) == len(set(found))
    return set(found)


def undisturbed(world: World) -> set[tuple[str, ...]]:
    """What a run that nobody disturbs leaves."""
    return {
        *(
            ("krant", f"/krant/{n}", f"Bericht {n} van krant", "nl", f"Nummer {n} van krant. {PROSE}".strip())
            for n in range(6)
        ),
        *(
            ("oud", f"/oud/{n}", f"Bericht {n}", "nl", f"Nummer {n} van oud. {PROSE}".strip())
            for n in range(1, 7)
        ),
    }


def stored(world: World) -> set[str]:
    """Paths of what is stored now."""
    return {item.url.removeprefix(world.web.url("")) for item in world.items()}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_loses_nothing_and_repeats_only_what_was_not_stored(
    settings: Settings, engine: Engine, moment: tuple[str, int]
) -> None:
    with World(settings, engine) as world:
        serve(world)
        tripwire = Tripwire(world, *moment)
        tripwire.run = world.begin()
        tripwire.run.process.join(60)
        assert tripwire.run.process.exitcode == -9
        before = stored(world)

        ran = world.run()

        assert (ran.failed, ran.problems) == (0, [])
        assert state(world) == undisturbed(world)
        assert not before & set(world.asked())
        assert sum(ran.items.values()) >= 12 - len(before)
        # And then there is nothing left to do.
        assert world.run().items == {}
        assert not world.row("oud").unread_pages
        assert [run.finished_at is not None for run in world.runs("krant")][-2:] == [True, True]


def test_a_run_killed_again_and_again_gets_there(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        serve(world)
        counts = []
        for number in (3, 2, 2):
            tripwire = Tripwire(world, "/krant/", number)
            tripwire.run = world.begin()
            tripwire.run.process.join(60)
            counts.append(len(stored(world)))

        world.run()

        assert counts == sorted(counts)
        assert state(world) == undisturbed(world)

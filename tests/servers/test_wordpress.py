"""Visiting a real WordPress, and following what its editors do: publish, edit, bin, delete, close the API."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from tests.scout.gather_world import PROSE
from tests.scout.recheck_world import HOUR, WEEK, RecheckWorld
from tests.servers.wordpress import WordPress, needs_wordpress

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    needs_wordpress()
    with WordPress(tmp_path_factory.mktemp("wordpress")) as running:
        yield running


def test_what_editors_do_is_followed(site: WordPress, settings: Settings, engine: Engine) -> None:
    numbers = [site.write(f"Bericht {number}", f"Nummer {number}. {PROSE}") for number in range(4)]
    kept, edited, binned, deleted = numbers
    with RecheckWorld(settings, engine, timeout_seconds=20.0) as world:
        world.source("dorpshuis", site.url, kind="wordpress")
        visit = world.run()
        # And the one that WordPress comes with. All of them by their pages, and not by their excerpts.
        assert (visit.items, visit.warnings, visit.problems) == ({"new": 5}, [], [])
        world.remember()
        titles = {item.title: item for item in world.items()}
        assert {f"Bericht {number}" for number in range(4)} <= titles.keys()
        assert titles["Bericht 0"].native_id == str(kept)

        site.close_api()
        assert world.recheck(WEEK)["items"]["gone"] == 0
        site.open_api()
        site.edit(edited, "Bericht 1 is anders", f"Heel andere woorden. {PROSE}")
        site.bin(binned)
        site.delete(deleted)
        first = world.recheck(2 * WEEK)
        assert (first["items"]["gone"], first["withdrawn"], first["changed"]) == (2, 0, 1)
        second = world.recheck(2 * WEEK + 2 * HOUR)

        assert (second["items"]["gone"], second["withdrawn"]) == (2, 2)
        assert world.gone() == ["/bericht-2/", "/bericht-3/"]
        assert world.item(titles["Bericht 1"].url).title == "Bericht 1 is anders"
        assert "Heel andere woorden" in world.texts()[titles["Bericht 1"].url]
        site.php(f"wp_untrash_post({binned}); wp_publish_post({binned});")
        assert world.gather(3 * WEEK).get("suppressed") == 1

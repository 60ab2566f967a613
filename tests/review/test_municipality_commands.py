"""``review municipality`` as an administrator uses it."""

import json

import pytest

from models.settings import Settings
from tests.review.commands import Run, runs


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs ``review municipality …`` on the folder of the test."""
    return runs(settings.var, "municipality")


@pytest.mark.usefixtures("engine")
def test_a_municipality_joins_and_leaves_again(run: Run) -> None:
    done = run("set", "arnhem", "--from", "2026-01-01", "--until", "2099-12-31")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "GM0202\tArnhem\tfrom 2026-01-01 until 2099-12-31\tnow\n"

    row = {"code": "GM0202", "name": "Arnhem", "start": "2026-01-01", "end": "2099-12-31", "now": True}
    assert json.loads(run("list", "--json").stdout) == {"municipalities": [row]}

    gone = json.loads(run("set", "GM0202", "--never", "--json").stdout)
    assert gone == {**row, "start": None, "end": None, "now": False}
    assert "no municipality takes part yet" in run("list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        pytest.param(["set", "Atlantis"], 2, "no municipality 'Atlantis'", id="unknown"),
        pytest.param(["set", "Arnhem", "--until", "2001-01-01"], 2, "before the first", id="wrong way round"),
        pytest.param(["set", "Arnhem", "--from", "morgen"], 2, "morgen", id="no day"),
        pytest.param(["set", "Arnhem", "--never", "--until", "2030-01-01"], 2, "--never", id="two answers"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_can_not_be_is_said_in_one_sentence(
    run: Run, arguments: list[str], code: int, sentence: str
) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_listing_makes_no_database(run: Run, settings: Settings) -> None:
    done = run("list")

    assert done.returncode == 1
    assert "run scout init" in done.stderr
    assert not (settings.var / "scout.db").exists()

"""The command ``scout`` as a user meets it: exit codes, JSON on stdout, one sentence for each trouble."""

import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMANDS = [
    "init",
    "sources",
    "run",
    "gather",
    "flag",
    "group",
    "score",
    "train",
    "evaluate",
    "status",
    "purge",
    "worker",
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config" / "sources").mkdir(parents=True)
    return tmp_path


def scout(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``scout`` in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "scout", *words],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", ["", *COMMANDS, "sources check", "sources list", "sources add"])
def test_every_command_has_help(home: Path, command: str) -> None:
    done = scout(home, *command.split(), "--help")

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")
    assert not (home / "var").exists()


def test_init_prints_one_object_and_doubles_nothing(home: Path) -> None:
    first = scout(home, "init", "--json")
    second = scout(home, "init", "--json")

    assert json.loads(first.stdout) == {"municipalities": 342, "places": 2501, "neighbourhoods": 18378}
    assert second.stdout == first.stdout
    assert (home / "var" / "scout.db").exists()


@pytest.mark.parametrize(
    ("words", "environment", "code", "said"),
    [
        pytest.param(["fly"], {}, 2, "No such command 'fly'", id="unknown command"),
        pytest.param(["run", "--every", "soon"], {}, 2, "'soon' is not a length of time", id="no duration"),
        pytest.param(["init"], {"SCOUT_KEEP_TEXT_DAYS": "x"}, 2, "SCOUT_KEEP_TEXT_DAYS", id="bad setting"),
        pytest.param(["init"], {"SCOUT_DATABASE_URL": "nonsense"}, 2, "SCOUT_DATABASE_URL", id="bad address"),
        pytest.param(["score", "nowhere.jsonl"], {}, 2, "nowhere.jsonl: No such file", id="no file"),
        pytest.param(["sources", "import", "no.opml"], {}, 2, "no.opml: No such file", id="no OPML file"),
        pytest.param(["gather", "--source", "none"], {}, 2, "no source file defines 'none'", id="no source"),
        pytest.param(["run", "--source", "none"], {}, 2, "defines 'none'", id="run: no source"),
        pytest.param(
            ["init"],
            {"SCOUT_DATABASE_URL": "sqlite:////proc/nowhere/scout.db"},
            1,
            "/proc/nowhere",
            id="no place for the database",
        ),
    ],
)
def test_trouble_is_one_sentence_and_an_exit_code(
    home: Path, words: list[str], environment: dict[str, str], code: int, said: str
) -> None:
    done = scout(home, *words, **environment)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_mistake_in_a_source_file_names_file_source_and_key(home: Path) -> None:
    (home / "config" / "sources" / "arnhem.toml").write_text(
        '[[source]]\nkey = "koerier"\ntitle = "K"\nkind = "feed"\nurl = "https://k.nl/rss"\nevry = "1h"\n'
    )

    done = scout(home, "sources", "check")
    as_json = scout(home, "sources", "check", "--json")

    assert done.returncode == as_json.returncode == 1
    assert "arnhem.toml" in done.stderr
    assert "koerier" in done.stderr
    assert "evry" in done.stderr
    (problem,) = json.loads(as_json.stdout)["problems"]
    assert (Path(problem["file"]).name, problem["source"], problem["key"]) == (
        "arnhem.toml",
        "koerier",
        "evry",
    )


def test_a_mistake_that_is_the_files_own_names_the_file_only(home: Path) -> None:
    (home / "config" / "sources" / "arnhem.toml").write_text("[[source\n")

    done = scout(home, "sources", "check")

    assert done.returncode == 1
    assert done.stderr.startswith("sources/arnhem.toml: is no valid TOML")


def test_sources_without_mistakes_pass_and_are_listed_with_what_will_happen(home: Path) -> None:
    (home / "config" / "sources" / "arnhem.toml").write_text(
        '[[source]]\nkey = "koerier"\ntitle = "Koerier"\nkind = "feed"\nurl = "https://k.example/rss"\n'
    )

    assert scout(home, "sources", "check").returncode == 0
    (row,) = json.loads(scout(home, "sources", "list", "--json").stdout)["sources"]

    assert row["key"] == "koerier"
    assert "terms" in row["state"]


def test_a_run_without_sources_says_so_in_the_agreed_shape(home: Path) -> None:
    done = scout(home, "run", "--json")

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(report) == ["sources", "failed", "items", "flagged", "leads", "seconds", "problems"]
    assert (report["sources"], report["failed"], report["flagged"]) == (0, 0, 0)
    assert report["leads"] == {"opened": 0, "extended": 0}
    assert report["problems"] == []
    assert set(report["items"]) == {
        "new", "changed", "unchanged", "duplicate", "no_text", "no_link", "language", "too_old", "suppressed",
        "error",
    }  # fmt: skip


def test_two_runs_at_once_wait_for_each_other(home: Path) -> None:
    (home / "var").mkdir()
    with open(home / "var" / "scout.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            [sys.executable, "-m", "scout", "purge", "--json"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert waiting.stderr is not None
        assert "another run is at work" in waiting.stderr.readline()
        time.sleep(0.3)
        assert waiting.poll() is None
    output, _ = waiting.communicate(timeout=60)
    assert json.loads(output) == {"texts": 0, "items": 0, "leads": 0, "runs": 0, "audit": 0}


def test_status_before_anything_happened(home: Path) -> None:
    report = json.loads(scout(home, "status", "--json").stdout)

    assert report["sources"] == {}
    assert report["items"]["all"] == 0
    assert report["last_run"] is None

"""``review serve`` as a real process, on an empty folder, with no setting at all."""

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.review.commands import runs

NO_SETTINGS = {name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")}


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """The address of a server that runs in this folder until the block ends."""
    server = subprocess.Popen(
        [sys.executable, "-m", "review.cli", "serve", "--port", "0", *arguments],
        cwd=folder,
        env={**NO_SETTINGS, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        yield found[0]
    finally:
        server.terminate()
        server.wait()


def test_it_starts_on_an_empty_folder_and_makes_database_and_secret_itself(tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        with urllib.request.urlopen(f"{address}healthz") as answer:
            assert json.load(answer) == {"status": "ok"}
            assert "Server" not in answer.headers
        with urllib.request.urlopen(f"{address}") as answer:
            assert answer.url == f"{address}aanmelden"

    secret = tmp_path / "var" / "secret_key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert (tmp_path / "var" / "scout.db").is_file()


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder that was served from before."""
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "scout.db")
    return tmp_path


def test_a_port_that_is_taken_is_said_in_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "review.cli", "serve", "--port", str(port)],
            env={**NO_SETTINGS, "SCOUT_VAR": str(folder / "var")},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"review: can't listen on 127.0.0.1 port {port}: Address already in use"
    ]


@pytest.mark.parametrize(
    ("setting", "value", "code", "words"),
    [
        ("SCOUT_KEEP_TEXT_DAYS", "veel", 2, "SCOUT_KEEP_TEXT_DAYS"),
        ("SCOUT_DATABASE_URL", "nonsens", 2, "SCOUT_DATABASE_URL"),
        ("SCOUT_PRODUCTION", "1", 2, "production = true also needs"),
    ],
)
def test_a_setting_that_can_not_be_used_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, code: int, words: str
) -> None:
    monkeypatch.setenv(setting, value)

    done = runs(tmp_path / "var")("serve", "--port", "0")

    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_behind_a_proxy_only_the_trusted_one_is_believed(folder: Path) -> None:
    request_headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    for arguments, secure in ((("--trusted-proxy", "127.0.0.1"), True), ((), False)):
        with serving(folder, *arguments) as address:
            request = urllib.request.Request(f"{address}healthz", headers=request_headers)
            with urllib.request.urlopen(request) as answer:
                assert ("Strict-Transport-Security" in answer.headers) is secure


@pytest.mark.parametrize(
    "arguments", [[], ["serve"], ["user"], ["user", "add"], ["user", "list"], ["user", "disable"], ["export"]]
)
def test_every_command_explains_itself(tmp_path: Path, arguments: list[str]) -> None:
    done = runs(tmp_path)(*arguments, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: review")

"""Starts ``review serve`` again and again: a process that has imported everything makes a copy of itself.

Importing takes over a second of processor time, each time; the servers are otherwise what the command starts.
"""

import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.settings import Settings
from review.assets import CHECKOUT

if TYPE_CHECKING:
    from flask import Flask


class Servers:
    """The process that makes servers, seen from the tests."""

    def __init__(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")}
        self._maker = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.servers"],
            cwd=CHECKOUT,
            env=clean,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, folder: Path) -> tuple[str, str]:
        """Serve the database in a folder; gives a number to stop it by, and its address."""
        number = self._ask(f"start {folder}")
        said = self._answer()
        address = next((word for word in said.split() if word.startswith("http://")), "")
        assert urlsplit(address).port, said
        return number, address

    def stop(self, number: str) -> None:
        """Stop a server; returns when it is gone."""
        assert self._ask(f"stop {number}") == number

    def close(self) -> None:
        """End the process, and with it what still serves."""
        self._maker.communicate()

    def _ask(self, what: str) -> str:
        assert self._maker.stdin is not None
        self._maker.stdin.write(f"{what}\n")
        self._maker.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._maker.stdout is not None
        return self._maker.stdout.readline().strip()


def make_servers() -> None:
    """What the process does: makes and stops servers as it is told on its input."""
    import waitress.server  # noqa: F401 - copies need not import what the command imports

    import review.upkeep  # noqa: F401
    from models.store import passwords

    passwords.COST.update(time_cost=1, memory_cost=8, parallelism=1)  # as in tests/conftest.py
    with TemporaryDirectory(prefix="scout-templates-") as folder:
        _share_templates(folder)
        _obey()


def _share_templates(folder: str) -> None:
    """Keep templates as compiled once in a folder; each server would compile them anew."""
    from jinja2 import FileSystemBytecodeCache

    import review.app

    make, compiled = review.app.create_app, FileSystemBytecodeCache(folder)

    def create_app(settings: Settings) -> "Flask":
        app = make(settings)
        app.jinja_env.bytecode_cache = compiled
        return app

    review.app.create_app = create_app


def _obey() -> None:
    running: set[int] = set()
    for line in iter(sys.stdin.readline, ""):
        what, _, which = line.rstrip("\n").partition(" ")
        if what == "stop":
            _stop(int(which))
            running.remove(int(which))
            print(which, flush=True)
        elif number := os.fork():
            running.add(number)
        else:
            _serve(which)
    for number in running:
        _stop(number)


def _stop(number: int) -> None:
    os.kill(number, signal.SIGTERM)
    os.waitpid(number, 0)


def _serve(folder: str) -> None:
    """Be ``review serve``, in a process of its own; never returns."""
    from review.cli import main

    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    print(os.getpid(), flush=True)
    os.environ["SCOUT_VAR"] = folder
    sys.argv = ["review", "serve", "--port", "0"]
    try:
        main()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)  # the rest of the process is not ours to end


if __name__ == "__main__":
    make_servers()

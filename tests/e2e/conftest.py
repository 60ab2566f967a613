"""A real server with sample leads, and Debian's chromium; each started once for all tests here."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from models.database import open_engine, session_factory
from models.settings import load_settings
from models.words import Role
from review import assets
from tests.conftest import required_or_skip
from tests.review.factories import PASSWORD, make_account
from tests.review.samples import fill

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
EMAIL = "anna@voorbeeld.example"
CLERK = "gemeente@voorbeeld.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Debian's chromium; closed with its module: its event loop is in the way of other tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).is_file():
        required_or_skip(f"no chromium at {CHROMIUM}: apt-get install chromium")
    if not (assets.VENDOR / "nl-design-system.css").is_file():
        required_or_skip("the style sheets are not built: python -m review.assets")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Callable[..., str]]:
    """Starts ``review serve`` on a fresh folder with sample leads; gives its address.

    Who wants more in the database gives a function that adds it: ``serve(more)``.
    """
    servers: list[subprocess.Popen[str]] = []

    def start(more: Callable[[Session], None] = lambda session: None) -> str:
        folder = tmp_path_factory.mktemp("served")
        shutil.copy(sqlite_template, folder / "scout.db")
        engine = open_engine(load_settings(var=folder))
        with session_factory(engine)() as session:
            fill(session)
            make_account(session, EMAIL, name="Anna de Vries")
            make_account(session, CLERK, name="Gé Meente", roles=[Role.MUNICIPALITY], municipality="Arnhem")
            more(session)
            session.commit()
        engine.dispose()
        server = subprocess.Popen(
            [sys.executable, "-m", "review.cli", "serve", "--port", "0"],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")},
                "SCOUT_VAR": str(folder),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        assert server.stdout is not None
        found = re.search(r"http://\S+?:\d+/", server.stdout.readline())
        assert found
        return found[0]

    yield start
    for server in servers:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def address(serve: Callable[[], str]) -> str:
    """A server that tests share; who changes what it shows starts one of their own."""
    return serve()


__all__ = ["CLERK", "EMAIL", "PASSWORD"]

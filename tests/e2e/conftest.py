"""A real server with sample leads, and Debian's chromium; each started once for all tests here."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from models.database import open_engine, session_factory
from models.settings import load_settings
from models.words import Role
from review import assets
from tests.conftest import required_or_skip
from tests.e2e.servers import Servers
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[object, asyncio.AbstractEventLoop]]:
    """Debian's chromium, started once, and the event loop that it is spoken to by."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).is_file():
        required_or_skip(f"no chromium at {CHROMIUM}: apt-get install chromium")
    if not (assets.VENDOR / "nl-design-system.css").is_file():
        required_or_skip("the style sheets are not built: python -m review.assets")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield browser, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture(scope="module")
def browser(chromium: tuple[object, asyncio.AbstractEventLoop]) -> Iterator[object]:
    """The browser; outside these modules its event loop doesn't count as running: it would be in the way."""
    browser, loop = chromium
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """What starts servers quickly."""
    servers = Servers()
    yield servers
    servers.close()


@pytest.fixture(scope="module")
def serve(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, servers: Servers
) -> Iterator[Callable[..., str]]:
    """Starts ``review serve`` on a fresh folder with sample leads; gives its address.

    Who wants more in the database gives a function that adds it: ``serve(more)``.
    """
    started: list[str] = []

    def start(more: Callable[[Session], None] = lambda session: None, *, samples: bool = True) -> str:
        folder = tmp_path_factory.mktemp("served")
        shutil.copy(sqlite_template, folder / "scout.db")
        engine = open_engine(load_settings(var=folder))
        with session_factory(engine)() as session:
            if samples:
                fill(session)
                make_account(session, EMAIL, name="Anna de Vries")
                make_account(
                    session, CLERK, name="Gé Meente", roles=[Role.MUNICIPALITY], municipality="Arnhem"
                )
            more(session)
            session.commit()
        engine.dispose()
        number, address = servers.start(folder)
        started.append(number)
        return address

    yield start
    for number in started:
        servers.stop(number)


@pytest.fixture(scope="module")
def address(serve: Callable[[], str]) -> str:
    """A server that tests share; who changes what it shows starts one of their own."""
    return serve()


__all__ = ["CLERK", "EMAIL", "PASSWORD"]

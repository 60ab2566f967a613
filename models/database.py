"""The database: engine, sessions and bringing the tables up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

import models.tables  # completes Base.metadata for whoever opens a database
from models.commands import CannotFinishError
from models.settings import Settings, SettingsError
from models.store.places import load_geography
from models.store.search_upkeep import forget_words

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

#: Milliseconds that a writer waits for another one; longest own write transaction seen is far below.
BUSY_TIMEOUT_MS = 30_000
#: What each connection to PostgreSQL is told, instead of asking who runs the server to set it.
POSTGRESQL_SETTINGS = {
    # Every question of a page reads some hundreds of rows; to compile one takes longer than to answer it.
    "jit": "off",
    # The default is that of a disk that turns. On any other a row elsewhere takes hardly longer to read.
    "random_page_cost": "1.1",
    # What the search index finds for a common word fits into it; of what does not, only pages are kept, whose
    # rows are all looked at again. The default of 4 MB holds some 50,000 rows.
    "work_mem": "16MB",
    # Until more processes have started most questions are answered, and other people's wait for a processor.
    # Large ones (the figures, say) still get them; the default is 1000.
    "parallel_setup_cost": "10000",
}


def open_engine(settings: Settings) -> Engine:
    """Engine for the database of the settings; makes the folder of an SQLite file.

    Raises:
        SettingsError: the address can't be understood, or its driver is not installed.
    """
    return engine_for(settings.effective_database_url)


def engine_for(url: str) -> Engine:
    """Engine for one address, SQLite in WAL mode with foreign keys and a busy timeout."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite", hide_parameters=True
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise SettingsError(f"SCOUT_DATABASE_URL can't be used: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    for name, value in POSTGRESQL_SETTINGS.items():
        cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    cursor.close()
    # Settings that were made in a transaction go with it when it is rolled back.
    connection.commit()


def _prepare_sqlite(connection: Any, record: object) -> None:
    # Transactions are begun by us (below); the driver's own late BEGIN breaks isolation of reads.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is purged must be gone from the file too, not only from the tables (DESIGN 7).
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    # IMMEDIATE where the caller announces a write (see writing()): a deferred transaction that
    # upgrades from read to write fails at once with "database is locked", without any waiting.
    mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


def session_factory(engine: Engine, *, writes: bool = True) -> sessionmaker[Session]:
    """Sessions on ``engine``.

    Args:
        writes: transactions take the write lock of SQLite at their start, so that they wait for
            each other instead of failing; say False for sessions that only read.
    """
    bound = engine.execution_options(writes=True) if writes else engine
    return sessionmaker(bound, expire_on_commit=False)


def migrate(engine: Engine, to: str | None = None) -> None:
    """Bring the tables to the newest version; does nothing when they are.

    Args:
        to: an earlier version to stop at, later than that of the tables.

    Raises:
        CannotFinishError: they were made by a later version of the product.
    """
    version = _version(engine)
    if version == (to or newest()):
        return
    if version is not None and version not in _versions():
        raise CannotFinishError(
            f"the database has tables of version {version}, and this program knows them up to {newest()}: "
            "use the version of the program that made them, or a later one"
        )
    # Only now: every command asks for this, and importing Alembic takes longer than most of them work.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with _copying_tables(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to or "head")


@contextmanager
def _copying_tables(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables can be made anew with what they hold.

    SQLite changes a table by copying it and dropping the old one. With foreign keys watched, what points at
    its rows stops that, or is deleted along with them; so they are all looked at in the end instead.

    Raises:
        CannotFinishError: rows would point at others that are not there; nothing was changed.
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(writes=True).connect() as connection:
        raw: Any = connection.connection.driver_connection
        if sqlite:
            # Not by way of SQLAlchemy: it would begin a transaction, in which this does nothing.
            raw.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                loose = connection.exec_driver_sql("PRAGMA foreign_key_check").first() if sqlite else None
                if loose:
                    raise CannotFinishError(
                        f"the tables can't be brought to version {newest()}: row {loose[1]} of {loose[0]} "
                        f"points at a {loose[2]} that is not there; the database is as it was"
                    )
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys = ON")


def _version(engine: Engine) -> str | None:
    """The version of the tables, None where there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(text("SELECT max(version_num) FROM alembic_version"))
        return version


@cache
def newest() -> str:
    """The version of the tables that this code works with: the file of each migration begins with its own."""
    return max(_versions())


def _versions() -> set[str]:
    return {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def forget_deleted(engine: Engine) -> None:
    """Take deleted content out of SQLite's search index and write-ahead log too; else nothing to do."""
    if engine.dialect.name == "sqlite":
        forget_words(engine)
        with engine.connect() as connection:
            connection.commit()
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def ensure_ready(engine: Engine) -> None:
    """Tables at their newest version and geographic facts loaded, whatever was there before."""
    migrate(engine)
    with session_factory(engine)() as session:
        if session.scalar(select(func.count()).select_from(models.tables.Municipality)) == 0:
            load_geography(session)
            session.commit()

"""Fill a database with a large queue, to measure on: leads, items, decisions, register, accounts.

    python -m benchmarks.queue_data sqlite:////tmp/queue.db --leads 1000000 --items 3000000
    python -m benchmarks.queue_data postgresql+psycopg://…  --leads 1000000 --items 3000000

The database must be empty or not there yet. Rows are the same for the same seed, numbers and ``--now``;
``benchmarks.queue_rows`` says what they look like. Nothing is purged, though most leads are older than
their term: all have their words still, which is more than the product would ever have to search.

Rows go in without indexes, triggers, checks and waiting for the disk; all is there again before it ends,
counts and search index too. Killed half-way, the database is of no use. It has accounts (:data:`EMAIL`,
:data:`PASSWORD`) and is in the order in which ``scout run`` leaves a queue.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import Session

from benchmarks.queue_attached import attach
from benchmarks.queue_rows import COLUMNS, Batch, Queue, World
from benchmarks.queue_told import tell_all
from models.account import Account, AccountRole
from models.attention import Shares
from models.database import MIGRATIONS, engine_for, ensure_ready, session_factory
from models.labels import load_labels
from models.lead import Lead
from models.municipality import Municipality
from models.place import Place
from models.settings import load_settings
from models.source import Source
from models.store.accounts import add_account
from models.store.attention import arrange
from models.store.search import refresh
from models.words import Role, SourceKind

#: The last migration without triggers on what is filled here.
BEFORE_TRIGGERS = "0003"
SOURCES = 10_000
#: Accounts that decide: beoordelaar01@ to beoordelaar60@, all with the same password. The first may all.
REVIEWERS = 60
EMAIL = "beoordelaar{:02d}@voorbeeld.example"
PASSWORD = "een lang wachtwoord om te meten"
#: Accounts of the largest municipalities: gemeente01@ …
CLERKS, CLERK = 10, "gemeente01@voorbeeld.example"


def main() -> int:
    """Fill, and say how large it became and how long it took."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.queue_data",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", help="address of an empty database, as SCOUT_DATABASE_URL has it")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=3_000_000)
    parser.add_argument("--open", type=float, default=0.05, help="part of the leads that wait (0.05)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--now", type=datetime.fromisoformat, help="when the newest lead comes in (now)")
    options = parser.parse_args()
    now = options.now or datetime.now(UTC)
    if now.tzinfo is None or not 0 < options.open <= 0.9 or not 0 < options.leads <= options.items:
        parser.error("--now needs a zone, --open lies between 0 and 0.9, and each lead needs an item")
    engine = engine_for(options.url)
    started = time.monotonic()
    try:
        fill(
            engine,
            leads=options.leads,
            items=options.items,
            open_share=options.open,
            seed=options.seed,
            now=now,
            tell=lambda words: print(f"{time.monotonic() - started:6.0f} s  {words}", file=sys.stderr),
        )
        counts = ", ".join(f"{number:,} {table}" for table, number in sizes(engine).items())
        size, seconds = bytes_of(engine) / 1e9, time.monotonic() - started
        print(f"{engine.dialect.name}: {counts}; {size:.2f} GB in {seconds:.0f} s")
    except ValueError as error:
        print(f"queue_data: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    return 0


def fill(
    engine: Engine,
    *,
    leads: int,
    items: int,
    open_share: float = 0.05,
    seed: int = 1,
    now: datetime,
    sources: int = SOURCES,
    reviewers: int = REVIEWERS,
    tell: Any = lambda words: None,
) -> None:
    """Fill an empty database.

    Raises:
        ValueError: there are leads in it.
    """
    ensure_ready(engine)
    settings = load_settings()
    with session_factory(engine)() as session:
        if session.scalar(select(Lead.id).limit(1)) is not None:
            raise ValueError("there are leads in this database already")
        # Before going back: the tables have the columns that the code knows.
        world = _world(session, sources, reviewers, now)
        session.commit()
    _without_triggers(engine)
    queue = Queue(world, leads=leads, items=items, open_share=open_share, seed=seed, now=now)
    with engine.connect() as connection, _bare(connection, tell) as write:
        done = 0
        for batch in queue.batches():
            write(batch)
            done += len(batch["lead"])
            if done % 100_000 == 0:
                tell(f"{done:,} leads")
    tell("triggers, counts, index")
    ensure_ready(engine)
    _index(engine, tell)
    attach(engine, seed=seed, tell=tell)
    tell_all(engine, now=now, seed=seed, tell=tell)
    tell("arranging the queue")
    arrange(session_factory(engine, writes=False), session_factory(engine), Shares.of(settings), now=now)
    if engine.dialect.name == "postgresql":
        # What its autovacuum would do by itself a minute later.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _index(engine: Engine, tell: Any) -> None:
    """Let the search index be worked off, as ``scout run`` does after each visit."""
    done = 0
    with session_factory(engine)() as session:
        while worked := refresh(session):
            session.commit()
            if (done + worked) // 100_000 > done // 100_000:
                tell(f"{done + worked:,} texts indexed")
            done += worked


def sizes(engine: Engine) -> dict[str, int]:
    """Rows of the tables that were filled."""
    with engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("lead", "item", "decision", "initiative")
        }


def bytes_of(engine: Engine) -> int:
    """Size of the database."""
    size = "pg_database_size(current_database())"
    if engine.dialect.name == "sqlite":
        size = "page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT {size}").scalar_one())


def _world(session: Session, sources: int, reviewers: int, now: datetime) -> World:
    """Make sources and accounts, and say what rows may refer to."""
    labels = load_labels(load_settings())
    inhabitants = dict(
        session.execute(
            select(Municipality.code, Municipality.inhabitants).order_by(Municipality.inhabitants.desc())
        ).all()
    )
    places: dict[str, list[tuple[str, str]]] = {code: [] for code in inhabitants}
    for code, key, name in session.execute(
        select(Place.municipality_code, Place.key, Place.name).order_by(Place.key)
    ):
        places[code].append((key, name))
    codes = list(inhabitants)
    session.execute(
        insert(Source),
        [
            {
                "key": f"bron-{number:05d}",
                "title": f"Bron {number}",
                "kind": SourceKind.FEED,
                "url": f"https://bron-{number:05d}.example/feed",
                "every_seconds": 3600,
                "municipality_code": codes[number % len(codes)],
                "last_visit_at": now,
                "last_success_at": now,
            }
            for number in range(sources)
        ],
    )
    return World(
        municipalities=inhabitants,
        places=places,
        themes=list(labels.themes),
        reasons=list(labels.reasons),
        evidence=list(labels.evidence),
        sources=[f"bron-{number:05d}" for number in range(sources)],
        accounts=_accounts(session, reviewers, codes),
    )


def _accounts(session: Session, reviewers: int, codes: Sequence[str]) -> list[int]:
    """Accounts with one password, whose hash is made once: it is slow on purpose."""
    first = add_account(
        session, EMAIL.format(1), PASSWORD, name="Beoordelaar 1", roles=[Role.REVIEWER, Role.ADMIN]
    )
    add_account(session, "functionaris@voorbeeld.example", PASSWORD, roles=[Role.PRIVACY_OFFICER])
    # The first of its role makes the row of that role.
    add_account(session, CLERK, PASSWORD, roles=[Role.MUNICIPALITY], municipality=codes[0])
    hashed = session.scalar(select(Account.password).where(Account.id == first.id))
    numbers = [first.id]

    def another(email: str, name: str, role: Role, code: str | None) -> int:
        account = Account(
            email=email,
            name=name,
            password=hashed,
            active=True,
            fs_uniquifier=f"measuring {email}",
            municipality_code=code,
            created_at=datetime.now(UTC),
        )
        session.add(account)
        session.flush()
        session.add(AccountRole(account_id=account.id, role_name=role.value))
        return account.id

    for number in range(2, reviewers + 1):
        numbers.append(another(EMAIL.format(number), f"Beoordelaar {number}", Role.REVIEWER, None))
    for number in range(2, CLERKS + 1):
        another(
            f"gemeente{number:02d}@voorbeeld.example",
            f"Gemeente {number}",
            Role.MUNICIPALITY,
            codes[number - 1],
        )
    return numbers


@contextmanager
def _bare(connection: Connection, tell: Any) -> Iterator[Any]:
    """A function that writes batches while the indexes are away; they come back at the end."""
    bare = _bare_sqlite if connection.dialect.name == "sqlite" else _bare_postgresql
    yield from bare(connection, tell)


def _without_triggers(engine: Engine) -> None:
    """Go back to before the migration that adds them; it counts and indexes what it finds."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE_TRIGGERS)


def _bare_sqlite(connection: Connection, tell: Any) -> Iterator[Any]:
    raw = connection.connection.driver_connection
    assert raw is not None
    connection.rollback()
    for pragma in (
        "foreign_keys = OFF",
        "synchronous = OFF",
        "journal_mode = OFF",
        "cache_size = -600000",
        "temp_store = MEMORY",
    ):
        raw.execute(f"PRAGMA {pragma}")
    names = ", ".join(f"'{table}'" for table in COLUMNS)
    kept = raw.execute(
        "SELECT name, sql FROM sqlite_master "
        f"WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
    ).fetchall()
    for name, _order in kept:
        raw.execute(f'DROP INDEX "{name}"')
    orders = {
        table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        for table, columns in COLUMNS.items()
    }

    def write(batch: Batch) -> None:
        raw.execute("BEGIN")
        for table, rows in batch.items():
            raw.executemany(orders[table], rows)
        raw.execute("COMMIT")

    yield write
    for name, order in kept:
        tell(f"index {name}")
        raw.execute(order)
    raw.execute("PRAGMA journal_mode = WAL")
    # This connection has settings that no other should get.
    connection.invalidate()


def _bare_postgresql(connection: Connection, tell: Any) -> Iterator[Any]:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.rollback()
    raw.autocommit = True
    cursor = raw.cursor()
    # Without checking foreign keys; only a superuser of the server may.
    for setting in (
        "session_replication_role = replica",
        "timezone = 'UTC'",
        "synchronous_commit = off",
        "maintenance_work_mem = '512MB'",
    ):
        cursor.execute(f"SET {setting}")
    kept = cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
        "AND tablename = ANY(%s) AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        (list(COLUMNS),),
    ).fetchall()
    for name, _order in kept:
        cursor.execute(f'DROP INDEX "{name}"')

    def write(batch: Batch) -> None:
        for table, rows in batch.items():
            with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    yield write
    for name, order in kept:
        tell(f"index {name}")
        cursor.execute(order)
    for table, columns in COLUMNS.items():
        if columns[0] == "id":
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
    connection.invalidate()


if __name__ == "__main__":
    sys.exit(main())

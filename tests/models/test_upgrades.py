"""Bringing a database that is in use from any version to the newest one: everything in it stays."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table

from models.commands import CannotFinishError
from models.database import MIGRATIONS, migrate, newest, open_engine
from models.settings import Settings

VERSIONS = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
#: Rows in each table; more than one, so that none of a kind is lost by taking the first.
ROWS = 3
#: Tables that are worked out from others, and may be worked out anew.
WORKED_OUT = ("alembic_version", "search_", "lead_count", "share_count", "sqlite_")


def tables_of(connection: Connection) -> list[Table]:
    """The tables that hold what people and scout wrote, those that are pointed at first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if not table.name.startswith(WORKED_OUT)]


def value_for(column: sa.Column[Any], number: int) -> object:
    """Something that fits in the column, another one in each row."""
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, (sa.Numeric, sa.Float)):
        return number / 2
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 5, number, 12, tzinfo=UTC)
    if isinstance(kind, sa.Date):
        return date(2026, 5, number)
    if isinstance(kind, sa.JSON):
        return {"getal": number}
    if isinstance(kind, sa.LargeBinary):
        return bytes([number])
    return f"{column.name}-{number}"[-(getattr(kind, "length", None) or 40) :]


def fill(connection: Connection) -> None:
    """Rows in every table, each pointing at rows of the others where it can."""
    for table in tables_of(connection):
        for number in range(1, ROWS + 1):
            row = {}
            for column in table.columns:
                if column.computed is not None:
                    continue
                target = next(iter(column.foreign_keys), None)
                # Pointing at itself: only where the row is there already.
                own = target is not None and target.column.table.name == table.name
                if own and (number == 1 and column.nullable):
                    continue
                at = target.column if target is not None else column
                row[column.name] = value_for(at, number - 1 if own else number)
            connection.execute(table.insert().values(row))


def held(connection: Connection) -> dict[str, list[dict[str, object]]]:
    """All rows by table."""
    return {
        table.name: [
            dict(row._mapping) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
        ]
        for table in tables_of(connection)
    }


@pytest.mark.both_databases
@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_a_database_in_use_keeps_all_its_rows(settings: Settings, version: str) -> None:
    engine = open_engine(settings)
    migrate(engine, version)
    with engine.execution_options(writes=True).begin() as connection:
        fill(connection)
    with engine.connect() as connection:
        before = held(connection)
    assert len(before) > 10

    migrate(engine)

    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == newest()
        after = held(connection)
        for name, rows in before.items():
            assert len(after[name]) == ROWS, name
            for old, new in zip(rows, after[name], strict=True):
                assert {key: new[key] for key in old if key in new} == {
                    key: value for key, value in old.items() if key in new
                }, name
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            # Watched again afterwards, by this connection too.
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_rows_that_would_point_at_nothing_stop_the_change(settings: Settings) -> None:
    engine = open_engine(settings)
    migrate(engine, "0001")
    raw: Any = engine.raw_connection()
    raw.driver_connection.execute("PRAGMA foreign_keys = OFF")
    raw.driver_connection.execute("INSERT INTO account_role (account_id, role_name) VALUES (7, 'weg')")
    raw.driver_connection.execute("PRAGMA foreign_keys = ON")
    raw.close()

    with pytest.raises(CannotFinishError, match=r"row 1 of account_role points at a .* as it was"):
        migrate(engine)

    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0001"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()

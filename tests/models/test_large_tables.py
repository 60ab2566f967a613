"""What keeps pages quick on large tables: which index is gone along, and that nothing is asked row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from models.store.audit import audit_page
from models.store.digest_content import share_rows
from models.store.exports_chosen import export_entries, export_shares
from models.store.feed_entries import feed_page
from models.store.initiatives import initiative_page
from models.store.shares_list import share_page
from models.store.viewer import OPERATOR
from tests.review.factories import ARNHEM

Asked = list[tuple[str, Any]]


@contextmanager
def asked_of(engine: Engine) -> Iterator[Asked]:
    """The statements that are sent meanwhile, with their parameters."""
    asked: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan(session: Session, asked: Asked, start: str) -> str:
    """How SQLite goes about the first of these statements that begins so."""
    statement, parameters = next(one for one in asked if one[0].startswith(start))
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(row[3] for row in rows)


@pytest.fixture
def on_sqlite(engine: Engine) -> None:
    """Plans of PostgreSQL depend on how many rows there are."""
    if engine.dialect.name != "sqlite":
        pytest.skip("about plans of SQLite")


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize("asked", [{"theme": "groen"}, {"approved": True}, {}], ids=str)
def test_entries_are_counted_without_reading_them(
    asked: dict[str, Any], engine: Engine, session: Session
) -> None:
    with asked_of(engine) as statements:
        initiative_page(session, OPERATOR, **asked)

    way = plan(session, statements, "SELECT count(")

    assert "COVERING INDEX ix_initiative_in_register" in way


@pytest.mark.usefixtures("on_sqlite")
def test_the_log_of_one_kind_is_not_sorted(engine: Engine, session: Session) -> None:
    with asked_of(engine) as statements:
        audit_page(session, object_kind="lead")

    way = plan(session, statements, "SELECT audit_entry.id")

    assert "ix_audit_entry_object_kind_id" in way
    assert "TEMP B-TREE" not in way


@pytest.mark.usefixtures("on_sqlite")
def test_later_events_are_found_by_what_they_are_about(engine: Engine, session: Session) -> None:
    with asked_of(engine) as statements:
        feed_page(session, ARNHEM)

    way = plan(session, statements, "SELECT event.id")

    assert "ix_event_share_id (share_id=?" in way
    assert "ix_event_initiative_id (initiative_id=?" in way


@pytest.mark.usefixtures("on_sqlite")
def test_the_page_is_found_before_what_lies_beside_it_is_read(engine: Engine, session: Session) -> None:
    with asked_of(engine) as statements:
        share_page(session, OPERATOR, municipality_code=ARNHEM)

    way = plan(session, statements, "SELECT share.id")

    # In the index alone; only the rows of the page are looked up.
    assert "COVERING INDEX ix_share_municipality_code_status_id" in way
    assert "SEARCH share USING INTEGER PRIMARY KEY" in way


@pytest.mark.both_databases
@pytest.mark.parametrize("export", [export_entries, export_shares])
def test_a_file_does_not_count_for_each_portion(export: Any, engine: Engine, session: Session) -> None:
    with asked_of(engine) as statements:
        list(export(session, OPERATOR))

    assert [one for one, _ in statements if one.startswith("SELECT count(")] == []


@pytest.mark.both_databases
def test_shares_of_a_digest_are_read_together(engine: Engine, session: Session) -> None:
    session.connection()
    with asked_of(engine) as statements:
        list(share_rows(session, OPERATOR, range(1, 400)))

    assert len([one for one, _ in statements if one.startswith("SELECT share.id")]) == 1

"""The tables: migrations, times, the log that only grows, and who may write when."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from models.base import utc_now
from models.commands import CannotFinishError
from models.database import (
    MIGRATIONS,
    POSTGRESQL_SETTINGS,
    migrate,
    newest,
    open_engine,
    session_factory,
)
from models.decision import AppendOnlyError
from models.settings import Settings
from models.tables import Account, Base, Decision, Lead, Source, Suppression, in_models
from models.words import DecisionKind, LeadStatus, SourceKind


@pytest.mark.both_databases
def test_upgrading_an_empty_database_gives_what_the_models_say(settings: Settings) -> None:
    engine = open_engine(settings)

    migrate(engine)
    migrate(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": in_models}
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


@pytest.mark.both_databases
def test_tables_of_a_later_version_are_left_alone_and_told_of(settings: Settings) -> None:
    engine = open_engine(settings)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(CannotFinishError, match=f"version 9999, .* up to {newest()}"):
        migrate(engine)
    engine.dispose()


def test_the_newest_version_is_that_of_the_last_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest()]


@pytest.mark.both_databases
def test_a_connection_keeps_what_it_was_told(settings: Settings) -> None:
    engine = open_engine(settings)

    with engine.connect() as connection:
        connection.rollback()
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        else:
            told = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in POSTGRESQL_SETTINGS}
            assert told == POSTGRESQL_SETTINGS
    engine.dispose()


@pytest.mark.both_databases
def test_times_come_back_as_aware_utc_and_naive_ones_are_refused(session: Session) -> None:
    amsterdam = timezone(timedelta(hours=2))
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=amsterdam)
    session.add(Suppression(key="a", kind="url", added_at=moment, why="objection"))
    session.commit()
    session.expire_all()

    kept = session.get_one(Suppression, "a").added_at
    assert kept == moment
    assert kept.tzinfo is UTC

    session.add(Suppression(key="b", kind="url", added_at=datetime(2026, 7, 1), why="objection"))  # noqa: DTZ001
    with pytest.raises(StatementError, match="naive datetime"):
        session.commit()


@pytest.mark.both_databases
def test_a_row_can_not_name_a_municipality_that_does_not_exist(session: Session) -> None:
    session.add(
        Source(
            key="x",
            title="X",
            kind=SourceKind.FEED,
            url="http://x.example/",
            every_seconds=60,
            municipality_code="GM9999",
        )
    )
    with pytest.raises(IntegrityError):
        session.commit()


def test_a_decision_is_never_changed_nor_deleted(session: Session) -> None:
    account = Account(email="ada@voorbeeld.example", fs_uniquifier="1", created_at=utc_now())
    lead = Lead(title="Buurttuin", score=0.5, opened_at=utc_now(), extended_at=utc_now())
    session.add_all([account, lead])
    session.flush()
    decision = Decision(
        lead_id=lead.id,
        kind=DecisionKind.REJECT,
        old_status=LeadStatus.OPEN,
        new_status=LeadStatus.REJECTED,
        account_id=account.id,
        reason="protest",
        made_at=utc_now(),
    )
    session.add(decision)
    session.commit()

    decision.reason = "politiek"
    with pytest.raises(AppendOnlyError):
        session.commit()
    session.rollback()

    session.delete(decision)
    with pytest.raises(AppendOnlyError):
        session.commit()


def test_sqlite_waits_for_other_writers_instead_of_failing(engine: Engine) -> None:
    """Eight writers that read before they write: without BEGIN IMMEDIATE most fail at once."""
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    sessions = session_factory(engine)
    with sessions() as session:
        session.add(Lead(title="0", score=0.5, opened_at=utc_now(), extended_at=utc_now()))
        session.commit()
    troubles: list[Exception] = []

    def count_up() -> None:
        try:
            for _ in range(20):
                with sessions() as session:
                    lead = session.get_one(Lead, 1)
                    lead.title = str(int(lead.title) + 1)
                    session.commit()
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    with sessions() as session:
        assert session.get_one(Lead, 1).title == "160"


def test_what_was_deleted_is_gone_from_the_file_as_well(engine: Engine, settings: Settings) -> None:
    canary = "kanariezin die nergens mag blijven staan"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE scrap (words TEXT)"))
        connection.execute(text("INSERT INTO scrap VALUES (:words)"), {"words": canary * 50})
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM scrap"))

    from models.database import forget_deleted

    forget_deleted(engine)

    for file in settings.var.iterdir():
        assert canary.encode() not in file.read_bytes(), file

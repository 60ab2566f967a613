"""What every test may use: settings of its own, a real database, and clear skips."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.database import migrate, open_engine, session_factory
from models.settings import Settings, load_settings
from models.store.places import load_geography


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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a folder of their own; loopback may be visited."""
    config = tmp_path / "config"
    (config / "sources").mkdir(parents=True)
    return load_settings(
        var=tmp_path / "var", config=config, allow_private_addresses=True, secret_key="only for tests"
    )


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """A migrated database with municipalities and places."""
    engine = open_engine(settings)
    migrate(engine)
    with session_factory(engine)() as session:
        load_geography(session)
        session.commit()
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

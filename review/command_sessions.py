"""Sessions for the commands of ``review``: on a database that is made ready, or that must be there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

# Imports of what takes long stand in the functions: `review serve` must answer within seconds.
from models.commands import CannotFinishError
from models.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@contextmanager
def writing() -> Iterator["Session"]:
    """A session on a database that is up to date, committed at the end."""
    from models.database import ensure_ready, open_engine, session_factory

    engine = open_engine(load_settings())
    try:
        ensure_ready(engine)
        with session_factory(engine)() as session:
            yield session
            session.commit()
    finally:
        engine.dispose()


@contextmanager
def reading() -> Iterator["Session"]:
    """A session that only reads a database that must be there."""
    from sqlalchemy import inspect

    from models.database import open_engine, session_factory

    settings = load_settings()
    _must_exist(settings)
    engine = open_engine(settings)
    try:
        if not inspect(engine).has_table("lead"):
            raise CannotFinishError("the database has no tables yet: run scout init")
        with session_factory(engine, writes=False)() as session:
            yield session
    finally:
        engine.dispose()


def _must_exist(settings: Settings) -> None:
    """Looking must not make an empty database."""
    from sqlalchemy import make_url

    try:
        url = make_url(settings.effective_database_url)
    except Exception:
        return
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise CannotFinishError(f"there is no database at {url.database}: run scout init")

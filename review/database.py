"""The database as the pages use it: one reading session a request, short writing ones beside it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, current_app, stream_with_context
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.database import ensure_ready, session_factory

#: ``db.session`` reads, and is closed when the request ends. Writing goes through :func:`writing`.
db = SQLAlchemy(require_default_engine=False)


def use_database(app: Flask, engine: Engine) -> None:
    """Let the pages of ``app`` work on ``engine``, with all tables and municipalities in place."""
    ensure_ready(engine)
    db.init_app(app)
    # No session here is asynchronous; to see whether one was left took a thread of its own after a request.
    app.teardown_appcontext_funcs = [
        close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)
    ]
    with app.app_context():
        # Nothing is written through it, not even what Flask-Security changes in its objects (review.users).
        db.sessionmaker.configure(bind=engine, expire_on_commit=False, autoflush=False)
    app.extensions["scout_engine"] = engine


@contextmanager
def writing() -> Iterator[Session]:
    """A session for one change, committed at the end, or rolled back when anything is raised.

    What ``db.session`` has read before is forgotten, so that pages show what was just written.
    """
    with session_factory(current_app.extensions["scout_engine"])() as session:
        try:
            yield session
            session.commit()
        finally:
            db.session.rollback()


def sent_in_parts(make: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """The parts of an answer that is sent piece by piece, while ``db.session`` reads on.

    No connection is held between them, for a reader may take an hour, nor after the last one.

    Args:
        make: makes the parts; called when sending begins. The session of before is closed by then, and what
            it would read once more nobody gives back.
    """

    def parts() -> Iterator[Any]:
        try:
            for part in make():
                db.session.rollback()
                yield part
        finally:
            db.session.rollback()

    return stream_with_context(parts())

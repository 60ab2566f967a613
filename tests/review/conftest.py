"""Fixtures for the review room: the application, and visitors who fill in its forms."""

from collections.abc import Callable

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.settings import Settings
from models.words import Role
from review.app import create_app
from tests.compiled import share_routes
from tests.review.factories import PASSWORD, make_account
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]

share_routes()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates as compiled once: every test has its own application, and compiling takes the longest."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, engine: Engine, compiled: FileSystemBytecodeCache) -> Flask:
    """The application on the database of the test."""
    app = create_app(settings, engine=engine)
    app.jinja_env.bytecode_cache = compiled
    app.config["TESTING"] = True
    return app


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app)


@pytest.fixture
def sign_in(app: Flask, session: Session) -> SignIn:
    """Signs somebody in, with an account made for it: ``sign_in("bob@…", roles=[Role.ADMIN])``."""

    def enter(email: str = "ada@voorbeeld.example", **account: object) -> Visitor:
        name = account.pop("name", email.split("@", maxsplit=1)[0].title())
        roles = account.pop("roles", (Role.REVIEWER,))
        made = make_account(session, email, name=name, roles=roles, **account)  # type: ignore[arg-type]
        session.commit()
        visitor = Visitor(app, account_id=made.id)
        visitor.get("/aanmelden")
        # Not on to the queue: its page takes longer than all of this, and most tests begin elsewhere.
        visitor.send("/aanmelden", follow=False, email=email, password=PASSWORD)
        assert visitor.answer.location is not None, "the password was refused"
        return visitor

    return enter


@pytest.fixture
def ada(sign_in: SignIn) -> Visitor:
    """A reviewer who is signed in."""
    return sign_in()

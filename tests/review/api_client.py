"""A program that uses the API in tests: made with a client and a token of its own."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.account import Account
from models.store.api_clients import add_client, as_client, fitting_scopes
from models.words import Role, Scope
from review.programs import PREFIX
from tests.review.factories import make_account, viewer_of

_numbers = count(1)


class Program:
    """One client of the API with a token."""

    def __init__(self, http: FlaskClient, number: int, client_id: str, secret: str, token: str) -> None:
        self.http = http
        #: Primary key of the client.
        self.number = number
        self.client_id, self.secret, self.token = client_id, secret, token

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request; ``path`` is below ``/api/v1`` unless it is a link of an answer."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        path = path.removeprefix("http://localhost")
        path = path if path.startswith(PREFIX) else PREFIX + path
        return self.http.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """Read something."""
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        """Add something."""
        return self.ask("POST", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        """Change something."""
        return self.ask("PATCH", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        """Replace something."""
        return self.ask("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """Remove something."""
        return self.ask("DELETE", path, **options)


def program(
    app: Flask,
    session: Session,
    *,
    account: Account | None = None,
    scopes: Iterable[Scope] | None = None,
    municipality: str | None = None,
) -> Program:
    """A program with a token.

    Args:
        account: in whose name it acts; None = a project leader made for it.
        scopes: None = all that fit.
        municipality: keep it to this one.
    """
    number = next(_numbers)
    if account is None:
        account = make_account(
            session, f"programma{number}@voorbeeld.example", name=f"Pat {number}", roles=[Role.PROJECT_LEADER]
        )
    viewer = viewer_of(account)
    if scopes is None:
        scopes = fitting_scopes(as_client(viewer, municipality))
    row, secret = add_client(
        session, f"Programma {number}", scopes, viewer=viewer, municipality_code=municipality
    )
    session.commit()
    http = app.test_client(use_cookies=False)
    given = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(row.client_id, secret))
    assert given.status_code == 200, given.text
    return Program(http, row.id, row.client_id, secret, given.json["access_token"])

"""``POST /oauth/token``, as libraries for OAuth 2 use it, and what a token opens."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

import pytest
import time_machine
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask
from flask.testing import FlaskClient
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.settings import Settings
from models.store.api_clients import revoke_client
from models.store.viewer import OPERATOR
from models.words import Scope
from review.app import create_app
from tests.review.api_client import Program, program

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def pat(app: Flask, session: Session) -> Program:
    return program(app, session, scopes=[Scope.LEADS_READ, Scope.SOURCES_READ])


class ToApp(BaseAdapter):
    """Lets ``requests`` ask the application itself."""

    def __init__(self, http: FlaskClient) -> None:
        super().__init__()
        self.http = http

    def send(self, request: PreparedRequest, *arguments: object, **more: object) -> Response:
        """Ask, and put the answer as ``requests`` has it."""
        answer = self.http.open(
            request.path_url, method=request.method, headers=dict(request.headers), data=request.body
        )
        response = Response()
        response.status_code, response._content, response.request = answer.status_code, answer.data, request
        response.headers.update(answer.headers)
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_a_library_for_oauth_gets_a_token_and_uses_it(app: Flask, pat: Program, way: str) -> None:
    library = OAuth2Session(pat.client_id, pat.secret, token_endpoint_auth_method=way, scope="bronnen:lezen")
    library.mount("https://", ToApp(app.test_client()))

    token = library.fetch_token("https://localhost/oauth/token", **GRANT)
    answer = library.get("https://localhost/api/v1/bronnen")
    refused = library.get("https://localhost/api/v1/signalen")

    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "bronnen:lezen")
    assert (answer.status_code, answer.json()["resultaten"]) == (200, [])
    assert refused.status_code == 403


def test_without_asking_for_scopes_all_are_given(app: Flask, pat: Program) -> None:
    answer = app.test_client().post("/oauth/token", data=GRANT, auth=(pat.client_id, pat.secret))

    assert answer.status_code == 200
    assert answer.json["scope"] == "signalen:lezen bronnen:lezen"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert "Set-Cookie" not in answer.headers


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


def test_what_is_wrong_is_said_in_the_words_of_oauth(app: Flask, pat: Program) -> None:
    http = app.test_client()
    right = basic(pat.client_id, pat.secret)
    post = {"client_id": pat.client_id, "client_secret": pat.secret}
    cases = [
        ({}, {}, 400, "invalid_request"),
        ({"x": ""}, {}, 401, "invalid_client"),
        (GRANT, {}, 401, "invalid_client"),
        (GRANT, basic(pat.client_id, "verkeerd"), 401, "invalid_client"),
        (GRANT, basic("verkeerd", pat.secret), 401, "invalid_client"),
        (GRANT, {"Authorization": "Basic ???"}, 401, "invalid_client"),
        (GRANT, {"Authorization": "Basic " + b64encode(b"\xff:\xff").decode()}, 401, "invalid_client"),
        (GRANT, {"Authorization": "Basic " + b64encode(b"geen dubbelepunt").decode()}, 401, "invalid_client"),
        (GRANT, {"Authorization": f"Bearer {pat.token}"}, 401, "invalid_client"),
        ({**GRANT, "client_id": "\x00", "client_secret": "\x00"}, {}, 401, "invalid_client"),
        ({**GRANT, **post}, right, 400, "invalid_request"),
        ({"x": ""}, right, 400, "invalid_request"),
        ({"grant_type": "password"}, right, 400, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "x"]}, right, 400, "invalid_request"),
        ({**GRANT, "scope": "initiatieven:lezen"}, right, 400, "invalid_scope"),
        ({**GRANT, "scope": "signalen:lezen alles"}, right, 400, "invalid_scope"),
    ]
    for form, headers, status, error in cases:
        answer = http.post("/oauth/token", data=form, headers=headers)
        assert (answer.status_code, answer.json["error"]) == (status, error), form
        assert answer.json["error_description"].endswith(".")
        assert (answer.headers.get("WWW-Authenticate") is not None) == (status == 401)
        assert answer.headers["Cache-Control"] == "no-store"
    for data, kind in (('{"grant_type":"client_credentials"}', "application/json"), ("x" * 5000, None)):
        answer = http.post(
            "/oauth/token", data=data, headers=right, content_type=kind or "application/x-www-form-urlencoded"
        )
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert http.get("/oauth/token").status_code == 405


def test_credentials_are_read_as_forms_are_written(app: Flask, pat: Program) -> None:
    sent = basic(quote_plus(pat.client_id), "".join(f"%{ord(letter):02X}" for letter in pat.secret))

    assert app.test_client().post("/oauth/token", data=GRANT, headers=sent).status_code == 200


def test_a_token_ends_after_an_hour_and_with_its_program(app: Flask, session: Session, pat: Program) -> None:
    now = datetime.now(UTC)
    assert pat.get("/bronnen").status_code == 200
    with time_machine.travel(now + timedelta(minutes=59), tick=False):
        assert pat.get("/bronnen").status_code == 200
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        late = pat.get("/bronnen")
        assert late.status_code == 401
        assert late.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'

    revoke_client(session, pat.number, viewer=OPERATOR)
    session.commit()

    assert pat.get("/bronnen").status_code == 401
    again = app.test_client().post("/oauth/token", data=GRANT, auth=(pat.client_id, pat.secret))
    assert again.status_code == 401


def test_tokens_in_addresses_and_forms_count_for_nothing(pat: Program) -> None:
    for path in (f"/api/v1/bronnen?access_token={pat.token}", f"/api/v1/bronnen?token={pat.token}"):
        assert pat.http.get(path).status_code == 401


def test_whoever_asks_too_often_waits(settings: Settings, engine: Engine, session: Session) -> None:
    app = create_app(settings.model_copy(update={"api_rate": 3}), engine=engine)
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        one, other = program(app, session), program(app, session)
        left = [one.get("/gemeenten").headers["RateLimit-Remaining"] for _ in range(3)]
        refused = one.get("/gemeenten")
        assert left == ["2", "1", "0"]
        assert refused.status_code == 429
        assert refused.mimetype == "application/problem+json"
        assert 1 <= int(refused.headers["Retry-After"]) <= 61
        assert refused.headers["RateLimit-Limit"] == "3"
        assert other.get("/gemeenten").status_code == 200
        wait = int(refused.headers["Retry-After"])
    with time_machine.travel(now + timedelta(seconds=wait), tick=False):
        assert one.get("/gemeenten").status_code == 200


def test_whoever_guesses_secrets_waits_too(app: Flask) -> None:
    http = app.test_client()
    answers = [
        http.post(
            "/oauth/token", data=GRANT, headers=basic("wie", "weet"), environ_base={"REMOTE_ADDR": "10.0.0.1"}
        )
        for _ in range(61)
    ]

    assert {answer.status_code for answer in answers[:60]} == {401}
    assert answers[60].status_code == 429
    assert int(answers[60].headers["Retry-After"]) >= 1
    elsewhere = http.post("/oauth/token", data=GRANT, environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert elsewhere.status_code == 401

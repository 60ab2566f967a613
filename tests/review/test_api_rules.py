"""The Dutch API Design Rules 2.2 (whose names stand at the tests) held against every operation there is."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.settings import Settings
from models.words import Scope
from review.access import ACCESS, Who
from review.api import ROOMS, core
from review.api.document import VERSION
from review.api.problems import MIMETYPE
from review.app import create_app
from review.programs import PREFIX
from tests.review.api_client import Program, program
from tests.review.visitor import Visitor

METHODS = ("get", "post", "put", "patch", "delete")
#: An address of each kind of part that fits, and of which nothing is there.
PARTS = {"code": "GM0001", "sleutel": "geen-bron"}

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get(f"{PREFIX}/openapi.json").json)


@pytest.fixture
def operations(document: dict[str, Any]) -> list[Operation]:
    """Method, address that fits, and description, of every operation."""
    return [
        (method.upper(), PREFIX + re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], "1"), path), told)
        for path, item in document["paths"].items()
        for method, told in item.items()
        if method in METHODS
    ]


@pytest.fixture
def pat(app: Flask, session: Session) -> Program:
    return program(app, session)


def check_headers(answer: TestResponse) -> None:
    """version-header, security-headers, stateless."""
    assert answer.headers["API-Version"] == VERSION
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def check_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """problem-details."""
    assert (answer.status_code, answer.mimetype) == (status, MIMETYPE), answer.text
    told = json.loads(answer.text)
    assert told["status"] == status
    assert told["title"]
    assert told["detail"].endswith((".", "!", "?"))
    assert told["instance"] == answer.request.path
    check_headers(answer)
    assert "Access-Control-Allow-Origin" not in answer.headers
    return dict(told)


def test_the_document_is_there_for_everybody(app: Flask, document: dict[str, Any]) -> None:
    """publish-openapi, doc-openapi, doc-openapi-contact, semver, uri-version, version-header."""
    answer = app.test_client().get(f"{PREFIX}/openapi.json")

    check_headers(answer)
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert document["openapi"].startswith("3.")
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    assert document["info"]["version"] == answer.headers["API-Version"]
    assert all(document["info"]["contact"][name] for name in ("name", "url", "email"))
    assert document["info"]["license"]["name"] == "EUPL-1.2"
    assert [server["url"] for server in document["servers"]] == ["/api/v1"]


def test_all_references_in_the_document_lead_somewhere(document: dict[str, Any]) -> None:
    """doc-openapi."""
    found = set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)))

    assert found
    for reference in found:
        place: Any = document
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]


def test_the_document_tells_of_every_address_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    told = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in METHODS
    }
    there = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{PREFIX}/") and rule.endpoint != "api.openapi":
            assert ACCESS[rule.endpoint] is Who.PROGRAMS
            path = re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX))
            there |= {(method, path) for method in rule.methods or () if method.lower() in METHODS}

    assert told == there


def test_addresses_and_parameters_are_written_as_the_rules_say(document: dict[str, Any]) -> None:
    """naming-resources, naming-collections, path-segments-kebab-case, query-keys-camel-case."""
    for path, item in document["paths"].items():
        assert re.fullmatch(r"(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z][A-Za-z0-9]*\}))+", path)
        for part in path.split("/"):
            assert not part or part.startswith("{") or part.endswith(("en", "s")), f"{part} is no plural"
        for method in METHODS:
            for parameter in item.get(method, {}).get("parameters", []):
                if parameter.get("in") == "query":
                    assert re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", parameter["name"])
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert re.fullmatch(r"_links|[a-z]+([A-Z0-9][a-z0-9]*)*", field), f"{name}.{field}"


def test_every_operation_is_described_in_full(document: dict[str, Any], operations: list[Operation]) -> None:
    """doc-language, invalid-input, problem-details."""
    scopes = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    used = set()
    for method, path, told in operations:
        name = f"{method} {path}"
        assert told["summary"], name
        assert told["description"].endswith((".", "!")), name
        assert {"400", "401", "406", "429", "500"} <= told["responses"].keys(), name
        assert "422" not in told["responses"], name
        assert "requestBody" not in told or {"413", "415"} <= told["responses"].keys(), name
        assert "1" not in path.split("/") or "404" in told["responses"], name
        (needed,) = told["security"]
        used |= set(needed["oauth2"])
        for parameter in told.get("parameters", []):
            assert "$ref" in parameter or parameter["description"], name
    assert used == set(scopes)
    assert {scope.value for scope in Scope} == set(scopes)
    for schema in document["components"]["schemas"].values():
        for field, told in schema.get("properties", {}).items():
            assert field in ("self", "next", "prev", "_links") or "$ref" in told or told.get("description"), (
                field
            )


def test_a_slash_at_the_end_leads_nowhere(app: Flask, pat: Program, operations: list[Operation]) -> None:
    """no-trailing-slash."""
    for method, path, _ in operations:
        check_problem(pat.ask(method, f"{path}/"), 404)
    for path in (PREFIX, f"{PREFIX}/", "/api", "/api/", f"{PREFIX}//gemeenten", f"{PREFIX}/openapi.json/"):
        check_problem(pat.http.get(path), 404)


def test_without_a_token_there_is_nothing(
    app: Flask, ada: Visitor, session: Session, operations: list[Operation]
) -> None:
    """stateless: the session of somebody who is signed in counts for nothing, and is left alone."""
    http = app.test_client()
    for method, path, _ in operations:
        for client in (http, ada.client):
            answer = client.open(path, method=method, query_string={"taal": "en"})
            check_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        for sent in ("Bearer verzonnen", "Bearer", "Bearer \x00", "Basic YTpi", "Bearer é", "x"):
            answer = http.open(path, method=method, headers={"Authorization": sent})
            check_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="api"')
    assert ada.get("/account").status_code == 200


def test_a_token_without_the_scope_is_told_which(
    app: Flask, session: Session, operations: list[Operation]
) -> None:
    others = {
        scope: program(app, session, scopes=[scope]) for scope in (Scope.SOURCES_READ, Scope.LEADS_READ)
    }
    for method, path, told in operations:
        for needed in told["security"][0]["oauth2"]:
            other = Scope.SOURCES_READ if needed != Scope.SOURCES_READ else Scope.LEADS_READ
            answer = others[other].ask(method, path)
            check_problem(answer, 403)
            assert f'error="insufficient_scope", scope="{needed}"' in answer.headers["WWW-Authenticate"]


def test_unknown_parameters_are_400_and_all_are_named(
    app: Flask, session: Session, pat: Program, operations: list[Operation]
) -> None:
    """invalid-input, all-errors."""
    arnhem = program(app, session, municipality="GM0202")
    for method, path, told in operations:
        needed = told["security"][0]["oauth2"]
        who = arnhem if Scope.SHARES_ANSWER in needed else pat
        sends = {"json": {"verzonnen": 1}} if "requestBody" in told else {}
        answer = who.ask(method, path, query_string={"verzonnenEen": "1", "zomaar": "2"}, **sends)
        told_of = check_problem(answer, 400)["fouten"]
        places = {(one["waar"], one["veld"]) for one in told_of}
        assert {("query", "verzonnenEen"), ("query", "zomaar")} <= places
        assert not sends or ("body", "verzonnen") in places
        assert all(one["wat"].endswith(".") for one in told_of)


def test_lists_say_what_is_wrong_with_their_parameters(pat: Program, operations: list[Operation]) -> None:
    """invalid-input: also what Python would read as a number."""
    lists = [(path, told) for method, path, told in operations if _has_limit(told)]
    assert lists
    for path, _ in lists:
        for limit in ("0", "101", "", "1.5", "٣", " 5", "1_0", "x", "-1", "9" * 5000):
            told = check_problem(pat.get(path, query_string={"limiet": limit}), 400)
            assert ("query", "limiet") in {(one["waar"], one["veld"]) for one in told["fouten"]}, limit
        told = check_problem(pat.get(f"{path}?limiet=1&limiet=2&cursor=%20"), 400)
        assert {one["veld"] for one in told["fouten"]} == {"limiet", "cursor"}
        assert "cursor" in check_problem(pat.get(path, query_string={"cursor": "a.b"}), 404)["detail"]


def _has_limit(told: dict[str, Any]) -> bool:
    return any(parameter.get("name") == "limiet" for parameter in told.get("parameters", []))


def test_bodies_that_are_no_json_objects_are_refused(
    app: Flask, session: Session, pat: Program, operations: list[Operation]
) -> None:
    """Content types, and invalid-input: nothing that is sent makes the API fail."""
    arnhem = program(app, session, municipality="GM0202")
    strange = [
        "",
        "{",
        "[]",
        "1",
        '"x"',
        "null",
        "[" * 3000,
        "NaN",
        '{"a": Infinity}',
        '{"a":1,"a":2}',
        "9" * 5000,
    ]
    strange += [
        "\ud800".encode("utf-8", "surrogatepass"),
        b"\xff\xfe",
        '{"\\ud800": 1}',
        '{"naam": "a\\u0000"}',
    ]
    with_body = [one for one in operations if "requestBody" in one[2]]
    assert with_body
    for method, path, told in with_body:
        who = arnhem if Scope.SHARES_ANSWER in told["security"][0]["oauth2"] else pat
        headers = {"If-Match": "*"}
        for body in strange:
            answer = who.ask(method, path, data=body, content_type="application/json", headers=headers)
            assert check_problem(answer, 400)["fouten"], body
        for kind in (
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "",
            "application/json5",
        ):
            check_problem(who.ask(method, path, data="{}", content_type=kind, headers=headers), 415)
        huge = json.dumps({"naam": "x" * 300_000})
        check_problem(who.ask(method, path, data=huge, content_type="application/json", headers=headers), 413)


def test_what_a_program_takes_is_heeded(pat: Program, operations: list[Operation]) -> None:
    """Content types: 406."""
    for method, path, told in operations:
        if Scope.SHARES_ANSWER in told["security"][0]["oauth2"]:
            continue
        for wanted in ("text/html", "application/xml, text/*;q=0.5", "application/json;q=0"):
            check_problem(pat.ask(method, path, headers={"Accept": wanted}), 406)
    for wanted in ("*/*", "application/*", "text/html, application/json;q=0.1", "application/json"):
        answer = pat.get("/gemeenten", headers={"Accept": wanted})
        assert (answer.status_code, answer.mimetype) == (200, "application/json")


def test_methods_that_an_address_does_not_know_are_405(pat: Program, operations: list[Operation]) -> None:
    """http-methods."""
    known: dict[str, set[str]] = {}
    for method, path, _ in operations:
        known.setdefault(path, set()).add(method)
    for path, methods in known.items():
        allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY"} - methods:
            answer = pat.ask(method, path)
            check_problem(answer, 405)
            assert set(re.split(r",\s*", answer.headers["Allow"])) == allowed, f"{method} {path}"
        asked = pat.http.options(path)
        check_headers(asked)
        assert (asked.status_code, asked.data, asked.headers.get("Content-Type")) == (204, b"", None)
        assert set(re.split(r",\s*", asked.headers["Allow"])) == allowed


def test_heads_are_those_of_the_answers(pat: Program) -> None:
    for path in ("/gemeenten", "/gemeenten/GM0202", "/gemeenten/GM0001", "/gemeenten?x=1"):
        whole, head = pat.get(path), pat.ask("HEAD", path)
        check_headers(head)
        assert head.status_code == whole.status_code
        assert head.data == b""
        for name in ("Content-Type", "Content-Length", "ETag", "Link"):
            assert head.headers.get(name) == whole.headers.get(name)


def test_numbers_that_can_be_none_of_ours_are_404(pat: Program, operations: list[Operation]) -> None:
    """Also where another method knows the address."""
    for method, path, _ in operations:
        if "/1" in path:
            for number in ("0", "01", "-1", "2147483648", "9" * 30, "x", "1.0", "%00", "٣"):
                answer = pat.ask(method, path.replace("/1", f"/{number}", 1))
                assert answer.status_code == 404, f"{method} {answer.request.path}"


def test_a_failure_of_ours_is_a_problem_too(
    app: Flask, pat: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    def fail(*arguments: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(core, "enter", fail)
    told = check_problem(pat.get("/gemeenten"), 500)

    assert "secret" not in json.dumps(told)


def test_in_production_nothing_but_https_is_spoken(settings: Settings, engine: Engine) -> None:
    """tls, uri-version: the addresses are those of the settings, whatever host was asked."""
    own = {"production": True, "public_url": "https://scout.example.nl", "contact": "scout@voorbeeld.nl"}
    http = create_app(settings.model_copy(update=own), engine=engine).test_client()

    answer = http.get(f"{PREFIX}/openapi.json")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert http.get(f"{PREFIX}/niets").headers["Strict-Transport-Security"] == "max-age=31536000"
    document = answer.json
    assert document["servers"][0]["url"] == "https://scout.example.nl/api/v1"
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "https://scout.example.nl/oauth/token"
    assert document["info"]["contact"]["email"] == "scout@voorbeeld.nl"
    strange = http.get(f"{PREFIX}/gemeenten", headers={"Host": "evil.example"})
    assert (strange.status_code, strange.mimetype) == (400, MIMETYPE)


def test_every_room_stands_in_the_document(document: dict[str, Any]) -> None:
    """interface-language: tags are Dutch plurals."""
    assert [tag["name"] for tag in document["tags"]] == sorted(room.tag for room in ROOMS)
    assert all(tag["description"].endswith(".") for tag in document["tags"])

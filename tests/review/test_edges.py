"""What every answer says to browsers, and what requests that nobody means well come to."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.settings import Settings
from models.words import Role
from review.app import create_app
from review.headers import HEADERS
from tests.review.factories import PASSWORD, RHEDEN, make_account, make_lead
from tests.review.matrix import VALUES
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/logboek", 403),
        ("GET", "/aanmelden", 302),
        ("GET", "/healthz", 200),
        ("GET", "/metrics", 404),
        ("GET", "/robots.txt", 200),
        ("GET", "/bestaat-niet", 404),
        ("PUT", "/", 405),
        ("POST", "/afmelden", 400),
        ("OPTIONS", "/", 200),
        ("GET", "/static/scout.css", 200),
        ("GET", "/static/weg.css", 404),
        ("GET", "/%ff", 404),
    ],
)
def test_every_answer_carries_the_security_headers(ada: Visitor, method: str, path: str, status: int) -> None:
    answer = ada.client.open(path, method=method)

    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "publickey-credentials-get=(self)" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers
    if path != "/static/scout.css":
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_that_fails_carries_them_too(
    app: Flask, ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setitem(app.view_functions, "pages.accessibility", lambda: 1 / 0)

    answer = ada.client.get("/toegankelijkheid")

    assert answer.status_code == 500
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value]


@pytest.mark.parametrize("path", ["/aanmelden", "/toegankelijkheid", "/hoe-het-werkt", "/bestaat-niet"])
def test_pages_without_an_account_need_no_other_host_and_nothing_inline(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)

    loaded = visitor.page.xpath("//link/@href | //@src | //@srcset | //form/@action | //object/@data")
    assert loaded
    for address in loaded:
        assert address.startswith("/"), address
        assert not address.startswith("//"), address
    assert not visitor.page.xpath("//style | //@style | //script[not(@src)] | //base | //meta[@http-equiv]")
    assert not [name for name in visitor.page.xpath("//@*/..//@*") if str(name).startswith("javascript:")]
    assert not re.search(r"\son\w+=", answer.text)
    for style in visitor.page.xpath("//link[@rel='stylesheet']/@href"):
        sheet = visitor.client.get(style).text
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet), style


def test_search_engines_are_asked_to_stay_away(visitor: Visitor) -> None:
    answer = visitor.client.get("/robots.txt")

    assert answer.mimetype == "text/plain"
    assert answer.text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("scout.voorbeeld.example", 200, id="our name"),
        pytest.param("scout.voorbeeld.example:443", 200, id="our name with a port"),
        pytest.param("localhost:5000", 200, id="whoever watches from this machine"),
        pytest.param("evil.example", 400, id="another name"),
        pytest.param("scout.voorbeeld.example.evil.example", 400, id="ours in front of another"),
        pytest.param("evil.example:80@scout.voorbeeld.example", 400, id="no name at all"),
    ],
)
@pytest.mark.parametrize("path", ["/aanmelden", "/", "/healthz", "/bestaat-niet"])
def test_with_a_public_address_pages_are_there_under_that_name_only(
    settings: Settings, engine: Engine, host: str, status: int, path: str
) -> None:
    own = settings.model_copy(update={"public_url": "https://scout.voorbeeld.example"})
    client = create_app(own, engine=engine).test_client()

    answer = client.get(path, headers={"Host": host}, environ_overrides={"HTTP_HOST": host})

    assert (answer.status_code == 400) is (status == 400)
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_host_that_is_no_name_is_refused_without_a_failure_of_our_own(app: Flask) -> None:
    answer = app.test_client().get("/", environ_overrides={"HTTP_HOST": "x" * 300})

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize(
    "path",
    [
        "/signalen/%D9%A1",  # a digit of another script
        "/signalen/01",
        "/signalen/+1",
        "/signalen/1.0",
        "/signalen/2147483648",
        "/signalen/99999999999999999999999999",
        "/signalen/1%00",
        "/signalen/1;/opnemen",
        "/register/%D9%A1",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "//signalen/1",
        "/register//1",
        "/static/scout.css%00.svg",
    ],
)
def test_addresses_written_in_odd_ways_do_not_exist(ada: Visitor, session: Session, path: str) -> None:
    make_lead(session)
    session.commit()

    assert ada.client.get(path).status_code == 404


ODD = ["\0", "\ud800", "٣", "9" * 5000, "' OR 1=1 --", "%", "\\", '"', "NEAR(", "x" * 20_000]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_odd_values_in_addresses_break_no_page(ada: Visitor, session: Session, value: str) -> None:
    make_lead(session)
    session.commit()
    said = quote(value.encode("utf-8", "surrogatepass"))

    for name in VALUES:
        for path in (f"/?{name}={said}", f"/?{name}=open&{name}={said}", f"/register?{name}={said}"):
            assert ada.client.get(path).status_code == 200, path[:100]


def test_what_was_decided_is_not_told_to_who_signs_in_next_on_the_same_machine(
    sign_in: SignIn, session: Session
) -> None:
    lead = make_lead(session, title="Alleen voor Rheden", municipality=RHEDEN)
    make_account(session, "c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    session.commit()
    ada = sign_in()
    ada.get(f"/signalen/{lead.id}")
    token = ada.form("/afmelden")["csrf_token"]
    ada.send(f"/signalen/{lead.id}/afwijzen", follow=False, reason="overheid")
    assert ada.answer.status_code == 303
    # The message about it was not shown yet.
    ada.client.post("/afmelden", data={"csrf_token": token})
    ada.get("/aanmelden")

    ada.send("/aanmelden", email="c@voorbeeld.example", password=PASSWORD)

    assert ada.answer.status_code == 200
    assert ada.heading == "Signalen"
    assert "Rheden" not in ada.answer.text


def test_signing_in_starts_a_session_that_nobody_knows_yet(visitor: Visitor, session: Session) -> None:
    make_account(session)
    session.commit()
    visitor.get("/aanmelden")
    with visitor.client.session_transaction() as before:
        planted = dict(before)

    visitor.send("/aanmelden", email="ada@voorbeeld.example", password=PASSWORD)

    with visitor.client.session_transaction() as after:
        assert after["_user_id"]
        assert after["csrf_token"] != planted["csrf_token"]


def test_a_file_never_puts_a_former_session_back(ada: Visitor, visitor: Visitor) -> None:
    # Asked for before signing in, and answered after it, they would overwrite the new session.
    for browser in (ada, visitor):
        assert "Set-Cookie" not in browser.get("/static/scout.svg").headers
    assert "Set-Cookie" in ada.get("/").headers, "whoever works stays signed in"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    visitor: Visitor, session: Session
) -> None:
    visitor.get("/aanmelden")

    (cookie,) = visitor.answer.headers.getlist("Set-Cookie")

    assert cookie.startswith("scout=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # http://127.0.0.1 must work


def test_in_production_cookies_and_headers_demand_https(settings: Settings, engine: Engine) -> None:
    production = settings.model_copy(
        update={
            "production": True,
            "contact": "privacy@voorbeeld.example",
            "dpia_ref": "DPIA-1",
            "public_url": "https://scout.voorbeeld.example",
        }
    )
    visitor = Visitor(create_app(production, engine=engine))

    answer = visitor.get("/aanmelden", base_url="https://scout.voorbeeld.example")

    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-scout=")
    assert "Secure" in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    text = visitor.get("/.well-known/security.txt").text
    assert "Contact: mailto:privacy@voorbeeld.example" in text
    assert "Canonical: https://scout.voorbeeld.example/.well-known/security.txt" in text


def test_security_txt_is_complete_and_not_about_to_expire(visitor: Visitor) -> None:
    lines = dict(line.split(": ", 1) for line in visitor.get("/.well-known/security.txt").text.splitlines())

    assert lines["Contact"].startswith("http")
    expires = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%S%z")
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=366)


def test_a_form_that_is_far_too_large_is_refused(ada: Visitor, session: Session) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    form = ada.form(f"/signalen/{lead.id}/opnemen") | {"summary": "x" * 300_000}

    answer = ada.client.post(f"/signalen/{lead.id}/opnemen", data=form)

    assert answer.status_code == 413
    assert "te veel tekst" in answer.text


def test_a_failure_of_our_own_is_said_in_words_and_shows_nothing_of_it(
    app: Flask, ada: Visitor, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr("review.queue.lead_page", broken)

    answer = ada.client.get("/")

    assert answer.status_code == 500
    assert "Er ging iets mis" in answer.text
    assert "geheim" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"

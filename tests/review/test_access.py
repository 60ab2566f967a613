"""Who gets in, and who sees what."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from models.store.accounts import FAILURES_PER_ADDRESS, FAILURES_PER_EMAIL, disable_account
from models.words import Role
from review.access import ACCESS, AccessError, use_access
from review.access_table import TARGET, table
from tests.review.factories import ARNHEM, PASSWORD, RHEDEN, make_account, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]

#: What a municipality may do with its own entry of the register, as last parts of addresses.
CLERK_ACTS = ("fase", "geinformeerd", "goedkeuring", "notitie")
#: Every page that shows content, with what stands for numbers in it.
CONTENT = ["/", "/signalen/{lead}", "/signalen/{lead}/opnemen", "/register", "/register/{entry}"]


@pytest.fixture
def content(session: Session, sign_in: SignIn) -> dict[str, dict[str, int]]:
    """For Arnhem and for Rheden one open lead and one entry made of another lead."""
    staff = sign_in("maker@voorbeeld.example")
    made = {}
    for code in (ARNHEM, RHEDEN):
        lead = make_lead(session, title=f"Open in {code}", municipality=code)
        promoted = make_lead(session, title=f"Register van {code}", municipality=code, score=0.1)
        session.commit()
        staff.get(f"/signalen/{promoted.id}")
        staff.send(f"/signalen/{promoted.id}/opnemen", summary="In eigen woorden geschreven.")
        staff.get("/register")
        entry = int(staff.page.cssselect(".scout-card__title a")[0].get("href").split("/")[-1])
        made[code] = {"lead": lead.id, "promoted": promoted.id, "entry": entry}
    return made


@pytest.mark.parametrize("path", [*CONTENT, "/?status=rejected"])
def test_without_an_account_content_leads_to_sign_in_and_back(
    visitor: Visitor, content: dict[str, dict[str, int]], path: str
) -> None:
    address = path.format(**content[ARNHEM])

    answer = visitor.client.get(address)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/aanmelden")
    visitor.get(address)
    assert visitor.heading == "Aanmelden"
    visitor.send("/aanmelden", email="maker@voorbeeld.example", password=PASSWORD)
    assert visitor.heading != "Aanmelden"
    assert visitor.answer.request.path in (address.split("?")[0], f"/signalen/{content[ARNHEM]['lead']}")


@pytest.mark.parametrize(
    "path", ["/bestaat-niet", "/signalen", "/register/", "/signalen/abc", "/signalen/1/onzin", "/admin"]
)
def test_an_unknown_path_is_404_before_it_is_a_sign_in(visitor: Visitor, path: str) -> None:
    assert visitor.client.get(path).status_code == 404
    assert "Deze pagina bestaat niet" in visitor.get(path).text


@pytest.mark.parametrize(
    "path", ["/healthz", "/toegankelijkheid", "/hoe-het-werkt", "/.well-known/security.txt", "/aanmelden"]
)
def test_some_pages_need_no_account(visitor: Visitor, path: str) -> None:
    assert visitor.client.get(path).status_code == 200


def test_an_endpoint_without_a_line_in_the_table_keeps_the_application_from_starting() -> None:
    app = Flask("forgotten")
    app.add_url_rule("/vergeten", "room.forgotten", lambda: "")

    with pytest.raises(AccessError, match=r"room\.forgotten.*review/access\.py"):
        use_access(app)


def test_every_line_of_the_table_is_about_an_endpoint(app: Flask) -> None:
    assert ACCESS.keys() == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_the_published_table_is_what_the_code_does(app: Flask) -> None:
    assert TARGET.read_text("utf-8") == table(app), "run python -m review.access"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("POST", "/bestaat-niet", 404, id="unknown path"),
        pytest.param("PUT", "/", 405, id="wrong method"),
        pytest.param("POST", "/register", 405, id="a page is no form"),
        pytest.param("DELETE", "/signalen/1", 405, id="no method of its own"),
        pytest.param("OPTIONS", "/signalen/1", 200, id="which methods there are"),
        pytest.param("HEAD", "/healthz", 200, id="head of an open page"),
        pytest.param("HEAD", "/register", 303, id="head of a closed page"),
    ],
)
def test_what_does_not_exist_is_said_before_anybody_must_sign_in(
    visitor: Visitor, method: str, path: str, status: int
) -> None:
    answer = visitor.client.open(path, method=method)

    assert answer.status_code == status
    assert method not in ("HEAD", "OPTIONS") or not answer.data


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PROJECT_LEADER, Role.ADMIN])
def test_staff_sees_and_decides_everywhere(
    sign_in: SignIn, content: dict[str, dict[str, int]], role: Role
) -> None:
    person = sign_in("p@voorbeeld.example", roles=[role])

    for code, numbers in content.items():
        for path in CONTENT:
            assert person.get(path.format(**numbers)).status_code == 200
        person.get(f"/signalen/{numbers['lead']}")
        assert f"/signalen/{numbers['lead']}/afwijzen" in person.actions
        person.get("/")
        assert f"Open in {code}" in person.titles


def test_a_municipality_sees_its_own_only_and_decides_nothing(
    sign_in: SignIn, content: dict[str, dict[str, int]]
) -> None:
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    clerk.get("/")
    assert clerk.titles == [f"Open in {ARNHEM}"]
    assert "1 signaal wacht" in clerk.main
    clerk.get(f"/?gemeente={RHEDEN}")
    assert clerk.titles == []
    clerk.get("/register")
    assert clerk.titles == [f"Register van {ARNHEM}"]
    assert "1 initiatief" in clerk.main
    clerk.get(f"/register?gemeente={RHEDEN}&zoek=Register")
    assert clerk.titles == []
    for path in ("/", "/register"):
        assert "Rheden" not in clerk.get(path).text
        assert RHEDEN not in clerk.answer.text
    own, other = content[ARNHEM], content[RHEDEN]
    assert clerk.get(f"/signalen/{own['lead']}").status_code == 200
    assert clerk.actions == ["/afmelden"]
    assert clerk.get(f"/register/{own['entry']}").status_code == 200
    # It keeps its own entry, and decides on nothing.
    entry = f"/register/{own['entry']}"
    assert set(clerk.actions) == {"/afmelden", *(f"{entry}/{act}" for act in CLERK_ACTS)}
    assert "Maker" not in clerk.main
    assert clerk.client.get(f"/signalen/{other['lead']}").status_code == 404
    assert clerk.client.get(f"/register/{other['entry']}").status_code == 404


def test_a_municipality_that_forges_a_decision_is_refused(
    sign_in: SignIn, content: dict[str, dict[str, int]], session: Session
) -> None:
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    clerk.get("/")
    token = clerk.form("/afmelden")["csrf_token"]
    form = {"csrf_token": token, "version": "1", "reason": "anders", "summary": "x", "name": "x"}

    for action in ("opnemen", "afwijzen", "al-bekend"):
        own = clerk.client.post(f"/signalen/{content[ARNHEM]['lead']}/{action}", data=form)
        other = clerk.client.post(f"/signalen/{content[RHEDEN]['lead']}/{action}", data=form)
        assert (own.status_code, other.status_code) == (403, 403)
    assert clerk.client.post("/besluiten/1/ongedaan", data=form).status_code == 403
    assert clerk.client.post("/besluiten/2/ongedaan", data=form).status_code == 403


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER])
def test_a_privacy_officer_sees_no_content(
    sign_in: SignIn, content: dict[str, dict[str, int]], role: Role
) -> None:
    officer = sign_in("f@voorbeeld.example", roles=[role])

    for path in CONTENT:
        answer = officer.client.get(path.format(**content[ARNHEM]))
        assert answer.status_code == (303 if path == "/" else 403)
        assert "Arnhem" not in answer.text
    assert "mag geen signalen" in officer.get("/register").text
    assert officer.get("/").request.path == "/logboek"


def test_a_session_ends_after_half_an_hour_without_a_request(app: Flask, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False) as clock:
        ada = sign_in()
        for minutes in (29, 29, 29):
            clock.shift(timedelta(minutes=minutes))
            assert ada.client.get("/").status_code == 200
        clock.shift(timedelta(minutes=31))
        assert ada.client.get("/").status_code == 303


def test_a_session_ends_after_a_working_day_however_busy(sign_in: SignIn) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        ada = sign_in()
        for _ in range(12 * 3):
            clock.shift(timedelta(minutes=20))
            assert ada.client.get("/").status_code == 200
        clock.shift(timedelta(minutes=20))
        assert ada.client.get("/").status_code == 303


def test_a_disabled_account_is_out_at_once(ada: Visitor, session: Session) -> None:
    assert ada.client.get("/").status_code == 200
    disable_account(session, "ada@voorbeeld.example")
    session.commit()

    assert ada.client.get("/").status_code == 303
    ada.get("/aanmelden")
    ada.send("/aanmelden", email="ada@voorbeeld.example", password=PASSWORD)
    assert "Het e-mailadres of het wachtwoord klopt niet." in ada.main


def test_failures_to_sign_in_all_look_the_same(visitor: Visitor, session: Session) -> None:
    make_account(session)
    make_account(session, "uit@voorbeeld.example")
    disable_account(session, "uit@voorbeeld.example")
    session.commit()
    pages = set()

    for email, password in (
        ("ada@voorbeeld.example", "een fout wachtwoord"),
        ("niemand@voorbeeld.example", PASSWORD),
        ("uit@voorbeeld.example", PASSWORD),
        ("geen adres", PASSWORD),
        ("", ""),
    ):
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", email=email, password=password)
        assert visitor.answer.status_code == 200
        pages.add(visitor.main)

    assert len(pages) == 1
    assert "klopt niet" in pages.pop()


@pytest.mark.parametrize("email", ["ada@voorbeeld.example", "niemand@voorbeeld.example"])
def test_guessing_a_password_is_stopped_for_known_and_unknown_addresses_alike(
    visitor: Visitor, session: Session, email: str
) -> None:
    make_account(session)
    session.commit()
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        visitor.get("/aanmelden")
        form = visitor.form("/aanmelden")
        for number in range(FAILURES_PER_EMAIL):
            attempt = {**form, "email": email.upper() if number % 2 else email, "password": f"gok {number}"}
            assert visitor.client.post("/aanmelden", data=attempt).status_code == 200
        answer = visitor.client.post("/aanmelden", data={**form, "email": email, "password": PASSWORD})
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) <= 901
        assert "Wacht 15 minuten" in answer.text
        clock.shift(timedelta(minutes=15, seconds=1))
        answer = visitor.client.post("/aanmelden", data={**form, "email": email, "password": PASSWORD})
        assert answer.status_code == (302 if email.startswith("ada") else 200)


def test_guessing_many_addresses_from_one_place_is_stopped_too(visitor: Visitor, session: Session) -> None:
    make_account(session)
    session.commit()
    visitor.get("/aanmelden")
    form = visitor.form("/aanmelden")

    codes = [
        visitor.client.post(
            "/aanmelden", data={**form, "email": f"p{number}@voorbeeld.example", "password": "gok"}
        ).status_code
        for number in range(FAILURES_PER_ADDRESS + 1)
    ]

    assert codes == [200] * FAILURES_PER_ADDRESS + [429]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
    ],
)
def test_sign_in_never_leads_to_another_site(visitor: Visitor, session: Session, target: str) -> None:
    make_account(session)
    session.commit()
    visitor.client.get("/aanmelden", query_string={"next": target})
    visitor.get("/aanmelden")

    visitor.send("/aanmelden", follow=False, email="ada@voorbeeld.example", password=PASSWORD, next=target)

    assert visitor.answer.status_code == 302
    # A path of our own: browsers read // and /\\ as the start of another host's name.
    assert re.fullmatch(r"/(?:[^/\\].*)?", visitor.answer.headers["Location"])


def test_signing_out_is_by_post_only(ada: Visitor) -> None:
    ada.get("/")

    assert ada.client.get("/afmelden").status_code == 405
    assert ada.client.get("/").status_code == 200
    ada.send("/afmelden")
    assert ada.heading == "Aanmelden"
    assert ada.client.get("/").status_code == 303

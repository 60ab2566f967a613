"""The pages on which somebody gives a program access, and takes it away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from models.store.api_clients import add_client
from models.words import Role, Scope
from tests.review.factories import ARNHEM, PASSWORD, RHEDEN, make_account, viewer_of
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
PAGE, NEW = "/kanalen/programmas", "/kanalen/programmas/nieuw"


@pytest.fixture
def leader(sign_in: SignIn) -> Visitor:
    return sign_in("pat@voorbeeld.example", roles=[Role.PROJECT_LEADER], name="Pat")


@pytest.fixture
def officer(sign_in: SignIn) -> Visitor:
    return sign_in("lou@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem", name="Lou")


def make(visitor: Visitor, name: str = "Zaaksysteem", *scopes: Scope, asked: str = "") -> tuple[str, str]:
    """Make a program with the form; its name for the API and its secret, as the page shows them."""
    visitor.get(NEW + (f"?gemeente={asked}" if asked else ""))
    (form,) = [form for form in visitor.page.forms if form.action == NEW and form.method == "POST"]
    filled = {**dict(form.form_values()), "name": name, "scopes": [scope.value for scope in scopes]}
    visitor.answer = visitor.client.post(NEW, data=filled)
    if not visitor.page.cssselect("#geheim"):
        return "", ""
    (client_id,) = [field.value for field in visitor.page.cssselect("#naam")]
    (secret,) = [field.value for field in visitor.page.cssselect("#geheim")]
    return client_id, secret.strip()


def token_of(app: Flask, pair: tuple[str, str]) -> str | None:
    answer = app.test_client().post("/oauth/token", data={"grant_type": "client_credentials"}, auth=pair)
    return answer.json.get("access_token")


def test_a_municipality_gives_its_own_system_access_and_takes_it_away(app: Flask, officer: Visitor) -> None:
    officer.get("/kanalen")
    assert "Programma’s" in officer.main
    officer.get(PAGE)
    assert officer.heading == "Programma’s van Arnhem"
    assert "Er zijn nog geen programma’s." in officer.main

    pair = make(officer, "Zaaksysteem", Scope.LEADS_READ, Scope.SHARES_ANSWER)

    assert officer.heading == "Het programma is klaar"
    token = token_of(app, pair)
    assert token is not None
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/signalen", headers=headers).status_code == 200
    assert app.test_client().get("/api/v1/initiatieven", headers=headers).status_code == 403
    officer.get(PAGE)
    assert pair[1] not in officer.answer.text
    assert "Zaaksysteem" in officer.main
    assert "namens Lou" in officer.main
    assert "laatst gebruikt op" in officer.main
    assert "Mag: signalen lezen, antwoorden op delingen." in officer.main

    (revoke,) = [action for action in officer.actions if action.endswith("/intrekken")]
    officer.send(revoke)

    assert "‘Zaaksysteem’ heeft geen toegang meer." in officer.notices
    assert "Zaaksysteem, ingetrokken op" in officer.main
    assert app.test_client().get("/api/v1/signalen", headers=headers).status_code == 401
    assert token_of(app, pair) is None


def test_a_municipality_is_offered_only_what_fits_and_only_its_own(officer: Visitor) -> None:
    officer.get(f"{NEW}?gemeente={RHEDEN}")

    assert "Voor Arnhem" in officer.main
    offered = [box.get("value") for box in officer.page.cssselect("input[name=scopes]")]
    assert offered == [
        "signalen:lezen",
        "initiatieven:lezen",
        "initiatieven:schrijven",
        "delingen:lezen",
        "delingen:beantwoorden",
        "berichten:inbrengen",
        "rondes:lezen",
        "rondes:schrijven",
    ]
    make(officer, "Slim", Scope.LEADS_DECIDE, asked=RHEDEN)
    assert officer.answer.status_code == 400
    assert "Dit past niet bij het account of de gemeente." in officer.main
    make(officer, "Slim", Scope.LEADS_READ, asked="netwerk")
    officer.get(PAGE)
    assert officer.heading == "Programma’s van Arnhem"
    assert "Slim" in officer.main


def test_staff_makes_programs_for_the_network_and_for_any_municipality(app: Flask, leader: Visitor) -> None:
    leader.get(NEW)
    assert NEW not in [form.action for form in leader.page.forms if form.method == "POST"]

    assert token_of(app, make(leader, "Matching", Scope.LEADS_DECIDE, asked="netwerk")) is not None
    assert token_of(app, make(leader, "Van Rheden", Scope.SHARES_ANSWER, asked=RHEDEN)) is not None

    leader.get(PAGE)
    assert "voor het hele netwerk" in leader.main
    assert "voor Rheden" in leader.main
    leader.get(f"{PAGE}?gemeente={RHEDEN}")
    assert "Matching" not in leader.main
    leader.get(f"{PAGE}?gemeente=netwerk")
    assert "Van Rheden" not in leader.main
    assert "Matching" in leader.main


def test_everything_that_is_missing_is_said_at_once_and_nothing_filled_in_is_lost(leader: Visitor) -> None:
    make(leader, "", asked="netwerk")
    assert leader.answer.status_code == 400
    assert "Vul in hoe het programma heet." in leader.main
    assert "Kies minstens één ding dat het programma mag." in leader.main

    make(leader, "x" * 200, Scope.LEADS_READ, asked="netwerk")
    assert "hoogstens 80 tekens" in leader.main
    (chosen,) = leader.page.xpath("//input[@name='scopes' and @checked]/@value")
    assert chosen == "signalen:lezen"

    make(leader, "Matching", Scope.LEADS_READ, asked="netwerk")
    make(leader, "matching", Scope.LEADS_READ, asked="netwerk")
    assert "Er is al een programma met deze naam." in leader.main


def test_nobody_revokes_what_is_anothers(app: Flask, session: Session, officer: Visitor) -> None:
    other = make_account(
        session, "mo@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden", name="Mo"
    )
    row, secret = add_client(session, "Van Rheden", [Scope.LEADS_READ], viewer=viewer_of(other))
    session.commit()
    make(officer, "Eigen", Scope.LEADS_READ)
    officer.get(PAGE)
    token = officer.form(officer.actions[-1])["csrf_token"]

    answer = officer.client.post(f"{PAGE}/{row.id}/intrekken", data={"csrf_token": token})

    assert answer.status_code == 404
    assert "Van Rheden" not in officer.main
    assert token_of(app, (row.client_id, secret)) is not None


def test_who_signed_in_long_ago_confirms_it_before_making_one(sign_in: SignIn) -> None:
    leader = sign_in("pat@voorbeeld.example", roles=[Role.PROJECT_LEADER])
    later = datetime.now(UTC) + timedelta(minutes=15)
    with time_machine.travel(later, tick=False):
        leader.get(PAGE)
        assert leader.heading == "Programma’s"
        leader.get(f"{NEW}?gemeente={ARNHEM}")
        assert leader.answer.request.path == "/aanmelden/bevestigen"
        leader.send("/aanmelden/bevestigen", password=PASSWORD, follow=False)
        assert leader.answer.headers["Location"].endswith(f"{NEW}?gemeente={ARNHEM}")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PRIVACY_OFFICER])
def test_others_have_no_such_pages(sign_in: SignIn, role: Role) -> None:
    other = sign_in("x@voorbeeld.example", roles=[role])

    for path in (PAGE, NEW):
        assert other.client.get(path).status_code == 403

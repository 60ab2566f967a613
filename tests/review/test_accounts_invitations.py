"""Invitations: a link that works once, for one week, for whoever it was made for."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.invitation import Invitation
from models.settings import Settings
from models.store.audit import audit_page
from models.words import Role
from tests.review.factories import PASSWORD, make_account
from tests.review.second_step import ADA, give_password, set_up_app
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]

NEW = "nieuw@gemeente.example"
CHOSEN = "een eigen zin van vijf"


@pytest.fixture
def admin(sign_in: SignIn) -> Visitor:
    return sign_in("baas@voorbeeld.example", roles=[Role.ADMIN], name="De Baas")


def invite(admin: Visitor, email: str = NEW, **values: object) -> str:
    """Path of the link that an administrator gets."""
    admin.get("/accounts/uitnodigen")
    form = admin.form("/accounts/uitnodigen")
    data = {**form, "email": email, "roles": ["beoordelaar"], **values}
    admin.answer = admin.client.post("/accounts/uitnodigen", data=data)
    return shown_link(admin)


def shown_link(admin: Visitor) -> str:
    found = re.search(r"/uitnodiging/[\w-]{43}", admin.answer.text)
    assert found, admin.main
    return found[0]


def accept(visitor: Visitor, path: str, password: str = CHOSEN, **changes: str) -> None:
    visitor.get(path)
    visitor.send(path, **{"password": password, "repeat": password, **changes})


def test_who_is_invited_chooses_a_password_and_signs_in_with_the_rights_given(
    admin: Visitor, visitor: Visitor, session: Session
) -> None:
    path = invite(admin, name="Noor", roles=["gemeente"], municipality="GM0202")
    visitor.get(path)
    assert visitor.heading == "Welkom"
    assert visitor.form(path)["name"] == "Noor"

    accept(visitor, path)

    assert visitor.heading == "Aanmelden"
    assert "Meld u nu aan" in visitor.notices
    give_password(visitor, NEW, CHOSEN)
    assert visitor.heading == "Signalen"
    visitor.get("/account")
    assert "Gemeente (Arnhem)" in visitor.main
    log = [(row.action, row.account_id) for row in audit_page(session)[0]]
    new = session.scalar(select(Account.id).where(Account.email == NEW))
    assert log[:3] == [("sign_in", new), ("account_add", new), ("invite", admin.account_id)]


def test_a_link_works_once(admin: Visitor, visitor: Visitor) -> None:
    path = invite(admin)
    accept(visitor, path)

    assert visitor.get(path).status_code == 404
    assert visitor.heading == "Deze link werkt niet meer"
    token = visitor.client.get("/aanmelden").text.split('csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": token, "password": "een ander wachtwoord", "repeat": "een ander wachtwoord"}
    assert visitor.client.post(path, data=sent).status_code == 404
    give_password(visitor, NEW, CHOSEN)
    assert visitor.heading == "Signalen"


def test_a_link_ends_after_a_week_when_withdrawn_and_when_there_is_a_newer_one(
    admin: Visitor, visitor: Visitor
) -> None:
    withdrawn = invite(admin)
    admin.get("/accounts")
    assert NEW in admin.main
    assert "van De Baas" in admin.main
    admin.send(next(one for one in admin.actions if "intrekken" in (one or "")))
    assert "ingetrokken" in admin.notices
    assert NEW not in admin.main
    older = invite(admin)
    newer = invite(admin)

    for path, status in ((withdrawn, 404), (older, 404), (newer, 200)):
        assert visitor.get(path).status_code == status
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, minutes=1), tick=False):
        assert visitor.get(newer).status_code == 404


def test_the_secret_of_a_link_is_shown_once_and_kept_nowhere(admin: Visitor, session: Session) -> None:
    token = invite(admin).rpartition("/")[2]

    assert token not in admin.get("/accounts").text
    kept = session.scalars(select(Invitation)).one()
    assert token not in str(vars(kept))
    assert token not in str([(row.before, row.after, row.object_id) for row in audit_page(session)[0]])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"password": "kort", "repeat": "kort"}, "12 tot 128", id="short"),
        pytest.param({"password": "welkomwelkom", "repeat": "welkomwelkom"}, "veel mensen", id="common"),
        pytest.param({"repeat": "een heel andere zin"}, "niet hetzelfde", id="not the same twice"),
        pytest.param(
            {"name": "Noor Pietersen", "password": "pietersen en co", "repeat": "pietersen en co"},
            "niet uw naam",
            id="own name",
        ),
    ],
)
def test_a_bad_password_is_refused_and_the_link_stays_good(
    admin: Visitor, visitor: Visitor, changes: dict[str, str], said: str
) -> None:
    path = invite(admin)
    accept(visitor, path, **changes)
    assert visitor.answer.status_code == 400
    assert said in visitor.main

    accept(visitor, path)
    assert visitor.heading == "Aanmelden"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"email": "geen adres"}, "geen e-mailadres", id="address"),
        pytest.param({"email": "BAAS@voorbeeld.example"}, "al een account", id="taken"),
        pytest.param({"roles": []}, "ten minste één rol", id="no role"),
        pytest.param({"roles": ["koning"]}, "rol bestaat niet", id="role"),
        pytest.param({"roles": ["gemeente"]}, "hoort een gemeente", id="no municipality"),
        pytest.param(
            {"roles": ["gemeente"], "municipality": "GM9999"}, "gemeente bestaat niet", id="unknown"
        ),
    ],
)
def test_a_wrong_invitation_is_refused_in_words(admin: Visitor, values: dict[str, object], said: str) -> None:
    admin.get("/accounts/uitnodigen")
    data = {**admin.form("/accounts/uitnodigen"), "email": NEW, "roles": ["beoordelaar"], **values}

    admin.answer = admin.client.post("/accounts/uitnodigen", data=data)

    assert admin.answer.status_code == 400
    assert said in admin.main


def test_a_new_password_by_link_ends_the_sessions_but_not_the_second_step(
    admin: Visitor, ada: Visitor, visitor: Visitor
) -> None:
    set_up_app(ada)
    admin.get(f"/accounts/{ada.account_id}")
    admin.send(f"/accounts/{ada.account_id}/nieuw-wachtwoord")
    path = shown_link(admin)
    visitor.get(path)
    assert visitor.heading == "Kies een nieuw wachtwoord"

    accept(visitor, path)

    assert ada.client.get("/").status_code == 303
    give_password(visitor, password=PASSWORD)
    assert "klopt niet" in visitor.main
    give_password(visitor, password=CHOSEN)
    assert visitor.heading == "Uw code"


def test_a_closed_account_gets_no_new_password_by_an_older_link(
    admin: Visitor, ada: Visitor, visitor: Visitor, session: Session
) -> None:
    admin.get(f"/accounts/{ada.account_id}")
    admin.send(f"/accounts/{ada.account_id}/nieuw-wachtwoord")
    path = shown_link(admin)
    admin.get(f"/accounts/{ada.account_id}")
    admin.send(f"/accounts/{ada.account_id}/sluiten")

    assert visitor.get(path).status_code == 404


def test_made_up_links_are_not_there(visitor: Visitor) -> None:
    for token in ("x", "a" * 43, "%00", "../aanmelden"):
        assert visitor.get(f"/uitnodiging/{token}").status_code in (404, 200)
        assert visitor.heading in ("Deze link werkt niet meer", "Deze pagina bestaat niet", "Aanmelden")


def command(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "review.cli", "user", *words],
        env={**os.environ, "SCOUT_VAR": str(settings.var), "SCOUT_SECRET_KEY": settings.secret_key},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_make_the_same_links(settings: Settings, visitor: Visitor, session: Session) -> None:
    made = json.loads(
        command(settings, "invite", NEW, "--name", "Noor", "--role", "projectleider", "--json").stdout
    )
    assert made["email"] == NEW
    path = made["link"].removeprefix("http://127.0.0.1:5000")
    accept(visitor, path)
    give_password(visitor, NEW, CHOSEN)
    assert visitor.heading == "Signalen"

    done = command(settings, "reset", NEW)
    assert done.stdout.startswith("http://127.0.0.1:5000/uitnodiging/")
    assert NEW in done.stderr
    accept(visitor, done.stdout.strip().removeprefix("http://127.0.0.1:5000"), "nog een andere zin")
    give_password(visitor, NEW, "nog een andere zin")
    assert visitor.heading == "Signalen"

    make_account(session)
    session.commit()
    for words, said in (
        (("invite", ADA), "already"),
        (("invite", "x"), "not an e-mail address"),
        (("reset", "niemand@voorbeeld.example"), "no account"),
    ):
        refused = command(settings, *words)
        assert refused.returncode == 2
        assert said in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1

"""The pages on which somebody keeps the accounts of everybody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from models.store.audit import audit_page
from models.words import Role
from tests.review.factories import PASSWORD
from tests.review.second_step import Device, give_password, make_recovery_codes, set_up_app
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def admin(sign_in: SignIn) -> Visitor:
    return sign_in("baas@voorbeeld.example", roles=[Role.ADMIN], name="De Baas")


def change(admin: Visitor, account_id: int, **values: object) -> None:
    admin.get(f"/accounts/{account_id}")
    form = admin.form(f"/accounts/{account_id}")
    admin.answer = admin.client.post(
        f"/accounts/{account_id}", data={**form, **values}, follow_redirects=True
    )


def act(admin: Visitor, account_id: int, what: str) -> None:
    admin.get(f"/accounts/{account_id}")
    admin.send(f"/accounts/{account_id}/{what}")


def test_all_accounts_are_listed_with_what_they_may_do(admin: Visitor, ada: Visitor, sign_in: SignIn) -> None:
    sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem", name="")
    set_up_app(ada)

    admin.get("/accounts")

    assert admin.titles == ["Ada", "De Baas", "c@voorbeeld.example"]
    assert "Gemeente Arnhem" in admin.main
    assert "met tweede stap" in admin.main
    assert "3 accounts" in admin.main


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_sees_or_changes_accounts(sign_in: SignIn, admin: Visitor, role: Role) -> None:
    town = "Arnhem" if role is Role.MUNICIPALITY else ""
    other = sign_in("x@voorbeeld.example", roles=[role], municipality=town)
    other.get("/account")
    token = other.form("/afmelden")["csrf_token"]

    for path in ("/accounts", "/accounts/uitnodigen", f"/accounts/{admin.account_id}"):
        assert other.client.get(path).status_code == 403
    for path in ("", "/sluiten", "/heropenen", "/tweede-stap-weg", "/nieuw-wachtwoord", "/overal-afmelden"):
        sent = other.client.post(f"/accounts/{admin.account_id}{path}", data={"csrf_token": token})
        assert sent.status_code == 403
    assert admin.client.get("/").status_code == 200


def test_roles_and_municipality_are_changed_and_hold_at_once(
    admin: Visitor, ada: Visitor, session: Session
) -> None:
    change(admin, ada.account_id, name="Ada B.", roles=["gemeente"], municipality="GM0275")

    assert "bewaard" in admin.notices
    ada.get("/account")
    assert "Gemeente (Rheden)" in ada.main
    row = audit_page(session, action="account_change")[0][0]
    assert row.account_id == admin.account_id
    assert row.before == {"roles": ["beoordelaar"], "municipality": None}
    assert row.after == {"roles": ["gemeente"], "municipality": "GM0275", "name": "changed"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"roles": []}, "ten minste één rol", id="no role"),
        pytest.param({"roles": ["gemeente"], "municipality": ""}, "hoort een gemeente", id="no municipality"),
        pytest.param({"name": "<script>"}, "zonder de tekens", id="name"),
    ],
)
def test_what_can_not_be_is_refused_in_words(
    admin: Visitor, ada: Visitor, values: dict[str, object], said: str
) -> None:
    change(admin, ada.account_id, **values)

    assert admin.answer.status_code == 400
    assert said in admin.main


def test_closing_ends_the_sessions_and_reopening_lets_in_again(
    admin: Visitor, ada: Visitor, visitor: Visitor
) -> None:
    act(admin, ada.account_id, "sluiten")
    assert "gesloten" in admin.notices
    assert ada.client.get("/").status_code == 303
    give_password(visitor)
    assert "klopt niet" in visitor.main

    act(admin, ada.account_id, "heropenen")
    give_password(visitor)
    assert visitor.heading == "Signalen"
    assert ada.client.get("/").status_code == 303


def test_who_lost_everything_gets_in_with_the_password_after_help(
    admin: Visitor, ada: Visitor, visitor: Visitor, session: Session
) -> None:
    set_up_app(ada)
    Device().make(ada)
    make_recovery_codes(ada)

    act(admin, ada.account_id, "tweede-stap-weg")

    assert ada.client.get("/").status_code == 303
    give_password(visitor)
    assert visitor.heading == "Signalen"
    visitor.get("/account")
    assert "appstaat uit" in visitor.main
    assert "Passkeysgeen" in visitor.main
    row = audit_page(session, action="account_secure")[0][0]
    assert (row.account_id, row.after) == (admin.account_id, {"second_step": "removed"})


def test_the_last_administrator_can_not_be_locked_out(
    admin: Visitor, sign_in: SignIn, session: Session
) -> None:
    act(admin, admin.account_id, "sluiten")
    assert admin.answer.status_code == 400
    assert "laatste beheerder" in admin.main
    change(admin, admin.account_id, roles=["beoordelaar"])
    assert "laatste beheerder" in admin.main

    second = sign_in("tweede@voorbeeld.example", roles=[Role.ADMIN])
    act(admin, second.account_id, "sluiten")
    assert "gesloten" in admin.notices
    act(admin, admin.account_id, "sluiten")
    assert "laatste beheerder" in admin.main
    act(admin, second.account_id, "heropenen")
    change(admin, admin.account_id, roles=["beoordelaar"])
    assert admin.client.get("/accounts").status_code == 403


def test_changing_accounts_needs_saying_again_who_one_is(admin: Visitor, ada: Visitor) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=25), tick=False):
        admin.get("/accounts")
        assert admin.heading == "Accounts"
        token = admin.form("/afmelden")["csrf_token"]
        sent = admin.client.post(f"/accounts/{ada.account_id}/sluiten", data={"csrf_token": token})
        assert sent.headers["Location"].startswith("/aanmelden/bevestigen")
        assert ada.client.get("/account").status_code == 200
        admin.get("/accounts/uitnodigen")
        assert admin.heading == "Bent u het?"
        admin.send("/aanmelden/bevestigen", password=PASSWORD)
        assert admin.heading == "Iemand uitnodigen"


def test_accounts_that_are_not_there_are_not_there(admin: Visitor) -> None:
    admin.get("/accounts")
    token = admin.form("/afmelden")["csrf_token"]

    assert admin.client.get("/accounts/999").status_code == 404
    for path in ("", "/sluiten", "/nieuw-wachtwoord", "/tweede-stap-weg"):
        assert admin.client.post(f"/accounts/999{path}", data={"csrf_token": token}).status_code == 404
    assert (
        admin.client.post("/accounts/uitnodigingen/999/intrekken", data={"csrf_token": token}).status_code
        == 404
    )
    assert admin.client.post("/accounts/1/weggooien", data={"csrf_token": token}).status_code == 404
    # Without a provider there is nobody to hand an account over to.
    assert admin.client.post("/accounts/1/elders-aanmelden", data={"csrf_token": token}).status_code == 404

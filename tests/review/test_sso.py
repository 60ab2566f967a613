"""Signing in at an identity provider: a real one on loopback, honest and tampered with."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask
from oidc_provider_mock import run_server_in_thread
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.settings import Settings, SettingsError, load_settings
from models.store.audit import AuditRow, audit_page
from models.store.invitations import invite, offer_provider
from models.store.provider import two_steps
from models.words import Role
from review.app import create_app
from tests.review.factories import PASSWORD, make_account
from tests.review.second_step import give_password
from tests.review.visitor import Visitor
from tests.web import Answer, Web, closed_port, hanging

pytestmark = pytest.mark.usefixtures("_plain_http")

CLIENT = "scout"
ROLES = {
    "team": "beoordelaar",
    "bazen": "beheerder",
    "arnhem": "gemeente:GM0202",
    "rheden": "gemeente:GM0275",
}
JSON = {"Content-Type": "application/json"}
NOOR: dict[str, Any] = {
    "email": "noor@gemeente.example",
    "name": "Noor",
    "amr": ["pwd", "mfa"],
    "groups": ["team", "iets anders"],
}


@pytest.fixture
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider in the test has no certificate, and says so to its own library."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def provider() -> Iterator[str]:
    """Address of an identity provider."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


Make = Callable[..., Flask]


@pytest.fixture
def make_app(settings: Settings, engine: Engine) -> Make:
    """Makes an application that knows a provider."""

    def make(issuer: str, **changes: object) -> Flask:
        values = {
            "oidc_issuer": issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": "geheim",
            "oidc_roles": ROLES,
            "oidc_name": "Gemeente-ID",
            **changes,
        }
        app = create_app(settings.model_copy(update=values), engine=engine)
        app.config["TESTING"] = True
        return app

    return make


@pytest.fixture
def web(make_app: Make, provider: str) -> Flask:
    return make_app(provider)


def at_provider(
    provider: str, visitor: Visitor, subject: str, claims: dict[str, Any], path: str = "/aanmelden/sso"
) -> str:
    """Go to the provider, sign in there as somebody, and give where it sends back to."""
    requests.put(f"{provider}/users/{subject}", json=claims, timeout=10).raise_for_status()
    away = visitor.client.get(path)
    assert away.status_code == 302
    back = requests.post(away.headers["Location"], data={"sub": subject}, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    return back.headers["Location"].removeprefix("http://localhost")


def enter(
    provider: str, web: Flask, subject: str = "noor", *, path: str = "/aanmelden/sso", **changes: Any
) -> Visitor:
    """Somebody who tries to sign in with these claims."""
    visitor = Visitor(web)
    visitor.get(at_provider(provider, visitor, subject, {**NOOR, **changes}, path))
    return visitor


def inside(visitor: Visitor) -> bool:
    return visitor.client.get("/account").status_code == 200


def noor(session: Session) -> Account | None:
    session.rollback()
    account = session.scalar(select(Account).where(Account.email == NOOR["email"]))
    session.expunge_all()
    session.rollback()
    return account


def log_of(session: Session, action: str | None = None) -> list[AuditRow]:
    rows = audit_page(session, action=action)[0]
    session.rollback()
    return rows


def test_who_is_in_a_known_group_gets_an_account_at_the_first_sign_in(
    provider: str, web: Flask, session: Session
) -> None:
    visitor = enter(provider, web, path="/aanmelden/sso?next=/register")

    assert visitor.heading == "Register"
    account = noor(session)
    assert account is not None
    assert (account.name, [role.name for role in account.roles]) == ("Noor", ["beoordelaar"])
    assert account.password is None
    assert account.oidc_subject == f"{provider}|noor"
    log = [(row.action, row.after) for row in log_of(session)]
    assert log == [
        ("sign_in", {"way": "provider"}),
        ("account_add", {"roles": ["beoordelaar"], "municipality": None, "provider": True}),
    ]
    again = enter(provider, web)
    assert again.heading == "Signalen"
    assert len(session.scalars(select(Account)).all()) == 1


def test_the_request_is_made_with_proof_key_state_and_nonce(provider: str, web: Flask) -> None:
    away = urlsplit(Visitor(web).client.get("/aanmelden/sso").headers["Location"])

    asked = {name: values[0] for name, values in parse_qs(away.query).items()}
    assert away.geturl().startswith(f"{provider}/")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked["code_challenge"]), len(asked["state"]), len(asked["nonce"])) >= 20
    assert asked["redirect_uri"] == "http://localhost/aanmelden/sso/terug"


def test_the_sign_in_page_leads_to_our_own_address_only(web: Flask, provider: str) -> None:
    visitor = Visitor(web)

    visitor.get("/aanmelden?next=/register")

    assert "Aanmelden met Gemeente-ID" in visitor.main
    assert provider not in visitor.answer.text
    assert visitor.page.cssselect(".scout-sign-in__other")[0].get("href") == "/aanmelden/sso?next=/register"


def test_groups_decide_at_every_sign_in(provider: str, web: Flask, session: Session) -> None:
    for groups, roles, town in (
        (["team"], {"beoordelaar"}, None),
        (["bazen", "team"], {"beheerder", "beoordelaar"}, None),
        (["arnhem"], {"gemeente"}, "GM0202"),
        (["rheden"], {"gemeente"}, "GM0275"),
        ("team", {"beoordelaar"}, None),
    ):
        assert inside(enter(provider, web, groups=groups))
        account = noor(session)
        assert account is not None
        assert ({role.name for role in account.roles}, account.municipality_code) == (roles, town)
    changes = log_of(session, "account_change")
    assert len(changes) == 4
    assert changes[0].before == {"roles": ["gemeente"], "municipality": "GM0275"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"groups": ["iets anders"]}, "niet in een groep", id="unknown group"),
        pytest.param({"groups": None}, "niet in een groep", id="no groups"),
        pytest.param({"groups": ["arnhem", "rheden"]}, "meer dan één gemeente", id="two municipalities"),
        pytest.param({"amr": ["pwd"]}, "zonder tweede stap", id="password only"),
        pytest.param({"amr": None}, "zonder tweede stap", id="no amr"),
        pytest.param({"email": None}, "geen e-mailadres", id="no address"),
        pytest.param({"email": "geen adres"}, "geen e-mailadres", id="no real address"),
    ],
)
def test_who_does_not_fit_is_refused_with_a_clear_sentence(
    provider: str, web: Flask, session: Session, changes: dict[str, Any], said: str
) -> None:
    given = {name: value for name, value in changes.items() if value is not None}
    claims = {name: value for name, value in NOOR.items() if name not in changes}
    visitor = Visitor(web)
    visitor.get(at_provider(provider, visitor, "noor", {**claims, **given}))

    assert visitor.answer.status_code == 403
    assert said in visitor.main
    assert not inside(visitor)
    assert noor(session) is None
    (row,) = log_of(session, "sign_in_refused")
    assert set(row.after) == {"why"}


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "https://elders.example"}, id="issuer"),
        pytest.param({"aud": "een ander"}, id="audience"),
        pytest.param({"aud": [CLIENT, "een ander"]}, id="two audiences, no authorized party"),
        pytest.param({"aud": [CLIENT, "een ander"], "azp": "een ander"}, id="authorized party"),
        pytest.param({"aud": "een ander", "azp": CLIENT}, id="audience, with our authorized party"),
        pytest.param({"exp": int(time.time()) - 600}, id="expired"),
        pytest.param({"iat": int(time.time()) + 6000}, id="from the future"),
        pytest.param({"nonce": "verzonnen"}, id="nonce"),
        pytest.param({"nonce": ""}, id="empty nonce"),
        pytest.param({"at_hash": "verzonnen"}, id="of another access token"),
    ],
)
def test_a_token_that_was_tampered_with_lets_nobody_in(
    provider: str, web: Flask, session: Session, claims: dict[str, Any]
) -> None:
    visitor = enter(provider, web, **claims)

    assert visitor.answer.status_code == 403
    assert "antwoord van de aanmelddienst klopt niet" in visitor.main
    assert not inside(visitor)
    assert noor(session) is None


def test_the_answer_of_another_session_is_refused(provider: str, web: Flask) -> None:
    honest, thief = Visitor(web), Visitor(web)
    back = at_provider(provider, honest, "noor", NOOR)
    thief.client.get("/aanmelden/sso")

    thief.get(back)
    assert thief.answer.status_code == 400
    assert "niet hier begonnen" in thief.main
    assert not inside(thief)
    # Nor is a made-up state, or the same answer a second time.
    other = Visitor(web)
    address = at_provider(provider, other, "noor", NOOR)
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert other.get(address.replace(state, "verzonnen")).status_code == 400
    honest.get(back)
    assert inside(honest)
    assert honest.get(back).status_code == 400


def test_a_signature_with_another_key_is_refused(make_app: Make, provider: str, session: Session) -> None:
    with run_server_in_thread() as other, Web() as web:
        described = requests.get(f"{provider}/.well-known/openid-configuration", timeout=10).json()
        described["jwks_uri"] = f"http://localhost:{other.server_port}/jwks"
        # Described by an address of its own, so that nothing else differs.
        issuer = web.url("").rstrip("/")
        described["issuer"] = issuer
        web.route("/.well-known/openid-configuration", Answer(json.dumps(described), headers=JSON))
        app = make_app(issuer)

        visitor = Visitor(app)
        visitor.get(at_provider(provider, visitor, "noor", {**NOOR, "iss": issuer}))

        assert visitor.answer.status_code == 403
        assert not inside(visitor)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"issuer": "https://elders.example"}, id="another issuer"),
        pytest.param({"token_endpoint": "http://elders.example/token"}, id="no https"),
        pytest.param({"jwks_uri": ""}, id="no keys"),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    make_app: Make, changes: dict[str, str]
) -> None:
    with Web() as web:
        issuer = web.url("").rstrip("/")
        described = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/a",
            "token_endpoint": f"{issuer}/t",
            "jwks_uri": f"{issuer}/k",
            **changes,
        }
        web.route("/.well-known/openid-configuration", Answer(json.dumps(described), headers=JSON))
        visitor = Visitor(make_app(issuer))

        visitor.get("/aanmelden/sso")

        assert visitor.answer.status_code == 403
        assert visitor.heading == "Aanmelden is niet gelukt"


def test_a_provider_that_is_down_or_hangs_gives_a_clear_page_and_others_still_sign_in(
    make_app: Make, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account(session, "nood@voorbeeld.example")
    session.commit()
    monkeypatch.setattr("review.sso.TIMEOUT", 0.2)
    with Web() as web:
        web.route("/.well-known/openid-configuration", hanging(web))
        for issuer in (f"http://127.0.0.1:{closed_port()}", web.url("").rstrip("/")):
            visitor = Visitor(make_app(issuer))
            visitor.get("/aanmelden/sso")
            assert visitor.answer.status_code == 502
            assert "nu niet bereikbaar" in visitor.main
            give_password(visitor, "nood@voorbeeld.example")
            assert visitor.heading == "Signalen"


def test_who_gives_up_at_the_provider_is_told_so(provider: str, web: Flask) -> None:
    visitor = Visitor(web)
    away = visitor.client.get("/aanmelden/sso")
    back = requests.post(away.headers["Location"], data={"action": "deny"}, allow_redirects=False, timeout=10)

    visitor.get(back.headers["Location"].removeprefix("http://localhost"))

    assert visitor.answer.status_code == 403
    assert "niet doorgelaten" in visitor.main


def test_trust_in_the_provider_can_stand_for_the_second_step(make_app: Make, provider: str) -> None:
    assert inside(enter(provider, make_app(provider, oidc_mfa="trusted"), amr=["pwd"]))


def test_other_claims_and_names_of_groups_can_be_set(make_app: Make, provider: str) -> None:
    app = make_app(provider, oidc_groups_claim="roles", oidc_roles={"Scout.Read": "beoordelaar"})

    assert inside(enter(provider, app, groups=[], roles=["Scout.Read"]))


def test_where_a_second_step_is_demanded_that_of_the_provider_counts(make_app: Make, provider: str) -> None:
    visitor = enter(provider, make_app(provider, two_factor="required"))

    assert visitor.heading == "Signalen"
    visitor.get("/account")
    assert "U meldt zich aan met Gemeente-ID" in visitor.main


def test_an_account_with_a_password_is_never_taken_over_by_its_address(
    provider: str, web: Flask, session: Session
) -> None:
    make_account(session, NOOR["email"], name="Noor hier")
    session.commit()

    visitor = enter(provider, web)

    assert visitor.answer.status_code == 403
    assert "al een account met uw e-mailadres" in visitor.main
    account = noor(session)
    assert account is not None
    assert account.oidc_subject is None
    give_password(visitor, NOOR["email"])
    assert visitor.heading == "Signalen"


def test_an_account_is_handed_over_when_an_administrator_said_so(
    provider: str, web: Flask, session: Session
) -> None:
    secret = web.extensions["scout"].secret
    account_id = make_account(session, NOOR["email"], name="Noor hier").id
    offer_provider(session, secret, account_id, by_id=None)
    session.commit()

    # Not for an address that the provider does not vouch for.
    assert not inside(enter(provider, web, "vals", email_verified=False))
    assert not inside(enter(provider, web, "vals", email=None, preferred_username=NOOR["email"]))
    visitor = enter(provider, web)

    assert inside(visitor)
    account = noor(session)
    assert account is not None
    assert (account.id, account.name, account.password) == (account_id, "Noor hier", None)
    give_password(other := Visitor(web), NOOR["email"], PASSWORD)
    assert "klopt niet" in other.main
    # Somebody else with the same address comes too late.
    assert not inside(enter(provider, web, "ander"))


def test_an_invited_address_is_linked_and_its_link_ends(provider: str, web: Flask, session: Session) -> None:
    secret = web.extensions["scout"].secret
    _made, token = invite(
        session, secret, NOOR["email"], by_id=None, roles=["beheerder"], name="Noor van de lijst"
    )
    session.commit()

    visitor = enter(provider, web, name="")

    assert inside(visitor)
    account = noor(session)
    assert account is not None
    # The groups decide, not the invitation.
    assert (account.name, [role.name for role in account.roles]) == ("Noor van de lijst", ["beoordelaar"])
    assert Visitor(web).get(f"/uitnodiging/{token}").status_code == 404


def test_a_closed_account_stays_out(provider: str, web: Flask, session: Session) -> None:
    visitor = enter(provider, web)
    account = noor(session)
    assert account is not None
    session.execute(update(Account).values(active=False))
    session.commit()

    assert not inside(visitor)
    again = enter(provider, web)
    assert "Uw account is gesloten" in again.main
    assert not inside(again)
    assert log_of(session, "sign_in_refused")[0].object_id == str(account.id)


def test_who_signs_in_elsewhere_sets_nothing_up_here(provider: str, web: Flask, session: Session) -> None:
    visitor = enter(provider, web)
    visitor.get("/account/code")
    visitor.send("/account/code", setup="authenticator")
    assert "U meldt zich elders aan" in visitor.main
    visitor.get("/account/passkeys")
    visitor.send("/account/passkeys", name="laptop")
    assert "U meldt zich elders aan" in visitor.main
    visitor.get("/account/wachtwoord")
    visitor.send(
        "/account/wachtwoord",
        new_password="vier fietsen op een dak",
        new_password_confirm="vier fietsen op een dak",
    )
    account = noor(session)
    assert account is not None
    assert account.password is None


def test_saying_again_who_one_is_happens_at_the_provider(provider: str, web: Flask, session: Session) -> None:
    admin = enter(provider, web, groups=["bazen"])
    now = time.time() + 25 * 60
    with time_machine.travel(now, tick=True):
        answer = admin.client.get("/accounts/uitnodigen")
        assert answer.headers["Location"].startswith("/aanmelden/sso/bevestigen?next=")
        for subject, told, heading in (
            ("ander", {"auth_time": int(now)}, "Aanmelden is niet gelukt"),
            ("noor", {"auth_time": None}, "Aanmelden is niet gelukt"),
            ("noor", {"auth_time": int(now) - 3600}, "Aanmelden is niet gelukt"),
            ("noor", {"auth_time": int(now) + 2}, "Iemand uitnodigen"),
        ):
            claims = {**NOOR, "groups": ["bazen"], "exp": int(now) + 600, "iat": int(now), **told}
            away = admin.client.get(answer.headers["Location"])
            assert parse_qs(urlsplit(away.headers["Location"]).query)["prompt"] == ["login"]
            admin.get(at_provider(provider, admin, subject, claims, answer.headers["Location"]))
            assert admin.heading == heading


@pytest.mark.parametrize(
    ("amr", "enough"),
    [
        (["mfa"], True),
        (["pwd", "ngcmfa"], True),
        (["pwd", "otp"], True),
        (["pin", "hwk"], True),
        (["pwd"], False),
        (["otp"], False),
        (["pwd", "pin"], False),
        ([], False),
        (None, False),
        ("mfa", False),
    ],
)
def test_what_counts_as_two_steps(amr: object, enough: bool) -> None:
    assert two_steps(amr) is enough


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"oidc_issuer": "http://elders.example"}, "https://", id="no https"),
        pytest.param({"oidc_client_id": ""}, "oidc_client_id", id="no client"),
        pytest.param({"oidc_roles": {}}, "oidc_roles", id="no roles"),
        pytest.param({"oidc_roles": {"team": "koning"}}, "'koning'", id="unknown role"),
        pytest.param({"oidc_roles": {"team": "gemeente"}}, "gemeente:GM0000", id="no municipality"),
    ],
)
def test_a_wrong_setting_keeps_the_pages_from_starting(changes: dict[str, Any], said: str) -> None:
    right = {
        "oidc_issuer": "https://id.example",
        "oidc_client_id": "x",
        "oidc_client_secret": "x",
        "oidc_roles": ROLES,
    }
    load_settings(**right)

    with pytest.raises(SettingsError, match=said):
        load_settings(**{**right, **changes})


def test_without_a_provider_its_addresses_are_not_there(
    visitor: Visitor, sign_in: Callable[..., Visitor]
) -> None:
    for path in ("/aanmelden/sso", "/aanmelden/sso/terug"):
        assert visitor.client.get(path).status_code == 404
    assert sign_in(roles=[Role.ADMIN]).client.get("/aanmelden/sso/bevestigen").status_code == 404

"""Passkeys: making, signing in with them alone or after the password, and everything that must not work."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.passkey import Passkey
from models.settings import Settings
from models.store.audit import audit_page
from models.store.credentials import PASSKEYS_MAX
from models.store.lockout import FAILURES_PER_PASSKEY
from review.app import create_app
from tests.review.factories import make_account
from tests.review.second_step import ADA, Device, give_password, make_recovery_codes, passkey_form, set_up_app
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def device(ada: Visitor) -> Device:
    """A device on which Ada has made a passkey."""
    device = Device()
    device.make(ada)
    assert "‘laptop’ is gemaakt" in ada.notices
    return device


def test_a_passkey_alone_signs_in(device: Device, visitor: Visitor, session: Session) -> None:
    device.sign_in(visitor)

    assert visitor.heading == "Signalen"
    assert visitor.page.cssselect(".scout-account__name")[0].text_content().endswith("Ada")
    assert audit_page(session, action="sign_in")[0][0].after == {"way": "passkey"}
    (kept,) = session.scalars(select(Passkey)).all()
    assert (kept.sign_count, kept.transports, kept.usage) == (1, ["internal"], "first")


def test_after_the_password_the_passkey_is_asked(device: Device, visitor: Visitor, session: Session) -> None:
    give_password(visitor)
    assert visitor.heading == "Uw passkey"
    assert visitor.client.get("/").status_code == 303
    visitor.send("/aanmelden/passkey")
    (allowed,) = json.loads(passkey_form(visitor).get("data-options"))["allowCredentials"]
    assert allowed["transports"] == ["internal"]

    device.send(visitor)

    assert visitor.heading == "Signalen"
    assert audit_page(session, action="sign_in")[0][0].after == {"way": "password and passkey"}


def test_who_has_both_chooses_and_can_fall_back_on_a_recovery_code(
    device: Device, ada: Visitor, visitor: Visitor
) -> None:
    set_up_app(ada)
    codes = make_recovery_codes(ada)
    give_password(visitor)
    assert visitor.heading == "Kies uw tweede stap"

    visitor.send("/aanmelden/tweede-stap", which="webauthn")
    assert visitor.heading == "Uw passkey"
    visitor.get("/aanmelden/tweede-stap")
    visitor.send("/aanmelden/tweede-stap", which="authenticator")
    assert visitor.heading == "Uw code"
    visitor.get("/aanmelden/herstelcode")
    visitor.send("/aanmelden/herstelcode", code=codes[0])
    assert visitor.heading == "Signalen"


def wrong_signature(device: Device, visitor: Visitor) -> None:
    device.send(visitor, signature=b"0" * 70)


def without_finger(device: Device, visitor: Visitor) -> None:
    device.verifies = False
    device.send(visitor)


def from_another_site(device: Device, visitor: Visitor) -> None:
    device.origin = "http://elders.example"
    device.send(visitor)


def for_another_site(device: Device, visitor: Visitor) -> None:
    device.send(visitor, rp="elders.example")


def other_riddle(device: Device, visitor: Visitor) -> None:
    device.send(visitor, challenge="YW5kZXJz")


def counted_back(device: Device, visitor: Visitor) -> None:
    device.used = -1
    device.send(visitor)


def unknown(device: Device, visitor: Visitor) -> None:
    device.credential = b"another passkey"
    device.send(visitor)


def nonsense(device: Device, visitor: Visitor) -> None:
    visitor.send(passkey_form(visitor).action, credential='{"id": [], "rawId": 1, "response": []}')


def nothing(device: Device, visitor: Visitor) -> None:
    visitor.send(passkey_form(visitor).action, credential="")


@pytest.mark.parametrize(
    "attempt",
    [
        wrong_signature,
        without_finger,
        from_another_site,
        for_another_site,
        other_riddle,
        counted_back,
        unknown,
        nonsense,
        nothing,
    ],
)
def test_what_is_not_right_stays_out_and_always_sounds_the_same(
    device: Device, visitor: Visitor, attempt: Callable[[Device, Visitor], None]
) -> None:
    # Used once before, so that it has counted.
    device.sign_in(Visitor(visitor.app))
    visitor.get("/aanmelden")
    visitor.send("/aanmelden/passkey")

    attempt(device, visitor)

    assert visitor.heading == "Aanmelden met een passkey"
    assert visitor.notices == "Aanmelden met deze passkey is niet gelukt."
    assert visitor.client.get("/").status_code == 303


def test_an_answer_is_good_once_and_in_its_own_session_only(device: Device, visitor: Visitor) -> None:
    visitor.get("/aanmelden")
    visitor.send("/aanmelden/passkey")
    form, answer = passkey_form(visitor), device.answer(visitor)
    thief = Visitor(visitor.app)
    thief.get("/aanmelden")
    token = thief.form("/aanmelden")["csrf_token"]

    thief.client.post(form.action, data={"csrf_token": token, "credential": answer})
    assert thief.client.get("/").status_code == 303
    visitor.send(form.action, credential=answer)
    assert visitor.heading == "Signalen"
    visitor.send("/afmelden")
    token = visitor.form("/aanmelden")["csrf_token"]
    visitor.client.post(form.action, data={"csrf_token": token, "credential": answer})
    assert visitor.client.get("/").status_code == 303


def test_a_passkey_of_somebody_else_is_no_second_step(
    device: Device, sign_in: SignIn, visitor: Visitor
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    bobs = Device()
    bobs.make(bob)
    give_password(visitor)
    visitor.send("/aanmelden/passkey")

    bobs.send(visitor)

    assert "niet gelukt" in visitor.notices
    assert visitor.client.get("/").status_code == 303


def test_a_closed_account_stays_out_with_its_passkey(
    device: Device, visitor: Visitor, session: Session
) -> None:
    session.scalars(select(Account)).one().active = False
    session.commit()

    device.sign_in(visitor)

    assert "niet gelukt" in visitor.notices
    assert visitor.client.get("/").status_code == 303


def test_failing_again_and_again_is_stopped(device: Device, visitor: Visitor) -> None:
    for _ in range(FAILURES_PER_PASSKEY):
        visitor.get("/aanmelden")
        visitor.send("/aanmelden/passkey")
        device.send(visitor, signature=b"0" * 70)

    device.sign_in(visitor)

    assert visitor.answer.status_code == 429
    assert visitor.client.get("/").status_code == 303


def test_a_passkey_is_taken_away_and_works_no_more(device: Device, ada: Visitor, visitor: Visitor) -> None:
    ada.get("/account/passkeys")
    ada.send("/account/passkey-weg")

    assert "‘laptop’ is verwijderd" in ada.notices
    device.sign_in(visitor)
    assert "niet gelukt" in visitor.notices


def test_the_same_name_an_empty_one_and_too_many_are_refused(
    device: Device, ada: Visitor, session: Session
) -> None:
    for name, said in (
        ("laptop", "al een passkey met de naam"),
        ("", "Geef de nieuwe passkey een naam"),
        ("x" * 41, "hoogstens 40 tekens"),
        ("<b>", "alleen letters"),
    ):
        ada.get("/account/passkeys")
        ada.send("/account/passkeys", name=name)
        assert said in ada.main
    for number in range(PASSKEYS_MAX - 1):
        Device().make(ada, f"toestel {number}")
    ada.get("/account/passkeys")
    ada.send("/account/passkeys", name="nog een")
    assert "al 10 passkeys" in ada.main
    assert len(session.scalars(select(Passkey)).all()) == PASSKEYS_MAX


def test_where_a_second_step_is_demanded_a_passkey_is_one_and_the_last_stays(
    settings: Settings, app: Flask, session: Session
) -> None:
    web = create_app(
        settings.model_copy(update={"two_factor": "required"}), engine=app.extensions["scout_engine"]
    )
    make_account(session)
    session.commit()
    ada = Visitor(web)
    give_password(ada)
    assert ada.heading == "Kies een tweede stap"

    Device().make(ada)
    assert ada.get("/").status_code == 200
    ada.get("/account/passkeys")
    ada.send("/account/passkey-weg")

    assert "enige tweede stap" in ada.notices
    assert len(session.scalars(select(Passkey)).all()) == 1


def test_at_an_address_of_digits_no_passkey_is_offered(visitor: Visitor) -> None:
    visitor.get("/aanmelden", base_url="http://127.0.0.1:5000")

    assert visitor.actions == ["/aanmelden"]


def test_in_production_only_the_address_of_the_settings_counts(settings: Settings, app: Flask) -> None:
    from review.passkeys import Ceremony

    production = settings.model_copy(update={"production": True, "public_url": "https://scout.example/"})
    web = create_app(production, engine=app.extensions["scout_engine"])
    with web.test_request_context("/", base_url="https://localhost"):
        assert Ceremony(web).origin() == "https://scout.example"


def test_signing_in_says_nothing_about_who_has_a_passkey(
    device: Device, visitor: Visitor, session: Session
) -> None:
    make_account(session, "zonder@voorbeeld.example")
    session.commit()
    pages = set()
    for identity in ("", ADA, "zonder@voorbeeld.example", "niemand@voorbeeld.example"):
        visitor.get("/aanmelden")
        visitor.send("/aanmelden/passkey", identity=identity)
        options = json.loads(passkey_form(visitor).get("data-options"))
        pages.add((visitor.main, str(options["allowCredentials"])))
    assert len(pages) == 1

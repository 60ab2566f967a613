"""Codes of an app and recovery codes: setting up, signing in, guessing, and where they are demanded."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account
from models.settings import Settings
from models.store.audit import audit_page
from models.store.lockout import FAILURES_PER_CODE, LOCK_TIME
from models.words import Role
from review.app import create_app
from tests.review.factories import PASSWORD, make_account
from tests.review.second_step import ADA, give_password, make_recovery_codes, set_up_app
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock that only goes on when it is told to."""
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC), tick=False) as clock:
        yield clock


def account(session: Session, email: str = ADA) -> Account:
    session.rollback()
    found = session.scalar(select(Account).where(Account.email == email))
    assert found is not None
    return found


def test_who_sets_codes_up_is_led_to_recovery_codes_and_signs_in_with_both(
    clock: Any, ada: Visitor, visitor: Visitor, session: Session
) -> None:
    app = set_up_app(ada)
    assert ada.heading == "Herstelcodes"
    codes = make_recovery_codes(ada)
    assert len(set(codes)) == 10
    ada.get("/account")
    assert "appstaat aan" in ada.main
    assert "nog 10 codes" in ada.main

    clock.shift(60)
    give_password(visitor)
    assert visitor.heading == "Uw code"
    assert visitor.client.get("/").status_code == 303
    visitor.send("/aanmelden/code", code=app.code())
    assert visitor.heading == "Signalen"

    other = Visitor(visitor.app)
    give_password(other)
    other.get("/aanmelden/herstelcode")
    other.send("/aanmelden/herstelcode", code=codes[3].upper().replace("-", " "))
    assert other.heading == "Signalen"

    assert len(account(session).mf_recovery_codes or []) == 9
    log = [(row.action, row.after) for row in audit_page(session)[0]]
    assert log[0] == ("sign_in", {"way": "password and recovery code"})
    assert log[1] == ("account_secure", {"recovery_codes": 9})
    assert log[2] == ("sign_in", {"way": "password and code"})


def test_neither_secret_nor_recovery_codes_can_be_read_in_the_database(
    ada: Visitor, session: Session
) -> None:
    ada.get("/account/code")
    ada.send("/account/code", setup="authenticator")
    key = ada.page.cssselect("code")[0].text_content().replace("-", "")
    assert ada.page.cssselect("img.scout-qr")[0].get("src").startswith("data:image/")
    set_up_app(ada)
    codes = make_recovery_codes(ada)

    kept = account(session)

    assert key not in (kept.tf_totp_secret or "")
    assert '"enckey"' in (kept.tf_totp_secret or "")
    assert not any(code.replace("-", "") in str(kept.mf_recovery_codes) for code in codes)
    # They are shown once.
    ada.get("/account/herstelcodes?show_codes=1")
    assert ada.page.cssselect("code") == []


def test_a_code_works_once_and_only_around_its_half_minute(
    clock: Any, ada: Visitor, visitor: Visitor
) -> None:
    app = set_up_app(ada)
    clock.shift(300)
    for code, heading in (
        (app.code(-2), "Uw code"),
        (app.code(+2), "Uw code"),
        ("000000x", "Uw code"),
        (app.code(), "Signalen"),
    ):
        give_password(visitor)
        visitor.send("/aanmelden/code", code=code)
        assert visitor.heading == heading

    other = Visitor(visitor.app)
    give_password(other)
    # The same, and the one before it, which was never used: whoever looked over a shoulder has both.
    for later in (0, -1):
        other.send("/aanmelden/code", code=app.code(later))
        assert other.heading == "Uw code"
        assert "klopt niet" in other.main
    clock.shift(30)
    other.send("/aanmelden/code", code=app.code())
    assert other.heading == "Signalen"


def test_a_recovery_code_works_once_and_only_for_its_owner(
    ada: Visitor, sign_in: SignIn, visitor: Visitor
) -> None:
    set_up_app(ada)
    codes = make_recovery_codes(ada)
    bob = sign_in("bob@voorbeeld.example")
    set_up_app(bob)
    make_recovery_codes(bob)

    give_password(visitor, "bob@voorbeeld.example")
    visitor.get("/aanmelden/herstelcode")
    visitor.send("/aanmelden/herstelcode", code=codes[0])
    assert "klopt niet" in visitor.main
    for heading in ("Signalen", "Uw herstelcode"):
        other = Visitor(visitor.app)
        give_password(other)
        other.get("/aanmelden/herstelcode")
        other.send("/aanmelden/herstelcode", code=codes[0])
        assert other.heading == heading


def test_guessing_codes_is_stopped_also_when_the_password_is_given_again_in_between(
    clock: Any, ada: Visitor, visitor: Visitor, session: Session
) -> None:
    app = set_up_app(ada)
    codes = make_recovery_codes(ada)
    clock.shift(60)
    for guess in range(FAILURES_PER_CODE):
        give_password(visitor)
        if guess % 2:
            visitor.send("/aanmelden/code", code="000000")
        else:
            visitor.get("/aanmelden/herstelcode")
            visitor.send("/aanmelden/herstelcode", code="0000-0000-0000")

    give_password(visitor)
    visitor.send("/aanmelden/code", code=app.code())
    assert visitor.answer.status_code == 429
    assert int(visitor.answer.headers["Retry-After"]) > 800
    give_password(visitor)
    visitor.get("/aanmelden/herstelcode")
    visitor.send("/aanmelden/herstelcode", code=codes[0])
    assert visitor.answer.status_code == 429

    (row,) = audit_page(session, action="sign_in_refused")[0]
    session.rollback()
    assert (row.object_id, row.after) == (str(ada.account_id), {"why": "too many failures"})
    clock.shift(LOCK_TIME + timedelta(seconds=1))
    give_password(visitor)
    visitor.send("/aanmelden/code", code=app.code())
    assert visitor.heading == "Signalen"


@pytest.mark.parametrize("path", ["/aanmelden/code", "/aanmelden/herstelcode", "/aanmelden/tweede-stap"])
def test_nobody_gets_to_the_second_step_without_the_first(visitor: Visitor, path: str) -> None:
    visitor.get("/aanmelden")
    token = visitor.form("/aanmelden")["csrf_token"]

    for answer in (
        visitor.client.get(path),
        visitor.client.post(path, data={"csrf_token": token, "code": "1"}),
    ):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/aanmelden")


def test_an_account_that_is_closed_between_the_two_steps_stays_out(
    clock: Any, ada: Visitor, visitor: Visitor, session: Session
) -> None:
    app = set_up_app(ada)
    clock.shift(60)
    give_password(visitor)
    kept = account(session)
    kept.active = False
    session.commit()

    visitor.send("/aanmelden/code", code=app.code())

    assert visitor.client.get("/").status_code == 303


def test_codes_can_be_switched_off_again_and_another_app_ends_the_first(
    clock: Any, ada: Visitor, visitor: Visitor
) -> None:
    first = set_up_app(ada)
    second = set_up_app(ada)
    clock.shift(60)
    give_password(visitor)
    visitor.send("/aanmelden/code", code=first.code())
    assert visitor.heading == "Uw code"
    visitor.send("/aanmelden/code", code=second.code())
    assert visitor.heading == "Signalen"

    ada.get("/account/code")
    ada.send("/account/code", setup="disable")
    assert ada.heading == "Mijn account"
    give_password(other := Visitor(visitor.app))
    assert other.heading == "Signalen"


def test_a_wrong_code_sets_nothing_up(ada: Visitor, session: Session) -> None:
    ada.get("/account/code")
    ada.send("/account/code", setup="authenticator")
    action = next(one for one in ada.actions if one.startswith("/account/code/"))

    ada.send(action, code="000000")

    assert "klopt niet" in ada.notices
    assert account(session).tf_primary_method is None


@pytest.mark.parametrize(
    ("changes", "demanded"),
    [
        pytest.param({"two_factor": "required"}, True, id="required"),
        pytest.param({"two_factor": "optional"}, False, id="optional"),
        pytest.param({}, False, id="nothing set"),
        pytest.param({"production": True}, True, id="production"),
        pytest.param({"production": True, "two_factor": "optional"}, False, id="production, optional"),
    ],
)
def test_where_a_second_step_is_demanded_nothing_is_shown_before_it(
    settings: Settings, engine: Engine, session: Session, changes: dict[str, object], demanded: bool
) -> None:
    web = create_app(settings.model_copy(update=changes), engine=engine)
    web.config.update(TESTING=True, SESSION_COOKIE_SECURE=False, SESSION_COOKIE_NAME="scout")
    make_account(session, roles=[Role.ADMIN])
    session.commit()
    visitor = Visitor(web)
    give_password(visitor)

    assert visitor.heading == ("Kies een tweede stap" if demanded else "Signalen")
    for path in (
        "/register",
        "/account",
        "/accounts",
        "/signalen/1",
        "/account/wachtwoord",
        "/account/herstelcodes",
    ):
        assert (visitor.get(path).request.path == "/account/tweede-stap") is demanded
    if demanded:
        assert "/afmelden" in visitor.actions
        set_up_app(visitor)
        assert visitor.heading == "Herstelcodes"
        assert visitor.get("/").status_code == 200
        # And it can't be switched off.
        visitor.get("/account/code")
        token = visitor.form("/account/code")["csrf_token"]
        visitor.client.post("/account/code", data={"csrf_token": token, "setup": "disable"})
        assert account(session).tf_primary_method == "authenticator"


def test_signing_in_with_email_and_password_alone_stays_as_it_was(visitor: Visitor, session: Session) -> None:
    make_account(session)
    session.commit()
    visitor.get("/aanmelden")

    visitor.send("/aanmelden", follow=False, email=ADA, password=PASSWORD)

    assert visitor.answer.status_code == 302
    assert visitor.answer.headers["Location"] == "/"

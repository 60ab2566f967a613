"""One's own account: password, name, sessions, and being asked once more who one is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from models.store.audit import audit_page
from models.store.lockout import FAILURES_PER_EMAIL
from models.words import Role
from tests.review.factories import PASSWORD
from tests.review.second_step import ADA, Device, give_password, set_up_app
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]

BETTER = "vier fietsen op een dak"


def change_password(visitor: Visitor, new: str, *, now: str = PASSWORD, again: str | None = None) -> None:
    visitor.get("/account/wachtwoord")
    visitor.send(
        "/account/wachtwoord",
        password=now,
        new_password=new,
        new_password_confirm=new if again is None else again,
    )


def test_another_password_ends_the_other_sessions_and_keeps_this_one(ada: Visitor, visitor: Visitor) -> None:
    give_password(visitor)
    assert visitor.heading == "Signalen"

    change_password(ada, BETTER)

    assert ada.heading == "Mijn account"
    assert "gewijzigd" in ada.notices
    assert visitor.client.get("/").status_code == 303
    give_password(visitor)
    assert "klopt niet" in visitor.main
    give_password(visitor, password=BETTER)
    assert visitor.heading == "Signalen"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        pytest.param("te kort", "12 tot 128 tekens", id="short"),
        pytest.param("x1!" * 43, "12 tot 128 tekens", id="long"),
        pytest.param("Wachtwoord2026!", "gebruiken veel mensen", id="common"),
        pytest.param("qwertyuiop[]12", "gebruiken veel mensen", id="keyboard"),
        pytest.param("abcdefghijklm", "rijtje toetsen", id="row"),
        pytest.param("kaas kaas kaas kaas", "herhaling", id="repetition"),
        pytest.param("vandaag is adadevries aan de beurt", "niet uw naam", id="e-mail address"),
        pytest.param(PASSWORD, "ander wachtwoord dan u nu hebt", id="the same"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_in_words(sign_in: SignIn, new: str, said: str) -> None:
    ada = sign_in("adadevries@voorbeeld.example")

    change_password(ada, new)

    assert ada.heading == "Wachtwoord wijzigen"
    assert said in ada.main
    assert ada.get("/").status_code == 200


def test_changing_needs_the_present_password_and_the_new_one_twice(ada: Visitor) -> None:
    change_password(ada, BETTER, again="iets heel anders dan dat")
    assert "niet hetzelfde" in ada.main
    for _ in range(FAILURES_PER_EMAIL):
        change_password(ada, BETTER, now="een fout wachtwoord")
        assert "wachtwoord klopt niet" in ada.main
    # Guessing it in a session that was left open is stopped too.
    change_password(ada, BETTER)
    assert ada.answer.status_code == 429


def test_what_secures_an_account_is_changed_only_after_saying_again_who_one_is(
    ada: Visitor, session: Session
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        ada.get("/aanmelden/bevestigen")
        ada.send("/aanmelden/bevestigen", password=PASSWORD)
        clock.shift(timedelta(minutes=25))
        for path in ("/account/code", "/account/herstelcodes", "/account/passkeys"):
            ada.get(path)
            assert ada.heading == "Bent u het?", path
        ada.send("/aanmelden/bevestigen", password="een fout wachtwoord")
        assert ada.heading == "Bent u het?"
        assert "wachtwoord klopt niet" in ada.main
        ada.send("/aanmelden/bevestigen", password=PASSWORD)
        assert ada.heading == "Passkeys"
        assert ada.get("/account/code").request.path == "/account/code"


def test_a_passkey_says_who_one_is_as_well_but_not_that_of_another(ada: Visitor, sign_in: SignIn) -> None:
    device = Device()
    device.make(ada)
    bob = sign_in("bob@voorbeeld.example")
    bobs = Device()
    bobs.make(bob)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=25), tick=False):
        for one, heading in ((bobs, "Bent u het?"), (device, "Code uit een app")):
            ada.get("/account/code")
            ada.send("/aanmelden/bevestigen-passkey")
            one.send(ada)
            assert ada.heading == heading


def test_saying_again_who_one_is_does_not_make_a_session_longer(ada: Visitor) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(12 * 3 - 1):
            clock.shift(timedelta(minutes=20))
            ada.get("/account/passkeys")
            assert ada.heading == "Bent u het?"
            ada.send("/aanmelden/bevestigen", password=PASSWORD)
            assert ada.heading == "Passkeys"
        clock.shift(timedelta(minutes=21))
        assert ada.client.get("/").status_code == 303


def test_guessing_in_a_session_that_was_left_open_is_stopped(ada: Visitor) -> None:
    for _ in range(FAILURES_PER_EMAIL):
        ada.get("/aanmelden/bevestigen")
        ada.send("/aanmelden/bevestigen", password="een fout wachtwoord")
    ada.get("/aanmelden/bevestigen")

    ada.send("/aanmelden/bevestigen", password=PASSWORD)

    assert ada.answer.status_code == 429


def test_signing_out_everywhere_ends_all_sessions(ada: Visitor, visitor: Visitor, session: Session) -> None:
    give_password(visitor)
    ada.get("/account")

    ada.send("/account/overal-afmelden")

    assert ada.heading == "Aanmelden"
    assert "overal afgemeld" in ada.notices
    assert visitor.client.get("/").status_code == 303
    assert audit_page(session)[0][0].after == {"sessions": "ended"}


def test_the_name_beside_decisions_is_ones_own_to_choose(ada: Visitor, session: Session) -> None:
    ada.get("/account")
    ada.send("/account/naam", name="  Ada   van den  Berg ")
    assert ada.page.cssselect(".scout-account__name")[0].text_content().endswith("Ada van den Berg")
    assert "Berg" not in str([row.after for row in audit_page(session)[0]])
    session.rollback()
    for name in ("x" * 81, "<b>Ada</b>"):
        ada.send("/account/naam", name=name)
        assert ada.answer.status_code == 400
        assert "hoogstens 80 tekens" in ada.main


def test_the_page_shows_roles_session_and_language(sign_in: SignIn) -> None:
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    clerk.get("/account")
    assert "Gemeente (Arnhem)" in clerk.main
    assert "na 30 minuten zonder gebruik" in clerk.main
    clerk.get(clerk.page.cssselect("main a[hreflang=en]")[0].get("href"))
    assert clerk.page.get("lang") == "en"


def test_every_sign_in_and_change_stands_in_the_log_without_any_words_of_people(
    ada: Visitor, session: Session
) -> None:
    set_up_app(ada)
    change_password(ada, BETTER)

    rows = audit_page(session)[0]

    assert [(row.action, row.after) for row in rows] == [
        ("account_secure", {"password": "changed"}),
        ("account_secure", {"code": "on"}),
        ("sign_in", {"way": "password"}),
    ]
    assert {row.object_id for row in rows} == {str(ada.account_id)}


def test_privacy_officers_have_an_account_page_too(sign_in: SignIn) -> None:
    officer = sign_in("f@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])

    assert officer.get("/account").status_code == 200
    assert "Functionaris gegevensbescherming" in officer.main


@pytest.mark.parametrize(
    "path", ["/aanmelden", "/aanmelden/bevestigen", "/account/wachtwoord", "/aanmelden/code"]
)
def test_nothing_is_ever_answered_in_json(ada: Visitor, visitor: Visitor, path: str) -> None:
    for who in (ada, visitor):
        for answer in (
            who.client.get(path, headers={"Accept": "application/json"}),
            who.client.post(path, json={"email": ADA, "password": PASSWORD}),
        ):
            assert "json" not in answer.content_type


def test_accounts_are_not_there_for_flask_security_to_make_or_mend(visitor: Visitor) -> None:
    rules = {rule.rule for rule in visitor.app.url_map.iter_rules()}

    for path in ("/register", "/reset", "/confirm", "/us-signin", "/login", "/tf-setup", "/refresh-token"):
        assert path not in rules - {"/register"}
    assert visitor.client.get("/aanmelden/hulp").status_code == 404

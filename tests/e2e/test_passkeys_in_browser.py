"""Accounts in a real browser: passkeys on a virtual device, and every page about accounts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.words import Role
from tests.e2e.conftest import PASSWORD
from tests.e2e.pages import follow, look, page_of
from tests.review.factories import make_account
from tests.review.second_step import App

pytestmark = pytest.mark.browser

BOSS, ANNA = "baas@voorbeeld.example", "anna@voorbeeld.example"


def accounts(session: Session) -> None:
    """An administrator and a reviewer."""
    make_account(session, BOSS, name="De Baas", roles=[Role.ADMIN])
    make_account(session, ANNA, name="Anna de Vries")


@pytest.fixture(scope="module")
def served(serve: Callable[..., str]) -> str:
    """Address of a server by name: passkeys need one."""
    return serve(accounts, samples=False).replace("127.0.0.1", "localhost")


def give_password(page: Any, address: str, email: str) -> None:
    page.goto(f"{address}aanmelden")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    follow(page, "main form[action='/aanmelden'] button")


def virtual_device(page: Any) -> tuple[Any, str]:
    """A device that keeps passkeys and asks for a finger; its owner always says yes."""
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    added = control.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return control, added["authenticatorId"]


def test_a_passkey_is_made_and_signs_in_alone_and_after_the_password(browser: Any, served: str) -> None:
    with page_of(browser) as page:
        control, device = virtual_device(page)
        give_password(page, served, ANNA)
        page.goto(f"{served}account/passkeys")
        page.fill("#name", "laptop van het werk")
        page.click("button:text-is('Passkey maken')")
        page.wait_for_selector(".scout-passkeys")
        assert "‘laptop van het werk’ is gemaakt" in page.inner_text(".scout-notice")
        assert len(control.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

        # alone: one click, nothing typed
        follow(page, "button:text-is('Afmelden')")
        page.click("button:text-is('Aanmelden met een passkey')")
        page.wait_for_selector(".scout-nav")
        assert page.inner_text("h1") == "Signalen"

        # after the password
        follow(page, "button:text-is('Afmelden')")
        give_password(page, served, ANNA)
        assert page.inner_text("h1") == "Uw passkey"
        page.click("button:text-is('Passkey gebruiken')")
        page.wait_for_selector(".scout-nav")

        # somebody else's finger: nobody gets in, and one may try again
        follow(page, "button:text-is('Afmelden')")
        control.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
        page.click("button:text-is('Aanmelden met een passkey')")
        again = page.locator("button:text-is('Probeer het opnieuw')")
        again.wait_for()
        assert "Dat is niet gelukt" in page.inner_text("main")
        control.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
        again.click()
        page.wait_for_selector(".scout-nav")

        # and away with it
        page.goto(f"{served}account/passkeys")
        follow(page, "button:has-text('Verwijderen')")
        assert "verwijderd" in page.inner_text(".scout-notice")


def test_without_javascript_a_code_of_an_app_does(browser: Any, served: str) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        give_password(page, served, ANNA)
        page.goto(f"{served}account/code")
        follow(page, "button:text-is('App instellen')")
        assert page.locator("img.scout-qr").bounding_box()["width"] > 150
        app = App(page.inner_text("code.scout-secret"))
        page.fill("#code", app.code())
        follow(page, "button:text-is('Code bevestigen')")
        follow(page, "button:text-is('Herstelcodes maken')")
        code = page.inner_text("#codes code >> nth=0")

        follow(page, "button:text-is('Afmelden')")
        give_password(page, served, ANNA)
        follow(page, "text=Ik gebruik een herstelcode")
        page.fill("#code", code)
        follow(page, "button:text-is('Verder')")
        assert page.inner_text("h1") == "Signalen"
        page.goto(f"{served}account/code")
        follow(page, "button:text-is('Code uitzetten')")
        assert "staat uit" in page.inner_text("main")


def every_page(page: Any, served: str) -> Iterator[str]:
    """Leads past every page about accounts; gives the name of each when it is there."""
    page.goto(f"{served}aanmelden/passkey")
    yield "sign in with a passkey"
    give_password(page, served, BOSS)
    for name, path in (
        ("account", "account"),
        ("second step", "account/tweede-stap"),
        ("code", "account/code"),
        ("passkeys", "account/passkeys"),
        ("recovery codes", "account/herstelcodes"),
        ("password", "account/wachtwoord"),
        ("confirm", "aanmelden/bevestigen"),
        ("accounts", "accounts"),
        ("one account", "accounts/2"),
        ("invite", "accounts/uitnodigen"),
    ):
        page.goto(f"{served}{path}")
        yield name
    page.fill("#email", "nieuw@gemeente.example")
    follow(page, "button:text-is('Link maken')")
    yield "link"
    link = page.input_value("#link")
    page.goto(f"{served}accounts/uitnodigen")
    follow(page, "button:text-is('Link maken')")
    yield "wrong invitation"
    page.goto(link)
    yield "invitation"
    page.fill("#password", "kort")
    follow(page, "button:text-is('Wachtwoord bewaren')")
    yield "wrong password"
    page.goto(f"{served}account/code")
    follow(page, "button:text-is('App instellen')")
    yield "app"
    app = App(page.inner_text("code.scout-secret"))
    page.fill("#code", app.code())
    follow(page, "button:text-is('Code bevestigen')")
    follow(page, "button:text-is('Herstelcodes maken')")
    yield "codes"
    code = page.inner_text("#codes code >> nth=0")
    follow(page, "button:text-is('Afmelden')")
    give_password(page, served, BOSS)
    page.fill("#code", "000000")
    follow(page, "button:text-is('Verder')")
    yield "wrong code"
    follow(page, "text=Ik gebruik een herstelcode")
    yield "recovery"
    page.fill("#code", code)
    follow(page, "button:text-is('Verder')")
    page.goto(f"{served}accounts")
    yield "accounts and invitations"
    page.goto(f"{served}account/code")
    follow(page, "button:text-is('Code uitzetten')")
    page.goto(f"{served}uitnodiging/verzonnen")


def test_axe_finds_nothing_and_nothing_is_cut_off(browser: Any, served: str) -> None:
    context = browser.new_context(locale="nl-NL", bypass_csp=True)
    page = context.new_page()
    found = {name: look(page, cut_off=True) for name in every_page(page, served)}
    context.close()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}

"""Sharing in a real browser: what staff gives a municipality, what its officers answer, and how it looks."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.digest import DigestSubscription
from models.settings import load_settings
from models.store.digests import subscribe, unsubscribe_word
from models.store.share_rules import day_of
from models.store.shares import answer_share, begin_contact, offer_lead
from models.words import Answer, Role
from tests.e2e.conftest import CLERK, EMAIL
from tests.e2e.pages import follow, let_in, look, look_over, page_of, send, sign_in
from tests.review.factories import ARNHEM, NIJMEGEN, make_account, make_lead, viewer_of

pytestmark = pytest.mark.browser

COLLEAGUE, NEIGHBOUR, LEADER = "bo@voorbeeld.example", "nij@voorbeeld.example", "pia@voorbeeld.example"
#: What the tests share, one lead each: tests do not wait for one another.
MOUSE, KEYS, PLAIN, LATER, TWICE, BACK = "Muziek", "Theater", "Fietsen", "Koor", "Moestuin", "Speeltuin"
LONG = "Een buurt die samen iets heel langs bedenkt, met een erglangwoordzonderspatiesofkoppelteken"


def town(session: Session) -> None:
    """A second officer of Arnhem, one of Nijmegen, and open leads of Arnhem that were shared."""
    make_account(session, COLLEAGUE, name="Bo Ambt", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    make_account(session, NEIGHBOUR, name="Nij Mege", roles=[Role.MUNICIPALITY], municipality="Nijmegen")
    staff = viewer_of(session.scalars(select(Account).where(Account.email == EMAIL)).one())
    for title in (KEYS, PLAIN, LATER, TWICE, BACK):
        offer_lead(session, make_lead(session, title=title, theme="cultuur").id, viewer=staff)
    # Not shared yet: it is promoted.
    make_lead(session, title=MOUSE, score=0.99, theme="cultuur")


@pytest.fixture(scope="module")
def served(serve: Callable[..., str]) -> str:
    """A server that the stories share; each has a lead of its own."""
    return serve(town)


def card(page: Any, title: str) -> Any:
    """What stands about one share in the list."""
    return page.locator(".scout-card", has=page.locator(f".scout-card__title a:text-is('{title}')"))


def waiting(page: Any) -> int:
    """The number in the menu; 0 = there is none."""
    count = page.locator(".scout-nav__count")
    return int(re.sub(r"\D", "", count.inner_text())) if count.count() else 0


def to_share(page: Any, served: str, title: str) -> None:
    """Open the page of a share through the list."""
    page.goto(f"{served}delingen")
    with page.expect_navigation():
        card(page, title).locator(".scout-card__title a").click()


def test_promoted_is_shared_answered_by_mouse_and_brought_to_an_end(browser: Any, served: str) -> None:
    with page_of(browser) as staff, page_of(browser) as officer:
        sign_in(officer, served, CLERK)
        before = waiting(officer)
        sign_in(staff, served, EMAIL)
        with staff.expect_navigation():
            card(staff, MOUSE).locator(".scout-card__title a").click()
        staff.click("summary:has-text('Opnemen')")
        staff.fill("#opnemen-summary", "Buren spelen samen muziek op het plein.")
        send(staff, "button:text-is('Opnemen')")

        follow(officer, "nav >> text=Delingen")
        assert waiting(officer) == before + 1
        with officer.expect_navigation():
            card(officer, MOUSE).get_by_role("button", name="Wij pakken dit op").click()
        assert f"Bewaard: ‘{MOUSE}’ – opgepakt." in officer.inner_text(".scout-notice")
        assert waiting(officer) == before

        to_share(officer, served, MOUSE)
        follow(officer, "button:text-is('Wij zijn in contact')")
        assert officer.inner_text(".scout-facts .scout-status").lower() == "in contact"
        officer.click("summary:has-text('Afsluiten')")
        follow(officer, "form[action$=afsluiten] button")
        assert officer.get_attribute("#fouten a", "href") == "#afsluiten-ending"
        officer.check("text=Wij hebben geholpen")
        officer.fill("#afsluiten-note", "Er is een plek gevonden.")
        follow(officer, "form[action$=afsluiten] button")
        assert officer.locator(".scout-share-page form").count() == 0

        to_share(staff, served, MOUSE)
        shown = staff.inner_text("main")
        assert "Wij hebben geholpen" in shown
        assert "Er is een plek gevonden." in shown
        follow(staff, "main >> text=het initiatief in het register")
        assert "Arnhem heeft dit afgesloten" in staff.inner_text("main")


def test_an_answer_by_keyboard_alone(browser: Any, served: str) -> None:
    with page_of(browser) as page:
        sign_in(page, served, CLERK)
        before = waiting(page)
        page.goto(f"{served}delingen")
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").startswith(f"Al bekend: {KEYS}"):
                break
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert f"Bewaard: ‘{KEYS}’ – al bekend." in page.inner_text(".scout-notice")
        assert waiting(page) == before - 1


def test_without_scripts_not_ours_goes_to_the_municipality_next_door(browser: Any, served: str) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        let_in(page, served, CLERK)
        page.goto(f"{served}delingen")
        with page.expect_navigation():
            card(page, PLAIN).locator("button[value=niet_van_ons]").click()
        assert f"Bewaard: ‘{PLAIN}’ – niet van ons." in page.inner_text(".scout-notice")
    with page_of(browser, java_script_enabled=False) as page:
        let_in(page, served, EMAIL)
        to_share(page, served, PLAIN)
        assert "Arnhem antwoordde: niet van ons." in page.inner_text("main")
        page.select_option("#elders-gemeente", NIJMEGEN)
        page.fill("#elders-message", "Arnhem denkt dat dit bij u hoort.")
        follow(page, "button:text-is('Daar aanbieden')")
        assert "Nijmegen" in page.inner_text(".scout-facts")
    with page_of(browser, java_script_enabled=False) as page:
        let_in(page, served, NEIGHBOUR)
        page.goto(f"{served}delingen")
        assert waiting(page) == 1
        assert "Arnhem denkt dat dit bij u hoort." in card(page, PLAIN).inner_text()


def test_later_with_a_day_of_ones_own(browser: Any, served: str) -> None:
    asked = day_of(utc_now()) + timedelta(days=20)
    with page_of(browser) as page:
        let_in(page, served, CLERK)
        to_share(page, served, LATER)
        page.click("summary:has-text('Later antwoorden')")
        page.fill("#later-later_on", (day_of(utc_now()) - timedelta(days=3)).isoformat())
        follow(page, "form:has(#later-later_on) button")
        assert "Kies een dag na vandaag" in page.inner_text("#fouten")
        assert page.is_visible("#later-later_on")
        page.fill("#later-later_on", asked.isoformat())
        follow(page, "form:has(#later-later_on) button")
        assert f"U krijgt de vraag opnieuw op {asked.day} " in page.inner_text(".scout-notice")


def test_who_answers_second_is_told_who_was_first_and_what(browser: Any, served: str) -> None:
    with page_of(browser) as one, page_of(browser) as other:
        let_in(one, served, CLERK)
        let_in(other, served, COLLEAGUE)
        to_share(one, served, TWICE)
        to_share(other, served, TWICE)
        one.reload()  # opened by the first: seen
        other.reload()
        follow(one, ".scout-share__answers button[value=opgepakt]")
        other.fill("#antwoord-note", "Dit kennen wij al.")
        follow(other, ".scout-share__answers button[value=al_bekend]")

        told = other.inner_text("#fouten")
        assert "Er is nog niets bewaard" in told
        assert "Gé Meente antwoordde al ‘opgepakt’" in told
        assert other.input_value("#antwoord-note") == "Dit kennen wij al."
        other.reload()


def test_taken_back_and_offered_again(browser: Any, served: str) -> None:
    with page_of(browser) as staff, page_of(browser) as officer:
        let_in(staff, served, EMAIL)
        to_share(staff, served, BACK)
        follow(staff, "button:text-is('Intrekken')")
        let_in(officer, served, CLERK)
        to_share(officer, served, BACK)
        assert "Het netwerk vraagt geen antwoord meer." in officer.inner_text("main")
        assert officer.locator(".scout-share-page form").count() == 0

        staff.click("summary:has-text('Opnieuw aanbieden')")
        staff.fill("#opnieuw-message", "Toch nog een vraag.")
        follow(staff, "button:text-is('Opnieuw aanbieden')")
        officer.goto(f"{served}delingen")
        assert "Toch nog een vraag." in card(officer, BACK).inner_text()


@pytest.fixture(scope="module")
def every_state(serve: Callable[..., str]) -> tuple[str, str, int]:
    """A server with shares in several states; its address, one for unsubscribing, and an open lead."""
    kept: dict[str, Any] = {}

    def fill(session: Session) -> None:
        staff = viewer_of(session.scalars(select(Account).where(Account.email == EMAIL)).one())
        officer = viewer_of(session.scalars(select(Account).where(Account.email == CLERK)).one())
        make_account(session, LEADER, name="Pia Jansen", roles=[Role.PROJECT_LEADER])
        shares = [
            offer_lead(session, make_lead(session, title=title).id, viewer=staff, message="Kent u dit?")
            for title in (LONG, "Wacht", "Beantwoord", "Niet van ons", "In contact")
        ]
        answers = (Answer.TAKEN_UP, Answer.NOT_OURS, Answer.TAKEN_UP)
        for share, given in zip(shares[2:], answers, strict=True):
            answer_share(session, share.id, viewer=officer, answer=given, version=share.version)
        begin_contact(session, shares[4].id, viewer=officer, version=shares[4].version)
        number = subscribe(session, CLERK, viewer=officer, municipality_code=ARNHEM, own=True)
        row = session.get(DigestSubscription, number)
        assert row is not None
        folder = Path(str(session.get_bind().engine.url.database)).parent
        secret = load_settings(var=folder).effective_secret_key
        kept["leave"] = f"e-mail/afmelden/{number}/{unsubscribe_word(secret, number, row.salt)}"
        kept["lead"] = make_lead(session, title="Nog niet gedeeld").id

    address = serve(fill)
    return address, address + kept["leave"], kept["lead"]


def test_axe_finds_nothing_wrong_and_nothing_scrolls_sideways(
    browser: Any, every_state: tuple[str, str, int]
) -> None:
    address, leave, lead = every_state
    files = ("uitvoer", "uitvoer/signalen", "uitvoer/register", "uitvoer/delingen")
    for who, pages in (
        (CLERK, ("delingen", "delingen?stand=wacht", "delingen/1", "delingen/3", "delingen/5")),
        (CLERK, ("kanalen", "kanalen/e-mail", *files)),
        (EMAIL, ("delingen", f"delingen?gemeente={ARNHEM}&stand=afgesloten", "delingen/1", "delingen/4")),
        (EMAIL, (f"signalen/{lead}", f"signalen/{lead}/delen", *files)),
        (LEADER, ("kanalen", f"kanalen?gemeente={ARNHEM}", f"kanalen/e-mail?gemeente={ARNHEM}")),
    ):
        with page_of(browser, bypass_csp=True) as page:
            let_in(page, address, who)
            assert look_over(page, [f"{address}{path}" for path in pages]) == {}
    with page_of(browser, bypass_csp=True) as page:
        assert look_over(page, [leave]) == {}
        assert page.is_visible("button:text-is('Niet meer ontvangen')")


def test_axe_finds_nothing_wrong_with_refused_forms(browser: Any, every_state: tuple[str, str, int]) -> None:
    address, _, lead = every_state
    found = {}
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, address, CLERK)
        page.goto(f"{address}delingen/5")
        page.click("summary:has-text('Afsluiten')")
        follow(page, "form[action$=afsluiten] button")
        assert page.title().startswith("Fout")
        found["ending"] = look(page)
        page.goto(f"{address}kanalen/e-mail")
        page.fill("#adres-email", "geen adres")
        follow(page, "form:has(#adres-email) button")
        assert page.title().startswith("Fout")
        found["address"] = look(page)
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, address, EMAIL)
        page.goto(f"{address}signalen/{lead}/delen")
        page.evaluate("document.querySelector('#delen-message').removeAttribute('maxlength')")
        page.fill("#delen-message", "x" * 501)
        follow(page, "form[action$=delen] button")
        assert page.title().startswith("Fout")
        found["message"] = look(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}

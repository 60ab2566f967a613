"""Consultants and the network in a real browser: with and without scripts, each page looked over by axe."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.labels import load_labels
from models.settings import load_settings
from models.store.consultant_drafts import ConsultantDraft
from models.store.consultants import add_consultant, set_available
from models.store.municipalities import set_participation
from models.words import Role
from tests.e2e.pages import follow, let_in, look, look_over, page_of, sign_in
from tests.review.factories import ARNHEM, NIJMEGEN, make_account, viewer_of

pytestmark = pytest.mark.browser

LEADER, OFFICER = "lea@voorbeeld.example", "okke@voorbeeld.example"
DRAFT = ConsultantDraft(
    municipality_code=ARNHEM,
    name="Kim Voorbeeld",
    email="kim@arnhem.example",
    function="Adviseur met een erglangefunctienaamzonderspaties",
    expertise=("juridisch", "subsidies"),
    themes={"groen": 2, "energie": 0},
    languages=("nl", "fy"),
    experience="Hielp een buurtcoöperatie aan statuten.\nEn een buurttuin aan grond.",
    half_hours=49,
    period_until=date(2027, 6, 30),
    radius_km=40,
    employer_name="Teamleider Recht",
    employer_email="teamleider.recht.en.vergunningen@arnhem.example",
)


def fill(session: Session) -> None:
    """A leader and an officer, two municipalities that take part, and some consultants."""
    leader = viewer_of(make_account(session, LEADER, name="Lea", roles=[Role.PROJECT_LEADER]))
    make_account(session, OFFICER, name="Okke", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    known = load_labels(load_settings())
    for number, code in enumerate((ARNHEM, ARNHEM, NIJMEGEN)):
        draft = replace(
            DRAFT, municipality_code=code, email=f"k{number}@a.example", name=f"Kim Voorbeeld {number}"
        )
        one = add_consultant(session, draft, viewer=leader, labels=known)
    set_available(session, one.id, False, viewer=leader, version=1)
    set_participation(session, ARNHEM, date(2026, 1, 1))
    set_participation(session, NIJMEGEN, date(2026, 1, 1), date(2026, 6, 30))


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    """A server that the tests here share."""
    return serve(fill)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_officer_enters_changes_and_takes_out_somebody(
    browser: Any, serve: Callable[..., str], scripts: bool
) -> None:
    address = serve(fill)
    with page_of(browser, java_script_enabled=scripts) as page:
        sign_in(page, address, OFFICER)
        follow(page, ".scout-nav >> text=Rondes")
        follow(page, ".scout-places >> text=Consultants")
        assert page.locator(".scout-card").count() == 2
        follow(page, "text=Consultant toevoegen")
        page.fill("#consultant-name", "Bo Voorbeeld")
        follow(page, "button:text-is('Toevoegen')")
        assert page.input_value("#consultant-name") == "Bo Voorbeeld"
        page.click("#fouten a >> nth=0")
        page.fill("#consultant-email", "bo@arnhem.example")
        page.fill("#consultant-half_hours", "24")
        page.check("#expertise-juridisch")
        page.check("#themes-groen")
        page.fill("[name=aantal-groen]", "3")
        page.fill("#consultant-employer_name", "Teamleider")
        page.fill("#consultant-employer_email", "chef@arnhem.example")
        follow(page, "button:text-is('Toevoegen')")
        assert page.inner_text("h1") == "Bo Voorbeeld"
        assert "Groen en tuinen (3 opdrachten)" in page.inner_text("main")
        follow(page, "button:text-is('Niet beschikbaar maken')")
        assert "niet beschikbaar" in page.inner_text(".scout-status")
        page.click("summary:has-text('weghalen')")
        page.check("#veld-sure")
        follow(page, "button:text-is('Weghalen')")
        assert page.locator(".scout-card").count() == 2


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_file_is_looked_at_before_it_counts(browser: Any, serve: Callable[..., str], scripts: bool) -> None:
    address = serve(fill)
    with page_of(browser, java_script_enabled=scripts) as page:
        let_in(page, address, OFFICER)
        page.goto(f"{address}consultants/bestand")
        content = "naam;e-mail;uren;kennis;akkoord;akkoord e-mail\n" + "".join(
            f"N{number};n{number}@arnhem.example;{hours};juridisch;Chef;chef@arnhem.example\n"
            for number, hours in enumerate(("8", "veel"))
        )
        file = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.set_input_files("#file", file)
        follow(page, "button:text-is('Bestand bekijken')")
        assert "Rij 3, kolom uren" in page.inner_text(".scout-hand-in__mistakes")
        follow(page, "button:text-is('1 rij overnemen')")
        assert page.inner_text(".scout-card__title >> nth=0") == "N0"


def test_a_leader_adds_a_municipality_by_keyboard_alone(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(fill)
    with page_of(browser) as page:
        let_in(page, address, LEADER)
        page.goto(f"{address}netwerk")
        page.focus("#netwerk-gemeente")
        page.keyboard.type("Utrecht")
        page.fill("#netwerk-first", "2026-01-01")
        page.focus("#netwerk-first")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "Utrecht staat in de lijst." in page.inner_text(".scout-notice")


@pytest.mark.parametrize("email", [LEADER, OFFICER])
def test_the_pages_have_no_accessibility_problems(browser: Any, address: str, email: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, address, email)
        paths = [f"consultants{path}" for path in ("", "/nieuw", "/1", "/1/wijzigen", "/bestand")]
        paths += ["consultants?kennis=verkeer", "netwerk", "netwerk?op=2026-03-01", "uitvoer/netwerk"]
        if email == LEADER:
            paths.append(f"netwerk/{ARNHEM}")
        assert look_over(page, [address + path for path in paths]) == {}
        page.goto(f"{address}consultants/1/wijzigen")
        page.fill("#consultant-half_hours", "veel")
        follow(page, "button:text-is('Bewaren')")
        assert page.is_visible("#consultant-half_hours-fout")
        assert look(page) == []

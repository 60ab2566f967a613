"""Making a round up and choosing together in a real browser: with and without scripts, looked over by axe."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.base import utc_now
from models.round import Round, RoundVote
from models.store.round_votes import close_choice
from models.words import RoundState, SelectionMethod
from tests.e2e.pages import follow, let_in, look, look_over, page_of
from tests.rounds_world import round_in, world

pytestmark = pytest.mark.browser

LEADER, OFFICER = "lea@rondes.example", "arnhem@rondes.example"


def fill(session: Session) -> None:
    """Rounds 1 to 5: being made up, being chosen in, the same by approval, chosen, and one that is empty."""
    there = world(session)
    there.initiatives[2].name = "Dorpstuin met een erglangenaamzonderspatieswaarvanallesuitdevoegenloopt"
    for one in there.consultants:
        one.period_from, one.period_until = None, None
    round_in(session, RoundState.SEEDING, world=there)
    round_in(session, RoundState.SELECTION, world=there)
    approval = round_in(session, RoundState.SELECTION, world=there)
    approval.method = SelectionMethod.APPROVAL
    session.execute(delete(RoundVote))
    session.flush()
    closed = round_in(session, RoundState.SELECTION, world=there)
    closed.places = 2
    close_choice(session, closed, now=utc_now())
    closed.state, closed.frozen_at = RoundState.PAIRING, utc_now()
    session.add(Round(name="Lege ronde", created_by_id=there.leader.account_id, created_at=utc_now()))


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    """A server that the tests here share."""
    return serve(fill)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_officer_divides_points_and_sees_the_sum(
    browser: Any, serve: Callable[..., str], scripts: bool
) -> None:
    address = serve(fill)
    with page_of(browser, java_script_enabled=scripts) as page:
        let_in(page, address, OFFICER)
        page.goto(f"{address}rondes/2/kiezen")
        fields = page.locator(".scout-round-give__points")
        assert fields.count() == 4, "none for ones own"
        fields.nth(0).fill("6")
        fields.nth(1).fill("5")
        if scripts:
            assert page.inner_text("#som") == "11 punten gegeven, 1 te veel"
            assert not page.is_visible("text=Alleen optellen")
            page.check("[name^=belang] >> nth=0")
            assert page.inner_text("#som") == "5 van de 10 punten gegeven, nog 5 over"
            assert fields.nth(0).is_disabled()
            page.uncheck("[name^=belang] >> nth=0")
        else:
            follow(page, "button:text-is('Alleen optellen')")
            assert "11 punten gegeven, 1 te veel" in page.inner_text("#som")
        follow(page, "button:text-is('Keuze bewaren')")
        assert "Haal er 1 af" in page.inner_text("#fouten")
        page.locator(".scout-round-give__points").nth(1).fill("4")
        follow(page, "button:text-is('Keuze bewaren')")
        assert "u gaf 10 van de 10 punten" in page.inner_text(".scout-notice")
        assert "Arnhem: heeft gekozen" in page.inner_text(".scout-round-who")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_leader_makes_a_round_up(browser: Any, serve: Callable[..., str], scripts: bool) -> None:
    address = serve(fill)
    with page_of(browser, java_script_enabled=scripts) as page:
        let_in(page, address, LEADER)
        page.goto(f"{address}rondes/5/samenstellen")
        follow(page, "text=Initiatieven toevoegen")
        page.select_option("#zoek-thema", "groen")
        follow(page, "button:text-is('Zoeken')")
        # The whole line chooses.
        page.locator(".scout-round-pick").nth(0).click(position={"x": 60, "y": 60})
        assert page.is_checked("[name=kies] >> nth=0")
        follow(page, "button:text-is('Toevoegen wat een vinkje heeft')")
        assert "1 initiatief toegevoegd." in page.inner_text(".scout-notice")
        follow(page, "button:has-text('Alles van deze keuze toevoegen')")
        follow(page, "text=Terug naar samenstellen")
        assert page.locator(".scout-round-one").count() > 1
        follow(page, ".scout-round-one__acts a >> nth=0")
        page.fill("#host-host_name", "Piet Pand")
        page.fill("#host-host_email", "pand@arnhem.example")
        page.fill("#host-host_hours", "6")
        if page.input_value("#host-half_hours") == "":
            page.fill("#host-half_hours", "8,5")
        follow(page, "button:text-is('Bewaren')")
        assert "Piet Pand (pand@arnhem.example)" in page.inner_text("main")
        follow(page, "text=Consultants toevoegen")
        follow(page, "button:has-text('Iedereen toevoegen')")
        assert "5 consultants toegevoegd." in page.inner_text(".scout-notice")


@pytest.mark.parametrize("email", [LEADER, OFFICER])
def test_the_pages_have_no_accessibility_problems(browser: Any, address: str, email: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, address, email)
        paths = [f"rondes/1/{path}" for path in ("samenstellen", "kiezen")]
        paths += [f"rondes/{number}/kiezen" for number in (2, 3, 4)]
        paths += ["rondes/5/samenstellen", "rondes/5/samenstellen/toevoegen?fase=gesignaleerd&thema=groen"]
        page.goto(f"{address}rondes/1/samenstellen")
        host = page.locator(".scout-round-one__acts a").nth(0).get_attribute("href") or ""
        paths.append(host.removeprefix("/"))
        if email == LEADER:
            paths.append("rondes/5/samenstellen/consultants")
        assert look_over(page, [address + path for path in paths]) == {}
        page.goto(address + host.removeprefix("/"))
        page.fill("#host-host_hours", "veel")
        follow(page, "button:text-is('Bewaren')")
        assert page.is_visible("#host-host_hours-fout")
        assert look(page) == []

"""The register in a real browser: the map by mouse and keyboard, and every page looked over by axe."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.store.drafts import InitiativeDraft
from models.store.register import add_initiative, approve, change_initiative, set_phase
from models.store.register_history import add_note
from models.words import Phase, Role
from tests.e2e.pages import follow, let_in, look_over, page_of
from tests.review.factories import ARNHEM, NIJMEGEN, make_account, place_key, viewer_of

pytestmark = pytest.mark.browser

STAFF, OFFICER = "ria@voorbeeld.example", "okke@voorbeeld.example"
KNOWN: dict[str, Any] = {"themes": {"groen": "Groen"}, "expertise": {"subsidies": "Subsidies"}}


def draft(name: str, code: str = ARNHEM, **more: Any) -> InitiativeDraft:
    return InitiativeDraft(
        name=name, summary="Bewoners doen dit samen.", municipality_code=code, theme="groen", **more
    )


def fill(session: Session) -> None:
    """Entries in two municipalities, one of them with a history, notes and approval."""
    staff = viewer_of(make_account(session, STAFF, name="Ria"))
    officer = viewer_of(
        make_account(session, OFFICER, name="Okke", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )
    town = place_key(session, ARNHEM, "Arnhem")
    for number in range(3):
        add_initiative(session, draft(f"Tuin {number}", place_key=town), viewer=staff, secret=b"x", **KNOWN)
    for number in range(6):
        other = add_initiative(session, draft(f"Kast {number}", NIJMEGEN), viewer=staff, secret=b"x", **KNOWN)
    approve(session, other.id, True, viewer=staff, version=1)
    entry = session.scalars(select(Initiative).order_by(Initiative.id).limit(1)).one()
    long = draft("Een naam die op een telefoon niet op één regel past, met een erglangwoordzonderspaties")
    change_initiative(session, entry.id, long, viewer=staff, version=1, secret=b"x", **KNOWN)
    set_phase(session, entry.id, Phase.GUIDED, viewer=officer, version=2)
    add_note(session, entry.id, "Voor u beiden.", viewer=staff, shared=True)


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    """A server that the tests here share."""
    return serve(fill)


def test_the_map_shows_what_the_table_says_and_leads_to_the_list(browser: Any, address: str) -> None:
    with page_of(browser) as page:
        let_in(page, address, STAFF)
        page.goto(f"{address}register/kaart")
        page.wait_for_selector(".scout-chart__live path")
        assert page.locator(".scout-chart__live path.scout-area").count() == 342
        arnhem = page.locator("path[aria-label='Arnhem: 3 initiatieven']")
        assert arnhem.get_attribute("fill") == "url(#raster-1)"
        arnhem.focus()
        assert page.locator(".leaflet-tooltip").inner_text() == "Arnhem: 3 initiatieven"
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith(f"/register?gemeente={ARNHEM}")

        page.goto(f"{address}register/kaart?gemeente={ARNHEM}")
        page.wait_for_selector("path[aria-label^='Arnhem: 2']")
        assert page.locator(".scout-chart__count").inner_text() == "2"
        follow(page, "path[aria-label^='Arnhem: 2']")
        assert page.locator(".scout-card").count() == 2


def test_without_boundaries_the_drawing_stays(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/grenzen.geojson*", lambda route: route.abort())
    let_in(page, address, STAFF)
    with page.expect_event("requestfailed"):
        page.goto(f"{address}register/kaart")
    page.evaluate("new Promise(requestAnimationFrame)")

    assert page.locator("svg.scout-areas path").count() == 342
    assert page.locator(".scout-chart__live").count() == 0
    context.close()


def test_axe_finds_nothing_wrong_and_nothing_scrolls_sideways(browser: Any, address: str) -> None:
    shared = (
        "register",
        "register/nieuw",
        "register/kaart",
        "register/elders",
        "register/1",
        "register/1/wijzigen",
    )
    for who, pages in (
        (STAFF, (*shared, f"register/kaart?gemeente={ARNHEM}", "register/1/archief", "register/9/elders")),
        (OFFICER, (*shared, "register/kaart?gebied=nederland", "register/9/elders")),
    ):
        with page_of(browser, bypass_csp=True) as page:
            let_in(page, address, who)
            assert look_over(page, [f"{address}{path}" for path in pages]) == {}

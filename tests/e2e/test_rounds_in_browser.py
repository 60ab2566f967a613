"""Matching rounds in a real browser: making one and moving it on, each page looked over by axe."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.store.round_leavers import Why, consultant_left
from models.words import RoundState
from tests.e2e.pages import follow, let_in, look_over, page_of, sign_in
from tests.rounds_world import NOW, round_in, world

pytestmark = pytest.mark.browser

LEADER, OFFICER = "lea@rondes.example", "arnhem@rondes.example"


def fill(session: Session) -> None:
    """The network of the tests of rounds, with a round in most states."""
    made = world(session)
    for state in (RoundState.CLOSED, RoundState.CANCELLED, RoundState.PROPOSING, RoundState.SELECTION):
        round_in(session, state, world=made)
    consultant_left(session, made.consultants[2].id, Why.UNAVAILABLE, now=NOW)


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    """A server that the tests here share."""
    return serve(fill)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_leader_makes_a_round_and_calls_it_off(
    browser: Any, serve: Callable[..., str], scripts: bool
) -> None:
    address = serve(fill)
    with page_of(browser, java_script_enabled=scripts) as page:
        sign_in(page, address, LEADER)
        follow(page, ".scout-nav >> text=Rondes")
        follow(page, "text=Ronde maken")
        page.fill("#ronde-points", "0")
        follow(page, "button:text-is('Ronde maken')")
        page.click("#fouten a >> nth=0")
        page.fill("#ronde-name", "Najaarsronde")
        page.fill("#ronde-points", "12")
        follow(page, "button:text-is('Ronde maken')")
        assert page.inner_text("h1") == "Najaarsronde"
        assert "Zet eerst een initiatief in de ronde." in page.inner_text("main")
        follow(page, "text=Wijzigen")
        page.check("input[name=automatic][value=nee]")
        follow(page, "button:text-is('Bewaren')")
        assert "Bewaard." in page.inner_text(".scout-notice")
        page.click("summary >> text=Ronde stoppen")
        page.fill("#stoppen-why", "Toch niet nodig.")
        follow(page, "form >> button:text-is('Ronde stoppen')")
        assert "Toch niet nodig." in page.inner_text("main")


def test_every_page_of_rounds_is_fit_for_everybody(browser: Any, address: str) -> None:
    pages = {
        LEADER: ("", "?stand=koppelen", "/nieuw", "/1", "/2", "/3", "/4", "/4/wijzigen"),
        OFFICER: ("", "/1", "/3", "/4"),
    }
    for who, paths in pages.items():
        with page_of(browser, bypass_csp=True) as page:
            let_in(page, address, who)
            assert look_over(page, [f"{address}rondes{path}" for path in paths]) == {}, who

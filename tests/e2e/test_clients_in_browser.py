"""The pages about programs in a real browser, as an officer of a municipality uses them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.store.api_clients import add_client, revoke_client
from models.words import Scope
from tests.e2e.conftest import CLERK
from tests.e2e.pages import follow, let_in, look, look_over, page_of
from tests.review.factories import viewer_of

pytestmark = pytest.mark.browser

#: Folder to keep pictures of the pages in; empty = keep none.
PICTURES = os.environ.get("SCOUT_PICTURES", "")
PAGE, NEW = "kanalen/programmas", "kanalen/programmas/nieuw"


def programs(session: Session) -> None:
    """One program in use, and one that was revoked."""
    clerk = session.scalars(select(Account).where(Account.email == CLERK)).one()
    viewer = viewer_of(clerk)
    add_client(session, "Zaaksysteem", [Scope.SHARES_READ, Scope.SHARES_ANSWER], viewer=viewer)
    old, _secret = add_client(session, "Oude koppeling", [Scope.LEADS_READ], viewer=viewer)
    revoke_client(session, old.id, viewer=viewer)


@pytest.fixture(scope="module")
def served(serve: Callable[..., str]) -> str:
    """A server with programs."""
    return serve(programs)


def test_axe_finds_nothing_wrong_and_nothing_sticks_out(browser: Any, served: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, served, CLERK)
        wrong = look_over(page, [served + PAGE, served + NEW])
        for name, path in (("programmas", PAGE), ("programma-nieuw", NEW)) if PICTURES else ():
            page.goto(served + path)
            page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
        page.goto(served + NEW)
        follow(page, "main form[method=post] button")
        assert page.title().startswith("Fout")
        wrong["mistakes"] = look(page)
        page.fill("#programma-name", "Koppeling")
        page.check("#mag-1")
        follow(page, "main form[method=post] button")
        assert page.input_value("#geheim")
        wrong["secret"] = look(page)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / "geheim.png", full_page=True)

    assert {name: found for name, found in wrong.items() if found} == {}


def test_without_scripts_a_program_is_made_and_revoked(browser: Any, served: str) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        let_in(page, served, CLERK)
        page.goto(f"{served}{NEW}")
        page.fill("#programma-name", "Zonder scripts")
        page.check("#mag-2")
        follow(page, "main form[method=post] button")
        assert page.input_value("#naam")
        assert page.locator("[data-copy]").is_hidden()
        page.goto(f"{served}{PAGE}")
        card = page.locator(".scout-card", has_text="Zonder scripts")
        assert "initiatieven in het register lezen" in card.inner_text()
        with page.expect_navigation():
            card.locator("button").click()
        assert page.locator(".scout-card", has_text="Zonder scripts").count() == 0

"""The audit log in a real browser, as the privacy officer uses it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.store.audit import record
from models.words import Role
from tests.e2e.pages import let_in, look_over, page_of
from tests.review.factories import make_account

pytestmark = pytest.mark.browser

OFFICER = "fg@voorbeeld.example"


def entries(session: Session) -> None:
    """A privacy officer, and more entries than fit on a page."""
    make_account(session, OFFICER, name="Fenna Geelhoed", roles=[Role.PRIVACY_OFFICER])
    for number in range(1, 56):
        record(
            session,
            None,
            "decide",
            "lead",
            number,
            before={"status": "open"},
            after={"status": "rejected", "decision": number, "kind": "reject", "batch": "a" * 32},
        )


@pytest.fixture(scope="module")
def logbook(serve: Callable[..., str]) -> str:
    """A server with a log."""
    return serve(entries)


def test_axe_finds_nothing_wrong_and_nothing_sticks_out(browser: Any, logbook: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, logbook, OFFICER)
        paths = ("logboek", "logboek?wat=expire", "hoe-het-werkt", "toegankelijkheid")
        assert look_over(page, [logbook + path for path in paths]) == {}


def test_the_officer_goes_through_the_log_by_keyboard(browser: Any, logbook: str) -> None:
    with page_of(browser) as page:
        let_in(page, logbook, OFFICER)
        page.goto(logbook)
        assert page.url == logbook + "logboek"

        page.focus("#log-nummer")
        page.keyboard.type("7")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator(".scout-log__row").count() == 1

        page.goto(logbook + "logboek")
        page.focus("a[rel=next]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert 0 < page.locator(".scout-log__row").count() < 50

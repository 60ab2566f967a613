"""The audit log in a real browser, as the privacy officer uses it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.store.audit import record
from models.words import Role
from tests.conftest import required_or_skip
from tests.e2e.test_review_in_browser import AXE, follow, look_over, page_of
from tests.review.factories import PASSWORD, make_account

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


def enter(page: Any, address: str) -> None:
    """Sign the officer in."""
    page.goto(address)
    page.fill("#email", OFFICER)
    page.fill("#password", PASSWORD)
    follow(page, "main button[type=submit]")


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (320, "dark")]
)
def test_axe_finds_nothing_wrong_and_nothing_sticks_out(
    browser: Any, logbook: str, width: int, scheme: str
) -> None:
    if not AXE.is_file():
        required_or_skip("axe-core is not installed: python -m review.assets")
    viewport = {"width": width, "height": 800}
    with page_of(browser, color_scheme=scheme, viewport=viewport, bypass_csp=True) as page:
        enter(page, logbook)
        wrong, wide = look_over(
            page,
            [
                logbook + path
                for path in ("logboek", "logboek?wat=expire", "hoe-het-werkt", "toegankelijkheid")
            ],
        )

    assert wrong == {}
    assert wide == []


def test_the_officer_goes_through_the_log_by_keyboard(browser: Any, logbook: str) -> None:
    with page_of(browser) as page:
        enter(page, logbook)
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

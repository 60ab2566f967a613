"""Feeds and webhooks in a real browser, as an officer of a municipality keeps them."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.store.deliveries_ready import lay_ready
from models.store.feed_addresses import make_feed
from models.store.webhooks import add_webhook, stop_webhook
from models.webhook import Delivery
from models.words import DeliveryState
from tests.e2e.conftest import CLERK
from tests.e2e.pages import let_in, look_over, page_of
from tests.models.channel_world import events_of, keeper, make_share
from tests.review.factories import ARNHEM

pytestmark = pytest.mark.browser

#: Folder to keep pictures of the pages in; empty = keep none.
PICTURES = os.environ.get("SCOUT_PICTURES", "")


def channels(session: Session) -> None:
    """A feed, and a stopped webhook with events in every state."""
    viewer, now = keeper(session), utc_now()
    make_feed(session, b"x", viewer=viewer, municipality_code=ARNHEM, name="Feedlezer van het wijkteam")
    row, _secret = add_webhook(
        session,
        b"x",
        viewer=viewer,
        municipality_code=ARNHEM,
        url="https://zaaksysteem.arnhem.example/api/binnenkomend/participatie?sleutel=x",
        name="Zaaksysteem",
    )
    events_of(session, make_share(session), 4, start=now - timedelta(hours=5), every=3600)
    lay_ready(session, now=now)
    stop_webhook(session, row.id, viewer=viewer)
    states = (DeliveryState.DELIVERED, DeliveryState.GIVEN_UP, DeliveryState.WAITING, DeliveryState.WAITING)
    deliveries = session.scalars(select(Delivery).order_by(Delivery.event_id)).all()
    for delivery, state in zip(deliveries, states, strict=True):
        delivery.state, delivery.attempts = state, 3
        delivery.last_status, delivery.last_problem = 503, "status"
        delivery.delivered_at = now if state is DeliveryState.DELIVERED else None


@pytest.fixture(scope="module")
def served(serve: Callable[..., str]) -> str:
    """A server with channels."""
    return serve(channels)


def test_axe_finds_nothing_wrong_and_nothing_sticks_out(browser: Any, served: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, served, CLERK)
        paths = (
            "kanalen/feeds",
            "kanalen/webhooks",
            "kanalen/webhooks/1",
            "kanalen/webhooks/1?stand=opgegeven",
        )
        wrong = look_over(page, [served + path for path in paths])
        for path in paths[:3] if PICTURES else ():
            page.goto(served + path)
            name = f"{path.replace('/', '-')}.png"
            page.screenshot(path=Path(PICTURES) / name, full_page=True)

    assert wrong == {}


def test_an_officer_makes_a_feed_address_and_corrects_a_form_by_keyboard(browser: Any, served: str) -> None:
    with page_of(browser) as page:
        let_in(page, served, CLERK)
        page.goto(served + "kanalen/feeds")
        page.focus("#feed-name")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.title().startswith("Fout")
        assert page.locator("#fouten a").get_attribute("href") == "#feed-name"
        page.fill("#feed-name", "Voor de raad")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "/feeds/" in page.input_value("#link")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / "feed-adres.png", full_page=True)

        page.goto(served + "kanalen/webhooks")
        page.fill("#webhook-name", "Ander systeem")
        page.fill("#webhook-ontvanger", "https://127.0.0.1/haak")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "besloten netwerk" in page.text_content("#webhook-ontvanger-fout")
        page.fill("#webhook-ontvanger", "https://ontvanger.example/haak")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.input_value("#geheim").startswith("whsec_")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / "webhook-geheim.png", full_page=True)

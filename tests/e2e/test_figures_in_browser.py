"""Figures and the second look in a real browser: nothing for axe to find, and the keyboard is enough."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.lead import Lead
from models.store.decisions import decide
from models.store.second_looks import Drawing
from models.words import DecisionKind, LeadStatus, Role
from tests.e2e.pages import follow, let_in, look_over, page_of
from tests.review.factories import ARNHEM, make_account, viewer_of

pytestmark = pytest.mark.browser

ALL = Drawing(share=1.0, no_initiative=frozenset({"overheid"}))
PAGES = ("cijfers", "cijfers/kwaliteit", "cijfers/gemeenten", f"cijfers/gemeenten/{ARNHEM}", "tweede-blik")


def decisions(session: Session) -> None:
    """What Karel decided on the sample leads, all of it drawn, and leads of the last weeks."""
    karel = viewer_of(make_account(session, "karel@voorbeeld.example", name="Karel", roles=[Role.ADMIN]))
    leads = session.scalars(select(Lead).where(Lead.status == LeadStatus.OPEN).order_by(Lead.id)).all()
    for lead, kind in zip(leads, (DecisionKind.KNOWN, DecisionKind.REJECT, DecisionKind.KNOWN), strict=False):
        decide(
            session,
            lead.id,
            kind,
            viewer=karel,
            version=lead.version,
            secret=b"x",
            reason="overheid" if kind is DecisionKind.REJECT else "",
            reasons=["overheid"],
            drawing=ALL,
        )
    now = datetime.now(UTC)
    for days, theme in enumerate(
        ["groen", "zorg", "sport", "groen", "energie", None, "cultuur", "wonen"] * 9
    ):
        at = now - timedelta(days=days)
        status = LeadStatus.PROMOTED if days % 3 else LeadStatus.REJECTED
        session.add(
            Lead(
                status=status,
                title="",
                municipality_code=ARNHEM,
                theme=theme,
                score=days % 10 / 10,
                opened_at=at,
                extended_at=at,
                decided_at=at,
                purged_at=at,
            )
        )


@pytest.fixture(scope="module")
def figures(serve: Callable[..., str]) -> str:
    """A server with decisions to count and second looks that wait."""
    return serve(decisions)


def test_axe_finds_nothing_wrong_and_nothing_sticks_out(browser: Any, figures: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, figures)
        assert look_over(page, [figures + path for path in PAGES]) == {}


#: Words in what a selector finds that stand on two lines.
BROKEN = """selector => [...document.querySelectorAll(selector)].flatMap(one => [...one.childNodes])
    .filter(node => node.nodeType === Node.TEXT_NODE)
    .flatMap(node => [...node.data.matchAll(/[\\p{L}’]+/gu)].filter(word => {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map(word => word[0]))"""


def test_no_word_is_broken_off_where_there_is_room_for_it(browser: Any, figures: str) -> None:
    with page_of(browser) as page:
        let_in(page, figures)
        page.goto(figures)
        lead = page.get_attribute(".scout-card__title a", "href")
        broken = {}
        for width in (1280, 1024, 360, 320):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{figures}cijfers/gemeenten")
            if width > 1000:
                # Whatever the other columns say.
                page.evaluate(
                    "for (const one of document.querySelectorAll('time')) one.append(' geleden en langer')"
                )
                broken[width, "table"] = page.evaluate(BROKEN, ".scout-figures thead th")
            page.goto(f"{figures.rstrip('/')}{lead}?doe=opnemen")
            broken[width, "form"] = page.evaluate(BROKEN, ".scout-expertise label")

    assert not any(broken.values()), broken


def test_letters_in_a_plot_stay_readable_on_a_telephone(browser: Any, figures: str) -> None:
    with page_of(browser, viewport={"width": 360, "height": 800}) as page:
        let_in(page, figures)
        for path in (f"cijfers/gemeenten/{ARNHEM}", "cijfers/kwaliteit"):
            page.goto(figures + path)
            heights = page.evaluate(
                "[...document.querySelectorAll('.scout-plot__picture text')]"
                ".map(one => one.getBoundingClientRect().height)"
            )
            assert heights
            assert min(heights) >= 13
            # Colours come from the style sheet, so the policy let it through.
            fills = page.evaluate(
                "[...document.querySelectorAll('.scout-plot__bar, .scout-plot__part')]"
                ".map(one => getComputedStyle(one).fill)"
            )
            assert fills
            assert "rgb(0, 0, 0)" not in fills


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_second_looks_are_answered_with_the_keyboard_alone(
    browser: Any, serve: Callable[..., str], scripts: bool
) -> None:
    address = serve(decisions)
    with page_of(browser, java_script_enabled=scripts) as page:
        let_in(page, address)
        page.goto(f"{address}tweede-blik")
        first = page.inner_text("h1")

        page.focus("main button:text-is('Ja, een initiatief')")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "Uw antwoord is bewaard" in page.inner_text(".scout-notice")
        assert page.inner_text("h1") != first

        page.keyboard.press("Tab")
        page.focus("summary:text-is('Nee, geen initiatief')")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.focus("main button:text-is('Geen initiatief')")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "nog 1 te gaan" in page.inner_text("main")

        follow(page, "a:text-is('Sla deze over')")
        assert "U heeft alles gezien" in page.inner_text("main")
        follow(page, "a:text-is('Begin opnieuw')")
        assert page.locator("main button:text-is('Ja, een initiatief')").count() == 1

"""The day's work in a real browser: with and without JavaScript, wide and narrow, light and dark."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import CLERK
from tests.e2e.pages import (
    RIGHT_EDGE,
    fill_in_password,
    follow,
    let_in,
    look,
    open_all,
    page_of,
    send,
    sign_in,
)

pytestmark = pytest.mark.browser

SUMMARY = "Buren delen gereedschap uit een kast die ze zelf maakten."


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_sign_in_read_promote_find_in_the_register_reject_and_undo(
    browser: Any, serve: Callable[[], str], scripts: bool
) -> None:
    address = serve()
    with page_of(browser, java_script_enabled=scripts) as page:
        fill_in_password(page, address)
        assert page.url == address
        assert page.inner_text("h1") == "Signalen"
        title = page.inner_text(".scout-card__title >> nth=0")

        # read
        follow(page, ".scout-card__title a >> nth=0")
        assert page.inner_text("h1") == title
        assert page.inner_text("mark >> nth=0") == "bouwden zelf een kast"
        assert page.get_attribute(".scout-items a >> nth=0", "target") == "_blank"

        # promote: first without a summary, then with one
        page.click("summary:has-text('Opnemen')")
        send(page, "button:text-is('Opnemen')", scripts)
        assert page.is_visible("#fouten")
        page.click("#fouten a")
        assert page.evaluate("document.activeElement.id") == "opnemen-summary" if scripts else True
        page.fill("#opnemen-summary", SUMMARY)
        page.fill("#opnemen-question", "Waar kan de kast droog staan?")
        send(page, "button:text-is('Opnemen')", scripts)
        assert f"‘{title}’ staat nu in het register." in page.inner_text(".scout-notice")
        assert page.inner_text("h1") != title

        # reject the next
        rejected = page.inner_text("h1")
        page.click("summary:has-text('Afwijzen')")
        page.check("#reden-voorbij")
        send(page, "form[action$=afwijzen] button", scripts)
        assert f"‘{rejected}’ is afgewezen." in page.inner_text(".scout-notice")

        # find in the register
        follow(page, "nav >> text=Register")
        page.fill("#zoek-tekst", "deelkast")
        follow(page, "button:text-is('Zoeken')")
        follow(page, ".scout-card__title a")
        assert page.inner_text("h1") == title
        assert SUMMARY in page.inner_text("main")

        # undo, and it is gone from the register and back in the queue
        follow(page, "button:text-is('Besluit ongedaan maken')")
        assert "staat weer open" in page.inner_text(".scout-notice")
        follow(page, "nav >> text=Register")
        assert "Het register is nog leeg" in page.inner_text("main")
        follow(page, "nav >> text=Signalen")
        titles = page.locator(".scout-card__title").all_inner_texts()
        assert titles[0] == title
        assert rejected not in titles

        follow(page, "button:text-is('Afmelden')")
        assert page.inner_text("h1") == "Aanmelden"


@pytest.fixture(scope="module")
def filled(browser: Any, serve: Callable[[], str]) -> dict[str, str]:
    """A server with something on every page; gives name -> address."""
    address = serve()
    with page_of(browser) as page:
        sign_in(page, address)
        follow(page, ".scout-card__title a >> nth=0")
        decided = page.url
        page.click("summary:has-text('Opnemen')")
        page.fill("#opnemen-summary", SUMMARY)
        send(page, "button:text-is('Opnemen')")
        opened = page.url
        page.goto(f"{address}register")
        entry = page.get_attribute(".scout-card__title a", "href")
    return {
        "queue": address,
        "empty": f"{address}?gemeente=GM0014",
        "lead": opened,
        "decided": decided,
        "register": f"{address}register",
        "entry": address.rstrip("/") + str(entry),
        "figures": f"{address}cijfers",
        "how it works": f"{address}hoe-het-werkt",
        "accessibility": f"{address}toegankelijkheid",
        "not found": f"{address}bestaat-niet",
    }


def test_axe_finds_nothing_wrong_on_any_page(browser: Any, filled: dict[str, str]) -> None:
    found = {}
    with page_of(browser, bypass_csp=True) as page:
        page.goto(f"{filled['queue']}aanmelden")
        found["sign in"] = look(page)
        let_in(page, filled["queue"])
        for name, path in filled.items():
            if name == "not found":
                continue
            page.goto(path)
            open_all(page)
            found[name] = look(page)
        # The form with its errors, and the message after a decision.
        page.goto(filled["lead"])
        page.click("summary:has-text('Opnemen')")
        page.fill("#opnemen-name", "")
        send(page, "button:text-is('Opnemen')")
        found["errors"] = look(page)
        page.goto(filled["queue"])
        follow(page, "footer a[hreflang=en]")
        found["English"] = look(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_wrong_on_an_error_page(browser: Any, filled: dict[str, str]) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(filled["not found"])
    assert look(page) == []
    context.close()


def test_no_page_scrolls_sideways_and_nothing_is_cut_off(browser: Any, filled: dict[str, str]) -> None:
    with page_of(browser) as page:
        let_in(page, filled["queue"])
        for name, path in filled.items():
            if name == "not found":
                continue
            page.goto(path)
            open_all(page)
            for width in (320, 360, 768, 1280):
                page.set_viewport_size({"width": width, "height": 700})
                page.wait_for_function("width => innerWidth === width", arg=width)
                widest = page.evaluate(RIGHT_EDGE)
                scrolls = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                assert not scrolls, (name, width)
                assert widest <= width + 0.5, (name, width)


def test_everything_can_be_touched_and_reached_by_keyboard(browser: Any, filled: dict[str, str]) -> None:
    with page_of(browser, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True) as page:
        let_in(page, filled["queue"])
        page.goto(filled["lead"])
        open_all(page)
        for control in page.locator("button, summary, .scout-nav a, .scout-radio label, select, input").all():
            if not control.is_visible() or control.get_attribute("type") == "hidden":
                continue
            box = control.bounding_box()
            assert box["height"] >= 24, control.evaluate("e => e.outerHTML.slice(0, 120)")
        for control in page.locator("button, summary, .scout-nav a").filter(visible=True).all():
            assert control.bounding_box()["height"] >= 44, control.evaluate("e => e.outerHTML.slice(0, 120)")
    with page_of(browser) as page:
        sign_in(page, filled["queue"])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Naar de inhoud"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "inhoud"
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.closest('.scout-card__title') !== null"):
                break
        outline = page.evaluate("getComputedStyle(document.activeElement, '::after').outlineWidth")
        assert float(outline.removesuffix("px")) >= 2
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "/signalen/" in page.url


def test_a_municipality_reads_and_has_nothing_to_decide(browser: Any, address: str) -> None:
    with page_of(browser) as page:
        sign_in(page, address, CLERK)
        follow(page, ".scout-card__title a >> nth=0")

        assert "Arnhem" in page.inner_text(".scout-facts")
        assert page.locator("details, form[action*=besluiten]").count() == 0

"""Choosing from the list and deciding on several leads in a real browser, with and without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.pages import follow, let_in, look, page_of, sign_in

pytestmark = pytest.mark.browser

GROUP = ".scout-card:has(.scout-pick__box:checked) .scout-card__title"


def titles(page: Any) -> list[str]:
    found: list[str] = page.locator(".scout-card__title").all_inner_texts()
    return found


def test_with_javascript_choosing_refreshes_the_list_alone_and_keeps_address_and_focus(
    browser: Any, serve: Callable[[], str]
) -> None:
    address = serve()
    with page_of(browser) as page:
        sign_in(page, address)
        page.evaluate("window.stillHere = true")

        page.focus("#filter-gemeente")
        page.select_option("#filter-gemeente", "GM0202")
        page.wait_for_url(f"{address}?gemeente=GM0202")
        page.wait_for_selector(".scout-chip:has-text('Arnhem')")
        assert len(titles(page)) == 3
        assert page.inner_text("#telling") == "3 signalen wachten op een besluit"
        assert page.evaluate("document.activeElement.id") == "filter-gemeente"

        # The places of the chosen municipality can be chosen now, and the choice saved.
        page.click("summary:text-is('Meer keuzes')")
        page.focus("#filter-buurt")
        page.select_option("#filter-buurt", label="Klarendal", timeout=5000)
        page.wait_for_selector(".scout-chip:has-text('Klarendal')")
        assert titles(page) == ["Geveltuintjes in Klarendal: hele straat doet mee"]
        assert page.evaluate("document.activeElement.id") == "filter-buurt"
        assert page.is_visible("#filter-thema")
        assert page.evaluate("window.stillHere")
        page.click("summary:text-is('Bewaar deze keuze')")
        page.fill("#weergave-name", "Klarendal")
        follow(page, "button:text-is('Bewaren')")
        assert page.inner_text(".scout-view__link") == "Klarendal"

        # Back is a page like any other, and nothing of it is kept in the browser's storage.
        with page.expect_navigation():
            page.go_back()
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert "scout-card" not in kept


def test_typing_a_search_and_pressing_enter_shows_what_fits(browser: Any, serve: Callable[[], str]) -> None:
    address = serve()
    with page_of(browser) as page:
        sign_in(page, address)
        page.select_option("#filter-status", "rejected")
        page.wait_for_selector(".scout-chip:has-text('Status: afgewezen')")
        page.click(".scout-chip")
        page.wait_for_url(address)

        page.fill("#filter-zoek", "bestaat vast niet")
        page.press("#filter-zoek", "Enter")
        page.wait_for_selector(".scout-empty")
        assert page.inner_text("#telling") == "Geen signalen gevonden"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_all_leads_of_the_page_but_one_are_rejected_with_the_keyboard_and_taken_back(
    browser: Any, serve: Callable[[], str], scripts: bool
) -> None:
    address = serve()
    with page_of(browser, java_script_enabled=scripts) as page:
        sign_in(page, address)
        before = titles(page)
        page.focus("#kies-alles")
        if scripts:
            page.keyboard.press("Enter")
            assert page.inner_text("#samen-telling") == f"{len(before)} signalen gekozen"
            assert page.inner_text("#kies-alles") == "Kies geen enkel signaal"
        else:
            with page.expect_navigation():
                page.keyboard.press("Enter")
        assert page.locator(GROUP).count() == len(before)
        page.focus(".scout-pick__box >> nth=1")
        page.keyboard.press("Space")
        page.focus("#samen-afwijzen")
        page.keyboard.press("Space")
        page.focus("#samen-note")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.is_visible("text=Kies waarom u deze signalen afwijst.")
        assert page.locator(GROUP).all_inner_texts() == [before[0], *before[2:]]
        page.focus("#samen-reason")
        page.keyboard.type("Iets anders")
        page.focus(".scout-bulk__go")
        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert f"{len(before) - 1} signalen afgewezen." in page.inner_text(".scout-notice")
        assert titles(page) == [before[1]]
        page.focus(".scout-notice button")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert sorted(titles(page)) == sorted(before)


def test_axe_finds_nothing_wrong_while_choosing_and_deciding_together(
    browser: Any, serve: Callable[[], str]
) -> None:
    address = serve()
    found: dict[str, list[str]] = {}
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, address)
        page.goto(f"{address}?gemeente=GM0202&score=5&leeftijd=30&bron=bode&volgorde=score")
        page.click("summary:text-is('Bewaar deze keuze')")
        found["chosen"] = look(page, cut_off=True)
        page.fill("#weergave-name", "Arnhem")
        follow(page, "button:text-is('Bewaren')")
        page.click("summary:has-text('keuzes verwijderen')")
        page.check(".scout-pick__box >> nth=0")
        page.check("#samen-uitstellen")
        found["deciding together"] = look(page, cut_off=True)
        follow(page, ".scout-bulk__go")
        found["a mistake"] = look(page, cut_off=True)
        page.check("#samen-on_news")
        follow(page, ".scout-bulk__go")
        found["done"] = look(page, cut_off=True)
        page.goto(f"{address}?bron=nergens&thema=dieren")
        found["nothing found"] = look(page, cut_off=True)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}

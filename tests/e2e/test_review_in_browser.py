"""The day's work in a real browser: with and without JavaScript, wide and narrow, light and dark."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from review.assets import CHECKOUT
from tests.conftest import required_or_skip
from tests.e2e.conftest import CLERK, EMAIL, PASSWORD

pytestmark = pytest.mark.browser

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SUMMARY = "Buren delen gereedschap uit een kast die ze zelf maakten."


#: How far to the right anything that shows reaches, in CSS pixels.
RIGHT_EDGE = """Math.max(...[...document.querySelectorAll('body *')].filter(
    e => e.getClientRects().length && !e.closest('.scout-hidden, option, .utrecht-skip-link')
).map(e => e.getBoundingClientRect().right))"""


@contextmanager
def page_of(browser: Any, **options: Any) -> Iterator[Any]:
    """A page in a window of its own; fails when the page makes a mistake or asks elsewhere."""
    context = browser.new_context(locale="nl-NL", **options)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    hosts = {url.split("/")[2] for url in asked if url.startswith("http")}
    assert len(hosts) == 1
    # A refused form is answered with 400 or 409 on purpose; the browser calls that an error.
    meant = ("400 (BAD REQUEST)", "409 (CONFLICT)")
    assert [trouble for trouble in troubles if not any(one in trouble for one in meant)] == []
    context.close()


def follow(page: Any, selector: str) -> None:
    """Click what leads to another page, and wait until that page is there.

    A bare click may return between the two pages: what looks without waiting then sees the old page, or none.
    """
    with page.expect_navigation():
        page.click(selector)


def send(page: Any, selector: str, scripts: bool = True) -> None:
    """Click what sends a form of a lead, and wait for the answer; with scripts it comes in the same page."""
    if not scripts:
        follow(page, selector)
        return
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.click(selector)
    page.wait_for_selector("main:not([aria-busy])")


def sign_in(page: Any, address: str, email: str = EMAIL) -> None:
    page.goto(address)
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    follow(page, "main button[type=submit]")
    assert page.url == address


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_sign_in_read_promote_find_in_the_register_reject_and_undo(
    browser: Any, serve: Callable[[], str], scripts: bool
) -> None:
    address = serve()
    with page_of(browser, java_script_enabled=scripts) as page:
        sign_in(page, address)
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


def open_all(page: Any) -> None:
    """Open every choice, so that its form is checked too."""
    for choice in page.locator("details.scout-choice").all():
        choice.evaluate("choice => { choice.removeAttribute('name'); choice.open = true; }")


#: Thousands of elements that pass are counted where they are: bringing them here takes longest.
LOOK = """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"]})
    .then(found => ({passes: found.passes.length, violations: found.violations}))"""


def violations(page: Any) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(LOOK, RULES)
    assert found["passes"] > 10
    return [
        f"{one['id']}: {one['help']}: {node['html'][:150]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def look_over(page: Any, addresses: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    """What axe finds wrong on each of these pages with all they hold opened, and which scroll sideways."""
    found, wide = {}, []
    for address in addresses:
        page.goto(address)
        for one in page.locator("main details").all():
            one.evaluate("one => { one.open = true; }")
        found[address] = violations(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(address)
    return {address: wrong for address, wrong in found.items() if wrong}, wide


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
def test_axe_finds_nothing_wrong_on_any_page(
    browser: Any, filled: dict[str, str], width: int, scheme: str
) -> None:
    if not AXE.is_file():
        required_or_skip("axe-core is not installed: python -m review.assets")
    found = {}
    viewport = {"width": width, "height": 800}
    with page_of(browser, color_scheme=scheme, viewport=viewport, bypass_csp=True) as page:
        page.goto(f"{filled['queue']}aanmelden")
        found["sign in"] = violations(page)
        sign_in(page, filled["queue"])
        for name, path in filled.items():
            if name == "not found":
                continue
            page.goto(path)
            open_all(page)
            found[name] = violations(page)
        # The form with its errors, and the message after a decision.
        page.goto(filled["lead"])
        page.click("summary:has-text('Opnemen')")
        page.fill("#opnemen-name", "")
        send(page, "button:text-is('Opnemen')")
        found["errors"] = violations(page)
        page.goto(filled["queue"])
        follow(page, "footer a[hreflang=en]")
        found["English"] = violations(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_wrong_on_an_error_page(browser: Any, filled: dict[str, str]) -> None:
    if not AXE.is_file():
        required_or_skip("axe-core is not installed: python -m review.assets")
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(filled["not found"])
        assert violations(page) == []
        context.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways_and_nothing_is_cut_off(
    browser: Any, filled: dict[str, str], width: int
) -> None:
    with page_of(browser, viewport={"width": width, "height": 700}) as page:
        sign_in(page, filled["queue"])
        for name, path in filled.items():
            if name == "not found":
                continue
            page.goto(path)
            open_all(page)
            widest = page.evaluate(RIGHT_EDGE)
            scrolls = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not scrolls, name
            assert widest <= width + 0.5, name


def test_everything_can_be_touched_and_reached_by_keyboard(browser: Any, filled: dict[str, str]) -> None:
    with page_of(browser, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True) as page:
        sign_in(page, filled["queue"])
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

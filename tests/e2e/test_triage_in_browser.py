"""Deciding in a real browser: by keyboard, without scripts, with a slow or broken server, and two at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.conftest import CLERK, EMAIL, PASSWORD
from tests.e2e.pages import Gate, follow, let_in, look, open_all, page_of, sign_in

pytestmark = pytest.mark.browser

SUMMARY = "Buren delen gereedschap uit een kast die ze zelf maakten."


def heading(page: Any) -> str:
    """The first heading that shows."""
    return str(page.inner_text("main h1"))


@contextmanager
def answered(page: Any) -> Iterator[None]:
    """Do something that sends a form, and wait until its answer is on screen."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        yield
    page.wait_for_selector("main:not([aria-busy])")


def press(page: Any, *keys: str) -> None:
    """Press keys one after another; the last one sends a form."""
    with answered(page):
        for key in keys:
            page.keyboard.press(key)


def tab_to(page: Any, selector: str, most: int = 60) -> None:
    """Walk there with the Tab key."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} can't be reached with Tab")


def open_first(page: Any, address: str) -> str:
    """Sign in and open the lead on top; gives its address."""
    sign_in(page, address)
    follow(page, ".scout-card__title a >> nth=0")
    return str(page.url)


def test_a_whole_day_by_keyboard_alone(browser: Any, serve: Callable[[], str]) -> None:
    address = serve()
    with page_of(browser) as page:
        page.context.route("**/*.example/**", lambda route: route.fulfill(body="bron"))
        # sign in
        page.goto(address)
        tab_to(page, "#email")
        page.keyboard.type(EMAIL)
        tab_to(page, "#password")
        page.keyboard.type(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")

        # the list: down, down, up, open
        titles = page.locator(".scout-card__title").all_inner_texts()
        for key in "jjk":
            page.keyboard.press(key)
        assert page.evaluate("document.activeElement.textContent") == titles[0]
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert heading(page) == titles[0]

        # open the source, and look at the list of keys
        with page.context.expect_page() as opened:
            page.keyboard.press("o")
        opened.value.close()
        page.keyboard.press("?")
        assert page.is_visible("#toetsen")
        page.keyboard.press("r")  # nothing happens behind it
        page.keyboard.press("Escape")
        assert not page.is_visible("#toetsen")
        assert page.locator("details[open]").count() == 0

        # reject with a reason, and take it back
        press(page, "r", "9")
        assert f"‘{titles[0]}’ is afgewezen." in page.inner_text(".scout-notice")
        assert page.inner_text("#melding") == f"‘{titles[0]}’ is afgewezen."
        assert heading(page) != titles[0]
        assert page.title().startswith(heading(page))
        assert page.evaluate("document.activeElement.tagName") == "H1"
        press(page, "u")
        assert heading(page) == titles[0]
        assert "staat weer open" in page.inner_text(".scout-notice")

        # put off until tomorrow; then take it back, for it is needed below
        press(page, "s", "1")
        assert "is uitgesteld" in page.inner_text(".scout-notice")
        press(page, "u")

        # a note, in hand
        page.keyboard.press("c")
        page.keyboard.type("jk: eerst bellen")
        press(page, "Control+Enter")
        assert "jk: eerst bellen" in page.inner_text("main")
        assert page.evaluate("document.activeElement.id") == "notities"
        press(page, "a")
        assert "In handen van u" in page.inner_text("#handen")

        # promote
        page.keyboard.press("p")
        page.keyboard.type(SUMMARY)
        press(page, "Control+Enter")
        assert f"‘{titles[0]}’ staat nu in het register." in page.inner_text(".scout-notice")

        # known already
        known = heading(page)
        page.keyboard.press("b")
        press(page, "Enter")
        assert f"‘{known}’ staat nu bij ‘al bekend’." in page.inner_text(".scout-notice")

        # merge with a lead named by its number, which is shown first
        merged, other = (
            heading(page),
            page.evaluate("document.querySelector('#volgende').dataset.from.match(/[0-9]+/)[0]"),
        )
        page.keyboard.press("m")
        tab_to(page, "#samenvoegen-nummer", 6) if page.evaluate(
            "document.activeElement.id !== 'samenvoegen-nummer'"
        ) else None
        page.keyboard.type(other)
        press(page, "Control+Enter")
        assert heading(page) == merged
        press(page, "1")
        assert f"‘{merged}’ is samengevoegd" in page.inner_text(".scout-notice")
        press(page, "u")
        assert heading(page) == merged

        # on and back
        with page.expect_navigation():
            page.keyboard.press("j")
        page.wait_for_selector("main:not([aria-busy])")
        assert heading(page) != merged
        with page.expect_navigation():
            page.keyboard.press("k")
        page.wait_for_selector("main:not([aria-busy])")
        assert heading(page) == merged

        # search
        with page.expect_navigation():
            page.keyboard.press("/")
        page.wait_for_selector("[name=zoek]:focus")
        assert page.evaluate("document.activeElement.name") == "zoek"
        page.keyboard.type("rjpk")
        assert page.input_value("[name=zoek]") == "rjpk"


def test_keys_are_changed_and_switched_off(browser: Any, serve: Callable[[], str]) -> None:
    address = serve()
    with page_of(browser) as page:
        lead = open_first(page, address)
        follow(page, "footer >> text=Sneltoetsen")
        tab_to(page, "#toets-reject")
        page.keyboard.press("Control+a")
        page.keyboard.type("j")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "De toets ‘j’ staat ook bij ‘volgende signaal’." in page.inner_text("#fouten")
        page.fill("#toets-reject", "x")
        follow(page, "button:text-is('Bewaren')")

        page.goto(lead)
        page.keyboard.press("r")
        assert page.locator("details[open]").count() == 0
        page.keyboard.press("x")
        assert page.locator("details[open] [name=reason]").count() > 0

        page.goto(f"{address}toetsen")
        page.uncheck("#aan")
        follow(page, "button:text-is('Bewaren')")
        page.goto(lead)
        for key in ("x", "p", "j", "?"):
            page.keyboard.press(key)
        assert page.url == lead
        assert page.locator("details[open], dialog[open]").count() == 0
        assert page.locator("kbd").count() == 0

        page.goto(f"{address}toetsen")
        follow(page, "button:text-is('Standaard terugzetten')")
        page.goto(lead)
        page.keyboard.press("r")
        assert page.locator("details[open] [name=reason]").count() > 0


def test_the_same_work_without_scripts(browser: Any, serve: Callable[[], str]) -> None:
    address = serve()
    with page_of(browser, java_script_enabled=False) as page:
        first = open_first(page, address)
        title = heading(page)
        assert page.locator(".scout-key >> visible=true").count() == 0

        page.click("summary:has-text('Afwijzen')")
        page.check("#reden-voorbij")
        follow(page, "form[action$=afwijzen] button")
        assert f"‘{title}’ is afgewezen." in page.inner_text(".scout-notice")
        follow(page, "button:has-text('Ongedaan maken')")
        assert heading(page) == title

        page.click("summary:has-text('Uitstellen')")
        page.check("#tot-nieuws")
        follow(page, "form[action$=uitstellen] button")
        assert "is uitgesteld" in page.inner_text(".scout-notice")
        page.goto(first)
        assert "Uitgesteld tot er iets nieuws verschijnt." in page.inner_text("main")
        follow(page, "button:has-text('Aan mij')")
        assert "In handen van u" in page.inner_text("#handen")
        page.click("summary:has-text('Notitie schrijven')")
        page.fill("#notitie-text", "Eerst bellen")
        follow(page, "button:text-is('Notitie bewaren')")
        assert "Eerst bellen" in page.inner_text("main")
        page.click("summary:has-text('Splitsen')")
        page.check("[name=bericht] >> nth=0")
        follow(page, "button:text-is('Splitsen')")
        assert "is gesplitst" in page.inner_text(".scout-notice")
        follow(page, "a[rel=next]")
        assert heading(page) != title


def test_the_next_lead_is_there_before_the_server_answers(browser: Any, serve: Callable[[], str]) -> None:
    address = serve()
    with page_of(browser) as page:
        gate = Gate(page, "**/afwijzen")
        first = open_first(page, address)
        title = heading(page)
        waiting: list[Any] = []
        gate.answer = waiting.append
        page.wait_for_selector("#volgende[data-title]", state="attached")
        page.keyboard.press("r")
        page.keyboard.press("2")
        page.wait_for_selector("main[aria-busy=true]")

        # Nothing has come back yet, and the next one is there to be read; its buttons wait.
        shown = heading(page)
        assert shown != title
        assert page.title().startswith(shown)
        assert page.evaluate("document.activeElement.tagName") == "H1"
        assert page.url == first
        assert page.evaluate("[...document.querySelectorAll('main form')].every(form => form.inert)")
        page.keyboard.press("p")
        assert page.locator("main details[open]").count() == 0
        place = page.evaluate("document.querySelector('main h1').getBoundingClientRect().top")

        waiting[0].continue_()
        page.wait_for_selector("main:not([aria-busy])")
        assert heading(page) == shown
        assert page.url != first
        assert "is afgewezen" in page.inner_text(".scout-notice")
        assert page.evaluate("document.querySelector('main h1').getBoundingClientRect().top") == place
        assert page.evaluate("document.activeElement.tagName") == "H1"

        # And the way back leads back.
        gate.answer = None
        with page.expect_navigation():
            page.go_back()
        page.wait_for_selector(".scout-lead__decide >> text=wees dit af")
        assert heading(page) == title
        assert "wees dit af" in page.inner_text(".scout-lead__decide")


def test_whoever_decides_before_the_next_lead_came_still_sees_it_first(
    browser: Any, serve: Callable[[], str]
) -> None:
    address = serve()
    with page_of(browser) as page:
        ahead: list[Any] = []
        deciding: list[Any] = []
        Gate(page, "**/alvast*").answer = ahead.append
        Gate(page, "**/afwijzen").answer = deciding.append
        open_first(page, address)
        title = heading(page)
        page.keyboard.press("r")
        page.keyboard.press("2")
        page.wait_for_selector("main[aria-busy=true]")
        assert heading(page) == title

        ahead[0].continue_()
        page.wait_for_selector(".scout-notice--waiting")
        shown = heading(page)
        assert shown != title
        assert page.evaluate("[...document.querySelectorAll('main form')].every(form => form.inert)")

        deciding[0].continue_()
        page.wait_for_selector("main:not([aria-busy])")
        assert heading(page) == shown
        assert f"‘{title}’ is afgewezen." in page.inner_text(".scout-notice")


@pytest.mark.parametrize("trouble", ["no network", "failure", "signed out"])
def test_when_there_is_no_answer_the_lead_comes_back_with_what_was_typed(
    browser: Any, serve: Callable[[], str], trouble: str
) -> None:
    address = serve()
    context = browser.new_context(locale="nl-NL")
    page = context.new_page()
    gate = Gate(page, "**/afwijzen")
    lead = open_first(page, address)
    title = heading(page)
    # Its answer sets a cookie too: when it came only after they are cleared, they would be back.
    page.wait_for_selector("#volgende[data-title]", state="attached")
    cookies = context.cookies()
    page.keyboard.press("r")
    page.check("#reden-protest")
    page.fill("#afwijzen-note", "Alleen een petitie")
    if trouble == "no network":
        gate.answer = lambda route: route.abort()
    elif trouble == "failure":
        gate.answer = lambda route: route.fulfill(status=500, body="<main id=inhoud><h1>Stuk</h1>")
    else:
        context.clear_cookies()
    # The page then asks for a fresh form; its answer, too, sets a cookie.
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch" and answer.ok):
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".scout-failed")

    assert heading(page) == title
    assert page.url == lead
    assert page.title().startswith(title)
    said = {
        "no network": "Er kwam geen antwoord van de server.",
        "failure": "Stuk.",
        "signed out": "Uw sessie is verlopen",
    }[trouble]
    assert said in page.inner_text(".scout-failed")
    assert page.evaluate("document.activeElement.classList.contains('scout-failed')")
    assert page.is_checked("#reden-protest")
    assert page.input_value("#afwijzen-note") == "Alleen een petitie"
    # Once more, now that it works again.
    gate.answer = None
    if trouble == "signed out":
        context.add_cookies(cookies)
    with answered(page):
        page.click("form[action$=afwijzen] button")
    assert f"‘{title}’ is afgewezen." in page.inner_text(".scout-notice")
    context.close()


def test_the_second_of_two_browsers_is_told_who_decided_and_keeps_what_was_typed(
    browser: Any, serve: Callable[[], str]
) -> None:
    address = serve()
    with page_of(browser) as mine, page_of(browser) as other:
        lead = open_first(mine, address)
        title = heading(mine)
        let_in(other, address)
        other.goto(lead)
        other.keyboard.press("r")
        other.fill("#afwijzen-note", "Mijn zorgvuldige notitie")
        other.check("#reden-protest")
        press(mine, "r", "3")

        with answered(other):
            other.click("form[action$=afwijzen] button")

        assert heading(other) == title
        told = other.inner_text(".scout-errors")
        assert "Anna de Vries wees dit af" in told
        assert "Mijn zorgvuldige notitie" in told
        assert other.url == lead
        assert other.evaluate("document.activeElement.classList.contains('scout-errors')")


def test_axe_finds_nothing_wrong_on_a_lead_with_every_form_open(browser: Any, address: str) -> None:
    found = {}
    with page_of(browser, bypass_csp=True) as page:
        lead = open_first(page, address)
        found["closed"] = look(page)
        open_all(page)
        found["open"] = look(page)
        page.goto(lead)
        page.keyboard.press("?")
        found["keys"] = look(page)
        page.goto(lead)
        page.keyboard.press("r")
        with answered(page):
            page.click("form[action$=afwijzen] button")
        found["errors"] = look(page)
        page.goto(f"{address}toetsen")
        found["own keys"] = look(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_on_a_phone_the_decisions_stay_in_reach(browser: Any, address: str) -> None:
    size = {"width": 360, "height": 740}
    with page_of(browser, viewport=size, has_touch=True, is_mobile=True) as page:
        open_first(page, address)
        for part in (0, 0.5, 1):
            page.evaluate("part => scrollTo(0, part * document.body.scrollHeight)", part)
            for button in page.locator(".scout-decide summary").all():
                box = button.bounding_box()
                assert 0 <= box["y"] <= 740 - box["height"]
                assert box["height"] >= 44
        page.tap("summary:has-text('Uitstellen')")
        assert page.locator(".scout-decide summary >> visible=true").count() == 4
        page.locator("#uitstellen-note").scroll_into_view_if_needed()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_municipality_walks_through_its_leads_with_keys(browser: Any, address: str) -> None:
    with page_of(browser) as page:
        sign_in(page, address, CLERK)
        follow(page, ".scout-card__title a >> nth=0")
        title = heading(page)
        for key in "prsbmac":
            page.keyboard.press(key)
        assert heading(page) == title
        with page.expect_navigation():
            page.keyboard.press("j")
        assert heading(page) != title

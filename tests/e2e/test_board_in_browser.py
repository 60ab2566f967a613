"""The board in a real browser: by dragging, by keyboard alone, without scripts, and looked over by axe."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.words import RoundState
from tests.e2e.pages import Gate, follow, let_in, look, look_over, page_of
from tests.rounds_world import round_in, world

pytestmark = pytest.mark.browser

LEADER, REVIEWER = "lea@rondes.example", "rob@rondes.example"
REASON = "Noor begeleidde eerder een dorpstuin."


def fill(session: Session) -> None:
    """Two rounds: one that is being paired, and one in which proposals were made."""
    people = world(session)
    for state in (RoundState.PAIRING, RoundState.PROPOSING):
        round_in(session, state, world=people, now=datetime.now(UTC))


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    """A server that tests share which change nothing."""
    return serve(fill)


def row(title: str) -> str:
    """The row of an initiative."""
    return f"[data-row]:has(h3 > a:text-is('{title}'))"


def card(name: str) -> str:
    """The card of a consultant."""
    return f"#paneel [data-item][data-drag]:has-text('{name}')"


#: Where each initiative stands on the page, pixels from the top.
PLACES = "[...document.querySelectorAll('[data-row]')].map(row => row.getBoundingClientRect().top + scrollY)"


def settle(page: Any) -> None:
    """Wait until the board has taken the place of the one before."""
    page.wait_for_selector("main:not([aria-busy])")


def said(page: Any) -> str:
    """What the live region says."""
    page.wait_for_function("document.getElementById('melding').textContent !== ''")
    return str(page.inner_text("#melding"))


def focused(page: Any) -> str:
    """Words of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent"))


def open_board(page: Any, address: str, email: str = LEADER, number: int = 1) -> None:
    """Sign in and open the board of a round."""
    let_in(page, address, email)
    page.goto(f"{address}rondes/{number}/bord")


def drag(page: Any, what: str, to: str) -> None:
    """Drag with the mouse, and wait for the answer."""
    page.locator(what).hover()
    place = page.locator(what).bounding_box()
    page.mouse.down()
    # The browser takes it for dragging when the mouse has moved a bit; on a busy machine that takes a while.
    page.mouse.move(place["x"] + place["width"] / 2 + 12, place["y"] + place["height"] / 2 + 12, steps=4)
    page.wait_for_selector(".scout-pairs--dragging")
    page.locator(to).hover()
    page.locator(to).hover(position={"x": 12, "y": 12})
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.mouse.up()
    settle(page)


def test_consultants_are_dragged_to_initiatives(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(fill)
    with page_of(browser, viewport={"width": 1280, "height": 900}, bypass_csp=True) as page:
        open_board(page, address)
        drag(page, card("Saar Subsidie"), row("Buurtkeuken Klarendal"))
        assert said(page) == "Saar Subsidie staat nu bij ‘Buurtkeuken Klarendal’."
        assert "Saar Subsidie" in page.inner_text(row("Buurtkeuken Klarendal"))
        assert "1 van 5" in page.inner_text(".scout-pairs__counts")

        # While dragging, every initiative says how it would do and stays where it is; where it can't be,
        # nothing lands.
        page.hover(card("Bas Ruimte"))
        places = page.evaluate(PLACES)
        page.mouse.down()
        page.mouse.move(300, 500, steps=5)
        page.wait_for_selector("[data-order='2']")
        assert "kan niet: zelfde gemeente" in page.inner_text(row("Voedselbos Presikhaaf"))
        assert "past" in page.inner_text(row("Dorpstuin Dieren"))
        assert page.evaluate(PLACES) == places
        page.hover(row("Voedselbos Presikhaaf"))
        page.mouse.up()
        assert page.locator("[data-try]:visible").count() == 0
        assert "1 van 5" in page.inner_text(".scout-pairs__counts")

        # From one initiative to another, and off the board.
        drag(page, card("Bas Ruimte"), row("Dorpstuin Dieren"))
        drag(page, f"{row('Dorpstuin Dieren')} [data-drag]", row("Speelplek Veldhuizen"))
        assert "Bas Ruimte" in page.inner_text(row("Speelplek Veldhuizen"))
        assert "Nog niemand" in page.inner_text(row("Dorpstuin Dieren"))
        drag(page, f"{row('Speelplek Veldhuizen')} [data-drag]", "#paneel")
        assert "Nog niemand" in page.inner_text(row("Speelplek Veldhuizen"))

        # A soft rule: the form for the reason opens by itself, with what is wrong.
        drag(page, card("Noor Jurist"), row("Dorpstuin Dieren"))
        assert page.inner_text("#paneel h2") == "Dorpstuin Dieren"
        assert page.is_visible("textarea[name=reden]")
        page.fill("textarea[name=reden]:visible", REASON)
        page.click("button[type=submit]:has-text('Toch koppelen'):visible")
        page.wait_for_selector(f"{row('Dorpstuin Dieren')}[data-state=ondanks]")
        assert REASON in page.inner_text("#paneel")


def test_everything_by_keyboard_alone(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(fill)
    with page_of(browser, viewport={"width": 1280, "height": 900}, bypass_csp=True) as page:
        open_board(page, address)

        def press(key: str, *, sends: bool = False) -> None:
            if not sends:
                page.keyboard.press(key)
                settle(page)
                return
            with page.expect_response(lambda answer: answer.request.method == "POST"):
                page.keyboard.press(key)
            page.wait_for_function("!document.querySelector('main[aria-busy]')")

        # One stop for the Tab key in the list; the arrows walk through it.
        page.focus("#bord [data-group=rows] [data-main] >> nth=0")
        titles = page.locator("#bord h3").all_inner_texts()
        press("ArrowDown")
        assert focused(page) == titles[1] == "Dorpstuin Dieren"
        press("End")
        assert focused(page) == titles[4]
        press("Home")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#paneel') !== null")
        page.keyboard.press("Shift+Tab")
        assert focused(page) == titles[0]

        # Choose an initiative, take the best, go on to the next: Enter, Enter, Enter.
        page.keyboard.press("Enter")
        page.wait_for_selector("#paneel h2:text-is('Buurtkeuken Klarendal')")
        page.wait_for_function("document.activeElement.textContent.includes('Koppelen')")
        assert "Saar Subsidie bij ‘Buurtkeuken Klarendal’, past" in focused(page)
        press("Enter", sends=True)
        assert "Saar Subsidie staat nu bij" in said(page)
        page.wait_for_function("document.activeElement.id === 'volgende'")
        page.keyboard.press("Enter")
        page.wait_for_selector("#paneel h2:text-is('Dorpstuin Dieren')")

        # Back to the list, and keys on the row with the focus.
        page.wait_for_function("document.activeElement.closest('#paneel')")
        press("ArrowLeft")
        assert focused(page) == "Dorpstuin Dieren"
        press("ArrowUp")
        press("v", sends=True)
        assert "staat vast bij ‘Buurtkeuken Klarendal’" in said(page)
        press("v", sends=True)
        press("l", sends=True)
        page.wait_for_selector(f"{row('Buurtkeuken Klarendal')}[data-state=niemand]")
        assert focused(page) == "Buurtkeuken Klarendal"
        press("u", sends=True)
        page.wait_for_selector(f"{row('Buurtkeuken Klarendal')}[data-state=gekoppeld]")
        assert said(page).startswith("Ongedaan gemaakt")

        # The next one without a consultant; forbid the best, who then can't be chosen.
        page.focus(f"{row('Buurtkeuken Klarendal')} [data-main]")
        page.keyboard.press("n")
        page.wait_for_function("document.activeElement.closest('#paneel')")
        best = page.inner_text("#paneel [data-group=cards] strong >> nth=0")
        page.focus("#paneel [data-group=cards] [data-main] >> nth=0")
        press("x", sends=True)
        assert f"{best} mag niet bij" in said(page)

        # Keys are listed, and letters are letters in a field.
        page.keyboard.press("?")
        assert "Koppeling vastzetten, of niet meer" in page.inner_text("#toetsen")
        page.keyboard.press("Escape")
        page.focus("#zoek-bord")
        page.keyboard.type("lvx")
        assert page.input_value("#zoek-bord") == "lvx"
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Geen initiatief past bij deze keuze.")


def test_the_same_work_without_scripts(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(fill)
    with page_of(browser, java_script_enabled=False) as page:
        open_board(page, address)
        follow(page, "h3 >> text=Buurtkeuken Klarendal")
        follow(page, "#paneel button:has-text('Koppelen') >> nth=0")
        assert "Saar Subsidie staat nu bij ‘Buurtkeuken Klarendal’." in page.inner_text(".scout-notice")
        follow(page, "text=Volgende zonder consultant")
        page.click("summary:has-text('Toch koppelen') >> nth=0")
        page.fill("textarea[name=reden] >> nth=0", "kort")
        follow(page, "details[open] button:has-text('Toch koppelen')")
        assert page.is_visible("textarea[aria-invalid]")
        page.fill("textarea[aria-invalid]", REASON)
        follow(page, "details[open] button:has-text('Toch koppelen')")
        assert page.locator("[data-state=ondanks]").count() == 1
        follow(page, "#paneel button:has-text('Vastzetten')")
        follow(page, "#paneel button:has-text('Niet meer vast')")
        follow(page, "#paneel button:has-text('Losmaken')")
        follow(page, "#ongedaan")
        assert page.locator("[data-state=ondanks]").count() == 1
        follow(page, "text=Alle initiatieven en consultants")
        follow(page, "#paneel a:has-text('Els Groen')")
        follow(page, "button:has-text('Hier koppelen') >> nth=0")
        assert "Els Groen staat nu bij" in page.inner_text(".scout-notice")


def test_a_server_that_does_not_answer_loses_nothing(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(fill)
    page = browser.new_page(locale="nl-NL")
    gate = Gate(page, "**/koppelen")
    open_board(page, address)
    page.click("h3 >> text=Buurtkeuken Klarendal")
    page.wait_for_selector("#paneel h2:text-is('Buurtkeuken Klarendal')")
    gate.answer = lambda route: route.abort()
    page.click("#paneel button:has-text('Koppelen') >> nth=0")
    page.wait_for_selector("#fouten:has-text('Er kwam geen antwoord.')")
    assert page.evaluate("document.activeElement.id") == "fouten"
    # An answer that is no board: the page is asked for again, and says how it is.
    gate.answer = lambda route: route.fulfill(status=502, body="weg")
    with page.expect_navigation():
        page.click("#paneel button:has-text('Koppelen') >> nth=0")
    gate.answer = None
    assert page.locator("[data-state=gekoppeld]").count() == 0
    page.click("#paneel button:has-text('Koppelen') >> nth=0")
    page.wait_for_selector("[data-state=gekoppeld]")
    page.context.close()


def test_the_board_has_no_accessibility_problems(browser: Any, address: str) -> None:
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, address, LEADER)
        paths = ["1/bord", "1/bord?initiatief=2", "1/bord?consultant=3", "1/bord?zoek=bestaat-niet"]
        paths += ["2/bord", "2/bord?initiatief=2"]
        assert look_over(page, [f"{address}rondes/{path}" for path in paths]) == {}
        # A refused form, with what is wrong.
        page.goto(f"{address}rondes/1/bord?initiatief=3")
        page.click("summary:has-text('Toch koppelen') >> nth=0")
        page.click("details[open] button:has-text('Toch koppelen'):visible")
        page.wait_for_selector("textarea[aria-invalid]")
        assert page.evaluate("document.activeElement.id") == "fouten"
        assert look(page) == []


def test_on_a_telephone_one_thing_at_a_time(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(fill)
    with page_of(browser, viewport={"width": 360, "height": 740}) as page:
        open_board(page, address)
        page.click("h3 >> text=Buurtkeuken Klarendal")
        page.wait_for_selector("#paneel h2:text-is('Buurtkeuken Klarendal')")
        assert not page.is_visible("[data-group=rows]")
        page.click("#paneel button:has-text('Koppelen') >> nth=0")
        page.wait_for_selector(".scout-notice")
        page.click("#terug")
        page.wait_for_selector("[data-group=rows]")
        assert focused(page) == "Buurtkeuken Klarendal"
        page.goto(f"{address}rondes/1/bord?consultant=2")
        page.click("button:has-text('Hier koppelen') >> nth=0")
        page.wait_for_selector(".scout-notice")
        assert page.locator("[data-state=gekoppeld]").count() == 2

"""Handing in in a real browser: nothing wrong for axe, everything by keyboard, and the bookmark at work."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CLERK, EMAIL
from tests.e2e.pages import follow, let_in, look, look_over, page_of

pytestmark = pytest.mark.browser

PAGES = ("inbrengen", "inbrengen/overzicht", "inbrengen/bladwijzer", "inbrengen/bestand")
FILE = (
    "url;titel;gemeente;samenvatting;datum\r\n"
    "geen adres;;Nergenshuizen;;31-02-2026\r\n"
    "https://een-heel-lang-adres-zonder-einde.example/" + "lang" * 40 + ";"
    "Een titel;;Buren koken elke week samen in de buurtkamer.;\r\n"
)


@pytest.fixture(scope="module")
def served(serve: Callable[..., str]) -> str:
    """A server of our own: these tests add to it."""
    return serve()


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another website, with a page that has a title."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write("<title>Tuin & hek – déél</title><p>geheime tekst</p>".encode())

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/bericht?a=1&b=2"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("who", [EMAIL, CLERK])
def test_axe_finds_nothing_wrong_and_nothing_sticks_out(
    browser: Any, served: str, tmp_path: Path, who: str
) -> None:
    file = tmp_path / "lijst.csv"
    file.write_text(FILE, "utf-8")
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, served, who)
        wrong = look_over(page, [served + path for path in PAGES])

        page.goto(f"{served}inbrengen?url=geen-adres")
        follow(page, "main form button[type=submit]")
        assert page.locator("#summary-fout").count() == 1
        wrong_after = look(page)

        page.goto(f"{served}inbrengen/bestand")
        page.set_input_files("#file", str(file))
        follow(page, "main form button[type=submit]")
        assert page.locator(".scout-hand-in__mistakes li").count() >= 3
        wrong_after += look(page)

    assert wrong == {}
    assert wrong_after == []


def test_one_is_handed_in_by_keyboard_alone(browser: Any, served: str) -> None:
    with page_of(browser) as page:
        let_in(page, served)
        page.goto(f"{served}inbrengen")
        page.focus("#url")
        page.keyboard.type("https://www.facebook.com/groups/1/posts/2")
        page.keyboard.press("Tab")
        page.keyboard.type("Buurtkamer")
        page.keyboard.press("Tab")
        page.keyboard.type("Buren koken elke week samen in de buurtkamer.")
        page.keyboard.press("Tab")
        page.keyboard.type("Rheden")
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('main form button[type=submit]')"):
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{served}inbrengen/overzicht"
        assert "Dank u wel" in page.inner_text("main")
        assert "Rheden" in page.inner_text(".scout-cards")


def test_the_bookmark_brings_address_and_title_of_another_site(
    browser: Any, served: str, elsewhere: str
) -> None:
    # Not ``page_of``: this page goes to another website.
    context = browser.new_context(locale="nl-NL")
    page = context.new_page()
    let_in(page, served)
    page.goto(f"{served}inbrengen/bladwijzer")
    script = page.get_attribute(".scout-hand-in__drag", "href")
    page.goto(elsewhere)
    with context.expect_page() as opened:
        page.evaluate(script.removeprefix("javascript:"))
    form = opened.value
    form.wait_for_load_state()

    assert form.input_value("#url") == elsewhere
    assert form.input_value("#title") == "Tuin & hek – déél"
    assert "geheime tekst" not in form.content()
    context.close()

"""What browser tests do with pages: open one, sign in, send forms, and look a page over in all its forms."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from review.assets import CHECKOUT
from tests.conftest import required_or_skip
from tests.e2e.conftest import EMAIL, PASSWORD

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
EVERYTHING = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: What other colours alone can spoil, and what another width can.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
PLACES = {"type": "rule", "values": [*COLOURS["values"], "target-size", "scrollable-region-focusable"]}
#: How a page is looked at: CSS pixels wide, colours, and what axe then goes through. One visit is enough for
#: all of them. The narrowest is asked everything again: there, some parts have made way for others.
LOOKS = (
    (1280, "light", EVERYTHING),
    (1280, "dark", COLOURS),
    (360, "light", PLACES),
    (320, "dark", EVERYTHING),
)

#: How far to the right anything that shows reaches, in CSS pixels.
RIGHT_EDGE = """Math.max(...[...document.querySelectorAll('body *')].filter(
    e => e.getClientRects().length && !e.closest('.scout-hidden, option, .utrecht-skip-link, svg *')
).map(e => e.getBoundingClientRect().right))"""

#: Thousands of elements that pass are counted where they are: bringing them here takes longest.
LOOK = """async ([width, dark, rules]) => {
    while (innerWidth !== width || matchMedia("(prefers-color-scheme: dark)").matches !== dark)
        await new Promise(requestAnimationFrame);
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    return {
        passes: found.passes.length,
        violations: found.violations,
        sideways: document.documentElement.scrollWidth > innerWidth,
    };
}"""


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


class Gate:
    """Stands between a page and the server, and does as told with what is asked there.

    Put it there before the page opens: the browser may let a request pass that is sent soon after.
    """

    def __init__(self, page: Any, pattern: str) -> None:
        #: What is done with a request that comes by; without it, the request just goes on.
        self.answer: Callable[[Any], object] | None = None
        page.route(pattern, self._meet)

    def _meet(self, route: Any) -> None:
        if self.answer:
            self.answer(route)
        else:
            route.continue_()


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


def fill_in_password(page: Any, address: str, email: str = EMAIL) -> None:
    """Sign in by the form, as people do; stays where that leads."""
    page.goto(address)
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    follow(page, "main button[type=submit]")


def let_in(page: Any, address: str, email: str = EMAIL) -> None:
    """Sign in without a page being drawn: the form is sent, and what comes back is not followed.

    Drawing it took more than the test after it; :func:`fill_in_password` is for those who test signing in.
    """
    server = page.context.request
    token = re.search(r'name="csrf_token" value="([^"]+)"', server.get(f"{address}aanmelden").text())
    assert token
    form = {"email": email, "password": PASSWORD, "csrf_token": token[1]}
    assert server.post(f"{address}aanmelden", form=form, max_redirects=0).status == 302


def sign_in(page: Any, address: str, email: str = EMAIL) -> None:
    """Sign in and open the first page."""
    let_in(page, address, email)
    page.goto(address)
    assert page.url == address


def open_all(page: Any) -> None:
    """Open every choice, so that its form is checked too."""
    for choice in page.locator("details.scout-choice").all():
        choice.evaluate("choice => { choice.removeAttribute('name'); choice.open = true; }")


def look(page: Any, *, cut_off: bool = False) -> list[str]:
    """What is wrong with the page as it stands: for axe, and what scrolls sideways, in each of ``LOOKS``.

    Leaves the page wide and light. The page needs a context with ``bypass_csp``.

    Args:
        cut_off: whether nothing at all may reach past the edge, also what scrolls by itself.
    """
    if not AXE.is_file():
        required_or_skip("axe-core is not installed: npm ci")
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text("utf-8"))
    wrong = []
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate(LOOK, [width, scheme == "dark", rules])
        assert found["passes"] > (10 if rules is EVERYTHING else 0)
        wrong += [
            f"{width} {scheme}: {one['id']}: {one['help']}: {node['html'][:150]} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]
        if found["sideways"] or (cut_off and page.evaluate(RIGHT_EDGE) > width + 0.5):
            wrong.append(f"{width} {scheme}: reaches past the edge")
    page.set_viewport_size({"width": LOOKS[0][0], "height": 800})
    page.emulate_media(color_scheme=LOOKS[0][1])
    return wrong


def look_over(page: Any, addresses: Iterable[str]) -> dict[str, list[str]]:
    """What is wrong with each of these pages with all they hold opened; see :func:`look`."""
    found = {}
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        found[address] = look(page)
    return {address: wrong for address, wrong in found.items() if wrong}

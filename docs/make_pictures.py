"""Make the pictures for README and handbook: ``python docs/make_pictures.py``.

Takes every page wide (1280 px) and narrow (360 px), light and dark, with Debian's chromium. Without
``--address`` it serves invented leads from a temporary folder; with it, it pictures that server.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = {"breed": (1280, 800), "smal": (360, 740)}
SCHEMES = {"licht": "light", "donker": "dark"}
EMAIL, PASSWORD = "anna@voorbeeld.example", "een lang wachtwoord"

#: Summary, question and contact of the entries that the pictures show.
ENTRIES = [
    (
        "Buurtgenoten eten elke week samen; wie wil schuift aan of kookt mee.",
        "Hoe krijgen we een vaste plek na de zomer?",
        "info@samenkoken.example",
    ),
    (
        "Het dorp houdt zijn eigen dorpshuis open, met een rooster van inwoners.",
        "Wie kent de regels voor beheer door bewoners?",
        "bestuur@dorpshuis.example",
    ),
]


@contextmanager
def sample_server() -> Iterator[str]:
    """Serve invented leads on a free port until the block ends."""
    sys.path.insert(0, str(CHECKOUT))
    from models.database import ensure_ready, open_engine, session_factory
    from models.settings import load_settings
    from tests.review.factories import make_account
    from tests.review.samples import fill

    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(load_settings(var=folder))
        ensure_ready(engine)
        with session_factory(engine)() as session:
            fill(session)
            make_account(session, EMAIL, name="Anna de Vries")
            session.commit()
        engine.dispose()
        server = subprocess.Popen(
            [sys.executable, "-m", "review.cli", "serve", "--port", "0"],
            cwd=CHECKOUT,
            env={**os.environ, "SCOUT_VAR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+?/", server.stdout.readline())
            if found is None:
                raise SystemExit("the server did not start")
            yield found[0]
        finally:
            server.terminate()
            server.wait()


def sign_in(page: Page, address: str, email: str, password: str) -> None:
    """Sign in on a fresh page."""
    page.goto(f"{address}aanmelden")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("main button[type=submit]")
    page.wait_for_url(address)


def decide(browser: Browser, address: str, email: str, password: str) -> None:
    """Promote two leads, so that register and history have something to show."""
    page = browser.new_page(locale="nl-NL")
    sign_in(page, address, email, password)
    for summary, question, contact in ENTRIES:
        page.goto(address)
        page.locator(".scout-card__title a").nth(1).click()
        page.click("summary:has-text('Opnemen in het register')")
        page.fill("#opnemen-summary", summary)
        page.fill("#opnemen-question", question)
        page.fill("#opnemen-contact", contact)
        page.click("button:text-is('Opnemen')")
    page.close()


def take(browser: Browser, address: str, email: str, password: str, output: Path) -> list[Path]:
    """All pictures, as PNG files in ``output``."""
    taken = []
    for width, (columns, rows) in WIDTHS.items():
        for scheme, preference in SCHEMES.items():
            context = browser.new_context(
                viewport={"width": columns, "height": rows},
                color_scheme=preference,
                locale="nl-NL",
                timezone_id="Europe/Amsterdam",
            )
            page = context.new_page()

            def shoot(name: str, page: Page = page, ending: str = f"{width}-{scheme}") -> None:
                path = output / f"{name}-{ending}.png"
                page.screenshot(path=path, full_page=True)
                taken.append(path)

            page.goto(f"{address}aanmelden")
            shoot("aanmelden")
            sign_in(page, address, email, password)
            shoot("signalen")
            page.locator(".scout-card__title a").first.click()
            shoot("signaal")
            page.click("summary:has-text('Opnemen in het register')")
            shoot("opnemen")
            page.click("button:text-is('Opnemen')")
            shoot("fouten")
            page.click("summary:has-text('Afwijzen')")
            shoot("afwijzen")
            page.goto(f"{address}register")
            shoot("register")
            # On a server where nothing has been promoted yet these two pages don't exist.
            if page.locator(".scout-card__title a").count():
                page.locator(".scout-card__title a").first.click()
                shoot("initiatief")
                page.goto(f"{address}?status=promoted")
                page.locator(".scout-card__title a").first.click()
                shoot("besloten")
            for name in ("hoe-het-werkt", "toegankelijkheid", "bestaat-niet"):
                page.goto(f"{address}{name}")
                shoot(name)
            context.close()
    return taken


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="a running server, e.g. http://127.0.0.1:5000/")
    parser.add_argument("--email", default=EMAIL)
    parser.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "docs" / "pictures")
    given = parser.parse_args()
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else PASSWORD
    given.output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if given.address:
            taken = take(browser, given.address.rstrip("/") + "/", given.email, password, given.output)
        else:
            with sample_server() as address:
                decide(browser, address, given.email, password)
                taken = take(browser, address, given.email, password, given.output)
        browser.close()
    sys.stdout.write(f"{len(taken)} pictures in {given.output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Sources in a real browser: found behind an address by a scout that is played here, added by keyboard."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from models.database import open_engine, session_factory
from models.settings import load_settings
from models.store.errands import finish, take_next
from models.words import ErrandKind, Role, Sign, SourceKind
from tests.e2e.pages import follow, let_in, look_over, page_of, sign_in
from tests.review.factories import ARNHEM, make_account, make_source
from tests.review.source_world import (
    ADDRESS,
    TERMS,
    feed_found,
    make_days,
    make_run,
    make_visited,
    now,
    sign,
)

pytestmark = pytest.mark.browser

LEADER = "pia@voorbeeld.example"


class Served:
    """A server with sources, and its folder."""

    def __init__(self) -> None:
        self.folder = Path()
        self.address = ""

    def fill(self, session: Session) -> None:
        """A project leader, and sources in every state."""
        self.folder = Path(str(make_url(session.get_bind().engine.url).database)).parent
        make_account(session, LEADER, name="Pia Jansen", roles=[Role.PROJECT_LEADER])
        make_visited(session, "koerier", "Arnhemse Koerier", municipality_code=ARNHEM, url=f"{ADDRESS}/feed")
        make_days(session, "koerier", {ago: ago % 5 for ago in range(28)})
        make_run(session, "koerier", warnings=["a sentence that nobody translated"])
        make_visited(session, "stuk", "Een bron met een naam die op een telefoon niet op één regel past")
        make_run(
            session,
            "stuk",
            problem=f"{ADDRESS}/een-erg-lang-adres/zonder/einde answered 404 Not Found: correct the address",
        )
        make_visited(
            session, "verhuisd", signs=[sign(Sign.MOVED, f"{ADDRESS}/nieuw/adres/van/deze/bron.xml")]
        )
        make_visited(session, "rust", paused="de site wordt verbouwd", paused_at=now(), paused_by_id=1)
        make_source(session, "kaal", terms_checked=None)
        make_visited(session, "uit", enabled=False)
        make_visited(session, "site", kind=SourceKind.SITE, options={"article": "/nieuws/"})


@pytest.fixture(scope="module")
def served(serve: Callable[..., str]) -> Served:
    """A server that the tests here share."""
    served = Served()
    served.address = serve(served.fill)
    return served


@contextmanager
def scout_at_work(served: Served, *answers: dict[str, Any]) -> Iterator[None]:
    """Answer the errands that are asked meanwhile, in this order: a look behind an address, or a visit."""
    over = threading.Event()

    def work() -> None:
        engine = open_engine(load_settings(var=served.folder))
        left = list(answers)
        while left and not over.wait(0.1):
            with session_factory(engine)() as session:
                errand = take_next(session, now())
                if errand is None:
                    session.rollback()
                    continue
                result = left.pop(0)
                if errand.kind is ErrandKind.VISIT:
                    make_run(session, errand.source_key or "", ago=now() - now(), outcomes=result)
                finish(session, errand.id, result=result, problem=None, now=now())
                session.commit()
        engine.dispose()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


def found(*those: dict[str, Any], code: str = "") -> dict[str, Any]:
    """What a look behind the address comes to."""
    return {"address": ADDRESS, "found": list(those), "refusal": {"code": code} if code else None}


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_source_is_added_by_keyboard_and_visited(browser: Any, served: Served, scripts: bool) -> None:
    key = f"krant-{'met' if scripts else 'zonder'}"
    answers = (found(feed_found(key=key, title=f"Krant {key}")), {"new": 3})
    with (
        page_of(browser, java_script_enabled=scripts, viewport={"width": 360, "height": 740}) as page,
        scout_at_work(served, *answers),
    ):
        sign_in(page, served.address, LEADER)
        page.click("nav >> text=Beheer")
        follow(page, "nav >> text=Bronnen")
        page.focus("text=Bron toevoegen")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.focus("#adres")
        page.keyboard.type(ADDRESS)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        # The page waits by itself until the scout has answered.
        page.wait_for_selector("h1:text-is('Dit is gevonden')")

        page.focus("#titel")
        for _ in range(30):
            if page.evaluate("document.activeElement.id") == "voorwaarden":
                break
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "voorwaarden"
        page.fill("#gelezen", TERMS["gelezen"])
        page.focus("#grondslag")
        page.keyboard.type(TERMS["grondslag"])
        page.keyboard.press("Tab")
        page.keyboard.type(TERMS["doel"])
        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert page.url == f"{served.address}bronnen/{key}"
        page.focus("button:text-is('Nu bezoeken')")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_selector("text=De bron is opgehaald. 3 nieuw.")


def test_a_refused_form_begins_at_what_is_wrong(browser: Any, served: Served) -> None:
    with page_of(browser) as page, scout_at_work(served, found(feed_found(key="fout"))):
        let_in(page, served.address, LEADER)
        page.goto(f"{served.address}bronnen/toevoegen")
        page.fill("#adres", ADDRESS)
        follow(page, "main button[type=submit]")
        page.wait_for_selector("h1:text-is('Dit is gevonden')")
        with page.expect_navigation():
            page.press("#titel", "Enter")

        assert page.evaluate("document.activeElement.id") == "fouten"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert re.search(r"#(gelezen|grondslag|doel)$", page.url)


def test_axe_finds_nothing_wrong_and_nothing_sticks_out(browser: Any, served: Served) -> None:
    answers = (
        found(
            feed_found(title="Een naam " * 10),
            feed_found(kind="site", options={"article": r"/nieuws/\d+"}, url=f"{ADDRESS}/{'lang' * 30}"),
        ),
        found(code="blocked"),
    )
    with page_of(browser, bypass_csp=True) as page:
        let_in(page, served.address, LEADER)
        pages = [
            served.address + path
            for path in (
                "bronnen",
                "bronnen?naam=nergens",
                "bronnen/koerier",
                "bronnen/stuk",
                "bronnen/rust",
                "bronnen/kaal",
                "bronnen/site/veranderen",
                "bronnen/toevoegen",
            )
        ]
        for one in answers:
            with scout_at_work(served, one):
                page.goto(f"{served.address}bronnen/toevoegen")
                page.fill("#adres", ADDRESS)
                follow(page, "main button[type=submit]")
                page.wait_for_selector("h1:text-matches('Dit is gevonden|Deze bron kan niet')")
            pages.append(page.url)
        pages.append(pages[-2] + "?keus=1")
        page.goto(f"{served.address}bronnen/toevoegen")
        page.fill("#adres", ADDRESS)
        follow(page, "main button[type=submit]")
        # Nobody answers this one.
        pages.append(page.url)
        wrong = look_over(page, pages)
        with scout_at_work(served, found(code="nothing")):
            page.wait_for_selector("h1:text-is('Deze bron kan niet')")

    assert wrong == {}

"""A whole matching round in a real browser, by all who have a part in it, from seeding to what was learned.

The project leader, two municipalities, and by the secret links in real mails: consultants, employers, hosts
and an initiator. What the service does by itself is done by the service.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.database import open_engine
from models.match import Lesson
from models.settings import load_settings
from models.store.evaluations import answer_evaluation, plan_evaluations
from models.store.lessons import approve_lesson
from models.store.matches import finish
from models.words import Moment, Party, RoundState
from review.match_links import ANSWER, token_of
from review.match_mail import send_matches_due
from review.match_steps import give_answer
from review.round_solving import ask_beside, solve_due
from tests.e2e.pages import follow, let_in, look, look_over, page_of, sign_in
from tests.e2e.test_board_in_browser import card, drag, row
from tests.mailbox import Mailbox, parts
from tests.rounds_world import match_in, round_in, world

pytestmark = pytest.mark.browser

#: Folder to keep pictures of the pages in; empty = keep none.
PICTURES = os.environ.get("SCOUT_PICTURES", "")
LEADER, ARNHEM, RHEDEN = "lea@rondes.example", "arnhem@rondes.example", "rheden@rondes.example"
FOREST, GARDEN, ROOF = "Voedselbos Presikhaaf", "Dorpstuin Dieren", "Zonnedak Velp"
INITIATOR = "tuin@dieren.example"
REPEAT = "Begin met een rondleiding op de plek zelf."
LESSON = "Begin elke opdracht met een rondleiding op de plek zelf."


class Play:
    """One round being played: a browser, a server, and a mail server."""

    def __init__(self, browser: Any, address: str, folder: Path, mailbox: Mailbox, scripts: bool) -> None:
        self.browser, self.address, self.folder = browser, address, folder
        self.mailbox, self.scripts = mailbox, scripts
        self._read = 0
        self._pictures = 0

    @contextmanager
    def somebody(self, email: str = "") -> Iterator[Any]:
        """A browser of their own, signed in when they have an account."""
        with page_of(self.browser, java_script_enabled=self.scripts) as page:
            if email:
                sign_in(page, self.address, email)
            yield page

    def see(self, page: Any) -> None:
        """Keep a picture, when asked to."""
        if PICTURES and self.scripts:
            self._pictures += 1
            name = re.sub(r"\W+", "-", page.inner_text("h1").lower()).strip("-")[:40]
            page.screenshot(path=f"{PICTURES}/round-{self._pictures:02}-{name}.png", full_page=True)

    def mails(self, days: int | None = 0) -> dict[str, EmailMessage]:
        """Have sent what is due, and give what came: recipient -> the last message.

        Args:
            days: from now; None = now, by the command as an administrator runs it.
        """
        if days is not None:
            settings = load_settings(var=self.folder, **self._mail())
            engine = open_engine(settings)
            send_matches_due(settings, engine, utc_now() + timedelta(days=days))
            engine.dispose()
        else:
            environment = {name: text for name, text in os.environ.items() if not name.startswith("SCOUT_")}
            environment |= {f"SCOUT_{name.upper()}": text for name, text in self._mail().items()}
            environment["SCOUT_VAR"] = str(self.folder)
            subprocess.run(
                [sys.executable, "-m", "review.cli", "upkeep", "--once"],
                env=environment,
                check=True,
                capture_output=True,
            )
        came, self._read = self.mailbox.taken[self._read :], len(self.mailbox.taken)
        return {str(one["To"]): one for one in came}

    def _mail(self) -> dict[str, str]:
        return {"mail_out": self.mailbox.address, "mail_from": "netwerk@scout.example"}

    def open_link(self, page: Any, mail: EmailMessage, place: str) -> None:
        """Open the link in a mail that leads to this kind of page."""
        text, html = parts(mail)
        found = re.search(rf"https?://\S+/{place}/\S+", text)
        assert found, text
        assert found[0] in html
        page.goto(self.address.rstrip("/") + urlsplit(found[0]).path)

    def answer(self, mail: EmailMessage, said: str, reason: str = "") -> str:
        """Answer a proposal by the link in its mail, without an account."""
        with self.somebody() as page:
            self.open_link(page, mail, "antwoord")
            self.see(page)
            page.check(f"#antwoord-{said}")
            page.fill("#antwoord-reason", reason)
            follow(page, "button:text-is('Antwoord versturen')")
            assert page.inner_text("h1") == "Bedankt voor uw antwoord"
            self.see(page)
            return str(page.inner_text("main"))

    def evaluate(self, mail: EmailMessage, typed: dict[str, str], chosen: dict[str, str]) -> None:
        """Fill in the form behind a link, without an account."""
        with self.somebody() as page:
            self.open_link(page, mail, "evaluatie")
            self.see(page)
            for name, text in typed.items():
                page.fill(f"#vraag-{name}", text)
            for name, value in chosen.items():
                page.check(f"input[name={name}][value='{value}']")
            follow(page, "button:text-is('Antwoorden versturen')")
            assert "Bedankt. Uw antwoorden zijn bewaard." in page.inner_text(".scout-notice")


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def play(browser: Any, serve: Callable[..., str], request: pytest.FixtureRequest) -> Iterator[Play]:
    """A network with initiatives and consultants, and no round yet."""
    kept: dict[str, Path] = {}

    def fill(session: Session) -> None:
        there = world(session)
        for one in there.consultants:
            one.period_from, one.period_until = None, None
        there.initiatives[2].contact = INITIATOR
        kept["folder"] = Path(str(session.get_bind().engine.url.database)).parent

    address = serve(fill)
    with Mailbox() as mailbox:
        yield Play(browser, address, kept["folder"], mailbox, request.param)


def move_on(page: Any, address: str, button: str) -> None:
    """Move the round on from its first page."""
    page.goto(f"{address}rondes/1")
    follow(page, f"button:text-is('{button}')")
    assert page.locator(".scout-notice").count() == 1


def host(page: Any, play: Play, initiative: str, name: str, email: str) -> None:
    """Fill in who receives the consultant."""
    page.goto(f"{play.address}rondes/1/samenstellen")
    follow(page, f".scout-round-one:has-text('{initiative}') .scout-round-one__acts a >> nth=0")
    page.fill("#host-host_name", name)
    page.fill("#host-host_email", email)
    page.fill("#host-host_hours", "6")
    follow(page, "button:text-is('Bewaren')")
    assert name in page.inner_text("main")


def choose(page: Any, play: Play, points: dict[str, str]) -> None:
    """Divide the points of a municipality."""
    page.goto(f"{play.address}rondes/1")
    follow(page, "text=Naar kiezen")
    for initiative, number in points.items():
        page.fill(f".scout-round-one:has-text('{initiative}') .scout-round-give__points", number)
    play.see(page)
    follow(page, "button:text-is('Keuze bewaren')")
    assert "u gaf 10 van de 10 punten" in page.inner_text(".scout-notice")


def pair(page: Any, play: Play, initiative: str, consultant: str) -> None:
    """Put a consultant beside an initiative on the board."""
    page.goto(f"{play.address}rondes/1/bord")
    if play.scripts:
        drag(page, card(consultant), row(initiative))
    else:
        follow(page, f"h3 >> text={initiative}")
        follow(page, f"#paneel [data-item]:has-text('{consultant}') button:has-text('Koppelen')")
    assert f"{consultant} staat nu bij ‘{initiative}’." in page.inner_text("main")


def wait_for(page: Any, play: Play, words: str) -> None:
    """Look at the page of the automatic pairing until it says this; with scripts it looks by itself."""
    if play.scripts:
        page.wait_for_selector(f"main:has-text('{words}')", timeout=60_000)
        return
    for _ in range(120):
        if words in page.inner_text("main"):
            return
        page.wait_for_timeout(500)
        page.reload()
    pytest.fail(f"{words!r} never came: {page.inner_text('main')}")


def match_of(page: Any, play: Play, initiative: str, *, stand: str = "") -> None:
    """Open the page of a match."""
    page.goto(f"{play.address}matches?ronde=1" + (f"&stand={stand}" if stand else ""))
    follow(page, f".scout-card__title a:has-text('{initiative}')")


def test_a_whole_round(play: Play) -> None:
    today = utc_now().astimezone(ZONE).date()
    with play.somebody(LEADER) as lea:
        seed(lea, play, today)
        hosts_and_choices(lea, play)
        pair_twice(lea, play)
        propose_and_agree(lea, play)
        work(lea, play, today)
        learn(lea, play)


def seed(lea: Any, play: Play, today: Any) -> None:
    """The leader makes the round and seeds it."""
    follow(lea, ".scout-nav >> text=Rondes")
    follow(lea, "text=Ronde maken")
    lea.fill("#ronde-name", "Voorjaarsronde")
    lea.fill("#ronde-first_day", today.isoformat())
    lea.fill("#ronde-last_day", (today + timedelta(days=90)).isoformat())
    lea.fill("#ronde-points", "10")
    lea.fill("#ronde-places", "2")
    lea.fill("#ronde-quorum", "60")
    lea.check("input[name=automatic][value=ja]")
    play.see(lea)
    follow(lea, "button:text-is('Ronde maken')")
    play.see(lea)
    follow(lea, "text=Naar samenstellen")
    follow(lea, "text=Initiatieven toevoegen")
    for name in (FOREST, GARDEN, ROOF):
        lea.check(f".scout-round-pick:has-text('{name}') [name=kies]")
    follow(lea, "button:text-is('Toevoegen wat een vinkje heeft')")
    assert "3 initiatieven toegevoegd." in lea.inner_text(".scout-notice")
    lea.goto(f"{play.address}rondes/1/samenstellen")
    follow(lea, "text=Consultants toevoegen")
    follow(lea, "button:has-text('Iedereen toevoegen')")
    assert "5 consultants toegevoegd." in lea.inner_text(".scout-notice")
    lea.goto(f"{play.address}rondes/1")
    assert "Vul contactpersoon, e-mailadres en uren" in lea.inner_text("main")


def hosts_and_choices(lea: Any, play: Play) -> None:
    """Municipalities say who receives the consultant, and choose together; who chose what stays hidden."""
    with play.somebody(ARNHEM) as arnhem, play.somebody(RHEDEN) as rheden:
        host(arnhem, play, FOREST, "Gijs Gastheer", "gijs@arnhem.example")
        host(rheden, play, GARDEN, "Ria Ontvangst", "ria@rheden.example")
        host(lea, play, ROOF, "Ria Ontvangst", "ria@rheden.example")
        move_on(lea, play.address, "Laat de gemeenten kiezen")
        choose(arnhem, play, {GARDEN: "7", ROOF: "3"})
        lea.goto(f"{play.address}rondes/1")
        assert "Er moeten er 2 zijn." in lea.inner_text("main")
        choose(rheden, play, {FOREST: "10"})
        lea.goto(f"{play.address}rondes/1/kiezen")
        assert "Arnhem: heeft gekozen" in lea.inner_text(".scout-round-who")
        assert not re.search(r"\b7\b", lea.inner_text("main"))
        move_on(lea, play.address, "Sluit het kiezen en begin met koppelen")
        arnhem.goto(f"{play.address}rondes/1/kiezen")
        play.see(arnhem)
        assert "2 initiatieven gekozen" in arnhem.inner_text("main")
        rheden.goto(f"{play.address}rondes/1")
        assert "U hoeft niets te doen." in rheden.inner_text("main")


def pair_twice(lea: Any, play: Play) -> None:
    """By hand, while the computer does the same and shows nothing; then both beside each other."""
    lea.goto(f"{play.address}rondes/1")
    follow(lea, "text=Naar het bord")
    pair(lea, play, FOREST, "Saar Subsidie")
    lea.goto(f"{play.address}rondes/1/automatisch")
    wait_for(lea, play, "Klaar op")
    play.see(lea)
    assert "blijft verborgen" in lea.inner_text("main")
    assert not re.search("Subsidie|Groen|Ruimte", lea.inner_text("main")), "nobody is named yet"
    lea.goto(f"{play.address}rondes/1/vergelijking")
    assert "Nog niet te zien" in lea.inner_text("main")
    pair(lea, play, GARDEN, "Bas Ruimte")
    play.see(lea)
    move_on(lea, play.address, "Sluit het koppelen met de hand en vergelijk")
    assert lea.inner_text("h1") == "Vergelijken"
    play.see(lea)
    with lea.expect_download() as download:
        lea.click(".scout-take-out a:text-is('CSV')")
    assert FOREST in download.value.path().read_text(encoding="utf-8-sig")
    lea.goto(f"{play.address}rondes/1/automatisch")
    play.see(lea)
    assert "Els Groen" in lea.inner_text("main") or "Saar Subsidie" in lea.inner_text("main")
    lea.goto(f"{play.address}rondes/1")
    follow(lea, "text=Naar vergelijken")
    lea.check("input[name=kind][value=hand]")
    follow(lea, "button:text-is('Kies deze koppeling')")


def propose_and_agree(lea: Any, play: Play) -> None:
    """Everybody is asked; one says no, and the advice of the computer is taken over."""
    lea.goto(f"{play.address}rondes/1")
    play.see(lea)
    follow(lea, "text=Naar de matches")
    follow(lea, "button:text-is('2 matches voorstellen')")
    assert "2 matches zijn voorgesteld" in lea.inner_text(".scout-notice")
    play.see(lea)
    mails = play.mails(days=None)
    assert len(mails) == 6

    assert "Wij wachten nog" in play.answer(mails["bas@arnhem.example"], "ja")
    play.answer(mails["ria@rheden.example"], "ja")
    play.answer(mails["saar@rheden.example"], "nee", "Ik begin in januari aan een andere opdracht.")
    # The employer of Bas says it by telephone, and the leader writes that down.
    match_of(lea, play, GARDEN)
    play.see(lea)
    lea.check("input[name=party][value=werkgever]")
    lea.check("input[name=answer][value=ja]")
    lea.fill("#antwoord-reason", "Gebeld met de teamleider van Arnhem.")
    follow(lea, "button:text-is('Antwoord bewaren')")
    assert "iedereen is akkoord" in lea.inner_text(".scout-facts").lower()

    lea.goto(f"{play.address}rondes/1")
    play.see(lea)
    follow(lea, "text=Naar het advies")
    wait_for(lea, play, "Klaar op")
    lea.reload()
    play.see(lea)
    follow(lea, "button:text-is('Overnemen op het bord')")
    assert "Overgenomen" in lea.inner_text(".scout-notice")
    follow(lea, "text=Naar de matches")
    follow(lea, "button:text-is('1 match voorstellen')")
    mails = play.mails()
    assert "Gaat niet door" in str(mails["saar@rheden.example"]["Subject"])
    assert "Iedereen is akkoord" in str(mails["bas@arnhem.example"]["Subject"])
    play.answer(mails["els@ede.example"], "ja")
    play.answer(mails["leiding@ede.example"], "ja")
    # The host answers with the account of the municipality.
    with play.somebody(ARNHEM) as arnhem:
        arnhem.goto(play.address)
        play.see(arnhem)
        match_of(arnhem, play, FOREST, stand="wacht")
        play.see(arnhem)
        arnhem.check("input[name=answer][value=ja]")
        follow(arnhem, "button:text-is('Antwoord bewaren')")
        assert "iedereen is akkoord" in arnhem.inner_text(".scout-facts").lower()
    told = play.mails()
    assert set(told) == {"els@ede.example", "leiding@ede.example", "gijs@arnhem.example"}
    assert all("Iedereen is akkoord" in str(one["Subject"]) for one in told.values())
    move_on(lea, play.address, "Klaar met voorstellen: nu uitvoeren")


def work(lea: Any, play: Play, today: Any) -> None:
    """The work begins, ends with a visit and recommendations, and everybody says how it went."""
    for initiative in (GARDEN, FOREST):
        match_of(lea, play, initiative, stand="akkoord")
        lea.fill("#inzetten-day", today.isoformat())
        follow(lea, "button:text-is('Het werk laten beginnen')")
    assert "Het werk begint op" in str(play.mails()["ria@rheden.example"]["Subject"])
    asked = play.mails(days=5)
    assert INITIATOR in asked, "the initiator has an address in the register"
    play.evaluate(asked[INITIATOR], {"aim": "Een plan voor het onderhoud."}, {"clear": "4"})

    # The host municipality knows when it ended.
    with play.somebody(RHEDEN) as rheden:
        match_of(rheden, play, GARDEN)
        play.see(rheden)
        rheden.fill("#afronden-spent", "4,5")
        rheden.fill("#afronden-recommendations", "Wijs een vaste beheerder aan.")
        follow(rheden, "button:text-is('Afronden')")
        assert "Wijs een vaste beheerder aan." in rheden.inner_text("main")
        play.see(rheden)
    asked = play.mails(days=5)
    good = {"goal": "5", "fit": "4", "hours": "zoals_gepland"}
    play.evaluate(asked["bas@arnhem.example"], {"repeat": REPEAT}, good)
    play.evaluate(asked["ria@rheden.example"], {"host_hours": "5"}, good)
    play.evaluate(asked[INITIATOR], {"change": "Neem meer tijd voor het begin."}, good)


def learn(lea: Any, play: Play) -> None:
    """A lesson is read, edited and approved; it stands at the next match like it, and the round is closed."""
    follow(lea, ".scout-nav >> text=Rondes")
    follow(lea, ".scout-places >> text=Lessen")
    play.see(lea)
    follow(lea, "a:has-text('Nog te lezen')")
    play.see(lea)
    follow(lea, f".scout-card:has-text('{REPEAT}') a:has-text('Lezen en goedkeuren')")
    play.see(lea)
    lea.fill("#les-text", LESSON)
    follow(lea, "button:text-is('Bewaren en goedkeuren')")
    with play.somebody(ARNHEM) as arnhem:
        match_of(arnhem, play, FOREST)
        play.see(arnhem)
        assert LESSON in arnhem.inner_text("main")
    match_of(lea, play, FOREST)
    lea.fill("#afronden-spent", "8")
    lea.fill("#afronden-recommendations", "Vraag de subsidie elk jaar vroeg aan.")
    follow(lea, "button:text-is('Afronden')")
    move_on(lea, play.address, "Sluit de ronde af")
    play.see(lea)
    lea.goto(f"{play.address}rondes/1/vergelijking")
    play.see(lea)
    assert "4" in lea.inner_text("tr:has-text('hoe goed paste het')")


@pytest.fixture(scope="module")
def every_page(serve: Callable[..., str]) -> tuple[str, dict[str, list[str]]]:
    """Rounds that have come so far that every page of theirs has something on it; who looks at which."""
    links: list[str] = []
    kept: dict[str, list[str]] = {"": links}

    def fill(session: Session) -> None:
        there = world(session)
        now = utc_now()
        comparing = round_in(session, RoundState.COMPARING, world=there, now=now)
        proposing = round_in(session, RoundState.PROPOSING, world=there, now=now)
        working = round_in(session, RoundState.DEPLOYED, world=there, now=now)
        folder = Path(str(session.get_bind().engine.url.database)).parent
        secret = load_settings(var=folder).effective_secret_key
        declined, agreed, asked = (
            match_in(session, proposing, there.initiatives[number]) for number in (0, 1, 2)
        )
        give_answer(session, declined.id, Party.CONSULTANT, False, viewer=None, reason="Geen tijd.", now=now)
        for party in (Party.CONSULTANT, Party.EMPLOYER, Party.HOST):
            give_answer(session, agreed.id, party, True, viewer=None, now=now)
        ask_beside(session, comparing, account_id=None, now=now)
        begun = match_in(session, working, there.initiatives[0])
        plan_evaluations(session, begun, now=now)
        done = match_in(session, working, there.initiatives[2])
        done.deployed_on = now.date() - timedelta(days=30)
        finish(
            session,
            done.id,
            viewer=there.leader,
            version=done.version,
            visit_on=now.date() - timedelta(days=1),
            recommendations=f"Wijs een vaste beheerder aan.\n{'eenerglangwoord' * 4}",
            spent=9,
            now=now,
        )
        answers = {"goal": 5, "fit": 4, "hours": "meer", "repeat": REPEAT, "change": "Neem meer tijd."}
        answer_evaluation(session, done.id, Party.CONSULTANT, Moment.AFTERWARDS, answers, now=now)
        lesson = session.scalars(select(Lesson).order_by(Lesson.id)).first()
        assert lesson is not None
        approve_lesson(session, lesson.id, viewer=there.leader, version=lesson.version, now=now)
        assert [comparing.id, proposing.id, working.id] == [1, 2, 3]
        session.commit()
        links.extend(
            f"antwoord/{token_of(secret, asked, party, ANSWER)}"
            for party in (Party.CONSULTANT, Party.EMPLOYER, Party.HOST)
        )
        kept["gone"] = [f"antwoord/{token_of(secret, begun, Party.HOST, ANSWER)}"]
        links.append(f"evaluatie/{token_of(secret, begun, Party.INITIATOR, Moment.START.value)}")
        links.append(f"evaluatie/{token_of(secret, done, Party.HOST, Moment.AFTERWARDS.value)}")
        links.append(f"evaluatie/{token_of(secret, done, Party.CONSULTANT, Moment.AFTERWARDS.value)}")
        ids = [f"matches/{one.id}" for one in (declined, agreed, asked, begun, done)]
        leader = ["matches", "matches?ronde=2", "matches?stand=wacht", *ids]
        leader += ["rondes/2", "rondes/3", "lessen", "lessen?stand=lezen", "lessen/1", "lessen/evaluaties"]
        leader += ["rondes/1/automatisch", "rondes/1/automatisch/1", "rondes/2/automatisch", "rondes/3/bord"]
        leader += ["rondes/1/vergelijking", "rondes/2/vergelijking", "rondes/2/bord?initiatief=2"]
        kept[LEADER] = leader
        kept[ARNHEM] = ["rondes", "rondes/2", "rondes/3", "matches", *ids[:2], ids[3], "lessen"]
        # What the computer makes of it is there at once.
        settings = load_settings(var=folder)
        engine = open_engine(settings)
        solve_due(settings, engine, now)
        engine.dispose()

    return serve(fill), kept


def test_every_page_of_pairing_and_matches_is_fit_for_everybody(
    browser: Any, every_page: tuple[str, dict[str, list[str]]]
) -> None:
    address, pages = every_page
    for who, paths in pages.items():
        if who == "gone":
            # The browser calls it an error, which it is meant to be.
            context = browser.new_context(bypass_csp=True)
            page = context.new_page()
            assert look_over(page, [f"{address}{path}" for path in paths]) == {}
            context.close()
            continue
        with page_of(browser, bypass_csp=True) as page:
            if who:
                let_in(page, address, who)
            found = look_over(page, [f"{address}{path}" for path in paths])
            if PICTURES:
                for path in paths:
                    page.goto(f"{address}{path}")
                    name = re.sub(r"\W+", "-", path)[:40]
                    page.screenshot(path=f"{PICTURES}/{who[:3]}-{name}.png", full_page=True)
            assert found == {}, who


def test_refused_forms_of_matches_are_fit_for_everybody(
    browser: Any, every_page: tuple[str, dict[str, list[str]]]
) -> None:
    address, pages = every_page
    links, matches = pages[""], pages[LEADER][3:8]
    found = {}
    with page_of(browser, bypass_csp=True) as page:
        for path, button in ((links[0], "Antwoord versturen"), (links[3], "Antwoorden versturen")):
            page.goto(f"{address}{path}")
            follow(page, f"button:text-is('{button}')")
            assert page.title().startswith("Fout")
            found[path] = look(page)
        let_in(page, address, LEADER)
        for path, button in ((matches[2], "Antwoord bewaren"), (matches[3], "Afronden")):
            page.goto(f"{address}{path}")
            follow(page, f"button:text-is('{button}')")
            assert page.title().startswith("Fout")
            found[path] = look(page)
        page.goto(f"{address}rondes/1/vergelijking")
        follow(page, "button:text-is('Kies deze koppeling')")
        assert page.title().startswith("Fout")
        found["comparison"] = look(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}

"""Make the pictures for README and handbook: ``python docs/make_pictures.py``.

Takes every page wide (1280 px) and on a telephone (360 px) with Debian's chromium, over invented leads
and rounds that it serves from temporary folders. ``--dark``: in dark colours; ``--output``: elsewhere;
``--only rondes``: only pictures whose names begin so.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from docs.picture_rounds import ROUND_LEADER, ROUND_OFFICER, fill_rounds  # noqa: E402 - it lies beside us

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
#: Ending of the file's name -> width and height of the window.
SIZES = {"": (1280, 800), "-telefoon": (360, 740)}
#: Ending -> longest picture, in pixels: what is below says nothing new.
LONGEST = {"": 1700, "-telefoon": 1400}
#: Of the JPEG files, 0 to 100, and bytes that all of them together may take: letters stay sharp, and the
#: repository stays small.
QUALITY, MOST_BYTES = 45, 10_000_000
REVIEWER, ADMIN, LEADER = "anna@voorbeeld.example", "bea@voorbeeld.example", "pia@voorbeeld.example"
OFFICER = "gemeente@arnhem.example"
PASSWORD = "een lang wachtwoord"
#: Pages say that nothing is sent where this is not set; nothing is sent here either.
MAIL = {"SCOUT_MAIL_OUT": "smtp://localhost:25", "SCOUT_MAIL_FROM": "scout@voorbeeld.example"}
#: A file to hand in, with a row that can't be taken.
HANDED = (
    "url;titel;gemeente;samenvatting;datum\n"
    ";Repaircafé Noord;Arnhem;Vrijwilligers repareren elke week fietsen in het buurthuis.;12-11-2026\n"
    ";Boekenruil;Arnem;Een kast voor boeken bij de speeltuin.;\n"
)

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


def past(session: object) -> None:
    """Three months of work before today, so that the figures have something to show."""
    import time_machine
    from sqlalchemy.orm import Session

    from models.store.decisions import decide
    from models.store.second_looks import Drawing
    from models.words import DecisionKind, Role
    from tests.review.factories import make_account, make_lead, viewer_of

    assert isinstance(session, Session)
    make_account(session, ADMIN, name="Bea Bos", roles=[Role.REVIEWER, Role.ADMIN])
    karel = viewer_of(make_account(session, "karel@voorbeeld.example", name="Karel Smit"))
    themes = ("groen", "zorg", "sport", "groen", "energie", "ontmoeting", "cultuur", "wonen")
    towns = (("GM0202", "Arnhem"), ("GM0202", "Presikhaaf"), ("GM0275", "Velp"), ("GM0274", "Oosterbeek"))
    now = datetime.now(UTC)
    for number in reversed(range(72)):
        code, place = towns[number % 4]
        with time_machine.travel(now - timedelta(days=number * 1.2, minutes=3), tick=False):
            rejected = number % 3 == 2
            lead = make_lead(
                session,
                title="Bewoners maken een plein groen",
                municipality=code,
                place=place,
                theme=themes[number % 8],
                score=0.35 + number % 5 / 20 if rejected else 0.62 + number % 7 / 20,
            )
            decide(
                session,
                lead.id,
                DecisionKind.REJECT if rejected else DecisionKind.KNOWN,
                viewer=karel,
                version=lead.version,
                secret=b"pictures",
                reason=("overheid", "beleid", "commercieel")[number % 9 // 3] if rejected else "",
                reasons=["overheid", "beleid", "commercieel"],
                drawing=Drawing(share=1.0 if number < 4 else 0.0, no_initiative=frozenset()),
            )


def sources(session: object) -> None:
    """Sources in several states, what was found behind an address, and what somebody handed in."""
    from sqlalchemy.orm import Session

    from models.store.errands import ask
    from models.store.handed_in import HandIn, hand_in
    from models.words import Channel, ErrandKind, Role, Sign
    from tests.review.factories import make_account
    from tests.review.source_world import (
        ADDRESS,
        answer,
        feed_found,
        make_days,
        make_run,
        make_visited,
        now,
        sign,
    )

    assert isinstance(session, Session)
    leader = make_account(session, LEADER, name="Pia Jansen", roles=[Role.PROJECT_LEADER])
    make_visited(session, "koerier", "Arnhemse Koerier", municipality_code="GM0202", url=f"{ADDRESS}/feed")
    make_days(session, "koerier", {ago: (ago * 7) % 5 for ago in range(28)})
    for ago in range(6):
        make_run(session, "koerier", ago=timedelta(hours=ago, minutes=20), outcomes={"new": (ago * 3) % 4})
    make_visited(session, "wijkblad", "Wijkblad Presikhaaf", municipality_code="GM0202")
    make_days(session, "wijkblad", {ago: ago % 3 for ago in range(28)})
    make_run(session, "wijkblad", problem=f"{ADDRESS}/oud answered 404 Not Found: correct the address")
    make_visited(session, "dorpsraad", "Dorpsraad Oosterbeek", signs=[sign(Sign.MOVED, f"{ADDRESS}/nieuw")])
    make_days(session, "dorpsraad", dict.fromkeys(range(0, 28, 6), 1))
    make_visited(
        session, "omroep", "Omroep Velp", paused="de site wordt verbouwd", paused_at=now(), paused_by_id=1
    )
    ask(session, ErrandKind.PROBE, url=ADDRESS, account_id=leader.id, now=now())
    answer(session, feed_found())
    handed = HandIn(
        channel=Channel.FORM,
        title="Soep op het plein",
        summary="Bewoners koken elke maand soep op het plein.",
        municipality_code="GM0202",
    )
    hand_in(session, handed, account_id=leader.id, now=now())


def consultants(session: object, officer: object) -> None:
    """Two invented consultants of Arnhem."""
    from sqlalchemy.orm import Session

    from models.labels import load_labels
    from models.settings import load_settings
    from models.store.consultant_drafts import ConsultantDraft
    from models.store.consultants import add_consultant
    from models.store.viewer import Viewer
    from tests.review.factories import ARNHEM

    assert isinstance(session, Session)
    assert isinstance(officer, Viewer)
    labels = load_labels(load_settings())
    for name, function, slug, hours in (
        ("Kim Voorbeeld", "jurist", "juridisch", 24),
        ("Sam Voorbeeld", "adviseur subsidies", "subsidies", 16),
    ):
        draft = ConsultantDraft(
            municipality_code=ARNHEM,
            name=name,
            email=f"{name.split()[0].lower()}@arnhem.example",
            function=function,
            expertise=(slug,),
            half_hours=2 * hours,
            employer_name="Teamleider",
            employer_email="team@arnhem.example",
        )
        add_consultant(session, draft, viewer=officer, labels=labels)


def shared(session: object, secret: bytes) -> None:
    """What Arnhem was given, what it answered, and the channels on which it hears of it."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from models.account import Account
    from models.base import utc_now
    from models.labels import load_labels
    from models.municipality import Municipality
    from models.settings import load_settings
    from models.store.api_clients import add_client
    from models.store.deliveries_ready import lay_ready
    from models.store.digests import subscribe
    from models.store.drafts import InitiativeDraft
    from models.store.feed_addresses import make_feed
    from models.store.register import add_initiative, approve
    from models.store.shares import answer_share, begin_contact, offer_lead
    from models.store.webhooks import add_webhook
    from models.webhook import Delivery
    from models.words import Answer, DeliveryState, Role, Scope
    from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of

    assert isinstance(session, Session)
    leader = viewer_of(session.scalars(select(Account).where(Account.email == LEADER)).one())
    officer = viewer_of(
        make_account(session, OFFICER, name="Gé Meente", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )
    own: dict[str, Any] = {"viewer": officer, "municipality_code": ARNHEM}
    make_feed(session, secret, name="Feedlezer van het wijkteam", **own)
    add_webhook(session, secret, url="https://zaaksysteem.example/haak", name="Zaaksysteem", **own)
    subscribe(session, OFFICER, own=True, **own)
    add_client(session, "Zaaksysteem", [Scope.SHARES_READ, Scope.SHARES_ANSWER], viewer=officer)
    asked = "Kent u dit initiatief? Wij horen graag wat u ervan weet."
    given = []
    for title, place, theme, message in (
        ("Buren ruilen kinderfietsen", "Malburgen", "ontmoeting", ""),
        ("Klarendal zingt op het plein", "Klarendal", "cultuur", asked),
        ("Een kas voor de hele straat", "Presikhaaf", "groen", ""),
        ("Wijkbus rijdt op vrijwilligers", "Elden", "mobiliteit", asked),
        ("Bewoners openen de oude school", "Schuytgraaf", "ontmoeting", asked),
    ):
        lead = make_lead(session, title=title, place=place, theme=theme, municipality=ARNHEM, score=0.5)
        given.append(offer_lead(session, lead.id, viewer=leader, message=message))
    for share, answer in zip(given, (Answer.TAKEN_UP, Answer.TAKEN_UP, Answer.NOT_OURS), strict=False):
        note = "Dit ligt in Rheden." if answer is Answer.NOT_OURS else "Wij bellen deze week."
        answer_share(session, share.id, viewer=officer, answer=answer, version=share.version, note=note)
    begin_contact(session, given[0].id, viewer=officer, version=given[0].version)
    consultants(session, officer)
    now = utc_now()
    lay_ready(session, now=now)
    deliveries = session.scalars(select(Delivery).order_by(Delivery.event_id)).all()
    for delivery in deliveries[:-2]:
        delivery.state, delivery.attempts, delivery.delivered_at = DeliveryState.DELIVERED, 1, now
    given_up = deliveries[-2]
    given_up.state, given_up.attempts = DeliveryState.GIVEN_UP, 12
    given_up.last_status, given_up.last_problem = 503, "status"
    for code in ("GM0202", "GM0268", "GM0274", "GM0275", "GM1734"):
        town = session.get_one(Municipality, code)
        town.participates_from = now.date()
    labels = load_labels(load_settings())
    for name, theme in (("Deelauto van de straat", "mobiliteit"), ("Buurtmoestuin Lent", "groen")):
        entry = add_initiative(
            session,
            InitiativeDraft(
                name=name, summary="Buren regelen dit samen.", municipality_code="GM0268", theme=theme
            ),
            viewer=leader,
            secret=secret,
            themes=labels.themes,
            expertise=labels.expertise,
        )
        approve(session, entry.id, True, viewer=leader, version=entry.version)


def fill_leads(session: object, settings: Any, engine: object) -> dict[str, str]:
    """Leads, sources, shares and channels; every address of theirs is known beforehand."""
    from sqlalchemy.orm import Session

    from tests.review.factories import make_account
    from tests.review.samples import fill

    assert isinstance(session, Session)
    fill(session)
    make_account(session, REVIEWER, name="Anna de Vries")
    past(session)
    sources(session)
    shared(session, settings.effective_secret_key)
    session.commit()
    return {}


@contextmanager
def sample_server(filler: Callable[..., dict[str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve what ``filler`` makes on a free port until the block ends.

    Gives the address, and the addresses of pages that can't be known beforehand, by name.
    """
    from models.database import ensure_ready, open_engine, session_factory
    from models.settings import load_settings

    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(var=folder)
        engine = open_engine(settings)
        ensure_ready(engine)
        with session_factory(engine)() as session:
            known = filler(session, settings, engine)
        engine.dispose()
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "review.cli",
                "serve",
                "--no-upkeep",
                "--host",
                "localhost",
                "--port",
                "0",
            ],
            cwd=CHECKOUT,
            env={**os.environ, "SCOUT_VAR": folder, **MAIL},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            found = re.search(r":(\d+)/", server.stdout.readline())
            if found is None:
                raise SystemExit("the server did not start")
            # By name: passkeys do not work at an address of digits.
            yield f"http://localhost:{found[1]}/", known
        finally:
            server.terminate()
            server.wait()


def sign_in(page: Page, address: str, email: str) -> None:
    """Sign in on a fresh page."""
    page.goto(f"{address}aanmelden")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(address)


def send(page: Page, selector: str) -> None:
    """Send a form of a lead and wait for its answer, which comes in the same page."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.click(selector)
    page.wait_for_selector("main:not([aria-busy])")


def promote_two(browser: Browser, address: str) -> None:
    """Promote two leads, so that register and history have something to show."""
    page = browser.new_page(locale="nl-NL")
    sign_in(page, address, REVIEWER)
    for summary, question, contact in ENTRIES:
        page.goto(address)
        page.locator(".scout-card__title a").nth(1).click()
        page.click("summary:has-text('Opnemen')")
        page.fill("#opnemen-summary", summary)
        page.fill("#opnemen-question", question)
        page.fill("#opnemen-contact", contact)
        send(page, "button:text-is('Opnemen')")
    page.close()


def open_choice(words: str) -> Callable[[Page], None]:
    """Opens a form of a lead by the words on its button."""
    return lambda page: page.click(f"summary:has-text('{words}')")


def choose_three(page: Page) -> None:
    """Ticks the first three leads of the list."""
    for number in range(3):
        page.locator(".scout-card input[type=checkbox]").nth(number).check()


def more_choices(page: Page) -> None:
    """Opens the further filters."""
    page.click("summary:has-text('Meer keuzes')")


def keys(page: Page) -> None:
    """Shows the list of keys; a telephone shows the page on which they are chosen."""
    page.keyboard.press("?")


def first(page: Page) -> None:
    """Opens the first of a list."""
    page.locator(".scout-card__title a").first.click()
    page.wait_for_load_state()


def refuse(page: Page) -> None:
    """Sends the form for the register without a summary."""
    open_choice("Opnemen")(page)
    send(page, "button:text-is('Opnemen')")


def send_file(page: Page) -> None:
    """Sends a file to hand in, and shows what is in it."""
    file = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": HANDED.encode()}
    page.set_input_files("main input[type=file]", [file])
    page.click("main form:has(input[type=file]) button[type=submit]")
    page.wait_for_load_state()


def make_program(page: Page) -> None:
    """Makes a program, which shows its secret."""
    window = page.viewport_size or {"width": 0}
    page.fill("#programma-name", f"Rapportage {window['width']}")
    page.check("#mag-1")
    page.click("main form[method=post] button")
    page.wait_for_selector("#geheim")
    # A picture holds no secret, not even that of an invented server.
    page.evaluate("document.querySelector('#geheim').value = '•'.repeat(24)")


def first_answered(page: Page) -> None:
    """Opens the share that was answered, with the form that ends it."""
    page.click(".scout-card__title a:text('Klarendal zingt')")
    page.wait_for_load_state()
    open_choice("Afsluiten")(page)


def choose_initiative(page: Page) -> None:
    """Opens an initiative on the board that has nobody yet, to show who fits."""
    page.click("[data-row] h3 a:text('Zonnedak Velp')")
    page.wait_for_selector("#paneel [data-group=cards]")


def choose_consultant(page: Page) -> None:
    """Opens a consultant on the board, to show where that one fits."""
    page.click("#paneel [data-item]:has-text('Els Groen') [data-main]")
    page.wait_for_selector("#paneel h2:text('Els Groen')")


def lay_down(page: Page) -> None:
    """Puts what sticks to the window where it belongs in the page."""
    page.evaluate(
        "for (const one of document.querySelectorAll('main *'))"
        " if (getComputedStyle(one).position === 'sticky') one.style.position = 'static';"
    )


def first_host(page: Page) -> None:
    """Opens who hosts the consultant at the first initiative of one's own."""
    page.locator("main a:text-is('Wijzigen')").first.click()
    page.wait_for_load_state()


#: What is done on a page before the picture is taken.
Act = Callable[[Page], None] | None
#: Name of the picture -> who looks (None = nobody is signed in), address ("lead" = the first lead) and what
#: is done there.
Pictures = dict[str, tuple[str | None, str, Act]]
PICTURES: Pictures = {
    "aanmelden": (None, "aanmelden", None),
    "hoe-het-werkt": (None, "hoe-het-werkt", None),
    "toegankelijkheid": (None, "toegankelijkheid", None),
    "bestaat-niet": (None, "bestaat-niet", None),
    "wachtrij": (REVIEWER, "", None),
    "keuzes": (REVIEWER, "?gemeente=GM0202", more_choices),
    "samen": (REVIEWER, "", choose_three),
    "signaal": (REVIEWER, "lead", None),
    "opnemen": (REVIEWER, "lead", open_choice("Opnemen")),
    "fouten": (REVIEWER, "lead", refuse),
    "afwijzen": (REVIEWER, "lead", open_choice("Afwijzen")),
    "uitstellen": (REVIEWER, "lead", open_choice("Uitstellen")),
    "sneltoetsen": (REVIEWER, "lead", keys),
    "toetsen": (REVIEWER, "toetsen", None),
    "register": (REVIEWER, "register", None),
    "initiatief": (REVIEWER, "register", first),
    "besloten": (REVIEWER, "?status=promoted", first),
    "delen": (REVIEWER, "lead", open_choice("Deel met de gemeente")),
    "delingen-netwerk": (REVIEWER, "delingen", None),
    "deling-niet-van-ons": (REVIEWER, "delingen/3", None),
    "register-kaart": (REVIEWER, "register/kaart", None),
    "uitvoer-signalen": (REVIEWER, "uitvoer/signalen?gemeente=GM0202", None),
    "delingen": (OFFICER, "delingen", None),
    "deling": (OFFICER, "delingen/4", None),
    "deling-afsluiten": (OFFICER, "delingen", first_answered),
    "register-nieuw": (OFFICER, "register/nieuw", None),
    "register-elders": (OFFICER, "register/elders", None),
    "uitvoer": (OFFICER, "uitvoer", None),
    "kanalen": (OFFICER, "kanalen", None),
    "kanalen-e-mail": (OFFICER, "kanalen/e-mail", None),
    "kanalen-feeds": (OFFICER, "kanalen/feeds", None),
    "kanalen-webhooks": (OFFICER, "kanalen/webhooks", None),
    "kanalen-webhook": (OFFICER, "kanalen/webhooks/1", None),
    "kanalen-programmas": (OFFICER, "kanalen/programmas", None),
    "kanalen-programma-nieuw": (OFFICER, "kanalen/programmas/nieuw", None),
    "kanalen-programma-geheim": (OFFICER, "kanalen/programmas/nieuw", make_program),
    "rapport": (OFFICER, "rapport", None),
    "rapport-profielen": (OFFICER, "rapport/profielen", None),
    "netwerk": (LEADER, "netwerk", None),
    "consultants": (OFFICER, "consultants", None),
    "consultant-wijzigen": (OFFICER, "consultants/1/wijzigen", None),
    "tweede-blik": (REVIEWER, "tweede-blik", None),
    "cijfers": (REVIEWER, "cijfers", None),
    "cijfers-kwaliteit": (REVIEWER, "cijfers/kwaliteit", None),
    "cijfers-gemeenten": (REVIEWER, "cijfers/gemeenten", None),
    "cijfers-gemeente": (REVIEWER, "cijfers/gemeenten/GM0202", None),
    "inbrengen": (LEADER, "inbrengen", None),
    "inbrengen-bestand": (LEADER, "inbrengen/bestand", send_file),
    "ingebracht": (LEADER, "inbrengen/overzicht", None),
    "bronnen": (LEADER, "bronnen", None),
    "bron": (LEADER, "bronnen/koerier", None),
    "bron-toevoegen": (LEADER, "bronnen/toevoegen", None),
    "bron-gevonden": (LEADER, "bronnen/toevoegen/1", None),
    "account": (REVIEWER, "account", None),
    "accounts": (ADMIN, "accounts", None),
    "logboek": (ADMIN, "logboek", None),
}
#: The same of matching rounds. "{ronde-kiezen}" and the like: ``picture_rounds.fill_rounds`` says where.
ROUND_PICTURES: Pictures = {
    "antwoord": (None, "{antwoord}", None),
    "evaluatie": (None, "{evaluatie}", None),
    "rondes": (ROUND_LEADER, "rondes", None),
    "ronde": (ROUND_LEADER, "{ronde-voorstellen}", None),
    "ronde-maken": (ROUND_LEADER, "rondes/nieuw", None),
    "ronde-samenstellen": (ROUND_LEADER, "{ronde-samenstellen}/samenstellen", None),
    "ronde-bord": (ROUND_LEADER, "{ronde-koppelen}/bord", choose_initiative),
    "ronde-bord-consultant": (ROUND_LEADER, "{ronde-koppelen}/bord", choose_consultant),
    "ronde-automatisch": (ROUND_LEADER, "{ronde-vergelijken}/automatisch", None),
    "ronde-vergelijking": (ROUND_LEADER, "{ronde-vergelijken}/vergelijking", None),
    "matches": (ROUND_LEADER, "matches", None),
    "match": (ROUND_LEADER, "{match}", None),
    "match-afgerond": (ROUND_LEADER, "{match-afgerond}", None),
    "lessen": (ROUND_LEADER, "lessen", None),
    "ronde-gastheer": (ROUND_OFFICER, "{ronde-samenstellen}/samenstellen", first_host),
    "ronde-kiezen": (ROUND_OFFICER, "{ronde-kiezen}/kiezen", lay_down),
    "ronde-uitslag": (ROUND_OFFICER, "{ronde-koppelen}/kiezen", None),
}


def take(
    browser: Browser,
    address: str,
    pictures: Pictures,
    known: dict[str, str],
    output: Path,
    *,
    dark: bool,
) -> list[Path]:
    """These pictures, as JPEG files in ``output``."""
    taken = []
    for ending, (width, height) in SIZES.items():
        for email in dict.fromkeys(who for who, _path, _act in pictures.values()):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                locale="nl-NL",
                timezone_id="Europe/Amsterdam",
            )
            page = context.new_page()
            lead = ""
            if email is not None:
                sign_in(page, address, email)
                card = page.locator(".scout-card__title a")
                lead = (card.first.get_attribute("href") or "").lstrip("/") if card.count() else ""
            for name, (who, path, act) in pictures.items():
                if who != email:
                    continue
                page.goto(address + (lead if path == "lead" else path.format(**known)))
                if act is not None:
                    act(page)
                page.wait_for_timeout(300)  # letters have arrived, and so have entries that look alike
                target = output / f"{name}{ending}{'-donker' if dark else ''}.jpg"
                # Something in front of the page covers the window, not what lies below it.
                covered = page.locator("dialog[open]").count() > 0
                long = height if covered else page.evaluate("document.documentElement.scrollHeight")
                page.screenshot(
                    path=target,
                    type="jpeg",
                    quality=QUALITY,
                    full_page=not covered,
                    clip={"x": 0, "y": 0, "width": width, "height": min(long, LONGEST[ending])},
                )
                taken.append(target)
            context.close()
    return taken


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dark", action="store_true", help="in dark colours")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "docs" / "pictures")
    parser.add_argument("--only", default="", metavar="NAME", help="only pictures whose names begin so")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for filler, pictures in ((fill_leads, PICTURES), (fill_rounds, ROUND_PICTURES)):
            wanted = {name: what for name, what in pictures.items() if name.startswith(given.only)}
            if not wanted:
                continue
            with sample_server(filler) as (address, known):
                if filler is fill_leads:
                    promote_two(browser, address)
                taken += take(browser, address, wanted, known, given.output, dark=given.dark)
        browser.close()
    sys.stdout.write(f"{len(taken)} pictures in {given.output}\n")
    size = sum(path.stat().st_size for path in given.output.glob("*.jpg"))
    if size > MOST_BYTES:
        sys.stderr.write(f"the pictures take {size:,} bytes together: lower QUALITY or LONGEST\n")
    return int(size > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())

"""Digests by e-mail, through a real mail server: what they tell, to whom, and each exactly once."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from lxml import html as parser
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.digest import DigestMail, DigestSubscription
from models.initiative import Initiative
from models.municipality import Municipality
from models.settings import Settings
from models.store.accounts import disable_account
from models.store.digests import stop, subscribe
from models.store.shares import answer_share
from models.store.shares_due import tick
from models.store.shares_offering import take_back
from models.words import Answer, Phase, Rhythm, Sign
from review.digest_texts import PATHS
from review.digests import Sent, send_due
from tests.mailbox import Mailbox, parts
from tests.review.digest_world import (
    DAY,
    MONDAY,
    THURSDAY,
    mailboxes,
    mailing,
    officer,
    own_digest,
    share,
    staff,
)
from tests.review.factories import ARNHEM, RHEDEN, make_lead, make_source


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings with that mail server."""
    return mailing(settings, mailbox)


def outcome(done: Sent) -> tuple[int, int, int]:
    return done.sent, done.empty, done.failed


def test_a_municipality_is_told_what_is_new_and_nothing_of_others(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    subscription = own_digest(session)
    share(session, "Buurttuin aan de Kamperweg", place="Klarendal", at=THURSDAY)
    share(session, "Geheim van Rheden", RHEDEN, at=THURSDAY)
    make_lead(session, title="Nog niet gedeeld")
    session.commit()

    assert outcome(send_due(settings, engine, THURSDAY + DAY)) == (1, 0, 0)

    (mail,) = mailbox.taken
    text, html = parts(mail)
    assert mail["To"] == "bode-gm0202@gemeente.example"
    assert mail["Subject"] == "1 deling van Arnhem wacht op uw antwoord"
    assert mail["From"] == "Participatienetwerk Scout <netwerk@voorbeeld.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "nl"
    for body in (text, html):
        assert "Buurttuin aan de Kamperweg" in body
        assert "Klarendal · Groen en tuinen" in body
        assert re.search(r"https://scout\.example/delingen/\d+", body)
        assert "Rheden" not in body
        assert "Nog niet gedeeld" not in body
        assert "0,9" not in body
    page = parser.document_fromstring(html)
    assert page.get("lang") == "nl"
    assert [one.text for one in page.iter("h1")] == ["Overzicht voor Arnhem"]
    assert page.xpath("//*[@style or self::style or self::script or self::img]") == []
    unsubscribe = f"https://scout.example/e-mail/afmelden/{subscription}/"
    assert str(mail["List-Unsubscribe"]).startswith(f"<{unsubscribe}")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert unsubscribe in text


def test_nothing_is_told_twice_and_nothing_is_left_out(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    share(session, "Van voor de inschrijving", at=THURSDAY - DAY)
    own_digest(session)
    share(session, "Eerste", at=THURSDAY)
    session.commit()

    assert outcome(send_due(settings, engine, THURSDAY)) == (0, 0, 0)  # the first one is tomorrow's
    assert outcome(send_due(settings, engine, THURSDAY + DAY)) == (1, 0, 0)
    assert outcome(send_due(settings, engine, THURSDAY + DAY)) == (0, 0, 0)
    share(session, "Tweede", at=THURSDAY + DAY)
    session.commit()
    assert outcome(send_due(settings, engine, THURSDAY + 2 * DAY)) == (1, 0, 0)
    assert outcome(send_due(settings, engine, THURSDAY + 3 * DAY)) == (0, 1, 0)

    told = ["".join(parts(mail)) for mail in mailbox.taken]
    assert [("Eerste" in one, "Tweede" in one, "Van voor" in one) for one in told] == [
        (True, False, False),
        (False, True, False),
    ]


def test_reminders_what_was_taken_back_and_the_register_are_told(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    long_ago = THURSDAY - 20 * DAY
    waits = share(session, "Wacht al lang", at=long_ago)
    gone = share(session, "Komt te vervallen", at=long_ago)
    done = share(session, "Al beantwoord", at=long_ago)
    own_digest(session)
    answer_share(
        session, done.id, viewer=officer(session), answer=Answer.TAKEN_UP, version=done.version, now=THURSDAY
    )
    take_back(session, gone.id, viewer=staff(session), version=gone.version, now=THURSDAY)
    session.commit()
    tick(session, now=THURSDAY + timedelta(minutes=1))
    session.commit()

    send_due(settings, engine, THURSDAY + DAY)

    (mail,) = mailbox.taken
    text, _ = parts(mail)
    reminded, taken_back = text.split("== Teruggenomen")
    assert "== Herinnering: dit wacht nog op uw antwoord ==" in reminded
    assert "Wacht al lang" in reminded
    assert "Komt te vervallen" in taken_back
    assert "Al beantwoord" not in text
    assert waits.id != gone.id


def test_weekly_ones_go_on_mondays_after_seven_and_later_when_monday_was_missed(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    own_digest(session, rhythm=Rhythm.WEEKLY)
    share(session, "Nieuw", at=THURSDAY)
    session.commit()

    for moment in (THURSDAY + DAY, MONDAY - DAY, MONDAY - timedelta(hours=1, minutes=1)):
        assert outcome(send_due(settings, engine, moment)) == (0, 0, 0)
    assert outcome(send_due(settings, engine, MONDAY + 2 * DAY)) == (1, 0, 0)
    assert outcome(send_due(settings, engine, MONDAY + 6 * DAY)) == (0, 0, 0)
    assert outcome(send_due(settings, engine, MONDAY + 7 * DAY)) == (0, 1, 0)
    days = session.scalars(select(DigestMail.day).where(DigestMail.message_id != "").order_by(DigestMail.day))
    assert list(days) == [MONDAY.date(), (MONDAY + 7 * DAY).date()]


def test_who_stopped_was_closed_or_left_gets_none(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    stopped = own_digest(session)
    closed = own_digest(session, RHEDEN)
    (left,) = mailboxes(session, 1, "GM0268")
    for code in (ARNHEM, RHEDEN, "GM0268"):
        share(session, "Nieuw", code, at=THURSDAY)
    stop(session, stopped, viewer=officer(session), now=THURSDAY)
    disable_account(session, "bode-gm0275@gemeente.example")
    nijmegen = session.get(Municipality, "GM0268")
    assert nijmegen is not None
    nijmegen.participates_from = THURSDAY.date() - DAY
    nijmegen.participates_until = THURSDAY.date()
    session.commit()

    assert outcome(send_due(settings, engine, THURSDAY + DAY)) == (0, 0, 0)
    assert mailbox.taken == []
    assert closed
    assert left


def test_staff_hear_each_day_what_waits_what_came_in_and_how_sources_do(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    ada = staff(session)
    subscribe(session, "ada@voorbeeld.example", viewer=ada, municipality_code=None, own=True, now=THURSDAY)
    make_lead(session, title="Wacht", age_days=3)
    first, second = share(session, "Opgepakt!", at=THURSDAY), share(session, "Van elders", at=THURSDAY)
    late = share(session, "Nooit beantwoord", RHEDEN, at=THURSDAY - 20 * DAY)
    for one, answer in ((first, Answer.TAKEN_UP), (second, Answer.NOT_OURS)):
        answer_share(
            session,
            one.id,
            viewer=officer(session),
            answer=answer,
            version=one.version,
            note="geheim",
            now=THURSDAY,
        )
    stamp = (THURSDAY + timedelta(hours=1)).isoformat()
    moved = {"sign": Sign.MOVED.value, "detail": "https://nieuw.example/", "since": stamp}
    make_source(session, "verhuisd", title="De Verhuizer", signs=[moved], last_visit_at=THURSDAY)
    make_source(session, "kapot", title="De Kapotte", consecutive_failures=4, last_visit_at=THURSDAY)
    session.add(
        Initiative(
            name="Moet nog horen",
            summary="x",
            municipality_code=ARNHEM,
            theme=None,
            phase=Phase.SIGNALLED,
            created_by_id=ada.account_id,
            created_at=THURSDAY - 25 * DAY,
            updated_at=THURSDAY,
        )
    )
    rheden = session.get(Municipality, RHEDEN)
    assert rheden is not None
    rheden.participates_from = THURSDAY.date() - DAY
    session.commit()
    tick(session, now=THURSDAY)
    session.commit()

    assert outcome(send_due(settings, engine, THURSDAY + DAY)) == (1, 0, 0)

    (mail,) = mailbox.taken
    text, _ = parts(mail)
    assert re.fullmatch(r"Dagoverzicht: \d signalen wachten op een besluit", mail["Subject"])
    found = {part.split(" ==")[0]: part for part in text.split("\n== ")[1:]}
    assert "Nooit beantwoord" in found["Gemeenten die nog niet antwoordden, ook na een herinnering"]
    assert "Arnhem · Groen en tuinen · niet van ons" in found["Gemeenten zeggen: niet van ons"]
    assert "opgepakt" in found["Andere antwoorden van gemeenten"]
    assert "uiterlijk 24 november" in found["Initiatieven die het nog moeten horen"]
    assert "verhuisd naar https://nieuw.example/" in found["Bronnen: verhuisd, stil of verdubbeld"]
    assert "lukt niet" in found["Bronnen: het lukt niet, of ze staan stil"]
    assert "Rheden" in found["Gemeenten zonder gezonde bron"]
    assert "geheim" not in text
    assert late


def test_no_server_or_no_address_means_nothing_is_sent_and_one_sentence(
    settings: Settings, engine: Engine, session: Session
) -> None:
    own_digest(session)
    share(session, "Nieuw", at=THURSDAY)
    session.commit()
    without = settings.model_copy(update={"mail_out": ""})
    elsewhere = settings.model_copy(update={"mail_out": "smtps://post.voorbeeld.example", "public_url": ""})

    assert send_due(without, engine, THURSDAY + DAY).problems[0].startswith("no mail server is set")
    assert send_due(elsewhere, engine, THURSDAY + DAY).problems[0].startswith("no public address is set")
    assert session.scalar(select(DigestMail.id).where(DigestMail.message_id != "")) is None


def test_the_command_says_what_it_would_do_and_does_it(
    settings: Settings, session: Session, mailbox: Mailbox
) -> None:
    begun = datetime.now(UTC) - 3 * DAY
    mailboxes(session, 2, at=begun)
    share(session, "Nieuw", at=begun)
    session.commit()

    def run(*arguments: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "review.cli", "digest", "--json", *arguments],
            env={
                **os.environ,
                "SCOUT_VAR": str(settings.var),
                "SCOUT_MAIL_OUT": settings.mail_out,
                "SCOUT_MAIL_FROM": settings.mail_from,
            },
            capture_output=True,
            check=True,
        )
        return dict(json.loads(done.stdout))

    assert run("--dry-run") == {"sent": 2, "empty": 0, "failed": 0, "dry_run": True, "problems": []}
    assert mailbox.taken == []
    assert run() == {"sent": 2, "empty": 0, "failed": 0, "dry_run": False, "problems": []}
    assert run() == {"sent": 0, "empty": 0, "failed": 0, "dry_run": False, "problems": []}
    # No public address is set: mail that stays on this machine links to where the pages are here.
    assert "http://127.0.0.1:5000/delingen/" in parts(mailbox.taken[0])[0]


def test_every_page_that_mail_links_to_is_there(app: Flask) -> None:
    adapter = app.url_map.bind("scout.example")
    for path in PATHS.values():
        assert adapter.match(urlsplit(path.format("1", "abc")).path)


def test_a_digest_is_in_the_language_of_the_subscription(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    number = own_digest(session)
    found = session.get(DigestSubscription, number)
    assert found is not None
    found.language = "en"
    share(session, "Nieuw", at=THURSDAY)
    session.commit()

    send_due(settings, engine, THURSDAY + DAY)

    assert mailbox.taken[0]["Content-Language"] == "en"
    assert 'lang="en"' in parts(mailbox.taken[0])[1]

"""Messages about matches through a real mail server: what they say, once each, and when things go wrong."""

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.match import Match, MatchMail
from models.settings import Settings
from models.store.match_mails import send_again
from models.store.match_rules import REMINDER, REQUEST
from models.store.matches import answer_match, stop
from models.words import Party
from review.match_letters import ANSWER_PATH
from review.match_mail import PAUSE, MatchesSent, send_matches_due
from review.upkeep import JOBS
from tests.mailbox import Mailbox, parts
from tests.match_world import ALL, NOW, Proposing, proposing
from tests.review.digest_world import mailing

MINUTE = timedelta(minutes=1)
#: Five working days later, after eight in the morning.
NEXT_MONDAY = NOW + timedelta(days=7)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings with that mail server."""
    return mailing(settings, mailbox)


@pytest.fixture
def ready(session: Session) -> Proposing:
    """Five pairs that nobody was asked about."""
    return proposing(session)


def proposed(session: Session, ready: Proposing) -> list[Match]:
    made = ready.propose(session)
    session.commit()
    return made


def outcome(done: MatchesSent) -> tuple[int, int, int]:
    return done.sent, done.dropped, done.failed


def test_three_parties_of_five_matches_each_get_their_own_question(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    proposed(session, ready)

    assert outcome(send_matches_due(settings, engine, NOW)) == (15, 0, 0)
    assert outcome(send_matches_due(settings, engine, NOW + MINUTE)) == (0, 0, 0)

    assert len({mail["Message-ID"] for mail in mailbox.taken}) == 15
    texts = {str(mail["To"]): parts(mail) for mail in mailbox.taken if "Voedselbos" in parts(mail)[0]}
    assert set(texts) == {"saar@rheden.example", "leiding@rheden.example", "gastheer@arnhem.example"}
    text = texts["saar@rheden.example"][0]
    for words in (
        "Dag Saar Subsidie,",
        "Initiatief: Voedselbos Presikhaaf",
        "Uren: 8 uur",
        "van 4 januari 2027 tot en met 26 maart 2027",
        "Contactpersoon: Contactpersoon Arnhem",
        "3 eerdere opdrachten met het thema",
    ):
        assert words in text
    links = [re.findall(r"https://scout\.example/antwoord/[\w-]+", text)[0] for text, _ in texts.values()]
    assert len(set(links)) == 3
    assert all(link in html for link, (_, html) in zip(links, texts.values(), strict=True))
    assert "leiding@rheden.example" not in texts["gastheer@arnhem.example"][0]
    assert all(mail["Auto-Submitted"] == "auto-generated" for mail in mailbox.taken)


def test_links_in_mails_are_addresses_of_the_application(app: Flask) -> None:
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}

    assert rules["answers.page"] == ANSWER_PATH.format("<token>")
    assert any(job.name == "matches" and job.every <= 60 for job in JOBS)


def test_who_has_not_answered_is_reminded_after_five_working_days_and_others_are_not(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    match = proposed(session, ready)[0]
    send_matches_due(settings, engine, NOW)
    answer_match(session, match.id, Party.HOST, True, viewer=None, now=NOW)
    session.commit()
    mailbox.taken.clear()

    assert outcome(send_matches_due(settings, engine, NEXT_MONDAY - timedelta(hours=3))) == (0, 0, 0)
    assert outcome(send_matches_due(settings, engine, NEXT_MONDAY)) == (14, 0, 0)

    assert all(str(mail["Subject"]).startswith("Herinnering: ") for mail in mailbox.taken)
    assert outcome(send_matches_due(settings, engine, NEXT_MONDAY + timedelta(days=9))) == (0, 0, 0)


def test_a_reminder_waits_for_a_question_that_left_late(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    proposed(session, ready)
    late = NEXT_MONDAY + timedelta(days=1)
    mailbox.refuses["saar@rheden.example"] = "451 later"

    send_matches_due(settings, engine, late)

    assert not [mail for mail in mailbox.taken if str(mail["Subject"]).startswith("Herinnering")]
    mailbox.taken.clear()
    send_matches_due(settings, engine, late + PAUSE + MINUTE)
    reminded = [mail for mail in mailbox.taken if str(mail["Subject"]).startswith("Herinnering")]
    # Two of Saar's never got the question; nobody is reminded of what was not asked.
    assert len(reminded) == 13


def test_agreement_and_the_end_are_told_to_all(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    match = proposed(session, ready)[0]
    send_matches_due(settings, engine, NOW)
    for party in ALL:
        answer_match(session, match.id, party, True, viewer=None, now=NOW)
    session.commit()
    mailbox.taken.clear()

    assert outcome(send_matches_due(settings, engine, NOW + MINUTE)) == (3, 0, 0)
    assert {str(mail["Subject"]) for mail in mailbox.taken} == {
        "Iedereen is akkoord: ‘Voedselbos Presikhaaf’"
    }
    assert all("gastheer@arnhem.example" in parts(mail)[0] for mail in mailbox.taken)
    mailbox.taken.clear()
    stop(
        session, match.id, viewer=ready.world.leader, version=match.version, why="Er is geen grond.", now=NOW
    )
    session.commit()
    assert outcome(send_matches_due(settings, engine, NOW + 2 * MINUTE)) == (3, 0, 0)
    assert all("Reden: Er is geen grond." in parts(mail)[0] for mail in mailbox.taken)


def test_a_question_that_no_longer_makes_sense_is_not_sent(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    match = proposed(session, ready)[0]
    # Stopped by somebody who forgot the messages.
    session.get_one(Match, match.id).state = "gestopt"  # type: ignore[assignment]
    session.commit()

    assert outcome(send_matches_due(settings, engine, NOW)) == (12, 3, 0)
    assert outcome(send_matches_due(settings, engine, NOW + timedelta(hours=1))) == (0, 0, 0)


def test_a_refused_address_keeps_nobody_else_from_theirs_and_is_tried_when_asked(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    proposed(session, ready)
    # Of one match each, and of two.
    mailbox.refuses["noor@arnhem.example"] = "550 5.1.1 onbekend"
    ready.world.consultants[1].email = ""
    session.commit()

    done = send_matches_due(settings, engine, NOW)

    assert outcome(done) == (12, 0, 3)
    assert done.problems == ["the mail server refuses the recipient (code 550)"]
    problems = session.scalars(select(MatchMail.problem).where(MatchMail.problem != "")).all()
    session.rollback()
    assert problems == ["no_address", "no_address"]
    # Perhaps the settings of the server are wrong: so it is tried three times, hours apart.
    assert outcome(send_matches_due(settings, engine, NOW + timedelta(hours=5))) == (0, 0, 0)
    assert outcome(send_matches_due(settings, engine, NOW + timedelta(hours=7))) == (0, 0, 1)
    assert outcome(send_matches_due(settings, engine, NOW + timedelta(hours=14))) == (0, 0, 1)
    assert outcome(send_matches_due(settings, engine, NOW + timedelta(hours=30))) == (0, 0, 0)
    stuck = session.scalars(select(MatchMail).where(MatchMail.problem != "")).all()
    assert sorted(mail.problem for mail in stuck) == ["no_address", "no_address", "recipient 550"]
    mailbox.refuses.clear()
    ready.world.consultants[1].email = "bas@arnhem.example"
    for mail in stuck:
        assert send_again(session, mail.match_id, mail.id, now=NOW)
    session.commit()
    assert outcome(send_matches_due(settings, engine, NOW + timedelta(hours=31))) == (3, 0, 0)


def test_a_lost_answer_means_the_same_message_again(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    proposed(session, ready)
    mailbox.loses_answer = lambda taken: taken == 4

    first = send_matches_due(settings, engine, NOW)
    mailbox.loses_answer = lambda taken: False
    second = send_matches_due(settings, engine, NOW + 6 * MINUTE)

    assert first.sent + second.sent == 15
    names = Counter(str(mail["Message-ID"]) for mail in mailbox.taken)
    assert len(names) == 15
    assert sorted(names.values()) == [1] * 14 + [2]


def test_without_a_mail_server_nothing_is_lost(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    proposed(session, ready)

    done = send_matches_due(settings.model_copy(update={"mail_out": ""}), engine, NOW)

    assert outcome(done) == (0, 0, 0)
    assert done.problems == ["no mail server is set (SCOUT_MAIL_OUT), so no messages about matches are sent"]
    assert outcome(send_matches_due(settings, engine, NOW + MINUTE)) == (15, 0, 0)


@pytest.mark.both_databases
def test_three_senders_at_once_send_each_message_once(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, ready: Proposing
) -> None:
    proposed(session, ready)
    results: list[MatchesSent] = []
    start = threading.Barrier(3)

    def send() -> None:
        start.wait()
        results.append(send_matches_due(settings, engine, NOW))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mailbox.taken) == len({mail["Message-ID"] for mail in mailbox.taken}) == 15
    assert sum(one.sent for one in results) == 15
    assert [one.problems for one in results] == [[], [], []]


#: Sends what is due at the time given, as a process of its own that can be killed.
SENDING = """
import sys
from datetime import datetime
from models.database import open_engine
from models.settings import load_settings
from review.match_mail import send_matches_due
settings = load_settings()
done = send_matches_due(settings, open_engine(settings), datetime.fromisoformat(sys.argv[1]))
print(done.sent, done.dropped, done.failed)
"""


def in_a_process(settings: Settings, now: datetime) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "SCOUT_VAR": str(settings.var),
        "SCOUT_DATABASE_URL": settings.database_url,
        "SCOUT_SECRET_KEY": settings.secret_key,
        "SCOUT_MAIL_OUT": settings.mail_out,
        "SCOUT_MAIL_FROM": settings.mail_from,
        "SCOUT_PUBLIC_URL": settings.public_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", SENDING, now.isoformat()], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("killed_at", [1, 7])
def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_name(
    settings: Settings, session: Session, mailbox: Mailbox, ready: Proposing, killed_at: int
) -> None:
    proposed(session, ready)
    reached, killed = threading.Event(), threading.Event()

    def taken(count: int) -> None:
        if count == killed_at and not killed.is_set():
            reached.set()
            # The server has the message; the sender never hears so.
            killed.wait(30)

    mailbox.on_taken = taken
    with in_a_process(settings, NOW) as child:
        assert reached.wait(60)
        child.kill()
        killed.set()
    before = len(mailbox.taken)
    with in_a_process(settings, NOW + 11 * MINUTE) as child:
        out, _ = child.communicate(timeout=120)

    names = Counter(str(mail["Message-ID"]) for mail in mailbox.taken)
    assert len(names) == 15
    assert sorted(names.values()) == [1] * 14 + [2]
    assert out.split() == [str(15 - before + 1), "0", "0"]


def test_reminders_are_of_the_kind_that_follows_the_question(session: Session, ready: Proposing) -> None:
    proposed(session, ready)
    kinds = Counter(session.scalars(select(MatchMail.kind)))
    assert kinds == {REQUEST: 15, REMINDER: 15}

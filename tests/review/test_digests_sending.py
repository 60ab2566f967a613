"""Sending digests when things go wrong: refusals, lost connections, several at once, killed half-way."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.digest import DigestMail
from models.settings import Settings
from review.digests import Sent, send_due
from tests.mailbox import Mailbox, parts
from tests.review.digest_world import (
    DAY,
    THURSDAY,
    mailboxes,
    mailing,
    share,
)
from tests.review.factories import ARNHEM, RHEDEN


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


def test_a_refused_recipient_keeps_nobody_else_from_theirs_and_gets_it_the_next_day(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    emails = mailboxes(session, 5)
    share(session, "Nieuw", at=THURSDAY)
    session.commit()
    mailbox.refuses[emails[2]] = "550 5.1.1 onbekend: " + emails[2]
    morning = THURSDAY + DAY

    done = send_due(settings, engine, morning)

    assert outcome(done) == (4, 0, 1)
    assert done.problems == ["the mail server refuses the recipient (code 550)"]
    assert session.scalars(select(DigestMail.last_problem).where(DigestMail.last_problem != "")).all() == [
        "recipient 550"
    ]
    session.rollback()
    assert outcome(send_due(settings, engine, morning + timedelta(hours=5))) == (0, 0, 0)
    mailbox.refuses.clear()
    assert outcome(send_due(settings, engine, morning + DAY)) == (1, 5, 0)
    assert sorted(mailbox.recipients) == sorted(emails)


def test_a_server_that_fails_half_way_gets_the_rest_later(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    emails = mailboxes(session, 12)
    share(session, "Nieuw", at=THURSDAY)
    session.commit()
    mailbox.hangs_up = lambda taken: taken == 5
    morning = THURSDAY + DAY

    done = send_due(settings, engine, morning)

    assert outcome(done) == (5, 0, 1)
    assert done.problems == ["the mail server can't be reached"]
    mailbox.hangs_up = lambda taken: False
    assert outcome(send_due(settings, engine, morning + timedelta(minutes=6))) == (7, 0, 0)
    assert sorted(mailbox.recipients) == sorted(emails)
    assert len({mail["Message-ID"] for mail in mailbox.taken}) == 12


def test_a_lost_answer_means_the_same_message_again_and_no_other(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    mailboxes(session, 3)
    share(session, "Nieuw", at=THURSDAY)
    session.commit()
    mailbox.loses_answer = lambda taken: taken == 2
    morning = THURSDAY + DAY

    assert outcome(send_due(settings, engine, morning)) == (2, 0, 1)
    share(session, "Van later", at=morning)
    session.commit()
    assert outcome(send_due(settings, engine, morning + timedelta(minutes=6))) == (1, 0, 0)

    names = Counter(str(mail["Message-ID"]) for mail in mailbox.taken)
    assert sorted(names.values()) == [1, 1, 2]
    assert not any("Van later" in parts(mail)[0] for mail in mailbox.taken)


@pytest.mark.both_databases
def test_two_processes_at_once_send_each_digest_once(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    emails = mailboxes(session, 15)
    share(session, "Nieuw", at=THURSDAY)
    session.commit()
    results: list[Sent] = []
    start = threading.Barrier(3)

    def send() -> None:
        start.wait()
        results.append(send_due(settings, engine, THURSDAY + DAY))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(mailbox.recipients) == sorted(emails)
    assert sum(one.sent for one in results) == 15
    assert [one.problems for one in results] == [[], [], []]


#: Sends what is due at the time given, as a process of its own that can be killed.
SENDING = """
import sys
from datetime import datetime
from models.database import open_engine
from models.settings import load_settings
from review.digests import send_due
settings = load_settings()
done = send_due(settings, open_engine(settings), datetime.fromisoformat(sys.argv[1]))
print(done.sent, done.empty, done.failed)
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
@pytest.mark.parametrize("killed_at", [1, 23])
def test_killed_half_way_through_forty_everybody_gets_it_and_nobody_two(
    settings: Settings, session: Session, mailbox: Mailbox, killed_at: int
) -> None:
    emails = mailboxes(session, 20) + mailboxes(session, 20, RHEDEN)
    for code in (ARNHEM, RHEDEN):
        share(session, "Nieuw", code, at=THURSDAY)
    session.commit()
    morning = THURSDAY + DAY
    reached = threading.Event()
    mailbox.on_taken = lambda taken: reached.set() if taken == killed_at else None

    with in_a_process(settings, morning) as child:
        assert reached.wait(60)
        child.kill()
    before = len(mailbox.taken)
    assert killed_at <= before < 40
    with in_a_process(settings, morning + timedelta(minutes=11)) as child:
        out, _ = child.communicate(timeout=120)

    names: dict[str, list[str]] = {}
    for mail in mailbox.taken:
        names.setdefault(str(mail["To"]), []).append(str(mail["Message-ID"]))
    assert sorted(names) == sorted(emails)
    assert all(len(set(seen)) == 1 for seen in names.values())  # one distinct message for each
    twice = [to for to, seen in names.items() if len(seen) > 1]
    assert len(twice) <= 1  # the one that the server took just when the sender was killed
    assert out.split() == [str(40 - before + len(twice)), "0", "0"]

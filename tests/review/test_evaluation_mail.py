"""Messages about evaluations through a real mail server: to whom they go, when, and when they do not."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from models.match import Evaluation, Match, MatchMail
from models.settings import Settings
from models.store.evaluations import answer_evaluation, plan_evaluations
from models.words import MatchState, Moment, Party
from review.match_mail import send_matches_due
from review.upkeep import JOBS
from tests.evaluations_world import BEGUN, make_match
from tests.mailbox import Mailbox, parts
from tests.review.digest_world import mailing
from tests.review.visitor import Visitor

#: A Monday: the first morning on which is asked how it went.
DONE = datetime(2026, 12, 21, 15, 0, tzinfo=UTC)
#: After the reminders left, and within the term.
REMINDED = datetime(2026, 12, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings with that mail server."""
    return mailing(settings, mailbox)


def planned(session: Session, state: MatchState = MatchState.FINISHED, **fields: str) -> Match:
    """A match with its forms planned when it got into this state."""
    now = BEGUN if state is MatchState.DEPLOYED else DONE
    ended = None if state is MatchState.DEPLOYED else DONE
    match = make_match(session, state=state, visit_on=date(2026, 12, 18), ended_at=ended, **fields)
    plan_evaluations(session, match, now=now)
    session.commit()
    return match


def told(mailbox: Mailbox) -> list[tuple[str, str]]:
    """To whom, and about what, what was taken since the last time."""
    found = sorted((str(mail["To"]), str(mail["Subject"])) for mail in mailbox.taken)
    mailbox.taken.clear()
    return found


def test_each_party_gets_its_own_link_and_an_initiator_without_address_gets_it_through_the_host(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox, app: Flask
) -> None:
    planned(session)
    assert send_matches_due(settings, engine, DONE).sent == 3

    texts = [parts(mail)[0] for mail in mailbox.taken]
    links = [re.findall(r"https://scout\.example(/evaluatie/[\w-]+)", text)[0] for text in texts]
    visitor = Visitor(app)
    assert len({visitor.get(link).text for link in links}) == 3
    assert told(mailbox) == [
        ("kim@rheden.example", "Drie minuten: hoe ging het bij ‘Buurttuin Kampenberg’?"),
        ("ria@arnhem.example", "Drie minuten: hoe ging het bij ‘Buurttuin Kampenberg’?"),
        (
            "ria@arnhem.example",
            "Wilt u dit doorsturen? Drie minuten: hoe ging het bij ‘Buurttuin Kampenberg’?",
        ),
    ]
    asked = session.execute(select(Evaluation.moment, Evaluation.asked_at.is_not(None))).all()
    assert sorted(asked) == [*[(Moment.HALF_YEAR, False)] * 3, *[(Moment.AFTERWARDS, True)] * 3]


def test_an_initiative_with_an_address_of_its_own_gets_it_itself(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    planned(session, contact="tuin@kampenberg.example")
    send_matches_due(settings, engine, DONE)
    text = next(parts(mail)[0] for mail in mailbox.taken if mail["To"] == "tuin@kampenberg.example")
    assert "Dag initiatiefnemer," in text
    assert "doorsturen" not in text


def test_who_answered_is_not_reminded_and_others_once(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    match = planned(session, contact="tuin@kampenberg.example")
    send_matches_due(settings, engine, DONE)
    told(mailbox)
    answers = {"goal": 4, "fit": 4, "hours": "meer"}
    answer_evaluation(session, match.id, Party.CONSULTANT, Moment.AFTERWARDS, answers, now=DONE)
    # As if the first messages had left on their day, by the clock of this test.
    session.execute(update(MatchMail).where(MatchMail.sent_at.is_not(None)).values(sent_at=DONE))
    session.commit()

    send_matches_due(settings, engine, REMINDED)
    reminder = "Herinnering: Drie minuten: hoe ging het bij ‘Buurttuin Kampenberg’?"
    assert told(mailbox) == [("ria@arnhem.example", reminder), ("tuin@kampenberg.example", reminder)]
    send_matches_due(settings, engine, REMINDED + timedelta(days=1))
    assert told(mailbox) == []


def test_a_match_that_stopped_is_not_asked_about(
    settings: Settings, engine: Engine, session: Session, mailbox: Mailbox
) -> None:
    match = planned(session, MatchState.DEPLOYED)
    session.get_one(Match, match.id).state = MatchState.STOPPED
    session.commit()
    assert send_matches_due(settings, engine, BEGUN).sent == 0
    assert mailbox.taken == []


def test_forgetting_is_done_every_day() -> None:
    assert any(job.name == "own words" and job.every <= 24 * 3600 for job in JOBS)

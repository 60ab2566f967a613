"""Sending the messages about matches and their evaluations that are due.

A message is taken, sent, and only then noted as sent. Who is killed in between has it sent again under the
same Message-ID, by which mail programs know it; two who send at once never send the same one.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.database import session_factory
from models.initiative import Initiative
from models.labels import Labels, load_labels
from models.match import Match, MatchMail
from models.settings import Settings
from models.store.account_roles import AccountError
from models.store.accounts import valid_email
from models.store.evaluations import note_mailed
from models.store.match_mails import (
    TakenMail,
    due_mails,
    give_back,
    note_dropped,
    note_failed,
    note_sent,
    note_useless,
    take,
)
from models.store.match_rows import MatchRow
from models.store.matches_list import read_match
from models.words import Party
from review.evaluation_letters import LETTERS as EVALUATION_LETTERS
from review.mail_out import MailError, MailServer, message_to
from review.mail_pages import MailPages, base_address, mail_host
from review.mail_round import Clock, Problems
from review.match_letters import LETTERS, Kind, Writing

log = logging.getLogger(__name__)

#: Every kind of message: a match's own, and those of its evaluations.
KINDS: dict[str, Kind] = {**LETTERS, **EVALUATION_LETTERS}
#: A reminder comes at least this long after what it reminds of, however late that left.
PAUSE = timedelta(days=3)
#: A server that says no for good is asked so often, hours apart: its settings may be what is wrong, or ours.
LASTING_TRIES = 3
#: Our messages are in Dutch: they go to civil servants, whose language we were not told.
LANGUAGE = "nl"
LONGEST_SUBJECT = 200
#: Why a message was not sent, beside the words of ``review.mail_out``: there is no address to send it to.
NO_ADDRESS = "no_address"
#: Why no messages are sent at all.
NO_SERVER = "no mail server is set (SCOUT_MAIL_OUT), so no messages about matches are sent"
NO_PAGES = "no public address is set (SCOUT_PUBLIC_URL), so no messages about matches are sent"


@dataclass
class MatchesSent(Problems):
    """What came of one round."""

    sent: int = 0
    #: They no longer made sense, or it is too soon after what they remind of.
    dropped: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Desk(Clock):
    """All that is needed to send."""

    settings: Settings
    engine: Engine
    base: str
    labels: Labels
    pages: MailPages
    server: MailServer


def send_matches_due(
    settings: Settings, engine: Engine, now: datetime, *, timeout: float | None = None
) -> MatchesSent:
    """Send what is due at ``now``; may be called at any time, by several processes at once.

    Args:
        timeout: seconds that the mail server may take to answer each step; None = the usual.
    """
    done = MatchesSent()
    with session_factory(engine, writes=False)() as session:
        waiting = due_mails(session, now=now)
    if not waiting:
        return done
    base = base_address(settings)
    if not settings.mail_out or base is None:
        done.note(NO_PAGES if settings.mail_out else NO_SERVER)
        return done
    server = MailServer(settings) if timeout is None else MailServer(settings, timeout=timeout)
    began = (now, time.monotonic())
    desk = Desk(settings, engine, base, load_labels(settings), MailPages(), server, began=began)
    with desk.server:
        for mail_id in waiting:
            if not _send(desk, mail_id, done):
                break
    return done


def address_of(session: Session, row: MatchRow, party: Party) -> str:
    """Where messages to a party go; empty = nobody knows.

    An initiator without an address of its own is reached through the host municipality.
    """
    if party is Party.INITIATOR:
        contact = session.scalar(select(Initiative.contact).where(Initiative.id == row.initiative_id)) or ""
        try:
            return valid_email(contact.strip())
        except AccountError:
            return row.host_email
    return {
        Party.CONSULTANT: row.consultant_email,
        Party.EMPLOYER: row.employer_email,
        Party.HOST: row.host_email,
    }[party]


def _send(desk: Desk, mail_id: int, done: MatchesSent) -> bool:
    """Send one message, and note what came of it; False = the server takes no mail at all."""

    def settle(how: Callable[[Session], object]) -> None:
        with session_factory(desk.engine)() as session:
            how(session)
            session.commit()

    with session_factory(desk.engine)() as session:
        taken = take(session, mail_id, now=desk.now())
        session.commit()
    if taken is None:
        return True
    message = _message(desk, taken, settle)
    if message is None:
        done.dropped += 1
        return True
    if isinstance(message, str):
        problem = message
        settle(lambda session: note_useless(session, taken, problem))
        done.failed += 1
        return True
    try:
        desk.server.connect()
    except MailError as error:
        settle(lambda session: give_back(session, taken))
        _failed(done, error)
        return False
    try:
        desk.server.send(message)
    except MailError as error:
        problem, lasting = error.word, error.lasting
        if lasting and taken.attempt >= LASTING_TRIES:
            settle(lambda session: note_useless(session, taken, problem))
        else:
            settle(lambda session: note_failed(session, taken, now=desk.now(), lasting=lasting))
        _failed(done, error)
        return not error.of_server
    settle(lambda session: _note_sent(session, taken, desk.now()))
    done.sent += 1
    return True


def _note_sent(session: Session, taken: TakenMail, at: datetime) -> None:
    note_sent(session, taken, at=at)
    note_mailed(session, taken.match_id, taken.party, taken.kind, at=at)


def _failed(done: MatchesSent, error: MailError) -> None:
    done.failed += 1
    done.note(str(error))
    log.warning("a message about a match was not sent: %s", error)


def _message(
    desk: Desk, taken: TakenMail, settle: Callable[[Callable[[Session], object]], None]
) -> EmailMessage | str | None:
    """The message; a word for why it can't be sent; None = it is not sent, or not now."""
    with session_factory(desk.engine, writes=False)() as session:
        row = read_match(session, taken.match_id)
        match = session.get_one(Match, taken.match_id)
        kind = KINDS.get(taken.kind)
        address = address_of(session, row, taken.party)
        later = _too_soon(session, taken, kind, desk.now())
    gone = not address and not row.consultant and taken.party in (Party.CONSULTANT, Party.EMPLOYER)
    if kind is None or not kind.holds(row, taken.party) or gone:
        settle(lambda session: note_dropped(session, taken, now=desk.now()))
        return None
    if later is not None:
        settle(lambda session: give_back(session, taken, due_at=later))
        return None
    if not address:
        return NO_ADDRESS
    secret = desk.settings.effective_secret_key
    with desk.pages.language(LANGUAGE):
        passed_on = taken.party is Party.INITIATOR and address == row.host_email
        letter = kind.write(
            Writing(row, match, taken.party, desk.base, secret, desk.labels, passed_on=passed_on)
        )
        sender = f"Participatienetwerk Scout · {row.round_name}"
        text, html = desk.pages.text_and_html("match", letter=letter, language=LANGUAGE, sender=sender)
    return message_to(
        desk.settings,
        address,
        # On one line, whatever somebody called an initiative.
        " ".join(letter.subject.split())[:LONGEST_SUBJECT],
        text,
        html,
        message_id=f"<{taken.name}@{mail_host(desk.settings)}>",
        language=LANGUAGE,
    )


def _too_soon(session: Session, taken: TakenMail, kind: Kind | None, now: datetime) -> datetime | None:
    """When to try a reminder again whose question has not left, or only just."""
    if kind is None or not kind.follows:
        return None
    asked = session.execute(
        select(MatchMail.sent_at, MatchMail.problem).where(
            MatchMail.match_id == taken.match_id,
            MatchMail.party == taken.party,
            MatchMail.kind == kind.follows,
        )
    ).one_or_none()
    if asked is None:
        return None
    if asked.sent_at is None:
        return now + PAUSE
    return asked.sent_at + PAUSE if asked.sent_at + PAUSE > now else None

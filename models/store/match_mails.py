"""Messages about matches: which are to be sent when, who sends them, and how that went.

A message is put into the table in the transaction of what it tells of. Whoever sends it takes it first
(:func:`take`), for :data:`TERM`; who is killed meanwhile leaves it to be sent again, under the same name,
after that. The caller commits everywhere.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from models.base import ZONE
from models.match import Match, MatchMail
from models.words import Party

#: Messages that were not asked for on the day itself leave from this hour on, in Amsterdam.
HOUR = 8
#: How long a message belongs to whoever took it: far longer than it takes to send one.
TERM = timedelta(minutes=10)
#: After a failure it is tried again after this time, each time twice as long …
FIRST_WAIT = timedelta(minutes=5)
#: … but at the latest after this.
LONGEST_WAIT = timedelta(hours=6)
#: Messages that one round of sending looks at; the next round comes soon.
BATCH = 500
#: Names of our messages are worked out under this one.
NAMES = uuid.UUID("5d3f0a52-6a0c-4f0e-9b43-0f2f6a1a7d11")


@dataclass(frozen=True)
class TakenMail:
    """One message that the caller, and nobody else, is to send now."""

    id: int
    match_id: int
    party: Party
    #: A key of ``review.match_mail.KINDS``.
    kind: str
    attempt: int
    #: Left-hand side of its Message-ID: the same at every try.
    name: str


@dataclass(frozen=True)
class MailRow:
    """How it is with one message, for the page of a match."""

    id: int
    party: Party
    kind: str
    due_at: datetime
    #: Tries that have begun.
    attempts: int
    sent_at: datetime | None
    #: A word of our own with a number: ``recipient 550``, ``no_address``; empty = it was sent, or will be.
    problem: str
    dropped_at: datetime | None


def morning_of(day: date) -> datetime:
    """When messages of this day leave."""
    return datetime.combine(day, time(HOUR), ZONE)


def queue(session: Session, match_id: int, party: Party, kind: str, *, due_at: datetime) -> bool:
    """Let a message be sent from ``due_at`` on; one of this kind that is there already, sent or not, stays.

    Returns:
        Whether it is new.
    """
    # Two who ask for the same message at once wait here for each other.
    session.execute(select(Match.id).where(Match.id == match_id).with_for_update(key_share=True))
    there = (MatchMail.match_id == match_id, MatchMail.party == party, MatchMail.kind == kind)
    if session.scalar(select(MatchMail.id).where(*there)) is not None:
        return False
    session.add(MatchMail(match_id=match_id, party=party, kind=kind, due_at=due_at, attempts=0, problem=""))
    session.flush()
    return True


def queue_first(session: Session, messages: Iterable[tuple[int, Party, str, datetime]]) -> None:
    """The same for matches that were made in this transaction: no message about them is there yet.

    Args:
        messages: match, party, kind and from when on, each once.
    """
    session.add_all(
        MatchMail(match_id=match_id, party=party, kind=kind, due_at=due_at, attempts=0, problem="")
        for match_id, party, kind, due_at in messages
    )
    session.flush()


def due_mails(session: Session, *, now: datetime, limit: int = BATCH) -> list[int]:
    """Numbers of the messages that are to be sent now, the oldest first."""
    return list(
        session.scalars(
            select(MatchMail.id)
            .where(MatchMail.due_at <= now, *_open(), _free(now))
            .order_by(MatchMail.due_at, MatchMail.id)
            .limit(limit)
        )
    )


def take(session: Session, mail_id: int, *, now: datetime) -> TakenMail | None:
    """Take a message, so that nobody else sends it; the caller commits before sending.

    Returns:
        None when it is not due (any more), or somebody else has it.
    """
    mail = session.scalar(
        select(MatchMail)
        .where(MatchMail.id == mail_id, MatchMail.due_at <= now, *_open(), _free(now))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if mail is None:
        return None
    mail.taken_until = now + TERM
    mail.attempts += 1
    salt = session.scalar(select(Match.salt).where(Match.id == mail.match_id))
    session.flush()
    name = uuid.uuid5(NAMES, f"{salt}/{mail.id}")
    return TakenMail(mail.id, mail.match_id, mail.party, mail.kind, mail.attempts, str(name))


def note_sent(session: Session, taken: TakenMail, *, at: datetime) -> None:
    """The mail server took it; commit at once."""
    session.execute(
        update(MatchMail)
        .where(MatchMail.id == taken.id, MatchMail.sent_at.is_(None))
        .values(sent_at=at, taken_until=None, problem="")
    )


def note_failed(session: Session, taken: TakenMail, *, now: datetime, lasting: bool = False) -> None:
    """It was not sent; it is tried again later.

    Args:
        lasting: trying again soon is of no use.
    """
    wait = LONGEST_WAIT if lasting else min(FIRST_WAIT * 2 ** min(taken.attempt - 1, 10), LONGEST_WAIT)
    session.execute(update(MatchMail).where(*_still(taken)).values(taken_until=now + wait))


def note_useless(session: Session, taken: TakenMail, problem: str) -> None:
    """It can't be sent, and trying again is of no use until somebody asks for it (:func:`send_again`).

    Args:
        problem: a word of our own with a number, never what the server said.
    """
    session.execute(update(MatchMail).where(*_still(taken)).values(taken_until=None, problem=problem))


def note_dropped(session: Session, taken: TakenMail, *, now: datetime) -> None:
    """It no longer makes sense, and is never sent."""
    session.execute(update(MatchMail).where(*_still(taken)).values(taken_until=None, dropped_at=now))


def give_back(session: Session, taken: TakenMail, *, due_at: datetime | None = None) -> None:
    """It was not tried at all: whoever comes next takes it, at once or from ``due_at`` on."""
    values: dict[str, object] = {"taken_until": None, "attempts": taken.attempt - 1}
    if due_at is not None:
        values["due_at"] = due_at
    session.execute(update(MatchMail).where(*_still(taken)).values(values))


def drop(
    session: Session,
    match_id: int,
    *,
    now: datetime,
    party: Party | None = None,
    kinds: Collection[str] | None = None,
) -> None:
    """Let messages that were not sent yet not be sent any more.

    Args:
        party: only those to this party.
        kinds: only of these kinds.
    """
    wanted: list[ColumnElement[bool]] = [MatchMail.match_id == match_id, MatchMail.sent_at.is_(None)]
    if party is not None:
        wanted.append(MatchMail.party == party)
    if kinds is not None:
        wanted.append(MatchMail.kind.in_(sorted(kinds)))
    session.execute(update(MatchMail).where(*wanted, MatchMail.dropped_at.is_(None)).values(dropped_at=now))


def send_again(session: Session, match_id: int, mail_id: int, *, now: datetime) -> bool:
    """Try a message once more that could not be sent, with the address as it is by now.

    Returns:
        Whether the match has such a message.
    """
    done = session.execute(
        update(MatchMail)
        .where(
            MatchMail.id == mail_id,
            MatchMail.match_id == match_id,
            MatchMail.sent_at.is_(None),
            MatchMail.dropped_at.is_(None),
            MatchMail.problem != "",
        )
        .values(problem="", taken_until=None, due_at=now, attempts=0)
        .returning(MatchMail.id)
    )
    return done.first() is not None


def mails_of(session: Session, match_id: int) -> list[MailRow]:
    """All messages of a match, the oldest first. Whoever calls this checks who is looking."""
    rows = session.execute(
        select(
            MatchMail.id,
            MatchMail.party,
            MatchMail.kind,
            MatchMail.due_at,
            MatchMail.attempts,
            MatchMail.sent_at,
            MatchMail.problem,
            MatchMail.dropped_at,
        )
        .where(MatchMail.match_id == match_id)
        .order_by(MatchMail.due_at, MatchMail.id)
    )
    return [MailRow(*row) for row in rows]


def undelivered(session: Session, match_ids: Collection[int]) -> dict[int, int]:
    """Match -> how many of its messages could not be sent and wait for a better address."""
    rows = session.execute(
        select(MatchMail.match_id, func.count())
        .where(MatchMail.match_id.in_(match_ids), MatchMail.problem != "", MatchMail.dropped_at.is_(None))
        .group_by(MatchMail.match_id)
    )
    return {row[0]: row[1] for row in rows}


def _open() -> tuple[ColumnElement[bool], ...]:
    return MatchMail.sent_at.is_(None), MatchMail.dropped_at.is_(None), MatchMail.problem == ""


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(MatchMail.taken_until.is_(None), MatchMail.taken_until <= now)


def _still(taken: TakenMail) -> tuple[ColumnElement[bool], ...]:
    """Nobody else took it meanwhile, and it is not sent."""
    return MatchMail.id == taken.id, MatchMail.attempts == taken.attempt, MatchMail.sent_at.is_(None)

"""Digests as mails: which is due for whom, who sends it, and how that went.

Of one subscription at most one mail is open at a time. What it tells of (``after_event_id`` up to
``through_event_id``) is fixed when it is made, and the next one begins where it ended: so nothing is told
twice or skipped, however long sending fails. Whoever sends takes the mail first (:func:`claim`), for
:data:`TERM`; who is killed meanwhile leaves it to be sent again, under the same name, after that.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.base import ZONE
from models.digest import DigestMail, DigestSubscription
from models.store.events import newest_event
from models.words import Rhythm

#: Digests are sent from this hour on, in Amsterdam.
HOUR = 7
#: How long a mail belongs to whoever took it: far longer than it takes to send one.
TERM = timedelta(minutes=10)
#: After a failure it is tried again after this time, each time twice as long …
FIRST_WAIT = timedelta(minutes=5)
#: … but at the latest after this.
LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True)
class Claimed:
    """One mail that the caller, and nobody else, is to send now."""

    id: int
    subscription_id: int
    municipality_code: str | None
    email: str
    rhythm: Rhythm
    language: str
    salt: str
    message_id: str
    day: date
    #: It tells of events above the first and up to the second number.
    after_event_id: int
    through_event_id: int
    #: When the one before it was sent, or the subscription began.
    since: datetime
    attempt: int


def due_day(rhythm: Rhythm, now: datetime) -> date:
    """The newest day of which a digest may be sent now: today from seven on; of weekly ones a Monday."""
    day = (now.astimezone(ZONE) - timedelta(hours=HOUR)).date()
    return day if rhythm is Rhythm.DAILY else day - timedelta(days=day.weekday())


def begin(session: Session, subscription_id: int, *, now: datetime) -> None:
    """Let a subscription tell of nothing that was before now; the caller commits.

    A mail without a name stands for that, of today: the first real one is of another day.
    """
    today = now.astimezone(ZONE).date()
    newest = newest_event(session)
    session.execute(
        update(DigestMail)
        .where(
            DigestMail.subscription_id == subscription_id,
            DigestMail.sent_at.is_(None),
            DigestMail.empty.is_(False),
        )
        .values(empty=True, through_event_id=newest)
    )
    row = session.scalar(
        select(DigestMail).where(DigestMail.subscription_id == subscription_id, DigestMail.day == today)
    )
    if row is None:
        row = DigestMail(subscription_id=subscription_id, day=today, message_id="", empty=True)
        session.add(row)
    row.through_event_id = newest
    session.flush()


def claim(session: Session, subscription_id: int, *, now: datetime, host: str) -> Claimed | None:
    """Take the mail of a subscription that is to be sent now, made when it is not there yet.

    The caller commits before sending, and calls :func:`settle_sent`, :func:`settle_empty`,
    :func:`settle_failed` or :func:`give_back` afterwards.

    Args:
        host: right-hand side of the name of a new mail.

    Returns:
        None when nothing is due, or somebody else has it.
    """
    # Of two who claim at once, one waits here for the other (on SQLite at the beginning of the transaction).
    found = session.scalar(
        select(DigestSubscription)
        .where(DigestSubscription.id == subscription_id, DigestSubscription.stopped_at.is_(None))
        .with_for_update()
    )
    if found is None:
        return None
    latest = session.scalars(
        select(DigestMail)
        .where(DigestMail.subscription_id == subscription_id)
        .order_by(DigestMail.day.desc())
        .limit(2)
        .execution_options(populate_existing=True)
    ).all()
    last = latest[0] if latest else None
    if last is not None and last.sent_at is None and not last.empty:
        mail, before = last, latest[1] if len(latest) > 1 else None
        if mail.taken_until is not None and mail.taken_until > now:
            return None
    else:
        day = due_day(found.rhythm, now)
        if last is not None and last.day >= day:
            return None
        mail, before = _made(session, found, last, day, host), last
    mail.taken_until = now + TERM
    mail.attempts += 1
    mail.last_problem = ""
    session.flush()
    return Claimed(
        id=mail.id,
        subscription_id=found.id,
        municipality_code=found.municipality_code,
        email=found.email,
        rhythm=found.rhythm,
        language=found.language,
        salt=found.salt,
        message_id=mail.message_id,
        day=mail.day,
        after_event_id=mail.after_event_id,
        through_event_id=mail.through_event_id,
        since=_since(found, before),
        attempt=mail.attempts,
    )


def settle_sent(session: Session, claimed: Claimed, *, at: datetime) -> None:
    """The mail server took it; the caller commits, at once."""
    session.execute(
        update(DigestMail)
        .where(DigestMail.id == claimed.id, DigestMail.sent_at.is_(None))
        .values(sent_at=at, taken_until=None, last_problem="")
    )


def settle_empty(session: Session, claimed: Claimed) -> None:
    """There was nothing to tell; the caller commits."""
    session.execute(
        update(DigestMail)
        .where(DigestMail.id == claimed.id, DigestMail.sent_at.is_(None))
        .values(empty=True, taken_until=None)
    )


def settle_failed(session: Session, claimed: Claimed, problem: str, *, now: datetime, lasting: bool) -> None:
    """It was not sent; it is tried again later. The caller commits.

    Args:
        problem: a word of our own with a number, never what the server said.
        lasting: trying again soon is of no use: only the next morning.
    """
    wait = min(FIRST_WAIT * 2 ** min(claimed.attempt - 1, 10), LONGEST_WAIT)
    session.execute(
        update(DigestMail)
        .where(
            DigestMail.id == claimed.id,
            DigestMail.sent_at.is_(None),
            DigestMail.attempts == claimed.attempt,
        )
        .values(taken_until=_next_morning(now) if lasting else now + wait, last_problem=problem)
    )


def give_back(session: Session, claimed: Claimed, problem: str) -> None:
    """It was not tried at all: whoever comes next takes it at once. The caller commits."""
    session.execute(
        update(DigestMail)
        .where(
            DigestMail.id == claimed.id,
            DigestMail.sent_at.is_(None),
            DigestMail.attempts == claimed.attempt,
        )
        .values(taken_until=None, attempts=claimed.attempt - 1, last_problem=problem)
    )


def _made(
    session: Session, found: DigestSubscription, last: DigestMail | None, day: date, host: str
) -> DigestMail:
    before = last.through_event_id if last is not None else newest_event(session)
    mail = DigestMail(
        subscription_id=found.id,
        day=day,
        message_id=f"<{uuid.uuid4()}@{host}>",
        after_event_id=before,
        # Events go after a year: there may be none left that are as new as what was told.
        through_event_id=max(newest_event(session), before),
        attempts=0,
        empty=False,
    )
    session.add(mail)
    session.flush()
    return mail


def _since(found: DigestSubscription, before: DigestMail | None) -> datetime:
    if before is None or before.message_id == "":
        return found.created_at
    if before.sent_at is not None:
        return before.sent_at
    return datetime.combine(before.day, time(HOUR), ZONE)


def _next_morning(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    day = local.date() + timedelta(days=local.hour >= HOUR)
    return datetime.combine(day, time(HOUR), ZONE)

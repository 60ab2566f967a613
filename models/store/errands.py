"""Errands: asking something of the scout on a page, and doing it. The two rooms meet only here."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, text, update
from sqlalchemy.orm import Session

from models.errand import Errand
from models.words import ErrandKind

ALL = tuple(ErrandKind)
#: An errand that was taken up and not heard of for so long is taken up again: whoever had it is gone.
#: Who works on one longer says so with :func:`still_at_it`.
TAKEN_FOR = timedelta(minutes=15)
#: After so long nobody waits for the answer any more, and what breaks every worker must not go on for ever.
GIVEN_UP_AFTER = timedelta(days=1)
#: How long an errand is kept.
KEPT = timedelta(days=7)
#: Number of the lock that askers wait for on PostgreSQL; any number nobody else uses.
LOCK = 7_310_002
#: Longest address that is looked behind, in characters.
LONGEST_URL = 2_000


def ask(
    session: Session,
    kind: ErrandKind,
    *,
    url: str = "",
    source_key: str | None = None,
    account_id: int | None,
    now: datetime,
) -> Errand:
    """Ask something of the scout; the same thing still to be done is returned instead. The caller commits.

    Args:
        url: the address to look behind; for ``PROBE`` only.
        source_key: the source to visit; for ``VISIT`` only.
        account_id: who asks; None = a command.

    Raises:
        ValueError: the address is longer than ``LONGEST_URL``.
    """
    url = url.strip()
    if len(url) > LONGEST_URL:
        raise ValueError(f"an address of {len(url)} characters is too long: at most {LONGEST_URL}")
    if session.get_bind().dialect.name == "postgresql":
        # Two who ask the same at once must see each other; SQLite has one writer anyway.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    same = (
        select(Errand)
        .where(Errand.done_at.is_(None), Errand.kind == kind, Errand.url == url)
        .where(Errand.source_key == source_key if source_key else Errand.source_key.is_(None))
        .where(Errand.asked_at > now - GIVEN_UP_AFTER)
        .order_by(Errand.id)
        .limit(1)
    )
    waiting = session.scalar(same)
    if waiting is not None:
        return waiting
    errand = Errand(
        kind=kind, url=url, source_key=source_key, asked_by_id=account_id, asked_at=now, result={}
    )
    session.add(errand)
    session.flush()
    return errand


def errand_of(session: Session, errand_id: int) -> Errand | None:
    """The errand with this number, as it stands now; None = there is none (any more)."""
    return session.get(Errand, errand_id, populate_existing=True)


def _waits(now: datetime, kinds: Collection[ErrandKind]) -> list[ColumnElement[bool]]:
    free = or_(Errand.begun_at.is_(None), Errand.begun_at <= now - TAKEN_FOR)
    return [
        Errand.done_at.is_(None),
        free,
        Errand.asked_at > now - GIVEN_UP_AFTER,
        Errand.kind.in_(list(kinds)),
    ]


def any_waiting(session: Session, now: datetime, kinds: Collection[ErrandKind] = ALL) -> bool:
    """Whether there is something to take up; one small look, so that it can be asked every second."""
    return session.scalar(select(Errand.id).where(*_waits(now, kinds)).limit(1)) is not None


def take_next(session: Session, now: datetime, kinds: Collection[ErrandKind] = ALL) -> Errand | None:
    """Take up the errand that waits longest; None = there is none. Commit before doing it.

    Nobody else gets it for ``TAKEN_FOR``, however many ask at once.

    Args:
        kinds: only these.
    """
    waits = _waits(now, kinds)
    oldest = select(Errand.id).where(*waits).order_by(Errand.asked_at, Errand.id).limit(1)
    while (number := session.scalar(oldest.with_for_update(skip_locked=True))) is not None:
        taken = session.execute(update(Errand).where(Errand.id == number, *waits).values(begun_at=now))
        assert isinstance(taken, CursorResult)
        if taken.rowcount == 1:
            return errand_of(session, number)
    return None


def still_at_it(session: Session, errand_id: int, now: datetime) -> None:
    """Keep an errand that takes long from being taken up again. The caller commits."""
    session.execute(
        update(Errand).where(Errand.id == errand_id, Errand.done_at.is_(None)).values(begun_at=now)
    )


def give_back(session: Session, errand_id: int) -> None:
    """Let somebody else do it: whoever took it up stops. The caller commits."""
    session.execute(
        update(Errand).where(Errand.id == errand_id, Errand.done_at.is_(None)).values(begun_at=None)
    )


def finish(
    session: Session,
    errand_id: int,
    *,
    result: Mapping[str, Any],
    problem: str | None,
    now: datetime,
    url: str | None = None,
) -> None:
    """Note what came of an errand; what is noted already stays. The caller commits.

    Args:
        result: for a ``PROBE`` what ``scout.discover`` found, for a ``VISIT`` its counts.
        problem: why nothing came of it, in one sentence; None = something did.
        url: stands in for the address, which names somebody who is not followed; None = it stays.
    """
    kept = {} if url is None else {"url": url}
    session.execute(
        update(Errand)
        .where(Errand.id == errand_id, Errand.done_at.is_(None))
        .values(result=dict(result), problem=problem, done_at=now, **kept)
    )


def forget_old(session: Session, now: datetime) -> int:
    """Give up what nobody did within a day, and remove what is a week old. The caller commits.

    Returns:
        How many were removed.
    """
    session.execute(
        update(Errand)
        .where(Errand.done_at.is_(None), Errand.asked_at <= now - GIVEN_UP_AFTER)
        .values(done_at=now, problem="nobody did this within a day: is `scout worker` at work?")
    )
    gone = session.execute(delete(Errand).where(Errand.asked_at <= now - KEPT))
    assert isinstance(gone, CursorResult)
    return gone.rowcount

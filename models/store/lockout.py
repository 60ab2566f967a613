"""Slowing down who guesses: failures counted under keyed hashes, and a lock after too many."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.sign_in_failure import SignInFailure

#: Failures within :data:`LOCK_WINDOW` after which attempts are refused for :data:`LOCK_TIME`:
#: for one e-mail address, and for one network address, which a whole office may share.
FAILURES_PER_EMAIL, FAILURES_PER_ADDRESS = 5, 30
#: The same for the second step (codes) and for passkeys of one account.
FAILURES_PER_CODE, FAILURES_PER_PASSKEY = 5, 10
LOCK_WINDOW = timedelta(minutes=15)
LOCK_TIME = timedelta(minutes=15)


def locked_for(session: Session, keys: Iterable[str]) -> timedelta | None:
    """How long attempts under any of these keys are still refused; None = they are not."""
    now = utc_now()
    until = [
        row.locked_until
        for row in session.scalars(select(SignInFailure).where(SignInFailure.key.in_(list(keys))))
        if row.locked_until is not None and row.locked_until > now
    ]
    return max(until) - now if until else None


def note_failure(session: Session, limits: Mapping[str, int]) -> set[str]:
    """Count one failed attempt; the caller commits.

    Args:
        limits: key -> failures within :data:`LOCK_WINDOW` after which it is locked.

    Returns:
        The keys that this very failure has locked.
    """
    now = utc_now()
    locked = set()
    # Old rows go here, so that the table stays as small as the last quarter of an hour.
    session.execute(delete(SignInFailure).where(SignInFailure.first_at < now - LOCK_WINDOW - LOCK_TIME))
    # In one order everywhere, so that two attempts at once never wait for each other.
    for key, limit in sorted(limits.items()):
        row = session.get(SignInFailure, key, with_for_update=True)
        if row is None:
            row = SignInFailure(key=key, failures=0, first_at=now)
            session.add(row)
        elif now - row.first_at > LOCK_WINDOW:
            row.failures, row.first_at, row.locked_until = 0, now, None
        row.failures += 1
        if row.failures >= limit:
            if row.locked_until is None or row.locked_until <= now:
                locked.add(key)
            row.locked_until = now + LOCK_TIME
    return locked


def forget_failures(session: Session, *keys: str) -> None:
    """Start counting again for these keys, after a success. The caller commits."""
    session.execute(delete(SignInFailure).where(SignInFailure.key.in_(keys)))

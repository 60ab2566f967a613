"""When a source is visited next, and how long a server wants to be left alone. Pure."""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Longest pause after failures, unless ``every`` is longer itself.
LONGEST_BACK_OFF = timedelta(hours=24)
#: Sources that failed together come back up to this share earlier or later.
JITTER = 0.1
#: A server that asks for more is asked again after this: a year is surely a mistake, but its own.
LONGEST_WAIT = timedelta(days=365)


def is_due(next_visit_at: datetime | None, every_seconds: int, now: datetime) -> bool:
    """Whether a source may be visited as far as its own rhythm goes.

    A hundredth of ``every`` early is early enough (from 5 seconds to a minute): hourly runs start some
    seconds sooner or later, and an hourly source is to be met by each of them.
    """
    slack = timedelta(seconds=min(max(every_seconds / 100, 5), 60))
    return next_visit_at is None or next_visit_at <= now + slack


def next_visit(key: str, every_seconds: int, failures: int, run_started: datetime) -> datetime:
    """Earliest moment of the next visit.

    Args:
        failures: visits that failed in a row, this one included; 0 = it went well.
        run_started: counted from here and not from the visit, for the same reason.
    """
    every = timedelta(seconds=every_seconds)
    if failures <= 0:
        return run_started + every
    # 2**16 times the shortest ``every`` (a minute) is far beyond the cap already.
    doubled = every * (1 << min(failures, 16))
    pause = min(doubled, max(LONGEST_BACK_OFF, every))
    return run_started + pause * (1 + JITTER * _spread(key))


def _spread(key: str) -> float:
    """A number from -1.0 to 1.0 that is always the same for one key."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 0x7FFF_FFFF - 1.0


def retry_after(value: str, now: datetime) -> datetime | None:
    """The moment a ``Retry-After`` header names: seconds, or an HTTP date; None if it can't be read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        seconds = min(int(value[:12]), int(LONGEST_WAIT.total_seconds()))
        return now + timedelta(seconds=seconds)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return min(max(moment, now), now + LONGEST_WAIT)

"""When a source is visited next, and how long a server wants to be left alone. Pure."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from models.health import Yield

#: Longest pause after failures, unless ``every`` is longer itself.
LONGEST_BACK_OFF = timedelta(hours=24)
#: Sources that failed together come back up to this share earlier or later.
JITTER = 0.1
#: A source is barren after so many days and so many new items in the last 90 days without an accepted lead,
#: where the whole network accepted at least so many; each further hundred items adds once ``every``.
LONG_ENOUGH, MANY_ITEMS, ENOUGH_DECIDED = 60, 100, 10
#: Most times ``every`` between visits to a barren source.
SLOWEST = 4.0
#: A server that asks for more is asked again after this: a year is surely a mistake, but its own.
LONGEST_WAIT = timedelta(days=365)


def is_due(next_visit_at: datetime | None, every_seconds: int, now: datetime) -> bool:
    """Whether a source may be visited as far as its own rhythm goes.

    A hundredth of ``every`` early is early enough (from 5 seconds to a minute): hourly runs start some
    seconds sooner or later, and an hourly source is to be met by each of them.
    """
    slack = timedelta(seconds=min(max(every_seconds / 100, 5), 60))
    return next_visit_at is None or next_visit_at <= now + slack


def pace(lately: Yield | None, every_seconds: int, network_accepted: int) -> float:
    """How many times ``every`` to leave between visits that go well: 1.0, or more for a barren source.

    A source is barren once it gave many items over a long time, and none of them became a lead that was
    accepted; the more it gave since, the longer it waits. It never waits so long that its list could run
    past what it holds, nor longer than a day (or ``every``, if that is longer).

    Args:
        lately: what it brought in the last 90 days; None = it was not visited in them.
        network_accepted: leads accepted in that time from all sources: where nobody decides, none is barren.
    """
    if lately is None or lately.accepted or lately.days < LONG_ENOUGH:
        return 1.0
    if lately.items < MANY_ITEMS or network_accepted < ENOUGH_DECIDED:
        return 1.0
    day = timedelta(days=1).total_seconds()
    # What its list holds, used up by half at the rate at which items came.
    half_a_list = lately.room / 2 / (lately.items / max(lately.days, 1)) * day
    longest = min(SLOWEST, max(day, every_seconds) / every_seconds, half_a_list / every_seconds)
    return max(1.0, min(lately.items / MANY_ITEMS, longest))


def next_visit(
    key: str, every_seconds: int, failures: int, run_started: datetime, *, times: float = 1.0
) -> datetime:
    """Earliest moment of the next visit.

    Args:
        failures: visits that failed in a row, this one included; 0 = it went well.
        run_started: counted from here and not from the visit, for the same reason.
        times: how many times ``every`` to leave after a visit that went well: see :func:`pace`.
    """
    every = timedelta(seconds=every_seconds)
    if failures <= 0:
        return run_started + every * times
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


def refused_until(status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a server that refuses with this status may be asked again, as its answer says; None = it does not.

    ``Retry-After`` counts first (429 and 503); else, for a 429, the moment its rate limit begins anew. Many
    servers name that moment in every answer, so in a 503 it says nothing.

    Args:
        headers: names in lower case.
    """
    if status not in {429, 503}:
        return None
    until = retry_after(headers.get("retry-after", ""), now)
    return _reset(headers, now) if until is None and status == 429 else until


def spent_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a server may be asked again whose answer says that no request is left before that; else None."""
    return _reset(headers, now) if _remaining(headers) == 0 else None


#: ``RateLimit`` of the IETF draft, in its newer and its older form: ``"default";r=0;t=30`` and
#: ``limit=100, remaining=0, reset=30``.
_LEFT = re.compile(r"(?:^|[;,\s])(?:r|remaining)\s*=\s*(\d{1,12})(?!\d)", re.ASCII)
_SECONDS_LEFT = re.compile(r"(?:^|[;,\s])(?:t|reset)\s*=\s*(\d{1,12})(?!\d)", re.ASCII)
#: Larger numbers are no seconds to wait but a moment, in seconds or milliseconds since 1970.
_A_MOMENT, _IN_MILLISECONDS = 10**9, 10**12


def _remaining(headers: Mapping[str, str]) -> int | None:
    """Requests that are left: the fewest, where more limits are named."""
    counts = _LEFT.findall(headers.get("ratelimit", ""))
    for name in ("x-ratelimit-remaining", "ratelimit-remaining"):
        counts += re.findall(r"\d{1,12}", headers.get(name, ""), re.ASCII)
    return min(map(int, counts), default=None)


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    seconds = _SECONDS_LEFT.search(headers.get("ratelimit", ""))
    values = [
        headers.get("x-ratelimit-reset", ""),
        headers.get("ratelimit-reset", ""),
        seconds[1] if seconds else "",
    ]
    return max((moment for value in values if (moment := _moment(value, now))), default=None)


def _moment(value: str, now: datetime) -> datetime | None:
    """What a reset header says: ISO time, seconds to wait, or a moment as a number; else None."""
    value = value.strip()
    if re.fullmatch(r"\d{1,14}(?:\.\d+)?", value, re.ASCII):
        number = int(value.partition(".")[0])
        if number < _A_MOMENT:
            return retry_after(str(number), now)
        if number >= _IN_MILLISECONDS:
            number //= 1000
        moment = datetime.fromtimestamp(number, UTC)
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return retry_after(value, now)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return min(max(moment, now), now + LONGEST_WAIT)

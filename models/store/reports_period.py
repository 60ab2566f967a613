"""Periods of reports: days in the Netherlands, first and last included; without database or clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from models.base import ZONE
from models.working_days import is_working_day

#: Most days of one report: some ten years.
MOST_DAYS = 3700
#: The first day that a report can be about: the network is younger.
EARLIEST = date(2020, 1, 1)
#: Days of the periods between two meetings of a participation team.
THREE_WEEKS, FOUR_WEEKS = 21, 28


@dataclass(frozen=True, slots=True)
class Period:
    """Some days."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The moment its first day begins, in UTC."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment after its last day, in UTC."""
        return _midnight(self.last + timedelta(days=1))


def presets(today: date, last_reported: date | None = None) -> dict[str, Period]:
    """Word in addresses -> period up to today.

    Args:
        last_reported: last day of the last report that was closed. When that lies before today, the first
            one here begins on the day after it.
    """
    found = {}
    if last_reported is not None and EARLIEST <= last_reported < today:
        first = max(last_reported + timedelta(days=1), today - timedelta(days=MOST_DAYS - 1))
        found["sinds"] = Period(first, today)
    found["4-weken"] = Period(today - timedelta(days=FOUR_WEEKS - 1), today)
    found["3-weken"] = Period(today - timedelta(days=THREE_WEEKS - 1), today)
    found["kwartaal"] = Period(date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), today)
    found["jaar"] = Period(date(today.year, 1, 1), today)
    return found


@lru_cache(maxsize=50_000)
def working_days_between(first: date, last: date) -> int:
    """Working days after the first day, up to and including the last; 0 when both are the same day."""
    return sum(is_working_day(first + timedelta(days=days)) for days in range(1, (last - first).days + 1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)

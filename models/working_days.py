"""Working days in the Netherlands: all but weekends and the public holidays of the Algemene termijnenwet.

That law lengthens terms over Good Friday and 5 May too, every year, whether or not an office is open then.
"""

from datetime import date, timedelta
from functools import lru_cache

#: Days before or after Easter Sunday.
GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY = -2, 1, 39, 50


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar: the Sunday after the first full moon of spring.

    The moon is that of the church's tables: ``golden`` counts its 19 years, ``epact`` is its age.
    """
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    drift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - drift + 15) % 30
    leaps, leap_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - epact - leap_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=16)
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year on which no term ends."""
    sunday = easter(year)
    king = date(year, 4, 27)
    if king.weekday() == 6:
        king -= timedelta(days=1)
    moving = (GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY)
    fixed = {date(year, 1, 1), king, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    return frozenset(fixed | {sunday + timedelta(days=days) for days in moving})


def is_working_day(day: date) -> bool:
    """Whether people of a municipality are at work on this day, as far as the calendar tells."""
    return day.weekday() < 5 and day not in holidays(day.year)


def working_days_after(day: date, number: int) -> date:
    """The working day that is ``number`` working days after this day, which itself does not count.

    Args:
        number: at least 1.

    Raises:
        ValueError: ``number`` is less than 1.
    """
    if number < 1:
        raise ValueError(f"count at least one working day, not {number}")
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day

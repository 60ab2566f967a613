"""Working days: weekends and the public holidays of each year, worked out."""

from datetime import date, timedelta

import pytest

from models.working_days import easter, holidays, is_working_day, working_days_after


@pytest.mark.parametrize(
    "day", ["1961-04-02", "2000-04-23", "2008-03-23", "2024-03-31", "2026-04-05", "2038-04-25", "2049-04-18"]
)
def test_easter_is_on_the_day_of_the_church(day):
    assert easter(date.fromisoformat(day).year) == date.fromisoformat(day)


def test_the_holidays_of_a_year():
    assert [day.isoformat()[5:] for day in sorted(holidays(2026))] == [
        "01-01",
        "04-03",
        "04-06",
        "04-27",
        "05-05",
        "05-14",
        "05-25",
        "12-25",
        "12-26",
    ]


def test_the_kings_birthday_is_kept_a_day_earlier_when_it_is_a_sunday():
    assert {date(2025, 4, 26), date(2031, 4, 26)} < holidays(2025) | holidays(2031)
    assert date(2025, 4, 27) not in holidays(2025)


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        pytest.param("2026-11-20", 1, "2026-11-23", id="over a weekend"),
        pytest.param("2026-11-21", 1, "2026-11-23", id="from a Saturday on"),
        pytest.param("2026-12-24", 1, "2026-12-28", id="over Christmas"),
        pytest.param("2026-04-02", 1, "2026-04-07", id="over Easter"),
        pytest.param("2026-12-30", 2, "2027-01-04", id="into another year"),
        pytest.param("2026-04-21", 10, "2026-05-07", id="past the King and 5 May"),
    ],
)
def test_working_days_are_counted_from_the_day_after(day, number, expected):
    assert working_days_after(date.fromisoformat(day), number).isoformat() == expected


def test_counting_one_by_one_is_the_same_as_at_once():
    day = date(2026, 3, 20)
    for number in range(1, 60):
        stepped = day
        for _ in range(number):
            stepped = working_days_after(stepped, 1)
        assert stepped == working_days_after(day, number)
        assert is_working_day(stepped)


def test_no_days_are_no_number_of_working_days():
    with pytest.raises(ValueError, match="at least one"):
        working_days_after(date(2026, 1, 1) + timedelta(days=1), 0)

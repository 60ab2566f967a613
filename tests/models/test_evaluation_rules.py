"""Evaluations: how much is asked, and on which days."""

from datetime import date

from models.store.evaluation_questions import ASKED, QUESTIONS, Kind
from models.store.evaluations import months_after, reminder_day
from models.words import Moment


def test_no_form_has_more_than_six_questions_and_all_parties_are_asked():
    assert set(QUESTIONS) == {(moment, party) for moment in Moment for party in ASKED}
    for asked in QUESTIONS.values():
        assert 1 <= len(asked) <= 6
        assert len({one.name for one in asked}) == len(asked)
        # Three minutes: no more than two texts that can't be left open.
        assert sum(one.kind is Kind.TEXT and one.needed for one in asked) <= 2


def test_five_working_days_before_the_end_skips_weekends_and_holidays():
    assert reminder_day(date(2026, 11, 30)) == date(2026, 11, 23)
    # Christmas (Friday and Saturday) and New Year's Day (Friday).
    assert reminder_day(date(2027, 1, 4)) == date(2026, 12, 24)


def test_half_a_year_later_is_the_same_day_or_the_last_of_a_short_month():
    assert months_after(date(2026, 12, 18), 6) == date(2027, 6, 18)
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2027, 6, 30), 6) == date(2027, 12, 30)
    assert months_after(date(2027, 8, 29), 6) == date(2028, 2, 29)

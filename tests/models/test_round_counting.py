"""The joint choice counted: order, equal points, interests of one's own, quorum and places."""

import itertools
import random

import pytest

from models.store.round_counting import Candidate, TieBreak, Voice, Why, count, needed

A, B, C, D = "GM0001", "GM0002", "GM0003", "GM0004"
ALL = (A, B, C, D)


def counted(given, *, candidates=None, municipalities=ALL, quorum=0.5, places=None):
    """``given``: (municipality, initiative, points[, conflict]); initiatives 1 to 5 of nobody who chooses."""
    candidates = candidates or [Candidate(number, "GM9999") for number in range(1, 6)]
    voices = [Voice(*one) for one in given]
    return count(candidates, voices, municipalities=municipalities, quorum=quorum, places=places)


def outcome(result, number):
    return next(one for one in result.outcomes if one.initiative_id == number)


def test_most_points_come_first_and_all_with_any_are_chosen_when_places_are_not_limited():
    result = counted([(A, 1, 3), (A, 2, 7), (B, 2, 1), (B, 4, 9), (C, 5, 0)])

    assert result.chosen == (4, 2, 1)
    assert [one.rank for one in result.outcomes] == [1, 2, 3, None, None]
    assert [one.why for one in result.outcomes[3:]] == [Why.NO_SUPPORT, Why.NO_SUPPORT]
    assert (outcome(result, 2).total, outcome(result, 2).support) == (8, 2)
    assert result.border is None


def test_places_end_the_choice_at_the_very_number():
    given = [(A, 1, 5), (A, 2, 4), (A, 3, 3)]

    assert counted(given, places=3).chosen == (1, 2, 3)
    two = counted(given, places=2)
    assert two.chosen == (1, 2)
    assert outcome(two, 3).why is Why.NO_PLACE
    assert outcome(two, 3).rank == 3
    assert two.border is None, "their points differ"
    assert counted(given, places=9).chosen == (1, 2, 3)


def test_of_as_many_points_the_one_that_more_municipalities_support_goes_first():
    result = counted([(A, 1, 4), (B, 3, 2), (C, 3, 2), (D, 5, 1)], places=1)

    assert result.chosen == (3,)
    assert result.border is TieBreak.SUPPORT
    assert (outcome(result, 3).equals, outcome(result, 3).decided_by) == ((1,), TieBreak.SUPPORT)
    assert (outcome(result, 1).equals, outcome(result, 1).decided_by) == ((3,), TieBreak.SUPPORT)
    assert (outcome(result, 5).equals, outcome(result, 5).decided_by) == ((), None)


def test_of_as_much_of_everything_the_longest_in_the_register_goes_first():
    result = counted([(A, 5, 4), (B, 2, 4), (C, 4, 2), (D, 4, 2)], places=2)

    assert result.chosen == (4, 2)
    assert result.border is TieBreak.AGE
    assert outcome(result, 5).decided_by is TieBreak.AGE
    assert outcome(result, 5).equals == (4, 2)
    assert outcome(result, 4).decided_by is TieBreak.SUPPORT


def test_points_for_ones_own_and_where_one_has_an_interest_do_not_count_and_that_is_told():
    candidates = [Candidate(1, A), Candidate(2, B)]
    result = counted([(A, 1, 9), (B, 1, 1), (C, 1, 6, True), (A, 2, 1)], candidates=candidates)

    first = outcome(result, 1)
    assert (first.total, first.support) == (1, 1)
    assert first.conflicts == 2
    assert result.chosen == (1, 2), "equal points and support: the lowest number"


def test_who_may_not_choose_is_not_heard_and_what_fell_out_is_not_chosen():
    candidates = [Candidate(1, "GM9999", out=True), Candidate(2, "GM9999"), Candidate(3, "GM9999")]
    result = counted(
        [(A, 1, 9), (D, 2, 9), (A, 3, 1), (A, 77, 5)],
        candidates=candidates,
        municipalities=(A, B, C),
    )

    assert result.chosen == (3,)
    assert [one.initiative_id for one in result.outcomes] == [3, 2, 1]
    assert outcome(result, 1).why is Why.OUT
    assert outcome(result, 2).why is Why.NO_SUPPORT
    assert (result.municipalities, result.voted) == (3, 1)


@pytest.mark.parametrize(
    ("municipalities", "quorum", "least"),
    [
        (10, 0.5, 5),
        (11, 0.5, 6),
        (3, 0.0, 1),
        (3, 1.0, 3),
        (30, 0.1, 3),
        (7, 3 / 7, 3),
        (0, 0.5, 1),
        (3, 0.34, 2),
    ],
)
def test_the_quorum_is_rounded_up_and_never_nobody(municipalities, quorum, least):
    assert needed(municipalities, quorum) == least


def test_who_gives_nothing_any_points_has_chosen():
    nobody = counted([])
    assert (nobody.voted, nobody.needed, nobody.quorum_met) == (0, 2, False)
    one = counted([(A, 1, 3)])
    assert not one.quorum_met
    assert counted([(A, 1, 3), (B, 1, 0), (B, 2, 0)]).quorum_met


def test_the_order_in_which_votes_come_in_makes_no_difference():
    dice = random.Random(7)
    for _again in range(200):
        given = [
            (town, number, dice.randint(0, 2), dice.random() < 0.2)
            for town, number in itertools.product(ALL, range(1, 6))
        ]
        first = counted(given, places=dice.choice([None, 1, 2, 3]))
        dice.shuffle(given)
        again = counted(given, places=first.places)
        assert again == first
        totals = [one.total for one in first.outcomes if one.rank]
        assert totals == sorted(totals, reverse=True)
        assert len(first.chosen) <= (first.places or 5)
        chosen = [outcome(first, number) for number in first.chosen]
        refused = [one for one in first.outcomes if one.why is Why.NO_PLACE]
        for one, other in itertools.product(chosen, refused):
            assert (one.total, one.support, -one.initiative_id) > (
                other.total,
                other.support,
                -other.initiative_id,
            )

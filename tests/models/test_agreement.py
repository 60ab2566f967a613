"""Agreement of two readers: held against the published formula, and against chance."""

import random

import krippendorff
import numpy as np
import pytest

from models.agreement import FEW_PAIRS, Agreement, _alphas, agreement_of


def test_readers_who_always_agree_have_alpha_one_and_a_tight_interval() -> None:
    one = agreement_of(both_yes=40, both_no=60, first_only=0, second_only=0)

    assert (one.alpha, one.low, one.high) == (1.0, 1.0, 1.0)
    assert (one.pairs, one.same, one.share_same) == (100, 100, 1.0)


def test_a_known_table_gives_the_known_alpha() -> None:
    # By hand: 100 pairs, 20 different; 200 words, of which 2 x 30 + 20 = 80 yes and 120 no.
    one = agreement_of(both_yes=30, both_no=50, first_only=8, second_only=12)

    assert one.alpha is not None
    assert one.alpha == pytest.approx(1 - 199 * 20 / (80 * 120))
    assert one.share_same == 0.8
    assert one.low is not None
    assert one.high is not None
    assert one.low < one.alpha < one.high
    # Some 0.13 to either side: what 100 pairs allow to say.
    assert 0.2 < one.high - one.low < 0.35


def test_readers_who_toss_coins_have_an_interval_around_nothing() -> None:
    one = agreement_of(both_yes=50, both_no=50, first_only=50, second_only=50)

    assert one.alpha == pytest.approx(0, abs=0.01)
    assert one.low is not None
    assert one.high is not None
    assert one.low < 0 < one.high


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param((0, 0, 0, 0), id="nothing"),
        pytest.param((9, 9, 1, 0), id="too few"),
        pytest.param((50, 0, 0, 0), id="everybody always said yes"),
        pytest.param((0, 50, 0, 0), id="everybody always said no"),
    ],
)
def test_where_there_is_nothing_to_say_nothing_is_said(counts: tuple[int, int, int, int]) -> None:
    one = agreement_of(*counts)

    assert one == Agreement(None, sum(counts), counts[0] + counts[1])
    assert sum(counts[:4]) < FEW_PAIRS or 0 in counts


def test_the_same_pairs_always_have_the_same_interval() -> None:
    assert agreement_of(20, 20, 5, 5) == agreement_of(20, 20, 5, 5)


def test_the_quick_formula_of_the_interval_is_that_of_the_package() -> None:
    numbers = random.Random("pairs")
    lines = [[numbers.randint(0, 30) for _ in range(4)] for _ in range(50)]

    quick = _alphas(np.array(lines))

    for counts, alpha in zip(lines, quick, strict=True):
        said = np.repeat(np.array([[1, 0, 1, 0], [1, 0, 0, 1]]), counts, axis=1)
        assert alpha == pytest.approx(
            krippendorff.alpha(reliability_data=said, level_of_measurement="nominal")
        )

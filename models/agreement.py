"""How far two readers agree, one of whom did not know what the other said; without database or clock.

Krippendorff's alpha is 1 when they always agree and 0 when they agree as often as chance would have
it. Its interval comes from drawing the pairs anew, with replacement, :data:`RESAMPLES` times.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

# Imports of what takes long stand in the functions: `review serve` must answer within seconds.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Pairs below which nothing is said: with 19 the interval is over 0.5 wide.
FEW_PAIRS = 20
#: Chance that alpha of many more pairs of this kind lies in the interval.
CONFIDENCE = 0.90
#: Times that the pairs are drawn anew; the ends of the interval then move by less than 0.02.
RESAMPLES = 2000
#: Same pairs, same interval.
SEED = 20261122
#: Alpha from which readers are usually taken to agree well, and from which somewhat (Krippendorff, 2004).
WELL, SOMEWHAT = 0.8, 0.667


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two readers made of the same leads."""

    #: None = too few pairs, or everybody always said the same, so that chance has no say.
    alpha: float | None
    pairs: int
    #: Pairs in which both said the same.
    same: int
    #: Interval of alpha; None where alpha is.
    low: float | None = None
    high: float | None = None

    @property
    def share_same(self) -> float | None:
        """Part of the pairs in which both said the same, 0.0 to 1.0; None = no pairs."""
        return self.same / self.pairs if self.pairs else None


def agreement_of(both_yes: int, both_no: int, first_only: int, second_only: int) -> Agreement:
    """Agreement of pairs of yes and no.

    Args:
        both_yes, both_no: pairs in which both said yes, or no.
        first_only, second_only: pairs in which only the first, or only the second, said yes.
    """
    pairs, same = both_yes + both_no + first_only + second_only, both_yes + both_no
    one_word = pairs in (both_yes, both_no)
    if pairs < FEW_PAIRS or one_word:
        return Agreement(None, pairs, same)
    import krippendorff
    import numpy as np

    counts = np.array([both_yes, both_no, first_only, second_only])
    # One line for each reader, one column for each pair.
    said = np.repeat(np.array([[1, 0, 1, 0], [1, 0, 0, 1]]), counts, axis=1)
    alpha = float(krippendorff.alpha(reliability_data=said, level_of_measurement="nominal"))
    drawn = np.random.default_rng(SEED).multinomial(pairs, counts / pairs, size=RESAMPLES)
    low, high = np.quantile(_alphas(drawn), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Agreement(alpha, pairs, same, float(low), float(high))


def _alphas(counts: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """Alpha of each line of four counts: the same formula, worked out for all lines at once."""
    import numpy as np

    both_yes, both_no, first_only, second_only = counts.T
    different = first_only + second_only
    yes, no = 2 * both_yes + different, 2 * both_no + different
    by_chance = yes * no
    # Where all said the same there is nothing to explain by chance: full agreement.
    return np.where(by_chance > 0, 1 - (yes + no - 1) * different / np.maximum(by_chance, 1), 1.0)

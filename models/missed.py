"""How many initiatives were missed: estimates from random draws, without database or clock.

Of the items that score too low for the queue some are drawn, each with a chance that is known, and
looked at all the same. Every initiative found that way stands for others that were not drawn: at a
chance of 1 in 50 for 49 more (Horvitz and Thompson). How many draws of a kind come up is chance, so
the answer is an interval: in 90 of 100 cases the true number lies in it. It is made so that it holds
for small counts too: the gamma interval for a weighted sum of rare events (Fay and Feuer, 1997),
which is exact where all chances are equal and errs on the wide side where they are not. No find at
all in the draws still leaves room for three times what one draw stands for.

A municipality with few draws borrows from the whole network: its own finds are weighed together with
the network's rate, as though that were :data:`FEW` draws of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor

# Imports of what takes long stand in the functions: `review serve` must answer within seconds.

#: Draws looked at below which a municipality borrows from the network, and below which the network
#: says nothing: even 30 without a find leave room for one initiative in ten of what was not drawn.
FEW = 30
#: Chance that the truth lies in the interval.
CONFIDENCE = 0.90
TAIL = (1 - CONFIDENCE) / 2


class Basis(StrEnum):
    """What an estimate rests on."""

    OWN = "own"  # its own draws
    NETWORK = "network"  # few draws of its own, weighed together with the network's
    NONE = "none"  # too few to say anything


@dataclass(frozen=True, slots=True)
class Draw:
    """One item drawn from those that scored too low, or several that are alike."""

    #: Of being drawn: above 0.0, at most 1.0.
    chance: float
    #: Whether it was an initiative; None = nobody has looked (yet).
    initiative: bool | None
    number: int = 1


@dataclass(frozen=True)
class Missed:
    """How many initiatives scored too low, those found by the draws included."""

    basis: Basis
    #: Items drawn, of these looked at, and of these initiatives.
    drawn: int
    looked_at: int
    hits: int
    #: Initiatives in leads that scored high enough.
    found: int
    #: Best guess and 90 % interval; all 0.0 without a basis.
    estimate: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def known(self) -> bool:
        """Whether there is an estimate."""
        return self.basis is not Basis.NONE

    @property
    def between(self) -> tuple[int, int]:
        """The interval in whole initiatives, never narrower than it is."""
        # A hair of rounding must not make two of what is one.
        return floor(self.low + 1e-9), ceil(self.high - 1e-9)

    @property
    def share_found(self) -> tuple[float, float, float] | None:
        """Part of all initiatives that scored high enough: best guess, lowest, highest; 0.0 to 1.0.

        None = no estimate, or perhaps nothing to find.
        """
        if not self.known or self.found + self.low <= 0:
            return None
        best, lowest, highest = (
            self.found / (self.found + number) for number in (self.estimate, self.high, self.low)
        )
        return best, lowest, highest


@dataclass(frozen=True)
class _Sample:
    """Draws of one municipality, each weighed by the number of undrawn items that it stands for."""

    drawn: int
    looked_at: int
    #: Of draws looked at: what one stands for beside itself, whether it was an initiative, and how many
    #: there are of this kind.
    kinds: tuple[tuple[float, bool, int], ...]

    @property
    def hits(self) -> int:
        """Initiatives among the draws looked at."""
        return sum(number for _, hit, number in self.kinds if hit)

    @property
    def unseen(self) -> float:
        """Items that nobody looked at."""
        return sum(weight * number for weight, _, number in self.kinds)

    @property
    def unseen_hits(self) -> float:
        """Initiatives among them, as far as the draws say."""
        return sum(weight * number for weight, hit, number in self.kinds if hit)


def estimates(
    draws: Mapping[str, Sequence[Draw]], found: Mapping[str, int]
) -> tuple[dict[str, Missed], Missed]:
    """Estimates for each municipality, and for all together.

    Draws that nobody looked at yet count as though they were like those that were: in the queue they
    come in the order in which they were drawn, whatever they score.

    Args:
        draws: by municipality; the names are the caller's.
        found: initiatives in leads that scored high enough, by municipality.
    """
    samples = {name: _sample(draws.get(name, ())) for name in {*draws, *found}}
    network = _Sample(
        drawn=sum(sample.drawn for sample in samples.values()),
        looked_at=sum(sample.looked_at for sample in samples.values()),
        kinds=tuple(kind for name in sorted(samples) for kind in samples[name].kinds),
    )
    whole = _estimate(network, None, sum(found.values()))
    return {name: _estimate(sample, network, found.get(name, 0)) for name, sample in samples.items()}, whole


def _sample(draws: Iterable[Draw]) -> _Sample:
    every = list(draws)
    seen = [draw for draw in every if draw.initiative is not None]
    looked_at = sum(draw.number / draw.chance for draw in seen)
    # What was drawn but not looked at is stood for by what was.
    more = sum(draw.number / draw.chance for draw in every) / looked_at if looked_at else 0.0
    return _Sample(
        drawn=sum(draw.number for draw in every),
        looked_at=sum(draw.number for draw in seen),
        kinds=tuple(
            (max(0.0, more / draw.chance - 1), bool(draw.initiative), draw.number)
            for draw in seen
            if draw.number
        ),
    )


def _estimate(sample: _Sample, network: _Sample | None, found: int) -> Missed:
    """The estimate for one sample; without ``network`` it is the network itself."""
    counts = {
        "drawn": sample.drawn,
        "looked_at": sample.looked_at,
        "hits": sample.hits,
        "found": found,
    }
    if sample.looked_at >= FEW:
        return _around(Basis.OWN, sample, counts, _own(sample))
    if sample.looked_at and network is not None and network.looked_at >= FEW:
        return _around(Basis.NETWORK, sample, counts, _borrowed(sample, network))
    return Missed(Basis.NONE, **counts)


def _around(
    basis: Basis, sample: _Sample, counts: Mapping[str, int], unseen: tuple[float, float, float]
) -> Missed:
    """With the hits, which are certain, added to what is estimated among the unseen."""
    number, low, high = (min(value, sample.unseen) + sample.hits for value in unseen)
    return Missed(basis, **counts, estimate=number, low=low, high=high)


def _own(sample: _Sample) -> tuple[float, float, float]:
    """Initiatives among the unseen: best guess, lowest, highest, from its own draws."""
    from scipy.special import gammaincinv

    total = sample.unseen_hits
    squares = sum(weight**2 * number for weight, hit, number in sample.kinds if hit)
    most = max(weight for weight, _, _ in sample.kinds)
    low = squares / total * gammaincinv(total**2 / squares, TAIL) if total else 0.0
    # One more hit of the heaviest kind, which may just have been missed.
    total_up, squares_up = total + most, squares + most**2
    high = squares_up / total_up * gammaincinv(total_up**2 / squares_up, 1 - TAIL) if most else 0.0
    return total, float(low), float(high)


def _borrowed(sample: _Sample, network: _Sample) -> tuple[float, float, float]:
    """The same from few draws and the rate of the network.

    The rate of initiatives among the unseen is a gamma variable: before, :data:`FEW` draws at the
    network's rate; after, with the own draws added. Its number is then negative binomial.
    """
    if not sample.unseen:
        return 0.0, 0.0, 0.0
    # Half a hit more: a network without any has a low rate, not none.
    average = network.unseen / network.looked_at
    rate = (network.unseen_hits + 0.5 * average) / network.unseen if network.unseen else 0.0
    own = sample.unseen_hits / sample.unseen * sample.looked_at
    shape, draws = FEW * rate + own, FEW + sample.looked_at
    if not shape:
        return 0.0, 0.0, 0.0
    chance = draws / (draws + sample.unseen)
    return (
        shape / draws * sample.unseen,
        float(_quantile(TAIL, shape, chance)),
        float(_quantile(1 - TAIL, shape, chance)),
    )


def _quantile(part: float, shape: float, chance: float) -> int:
    """Least number of which a negative binomial variable is at most with probability ``part``."""
    from scipy.special import betainc

    high = 1
    while betainc(shape, high + 1, chance) < part:
        high *= 2
    low = 0
    while low < high:
        middle = (low + high) // 2
        if betainc(shape, middle + 1, chance) < part:
            low = middle + 1
        else:
            high = middle
    return low

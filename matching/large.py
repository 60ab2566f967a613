"""Choosing in large rounds: bounds and answers by patterns, for the aims of ``matching.solve``.

What is worth most here is an initiative more; the fit counts beside it, so that one programme of patterns
leads to answers that are good for both. Bounds hold for exactly what they are asked for: each is proved
anew with prices of its own.
"""

from collections.abc import Callable

import numpy as np

from matching.columns import SPREAD, Columns, Sides
from matching.patterns import Patterns
from matching.prices import first_prices
from matching.program import LEAN, ROUNDING, Program, Vector

#: What one initiative more is worth, beside the highest fit. More says nothing new and takes longer.
WEIGHT = 3.0
#: Most time for one dive as a share of all; how near to the bound an answer need be, as one of the weight.
DIVE, NEAR = 0.25, 0.25
#: Share of whole patterns that is kept in one dive after the other, until one serves enough.
KEPT = (1.0, 0.75)
#: A part of all fit that is not worth another dive.
SMALL = 1e-4
#: A part of the load that is not worth all of the time left.
NEARLY_EVEN = 0.005
Left = Callable[[], float]


class Large:
    """Patterns for one round."""

    def __init__(self, program: Program, seconds: float) -> None:
        self.program = program
        self.seconds = DIVE * seconds
        self.patterns = Patterns(program)
        self.columns = Columns(program, self.patterns)
        self.pinned = float(program.pinned.sum())
        self.pinned_fit = float(program.fit[program.pinned].sum())
        self.weight = WEIGHT * float(program.fit.max(initial=1.0) or 1.0)
        self.value = program.fit + self.weight
        highest = float(program.fit.max(initial=1.0) or 1.0)
        self.ones = 1.0 + LEAN * program.fit / (highest * max(1, self.patterns.count))
        self._prices: Vector | None = None

    def most_served(self, left: Left) -> tuple[Vector | None, float]:
        """An answer, if one is found, and how many can be served at most."""
        reached = self._climb(0, left)
        chosen = self._dive(reached, left)
        found = self.columns.climb(
            self.ones,
            left,
            enough=lambda bound, reached: np.floor(bound + ROUNDING) <= np.floor(reached + ROUNDING),
        )
        return chosen, np.floor(found.bound + ROUNDING) + self.pinned

    def could_serve(self, served: int, floor: int, left: Left) -> bool:
        """False = it is proved that so many can't be served by pairs that fit this well."""
        least = served - self.pinned - ROUNDING
        self._climb(floor, left, near=1.0)
        found = self.columns.climb(
            self.ones,
            left,
            floor=floor,
            enough=lambda bound, reached: bound < least or reached >= least,
        )
        return found.bound >= least

    def answer(self, served: int, floor: int, left: Left) -> Vector | None:
        """An answer of pairs that fit this well, which serves so many if one is found and fits well."""
        reached = self._climb(floor, left)
        for whole in KEPT:
            chosen = self._dive(reached, left, whole)
            if chosen is not None and chosen.sum() >= served:
                return chosen
        return None

    def top(self, served: int, fits: list[int], low: int, left: Left) -> int:
        """Place of the highest of these fits with which it is not proved that fewer can be served.

        Args:
            fits: in order.
            low: place of one that is known to do; from there up in growing steps, then by halving.
        """
        high, step = len(fits), 1
        while high - low > 1 and left() > 0:
            middle = min(low + step, (low + high) // 2) if step else (low + high) // 2
            if self.could_serve(served, fits[middle], left):
                low, step = middle, 2 * step
            else:
                high, step = middle, 0
        return high - 1

    def most_fit(self, chosen: Vector, served: int, floor: int, left: Left) -> tuple[Vector, float]:
        """An answer like ``chosen`` with the most fit that is found, and how much all can add up to.

        Args:
            served: how many must be served at least.
            floor: how well all must fit.
        """
        prices = self._prices
        if prices is not None:
            prices = prices.copy()
            prices[-2] = self.weight
        fit = self.program.fit
        sides = Sides(served - self.pinned)
        found = self.columns.climb(fit, left, prices=prices, floor=floor, sides=sides)
        most = np.floor(found.bound + ROUNDING) + self.pinned_fit
        if most - fit @ chosen > SMALL * most:
            self._climb(floor, left)
            other = self.columns.dive(min(self.seconds, left()))
            if other is not None and other.sum() >= served and fit @ other > fit @ chosen:
                chosen = other
        return chosen, most

    def evenly(self, chosen: Vector, floor: int, left: Left) -> tuple[Vector | None, float]:
        """An answer that is as good as this one and more even, if one is found, and the least squares."""
        own = self.patterns.pinned
        number = np.arange(int(self.patterns.most.max(initial=0)) + 1)
        costs = ((number[None, :] + own[:, None]) ** 2 - own[:, None] ** 2).astype(float)
        nothing = np.zeros(len(chosen))
        free = np.flatnonzero((chosen > 0.5) & ~self.program.pinned)
        free = free[np.argsort(self.patterns.consultant[free], kind="stable")]
        self.columns.keep(free, nothing, costs)
        sides = Sides(float(len(free)), float(self.program.fit @ chosen) - self.pinned_fit)
        found = self.columns.climb(
            nothing,
            left,
            floor=floor,
            sides=sides,
            costs=costs,
            enough=lambda bound, reached: np.floor(bound + ROUNDING) <= np.floor(reached + ROUNDING),
        )
        least = float((own**2).sum()) - np.floor(found.bound + ROUNDING)
        if self.program.squares(chosen) <= least:
            return None, least
        return self.columns.dive(min(self.seconds, left()), whole=0.0), least

    def _climb(self, floor: int, left: Left, *, near: float = 0.0) -> float:
        """Find patterns that serve many and fit well; gives what they reach."""
        first = self._prices is None
        prices = first_prices(self.patterns, self.value) if self._prices is None else self._prices
        found = self.columns.climb(
            self.value,
            left,
            prices=prices,
            floor=floor,
            spread=SPREAD if first else 0,
            enough=lambda bound, reached: bound - reached < near * self.weight,
        )
        if near == 0.0:
            self._prices = found.prices
        return found.reached

    def _dive(self, reached: float, left: Left, whole: float = 1.0) -> Vector | None:
        return self.columns.dive(min(self.seconds, left()), whole=whole, enough=reached - NEAR * self.weight)

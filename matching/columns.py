"""A programme of patterns: each consultant has one of the patterns found so far, or none.

Patterns are added where the prices of this programme say that a better one is missing; that ends close to
the best that is possible when patterns may be split, which lies much closer to the best answer than splitting
pairs does. At any moment, prices and best patterns together prove a bound, whatever the prices are:
everything served at its price, and the worth of the best pattern of each consultant beyond that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from matching.patterns import Best, Patterns, Places
from matching.program import INFINITY, Program, Vector

#: How far the prices of the next step stay with the best ones so far; else they swing.
STAY = 0.6
#: Steps before the first programme is solved, that only collect patterns near the prices; and how far the
#: first of these goes, as a share of what pairs are worth, and each next one beside the one before.
SPREAD, STRIDE, SHORTER = 20, 0.05, 0.9
#: Bound and programme closer than this share of the bound are the same.
SAME = 1e-6
#: A pattern taken so far is taken whole when diving.
WHOLE = 0.999
#: Part of the work of diving that goes to looking for answers.
EFFORT = 0.3


@dataclass(frozen=True)
class Sides:
    """What all patterns together must keep besides, the pins not counted."""

    served: float = -INFINITY
    fit: float = -INFINITY


#: What patterns are worth, the lowest fit, and the other arguments of :meth:`Columns.climb`.
_Aim = tuple[Vector, int, Sides, Vector | None]


@dataclass(frozen=True)
class Climbed:
    """What adding patterns led to."""

    #: No answer is better.
    bound: float
    #: What the patterns so far give when they may be split.
    reached: float
    #: Price of each initiative, then of :class:`Sides`, that prove the bound.
    prices: Vector


class Columns:
    """Patterns found so far, and the programme over them."""

    def __init__(self, program: Program, patterns: Patterns) -> None:
        self.program, self.patterns = program, patterns
        self.fit = program.fit
        self._known: set[tuple[int, ...]] = set()
        #: Pairs of all columns one after the other, where each begins, and its consultant.
        self._flat: Places = np.zeros(0, dtype=int)
        self._first: Places = np.zeros(0, dtype=int)
        self._who: Places = np.zeros(0, dtype=int)
        self._floor = 0
        highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.silent()
        highs.setOptionValue("threads", 1)
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        rows = patterns.count + len(patterns.most)
        empty = np.zeros(0, dtype=np.int32)
        for row in range(rows + 2):
            highs.addRow(-INFINITY, 1.0 if row < rows else INFINITY, 0, empty, np.zeros(0))
        self._rows = rows
        self._highs = highs

    # -- columns -----------------------------------------------------------------------------------

    def keep(self, pairs: Places, value: Vector, costs: Vector | None = None) -> int:
        """Add the patterns of these pairs, one after the other by consultant; how many were new."""
        who = self.patterns.consultant[pairs]
        new: list[Places] = []
        for own in np.split(pairs, np.flatnonzero(np.diff(who)) + 1):
            key = tuple(sorted(own.tolist()))
            if key and key not in self._known:
                self._known.add(key)
                new.append(own)
        if not new:
            return 0
        sizes = np.array([len(own) for own in new])
        flat = np.concatenate(new)
        first = np.cumsum(sizes) - sizes
        who = self.patterns.consultant[flat[first]]
        entries = [
            np.concatenate([self.patterns.initiative[own], [self.patterns.count + one], self._sides()])
            for own, one in zip(new, who, strict=True)
        ]
        values = [np.concatenate([np.ones(len(own) + 1), [len(own), self.fit[own].sum()]]) for own in new]
        self._highs.addCols(
            len(new),
            self._worth(flat, first, who, value, costs),
            np.zeros(len(new)),
            np.full(len(new), INFINITY),
            int(sizes.sum()) + 3 * len(new),
            (first + 3 * np.arange(len(new))).astype(np.int32),
            np.concatenate(entries).astype(np.int32),
            np.concatenate(values),
        )
        self._first = np.concatenate([self._first, first + len(self._flat)])
        self._flat = np.concatenate([self._flat, flat])
        self._who = np.concatenate([self._who, who])
        return len(new)

    def _sides(self) -> Places:
        return np.array([self._rows, self._rows + 1])

    @staticmethod
    def _worth(flat: Places, first: Places, who: Places, value: Vector, costs: Vector | None) -> Vector:
        worth: Vector = np.add.reduceat(value[flat], first)
        if costs is not None:
            worth = worth - costs[who, np.diff(np.append(first, len(flat)))]
        return worth

    def _aim_at(self, value: Vector, floor: int, sides: Sides, costs: Vector | None) -> None:
        """Set objective and bounds anew."""
        highs = self._highs
        self._floor = floor
        count = len(self._first)
        columns = np.arange(count, dtype=np.int32)
        if count:
            lowest = np.minimum.reduceat(self.fit[self._flat], self._first)
            worth = self._worth(self._flat, self._first, self._who, value, costs)
            highs.changeColsCost(count, columns, worth)
            highs.changeColsBounds(count, columns, np.zeros(count), np.where(lowest < floor, 0.0, INFINITY))
        highs.changeRowBounds(self._rows, sides.served, INFINITY)
        highs.changeRowBounds(self._rows + 1, sides.fit, INFINITY)

    # -- bounds ------------------------------------------------------------------------------------

    def priced(
        self, value: Vector, prices: Vector, floor: int, sides: Sides, costs: Vector | None
    ) -> tuple[float, Best]:
        """A bound that these prices prove, and the patterns that go with it."""
        served, fit = prices[-2:]
        profit = value + served + fit * self.fit - prices[self.patterns.initiative]
        best = self.patterns.best(np.where(self.fit < floor, -1.0, profit), costs)
        bound = float(best.worth.sum() + prices[:-2].sum())
        for price, least in ((served, sides.served), (fit, sides.fit)):
            bound -= price * least if price else 0.0
        return bound, best

    def climb(
        self,
        value: Vector,
        seconds: Callable[[], float],
        *,
        prices: Vector | None = None,
        floor: int = 0,
        sides: Sides | None = None,
        costs: Vector | None = None,
        spread: int = 0,
        enough: Callable[[float, float], bool] = lambda bound, reached: False,
    ) -> Climbed:
        """Add patterns until bound and programme meet.

        Args:
            value: what each pair is worth.
            seconds: how many are left.
            prices: to begin with; None = those of the patterns so far.
            costs: see :meth:`matching.patterns.Patterns.best`.
            spread: steps that only collect patterns around ``prices``.
            enough: asked with bound and what was reached; True = that is near enough.
        """
        sides = sides or Sides()
        self._aim_at(value, floor, sides, costs)
        bound, reached = INFINITY, -INFINITY
        best = prices
        if prices is not None and spread:
            bound, best = self._collect(prices, spread, seconds, (value, floor, sides, costs))
        while seconds() > 0:
            found = self._solve(seconds())
            if found is None:
                break
            reached, own = found
            at = own if best is None else STAY * best + (1 - STAY) * own
            told, patterns = self.priced(value, at, floor, sides, costs)
            if told < bound:
                bound, best = told, at
            new = self.keep(patterns.pairs, value, costs)
            if bound - reached <= SAME * max(1.0, abs(bound)) or enough(bound, reached):
                break
            if not new and best is at and np.array_equal(at, own):
                break
        return Climbed(bound, reached, np.zeros(self.patterns.count + 2) if best is None else best)

    def _collect(
        self, prices: Vector, steps: int, seconds: Callable[[], float], aim: _Aim
    ) -> tuple[float, Vector]:
        """Patterns for prices around these: raised where two took the same, lowered where nobody did."""
        value, floor, sides, costs = aim
        bound, best, at = INFINITY, prices, prices.copy()
        stride = STRIDE * float(np.abs(value).mean())
        for _ in range(steps):
            if seconds() <= 0:
                break
            told, patterns = self.priced(value, at, floor, sides, costs)
            if told < bound:
                bound, best = told, at.copy()
            self.keep(patterns.pairs, value, costs)
            taken = np.bincount(self.patterns.initiative[patterns.pairs], minlength=self.patterns.count)
            at[:-2] = np.maximum(0.0, at[:-2] + stride * (taken - 1))
            stride *= SHORTER
        return bound, best

    def _solve(self, seconds: float) -> tuple[float, Vector] | None:
        """What the patterns so far give, and their prices; None = not in time."""
        highs = self._highs
        # HiGHS counts the seconds of all runs of a programme together.
        highs.setOptionValue("time_limit", float(highs.getRunTime()) + max(0.05, seconds))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        prices = np.array(highs.getSolution().row_dual)
        prices = np.concatenate([prices[: self.patterns.count], -prices[-2:]])
        return float(highs.getInfo().objective_function_value), np.maximum(0.0, prices)

    # -- answers -----------------------------------------------------------------------------------

    def dive(self, seconds: float, *, whole: float = 1.0, enough: float = INFINITY) -> Vector | None:
        """An answer of whole patterns near what was climbed to last; None = none was found.

        Args:
            whole: share of the patterns taken whole anyway that is kept.
            enough: an answer worth so much will do.
        """
        count = len(self._first)
        if not count or seconds <= 0 or self._solve(seconds) is None:
            return None
        amounts = np.array(self._highs.getSolution().col_value)
        taken = amounts > WHOLE
        places = np.flatnonzero(taken)
        taken[np.random.default_rng(1).permutation(places)[int(whole * len(places)) :]] = False
        busy = np.zeros(len(self.patterns.most), dtype=bool)
        busy[self._who[taken]] = True
        lowest = np.minimum.reduceat(self.fit[self._flat], self._first)
        out = (busy[self._who] & ~taken) | (lowest < self._floor)
        highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.silent()
        highs.passModel(self._highs.getLp())
        columns = np.arange(count, dtype=np.int32)
        highs.changeColsBounds(count, columns, taken.astype(float), np.where(out, 0.0, 1.0))
        highs.changeColsIntegrality(count, columns, np.ones(count, dtype=np.uint8))
        for name, value in (
            ("threads", 1),
            ("random_seed", 1),
            ("time_limit", seconds),
            ("mip_heuristic_effort", EFFORT),
            ("mip_rel_gap", SAME),
            ("objective_target", enough),
        ):
            highs.setOptionValue(name, value)
        highs.run()
        if highs.getInfo().primal_solution_status != 2:
            return None
        chosen = self.program.pinned.astype(float)
        columns_taken = np.flatnonzero(np.array(highs.getSolution().col_value) > 0.5)
        ends = np.append(self._first, len(self._flat))
        for column in columns_taken:
            chosen[self._flat[ends[column] : ends[column + 1]]] = 1.0
        return chosen

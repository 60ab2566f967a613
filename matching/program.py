"""The integer programme behind a matching: columns are pairs, rows what initiatives and consultants allow.

Solved by HiGHS (highspy). One programme serves all aims: between them only objective, bounds and single rows
change, and each solve starts from the answer of the one before.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.problem import FULL, Key, Pair, Problem

Vector = NDArray[np.float64]
#: Objectives are whole numbers: a bound closer than this to a value proves it.
NEARLY_ONE = 0.999
#: How far a bound may lie above a whole number by rounding alone.
ROUNDING = 1e-6
INFINITY = highspy.kHighsInf
#: How much all fits together may count beside one initiative more, where fit only breaks ties.
LEAN = 0.05
#: Part of the work that HiGHS spends on looking for answers, not bounds; its own 0.05 finds few here
#: (2026-11-22, 300 x 150 with hours for most: 169 served after 6 s, with this 246 of at most 252).
EFFORT = 0.3
#: Up to so many pairs the best answer is proved to the last point of fit; beyond, an answer is taken that is
#: proved to be within this part of the best: the last tenth of a percent takes most of the time.
EXACT, CLOSE = 2_500, 0.001
#: Told while solving: value so far, bound.
Heard = Callable[[float, float], None]


@dataclass(frozen=True)
class Solved:
    """What one solve gave."""

    #: 1 for each pair that is chosen; None = there is no answer, or none was found in time.
    chosen: Vector | None
    #: No answer can have a larger objective.
    bound: float
    #: It is proved that there is no better answer (or, without one, that there is none at all).
    proved: bool


@dataclass(frozen=True)
class Relaxed:
    """What it would be if pairs could be split."""

    #: How much of each pair is taken, 0 to 1.
    amounts: Vector
    #: No answer serves more, rounded down.
    bound: float


class Program:
    """One matching as an integer programme; always maximises."""

    def __init__(self, problem: Problem, pairs: Sequence[Pair]) -> None:
        self.pairs = tuple(pairs)
        self.number: dict[Key, int] = {pair.key: place for place, pair in enumerate(self.pairs)}
        self.fit: Vector = np.array([pair.fit for pair in self.pairs], dtype=float)
        self.pinned = np.array([pair.key in problem.pins for pair in self.pairs], dtype=bool)
        half_hours = {one.key: one.half_hours for one in problem.initiatives}
        self.hours: Vector = np.array([half_hours[pair.initiative] for pair in self.pairs], dtype=float)
        self.capacity = {one.key: one.half_hours for one in problem.consultants}
        self.most = {one.key: one.most for one in problem.consultants}
        self.of_initiative = self._group([pair.initiative for pair in self.pairs])
        self.of_consultant = self._group([pair.consultant for pair in self.pairs])
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.silent()
        for name, value in (
            ("random_seed", 1),
            ("threads", 1),
            ("mip_feasibility_tolerance", 1e-7),
            ("mip_heuristic_effort", EFFORT),
        ):
            self._highs.setOptionValue(name, value)
        self._build()
        self._floor = 0
        #: What the columns of :meth:`_add_steps` cost; None = they are not there yet.
        self._steps: Vector | None = None

    @staticmethod
    def _group(keys: Sequence[str]) -> dict[str, NDArray[np.int32]]:
        places: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            places.setdefault(key, []).append(place)
        return {key: np.array(own, dtype=np.int32) for key, own in places.items()}

    def _build(self) -> None:
        count = len(self.pairs)
        highs = self._highs
        highs.addVars(count, self.pinned.astype(float), np.ones(count))
        columns = np.arange(count, dtype=np.int32)
        highs.changeColsIntegrality(count, columns, np.ones(count, dtype=np.uint8))
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for own in self.of_initiative.values():
            self._row(-INFINITY, 1.0, own, np.ones(len(own)))
        for key, own in self.of_consultant.items():
            self._row(-INFINITY, self.capacity[key], own, self.hours[own])
            if self.most[key] < len(own):
                self._row(-INFINITY, self.most[key], own, np.ones(len(own)))

    def _row(self, low: float, high: float, columns: NDArray[np.int32], values: Vector) -> int:
        self._highs.addRow(low, high, len(columns), columns, values)
        return int(self._highs.getNumRow()) - 1

    # -- what an answer must keep ------------------------------------------------------------------

    def at_least(self, values: Vector, least: float) -> int:
        """From now on the chosen pairs add up to at least this much; gives the number of the row."""
        columns = np.flatnonzero(values).astype(np.int32)
        return self._row(least, INFINITY, columns, values[columns])

    def change_least(self, row: int, least: float) -> None:
        """Ask for more, or less, of what :meth:`at_least` asked."""
        self._highs.changeRowBounds(row, least, INFINITY)

    def no_fit_below(self, floor: int) -> None:
        """Leave out pairs that fit less than this, unless they are pinned."""
        out = (self.fit < floor) & ~self.pinned
        columns = np.arange(len(self.pairs), dtype=np.int32)
        self._highs.changeColsBounds(
            len(columns), columns, self.pinned.astype(float), np.where(out, 0.0, 1.0)
        )
        self._floor = floor

    def _add_steps(self) -> None:
        """Columns that count, for each consultant, the first initiative, the second and so on.

        The n-th costs 2n - 1, so that together they cost the square of their number; the cheapest are taken
        first by themselves, so they need not be whole numbers.
        """
        if self._steps is not None:
            return
        highs = self._highs
        costs: list[float] = []
        for key, own in self.of_consultant.items():
            count = min(self.most[key], len(own))
            first = int(highs.getNumCol())
            highs.addVars(count, np.zeros(count), np.ones(count))
            costs += [2.0 * place + 1 for place in range(count)]
            columns = np.concatenate([own, np.arange(first, first + count, dtype=np.int32)])
            self._row(0.0, 0.0, columns, np.concatenate([np.ones(len(own)), -np.ones(count)]))
        self._steps = np.array(costs)

    def squares(self, chosen: Vector) -> int:
        """The squares of how many initiatives each consultant has, added up."""
        return sum(round(float(chosen[own].sum())) ** 2 for own in self.of_consultant.values())

    def squares_at_most(self, most: int) -> None:
        """From now on the squares add up to no more than this."""
        self._add_steps()
        assert self._steps is not None
        first = len(self.pairs)
        columns = np.arange(first, first + len(self._steps), dtype=np.int32)
        self._row(-INFINITY, float(most), columns, self._steps)

    def solve_even(self, seconds: float, *, start: Vector, heard: Heard | None = None) -> Solved:
        """The answer with the smallest sum of squares; its objective is that sum with a minus."""
        self._add_steps()
        return self.solve(np.zeros(len(self.pairs)), seconds, start=start, heard=heard, even=True)

    # -- solving -----------------------------------------------------------------------------------

    def solve(
        self,
        objective: Vector,
        seconds: float,
        *,
        start: Vector | None = None,
        enough: float | None = None,
        heard: Heard | None = None,
        even: bool = False,
    ) -> Solved:
        """Choose the pairs that add up to the most.

        Args:
            objective: whole numbers, one a pair.
            seconds: give up after so long, with the best answer so far.
            start: an answer to begin with; need not be possible any more.
            enough: an answer with this much is good enough.
            even: the squares of :meth:`solve_even` are taken off.
        """
        if not len(self.pairs):
            return Solved(np.zeros(0), 0.0, True)
        highs, columns = self._highs, np.arange(len(self.pairs), dtype=np.int32)
        highs.changeColsCost(len(columns), columns, objective)
        self._cost_of_steps(even)
        limit = highs.getRunTime() + max(0.05, seconds)  # HiGHS adds up the seconds of all its runs
        highs.setOptionValue("time_limit", limit)
        highs.setOptionValue("mip_abs_gap", NEARLY_ONE)
        highs.setOptionValue("mip_rel_gap", 0.0 if len(self.pairs) <= EXACT else CLOSE)
        # Whole numbers: half of one below is enough to be there.
        highs.setOptionValue("objective_target", INFINITY if enough is None else enough - 0.5)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = [float(one) for one in start] + self._steps_of(start)
            highs.setSolution(solution)
        self._listen(heard)
        highs.run()
        status = highs.getModelStatus()
        info = highs.getInfo()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return Solved(None, -INFINITY, True)
        bound = float(info.mip_dual_bound)
        if info.primal_solution_status != 2:  # no possible answer was found in time
            return Solved(None, bound, False)
        chosen = np.round(np.array(highs.getSolution().col_value[: len(self.pairs)]))
        value = -float(self.squares(chosen)) if even else float(objective @ chosen)
        # A whole number can't lie between the two.
        proved = bool(np.floor(bound + ROUNDING) <= value)
        return Solved(chosen, value if proved else bound, proved)

    def _cost_of_steps(self, even: bool) -> None:
        if self._steps is not None:
            first = len(self.pairs)
            columns = np.arange(first, first + len(self._steps), dtype=np.int32)
            self._highs.changeColsCost(len(columns), columns, -self._steps if even else 0 * self._steps)

    def _steps_of(self, chosen: Vector) -> list[float]:
        """The columns of :meth:`_add_steps` that go with an answer."""
        if self._steps is None:
            return []
        found: list[float] = []
        for key, own in self.of_consultant.items():
            count, has = min(self.most[key], len(own)), round(float(chosen[own].sum()))
            found += [1.0] * has + [0.0] * (count - has)
        return found

    @contextmanager
    def relaxing(self) -> Iterator[Callable[[Vector, Vector], "Relaxed | None"]]:
        """For some time, pairs may be split: gives what is asked for the most served, within bounds.

        What it gives is None when nothing could be found out; a bound of minus infinity = there is no answer.

        Of equally many, those that fit best; without that the answers would be arbitrary, and slow to find.
        """
        highs = self._highs
        count = len(self.pairs)
        columns = np.arange(count, dtype=np.int32)
        slight = LEAN * self.fit / (FULL * max(1, len(self.of_initiative)))
        highs.changeColsCost(count, columns, 1.0 + slight)
        for name, value in (("solve_relaxation", True), ("solver", "ipm"), ("time_limit", INFINITY)):
            highs.setOptionValue(name, value)

        def ask(least: Vector, highest: Vector) -> Relaxed | None:
            highs.changeColsBounds(count, columns, least, np.maximum(least, highest))
            highs.run()
            if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
                return Relaxed(np.zeros(count), -INFINITY)
            if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            amounts = np.array(highs.getSolution().col_value[:count])
            return Relaxed(amounts, float(highs.getInfo().objective_function_value))

        try:
            if count:
                yield ask
            else:
                yield lambda least, highest: None
        finally:
            for name, value in (("solve_relaxation", False), ("solver", "choose")):
                highs.setOptionValue(name, value)
            self.no_fit_below(self._floor)

    def _listen(self, heard: Heard | None) -> None:
        highs = self._highs
        highs.cbMipLogging.clear()
        if heard is None:
            return
        last = monotonic()

        def tell(event: object) -> None:
            nonlocal last
            if monotonic() - last < 0.2:
                return
            last = monotonic()
            told = event.data_out  # type: ignore[attr-defined]
            heard(float(told.mip_primal_bound), float(told.mip_dual_bound))

        highs.cbMipLogging.subscribe(tell)

    # -- reading an answer -------------------------------------------------------------------------

    def keys_of(self, chosen: Vector) -> frozenset[Key]:
        """The pairs of an answer."""
        return frozenset(self.pairs[place].key for place in np.flatnonzero(chosen > 0.5))

    def vector_of(self, keys: frozenset[Key]) -> Vector:
        """The answer with these pairs, as far as they may be."""
        vector = np.zeros(len(self.pairs))
        for key in keys:
            if key in self.number:
                vector[self.number[key]] = 1.0
        return vector

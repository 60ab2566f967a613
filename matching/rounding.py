"""A good answer to begin with: pairs may be split first, and are made whole step by step.

The relaxed programme says for each pair how much of it the best answer with split pairs would take. Those
that it takes nearly whole are taken, the rest is asked anew, until nothing is left; small steps then serve
more.
"""

from collections.abc import Callable

import numpy as np

from matching.improve import serve_more
from matching.problem import Key, Pair, Problem
from matching.program import Program, Vector

#: A pair of which so much is taken is taken whole.
NEARLY = 0.95
#: Part of the pairs still open that is taken at least, so that it ends after some tens of rounds.
STEP = 1 / 30
#: Less than this is nothing.
NOTHING = 1e-3


def rounded(
    problem: Problem, program: Program, going_on: Callable[[], bool], *, floor: int = 0
) -> tuple[frozenset[Key], float]:
    """An answer, and the most that any answer can serve (infinite when it was stopped before that was known).

    Args:
        floor: only pairs with at least this fit, and the pins.
        going_on: False = stop with what there is.
    """
    usable = {pair.key: pair for pair in program.pairs if pair.fit >= floor or pair.key in problem.pins}
    board = _Taken(problem, program, usable)
    with program.relaxing() as relaxed:
        most = float("inf")
        while going_on():
            answer = relaxed(board.least, board.highest)
            if answer is None:
                break
            if most == float("inf"):
                most = answer.bound
            if not board.take(answer.amounts):
                break
    return serve_more(problem, usable, frozenset(board.taken.values()), going_on), most


class _Taken:
    """What is taken so far, and what can still be."""

    def __init__(self, problem: Problem, program: Program, usable: dict[Key, Pair]) -> None:
        self.program = program
        self.half_hours = {one.key: one.half_hours for one in problem.initiatives}
        self.left = {one.key: one.half_hours for one in problem.consultants}
        self.room = {one.key: one.most for one in problem.consultants}
        self.taken: dict[str, Key] = {}
        self.least: Vector = np.zeros(len(program.pairs))
        self.highest: Vector = np.array([float(pair.key in usable) for pair in program.pairs])
        for place in np.flatnonzero(program.pinned):
            self._take(int(place))

    def _take(self, place: int) -> None:
        pair = self.program.pairs[place]
        self.taken[pair.initiative] = pair.key
        self.left[pair.consultant] -= self.half_hours[pair.initiative]
        self.room[pair.consultant] -= 1
        self.least[place] = 1.0

    def _fits(self, pair: Pair) -> bool:
        return (
            pair.initiative not in self.taken
            and self.left[pair.consultant] >= self.half_hours[pair.initiative]
            and self.room[pair.consultant] > 0
        )

    def take(self, amounts: Vector) -> bool:
        """Take the pairs that are nearly whole, some at least; False = there was none."""
        amounts = np.where(self.least > 0, 0.0, amounts)
        least = max(1, int(STEP * np.count_nonzero(amounts > NOTHING)))
        count = 0
        for place in np.lexsort((-self.program.fit, -amounts)):
            if amounts[place] < NOTHING or (count >= least and amounts[place] < NEARLY):
                break
            if self.highest[place] and self._fits(self.program.pairs[place]):
                self._take(int(place))
                count += 1
        for place, pair in enumerate(self.program.pairs):
            if not self.least[place] and self.highest[place] and not self._fits(pair):
                self.highest[place] = 0.0
        return count > 0

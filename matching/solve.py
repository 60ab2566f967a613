"""Choosing: the aims one after the other, each within what the ones before it reached.

Most initiatives served; then the best worst match; then the most fit altogether; then the most even load;
then the fewest changes from the draft. A time limit leaves the best answer so far, and says for each aim how
far it may still be from the best possible.
"""

from collections.abc import Callable
from time import monotonic

import numpy as np

from matching.greedy import best_first
from matching.improve import serve_more
from matching.large import NEARLY_EVEN, Large
from matching.pairs import check_pins, possible_pairs
from matching.problem import Gap, Key, Matching, Pair, Problem
from matching.program import EXACT, INFINITY, ROUNDING, Program, Vector
from matching.progress import SECONDS, Progress, Tell
from matching.rounding import rounded

#: Share of the time up to which each aim may go on; what is left over is for the ones after it.
SHARES = {"served": 0.55, "worst": 0.75, "total": 0.85, "load": 0.95, "changes": 1.0}


def match(problem: Problem, *, seconds: float = SECONDS, tell: Tell | None = None) -> Matching:
    """The best matching.

    Args:
        seconds: stop after about so long, with the best answer so far.
        tell: called now and then with how far it is.

    Raises:
        PinsClashError: the pins can't all be.
    """
    check_pins(problem)
    pairs = possible_pairs(problem)
    return _Choosing(problem, pairs, seconds, tell).run()


class _Choosing:
    """One matching in the making."""

    def __init__(self, problem: Problem, pairs: dict[Key, Pair], seconds: float, tell: Tell | None) -> None:
        self.problem = problem
        self.pairs = pairs
        self.program = Program(problem, [pairs[key] for key in sorted(pairs)])
        self.begun = monotonic()
        self.seconds = seconds
        self.tell = tell
        self.gaps: list[Gap] = []
        #: The best answer so far.
        self.chosen: Vector = self.program.vector_of(best_first(problem, pairs))
        self.large = Large(self.program, seconds) if len(pairs) > EXACT else None

    def run(self) -> Matching:
        served = self._served()
        floor = self._worst(served)
        self.program.no_fit_below(floor)
        self._total(served, floor)
        if self.chosen.any():
            self._load(floor)
            self._changes()
        keys = self.program.keys_of(self.chosen)
        return Matching(
            tuple(self.pairs[key] for key in sorted(keys)),
            tuple(self.gaps),
            stopped=not all(gap.proved for gap in self.gaps),
        )

    def _left(self, aim: str) -> float:
        """Seconds that this aim may still take."""
        return self.begun + SHARES[aim] * self.seconds - monotonic()

    def _heard(self, aim: str) -> Callable[[float, float], None] | None:
        tell = self.tell
        if tell is None:
            return None
        tell(Progress(aim, None, None, monotonic() - self.begun))

        def heard(value: float, bound: float) -> None:
            known = abs(value) < INFINITY
            tell(Progress(aim, value if known else None, bound, monotonic() - self.begun))

        return heard

    def _served(self) -> int:
        """As many initiatives as can be."""
        ones = np.ones(len(self.program.pairs))
        heard = self._heard("served")
        most = float(len(self.program.of_initiative))
        if self.chosen.sum() < most:
            keys, bound = self._started()
            self._take_if_more(keys)
            most = min(most, np.floor(bound + ROUNDING))
        proved = self.chosen.sum() >= most
        if not proved:
            solved = self.program.solve(
                ones, self._left("served"), start=self.chosen, enough=most, heard=heard
            )
            if solved.chosen is not None and solved.chosen.sum() >= self.chosen.sum():
                self.chosen = solved.chosen
            most = min(most, np.floor(solved.bound + ROUNDING))
            proved = solved.proved or self.chosen.sum() >= most
        count = round(float(self.chosen.sum()))
        self._note("served", count, most, proved=proved)
        self.program.at_least(ones, count)
        return count

    def _started(self) -> tuple[frozenset[Key], float]:
        """A good answer to begin with, and how many can be served at most."""
        going_on = self._going_on("served")
        if self.large is None:
            return rounded(self.problem, self.program, going_on)
        chosen, bound = self.large.most_served(lambda: self._left("served"))
        start = self.program.keys_of(self.chosen if chosen is None else chosen)
        keys = serve_more(self.problem, self.pairs, start, going_on)
        if len(keys) < bound and going_on():
            keys = max(keys, rounded(self.problem, self.program, going_on)[0], key=len)
        return keys, bound

    def _going_on(self, aim: str) -> Callable[[], bool]:
        return lambda: self._left(aim) > 0

    def _take_if_more(self, keys: frozenset[Key]) -> None:
        found = self.program.vector_of(keys)
        if found.sum() > self.chosen.sum():
            self.chosen = found

    def _worst(self, served: int) -> int:
        """The highest fit that no chosen pair need fall below; pins are not counted: somebody wished them.

        First the highest one that could be if pairs could be split, which is quickly found by halving; then
        from there down, in growing steps, until an answer is found, and back up between the last two.
        """
        free = ~self.program.pinned
        fits = sorted({round(float(one)) for one in self.program.fit[free]})
        if not fits or not served:
            self._note("worst", 0, 0, proved=True)
            return 0
        heard = self._heard("worst")
        low, top = self._reached(fits), self._top(served, fits)
        # All up to ``low`` can be, none from ``high`` on.
        high, step, proved = top + 1, 1, True
        while high - low > 1:
            place = max(high - step, low + 1) if step else (low + high) // 2
            possible, sure = self._possible(served, fits[place])
            if possible:
                low, step = max(place, self._reached(fits)), 0
            else:
                high, step, proved = place, 2 * step, proved and sure
            if heard:
                heard(fits[low], fits[high - 1])
        self._note("worst", fits[low], fits[low if proved else top], proved=proved)
        return fits[low]

    def _reached(self, fits: list[int]) -> int:
        """Place in ``fits`` of the lowest fit of the present answer."""
        used = self.program.fit[(self.chosen > 0.5) & ~self.program.pinned]
        if not len(used):
            return len(fits) - 1
        return fits.index(round(float(used.min())))

    def _top(self, served: int, fits: list[int]) -> int:
        """Place of the highest fit with which as many could be served if pairs could be split."""
        low, high = self._reached(fits), len(fits)
        if self.large is not None:
            return self.large.top(served, fits, low, lambda: self._left("worst"))
        with self.program.relaxing() as relaxed:
            while high - low > 1 and self._left("worst") > 0:
                middle = (low + high) // 2
                usable = (self.program.fit >= fits[middle]) | self.program.pinned
                answer = relaxed(self.program.pinned.astype(float), usable.astype(float))
                if answer is not None and answer.bound >= served - ROUNDING:
                    low = middle
                elif answer is not None:
                    high = middle
                else:
                    break
        return high - 1

    def _possible(self, served: int, floor: int) -> tuple[bool, bool]:
        """Whether so many can be served by pairs that fit this well, and whether that is sure."""
        if self.large is not None:
            found = self.large.answer(served, floor, lambda: self._left("worst"))
            if found is None or found.sum() < served:
                return False, False
            self.chosen = found
            return True, True
        keys, bound = rounded(self.problem, self.program, self._going_on("worst"), floor=floor)
        if len(keys) >= served:
            self.chosen = self.program.vector_of(keys)
            return True, True
        if bound < served - ROUNDING:
            return False, True
        self.program.no_fit_below(floor)
        ones = np.ones(len(self.program.pairs))
        solved = self.program.solve(
            ones, self._left("worst") / 2, start=self.program.vector_of(keys), enough=served
        )
        if solved.chosen is not None and solved.chosen.sum() >= served - ROUNDING:
            self.chosen = solved.chosen
            return True, True
        return False, solved.proved

    def _total(self, served: int, floor: int) -> None:
        """The most fit altogether."""
        fit = self.program.fit
        if self.large is not None:
            self._total_of_large(self.large, served, floor)
            return
        solved = self.program.solve(fit, self._left("total"), start=self.chosen, heard=self._heard("total"))
        if solved.chosen is not None and fit @ solved.chosen >= fit @ self.chosen:
            self.chosen = solved.chosen
        total = float(fit @ self.chosen)
        self._note("total", total, max(total, min(self._best_of_all(), solved.bound)), proved=solved.proved)
        self.program.at_least(fit, total)

    def _total_of_large(self, large: Large, served: int, floor: int) -> None:
        self._heard("total")
        self.chosen, most = large.most_fit(self.chosen, served, floor, lambda: self._left("total"))
        total = float(self.program.fit @ self.chosen)
        self._note("total", total, max(total, min(self._best_of_all(), most)), proved=total >= most)
        self.program.at_least(self.program.fit, total)

    def _best_of_all(self) -> float:
        """All fits together if everybody had the best of all: known without any solving."""
        fit = self.program.fit
        return sum(float(fit[own].max()) for own in self.program.of_initiative.values())

    def _load(self, floor: int) -> None:
        """As even as can be: the squares of how many initiatives each has add up to the least.

        So nobody gets a third one while somebody else, with whom all that went before is the same, has one.
        """
        program = self.program
        least = float(self.chosen.sum())
        if self.large is not None:
            found, bound = self.large.evenly(self.chosen, floor, lambda: self._left("load"))
            least = max(least, bound)
            self._take_if_as_good(found)
        squares = program.squares(self.chosen)
        if squares <= (1 + (NEARLY_EVEN if self.large else 0)) * least:
            self._note("load", squares, least, proved=squares <= least)
            program.squares_at_most(squares)
            return
        solved = program.solve_even(self._left("load"), start=self.chosen, heard=self._heard("load"))
        squares = program.squares(self.chosen)
        if solved.chosen is not None and program.squares(solved.chosen) <= squares:
            self.chosen = solved.chosen
            squares = program.squares(self.chosen)
        self._note("load", squares, max(least, -solved.bound), proved=solved.proved)
        program.squares_at_most(squares)

    def _take_if_as_good(self, found: Vector | None) -> None:
        """Take an answer that is more even and in all else as good."""
        now, program = self.chosen, self.program
        if (
            found is not None
            and found.sum() >= now.sum()
            and program.fit @ found >= program.fit @ now
            and program.squares(found) < program.squares(now)
        ):
            self.chosen = found

    def _changes(self) -> None:
        """As many pairs of the draft as can be kept."""
        draft = self.problem.draft
        kept = self.program.vector_of(draft)
        if not draft:
            return
        solved = self.program.solve(
            kept, self._left("changes"), start=self.chosen, heard=self._heard("changes")
        )
        if solved.chosen is not None and kept @ solved.chosen >= kept @ self.chosen:
            self.chosen = solved.chosen
        value = float(kept @ self.chosen)
        bound = min(float(kept.sum()), solved.bound + ROUNDING)
        self._note("changes", value, max(value, np.floor(bound)), proved=solved.proved)

    def _note(self, aim: str, value: float, bound: float, *, proved: bool) -> None:
        self.gaps.append(Gap(aim, float(value), float(value if proved else bound), bool(proved)))

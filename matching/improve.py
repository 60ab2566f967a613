"""Serving more by small steps: from an answer to one that leaves fewer initiatives out.

Three moves, as a person would make them: give a free place to whoever waits; move somebody's initiative to a
colleague who has room, so that another one fits; put a smaller initiative in the place of a larger one. The
last one lets hours go, so it ends. Quick, and no proof of anything: it gives the solver a good start.
"""

from collections.abc import Callable, Mapping

from matching.problem import Key, Pair, Problem


class _Board:
    """Who has whom, and what room is left."""

    def __init__(self, problem: Problem, pairs: Mapping[Key, Pair], start: frozenset[Key]) -> None:
        self.half_hours = {one.key: one.half_hours for one in problem.initiatives}
        self.left = {one.key: one.half_hours for one in problem.consultants}
        self.room = {one.key: one.most for one in problem.consultants}
        self.pins = problem.pins
        #: Initiative -> consultants that may be, the best fitting first.
        self.may: dict[str, list[str]] = {}
        for pair in sorted(pairs.values(), key=lambda pair: (-pair.fit, pair.key)):
            self.may.setdefault(pair.initiative, []).append(pair.consultant)
        self.allowed = set(pairs)
        self.of: dict[str, str] = {}
        self.has: dict[str, set[str]] = {one.key: set() for one in problem.consultants}
        for initiative, consultant in start:
            self.put(initiative, consultant)

    def put(self, initiative: str, consultant: str) -> None:
        self.of[initiative] = consultant
        self.has[consultant].add(initiative)
        self.left[consultant] -= self.half_hours[initiative]
        self.room[consultant] -= 1

    def take(self, initiative: str) -> str:
        consultant = self.of.pop(initiative)
        self.has[consultant].discard(initiative)
        self.left[consultant] += self.half_hours[initiative]
        self.room[consultant] += 1
        return consultant

    def fits(self, initiative: str, consultant: str) -> bool:
        return self.room[consultant] > 0 and self.left[consultant] >= self.half_hours[initiative]

    def waiting(self) -> list[str]:
        """Without a consultant, the smallest first."""
        return sorted(self.may.keys() - self.of.keys(), key=lambda key: (self.half_hours[key], key))

    def movable(self, consultant: str) -> list[str]:
        """What this one has and need not keep, the largest first."""
        own = (key for key in self.has[consultant] if (key, consultant) not in self.pins)
        return sorted(own, key=lambda key: (-self.half_hours[key], key))


def serve_more(
    problem: Problem, pairs: Mapping[Key, Pair], start: frozenset[Key], going_on: Callable[[], bool]
) -> frozenset[Key]:
    """An answer that serves at least as many as ``start``.

    Args:
        going_on: asked now and then; False = stop with what there is.
    """
    board = _Board(problem, pairs, start)
    best = dict(board.of)
    changed = True
    while changed and going_on():
        changed = False
        for initiative in board.waiting():
            if not going_on():
                break
            if _place(board, initiative) or _make_room(board, initiative):
                changed = True
        if len(board.of) > len(best):
            best = dict(board.of)
        for initiative in board.waiting():
            if _replace(board, initiative):
                changed = True
    return frozenset(best.items()) if len(best) >= len(board.of) else frozenset(board.of.items())


def _place(board: _Board, initiative: str) -> bool:
    for consultant in board.may[initiative]:
        if board.fits(initiative, consultant):
            board.put(initiative, consultant)
            return True
    return False


def _make_room(board: _Board, initiative: str) -> bool:
    """Move one initiative of a consultant to a colleague, so that this one fits."""
    needed = board.half_hours[initiative]
    for consultant in board.may[initiative]:
        for other in board.movable(consultant):
            if board.left[consultant] + board.half_hours[other] < needed:
                break  # they come largest first
            elsewhere = next(
                (one for one in board.may[other] if one != consultant and board.fits(other, one)), None
            )
            if elsewhere is not None:
                board.take(other)
                board.put(other, elsewhere)
                board.put(initiative, consultant)
                return True
    return False


def _replace(board: _Board, initiative: str) -> bool:
    """Take the place of a larger initiative, which waits instead."""
    needed = board.half_hours[initiative]
    for consultant in board.may[initiative]:
        for other in board.movable(consultant):
            if board.half_hours[other] <= needed:
                break
            board.take(other)
            board.put(initiative, consultant)
            return True
    return False

"""Best first: take the best fitting pair that is still possible, and so on.

What a person does who pairs from the top of a list; the choice of ``matching.solve`` is held against it.
"""

from collections.abc import Mapping

from matching.problem import Key, Pair, Problem


def best_first(problem: Problem, pairs: Mapping[Key, Pair]) -> frozenset[Key]:
    """The pairs that are taken, pins before all others.

    Args:
        pairs: those that may be (:func:`matching.pairs.possible_pairs`).
    """
    half_hours = {one.key: one.half_hours for one in problem.initiatives}
    left = {one.key: one.half_hours for one in problem.consultants}
    room = {one.key: one.most for one in problem.consultants}
    taken: dict[str, Key] = {}
    order = sorted(pairs.values(), key=lambda pair: (pair.key not in problem.pins, -pair.fit, pair.key))
    for pair in order:
        needed = half_hours[pair.initiative]
        if pair.initiative in taken or left[pair.consultant] < needed or not room[pair.consultant]:
            continue
        taken[pair.initiative] = pair.key
        left[pair.consultant] -= needed
        room[pair.consultant] -= 1
    return frozenset(taken.values())

"""Invented rounds, the same for the same seed, and their best answer by trying every one."""

from collections import Counter
from random import Random

from matching.pairs import possible_pairs
from matching.problem import Key, Matching, Offered, Pair, Problem, Wanted

EXPERTISE = [f"kennis-{number}" for number in range(6)]
THEMES = [f"thema-{number}" for number in range(4)]
#: Served, worst fit, fit altogether, minus the squares of how many each has, pairs kept of the draft.
Value = tuple[int, float, int, int, int]


def small(seed: int) -> Problem:
    """A round of at most six initiatives and four consultants, with a draft and sometimes a pin."""
    random = Random(seed)
    problem = Problem(
        initiatives=tuple(_wanted(random, number) for number in range(random.randint(1, 6))),
        consultants=tuple(_offered(random, number) for number in range(random.randint(1, 4))),
    )
    pairs = sorted(possible_pairs(problem))
    chosen = random.sample(pairs, min(len(pairs), 3))
    everyone = [(one.key, other.key) for one in problem.initiatives for other in problem.consultants]
    return Problem(
        initiatives=problem.initiatives,
        consultants=problem.consultants,
        draft=frozenset(chosen[:2]),
        pins=frozenset(chosen[2:]) if random.random() < 0.4 else frozenset(),
        forbidden=frozenset(random.sample(everyone, 1)) - frozenset(chosen[2:]),
        set_aside=frozenset(random.sample(everyone, 1)),
        successors={"GM0": "GM1"} if random.random() < 0.2 else {},
        together=(frozenset({"GM2", "GM3"}),) if random.random() < 0.2 else (),
    )


def _wanted(random: Random, number: int) -> Wanted:
    return Wanted(
        key=f"i{number}",
        municipality=f"GM{random.randrange(6)}",
        half_hours=random.randint(1, 8),
        expertise=frozenset(random.sample(EXPERTISE, random.randint(0, 3))),
        theme=random.choice([*THEMES, None]),
        language=random.choice(["nl", "nl", "nl", "fy"]),
        lat=52 + random.random(),
        lon=5 + random.random(),
    )


def _offered(random: Random, number: int) -> Offered:
    return Offered(
        key=f"c{number}",
        municipality=f"GM{random.randrange(6)}",
        half_hours=random.randint(2, 16),
        most=random.randint(1, 3),
        expertise=frozenset(random.sample(EXPERTISE, random.randint(1, 4))),
        themes={theme: random.randint(0, 4) for theme in random.sample(THEMES, 2)},
        languages=frozenset(random.choice([["nl"], ["nl", "fy"]])),
        radius_km=random.choice([None, 60, 150]),
        lat=52 + random.random(),
        lon=5 + random.random(),
        available=random.random() < 0.9,
    )


def best(problem: Problem) -> Value | None:
    """The value of the best answer, found by trying every one; None = the pins can't all be."""
    pairs = possible_pairs(problem)
    wanted = {one.key: one.half_hours for one in problem.initiatives}
    left = {one.key: one.half_hours for one in problem.consultants}
    room = {one.key: one.most for one in problem.consultants}
    order = sorted(wanted)
    found: Value | None = None

    def go_on(place: int, chosen: list[Pair]) -> None:
        nonlocal found
        if place == len(order):
            if problem.pins <= {pair.key for pair in chosen}:
                own = value(problem, chosen)
                found = own if found is None else max(found, own)
            return
        go_on(place + 1, chosen)
        needed = wanted[order[place]]
        for pair in pairs.values():
            who = pair.consultant
            if pair.initiative != order[place] or left[who] < needed or room[who] < 1:
                continue
            left[who] -= needed
            room[who] -= 1
            go_on(place + 1, [*chosen, pair])
            left[who] += needed
            room[who] += 1

    go_on(0, [])
    return found


def value(problem: Problem, pairs: list[Pair]) -> Value:
    """By what answers are held against each other, one aim after the other."""
    keys: set[Key] = {pair.key for pair in pairs}
    has = Counter(pair.consultant for pair in pairs)
    return (
        len(pairs),
        min((pair.fit for pair in pairs if pair.key not in problem.pins), default=float("inf")),
        sum(pair.fit for pair in pairs),
        -sum(count * count for count in has.values()),
        len(keys & problem.draft),
    )


def broken(problem: Problem, found: Matching) -> list[str]:
    """Every rule that always holds and that this answer breaks; checked without the code that made it."""
    told = []
    wanted = {one.key: one for one in problem.initiatives}
    offered = {one.key: one for one in problem.consultants}

    def now(code: str) -> str:
        return problem.successors.get(code, code)

    for initiative, consultant in found.keys:
        one, other = wanted[initiative], offered[consultant]
        codes = {now(one.municipality), now(other.municipality)}
        if len(codes) == 1 or any(codes <= {now(code) for code in group} for group in problem.together):
            told.append(f"{initiative} and {consultant} are of one municipality")
        if not other.available:
            told.append(f"{consultant} is not available")
        if (initiative, consultant) in problem.forbidden:
            told.append(f"{initiative} and {consultant} are forbidden")
    for consultant, one in offered.items():
        own = [initiative for initiative, who in found.keys if who == consultant]
        if sum(wanted[initiative].half_hours for initiative in own) > one.half_hours:
            told.append(f"{consultant} works longer than offered")
        if len(own) > one.most:
            told.append(f"{consultant} has more initiatives than wanted")
    told += [
        f"{initiative} has two"
        for initiative, count in Counter(initiative for initiative, _ in found.keys).items()
        if count > 1
    ]
    told += [f"the pin {pin} is not honoured" for pin in problem.pins - found.keys]
    return told

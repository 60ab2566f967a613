"""Choosing pairs: how long, how good, and against best-first on the very same rounds.

    python -m benchmarks.matching [--seeds 3] [--seconds 5]

Invented rounds in the proportions that are expected: initiatives ask for 4 to 24 hours, consultants of twenty
municipalities offer 16 to 80 hours, for one to four initiatives. Per size: served, lowest and total fit of
best-first and of the choice, how far the total is proved to be from the best possible, and the seconds on the
clock, for finding the possible pairs and for choosing.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from random import Random
from typing import Any

from matching.greedy import best_first
from matching.pairs import possible_pairs
from matching.problem import Matching, Offered, Problem, Wanted
from matching.solve import match

EXPERTISE = [f"kennis-{number}" for number in range(16)]
THEMES = [f"thema-{number}" for number in range(16)]
MUNICIPALITIES = 20


@dataclass(frozen=True)
class Size:
    """One size of a round, and what was promised for it."""

    initiatives: int
    consultants: int
    #: Best fitting consultants of each initiative that are looked at; None = all.
    candidates: int | None
    #: Seconds within which it should be done.
    promised: float


SIZES = (Size(100, 60, None, 2.0), Size(300, 150, None, 5.0), Size(1000, 400, 20, 15.0))


def invented(size: Size, seed: int) -> Problem:
    """A round of this size, the same for the same seed."""
    random = Random(seed)
    towns = [
        (f"GM{number:04}", 51.5 + 1.5 * random.random(), 4.5 + 1.8 * random.random())
        for number in range(MUNICIPALITIES)
    ]

    def home() -> dict[str, Any]:
        code, lat, lon = random.choice(towns)
        return {"municipality": code, "lat": lat + random.gauss(0, 0.05), "lon": lon + random.gauss(0, 0.05)}

    return Problem(
        initiatives=tuple(
            Wanted(
                key=f"i{number:04}",
                half_hours=random.randint(8, 48),
                expertise=frozenset(random.sample(EXPERTISE, random.randint(1, 3))),
                theme=random.choice(THEMES),
                **home(),
            )
            for number in range(size.initiatives)
        ),
        consultants=tuple(
            Offered(
                key=f"c{number:04}",
                half_hours=random.randint(32, 160),
                most=random.randint(1, 4),
                expertise=frozenset(random.sample(EXPERTISE, random.randint(2, 5))),
                themes={theme: random.randint(0, 4) for theme in random.sample(THEMES, 3)},
                radius_km=random.choice([None, 40, 80, 150]),
                **home(),
            )
            for number in range(size.consultants)
        ),
        candidates=size.candidates,
    )


def main() -> int:
    """Measure all sizes and print a line for each round."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="rounds of each size")
    parser.add_argument("--seconds", type=float, help="time limit instead of what was promised")
    asked = parser.parse_args()
    print("round        pairs  best first: served worst total   choice: served worst total  gap   seconds")
    for size in SIZES:
        for seed in range(asked.seeds):
            print(_line(size, seed, asked.seconds or size.promised), flush=True)
    return 0


def _line(size: Size, seed: int, seconds: float) -> str:
    problem = invented(size, seed)
    began = time.monotonic()
    pairs = possible_pairs(problem)
    looked = time.monotonic() - began
    taken = [pairs[key] for key in best_first(problem, pairs)]
    began = time.monotonic()
    found = match(problem, seconds=seconds - looked)
    took = time.monotonic() - began
    total = sum(pair.fit for pair in taken)
    return (
        f"{size.initiatives:5} x {size.consultants:3} {len(pairs):7}"
        f"{len(taken):19} {min(pair.fit for pair in taken):5} {total:6}"
        f"{found.served:17} {found.worst or 0:5} {found.total:6} {_gaps(found)}"
        f" {took:6.1f} (promised {size.promised:g})"
    )


def _gaps(found: Matching) -> str:
    told = {gap.aim: "0" if gap.proved else f"{100 * gap.share:.2f}%" for gap in found.gaps}
    return " ".join(f"{aim} {gap}" for aim, gap in told.items())


if __name__ == "__main__":
    sys.exit(main())

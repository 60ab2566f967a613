"""The joint choice, counted: which initiatives the municipalities choose together, and why. Pure.

The order: most points first; of those with as many, the one that more municipalities gave points; of those
with as many again, the one that is longest in the register (the lowest number). So nothing is left to chance,
and the same votes always give the same choice.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why an initiative is chosen or not."""

    CHOSEN = "gekozen"
    NO_SUPPORT = "geen_steun"  # no points that count
    NO_PLACE = "geen_plaats"  # as many as there are places for have more
    OUT = "uitgevallen"  # fell out before the choosing was closed


class TieBreak(StrEnum):
    """What decided between initiatives with as many points."""

    SUPPORT = "steun"  # how many municipalities gave them
    AGE = "register"  # which is longest in the register


@dataclass(frozen=True)
class Candidate:
    """An initiative that can be chosen."""

    id: int
    #: CBS code of its own municipality, whose points do not count for it.
    municipality_code: str
    #: Fell out: can't be chosen any more.
    out: bool = False


@dataclass(frozen=True)
class Voice:
    """What one municipality gives one initiative."""

    municipality_code: str
    initiative_id: int
    points: int
    #: Has an interest of its own, as it says itself.
    conflict: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one initiative."""

    initiative_id: int
    #: Points that count, and how many municipalities gave them.
    total: int
    support: int
    #: Municipalities with an interest of their own, whose points do not count.
    conflicts: int
    #: From 1; None = it has no points that count, or fell out.
    rank: int | None
    why: Why
    #: Others with as many points, in order, and what put it before or after them; None = there are none.
    equals: tuple[int, ...] = ()
    decided_by: TieBreak | None = None

    @property
    def chosen(self) -> bool:
        """Whether it is chosen."""
        return self.why is Why.CHOSEN


@dataclass(frozen=True)
class Result:
    """The whole joint choice."""

    #: In order: the chosen ones first, then those with points, then those without, then those that fell out.
    outcomes: tuple[Outcome, ...]
    #: Municipalities that may choose, those of them that did, and how many must.
    municipalities: int
    voted: int
    needed: int
    places: int | None
    #: What as many points as the last place has were decided by: the border between chosen and not; None = by
    #: points alone, or nothing was left out.
    border: TieBreak | None = None

    @property
    def quorum_met(self) -> bool:
        """Whether enough municipalities chose."""
        return self.voted >= self.needed

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the chosen initiatives, in order."""
        return tuple(one.initiative_id for one in self.outcomes if one.chosen)


def needed(municipalities: int, quorum: float) -> int:
    """How many of the municipalities must have chosen: the share, rounded up, and always at least one.

    Args:
        quorum: 0 to 1.
    """
    # Less a hair, so that 0.1 of 30, which floats make 3.0000000000000004, is not rounded up to 4.
    return max(1, math.ceil(municipalities * quorum - 1e-9))


def count(
    candidates: Sequence[Candidate],
    voices: Collection[Voice],
    *,
    municipalities: Collection[str],
    quorum: float,
    places: int | None,
) -> Result:
    """Count what the municipalities gave.

    Args:
        voices: those of municipalities that may not choose (any more) do not count; a municipality that gave
            everything 0 points has chosen.
        municipalities: codes of those that choose along.
        quorum: share of them that must have chosen, 0 to 1.
        places: most initiatives that are chosen; None = all that have any points that count.
    """
    own = {one.id: one.municipality_code for one in candidates}
    heard = [one for one in voices if one.municipality_code in municipalities and one.initiative_id in own]
    counted: dict[int, list[int]] = {one.id: [] for one in candidates}
    conflicts: dict[int, set[str]] = {one.id: set() for one in candidates}
    for voice in heard:
        if voice.conflict or voice.municipality_code == own[voice.initiative_id]:
            conflicts[voice.initiative_id].add(voice.municipality_code)
        elif voice.points > 0:
            counted[voice.initiative_id].append(voice.points)
    points = {number: (sum(given), len(given)) for number, given in counted.items()}
    order = sorted(
        (one.id for one in candidates if not one.out and points[one.id][0] > 0),
        key=lambda number: (-points[number][0], -points[number][1], number),
    )
    last = len(order) if places is None else places
    ranks = {number: rank for rank, number in enumerate(order, start=1)}
    level: defaultdict[int, list[int]] = defaultdict(list)
    for number in order:
        level[points[number][0]].append(number)
    same = Counter(points[number] for number in order)
    outcomes = [
        Outcome(
            initiative_id=one.id,
            total=points[one.id][0],
            support=points[one.id][1],
            conflicts=len(conflicts[one.id]),
            rank=ranks.get(one.id),
            why=_why(one, ranks.get(one.id), last),
            equals=(equals := _equals(one.id, level[points[one.id][0]])),
            # The number in the register counts only between those that have as much of everything else.
            decided_by=(TieBreak.AGE if same[points[one.id]] > 1 else TieBreak.SUPPORT) if equals else None,
        )
        for one in candidates
    ]
    after = len(order) + 1
    return Result(
        outcomes=tuple(
            sorted(outcomes, key=lambda one: (one.why is Why.OUT, one.rank or after, one.initiative_id))
        ),
        municipalities=len(municipalities),
        voted=len({one.municipality_code for one in heard}),
        needed=needed(len(municipalities), quorum),
        places=places,
        border=_between(order[last - 1], order[last], points) if 0 < last < len(order) else None,
    )


def _why(one: Candidate, rank: int | None, last: int) -> Why:
    if one.out:
        return Why.OUT
    if rank is None:
        return Why.NO_SUPPORT
    return Why.CHOSEN if rank <= last else Why.NO_PLACE


def _equals(number: int, level: Collection[int]) -> tuple[int, ...]:
    """The others with as many points; none of what has no place in the order."""
    return tuple(one for one in level if one != number) if number in level else ()


def _between(one: int, other: int, points: Mapping[int, tuple[int, int]]) -> TieBreak | None:
    """What puts one of two before the other; None = their points."""
    if points[one][0] != points[other][0]:
        return None
    return TieBreak.SUPPORT if points[one][1] != points[other][1] else TieBreak.AGE

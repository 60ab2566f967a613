"""Why: reasons for each match, who came near, what stands in the way, and what it would take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from matching.pairs import fit, possible_pairs, rules_broken
from matching.problem import HARD, Clash, Key, Matching, Offered, Pair, PinsClashError, Problem, Rule, Wanted

#: Runners-up that are told of each initiative.
NEAREST = 10
#: What it costs to make room, in half hours: of a longer deployment, one initiative more for somebody, a rule
#: that is set aside, a pair that was forbidden. Our own judgement: a few hours are asked for most easily.
COSTS = {"half_hour": 1, "one_more": 4, "set_aside": 20, "forbidden": 60}
#: Seconds for working out one other matching.
AGAIN = 8.0


class Blocked(StrEnum):
    """Why somebody who may was not chosen."""

    NO_HOURS = "uren_op"
    NO_ROOM = "maximum_bereikt"
    #: Nothing stands in the way but that all together is better as it is.
    BETTER_SO = "samen_beter"


@dataclass(frozen=True)
class RunnerUp:
    """Somebody who could have had an initiative."""

    pair: Pair
    #: Rules that the pair breaks; empty = it may be.
    rules: tuple[Rule, ...]
    #: Why it is not so; None when a rule says it all.
    blocked: Blocked | None
    #: Half hours that are left to the consultant.
    left: int
    #: Initiatives that the consultant has instead.
    has: tuple[str, ...]


@dataclass(frozen=True)
class Relaxation:
    """What would give an initiative this consultant."""

    consultant: str
    fit: int
    #: Half hours more that the consultant would need.
    half_hours: int
    #: One initiative more than the consultant wanted.
    one_more: bool
    #: Soft rules to set aside for this pair.
    set_aside: tuple[Rule, ...]
    #: The pair is forbidden now.
    forbidden: bool

    @property
    def cost(self) -> int:
        """By which relaxations are put in order, the cheapest first; see :data:`COSTS`."""
        return (
            COSTS["half_hour"] * self.half_hours
            + COSTS["one_more"] * self.one_more
            + COSTS["set_aside"] * len(self.set_aside)
            + COSTS["forbidden"] * self.forbidden
        )


@dataclass(frozen=True)
class WhyNot:
    """What the matching would be with a pair in it."""

    #: Rules that keep the pair from being, whatever else; then there is no other matching.
    rules: tuple[Rule, ...]
    #: How the pins clash with it; None = they do not.
    clash: Clash | None
    other: Matching | None
    #: More or less served, worst fit and fit altogether than now.
    served: int = 0
    worst: int = 0
    total: int = 0
    #: Initiative -> (consultant now, consultant then); None = nobody.
    moves: Mapping[str, tuple[str | None, str | None]] | None = None


@dataclass(frozen=True)
class Room:
    """What is left to a consultant."""

    half_hours: int
    places: int
    has: tuple[str, ...]


def room_of(problem: Problem, keys: frozenset[Key]) -> dict[str, Room]:
    """What these pairs leave to each consultant."""
    half_hours = {one.key: one.half_hours for one in problem.initiatives}
    has: dict[str, list[str]] = {one.key: [] for one in problem.consultants}
    for initiative, consultant in sorted(keys):
        has[consultant].append(initiative)
    return {
        one.key: Room(
            one.half_hours - sum(half_hours[key] for key in has[one.key]),
            one.most - len(has[one.key]),
            tuple(has[one.key]),
        )
        for one in problem.consultants
    }


def runners_up(
    problem: Problem, keys: frozenset[Key], initiative: str, *, nearest: int = NEAREST
) -> list[RunnerUp]:
    """Who fits an initiative best besides whom it has, and why each was not chosen.

    Those who may come first, the best fitting first; then those whom a rule keeps away.
    """
    wanted = _wanted(problem, initiative)
    rooms = room_of(problem, keys)
    found = []
    for offered in problem.consultants:
        if (initiative, offered.key) in keys:
            continue
        rules = rules_broken(problem, wanted, offered)
        room = rooms[offered.key]
        blocked = None if rules else _blocked(wanted, room)
        found.append(RunnerUp(fit(problem, wanted, offered), rules, blocked, room.half_hours, room.has))
    found.sort(key=lambda one: (bool(one.rules), -one.pair.fit, one.pair.consultant))
    return found[:nearest]


def _blocked(wanted: Wanted, room: Room) -> Blocked:
    if room.places < 1:
        return Blocked.NO_ROOM
    return Blocked.NO_HOURS if room.half_hours < wanted.half_hours else Blocked.BETTER_SO


def relaxations(problem: Problem, keys: frozenset[Key], initiative: str) -> list[Relaxation]:
    """What would give an initiative a consultant while all others keep theirs, the cheapest first.

    Nobody of the own municipality, and nobody who is not available: nothing makes that possible.
    """
    wanted = _wanted(problem, initiative)
    rooms = room_of(problem, keys)
    found = []
    for offered in problem.consultants:
        rules = rules_broken(problem, wanted, offered)
        if Rule.SAME_MUNICIPALITY in rules or Rule.UNAVAILABLE in rules:
            continue
        room = rooms[offered.key]
        found.append(
            Relaxation(
                offered.key,
                fit(problem, wanted, offered).fit,
                max(0, wanted.half_hours - room.half_hours),
                room.places < 1,
                tuple(rule for rule in rules if rule not in HARD),
                Rule.FORBIDDEN in rules,
            )
        )
    return sorted(found, key=lambda one: (one.cost, -one.fit, one.consultant))


def why_not(
    problem: Problem,
    now: Matching,
    pair: Key,
    *,
    seconds: float = AGAIN,
    solve: Callable[..., Matching] | None = None,
) -> WhyNot:
    """What it would cost all together to have this pair: everything is chosen anew with the pair pinned.

    Args:
        now: the matching as it is.
        solve: what chooses, ``matching.process.match_apart`` for instance; None = in this process.
    """
    wanted, offered = _wanted(problem, pair[0]), _offered(problem, pair[1])
    hard = tuple(rule for rule in rules_broken(problem, wanted, offered) if rule in HARD)
    if hard:
        return WhyNot(hard, None, None)
    pinned = replace(problem, pins=problem.pins | {pair}, draft=now.keys)
    try:
        other = (solve or _here)(pinned, seconds=seconds)
    except PinsClashError as error:
        return WhyNot((), error.clash, None)
    before, after = dict(now.keys), dict(other.keys)
    moves = {
        initiative: (before.get(initiative), after.get(initiative))
        for initiative in sorted(before.keys() | after.keys())
        if before.get(initiative) != after.get(initiative)
    }
    return WhyNot(
        (),
        None,
        other,
        other.served - now.served,
        (other.worst or 0) - (now.worst or 0),
        other.total - now.total,
        moves,
    )


def unmatched(problem: Problem, keys: frozenset[Key]) -> list[str]:
    """Initiatives without a consultant, in the order of the problem."""
    served = {initiative for initiative, _ in keys}
    return [one.key for one in problem.initiatives if one.key not in served]


def nobody_may(problem: Problem) -> dict[str, dict[Rule, int]]:
    """Initiatives that nobody may have, with how many consultants each rule keeps away first."""
    may = {initiative for initiative, _ in possible_pairs(problem)}
    found: dict[str, dict[Rule, int]] = {}
    for wanted in problem.initiatives:
        if wanted.key in may:
            continue
        counts: dict[Rule, int] = {}
        for offered in problem.consultants:
            first = rules_broken(problem, wanted, offered)[0]
            counts[first] = counts.get(first, 0) + 1
        found[wanted.key] = counts
    return found


def _wanted(problem: Problem, key: str) -> Wanted:
    return next(one for one in problem.initiatives if one.key == key)


def _offered(problem: Problem, key: str) -> Offered:
    return next(one for one in problem.consultants if one.key == key)


def _here(problem: Problem, *, seconds: float) -> Matching:
    # Imported late: the solver takes 20 MB, and most who ask have another process choose.
    from matching.solve import match

    return match(problem, seconds=seconds)

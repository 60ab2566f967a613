"""Working out what to mend: matches that live stay as they are, whatever else changes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from matching.pairs import rules_broken
from matching.problem import HARD, Key, Offered, Problem, Wanted


def with_live(problem: Problem, live: Mapping[int, tuple[int, int]]) -> Problem:
    """The problem with the pairs of live matches as they are, whatever was demanded of them.

    Where they can't be put as pins (the consultant takes nothing new, has too few hours by now, or the two
    municipalities have merged), the initiatives are left out: they have their consultant, who then takes
    nothing more.

    In a round so large that only the best candidates are looked at, the live pairs are left out altogether,
    with the hours that they take: else the best candidates of an initiative could all be without time.

    Args:
        live: initiative -> consultant and number of the match.
    """
    wanted = {one.key: one for one in problem.initiatives}
    held = {str(initiative): str(found[0]) for initiative, found in live.items() if str(initiative) in wanted}
    if problem.candidates is not None:
        return _what_is_left(problem, held, wanted)
    full = {one.key for one in problem.consultants if not _can_hold(problem, one, held, wanted)}
    served = {initiative for initiative, consultant in held.items() if consultant in full}
    keys = {pair for pair in held.items() if pair[0] not in served}

    def left(pairs: frozenset[Key]) -> frozenset[Key]:
        return frozenset(key for key in pairs if key[0] not in served)

    return replace(
        problem,
        initiatives=tuple(one for one in problem.initiatives if one.key not in served),
        consultants=tuple(
            replace(one, available=False) if one.key in full else one for one in problem.consultants
        ),
        pins=frozenset(
            keys | {pin for pin in left(problem.pins) if pin[0] not in held and pin[1] not in full}
        ),
        forbidden=left(problem.forbidden) - keys,
        set_aside=left(problem.set_aside),
        draft=left(problem.draft),
    )


def _what_is_left(problem: Problem, held: Mapping[str, str], wanted: Mapping[str, Wanted]) -> Problem:
    """The problem without the pairs that are held: fewer initiatives, and fewer hours."""
    busy = Counter(held.values())
    hours = Counter[str]()
    for initiative, consultant in held.items():
        hours[consultant] += wanted[initiative].half_hours

    def rest(one: Offered) -> Offered:
        half_hours, most = one.half_hours - hours[one.key], one.most - busy[one.key]
        there = one.available and (half_hours > 0 and most > 0 if busy[one.key] else True)
        return replace(one, half_hours=max(0, half_hours), most=max(0, most), available=there)

    consultants = tuple(rest(one) for one in problem.consultants)
    there = {one.key for one in consultants if one.available}

    def left(pairs: frozenset[Key]) -> frozenset[Key]:
        return frozenset(key for key in pairs if key[0] not in held)

    return replace(
        problem,
        initiatives=tuple(one for one in problem.initiatives if one.key not in held),
        consultants=consultants,
        pins=frozenset(pin for pin in left(problem.pins) if pin[1] in there),
        forbidden=left(problem.forbidden),
        set_aside=left(problem.set_aside),
        draft=left(problem.draft),
    )


def _can_hold(
    problem: Problem, offered: Offered, held: Mapping[str, str], wanted: Mapping[str, Wanted]
) -> bool:
    """Whether somebody's live matches can be pins; true for who has none."""
    own = [wanted[initiative] for initiative, consultant in held.items() if consultant == offered.key]
    if not own:
        return True
    allowed = replace(problem, forbidden=frozenset())
    return (
        sum(one.half_hours for one in own) <= offered.half_hours
        and len(own) <= offered.most
        and not any(HARD.intersection(rules_broken(allowed, one, offered)) for one in own)
    )

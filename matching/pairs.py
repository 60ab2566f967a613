"""What may be paired, and how well it fits: every pair is looked at by itself."""

import math
from collections.abc import Iterable

from matching.problem import (
    FULL,
    HARD,
    Clash,
    Key,
    Offered,
    Pair,
    Part,
    PinsClashError,
    Problem,
    Rule,
    Wanted,
)

#: Mean radius of the earth in kilometres (IUGG).
EARTH_KM = 6371.0
#: Kilometres at which distance counts as far when a consultant names no radius: half across the country.
FAR_KM = 150.0
#: Assignments with a theme after which a consultant counts as experienced in it.
EXPERIENCED = 3
#: How much what was learned of a pair of theme and expertise can add or take away, as a share of that part.
LEARNED = 0.2


def rules_broken(problem: Problem, wanted: Wanted, offered: Offered) -> tuple[Rule, ...]:
    """Every rule that this pair breaks by itself, those that always hold first.

    What others take of the consultant's hours does not count here.
    """
    key = (wanted.key, offered.key)
    km = distance(wanted, offered)
    checks = {
        Rule.SAME_MUNICIPALITY: not of_another(problem, wanted.municipality, offered.municipality),
        Rule.UNAVAILABLE: not offered.available,
        Rule.FORBIDDEN: key in problem.forbidden,
        Rule.HOURS: wanted.half_hours > offered.half_hours,
        Rule.MAXIMUM: offered.most < 1,
        Rule.TOO_FAR: km is not None and offered.radius_km is not None and km > offered.radius_km,
        Rule.NO_EXPERTISE: bool(wanted.expertise) and not wanted.expertise & offered.expertise,
        Rule.LANGUAGE: wanted.language not in offered.languages,
    }
    return tuple(rule for rule, broken in checks.items() if broken)


def of_another(problem: Problem, one: str, other: str) -> bool:
    """Whether two municipalities are different: after mergers, and not run by the same civil servants."""
    first, second = _now(problem, one), _now(problem, other)
    return first != second and not any(
        {first, second} <= {_now(problem, code) for code in group} for group in problem.together
    )


def _now(problem: Problem, code: str) -> str:
    seen = {code}
    while (after := problem.successors.get(code)) is not None and after not in seen:
        seen.add(after)
        code = after
    return code


def distance(wanted: Wanted, offered: Offered) -> float | None:
    """Kilometres as the crow flies; None = a place is not known."""
    if wanted.lat is None or wanted.lon is None or offered.lat is None or offered.lon is None:
        return None
    lat1, lat2 = math.radians(wanted.lat), math.radians(offered.lat)
    across = math.radians(offered.lon - wanted.lon)
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def fit(problem: Problem, wanted: Wanted, offered: Offered) -> Pair:
    """How well the two fit, whatever rules they break.

    Parts about which nothing is known do not count, and the others count the more.
    """
    km = distance(wanted, offered)
    shared = tuple(sorted(wanted.expertise & offered.expertise))
    weights = problem.weights
    values: dict[str, tuple[float, float]] = {}
    if wanted.expertise:
        value = len(shared) / len(wanted.expertise)
        values["expertise"] = (value * (1 + LEARNED * _learned(problem, wanted, shared)), weights.expertise)
    if wanted.theme is not None:
        values["theme"] = (float(wanted.theme in offered.themes), weights.theme)
        done = offered.themes.get(wanted.theme, 0)
        values["experience"] = (min(1.0, done / EXPERIENCED), weights.experience)
    if km is not None:
        values["distance"] = (max(0.0, 1 - km / (offered.radius_km or FAR_KM)), weights.distance)
    values["language"] = (float(wanted.language in offered.languages), weights.language)
    whole = sum(weight for _, weight in values.values()) or 1.0
    parts = tuple(
        Part(name, min(1.0, max(0.0, value)), weight / whole) for name, (value, weight) in values.items()
    )
    score = round(FULL * sum(part.value * part.weight for part in parts))
    return Pair(wanted.key, offered.key, score, parts, km, shared)


def _learned(problem: Problem, wanted: Wanted, shared: Iterable[str]) -> float:
    """What evaluations say of these kinds of expertise with this theme, -1 to 1."""
    known = [
        problem.learned[wanted.theme or "", slug]
        for slug in shared
        if (wanted.theme or "", slug) in problem.learned
    ]
    return max(-1.0, min(1.0, sum(known) / len(known))) if known else 0.0


def possible_pairs(problem: Problem) -> dict[Key, Pair]:
    """All pairs that may be: they break no rule, or only soft ones that were set aside for them.

    With ``problem.candidates`` only the best fitting consultants of each initiative, and pins and draft.
    """
    found: dict[Key, Pair] = {}
    kept = problem.pins | problem.draft
    for wanted in problem.initiatives:
        own: list[Pair] = []
        for offered in problem.consultants:
            pair = _possible(problem, wanted, offered)
            if pair is not None:
                own.append(pair)
        if problem.candidates is not None and len(own) > problem.candidates:
            own.sort(key=lambda pair: (-pair.fit, pair.consultant))
            own = own[: problem.candidates] + [pair for pair in own[problem.candidates :] if pair.key in kept]
        found.update((pair.key, pair) for pair in own)
    return found


def _possible(problem: Problem, wanted: Wanted, offered: Offered) -> Pair | None:
    broken = rules_broken(problem, wanted, offered)
    key = (wanted.key, offered.key)
    if HARD.intersection(broken) or (broken and key not in problem.set_aside and key not in problem.pins):
        return None
    pair = fit(problem, wanted, offered)
    return pair if not broken else Pair(*key, pair.fit, pair.parts, pair.km, pair.shared, broken)


def check_pins(problem: Problem) -> None:
    """Say which pins can't all be.

    Raises:
        PinsClashError: the first clash that was found.
    """
    wanted = {one.key: one for one in problem.initiatives}
    offered = {one.key: one for one in problem.consultants}
    pins = sorted(problem.pins)
    for pin in pins:
        hard = [rule for rule in rules_broken(problem, wanted[pin[0]], offered[pin[1]]) if rule in HARD]
        if hard:
            raise PinsClashError(
                Clash.RULE,
                (pin,),
                rule=hard[0],
                wanted=wanted[pin[0]].half_hours,
                left=offered[pin[1]].half_hours,
            )
    for initiative in sorted(wanted):
        own = tuple(pin for pin in pins if pin[0] == initiative)
        if len(own) > 1:
            raise PinsClashError(Clash.TWICE, own)
    for consultant in sorted(offered):
        own = tuple(pin for pin in pins if pin[1] == consultant)
        hours = sum(wanted[pin[0]].half_hours for pin in own)
        if hours > offered[consultant].half_hours:
            raise PinsClashError(Clash.HOURS, own, wanted=hours, left=offered[consultant].half_hours)
        if len(own) > offered[consultant].most:
            raise PinsClashError(Clash.MAXIMUM, own, wanted=len(own), left=offered[consultant].most)

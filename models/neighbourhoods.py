"""In which districts and towns of a municipality nothing was found; without database or clock."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from models.geo import QuarterFacts, TownFacts

#: How CBS calls the district that is a village itself: "Kern Zetten".
CORE = "Kern "


@dataclass(frozen=True)
class Coverage:
    """Of one municipality: where leads were found, and where not."""

    #: Names of districts and towns without any, by name.
    districts: tuple[str, ...]
    towns: tuple[str, ...]
    #: How many of both there are in all.
    of_districts: int
    of_towns: int


def coverage(
    quarters: Sequence[QuarterFacts], towns: Sequence[TownFacts], found: Collection[str]
) -> Coverage:
    """Which districts and towns have no lead at all.

    A district has one when a lead is in it, in one of its neighbourhoods, or in a town of the same name;
    a town when a lead is in it, or in a district or neighbourhood that carries its name. The town of a
    municipality that has only one is left out: every lead is in it.

    Args:
        quarters, towns: all of one municipality.
        found: keys of the places in which leads are.
    """
    districts = {one.cbs_code: one.name for one in quarters if one.kind == "wijk"}
    located = districts_of(quarters, towns)
    covered = {code for place in found for code in located.get(place, ())}
    names = {_folded(one.name) for one in quarters if one.key in found}
    names |= {_folded(one.match_name) for one in towns if one.key in found}
    names |= {_folded(districts[code]) for one in quarters if one.key in found for code in located[one.key]}
    return Coverage(
        districts=_sorted(name for code, name in districts.items() if code not in covered),
        towns=_sorted(
            town.match_name
            for town in towns
            if len(towns) > 1 and town.key not in found and not _named_in(town.match_name, names)
        ),
        of_districts=len(districts),
        of_towns=len(towns) if len(towns) > 1 else 0,
    )


def districts_of(quarters: Sequence[QuarterFacts], towns: Sequence[TownFacts]) -> dict[str, frozenset[str]]:
    """Key of a place -> CBS codes of the districts that it is, or is in; none where that is not known."""
    districts = {one.cbs_code for one in quarters if one.kind == "wijk"}
    neighbourhoods = {one.cbs_code: one for one in quarters if one.kind == "buurt"}
    found: dict[str, frozenset[str]] = {}
    by_name: dict[str, set[str]] = {}
    for one in quarters:
        # Another name for a place lies in a neighbourhood, and that in a district.
        above = neighbourhoods.get(one.parent_code)
        codes = (one.cbs_code, one.parent_code, above.parent_code if above is not None else "")
        code = next((code for code in codes if code in districts), None)
        found[one.key] = frozenset({code} if code else ())
        by_name.setdefault(_folded(one.name), set()).update(found[one.key])
    for town in towns:
        found[town.key] = frozenset(by_name.get(_folded(town.match_name), ()))
    return found


def _folded(name: str) -> str:
    return name.removeprefix(CORE).casefold()


def _named_in(town: str, names: Iterable[str]) -> bool:
    """Whether one of the names carries that of the town as words of its own: Elst in Elst-Noord."""
    words = re.compile(rf"(?<!\w){re.escape(town.casefold())}(?!\w)")
    return any(words.search(name) for name in names)


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))

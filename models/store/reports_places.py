"""In which districts, neighbourhoods and towns of a municipality initiatives are, and in which none."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import geo
from models.initiative import Initiative
from models.lead import Lead
from models.neighbourhoods import coverage, districts_of
from models.store.attention import none_but
from models.store.reports_period import Period
from models.store.viewer import Viewer
from models.store.work_places import COUNTED


@dataclass(frozen=True, slots=True)
class Spot:
    """One neighbourhood, district or town, with what is in it."""

    #: CBS code; of a town its key.
    code: str
    name: str
    #: Entries in the register now, and leads that came in during the days of the report.
    entries: int
    leads: int
    #: Of a town: degrees WGS84; None when unknown.
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class District:
    """One district with its neighbourhoods; the numbers of the district hold those of them too."""

    spot: Spot
    neighbourhoods: tuple[Spot, ...]


@dataclass(frozen=True)
class Places:
    """All districts and towns of one municipality, by name."""

    districts: tuple[District, ...]
    towns: tuple[Spot, ...]
    #: Entries and leads of which only the municipality, or a town with several districts, is known.
    entries_elsewhere: int
    leads_elsewhere: int

    @property
    def neighbourhoods(self) -> list[Spot]:
        """Those of all districts."""
        return [spot for district in self.districts for spot in district.neighbourhoods]


def places_of(session: Session, viewer: Viewer, code: str, period: Period) -> Places:
    """Where entries of the register are, and where leads came in; of one municipality."""
    entries = session.execute(
        select(Initiative.place_key, func.count())
        .where(
            viewer.scope(Initiative.municipality_code),
            Initiative.municipality_code == code,
            Initiative.withdrawn_at.is_(None),
        )
        .group_by(Initiative.place_key)
    )
    leads = session.execute(
        select(Lead.place_key, func.count())
        .where(
            viewer.scope(Lead.municipality_code),
            Lead.municipality_code == code,
            Lead.opened_at >= period.start,
            Lead.opened_at < period.end,
            none_but(COUNTED),
        )
        .group_by(Lead.place_key)
    )
    quarters, towns = facts_of(code)
    return places_from(
        quarters, towns, {row[0]: row[1] for row in entries}, {row[0]: row[1] for row in leads}
    )


def places_from(
    quarters: Sequence[geo.QuarterFacts],
    towns: Sequence[geo.TownFacts],
    entries: Mapping[str | None, int],
    leads: Mapping[str | None, int],
) -> Places:
    """The same without database.

    Args:
        quarters, towns: all of one municipality.
        entries, leads: key of a place (None = not known) -> how many.
    """
    found = [_by_quarter(quarters, towns, counts) for counts in (entries, leads)]
    bare = [set(counts) - {None} for counts in (entries, leads)]
    empty = coverage(quarters, towns, {key for key in bare[0] if key is not None}).towns
    several = len(towns) > 1

    def spot(code: str, name: str) -> Spot:
        return Spot(code, name, found[0][0][code], found[1][0][code])

    districts = [
        District(
            spot(one.cbs_code, one.name),
            tuple(
                spot(quarter.cbs_code, quarter.name)
                for quarter in quarters
                if quarter.kind == "buurt" and quarter.parent_code == one.cbs_code
            ),
        )
        for one in quarters
        if one.kind == "wijk"
    ]
    spots = []
    for town in towns:
        count = entries.get(town.key, 0) if several else sum(entries.values())
        # An entry in a district that carries the name of the town is in the town.
        if several and not count and town.match_name not in empty:
            named = re.compile(rf"(?<!\w){re.escape(town.match_name.casefold())}(?!\w)")
            count = sum(entries.get(one.key, 0) for one in quarters if named.search(one.name.casefold()))
        came = leads.get(town.key, 0) if several else sum(leads.values())
        spots.append(Spot(town.key, town.match_name, count, came, town.lat, town.lon))
    return Places(
        districts=tuple(sorted(districts, key=lambda one: one.spot.code)),
        towns=tuple(sorted(spots, key=lambda one: one.name.casefold())),
        entries_elsewhere=found[0][1],
        leads_elsewhere=found[1][1],
    )


def _by_quarter(
    quarters: Sequence[geo.QuarterFacts], towns: Sequence[geo.TownFacts], counts: Mapping[str | None, int]
) -> tuple[Counter[str], int]:
    """CBS code of district or neighbourhood -> how many are in it; and how many are in none that is known."""
    located = districts_of(quarters, towns)
    neighbourhoods = {one.cbs_code for one in quarters if one.kind == "buurt"}
    #: Key -> its neighbourhood, or that in which the place lies that it is another name for.
    inside = {
        one.key: next((code for code in (one.cbs_code, one.parent_code) if code in neighbourhoods), None)
        for one in quarters
    }
    found: Counter[str] = Counter()
    elsewhere = 0
    for key, count in counts.items():
        districts = located.get(key or "", frozenset())
        # A town with several districts says nothing about which.
        if len(districts) == 1:
            found[next(iter(districts))] += count
        else:
            elsewhere += count
        neighbourhood = inside.get(key or "")
        if neighbourhood is not None:
            found[neighbourhood] += count
    return found, elsewhere


def facts_of(code: str) -> tuple[tuple[geo.QuarterFacts, ...], tuple[geo.TownFacts, ...]]:
    """Districts and neighbourhoods, and towns, of one municipality."""
    quarters, towns = _facts()
    return tuple(quarters.get(code, ())), tuple(towns.get(code, ()))


@lru_cache(maxsize=1)
def _facts() -> tuple[dict[str, list[geo.QuarterFacts]], dict[str, list[geo.TownFacts]]]:
    quarters: dict[str, list[geo.QuarterFacts]] = {}
    towns: dict[str, list[geo.TownFacts]] = {}
    for quarter in geo.quarters():
        quarters.setdefault(quarter.municipality_code, []).append(quarter)
    for town in geo.towns():
        towns.setdefault(town.municipality_code, []).append(town)
    return quarters, towns

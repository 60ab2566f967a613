"""Loading the geographic facts into the database, and asking them."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from models import geo
from models.base import Base
from models.municipality import Municipality
from models.place import Place
from models.words import PlaceKind

#: Kind column of wijken_buurten.csv -> kind of place.
QUARTER_KINDS = {
    "wijk": PlaceKind.DISTRICT,
    "buurt": PlaceKind.NEIGHBOURHOOD,
    "alias": PlaceKind.ALIAS,
    "bekend": PlaceKind.KNOWN,
}


def load_geography(session: Session) -> dict[str, int]:
    """Bring municipalities, towns and neighbourhoods of the product into the database.

    Writes only what is missing or differs, so it may be repeated at any time; when a
    municipality participates is left as it is. The caller commits.

    Returns:
        How many rows there are now: ``municipalities``, ``places``, ``neighbourhoods``.
    """
    municipalities = [
        {
            "code": facts.code,
            "name": facts.name,
            "cbs_name": facts.cbs_name,
            "province": facts.province,
            "inhabitants": facts.inhabitants,
            "inhabitants_year": facts.inhabitants_year,
            "lat": facts.lat,
            "lon": facts.lon,
            "website": facts.website,
        }
        for facts in geo.municipalities()
    ]
    towns = [
        {
            "key": town.key,
            "kind": PlaceKind.TOWN,
            "name": town.match_name,
            "municipality_code": town.municipality_code,
            "code": town.bag_code,
            "lat": town.lat,
            "lon": town.lon,
        }
        for town in geo.towns()
    ]
    quarters: list[dict[str, Any]] = [
        {
            "key": quarter.key,
            "kind": QUARTER_KINDS[quarter.kind],
            "name": quarter.name,
            "municipality_code": quarter.municipality_code,
            "code": quarter.cbs_code,
            "lat": None,
            "lon": None,
        }
        for quarter in geo.quarters()
    ]
    _bring_up_to_date(session, Municipality, "code", municipalities)
    _bring_up_to_date(session, Place, "key", towns + quarters)
    return {"municipalities": len(municipalities), "places": len(towns), "neighbourhoods": len(quarters)}


def _bring_up_to_date(session: Session, table: type[Base], key: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    target = table.__table__
    assert isinstance(target, Table)
    present = {
        row[key]: dict(row)
        for row in session.execute(select(*(getattr(table, column) for column in columns))).mappings()
    }
    new = [row for row in rows if row[key] not in present]
    changed = [row for row in rows if row[key] in present and row != present[row[key]]]
    if new:
        session.execute(insert(table), new)
    for row in changed:
        session.execute(update(target).where(target.c[key] == row[key]).values(row))


def find_municipality(session: Session, name_or_code: str) -> Municipality | None:
    """The municipality with this CBS code or name (case does not matter), or None."""
    code = geo.municipality_code(name_or_code)
    return None if code is None else session.get(Municipality, code)


def places_within(session: Session, key: str) -> frozenset[str]:
    """Keys of a place and of what lies in it; empty when there is no such place.

    A district has its neighbourhoods: their CBS codes begin with its own. Another name ("Presikhaaf") was
    taken from names of districts and neighbourhoods ("Presikhaaf-West", "Presikhaaf I"): they all lie in it,
    with their neighbourhoods; and it lies in a place when all that carry the name do. What lies in a town
    is nowhere said, so a town has only itself.
    """
    place = session.get(Place, key)
    if place is None:
        return frozenset()
    around = session.scalars(select(Place).where(Place.municipality_code == place.municipality_code)).all()
    found = {place.key, *_named_after(place, around)}
    found |= {part for one in around if one.key in found for part in _neighbourhoods(one, around)}
    others = {one.key: _named_after(one, around) for one in around if one.kind is PlaceKind.ALIAS}
    return frozenset(found | {other for other, carriers in others.items() if carriers and carriers <= found})


def _neighbourhoods(place: Place, around: Sequence[Place]) -> set[str]:
    if place.kind is not PlaceKind.DISTRICT:
        return set()
    # WK020204 and BU02020426: a kind, four digits of the municipality, two of the district.
    beginning = f"BU{place.code.removeprefix('WK')}"
    return {
        one.key for one in around if one.kind is PlaceKind.NEIGHBOURHOOD and one.code.startswith(beginning)
    }


def _named_after(place: Place, around: Sequence[Place]) -> set[str]:
    """Districts and neighbourhoods whose name has the whole of another name in it."""
    if place.kind is not PlaceKind.ALIAS:
        return set()
    name = re.compile(rf"(?<!\w){re.escape(place.name)}(?!\w)", re.IGNORECASE)
    kinds = (PlaceKind.DISTRICT, PlaceKind.NEIGHBOURHOOD)
    return {one.key for one in around if one.kind in kinds and name.search(one.name)}

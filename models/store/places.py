"""Loading the geographic facts into the database, and asking them."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, insert, select, update
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


#: What :func:`places_within` has to know of a place: key, kind, name, code.
Near = Row[str, PlaceKind, str, str]
_AROUND = select(Place.key, Place.kind, Place.name, Place.code)


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
    code = session.scalar(select(Place.municipality_code).where(Place.key == key))
    if code is None:
        return frozenset()
    # Columns, not objects: the largest municipality has 754 places (own data, 2026-11-22).
    around = session.execute(_AROUND.where(Place.municipality_code == code)).all()
    place = next(one for one in around if one.key == key)
    found = {place.key, *_named_after(place, around)}
    found |= {part for one in around if one.key in found for part in _neighbourhoods(one, around)}
    # Another name that lies in it is carried by something in it: most names go out by that alone.
    inside = [one for one in around if one.key in found]
    names = [one for one in around if one.kind is PlaceKind.ALIAS and _named_after(one, inside)]
    return frozenset(found | {one.key for one in names if _named_after(one, around) <= found})


def _neighbourhoods(place: Near, around: Sequence[Near]) -> set[str]:
    if place.kind is not PlaceKind.DISTRICT:
        return set()
    # WK020204 and BU02020426: a kind, four digits of the municipality, two of the district.
    beginning = f"BU{place.code.removeprefix('WK')}"
    return {
        one.key for one in around if one.kind is PlaceKind.NEIGHBOURHOOD and one.code.startswith(beginning)
    }


def _named_after(place: Near, around: Sequence[Near]) -> set[str]:
    """Districts and neighbourhoods whose name has the whole of another name in it."""
    if place.kind is not PlaceKind.ALIAS:
        return set()
    kinds, plain = (PlaceKind.DISTRICT, PlaceKind.NEIGHBOURHOOD), place.name.lower()
    # A pattern is made only where there is something to look at: making it takes longer than comparing.
    having = [one for one in around if one.kind in kinds and plain in one.name.lower()]
    if not having:
        return set()
    name = re.compile(rf"(?<!\w){re.escape(place.name)}(?!\w)", re.IGNORECASE)
    return {one.key for one in having if name.search(one.name)}

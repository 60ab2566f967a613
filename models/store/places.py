"""Loading the geographic facts into the database, and asking them."""

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

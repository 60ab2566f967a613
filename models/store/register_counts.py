"""How many entries of the register there are where: for the map."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.place import Place
from models.store.viewer import Viewer
from models.words import PlaceKind


@dataclass(frozen=True)
class PlaceCount:
    """How many entries are in one place."""

    key: str
    name: str
    kind: PlaceKind
    count: int
    #: Degrees WGS84; None when unknown (districts and neighbourhoods have none).
    lat: float | None
    lon: float | None


def municipality_counts(session: Session, viewer: Viewer) -> dict[str, int]:
    """CBS code -> entries that this viewer may see: a municipality all of its own, of others the approved."""
    seen = viewer.scope(Initiative.municipality_code)
    if viewer.reads:
        seen = or_(seen, Initiative.approved_at.is_not(None))
    found = session.execute(
        select(Initiative.municipality_code, func.count())
        .where(Initiative.withdrawn_at.is_(None), seen)
        .group_by(Initiative.municipality_code)
    )
    return {row[0]: row[1] for row in found}


def place_counts(session: Session, viewer: Viewer, municipality_code: str) -> tuple[list[PlaceCount], int]:
    """Places of a municipality in which entries are, most first, and the number of entries without a place.

    Of another municipality than the viewer's own only approved entries count.
    """
    wanted = [Initiative.municipality_code == municipality_code, Initiative.withdrawn_at.is_(None)]
    if not viewer.decides:
        own = viewer.scope(Initiative.municipality_code)
        wanted.append(or_(own, Initiative.approved_at.is_not(None)) if viewer.reads else own)
    counts: dict[str | None, int] = defaultdict(int)
    for key, count in session.execute(
        select(Initiative.place_key, func.count()).where(*wanted).group_by(Initiative.place_key)
    ):
        counts[key] = count
    nowhere = counts.pop(None, 0)
    places = session.scalars(select(Place).where(Place.key.in_(counts)))
    rows = [
        PlaceCount(place.key, place.name, place.kind, counts[place.key], place.lat, place.lon)
        for place in places
    ]
    return sorted(rows, key=lambda row: (-row.count, row.name, row.key)), nowhere

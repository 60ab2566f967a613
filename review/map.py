"""A small map of where a lead is: its municipality among its neighbours, drawn on the server.

Works without scripts, prints, and loads nothing. The boundaries are strongly simplified: they say
roughly where, and nothing about an address.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import pairwise
from operator import and_
from typing import Any

from markupsafe import Markup, escape

from models.geo import GEO, towns

#: Size of the drawing in its own units; a page shows it as wide as there is room.
WIDTH, HEIGHT = 320.0, 200.0
#: Part of the drawing that the municipality itself takes at most; the rest is for its neighbours.
FILLS = 0.6
#: Height of the neighbours' names, and about how wide one letter of them is, in units of the drawing.
LETTER, LETTER_WIDTH = 10.0, 5.4
#: Maps kept in memory, some 5 kB each: more than there are municipalities.
KEPT = 512

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """One municipality as it is drawn."""

    code: str
    name: str
    #: Boundaries of all its parts, islands and enclaves, as (longitude, latitude) in WGS84 degrees.
    rings: tuple[Ring, ...]
    #: West, south, east, north.
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """From degrees to units of the drawing, north up; true to shape at this scale."""

    west: float
    north: float
    #: Units of the drawing for one degree.
    across: float
    down: float

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """Where this place is drawn, to a tenth of a unit."""
        return round((lon - self.west) * self.across, 1), round((self.north - lat) * self.down, 1)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the drawing, in degrees."""
        return (
            self.west,
            self.north - HEIGHT / self.down,
            self.west + WIDTH / self.across,
            self.north,
        )


@lru_cache(maxsize=1)
def areas() -> dict[str, Area]:
    """CBS code -> municipality, as ``gemeentegrenzen.geojson`` has them."""
    found = json.loads((GEO / "gemeentegrenzen.geojson").read_text("utf-8"))
    return {area.code: area for area in map(_area, found["features"])}


def _area(feature: dict[str, Any]) -> Area:
    shape = feature["geometry"]
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    rings = tuple(tuple((lon, lat) for lon, lat in ring) for part in parts for ring in part)
    lons, lats = zip(*(point for ring in rings for point in ring), strict=True)
    named = feature["properties"]
    return Area(named["code"], named["name"], rings, (min(lons), min(lats), max(lons), max(lats)))


@lru_cache(maxsize=1)
def _town_points() -> dict[str, tuple[float, float]]:
    return {
        town.key: (town.lon, town.lat) for town in towns() if town.lon is not None and town.lat is not None
    }


def has_dot(place_key: str | None) -> bool:
    """Whether the map shows where this place is; of neighbourhoods nobody gives a point."""
    return place_key in _town_points()


def draw(
    code: str, place_key: str | None, title: str, description: str, dots: Markup | None = None
) -> Markup | None:
    """The map as SVG; None when the municipality has no boundary here.

    Args:
        code: CBS code of the municipality.
        place_key: the place in it that gets a dot, when its point is known.
        title, description: what is drawn, for who can't see it.
        dots: more to draw in it, in units of the drawing (:func:`view_of`).
    """
    area = areas().get(code)
    if area is None:
        return None
    dot = _town_points().get(place_key or "")
    pieces = [
        f'<svg class="scout-map__drawing" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
        f'height="{HEIGHT:g}" role="img" aria-labelledby="kaart-titel kaart-uitleg" focusable="false">',
        f'<title id="kaart-titel">{escape(title)}</title>',
        f'<desc id="kaart-uitleg">{escape(description)}</desc>',
        _shapes(code),
        _dot(view_of(area).point(*dot)) if dot else "",
        dots or "",
        "</svg>",
    ]
    return Markup("".join(pieces))  # noqa: S704 - numbers, and texts that were escaped above


@lru_cache(maxsize=KEPT)
def _shapes(code: str) -> str:
    """A municipality and what lies around it, with names."""
    area = areas()[code]
    view = view_of(area)
    box = view.box
    around = [one for one in areas().values() if one is not area and _overlap(one.box, box)]
    outlines = [outline for one in around if (outline := _outline(one, view))]
    return "".join(
        [
            *(f'<path class="scout-map__around" d="{outline}"/>' for outline in outlines),
            f'<path class="scout-map__here" d="{_outline(area, view)}"/>',
            *_names(around, area, view),
        ]
    )


def view_of(area: Area) -> View:
    """The view in which a municipality stands in the middle."""
    west, south, east, north = area.box
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
    # A degree of longitude is shorter than one of latitude, the more so to the north.
    narrowing = math.cos(math.radians(middle_lat))
    down = FILLS * min(WIDTH / ((east - west) * narrowing), HEIGHT / (north - south))
    across = down * narrowing
    return View(middle_lon - WIDTH / 2 / across, middle_lat + HEIGHT / 2 / down, across, down)


def _outline(area: Area, view: View) -> str:
    paths = (_path(ring, view) for ring in area.rings)
    return "".join(f"M{path}Z" for path in paths if path)


def _path(ring: Ring, view: View) -> str:
    return "L".join(f"{x:g} {y:g}" for x, y in _visible(ring, view))


def _visible(ring: Ring, view: View) -> Iterator[tuple[float, float]]:
    """Points as drawn, without those on the one before, and without runs that lie outside on one side.

    Of such a run its two ends stay: the line between them lies outside as well, so that nothing that shows
    changes. A run that turns a corner of the drawing keeps a point there.
    """
    west, south, east, north = view.box
    # On which sides of the drawing each lies outside, one bit each; 0 = it is inside.
    sides = [(lon < west) | (lon > east) << 1 | (lat > north) << 2 | (lat < south) << 3 for lon, lat in ring]
    if reduce(and_, sides):
        return
    last: tuple[float, float] | None = None
    # The sides that all have in common since the last one that was drawn, that one included.
    common = 0
    for (lon, lat), side, following in zip(ring, sides, [*sides[1:], sides[0]], strict=True):
        common &= side
        if common & following:
            continue
        common = side
        point = view.point(lon, lat)
        if point != last:
            last = point
            yield point


def _names(around: list[Area], here: Area, view: View) -> Iterator[str]:
    """Names of neighbours where they fit: not cut off, not over each other or over the municipality."""
    taken = [_box(here, view)]
    for area in sorted(around, key=lambda one: -_size(one)):
        x, y = _middle(area, view)
        half = len(area.name) * LETTER_WIDTH / 2
        box = (x - half, y - LETTER, x + half, y + LETTER / 4)
        if box[0] < 2 or box[2] > WIDTH - 2 or box[1] < 2 or box[3] > HEIGHT - 2:
            continue
        if any(_overlap(box, other) for other in taken) or not _inside(area, view, x, y):
            continue
        taken.append(box)
        name = escape(area.name)
        yield f'<text class="scout-map__name" x="{x:g}" y="{y:g}" aria-hidden="true">{name}</text>'


def _box(area: Area, view: View) -> tuple[float, float, float, float]:
    left, bottom = view.point(area.box[0], area.box[1])
    right, top = view.point(area.box[2], area.box[3])
    return left, top, right, bottom


def _middle(area: Area, view: View) -> tuple[float, float]:
    """Middle of the part of it that shows."""
    left, top, right, bottom = _box(area, view)
    return (
        round((max(left, 0) + min(right, WIDTH)) / 2, 1),
        round((max(top, 0) + min(bottom, HEIGHT)) / 2 + LETTER / 3, 1),
    )


def _inside(area: Area, view: View, x: float, y: float) -> bool:
    """Whether a point of the drawing lies in it: a line to the side then crosses an odd number of borders."""
    inside = False
    for ring in area.rings:
        points = [view.point(lon, lat) for lon, lat in ring]
        for (x1, y1), (x2, y2) in pairwise([*points, points[0]]):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                inside = not inside
    return inside


def _size(area: Area) -> float:
    return (area.box[2] - area.box[0]) * (area.box[3] - area.box[1])


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _dot(point: tuple[float, float]) -> str:
    x, y = point
    return f'<circle class="scout-map__dot" cx="{x:g}" cy="{y:g}" r="6"/>'

"""The map of the register as it is without scripts: drawn on the server from our own boundaries."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from models.store.register_counts import PlaceCount
from review.map import Area, View, areas, draw, view_of
from review.svg import element

#: Width and height of the country in units of the drawing.
WIDTH, HEIGHT = 460, 540
#: Fewest entries of each class; below the first there are none. The same at all times, so that two maps can
#: be laid beside each other.
CLASSES = (1, 5, 20, 100)
#: Radius of the smallest and largest dot, in units of the drawing.
DOTS = (5.0, 16.0)
#: What an outline of each class ends with.
_PATTERNS = tuple(f'#raster-{number})"/>' for number in range(len(CLASSES) + 1))


def class_of(count: int) -> int:
    """0 = no entries, then one for each of :data:`CLASSES`."""
    return sum(count >= least for least in CLASSES)


def legend() -> list[tuple[int, str]]:
    """Each class with its words."""
    words = [str(_("geen"))]
    for least, following in zip(CLASSES, (*CLASSES[1:], 0), strict=True):
        words.append(
            str(
                _("%(least)s tot en met %(most)s", least=least, most=following - 1)
                if following
                else _("%(least)s of meer", least=least)
            )
        )
    return list(enumerate(words))


def country(counts: Mapping[str, int], title: str, description: str) -> Markup:
    """All municipalities, each in the pattern of its class: they differ in form, not only in colour."""
    return element(
        "svg",
        element("title", title, id="kaart-titel"),
        element("desc", description, id="kaart-uitleg"),
        # Numbers and names of patterns only; to escape all of it each time would take 50 ms.
        Markup("".join(path + _PATTERNS[class_of(counts.get(code, 0))] for code, path in _outlines())),  # noqa: S704
        class_="scout-areas",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
        aria_labelledby="kaart-titel kaart-uitleg",
        focusable="false",
    )


def municipality(code: str, places: Iterable[PlaceCount], title: str, description: str) -> Markup | None:
    """One municipality among its neighbours, with a dot for each town in which entries are."""
    area = areas().get(code)
    if area is None:
        return None
    view = view_of(area)
    dots = Markup("").join(
        element(
            "g",
            element("circle", cx=x, cy=y, r=f"{radius(place.count):.1f}", class_="scout-map__dot"),
            element("text", str(place.count), x=x, y=y + 3, class_="scout-map__count"),
        )
        for place, (x, y) in _placed(places, view)
    )
    return draw(code, None, title, description, dots)


def radius(count: int) -> float:
    """Radius of the dot of this many entries: the area of it grows with their number."""
    return min(DOTS[1], DOTS[0] + math.sqrt(count))


def entries_words(count: int) -> str:
    """``1 initiatief``, ``12 initiatieven``."""
    return str(ngettext("%(num)s initiatief", "%(num)s initiatieven", count))


def _placed(places: Iterable[PlaceCount], view: View) -> Iterator[tuple[PlaceCount, tuple[float, float]]]:
    for place in places:
        if place.lat is not None and place.lon is not None:
            yield place, view.point(place.lon, place.lat)


@lru_cache(maxsize=1)
def _outlines() -> tuple[tuple[str, str], ...]:
    """CBS code and outline of each municipality in the view of the country, up to the name of its pattern."""
    west = min(area.box[0] for area in areas().values())
    south = min(area.box[1] for area in areas().values())
    east = max(area.box[2] for area in areas().values())
    north = max(area.box[3] for area in areas().values())
    narrowing = math.cos(math.radians((south + north) / 2))
    down = min(WIDTH / ((east - west) * narrowing), HEIGHT / (north - south))
    view = View(west, north, down * narrowing, down)
    found = ((area.code, _outline(area, view)) for area in areas().values())
    return tuple((code, f'<path class="scout-area" d="{path}" fill="url(') for code, path in found if path)


def _outline(area: Area, view: View) -> str:
    paths = []
    for ring in area.rings:
        points = [view.point(lon, lat) for lon, lat in ring]
        # Half a unit is less than a screen shows.
        rough = list(dict.fromkeys((round(x * 2) / 2, round(y * 2) / 2) for x, y in points))
        if len(rough) > 2:
            paths.append("M" + "L".join(f"{x:g} {y:g}" for x, y in rough) + "Z")
    return "".join(paths)

"""Drawings of a report: towns on the map of a municipality, and a tile for each neighbourhood.

Boundaries of neighbourhoods are not among our facts, so these stand in rows below the name of their district.
A number, a full or an empty form tell whether there are initiatives: never colour alone.
"""

from collections.abc import Iterable

from flask_babel import gettext as _
from markupsafe import Markup

from models.store.reports_places import District, Spot
from review.map import areas, draw, view_of
from review.register_drawing import radius
from review.svg import element, percent, picture

#: Tiles in a row; heights in pixels of a tile, of the room between tiles, and of the name of a district.
IN_ROW, TILE, GAP, NAME = 12, 28, 4, 30
#: Part of its place that a tile fills.
FILLS = 0.92


def towns(code: str, spots: Iterable[Spot]) -> Markup | None:
    """The map with a mark for each town: full with a number, or empty. None = no boundary is known."""
    area = areas().get(code)
    if area is None:
        return None
    view = view_of(area)
    marks = []
    # The largest marks last, so that a full one is never under an empty one.
    for spot in sorted(spots, key=lambda one: one.entries):
        if spot.lat is None or spot.lon is None:
            continue
        x, y = view.point(spot.lon, spot.lat)
        if spot.entries:
            size = f"{radius(spot.entries):.1f}"
            marks.append(element("circle", cx=x, cy=y, r=size, class_="scout-map__dot"))
            words = element("text", str(spot.entries), x=x, y=y + 3, class_="scout-map__count")
            marks.append(words)
        else:
            marks.append(element("circle", cx=x, cy=y, r=4, class_="scout-map__none"))
    return draw(code, None, towns_title(), towns_description(), Markup("").join(marks))


def towns_title() -> str:
    """Name of the map."""
    return str(_("Plaatsen met en zonder initiatief"))


def towns_description() -> str:
    """What the map shows, for who can't see it."""
    return str(
        _(
            "De gemeente met een teken voor elke plaats: een volle stip met een getal waar initiatieven "
            "zijn, een open rondje waar er geen is. De tabel noemt ze."
        )
    )


def tiles(districts: Iterable[District]) -> Markup:
    """A tile for each neighbourhood, below the name of its district."""
    parts: list[Markup] = []
    top = 0
    for district in districts:
        parts.append(element("text", district.spot.name, class_="scout-plot__label", x=0, y=top + 20))
        top += NAME
        spots = district.neighbourhoods
        for number, spot in enumerate(spots):
            row, place = divmod(number, IN_ROW)
            parts += _tile(spot, place, top + row * (TILE + GAP))
        top += -(-len(spots) // IN_ROW) * (TILE + GAP) + GAP
    return picture("buurten", tiles_title(), tiles_description(), max(top, 1), parts)


def tiles_title() -> str:
    """Name of the drawing."""
    return str(_("Buurten met en zonder initiatief"))


def tiles_description() -> str:
    """What the drawing shows, for who can't see it."""
    return str(
        _(
            "Voor elke buurt een vakje, onder de naam van haar wijk: gevuld met een getal waar "
            "initiatieven zijn, een stip waar alleen signalen kwamen, leeg waar niets is. De tabel noemt "
            "ze bij naam."
        )
    )


def legend() -> tuple[tuple[Markup, str], ...]:
    """Sign and meaning of each sort of tile."""
    words = (
        (Spot("", "", 1, 0), _("initiatieven in het register, met hun aantal")),
        (Spot("", "", 0, 1), _("alleen signalen in deze periode")),
        (Spot("", "", 0, 0), _("niets")),
    )
    return tuple((_sign(spot), str(said)) for spot, said in words)


def _tile(spot: Spot, place: int, top: float) -> list[Markup]:
    kind = "full" if spot.entries else "leads" if spot.leads else "none"
    middle = percent((place + FILLS / 2) / IN_ROW)
    box = element(
        "rect",
        element("title", spot.name),
        class_=f"scout-tiles__one scout-tiles__one--{kind}",
        x=percent(place / IN_ROW),
        y=top,
        width=percent(FILLS / IN_ROW),
        height=TILE,
        rx=3,
    )
    if spot.entries:
        words = str(spot.entries) if spot.entries < 1000 else "…"
        number = element(
            "text", words, class_="scout-tiles__count", x=middle, y=top + 19, text_anchor="middle"
        )
        return [box, number]
    if spot.leads:
        return [box, element("circle", class_="scout-tiles__dot", cx=middle, cy=top + TILE / 2, r=4)]
    return [box]


def _sign(spot: Spot) -> Markup:
    kind = "full" if spot.entries else "leads" if spot.leads else "none"
    parts = [
        element(
            "rect",
            class_=f"scout-tiles__one scout-tiles__one--{kind}",
            x=1,
            y=1,
            width=20,
            height=14,
            rx=3,
        )
    ]
    if kind == "leads":
        parts.append(element("circle", class_="scout-tiles__dot", cx=11, cy=8, r=3))
    return element(
        "svg",
        *parts,
        class_="scout-plot__sign",
        width=22,
        height=16,
        aria_hidden="true",
        focusable="false",
    )

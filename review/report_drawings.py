"""Drawings of a report: towns on the map of a municipality, and a tile for each neighbourhood.

Boundaries of neighbourhoods are not among our facts, so these stand in rows below the name of their district.
A number, a full or an empty form tell whether there are initiatives: never colour alone.
"""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from markupsafe import Markup, escape

from models.store.reports_places import District, Spot
from review.map import areas, draw, view_of
from review.register_drawing import radius
from review.svg import element, percent, picture

#: Tiles in a row; heights in pixels of a tile, of the room between tiles, and of the name of a district.
IN_ROW, TILE, GAP, NAME = 12, 28, 4, 30
#: Height of one drawing at most, unless a single district takes more.
PIECE = 420
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


def tiles(districts: Sequence[District]) -> list[Markup]:
    """A tile for each neighbourhood, below the name of its district; drawings of at most half a page each."""
    heights = [NAME + -(-len(one.neighbourhoods) // IN_ROW) * (TILE + GAP) + GAP for one in districts]
    pieces: list[list[District]] = [[]]
    filled = 0
    for district, height in zip(districts, heights, strict=True):
        if pieces[-1] and filled + height > PIECE:
            pieces.append([])
            filled = 0
        pieces[-1].append(district)
        filled += height
    return [_piece(f"buurten-{number}", some) for number, some in enumerate(pieces, 1)]


def _piece(key: str, districts: Sequence[District]) -> Markup:
    parts: list[Markup] = []
    top = 0
    names = ", ".join(district.spot.name for district in districts)
    for district in districts:
        parts.append(element("text", district.spot.name, class_="scout-plot__label", x=0, y=top + 20))
        top += NAME
        spots = district.neighbourhoods
        for number, spot in enumerate(spots):
            row, place = divmod(number, IN_ROW)
            tiled = _tile(spot, place, top + row * (TILE + GAP))
            parts.append(Markup(tiled))  # noqa: S704 - its only text was escaped
        top += -(-len(spots) // IN_ROW) * (TILE + GAP) + GAP
    title = f"{tiles_title()}: {names}"
    return picture(key, title, tiles_description(), max(top, 1), parts)


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


def _tile(spot: Spot, place: int, top: float) -> str:
    """One tile. Numbers, and a name that is escaped here: a large city has 500, and to escape each part of
    each would take longer than the rest of the page."""
    kind = "full" if spot.entries else "leads" if spot.leads else "none"
    middle = percent((place + FILLS / 2) / IN_ROW)
    drawn = (
        f'<rect class="scout-tiles__one scout-tiles__one--{kind}" x="{percent(place / IN_ROW)}" y="{top:g}" '
        f'width="{percent(FILLS / IN_ROW)}" height="{TILE}" rx="3"><title>{escape(spot.name)}</title></rect>'
    )
    if spot.entries:
        words = spot.entries if spot.entries < 1000 else "…"
        where = f'x="{middle}" y="{top + 19:g}" text-anchor="middle"'
        return f'{drawn}<text class="scout-tiles__count" {where}>{words}</text>'
    if spot.leads:
        where = f'cx="{middle}" cy="{top + TILE / 2:g}"'
        return f'{drawn}<circle class="scout-tiles__dot" {where} r="4"></circle>'
    return drawn


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

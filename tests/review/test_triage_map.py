"""The small map: every municipality can be drawn, in shape, and nothing in it comes from outside."""

import re
from itertools import pairwise

import pytest
from lxml import etree

from models.geo import municipalities, towns
from review.map import HEIGHT, WIDTH, areas, draw, has_dot, view_of


def test_every_municipality_is_drawn_whole_and_within_the_drawing() -> None:
    for facts in municipalities():
        area = areas()[facts.code]
        view = view_of(area)
        for ring in area.rings:
            for x, y in (view.point(lon, lat) for lon, lat in ring):
                assert 0 <= x <= WIDTH, facts.name
                assert 0 <= y <= HEIGHT, facts.name


@pytest.mark.parametrize("code", ["GM0202", "GM0275", "GM0088", "GM0599"])
def test_a_drawing_is_sound_svg_with_a_name_and_no_styles_of_its_own(code: str) -> None:
    drawing = draw(code, None, "Kaart van <hier>", "Meer & uitleg")
    assert drawing is not None

    tree = etree.fromstring(str(drawing))

    names = {element.get("id"): element.text for element in tree if element.get("id")}
    assert names == {"kaart-titel": "Kaart van <hier>", "kaart-uitleg": "Meer & uitleg"}
    assert tree.get("aria-labelledby").split() == list(names)
    assert not re.search(r"style=|href|url\(|<script", str(drawing))
    assert all(re.fullmatch(r"(M[-\d. L]+Z)+", path.get("d")) for path in tree.iter("path"))
    assert len(str(drawing)) < 25_000


@pytest.mark.parametrize("code", ["GM0274", "GM0513", "GM0184", "GM0610"])
def test_what_is_left_out_of_a_drawing_does_not_show(code: str) -> None:
    """Beside Renkum lies Ede, not water: whoever lies around, every spot is in the same municipalities."""
    view = view_of(areas()[code])
    drawn = etree.fromstring(str(draw(code, None, "", ""))).iter("path")
    shapes = [[_points(part) for part in path.get("d").split("Z")[:-1]] for path in drawn]
    whole = [[[view.point(*spot) for spot in ring] for ring in area.rings] for area in areas().values()]

    for x, y in ((x + 0.03, y + 0.07) for x in range(3, int(WIDTH), 45) for y in range(3, int(HEIGHT), 32)):
        there = sum(_holds(rings, x, y) for rings in whole)
        assert sum(_holds(rings, x, y) for rings in shapes) == there, (x, y)


def _points(part: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (spot.split() for spot in part.lstrip("M").split("L"))]


def _holds(rings: list[list[tuple[float, float]]], x: float, y: float) -> bool:
    """Whether a spot lies in a shape: a line to its left crosses an odd number of borders."""
    crossed = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
            crossed += (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return crossed % 2 == 1


def test_the_dot_of_a_town_lies_in_or_near_its_municipality() -> None:
    velp = next(t for t in towns() if t.name == "Velp" and t.municipality_code == "GM0275")
    drawing = draw("GM0275", velp.key, "", "")
    assert drawing is not None

    (dot,) = etree.fromstring(str(drawing)).iter("circle")

    assert has_dot(velp.key)
    # In the far south-west of Rheden.
    assert 0 < float(dot.get("cx")) < WIDTH / 2
    assert HEIGHT / 2 < float(dot.get("cy")) < HEIGHT


def test_what_is_not_known_is_not_drawn() -> None:
    assert draw("GM9999", None, "", "") is None
    assert not has_dot("cbs:BU02020403")
    assert "<circle" not in str(draw("GM0202", "cbs:BU02020403", "", ""))

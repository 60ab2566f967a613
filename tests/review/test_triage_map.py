"""The small map: every municipality can be drawn, in shape, and nothing in it comes from outside."""

import re

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

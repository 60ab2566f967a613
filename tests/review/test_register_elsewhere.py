"""What municipalities see of each other's register, and the map."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.words import Role
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN
from tests.review.test_register_form import act, add
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
#: In everything of an entry that others may not see.
CANARY = "kwartelstaart"
HIDDEN = {
    "summary": f"Samen met {CANARY}.",
    "question": f"Wie kent {CANARY}?",
    "contact": f"info@{CANARY}.example",
    "links": f"https://{CANARY}.example/",
}


@pytest.fixture
def clerk(sign_in: SignIn) -> Visitor:
    """An officer of Arnhem."""
    return sign_in("cor@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")


@pytest.fixture
def other(sign_in: SignIn) -> Visitor:
    """An officer of Rheden."""
    return sign_in("rik@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")


def test_another_municipality_sees_what_was_approved_and_nothing_more_anywhere(
    ada: Visitor, clerk: Visitor, other: Visitor
) -> None:
    number = add(
        clerk,
        name="Energiecafé Zuid",
        place_key="Presikhaaf",
        theme="energie",
        link="https://energiecafe.example/",
        hours="37",
        **HIDDEN,
    )
    add(clerk, name=f"Niet voor anderen {CANARY}")
    act(clerk, number, "notitie", text=f"Notitie {CANARY}")
    act(ada, number, "notitie", text=f"Notitie {CANARY}", shared="ja")
    assert other.get(f"/register/{number}/elders").status_code == 404
    other.get("/register/elders")
    assert other.titles == []

    act(clerk, number, "goedkeuring", approved="ja")

    other.get("/register/elders?zoek=energie")
    assert other.titles == ["Energiecafé Zuid"]
    other.get(f"/register/{number}/elders")
    assert all(
        words in other.main
        for words in ("Energiecafé Zuid", "Arnhem", "Presikhaaf", "Energie", "gesignaleerd")
    )
    assert other.page.cssselect("a[href='https://energiecafe.example/']")
    for path in (
        "/register/elders",
        f"/register/elders?van={ARNHEM}",
        "/register",
        "/register?zoek=energie",
        f"/register/{number}/elders",
        "/register/kaart",
        "/register/kaart?gebied=nederland",
        f"/register/kaart?gemeente={ARNHEM}",
        f"/register/{number}",
        f"/register/{number}/wijzigen",
        f"/register/{number}/archief",
    ):
        other.get(path)
        assert CANARY not in other.answer.text, path
        assert "Cor" not in other.main.split(), path
        assert "37" not in other.main.split(), path
    other.get(f"/register/elders?zoek={CANARY}")
    assert other.titles == []
    for path in (f"/register/{number}", f"/register/{number}/wijzigen"):
        assert other.get(path).status_code == 404


def test_without_approval_it_is_gone_again_at_once(ada: Visitor, clerk: Visitor, other: Visitor) -> None:
    number = add(clerk)
    act(clerk, number, "goedkeuring", approved="ja")
    act(ada, number, "goedkeuring", approved="nee")

    other.get("/register/elders")
    assert other.titles == []
    assert other.get(f"/register/{number}/elders").status_code == 404
    # The own page is where the own entry stands.
    clerk.get(f"/register/{number}/elders")
    assert clerk.answer.request.path == f"/register/{number}"


def test_the_list_of_others_pages_through_all_and_filters(
    ada: Visitor, other: Visitor, session: Session
) -> None:
    wanted = [f"Initiatief {number:02}" for number in range(30)]
    for title in wanted:
        number = add(ada, name=title, municipality_code=NIJMEGEN, gezien=" ".join(map(str, range(1, 40))))
        entry = session.get_one(Initiative, number)
        entry.approved_at = entry.created_at
        session.commit()

    other.get("/register/elders")
    first = other.titles
    other.get(other.page.cssselect("a[rel=next]")[0].get("href"))
    assert first + other.titles == wanted[::-1]
    other.get(other.page.cssselect("a[rel=prev]")[0].get("href"))
    assert other.titles == first
    other.get(f"/register/elders?van={NIJMEGEN}&zoek=07+nijmegen&fase=gesignaleerd")
    assert other.titles == ["Initiatief 07"]
    words = [chip.text_content() for chip in other.page.cssselect(".scout-chip__words")]
    assert words == ["Zoekt: 07 nijmegen", "Nijmegen", "Gesignaleerd"]
    for query in ("van=x", "thema=x", "fase=x", "na=x", "voor=-1", "zoek=%00"):
        assert other.get("/register/elders?" + query).status_code == 200


def rows(visitor: Visitor) -> dict[str, int]:
    """The table below the map: name -> number."""
    return {
        row.get("data-name"): int(row.get("data-count")) for row in visitor.page.cssselect("tr[data-name]")
    }


def test_the_table_below_the_map_says_the_same_to_who_has_no_scripts(ada: Visitor) -> None:
    for code, count in ((ARNHEM, 3), (NIJMEGEN, 6)):
        for number in range(count):
            place = "Arnhem" if (code, number) == (ARNHEM, 0) else ""
            add(ada, name=f"{code} {number} apart", municipality_code=code, place_key=place, gezien=SEEN)

    ada.get("/register/kaart")
    assert rows(ada) == {"Nijmegen": 6, "Arnhem": 3}
    fills = [path.get("fill") for path in ada.page.cssselect("svg.scout-areas path")]
    assert len(fills) == 342
    assert (fills.count("url(#raster-1)"), fills.count("url(#raster-2)")) == (1, 1)
    link = ada.page.cssselect("tr[data-code] th a")[0].get("href")
    ada.get(link)
    assert len(ada.titles) == 6

    ada.get(f"/register/kaart?gemeente={ARNHEM}")
    assert rows(ada) == {"Arnhem": 1, "Plaats niet genoemd": 2}
    (row,) = ada.page.cssselect("tr[data-lat]")
    assert 51.9 < float(row.get("data-lat")) < 52.1
    assert ada.page.cssselect("svg.scout-map__drawing circle")
    ada.get(row.cssselect("a")[0].get("href"))
    assert ada.titles == [f"{ARNHEM} 0 apart"]


SEEN = " ".join(map(str, range(1, 40)))


def test_a_municipality_gets_its_own_counts_and_of_others_the_approved(
    ada: Visitor, clerk: Visitor, other: Visitor
) -> None:
    for number in range(3):
        added = add(clerk, name=f"Apart {number}", gezien=SEEN)
    act(clerk, added, "goedkeuring", approved="ja")
    add(other, name="Ander")

    clerk.get("/register/kaart?gebied=nederland")
    assert rows(clerk) == {"Arnhem": 3}
    other.get("/register/kaart?gebied=nederland")
    assert rows(other) == {"Arnhem": 1, "Rheden": 1}
    other.get(f"/register/kaart?gemeente={ARNHEM}")
    assert rows(other) == {"Plaats niet genoemd": 1}
    other.get("/register/kaart")
    assert other.heading == "Initiatieven in Rheden"
    for query in ("gemeente=x", "gemeente=GM9999", "gebied=x", "gemeente=%00"):
        assert other.get("/register/kaart?" + query).status_code == 200


def test_boundaries_are_kept_by_browsers_at_an_address_that_changes_with_them(
    ada: Visitor, app: Flask
) -> None:
    ada.get("/register/kaart")
    address = ada.page.cssselect("[data-boundaries]")[0].get("data-boundaries")

    answer = ada.client.get(address)
    assert answer.headers["Cache-Control"].startswith("private, max-age=31536000")
    found = json.loads(answer.data)
    assert len(found["features"]) == 342
    assert all(set(one["properties"]) == {"code", "name"} for one in found["features"])
    packed = ada.client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(answer.data) / 2
    assert ada.client.get("/register/kaart/grenzen.geojson?v=oud").headers["Cache-Control"] == "no-store"
    assert Visitor(app).client.get(address).status_code == 303


def test_entries_are_those_of_their_municipality(ada: Visitor, clerk: Visitor, session: Session) -> None:
    add(clerk)
    add(ada, name="Ander", municipality_code=RHEDEN)

    assert set(session.scalars(select(Initiative.municipality_code))) == {ARNHEM, RHEDEN}
    clerk.get("/register")
    assert len(clerk.titles) == 1

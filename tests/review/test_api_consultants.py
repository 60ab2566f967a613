"""Consultants entered, changed and read through the API."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.consultant import Consultant
from models.words import Role, Scope
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, make_account, place_key

KIM: dict[str, Any] = {
    "gemeente": ARNHEM,
    "naam": "Kim  Voorbeeld",
    "email": "Kim@Arnhem.example",
    "expertise": ["vergunningen", "subsidies", "vergunningen"],
    "uren": 12.5,
    "akkoordNaam": "Jo Voorbeeld",
    "akkoordEmail": "jo@arnhem.example",
}


@pytest.fixture
def arnhem(app: Flask, session: Session) -> Program:
    """A program of a municipality, made by its officer."""
    officer = make_account(
        session, "an@voorbeeld.example", name="An", roles=[Role.MUNICIPALITY], municipality=ARNHEM
    )
    return program(app, session, account=officer)


@pytest.fixture
def rheden(app: Flask, session: Session) -> Program:
    """A program of the network that is kept to another municipality."""
    return program(app, session, municipality=RHEDEN)


@pytest.fixture
def network(app: Flask, session: Session) -> Program:
    """A program of a project leader."""
    return program(app, session)


def mistakes(answer: Any) -> dict[str, str]:
    """Field -> what is wrong with it."""
    assert answer.status_code == 400, answer.text
    return {one["veld"]: one["wat"] for one in answer.json["fouten"]}


def test_a_consultant_is_entered_read_and_changed(arnhem: Program, session: Session) -> None:
    quarter = place_key(session, ARNHEM, "Klarendal")
    session.rollback()  # or it would keep the API from writing
    made = arnhem.post("/consultants", json=KIM)

    assert made.status_code == 201, made.text
    one = arnhem.get(made.headers["Location"])
    assert (one.json, one.headers["ETag"]) == (made.json, made.headers["ETag"])
    assert (made.json["naam"], made.json["email"]) == ("Kim Voorbeeld", "kim@arnhem.example")
    assert (made.json["uren"], made.json["expertise"]) == (12.5, ["vergunningen", "subsidies"])
    assert (made.json["talen"], made.json["themas"], made.json["beschikbaar"]) == (["nl"], [], True)
    assert arnhem.get("/consultants").json["resultaten"] == [made.json]
    seen = arnhem.get(made.headers["Location"], headers={"If-None-Match": made.headers["ETag"]})
    assert (seen.status_code, seen.data) == (304, b"")

    wanted = {
        "uren": 40,
        "themas": [{"thema": "groen", "opdrachten": 2}, {"thema": "zorg"}],
        "vanafDag": "2027-01-11",
        "reisafstandKm": 25,
        "vertrekplaats": "klarendal",
    }
    path, tag = f"/consultants/{made.json['id']}", {"If-Match": made.headers["ETag"]}
    changed = arnhem.patch(path, json=wanted, headers=tag)

    assert changed.status_code == 200, changed.text
    assert changed.json["themas"] == [
        {"thema": "groen", "opdrachten": 2},
        {"thema": "zorg", "opdrachten": 0},
    ]
    assert changed.json["vertrekplaats"] == {"sleutel": quarter, "naam": "Klarendal"}
    assert (changed.json["uren"], changed.json["vanafDag"]) == (40, "2027-01-11")
    kept = ("naam", "email", "expertise", "akkoordNaam", "toegevoegdOp")
    assert [changed.json[name] for name in kept] == [made.json[name] for name in kept]
    assert changed.json["versie"] == 2
    # On what was seen before: nothing of it.
    assert arnhem.patch(path, json={"uren": 1}, headers=tag).status_code == 412
    assert arnhem.patch(path, json={"uren": 1}).status_code == 428
    empty = {"vanafDag": None, "reisafstandKm": None, "vertrekplaats": None, "beschikbaar": False}
    tag = {"If-Match": changed.headers["ETag"]}
    emptied = arnhem.patch(path, json=empty, headers=tag).json
    assert {name: emptied[name] for name in empty} == empty
    assert arnhem.get("/consultants?beschikbaar=true").json["resultaten"] == []
    session.expire_all()
    assert session.get_one(Consultant, made.json["id"]).half_hours == 80
    assert session.scalar(select(func.count()).where(AuditEntry.action == "consultant")) == 3


def test_the_same_consultant_is_not_entered_twice(arnhem: Program, network: Program) -> None:
    made = arnhem.post("/consultants", json=KIM).json

    again = arnhem.post("/consultants", json={**KIM, "email": " KIM@arnhem.example"})
    other = network.post("/consultants", json={**KIM, "gemeente": RHEDEN})
    second = network.post("/consultants", json={**KIM, "email": "bo@arnhem.example"})
    to_first = network.patch(
        f"/consultants/{second.json['id']}",
        json={"email": KIM["email"]},
        headers={"If-Match": second.headers["ETag"]},
    )

    assert (again.status_code, again.json["consultant"]) == (409, made)
    assert (other.status_code, second.status_code) == (201, 201)
    assert (to_first.status_code, to_first.json["consultant"]["id"]) == (409, made["id"])


def test_all_that_is_wrong_is_said(network: Program, session: Session) -> None:
    assert mistakes(network.post("/consultants", json={})).keys() == {
        *("gemeente", "naam", "email", "expertise", "uren", "akkoordNaam", "akkoordEmail")
    }
    strange: dict[str, Any] = {"uren": 12.25, "maxOpdrachten": 0, "talen": [], "vanafDag": "11-1-2027"}
    strange |= {"reisafstandKm": 0.5, "themas": [{"thema": "groen", "opdrachten": -1}], "naam": "  "}
    found = mistakes(network.post("/consultants", json={**KIM, **strange}))
    assert found.keys() == {*strange.keys() - {"themas"}, "themas.0.opdrachten"}
    for hours in (0, -1, True, "12", 2000.5, 1e308, 10**400, None, 0.1):
        assert "uren" in mistakes(network.post("/consultants", json={**KIM, "uren": hours})), hours

    beyond: dict[str, Any] = {
        "gemeente": "GM9999",
        "email": "kim bij arnhem",
        "expertise": ["toveren"],
        "talen": ["nl", "xx"],
        "themas": [{"thema": "toveren"}],
        "vanafDag": "2027-02-01",
        "totEnMet": "2027-01-01",
    }
    assert mistakes(network.post("/consultants", json={**KIM, **beyond})).keys() == beyond.keys() - {
        "vanafDag"
    }
    place = mistakes(network.post("/consultants", json={**KIM, "vertrekplaats": "Velp"}))
    assert place.keys() == {"vertrekplaats"}
    twice = {"themas": [{"thema": "groen", "opdrachten": 1}, {"thema": " groen"}]}
    assert mistakes(network.post("/consultants", json={**KIM, **twice})).keys() == {"themas"}
    assert session.scalar(select(func.count()).select_from(Consultant)) == 0


def test_a_municipality_sees_and_writes_its_own_only(
    arnhem: Program, rheden: Program, network: Program, session: Session
) -> None:
    made = arnhem.post("/consultants", json=KIM)
    path, tag = f"/consultants/{made.json['id']}", {"If-Match": made.headers["ETag"]}

    assert rheden.get("/consultants?gemeente=GM0202").json["resultaten"] == []
    assert rheden.get(path).status_code == 404
    assert rheden.patch(path, json={"uren": 1}, headers=tag).status_code == 404
    assert rheden.post("/consultants", json=KIM).status_code == 403
    assert network.get(path).json == made.json
    assert network.patch(path, json={"uren": 1}, headers=tag).status_code == 200
    # A consultant stays with the own municipality.
    assert mistakes(network.patch(path, json={"gemeente": RHEDEN}, headers={"If-Match": "*"})) == {
        "gemeente": "Dit bestaat niet."
    }
    session.expire_all()
    assert session.get_one(Consultant, made.json["id"]).municipality_code == ARNHEM


def test_the_list_is_chosen_from_and_cut_into_pages(network: Program, session: Session) -> None:
    periods = {"kim": ("2027-01-01", "2027-03-31"), "bo": (None, "2026-12-31"), "li": ("2027-06-01", None)}
    for name, (start, end) in periods.items():
        themes = [{"thema": "zorg"}] if name == "bo" else []
        body = {**KIM, "email": f"{name}@arnhem.example", "vanafDag": start, "totEnMet": end}
        body |= {"themas": themes, "gemeente": RHEDEN if name == "li" else ARNHEM}
        assert network.post("/consultants", json=body).status_code == 201
    choices = {
        "": {"kim", "bo", "li"},
        "gemeente=GM0275": {"li"},
        "thema=zorg": {"bo"},
        "expertise=subsidies": {"kim", "bo", "li"},
        "expertise=privacy": set(),
        "beschikbaar=false": set(),
        "vanafDag=2027-01-01": {"kim", "li"},
        "totEnMet=2027-05-31": {"kim", "bo"},
        "vanafDag=2027-01-01&totEnMet=2027-05-31": {"kim"},
    }
    for choice, wanted in choices.items():
        rows = network.get(f"/consultants?{choice}").json["resultaten"]
        assert {row["email"].split("@")[0] for row in rows} == wanted, choice

    page = network.get("/consultants?limiet=2").json
    rest = network.get(page["_links"]["next"]["href"]).json
    assert [row["email"][:2] for row in page["resultaten"] + rest["resultaten"]] == ["li", "bo", "ki"]
    assert network.get(rest["_links"]["prev"]["href"]).json["resultaten"] == page["resultaten"]
    assert date.fromisoformat(rest["resultaten"][0]["totEnMet"]) == date(2027, 3, 31)


def test_a_scope_for_reading_does_not_write(app: Flask, session: Session) -> None:
    reader = program(app, session, scopes=[Scope.ROUNDS_READ])

    assert reader.get("/consultants").status_code == 200
    assert reader.post("/consultants", json=KIM).status_code == 403

"""Every operation of the API × programs of staff and of municipalities × what is theirs and what is not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.handed_in import HandedIn
from models.store.api_clients import add_client
from models.store.search import refresh
from review.programs import PREFIX
from tests.review import matrix_world
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, viewer_of
from tests.review.matrix import NOT_THERE, Matrix, started
from tests.review.matrix_checks import check_told
from tests.review.matrix_people import SEARCHED, SHARED

STAFF = "projectleider"
METHODS = ("get", "post", "put", "patch", "delete")
#: Values of parameters that are not a list of words.
TRIED: dict[str, list[str]] = {
    "gemeente": [ARNHEM, RHEDEN],
    "zoek": [*SEARCHED.values(), "buurttuin"],
    "naam": [*SEARCHED.values(), "a"],
    "bron": ["bron-gm0202", "bron-gm0275", "bron-zonder"],
    "thema": ["groen", "energie"],
    "expertise": ["subsidies"],
    "scoreVanaf": ["0.1"],
    "limiet": ["1", "100"],
    "gewijzigdNa": ["0"],
    "na": ["0"],
}


@pytest.fixture
def matrix(app: Flask, session: Session) -> Matrix:
    """Both municipalities filled."""
    matrix = started(app, session)
    for code in (ARNHEM, RHEDEN, None):
        matrix_world.build_municipality(session, matrix.world, code)
    matrix_world.entangle(session, matrix.world)
    refresh(session)
    session.commit()
    return matrix


@pytest.fixture
def programs(app: Flask, session: Session, matrix: Matrix) -> dict[str, Program]:
    """One of staff, one of each municipality: made by its own officer, or kept to it by staff."""
    accounts = {key: session.get_one(Account, matrix.world.accounts[key]) for key in (STAFF, ARNHEM, RHEDEN)}
    return {
        STAFF: program(app, session, account=accounts[STAFF]),
        ARNHEM: program(app, session, account=accounts[ARNHEM]),
        RHEDEN: program(app, session, account=accounts[STAFF], municipality=RHEDEN),
    }


@pytest.fixture
def paths(app: Flask) -> dict[str, dict[str, Any]]:
    document = app.test_client().get(f"{PREFIX}/openapi.json").json
    assert document is not None
    return {
        path: {method: told for method, told in item.items() if method in METHODS}
        for path, item in document["paths"].items()
    }


def addresses(path: str, matrix: Matrix, session: Session) -> Iterator[tuple[str, str | None]]:
    """Addresses of a path with whose it is: a CBS code, None, or ``*``."""
    world = matrix.world
    room = path.split("/")[1]
    things: dict[str, dict[str | None, list[int]]] = {
        "signalen": world.leads,
        "initiatieven": world.initiatives,
        "delingen": world.shares,
        "berichten": {},
        "consultants": world.consultants,
        "rondes": world.rounds,
    }
    for row in session.scalars(select(HandedIn)):
        things["berichten"].setdefault(row.municipality_code, []).append(row.id)
    session.rollback()  # or it would keep the API from writing
    if "{" not in path:
        yield path, "*"
    elif room == "gemeenten":
        yield from ((path.replace("{code}", code), "*") for code in (ARNHEM, RHEDEN))
    elif room == "bronnen":
        yield from ((path.replace("{sleutel}", key), "staff") for key in world.sources)
    else:
        assert room in things, f"teach the matrix of the API about {path}"
        if "{matchId}" in path:
            for owner, numbers in world.matches.items():
                for number in numbers:
                    one = path.replace("{id}", str(world.round_of[number]))
                    yield one.replace("{matchId}", str(number)), owner
            return
        for owner, numbers in things[room].items():
            for number in numbers:
                one = path.replace("{id}", str(number))
                for decision in world.decisions.get(owner, [1])[:2]:
                    yield re.sub(r"\{\w+\}", str(decision), one), owner


def test_no_program_is_told_of_what_is_not_its_own(
    app: Flask, session: Session, matrix: Matrix, programs: dict[str, Program], paths: dict[str, Any]
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    for path, item in paths.items():
        if "get" not in item:
            continue
        for address, owner in addresses(path, matrix, session):
            for key, one in programs.items():
                answer = one.get(address)
                check_told(matrix, key, answer, f"api {path}")
                matrix.expect(answer.status_code < 500, f"{key}: {address} {answer.status}")
                if key != STAFF and owner not in (key, "*", "staff"):
                    matrix.expect(answer.status_code == 404, f"{key}: {address} {answer.status}")
                    absent = one.get(re.sub(r"/\d+", f"/{NOT_THERE}", address, count=1))
                    neutral = [
                        {**json.loads(told.text), "instance": ""} for told in (answer, absent) if told.text
                    ]
                    matrix.expect(neutral[0] == neutral[-1], f"{key} can tell that there is {address}")
                if key != STAFF and owner == "staff":
                    matrix.expect(answer.status_code == 403, f"{key}: {address} {answer.status}")
    matrix.done()


def test_no_parameter_tells_a_program_too_much(
    app: Flask, matrix: Matrix, programs: dict[str, Program], paths: dict[str, Any]
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    for path, item in paths.items():
        for parameter in item.get("get", {}).get("parameters", []):
            if parameter.get("in") != "query":
                continue
            schema = parameter["schema"]
            words = schema.get("items", schema).get("enum") or TRIED.get(parameter["name"])
            if words is None and schema["type"] == "boolean":
                words = ["true", "false"]
            for word in words or ["2026-11-01"]:
                for extra in ({}, {"gemeente": RHEDEN}, {"gemeente": ARNHEM}):
                    for key, one in programs.items():
                        answer = one.get(path, query_string={**extra, parameter["name"]: str(word)})
                        check_told(matrix, key, answer, f"api {path}")
                        matrix.expect(answer.status_code < 500, f"{key}: {answer.request.full_path}")
    matrix.done()


def test_nothing_of_anothers_is_changed_by_a_program(
    app: Flask, session: Session, matrix: Matrix, programs: dict[str, Program], paths: dict[str, Any]
) -> None:
    """With the very bodies that the document gives as examples."""
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    for path, item in paths.items():
        for method in METHODS[1:]:
            if method not in item or "{" not in path:
                continue
            content = item[method].get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("example")
            for address, owner in addresses(path, matrix, session):
                for key in (ARNHEM, RHEDEN):
                    if owner in (key, SHARED):
                        continue
                    answer = programs[key].ask(method.upper(), address, json=body, headers={"If-Match": "*"})
                    check_told(matrix, key, answer, f"api {path}")
                    matrix.expect(
                        answer.status_code in (403, 404), f"{key}: {method} {address} {answer.status}"
                    )
    matrix.done()


def test_the_page_of_programs_shows_a_municipality_no_names_of_staff(
    session: Session, matrix: Matrix
) -> None:
    staff = session.get_one(Account, matrix.world.accounts[STAFF])
    add_client(
        session, "Gemaakt voor Arnhem", ["signalen:lezen"], viewer=viewer_of(staff), municipality_code=ARNHEM
    )
    session.commit()
    officer = matrix.visitors[ARNHEM]

    officer.get("/kanalen/programmas")

    assert "Gemaakt voor Arnhem" in officer.main
    assert "namens een medewerker van het netwerk" in officer.main
    assert staff.name not in officer.main
    leader = matrix.visitors[STAFF]
    leader.get("/kanalen/programmas")
    assert f"namens {staff.name}" in leader.main

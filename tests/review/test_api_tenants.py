"""Every operation of the API × kinds of programs × what is theirs and what is not: nobody gets too much.

The operations come from the application itself; one that nobody has told this module about makes a test fail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.account import Account
from models.consultant import Consultant
from models.decision import Decision
from models.handed_in import HandedIn
from models.initiative import Initiative
from models.lead import Lead
from models.settings import Settings
from models.share import Share
from models.store.accounts import close_account
from models.store.api_clients import revoke_client
from models.store.search import refresh
from models.words import Scope
from review.access import ACCESS, Who
from review.api.examples import OFFERED
from review.app import create_app
from review.programs import PREFIX
from tests.review import matrix_people, matrix_world
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, viewer_of
from tests.review.matrix_checks import content_of, told
from tests.review.matrix_people import (
    CANARY,
    INVITED,
    MAILBOX,
    PEOPLE,
    SEARCHED,
    SHARED,
    STAFF_CANARY,
    World,
)

NOT_THERE = 987654
TOWNS = (ARNHEM, RHEDEN)
WRITTEN = {"naam": "Naam van het programma", "samenvatting": "In eigen woorden van het programma geschreven."}

#: First part of an address -> the table whose numbers stand in it.
TABLES: dict[str, type[Any]] = {
    "signalen": Lead,
    "initiatieven": Initiative,
    "delingen": Share,
    "berichten": HandedIn,
    "consultants": Consultant,
}
#: What everybody may see with any token, or only staff at all: there is nothing of one municipality in it.
COMMON = {"gemeenten", "bronnen"}
#: Parameter -> values that point at what is another municipality's (Rheden's), or at nothing.
CHOICES: dict[str, list[str]] = {
    "gemeente": [RHEDEN, ARNHEM, "GM9999"],
    "zoek": [CANARY[RHEDEN], SEARCHED[RHEDEN], CANARY[None], STAFF_CANARY],
    "bron": ["bron-gm0275", "bron-zonder"],
    "buurt": ["cbs:WK027501"],
    "status": ["opgenomen", "afgewezen", "samengevoegd", "aangeboden", "voorstellen"],
    "scoreVanaf": ["0", "1"],
    "thema": ["groen", "circulair"],
    "gevondenVanaf": ["2020-01-01"],
    "nieuwsteBerichtVanaf": ["2020-01-01"],
    "toegewezenAan": ["mij"],
    "volgorde": ["nieuwste", "score"],
    "fase": ["gesignaleerd"],
    "expertise": ["vergunningen"],
    "goedgekeurd": ["true", "false"],
    "beperkt": ["true"],
    "gewijzigdNa": ["0", "1"],
    "wacht": ["true"],
    "limiet": ["1", "100"],
    "beschikbaar": ["true", "false"],
    "vanafDag": ["2020-01-01"],
    "totEnMet": ["2040-01-01"],
}
#: Address -> body that is good, so that only who asks can be the reason to refuse it.
BODIES: dict[str, dict[str, Any]] = {
    "/signalen/<id>/besluiten": {"soort": "afwijzen", "reden": "overheid", "versie": 1},
    "/initiatieven": {**WRITTEN, "gemeente": RHEDEN},
    "/initiatieven/<id>": {**WRITTEN, "gemeente": ARNHEM},
    "/delingen/<id>/antwoorden": {"antwoord": "opgepakt", "versie": 1},
    "/berichten": {"samenvatting": "Buren beginnen iets."},
    "/consultants": {**OFFERED, "gemeente": RHEDEN, "vertrekplaats": None},
    "/consultants/<id>": {"uren": 1},
    "/rondes/<id>/initiatieven": {"initiatieven": [1]},
    "/rondes/<id>/matches/<matchId>/antwoorden": {"partij": "ontvanger", "akkoord": True, "versie": 1},
}


@dataclass
class Tenants:
    """All programs, and what is whose."""

    app: Flask
    world: World
    programs: dict[str, Program] = field(default_factory=dict)
    #: First part of an address -> municipality -> numbers.
    numbers: dict[str, dict[str | None, list[int]]] = field(default_factory=dict)
    #: Lead -> one decision on it.
    decisions: dict[int, int] = field(default_factory=dict)
    #: Round -> one match in it.
    matches: dict[int, int] = field(default_factory=dict)

    def operations(self) -> Iterator[tuple[str, str]]:
        """Method and address of each, numbers as ``<id>``."""
        for rule in self.app.url_map.iter_rules():
            if ACCESS[rule.endpoint] is Who.PROGRAMS and rule.rule.startswith(PREFIX):
                path = re.sub(r"<[^:>]+:([^>]+)>", r"<\1>", rule.rule.removeprefix(PREFIX))
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield method, path

    def filled(self, path: str, code: str | None) -> list[str]:
        """The address for everything of a municipality; without numbers, as it is."""
        if "<id>" not in path:
            return [path]
        numbers = self.numbers[path.split("/")[1]].get(code, [])
        inner = {"<besluitId>": self.decisions, "<matchId>": self.matches}
        found = []
        for one in numbers:
            if all(one in known for name, known in inner.items() if name in path):
                filled = path.replace("<id>", str(one))
                for name, known in inner.items():
                    filled = filled.replace(name, str(known.get(one)))
                found.append(filled)
        return found

    def send(self, key: str, method: str, path: str, rule: str) -> TestResponse:
        """Ask as one of the programs."""
        options = {} if method == "GET" else {"json": BODIES[rule], "headers": {"If-Match": '"x"'}}
        if method == "POST":
            del options["headers"]
        return self.programs[key].ask(method, path, **options)


@pytest.fixture
def app(settings: Settings, engine: Engine) -> Flask:
    """The application, for programs that ask very often."""
    return create_app(settings.model_copy(update={"api_rate": 1_000_000}), engine=engine)


def fill(session: Session, world: World, codes: tuple[str | None, ...]) -> None:
    """What these municipalities have."""
    for code in codes:
        matrix_world.build_municipality(session, world, code)
    refresh(session)
    session.commit()


def start(app: Flask, session: Session, world: World) -> Tenants:
    """Programs of every kind."""
    found = Tenants(app, world)
    account = {key: session.get_one(Account, number) for key, number in world.accounts.items()}
    leader = account["projectleider"]
    found.programs["network"] = program(app, session, account=leader)
    found.programs["kept"] = program(app, session, account=leader, municipality=ARNHEM)
    for code in TOWNS:
        found.programs[code] = program(app, session, account=account[code])
    found.programs["scopeless"] = program(app, session, account=leader, scopes=[Scope.SOURCES_READ])
    found.programs["revoked"] = program(app, session, account=leader)
    revoke_client(session, found.programs["revoked"].number, viewer=viewer_of(leader))
    found.programs["closed"] = program(app, session, account=account["beheerder"])
    session.commit()
    found.programs["none"] = Program(app.test_client(), 0, "", "", "verzonnen")
    return found


@pytest.fixture
def tenants(app: Flask, session: Session) -> Tenants:
    """Everybody, and both municipalities filled."""
    world = matrix_people.build_people(session, app.extensions["scout"].secret)
    fill(session, world, (ARNHEM, RHEDEN, None))
    matrix_world.entangle(session, world)
    found = start(app, session, world)
    close_account(session, world.accounts["beheerder"], by_id=None)
    session.commit()
    for name, table in TABLES.items():
        for code in (*TOWNS, None):
            column = table.municipality_code
            asked = select(table.id).where(column == code if code else column.is_(None)).order_by(table.id)
            found.numbers.setdefault(name, {})[code] = list(session.scalars(asked))
    pairs = session.execute(select(Decision.lead_id, Decision.id).order_by(Decision.id)).all()
    found.numbers["rondes"] = world.rounds
    found.matches = {world.round_of[match]: match for code in TOWNS for match in world.matches[code][:1]}
    found.decisions = {row.lead_id: row.id for row in pairs}
    session.commit()
    return found


def of_others(key: str) -> set[str]:
    """Words that a program of this municipality is never told."""
    other = RHEDEN if key == ARNHEM else ARNHEM
    words = {CANARY[other], SEARCHED[other], CANARY[None], SEARCHED[None], STAFF_CANARY}
    return words | {PEOPLE["staff"], PEOPLE[other], MAILBOX, INVITED}


def same(one: TestResponse, other: TestResponse) -> bool:
    """Whether two answers differ in the numbers asked for only."""
    said = [re.sub(r"/\d+", "/N", answer.text) for answer in (one, other)]
    return one.status_code == other.status_code and said[0] == said[1]


def test_without_a_good_token_there_is_nothing(tenants: Tenants) -> None:
    for method, rule in tenants.operations():
        own = tenants.filled(rule, ARNHEM) if rule.split("/")[1] not in COMMON else []
        for path in [*own, re.sub(r"<\w+>", str(NOT_THERE), rule.replace("<code>", ARNHEM))]:
            for key in ("none", "revoked", "closed"):
                answer = tenants.send(key, method, path, rule)
                assert answer.status_code == 401, (key, path)
                assert CANARY[ARNHEM] not in answer.text


def test_without_the_scope_there_is_nothing_and_all_looks_alike(tenants: Tenants) -> None:
    for method, rule in tenants.operations():
        if rule.split("/")[1] in COMMON:
            continue
        absent = tenants.send("scopeless", method, re.sub(r"<\w+>", str(NOT_THERE), rule), rule)
        assert absent.status_code == 403
        for path in tenants.filled(rule, ARNHEM):
            assert same(tenants.send("scopeless", method, path, rule), absent)


def test_what_is_of_another_looks_the_same_as_what_is_not_there(tenants: Tenants, engine: Engine) -> None:
    before = content_of(engine, tenants.world, ARNHEM)
    asked = 0
    for method, rule in tenants.operations():
        if rule.split("/")[1] in COMMON or "<id>" not in rule:
            continue
        for key in (ARNHEM, "kept"):
            absent = tenants.send(key, method, re.sub(r"<\w+>", str(NOT_THERE), rule), rule)
            assert absent.status_code in ((403, 404) if method == "POST" else (404,)), (key, method, rule)
            for code in (RHEDEN, None):
                for path in tenants.filled(rule, code):
                    answer = tenants.send(key, method, path, rule)
                    approved = method == "GET" and answer.status_code == 200 and answer.json["beperkt"]
                    assert approved or same(answer, absent), (key, method, path, answer.text)
                    assert not [word for word in of_others(ARNHEM) if word in told(tenants.app, answer)]
                    asked += 1
    assert asked > 50
    assert content_of(engine, tenants.world, ARNHEM) == before


def test_own_things_are_there_and_tell_nothing_of_others(tenants: Tenants) -> None:
    seen = set()
    for method, rule in tenants.operations():
        if method != "GET" or rule.split("/")[1] in COMMON:
            continue
        for key in (ARNHEM, "kept", RHEDEN):
            code = ARNHEM if key == "kept" else key
            for path in tenants.filled(rule, code):
                answer = tenants.send(key, method, path, rule)
                assert answer.status_code == 200, (key, path, answer.text)
                assert not [word for word in of_others(code) if word in told(tenants.app, answer)], path
                if "<id>" in rule:
                    seen.add((rule, key))
    assert len(seen) == 10 * 3


def test_no_choice_tells_too_much(tenants: Tenants) -> None:
    for method, rule in tenants.operations():
        if method != "GET" or "<" in rule or rule.split("/")[1] in COMMON:
            continue
        document = tenants.programs["none"].get("/openapi.json").json["paths"][rule]["get"]
        names = {one["name"] for one in document["parameters"] if one.get("in") == "query"}
        assert names - {"cursor"} <= CHOICES.keys(), f"teach CHOICES the parameters of {rule}"
        numbers = tenants.numbers[rule.strip("/")]
        own = {*numbers[ARNHEM], *numbers.get(SHARED, ())}
        for name in sorted(names & CHOICES.keys()):
            for value in CHOICES[name]:
                for more in ("", "&gewijzigdNa=0", "&beperkt=true", "&status=samengevoegd"):
                    path = f"{rule}?{name}={value}{more}"
                    answer = tenants.programs[ARNHEM].get(path)
                    words = of_others(ARNHEM) - {value}
                    assert not [word for word in words if word in told(tenants.app, answer)], path
                    rows = answer.json.get("resultaten", [])
                    if name in ("zoek", "bron") and value in (CANARY[RHEDEN], "bron-gm0275"):
                        assert all(row.get("vervallen") for row in rows), path
                    for row in rows:
                        assert row["id"] in own or row["beperkt"], path
        assert own


def ids(client: Program, path: str) -> list[int]:
    """Numbers of what is listed, over all pages."""
    found, page = [], client.get(path).json
    while True:
        found += [row["id"] for row in page["resultaten"]]
        if "next" not in page["_links"]:
            return found
        page = client.get(page["_links"]["next"]["href"]).json


@pytest.mark.parametrize(
    "path", ["/signalen", "/initiatieven", "/delingen", "/consultants", "/initiatieven?gewijzigdNa=0"]
)
def test_a_cursor_of_another_program_leads_to_own_things_only(tenants: Tenants, path: str) -> None:
    sign = "&" if "?" in path else "?"
    own = set(ids(tenants.programs[ARNHEM], path))
    pages = [tenants.programs[key].get(f"{path}{sign}limiet=1").json for key in ("network", RHEDEN)]
    links = [page["_links"]["next"]["href"] for page in pages if "next" in page["_links"]]
    assert links

    for link in links:
        answer = tenants.programs[ARNHEM].get(link)
        assert answer.status_code == 200
        assert {row["id"] for row in answer.json["resultaten"]} <= own
        broken = tenants.programs[ARNHEM].get(link[:-2] + "xx")
        assert broken.status_code == 404


def test_the_network_sees_all(tenants: Tenants) -> None:
    network = tenants.programs["network"]
    for rule in ("/signalen", "/delingen", "/initiatieven", "/consultants"):
        towns = {row["gemeente"] and row["gemeente"]["code"] for row in network.get(rule).json["resultaten"]}
        assert set(TOWNS) <= towns


def test_a_municipality_gets_the_very_same_answers_whether_others_are_there_or_not(
    app: Flask, session: Session
) -> None:
    """So no number, cursor or order depends on what is not theirs."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        world = matrix_people.build_people(session, app.extensions["scout"].secret)
        fill(session, world, (ARNHEM,))
        client = start(app, session, world).programs[ARNHEM]
        paths = [f"{rule}?limiet=2" for rule in ("/signalen", "/delingen", "/initiatieven", "/consultants")]
        paths += ["/initiatieven?gewijzigdNa=0", "/signalen?status=opgenomen", "/signalen?volgorde=score"]
        paths += [f"/signalen/{number}" for number in world.leads[ARNHEM]]
        paths += [f"/initiatieven/{number}" for number in world.initiatives[ARNHEM]]
        paths += [f"/consultants/{number}" for number in world.consultants[ARNHEM]]
        paths += [
            f"/rondes{path}"
            for number in world.rounds[ARNHEM]
            for path in ("", f"/{number}", f"/{number}/initiatieven", f"/{number}/matches")
        ]
        before = [client.get(path).text for path in paths]
        assert all(CANARY[ARNHEM] in one for one in before[:4])

        fill(session, world, (RHEDEN, None))

        assert [client.get(path).text for path in paths] == before

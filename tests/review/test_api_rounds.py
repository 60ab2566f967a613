"""Rounds, what is in them and their matches, through the API."""

import itertools
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.match import MatchAnswer
from models.round import Round, RoundInitiative
from models.words import MatchState, Party, RoundState, Scope
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN
from tests.rounds_world import EDE, OUTSIDE, World, match_in, round_in, world


@pytest.fixture
def there(session: Session) -> World:
    """Three municipalities with initiatives and consultants."""
    found = world(session)
    session.commit()
    return found


@pytest.fixture
def programs(app: Flask, session: Session, there: World) -> dict[str, Program]:
    """Of the project leader, and of the officer of each municipality."""
    viewers = {"network": there.leader, **there.officers}
    return {
        key: program(app, session, account=session.get_one(Account, viewer.account_id))
        for key, viewer in viewers.items()
    }


def made(session: Session, there: World, state: RoundState, **more: Any) -> Round:
    """A round in a state, kept; the session then stays out of the way of the API."""
    found = round_in(session, state, world=there, **more)
    session.commit()
    return found


def rows(answer: Any) -> list[dict[str, Any]]:
    """What is listed."""
    assert answer.status_code == 200, answer.text
    return list(answer.json["resultaten"])


def test_a_municipality_sees_the_rounds_that_it_is_in(
    session: Session, there: World, programs: dict[str, Program]
) -> None:
    young, old = (made(session, there, state) for state in (RoundState.SEEDING, RoundState.DEPLOYED))

    for key in ("network", RHEDEN, EDE):
        found = rows(programs[key].get("/rondes"))
        assert [row["id"] for row in found] == [old.id, young.id]
        one = programs[key].get(found[0]["_links"]["self"]["href"])
        assert one.json == found[0]
        assert (one.json["status"], one.json["eersteDag"]) == ("uitvoeren", "2027-01-04")
        assert one.json["aantallen"]["matches"]["ingezet"] == {"network": 5, RHEDEN: 4, EDE: 1}[key]
        assert one.json["vingerafdruk"] == old.snapshot_hash
        not_new = programs[key].get(f"/rondes/{old.id}", headers={"If-None-Match": one.headers["ETag"]})
        assert not_new.status_code == 304
    assert [row["id"] for row in rows(programs["network"].get("/rondes?status=samenstellen"))] == [young.id]
    assert rows(programs[OUTSIDE].get("/rondes")) == []
    for path in ("", "/initiatieven", "/matches"):
        for number in (young.id, 987654):
            answer = programs[OUTSIDE].get(f"/rondes/{number}{path}")
            assert (answer.status_code, answer.json["title"]) == (404, "Niet gevonden")


def test_nothing_of_pairing_by_hand_automatic_pairing_or_votes_is_told(
    session: Session, there: World, programs: dict[str, Program]
) -> None:
    """Only matches are: what is proposed to the people themselves."""
    names = [one.name for one in there.consultants]
    for state in (RoundState.SELECTION, RoundState.PAIRING, RoundState.COMPARING):
        number = made(session, there, state).id
        for key in ("network", ARNHEM, RHEDEN, EDE):
            texts = [
                programs[key].get(f"/rondes/{number}{path}") for path in ("", "/initiatieven", "/matches")
            ]
            assert [one.status_code for one in texts] == [200, 200, 200]
            whole = " ".join(one.text for one in texts)
            assert not [name for name in names if name in whole]
            assert rows(texts[2]) == []
            assert not {"fit", "minuten", "paren", "stemmen", "snapshot"} & set(json.loads(texts[0].text))


def test_the_initiatives_of_a_round_are_there_for_all_of_its_municipalities(
    session: Session, there: World, programs: dict[str, Program]
) -> None:
    number = made(session, there, RoundState.PAIRING).id
    path = f"/rondes/{number}/initiatieven"

    whole = rows(programs["network"].get(path))
    own = {row["id"]: row for row in rows(programs[ARNHEM].get(path))}

    assert {row["id"] for row in whole} == own.keys() == {one.id for one in there.initiatives}
    for initiative in there.initiatives:
        row = own[initiative.id]
        mine = initiative.municipality_code == ARNHEM
        assert ("ontvanger" in row, "initiatief" in row["_links"]) == (mine, mine)
        assert (row["vraag"], row["uren"]) == (initiative.question, initiative.hours)
        assert initiative.contact not in json.dumps(row)
    assert all(row["ontvanger"]["naam"].startswith("Contactpersoon") for row in whole)
    assert [row["id"] for row in whole if not row["gekozen"]] == [there.initiatives[-1].id]
    assert len(rows(programs[EDE].get(f"{path}?gekozen=true&gemeente={EDE}"))) == 1

    # In pages, there and back.
    first = programs[EDE].get(f"{path}?limiet=4").json
    second = programs[EDE].get(first["_links"]["next"]["href"]).json
    ids = [row["id"] for row in first["resultaten"] + second["resultaten"]]
    assert ids == sorted(own, reverse=True)
    assert "next" not in second["_links"]
    assert "prev" not in first["_links"]
    assert rows(programs[EDE].get(second["_links"]["prev"]["href"])) == first["resultaten"]
    pages = [programs[EDE].get(f"{path}?limiet=2").json]
    while "next" in pages[-1]["_links"]:
        pages.append(programs[EDE].get(pages[-1]["_links"]["next"]["href"]).json)
    assert [[row["id"] for row in page["resultaten"]] for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    for before, page in itertools.pairwise(pages):
        assert rows(programs[EDE].get(page["_links"]["prev"]["href"])) == before["resultaten"]


def test_initiatives_are_put_into_a_round(
    session: Session, there: World, programs: dict[str, Program]
) -> None:
    round_ = Round(
        name="Nieuwe ronde", created_by_id=there.leader.account_id, created_at=there.initiatives[0].created_at
    )
    session.add(round_)
    session.commit()
    arnhem, rheden = there.initiatives[0].id, there.initiatives[2].id
    path = f"/rondes/{round_.id}/initiatieven"
    session.commit()

    mine = programs[ARNHEM].post(path, json={"initiatieven": [arnhem, rheden, 987654]})
    again = programs[ARNHEM].post(path, json={"initiatieven": [arnhem]})
    all_of_them = programs["network"].post(path, json={"initiatieven": [arnhem, rheden]})

    assert mine.status_code == 200, mine.text
    # Another municipality's looks as what is not there.
    assert mine.json == {
        "toegevoegd": [arnhem],
        "alInRonde": [],
        "geweigerd": [{"id": rheden, "reden": "weg"}, {"id": 987654, "reden": "weg"}],
    }
    assert again.json == {"toegevoegd": [], "alInRonde": [arnhem], "geweigerd": []}
    assert all_of_them.json == {"toegevoegd": [rheden], "alInRonde": [arnhem], "geweigerd": []}
    assert programs[OUTSIDE].post(path, json={"initiatieven": [arnhem]}).status_code == 404
    for body in (
        {},
        {"initiatieven": []},
        {"initiatieven": ["7"]},
        {"initiatieven": [0]},
        {"initiatieven": [1] * 101},
    ):
        assert programs["network"].post(path, json=body).status_code == 400, body
    session.expire_all()
    assert set(session.scalars(select(RoundInitiative.initiative_id))) == {arnhem, rheden}
    session.commit()

    late = made(session, there, RoundState.SELECTION).id
    answer = programs["network"].post(f"/rondes/{late}/initiatieven", json={"initiatieven": [arnhem]})
    assert answer.status_code == 409
    assert "kiezen" in answer.json["detail"]


def test_a_match_is_seen_by_both_sides_only(
    session: Session, there: World, programs: dict[str, Program]
) -> None:
    """Of the first initiative, of Arnhem, with a consultant of Rheden."""
    round_ = made(session, there, RoundState.PROPOSING)
    other = made(session, there, RoundState.PROPOSING).id
    number, match = round_.id, match_in(session, round_, there.initiatives[0]).id
    session.commit()
    path = f"/rondes/{number}/matches/{match}"

    host, employer, staff = (programs[key].get(path).json for key in (ARNHEM, RHEDEN, "network"))

    assert host["consultant"]["naam"] == employer["consultant"]["naam"] == "Saar Subsidie"
    assert (host["werkgever"]["naam"], host["gemeente"]["naam"]) == ("Rheden", "Arnhem")
    assert (host["status"], host["wachtOp"]) == ("voorgesteld", ["consultant", "werkgever", "ontvanger"])
    assert {"initiatief", "consultant"} & host["_links"].keys() == {"initiatief"}
    assert {"initiatief", "consultant"} & employer["_links"].keys() == {"consultant"}
    for one, key in ((host, ARNHEM), (employer, RHEDEN), (staff, "network")):
        for link in one["_links"].values():
            assert programs[key].get(link["href"]).status_code == 200, link
    # Whom the consultant will meet the employer hears once all have agreed.
    assert host["ontvanger"]["naam"] == staff["ontvanger"]["naam"] == "Contactpersoon Arnhem"
    assert employer["ontvanger"] == {"naam": "", "email": "", "uren": None}
    assert programs[EDE].get(path).status_code == 404
    assert programs[OUTSIDE].get(path).status_code == 404
    assert programs["network"].get(f"/rondes/{other}/matches/{match}").status_code == 404
    assert match not in {row["id"] for row in rows(programs[EDE].get(f"/rondes/{number}/matches"))}
    assert len(rows(programs["network"].get(f"/rondes/{number}/matches?status=voorgesteld"))) == 5
    assert rows(programs["network"].get(f"/rondes/{number}/matches?status=akkoord")) == []
    page = programs["network"].get(f"/rondes/{number}/matches?limiet=3").json
    assert len(rows(programs["network"].get(page["_links"]["next"]["href"]))) == 2


def test_both_sides_agree(session: Session, there: World, programs: dict[str, Program]) -> None:
    round_ = made(session, there, RoundState.PROPOSING)
    match = match_in(session, round_, there.initiatives[0])
    number = match.id
    session.commit()
    path = f"/rondes/{round_.id}/matches/{number}"
    version = programs[ARNHEM].get(path).json["versie"]
    body = {"partij": "ontvanger", "akkoord": True, "toelichting": "Welkom!", "versie": version}

    host = programs[ARNHEM].post(f"{path}/antwoorden", json=body)
    again = programs[ARNHEM].post(f"{path}/antwoorden", json=body)
    old = programs[RHEDEN].post(
        f"{path}/antwoorden", json={"partij": "werkgever", "akkoord": True, "versie": version}
    )
    seen = programs[RHEDEN].get(path)
    tag = {"If-Match": seen.headers["ETag"]}
    employer = programs[RHEDEN].post(
        f"{path}/antwoorden", json={"partij": "werkgever", "akkoord": True}, headers=tag
    )
    late = programs[RHEDEN].post(
        f"{path}/antwoorden", json={"partij": "werkgever", "akkoord": False}, headers=tag
    )

    assert host.status_code == 200, host.text
    assert host.json["wachtOp"] == ["consultant", "werkgever"]
    assert (again.status_code, again.json) == (200, host.json)
    assert (old.status_code, old.json["match"]["versie"]) == (409, version + 1)
    # The employer is told that the host agrees, not in which words.
    assert seen.json["antwoorden"] == [{**host.json["antwoorden"][0], "toelichting": ""}]
    assert (employer.status_code, late.status_code) == (200, 412)
    assert [row["id"] for row in rows(programs[ARNHEM].get(f"/rondes/{round_.id}/matches?wacht=true"))] != []
    assert number not in [
        row["id"] for row in rows(programs[ARNHEM].get(f"/rondes/{round_.id}/matches?wacht=true"))
    ]

    # The consultant has no program: what they said the project leader writes down, and how it was heard.
    leader = {"partij": "consultant", "akkoord": True, "versie": employer.json["versie"]}
    without = programs["network"].post(f"{path}/antwoorden", json=leader)
    agreed = programs["network"].post(f"{path}/antwoorden", json={**leader, "toelichting": "Per telefoon."})

    assert (without.status_code, without.json["fouten"][0]["veld"]) == (400, "toelichting")
    assert (agreed.status_code, agreed.json["status"], agreed.json["wachtOp"]) == (200, "akkoord", [])
    assert programs[RHEDEN].get(path).json["ontvanger"]["naam"] == "Contactpersoon Arnhem"
    session.expire_all()
    assert session.get_one(type(match), number).state is MatchState.AGREED
    parties = session.scalars(select(MatchAnswer.party).where(MatchAnswer.match_id == number)).all()
    assert sorted(parties) == sorted((Party.HOST, Party.EMPLOYER, Party.CONSULTANT))


def test_a_side_declines(session: Session, there: World, programs: dict[str, Program]) -> None:
    round_ = made(session, there, RoundState.PROPOSING)
    number = match_in(session, round_, there.initiatives[0]).id
    session.commit()
    path = f"/rondes/{round_.id}/matches/{number}"
    body = {"partij": "ontvanger", "akkoord": False, "toelichting": "Nu niet.", "versie": 1}

    declined = programs[ARNHEM].post(f"{path}/antwoorden", json=body)
    again = programs[ARNHEM].post(f"{path}/antwoorden", json=body)
    after = programs[RHEDEN].post(
        f"{path}/antwoorden", json={"partij": "werkgever", "akkoord": True, "versie": 2}
    )

    assert declined.status_code == 200, declined.text
    assert (declined.json["status"], again.status_code, again.json) == ("afgewezen", 200, declined.json)
    # It came to nothing: who it would have been is no longer for the host.
    assert declined.json["consultant"]["naam"] == ""
    assert (after.status_code, after.json["match"]["status"]) == (409, "afgewezen")
    assert after.json["match"]["consultant"]["naam"] == "Saar Subsidie"


def test_nobody_answers_for_another(
    app: Flask, session: Session, there: World, programs: dict[str, Program]
) -> None:
    round_ = made(session, there, RoundState.PROPOSING)
    number = match_in(session, round_, there.initiatives[0]).id
    account = session.get_one(Account, there.leader.account_id)
    reader = program(app, session, account=account, scopes=[Scope.ROUNDS_READ])
    session.commit()
    path = f"/rondes/{round_.id}/matches/{number}/antwoorden"
    body = {"akkoord": True, "versie": 1}

    refused = {
        (ARNHEM, "werkgever"): 403,
        (ARNHEM, "consultant"): 403,
        (RHEDEN, "ontvanger"): 403,
        (RHEDEN, "consultant"): 403,
        (EDE, "ontvanger"): 404,
        (OUTSIDE, "ontvanger"): 404,
        (ARNHEM, "initiatiefnemer"): 400,
    }
    for (key, party), status in refused.items():
        answer = programs[key].post(path, json={**body, "partij": party})
        assert answer.status_code == status, (key, party, answer.text)
    assert reader.post(path, json={**body, "partij": "ontvanger"}).status_code == 403
    assert programs[ARNHEM].post(path, json={"partij": "ontvanger", "akkoord": True}).status_code == 400
    assert session.scalars(select(MatchAnswer)).all() == []

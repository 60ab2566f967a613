"""Shares answered and items handed in through the API."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.handed_in import HandedIn
from models.lead import Lead
from models.share import Share
from models.store.handed_in import taken
from models.store.shares import offer_lead
from models.words import Answer, Channel, Outcome, Role
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_item, make_lead, viewer_of

TALK = {"samenvatting": "Buren willen samen een tuin beginnen en zoeken grond.", "titel": "Buurttuin"}


@pytest.fixture
def arnhem(app: Flask, session: Session) -> Program:
    """A program of a municipality, made by its officer."""
    officer = make_account(
        session, "an@voorbeeld.example", name="An", roles=[Role.MUNICIPALITY], municipality=ARNHEM
    )
    return program(app, session, account=officer)


@pytest.fixture
def share(session: Session) -> Share:
    """A lead that was given to that municipality."""
    staff = make_account(session, "ada@voorbeeld.example", name="Ada", roles=[Role.PROJECT_LEADER])
    lead = make_lead(session, title="Buurttuin aan de Kamperweg")
    found = offer_lead(session, lead.id, viewer=viewer_of(staff), message="Kent u dit?")
    session.commit()
    return found


def test_a_share_is_read_and_answered(arnhem: Program, session: Session, share: Share) -> None:
    (row,) = arnhem.get("/delingen?wacht=true").json["resultaten"]
    one = arnhem.get(row["_links"]["self"]["href"])
    assert one.json == row
    assert (row["status"], row["bericht"], row["antwoord"]) == ("aangeboden", "Kent u dit?", None)
    assert arnhem.get(row["_links"]["signaal"]["href"]).json["titel"] == row["titel"]
    session.expire_all()
    assert session.get_one(Share, share.id).seen_at is None
    session.commit()

    body = {"antwoord": "opgepakt", "toelichting": "Wij bellen.", "versie": row["versie"]}
    answered = arnhem.post(f"/delingen/{share.id}/antwoorden", json=body)
    again = arnhem.post(f"/delingen/{share.id}/antwoorden", json=body)
    other = arnhem.post(f"/delingen/{share.id}/antwoorden", json={**body, "antwoord": "nietVanOns"})
    tag = answered.headers["ETag"]
    new = arnhem.post(
        f"/delingen/{share.id}/antwoorden", json={"antwoord": "nietVanOns"}, headers={"If-Match": tag}
    )

    assert answered.status_code == 200, answered.text
    assert (answered.json["status"], answered.json["antwoord"]) == ("beantwoord", "opgepakt")
    assert (answered.json["antwoordDoor"], answered.json["toelichting"]) == ("An", "Wij bellen.")
    assert (again.status_code, again.json) == (200, answered.json)
    assert other.status_code == 409
    assert other.json["deling"]["antwoord"] == "opgepakt"
    assert new.status_code == 200, new.text
    session.expire_all()
    assert session.get_one(Share, share.id).answer is Answer.NOT_OURS
    assert arnhem.get("/delingen?wacht=true").json["resultaten"] == []
    assert len(arnhem.get("/delingen?status=beantwoord&gemeente=GM0202").json["resultaten"]) == 1


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"antwoord"}),
        ({"antwoord": "misschien", "versie": "1"}, {"antwoord", "versie"}),
        ({"antwoord": "opgepakt", "laterOp": "2026-12-24"}, {"versie", "laterOp"}),
        ({"antwoord": "later", "versie": 1, "laterOp": "2020-01-01"}, {"laterOp"}),
        ({"antwoord": "later", "versie": 1, "toelichting": "x" * 501}, {"toelichting"}),
    ],
)
def test_all_that_is_wrong_with_an_answer_is_said(
    arnhem: Program, session: Session, share: Share, body: dict[str, object], wrong: set[str]
) -> None:
    answer = arnhem.post(f"/delingen/{share.id}/antwoorden", json=body)

    assert answer.status_code == 400, answer.text
    assert {one["veld"] for one in answer.json["fouten"]} == wrong
    assert session.get_one(Share, share.id, populate_existing=True).answer is None


def test_later_asks_again_on_a_day(arnhem: Program, share: Share) -> None:
    day = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()

    answer = arnhem.post(
        f"/delingen/{share.id}/antwoorden", json={"antwoord": "later", "laterOp": day, "versie": 1}
    )

    assert (answer.status_code, answer.json["laterOp"]) == (200, day)


def test_staff_and_other_municipalities_do_not_answer(app: Flask, session: Session, share: Share) -> None:
    officer = make_account(
        session, "bo@voorbeeld.example", name="Bo", roles=[Role.MUNICIPALITY], municipality=RHEDEN
    )
    rheden, staff = program(app, session, account=officer), program(app, session)
    body = {"antwoord": "opgepakt", "versie": 1}

    assert rheden.get(f"/delingen/{share.id}").status_code == 404
    assert rheden.post(f"/delingen/{share.id}/antwoorden", json=body).status_code == 404
    assert rheden.get("/delingen").json["resultaten"] == []
    assert staff.get(f"/delingen/{share.id}").status_code == 200
    assert staff.post(f"/delingen/{share.id}/antwoorden", json=body).status_code == 403


# ---- Handing in ----------------------------------------------------------------------------------------


def count(session: Session) -> int:
    """How much was handed in."""
    session.commit()
    return session.scalar(select(func.count(HandedIn.id))) or 0


def test_an_item_is_handed_in_once(arnhem: Program, session: Session) -> None:
    made = arnhem.post("/berichten", json=TALK)
    again = arnhem.post("/berichten", json=TALK)
    keyed = arnhem.post("/berichten", json=TALK | {"titel": "A"}, headers={"Idempotency-Key": "k-1"})
    twice = arnhem.post("/berichten", json=TALK | {"titel": "A"}, headers={"Idempotency-Key": "k-1"})
    other = arnhem.post("/berichten", json=TALK | {"titel": "B"}, headers={"Idempotency-Key": "k-1"})

    assert made.status_code == 201, made.text
    assert (again.status_code, again.json) == (200, made.json)
    assert (keyed.status_code, twice.status_code, other.status_code) == (201, 200, 409)
    assert twice.json["id"] == keyed.json["id"] != made.json["id"]
    assert count(session) == 2
    row = session.scalars(select(HandedIn)).first()
    assert row is not None
    assert (row.channel, row.municipality_code) == (Channel.API, ARNHEM)
    assert (made.json["stand"], made.json["gemeente"]) == ("wacht", ARNHEM)
    assert arnhem.get(made.headers["Location"]).json == made.json


def test_what_became_of_it_is_told(arnhem: Program, session: Session) -> None:
    made = [arnhem.post("/berichten", json=TALK | {"titel": f"{n}"}).json["id"] for n in range(3)]
    item = make_item(session, title="Buurttuin")
    lead = make_lead(session, title="Buurttuin", items=[item])
    now = datetime.now(UTC)
    taken(session, made[0], outcome=Outcome.NEW, item_id=item.id, now=now)
    taken(session, made[1], outcome=Outcome.LANGUAGE, item_id=None, now=now)
    session.commit()

    first, second, third = (arnhem.get(f"/berichten/{number}").json for number in made)

    assert (first["stand"], first["samenvatting"]) == ("signaal", "")
    assert arnhem.get(first["_links"]["signaal"]["href"]).json["id"] == lead.id
    assert (second["stand"], second["reden"]) == ("nietVerwerkt", "nietNederlands")
    assert third["stand"] == "wacht"


def test_an_address_that_is_known_is_not_handed_in_again(arnhem: Program, session: Session) -> None:
    url = {"url": "https://krant.example/buurttuin"}
    first = arnhem.post("/berichten", json=TALK | url)
    again = arnhem.post("/berichten", json=TALK | url | {"titel": "Anders"})

    assert (first.status_code, again.status_code) == (201, 409)
    assert "wacht" in again.json["detail"]
    assert count(session) == 1


def test_mistakes_in_an_item_are_all_named(arnhem: Program, session: Session) -> None:
    answer = arnhem.post(
        "/berichten",
        json={
            "samenvatting": "Buren.",
            "url": "ftp://krant.example",
            "gemeente": RHEDEN,
            "datum": (datetime.now(UTC) + timedelta(days=9)).date().isoformat(),
        },
        headers={"Idempotency-Key": "met spatie"},
    )
    inside = arnhem.post("/berichten", json=TALK | {"url": "https://voorbeeld.example/@buurvrouw"})

    assert answer.status_code == 400
    assert {one["veld"] for one in answer.json["fouten"]} == {"url", "gemeente", "datum", "Idempotency-Key"}
    assert inside.status_code == 400, inside.text
    assert count(session) == 0


def test_only_those_who_handed_it_in_see_it(app: Flask, session: Session, arnhem: Program) -> None:
    made = arnhem.post("/berichten", json=TALK).json["id"]
    officer = make_account(
        session, "bo@voorbeeld.example", name="Bo", roles=[Role.MUNICIPALITY], municipality=RHEDEN
    )
    assert program(app, session, account=officer).get(f"/berichten/{made}").status_code == 404
    assert program(app, session).get(f"/berichten/{made}").status_code == 404
    assert session.scalar(select(func.count(Lead.id))) == 0

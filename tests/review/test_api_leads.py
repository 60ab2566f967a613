"""Leads and decisions through the API: listed as in the queue, decided with the checks of the forms."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.second_look import SecondLook
from models.store.search import refresh
from models.words import LeadStatus, Role, Scope
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_item, make_lead

WRITTEN = {
    "naam": "Buurttuin Klarendal",
    "samenvatting": "Buren maken samen een tuin op een leeg stuk grond en onderhouden die zelf.",
    "gemeente": ARNHEM,
}


@pytest.fixture
def staff(app: Flask, session: Session) -> Program:
    """A program of the network."""
    return program(app, session)


@pytest.fixture
def garden(session: Session) -> Lead:
    """A lead with two items."""
    items = [
        make_item(session, title="Buurttuin aan de Kamperweg", score=0.9),
        make_item(session, title="Speeltuin De Wip zoekt verf", score=0.8, source="bode"),
    ]
    lead = make_lead(session, title="Buurttuin aan de Kamperweg", place="Klarendal", items=items)
    session.commit()
    return lead


def names(answer: object) -> set[str]:
    """Fields that an answer of 400 names."""
    return {one["veld"] for one in answer.json["fouten"]}  # type: ignore[attr-defined]


def test_a_lead_is_listed_and_shown_whole(staff: Program, garden: Lead) -> None:
    listed = staff.get("/signalen").json
    (row,) = listed["resultaten"]
    answer = staff.get(row["_links"]["self"]["href"])
    whole = answer.json

    assert row["titel"] == "Buurttuin aan de Kamperweg"
    assert row["gemeente"] == {"code": ARNHEM, "naam": "Arnhem"}
    assert row["plaats"]["naam"] == "Klarendal"
    assert row["redenen"] == ["bewoners doen het werk"]
    assert (row["status"], row["aantalBerichten"], row["versie"]) == ("open", 2, 1)
    assert row["gevondenOp"].endswith("Z")
    assert {name: whole[name] for name in row} == row
    assert {one["titel"] for one in whole["berichten"]} == {
        "Buurttuin aan de Kamperweg",
        "Speeltuin De Wip zoekt verf",
    }
    assert set(whole["berichten"][0]) == {"url", "bron", "titel", "publicatieDatum"}
    again = staff.get(f"/signalen/{garden.id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        pytest.param("gemeente=GM0275", {"Rheden"}, id="municipality"),
        pytest.param("gemeente=GM9999", set(), id="no such municipality"),
        pytest.param("thema=energie", {"Energie"}, id="theme"),
        pytest.param("status=afgewezen", {"Weg"}, id="status"),
        pytest.param("scoreVanaf=0.8", {"Tuin", "Energie"}, id="score"),
        pytest.param("bron=bode", {"Rheden"}, id="source"),
        pytest.param("zoek=energie", {"Energie"}, id="words"),
        pytest.param("toegewezenAan=niemand", {"Tuin", "Energie", "Rheden", "Oud"}, id="nobody's"),
        pytest.param("toegewezenAan=mij", set(), id="one's own"),
    ],
)
def test_every_choice_of_the_queue_can_be_made(
    staff: Program, session: Session, choice: str, found: set[str]
) -> None:
    make_lead(session, title="Tuin", score=0.9)
    make_lead(session, title="Energie", score=0.85, theme="energie")
    make_lead(session, title="Rheden", score=0.7, municipality=RHEDEN, source="bode")
    make_lead(session, title="Oud", score=0.6, age_days=40)
    make_lead(session, title="Weg", score=0.95, status=LeadStatus.REJECTED)
    refresh(session)
    session.commit()

    answer = staff.get(f"/signalen?{choice}")

    assert answer.status_code == 200, answer.text
    assert {row["titel"] for row in answer.json["resultaten"]} == found


@pytest.mark.parametrize("name", ["gevondenVanaf", "nieuwsteBerichtVanaf"])
@pytest.mark.parametrize("more", ["", "&gemeente=GM0202"])
def test_leads_can_be_asked_for_by_date(staff: Program, session: Session, name: str, more: str) -> None:
    for days in (1, 5, 30):
        make_lead(session, title=f"{days} dagen", age_days=days)
    refresh(session)
    session.commit()
    day = (datetime.now(UTC) - timedelta(days=7)).date()

    found = staff.get(f"/signalen?{name}={day}{more}").json["resultaten"]

    assert {row["titel"] for row in found} == {"1 dagen", "5 dagen"}
    assert len(staff.get(f"/signalen?{name}=0001-01-01").json["resultaten"]) == 3
    assert staff.get(f"/signalen?{name}=9999-12-31").json["resultaten"] == []


def test_old_leads_are_found_by_their_new_item_among_thousands(staff: Program, session: Session) -> None:
    """More leads than are walked past: the choice is then put together in another way."""
    now = datetime.now(UTC)
    session.add_all(
        Lead(
            status=LeadStatus.OPEN,
            title=f"Oud {number}",
            municipality_code=ARNHEM,
            score=0.5,
            opened_at=now - timedelta(days=20),
            extended_at=now,
        )
        for number in range(2600)
    )
    session.flush()
    wanted = make_lead(session, title="Nieuw bericht", score=0.1)
    session.commit()

    found = staff.get(f"/signalen?nieuwsteBerichtVanaf={(now - timedelta(days=3)).date()}").json

    assert [row["id"] for row in found["resultaten"]] == [wanted.id]


@pytest.mark.parametrize("order", ["gemengd", "score", "nieuwste"])
def test_pages_lead_through_all_leads_once_and_back(staff: Program, session: Session, order: str) -> None:
    made = {make_lead(session, title=f"Tuin {n}", score=0.9 - n // 2 / 10).id for n in range(7)}
    session.commit()
    seen, page = [], staff.get(f"/signalen?limiet=3&volgorde={order}").json
    first = page
    while True:
        seen += [row["id"] for row in page["resultaten"]]
        if "next" not in page["_links"]:
            break
        page = staff.get(page["_links"]["next"]["href"]).json
    back = staff.get(staff.get(page["_links"]["prev"]["href"]).json["_links"]["prev"]["href"]).json

    assert len(seen) == 7
    assert set(seen) == made
    assert back["resultaten"] == first["resultaten"]


def test_everything_that_is_wrong_with_a_choice_is_said_at_once(staff: Program) -> None:
    answer = staff.get("/signalen?status=weg&scoreVanaf=2&gevondenVanaf=gisteren&gemeente=Arnhem&kleur=rood")

    assert answer.status_code == 400
    assert names(answer) == {"status", "scoreVanaf", "gevondenVanaf", "gemeente", "kleur"}


def test_a_lead_is_promoted_undone_and_rejected(staff: Program, session: Session, garden: Lead) -> None:
    lead = staff.get(f"/signalen/{garden.id}").json
    body = {
        "soort": "opnemen",
        "versie": lead["versie"],
        "toelichting": "Gebeld.",
        "initiatief": {**WRITTEN, "plaats": "Klarendal", "expertise": ["vergunningen"], "uren": 40},
    }
    made = staff.post(f"/signalen/{garden.id}/besluiten", json=body)
    assert made.status_code == 201, made.text
    assert made.json["statusNa"] == "opgenomen"
    assert staff.get(made.headers["Location"]).json == made.json
    entry = staff.get(made.json["_links"]["initiatief"]["href"]).json
    assert (entry["naam"], entry["uren"], entry["expertise"]) == ("Buurttuin Klarendal", 40, ["vergunningen"])
    assert entry["plaats"]["naam"] == "Klarendal"
    lead = staff.get(f"/signalen/{garden.id}").json
    assert lead["_links"]["initiatief"] == made.json["_links"]["initiatief"]

    undo = {"soort": "terugdraaien", "besluitId": made.json["id"], "reden": "Toch niet."}
    undone = staff.post(f"/signalen/{garden.id}/besluiten", json=undo)
    assert undone.status_code == 201, undone.text
    assert undone.json["draaitTerug"] == made.json["id"]
    assert undone.json["statusNa"] == "open"
    again = staff.post(f"/signalen/{garden.id}/besluiten", json=undo)
    assert again.status_code == 409
    assert again.json["besluit"]["id"] == undone.json["id"]

    whole = staff.get(f"/signalen/{garden.id}")
    rejected = staff.post(
        f"/signalen/{garden.id}/besluiten",
        json={"soort": "afwijzen", "reden": "overheid"},
        headers={"If-Match": whole.headers["ETag"]},
    )
    assert rejected.status_code == 201, rejected.text
    kinds = [one["soort"] for one in staff.get(f"/signalen/{garden.id}").json["besluiten"]]
    assert kinds == ["opnemen", "terugdraaien", "afwijzen"]
    session.expire_all()
    assert session.get_one(Lead, garden.id).status is LeadStatus.REJECTED


def test_known_and_snoozed(staff: Program, session: Session, garden: Lead) -> None:
    other = make_lead(session, title="Repaircafé De Schakel")
    session.commit()
    day = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    snoozed = staff.post(
        f"/signalen/{garden.id}/besluiten",
        json={"soort": "uitstellen", "versie": 1, "totDatum": day, "bijNieuws": True},
    )
    known = staff.post(f"/signalen/{other.id}/besluiten", json={"soort": "alBekend", "versie": 1})

    assert (snoozed.status_code, snoozed.json["bijNieuws"]) == (201, True)
    assert snoozed.json["uitgesteldTot"] is not None
    assert (known.status_code, known.json["statusNa"]) == (201, "alBekend")
    assert staff.get("/signalen?status=uitgesteld").json["resultaten"][0]["id"] == garden.id


def test_the_second_of_two_is_told_who_decided_what(
    app: Flask, session: Session, staff: Program, garden: Lead
) -> None:
    zoe = make_account(session, "zoe@voorbeeld.example", name="Zoë", roles=[Role.ADMIN])
    first = program(app, session, account=zoe)
    made = first.post(
        f"/signalen/{garden.id}/besluiten", json={"soort": "afwijzen", "reden": "politiek", "versie": 1}
    )
    late = staff.post(
        f"/signalen/{garden.id}/besluiten", json={"soort": "opnemen", "versie": 1, "initiatief": WRITTEN}
    )

    assert made.status_code == 201
    assert late.status_code == 409
    assert late.mimetype == "application/problem+json"
    assert late.json["signaalStatus"] == "afgewezen"
    assert late.json["besluit"]["door"] == "Zoë"
    assert late.json["besluit"]["soort"] == "afwijzen"
    assert "Zoë" in late.json["detail"]
    assert session.scalar(select(Initiative.id)) is None


def test_a_lead_that_changed_meanwhile_is_not_decided(staff: Program, session: Session, garden: Lead) -> None:
    tag = staff.get(f"/signalen/{garden.id}").headers["ETag"]
    session.get_one(Lead, garden.id).theme = "energie"
    session.commit()
    body = {"soort": "afwijzen", "reden": "politiek"}

    stale = staff.post(f"/signalen/{garden.id}/besluiten", json={**body, "versie": 1})
    changed = staff.post(f"/signalen/{garden.id}/besluiten", json=body, headers={"If-Match": tag})

    assert (stale.status_code, changed.status_code) == (409, 412)
    assert session.scalar(select(Decision.id)) is None


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        pytest.param(
            {"soort": "opnemen", "reden": "overheid"}, {"initiatief", "reden", "versie"}, id="promote"
        ),
        pytest.param(
            {
                "soort": "opnemen",
                "versie": 1,
                "initiatief": {
                    **WRITTEN,
                    "gemeente": "GM9999",
                    "thema": "ruimtevaart",
                    "link": "javascript:alert(1)",
                    "expertise": ["toveren"],
                    "contact": "\x01",
                },
            },
            {"initiatief.gemeente", "initiatief.thema", "initiatief.link", "initiatief.expertise"},
            id="draft",
        ),
        pytest.param(
            {"soort": "opnemen", "versie": 1, "initiatief": {"naam": " ", "uren": 0}},
            {"initiatief.naam", "initiatief.samenvatting", "initiatief.gemeente", "initiatief.uren"},
            id="draft by its shape",
        ),
        pytest.param({"soort": "afwijzen", "versie": 1}, {"reden"}, id="no reason"),
        pytest.param({"soort": "afwijzen", "versie": 1, "reden": "zomaar"}, {"reden"}, id="other reason"),
        pytest.param({"soort": "alBekend", "versie": 1, "initiatiefId": 99}, {"initiatiefId"}, id="entry"),
        pytest.param({"soort": "uitstellen", "versie": 1}, {"totDatum"}, id="no day"),
        pytest.param(
            {"soort": "uitstellen", "versie": 1, "totDatum": "2020-01-01"}, {"totDatum"}, id="past day"
        ),
        pytest.param({"soort": "terugdraaien"}, {"besluitId"}, id="undo nothing"),
        pytest.param({"soort": "terugdraaien", "besluitId": 99}, {"besluitId"}, id="undo another's"),
        pytest.param({"soort": "samenvoegen"}, {"soort"}, id="kind"),
        pytest.param([], {""}, id="no object"),
    ],
)
def test_a_decision_that_can_not_be_is_refused_with_all_that_is_wrong(
    staff: Program, session: Session, garden: Lead, body: object, wrong: set[str]
) -> None:
    answer = staff.post(f"/signalen/{garden.id}/besluiten", json=body)

    assert answer.status_code == 400, answer.text
    assert names(answer) == wrong
    assert session.scalar(select(Decision.id)) is None


def test_copied_text_is_refused_with_the_passage(staff: Program, session: Session) -> None:
    text = "Bewoners van de Kamperweg leggen samen een tuin aan met fruitbomen en een bank. " * 3
    lead = make_lead(session, text=text)
    session.commit()
    body = {"soort": "opnemen", "versie": 1, "initiatief": {**WRITTEN, "vraag": text.strip()}}

    answer = staff.post(f"/signalen/{lead.id}/besluiten", json=body)

    assert answer.status_code == 400
    (mistake,) = answer.json["fouten"]
    assert mistake["veld"] == "initiatief.vraag"
    assert "bewoners van de kamperweg" in mistake["wat"]


def test_a_look_alike_in_the_register_must_have_been_seen(
    staff: Program, session: Session, garden: Lead
) -> None:
    second = make_lead(session, title="Weer de buurttuin")
    session.commit()
    first = staff.post(
        f"/signalen/{garden.id}/besluiten", json={"soort": "opnemen", "versie": 1, "initiatief": WRITTEN}
    )
    body = {"soort": "opnemen", "versie": 1, "initiatief": WRITTEN}

    asked = staff.post(f"/signalen/{second.id}/besluiten", json=body)
    (alike,) = asked.json["lijktOp"]
    seen = staff.post(f"/signalen/{second.id}/besluiten", json={**body, "gezien": [alike["id"]]})

    assert asked.status_code == 409
    assert alike["id"] == first.json["initiatiefId"]
    assert seen.status_code == 201


def test_decisions_are_drawn_for_a_second_look_as_those_of_people(
    app: Flask, session: Session, staff: Program
) -> None:
    leads = [make_lead(session, title=f"Tuin {n}") for n in range(4)]
    session.commit()
    scout = app.extensions["scout"]
    object.__setattr__(scout.settings, "second_look_share", 1.0)

    for lead in leads:
        staff.post(
            f"/signalen/{lead.id}/besluiten", json={"soort": "afwijzen", "reden": "overheid", "versie": 1}
        )

    assert len(session.scalars(select(SecondLook.id)).all()) == 4


def test_a_municipality_sees_what_was_decided_but_no_names_and_decides_nothing(
    app: Flask, session: Session, staff: Program, garden: Lead
) -> None:
    town = program(app, session, municipality=ARNHEM)
    staff.post(
        f"/signalen/{garden.id}/besluiten",
        json={"soort": "afwijzen", "reden": "overheid", "toelichting": "Onder ons.", "versie": 1},
    )
    answer = town.get(f"/signalen/{garden.id}")
    (decision,) = answer.json["besluiten"]

    assert (decision["soort"], decision["reden"]) == ("afwijzen", "overheid")
    assert not {"door", "toelichting", "initiatiefId", "draaitTerug"} & set(decision)
    assert "Pat" not in answer.text
    assert town.get("/signalen?toegewezenAan=niemand").status_code == 403
    refused = town.post(f"/signalen/{garden.id}/besluiten", json={"soort": "alBekend", "versie": 2})
    assert refused.status_code == 403
    assert Scope.LEADS_DECIDE.value in refused.json["detail"]

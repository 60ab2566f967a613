"""Samenstellen: what a leader and a municipality put into a round, hosts, and consultants."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.initiative import Initiative
from models.round import Round, RoundConsultant, RoundInitiative, RoundMunicipality
from models.store.search import refresh_entry
from models.words import RoundState
from tests.review.factories import ARNHEM, PASSWORD, RHEDEN
from tests.review.visitor import Visitor
from tests.rounds_world import World, round_in, world

Enter = Callable[[str], Visitor]


@pytest.fixture
def there(session: Session) -> World:
    """The network of the tests of rounds; its rows are read no more, for on SQLite that would lock."""
    session.expire_on_commit = False
    made = world(session)
    for one in made.initiatives:
        refresh_entry(session, one.id)
    session.commit()
    return made


@pytest.fixture
def made(session: Session, there: World) -> Round:
    """A round with nothing in it; all consultants have time from today on."""
    row = Round(name="Eerste ronde", created_by_id=there.leader.account_id, created_at=utc_now())
    session.add(row)
    for one in there.consultants:
        one.period_from, one.period_until = None, utc_now().date() + timedelta(days=200)
    session.commit()
    return row


@pytest.fixture
def enter(app: Flask) -> Enter:
    """Signs in somebody of the world by the first part of the address."""

    def sign(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None, "the password was refused"
        return visitor

    return sign


def inside(session: Session, row: Round) -> set[str]:
    """Names of the initiatives in a round."""
    rows = session.scalars(
        select(Initiative.name)
        .join(RoundInitiative, RoundInitiative.initiative_id == Initiative.id)
        .where(RoundInitiative.round_id == row.id, RoundInitiative.out_at.is_(None))
    ).all()
    session.commit()
    return set(rows)


def host_of(session: Session, row: Round, initiative_id: int) -> str:
    """Name of the contact person of an initiative in a round."""
    name = session.scalar(
        select(RoundInitiative.host_name).where(
            RoundInitiative.round_id == row.id, RoundInitiative.initiative_id == initiative_id
        )
    )
    session.commit()
    return name or ""


def tick(visitor: Visitor, path: str, ids: list[int], **more: str) -> None:
    """Send the list with these ticked."""
    form = next(
        one for one in visitor.page.forms if one.method == "POST" and (one.action or "").startswith(path)
    )
    action, token = form.action, form.fields["csrf_token"]
    visitor.answer = visitor.client.post(
        action, data={"csrf_token": token, "kies": ids, **more}, follow_redirects=True
    )


def test_a_leader_picks_by_hand_after_filtering(enter, session, there, made):
    lea, path = enter("lea"), f"/rondes/{made.id}/samenstellen"
    lea.get(path)
    assert "Er staan nog geen initiatieven in" in lea.main
    assert "nooit de contactgegevens, notities of score" in lea.main
    lea.get(f"{path}/toevoegen?thema=groen&gemeente=&kennis=")
    assert lea.answer.request.path.endswith("/toevoegen")
    assert lea.answer.request.query_string == b"thema=groen"
    assert "2 initiatieven te kiezen" in lea.main
    assert "Groen en tuinen" in lea.page.cssselect(".scout-chip")[0].text_content()

    tick(lea, f"{path}/toevoegen", [there.initiatives[0].id])

    assert "1 initiatief toegevoegd." in lea.notices
    assert lea.answer.request.query_string == b"thema=groen", "on with the same choice"
    assert "Dorpstuin Dieren" in lea.main
    assert inside(session, made) == {"Voedselbos Presikhaaf"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (f"gemeente={RHEDEN}", {"Dorpstuin Dieren", "Zonnedak Velp"}),
        ("kennis=juridisch", {"Buurtkeuken Klarendal", "Zonnedak Velp"}),
        ("fase=gesignaleerd&thema=zorg", {"Buurtkeuken Klarendal"}),
        ("zoek=Repaircafé", {"Repaircafé Ede"}),
        ("fase=gestopt", None),
    ],
)
def test_all_that_is_chosen_goes_in_at_once(enter, session, there, made, query, names):
    lea, path = enter("lea"), f"/rondes/{made.id}/samenstellen/toevoegen"
    lea.get(f"{path}?{query}")
    if names is None:
        assert "Er is geen initiatief dat hierbij past" in lea.main
        return
    assert f"Alles van deze keuze toevoegen ({len(names)})" in lea.main

    tick(lea, path, [], alles="ja")

    assert inside(session, made) == names


def test_without_a_tick_nothing_goes_in_and_what_to_do_is_said(enter, session, there, made):
    lea, path = enter("lea"), f"/rondes/{made.id}/samenstellen/toevoegen"
    lea.get(path)
    tick(lea, path, [])
    assert lea.answer.status_code == 400
    assert "Zet eerst een vinkje" in lea.main
    assert [one.get("href") for one in lea.page.cssselect("#fouten a")] == ["#lijst"]
    assert inside(session, made) == set()


def test_what_went_away_meanwhile_is_told_and_the_rest_goes_in(enter, session, there, made):
    lea, path = enter("lea"), f"/rondes/{made.id}/samenstellen/toevoegen"
    lea.get(path)
    there.initiatives[0].withdrawn_at = utc_now()
    session.commit()

    tick(lea, path, [one.id for one in there.initiatives[:2]])

    assert "1 initiatief toegevoegd." in lea.notices
    assert "niet meer beschikbaar: 1" in lea.notices
    assert inside(session, made) == {"Buurtkeuken Klarendal"}


def test_a_municipality_puts_forward_its_own_fills_the_host_in_and_takes_it_back(enter, session, there, made):
    clerk, path = enter("arnhem"), f"/rondes/{made.id}/samenstellen"
    clerk.get(f"{path}/toevoegen?gemeente={RHEDEN}")
    assert "Dorpstuin" not in clerk.main
    clerk.get(f"{path}/toevoegen")
    assert "2 initiatieven te kiezen" in clerk.main
    own, foreign = there.initiatives[0].id, there.initiatives[2].id
    tick(clerk, f"{path}/toevoegen", [own, foreign])
    assert inside(session, made) == {"Voedselbos Presikhaaf"}

    clerk.get(path)
    assert "Bij 1 initiatief is nog niet alles ingevuld" in clerk.main
    clerk.get(f"{path}/{own}")
    clerk.send(f"{path}/{own}", host_name="", host_email="pand@", host_hours="veel", half_hours="0")
    assert clerk.answer.status_code == 400
    assert [one.get("href") for one in clerk.page.cssselect("#fouten a")] == [
        f"#host-{name}" for name in ("host_name", "host_email", "host_hours", "half_hours")
    ]
    assert clerk.form(f"{path}/{own}")["host_email"] == "pand@"
    clerk.send(
        f"{path}/{own}",
        host_name="Piet Pand",
        host_email="pand@arnhem.example",
        host_hours="6",
        half_hours="12,5",
        language="fy",
    )
    assert "Bewaard." in clerk.notices
    assert "Piet Pand (pand@arnhem.example). De gemeente maakt 6 uur vrij." in clerk.main
    assert "vraagt 12,5 uur" in clerk.main
    assert "nog niet alles ingevuld" not in clerk.main

    neighbour = enter("rheden")
    neighbour.get(path)
    assert "Voedselbos Presikhaaf" in neighbour.main
    assert "Wie helpt ons bij Voedselbos Presikhaaf?" in neighbour.main
    assert "Pand" not in neighbour.answer.text
    assert "Stichting" not in neighbour.answer.text, "the contact of the register"
    assert neighbour.get(f"{path}/{own}").status_code == 404
    assert f"{path}/{own}/weg" not in neighbour.actions

    clerk.send(f"{path}/{own}/weg")
    assert "doet niet meer mee" in clerk.notices
    assert inside(session, made) == set()


def test_a_neighbour_can_not_send_the_forms_of_another_municipality(enter, session, there, made):
    lea, clerk, path = enter("lea"), enter("rheden"), f"/rondes/{made.id}/samenstellen"
    own = there.initiatives[0].id
    lea.get(f"{path}/toevoegen")
    tick(lea, f"{path}/toevoegen", [own])
    clerk.get(path)
    token = clerk.page.cssselect("[name=csrf_token]")[0].get("value")
    host = {
        "host_name": "X",
        "host_email": "x@y.example",
        "host_hours": "1",
        "half_hours": "2",
        "language": "nl",
    }

    for address, fields in ((f"{path}/{own}/weg", {}), (f"{path}/{own}", host)):
        answer = clerk.client.post(address, data={"csrf_token": token, **fields})
        assert answer.status_code == 404, address
    assert inside(session, made) == {"Voedselbos Presikhaaf"}
    assert host_of(session, made, own) == ""


def test_two_who_fill_in_one_host_do_not_undo_each_other(enter, session, there, made):
    lea, clerk, path = enter("lea"), enter("arnhem"), f"/rondes/{made.id}/samenstellen"
    own = there.initiatives[0].id
    clerk.get(f"{path}/toevoegen")
    tick(clerk, f"{path}/toevoegen", [own])
    for one in (lea, clerk):
        one.get(f"{path}/{own}")
    first = {"host_name": "Piet Pand", "host_email": "pand@arnhem.example", "host_hours": "6"}
    clerk.send(f"{path}/{own}", **first)

    lea.send(f"{path}/{own}", **first | {"host_name": "Ria Ruim"})

    assert lea.answer.status_code == 409
    assert "Iemand anders was u voor" in lea.main
    assert "Piet Pand" in lea.main
    assert lea.form(f"{path}/{own}")["host_name"] == "Ria Ruim"
    lea.send(f"{path}/{own}")
    assert "Bewaard." in lea.notices
    assert host_of(session, made, own) == "Ria Ruim"


def test_a_leader_puts_consultants_in_and_takes_one_out(enter, session, there, made):
    there.consultants[4].available = False
    session.commit()
    lea, path = enter("lea"), f"/rondes/{made.id}/samenstellen"
    lea.get(f"{path}/consultants")
    assert "4 consultants te kiezen" in lea.main
    assert "Els Groen" not in lea.main
    tick(lea, f"{path}/consultants", [])
    assert "Zet eerst een vinkje" in lea.main
    tick(lea, f"{path}/consultants", [there.consultants[0].id])
    assert "1 consultant toegevoegd." in lea.notices
    lea.get(f"{path}/consultants")
    tick(lea, f"{path}/consultants", [], alles="ja")
    assert "3 consultants toegevoegd." in lea.notices
    assert "Noor Jurist" in lea.main
    lea.send(f"{path}/consultants/{there.consultants[0].id}/weg")
    assert "Noor Jurist doet niet meer mee in deze ronde." in lea.notices
    assert len(session.scalars(select(RoundConsultant.consultant_id)).all()) == 3
    session.commit()

    clerk = enter("rheden")
    clerk.get(path)
    assert "Saar Subsidie" in clerk.main
    assert "Bas Ruimte" not in clerk.answer.text
    assert clerk.get(f"{path}/consultants").status_code == 403


def test_who_is_not_in_it_sees_nothing_and_a_reviewer_only_reads(enter, session, there):
    row = round_in(session, RoundState.SEEDING, world=there)
    session.commit()
    path = f"/rondes/{row.id}/samenstellen"
    for name, status in (("nijmegen", 404), ("fg", 403)):
        assert enter(name).get(path).status_code == status, name
    rob = enter("rob")
    rob.get(path)
    assert "Noor Jurist" in rob.main
    assert [one for one in rob.actions if one.startswith("/rondes")] == []
    assert rob.get(f"{path}/toevoegen").status_code == 403
    assert rob.get("/rondes/999999/samenstellen").status_code == 404


def test_once_the_choosing_has_begun_nothing_goes_in_but_the_contact_can_change(enter, session, there):
    row = round_in(session, RoundState.SEEDING, world=there)
    session.commit()
    path, own = f"/rondes/{row.id}/samenstellen", there.initiatives[0].id
    lea, clerk = enter("lea"), enter("arnhem")
    lea.get(path)
    row.state = RoundState.PAIRING
    session.add(RoundMunicipality(round_id=row.id, municipality_code=ARNHEM))
    session.commit()

    lea.send(f"{path}/{own}/weg")
    assert "De ronde is intussen verder" in lea.notices
    clerk.get(f"{path}/{own}")
    assert "half_hours" not in clerk.form(f"{path}/{own}")
    clerk.send(f"{path}/{own}", host_name="Nieuwe Naam")
    assert "Nieuwe Naam" in clerk.main
    lea.get(f"{path}/toevoegen")
    assert "Er kunnen geen initiatieven meer bij." in lea.main

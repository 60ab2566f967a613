"""Rondes: the list, making one, what is to be done, moving it on, and what fell out of it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.round import Round, RoundInitiative, RoundPair
from models.words import PairingKind, RoundState, SelectionMethod
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor
from tests.rounds_world import World, pairs_in, round_in, world

Enter = Callable[[str], Visitor]
FORM = {"name": "Eerste ronde", "first_day": "2027-01-04", "last_day": "2027-03-26", "quorum": "60"}


@pytest.fixture
def there(session: Session) -> World:
    """The network of the tests of rounds."""
    made = world(session)
    session.commit()
    return made


@pytest.fixture
def enter(app: Flask, there: World) -> Enter:
    """Signs in somebody of the world by the first part of the address."""

    def sign(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None, "the password was refused"
        return visitor

    return sign


def a_round(session: Session, there: World, state: RoundState, **more: bool) -> str:
    """Address of a round in this state."""
    row = round_in(session, state, world=there, **more)
    session.commit()
    return f"/rondes/{row.id}"


def the_round(session: Session, address: str = "") -> Round:
    """The round as it is now, of which nothing is held."""
    session.rollback()
    query = select(Round).order_by(Round.id)
    row = session.scalars(query.where(Round.id == int(address.rsplit("/", 1)[1])) if address else query).one()
    session.expunge(row)
    session.rollback()
    return row


def buttons(visitor: Visitor) -> list[str]:
    """What can be pressed in the round."""
    found = visitor.page.cssselect(".scout-round button")
    return [" ".join(one.text_content().split()) for one in found]


def to(visitor: Visitor, address: str, state: RoundState, **more: str) -> None:
    """Press the button that moves the round to a state."""
    token = visitor.page.cssselect('input[name="csrf_token"]')[0].get("value")
    version = visitor.page.cssselect('input[name="version"]')[0].get("value")
    visitor.answer = visitor.client.post(
        f"{address}/verder",
        data={"csrf_token": token, "version": version, "naar": state.value, **more},
        follow_redirects=True,
    )


def tabs(visitor: Visitor) -> dict[str, list[str]]:
    """Label of each row of tabs -> what stands in it."""
    return {
        nav.get("aria-label"): [" ".join(link.text_content().split()) for link in nav.cssselect("a")]
        for nav in visitor.page.cssselect("nav.scout-places")
    }


def test_a_leader_makes_a_round_and_changes_it(enter: Enter, session: Session) -> None:
    lea = enter("lea")
    lea.get("/rondes")
    assert "Er zijn nog geen rondes" in lea.main
    lea.get("/rondes/nieuw")
    lea.send("/rondes/nieuw", **{**FORM, "name": "", "first_day": "morgen", "points": "veel"})

    assert lea.answer.status_code == 400
    assert "Naam van de ronde: Vul een naam in." in lea.main
    assert "Vul een dag in, bijvoorbeeld 04-01-2027." in lea.main
    assert "Punten per gemeente: Vul een heel getal in van 1 tot en met 1000." in lea.main
    assert lea.form("/rondes/nieuw")["points"] == "veel"
    lea.send("/rondes/nieuw", **{**FORM, "points": "10"})
    assert lea.heading == "Eerste ronde"
    assert "De ronde is gemaakt." in lea.notices
    row = the_round(session)
    assert (row.state, row.method, row.quorum) == (RoundState.SEEDING, SelectionMethod.POINTS, 0.6)
    assert "Zet eerst een initiatief in de ronde." in lea.main
    lea.get(f"/rondes/{row.id}/wijzigen")
    lea.send(f"/rondes/{row.id}/wijzigen", method="instemming", places="4", automatic="nee")
    assert "Bewaard." in lea.notices
    assert "hooguit 4 initiatieven" in lea.main
    row = the_round(session)
    assert (row.method, row.automatic, row.quorum) == (SelectionMethod.APPROVAL, False, 0.6)
    lea.get("/rondes")
    assert "Eerste ronde samenstellen van 4 januari 2027 tot en met 26 maart 2027" in lea.main


def test_two_leaders_who_change_a_round_at_once(enter: Enter, session: Session, there: World) -> None:
    address = a_round(session, there, RoundState.SEEDING)
    first, second = enter("lea"), enter("lea")
    for one in (first, second):
        one.get(f"{address}/wijzigen")
    first.send(f"{address}/wijzigen", name="Van de eerste")
    second.send(f"{address}/wijzigen", name="Van de tweede")

    assert second.answer.status_code == 409
    assert "Iemand anders veranderde de ronde intussen." in second.main
    second.send(f"{address}/wijzigen")
    assert second.heading == "Van de tweede"


def test_the_rules_stand_once_the_choosing_has_begun(enter: Enter, session: Session, there: World) -> None:
    address = a_round(session, there, RoundState.SELECTION)
    lea = enter("lea")
    lea.get(f"{address}/wijzigen")

    assert set(lea.form(f"{address}/wijzigen")) >= {"name", "automatic"}
    assert "points" not in lea.form(f"{address}/wijzigen")
    assert "Het kiezen is begonnen, dus dit staat vast." in lea.main
    lea.send(f"{address}/wijzigen", name="Andere naam", points="1")
    assert lea.heading == "Andere naam"
    assert the_round(session).points == 10


def test_a_round_says_what_is_missing_and_goes_on_when_it_is_there(
    enter: Enter, session: Session, there: World
) -> None:
    address = a_round(session, there, RoundState.SEEDING)
    number = int(address.rsplit("/", 1)[1])
    session.get_one(RoundInitiative, (number, there.initiatives[0].id)).host_name = ""
    session.commit()
    lea = enter("lea")
    lea.get(address)

    said = "Vul contactpersoon, e-mailadres en uren van de gemeente in bij ‘Voedselbos Presikhaaf’."
    assert said in lea.main
    assert buttons(lea) == ["Ronde stoppen"]
    to(lea, address, RoundState.SELECTION)
    assert lea.answer.status_code == 400
    assert "De ronde is niet verder gegaan" in lea.main
    session.get_one(RoundInitiative, (number, there.initiatives[0].id)).host_name = "Ria"
    session.commit()
    lea.get(address)
    assert buttons(lea) == ["Laat de gemeenten kiezen", "Ronde stoppen"]
    lea.send(f"{address}/verder")
    assert "De gemeenten kunnen nu kiezen." in lea.notices
    assert "Nog te weinig gemeenten kozen: 0 van de 3. Er moeten er 2 zijn." in lea.main
    assert "Terug naar samenstellen" in buttons(lea)


def test_closing_the_choice_freezes_the_problem_and_asks_for_the_automatic_pairing(
    enter: Enter, session: Session, there: World
) -> None:
    address = a_round(session, there, RoundState.SELECTION)
    lea = enter("lea")
    lea.get(address)
    to(lea, address, RoundState.PAIRING)

    assert "Het kiezen is gesloten." in lea.notices
    assert re.search(r"Initiatieven ?6 \(5 gekozen\)", lea.main)
    row = the_round(session)
    assert row.snapshot_hash[:16] in lea.main
    assert "Koppel eerst een initiatief aan een consultant op het bord." in lea.main


def test_both_pairings_are_compared_and_one_by_hand_only_is_proposed_at_once(
    enter: Enter, session: Session, there: World
) -> None:
    lea = enter("lea")
    for automatic, state in ((True, RoundState.COMPARING), (False, RoundState.PROPOSING)):
        address = a_round(session, there, RoundState.PAIRING, automatic=automatic)
        number = int(address.rsplit("/", 1)[1])
        initiative, consultant = pairs_in(there)[0]
        session.add(
            RoundPair(
                round_id=number,
                kind=PairingKind.BY_HAND,
                initiative_id=initiative.id,
                consultant_id=consultant.id,
                fit=500,
                broken=[],
                by_id=there.leader.account_id,
                at=session.get_one(Round, number).created_at,
            )
        )
        session.commit()
        lea.get(address)
        to(lea, address, state)
        assert the_round(session, address).state is state


def test_what_somebody_else_did_first_is_told(enter: Enter, session: Session, there: World) -> None:
    address = a_round(session, there, RoundState.SEEDING)
    first, second = enter("lea"), enter("lea")
    for one in (first, second):
        one.get(address)
    to(first, address, RoundState.SELECTION)
    to(second, address, RoundState.SELECTION)

    assert second.answer.status_code == 409
    assert "Iemand anders veranderde de ronde." in second.main


def test_a_round_is_called_off_with_a_reason(enter: Enter, session: Session, there: World) -> None:
    address = a_round(session, there, RoundState.PROPOSING)
    lea = enter("lea")
    lea.get(address)
    to(lea, address, RoundState.CANCELLED)

    assert lea.answer.status_code == 400
    assert "Waarom stopt de ronde?: Schrijf waarom de ronde stopt." in lea.main
    to(lea, address, RoundState.CANCELLED, why="Er zijn te weinig uren.")
    assert "De ronde is gestopt." in lea.notices
    assert "Er zijn te weinig uren." in lea.main
    assert buttons(lea) == []
    arnhem = enter("arnhem")
    arnhem.get(address)
    assert "Er zijn te weinig uren." in arnhem.main


def test_who_may_open_a_round_and_what_each_sees(enter: Enter, session: Session, there: World) -> None:
    address = a_round(session, there, RoundState.SEEDING)
    frozen = a_round(session, there, RoundState.PAIRING)
    arnhem = enter("arnhem")
    arnhem.get(address)

    assert "Draag initiatieven uit uw gemeente voor" in arnhem.main
    assert buttons(arnhem) == []
    assert "te zien voor de andere gemeenten" in arnhem.main
    token = "x"
    for path in (f"{address}/verder", f"{address}/wijzigen", "/rondes/nieuw"):
        assert arnhem.client.post(path, data={"csrf_token": token}).status_code in {400, 403}
        arnhem.client.get(path)
    assert arnhem.get("/rondes/nieuw").status_code == 403
    arnhem.get(frozen)
    assert "Het netwerk koppelt nu initiatieven en consultants." in arnhem.main
    assert "controlegetal" not in arnhem.main
    rob = enter("rob")
    rob.get(frozen)
    assert buttons(rob) == []
    assert "U hoeft nu niets te doen." in rob.main
    assert "controlegetal" in rob.main
    nijmegen = enter("nijmegen")
    for path in (address, frozen, f"{address}/verder"):
        assert nijmegen.get(path).status_code == 404
    nijmegen.get("/rondes")
    assert "Er zijn nog geen rondes" in nijmegen.main
    assert enter("fg").get(address).status_code == 403


def test_the_menu_holds_rounds_consultants_and_the_network_together(
    enter: Enter, session: Session, there: World
) -> None:
    address = a_round(session, there, RoundState.SELECTION)
    arnhem = enter("arnhem")
    arnhem.get("/rondes")
    assert tabs(arnhem)["Rondes en consultants"] == ["Rondes", "Matches", "Consultants", "Netwerk", "Lessen"]
    entries = arnhem.page.cssselect(".scout-nav__link[aria-current]")
    assert [" ".join(one.text_content().split()) for one in entries] == ["Rondes"]
    arnhem.get("/consultants")
    assert [one.get("aria-current") for one in arnhem.page.cssselect(".scout-nav__link[aria-current]")] == [
        "true"
    ]
    arnhem.get(address)
    mine = tabs(arnhem)["Delen van de ronde"]
    lea = enter("lea")
    lea.get(address)
    hers = tabs(lea)["Delen van de ronde"]
    assert mine[0] == hers[0] == "Overzicht"
    # How it is paired is not for municipalities.
    assert not {"Bord", "Automatisch", "Vergelijken"} & set(mine)
    assert "Bord" in hers


def test_who_fell_out_is_told_with_what_to_do(enter: Enter, session: Session, there: World) -> None:
    address = a_round(session, there, RoundState.PROPOSING)
    saar_id = there.consultants[2].id
    session.rollback()
    rheden = enter("rheden")
    rheden.get(f"/consultants/{saar_id}")
    rheden.send(f"/consultants/{saar_id}/weghalen", sure="ja")
    lea = enter("lea")
    lea.get(address)

    assert "(niet meer bekend), Rheden: weggehaald uit de lijst met consultants" in lea.main
    assert "Koppel de initiatieven opnieuw op het bord" in lea.main
    assert session.get_one(Consultant, saar_id, populate_existing=True).name == ""
    session.rollback()
    rheden.get(address)
    assert "(niet meer bekend), Rheden" in rheden.main
    assert "Koppel de initiatieven opnieuw" not in rheden.main
    arnhem = enter("arnhem")
    arnhem.get(address)
    assert "niet meer bekend" not in arnhem.main


def test_the_table_of_states_shows_the_moves_of_this_kind_of_round(
    enter: Enter, session: Session, there: World
) -> None:
    lea = enter("lea")
    for automatic, count in ((True, 9), (False, 8)):
        address = a_round(session, there, RoundState.PAIRING, automatic=automatic)
        lea.get(address)
        may, moves = lea.page.cssselect(".scout-round__states")
        assert len(may.cssselect("tbody tr")) == (7 if automatic else 6)
        assert len(moves.cssselect("tbody tr")) == count
        now = moves.cssselect(".scout-round__now")
        assert len(now) == 1
        words = " ".join(now[0].text_content().split())
        assert re.match(r"koppelen \(nu\) (vergelijken|voorstellen) er is met de hand", words)
        assert ("vergelijken" in words) is automatic


def test_the_list_narrows_to_a_state(enter: Enter, session: Session, there: World) -> None:
    a_round(session, there, RoundState.SEEDING)
    a_round(session, there, RoundState.CLOSED)
    lea = enter("lea")
    lea.get("/rondes?stand=afgesloten")
    assert "1 ronde" in lea.main
    assert lea.get("/rondes?stand=gestopt").status_code == 200
    assert "Er is geen ronde die hierbij past." in lea.main
    assert lea.get("/rondes?stand=onzin&na=x").status_code == 200
    assert "2 rondes" in lea.main


def test_the_log_tells_of_rounds_in_words(enter: Enter, session: Session, there: World, sign_in) -> None:
    address = a_round(session, there, RoundState.SEEDING)
    lea = enter("lea")
    lea.get(address)
    to(lea, address, RoundState.SELECTION)
    from models.words import Role

    admin = sign_in("beheer@voorbeeld.example", roles=[Role.ADMIN])
    admin.get("/logboek")
    assert "veranderde een ronde" in admin.main
    assert "stand" in admin.main
    assert "samenstellen" in admin.main

"""Pairing automatically on the pages: hidden, asked anew, stopped, explained; and advice after a decline."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.round import Round, RoundConsultant, RoundInitiative, RoundJob, RoundMark, RoundPair
from models.settings import Settings
from models.store import round_jobs
from models.store.round_jobs import fail_job, take_job, tell_progress
from models.words import MatchState, PairingKind, RoundState
from review import automatic, automatic_told
from review.round_solving import ask_beside, ask_mending, solve_due
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor
from tests.rounds_world import NOW, World, match_in, pairs_in, round_in, world

Enter = Callable[[str], Visitor]


@pytest.fixture
def network(session: Session) -> World:
    """Municipalities, initiatives and consultants."""
    return world(session)


@pytest.fixture
def enter(app: Flask, network: World) -> Enter:
    """Signs somebody of the world in."""

    def signed_in(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None
        return visitor

    return signed_in


def start(session: Session, network: World, state: RoundState = RoundState.PAIRING) -> Round:
    row = round_in(session, state, world=network)
    session.commit()
    return row


def solve(settings: Settings, engine: Engine, session: Session, round_: Round, mending: bool = False) -> None:
    ask = ask_mending if mending else ask_beside
    ask(session, round_, account_id=None, now=NOW)
    session.commit()
    assert solve_due(settings, engine, NOW).solved == 1


def close_by_hand(session: Session, round_: Round) -> None:
    """As the page of the round does it."""
    row = session.get_one(Round, round_.id, populate_existing=True)
    row.state, row.paired_at = RoundState.COMPARING, NOW
    session.commit()


def test_nothing_of_it_shows_before_pairing_by_hand_is_closed(
    enter: Enter, settings: Settings, engine: Engine, session: Session, network: World
) -> None:
    round_ = start(session, network)
    number, food = round_.id, network.initiatives[0].id
    solve(settings, engine, session, round_)
    lea = enter("lea")

    lea.get(f"/rondes/{number}/automatisch")

    assert "Klaar op" in lea.main
    assert "blijft verborgen tot u het koppelen met de hand afsluit" in lea.main
    for word in ("Saar", "Noor", "Els", "Voedselbos", "bewezen", "%"):
        assert word not in lea.main
    for hidden in (f"automatisch/{food}", f"automatisch/{food}?consultant=1", "vergelijking.json"):
        assert lea.get(f"/rondes/{number}/{hidden}").status_code == 404
    lea.get(f"/rondes/{number}/vergelijking")
    assert "Nog niet te zien" in lea.main
    assert "Saar" not in lea.main
    lea.get(f"/rondes/{number}/automatisch/voortgang")
    assert "Saar" not in lea.answer.text

    close_by_hand(session, round_)

    lea.get(f"/rondes/{number}/automatisch")
    assert "5 initiatieven" in lea.main
    assert "Saar Subsidie" in lea.main
    assert "Heeft alle gevraagde kennis" in lea.main
    assert "Hoe zeker is dit het beste?" in lea.main


def test_progress_is_told_without_numbers_while_it_is_hidden(
    enter: Enter, session: Session, network: World
) -> None:
    round_ = start(session, network)
    number = round_.id
    lea = enter("lea")
    lea.get(f"/rondes/{number}/automatisch")
    assert "Er is nog niets gevraagd." in lea.main

    lea.send(f"/rondes/{number}/automatisch/opnieuw", seconds="60")

    assert "Het automatisch koppelen is gevraagd." in lea.notices
    assert "Wacht op de computer." in lea.main
    taken = take_job(session, now=NOW)
    assert taken is not None
    assert taken.seconds == 60
    progress = {"aim": "worst", "value": 654.0, "bound": 987.0, "seconds": 3.2}
    tell_progress(session, taken, progress, now=NOW.replace(year=2050))
    session.commit()

    lea.get(f"/rondes/{number}/automatisch")

    assert "Hooguit 60 seconden." in lea.main
    assert "Bezig met: ook de minst passende koppeling zo goed mogelijk." in lea.main
    assert "654" not in lea.answer.text
    assert "987" not in lea.answer.text
    asking = lea.page.cssselect("[hx-get]")[0].get("hx-get")
    assert lea.get(asking).status_code == 204
    tell_progress(session, taken, {**progress, "aim": "total"}, now=NOW.replace(year=2050))
    session.commit()
    assert lea.get(asking).status_code == 200
    assert "alle koppelingen samen" in lea.answer.text

    lea.get(f"/rondes/{number}/automatisch")
    lea.send(f"/rondes/{number}/automatisch/stoppen")

    assert "Het automatisch koppelen is gestopt." in lea.notices
    assert "Gestopt op" in lea.main


def test_only_leaders_ask_and_only_staff_sees(enter: Enter, session: Session, network: World) -> None:
    number = start(session, network, RoundState.COMPARING).id
    rob = enter("rob")
    assert rob.get(f"/rondes/{number}/automatisch").status_code == 200
    assert f"/rondes/{number}/automatisch/opnieuw" not in rob.actions
    for name in ("arnhem", "fg"):
        other = enter(name)
        for path in ("automatisch", "automatisch/voortgang", "vergelijking", "vergelijking.csv"):
            assert other.get(f"/rondes/{number}/{path}").status_code == 403
    assert rob.get("/rondes/999999/automatisch").status_code == 404


def test_what_can_not_be_asked_now_is_said(enter: Enter, session: Session, network: World) -> None:
    number = start(session, network).id
    lea = enter("lea")
    lea.get(f"/rondes/{number}/automatisch")
    session.get_one(Round, number).state = RoundState.DEPLOYED
    session.commit()

    lea.send(f"/rondes/{number}/automatisch/opnieuw")

    assert "Dat kan in deze stap van de ronde niet." in lea.notices
    assert session.scalars(select(RoundJob)).all() == []


def test_what_failed_says_what_to_do(enter: Enter, session: Session, network: World) -> None:
    round_ = start(session, network)
    ask_beside(session, round_, account_id=None, now=NOW)
    taken = take_job(session, now=NOW)
    assert taken is not None
    initiative, consultant = network.initiatives[3], network.consultants[1]
    clash = {
        "clash": "uren",
        "pins": [[str(initiative.id), str(consultant.id)]],
        "rule": None,
        "wanted": 41,
        "left": 20,
    }
    fail_job(session, taken, round_jobs.PINS, clash=clash, now=NOW)
    session.commit()
    number = round_.id
    session.rollback()

    lea = enter("lea")
    lea.get(f"/rondes/{number}/automatisch")

    assert (
        "Bas Ruimte is vastgezet bij Zonnedak Velp: samen 20,5 uur, van 10 uur. Maak er een los." in lea.main
    )


def test_one_initiative_says_why_who_came_near_and_why_not_another(
    enter: Enter, settings: Settings, engine: Engine, session: Session, network: World
) -> None:
    round_ = start(session, network)
    number, food, solar = round_.id, network.initiatives[0].id, network.initiatives[3].id
    els, bas, noor = (network.consultants[at].id for at in (4, 1, 0))
    solve(settings, engine, session, round_)
    close_by_hand(session, round_)
    lea = enter("lea")

    lea.get(f"/rondes/{number}/automatisch/{food}")

    assert "Gekoppeld aan Saar Subsidie" in lea.main
    assert "Deed 3 opdrachten met het thema" in lea.main
    assert "Bas Ruimte (past" in lea.main
    assert "kan niet: komt uit dezelfde gemeente" in lea.main

    lea.get(f"/rondes/{number}/automatisch/{food}?consultant={els}")
    assert "Waarom niet Els Groen?" in lea.main
    assert "slechter" in lea.main
    lea.get(f"/rondes/{number}/automatisch/{food}?consultant={bas}")
    assert "Dat kan niet: komt uit dezelfde gemeente." in lea.main
    # Who has it already, and who does not exist, are no question.
    for nobody in (noor, 999999, "x"):
        answer = lea.get(f"/rondes/{number}/automatisch/{solar}?consultant={nobody}")
        assert answer.status_code == 200
        assert "Waarom niet Noor" not in lea.main
    assert lea.get(f"/rondes/{number}/automatisch/999999").status_code == 404


def test_who_has_nobody_gets_the_cheapest_way(
    enter: Enter, settings: Settings, engine: Engine, session: Session, network: World
) -> None:
    solar, noor = network.initiatives[3], network.consultants[0]
    noor.half_hours = 18
    session.flush()
    round_ = start(session, network)
    number, wanted = round_.id, solar.id
    solve(settings, engine, session, round_)
    close_by_hand(session, round_)
    lea = enter("lea")

    lea.get(f"/rondes/{number}/automatisch")
    row = lea.page.cssselect("tbody tr")[0].text_content()
    assert "Zonnedak Velp" in row
    assert "niemand" in row
    assert "Goedkoopste oplossing: Noor Jurist (past" in row.replace("\xa0", " ")
    assert "1 uur meer te geven" in row.replace("\xa0", " ")

    lea.get(f"/rondes/{number}/automatisch/{wanted}")
    assert "Niemand gevonden" in lea.main
    assert "Wat zou helpen, het goedkoopste eerst" in lea.main


def declined(session: Session, network: World) -> Round:
    """A round in which Saar will not do the food forest: her pair is gone and forbidden."""
    round_ = round_in(session, RoundState.PROPOSING, world=network)
    food, saar = pairs_in(network)[0]
    match_in(session, round_, food).state = MatchState.DECLINED
    session.delete(final(session, round_, food.id))
    session.add(
        RoundMark(
            round_id=round_.id,
            initiative_id=food.id,
            consultant_id=saar.id,
            forbidden=True,
            by_id=network.leader.account_id,
            at=NOW,
        )
    )
    session.commit()
    return round_


def final(session: Session, round_: Round, initiative_id: int) -> RoundPair | None:
    return session.scalars(
        select(RoundPair).where(
            RoundPair.round_id == round_.id,
            RoundPair.kind == PairingKind.FINAL,
            RoundPair.initiative_id == initiative_id,
        )
    ).one_or_none()


def test_advice_after_a_decline_is_taken_over_on_the_board(
    enter: Enter, settings: Settings, engine: Engine, session: Session, network: World
) -> None:
    round_ = declined(session, network)
    number, food, els = round_.id, network.initiatives[0].id, network.consultants[4].id
    session.rollback()
    lea = enter("lea")
    lea.get(f"/rondes/{number}/automatisch")
    lea.send(f"/rondes/{number}/automatisch/herstel")
    assert "Het advies is gevraagd." in lea.notices
    assert solve_due(settings, engine, NOW).solved == 1

    lea.get(f"/rondes/{number}/automatisch")

    assert "Voedselbos Presikhaaf: krijgt Els Groen (past" in lea.main
    assert len(lea.page.cssselect("#advies ~ ul li")) == 1

    lea.send(f"/rondes/{number}/automatisch/overnemen")

    assert "Overgenomen: 1 koppeling veranderd op het bord." in lea.notices
    pair = final(session, round_, food)
    assert pair is not None
    assert pair.consultant_id == els
    session.rollback()
    assert "Het bord staat al zo. 1 koppeling is nog niet voorgesteld." in lea.main


def test_advice_that_no_longer_fits_changes_nothing(
    enter: Enter, settings: Settings, engine: Engine, session: Session, network: World
) -> None:
    round_ = declined(session, network)
    number, food, els = round_.id, network.initiatives[0].id, network.consultants[4].id
    solve(settings, engine, session, round_, mending=True)
    lea = enter("lea")
    lea.get(f"/rondes/{number}/automatisch")
    # Meanwhile Els has no hours left for it.
    session.get_one(RoundConsultant, (number, els)).half_hours = 4
    session.commit()

    lea.send(f"/rondes/{number}/automatisch/overnemen")

    assert lea.answer.status_code == 409
    assert "de consultant heeft niet genoeg uren over" in lea.main
    assert final(session, round_, food) is None
    session.rollback()
    lea.get(f"/rondes/{number}/automatisch")
    session.get_one(RoundInitiative, (number, food)).out_at = NOW
    session.commit()
    lea.get(f"/rondes/{number}/automatisch")
    assert "Niets: het bord staat al zo" in lea.main


def test_many_initiatives_are_explained_a_page_at_a_time(
    enter: Enter,
    settings: Settings,
    engine: Engine,
    session: Session,
    network: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automatic_told, "PAGE_SIZE", 2)
    round_ = start(session, network)
    number = round_.id
    solve(settings, engine, session, round_)
    close_by_hand(session, round_)
    lea = enter("lea")

    seen = []
    for page in ("", "?blad=2", "?blad=3"):
        lea.get(f"/rondes/{number}/automatisch{page}")
        assert "5 initiatieven" in lea.main
        seen += [one.text_content() for one in lea.page.cssselect("tbody th a")]

    assert sorted(seen) == sorted(one.name for one in network.initiatives[:-1])
    assert "blad 3 van 3" in lea.main
    assert not lea.page.cssselect("a[rel=next]")
    lea.get(f"/rondes/{number}/automatisch?blad=99")
    assert "blad 3 van 3" in lea.main


def test_why_not_is_not_asked_without_end(
    enter: Enter,
    settings: Settings,
    engine: Engine,
    session: Session,
    network: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(automatic, "WHY_NOT", type(automatic.WHY_NOT)(1))
    round_ = start(session, network)
    number, food, bas = round_.id, network.initiatives[0].id, network.consultants[1].id
    solve(settings, engine, session, round_)
    close_by_hand(session, round_)
    lea, rob = enter("lea"), enter("rob")
    address = f"/rondes/{number}/automatisch/{food}"

    assert lea.get(f"{address}?consultant={bas}").status_code == 200
    again = lea.get(f"{address}?consultant={bas}")

    assert again.status_code == 429
    assert 0 < int(again.headers["Retry-After"]) <= 61
    assert "Wacht een minuut" in lea.main
    # The page itself, and somebody else, are not kept waiting.
    assert lea.get(address).status_code == 200
    assert rob.get(f"{address}?consultant={bas}").status_code == 200

"""The board through the front door, as without scripts: pairing, what is refused, and who sees what."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.round import RoundConsultant, RoundMark, RoundPair
from models.words import MatchState, PairingKind, RoundState
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor
from tests.rounds_world import match_in, round_in, world

KEUKEN, DIEREN, VELP, SPEELPLEK, REPAIR = 1, 2, 3, 4, 5
NOOR, BAS, SAAR, TEUN, ELS = range(5)


class Table:
    """A round on the board, and people who look at it."""

    def __init__(self, app: Flask, session: Session, state: RoundState) -> None:
        self.app, self.session = app, session
        self.world = world(session)
        self.round = round_in(session, state, world=self.world)
        self.path = f"/rondes/{self.round.id}/bord"
        self.initiatives = [one.id for one in self.world.initiatives]
        self.consultants = [one.id for one in self.world.consultants]
        session.commit()

    def enter(self, who: str = "lea") -> Visitor:
        visitor = Visitor(self.app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{who}@rondes.example", password=PASSWORD)
        assert visitor.answer.location is not None
        return visitor

    def i(self, place: int) -> int:
        return self.initiatives[place]

    def c(self, place: int) -> int:
        return self.consultants[place]

    def choose(self, visitor: Visitor, initiative: int) -> None:
        assert visitor.get(f"{self.path}?initiatief={self.i(initiative)}").status_code == 200

    def send(self, visitor: Visitor, act: str, **values: object) -> int:
        """Send one of the forms of the page: the one with these values."""
        for form in visitor.page.forms:
            found = dict(form.form_values())
            if form.action == f"{self.path}/{act}" and all(
                found.get(name) == str(value)
                for name, value in values.items()
                if name in ("initiatief", "consultant")
            ):
                data = {**found, **{name: str(value) for name, value in values.items()}}
                visitor.answer = visitor.client.post(form.action, data=data, follow_redirects=True)
                return visitor.answer.status_code
        raise AssertionError(f"no form for {act} {values} on this page")

    def pairs(self, kind: PairingKind = PairingKind.BY_HAND) -> dict[int, int]:
        query = select(RoundPair.initiative_id, RoundPair.consultant_id).where(RoundPair.kind == kind)
        found = {
            self.initiatives.index(one): self.consultants.index(other) for one, other in self.rows(query)
        }
        return found

    def rows(self, query: Any) -> list[Any]:
        """What the database holds; nothing stays locked."""
        rows = list(self.session.execute(query).all())
        self.session.rollback()
        return rows


Make = Callable[[RoundState], Table]


@pytest.fixture
def make(app: Flask, session: Session) -> Make:
    return lambda state: Table(app, session, state)


@pytest.fixture
def table(make: Make) -> Table:
    return make(RoundState.PAIRING)


def test_a_leader_pairs_replaces_pins_and_takes_away(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    assert lea.heading == "Bord"
    assert "0 van 5 initiatieven met een consultant" in lea.main
    table.choose(lea, KEUKEN)
    assert "(1 van 1 gevraagd)" in lea.main
    assert table.send(lea, "koppelen", initiatief=table.i(KEUKEN), consultant=table.c(SAAR)) == 200
    assert "Saar Subsidie staat nu bij ‘Buurtkeuken Klarendal’." in lea.notices
    assert table.pairs() == {KEUKEN: SAAR}
    assert "Volgende zonder consultant: Dorpstuin Dieren" in lea.main, "the rows stand by name"
    table.send(lea, "vastzetten", initiatief=table.i(KEUKEN))
    assert "Saar Subsidie staat vast bij ‘Buurtkeuken Klarendal’." in lea.notices
    lea.get(table.path)
    with pytest.raises(AssertionError, match="no form"):
        table.send(lea, "losmaken", initiatief=table.i(KEUKEN))
    table.send(lea, "vastzetten", initiatief=table.i(KEUKEN))
    table.send(lea, "losmaken", initiatief=table.i(KEUKEN))
    assert "Saar Subsidie staat niet meer bij ‘Buurtkeuken Klarendal’." in lea.notices
    assert table.pairs() == {}
    assert table.rows(select(RoundMark)) == []
    lea.get(table.path)
    assert lea.notices == "", "what happened is told once"


def test_broken_rules_are_named_at_once_and_soft_ones_need_a_reason(table: Table) -> None:
    lea = table.enter()
    table.choose(lea, KEUKEN)
    assert "zelfde gemeente" in lea.main
    assert "Kunnen alleen met een reden" in lea.main
    assert "heeft geen van de gevraagde soorten kennis" in lea.main
    els = {"initiatief": table.i(KEUKEN), "consultant": table.c(ELS)}
    assert table.send(lea, "koppelen", **els, reden="kort") == 400
    assert "Schrijf waarom dit toch kan, in 10 tot 500 tekens." in lea.main
    assert lea.page.cssselect("textarea[aria-invalid]")[0].text_content().strip() == "kort"
    assert table.pairs() == {}
    assert table.send(lea, "koppelen", **els, reden="Els deed dit al eens in Ede.") == 200
    assert table.pairs() == {KEUKEN: ELS}
    assert "Gekoppeld ondanks: heeft geen van de gevraagde soorten kennis" in lea.main
    assert "Els deed dit al eens in Ede." in lea.main
    assert "1 ondanks een regel" in lea.main
    table.send(lea, "ongedaan")
    assert table.pairs() == {}
    assert table.rows(select(RoundMark)) == [], "the reason goes with it"


@pytest.mark.parametrize("reason", ["", "Dit moet echt kunnen, vind ik."])
def test_a_hard_rule_holds_whatever_is_sent(table: Table, reason: str) -> None:
    lea = table.enter()
    table.choose(lea, KEUKEN)
    for consultant, said in ((NOOR, "dezelfde gemeente"), (BAS, "dezelfde gemeente")):
        status = _post(table, lea, "koppelen", KEUKEN, consultant, reden=reason)
        assert status == 409
        assert said in lea.main
    assert table.pairs() == {}
    assert table.rows(select(RoundMark)) == []


def _post(table: Table, visitor: Visitor, act: str, initiative: int, consultant: int, **more: str) -> int:
    """Send what no form of the page would."""
    token = visitor.page.cssselect("input[name=csrf_token]")[0].get("value")
    data = {"csrf_token": token, "initiatief": table.i(initiative), "consultant": table.c(consultant), **more}
    visitor.answer = visitor.client.post(f"{table.path}/{act}", data=data, follow_redirects=True)
    return visitor.answer.status_code


def test_hours_and_maximum_count_what_others_take(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    assert _post(table, lea, "koppelen", VELP, ELS, reden="Els leert dit er graag bij.") == 200
    table.choose(lea, DIEREN)
    assert "te weinig uren: 5 uur nodig, 2 uur over" in lea.main
    assert _post(table, lea, "koppelen", DIEREN, ELS) == 409
    assert "heeft niet genoeg uren over" in lea.main


def test_a_consultant_is_chosen_first_and_moved(table: Table) -> None:
    lea = table.enter()
    lea.get(f"{table.path}?consultant={table.c(SAAR)}")
    assert "Saar Subsidie: past" in lea.main
    assert "kan niet: zelfde gemeente" in lea.main
    table.send(lea, "koppelen", initiatief=table.i(KEUKEN), consultant=table.c(SAAR))
    assert "consultant=" in lea.answer.request.full_path, "still the same choice"
    # Dragged on to where that consultant can't be: all stays as it was.
    assert _post(table, lea, "koppelen", DIEREN, SAAR, van=str(table.i(KEUKEN))) == 409
    assert table.pairs() == {KEUKEN: SAAR}


def test_moving_is_one_change(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    _post(table, lea, "koppelen", DIEREN, BAS)
    assert _post(table, lea, "koppelen", SPEELPLEK, BAS, van=str(table.i(DIEREN))) == 200
    assert table.pairs() == {SPEELPLEK: BAS}
    table.send(lea, "ongedaan")
    assert "Ongedaan gemaakt: Bas Ruimte staat nu bij ‘Speelplek Veldhuizen’." in lea.notices
    assert table.pairs() == {DIEREN: BAS}
    table.send(lea, "ongedaan")
    assert table.pairs() == {}


def test_forbidding_takes_away_and_comes_back_when_undone(table: Table) -> None:
    lea = table.enter()
    table.choose(lea, KEUKEN)
    saar = {"initiatief": table.i(KEUKEN), "consultant": table.c(SAAR)}
    table.send(lea, "koppelen", **saar)
    table.send(lea, "verbieden", **saar)
    assert table.pairs() == {}
    assert "deze koppeling is verboden" in lea.main
    assert _post(table, lea, "koppelen", KEUKEN, SAAR) == 409
    table.send(lea, "ongedaan")
    assert table.pairs() == {KEUKEN: SAAR}
    table.send(lea, "verbieden", **saar)
    table.send(lea, "verbieden", **saar)
    assert "Saar Subsidie mag weer bij ‘Buurtkeuken Klarendal’." in lea.notices


def test_two_leaders_at_once(table: Table) -> None:
    lea, also = table.enter(), table.enter()
    for visitor in (lea, also):
        table.choose(visitor, KEUKEN)
    table.send(lea, "koppelen", initiatief=table.i(KEUKEN), consultant=table.c(SAAR))
    status = _post(table, also, "koppelen", KEUKEN, ELS, reden="Els deed dit al eens in Ede.")
    assert status == 409
    assert "Hier staat intussen Saar Subsidie." in also.main
    assert table.pairs() == {KEUKEN: SAAR}
    # What another changed since can't be taken back over it.
    table.choose(also, KEUKEN)
    table.send(also, "losmaken", initiatief=table.i(KEUKEN))
    assert table.send(lea, "ongedaan") == 409
    assert "Er is niets veranderd" in lea.main


def test_rows_are_chosen_and_searched(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    _post(table, lea, "koppelen", KEUKEN, SAAR)

    def shown(query: str) -> list[str]:
        lea.get(f"{table.path}?{query}")
        return [one.text_content() for one in lea.page.cssselect(".scout-pairs__title")]

    assert shown("toon=met") == ["Buurtkeuken Klarendal"]
    assert len(shown("toon=zonder")) == 4
    assert shown("zoek=saar") == ["Buurtkeuken Klarendal"]
    assert shown("zoek=velp") == ["Zonnedak Velp"]
    assert shown("zoek=niemand-heet-zo") == []
    assert len(shown("toon=onzin&initiatief=999&consultant=x")) == 5


def test_minutes_are_filled_in_by_hand(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    assert table.send(lea, "minuten", minuten="75") == 200
    assert lea.page.cssselect("#minuten")[0].get("value") == "75"
    for wrong in ("veel", "-1", "99999", ""):
        assert table.send(lea, "minuten", minuten=wrong) == 400
        assert "Vul een heel getal in" in lea.main


def test_who_is_gone_is_not_named_and_can_not_be_paired(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    _post(table, lea, "koppelen", KEUKEN, SAAR)
    table.session.execute(update(Consultant).where(Consultant.id == table.c(SAAR)).values(name=""))
    table.session.execute(
        update(RoundConsultant)
        .where(RoundConsultant.consultant_id == table.c(SAAR))
        .values(out_at=table.round.created_at, out_why="removed")
    )
    table.session.commit()
    table.choose(lea, KEUKEN)
    assert "Saar" not in lea.main
    assert "(niet meer bekend)" in lea.main
    assert "Kan niet zo: niet meer beschikbaar in deze ronde" in lea.main
    assert "1 kan niet zo" in lea.main


def test_while_proposing_what_was_proposed_is_locked(make: Make) -> None:
    table = make(RoundState.PROPOSING)
    lea = table.enter()
    table.choose(lea, KEUKEN)
    assert "voorstel gedaan" in lea.main
    assert f"{table.path}/losmaken" not in lea.actions
    assert _post(table, lea, "losmaken", KEUKEN, SAAR, seen=str(table.c(SAAR))) == 409
    assert "al een voorstel gedaan" in lea.main
    match_in(table.session, table.round, table.world.initiatives[KEUKEN]).state = MatchState.DECLINED
    table.session.commit()
    table.choose(lea, KEUKEN)
    table.send(lea, "losmaken", initiatief=table.i(KEUKEN))
    assert KEUKEN not in table.pairs(PairingKind.FINAL)
    assert table.pairs()[KEUKEN] == SAAR


@pytest.mark.parametrize("state", [RoundState.SEEDING, RoundState.SELECTION])
def test_before_the_choice_is_closed_there_is_nothing_to_pair(make: Make, state: RoundState) -> None:
    table = make(state)
    lea = table.enter()
    lea.get(table.path)
    assert "Er is nog niets te koppelen" in lea.main


@pytest.mark.parametrize("state", [RoundState.COMPARING, RoundState.DEPLOYED, RoundState.CLOSED])
def test_afterwards_it_is_only_looked_at(make: Make, state: RoundState) -> None:
    table = make(state)
    lea = table.enter()
    table.choose(lea, KEUKEN)
    assert "Saar Subsidie" in lea.main
    assert f"{table.path}/losmaken" not in lea.actions
    assert _post(table, lea, "koppelen", KEUKEN, ELS, reden="Els deed dit al eens in Ede.") == 409


def test_staff_looks_and_nobody_else(table: Table) -> None:
    lea = table.enter()
    lea.get(table.path)
    _post(table, lea, "koppelen", KEUKEN, SAAR)
    rob = table.enter("rob")
    rob.get(f"{table.path}?initiatief={table.i(KEUKEN)}")
    assert "Saar Subsidie" in rob.main
    assert "U kunt hier alleen kijken." in rob.main
    assert not [action for action in rob.actions if action.startswith(table.path + "/")]
    assert rob.client.post(f"{table.path}/losmaken").status_code in (400, 403)
    for who in ("arnhem", "rheden", "nijmegen", "fg"):
        other = table.enter(who)
        assert other.get(table.path).status_code == 403
        assert other.get(f"{table.path}/passend/{table.c(SAAR)}").status_code == 403
        assert "Saar" not in other.answer.text
    assert lea.get("/rondes/999/bord").status_code == 404


def test_whoever_drags_is_told_how_each_would_do(table: Table) -> None:
    lea = table.enter()
    found = lea.get(f"{table.path}/passend/{table.c(SAAR)}").json
    assert found is not None
    assert set(found) == {str(table.i(place)) for place in range(5)}
    assert found[str(table.i(KEUKEN))]["order"] == 0
    assert re.fullmatch(r"past \d+%", found[str(table.i(KEUKEN))]["words"])
    assert found[str(table.i(DIEREN))] == {
        "fit": found[str(table.i(DIEREN))]["fit"],
        "order": 2,
        "words": "kan niet: zelfde gemeente",
    }
    assert lea.get(f"{table.path}/passend/999").status_code == 404

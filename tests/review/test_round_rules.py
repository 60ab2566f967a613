"""Rules that hold whatever page, program or old form writes: mergers, hours, advice, what was frozen."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matching.problem import Offered, Problem, Rule, Wanted
from matching.solve import match
from models.match import Match
from models.mergers import MERGERS, Merger
from models.round import Round, RoundConsultant, RoundInitiative, RoundJob, RoundMark, RoundPair
from models.settings import Settings
from models.store import round_jobs
from models.store.match_proposing import proposable
from models.store.match_rules import ASKED
from models.store.pairing import BrokenRuleError, mark, put_pair, take_pair
from models.store.round_moves import move, what_is_missing
from models.store.round_overlap import overlaps
from models.words import JobPurpose, MatchState, PairingKind, RoundState
from review.board_look import Board
from review.match_steps import give_answer
from review.mending import AdviceGoneError, advice_of, take_advice
from review.round_live import with_live
from review.round_problem import frozen_problem, problem_of
from review.round_solving import ask_beside, ask_mending, solve_due
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor
from tests.rounds_world import EDE, FIRST_DAY, NOW, match_in, round_in, world

pytestmark = pytest.mark.both_databases


@pytest.fixture
def merged(monkeypatch):
    """Ede has become part of Rheden."""
    monkeypatch.setitem(MERGERS, EDE, Merger(EDE, "Ede", "GM0275", date(2027, 1, 1)))


def test_after_a_merger_nobody_helps_the_municipality_that_is_the_own_one_by_now(session, merged):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w, automatic=False)
    playground, repair, taal = w.initiatives[4], w.initiatives[5], w.consultants[3]
    assert (playground.municipality_code, taal.municipality_code) == (EDE, "GM0275")
    with pytest.raises(BrokenRuleError) as error:
        put_pair(session, row.id, playground.id, taal.id, viewer=w.leader, seen=None, fit=1, now=NOW)
    assert error.value.rule == Rule.SAME_MUNICIPALITY
    with pytest.raises(BrokenRuleError):
        mark(session, row.id, playground.id, taal.id, viewer=w.leader, pinned=True, now=NOW)

    # A pair that was made before the merger is neither copied nor proposed, and holds nothing up.
    row = round_in(session, RoundState.PROPOSING, world=w)
    session.add(
        RoundPair(
            round_id=row.id,
            kind=PairingKind.FINAL,
            initiative_id=repair.id,
            consultant_id=taal.id,
            fit=5,
            broken=[],
            at=NOW,
        )
    )
    session.flush()
    assert proposable(session, row.id) == 0
    assert "all_proposed" not in dict(what_is_missing(session, row, RoundState.DEPLOYED))


def test_a_pair_that_was_forbidden_meanwhile_is_not_among_those_to_propose(session):
    w = world(session)
    row = round_in(session, RoundState.COMPARING, world=w)
    food, saar = w.initiatives[0], w.consultants[2]
    session.add(
        RoundMark(
            round_id=row.id,
            initiative_id=food.id,
            consultant_id=saar.id,
            forbidden=True,
            by_id=w.leader.account_id,
            at=NOW,
        )
    )
    # It is being worked out anew while the answer that is there is chosen.
    job = ask_beside(session, row, account_id=None, now=NOW, marks=True)
    session.flush()
    taken = round_jobs.take_job(session, now=NOW)
    move(
        session,
        row.id,
        RoundState.PROPOSING,
        viewer=w.leader,
        version=1,
        now=NOW,
        chosen=PairingKind.AUTOMATIC,
    )
    pairs = session.scalars(
        select(RoundPair.initiative_id).where(
            RoundPair.round_id == row.id, RoundPair.kind == PairingKind.FINAL
        )
    ).all()
    assert food.id not in pairs
    assert len(pairs) == 4
    assert not round_jobs.finish_job(session, taken, [], gaps=[], stopped=False, now=NOW)
    session.refresh(job)
    assert job.cancelled_at == NOW


def solved(settings: Settings, engine, session):
    session.commit()
    session.rollback()
    assert solve_due(settings, engine, NOW).solved == 1
    session.expire_all()


def declined(session, w, row, place=0):
    match = match_in(session, row, w.initiatives[place])
    return give_answer(session, match.id, ASKED[0], False, viewer=None, now=NOW)


def test_a_decline_while_other_work_goes_on_gives_advice_for_when_the_leader_goes_back(
    settings, engine, session
):
    w = world(session)
    row = round_in(session, RoundState.DEPLOYED, world=w)
    match_in(session, row, w.initiatives[0]).state = MatchState.AGREED
    session.flush()
    assert declined(session, w, row).declined
    [job] = session.scalars(select(RoundJob))
    assert job.purpose is JobPurpose.MENDING
    solved(settings, engine, session)

    advice = advice_of(session, w.leader, row.id)
    assert [(one.name, one.then) for one in advice.changes] == [("Voedselbos Presikhaaf", "Els Groen")]
    with pytest.raises(Exception, match="not while the round"):
        take_advice(session, w.leader, row.id, advice.stand, now=NOW)
    session.rollback()
    move(session, row.id, RoundState.PROPOSING, viewer=w.leader, version=1, now=NOW)
    assert take_advice(session, w.leader, row.id, advice.stand, now=NOW) == 1
    assert proposable(session, row.id) == 1


def test_advice_on_an_old_page_does_not_undo_what_a_colleague_did_since(settings, engine, session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    food, els = w.initiatives[0], w.consultants[4]
    declined(session, w, row)
    solved(settings, engine, session)
    seen = advice_of(session, w.leader, row.id).stand
    # A colleague does what the advice says and takes it away again, for another reason.
    put_pair(session, row.id, food.id, els.id, viewer=w.leader, seen=None, fit=5, now=NOW)
    with pytest.raises(AdviceGoneError):
        take_advice(session, w.leader, row.id, seen, now=NOW)
    take_pair(session, row.id, food.id, viewer=w.leader, seen=els.id, now=NOW)
    # What came into the round later is no part of the advice, and stays as it is.
    repair = session.get_one(RoundInitiative, (row.id, w.initiatives[5].id))
    repair.selected = True
    session.flush()
    put_pair(
        session, row.id, repair.initiative_id, w.consultants[3].id, viewer=w.leader, seen=None, fit=5, now=NOW
    )
    assert take_advice(session, w.leader, row.id, seen, now=NOW) == 1
    taal = select(RoundPair.consultant_id).where(
        RoundPair.kind == PairingKind.FINAL, RoundPair.initiative_id == repair.initiative_id
    )
    assert session.scalar(taal) == w.consultants[3].id


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"initiatives": 3}', '{"initiatives": [{"key": 1}]}', "x"])
def test_what_was_frozen_and_can_not_be_read_any_more_stops_nobody(session, text):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    full = len(problem_of(session, row.id, kind=None).initiatives)
    row.snapshot = text
    session.flush()
    assert frozen_problem(row) is None
    assert len(problem_of(session, row.id, kind=PairingKind.FINAL).initiatives) == full
    ask_mending(session, row, account_id=None, now=NOW)
    Board(session, w.leader, row.id)


def test_in_a_large_round_who_has_no_time_left_is_no_candidate(session):
    """Only the best fitting are looked at; all of those may be busy with what goes on."""
    clerks = tuple(
        Offered(
            key=str(number), municipality="GM0002", half_hours=10, themes={"groen": 0 if number == 3 else 3}
        )
        for number in range(1, 4)
    )
    gardens = tuple(
        Wanted(key=str(number), municipality="GM0001", half_hours=8, theme="groen") for number in (10, 11, 12)
    )
    problem = Problem(initiatives=gardens, consultants=clerks, candidates=1, draft=frozenset({("10", "1")}))

    left = with_live(problem, {10: (1, 7), 11: (2, 8)})

    assert match(left, seconds=5).keys == {("12", "3")}


def test_hours_that_are_offered_in_two_rounds_are_told(session):
    w = world(session)
    first = round_in(session, RoundState.PROPOSING, world=w)
    assert overlaps(session, w.leader, first.id) == []
    second = round_in(session, RoundState.SELECTION, world=w)
    noor, saar = w.consultants[0], w.consultants[2]
    # Of Noor the second round gets no more than what the first leaves.
    session.get_one(RoundConsultant, (first.id, noor.id)).half_hours = 20
    session.get_one(RoundConsultant, (second.id, noor.id)).half_hours = 20
    session.flush()

    found = {one.name: one for one in overlaps(session, w.leader, second.id)}
    assert "Noor Jurist" not in found
    assert (found["Saar Subsidie"].rounds, found["Saar Subsidie"].has) == (2, saar.half_hours)
    assert (found["Saar Subsidie"].offered, found["Saar Subsidie"].given) == (60, 28)
    assert overlaps(session, w.arnhem, second.id) == []
    row = session.get_one(Round, first.id)
    for one in session.scalars(select(Match).where(Match.round_id == row.id)):
        one.state = MatchState.STOPPED
    row.state = RoundState.CLOSED
    session.flush()
    assert overlaps(session, w.leader, second.id) == []
    assert NOW.date() + timedelta(days=1) < FIRST_DAY


def test_the_pages_say_what_to_do(app, settings, engine, session):
    w = world(session)
    row = round_in(session, RoundState.DEPLOYED, world=w)
    round_in(session, RoundState.SELECTION, world=w)
    match_in(session, row, w.initiatives[0]).state = MatchState.AGREED
    session.flush()
    declined(session, w, row)
    row.snapshot = "{}"
    number = row.id
    solved(settings, engine, session)
    session.rollback()
    lea = Visitor(app)
    lea.get("/aanmelden")
    lea.send("/aanmelden", follow=False, email="lea@rondes.example", password=PASSWORD)

    lea.get(f"/rondes/{number}")
    assert "1 initiatief heeft geen consultant. Wilt u nog iemand voorstellen?" in lea.main
    assert (
        "Saar Subsidie: heeft 15 uur. In 2 rondes samen staat 30 uur, in matches die lopen 6 uur." in lea.main
    )
    assert "kunnen niet meer worden gelezen" in lea.main

    lea.get(f"/rondes/{number}/automatisch")
    assert "Voedselbos Presikhaaf: krijgt Els Groen (past" in lea.main
    assert "Ga dan eerst terug naar voorstellen." in lea.main
    assert not lea.page.cssselect("form[action$=overnemen]")

    lea.get(f"/rondes/{number}")
    lea.send(f"/rondes/{number}/verder", naar="voorstellen")
    lea.get(f"/rondes/{number}/automatisch")
    lea.send(f"/rondes/{number}/automatisch/overnemen")
    assert "Overgenomen: 1 koppeling veranderd op het bord." in lea.notices

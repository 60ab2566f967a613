"""What a round hands to the matching: as it was frozen, with what people demanded and who fell out."""

import pytest

from matching.pairs import rules_broken
from models.initiative import Initiative
from models.round import (
    RoundConsultant,
    RoundInitiative,
    RoundMark,
)
from models.words import PairingKind, RoundState
from review.round_problem import problem_of
from tests.rounds_world import EDE, NOW, pairs_in, round_in, world

pytestmark = pytest.mark.both_databases


def test_the_pairs_of_the_test_world_break_no_rule(session):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w)
    problem = problem_of(session, row.id, kind=None)
    wanted = {one.key: one for one in problem.initiatives}
    offered = {one.key: one for one in problem.consultants}

    assert len(wanted) == 5
    assert len(offered) == 5
    for initiative, consultant in pairs_in(w):
        assert rules_broken(problem, wanted[str(initiative.id)], offered[str(consultant.id)]) == ()


def test_what_was_frozen_stays_whatever_is_changed_since_but_the_municipality(session):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w)
    before = problem_of(session, row.id, kind=None)
    w.initiatives[0].expertise = ["privacy"]
    w.consultants[0].radius_km = 1
    session.get(RoundConsultant, (row.id, w.consultants[0].id)).half_hours = 2
    session.flush()
    assert problem_of(session, row.id, kind=None) == before
    live = problem_of(session, row.id, kind=None, frozen=False)
    assert live != before
    assert live.consultants[0].half_hours == 2

    session.get(Initiative, w.initiatives[0].id).municipality_code = EDE
    session.flush()
    moved = {one.key: one for one in problem_of(session, row.id, kind=None).initiatives}
    assert moved[str(w.initiatives[0].id)].municipality == EDE


def test_the_problem_tells_what_people_demanded_and_who_fell_out(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    (one, saar), (two, _), (three, bas), *_rest = pairs_in(w)
    for initiative, consultant, values in (
        (one, saar, {"pinned": True}),
        (two, bas, {"forbidden": True}),
        (three, w.consultants[0], {"reason": "Kent het dorp goed."}),
    ):
        session.add(
            RoundMark(
                round_id=row.id,
                initiative_id=initiative.id,
                consultant_id=consultant.id,
                by_id=w.leader.account_id,
                at=NOW,
                **values,
            )
        )
    problem = problem_of(session, row.id, kind=PairingKind.FINAL)
    assert problem.pins == {(str(one.id), str(saar.id))}
    assert problem.forbidden == {(str(two.id), str(bas.id))}
    assert problem.set_aside == {(str(three.id), str(w.consultants[0].id))}
    assert len(problem.draft) == len(pairs_in(w))
    session.get(RoundConsultant, (row.id, saar.id)).out_at = NOW
    session.get(RoundInitiative, (row.id, three.id)).out_at = NOW
    session.flush()
    problem = problem_of(session, row.id, kind=PairingKind.FINAL)
    assert problem.pins == problem.set_aside == frozenset()
    assert str(three.id) not in {wanted.key for wanted in problem.initiatives}
    assert {offered.key for offered in problem.consultants if not offered.available} == {str(saar.id)}
    assert not {pair for pair in problem.draft if str(saar.id) in pair}

"""Whatever is done in rounds, in whatever order: no rule that always holds is broken, nothing is doubled."""

import random
from datetime import date

import pytest

from models.database import session_factory
from models.mergers import MERGERS, Merger
from models.words import RoundState
from tests.models.rounds_crowd import Crowd
from tests.models.rounds_invariants import MOVES, NEXT, check, states
from tests.review.factories import RHEDEN
from tests.rounds_world import EDE, NOW, round_in, world

pytestmark = pytest.mark.both_databases

#: Things that are done in one go; most of them are refused.
STEPS = 120
#: How far the round is that is there already.
BEGUN = (None, RoundState.PAIRING, RoundState.COMPARING, RoundState.PROPOSING, RoundState.PROPOSING)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_done_in_whatever_order_the_rules_hold(engine, monkeypatch, seed):
    if seed % 2:
        # Whoever is of Ede is of Rheden by now, whatever their rows say.
        monkeypatch.setitem(MERGERS, EDE, Merger(EDE, "Ede", RHEDEN, date(2026, 1, 1)))
    sessions = session_factory(engine)
    with sessions() as session:
        people = world(session)
        if BEGUN[seed % len(BEGUN)] is not None:
            round_in(session, BEGUN[seed % len(BEGUN)], world=people)
        session.commit()
    crowd = Crowd(engine, people, random.Random(seed), NOW)
    rounds, matches = {}, {}
    for step in range(STEPS):
        crowd.act()
        with session_factory(engine, writes=False)() as session:
            try:
                check(session)
                now_rounds, now_matches = states(session)
                moved = {(old, now_rounds[key]) for key, old in rounds.items() if now_rounds[key] is not old}
                assert moved <= MOVES
                for key, old in matches.items():
                    new = now_matches[key]
                    assert new is old or new in NEXT.get(old, ()), (old, new)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, step {step}: {error}; {list(crowd.told)[-3:]}") from error
            rounds, matches = now_rounds, now_matches
    assert {"pair", "move", "answer"} <= {name for name, _how in crowd.told}

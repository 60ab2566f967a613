"""Killed in the middle of a step of a round: nothing of it is there, and done again it is there once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.consultant import Consultant
from models.match import Match, MatchMail
from models.round import Round, RoundConsultant, RoundInitiative, RoundJob, RoundPair
from models.store import round_jobs
from models.store.audit import first_broken
from models.store.consultants import remove_consultant
from models.store.match_rules import ASKED
from models.store.round_jobs import ask_job
from models.store.round_moves import move
from models.words import JobPurpose, MatchState, PairingKind, RoundState
from review.match_steps import give_answer, propose_pairs
from review.mending import advice_of, take_advice
from review.round_problem import frozen_text
from review.round_solving import solve_due
from tests.models.rounds_invariants import check
from tests.review.test_serve import NO_SETTINGS
from tests.rounds_world import NOW, match_in, round_in, world

ROOT = str(Path(__file__).resolve().parents[2])

pytestmark = pytest.mark.both_databases


@pytest.fixture
def people(session):
    """Municipalities, initiatives and consultants."""
    return world(session)


@pytest.fixture
def killed(settings, session):
    """Do something in a process of its own that is killed in the middle of it."""

    def run(where):
        session.commit()
        environment = {
            **NO_SETTINGS,
            "PYTHONPATH": ROOT,
            "SCOUT_VAR": str(settings.var),
            "SCOUT_DATABASE_URL": settings.effective_database_url,
        }
        command = [sys.executable, "-m", "tests.review.round_killed_at", where]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60)
        assert done.returncode == -signal.SIGKILL
        session.expire_all()
        check(session)
        assert first_broken(session) is None

    return run


def count(session, table, *where):
    return session.scalar(select(func.count()).select_from(table).where(*where))


def test_while_the_choice_is_closed(session, people, killed):
    row = round_in(session, RoundState.SELECTION, world=people)
    killed("freeze")

    assert (row.state, row.version, row.snapshot, row.frozen_at) == (RoundState.SELECTION, 1, "", None)
    assert count(session, RoundInitiative, RoundInitiative.selected.is_not(None)) == 0
    to = RoundState.PAIRING
    move(session, row.id, to, viewer=people.leader, version=1, now=NOW, freeze=frozen_text)
    assert count(session, RoundJob) == 1


def test_between_the_answer_and_its_pairs(settings, engine, session, people, killed):
    row = round_in(session, RoundState.PAIRING, world=people)
    ask_job(session, row, JobPurpose.BESIDE, *frozen_text(session, row), account_id=None, now=NOW)
    killed("answer")

    [job] = session.scalars(select(RoundJob))
    assert (job.attempts, job.done_at, job.result) == (1, None, {})
    session.rollback()
    assert solve_due(settings, engine, NOW).solved == 0
    later = NOW + 2 * round_jobs.LEASE
    assert solve_due(settings, engine, later).solved == 1
    session.expire_all()
    assert (job.attempts, len(job.result["pairs"])) == (2, 5)
    assert count(session, RoundPair, RoundPair.kind == PairingKind.AUTOMATIC) == 5


def test_while_the_pairs_to_propose_are_copied(session, people, killed):
    row = round_in(session, RoundState.COMPARING, world=people)
    killed("chosen")

    assert (row.state, row.chosen) == (RoundState.COMPARING, None)
    assert count(session, RoundPair, RoundPair.kind == PairingKind.FINAL) == 0


def test_while_everybody_is_asked(session, people, killed):
    row = round_in(session, RoundState.PROPOSING, world=people)
    for match in session.scalars(select(Match)).all():
        session.delete(match)
    killed("ask")

    assert (count(session, Match), count(session, MatchMail)) == (0, 0)
    propose_pairs(session, row.id, viewer=people.leader, now=NOW)
    assert (count(session, Match), count(session, MatchMail)) == (5, 30)


def test_while_advice_is_taken_over(settings, engine, session, people, killed):
    row = round_in(session, RoundState.PROPOSING, world=people)
    match = match_in(session, row, people.initiatives[0])
    give_answer(session, match.id, ASKED[0], False, viewer=None, now=NOW)
    session.commit()
    assert solve_due(settings, engine, NOW).solved == 1
    session.expire_all()
    before = advice_of(session, people.leader, row.id)
    killed("advice")

    after = advice_of(session, people.leader, row.id)
    assert after == before
    assert take_advice(session, people.leader, row.id, after.stand, now=NOW) == len(before.changes) > 0


def test_while_a_consultant_leaves(session, people, killed):
    row = round_in(session, RoundState.PROPOSING, world=people)
    saar = people.consultants[2]
    killed("leave")

    assert (saar.name, saar.removed_at) == ("Saar Subsidie", None)
    assert session.get_one(RoundConsultant, (row.id, saar.id)).out_at is None
    assert count(session, Match, Match.state == MatchState.STOPPED) == 0
    remove_consultant(session, saar.id, viewer=people.rheden, version=1, now=NOW)
    assert session.get_one(Consultant, saar.id).name == ""
    assert count(session, Match, Match.state == MatchState.STOPPED) == 2
    assert session.get_one(Round, row.id).state is RoundState.PROPOSING

"""Working out automatic pairings: once, whatever ends it on the way; and pins that clash are named."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from matching.problem import Offered, Problem, Wanted
from matching.snapshot import digest, of_text, to_text
from models.base import utc_now
from models.database import session_factory
from models.match import Match
from models.round import Round, RoundConsultant, RoundJob, RoundMark, RoundPair
from models.settings import Settings
from models.store import round_jobs
from models.store.round_jobs import ask_job, cancel_job
from models.store.round_jobs_list import jobs_of
from models.words import JobPurpose, MatchState, PairingKind, RoundState
from review.round_solving import Solved, ask_beside, ask_mending, solve_due
from review.round_why import clash_words
from tests.review.test_serve import NO_SETTINGS
from tests.rounds_world import NOW, World, match_in, pairs_in, round_in, world

ROOT = str(Path(__file__).resolve().parents[2])

pytestmark = pytest.mark.both_databases


@pytest.fixture
def network(session: Session) -> World:
    """Municipalities, initiatives and consultants."""
    return world(session)


@pytest.fixture
def pairing(session: Session, network: World) -> Round:
    """A round that is paired by hand now."""
    row = round_in(session, RoundState.PAIRING, world=network)
    session.commit()
    return row


def hard(count: int = 60) -> Problem:
    """A problem that can't be solved at once: hours that hardly fit together, one theme, no places."""
    initiatives = tuple(
        Wanted(key=str(number), municipality="GM0001", half_hours=7 + 5 * number % 11, theme="groen")
        for number in range(1, count + 1)
    )
    consultants = tuple(
        Offered(
            key=str(number),
            municipality=f"GM{number % 40 + 2:04}",
            half_hours=17 + number % 13,
            most=3,
            themes={"groen": number % 3},
        )
        for number in range(1, count // 2 + 1)
    )
    return Problem(initiatives=initiatives, consultants=consultants)


def solve(settings: Settings, engine: Engine, session: Session) -> Solved:
    """Work out what was asked for; nothing of the test's own is in the way."""
    session.rollback()
    return solve_due(settings, engine, NOW)


def automatic(session: Session, round_: Round) -> list[tuple[int, int]]:
    session.expire_all()
    rows = session.execute(
        select(RoundPair.initiative_id, RoundPair.consultant_id)
        .where(RoundPair.round_id == round_.id, RoundPair.kind == PairingKind.AUTOMATIC)
        .order_by(RoundPair.initiative_id)
    )
    return [(row[0], row[1]) for row in rows]


def test_what_was_asked_is_worked_out_and_kept(
    settings: Settings, engine: Engine, session: Session, network: World, pairing: Round
) -> None:
    ask_beside(session, pairing, account_id=network.leader.account_id, now=NOW)
    session.commit()

    told = solve(settings, engine, session)

    assert (told.solved, told.failed) == (1, 0)
    found = automatic(session, pairing)
    assert len(found) == 5
    towns = {one.id: one.municipality_code for one in network.consultants}
    places = {one.id: one.municipality_code for one in network.initiatives}
    assert all(places[initiative] != towns[consultant] for initiative, consultant in found)
    job = session.scalars(select(RoundJob)).one()
    assert job.done_at is not None
    assert [gap["aim"] for gap in job.result["gaps"]][:2] == ["served", "worst"]
    assert job.progress["seconds"] > 0
    assert solve(settings, engine, session).solved == 0


def test_without_marks_both_begin_from_the_same_and_with_marks_pins_count(
    settings: Settings, engine: Engine, session: Session, network: World, pairing: Round
) -> None:
    # Who would not be chosen: knows nothing of what is asked.
    initiative, consultant = network.initiatives[0], network.consultants[4]
    session.add(
        RoundMark(
            round_id=pairing.id,
            initiative_id=initiative.id,
            consultant_id=consultant.id,
            pinned=True,
            by_id=network.leader.account_id,
            at=NOW,
        )
    )
    session.flush()

    fair = ask_beside(session, pairing, account_id=None, now=NOW)
    assert fair.problem == pairing.snapshot
    marked = ask_beside(session, pairing, account_id=None, now=NOW, marks=True)
    session.commit()

    assert of_text(marked.problem).pins == {(str(initiative.id), str(consultant.id))}
    assert solve(settings, engine, session).solved == 1
    assert (initiative.id, consultant.id) in automatic(session, pairing)


def test_pins_that_clash_are_named_in_one_sentence(
    settings: Settings, engine: Engine, session: Session, network: World, pairing: Round, app: Flask
) -> None:
    initiative = network.initiatives[0]
    for consultant in (network.consultants[2], network.consultants[4]):
        session.add(
            RoundMark(
                round_id=pairing.id,
                initiative_id=initiative.id,
                consultant_id=consultant.id,
                pinned=True,
                by_id=network.leader.account_id,
                at=NOW,
            )
        )
    session.flush()
    ask_beside(session, pairing, account_id=None, now=NOW, marks=True)
    session.commit()

    told = solve(settings, engine, session)

    assert (told.solved, told.failed) == (0, 1)
    [job] = jobs_of(session, network.leader, pairing.id, now=NOW)
    assert job.why == round_jobs.PINS
    names = {str(one.id): one.name for one in network.initiatives}
    people = {str(one.id): one.name for one in network.consultants}
    with app.test_request_context("/"):
        said = clash_words(job.result, names, people)
    assert said == (
        "Voedselbos Presikhaaf is vastgezet bij Saar Subsidie en Els Groen tegelijk. Maak er een los."
    )


def test_stopping_the_service_gives_the_job_back_and_cancelling_ends_it(
    settings: Settings, engine: Engine, session: Session, network: World, pairing: Round
) -> None:
    problem = hard()
    job = ask_job(
        session,
        pairing,
        JobPurpose.BESIDE,
        to_text(problem),
        digest(problem),
        account_id=None,
        seconds=60,
        now=utc_now(),
    )
    session.commit()
    number = job.id
    session.rollback()
    stop = threading.Event()
    worker = threading.Thread(target=solve_due, args=(settings, engine, utc_now(), stop))
    worker.start()
    wait_for(engine, number, lambda row: row.taken_until is not None)

    stop.set()
    worker.join(20)

    assert not worker.is_alive()
    session.expire_all()
    row = session.get_one(RoundJob, number)
    assert (row.taken_until, row.attempts, row.done_at) == (None, 0, None)
    session.rollback()

    worker = threading.Thread(target=solve_due, args=(settings, engine, utc_now()))
    worker.start()
    wait_for(engine, number, lambda row: row.taken_until is not None)
    held = session.get_one(Round, pairing.id)
    assert cancel_job(session, held, job.id, account_id=None, now=utc_now())
    session.commit()
    worker.join(20)
    assert not worker.is_alive()
    assert automatic(session, pairing) == []


def wait_for(engine: Engine, job_id: int, met: Callable[[RoundJob], bool]) -> None:
    """Until the job is so; reading only, so that nobody waits for the test."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with session_factory(engine, writes=False)() as session:
            if met(session.get_one(RoundJob, job_id)):
                return
        time.sleep(0.05)
    raise AssertionError("nothing happened in time")


@pytest.fixture
def servers(settings: Settings) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes to end with the test."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_killed_during_a_solve_it_is_done_once_after_the_next_start(
    settings: Settings,
    engine: Engine,
    session: Session,
    network: World,
    pairing: Round,
    servers: list[subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:
    problem = hard()
    job = ask_job(
        session,
        pairing,
        JobPurpose.BESIDE,
        to_text(problem),
        digest(problem),
        account_id=None,
        seconds=120,
        now=utc_now(),
    )
    session.commit()
    number = job.id
    session.rollback()

    servers.append(begin(settings))
    wait_for(engine, number, lambda row: bool(row.progress))
    os.kill(servers[0].pid, signal.SIGKILL)
    servers[0].wait()
    # Its time is up at once, and what it works on has become the small one of the round: nothing else waits.
    session.execute(
        update(RoundJob)
        .where(RoundJob.id == job.id)
        .values(
            taken_until=utc_now() - timedelta(seconds=1),
            problem=pairing.snapshot,
            problem_hash=pairing.snapshot_hash,
            seconds=20,
        )
    )
    session.commit()

    servers.append(begin(settings))
    wait_for(engine, number, lambda row: row.done_at is not None)

    session.expire_all()
    row = session.get_one(RoundJob, job.id)
    assert (row.attempts, row.problem_said) == (2, "")
    found = automatic(session, pairing)
    assert len(found) == len(set(found)) == len(row.result["pairs"]) == 5
    assert len(session.scalars(select(RoundJob)).all()) == 1


def begin(settings: Settings) -> subprocess.Popen[bytes]:
    """``review upkeep`` on the database of the test: the same jobs that the pages have beside them."""
    environment = {
        **NO_SETTINGS,
        "PYTHONPATH": ROOT,
        "SCOUT_VAR": str(settings.var),
        "SCOUT_DATABASE_URL": settings.effective_database_url,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "review.cli", "upkeep"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_after_a_decline_live_matches_stay_and_the_rest_changes_least(
    settings: Settings, engine: Engine, session: Session, network: World
) -> None:
    round_ = round_in(session, RoundState.PROPOSING, world=network)
    # Saar will not do the food forest; Noor may no longer begin anything new, but her match goes on.
    food, saar = pairs_in(network)[0]
    match_in(session, round_, food).state = MatchState.DECLINED
    pair = session.scalars(
        select(RoundPair).where(
            RoundPair.round_id == round_.id,
            RoundPair.kind == PairingKind.FINAL,
            RoundPair.initiative_id == food.id,
        )
    ).one()
    session.delete(pair)
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
    noor = network.consultants[0]
    session.get_one(RoundConsultant, (round_.id, noor.id)).out_at = NOW
    session.flush()

    job = ask_mending(session, round_, account_id=None, now=NOW)
    session.commit()

    problem = of_text(job.problem)
    live = session.scalars(
        select(Match).where(Match.round_id == round_.id, Match.state == MatchState.PROPOSED)
    ).all()
    assert problem.pins == {
        (str(one.initiative_id), str(one.consultant_id)) for one in live if one.consultant_id != noor.id
    }
    assert str(network.initiatives[3].id) not in {one.key for one in problem.initiatives}
    assert solve(settings, engine, session).solved == 1
    session.expire_all()
    pairs = {one[0]: one[1] for one in session.get_one(RoundJob, job.id).result["pairs"]}
    assert pairs[food.id] == network.consultants[4].id
    assert all(pairs[int(one)] == int(other) for one, other in problem.pins)
    # Advice only: nothing is put anywhere by itself.
    kinds = session.scalars(
        select(RoundPair.consultant_id).where(
            RoundPair.round_id == round_.id,
            RoundPair.kind == PairingKind.FINAL,
            RoundPair.initiative_id == food.id,
        )
    ).all()
    assert kinds == []
    assert json.loads(job.problem)["draft"]

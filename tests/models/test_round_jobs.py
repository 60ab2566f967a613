"""Automatic pairings in the store: taken up once, taken over, given up; hidden until pairing is closed."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.round import Round, RoundConsultant, RoundJob, RoundPair
from models.store import round_jobs
from models.store.round_automatic import FoundPair
from models.store.round_jobs import (
    ATTEMPTS,
    LEASE,
    RoundJobError,
    Taken,
    ask_job,
    cancel_all,
    cancel_job,
    fail_job,
    finish_job,
    give_back,
    has_work,
    take_job,
    tell_progress,
)
from models.store.round_jobs_list import jobs_of, newest_answer
from models.words import JobPurpose, PairingKind, RoundState
from tests.rounds_world import NOW, World, round_in, world

pytestmark = pytest.mark.both_databases

SECOND = timedelta(seconds=1)


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


def ask(session: Session, round_: Round, **more: Any) -> RoundJob:
    told = {"purpose": JobPurpose.BESIDE, "text": round_.snapshot, "seconds": 20.0, **more}
    job = ask_job(
        session,
        round_,
        told["purpose"],
        told["text"],
        told["text"][:9],
        account_id=round_.created_by_id,
        seconds=told["seconds"],
        now=NOW,
    )
    session.commit()
    return job


def take(session: Session, at: timedelta = timedelta()) -> Taken:
    taken = take_job(session, now=NOW + at)
    session.commit()
    assert taken is not None
    return taken


def pairs(network: World) -> list[FoundPair]:
    return [
        FoundPair(network.initiatives[0].id, network.consultants[2].id, 700),
        FoundPair(network.initiatives[4].id, network.consultants[1].id, 650, ("te_ver",)),
    ]


def finish(session: Session, taken: Taken, found: list[FoundPair]) -> bool:
    done = finish_job(session, taken, found, gaps=[], stopped=False, progress={"seconds": 3.0}, now=NOW)
    session.commit()
    return done


def kept(session: Session, round_: Round) -> set[tuple[int, int, int, tuple[str, ...]]]:
    rows = session.scalars(
        select(RoundPair).where(RoundPair.round_id == round_.id, RoundPair.kind == PairingKind.AUTOMATIC)
    )
    return {(row.initiative_id, row.consultant_id, row.fit, tuple(row.broken)) for row in rows}


def test_a_job_is_taken_up_once_and_its_answer_is_kept(
    session: Session, network: World, pairing: Round
) -> None:
    assert not has_work(session, now=NOW)
    job = ask(session, pairing)
    assert has_work(session, now=NOW)

    taken = take(session)

    assert (taken.job_id, taken.attempt, taken.seconds) == (job.id, 1, 20.0)
    assert taken.problem == pairing.snapshot
    assert not has_work(session, now=NOW)
    assert take_job(session, now=NOW) is None
    assert tell_progress(session, taken, {"aim": "worst", "seconds": 1.0}, now=NOW + SECOND)
    assert finish(session, taken, pairs(network))
    assert kept(session, pairing) == {
        (network.initiatives[0].id, network.consultants[2].id, 700, ()),
        (network.initiatives[4].id, network.consultants[1].id, 650, ("te_ver",)),
    }
    assert not has_work(session, now=NOW + timedelta(days=1))


def test_a_worker_that_is_gone_is_taken_over_from_and_can_write_nothing_more(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    gone = take(session)
    assert take_job(session, now=NOW + LEASE - SECOND) is None

    other = take(session, LEASE)

    assert other.attempt == 2
    assert not tell_progress(session, gone, {"aim": "served"}, now=NOW + LEASE)
    assert not finish(session, gone, pairs(network))
    assert not fail_job(session, gone, round_jobs.FAILED, now=NOW + LEASE)
    assert finish(session, other, pairs(network)[:1])
    assert not finish(session, other, pairs(network))
    assert len(kept(session, pairing)) == 1


def test_whoever_is_still_at_it_keeps_the_job(session: Session, pairing: Round) -> None:
    ask(session, pairing)
    taken = take(session)

    assert tell_progress(session, taken, None, now=NOW + LEASE - SECOND)
    session.commit()

    assert take_job(session, now=NOW + LEASE + SECOND) is None
    assert take_job(session, now=NOW + 2 * LEASE) is not None


def test_what_brings_down_every_worker_is_given_up(session: Session, network: World, pairing: Round) -> None:
    ask(session, pairing)
    for number in range(ATTEMPTS):
        assert take(session, number * LEASE).attempt == number + 1

    assert take_job(session, now=NOW + ATTEMPTS * LEASE) is None
    session.commit()

    [job] = jobs_of(session, network.leader, pairing.id, now=NOW)
    assert (job.state, job.why) == ("failed", round_jobs.GIVEN_UP)
    assert not has_work(session, now=NOW + timedelta(days=1))


def test_a_worker_that_stops_in_time_gives_the_job_back_unused(session: Session, pairing: Round) -> None:
    ask(session, pairing)
    for _ in range(ATTEMPTS + 1):
        taken = take(session)
        assert taken.attempt == 1
        give_back(session, taken)
        session.commit()


def test_the_same_question_is_asked_once_and_another_takes_its_place(
    session: Session, network: World, pairing: Round
) -> None:
    first = ask(session, pairing)
    assert ask(session, pairing).id == first.id
    mending = ask(session, pairing, purpose=JobPurpose.MENDING)
    assert mending.id != first.id
    taken = take(session)

    longer = ask(session, pairing, seconds=60.0)
    other = ask(session, pairing, text="{}")

    assert len({first.id, longer.id, other.id}) == 3
    assert not tell_progress(session, taken, None, now=NOW)
    assert not finish(session, taken, pairs(network))
    states = {row.id: row.state for row in jobs_of(session, network.leader, pairing.id, now=NOW)}
    assert states == {
        first.id: "cancelled",
        mending.id: "waiting",
        longer.id: "cancelled",
        other.id: "waiting",
    }


def test_cancelling_stops_it_and_keeps_what_was_there(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    assert finish(session, take(session), pairs(network))
    again = ask(session, pairing)
    taken = take(session)

    assert cancel_job(session, pairing, again.id, account_id=pairing.created_by_id, now=NOW)
    assert not cancel_job(session, pairing, again.id, account_id=pairing.created_by_id, now=NOW)
    session.commit()

    assert not tell_progress(session, taken, None, now=NOW)
    assert not finish(session, taken, [])
    assert len(kept(session, pairing)) == 2
    other = round_in(session, RoundState.PAIRING, world=network)
    with pytest.raises(RoundJobError):
        cancel_job(session, other, again.id, account_id=None, now=NOW)


def test_a_new_answer_takes_the_place_of_the_old_one(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    finish(session, take(session), pairs(network))
    ask(session, pairing)

    assert finish(session, take(session), [replace(pairs(network)[0], fit=1)])

    assert [row[2] for row in kept(session, pairing)] == [1]


def test_who_fell_out_meanwhile_is_not_in_the_answer(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    taken = take(session)
    session.get_one(RoundConsultant, (pairing.id, network.consultants[2].id)).out_at = NOW
    session.commit()

    assert finish(session, taken, pairs(network))

    assert [row[1] for row in kept(session, pairing)] == [network.consultants[1].id]


def test_of_a_round_that_was_called_off_nothing_is_kept(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    taken = take(session)
    pairing.state = RoundState.CANCELLED
    session.commit()

    assert not finish(session, taken, pairs(network))
    assert not has_work(session, now=NOW + LEASE)
    ask(session, pairing)
    cancel_all(session, pairing, now=NOW)
    session.commit()
    assert not has_work(session, now=NOW + LEASE)
    assert kept(session, pairing) == set()


def test_nothing_of_the_answer_is_told_before_pairing_by_hand_is_closed(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    taken = take(session)
    tell_progress(session, taken, {"aim": "total", "value": 4321.0, "bound": 4444.0, "seconds": 2.0}, now=NOW)
    [working] = jobs_of(session, network.leader, pairing.id, now=NOW)
    assert (working.state, working.aim, working.spent) == ("working", "total", 2.0)
    assert (working.hidden, working.value, working.bound) == (True, None, None)
    finish(session, taken, pairs(network))

    [done] = jobs_of(session, network.leader, pairing.id, now=NOW)

    assert (done.state, done.hidden, done.result) == ("done", True, {})
    assert newest_answer(session, network.leader, pairing.id, JobPurpose.BESIDE) is None
    log = [entry.after for entry in session.scalars(select(AuditEntry).where(AuditEntry.action == "pairing"))]
    assert log == [{"job": "ernaast"}, {"job_done": "ernaast"}]

    pairing.paired_at = NOW
    session.commit()

    [shown] = jobs_of(session, network.leader, pairing.id, now=NOW)
    assert not shown.hidden
    assert len(shown.result["pairs"]) == 2
    answer = newest_answer(session, network.leader, pairing.id, JobPurpose.BESIDE)
    assert answer is not None
    assert json.loads(answer.problem) == json.loads(pairing.snapshot)
    assert answer.spent == 3.0


def test_jobs_are_for_staff_only(session: Session, network: World, pairing: Round) -> None:
    ask(session, pairing)
    finish(session, take(session), pairs(network))
    pairing.paired_at = NOW
    session.commit()

    assert jobs_of(session, network.reviewer, pairing.id, now=NOW)
    for viewer in (network.arnhem, network.watcher):
        assert jobs_of(session, viewer, pairing.id, now=NOW) == []
        assert newest_answer(session, viewer, pairing.id, JobPurpose.BESIDE) is None


def test_pins_that_clash_are_told_even_while_the_rest_is_hidden(
    session: Session, network: World, pairing: Round
) -> None:
    ask(session, pairing)
    clash = {"clash": "twee_consultants", "pins": [["1", "2"], ["1", "3"]]}

    assert fail_job(session, take(session), round_jobs.PINS, clash=clash, now=NOW)

    [job] = jobs_of(session, network.leader, pairing.id, now=NOW)
    assert (job.state, job.hidden, job.why, job.result) == ("failed", True, round_jobs.PINS, clash)

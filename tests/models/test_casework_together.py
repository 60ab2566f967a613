"""Several people at once on the same leads: one of them wins, and the others learn who and what."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.base import utc_now
from models.database import session_factory
from models.decision import Decision
from models.lead import Lead
from models.store.audit import first_broken
from models.store.bulk import decide_all, undo_batch
from models.store.casework import ZONE, assign, snooze, wake_due
from models.store.deciding import AlreadyDecidedError, AlreadyUndoneError, NotUndoableError, StaleLeadError
from models.store.decisions import decide, undo
from models.words import DecisionKind, LeadStatus
from tests.review.factories import make_account, make_lead, viewer_of

pytestmark = pytest.mark.both_databases

SECRET = b"only for tests"


@pytest.fixture
def people(session):
    """Six reviewers."""
    made = [
        viewer_of(make_account(session, f"r{number}@voorbeeld.example", name=f"R{number}"))
        for number in range(6)
    ]
    session.commit()
    return made


@pytest.fixture
def together(engine, session):
    """Does several things at once, each in a transaction of its own; gives what each returned or raised."""

    def run(*tasks):
        session.rollback()  # what was read holds SQLite's only pen
        sessions = session_factory(engine)
        begin = threading.Barrier(len(tasks))
        results = [None] * len(tasks)

        def work(place, task):
            begin.wait()
            try:
                with sessions() as session:
                    results[place] = task(session)
                    session.commit()
            except Exception as error:
                results[place] = error

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(tasks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
        return results

    return run


def known(viewer, lead, version):
    return lambda session: decide(
        session, lead.id, DecisionKind.KNOWN, viewer=viewer, version=version, secret=SECRET
    )


def reject_all(viewer, leads):
    return lambda session: decide_all(
        session,
        leads,
        DecisionKind.REJECT,
        viewer=viewer,
        secret=SECRET,
        reason="anders",
        reasons=("anders",),
    )


def test_of_many_who_decide_at_once_one_wins_and_the_others_learn_who(session, people, together):
    lead = make_lead(session)
    session.commit()
    version = lead.version

    results = together(*(known(viewer, lead, version) for viewer in people))

    won = [result for result in results if isinstance(result, Decision)]
    lost = [result for result in results if isinstance(result, AlreadyDecidedError)]
    assert (len(won), len(lost)) == (1, len(people) - 1)
    assert {(error.last.account_id, error.last.kind) for error in lost} == {
        (won[0].account_id, DecisionKind.KNOWN)
    }
    assert session.scalar(select(func.count()).select_from(Decision)) == 1
    assert first_broken(session) is None


def test_many_at_once_and_one_alone_meet_and_no_decision_is_lost_or_doubled(session, people, together):
    leads = [make_lead(session) for _ in range(12)]
    session.commit()
    forwards = [(lead.id, lead.version) for lead in leads]
    singles = leads[3], leads[8]

    results = together(
        reject_all(people[0], forwards),
        reject_all(people[1], forwards[::-1]),
        reject_all(people[2], forwards[4:]),
        *(known(viewer, lead, 1) for viewer, lead in zip(people[3:5], singles, strict=True)),
    )

    bulk, alone = results[:3], results[3:]
    assert all(isinstance(result, Decision | AlreadyDecidedError) for result in alone), alone
    decided = [number for outcome in bulk for number in outcome.done]
    decided += [result.lead_id for result in alone if isinstance(result, Decision)]
    assert sorted(decided) == sorted(lead.id for lead in leads), "each once"
    refusals = [error for outcome in bulk for _, error in outcome.refused]
    refusals += [error for error in alone if isinstance(error, AlreadyDecidedError)]
    assert {type(error) for error in refusals} == {AlreadyDecidedError}
    assert all(error.last is not None for error in refusals)
    assert session.scalar(select(func.count()).select_from(Decision)) == len(leads)
    assert first_broken(session) is None


def test_a_batch_and_one_decision_of_it_are_undone_once_whoever_comes_first(session, people, together):
    leads = [make_lead(session) for _ in range(5)]
    session.commit()
    outcome = reject_all(people[0], [(lead.id, lead.version) for lead in leads])(session)
    session.commit()
    third = session.scalar(select(Decision.id).where(Decision.lead_id == leads[2].id))

    both, one = together(
        lambda own: undo_batch(own, outcome.batch, viewer=people[0]),
        lambda own: undo(own, third, viewer=people[0]),
    )

    done = set(both.done) | ({leads[2].id} if isinstance(one, Decision) else set())
    assert done == {lead.id for lead in leads}
    assert isinstance(one, Decision | AlreadyUndoneError | NotUndoableError)
    undone = session.scalar(
        select(func.count()).select_from(Decision).where(Decision.kind == DecisionKind.UNDO)
    )
    assert undone == len(leads)


def test_a_lead_that_wakes_while_somebody_decides_on_it_is_decided_on_or_open(session, people, together):
    lead = make_lead(session)
    session.commit()
    tomorrow = (utc_now().astimezone(ZONE) + timedelta(days=1)).date()
    snooze(session, lead.id, viewer=people[0], version=lead.version, until=tomorrow, on_news=False)
    session.commit()

    decided, woken = together(
        known(people[1], lead, lead.version),
        lambda own: wake_due(own, now=utc_now() + timedelta(days=2)),
    )

    status = session.scalar(select(Lead.status).where(Lead.id == lead.id))
    if isinstance(decided, Decision):
        assert (status, woken) == (LeadStatus.KNOWN, 0)
    else:
        assert isinstance(decided, StaleLeadError), decided
        assert (status, woken) == (LeadStatus.OPEN, 1)


def test_giving_a_lead_away_does_not_stand_in_the_way_of_deciding(session, people, together):
    lead = make_lead(session)
    session.commit()
    version = lead.version

    given, decided = together(
        lambda own: assign(own, lead.id, viewer=people[0], assignee_id=people[2].account_id),
        known(people[1], lead, version),
    )

    assert isinstance(decided, Decision), decided
    assert given is None or isinstance(given, AlreadyDecidedError)

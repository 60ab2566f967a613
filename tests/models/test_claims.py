"""Claims: who has a lead in front of them, for how long, and that it is theirs alone."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from models.base import utc_now
from models.database import session_factory
from models.lead_claim import CLAIM_TERM, LeadClaim
from models.store.claims import drop_lapsed, fresh, move_on, release, take
from models.store.deciding import NotAllowedError
from models.store.decisions import decide, undo
from models.store.leads import LeadNotFoundError
from models.store.purge import purge
from models.words import DecisionKind, Role
from tests.review.factories import make_account, make_lead, viewer_of

pytestmark = pytest.mark.both_databases


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def ben(session):
    """Another reviewer."""
    return viewer_of(make_account(session, "ben@voorbeeld.example", name="Ben"))


@pytest.fixture
def lead(session):
    """An open lead."""
    made = make_lead(session)
    session.commit()
    return made


def test_the_second_to_look_is_told_who_was_first(session, lead, ada, ben):
    now = utc_now()

    assert take(session, ada, lead.id, now=now) is None
    claim = take(session, ben, lead.id, now=now + timedelta(minutes=1))

    assert (claim.by, claim.account_id, claim.claimed_at) == ("Ada", ada.account_id, now)
    assert fresh(session, [lead.id, 999_999], now=now) == {lead.id: claim}, "nothing was changed"


def test_a_claim_lapses_and_looking_on_makes_it_last(session, lead, ada, ben):
    start = utc_now()
    take(session, ada, lead.id, now=start)
    again = start + CLAIM_TERM - timedelta(minutes=1)
    take(session, ada, lead.id, now=again)

    assert take(session, ben, lead.id, now=start + CLAIM_TERM).by == "Ada"
    assert fresh(session, [lead.id], now=again + CLAIM_TERM) == {}
    assert take(session, ben, lead.id, now=again + CLAIM_TERM) is None
    assert take(session, ada, lead.id, now=again + CLAIM_TERM).by == "Ben"


def test_only_an_own_claim_is_released(session, lead, ada, ben):
    take(session, ada, lead.id)

    release(session, ben, lead.id)
    assert take(session, ben, lead.id).by == "Ada"
    release(session, ada, lead.id)
    assert take(session, ben, lead.id) is None


def test_who_may_not_decide_claims_nothing_and_what_is_not_there_is_not_claimed(session, lead, ada):
    officer = make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    with pytest.raises(NotAllowedError):
        take(session, viewer_of(officer), lead.id)
    with pytest.raises(LeadNotFoundError):
        take(session, ada, 999_999)
    assert fresh(session, [lead.id]) == {}


def test_deciding_ends_every_claim_and_a_decided_lead_takes_none(session, lead, ada, ben):
    take(session, ben, lead.id)
    decision = decide(
        session, lead.id, DecisionKind.KNOWN, viewer=ada, version=lead.version, secret=b"only for tests"
    )

    assert take(session, ben, lead.id) is None
    assert fresh(session, [lead.id]) == {}
    undo(session, decision.id, viewer=ada)
    assert take(session, ben, lead.id) is None
    assert fresh(session, [lead.id])[lead.id].by == "Ben"


def test_lapsed_claims_are_cleaned_up(session, settings, lead, ada):
    other = make_lead(session)
    now = utc_now()
    take(session, ada, lead.id, now=now - CLAIM_TERM)
    take(session, ada, other.id, now=now)
    session.commit()

    assert drop_lapsed(session, now=now) == 1
    assert session.scalars(select(LeadClaim.lead_id)).all() == [other.id]
    purge(session, settings, now=now + CLAIM_TERM)
    assert session.scalar(select(func.count()).select_from(LeadClaim)) == 0


def test_of_many_who_ask_at_once_one_gets_it(engine, session, lead):
    viewers = [
        viewer_of(make_account(session, f"r{number}@voorbeeld.example", name=f"R{number}"))
        for number in range(8)
    ]
    session.commit()
    sessions = session_factory(engine)
    together = threading.Barrier(len(viewers))
    told, troubles = {}, []

    def ask(viewer):
        try:
            together.wait()
            with sessions() as own:
                told[viewer.account_id] = take(own, viewer, lead.id)
                own.commit()
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=ask, args=(viewer,)) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    winners = [number for number, claim in told.items() if claim is None]
    assert len(winners) == 1
    assert {claim.account_id for claim in told.values() if claim is not None} == set(winners)


def test_who_walks_on_has_one_lead_in_front_of_them(session, lead, ada, ben):
    second, third = make_lead(session), make_lead(session)
    take(session, ada, lead.id)
    take(session, ben, second.id)
    take(session, ada, third.id)

    move_on(session, ada, third.id)

    assert {number: claim.by for number, claim in fresh(session, [lead.id, second.id, third.id]).items()} == {
        second.id: "Ben",
        third.id: "Ada",
    }


@pytest.mark.parametrize("claimed", [False, True], ids=["nobody had it", "who decides on it had it"])
def test_taking_the_next_lead_with_a_decision_never_waits_for_who_decides_on_that_one(
    engine, session, lead, ada, ben, claimed
):
    other = make_lead(session)
    if claimed:
        take(session, ben, other.id)
    session.commit()
    sessions = session_factory(engine)
    troubles = []

    def decide_on(own, viewer, which):
        decide(own, which.id, DecisionKind.KNOWN, viewer=viewer, version=1, secret=b"only for tests")

    def elsewhere():
        try:
            with sessions() as own:
                decide_on(own, ben, other)
                own.commit()
        except Exception as error:
            troubles.append(error)

    with sessions() as own:
        decide_on(own, ada, lead)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        _until_somebody_waits(session)
        claim = take(own, ada, other.id)
        own.commit()
    thread.join(timeout=60)

    assert (troubles, thread.is_alive()) == ([], False)
    assert (claim.by if claim else None) == ("Ben" if claimed else None)
    assert fresh(session, [lead.id, other.id]) == {}, "both are decided on"


def _until_somebody_waits(session):
    """On PostgreSQL: until the other one holds its lead and waits for the log; SQLite has one writer."""
    if session.get_bind().dialect.name != "postgresql":
        return
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(200):
        if session.scalar(text(waiting)):
            break
        time.sleep(0.05)
    session.rollback()

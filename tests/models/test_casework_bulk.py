"""Many leads at once: each alone succeeds or is refused, and all of it can be taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.base import utc_now
from models.decision import Decision
from models.lead import Lead
from models.store.bulk import MOST, NotInBulkError, TooManyError, decide_all, undo_batch
from models.store.casework import NoWakingError, SnoozeDateError, latest_day
from models.store.deciding import (
    AlreadyDecidedError,
    AlreadyUndoneError,
    DecisionNotFoundError,
    NotAllowedError,
    NoteTooLongError,
    NotUndoableError,
    ReasonRequiredError,
    StaleLeadError,
)
from models.store.decisions import decide, undo
from models.store.leads import LeadNotFoundError
from models.store.second_looks import Drawing
from models.tables import AuditEntry, SecondLook
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import make_account, make_lead, viewer_of

pytestmark = pytest.mark.both_databases

SECRET = b"only for tests"
REASONS = ("anders", "beleid")


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def ben(session):
    """Another reviewer."""
    return viewer_of(make_account(session, "ben@voorbeeld.example", name="Ben"))


@pytest.fixture
def leads(session):
    """Four open leads."""
    made = [make_lead(session, title=f"Signaal {number}") for number in range(4)]
    session.commit()
    return made


def chosen(*leads):
    """Leads as a page shows them: number and version."""
    return [(lead.id, lead.version) for lead in leads]


def reject_all(session, leads, viewer, **other):
    outcome = decide_all(
        session,
        leads,
        DecisionKind.REJECT,
        viewer=viewer,
        secret=SECRET,
        **{"reason": "anders", "reasons": REASONS, **other},
    )
    session.commit()
    return outcome


def statuses(session, leads):
    return [session.scalar(select(Lead.status).where(Lead.id == lead.id)) for lead in leads]


def test_what_can_be_rejected_is_and_the_rest_is_told_why_not(session, leads, ada, ben):
    first, decided, stale, last = leads
    decide(session, decided.id, DecisionKind.KNOWN, viewer=ben, version=decided.version, secret=SECRET)
    session.commit()

    outcome = reject_all(
        session,
        [(last.id, last.version), (stale.id, stale.version + 1), *chosen(first, decided), (999_999, 1)],
        ada,
        note="alle van één folder",
    )

    assert outcome.done == [first.id, last.id]
    assert [(number, type(error)) for number, error in outcome.refused] == [
        (decided.id, AlreadyDecidedError),
        (stale.id, StaleLeadError),
        (999_999, LeadNotFoundError),
    ]
    assert outcome.refused[0][1].last.by == "Ben"
    assert statuses(session, leads) == [
        LeadStatus.REJECTED,
        LeadStatus.KNOWN,
        LeadStatus.OPEN,
        LeadStatus.REJECTED,
    ]
    kept = session.scalars(select(Decision).where(Decision.batch == outcome.batch)).all()
    assert [(one.lead_id, one.reason, one.note) for one in kept] == [
        (lead.id, "anders", "alle van één folder") for lead in (first, last)
    ]
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "decide")).all()
    assert [entry.after.get("batch") for entry in logged] == [None, outcome.batch, outcome.batch]


def test_leads_are_snoozed_together_each_within_its_own_term(session, ada):
    young = make_lead(session)
    old = make_lead(session, age_days=80)
    session.commit()
    until = latest_day(young.opened_at)

    outcome = decide_all(
        session, chosen(young, old), DecisionKind.SNOOZE, viewer=ada, secret=SECRET, until=until
    )
    session.commit()

    assert (outcome.done, [type(error) for _, error in outcome.refused]) == ([young.id], [SnoozeDateError])
    assert outcome.refused[0][1].latest == latest_day(old.opened_at)
    assert (young.status, old.status, old.snoozed_until) == (LeadStatus.SNOOZED, LeadStatus.OPEN, None)


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        pytest.param(DecisionKind.REJECT, {"reason": "zomaar"}, ReasonRequiredError, id="no known reason"),
        pytest.param(DecisionKind.SNOOZE, {}, NoWakingError, id="no day"),
        pytest.param(DecisionKind.KNOWN, {"note": "x" * 501}, NoteTooLongError, id="a long note"),
        pytest.param(DecisionKind.PROMOTE, {}, NotInBulkError, id="promoting"),
        pytest.param(DecisionKind.MERGE, {}, NotInBulkError, id="merging"),
    ],
)
def test_what_holds_for_none_of_them_is_said_once(session, leads, ada, kind, options, error):
    with pytest.raises(error):
        decide_all(
            session, chosen(*leads), kind, viewer=ada, secret=SECRET, **{"reasons": REASONS, **options}
        )

    assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_a_hundred_is_the_most_and_twice_the_same_counts_once(session, leads, ada):
    with pytest.raises(TooManyError):
        reject_all(session, [(number, 1) for number in range(1, MOST + 2)], ada)

    outcome = reject_all(session, chosen(leads[0], leads[0]), ada)
    assert (outcome.done, outcome.refused) == ([leads[0].id], [])


def test_a_municipality_decides_on_nothing(session, leads):
    officer = viewer_of(
        make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )

    with pytest.raises(NotAllowedError):
        reject_all(session, chosen(*leads), officer)
    with pytest.raises(NotAllowedError):
        undo_batch(session, "0123456789abcdef", viewer=officer)


def test_all_of_it_is_taken_back_in_one_go(session, leads, ada):
    batch = reject_all(session, chosen(*leads), ada).batch

    outcome = undo_batch(session, batch, viewer=ada)
    session.commit()

    assert outcome.done == [lead.id for lead in leads]
    assert set(statuses(session, leads)) == {LeadStatus.OPEN}
    assert outcome.batch != batch
    undos = session.scalars(select(Decision).where(Decision.batch == outcome.batch)).all()
    assert {one.kind for one in undos} == {DecisionKind.UNDO}
    with pytest.raises(AlreadyUndoneError) as again:
        undo_batch(session, batch, viewer=ada)
    assert again.value.undone.by == "Ada"


def test_one_out_of_many_is_taken_back_and_the_others_after_it(session, leads, ada):
    batch = reject_all(session, chosen(*leads), ada).batch
    first, second = session.scalars(
        select(Decision).where(Decision.batch == batch).order_by(Decision.id).limit(2)
    )
    undo(session, first.id, viewer=ada)
    session.commit()
    session.get(Lead, second.lead_id).purged_at = utc_now()
    session.commit()

    outcome = undo_batch(session, batch, viewer=ada)
    session.commit()

    assert outcome.done == [leads[2].id, leads[3].id]
    assert [(number, type(error)) for number, error in outcome.refused] == [(leads[1].id, NotUndoableError)]


def test_undoing_what_another_did_needs_a_reason(session, leads, ada, ben):
    batch = reject_all(session, chosen(*leads), ada).batch

    with pytest.raises(ReasonRequiredError):
        undo_batch(session, batch, viewer=ben)
    undo_batch(session, batch, viewer=ben, reason="verkeerde lijst")
    session.commit()

    assert set(statuses(session, leads)) == {LeadStatus.OPEN}


def test_undoing_what_oneself_did_before_this_session_needs_a_reason(session, leads, ada):
    batch = reject_all(session, chosen(*leads), ada).batch
    later = type(ada)(
        account_id=ada.account_id,
        name="Ada",
        roles=ada.roles,
        signed_in_at=utc_now() + timedelta(seconds=1),
    )

    with pytest.raises(ReasonRequiredError):
        undo_batch(session, batch, viewer=later)


def test_a_batch_that_is_not_there_is_not_undone(session, ada):
    with pytest.raises(DecisionNotFoundError):
        undo_batch(session, "0123456789abcdef", viewer=ada)


def test_decisions_taken_together_are_drawn_for_a_second_look_too(session, leads, ada):
    reject_all(session, chosen(*leads), ada, drawing=Drawing(share=1.0, no_initiative=frozenset({"anders"})))

    assert session.scalar(select(func.count()).select_from(SecondLook)) == 4

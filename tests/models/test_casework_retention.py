"""How long a lead stays that somebody looked at without deciding, and what was noted about it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.lead import Lead
from models.lead_note import LeadNote
from models.store.casework import add_note, notes_of
from models.store.leads_hand import merge_leads
from models.store.purge import purge
from models.words import LeadStatus
from tests.review.factories import make_account, make_lead, viewer_of

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def ago(days):
    return None if days is None else NOW - timedelta(days=days)


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.mark.parametrize(
    ("status", "opened", "decided", "woken", "assigned", "goes"),
    [
        pytest.param(LeadStatus.OPEN, 30, None, None, False, True, id="nobody looked"),
        pytest.param(LeadStatus.OPEN, 89, None, None, True, False, id="in somebody's hand"),
        pytest.param(LeadStatus.OPEN, 90, None, None, True, True, id="in somebody's hand for too long"),
        pytest.param(LeadStatus.OPEN, 95, 5, None, True, False, id="undone lately, in somebody's hand"),
        pytest.param(LeadStatus.OPEN, 130, 30, None, True, True, id="undone a month ago"),
        pytest.param(LeadStatus.OPEN, 89, 40, 40, False, False, id="woken, within ninety days"),
        pytest.param(
            LeadStatus.OPEN, 90, 3, 3, False, True, id="woken three days before its ninety are over"
        ),
        pytest.param(LeadStatus.OPEN, 95, 3, 9, False, False, id="woken, rejected and undone lately"),
        pytest.param(LeadStatus.SNOOZED, 89, 1, None, False, False, id="snoozed"),
        pytest.param(LeadStatus.SNOOZED, 90, 1, None, True, True, id="snoozed for too long"),
        pytest.param(LeadStatus.REJECTED, 20, 7, None, True, True, id="rejected, whoever had it in hand"),
    ],
)
def test_what_somebody_looked_at_stays_ninety_days_at_most(
    session, settings, ada, status, opened, decided, woken, assigned, goes
):
    lead = make_lead(session, status=status)
    lead.opened_at, lead.decided_at, lead.woken_at = ago(opened), ago(decided), ago(woken)
    lead.assignee_id = ada.account_id if assigned else None
    session.commit()

    purge(session, settings, now=NOW)
    session.expire_all()

    assert (lead.purged_at is not None, lead.title == "") == (goes, goes)


def test_notes_go_with_what_they_are_about(session, settings, ada):
    lead, other = make_lead(session), make_lead(session)
    for one in (lead, other):
        one.opened_at = ago(20)
        session.commit()
        add_note(session, one.id, viewer=ada, text=f"over {one.id}")
    session.commit()
    lead.opened_at = ago(30)
    session.commit()

    purge(session, settings, now=NOW)

    assert notes_of(session, lead.id) == []
    assert [note.text for note in notes_of(session, other.id)] == [f"over {other.id}"]
    kept = session.scalars(select(LeadNote).where(LeadNote.lead_id == lead.id)).one()
    assert (kept.text, kept.account_id) == ("", ada.account_id), "that there was one is no content"


def test_notes_of_a_merged_lead_go_with_the_lead_it_went_into(session, settings, ada):
    merged, into = make_lead(session), make_lead(session)
    session.commit()
    add_note(session, merged.id, viewer=ada, text="zelfde tuin")
    merge_leads(session, merged.id, into.id, viewer=ada, version=1, into_version=1)
    merged.decided_at = ago(30)
    into.opened_at, into.decided_at = ago(29), ago(29)
    session.commit()

    purge(session, settings, now=NOW)
    session.expire_all()

    assert (merged.purged_at, into.purged_at) == (NOW, None)
    assert [note.text for note in notes_of(session, into.id)] == ["zelfde tuin"]
    purge(session, settings, now=NOW + timedelta(days=1))
    assert session.get(Lead, into.id).purged_at is not None
    assert session.scalars(select(LeadNote.text)).all() == [""]


def test_notes_of_a_lead_merged_into_one_that_is_gone_already_go_at_once(session, settings, ada):
    merged, into = make_lead(session), make_lead(session)
    session.commit()
    add_note(session, merged.id, viewer=ada, text="zelfde tuin")
    merge_leads(session, merged.id, into.id, viewer=ada, version=1, into_version=1)
    merged.decided_at, into.decided_at = ago(31), ago(31)
    session.commit()

    purge(session, settings, now=NOW)

    assert session.scalars(select(LeadNote.text)).all() == [""]

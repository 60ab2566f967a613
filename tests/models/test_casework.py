"""Snoozing, waking, assigning and notes: what they do, how they are taken back, and who may not."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.audit_entry import AuditEntry
from models.base import utc_now
from models.lead import Lead
from models.store.accounts import disable_account
from models.store.attention import NOT_ARRANGED
from models.store.audit import first_broken
from models.store.casework import (
    ZONE,
    EmptyNoteError,
    NoWakingError,
    SnoozeDateError,
    UnknownAssigneeError,
    Woken,
    add_note,
    assign,
    assignable,
    latest_day,
    notes_of,
    snooze,
    wake_due,
    wakes_of,
)
from models.store.deciding import (
    AlreadyDecidedError,
    NotAllowedError,
    NoteTooLongError,
    NotUndoableError,
    PurgedLeadError,
    ReasonRequiredError,
    StaleLeadError,
    reason_needed,
)
from models.store.decisions import decide, undo
from models.store.leads import LeadNotFoundError, decision_log
from models.store.leads_hand import merge_leads, split_lead
from models.store.purge import purge
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import make_account, make_item, make_lead, viewer_of

pytestmark = pytest.mark.both_databases

SECRET = b"only for tests"


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
    """An open lead with a place in the queue."""
    made = make_lead(session)
    made.precedence = -400
    session.commit()
    return made


def in_days(days: int) -> date:
    """A day in the Netherlands, so many days from now."""
    return (utc_now().astimezone(ZONE) + timedelta(days=days)).date()


def put_away(session, lead, viewer, *, until=None, on_news=False, **other):
    decision = snooze(
        session, lead.id, viewer=viewer, version=lead.version, until=until, on_news=on_news, **other
    )
    session.commit()
    return decision


def audited(session, lead, action):
    """Who, before and after of each entry of one sort on a lead."""
    return [
        (entry.account_id, entry.before, entry.after)
        for entry in session.scalars(
            select(AuditEntry)
            .where(AuditEntry.object_id == str(lead.id), AuditEntry.action == action)
            .order_by(AuditEntry.id)
        )
    ]


def rejected(session, lead, viewer):
    decision = decide(
        session,
        lead.id,
        DecisionKind.REJECT,
        viewer=viewer,
        version=lead.version,
        secret=SECRET,
        reason="anders",
        reasons=("anders",),
    )
    session.commit()
    return decision


def test_a_snoozed_lead_comes_back_as_its_day_begins(session, lead, ada):
    day = in_days(3)

    decision = put_away(session, lead, ada, until=day, note="na de raad")

    assert (lead.status, decision.kind, decision.note) == (
        LeadStatus.SNOOZED,
        DecisionKind.SNOOZE,
        "na de raad",
    )
    midnight = datetime.combine(day, datetime.min.time(), ZONE)
    assert lead.snoozed_until == midnight
    assert wake_due(session, now=midnight - timedelta(seconds=1)) == 0
    assert wake_due(session, now=midnight) == 1
    session.refresh(lead)
    assert (lead.status, lead.precedence) == (LeadStatus.OPEN, NOT_ARRANGED)
    assert (lead.snoozed_until, lead.wake_on_news, lead.woken_at) == (None, False, midnight)
    assert [(one.at, one.why) for one in wakes_of(session, lead.id)] == [(midnight, Woken.DATE)]
    assert wake_due(session, now=midnight) == 0, "again changes nothing"
    assert first_broken(session) is None


def test_the_log_tells_who_snoozed_what_until_when_and_that_it_woke(session, lead, ada):
    decision = put_away(session, lead, ada, until=in_days(2), on_news=True)
    until = decision.snoozed_until.isoformat()
    wake_due(session, now=decision.snoozed_until)

    assert audited(session, lead, "decide") == [
        (
            ada.account_id,
            {"status": "open"},
            {
                "status": "snoozed",
                "decision": decision.id,
                "kind": "snooze",
                "snoozed_until": until,
                "wake_on_news": True,
            },
        )
    ]
    assert audited(session, lead, "wake") == [
        (
            None,
            {"status": "snoozed", "snoozed_until": until, "wake_on_news": True},
            {"status": "open", "why": "date"},
        )
    ]
    entry = decision_log(session, lead.id)[0]
    assert (entry.snoozed_until, entry.wake_on_news) == (decision.snoozed_until, True)


@pytest.mark.parametrize(
    ("until", "on_news", "error"),
    [
        pytest.param(None, False, NoWakingError, id="it would never come back"),
        pytest.param(0, False, SnoozeDateError, id="today"),
        pytest.param(-1, True, SnoozeDateError, id="yesterday"),
        pytest.param(89, False, SnoozeDateError, id="later than it may be kept"),
    ],
)
def test_a_day_that_can_not_be_is_refused(session, lead, ada, until, on_news, error):
    with pytest.raises(error):
        put_away(session, lead, ada, until=None if until is None else in_days(until), on_news=on_news)

    session.rollback()
    assert session.scalar(select(Lead.status)) is LeadStatus.OPEN


def test_the_last_day_is_the_one_before_it_must_go(session, settings, ada):
    lead = make_lead(session, age_days=20)
    session.commit()

    put_away(session, lead, ada, until=latest_day(lead.opened_at))

    midnight = lead.snoozed_until
    wake_due(session, now=midnight)
    purge(session, settings, now=midnight)
    session.refresh(lead)
    assert (lead.status, lead.purged_at) == (LeadStatus.OPEN, None), "there is a day to decide on it"


def test_who_asks_too_late_is_told_the_last_day(session, ada):
    lead = make_lead(session, age_days=95)
    session.commit()

    with pytest.raises(SnoozeDateError) as refusal:
        put_away(session, lead, ada, on_news=True)

    assert refusal.value.latest == latest_day(lead.opened_at) < in_days(0)


def test_a_snoozed_lead_can_be_snoozed_anew_and_undone_step_by_step(session, lead, ada):
    first = put_away(session, lead, ada, until=in_days(2))
    second = put_away(session, lead, ada, until=in_days(9), on_news=True)

    with pytest.raises(NotUndoableError):
        undo(session, first.id, viewer=ada)
    undo(session, second.id, viewer=ada)
    session.commit()

    assert (lead.status, lead.snoozed_until, lead.wake_on_news) == (
        LeadStatus.SNOOZED,
        first.snoozed_until,
        False,
    )
    undo(session, first.id, viewer=ada)
    session.commit()
    assert (lead.status, lead.snoozed_until, lead.wake_on_news) == (LeadStatus.OPEN, None, False)
    days = [
        [told.get("snoozed_until") for told in (before, after)]
        for action in ("decide", "undo")
        for _, before, after in audited(session, lead, action)
    ]
    one, two = (decision.snoozed_until.isoformat() for decision in (first, second))
    assert days == [[None, one], [one, two], [two, one], [one, None]], "the log tells each step"


def test_undoing_what_was_decided_on_a_snoozed_lead_puts_it_away_again(session, lead, ada):
    put_away(session, lead, ada, until=in_days(4))
    until = lead.snoozed_until
    decision = rejected(session, lead, ada)

    assert wake_due(session, now=until) == 0, "a rejected lead stays away"
    undo(session, decision.id, viewer=ada)
    session.commit()

    assert (lead.status, lead.snoozed_until) == (LeadStatus.SNOOZED, until)


def test_a_woken_lead_can_not_be_unsnoozed(session, lead, ada):
    decision = put_away(session, lead, ada, until=in_days(1))
    wake_due(session, now=decision.snoozed_until)

    with pytest.raises(NotUndoableError):
        undo(session, decision.id, viewer=ada)


def test_snoozing_is_refused_like_any_decision(session, lead, ada, ben):
    officer = viewer_of(
        make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )
    day = in_days(1)

    with pytest.raises(NotAllowedError):
        put_away(session, lead, officer, until=day)
    with pytest.raises(NoteTooLongError):
        put_away(session, lead, ada, until=day, note="x" * 501)
    with pytest.raises(LeadNotFoundError):
        snooze(session, 999_999, viewer=ada, version=1, until=day, on_news=False)
    with pytest.raises(StaleLeadError):
        snooze(session, lead.id, viewer=ada, version=lead.version + 1, until=day, on_news=False)
    rejected(session, lead, ben)
    with pytest.raises(AlreadyDecidedError) as refusal:
        put_away(session, lead, ada, until=day)
    assert (refusal.value.last.by, refusal.value.last.kind) == ("Ben", DecisionKind.REJECT)


def test_many_leads_wake_in_batches(session, ada, monkeypatch):
    monkeypatch.setattr("models.store.waking.BATCH", 2)
    leads = [make_lead(session) for _ in range(5)]
    session.commit()
    for one in leads:
        put_away(session, one, ada, until=in_days(1))

    assert wake_due(session, now=leads[0].snoozed_until) == 5
    assert {one.status for one in session.scalars(select(Lead))} == {LeadStatus.OPEN}


def test_merging_news_into_a_lead_that_waits_for_it_wakes_it_and_undoing_puts_it_away(session, lead, ada):
    put_away(session, lead, ada, until=in_days(20), on_news=True)
    until = lead.snoozed_until
    news = make_lead(session, title="Tuin open")
    session.commit()

    merge = merge_leads(
        session, news.id, lead.id, viewer=ada, version=news.version, into_version=lead.version
    )
    session.commit()

    assert (lead.status, [one.why for one in wakes_of(session, lead.id)]) == (
        LeadStatus.OPEN,
        [Woken.MERGE],
    )
    undo(session, merge.id, viewer=ada)
    session.commit()
    assert (lead.status, lead.snoozed_until, lead.wake_on_news) == (LeadStatus.SNOOZED, until, True)
    assert first_broken(session) is None


def test_undoing_that_merge_leaves_what_was_decided_since(session, lead, ada):
    put_away(session, lead, ada, on_news=True)
    news = make_lead(session, title="Tuin open")
    session.commit()
    merge = merge_leads(
        session, news.id, lead.id, viewer=ada, version=news.version, into_version=lead.version
    )
    session.commit()
    rejected(session, lead, ada)

    undo(session, merge.id, viewer=ada)
    session.commit()

    assert (lead.status, news.status) == (LeadStatus.REJECTED, LeadStatus.OPEN)


def test_merging_into_a_lead_that_waits_for_a_day_only_does_not_wake_it(session, lead, ada):
    put_away(session, lead, ada, until=in_days(20))
    news = make_lead(session, title="Tuin open")
    session.commit()

    merge_leads(session, news.id, lead.id, viewer=ada, version=news.version, into_version=lead.version)

    assert lead.status is LeadStatus.SNOOZED


def test_a_snoozed_lead_that_was_merged_is_snoozed_again_after_undoing(session, lead, ada):
    put_away(session, lead, ada, until=in_days(20))
    until = lead.snoozed_until
    other = make_lead(session, title="Moestuin")
    session.commit()
    merge = merge_leads(
        session, lead.id, other.id, viewer=ada, version=lead.version, into_version=other.version
    )
    session.commit()

    assert wake_due(session, now=until) == 0
    undo(session, merge.id, viewer=ada)
    session.commit()

    assert (lead.status, lead.snoozed_until) == (LeadStatus.SNOOZED, until)


def test_staff_that_may_sign_in_can_be_given_a_lead(session, ada, ben):
    make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    make_account(session, "fg@voorbeeld.example", name="Fred", roles=[Role.PRIVACY_OFFICER])
    boss = make_account(session, "els@voorbeeld.example", name="", roles=[Role.PROJECT_LEADER, Role.ADMIN])
    make_account(session, "oud@voorbeeld.example", name="Oud")
    disable_account(session, "oud@voorbeeld.example")

    assert assignable(session) == [
        (ada.account_id, "Ada"),
        (ben.account_id, "Ben"),
        (boss.id, "els@voorbeeld.example"),
    ]


def test_a_lead_is_given_and_taken_back_without_changing_it(session, lead, ada, ben):
    version = lead.version

    assign(session, lead.id, viewer=ada, assignee_id=ben.account_id)
    assign(session, lead.id, viewer=ada, assignee_id=ben.account_id)
    session.commit()

    session.refresh(lead)
    assert (lead.assignee_id, lead.version) == (ben.account_id, version), "who has it open may still decide"
    assign(session, lead.id, viewer=ben, assignee_id=None)
    session.commit()
    session.refresh(lead)
    assert lead.assignee_id is None
    assert audited(session, lead, "assign") == [
        (ada.account_id, {"assignee": None}, {"assignee": ben.account_id}),
        (ben.account_id, {"assignee": ben.account_id}, {"assignee": None}),
    ]


def test_a_lead_is_not_given_to_just_anybody(session, lead, ada):
    officer = make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    for nobody in (officer.id, 999_999):
        with pytest.raises(UnknownAssigneeError):
            assign(session, lead.id, viewer=ada, assignee_id=nobody)
    with pytest.raises(NotAllowedError):
        assign(session, lead.id, viewer=viewer_of(officer), assignee_id=ada.account_id)
    with pytest.raises(LeadNotFoundError):
        assign(session, 999_999, viewer=ada, assignee_id=ada.account_id)
    rejected(session, lead, ada)
    with pytest.raises(AlreadyDecidedError):
        assign(session, lead.id, viewer=ada, assignee_id=ada.account_id)


@pytest.mark.parametrize("taken", [False, True], ids=["nobody has it", "somebody has it"])
def test_who_has_a_merged_lead_in_hand_has_the_other_one_unless_somebody_does(session, lead, ada, ben, taken):
    other = make_lead(session, title="Moestuin")
    session.commit()
    assign(session, lead.id, viewer=ada, assignee_id=ben.account_id)
    before = ada.account_id if taken else None
    assign(session, other.id, viewer=ada, assignee_id=before)
    session.commit()

    merge = merge_leads(
        session, lead.id, other.id, viewer=ada, version=lead.version, into_version=other.version
    )
    session.commit()

    assert other.assignee_id == (ada.account_id if taken else ben.account_id)
    undo(session, merge.id, viewer=ada)
    session.commit()
    assert (lead.assignee_id, other.assignee_id) == (ben.account_id, before)


def test_undoing_a_merge_leaves_a_lead_with_whom_it_was_given_to_since(session, lead, ada, ben):
    other = make_lead(session, title="Moestuin")
    session.commit()
    assign(session, lead.id, viewer=ada, assignee_id=ben.account_id)
    merge = merge_leads(
        session, lead.id, other.id, viewer=ada, version=lead.version, into_version=other.version
    )
    assign(session, other.id, viewer=ada, assignee_id=ada.account_id)
    session.commit()

    undo(session, merge.id, viewer=ada)

    assert other.assignee_id == ada.account_id


def test_both_halves_of_a_split_are_in_the_same_hands(session, ada, ben):
    items = [make_item(session, title=title) for title in ("Tuin", "Kas")]
    lead = make_lead(session, title="Tuin", items=items)
    session.commit()
    assign(session, lead.id, viewer=ada, assignee_id=ben.account_id)

    split = split_lead(session, lead.id, [items[1].id], viewer=ada, version=lead.version)
    session.commit()

    assert split.lead.assignee_id == ben.account_id
    undo(session, split.decision.id, viewer=ada)
    assert lead.assignee_id == ben.account_id


def test_notes_are_read_in_order_with_who_wrote_them(session, lead, ada, ben):
    add_note(session, lead.id, viewer=ada, text="  Bellen met het wijkcentrum.  ")
    add_note(session, lead.id, viewer=ben, text="Gedaan.")
    session.commit()

    assert [(note.by, note.text) for note in notes_of(session, lead.id)] == [
        ("Ada", "Bellen met het wijkcentrum."),
        ("Ben", "Gedaan."),
    ]
    whole = str(audited(session, lead, "note"))
    assert "wijkcentrum" not in whole
    assert "'characters': 27" in whole


def test_notes_of_a_merged_lead_are_read_where_it_went_and_stay_its_own(session, settings, lead, ada):
    other = make_lead(session, title="Moestuin")
    session.commit()
    add_note(session, lead.id, viewer=ada, text="van de eerste")
    add_note(session, other.id, viewer=ada, text="van de tweede")
    merge = merge_leads(
        session, lead.id, other.id, viewer=ada, version=lead.version, into_version=other.version
    )
    session.commit()

    assert [note.text for note in notes_of(session, other.id)] == ["van de eerste", "van de tweede"]
    undo(session, merge.id, viewer=ada)
    session.commit()
    assert [note.text for note in notes_of(session, lead.id)] == ["van de eerste"]
    assert [note.text for note in notes_of(session, other.id)] == ["van de tweede"]


def test_a_note_that_can_not_be_is_refused(session, settings, lead, ada):
    officer = viewer_of(
        make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )

    with pytest.raises(EmptyNoteError):
        add_note(session, lead.id, viewer=ada, text=" \n ")
    with pytest.raises(NoteTooLongError):
        add_note(session, lead.id, viewer=ada, text="x" * 501)
    with pytest.raises(NotAllowedError):
        add_note(session, lead.id, viewer=officer, text="mag niet")
    with pytest.raises(LeadNotFoundError):
        add_note(session, 999_999, viewer=ada, text="waar?")
    session.commit()
    purge(session, settings, now=utc_now() + timedelta(days=40))
    with pytest.raises(PurgedLeadError):
        add_note(session, lead.id, viewer=ada, text="te laat")


def test_a_session_of_today_needs_a_reason_for_what_was_decided_yesterday(session, lead, ada, ben):
    decision = rejected(session, lead, ada)
    since = {"roles": ada.roles, "account_id": ada.account_id, "name": "Ada"}
    later = type(ada)(**since, signed_in_at=decision.made_at + timedelta(seconds=1))
    now = type(ada)(**since, signed_in_at=decision.made_at - timedelta(minutes=1))

    told = {"account_id": decision.account_id, "made_at": decision.made_at}
    assert [reason_needed(viewer, **told) for viewer in (now, ada, later, ben)] == [False, False, True, True]
    for viewer in (later, ben):
        with pytest.raises(ReasonRequiredError):
            undo(session, decision.id, viewer=viewer)
    undo(session, decision.id, viewer=now)
    session.commit()

    assert lead.status is LeadStatus.OPEN

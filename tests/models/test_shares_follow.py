"""What becomes of shares when something else happens: a decision, an undo, a merge, a source that goes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.decision import Decision
from models.event import Event
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.share import Share
from models.store.bulk import decide_all, undo_batch
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft
from models.store.leads_follow import follow_best_item
from models.store.leads_hand import merge_leads, split_lead
from models.store.purge import purge
from models.store.shares import (
    answer_share,
    begin_contact,
    close_share,
    get_share,
    offer_initiative,
    offer_lead,
    tick,
    waiting_shares,
)
from models.store.shares_history import share_history
from models.store.viewer import Viewer
from models.store.withdrawing import withdraw
from models.words import Answer, DecisionKind, Ending, EventKind, LeadStatus, Role, ShareStatus
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_item, make_lead, viewer_of

SECRET = b"only for tests"


@pytest.fixture
def ada(session: Session) -> Viewer:
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def clerk(session: Session) -> Viewer:
    """An officer of Arnhem."""
    made = make_account(
        session, "arnhem@voorbeeld.example", name="Gerda", roles=[Role.MUNICIPALITY], municipality="Arnhem"
    )
    return viewer_of(made)


def act(session: Session, lead: Lead, kind: DecisionKind, viewer: Viewer, code: str = ARNHEM) -> Decision:
    draft = InitiativeDraft(name="Buurttuin", summary="Buren maken een tuin.", municipality_code=code)
    session.refresh(lead)
    made = decide(
        session,
        lead.id,
        kind,
        viewer=viewer,
        version=lead.version,
        secret=SECRET,
        reason="beleid",
        reasons=["beleid"],
        draft=draft if kind is DecisionKind.PROMOTE else None,
    )
    session.commit()
    return made


def shared(session: Session, ada: Viewer, **lead: object) -> tuple[Lead, Share]:
    made = make_lead(session, **lead)  # type: ignore[arg-type]
    share = offer_lead(session, made.id, viewer=ada, message="Kent u dit?")
    session.commit()
    return made, share


def answer(session: Session, share: Share, viewer: Viewer, what: Answer = Answer.TAKEN_UP) -> None:
    answer_share(session, share.id, viewer=viewer, answer=what, version=share.version, note="Ja hoor.")
    session.commit()


def taken_back(session: Session, decision: Decision, viewer: Viewer) -> None:
    undo(session, decision.id, viewer=viewer, reason="Vergissing.")
    session.commit()


def events(session: Session) -> list[EventKind]:
    return list(session.scalars(select(Event.kind).order_by(Event.id)))


@pytest.mark.both_databases
def test_promoting_gives_the_initiative_to_its_municipality_in_the_same_breath(session, ada, clerk):
    lead = make_lead(session)
    decision = act(session, lead, DecisionKind.PROMOTE, ada)

    share = session.scalars(select(Share)).one()
    assert (share.initiative_id, share.lead_id, share.status) == (
        decision.initiative_id,
        None,
        ShareStatus.OFFERED,
    )
    assert events(session) == [EventKind.INITIATIVE_ENTERED, EventKind.SHARE_OFFERED]
    entry = session.get_one(Initiative, decision.initiative_id)
    assert entry.change_number == session.scalars(select(Event.id).order_by(Event.id)).first()
    row = get_share(session, clerk, share.id)
    assert (row.title, row.lead_id, row.there) == ("Buurttuin", lead.id, True)

    offer_initiative(session, entry, account_id=ada.account_id, now=utc_now())
    session.commit()
    assert len(events(session)) == 2

    answer(session, share, clerk)
    taken_back(session, decision, ada)

    assert events(session)[-2:] == [EventKind.INITIATIVE_WITHDRAWN, EventKind.SHARE_WITHDRAWN]
    row = get_share(session, clerk, share.id)
    assert (row.status, row.answer, row.there) == (ShareStatus.WITHDRAWN, Answer.TAKEN_UP, False)
    assert session.get_one(Initiative, decision.initiative_id).version == 2
    act(session, lead, DecisionKind.PROMOTE, ada)
    assert waiting_shares(session, clerk) == 1


@pytest.mark.both_databases
def test_the_share_of_a_lead_is_carried_over_with_its_answer_and_back(session, ada, clerk):
    lead, share = shared(session, ada)
    answer(session, share, clerk)
    decision = act(session, lead, DecisionKind.PROMOTE, ada)

    assert session.scalars(select(Share.id)).all() == [share.id]
    session.refresh(share)
    assert (share.initiative_id, share.status) == (decision.initiative_id, ShareStatus.ANSWERED)
    assert events(session)[-2:] == [EventKind.INITIATIVE_ENTERED, EventKind.SHARE_CHANGED]
    begin_contact(session, share.id, viewer=clerk, version=share.version)
    session.commit()

    taken_back(session, decision, ada)

    session.refresh(share)
    assert (share.initiative_id, share.lead_id) == (None, lead.id)
    assert share.status is ShareStatus.IN_CONTACT


@pytest.mark.both_databases
def test_promoting_to_another_municipality_takes_the_first_share_back_until_that_is_undone(
    session, ada, clerk
):
    lead, share = shared(session, ada)
    decision = act(session, lead, DecisionKind.PROMOTE, ada, code=RHEDEN)

    session.refresh(share)
    assert share.status is ShareStatus.WITHDRAWN
    other = session.scalars(select(Share).where(Share.id != share.id)).one()
    assert (other.municipality_code, other.status) == (RHEDEN, ShareStatus.OFFERED)

    taken_back(session, decision, ada)

    session.expire_all()
    assert (share.status, other.status) == (ShareStatus.OFFERED, ShareStatus.WITHDRAWN)
    assert share.due_on is not None


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", [DecisionKind.REJECT, DecisionKind.KNOWN])
def test_a_lead_that_is_rejected_or_known_takes_its_share_back_with_why_and_undoing_restores_it(
    session, ada, clerk, kind
):
    lead, share = shared(session, ada)
    decision = act(session, lead, kind, ada)

    row = get_share(session, clerk, share.id)
    assert row.status is ShareStatus.WITHDRAWN
    newest = share_history(session, clerk, row)[0]
    assert (newest.after["why"], newest.by) == ("rejected" if kind is DecisionKind.REJECT else "known", "")
    assert events(session)[-1] is EventKind.SHARE_WITHDRAWN

    taken_back(session, decision, ada)

    row = get_share(session, clerk, share.id)
    assert (row.status, row.due_on is not None) == (ShareStatus.OFFERED, True)
    answer(session, session.get_one(Share, share.id), clerk)


def test_rejecting_in_bulk_takes_shares_back_and_undoing_restores_them(session, ada, clerk):
    pairs = [shared(session, ada) for _ in range(3)]
    answer(session, pairs[0][1], clerk)
    session.expire_all()
    outcome = decide_all(
        session,
        [(lead.id, lead.version) for lead, _ in pairs],
        DecisionKind.REJECT,
        viewer=ada,
        secret=SECRET,
        reason="beleid",
        reasons=["beleid"],
    )
    session.commit()
    assert {share.status for _, share in pairs} == {ShareStatus.WITHDRAWN}

    undo_batch(session, outcome.batch, viewer=ada, reason="Toch niet.")
    session.commit()

    assert [share.status for _, share in pairs] == [
        ShareStatus.ANSWERED,
        ShareStatus.OFFERED,
        ShareStatus.OFFERED,
    ]


def put_together(session: Session, lead: Lead, into: Lead, viewer: Viewer) -> Decision:
    session.expire_all()
    made = merge_leads(
        session, lead.id, into.id, viewer=viewer, version=lead.version, into_version=into.version
    )
    session.commit()
    return made


@pytest.mark.both_databases
def test_a_merge_carries_the_share_along_and_undoing_it_brings_it_back(session, ada, clerk):
    lead, share = shared(session, ada)
    into = make_lead(session, title="Ander")
    merge = put_together(session, lead, into, ada)
    assert (share.lead_id, share.status) == (into.id, ShareStatus.OFFERED)
    assert events(session)[-1] is EventKind.SHARE_CHANGED
    answer(session, share, clerk)

    taken_back(session, merge, ada)

    session.expire_all()
    assert (share.lead_id, share.status) == (lead.id, ShareStatus.ANSWERED)


@pytest.mark.both_databases
def test_a_merge_into_what_has_a_share_takes_the_other_one_back_until_it_is_undone(session, ada):
    lead, share = shared(session, ada)
    into, own = shared(session, ada, title="Ander")
    merge = put_together(session, lead, into, ada)
    session.expire_all()
    assert (share.status, own.status) == (ShareStatus.WITHDRAWN, ShareStatus.OFFERED)

    taken_back(session, merge, ada)

    session.expire_all()
    assert (share.status, share.lead_id) == (ShareStatus.OFFERED, lead.id)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param(DecisionKind.PROMOTE, ShareStatus.WITHDRAWN, id="in the register, which has its own"),
        pytest.param(DecisionKind.REJECT, ShareStatus.WITHDRAWN, id="rejected"),
    ],
)
def test_a_merge_into_a_decided_lead(session, ada, kind, expected):
    into = make_lead(session, title="Ander")
    act(session, into, kind, ada)
    lead, share = shared(session, ada)

    put_together(session, lead, into, ada)

    session.refresh(share)
    assert share.status is expected


def test_a_split_leaves_the_share_and_undoing_the_split_too(session, ada):
    items = [make_item(session) for _ in range(2)]
    lead, share = shared(session, ada, items=items)
    session.refresh(lead)
    split = split_lead(session, lead.id, [items[1].id], viewer=ada, version=lead.version)
    session.commit()
    session.refresh(share)
    assert (share.lead_id, share.status) == (lead.id, ShareStatus.OFFERED)

    taken_back(session, split.decision, ada)

    session.refresh(share)
    assert (share.lead_id, share.status) == (lead.id, ShareStatus.OFFERED)


def test_a_lead_that_was_given_stays_where_it_was_given_until_that_is_not_its_municipality(
    session, ada, clerk
):
    lead, share = shared(session, ada)
    better = make_item(session, score=0.99, municipality=RHEDEN)
    session.add(LeadItem(lead_id=lead.id, item_id=better.id, added_at=utc_now(), why="same"))
    session.flush()

    follow_best_item(session, lead)
    session.commit()
    assert lead.municipality_code == ARNHEM

    answer(session, share, clerk, Answer.NOT_OURS)
    follow_best_item(session, lead)
    assert lead.municipality_code == RHEDEN


@pytest.mark.both_databases
def test_what_its_source_deletes_is_taken_back_with_all_words_and_in_the_register_told(
    session, settings, ada, clerk
):
    lead, share = shared(session, ada)
    promoted = make_lead(session, title="In het register", url="https://koerier.example/weg")
    decision = act(session, promoted, DecisionKind.PROMOTE, ada)
    entry = session.get_one(Initiative, decision.initiative_id)
    entry.link, entry.links = "https://koerier.example/weg", ["https://ander.example/"]
    session.add(
        InitiativeChange(
            initiative_id=entry.id,
            account_id=ada.account_id,
            at=utc_now(),
            fields={"link": ["", "https://koerier.example/weg"], "hours": [None, 4]},
        )
    )
    answer(session, share, clerk)
    items = session.scalars(select(LeadItem.item_id).where(LeadItem.lead_id.in_([lead.id, promoted.id])))

    withdraw(session, list(items), settings, utc_now())
    session.commit()

    row = get_share(session, clerk, share.id)
    assert (row.status, row.title, row.message, row.answer_note) == (ShareStatus.WITHDRAWN, "", "", "")
    assert share_history(session, clerk, row)[0].after["why"] == "deleted at the source"
    given = session.scalars(select(Share).where(Share.initiative_id == entry.id)).one()
    assert given.status is ShareStatus.OFFERED
    assert events(session)[-3:].count(EventKind.SHARE_CHANGED) == 1
    assert {EventKind.SHARE_WITHDRAWN, EventKind.INITIATIVE_CHANGED} <= set(events(session)[-3:])
    session.refresh(entry)
    assert (entry.link, entry.links, entry.version) == ("", ["https://ander.example/"], 2)
    assert "weg" not in repr(session.scalars(select(InitiativeChange.fields)).all())


def age(session: Session, lead: Lead, days: int) -> datetime:
    """Now, for a lead that was found so many days before it."""
    now = datetime.now(UTC)
    lead.opened_at = now - timedelta(days=days)
    session.execute(
        Item.__table__.update().values(first_seen_at=now - timedelta(days=days))  # type: ignore[attr-defined]
    )
    session.commit()
    return now


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("what", "after"),
    [
        pytest.param(None, ShareStatus.WITHDRAWN, id="not answered"),
        pytest.param(Answer.LATER, ShareStatus.WITHDRAWN, id="later"),
        pytest.param(Answer.NO_INITIATIVE, ShareStatus.ANSWERED, id="answered"),
        pytest.param(Answer.TAKEN_UP, ShareStatus.IN_CONTACT, id="in contact"),
    ],
)
def test_a_shared_lead_is_kept_ninety_days_and_its_words_go_along(session, settings, ada, clerk, what, after):
    lead, share = shared(session, ada)
    if what is not None:
        answer(session, share, clerk, what)
    if what is Answer.TAKEN_UP:
        begin_contact(session, share.id, viewer=clerk, version=share.version)
    purge(session, settings, now=age(session, lead, 89))
    session.refresh(lead)
    assert lead.purged_at is None

    purge(session, settings, now=age(session, lead, 91))

    session.expire_all()
    assert lead.status is LeadStatus.EXPIRED
    assert (share.status, share.answer) == (after, what)
    assert (share.message, share.answer_note, share.due_on) == ("", "", None)
    row = get_share(session, clerk, share.id)
    assert (row.title, row.link, row.there) == ("", "", False)
    assert tick(session, now=utc_now() + timedelta(days=300)) == type(tick(session, now=utc_now()))()
    if after is ShareStatus.IN_CONTACT:
        close_share(session, share.id, viewer=clerk, version=share.version, ending=Ending.STOPPED)


def test_a_share_that_was_taken_back_keeps_nothing_longer(session, settings, ada):
    lead, share = shared(session, ada)
    share.status = ShareStatus.WITHDRAWN
    unshared = make_lead(session)
    now = age(session, lead, 31)
    unshared.opened_at = lead.opened_at
    session.commit()

    purge(session, settings, now=now)

    session.expire_all()
    assert lead.status is unshared.status is LeadStatus.EXPIRED
    assert share.message == ""


def test_what_stands_in_the_register_keeps_its_share(session, settings, ada, clerk):
    lead, share = shared(session, ada)
    act(session, lead, DecisionKind.PROMOTE, ada)
    answer(session, share, clerk)

    purge(session, settings, now=utc_now() + timedelta(days=400))

    session.expire_all()
    assert (share.message, share.answer_note) == ("Kent u dit?", "Ja hoor.")

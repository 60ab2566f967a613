"""The register over time: adding, correcting, phases, approval, notes, and who gets to know what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.audit_entry import AuditEntry
from models.event import Event
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.item_text import ItemText
from models.lead_item import LeadItem
from models.share import Share
from models.store.audit import check
from models.store.decisions import decide
from models.store.drafts import InitiativeDraft
from models.store.initiatives import (
    InitiativeNotFoundError,
    InvalidInitiativeError,
    Problem,
    get_initiative,
    initiative_page,
)
from models.store.register import (
    CopiedTextError,
    InitiativeNotAllowedError,
    StaleInitiativeError,
    add_initiative,
    approve,
    change_initiative,
    remove_initiative,
    set_informed,
    set_phase,
)
from models.store.register_counts import municipality_counts, place_counts
from models.store.register_feed import changed_since
from models.store.register_foreign import foreign_initiative, foreign_page
from models.store.register_history import NoteNotAllowedError, add_note, history, notes
from models.words import DecisionKind, EventKind, Informed, Phase, Role, ShareStatus
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, place_key, viewer_of

SECRET = b"only for tests"
KNOWN = {"themes": {"groen": "Groen", "energie": "Energie"}, "expertise": {"subsidies": "Subsidies"}}
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def clerk(session):
    """An officer of Arnhem."""
    return officer(session, "clerk@voorbeeld.example", "Arnhem", "Cor")


def officer(session, email, town, name="Rik"):
    account = make_account(session, email, name=name, roles=[Role.MUNICIPALITY], municipality=town)
    return viewer_of(account)


def draft(**fields):
    values = {"name": "Buurttuin", "summary": "Buren maken een tuin.", "municipality_code": ARNHEM}
    return InitiativeDraft(**{**values, **fields})


def add(session, viewer, **fields):
    entry = add_initiative(session, draft(**fields), viewer=viewer, secret=SECRET, **KNOWN, now=NOW)
    session.commit()
    return entry


def change(session, viewer, entry, version=None, **fields):
    changed = change_initiative(
        session,
        entry.id,
        draft(**fields),
        viewer=viewer,
        version=version or entry.version,
        secret=SECRET,
        **KNOWN,
        now=NOW,
    )
    session.commit()
    return changed


def events(session):
    return [(one.kind, one.municipality_code) for one in session.scalars(select(Event).order_by(Event.id))]


@pytest.mark.both_databases
def test_what_staff_adds_by_hand_is_offered_to_its_municipality_and_told(session, ada, clerk):
    entry = add(session, ada, theme="groen", links=("https://a.example/1", " https://a.example/1 ", ""))

    row = get_initiative(session, clerk, entry.id)
    assert (row.name, row.lead_id, row.links, row.version) == ("Buurttuin", None, ["https://a.example/1"], 1)
    share = session.scalars(select(Share)).one()
    assert (share.initiative_id, share.municipality_code) == (entry.id, ARNHEM)
    assert (EventKind.INITIATIVE_ENTERED, ARNHEM) in events(session)
    assert initiative_page(session, clerk, text="buurttuinen").total == 1
    assert check(session).broken is None


@pytest.mark.both_databases
def test_a_municipality_adds_its_own_which_is_not_offered_back_and_nothing_for_another(session, clerk):
    entry = add(session, clerk)

    assert session.scalars(select(Share)).all() == []
    assert get_initiative(session, clerk, entry.id).entered_by_code == ARNHEM
    with pytest.raises(InitiativeNotAllowedError):
        add(session, clerk, municipality_code=RHEDEN)
    with pytest.raises(InitiativeNotAllowedError):
        change(session, clerk, entry, municipality_code=RHEDEN)


@pytest.mark.both_databases
def test_a_corrected_name_is_found_and_the_old_one_no_longer(session, ada):
    entry = add(session, ada, name="Deelkast Noord")

    change(session, ada, entry, name="Gereedschapsbieb Zuid")

    assert initiative_page(session, ada, text="gereedschapsbieb").total == 1
    assert initiative_page(session, ada, text="deelkast").total == 0


def promoted(session, ada):
    lead = make_lead(session)
    session.commit()
    decision = decide(
        session,
        lead.id,
        DecisionKind.PROMOTE,
        viewer=ada,
        version=lead.version,
        secret=SECRET,
        draft=draft(),
        **KNOWN,
    )
    session.commit()
    return lead, session.get_one(Initiative, decision.initiative_id)


@pytest.mark.both_databases
def test_a_corrected_name_of_a_promoted_lead_finds_the_lead_too(session, ada):
    _lead, entry = promoted(session, ada)

    change(session, ada, entry, name="Zonnebloemroute")

    assert initiative_page(session, ada, text="zonnebloemroute").total == 1


@pytest.mark.both_databases
def test_a_correction_counts_tells_and_keeps_what_it_was_before(session, ada, clerk):
    entry = add(session, ada)
    before = entry.change_number

    change(session, clerk, entry, name="Buurtmoestuin", hours=20)

    session.refresh(entry)
    assert (entry.version, entry.updated_at, entry.hours) == (2, NOW, 20)
    assert entry.change_number > before
    (row,) = history(session, ada, entry.id)
    assert (row.by, row.fields) == ("Cor", {"name": ["Buurttuin", "Buurtmoestuin"], "hours": [None, 20]})
    told = session.scalars(select(Event).where(Event.kind == EventKind.INITIATIVE_CHANGED)).one()
    assert told.data["fields"] == ["hours", "name"]
    log = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (log.action, log.after) == ("initiative", {"fields": ["hours", "name"], "hours": 20})
    assert "Buurtmoestuin" not in str(log.after) + str(told.data)


def test_nothing_changed_is_no_change(session, ada):
    entry = add(session, ada, expertise=("subsidies",), links=("https://a.example/",))

    change(
        session,
        ada,
        entry,
        expertise=("subsidies", "subsidies"),
        links=("https://a.example/ ",),
        name=" Buurttuin ",
    )

    assert (entry.version, history(session, ada, entry.id)) == (1, [])


@pytest.mark.both_databases
def test_the_second_of_two_is_told_what_the_first_changed(session, ada, clerk):
    entry = add(session, ada)
    change(session, ada, entry, version=1, name="Van Ada")

    with pytest.raises(StaleInitiativeError) as refused:
        change(session, clerk, entry, version=1, name="Van Cor")
    session.rollback()

    assert refused.value.version == 2
    (row,) = refused.value.changes
    # The municipality is not told who of the network it was.
    assert (row.by, row.fields) == ("", {"name": ["Buurttuin", "Van Ada"]})
    assert session.get_one(Initiative, entry.id).name == "Van Ada"
    for attempt in (
        lambda: set_phase(session, entry.id, Phase.STOPPED, viewer=clerk, version=1),
        lambda: approve(session, entry.id, True, viewer=clerk, version=1),
        lambda: set_informed(session, entry.id, Informed.DONE, viewer=clerk, version=1),
        lambda: remove_initiative(session, entry.id, viewer=ada, version=1),
    ):
        with pytest.raises(StaleInitiativeError):
            attempt()


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        pytest.param({"name": " "}, {"name": Problem.EMPTY}, id="no name"),
        pytest.param({"links": ("javascript:1",)}, {"links": Problem.NO_ADDRESS}, id="no address"),
        pytest.param(
            {"links": tuple(f"https://a.example/{n}" for n in range(11))},
            {"links": Problem.TOO_MANY},
            id="too many links",
        ),
        pytest.param(
            {"links": ("https://a.example/" + "a" * 1000,)}, {"links": Problem.TOO_LONG}, id="too long"
        ),
        pytest.param(
            {"theme": "x", "hours": 0}, {"theme": Problem.UNKNOWN, "hours": Problem.OUT_OF_RANGE}, id="two"
        ),
    ],
)
def test_what_can_not_be_is_refused_at_once(session, ada, fields, problems):
    entry = add(session, ada)
    for attempt in (lambda: add(session, ada, **fields), lambda: change(session, ada, entry, **fields)):
        with pytest.raises(InvalidInitiativeError) as refusal:
            attempt()
        assert refusal.value.problems == problems
        session.rollback()


def test_a_correction_that_copies_a_source_is_refused(session, ada):
    lead, entry = promoted(session, ada)
    item_id = session.scalar(select(LeadItem.item_id).where(LeadItem.lead_id == lead.id))
    text = "Elke zaterdagmorgen komen de buren van de Kamperweg bij elkaar. " * 4
    session.get_one(ItemText, item_id).text = text
    session.commit()

    with pytest.raises(CopiedTextError):
        change(session, ada, entry, summary=text[:200])
    session.rollback()
    # What stays as it was is not held against anybody.
    change(session, ada, entry, summary="Buren maken een tuin.", name="Andere naam")


@pytest.mark.both_databases
def test_an_entry_that_moves_leaves_the_one_and_comes_to_the_other(session, ada, clerk):
    rheden = officer(session, "rik@voorbeeld.example", "Rheden")
    entry = add(session, ada)
    add_note(session, entry.id, "Alleen voor Arnhem.", viewer=clerk, shared=True, now=NOW)
    approve(session, entry.id, True, viewer=clerk, version=1, now=NOW)
    session.commit()
    number = entry.change_number

    change(session, ada, entry, municipality_code=RHEDEN)

    assert entry.approved_at is None
    with pytest.raises(InitiativeNotFoundError):
        get_initiative(session, clerk, entry.id)
    assert history(session, rheden, entry.id) == []
    assert notes(session, rheden, entry.id) == []
    shares = {one.municipality_code: one.status for one in session.scalars(select(Share))}
    assert shares == {ARNHEM: ShareStatus.WITHDRAWN, RHEDEN: ShareStatus.OFFERED}
    (gone,) = changed_since(session, clerk, number, limit=10)
    assert (gone.id, gone.withdrawn, gone.initiative) == (entry.id, True, None)
    (come,) = changed_since(session, rheden, number, limit=10)
    assert (come.withdrawn, come.initiative.name) == (False, "Buurttuin")
    # And staff sees all of what happened.
    assert len(history(session, ada, entry.id)) == 2


@pytest.mark.both_databases
def test_others_see_an_approved_entry_and_of_it_a_part(session, ada, clerk):
    rheden = officer(session, "rik@voorbeeld.example", "Rheden")
    entry = add(
        session,
        clerk,
        name="Energiecafé Zuid",
        summary="Kwartelstaart",
        theme="energie",
        place_key=place_key(session, ARNHEM, "Presikhaaf"),
        question="Kwartelstaart?",
        contact="info@kwartelstaart.example",
        link="https://energiecafe.example/",
        links=("https://kwartelstaart.example/",),
    )
    assert foreign_page(session, rheden).rows == []
    approve(session, entry.id, True, viewer=clerk, version=1, now=NOW)
    session.commit()

    (row,) = foreign_page(session, rheden, text="energiecafé arnhem").rows
    assert foreign_initiative(session, rheden, entry.id) == row
    assert (row.name, row.place, row.link) == (
        "Energiecafé Zuid",
        "Presikhaaf",
        "https://energiecafe.example/",
    )
    assert "kwartelstaart" not in repr(row).casefold()
    # Nor by searching for what is not shown.
    assert foreign_page(session, rheden, text="Kwartelstaart").rows == []
    assert foreign_page(session, clerk).rows == []
    with pytest.raises(InitiativeNotFoundError):
        get_initiative(session, rheden, entry.id)
    assert municipality_counts(session, rheden) == {ARNHEM: 1}

    approve(session, entry.id, False, viewer=ada, version=2, now=NOW)
    session.commit()
    assert foreign_page(session, rheden).rows == []
    assert municipality_counts(session, rheden) == {}
    with pytest.raises(InitiativeNotFoundError):
        foreign_initiative(session, rheden, entry.id)


def test_counts_by_place_are_those_of_the_viewer(session, ada, clerk):
    rheden = officer(session, "rik@voorbeeld.example", "Rheden")
    key = place_key(session, ARNHEM, "Presikhaaf")
    shown = add(session, clerk, place_key=key)
    add(session, clerk, place_key=key)
    add(session, clerk)
    approve(session, shown.id, True, viewer=clerk, version=1, now=NOW)
    session.commit()

    for viewer, there, nowhere in ((ada, 2, 1), (clerk, 2, 1), (rheden, 1, 0)):
        places, elsewhere = place_counts(session, viewer, ARNHEM)
        assert [(one.name, one.count) for one in places] == [("Presikhaaf", there)]
        assert elsewhere == nowhere


@pytest.mark.both_databases
def test_phase_and_informing_are_changes_like_any_other(session, ada):
    entry = add(session, ada)
    assert get_initiative(session, ada, entry.id).informing_due == date(2026, 12, 23)

    set_phase(session, entry.id, Phase.GUIDED, viewer=ada, version=1, now=NOW)
    set_phase(session, entry.id, Phase.GUIDED, viewer=ada, version=2, now=NOW)
    set_informed(session, entry.id, Informed.DONE, viewer=ada, version=2, on=date(2026, 11, 20), now=NOW)
    session.commit()

    assert (entry.phase, entry.informed_on, entry.version) == (Phase.GUIDED, date(2026, 11, 20), 3)
    assert [row.fields for row in history(session, ada, entry.id)] == [
        {"informed": ["nog_te_doen", "gedaan"], "informed_on": [None, "2026-11-20"]},
        {"phase": ["gesignaleerd", "begeleid"]},
    ]
    with pytest.raises(InvalidInitiativeError):
        set_informed(session, entry.id, Informed.DONE, viewer=ada, version=3, on=date(2026, 11, 24), now=NOW)
    set_informed(session, entry.id, Informed.NOT_NEEDED, viewer=ada, version=3, now=NOW)
    assert (entry.informed, entry.informed_on) == (Informed.NOT_NEEDED, None)


@pytest.mark.both_databases
def test_notes_are_for_whom_they_were_written(session, ada, clerk):
    entry = add(session, ada)
    add_note(session, entry.id, "Onder ons.", viewer=ada, shared=False, now=NOW)
    add_note(session, entry.id, "Ook voor u.", viewer=ada, shared=True, now=NOW)
    add_note(session, entry.id, "Van ons.", viewer=clerk, shared=False, now=NOW)
    session.commit()

    assert [one.text for one in notes(session, ada, entry.id)] == ["Van ons.", "Ook voor u.", "Onder ons."]
    assert [(one.by, one.text) for one in notes(session, clerk, entry.id)] == [
        ("Cor", "Van ons."),
        ("", "Ook voor u."),
    ]
    with pytest.raises(InitiativeNotFoundError):
        add_note(
            session, entry.id, "x", viewer=officer(session, "r@voorbeeld.example", "Rheden"), shared=True
        )
    officer_of_nothing = viewer_of(make_account(session, "f@voorbeeld.example", roles=[Role.PRIVACY_OFFICER]))
    with pytest.raises((InitiativeNotFoundError, NoteNotAllowedError)):
        add_note(session, entry.id, "x", viewer=officer_of_nothing, shared=True)


@pytest.mark.both_databases
def test_an_own_entry_is_taken_out_by_who_entered_it_and_staff_still_sees_it(session, ada, clerk):
    own, theirs = add(session, clerk), add(session, ada, name="Van het netwerk")
    _lead, from_lead = promoted(session, ada)

    for entry in (theirs, from_lead):
        with pytest.raises(InitiativeNotAllowedError):
            remove_initiative(session, entry.id, viewer=clerk, version=entry.version)
    with pytest.raises(InitiativeNotAllowedError):
        remove_initiative(session, from_lead.id, viewer=ada, version=from_lead.version)
    session.rollback()
    remove_initiative(session, own.id, viewer=clerk, version=1, now=NOW)
    remove_initiative(session, theirs.id, viewer=ada, version=1, now=NOW)
    session.commit()

    with pytest.raises(InitiativeNotFoundError):
        get_initiative(session, clerk, own.id)
    assert get_initiative(session, ada, own.id).withdrawn_at == NOW
    assert initiative_page(session, ada, text="netwerk").total == 0
    share = session.scalars(select(Share).where(Share.initiative_id == theirs.id)).one()
    assert share.status is ShareStatus.WITHDRAWN
    with pytest.raises(InitiativeNotAllowedError):
        set_phase(session, own.id, Phase.STOPPED, viewer=ada, version=2)


@pytest.mark.both_databases
def test_who_keeps_up_by_numbers_gets_every_change_once_in_order(session, ada):
    entries = [add(session, ada, name=f"Tuin {number}") for number in range(4)]
    set_phase(session, entries[0].id, Phase.IN_CONTACT, viewer=ada, version=1, now=NOW)
    remove_initiative(session, entries[1].id, viewer=ada, version=1, now=NOW)
    session.commit()

    seen, number = [], -1
    while rows := changed_since(session, ada, number, limit=2):
        seen += [(row.id, row.withdrawn) for row in rows]
        number = rows[-1].change_number
    assert seen == [(entries[n].id, n == 1) for n in (2, 3, 0, 1)]

    change(session, ada, entries[2], name="Toch anders")
    (row,) = changed_since(session, ada, number, limit=2)
    assert row.initiative.name == "Toch anders"


def test_entries_from_before_changes_were_counted_come_too(session, ada):
    for entry in [add(session, ada) for _ in range(3)]:
        entry.change_number = 0
    session.commit()

    first = changed_since(session, ada, -1, limit=2)
    rest = changed_since(session, ada, 0, after_id=first[-1].id, limit=2)

    assert [row.id for row in first + rest] == sorted(row.id for row in first + rest)
    assert len(first + rest) == 3


def test_the_list_narrows_by_all_that_can_be_chosen(session, ada):
    key = place_key(session, ARNHEM, "Presikhaaf")
    plain = add(session, ada, name="Gewoon")
    other = add(session, ada, name="Anders", place_key=key, expertise=("subsidies",))
    approve(session, other.id, True, viewer=ada, version=1, now=NOW + timedelta(days=2))
    set_informed(session, other.id, Informed.NOT_NEEDED, viewer=ada, version=2, now=NOW + timedelta(days=2))
    session.commit()

    for wanted in (
        {"place_key": key},
        {"expertise": "subsidies"},
        {"approved": True},
        {"informed": Informed.NOT_NEEDED},
        {"updated_since": NOW + timedelta(days=1)},
    ):
        assert [row.id for row in initiative_page(session, ada, **wanted).rows] == [other.id], wanted
    for wanted in ({"approved": False}, {"informed": Informed.TO_DO}):
        assert [row.id for row in initiative_page(session, ada, **wanted).rows] == [plain.id], wanted
    assert session.scalars(select(InitiativeChange)).all()

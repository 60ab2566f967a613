"""What a decision leaves in the register: help that is wanted, and leads that were known by an entry."""

import pytest

from models.initiative import Initiative
from models.labels import load_labels
from models.settings import load_settings
from models.store.deciding import UnknownEntryError
from models.store.decisions import decide, undo
from models.store.initiatives import (
    InitiativeDraft,
    InitiativeNotFoundError,
    InvalidInitiativeError,
    Problem,
    get_initiative,
)
from models.words import DecisionKind, LeadStatus
from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of

SECRET = b"only for tests"
EXPERTISE = {"juridisch": "Recht", "subsidies": "Subsidies"}


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


def act(session, lead, kind, viewer, **other):
    decision = decide(session, lead.id, kind, viewer=viewer, version=lead.version, secret=SECRET, **other)
    session.commit()
    return decision


def promote(session, viewer, **draft):
    lead = make_lead(session)
    session.commit()
    return lead, act(
        session,
        lead,
        DecisionKind.PROMOTE,
        viewer,
        expertise=EXPERTISE,
        draft=InitiativeDraft(
            name="Buurttuin", summary="Buren maken een tuin.", municipality_code=ARNHEM, **draft
        ),
    )


@pytest.mark.both_databases
def test_what_help_is_wanted_is_kept_and_read(session, ada):
    _, decision = promote(session, ada, expertise=("subsidies", "juridisch", "subsidies"), hours=40)
    _, without = promote(session, ada)

    entry = get_initiative(session, ada, decision.initiative_id)
    assert (entry.expertise, entry.hours) == (["subsidies", "juridisch"], 40)
    entry = get_initiative(session, ada, without.initiative_id)
    assert (entry.expertise, entry.hours) == ([], None)


@pytest.mark.parametrize(
    ("draft", "problems"),
    [
        pytest.param({"expertise": ("toveren",)}, {"expertise": Problem.UNKNOWN}, id="unknown expertise"),
        pytest.param({"hours": 0}, {"hours": Problem.OUT_OF_RANGE}, id="no hours"),
        pytest.param({"hours": -3}, {"hours": Problem.OUT_OF_RANGE}, id="less than none"),
        pytest.param({"hours": 2001}, {"hours": Problem.OUT_OF_RANGE}, id="more than a year"),
        pytest.param(
            {"expertise": ("juridisch", ""), "hours": 5000, "theme": "x"},
            {"expertise": Problem.UNKNOWN, "hours": Problem.OUT_OF_RANGE, "theme": Problem.UNKNOWN},
            id="all at once",
        ),
    ],
)
def test_help_that_can_not_be_is_refused_with_what_is_wrong(session, ada, draft, problems):
    with pytest.raises(InvalidInitiativeError) as refusal:
        promote(session, ada, **draft)

    assert refusal.value.problems == problems


@pytest.mark.parametrize("hours", [1, 2000])
def test_one_hour_and_a_year_are_fine(session, ada, hours):
    _, decision = promote(session, ada, hours=hours)

    assert get_initiative(session, ada, decision.initiative_id).hours == hours


def test_every_kind_of_expertise_has_a_name_in_both_languages():
    labels = load_labels(load_settings())

    assert len(labels.expertise) >= 12
    assert labels.expertise.keys() == labels.expertise_en.keys()
    assert all(name.strip() for names in (labels.expertise, labels.expertise_en) for name in names.values())
    assert len(set(labels.expertise.values())) == len(labels.expertise)


@pytest.mark.both_databases
def test_a_lead_known_by_an_entry_points_at_it_and_undoing_leaves_the_entry(session, ada):
    _, promoted = promote(session, ada)
    lead = make_lead(session)
    session.commit()

    decision = act(session, lead, DecisionKind.KNOWN, ada, initiative_id=promoted.initiative_id)
    assert (lead.status, decision.initiative_id) == (LeadStatus.KNOWN, promoted.initiative_id)
    undone = undo(session, decision.id, viewer=ada)
    session.commit()

    assert (lead.status, undone.initiative_id) == (LeadStatus.OPEN, None)
    assert session.get(Initiative, promoted.initiative_id).withdrawn_at is None


@pytest.mark.both_databases
def test_undoing_the_promotion_itself_withdraws_the_entry(session, ada):
    lead, promoted = promote(session, ada)

    undone = undo(session, promoted.id, viewer=ada)
    session.commit()

    assert (lead.status, undone.initiative_id) == (LeadStatus.OPEN, promoted.initiative_id)
    assert session.get(Initiative, promoted.initiative_id).withdrawn_at is not None


def test_a_lead_is_not_known_by_what_is_not_in_the_register(session, ada):
    _, promoted = promote(session, ada)
    undo(session, promoted.id, viewer=ada)
    lead = make_lead(session)
    session.commit()

    for number in (promoted.initiative_id, 999_999):
        with pytest.raises(UnknownEntryError):
            act(session, lead, DecisionKind.KNOWN, ada, initiative_id=number)
    with pytest.raises(InitiativeNotFoundError):
        get_initiative(session, ada, 999_999)
    assert lead.status is LeadStatus.OPEN

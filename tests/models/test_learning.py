"""What decisions teach, as the store gives it: who said yes or no to which features."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from models.base import utc_now
from models.decision import Decision
from models.item import Item
from models.item_features import ItemFeatures
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.settings import Settings
from models.share import Share
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft
from models.store.learning import LabelledItem, labelled_items
from models.store.purge import purge
from models.store.shares import answer_share, offer_lead
from models.store.viewer import Viewer
from models.words import Answer, DecisionKind, LeadStatus, Origin, Role
from tests.review.factories import ARNHEM, make_account, make_item, make_lead, viewer_of

NO = ("beleid", "commercieel")
DRAFT = InitiativeDraft(name="Tuin", summary="Zij maken een tuin.", municipality_code=ARNHEM, theme="groen")
Decide = Callable[..., Decision]


@pytest.fixture
def viewer(session: Session) -> Viewer:
    return viewer_of(make_account(session))


@pytest.fixture
def say(session: Session, viewer: Viewer) -> Decide:
    """Decides on a lead, as the review pages do."""

    def say(lead: Lead, kind: DecisionKind, reason: str = "") -> Decision:
        return decide(
            session,
            lead.id,
            kind,
            viewer=viewer,
            version=lead.version,
            secret=b"x",
            reason=reason,
            reasons=(*NO, "voorbij"),
            draft=DRAFT if kind is DecisionKind.PROMOTE else None,
            themes={"groen": "Groen"},
        )

    return say


def kept_item(session: Session, *, space: str = "1", **more: Any) -> Item:
    """An item with features that tell which item they are of."""
    item = make_item(session, **more)
    session.add(ItemFeatures(item_id=item.id, space=space, features=f"of {item.id}".encode()))
    session.flush()
    return item


def lead_of(session: Session, *items: Item) -> Lead:
    return make_lead(session, items=items or (kept_item(session),))


def taught(session: Session, most: int = 100) -> list[LabelledItem]:
    return labelled_items(session, space="1", no_initiative=NO, most=most)


@pytest.mark.both_databases
def test_promoting_and_knowing_say_yes_and_some_reasons_of_rejection_say_no(
    session: Session, say: Decide, viewer: Viewer
) -> None:
    promoted, known, rejected, over, regretted, _ = (lead_of(session) for _ in range(6))
    say(promoted, DecisionKind.PROMOTE)
    say(known, DecisionKind.KNOWN)
    say(rejected, DecisionKind.REJECT, "beleid")
    say(over, DecisionKind.REJECT, "voorbij")
    undo(session, say(regretted, DecisionKind.REJECT, "beleid").id, viewer=viewer)

    rows = taught(session)

    assert [(row.lead_id, row.initiative, row.theme) for row in rows] == [
        (promoted.id, True, "groen"),
        (known.id, True, ""),
        (rejected.id, False, ""),
    ]
    assert {row.origin for row in rows} == {Origin.REVIEWER}
    assert [row.features for row in rows] == [f"of {row.item_id}".encode() for row in rows]
    assert all(row.municipality_code == ARNHEM and row.share == 1.0 for row in rows)


def test_a_decision_taken_anew_counts_and_not_the_one_before(
    session: Session, say: Decide, viewer: Viewer
) -> None:
    lead = lead_of(session)
    undo(session, say(lead, DecisionKind.PROMOTE).id, viewer=viewer)
    say(lead, DecisionKind.REJECT, "commercieel")

    assert [row.initiative for row in taught(session)] == [False]


@pytest.mark.both_databases
def test_decisions_teach_long_after_text_and_lead_were_purged(
    session: Session, settings: Settings, say: Decide
) -> None:
    yes, no = lead_of(session), lead_of(session)
    say(yes, DecisionKind.KNOWN)
    say(no, DecisionKind.REJECT, "beleid")
    session.commit()
    before = taught(session)

    purge(session, settings, now=utc_now() + timedelta(days=400))

    assert session.scalars(select(Lead.purged_at)).all().count(None) == 0
    assert taught(session) == before


def test_features_of_another_hashing_and_withdrawn_leads_teach_nothing(session: Session, say: Decide) -> None:
    say(lead_of(session, kept_item(session, space="0")), DecisionKind.KNOWN)
    withdrawn = lead_of(session)
    say(withdrawn, DecisionKind.KNOWN)
    withdrawn.status = LeadStatus.WITHDRAWN
    session.flush()

    assert taught(session) == []


def test_yes_is_said_of_all_items_of_a_lead_and_no_only_of_the_one_that_was_shown(
    session: Session, say: Decide
) -> None:
    items = [[kept_item(session, score=score) for score in (0.4, 0.9, 0.5)] for _ in range(2)]
    say(lead_of(session, *items[0]), DecisionKind.PROMOTE)
    say(lead_of(session, *items[1]), DecisionKind.REJECT, "beleid")

    rows = {row.item_id: (row.initiative, row.share) for row in taught(session)}

    weak, best, other = (item.id for item in items[0])
    assert rows == {
        best: (True, 1.0),
        weak: (True, 0.5),
        other: (True, 0.5),
        items[1][1].id: (False, 1.0),
    }


def test_many_copies_in_a_lead_weigh_as_much_as_the_one_that_was_shown(session: Session, say: Decide) -> None:
    say(lead_of(session, *(kept_item(session) for _ in range(9))), DecisionKind.KNOWN)

    shares = sorted(row.share for row in taught(session))

    assert shares == pytest.approx([*[1 / 8] * 8, 1.0])


def test_what_joined_or_changed_after_the_decision_was_not_decided_on(session: Session, say: Decide) -> None:
    first, changed = kept_item(session), kept_item(session)
    lead = lead_of(session, first, changed)
    decided = say(lead, DecisionKind.KNOWN).made_at
    late = kept_item(session, score=0.99)
    session.add(LeadItem(lead_id=lead.id, item_id=late.id, added_at=decided + timedelta(hours=1)))
    changed.changed_at = decided + timedelta(hours=1)
    session.flush()

    assert [row.item_id for row in taught(session)] == [first.id]


def test_of_a_round_up_a_rejected_part_says_nothing(session: Session, say: Decide) -> None:
    round_up = kept_item(session)
    say(lead_of(session, round_up), DecisionKind.REJECT, "beleid")
    other = lead_of(session, round_up)

    assert taught(session) == []

    say(other, DecisionKind.PROMOTE)
    assert [row.initiative for row in taught(session)] == [True]


def test_a_drawn_item_says_how_likely_that_was_unless_some_model_flagged_it(
    session: Session, say: Decide
) -> None:
    drawn, both = kept_item(session), kept_item(session)
    for item in (drawn, both):
        session.execute(
            update(Prediction).where(Prediction.item_id == item.id).values(flagged=False, drawn=0.03)
        )
    session.add(estimate(both, made_at=utc_now(), flagged=True))
    session.flush()
    for item in (drawn, both):
        say(lead_of(session, item), DecisionKind.REJECT, "beleid")

    assert [row.drawn for row in taught(session)] == [0.03, None]


def estimate(item: Item, *, made_at: datetime, flagged: bool) -> Prediction:
    return Prediction(
        item_id=item.id, model_version="later", content_hash="c", score=0.5, flagged=flagged, made_at=made_at
    )


def test_of_too_many_decisions_the_newest_count_as_many_of_each_label(
    session: Session, engine: Engine, say: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.store.learning.CHUNK", 2)
    yes = [lead_of(session) for _ in range(3)]
    no = [lead_of(session) for _ in range(7)]
    for lead in yes:
        say(lead, DecisionKind.KNOWN)
    for lead in no:
        say(lead, DecisionKind.REJECT, "beleid")

    assert [row.lead_id for row in taught(session, most=4)] == [lead.id for lead in (*yes[1:], *no[5:])]
    assert len(taught(session, most=8)) == 3 + 4


@pytest.fixture
def clerk(session: Session) -> Viewer:
    """An officer of Arnhem."""
    made = make_account(session, "arnhem@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    return viewer_of(made)


def ask(session: Session, lead: Lead, viewer: Viewer) -> Share:
    return offer_lead(session, lead.id, viewer=viewer)


def reply(session: Session, share: Share, clerk: Viewer, answer: Answer) -> None:
    answer_share(session, share.id, viewer=clerk, answer=answer, version=share.version)


@pytest.mark.both_databases
def test_answers_of_municipalities_teach_too_and_say_whose_they_are(
    session: Session, say: Decide, viewer: Viewer, clerk: Viewer
) -> None:
    leads = {answer: lead_of(session) for answer in Answer}
    for answer, lead in leads.items():
        reply(session, ask(session, lead, viewer), clerk, answer)
    decided = lead_of(session)
    say(decided, DecisionKind.KNOWN)
    ask(session, lead_of(session), viewer)

    rows = {row.lead_id: (row.origin, row.initiative, row.theme) for row in taught(session)}

    assert rows == {
        leads[Answer.TAKEN_UP].id: (Origin.MUNICIPALITY, True, ""),
        leads[Answer.KNOWN].id: (Origin.MUNICIPALITY, True, ""),
        leads[Answer.NO_INITIATIVE].id: (Origin.MUNICIPALITY, False, ""),
        decided.id: (Origin.REVIEWER, True, ""),
    }


@pytest.mark.both_databases
def test_when_staff_and_municipality_contradict_each_other_who_spoke_last_counts_and_nobody_twice(
    session: Session, say: Decide, viewer: Viewer, clerk: Viewer
) -> None:
    # The municipality answers after the promotion.
    answered_last = lead_of(session)
    promoted = say(answered_last, DecisionKind.PROMOTE)
    share = session.scalars(select(Share).where(Share.initiative_id == promoted.initiative_id)).one()
    reply(session, share, clerk, Answer.NO_INITIATIVE)
    # Staff decides after the answer; it reads that first.
    decided_last = lead_of(session)
    reply(session, ask(session, decided_last, viewer), clerk, Answer.NO_INITIATIVE)
    say(decided_last, DecisionKind.PROMOTE)
    # They agree.
    agreed = lead_of(session)
    reply(session, ask(session, agreed, viewer), clerk, Answer.TAKEN_UP)
    say(agreed, DecisionKind.PROMOTE)

    rows = [(row.lead_id, row.origin, row.initiative, row.theme) for row in taught(session)]

    assert rows == [
        (answered_last.id, Origin.MUNICIPALITY, False, ""),
        (decided_last.id, Origin.REVIEWER, True, "groen"),
        (agreed.id, Origin.REVIEWER, True, "groen"),
    ]


def test_a_yes_to_what_is_in_the_register_teaches_its_theme(
    session: Session, say: Decide, clerk: Viewer
) -> None:
    promoted = say(lead_of(session), DecisionKind.PROMOTE)
    share = session.scalars(select(Share).where(Share.initiative_id == promoted.initiative_id)).one()
    reply(session, share, clerk, Answer.TAKEN_UP)

    assert [(row.origin, row.theme) for row in taught(session)] == [(Origin.MUNICIPALITY, "groen")]


def test_what_joined_after_the_answer_was_not_answered_about(
    session: Session, viewer: Viewer, clerk: Viewer
) -> None:
    first = kept_item(session)
    lead = lead_of(session, first)
    share = ask(session, lead, viewer)
    reply(session, share, clerk, Answer.KNOWN)
    late = kept_item(session)
    session.add(LeadItem(lead_id=lead.id, item_id=late.id, added_at=utc_now() + timedelta(hours=1)))
    session.flush()

    assert [row.item_id for row in taught(session)] == [first.id]

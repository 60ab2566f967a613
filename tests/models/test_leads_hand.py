"""Merging and splitting by hand: what it does, how it is taken back, and who may not."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from models.base import utc_now
from models.decision import Decision
from models.item import Item
from models.item_section import ItemSection
from models.lead import Lead
from models.lead_item import LeadItem
from models.store.decisions import (
    AlreadyDecidedError,
    AlreadyUndoneError,
    NotAllowedError,
    NoteTooLongError,
    NotUndoableError,
    ReasonRequiredError,
    StaleLeadError,
    decide,
    undo,
)
from models.store.leads import LeadNotFoundError, decision_log
from models.store.leads_apart import apart_from, root_of
from models.store.leads_hand import ItemsError, PurgedLeadError, SameLeadError, merge_leads, split_lead
from models.store.purge import purge
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import make_account, make_item, make_lead, viewer_of

pytestmark = pytest.mark.both_databases


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def by_hand(session, ada):
    """Merges, splits and undoes as Ada does it, with what she sees on the page."""
    return ByHand(session, ada)


class ByHand:
    def __init__(self, session, viewer):
        self.session, self.viewer = session, viewer

    def merge(self, lead, into, **other):
        options = {
            "viewer": self.viewer,
            "version": self.version(lead),
            "into_version": self.version(into),
            **other,
        }
        decision = merge_leads(self.session, lead.id, into.id, **options)
        self.session.commit()
        return decision

    def split(self, lead, *items, **other):
        options = {"viewer": self.viewer, "version": self.version(lead), **other}
        found = split_lead(self.session, lead.id, [item.id for item in items], **options)
        self.session.commit()
        return found

    def undo(self, decision, **other):
        undone = undo(self.session, decision.id, **{"viewer": self.viewer, **other})
        self.session.commit()
        return undone

    def decide(self, lead, kind, **other):
        decision = decide(
            self.session,
            lead.id,
            kind,
            viewer=self.viewer,
            version=self.version(lead),
            secret=b"only for tests",
            **other,
        )
        self.session.commit()
        return decision

    def version(self, lead):
        return self.session.scalar(select(Lead.version).where(Lead.id == lead.id))

    def items(self, lead):
        """Titles of the items in a lead."""
        return set(
            self.session.scalars(
                select(Item.title)
                .join(LeadItem, LeadItem.item_id == Item.id)
                .where(LeadItem.lead_id == lead.id)
            )
        )


def lead_of(session, *titles, score=0.9, **columns):
    """A lead with an item of each of these titles, the first one its best."""
    items = [
        make_item(session, title=title, snippet=f"Over {title}.", score=score - number / 10)
        for number, title in enumerate(titles)
    ]
    lead = make_lead(session, title=titles[0], score=score, items=items, **columns)
    session.commit()
    return lead, items


def test_a_merged_lead_hands_over_its_items(session, by_hand):
    tree, _ = lead_of(session, "Boom", "Tak", score=0.9)
    fruit, _ = lead_of(session, "Fruit", score=0.7)

    decision = by_hand.merge(tree, fruit, note="zelfde boomgaard")

    assert (tree.status, tree.merged_into_id, fruit.status) == (LeadStatus.MERGED, fruit.id, LeadStatus.OPEN)
    assert by_hand.items(fruit) == {"Fruit", "Boom", "Tak"}
    assert by_hand.items(tree) == set()
    assert (fruit.title, fruit.snippet, fruit.score) == ("Boom", "Over Boom.", 0.9), "its best item now"
    assert tree.title == "Boom"
    assert (
        decision.kind,
        decision.old_status,
        decision.new_status,
        decision.other_lead_id,
        decision.note,
    ) == (
        DecisionKind.MERGE,
        LeadStatus.OPEN,
        LeadStatus.MERGED,
        fruit.id,
        "zelfde boomgaard",
    )
    assert [entry.by for entry in decision_log(session, tree.id)] == ["Ada"]


@pytest.mark.parametrize("status", [LeadStatus.PROMOTED, LeadStatus.REJECTED, LeadStatus.KNOWN])
def test_merging_into_a_decided_lead_leaves_what_was_decided(session, by_hand, status):
    known, _ = lead_of(session, "Bekend", score=0.5)
    known.status, known.decided_at = status, utc_now()
    session.commit()
    news, _ = lead_of(session, "Nieuws", score=0.9)
    before = known.decided_at

    by_hand.merge(news, known)

    assert (known.status, known.title, known.score, known.decided_at) == (status, "Bekend", 0.5, before)
    assert by_hand.items(known) == {"Bekend", "Nieuws"}


def test_undoing_a_merge_gives_both_back_and_keeps_them_apart(session, by_hand):
    tree, _ = lead_of(session, "Boom", "Tak", score=0.9, status=LeadStatus.SNOOZED)
    fruit, _ = lead_of(session, "Fruit", score=0.7)
    merged = by_hand.merge(tree, fruit)
    joined = make_item(session, title="Later")
    session.add(LeadItem(lead_id=fruit.id, item_id=joined.id, added_at=utc_now(), why="alike"))
    session.commit()

    undone = by_hand.undo(merged)

    assert (tree.status, tree.merged_into_id) == (LeadStatus.SNOOZED, None)
    assert by_hand.items(tree) == {"Boom", "Tak"}
    assert by_hand.items(fruit) == {"Fruit", "Later"}, "what came since stays where it came"
    assert apart_from(session, tree.id) == {fruit.id: undone.id}
    assert apart_from(session, fruit.id) == {tree.id: undone.id}
    assert (undone.kind, undone.undoes_id, undone.other_lead_id) == (DecisionKind.UNDO, merged.id, fruit.id)
    with pytest.raises(AlreadyUndoneError):
        by_hand.undo(merged)


def test_the_lead_that_stays_follows_its_own_items_again(session, by_hand):
    tree, _ = lead_of(session, "Boom", score=0.9)
    fruit, _ = lead_of(session, "Fruit", score=0.7)

    by_hand.undo(by_hand.merge(tree, fruit))

    assert (fruit.title, fruit.score) == ("Fruit", 0.7)


def test_why_and_since_when_an_item_stands_in_its_lead_survive(session, by_hand):
    tree, (boom,) = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit")
    row = session.get(LeadItem, (tree.id, boom.id))
    row.why, row.added_at = "names", utc_now() - timedelta(days=3)
    session.commit()
    before = (row.why, row.added_at)

    merged = by_hand.merge(tree, fruit)
    there = session.get(LeadItem, (fruit.id, boom.id))
    assert (there.why, there.added_at) == before
    by_hand.undo(merged)

    back = session.get(LeadItem, (tree.id, boom.id))
    assert (back.why, back.added_at) == before


@pytest.mark.parametrize("inner_first", [True, False])
def test_chains_are_undone_in_any_order(session, by_hand, inner_first):
    (one, _), (two, _), (three, _) = (lead_of(session, title) for title in ("Een", "Twee", "Drie"))
    first, second = by_hand.merge(one, two), by_hand.merge(two, three)
    assert by_hand.items(three) == {"Een", "Twee", "Drie"}
    assert root_of(session, one.id) == three.id

    for decision in (first, second) if inner_first else (second, first):
        by_hand.undo(decision)

    assert [by_hand.items(lead) for lead in (one, two, three)] == [{"Een"}, {"Twee"}, {"Drie"}]
    assert [lead.status for lead in (one, two, three)] == [LeadStatus.OPEN] * 3


def test_a_split_makes_a_new_open_lead_of_some_items(session, by_hand):
    lead, (boom, soep, pan) = lead_of(session, "Boom", "Soep", "Pan", age_days=5)

    decision, new = by_hand.split(lead, soep, pan, note="twee groepen")

    assert (by_hand.items(lead), by_hand.items(new)) == ({"Boom"}, {"Soep", "Pan"})
    assert (new.status, new.title, new.snippet, new.score) == (LeadStatus.OPEN, "Soep", "Over Soep.", 0.8)
    assert new.opened_at == lead.opened_at
    assert (lead.status, lead.title) == (LeadStatus.OPEN, "Boom")
    assert (decision.kind, decision.other_lead_id, decision.note) == (
        DecisionKind.SPLIT,
        new.id,
        "twee groepen",
    )
    assert apart_from(session, new.id) == {lead.id: decision.id}
    assert boom.title == "Boom"


def test_splitting_a_decided_lead_leaves_the_decision(session, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep", status=LeadStatus.REJECTED)
    lead.decided_at = utc_now() - timedelta(days=3)
    session.commit()
    before = lead.decided_at

    _, new = by_hand.split(lead, soep)

    assert (lead.status, lead.decided_at, new.status) == (LeadStatus.REJECTED, before, LeadStatus.OPEN)


def test_undoing_a_split_puts_it_together_again(session, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep")
    decision, new = by_hand.split(lead, soep)
    joined = make_item(session, title="Nog meer soep")
    session.add(LeadItem(lead_id=new.id, item_id=joined.id, added_at=utc_now(), why="alike"))
    session.commit()

    by_hand.undo(decision)

    assert by_hand.items(lead) == {"Boom", "Soep", "Nog meer soep"}
    assert (new.status, new.merged_into_id) == (LeadStatus.MERGED, lead.id)
    assert apart_from(session, lead.id) == {}
    (again,) = decision_log(session, new.id)
    assert again.kind is DecisionKind.MERGE
    by_hand.undo(session.get(Decision, again.id))
    assert by_hand.items(new) == {"Soep", "Nog meer soep"}
    assert set(apart_from(session, lead.id)) == {new.id}


def test_merging_what_was_told_apart_is_the_last_word_until_it_is_undone(session, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep")
    _, new = by_hand.split(lead, soep)

    merged = by_hand.merge(new, lead)
    assert apart_from(session, lead.id) == {}
    by_hand.undo(merged)

    assert set(apart_from(session, new.id)) == {lead.id}


def test_what_is_told_apart_holds_for_what_is_merged_into_it(session, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep")
    other, _ = lead_of(session, "Anders")
    _, new = by_hand.split(lead, soep)

    by_hand.merge(lead, other)

    assert set(apart_from(session, other.id)) == {new.id}
    assert set(apart_from(session, new.id)) == {other.id}


def test_a_round_up_in_both_leads_stands_in_one_and_then_in_both_again(session, by_hand):
    tree, (boom,) = lead_of(session, "Boom")
    soup, (soep,) = lead_of(session, "Soep")
    brief = make_item(session, title="Kort nieuws", score=0.2)
    for number, lead in enumerate((tree, soup), start=1):
        session.add(LeadItem(lead_id=lead.id, item_id=brief.id, added_at=utc_now(), why="names"))
        session.add(section(brief, number, lead))
    session.commit()

    merged = by_hand.merge(soup, tree)
    assert by_hand.items(tree) == {"Boom", "Soep", "Kort nieuws"}
    assert sections(session) == {1: tree.id, 2: tree.id}
    by_hand.undo(merged)

    assert (by_hand.items(tree), by_hand.items(soup)) == ({"Boom", "Kort nieuws"}, {"Soep", "Kort nieuws"})
    assert sections(session) == {1: tree.id, 2: soup.id}
    assert (boom.title, soep.title) == ("Boom", "Soep")


def test_sections_go_along_with_a_split(session, by_hand):
    lead, (_, brief) = lead_of(session, "Boom", "Kort nieuws")
    elsewhere, _ = lead_of(session, "Elders")
    session.add_all([section(brief, 1, lead), section(brief, 2, elsewhere)])
    session.add(LeadItem(lead_id=elsewhere.id, item_id=brief.id, added_at=utc_now(), why="alike"))
    session.commit()

    decision, new = by_hand.split(lead, brief)
    assert sections(session) == {1: new.id, 2: elsewhere.id}
    by_hand.undo(decision)

    assert sections(session) == {1: lead.id, 2: elsewhere.id}


def section(item, number, lead):
    empty = dict.fromkeys(("minhash", "shingles", "terms", "weights"), b"")
    return ItemSection(item_id=item.id, number=number, lead_id=lead.id, at=utc_now(), names={}, **empty)


def sections(session):
    rows = session.execute(select(ItemSection.number, ItemSection.lead_id))
    return {number: lead_id for number, lead_id in rows}  # noqa: C416 - rows are not pairs


def test_items_that_were_split_off_since_do_not_come_back(session, by_hand):
    tree, (_, tak) = lead_of(session, "Boom", "Tak")
    fruit, _ = lead_of(session, "Fruit")
    merged = by_hand.merge(tree, fruit)
    _, new = by_hand.split(fruit, tak)

    by_hand.undo(merged)

    assert [by_hand.items(lead) for lead in (tree, fruit, new)] == [{"Boom"}, {"Fruit"}, {"Tak"}]


def test_nothing_left_to_give_back(session, by_hand):
    tree, (boom,) = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit")
    merged = by_hand.merge(tree, fruit)
    by_hand.split(fruit, boom)

    with pytest.raises(NotUndoableError, match="moved elsewhere"):
        by_hand.undo(merged)
    assert tree.status is LeadStatus.MERGED


def test_a_split_is_not_undone_when_the_new_lead_was_decided(session, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep")
    decision, new = by_hand.split(lead, soep)
    by_hand.decide(new, DecisionKind.KNOWN)

    with pytest.raises(NotUndoableError, match="split off"):
        by_hand.undo(decision)


def test_a_split_is_undone_also_when_the_lead_was_decided_since(session, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep")
    decision, _ = by_hand.split(lead, soep)
    by_hand.decide(lead, DecisionKind.KNOWN)

    by_hand.undo(decision)

    assert lead.status is LeadStatus.KNOWN
    assert by_hand.items(lead) == {"Boom", "Soep"}


def test_undoing_anothers_merge_needs_a_reason(session, by_hand):
    tree, _ = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit")
    merged = by_hand.merge(tree, fruit)
    bob = viewer_of(make_account(session, "bob@voorbeeld.example", name="Bob"))

    with pytest.raises(ReasonRequiredError):
        by_hand.undo(merged, viewer=bob)
    assert by_hand.undo(merged, viewer=bob, reason="niet hetzelfde").reason == "niet hetzelfde"


def test_who_looked_at_an_older_version_changes_nothing(session, by_hand):
    tree, (_, tak) = lead_of(session, "Boom", "Tak")
    fruit, _ = lead_of(session, "Fruit")
    old = by_hand.version(fruit)
    fruit.extended_at = utc_now()
    session.commit()

    with pytest.raises(StaleLeadError):
        by_hand.merge(tree, fruit, into_version=old)
    with pytest.raises(StaleLeadError):
        by_hand.merge(fruit, tree, version=old)
    with pytest.raises(StaleLeadError):
        by_hand.split(tree, tak, version=by_hand.version(tree) + 1)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Decision)) == 0
    assert by_hand.items(tree) == {"Boom", "Tak"}


def test_a_merge_and_a_split_change_the_versions_of_both(session, by_hand):
    tree, (_, tak) = lead_of(session, "Boom", "Tak")
    fruit, _ = lead_of(session, "Fruit")
    seen = by_hand.version(fruit), by_hand.version(tree)

    by_hand.split(tree, tak)
    by_hand.merge(tree, fruit)

    assert by_hand.version(fruit) > seen[0]
    assert by_hand.version(tree) > seen[1]


def test_what_can_not_be_merged_or_split(session, by_hand):
    tree, (boom, tak) = lead_of(session, "Boom", "Tak")
    fruit, (other,) = lead_of(session, "Fruit")
    gone, _ = lead_of(session, "Weg", status=LeadStatus.REJECTED)
    gone.purged_at = utc_now()
    over, _ = lead_of(session, "Over", status=LeadStatus.EXPIRED)
    session.commit()

    with pytest.raises(SameLeadError):
        by_hand.merge(tree, tree)
    with pytest.raises(LeadNotFoundError):
        merge_leads(session, tree.id, 999, viewer=by_hand.viewer, version=1, into_version=1)
    with pytest.raises(PurgedLeadError):
        by_hand.merge(tree, gone)
    with pytest.raises(AlreadyDecidedError):
        by_hand.merge(tree, over)
    with pytest.raises(AlreadyDecidedError):
        by_hand.merge(gone, tree)
    for items in ([], [boom, tak], [other], [tak, other]):
        with pytest.raises(ItemsError):
            by_hand.split(tree, *items)
    with pytest.raises(NoteTooLongError):
        by_hand.merge(tree, fruit, note="x" * 501)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_a_municipality_may_look_and_not_touch(session, by_hand):
    tree, (_, tak) = lead_of(session, "Boom", "Tak")
    fruit, _ = lead_of(session, "Fruit")
    account = make_account(
        session, "gemeente@voorbeeld.example", roles=(Role.MUNICIPALITY,), municipality="GM0202"
    )

    with pytest.raises(NotAllowedError):
        by_hand.merge(tree, fruit, viewer=viewer_of(account))
    with pytest.raises(NotAllowedError):
        by_hand.split(tree, tak, viewer=viewer_of(account))


def test_the_second_of_two_deciders_is_told(session, by_hand):
    tree, _ = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit")
    third, _ = lead_of(session, "Derde")
    seen = by_hand.version(tree)
    by_hand.merge(tree, fruit)

    with pytest.raises(AlreadyDecidedError) as error:
        by_hand.merge(tree, third, version=seen)
    assert error.value.last.by == "Ada"
    with pytest.raises(AlreadyDecidedError):
        by_hand.decide(tree, DecisionKind.KNOWN)


def test_items_of_a_merged_lead_live_as_long_as_the_lead_they_went_to(session, settings, by_hand):
    tree, (boom,) = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit", status=LeadStatus.PROMOTED)
    merged = by_hand.merge(tree, fruit)

    purge(session, settings, now=utc_now() + timedelta(days=31))
    session.expire_all()

    assert (tree.purged_at is not None, boom.purged_at, boom.title) == (True, None, "Boom")
    assert root_of(session, tree.id) == fruit.id
    with pytest.raises(NotUndoableError, match="deleted"):
        by_hand.undo(merged)


def test_what_was_told_apart_outlives_purging(session, settings, by_hand):
    lead, (_, soep) = lead_of(session, "Boom", "Soep")
    _, new = by_hand.split(lead, soep)

    purge(session, settings, now=utc_now() + timedelta(days=31))
    session.expire_all()

    assert (lead.status, new.status) == (LeadStatus.EXPIRED, LeadStatus.EXPIRED)
    assert set(apart_from(session, new.id)) == {lead.id}


def test_what_is_not_committed_leaves_nothing_behind(session, by_hand):
    tree, _ = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit")
    merge_leads(
        session,
        tree.id,
        fruit.id,
        viewer=by_hand.viewer,
        version=by_hand.version(tree),
        into_version=by_hand.version(fruit),
    )
    session.rollback()
    session.expire_all()

    assert tree.status is LeadStatus.OPEN
    assert (by_hand.items(tree), by_hand.items(fruit)) == ({"Boom"}, {"Fruit"})


def test_a_lead_without_items_can_still_be_merged_and_undone(session, by_hand):
    tree, _ = lead_of(session, "Boom")
    fruit, _ = lead_of(session, "Fruit")
    session.execute(delete(LeadItem).where(LeadItem.lead_id == tree.id))
    session.commit()

    by_hand.undo(by_hand.merge(tree, fruit))

    assert tree.status is LeadStatus.OPEN

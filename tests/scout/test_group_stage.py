"""The stage ``group``: flagged items become leads, and no decision of a person is touched."""

import pytest
from sqlalchemy import delete, func, select, update

from models.item import Item
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.words import LeadStatus
from scout.group.stage import GroupReport, group
from tests.scout.group_world import ARNHEM, BUS, NOW, ORCHARD, ORCHARD_LATER, RHEDEN, World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(engine, settings):
    """Adds items with their estimates, runs the stage, and shows what came of it."""
    return World(engine, settings)


def test_items_about_one_initiative_become_one_lead_and_others_their_own(world):
    world.add("plant", ORCHARD, title="Dertig fruitbomen", score=0.7)
    world.add("copy", ORCHARD + " Lees meer op onze site.", hours=1, score=0.6, municipality=None)
    world.add("bus", BUS, title="Buurtbus", hours=2, municipality=RHEDEN)
    world.add("pick", ORCHARD_LATER, title="Peren geplukt", hours=300, score=0.9)
    world.add("dull", "De raad vergadert dinsdag.", flagged=False)

    report = world.group()

    assert report == GroupReport(opened=2, extended=2)
    assert world.leads() == [{"plant", "copy", "pick"}, {"bus"}]
    lead = world.lead()
    assert (lead.title, lead.score, lead.municipality_code, lead.theme) == (
        "Peren geplukt",
        0.9,
        ARNHEM,
        "voedsel",
    )
    assert lead.snippet == ORCHARD_LATER[:60]
    with world.sessions() as session:
        why = dict(session.execute(select(Item.external_key, LeadItem.why).join(Item)).all())
    assert why == {"plant": "first", "copy": "copy", "pick": "names", "bus": "first"}


def test_a_second_run_changes_nothing(world):
    world.add("plant", ORCHARD)
    world.add("pick", ORCHARD_LATER, hours=20)
    world.group()
    before = world.lead()

    assert world.group() == GroupReport(opened=0, extended=0)
    assert (world.lead().version, world.lead().extended_at) == (before.version, before.extended_at)


def test_items_of_a_later_run_find_their_lead(world):
    world.add("plant", ORCHARD)
    world.group()
    world.add("pick", ORCHARD_LATER, hours=24 * 20)
    world.add("bus", BUS, municipality=RHEDEN, hours=1)

    assert world.group() == GroupReport(opened=1, extended=1)
    assert world.leads() == [{"plant", "pick"}, {"bus"}]


def test_a_lead_without_title_shows_its_first_words(world):
    world.add("post", ORCHARD)

    world.group()

    assert (
        world.lead().title
        == "Op het veldje achter de Drie Gasthuizen staan sinds zaterdag dertig fruitbomen. …"
    )


def test_the_place_comes_from_the_best_item_that_has_one(world):
    world.add("plant", ORCHARD, score=0.6)
    world.add("copy", ORCHARD, hours=1, score=0.9, municipality=None)

    world.group()

    assert (world.lead().score, world.lead().municipality_code) == (0.9, ARNHEM)


def test_equal_scores_show_the_earliest_item(world):
    world.add("b", ORCHARD, title="Tweede", hours=1)
    world.add("a", ORCHARD, title="Eerste", hours=0)

    world.group()

    assert world.lead().title == "Eerste"


@pytest.mark.parametrize(
    "status", [LeadStatus.PROMOTED, LeadStatus.REJECTED, LeadStatus.KNOWN, LeadStatus.SNOOZED]
)
def test_what_a_person_decided_stays_decided(world, status):
    world.add("plant", ORCHARD, title="Eerste", score=0.5)
    world.group()
    world.decide(1, status, decided_at=NOW)
    world.add("pick", ORCHARD_LATER, title="Later", hours=30, score=0.9)

    assert world.group() == GroupReport(opened=0, extended=1)

    lead = world.lead()
    assert lead.status is status
    assert world.leads() == [{"plant", "pick"}]
    if status is not LeadStatus.SNOOZED:
        assert (lead.title, lead.score) == ("Eerste", 0.5), "the page shows what was decided on"


def test_news_of_a_merged_lead_goes_where_it_was_merged_into(world):
    world.add("plant", ORCHARD)
    world.add("bus", BUS, municipality=RHEDEN, hours=1)
    world.group()
    world.decide(1, LeadStatus.MERGED, merged_into_id=2)
    world.add("pick", ORCHARD_LATER, hours=30)

    world.group()

    assert world.leads() == [{"plant"}, {"bus", "pick"}]


@pytest.mark.parametrize("status", [LeadStatus.EXPIRED, LeadStatus.WITHDRAWN])
def test_news_about_a_lead_that_is_over_opens_a_new_one(world, status):
    world.add("plant", ORCHARD)
    world.group()
    world.decide(1, status)
    world.add("pick", ORCHARD_LATER, hours=24 * 40)

    world.group()

    assert world.leads() == [{"plant"}, {"pick"}]


def test_a_rejected_lead_that_was_purged_takes_its_copies_and_stays_blank(world):
    plant = world.add("plant", ORCHARD, title="Fruitbomen")
    world.group()
    world.decide(1, LeadStatus.REJECTED, title="", snippet="", purged_at=NOW)
    with world.sessions() as session:
        session.execute(delete(ItemText).where(ItemText.item_id == plant))
        session.commit()
    world.add("copy", ORCHARD, title="Fruitbomen", hours=200)

    world.group()

    assert world.leads() == [{"plant", "copy"}]
    assert world.lead().title == ""


def test_a_changed_item_stays_in_its_lead_and_gives_it_its_new_score(world):
    plant = world.add("plant", ORCHARD, score=0.9)
    world.group()
    world.change(plant, BUS, score=0.2, flagged=False)

    assert world.group() == GroupReport(opened=0, extended=0)

    assert world.leads() == [{"plant"}]
    assert world.lead().score == 0.2
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ItemSketch)) == 1


def test_a_changed_item_is_found_by_its_new_text(world):
    plant = world.add("plant", ORCHARD)
    world.group()
    world.change(plant, BUS, score=0.8)
    world.group()
    world.add("bus", BUS, hours=2)
    world.add("pick", ORCHARD_LATER, hours=3)

    world.group()

    assert world.leads() == [{"plant", "bus"}, {"pick"}]


def test_what_a_changed_item_said_before_attracts_nothing_more(world):
    plant = world.add("plant", ORCHARD)
    world.group()
    world.change(plant, BUS, score=0.8)
    world.add("pick", ORCHARD_LATER, hours=3)

    world.group()

    assert world.leads() == [{"plant"}, {"pick"}]


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"purged_at": NOW}, id="purged"),
        pytest.param({"grouped_hash": "old-1"}, id="grouped before"),
    ],
)
def test_items_that_do_not_wait_are_left_alone(world, columns):
    world.add("old", ORCHARD, **columns)

    assert world.group() == GroupReport(opened=0, extended=0)


def test_an_item_whose_estimate_is_of_an_older_text_waits(world):
    plant = world.add("plant", ORCHARD)
    with world.sessions() as session:
        session.get(Item, plant).content_hash = "newer"
        session.commit()

    assert world.group() == GroupReport(opened=0, extended=0)
    assert world.leads() == []


def test_only_keyed_hashes_of_names_are_kept(world):
    world.add("plant", ORCHARD)
    world.group()

    with world.sessions() as session:
        row = session.scalars(select(ItemSketch)).one()

    assert row.names
    assert all(name.isdigit() for name in row.names)
    kept = b"".join([row.minhash, row.shingles, row.terms, row.weights]) + str(row.names).encode()
    assert b"ruitgaard" not in kept


def test_progress_counts_the_items(world):
    world.add("plant", ORCHARD)
    world.add("bus", BUS, municipality=RHEDEN)
    seen = []

    group(world.settings, progress=lambda *step: seen.append(step))

    assert seen == [("group", 1, 2), ("group", 2, 2)]


@pytest.mark.parametrize("after", [1, 7, 20])
def test_killed_and_run_again_it_ends_as_an_undisturbed_run(world, after):
    texts = [ORCHARD, ORCHARD_LATER, BUS]
    for number in range(24):
        text = texts[number % 3] + f" Bericht {number // 3} van de redactie."
        municipality = RHEDEN if number % 3 == 2 else ARNHEM
        world.add(f"i{number}", text, hours=number % 5, score=0.5 + number / 100, municipality=municipality)
    world.group_until_killed(after)

    world.group()
    with world.sessions() as session:
        after_kill = describe(session)
        for table in (LeadItem, Lead, ItemSketch):
            session.execute(delete(table))
        session.execute(update(Item).values(grouped_hash=None))
        session.commit()
    world.group()
    with world.sessions() as session:
        undisturbed = describe(session)

    assert after_kill == undisturbed
    assert len(undisturbed) == 2
    assert sum(len(members) for members, *_ in undisturbed) == 24


def describe(session):
    """Leads without times and numbers; fails when an item stands in two."""
    members = {}
    for lead_id, name, why in session.execute(
        select(LeadItem.lead_id, Item.external_key, LeadItem.why).join(Item, Item.id == LeadItem.item_id)
    ):
        members.setdefault(lead_id, set()).add((name, why))
    names = [name for found in members.values() for name, _ in found]
    assert len(names) == len(set(names))
    return sorted(
        (sorted(members[lead.id]), lead.title, lead.snippet, lead.score, lead.municipality_code)
        for lead in session.scalars(select(Lead))
    )

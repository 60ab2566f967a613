"""Round-ups: an article about several initiatives feeds the lead of each, and glues none together."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from models.item import Item
from models.item_section import ItemSection
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.store.leads import get_lead
from models.store.purge import purge
from models.store.viewer import OPERATOR
from models.words import LeadStatus
from scout.group.stage import GroupReport
from tests.scout.group_world import ARNHEM, BUS, NOW, ORCHARD, ORCHARD_LATER, RHEDEN, World

pytestmark = pytest.mark.both_databases

KITCHEN = (
    "In Klarendal koken vier buren elke donderdag soep voor wie alleen eet. Stichting De Soeplepel "
    "zoekt nog borden en een koelkast voor de gemeenschapsruimte van de flat."
)
FRUIT = ("Fruitgaard", ORCHARD_LATER, ARNHEM, 0.6)
SOUP = ("Soep in Klarendal", KITCHEN, ARNHEM, 0.7)
RIDE = ("Buurtbus", BUS, RHEDEN, 0.5)


@pytest.fixture
def world(engine, settings):
    """Adds items with their estimates, runs the stage, and shows what came of it."""
    return World(engine, settings)


def test_a_round_up_stands_in_several_leads_each_with_what_is_said_of_it(world):
    world.add_round_up("brief", FRUIT, SOUP, RIDE, score=0.9)

    assert world.group() == GroupReport(opened=3, extended=0)

    assert world.leads() == [{"brief"}, {"brief"}, {"brief"}]
    shown = [world.lead(number) for number in (1, 2, 3)]
    assert [(lead.title, lead.snippet, lead.municipality_code, lead.score) for lead in shown] == [
        ("Fruitgaard", ORCHARD_LATER[:50], ARNHEM, 0.6),
        ("Soep in Klarendal", KITCHEN[:50], ARNHEM, 0.7),
        ("Buurtbus", BUS[:50], RHEDEN, 0.5),
    ]
    assert [lead.initiative_name for lead in shown] == ["Fruitgaard", "Soep in Klarendal", "Buurtbus"]
    with world.sessions() as session:
        assert get_lead(session, OPERATOR, 2).evidence[0]["reason"] == "Soep in Klarendal"


def test_a_section_without_heading_gives_its_first_words_as_title(world):
    world.add_round_up("brief", ("", KITCHEN, ARNHEM, 0.7), RIDE)

    world.group()

    assert world.lead(1).title == "In Klarendal koken vier buren elke donderdag soep voor wie alleen eet. …"


def test_a_round_up_joins_known_leads_and_glues_none_together(world):
    world.add("plant", ORCHARD, title="Dertig fruitbomen", score=0.9)
    world.add("bus", BUS, municipality=RHEDEN, hours=1)
    world.add_round_up("brief", FRUIT, SOUP, RIDE, hours=2)
    world.add("soup", KITCHEN + " Wie een pan over heeft kan hem brengen.", hours=3)
    world.add("ride", BUS + " De bus rijdt ook op zondag.", municipality=RHEDEN, hours=4)

    assert world.group() == GroupReport(opened=3, extended=4)

    assert world.leads() == [{"plant", "brief"}, {"bus", "brief", "ride"}, {"brief", "soup"}]
    assert world.lead(1).title == "Dertig fruitbomen"
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ItemSection)) == 3


def test_sections_about_one_initiative_stand_in_one_lead(world):
    later = ("Nog eens", KITCHEN + " Neem een eigen kom mee.", ARNHEM, 0.9)
    world.add_round_up("brief", SOUP, RIDE, later)

    assert world.group() == GroupReport(opened=2, extended=0)
    assert world.leads() == [{"brief"}, {"brief"}]
    assert world.lead(1).title == "Nog eens", "its best section"


def test_the_same_round_up_elsewhere_opens_nothing(world):
    world.add_round_up("brief", FRUIT, SOUP, RIDE)
    world.add_round_up("copy", FRUIT, SOUP, RIDE, hours=5)

    assert world.group() == GroupReport(opened=3, extended=3)
    assert world.leads() == [{"brief", "copy"}] * 3


def test_a_second_run_changes_nothing(world):
    world.add("plant", ORCHARD)
    world.add_round_up("brief", FRUIT, SOUP, hours=1)
    world.group()
    versions = [world.lead(number).version for number in (1, 2)]

    assert world.group() == GroupReport(opened=0, extended=0)
    assert [world.lead(number).version for number in (1, 2)] == versions


def test_a_changed_round_up_keeps_its_leads_and_opens_one_for_what_is_new(world):
    item = world.add_round_up("brief", FRUIT, SOUP)
    world.group()
    better = ("Soep, nu ook op maandag", KITCHEN + " Op maandag is er nu ook soep.", ARNHEM, 0.9)
    world.change_round_up(item, RIDE, better, FRUIT)

    assert world.group() == GroupReport(opened=1, extended=0)

    assert world.leads() == [{"brief"}] * 3
    assert [world.lead(number).title for number in (1, 2, 3)] == [
        "Fruitgaard",
        "Soep, nu ook op maandag",
        "Buurtbus",
    ]
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ItemSection)) == 3
    assert world.group() == GroupReport(opened=0, extended=0)


def test_a_section_that_is_gone_leaves_its_lead_without_the_words_that_went(world):
    item = world.add_round_up("brief", FRUIT, SOUP)
    world.group()
    world.change_round_up(item, SOUP)

    assert world.group() == GroupReport(opened=0, extended=0)

    assert world.leads() == [{"brief"}, {"brief"}]
    assert [world.lead(number).title for number in (1, 2)] == ["Kort nieuws", "Soep in Klarendal"]
    assert world.lead(1).snippet == ""
    world.add("pick", ORCHARD_LATER, hours=3)
    world.group()
    assert world.leads() == [{"brief"}, {"brief"}, {"pick"}], "what it said before attracts nothing more"


def test_a_round_up_that_becomes_one_text_stays_in_its_leads_and_tells_of_one(world):
    item = world.add_round_up("brief", FRUIT, SOUP)
    world.group()
    world.change(item, KITCHEN + " Er staan drie pannen op het vuur.", score=0.95)

    assert world.group() == GroupReport(opened=0, extended=0)

    assert world.leads() == [{"brief"}, {"brief"}]
    assert [world.lead(number).score for number in (1, 2)] == [0.6, 0.95]
    world.add("soup", KITCHEN, hours=2)
    world.group()
    assert world.leads() == [{"brief"}, {"brief", "soup"}]


def test_one_text_that_becomes_a_round_up_stays_in_its_lead(world):
    item = world.add("brief", KITCHEN)
    world.group()
    world.change_round_up(item, RIDE, SOUP)

    assert world.group() == GroupReport(opened=1, extended=0)

    assert world.leads() == [{"brief"}, {"brief"}]
    assert [world.lead(number).title for number in (1, 2)] == ["Soep in Klarendal", "Buurtbus"]


def test_a_decided_lead_takes_a_section_in_silence(world):
    world.add("plant", ORCHARD, title="Eerste", score=0.5)
    world.group()
    world.decide(1, LeadStatus.PROMOTED, decided_at=NOW)
    world.add_round_up("brief", SOUP, ("Fruit", ORCHARD_LATER, ARNHEM, 0.99), hours=3)

    assert world.group() == GroupReport(opened=1, extended=1)

    assert world.leads() == [{"plant", "brief"}, {"brief"}]
    assert (world.lead(1).title, world.lead(1).score) == ("Eerste", 0.5)


def test_without_its_text_a_round_up_is_grouped_as_a_whole(world):
    item = world.add_round_up("brief", FRUIT, SOUP, title="Kort nieuws")
    with world.sessions() as session:
        session.execute(delete(ItemText).where(ItemText.item_id == item))
        session.commit()

    world.group()

    assert world.leads() == [{"brief"}]


def test_purging_takes_what_was_said_of_sections_and_leaves_what_grouping_needs(world):
    world.add_round_up("brief", FRUIT, SOUP)
    world.group()
    world.decide(2, LeadStatus.KNOWN, decided_at=NOW)
    with world.sessions() as session:
        assert purge(session, world.settings, now=NOW + timedelta(days=31)).leads == 2
        assert session.scalars(select(Prediction.sections)).all() == [[]]
        kept = [row.names for row in session.scalars(select(ItemSection))]
    assert len(kept) == 2
    assert "oeplepel" not in str(kept)
    world.add("soup", KITCHEN, hours=24 * 32)

    world.group()

    assert world.leads() == [{"brief"}, {"brief", "soup"}], "known already, and still known"


@pytest.mark.parametrize("after", [1, 4, 8])
def test_killed_and_run_again_it_ends_as_an_undisturbed_run(world, after):
    for number in range(10):
        parts = [(name, f"{text} Aflevering {number}.", *rest) for name, text, *rest in (FRUIT, SOUP, RIDE)]
        world.add_round_up(f"r{number}", *(parts[: 2 + number % 2]), hours=number % 4)
    world.group_until_killed(after)

    world.group()
    with world.sessions() as session:
        after_kill = describe(session)
        for table in (LeadItem, ItemSection, Lead, ItemSketch):
            session.execute(delete(table))
        session.execute(update(Item).values(grouped_hash=None))
        session.commit()
    world.group()
    with world.sessions() as session:
        undisturbed = describe(session)

    assert after_kill == undisturbed
    assert [(title, len(members)) for title, members in undisturbed] == [
        ("Buurtbus", 5),
        ("Fruitgaard", 10),
        ("Soep in Klarendal", 10),
    ]


def describe(session):
    """Title and sections of each lead, without times and numbers of leads."""
    found = {}
    for title, name, number in session.execute(
        select(Lead.title, Item.external_key, ItemSection.number)
        .join(ItemSection, ItemSection.lead_id == Lead.id)
        .join(Item, Item.id == ItemSection.item_id)
        .join(LeadItem, (LeadItem.lead_id == Lead.id) & (LeadItem.item_id == Item.id))
    ):
        found.setdefault(title, []).append((name, number))
    return sorted((title, sorted(members)) for title, members in found.items())

"""What a person merged or split is respected for ever by grouping."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import Account
from models.item import Item
from models.lead import Lead
from models.store.decisions import undo
from models.store.leads_apart import apart_from
from models.store.leads_hand import merge_leads, split_lead
from models.store.purge import purge
from models.store.viewer import Viewer
from models.words import LeadStatus, Role
from scout.group.stage import GroupReport
from tests.scout.group_world import ARNHEM, BUS, NOW, ORCHARD, ORCHARD_LATER, RHEDEN, World

pytestmark = pytest.mark.both_databases

ORCHARD_NEWS = ORCHARD_LATER + " Neem een mand mee."


@pytest.fixture
def world(engine, settings):
    """Adds items, runs the stage, merges and splits."""
    return WorldWithHands(engine, settings)


class WorldWithHands(World):
    def __init__(self, engine, settings):
        super().__init__(engine, settings)
        with self.sessions() as session:
            account = Account(
                email="ada@voorbeeld.example", password="-", fs_uniquifier="ada", created_at=NOW
            )
            session.add(account)
            session.commit()
            self.ada = Viewer(account_id=account.id, name="Ada", roles=frozenset({Role.REVIEWER}))

    def merge(self, lead_id, into_id):
        with self.sessions() as session:
            versions = {lead.id: lead.version for lead in session.scalars(select(Lead))}
            decision = merge_leads(
                session,
                lead_id,
                into_id,
                viewer=self.ada,
                version=versions[lead_id],
                into_version=versions[into_id],
            )
            session.commit()
            return decision.id

    def split(self, lead_id, *names):
        with self.sessions() as session:
            ids = session.scalars(select(Item.id).where(Item.external_key.in_(names))).all()
            version = session.get(Lead, lead_id).version
            split = split_lead(session, lead_id, ids, viewer=self.ada, version=version)
            session.commit()
            return split.decision.id

    def undo(self, decision_id):
        with self.sessions() as session:
            undo(session, decision_id, viewer=self.ada)
            session.commit()


def test_news_of_a_merged_lead_goes_where_it_went_through_chains(world):
    world.add("plant", ORCHARD)
    world.add("bus", BUS, municipality=RHEDEN, hours=1)
    world.add("third", "Kaartclub De Zwarte Schoppen kaart in Dieren.", municipality=RHEDEN, hours=2)
    world.group()
    world.merge(1, 2)
    world.merge(2, 3)
    world.add("pick", ORCHARD_LATER, hours=30)
    world.add("ride", BUS + " Ook op zondag.", municipality=RHEDEN, hours=31)

    assert world.group() == GroupReport(opened=0, extended=2)

    assert world.leads() == [set(), set(), {"plant", "bus", "third", "pick", "ride"}]


def test_after_undoing_a_merge_news_goes_to_each_again(world):
    world.add("plant", ORCHARD)
    world.add("bus", BUS, municipality=RHEDEN, hours=1)
    world.group()
    world.undo(world.merge(1, 2))
    world.add("pick", ORCHARD_LATER, hours=30)
    world.add("ride", BUS + " Ook op zondag.", municipality=RHEDEN, hours=31)

    world.group()

    assert world.leads() == [{"plant", "pick"}, {"bus", "ride"}]


def test_what_was_split_stays_apart_and_news_joins_the_better_one(world):
    world.add("plant", ORCHARD)
    world.add("pick", ORCHARD_LATER, hours=20)
    world.group()
    world.split(1, "pick")
    world.add("copy", ORCHARD, hours=30)
    world.add("news", ORCHARD_NEWS, hours=31)

    assert world.group() == GroupReport(opened=0, extended=2)

    assert world.leads() == [{"plant", "copy"}, {"pick", "news"}]


def test_a_changed_item_stays_where_a_person_put_it(world):
    world.add("plant", ORCHARD)
    pick = world.add("pick", ORCHARD_LATER, hours=20)
    world.group()
    world.split(1, "pick")
    world.change(pick, ORCHARD, score=0.9)

    world.group()

    assert world.leads() == [{"plant"}, {"pick"}]


@pytest.mark.parametrize("purged", [False, True])
def test_news_never_rejoins_what_it_was_split_from_when_its_own_lead_is_over(world, purged):
    world.add("plant", ORCHARD)
    world.add("pick", ORCHARD_LATER, hours=20)
    world.group()
    world.split(1, "pick")
    world.decide(1, LeadStatus.KNOWN, decided_at=NOW + timedelta(days=30))
    world.decide(2, LeadStatus.EXPIRED)
    if purged:
        with world.sessions() as session:
            purge(session, world.settings, now=NOW + timedelta(days=31))
    world.add("news", ORCHARD_NEWS, hours=24 * 35)

    assert world.group() == GroupReport(opened=1, extended=0)

    assert world.leads() == [{"plant"}, {"pick"}, {"news"}]
    with world.sessions() as session:
        assert set(apart_from(session, 3)) == {1}, "what goes on is kept apart as well"


def test_without_a_split_news_of_a_lead_that_is_over_may_join_another(world):
    """The same as above, and nobody said that they differ."""
    world.add("plant", ORCHARD)
    world.group()
    world.add("pick", ORCHARD_LATER, hours=20)
    world.group()
    world.decide(1, LeadStatus.KNOWN)
    world.add("news", ORCHARD_NEWS, hours=24 * 35)

    world.group()

    assert world.leads() == [{"plant", "pick", "news"}]


def test_a_split_put_together_again_takes_news_as_one(world):
    world.add("plant", ORCHARD)
    world.add("pick", ORCHARD_LATER, hours=20)
    world.group()
    world.undo(world.split(1, "pick"))
    world.add("news", ORCHARD_NEWS, hours=31)

    world.group()

    assert world.leads() == [{"plant", "pick", "news"}, set()]


def test_a_round_up_follows_what_was_split_and_merged(world):
    world.add("plant", ORCHARD)
    world.add("bus", BUS, municipality=RHEDEN, hours=1)
    world.add_round_up("brief", ("Fruit", ORCHARD_LATER, ARNHEM, 0.6), ("Bus", BUS, RHEDEN, 0.6), hours=2)
    world.group()
    assert world.leads() == [{"plant", "brief"}, {"bus", "brief"}]
    world.split(1, "brief")
    assert world.leads() == [{"plant"}, {"bus", "brief"}, {"brief"}]
    assert world.lead(3).title == "Fruit"
    world.add("news", ORCHARD_NEWS, hours=30)
    world.group()
    assert world.leads() == [{"plant"}, {"bus", "brief"}, {"brief", "news"}]

    merged = world.merge(3, 2)
    assert world.leads() == [{"plant"}, {"bus", "brief", "news"}, set()]
    world.undo(merged)

    assert world.leads() == [{"plant"}, {"bus", "brief"}, {"brief", "news"}]
    world.add("ride", BUS + " Ook op zondag.", municipality=RHEDEN, hours=31)
    world.group()
    assert world.leads() == [{"plant"}, {"bus", "brief", "ride"}, {"brief", "news"}]

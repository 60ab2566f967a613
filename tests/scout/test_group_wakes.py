"""Snoozed leads come back with the stage ``group``: on their day, or when an item joins them."""

from datetime import timedelta

import pytest

from models.store.casework import Woken, wakes_of
from models.words import LeadStatus
from scout.group.stage import GroupReport
from tests.scout.group_world import BUS, NOW, ORCHARD, ORCHARD_LATER, World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(engine, settings):
    """Adds items and runs the stage; the first item is in a lead already, one of another kind too."""
    made = World(engine, settings)
    made.add("orchard", ORCHARD, hours=-1)
    made.add("bus", BUS, score=0.9)
    made.group()
    return made


def woken(world, lead_id=1):
    with world.sessions() as session:
        return [one.why for one in wakes_of(session, lead_id)]


def test_news_wakes_the_lead_that_waits_for_it(world):
    world.decide(1, LeadStatus.SNOOZED, wake_on_news=True, snoozed_until=NOW + timedelta(days=9))
    world.add("later", ORCHARD_LATER, hours=24)

    assert world.group() == GroupReport(opened=0, extended=1)

    lead = world.lead()
    assert (lead.status, lead.woken_at, lead.snoozed_until, lead.wake_on_news) == (
        LeadStatus.OPEN,
        NOW,
        None,
        False,
    )
    assert lead.precedence < 0, "it has its place in the queue again"
    assert woken(world) == [Woken.NEWS]


def test_news_leaves_a_lead_that_waits_for_a_day(world):
    world.decide(1, LeadStatus.SNOOZED, snoozed_until=NOW + timedelta(days=9))
    world.add("later", ORCHARD_LATER, hours=24)

    assert world.group() == GroupReport(opened=0, extended=1)

    assert (world.lead().status, woken(world)) == (LeadStatus.SNOOZED, [])


def test_what_changes_in_an_item_it_had_is_no_news(world):
    world.decide(1, LeadStatus.SNOOZED, wake_on_news=True)
    world.change(1, ORCHARD + " Zaterdag is er soep.", score=0.8)

    world.group()

    assert world.lead().snippet, "it follows its item"
    assert (world.lead().status, woken(world)) == (LeadStatus.SNOOZED, [])


def test_a_lead_comes_back_on_its_day_also_when_nothing_came_in(world):
    world.decide(1, LeadStatus.SNOOZED, snoozed_until=NOW)
    world.decide(2, LeadStatus.SNOOZED, snoozed_until=NOW + timedelta(minutes=1))

    world.group()
    world.group()

    assert [world.lead(number).status for number in (1, 2)] == [LeadStatus.OPEN, LeadStatus.SNOOZED]
    assert world.lead().precedence < 0
    assert woken(world) == [Woken.DATE]

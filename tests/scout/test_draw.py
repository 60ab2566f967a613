"""Items below the threshold that are drawn for review: who, with what, and what becomes of them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from models.database import session_factory
from models.item import Item
from models.item_features import ItemFeatures
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.store.purge import purge
from models.words import LeadStatus
from scout.classify.hashing import unpack
from scout.classify.model import load_model
from scout.draw import chance_of, is_drawn
from scout.flag import flag
from scout.group.stage import GroupReport, group

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOTICE = (
    "De gemeente legt het ontwerp voor de Drie Gasthuizen in Klarendal ter inzage. U kunt tot en met 14 "
    "december een zienswijze indienen via het formulier op de site, of een afspraak maken aan de balie van "
    "het stadhuis. De stukken liggen daar elke werkdag van negen tot vijf."
)
ORCHARD = (
    "Op het veldje achter de Drie Gasthuizen in Klarendal staan sinds zaterdag dertig fruitbomen. Bewoners "
    "van Klarendal plantten ze zelf, met schoppen van de volkstuin. Stichting Fruitgaard Klarendal zoekt "
    "mensen die snoeien."
)


def all_drawn(settings, **more):
    """Settings by which every item below the threshold is drawn, near it for certain, else nearly so."""
    return settings.model_copy(update={"draw_near": 1.0, "draw_far": 0.999999, **more})


@pytest.fixture
def trained(trained, engine):
    """Settings with a model, and the database of the test's engine."""
    return trained.model_copy(update={"database_url": engine.url.render_as_string(hide_password=False)})


def rows(engine, table):
    with session_factory(engine, writes=False)() as session:
        return session.scalars(select(table)).all()


def test_near_the_threshold_more_are_drawn_than_far_below(settings):
    near, far = chance_of(0.03, 0.1, settings), chance_of(0.01, 0.1, settings)

    assert (near, far) == (settings.draw_near, settings.draw_far)
    for chance in (near, far, 0.0, 1.0):
        drawn = sum(is_drawn(b"secret", f"url-{number}", chance) for number in range(20_000))
        assert drawn == pytest.approx(20_000 * chance, abs=5 * (20_000 * chance * (1 - chance)) ** 0.5)


def test_who_is_drawn_depends_on_the_address_and_the_secret_alone():
    def drawn(secret, chance=0.2):
        return {number for number in range(500) if is_drawn(secret, f"url-{number}", chance)}

    assert drawn(b"one") == drawn(b"one") != drawn(b"other")
    assert drawn(b"one") < drawn(b"one", chance=0.4)


@pytest.mark.both_databases
def test_a_drawn_item_gets_a_snippet_its_chance_and_a_lead_and_keeps_its_features(trained, engine, add_item):
    notice = add_item(NOTICE)

    report = flag(all_drawn(trained), now=NOW)
    grouped = group(trained, now=NOW)

    assert (report.scored, report.flagged, report.drawn) == (1, 0, 1)
    (prediction,) = rows(engine, Prediction)
    assert not prediction.flagged
    assert prediction.drawn == chance_of(prediction.score, load_model(trained).threshold, all_drawn(trained))
    assert 40 < len(prediction.snippet) <= 150
    assert prediction.snippet in NOTICE
    assert prediction.evidence == []
    (kept,) = rows(engine, ItemFeatures)
    model = load_model(trained)
    assert model.logit(model.space.row(unpack(kept.features))) < 0
    assert grouped == GroupReport(opened=1, extended=0)
    (lead,) = rows(engine, Lead)
    assert (lead.status, lead.drawn) == (LeadStatus.OPEN, prediction.drawn)
    assert (lead.title, lead.snippet) == ("Nieuws uit de wijk", prediction.snippet)
    assert [row.item_id for row in rows(engine, LeadItem)] == [notice]


def test_of_what_is_not_drawn_nothing_more_is_kept(trained, engine, add_item):
    add_item(NOTICE)

    report = flag(all_drawn(trained, draw_near=0.0, draw_far=0.0), now=NOW)

    assert report.drawn == 0
    (prediction,) = rows(engine, Prediction)
    assert (prediction.drawn, prediction.snippet) == (None, "")
    assert rows(engine, ItemFeatures) == []
    assert group(trained, now=NOW) == GroupReport(opened=0, extended=0)


def test_an_item_without_a_word_is_not_worth_a_look(trained, engine, add_item):
    add_item("🙂 … !!", title="")

    assert flag(all_drawn(trained), now=NOW).drawn == 0


@pytest.mark.both_databases
def test_flagged_and_grouped_again_it_is_the_same_draw_and_the_same_lead(trained, engine, add_item):
    for _ in range(3):
        add_item(NOTICE.replace("Drie", "Vier"), title="Ter inzage")
    half = all_drawn(trained, draw_near=0.5, draw_far=0.5)

    def drawn_now():
        with session_factory(engine)() as session:
            session.execute(update(Item).values(flagged_hash=None, grouped_hash=None))
            session.commit()
        flag(half, now=NOW)
        group(half, now=NOW)
        leads = {row.item_id: row.lead_id for row in rows(engine, LeadItem)}
        return {row.item_id for row in rows(engine, Prediction) if row.drawn is not None}, leads

    first = drawn_now()

    assert drawn_now() == first
    assert set(first[1]) == first[0]


@pytest.mark.both_databases
def test_a_flagged_item_that_joins_makes_a_drawn_lead_an_ordinary_one(trained, engine, add_item):
    first = add_item(ORCHARD)
    flag(trained, now=NOW)
    with session_factory(engine)() as session:
        # As a weaker model would have left it.
        session.execute(update(Prediction).values(flagged=False, drawn=0.03))
        session.commit()
    group(trained, now=NOW)
    (lead,) = rows(engine, Lead)
    assert lead.drawn == 0.03

    second = add_item(ORCHARD + " Koffie is er ook.")
    flag(trained, now=NOW)

    assert group(trained, now=NOW) == GroupReport(opened=0, extended=1)
    (lead,) = rows(engine, Lead)
    assert lead.drawn is None
    assert {row.item_id for row in rows(engine, LeadItem)} == {first, second}


def test_a_drawn_item_that_joins_an_ordinary_lead_changes_nothing_about_it(trained, engine, add_item):
    add_item(ORCHARD)
    flag(trained, now=NOW)
    group(trained, now=NOW)
    add_item(ORCHARD + " Koffie is er ook.")
    flag(trained, now=NOW)
    with session_factory(engine)() as session:
        session.execute(update(Prediction).where(Prediction.item_id == 2).values(flagged=False, drawn=0.03))
        session.commit()

    assert group(trained, now=NOW) == GroupReport(opened=0, extended=1)
    (lead,) = rows(engine, Lead)
    assert lead.drawn is None


def test_a_drawn_lead_nobody_looked_at_goes_like_any_other(trained, engine, add_item):
    add_item(NOTICE)
    flag(all_drawn(trained), now=NOW)
    group(trained, now=NOW)

    with session_factory(engine)() as session:
        purge(session, trained, now=NOW + timedelta(days=31))

    (lead,), (prediction,) = rows(engine, Lead), rows(engine, Prediction)
    assert (lead.status, lead.title, lead.snippet) == (LeadStatus.EXPIRED, "", "")
    assert prediction.snippet == ""
    assert rows(engine, ItemText) == []
    assert lead.drawn == prediction.drawn is not None


def test_an_item_in_a_lead_keeps_its_features_when_it_changes_into_something_unlikely(
    trained, engine, add_item
):
    """Somebody may be about to decide on it, and a decision is a label."""
    item = add_item(ORCHARD)
    flag(trained, now=NOW)
    group(trained, now=NOW)
    with session_factory(engine)() as session:
        session.execute(update(Item).values(content_hash="changed"))
        session.execute(update(ItemText).values(text=NOTICE))
        session.commit()

    report = flag(trained, now=NOW)

    assert (report.flagged, report.drawn) == (0, 0)
    assert [row.item_id for row in rows(engine, ItemFeatures)] == [item]

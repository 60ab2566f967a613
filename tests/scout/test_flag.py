"""The stage ``flag``: an estimate for every new or changed item, once."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from models.database import session_factory
from models.item import Item
from models.item_features import ItemFeatures
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.settings import load_settings
from scout.classify import model_card
from scout.classify.hashing import unpack
from scout.classify.model import load_model
from scout.classify.pipeline import Recogniser, Text, score_of
from scout.flag import FlagReport, flag

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GARDEN = (
    "Achter de flat zijn bewoners zelf een moestuin begonnen. Buren bouwen zaterdag de kas en zoeken nog "
    "vrijwilligers. Het oude hek gaat naar de stort, zegt een voorbijganger. De markt was woensdag drukker "
    "dan anders en het weer blijft voorlopig wisselvallig."
)
NOTICE = (
    "De gemeente legt het ontwerp ter inzage. U kunt een zienswijze indienen via het formulier op de site."
)


@pytest.fixture
def trained(trained, engine):
    """Settings with a model, and the database of the test's engine."""
    if engine.dialect.name == "sqlite":
        return trained
    url = engine.url.render_as_string(hide_password=False)
    return load_settings(var=trained.var, database_url=url, secret_key="only for tests")


def predictions(engine):
    with session_factory(engine, writes=False)() as session:
        return {row.item_id: row for row in session.scalars(select(Prediction).order_by(Prediction.id))}


@pytest.mark.both_databases
def test_an_initiative_is_flagged_with_place_theme_snippet_and_reasons(trained, engine, add_item):
    garden, notice = add_item(GARDEN), add_item(NOTICE)

    report = flag(trained, now=NOW)

    found = predictions(engine)
    assert report == FlagReport(scored=2, flagged=1)
    assert found[garden].flagged
    assert not found[notice].flagged
    assert found[garden].score > found[notice].score
    assert found[garden].model_version == model_card(trained)["version"]
    assert found[garden].made_at == NOW
    # The text names no place: the source's municipality stands in.
    assert found[garden].municipality_code == "GM0202"
    assert found[garden].theme in {"groen", "voedsel"}
    assert "moestuin begonnen" in found[garden].snippet
    assert len(found[garden].snippet) <= 150
    assert found[garden].evidence
    for reason in found[garden].evidence:
        assert set(reason) == {"reason", "start", "end", "weight"}
        assert reason["start"] is None or reason["end"] <= len(found[garden].snippet)


def test_of_what_is_not_flagged_neither_text_nor_features_are_kept(trained, engine, add_item):
    garden, notice = add_item(GARDEN), add_item(NOTICE)

    flag(trained)

    found = predictions(engine)
    assert (found[notice].snippet, found[notice].evidence) == ("", [])
    with session_factory(engine, writes=False)() as session:
        kept = {row.item_id: row for row in session.scalars(select(ItemFeatures))}
    assert list(kept) == [garden]
    model = load_model(trained)
    # Kept features replay the first stage's score after the text is gone; the encoder would need the text.
    (alone,) = Recogniser(model).judge([Text("Nieuws uit de wijk", GARDEN)])
    assert score_of(model.logit(model.space.row(unpack(kept[garden].features)))) == alone.score


def test_a_second_run_finds_nothing_to_do(trained, engine, add_item):
    add_item(GARDEN)
    flag(trained, now=NOW)

    assert flag(trained) == FlagReport(scored=0, flagged=0)
    assert len(predictions(engine)) == 1


def test_a_changed_item_is_judged_again_and_a_purged_one_never(trained, engine, add_item):
    changed, purged = add_item(NOTICE), add_item(GARDEN, purged_at=NOW)
    flag(trained)
    with session_factory(engine)() as session:
        session.execute(update(Item).where(Item.id == changed).values(content_hash="new"))
        session.execute(update(ItemText).where(ItemText.item_id == changed).values(text=GARDEN))
        session.commit()

    report = flag(trained)

    assert report == FlagReport(scored=1, flagged=1)
    with session_factory(engine, writes=False)() as session:
        rows = session.scalars(select(Prediction).order_by(Prediction.id)).all()
        item = session.get(Item, changed)
    assert [(row.item_id, row.flagged) for row in rows] == [(changed, False), (changed, True)]
    assert item.flagged_hash == "new"
    assert purged not in {row.item_id for row in rows}


def test_an_item_without_text_is_judged_by_its_title(trained, engine, add_item):
    number = add_item(None, title="Bewoners beginnen zelf een moestuin achter de flat")

    flag(trained)

    assert predictions(engine)[number].snippet == "Bewoners beginnen zelf een moestuin achter de flat"


def test_progress_is_told_up_to_the_end(trained, add_item):
    for _ in range(3):
        add_item(NOTICE)
    told = []

    flag(trained, progress=lambda stage, done, total: told.append((stage, done, total)))

    assert told[-1] == ("flag", 3, 3)


def test_again_judges_items_of_open_leads_with_the_present_model(trained, engine, add_item):
    garden, other = add_item(GARDEN), add_item(GARDEN)
    flag(trained)
    with session_factory(engine)() as session:
        session.execute(update(Prediction).values(model_version="older"))
        session.add(Lead(id=1, title="Moestuin", score=0.9, opened_at=NOW, extended_at=NOW))
        session.flush()
        session.add(LeadItem(lead_id=1, item_id=garden, added_at=NOW))
        session.commit()

    assert flag(trained) == FlagReport(scored=0, flagged=0)
    assert flag(trained, again=True) == FlagReport(scored=1, flagged=1)
    assert flag(trained, again=True) == FlagReport(scored=0, flagged=0)
    with session_factory(engine, writes=False)() as session:
        versions = session.execute(select(Prediction.item_id, Prediction.model_version)).all()
    assert sorted(tuple(row) for row in versions) == sorted(
        [(garden, "older"), (other, "older"), (garden, model_card(trained)["version"])]
    )


SLOW_RUN = """
import sys, time
from pathlib import Path
from models.settings import load_settings
from scout import flag as stage

def slow(word, done, total):
    if word == "flag":
        print(done, flush=True)
        time.sleep(0.2)

stage.BATCH = 50
stage.flag(load_settings(var=Path(sys.argv[1]), secret_key="x"), progress=slow)
"""


def test_a_run_killed_half_way_goes_on_where_it_stopped(trained, engine, add_item):
    numbers = [add_item(GARDEN if n % 10 == 0 else NOTICE) for n in range(450)]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_RUN, str(trained.var)], stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    done = len(predictions(engine))
    assert 50 <= done < 450

    report = flag(trained)

    found = predictions(engine)
    assert sorted(found) == numbers
    assert report.scored == 450 - done
    assert sum(row.flagged for row in found.values()) == 45
    with session_factory(engine, writes=False)() as session:
        assert session.scalar(select(func.count(Prediction.id))) == 450


def test_an_item_that_changes_while_it_is_judged_keeps_waiting(trained, engine, add_item):
    from models.store.predictions import Estimate, save_estimates

    number = add_item(GARDEN)
    with session_factory(engine)() as session:
        stale = Estimate(item_id=number, content_hash="before", score=0.1, flagged=False)

        written = save_estimates(session, [stale], model_version="m", made_at=NOW)
        session.commit()

    assert written == 0
    assert not predictions(engine)
    assert flag(trained) == FlagReport(scored=1, flagged=1)

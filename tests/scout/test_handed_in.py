"""What people hand in walks the same way as everything else, and nothing of it is fetched."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

import scout.handed_in
from models.addresses import address_key
from models.database import session_factory
from models.handed_in import HandedIn
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.run import Run
from models.settings import load_settings
from models.source import Source
from models.store.handed_in import HandIn, checked, hand_in
from models.store.items import account_key, domain_key, url_key
from models.suppression import Suppression
from models.words import Channel, LeadStatus, Outcome
from scout.estimates import HANDED_IN
from scout.flag import flag
from scout.group.stage import group
from scout.handed_in import SOURCE, take_hand_ins
from tests.scout.gather_world import GERMAN, PROSE, World

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOTICE = (
    "De gemeente legt het ontwerp ter inzage. U kunt een zienswijze indienen via het formulier op de site."
)
GROUP = "https://www.facebook.com/groups/1/posts/2"

pytestmark = pytest.mark.both_databases


@pytest.fixture
def trained(trained, engine):
    """Settings with a model, and the database of the test's engine."""
    if engine.dialect.name == "sqlite":
        return trained
    url = engine.url.render_as_string(hide_password=False)
    return load_settings(var=trained.var, database_url=url, secret_key="only for tests")


@pytest.fixture
def bring(engine, settings):
    """Hands things in: ``bring(summary, url=…)``; gives the number."""

    def add(summary=PROSE, **fields):
        one = HandIn(channel=Channel.FORM, summary=summary, **fields)
        with session_factory(engine)() as session:
            row = hand_in(session, checked(one, settings, today=NOW.date()), account_id=None, now=NOW)
            session.commit()
            return row.id

    return add


def take(engine, settings):
    return take_hand_ins(session_factory(engine), settings, now=lambda: NOW)


def everything(engine, table):
    with session_factory(engine, writes=False)() as session:
        return list(session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))


def row_of(engine, number):
    with session_factory(engine, writes=False)() as session:
        return session.get_one(HandedIn, number)


def test_a_hand_in_becomes_an_item_with_its_words_and_the_words_go(engine, settings, bring):
    number = bring(url=GROUP, title="Buurttuin", published_on=date(2026, 11, 20))

    report = take(engine, settings)

    assert (report.outcomes, report.problems) == ({Outcome.NEW: 1}, [])
    (item,) = everything(engine, Item)
    assert (item.source_key, item.url, item.title, item.language) == (SOURCE, GROUP, "Buurttuin", "nl")
    assert item.published_at == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert everything(engine, ItemText)[0].text == PROSE.strip()
    row = row_of(engine, number)
    assert (row.outcome, row.item_id, row.url, row.title, row.summary) == (Outcome.NEW, item.id, "", "", "")


def test_taking_again_does_nothing(engine, settings, bring):
    bring(url=GROUP)
    take(engine, settings)

    report = take(engine, settings)

    assert not report.outcomes
    assert len(everything(engine, Item)) == 1


def test_what_has_no_address_never_gets_one_and_is_known_by_its_first_words(engine, settings, bring):
    bring()
    bring(title="Flyer in de bieb")

    take(engine, settings)

    items = everything(engine, Item)
    assert [item.url for item in items] == ["", ""]
    assert items[0].title.startswith("Bewoners van de wijk leggen samen een buurttuin aan")
    assert items[0].title.endswith(" veldje…")
    assert items[1].title == "Flyer in de bieb"
    assert len({item.url_key for item in items} | {item.external_key for item in items}) == 4


def test_handles_of_others_are_nowhere(engine, settings, bring):
    bring(
        f"@kanarievogel@toot.example schreef: {PROSE} Zie https://toot.example/@kanarievogel",
        url="https://toot.example/@kanarievogel/114567890123456789",
        title="Bericht van @kanarievogel",
    )

    take(engine, settings)

    (item,) = everything(engine, Item)
    assert item.url == "https://toot.example/statuses/114567890123456789"
    told = f"{item.title} {item.url} {everything(engine, ItemText)[0].text} {everything(engine, HandedIn)}"
    assert "kanarievogel" not in told


@pytest.mark.parametrize(
    ("summary", "outcome"),
    [
        pytest.param(GERMAN, Outcome.LANGUAGE, id="another language"),
        pytest.param("\u200b\u200b", Outcome.NO_TEXT, id="nothing that can be seen"),
    ],
)
def test_the_usual_refusals_hold_and_are_told(engine, settings, bring, summary, outcome):
    number = bring(summary)

    take(engine, settings)

    assert row_of(engine, number).outcome is outcome
    assert row_of(engine, number).summary == ""
    assert everything(engine, Item) == []


@pytest.mark.parametrize("by", ["url", "domain"])
def test_what_somebody_objected_to_never_comes_back(engine, settings, bring, by):
    secret = settings.effective_secret_key
    key = url_key(secret, address_key(GROUP)) if by == "url" else domain_key(secret, "facebook.com")
    with session_factory(engine)() as session:
        session.add(Suppression(key=key, kind=by, added_at=NOW, why="objection"))
        session.commit()
    number = bring(url=GROUP)

    take(engine, settings)

    assert row_of(engine, number).outcome is Outcome.SUPPRESSED
    assert everything(engine, Item) == []


def test_an_address_that_is_there_points_to_its_item_and_changes_nothing(engine, settings, bring):
    first = bring(url=GROUP, title="De eerste")
    take(engine, settings)
    before = everything(engine, Item)[0]
    again = bring(NOTICE, url="http://facebook.com/groups/1/posts/2/", title="Iemand anders")

    report = take(engine, settings)

    assert report.outcomes == {Outcome.DUPLICATE: 1}
    (item,) = everything(engine, Item)
    assert (item.title, item.content_hash) == ("De eerste", before.content_hash)
    assert row_of(engine, again).item_id == row_of(engine, first).item_id == item.id


def test_it_reaches_the_queue_whatever_its_score_with_the_municipality_of_whoever_handed_it_in(
    engine, trained, bring
):
    bring(NOTICE, municipality_code="GM0275")
    take(engine, trained)

    report = flag(trained, now=NOW)
    group(trained, now=NOW)

    assert report.flagged == 1
    (estimate,) = everything(engine, Prediction)
    assert estimate.flagged
    assert estimate.drawn is None
    assert estimate.score < 0.2
    assert estimate.snippet
    assert [reason["reason"] for reason in estimate.evidence] == [HANDED_IN]
    (lead,) = everything(engine, Lead)
    assert (lead.status, lead.municipality_code, lead.score) == (LeadStatus.OPEN, "GM0275", estimate.score)


def test_the_place_in_the_text_wins_over_the_municipality_of_whoever_handed_it_in(engine, trained, bring):
    bring(
        f"In Nijmegen begint iets moois. {PROSE} Dat zegt een bewoner van Nijmegen.",
        municipality_code="GM0275",
    )
    take(engine, trained)

    flag(trained, now=NOW)

    assert everything(engine, Prediction)[0].municipality_code == "GM0268"


def test_an_item_that_scored_too_low_is_looked_at_again_when_somebody_hands_it_in(
    engine, trained, bring, add_item
):
    number = add_item(NOTICE)
    key = url_key(trained.effective_secret_key, address_key(GROUP))
    with session_factory(engine)() as session:
        session.execute(update(Item).values(url_key=key))
        session.commit()
    flag(trained, now=NOW)
    group(trained, now=NOW)
    with session_factory(engine)() as session:
        session.execute(update(Prediction).values(drawn=None))
        session.commit()
    bring(url=GROUP)

    take(engine, trained)
    flag(trained, now=NOW)
    group(trained, now=NOW)

    assert [link.item_id for link in everything(engine, LeadItem)] == [number]
    assert everything(engine, Lead)[0].municipality_code == "GM0202"


def test_one_that_breaks_waits_and_keeps_no_other_away(engine, settings, bring, monkeypatch):
    broken, fine = bring("kapot"), bring(url=GROUP)
    usual = scout.handed_in.without_handles

    def breaks(text, **options):
        if text == "kapot":
            raise ValueError("stuk")
        return usual(text, **options)

    monkeypatch.setattr(scout.handed_in, "without_handles", breaks)
    report = take(engine, settings)

    assert report.outcomes == {Outcome.NEW: 1}
    (problem,) = report.problems
    assert problem.startswith(f"hand-in {broken} could not be taken (ValueError)")
    assert row_of(engine, broken).taken_at is None
    assert row_of(engine, broken).summary == "kapot"
    assert row_of(engine, fine).outcome is Outcome.NEW


#: Takes hand-ins in a process of its own that dies in the middle of the third transaction.
KILLED = """
import os, sys
from datetime import UTC, datetime
import scout.handed_in
from models.database import open_engine, session_factory
from models.settings import load_settings
settings = load_settings(var=sys.argv[1], database_url=sys.argv[2], secret_key="only for tests")
usual, count = scout.handed_in.taken, 0
def dies(*args, **options):
    global count
    count += 1
    if count == 3:
        os._exit(9)
    return usual(*args, **options)
scout.handed_in.taken = dies
scout.handed_in.take_hand_ins(
    session_factory(open_engine(settings)), settings, now=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC)
)
"""


def test_killed_halfway_and_run_again_nothing_is_lost_or_doubled(engine, settings, bring):
    numbers = [bring(f"Nummer {number}. {PROSE}") for number in range(5)]
    url = engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.var), url], check=False, capture_output=True, text=True
    )
    assert killed.returncode == 9, killed.stderr
    assert len(everything(engine, Item)) == 2

    take(engine, settings)

    assert len(everything(engine, Item)) == 5
    assert {row_of(engine, number).outcome for number in numbers} == {Outcome.NEW}
    assert len({row_of(engine, number).item_id for number in numbers}) == 5


def test_gathering_begins_with_it_and_fetches_nothing_of_it(settings, engine, bring):
    with World(settings, engine) as world:
        (link, *_more) = world.news("krant", 2)
        handed = world.page("/van-iemand")
        with session_factory(engine)() as session:
            # As the form lets in what the settings allow: these addresses are loopback.
            for url in (handed, link):
                hand_in(
                    session, HandIn(channel=Channel.FORM, summary=PROSE, url=url), account_id=None, now=NOW
                )
            session.commit()
        clock = datetime.now(UTC)

        ran = world.run(now=clock)

        assert "/van-iemand" not in world.web.paths()
        assert ran.troubled == set()
        assert ran.items["new"] == 3
        assert ran.items["duplicate"] == 1
        assert {item.url: item.source_key for item in world.items()}[handed] == SOURCE
        source = world.row(SOURCE)
        assert (source.removed_at, source.last_visit_at, source.enabled) == (None, None, False)
        # One source alone is that source alone.
        bring("Later ingebracht. " + PROSE)
        world.run(keys=["krant"], now=clock + timedelta(hours=1))
        with session_factory(engine, writes=False)() as session:
            assert session.scalar(select(func.count(HandedIn.id)).where(HandedIn.taken_at.is_(None))) == 1
            assert session.scalar(select(func.count(Run.id)).where(Run.source_key == SOURCE)) == 0
            assert session.get_one(Source, SOURCE).paused is None


def test_no_account_of_others_is_kept(engine, settings, bring):
    bring(url="https://toot.example/@iemand/114567890123456789")

    take(engine, settings)

    (item,) = everything(engine, Item)
    assert item.account_key is None
    assert account_key(settings.effective_secret_key, "iemand@toot.example") not in str(vars(item))

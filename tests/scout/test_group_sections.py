"""Which texts are round-ups, and where their sections begin and end."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.prediction import Prediction
from models.source import Source
from models.store.predictions import WaitingItem
from models.words import SourceKind
from scout.classify.pipeline import Recogniser, Text
from scout.flag import flag
from scout.group.sections import sections
from scout.group.stage import group
from scout.places import place
from scout.round_ups import judge_sections

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

GARDEN = (
    "Achter de flat in Presikhaaf zijn bewoners zelf een moestuin begonnen. Buren bouwen zaterdag de kas "
    "van Stichting Slakropper en zoeken nog vrijwilligers met een schop."
)
RIDES = (
    "In Velp rijden achttien vrijwilligers ouderen met een eigen busje naar de markt. De groep dorpsgenoten "
    "van Vereniging Meerijders zoekt nog chauffeurs."
)
REPAIR = (
    "In Dieren repareren zes buren elke zaterdag gratis fietsen in een oude schuur. Het Repair Café "
    "Spaakwerk is door bewoners zelf opgezet en zoekt gereedschap."
)
ROADS = (
    "In Rheden legt de gemeente vanaf maandag nieuw asfalt op de Groenestraat. Verkeer wordt omgeleid via "
    "de provinciale weg, hulpdiensten kunnen er door."
)


def pieces(text, title="Nieuws uit de regio"):
    """The sections of a text, as heading and rest."""
    found = sections(title, text, place(title, text).places)
    assert [section.number for section in found] == list(range(1, len(found) + 1))
    return [(text[one.start : one.body].strip(), text[one.body : one.end].strip()) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"Deze week in onze nieuwsbrief.\nMoestuin in Presikhaaf\n{GARDEN}\nMet de bus\n{RIDES}",
            [("Moestuin in Presikhaaf", GARDEN), ("Met de bus", RIDES)],
            id="headings",
        ),
        pytest.param(
            f"- {GARDEN}\n- {RIDES}\n- {REPAIR}", [("", GARDEN), ("", RIDES), ("", REPAIR)], id="list"
        ),
        pytest.param(
            f"1. Moestuin in Presikhaaf\n{GARDEN}\n2. Meerijden in Velp\n{RIDES}",
            [("Moestuin in Presikhaaf", GARDEN), ("Meerijden in Velp", RIDES)],
            id="numbered",
        ),
        pytest.param(
            f"In het kort: • {GARDEN} • {RIDES}", [("", GARDEN), ("", RIDES)], id="bullets on a line"
        ),
        pytest.param(
            f"🏡 {GARDEN}\n🏡 {RIDES}\n🏡 {REPAIR}",
            [("", GARDEN), ("", RIDES), ("", REPAIR)],
            id="emoji for bullets",
        ),
        pytest.param(
            f"Presikhaaf: {GARDEN}\nVelp: {RIDES}",
            [("Presikhaaf:", GARDEN), ("Velp:", RIDES)],
            id="labels",
        ),
        pytest.param(
            f"De wethouder ging op bezoek.\n{RIDES}\n{REPAIR}\nDe groep deelt zaterdag soep uit.\n{ROADS}",
            [("", RIDES), ("", f"{REPAIR}\nDe groep deelt zaterdag soep uit."), ("", ROADS)],
            id="paragraphs",
        ),
        pytest.param(f"{RIDES} {REPAIR}", [("", RIDES), ("", REPAIR)], id="sentences"),
    ],
)
def test_a_round_up_is_taken_apart(text, expected):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("- \n- \n•\n", id="only bullets"),
        pytest.param(GARDEN, id="short"),
        pytest.param(
            "VELP - Bewoners van Velp beginnen een tuin achter het station, met kas en kippen. In Dieren "
            "bestaat zo'n tuin al jaren, en die ploeg kwam vorige week uitleggen hoe je begint met zaaien.",
            id="another village as an example",
        ),
        pytest.param(
            f"{GARDEN}\nHoe het begon\nDe kas stond jarenlang leeg bij een tuinder die ermee stopte en hem "
            "wilde slopen.\nWat er nog moet gebeuren\nDe buren van Stichting Slakropper willen een put slaan "
            "en zoeken iemand met een boor.",
            id="headings in a story about one thing",
        ),
        pytest.param(
            f"{GARDEN} Neem mee:\n- een schop of een hark, want die hebben we nog lang niet genoeg\n- een "
            "thermosfles met koffie of thee voor jezelf en voor je buren\n- laarzen, ook als het droog is",
            id="a list of what to bring",
        ),
        pytest.param("Bewoners beginnen een tuin. " * 40, id="the same over and over"),
    ],
)
def test_a_text_about_one_thing_stays_whole(text):
    assert pieces(text) == []


def test_sections_follow_each_other_and_stay_within_the_text():
    text = f"Vooraf.\n- {GARDEN}\n- {RIDES}\n- {REPAIR}\nTot volgende week!"

    found = sections("Nieuws", text, place("Nieuws", text).places)

    edges = [edge for one in found for edge in (one.start, one.body, one.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= len(text)
    assert "Tot volgende week" not in text[found[-1].start : found[-1].end]


class Never:
    """A recogniser that nobody may ask."""

    def judge(self, texts):
        assert list(texts) == []
        return iter(())


def test_texts_about_one_thing_are_not_judged_twice(trained):
    item = WaitingItem(1, "h", "Moestuin", GARDEN, "GM0202")
    (judgement,) = Recogniser.load(trained).judge([Text(item.title, item.text, item.municipality_code)])

    assert judgement.flagged
    assert judge_sections(Never(), [(item, judgement)]) == {}


@pytest.mark.both_databases
def test_a_round_up_goes_from_text_to_several_leads(trained, engine):
    settings = trained.model_copy(update={"database_url": engine.url.render_as_string(hide_password=False)})
    text = f"Kort nieuws.\nMoestuin in Presikhaaf\n{GARDEN}\nAsfalt\n{ROADS}\nMet de bus\n{RIDES}"
    with session_factory(engine)() as session:
        session.add(
            Source(key="k", title="K", kind=SourceKind.FEED, url="https://k.example/", every_seconds=60)
        )
        session.flush()
        session.add(
            Item(
                id=1,
                source_key="k",
                url_key="u",
                external_key="e",
                url="https://k.example/1",
                title="Nieuws uit de regio",
                first_seen_at=NOW,
                last_seen_at=NOW,
                entry_hash="e",
                content_hash="c",
            )
        )
        session.flush()
        session.add(ItemText(item_id=1, text=text))
        session.commit()

    flag(settings, now=NOW)
    group(settings, now=NOW)

    with session_factory(engine)() as session:
        (told,) = session.scalars(select(Prediction.sections))
        leads = session.scalars(select(Lead).order_by(Lead.title)).all()
    assert [text[one["start"] : one["body"]].strip() for one in told] == [
        "Moestuin in Presikhaaf",
        "Met de bus",
    ]
    for one in told:
        assert 0 < len(one["snippet"]) <= 150
        assert one["snippet"] in " ".join(text.split("\n"))
        assert all(
            reason["start"] is None or reason["end"] <= len(one["snippet"]) for reason in one["evidence"]
        )
    assert [(lead.title, lead.municipality_code) for lead in leads] == [
        ("Met de bus", "GM0275"),
        ("Moestuin in Presikhaaf", "GM0202"),
    ]

"""What a text calls the initiative and the organisation behind it."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from benchmarks.names import found_in, labels, texts, verdict
from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.prediction import Prediction
from models.settings import Settings, load_settings
from models.source import Source
from models.words import SourceKind
from scout.classify.naming import Names, names_of
from scout.classify.reading import read
from scout.flag import flag
from scout.group.stage import group
from scout.places import place

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def names(text: str, title: str = "") -> Names:
    return names_of(title, text, read(title, text), place(title, text).places)


def called(text: str, title: str = "") -> tuple[str, str]:
    """Initiative and organisation; empty where there is none."""
    found = names(text, title)
    return (
        found.initiative.text if found.initiative else "",
        found.organisation.text if found.organisation else "",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "De buurtbus Nijkerkerveen rijdt weer", "Buurtbus Nijkerkerveen", id="compound and town"
        ),
        pytest.param("Zaterdag is Repair Café Dokkum open", "Repair Café Dokkum", id="two words and town"),
        pytest.param("Wij knappen speeltuin 't Ossenpad op", "Speeltuin 't Ossenpad", id="article"),
        pytest.param("Onder de naam De Groene Hoek planten wij", "De Groene Hoek", id="under the name"),
        pytest.param("De groep 'Spier let op' ging rond", "Spier let op", id="in quotation marks"),
        pytest.param("Het veldje heet voortaan 't Weike", "'t Weike", id="is called"),
        pytest.param("HET, een initiatief van buren, plant bomen", "HET", id="apposition"),
        pytest.param("Vrijdag opende Rollend Groningen de baan", "Rollend Groningen", id="before a town"),
        pytest.param("De mensen achter Ulrum 2034 kochten grond", "Ulrum 2034", id="behind a town"),
        pytest.param("Us mûne: doarpstún Garyp is iepen", "Doarpstún Garyp", id="Frisian"),
        pytest.param("De noaberhulp Den Ham belt terug", "Noaberhulp Den Ham", id="Low Saxon"),
        pytest.param("Elke rit van Buurtbus 563 is vol", "Buurtbus 563", id="a line's number"),
    ],
)
def test_an_initiative_is_named(text: str, expected: str) -> None:
    assert called(text) == (expected, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Inwoners kopen land via stichting Mooi Binnenveld", "Stichting Mooi Binnenveld", id="foundation"
        ),
        pytest.param("Dorpsbelang Steggerda koopt de school", "Dorpsbelang Steggerda", id="village club"),
        pytest.param(
            "De zaak is nu van de Coöperatie Dorpswelzijn Borssele",
            "Coöperatie Dorpswelzijn Borssele",
            id="owns",
        ),
        pytest.param("Buurtvereniging De Brink plant bollen", "Buurtvereniging De Brink", id="compound"),
        pytest.param(
            "Inwoners Voor Inwoners, een stichting, deelt uit", "Inwoners Voor Inwoners", id="apposition"
        ),
        pytest.param(
            "De Amelander Energie Coöperatie zocht grond",
            "Amelander Energie Coöperatie",
            id="head at the end",
        ),
        pytest.param(
            "Het initiatief komt van de Zonnecoöperatie West-Friesland",
            "Zonnecoöperatie West-Friesland",
            id="comes from",
        ),
        pytest.param(
            "Stichting Grrroen in Kronenburg koos de hoek", "Stichting Grrroen", id="place left out"
        ),
    ],
)
def test_an_organisation_is_named(text: str, expected: str) -> None:
    assert called(text) == ("", expected)


def test_both_are_told_apart() -> None:
    text = (
        "Zwembad De Terp is van ons. Stichting Sport Wieringermeer, opgericht door inwoners, neemt het over."
    )

    assert called(text) == ("Zwembad De Terp", "Stichting Sport Wieringermeer")


def test_the_same_name_is_not_given_twice() -> None:
    assert called("Drie jaar na de start heeft stichting Voedselbos Den Hout grond") == (
        "",
        "Stichting Voedselbos Den Hout",
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Bewoners leggen een tuin aan in Velp", id="no name"),
        pytest.param("De gemeente Rheden en Wonen Limburg helpen de bewoners", id="government and landlord"),
        pytest.param("Woningstichting Ons Huis gaf een steiger", id="landlord"),
        pytest.param("Stichting Welzijn Velp organiseert een middag", id="welfare"),
        pytest.param("Met geld van Stichting DOEN bouwen wij een kas", id="giver"),
        pytest.param("Eigenaar Stichting Oude Kerken laat hun de vrije hand", id="owner"),
        pytest.param("Wij werken samen met stichting De Boom", id="helper"),
        pytest.param("In dorpshuis De Warf drinken wij koffie", id="venue"),
        pytest.param("Tuinen aan de Reijerskoop bloeien. De bomen aan de Reijerskoop ook.", id="street"),
        pytest.param("Omroep Velp en VVV Velp kwamen langs", id="media"),
        pytest.param("Groep Zwolse ouderen plant bomen", id="adjective"),
        pytest.param("", id="empty"),
    ],
)
def test_it_says_nothing_rather_than_guess(text: str) -> None:
    assert called(text) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Initiatiefnemer Jan de Vries begon. Jan de Vries lacht.", id="initiator"),
        pytest.param("Stichting Jan de Vries zorgt voor soep", id="foundation called after"),
        pytest.param("Het project Jan de Vries draait", id="project"),
        pytest.param("Onder de naam Jan de Vries schrijft hij", id="under the name"),
        pytest.param("De groep 'Jan de Vries' zoekt hulp", id="in quotation marks"),
        pytest.param("Jan de Vries, een initiatief van buren", id="apposition"),
        pytest.param("Buurttuin Jan de Vries is open", id="garden"),
        pytest.param("Ferdi Houben bouwt. Ferdi Houben lacht.", id="unknown given name, twice"),
        pytest.param("Hij heet Wubbo Houben", id="is called"),
        pytest.param("Kees de Lange begon. De Lange zaagt. En De Lange timmert.", id="surname with article"),
        pytest.param("Mevrouw Ter Beek kookt. Mevrouw Ter Beek bakt.", id="title"),
        pytest.param("Oud-postbode Marien loopt. Oud-postbode Marien fietst.", id="trade"),
        pytest.param("De familie De Boer deelt. De familie De Boer plant.", id="family"),
    ],
)
def test_a_person_is_never_named(text: str) -> None:
    assert called(text) == ("", "")


def test_offsets_are_those_of_title_and_text() -> None:
    title, text = "🙂 Nieuws", "Dé stichting Mooi Binnenveld plant bij Voedselbos Velp"
    found = names(text, title)
    assert found.organisation is not None
    assert found.initiative is not None
    whole = f"{title}\n{text}"

    assert whole[found.organisation.start : found.organisation.end] == "stichting Mooi Binnenveld"
    assert whole[found.initiative.start : found.initiative.end] == "Voedselbos Velp"


@pytest.mark.parametrize(
    "text",
    [
        "A" * 20_000,
        "De Aa Bb Cc " * 1_600,
        "'A " * 6_000,
        "Stichting A " * 1_600,
        "stichting" * 2_000,
        "\u200b\ud800 Stichting \x00",
        "東京都 <p>Stichting</p>",
    ],
)
def test_odd_input_is_survived(text: str) -> None:
    names(text, text[:100])


def test_on_texts_that_no_rule_was_made_on_it_is_right_mostly() -> None:
    known, counts = texts(), Counter[str]()
    for label in labels():
        if label["half"] != "held out":
            continue
        found = found_in(known[label["id"]])
        wanted = (label["initiative"], label["organisation"])
        said = found.initiative or found.organisation
        right = next(
            (one for one in wanted if said and verdict(said.text, one, wanted) == "exact"), max(wanted)
        )
        counts[verdict(said.text if said else "", right, wanted)] += 1
        counts["named"] += any(wanted)

    # On 2026-11-22: of 39 with a name 29 exact and 1 in part; 3 wrong. Room for texts that are corrected.
    assert counts["exact"] + counts["partial"] >= 0.70 * counts["named"]
    assert counts["wrong"] <= 0.15 * (counts["exact"] + counts["partial"] + counts["wrong"])


def test_names_of_flagged_items_reach_the_lead_and_no_others_are_kept(
    trained: Settings, engine: Engine
) -> None:
    garden = (
        "Buurttuin Klarendal zoekt handen. Bewoners begonnen zelf een moestuin achter de flat; buren bouwen "
        "zaterdag de kas. Stichting Groene Kas, opgericht door inwoners, betaalt het hout. Kom helpen."
    )
    notice = "De gemeente legt het plan voor Buurttuin Klarendal ter inzage. U kunt een zienswijze indienen."
    write = session_factory(engine)
    with write() as session:
        session.add(
            Source(key="k", title="K", kind=SourceKind.FEED, url="https://k.example/", every_seconds=3600)
        )
        session.flush()
        for number, text in enumerate((garden, notice), start=1):
            session.add(
                Item(
                    id=number,
                    source_key="k",
                    url_key=f"u{number}",
                    external_key=f"e{number}",
                    url=f"https://k.example/{number}",
                    title="Nieuws",
                    first_seen_at=NOW,
                    last_seen_at=NOW,
                    entry_hash="e",
                    content_hash=f"c{number}",
                )
            )
            session.flush()
            session.add(ItemText(item_id=number, text=text))
        session.commit()
    settings = load_settings(
        var=trained.var,
        database_url=engine.url.render_as_string(hide_password=False),
        secret_key="only for tests",
    )

    flag(settings, now=NOW)
    group(settings, now=NOW)

    with session_factory(engine, writes=False)() as session:
        first, second = session.scalars(select(Prediction).order_by(Prediction.item_id))
        lead = session.scalars(select(Lead)).one()
    assert (first.initiative_name, first.organisation_name) == ("Buurttuin Klarendal", "Stichting Groene Kas")
    assert 0.0 < first.theme_score <= 1.0
    assert (second.flagged, second.initiative_name, second.organisation_name) == (False, "", "")
    assert (lead.initiative_name, lead.organisation_name) == ("Buurttuin Klarendal", "Stichting Groene Kas")

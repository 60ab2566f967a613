"""Which names of places a text has, where they stand and what they mean."""

import pytest

from scout.places import Gazetteer, place
from scout.places.mention import Role


def shown(text: str, default: str | None = None, title: str = "") -> list[tuple[str, str | None, str]]:
    return [(found.name, found.code, found.kind) for found in place(title, text, default).places]


def roles(text: str) -> list[tuple[str, Role]]:
    return [(text[found.start : found.end], found.role) for found in Gazetteer.load().find(text)]


def test_a_mention_points_at_its_name_in_title_and_text():
    title, text = "Buurttuin in Presikhaaf", "In Arnhem-Oost beginnen buren een tuin; ook in Velp is animo."

    placed = place(title, text)

    whole = f"{title}\n{text}"
    assert [whole[found.start : found.end] for found in placed.places] == ["Presikhaaf", "Arnhem", "Velp"]
    assert [found.municipality_code for found in placed.places] == ["GM0202", "GM0202", "GM0275"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Gemeente Arnhem meldt", [("Arnhem", "GM0202", "municipality")], id="municipality"),
        pytest.param("buren in Warnsveld", [("Warnsveld", "1396", "town")], id="town with its BAG code"),
        pytest.param("de wijk Klarendal", [("Klarendal", "WK020207", "district")], id="district"),
        pytest.param(
            "feest in 's-Hertogenbosch", [("'s-Hertogenbosch", "GM0796", "municipality")], id="apostrophe"
        ),
        pytest.param(
            "feest in Den Bosch", [("'s-Hertogenbosch", "GM0796", "municipality")], id="everyday name"
        ),
        pytest.param("in Alphen a/d Rijn", [("Alphen aan den Rijn", "GM0484", "municipality")], id="slash"),
        pytest.param("in St. Annaland", [("Sint-Annaland", "2076", "town")], id="St. for Sint-"),
        pytest.param("DE BILT - Er komt", [("De Bilt", "GM0310", "municipality")], id="capitals"),
        pytest.param(
            "yn It Hearrenfean", [("Heerenveen", "GM0074", "municipality")], id="Frisian, in the data"
        ),
        pytest.param("yn Boelensloane", [("Boelenslaan", "3174", "town")], id="Frisian, in our own list"),
        pytest.param("hier in Kirchroa", [("Kerkrade", "GM0928", "municipality")], id="dialect"),
        pytest.param("in Katlyk", [("Katlijk", "2192", "town")], id="y for ij"),
        pytest.param("yn Easterwalde", [("Oosterwolde", "1763", "town")], id="accent left out"),
        pytest.param("kom naar #Arnhem", [("Arnhem", "GM0202", "municipality")], id="hashtag"),
        pytest.param("#buurttuinpresikhaaf", [("Presikhaaf", "", "alias")], id="end of a small tag"),
        pytest.param("#BuurttuinPresikhaaf", [("Presikhaaf", "", "alias")], id="neighbourhood in a tag"),
        pytest.param("#hartvoorzutphen", [("Zutphen", "GM0301", "municipality")], id="town in a small tag"),
        pytest.param(
            "koffie in amersfoort morgen", [("Amersfoort", "GM0307", "municipality")], id="no capital"
        ),
        pytest.param(
            "wij komen uit Langedijk", [("Dijk en Waard", "GM1980", "municipality")], id="merged away"
        ),
    ],
)
def test_names_are_found_as_people_write_them(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Een tuin voor iedereen", id="Een is a village"),
        pytest.param(
            "Best een goed idee, zegt Best. Houten bankjes erbij", id="words at the start of a sentence"
        ),
        pytest.param("wat ik het beste vind in de wijk", id="de Wijk without capital"),
        pytest.param("Ook Joke van Bergen en Piet Beek doen mee", id="surnames"),
        pytest.param("de leidingen assen en kampen", id="small letters that are words"),
        pytest.param("de Utrechtseweg en de Arnhemsestraatweg", id="streets"),
        pytest.param("werk in Oost-Groningen en Zuid-Limburg", id="parts of provinces"),
        pytest.param("Emmers en hesjes mee", id="looks like a word made of Emmen"),
    ],
)
def test_words_and_surnames_are_not_places(text):
    assert shown(text) == []


def test_an_ambiguous_name_carries_its_candidates_and_no_code():
    (found,) = place("", "Een nieuwe bank in Bergen").places

    assert (found.name, found.code, found.municipality_code) == ("Bergen", None, None)
    assert {sense.municipality_code for sense in found.candidates} >= {"GM0373", "GM0893"}


def test_an_ambiguous_name_gets_the_meaning_that_the_text_supports():
    found = place("", "Een nieuwe bank in Bergen, betaald door buren uit Egmond aan Zee").places

    assert (found[0].name, found[0].code) == ("Bergen (NH)", "GM0373")


def test_a_neighbourhood_that_many_towns_have_needs_its_town_or_source():
    assert shown("feest in de Vogelbuurt")[0][1] is None
    assert place("", "feest in de Vogelbuurt", "GM0344").places[0].municipality_code != "GM0202"
    assert place("", "feest in de Vogelbuurt in Veenendaal").places[0].municipality_code == "GM0345"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        pytest.param("ARNHEM - Buren beginnen", Role.DATELINE, id="dateline in capitals"),
        pytest.param("Arnhem (ANP) - Buren", Role.DATELINE, id="dateline with agency"),
        pytest.param("de gemeente Arnhem", Role.MUNICIPALITY, id="gemeente"),
        pytest.param("burgemeester van Arnhem", Role.MUNICIPALITY, id="burgemeester van"),
        pytest.param("hier in Arnhem", Role.HERE, id="hier in"),
        pytest.param("in heel Arnhem", Role.INSIDE, id="in heel"),
        pytest.param("het dorp Arnhem", Role.VILLAGE, id="het dorp"),
        pytest.param("inwoners van Arnhem", Role.RESIDENTS, id="inwoners van"),
        pytest.param("ouders uit Arnhem", Role.RESIDENTS, id="ouders uit"),
        pytest.param("een bedrijf uit Arnhem", Role.FROM, id="uit"),
        pytest.param("op weg naar Arnhem", Role.TOWARDS, id="naar"),
        pytest.param("net als in Arnhem", Role.COMPARED, id="net als in"),
        pytest.param("in Arnhem werkt het al", Role.COMPARED, id="werkt het al"),
        pytest.param("tien kilometer van Arnhem", Role.FAR, id="kilometer van"),
        pytest.param("de rechtbank Arnhem", Role.INSTITUTION, id="rechtbank"),
        pytest.param("de Rabobank Arnhem", Role.PART, id="part of a name"),
        pytest.param("de Arnhemse aanpak", Role.ADJECTIVE, id="adjective"),
        pytest.param("zie example.org/arnhem-kast", Role.WITHIN, id="web address"),
    ],
)
def test_the_words_around_a_name_give_its_role(text, role):
    assert roles(text)[0][1] is role


def test_an_enumeration_shares_its_role():
    assert [role for _, role in roles("net als in Velp, Dieren en Rheden")] == [Role.COMPARED] * 3

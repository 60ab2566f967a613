"""Whether an account is an organisation's: in doubt it is a person's."""

import pytest

from scout.organisations import why_person


@pytest.mark.parametrize(
    ("name", "note"),
    [
        pytest.param("Gemeente Voorbeeld", "", id="municipality"),
        pytest.param("Provincie Gelderland", "Nieuws en oproepen", id="province"),
        pytest.param("Wijkraad Noord", "", id="council of a district"),
        pytest.param("Dorpsbelang Zandeweer", "Samen voor het dorp", id="interest of a village"),
        pytest.param("Energiecoöperatie Zonnig", "Word lid", id="cooperative"),
        pytest.param("De Streekomroep", "Radio en tv uit de streek", id="broadcaster"),
        pytest.param("Bibliotheek Oost", "Oma's en opa's lezen voor", id="library"),
        pytest.param("Buurthuis De Brug", "Burgemeester en wethouders komen langs", id="community centre"),
        pytest.param("De Brug", "Wij zijn een bewonersgroep in Arnhem", id="told in the description"),
        pytest.param("De Brug", "Officieel account. Webcare op werkdagen.", id="official"),
        pytest.param("Stifting Us Doarp", "", id="Frisian"),
    ],
)
def test_organisations_may_be_followed(name: str, note: str) -> None:
    assert why_person(name, note) is None


@pytest.mark.parametrize(
    ("name", "note", "reason"),
    [
        pytest.param("Gemeente Voorbeeld", "Hier schrijf ik zelf", "as one person", id="first person"),
        pytest.param("Gemeentenieuws", "My own account", "as one person", id="first person, English"),
        pytest.param(
            "Stichting Jan", "Op persoonlijke titel", "speaks for themselves", id="in their own name"
        ),
        pytest.param("Omroep", "hij/hem", "pronouns", id="pronouns"),
        pytest.param("Wethouder Gemeente Ede", "", "office or trade", id="alderman"),
        pytest.param("De Krant", "Gemeenteraadslid voor de partij", "office or trade", id="councillor"),
        pytest.param("Redactie", "Journalist en verslaggever", "office or trade", id="journalist"),
        pytest.param("xyz", "Werkt bij gemeente Ede", "office or trade", id="who works there"),
        pytest.param("Buurthuis", "Moeder van twee", "private life", id="private"),
        pytest.param("Jan de Vries", "Over de gemeente en de bibliotheek", "person's name", id="a name"),
        pytest.param(
            "xyz", "Liefhebber van bibliotheek en museum", "nothing in its profile", id="who likes it"
        ),
        pytest.param("Veldhuis", "", "nothing in its profile", id="a surname"),
        pytest.param("", "", "nothing in its profile", id="an empty profile"),
    ],
)
def test_what_shows_a_person_or_nothing_is_refused(name: str, note: str, reason: str) -> None:
    why = why_person(name, note)

    assert reason in str(why)
    assert all(word not in str(why) for word in f"{name} {note}".split() if word.istitle())


def test_the_title_of_the_source_helps_but_does_not_hide_a_person() -> None:
    assert why_person("De Brug", "", title="Buurthuis De Brug") is None
    assert "person's name" in str(why_person("Jan de Vries", "", title="Gemeente Voorbeeld"))
    assert "as one person" in str(why_person("De Brug", "Ik ben er", title="Buurthuis De Brug"))


def test_a_group_is_no_person_and_a_bot_may_be() -> None:
    assert why_person("xyz", "", group=True) is None
    assert "posts by itself is not enough" in str(why_person("xyz", "", bot=True))
    assert why_person("xyz", "", group=True, fields=["Over: mijn hobby"]) is not None


def test_the_fields_of_a_profile_count() -> None:
    assert "pronouns" in str(why_person("Buurthuis", "", ["Voornaamwoorden: zij/haar"]))
    assert why_person("De Brug", "", ["KvK: 12345678"]) is None

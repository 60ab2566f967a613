"""Where nothing was found: held against municipalities as they are."""

from models.geo import QuarterFacts, TownFacts, quarters, towns
from models.neighbourhoods import coverage

RHEDEN, OVERBETUWE, ARNHEM = "GM0275", "GM1734", "GM0202"


def facts(code: str) -> tuple[list[QuarterFacts], list[TownFacts]]:
    return (
        [one for one in quarters() if one.municipality_code == code],
        [one for one in towns() if one.municipality_code == code],
    )


def key(code: str, name: str, kind: str = "") -> str:
    of_quarters, of_towns = facts(code)
    if kind == "town":
        return next(one.key for one in of_towns if one.match_name == name)
    return next(one.key for one in of_quarters if one.name == name and kind in ("", one.kind))


def test_without_leads_all_districts_and_towns_are_empty() -> None:
    found = coverage(*facts(RHEDEN), set())

    assert found.districts == ("Dieren", "Rheden", "Velp")
    assert found.towns == ("De Steeg", "Dieren", "Ellecom", "Laag-Soeren", "Rheden", "Spankeren", "Velp")
    assert (found.of_districts, found.of_towns) == (3, 7)


def test_a_lead_in_a_neighbourhood_is_one_in_its_district_and_in_the_town_of_that_name() -> None:
    found = coverage(*facts(RHEDEN), {key(RHEDEN, "Velp-Noord boven spoorlijn")})

    assert found.districts == ("Dieren", "Rheden")
    assert "Velp" not in found.towns


def test_a_lead_in_a_village_is_one_in_the_district_in_which_it_is_a_neighbourhood() -> None:
    found = coverage(*facts(RHEDEN), {key(RHEDEN, "Spankeren", "town")})

    assert found.districts == ("Rheden", "Velp")
    assert "Spankeren" not in found.towns
    assert "Dieren" in found.towns


def test_another_name_counts_for_the_district_around_its_neighbourhood() -> None:
    found = coverage(*facts(ARNHEM), {key(ARNHEM, "Zijpendaal", "alias")})

    assert found.of_districts - len(found.districts) == 1
    assert "Burgemeesterswijk/Hoogkamp" not in found.districts


def test_the_core_of_a_village_is_that_village_and_parts_of_a_town_carry_its_name() -> None:
    found = coverage(
        *facts(OVERBETUWE), {key(OVERBETUWE, "Zetten", "town"), key(OVERBETUWE, "Elst-Noord", "wijk")}
    )

    assert "Kern Zetten" not in found.districts
    assert {"Elst-Oost", "Elst-Zuid", "Buitengebied Zetten"} <= set(found.districts)
    assert not {"Elst", "Zetten"} & set(found.towns)


def test_the_only_town_of_a_municipality_is_never_without() -> None:
    found = coverage(*facts(ARNHEM), set())

    assert (found.towns, found.of_towns) == ((), 0)


def test_places_of_elsewhere_change_nothing() -> None:
    assert coverage(*facts(RHEDEN), {key(ARNHEM, "Klarendal")}) == coverage(*facts(RHEDEN), set())

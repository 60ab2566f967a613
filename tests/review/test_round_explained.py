"""Pairings in words, and mending around matches that live."""

from dataclasses import replace

from flask import Flask

from matching.explain import Relaxation, WhyNot, relaxations, runners_up, why_not
from matching.pairs import possible_pairs
from matching.problem import Clash, Matching, Offered, Problem, Rule, Wanted
from matching.solve import match
from review import round_explained as words
from review.round_live import with_live
from review.round_why import clash_words, why_not_words

TUIN = Wanted(
    key="1",
    municipality="GM0001",
    half_hours=10,
    expertise=frozenset({"subsidies", "juridisch"}),
    theme="groen",
    language="fy",
    lat=52.0,
    lon=6.0,
)
BO = Offered(
    key="7",
    municipality="GM0002",
    half_hours=20,
    most=1,
    expertise=frozenset({"subsidies"}),
    themes={"groen": 2},
    radius_km=40,
    lat=52.1,
    lon=6.0,
)
PROBLEM = Problem(initiatives=(TUIN,), consultants=(BO,), set_aside=frozenset({("1", "7")}))
NAMES, PEOPLE = {"1": "Tuin", "2": "Dak"}, {"7": "Bo", "8": "Cas"}


def test_reasons_tell_what_is_there_and_what_is_not(app: Flask) -> None:
    pair = possible_pairs(PROBLEM)["1", "7"]
    with app.test_request_context("/"):
        assert words.reasons(pair, TUIN, BO) == [
            "Heeft gevraagde kennis: Subsidies en fondsen (1 soort mist)",
            "Deed 2 opdrachten met het thema Groen en tuinen",
            "Werkt niet in de taal van de vraag: Fries",
            "Reist 11 km (hemelsbreed), wil hooguit 40 km",
            "Toch gekoppeld, al geldt: werkt niet in de taal van de vraag",
        ]
        known = replace(TUIN, expertise=frozenset(), theme="zorg", language="nl", lat=None)
        pair = possible_pairs(replace(PROBLEM, initiatives=(known,)))["1", "7"]
        assert words.reasons(pair, known, BO) == [
            "Thema Zorg voor elkaar is nieuw voor deze consultant",
            "Werkt in de taal van de vraag: Nederlands",
        ]


def test_every_rule_and_clash_has_words(app: Flask) -> None:
    with app.test_request_context("/"):
        assert all(words.rule_words(rule) for rule in Rule)
        for clash in Clash:
            told = {"clash": clash, "pins": [["1", "7"]], "rule": Rule.HOURS, "wanted": 3, "left": 2}
            assert clash_words(told, NAMES, PEOPLE).count(". ") == 1
            assert why_not_words(WhyNot((), clash, None), NAMES, PEOPLE)[0].startswith("Dat kan niet: ")
        # Whoever was taken out has no name any more.
        assert "(niet meer bekend)" in clash_words(told, NAMES, {})


def test_ways_out_are_told_with_all_that_they_ask(app: Flask) -> None:
    one = Relaxation("7", 643, 3, True, (Rule.TOO_FAR,), True)
    with app.test_request_context("/"):
        assert words.relaxation_words(one, PEOPLE) == (
            "Bo (past 64%) kan door 1,5 uur meer te geven, één opdracht meer aan te nemen, een regel "
            "opzij te laten zetten (de reis is te ver) en het verbod op deze koppeling te laten opheffen."
        )
        plain = Relaxation("8", 500, 0, False, (), False)
        assert words.relaxation_words(plain, PEOPLE) == "Cas (past 50%) kan zo."
        assert words.nobody_words({Rule.HOURS: 2, Rule.TOO_FAR: 1}) == (
            "2 consultants: heeft te weinig uren; 1 consultant: de reis is te ver"
        )


def test_why_not_tells_the_difference_and_who_moves(app: Flask) -> None:
    roof = replace(TUIN, key="2", expertise=frozenset({"juridisch"}), language="nl")
    garden = replace(TUIN, language="nl")
    cas = replace(BO, key="8", expertise=frozenset({"juridisch"}))
    problem = Problem(initiatives=(garden, roof), consultants=(BO, cas))
    now = match(problem)
    assert now.keys == {("1", "7"), ("2", "8")}
    with app.test_request_context("/"):
        told = why_not_words(why_not(problem, now, ("1", "8")), NAMES, PEOPLE)
        assert told == [
            "Dan heeft 1 initiatief minder een consultant.",
            "Tuin gaat van Bo naar Cas.",
            "Dak gaat van Cas naar niemand.",
        ]
        other = Matching((), ())
        for served, worst, total, said in (
            (2, 0, 0, "Dan hebben 2 initiatieven meer een consultant."),
            (0, -50, 9, "Dan past de minst passende koppeling 5 procentpunt slechter."),
            (0, 50, 9, "Dan past de minst passende koppeling 5 procentpunt beter."),
            (0, 0, -4, "Dan passen alle koppelingen samen 0,4 procentpunt slechter."),
            (0, 0, 1204, "Dan passen alle koppelingen samen 120,4 procentpunt beter."),
            (0, 0, 0, "Dat is samen even goed."),
        ):
            why = WhyNot((), None, other, served, worst, total, {})
            assert why_not_words(why, NAMES, PEOPLE) == [said, "Niemand anders hoeft te wisselen."]


def test_who_came_near_has_a_reason_why_not(app: Flask) -> None:
    garden, roof = replace(TUIN, language="nl"), replace(TUIN, key="2", language="nl")
    problem = Problem(initiatives=(garden, roof), consultants=(BO, replace(BO, key="8", half_hours=40)))
    keys = frozenset({("1", "7"), ("2", "8")})
    with app.test_request_context("/"):
        [runner] = runners_up(problem, keys, "1")
        assert words.runner_words(runner, NAMES) == "heeft het hoogste aantal opdrachten al (heeft: Dak)"
        ways = [words.relaxation_words(one, PEOPLE) for one in relaxations(problem, keys - {("1", "7")}, "1")]
        assert ways == ["Bo (past 69%) kan zo.", "Cas (past 69%) kan door één opdracht meer aan te nemen."]
        assert words.gap_words({"proved": True}) == "bewezen het beste"
        gap = {"proved": False, "value": 198.0, "bound": 200.0}
        assert words.gap_words(gap) == "hooguit 1% af van het beste dat kan"


def test_too_many_hours_pinned_are_counted_in_the_sentence(app: Flask) -> None:
    told = {"clash": "uren", "pins": [["1", "9"], ["2", "9"]], "rule": None, "wanted": 25, "left": 16}
    most = {"clash": "maximum", "pins": [["1", "9"], ["2", "9"]], "rule": None, "wanted": 2, "left": 1}
    rule = {"clash": "regel", "pins": [["1", "9"]], "rule": "zelfde_gemeente", "wanted": 1, "left": 1}
    with app.test_request_context("/"):
        said = [clash_words(one, {"1": "Tuin", "2": "Dak"}, {"9": "Bo"}) for one in (told, most, rule)]

    assert said == [
        "Bo is vastgezet bij Tuin en Dak: samen 12,5 uur, van 8 uur. Maak er een los.",
        "Bo is vastgezet bij Tuin en Dak, maar neemt er hooguit 1 aan. Maak er een los.",
        "Tuin is vastgezet bij Bo, maar dat kan niet: komt uit dezelfde gemeente. Maak deze los.",
    ]


def test_live_matches_that_break_a_rule_by_now_are_left_as_they_are() -> None:
    wanted = tuple(Wanted(key=key, municipality="GM0001", half_hours=10) for key in ("1", "2", "3", "4"))
    busy = Offered(key="7", municipality="GM0002", half_hours=5, most=2)
    merged = Offered(key="8", municipality="GM0001", half_hours=40, most=2)
    free = Offered(key="9", municipality="GM0003", half_hours=40, most=2)
    problem = Problem(
        initiatives=wanted,
        consultants=(busy, merged, free),
        pins=frozenset({("4", "7"), ("1", "9")}),
        forbidden=frozenset({("3", "9")}),
        draft=frozenset({("1", "7"), ("3", "9")}),
    )

    # Too many hours by now, one municipality by now, and fine.
    mended = with_live(problem, {1: (7, 1), 2: (8, 2), 3: (9, 3), 99: (9, 4)})

    assert {one.key for one in mended.initiatives} == {"3", "4"}
    assert mended.pins == {("3", "9")}
    assert mended.forbidden == frozenset()
    assert [one.available for one in mended.consultants] == [False, False, True]
    assert match(mended).keys == {("3", "9"), ("4", "9")}

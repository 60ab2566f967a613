"""The choice is the best there is, breaks no rule, and says what clashes."""

from dataclasses import replace

import pytest

from matching.greedy import best_first
from matching.improve import serve_more
from matching.pairs import possible_pairs, rules_broken
from matching.problem import Clash, Matching, Offered, PinsClashError, Problem, Rule, Wanted
from matching.process import MatchingStoppedError, match_apart
from matching.progress import Progress
from matching.snapshot import digest, of_text, to_text
from matching.solve import match
from tests.matching.instances import best, broken, small, value

#: Instances of one test; ten of them make the ten thousand.
SEEDS = 1000


def solved(problem: Problem) -> Matching | None:
    """The answer; None = the pins clash."""
    try:
        return match(problem)
    except PinsClashError:
        return None


@pytest.mark.parametrize("part", range(10))
def test_no_rule_that_always_holds_is_ever_broken(part: int) -> None:
    for seed in range(part * SEEDS, (part + 1) * SEEDS):
        problem = small(seed)
        found = solved(problem)
        if found is not None:
            assert broken(problem, found) == [], seed
            assert found.served >= len(best_first(problem, possible_pairs(problem))), seed


def test_it_is_the_best_of_all_answers_aim_by_aim() -> None:
    for seed in range(800):
        problem = small(seed)
        found = solved(problem)
        assert (value(problem, list(found.pairs)) if found else None) == best(problem), seed
        if found is not None:
            assert not found.stopped, seed
            assert all(gap.proved for gap in found.gaps), seed


def test_the_same_round_gives_the_same_answer_in_whatever_order_it_is_told() -> None:
    problem = small(7)
    turned = replace(problem, initiatives=problem.initiatives[::-1], consultants=problem.consultants[::-1])
    assert match(problem).keys == match(turned).keys


def garden(key: str = "tuin", municipality: str = "GM0202", **more: object) -> Wanted:
    """An initiative that wants 12 hours of somebody who knows of permits."""
    values: dict[str, object] = {"half_hours": 24, "expertise": frozenset({"vergunningen"}), "theme": "groen"}
    return Wanted(key=key, municipality=municipality, **{**values, **more})  # type: ignore[arg-type]


def clerk(key: str = "kim", municipality: str = "GM0268", **more: object) -> Offered:
    """A consultant with 16 hours who knows of permits."""
    values: dict[str, object] = {"half_hours": 32, "expertise": frozenset({"vergunningen"}), "most": 2}
    return Offered(key=key, municipality=municipality, **{**values, **more})  # type: ignore[arg-type]


def round_of(*people: Wanted | Offered, **more: object) -> Problem:
    """A round of these."""
    return Problem(
        initiatives=tuple(one for one in people if isinstance(one, Wanted)),
        consultants=tuple(one for one in people if isinstance(one, Offered)),
        **more,  # type: ignore[arg-type]
    )


def test_nobody_helps_the_own_municipality_also_after_a_merger_or_with_shared_civil_servants() -> None:
    own = round_of(garden(), clerk(municipality="GM0202"))
    merged = round_of(
        garden(), clerk(municipality="GM0001"), successors={"GM0001": "GM0002", "GM0002": "GM0202"}
    )
    shared = round_of(garden(), clerk(), together=(frozenset({"GM0202", "GM0268"}),))
    for problem in (own, merged, shared):
        assert match(problem).served == 0
        assert Rule.SAME_MUNICIPALITY in rules_broken(problem, problem.initiatives[0], problem.consultants[0])
        pinned = replace(problem, pins=frozenset({("tuin", "kim")}), set_aside=frozenset({("tuin", "kim")}))
        with pytest.raises(PinsClashError) as caught:
            match(pinned)
        assert caught.value.rule is Rule.SAME_MUNICIPALITY


@pytest.mark.parametrize(
    ("problem", "rule"),
    [
        (round_of(garden(half_hours=40), clerk()), Rule.HOURS),
        (round_of(garden(), clerk(most=0)), Rule.MAXIMUM),
        (round_of(garden(), clerk(available=False)), Rule.UNAVAILABLE),
        (round_of(garden(), clerk(), forbidden=frozenset({("tuin", "kim")})), Rule.FORBIDDEN),
        (round_of(garden(), clerk(expertise=frozenset({"subsidies"}))), Rule.NO_EXPERTISE),
        (round_of(garden(language="fy"), clerk()), Rule.LANGUAGE),
        (round_of(garden(lat=53.2, lon=5.8), clerk(lat=51.4, lon=5.5, radius_km=100)), Rule.TOO_FAR),
    ],
)
def test_each_rule_keeps_a_pair_away_and_says_so(problem: Problem, rule: Rule) -> None:
    assert rules_broken(problem, problem.initiatives[0], problem.consultants[0]) == (rule,)
    assert match(problem).served == 0


def test_a_soft_rule_can_be_set_aside_for_a_pair_and_then_stands_with_it() -> None:
    problem = round_of(garden(language="fy"), clerk(), set_aside=frozenset({("tuin", "kim")}))
    (pair,) = match(problem).pairs
    assert pair.broken == (Rule.LANGUAGE,)


def test_pins_are_honoured_at_the_cost_of_others() -> None:
    people = (garden(), garden("plein", half_hours=2), clerk(most=1))
    assert match(round_of(*people, pins=frozenset({("plein", "kim")}))).keys == {("plein", "kim")}


@pytest.mark.parametrize(
    ("pins", "clash", "sentence"),
    [
        ({("tuin", "kim"), ("tuin", "lou")}, Clash.TWICE, "tuin is pinned to kim and lou: take one"),
        ({("tuin", "kim"), ("plein", "kim")}, Clash.HOURS, "kim is pinned for 24 hours, but has 16"),
        ({("a", "lou"), ("b", "lou")}, Clash.MAXIMUM, "lou is pinned to 2 initiatives, but takes at most 1"),
        (
            {("groot", "kim")},
            Clash.RULE,
            "groot is pinned to kim, which breaks a rule that always holds: uren",
        ),
    ],
)
def test_pins_that_clash_are_named_in_one_sentence(
    pins: set[tuple[str, str]], clash: Clash, sentence: str
) -> None:
    problem = round_of(
        garden(),
        garden("plein"),
        garden("a", half_hours=1),
        garden("b", half_hours=1),
        garden("groot", half_hours=90),
        clerk(),
        clerk("lou", most=1),
        pins=frozenset(pins),
    )
    with pytest.raises(PinsClashError, match=sentence) as caught:
        match(problem)
    assert caught.value.clash is clash
    assert set(caught.value.pins) <= pins


def test_more_are_served_than_by_taking_the_best_first() -> None:
    # Who takes the best pair first leaves the second garden without anybody.
    problem = round_of(
        garden("een", theme="groen"),
        garden("twee", theme="zorg"),
        clerk("alles", themes={"groen": 3, "zorg": 1}, most=1, half_hours=24),
        clerk("groen", themes={"groen": 0}, most=1, half_hours=24, languages=frozenset({"nl"})),
        forbidden=frozenset({("twee", "groen")}),
    )
    pairs = possible_pairs(problem)
    assert len(best_first(problem, pairs)) == 1
    assert match(problem).keys == {("een", "groen"), ("twee", "alles")}
    assert len(serve_more(problem, pairs, best_first(problem, pairs), lambda: True)) == 2


def test_what_was_learned_of_theme_and_expertise_tips_the_scales_and_is_about_no_person() -> None:
    people = (
        garden(expertise=frozenset({"vergunningen", "subsidies"})),
        clerk("kim", expertise=frozenset({"vergunningen"}), most=1),
        clerk("lou", expertise=frozenset({"subsidies"}), most=1),
    )
    liked = match(round_of(*people, learned={("groen", "subsidies"): 1.0, ("groen", "vergunningen"): -1.0}))
    assert liked.keys == {("tuin", "lou")}
    other = match(round_of(*people, learned={("groen", "subsidies"): -1.0, ("groen", "vergunningen"): 1.0}))
    assert other.keys == {("tuin", "kim")}


def test_a_round_is_the_same_text_and_hash_however_it_was_told_and_comes_back_from_it() -> None:
    problem = small(3)
    turned = replace(problem, initiatives=problem.initiatives[::-1])
    assert to_text(problem) == to_text(turned)
    again = of_text(to_text(problem))
    assert digest(again) == digest(problem)
    assert match(again).keys == match(problem).keys
    assert digest(replace(problem, candidates=3)) != digest(problem)
    with pytest.raises(ValueError, match="no problem of a matching"):
        of_text("{}")


def test_a_process_of_its_own_gives_the_same_answer_and_tells_how_far_it_is() -> None:
    problem = small(11)
    heard: list[Progress] = []
    found = match_apart(problem, tell=heard.append)
    assert found == match(problem)
    assert {one.aim for one in heard} >= {"served", "total"}


def test_a_process_of_its_own_can_be_stopped() -> None:
    with pytest.raises(MatchingStoppedError):
        match_apart(small(11), stop=lambda: True)


def test_a_time_limit_leaves_a_good_answer_and_says_how_good() -> None:
    problem = Problem(
        initiatives=tuple(
            garden(f"i{n}", half_hours=8 + n % 17, municipality=f"GM{n % 9}") for n in range(60)
        ),
        consultants=tuple(
            clerk(f"c{n}", half_hours=20 + n % 13, municipality=f"GM{n % 7}") for n in range(30)
        ),
    )
    found = match(problem, seconds=0.2)
    assert broken(problem, found) == []
    assert found.served >= len(best_first(problem, possible_pairs(problem)))
    for gap in found.gaps:
        assert gap.proved or gap.share >= 0


def test_two_with_one_key_and_pairs_of_strangers_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        round_of(garden(), garden(), clerk())
    with pytest.raises(ValueError, match="not in the round"):
        round_of(garden(), clerk(), pins=frozenset({("tuin", "niemand")}))


def test_an_empty_round_is_an_empty_answer() -> None:
    assert match(Problem(initiatives=(), consultants=())).pairs == ()
    assert match(round_of(garden())).pairs == ()
    assert match(round_of(clerk())).worst is None

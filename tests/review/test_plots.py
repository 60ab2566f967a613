"""Plots: the numbers that go in are the lengths that come out, and stand in the table."""

import pytest
from lxml import etree

from review.plots import ABOVE, BESIDE, FIELD, PATTERNS, Bar, Plot, Series, bars, lines, stacked

SVG = "{http://www.w3.org/2000/svg}"
WEEKS = ["39", "40", "41", "42"]


def tree(plot: Plot) -> etree._Element:
    return etree.fromstring(str(plot.svg))


def named(plot: Plot, name: str) -> list[etree._Element]:
    """Elements of this class, in order."""
    return [one for one in tree(plot).iter() if name in (one.get("class") or "").split()]


def part(text: str) -> float:
    """``12.5%`` as 0.125."""
    assert text.endswith("%")
    return float(text[:-1]) / 100


def across(text: str) -> float:
    """How far along its field something stands, 0.0 to 1.0."""
    return round((part(text) - BESIDE) / (1 - BESIDE), 4)


def some_bars(**options: object) -> Plot:
    rows = [
        Bar("groen", 40, "40", cells=("4",)),
        Bar("zorg", 10, "10", cells=("1",)),
        Bar("sport", 0, "0", cells=("0",)),
    ]
    return bars("x", "Thema’s", "Per thema.", rows, headings=["Thema", "In", "Op"], **options)  # type: ignore[arg-type]


def some_weeks(make: object = lines) -> Plot:
    series = [Series("In", (4, 0, 8, 2)), Series("Op", (1, 0, 2, 2))]
    return make("x", "Per week", "Week na week.", WEEKS, series, heading="Week")  # type: ignore[operator,no-any-return]


def test_bars_are_as_long_as_their_numbers_and_nothing_has_no_bar() -> None:
    plot = some_bars()

    assert [part(one.get("width")) for one in named(plot, "scout-plot__bar")] == [1.0, 0.25]
    assert [one.text for one in named(plot, "scout-plot__label")] == ["groen", "zorg", "sport"]
    assert [one.text for one in named(plot, "scout-plot__value")] == ["40", "10", "0"]
    assert plot.table.headings == ("Thema", "In", "Op")
    assert plot.table.rows == (("groen", "40", "4"), ("zorg", "10", "1"), ("sport", "0", "0"))


def test_a_part_of_the_whole_fills_that_part_of_the_width_and_marks_stand_where_they_should() -> None:
    rows = [
        Bar("hoog", 0.8, "80%", mark=0.9, mark_text="90%"),
        Bar("laag", None, "niets", mark=None, mark_text="niets"),
        Bar("alles", 1.0, "100%", mark=1.0, mark_text="100%"),
    ]
    plot = bars("x", "Raak", "…", rows, most=1.0, headings=["Score", "Was", "Zei"], legend=("was", "zei"))

    assert [part(one.get("width")) for one in named(plot, "scout-plot__bar")] == [0.8, 1.0]
    assert [part(one.get("x")) for one in named(plot, "scout-plot__mark")] == [0.9, 0.99]
    assert plot.table.rows[0] == ("hoog", "80%", "90%")
    assert plot.table.rows[1] == ("laag", "niets", "niets")
    assert [words for _sign, words in plot.legend] == ["was", "zei"]


def test_points_of_a_line_are_as_high_as_their_numbers() -> None:
    plot = some_weeks()

    def high(y: str) -> float:
        return (ABOVE + FIELD - float(y)) / FIELD

    assert [high(one.get("cy")) for one in named(plot, "scout-plot__dot--1")] == [0.5, 0, 1, 0.25]
    assert [across(one.get("cx")) for one in named(plot, "scout-plot__dot--1")] == [
        0.125,
        0.375,
        0.625,
        0.875,
    ]
    # Lines join the points of one row, in order.
    assert [(across(one.get("x1")), across(one.get("x2"))) for one in named(plot, "scout-plot__line--2")] == [
        (0.125, 0.375),
        (0.375, 0.625),
        (0.625, 0.875),
    ]
    assert [one.text for one in named(plot, "scout-plot__step")] == ["4", "8"]
    assert plot.table.rows == (("39", "4", "1"), ("40", "0", "0"), ("41", "8", "2"), ("42", "2", "2"))


def test_the_two_lines_differ_in_more_than_colour() -> None:
    plot = some_weeks()

    assert {one.tag for one in named(plot, "scout-plot__dot--1")} == {"circle"}
    assert {one.tag for one in named(plot, "scout-plot__dot--2")} == {"rect"}
    assert [words for _sign, words in plot.legend] == ["In", "Op"]


def test_parts_of_a_column_stand_on_each_other_and_add_up() -> None:
    plot = some_weeks(stacked)
    columns: dict[str, list[tuple[float, float]]] = {}
    for one in named(plot, "scout-plot__part"):
        columns.setdefault(one.get("x"), []).append((float(one.get("y")), float(one.get("height"))))

    # 5, 4 and 10 in all; nothing in the second week, so no column.
    assert len(columns) == 3
    for total, parts in zip((5, 10, 4), columns.values(), strict=True):
        assert sum(height for _y, height in parts) == pytest.approx(FIELD * total / 10, abs=0.02)
        (low_y, _low), (high_y, high) = parts
        assert high_y + high == pytest.approx(low_y, abs=0.02)
    assert plot.table.rows[2] == ("41", "8", "2")


def test_parts_differ_in_pattern_and_there_are_never_more_than_patterns() -> None:
    series = [Series(str(number), (1,)) for number in range(len(PATTERNS))]
    plot = stacked("x", "T", "D", ["1"], series, heading="Week")

    fills = [one.get("fill") for one in named(plot, "scout-plot__over")]
    patterns = [one.get("id") for one in tree(plot).iter("pattern")]
    assert fills == [f"url(#{name})" for name in patterns]
    assert len(set(patterns)) == len(PATTERNS) - 1
    with pytest.raises(ValueError, match="at most"):
        stacked("x", "T", "D", ["1"], [*series, Series("more", (1,))], heading="Week")


@pytest.mark.parametrize("weeks", [1, 12, 13, 26, 52])
def test_names_of_weeks_never_crowd_and_the_last_is_always_there(weeks: int) -> None:
    names = [str(number) for number in range(weeks)]
    plot = lines("x", "T", "D", names, [Series("In", tuple(range(weeks)))], heading="Week")

    shown = [one.text for one in named(plot, "scout-plot__week")]
    assert shown[-1] == names[-1]
    assert len(shown) <= 13
    assert len(plot.table.rows) == weeks
    assert len(named(plot, "scout-plot__dot")) == (weeks if weeks <= 26 else 0)
    assert len(named(plot, "scout-plot__line")) == weeks - 1


@pytest.mark.parametrize(
    "plot", [some_bars(), some_weeks(), some_weeks(stacked)], ids=["bars", "lines", "stacked"]
)
def test_a_picture_has_a_name_and_says_what_it_shows_and_carries_no_style(plot: Plot) -> None:
    root = tree(plot)

    assert root.get("role") == "img"
    by_id = {one.get("id"): one for one in root.iter() if one.get("id")}
    assert by_id[root.get("aria-labelledby")].text == plot.title
    assert by_id[root.get("aria-describedby")].text
    assert root[0].tag == "title"
    every = [
        *root.iter(),
        *(one for sign, _words in plot.legend for one in etree.fromstring(str(sign)).iter()),
    ]
    for one in every:
        assert one.get("style") is None
        assert not any(name.startswith("on") for name in one.attrib)
        assert one.tag != "style"


def test_empty_and_all_zero_plots_are_drawn() -> None:
    assert not named(bars("x", "T", "D", [], headings=["A", "B"]), "scout-plot__bar")
    nothing = [Series("In", (0, 0, 0, 0))]
    assert len(named(lines("x", "T", "D", WEEKS, nothing, heading="W"), "scout-plot__dot")) == 4
    assert not named(stacked("x", "T", "D", WEEKS, nothing, heading="W"), "scout-plot__part")
    assert not named(stacked("x", "T", "D", WEEKS, [], heading="W"), "scout-plot__part")


def test_words_in_a_plot_are_words_and_never_markup() -> None:
    plot = bars("x", "<b>&", "\"'", [Bar("<script>", 1, "<1>")], headings=["A", "B"])

    assert "<script>" not in plot.svg
    assert named(plot, "scout-plot__label")[0].text == "<script>"
    assert tree(plot)[0].text == "<b>&"

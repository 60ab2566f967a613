"""Plots as SVG, made on the server: pure functions from numbers to a picture and the table behind it.

No style stands in the pictures, only classes (``static/figures.css``), so that dark mode, print and the
content security policy hold. Widths are parts of the page, heights and letters are fixed: a plot is as
readable on a telephone as on a wide screen. Colour is never the only sign: lines differ in marks and
dashes, parts of a column in pattern, and all numbers stand in the table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from review.svg import element, percent, picture, pixels

#: Heights in pixels: of one bar with its words, and of a bar alone.
ROW, BAR = 50, 18
#: Of the field of a plot by week, of the room above it for the highest number, and below it for the weeks.
FIELD, ABOVE, BELOW = 180, 22, 26
#: Part of the width that is left to the numbers beside the field, and part of its place that a column fills.
BESIDE, COLUMN = 0.1, 0.72
#: Most names of weeks below a plot: on a screen of 320 pixels they still do not touch.
NAMES = 13
#: Most weeks of which each has its mark on the line; with more they hide it.
DOTS = 26
#: How the parts of a column are filled, so that they can be told apart without colour: what is drawn in a
#: square of eight by eight, in the colour of the page; the first has nothing on it.
PATTERNS = (
    "",
    "M-2 2 2-2M0 8 8 0M6 10 10 6",
    "M2 2h2v2h-2zM6 6h2v2h-2z",
    "M0 2h8M0 6h8",
    "M2 0v8M6 0v8",
    "M0 0 8 8M0 8 8 0",
)


@dataclass(frozen=True)
class Table:
    """The numbers of a plot; the first cell of each row is its heading."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Plot:
    """A picture, what its signs mean, and the table behind it."""

    #: Unique on its page; begins the ids in the picture.
    key: str
    title: str
    svg: Markup
    #: Sign and meaning.
    legend: tuple[tuple[Markup, str], ...]
    table: Table


@dataclass(frozen=True)
class Bar:
    """One bar."""

    label: str
    #: 0.0 or more; None = there is nothing to show.
    value: float | None
    #: The value in words, as beside the bar and in the table.
    text: str
    #: Where a mark stands on the bar, in the unit of the value, and that in words.
    mark: float | None = None
    mark_text: str = ""
    #: More cells for the table.
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """One row of numbers, one for each week."""

    name: str
    values: tuple[int, ...]


def bars(
    key: str,
    title: str,
    description: str,
    rows: Sequence[Bar],
    *,
    headings: Sequence[str],
    most: float | None = None,
    legend: tuple[str, str] | None = None,
) -> Plot:
    """Bars below each other, each with its words above it.

    Args:
        headings: of the table: the label, the value, the mark if there are any, more cells.
        most: value that fills the width; None = the highest one.
        legend: meaning of the bar and of the mark.
    """
    scale = most or max((max(row.value or 0.0, row.mark or 0.0) for row in rows), default=0.0) or 1.0
    parts = []
    for number, row in enumerate(rows):
        top = number * ROW
        bar = top + 24
        parts += [
            element("text", row.label, class_="scout-plot__label", x=0, y=top + 17),
            element("text", row.text, class_="scout-plot__value", x="100%", y=top + 17, text_anchor="end"),
            element("rect", class_="scout-plot__track", x=0, y=bar, width="100%", height=BAR),
        ]
        if row.value:
            parts.append(
                element(
                    "rect",
                    class_="scout-plot__bar",
                    x=0,
                    y=bar,
                    width=percent(row.value / scale),
                    height=BAR,
                )
            )
        if row.mark is not None:
            parts.append(
                element(
                    "rect",
                    class_="scout-plot__mark",
                    # Wholly in the picture, also at the very end.
                    x=percent(min(row.mark / scale, 0.99)),
                    y=bar - 3,
                    width=3,
                    height=BAR + 6,
                )
            )
    marked = any(row.mark is not None for row in rows)
    return Plot(
        key,
        title,
        picture(key, title, description, len(rows) * ROW, parts),
        _bar_legend(legend) if legend else (),
        Table(
            title,
            tuple(headings),
            tuple((row.label, row.text, *((row.mark_text,) if marked else ()), *row.cells) for row in rows),
        ),
    )


def lines(
    key: str,
    title: str,
    description: str,
    weeks: Sequence[str],
    series: Sequence[Series],
    *,
    heading: str,
    names: Sequence[str] = (),
    write: Callable[[int], str] = str,
) -> Plot:
    """Lines over weeks, two at most: the first whole with round marks, the second dashed with square ones.

    Args:
        weeks: short names, oldest first, as below the plot.
        heading: of the column with the weeks in the table.
        names: of the weeks in the table; none = the short ones.
        write: a number in words.
    """
    most = max((max(one.values, default=0) for one in series), default=0) or 1
    parts = [*_grid(most, write), *_week_names(weeks)]
    for number, one in enumerate(series, 1):
        places = [
            (_across((week + 0.5) / len(weeks)), _high(value / most)) for week, value in enumerate(one.values)
        ]
        name = f"scout-plot__line scout-plot__line--{number}"
        parts += [
            element("line", class_=name, x1=x1, y1=y1, x2=x2, y2=y2)
            for (x1, y1), (x2, y2) in pairwise(places)
        ]
        parts += [_dot(number, x, y) for x, y in places] if len(weeks) <= DOTS else []
    return Plot(
        key,
        title,
        picture(key, title, description, ABOVE + FIELD + BELOW, parts),
        tuple((_line_sign(number), one.name) for number, one in enumerate(series, 1)),
        _week_table(title, heading, names or weeks, series, write),
    )


def stacked(
    key: str,
    title: str,
    description: str,
    weeks: Sequence[str],
    series: Sequence[Series],
    *,
    heading: str,
    names: Sequence[str] = (),
    write: Callable[[int], str] = str,
) -> Plot:
    """A column for each week, its parts on top of each other in the order given; arguments as for lines.

    Raises:
        ValueError: more parts than there are patterns.
    """
    if len(series) > len(PATTERNS):
        raise ValueError(f"a column has at most {len(PATTERNS)} parts, not {len(series)}")
    totals = [sum(one.values[week] for one in series) for week in range(len(weeks))]
    most = max(totals, default=0) or 1
    parts = [_patterns(key, len(series)), *_grid(most, write), *_week_names(weeks)]
    for week in range(len(weeks)):
        below = 0
        for number, one in enumerate(series):
            value = one.values[week]
            if value:
                box = {
                    "x": _across((week + (1 - COLUMN) / 2) / len(weeks)),
                    "y": _high((below + value) / most),
                    "width": percent((1 - BESIDE) * COLUMN / len(weeks)),
                    "height": pixels(FIELD * value / most),
                }
                parts += _filled(key, number, box)
                below += value
    return Plot(
        key,
        title,
        picture(key, title, description, ABOVE + FIELD + BELOW, parts),
        tuple((_part_sign(key, number), one.name) for number, one in enumerate(series)),
        _week_table(title, heading, names or weeks, series, write),
    )


def _grid(most: int, write: Callable[[int], str]) -> list[Markup]:
    """Lines at nothing, half and all of the highest number, with the numbers."""
    steps = sorted({0, most // 2, most})
    found = []
    for step in steps:
        y = _high(step / most)
        found.append(element("line", class_="scout-plot__grid", x1=0, y1=y, x2="100%", y2=y))
        if step:
            found.append(element("text", write(step), class_="scout-plot__step", x=0, y=float(y) - 5))
    return found


def _week_names(weeks: Sequence[str]) -> list[Markup]:
    """Short names below the field; where there are many, not all of them, but always the last."""
    every = -(-len(weeks) // NAMES)
    return [
        element(
            "text",
            name,
            class_="scout-plot__week",
            x=_across((week + 0.5) / len(weeks)),
            y=ABOVE + FIELD + 18,
            text_anchor="middle",
        )
        for week, name in enumerate(weeks)
        if (len(weeks) - 1 - week) % every == 0
    ]


def _week_table(
    title: str, heading: str, weeks: Sequence[str], series: Sequence[Series], write: Callable[[int], str]
) -> Table:
    return Table(
        title,
        (heading, *(one.name for one in series)),
        tuple((name, *(write(one.values[week]) for one in series)) for week, name in enumerate(weeks)),
    )


def _dot(number: int, x: str | int, y: str | int) -> Markup:
    name = f"scout-plot__dot scout-plot__dot--{number}"
    if number == 1:
        return element("circle", class_=name, cx=x, cy=y, r=4)
    # A square around its middle: the middle is a part of the width, its half a number of pixels.
    return element(
        "svg",
        element("rect", class_=name, x=-4, y=-4, width=8, height=8),
        class_="scout-plot__place",
        x=x,
        y=y,
        width=1,
        height=1,
    )


def _filled(key: str, number: int, box: dict[str, str]) -> list[Markup]:
    """A part of a column: its colour, and its pattern over it."""
    plain = element("rect", class_=f"scout-plot__part scout-plot__part--{number + 1}", **box)
    if not PATTERNS[number]:
        return [plain]
    return [
        plain,
        element("rect", class_="scout-plot__over", fill=f"url(#{key}-patroon-{number + 1})", **box),
    ]


def _patterns(key: str, number: int) -> Markup:
    return element(
        "defs",
        *(
            element(
                "pattern",
                element("path", class_="scout-plot__ink", d=path),
                id=f"{key}-patroon-{place}",
                width=8,
                height=8,
                patternUnits="userSpaceOnUse",
            )
            for place, path in enumerate(PATTERNS[:number], 1)
            if path
        ),
    )


def _sign(*parts: Markup, width: int = 22) -> Markup:
    return element(
        "svg",
        *parts,
        class_="scout-plot__sign",
        width=width,
        height=16,
        aria_hidden="true",
        focusable="false",
    )


def _line_sign(number: int) -> Markup:
    line = element("line", class_=f"scout-plot__line scout-plot__line--{number}", x1=0, y1=8, x2=22, y2=8)
    return _sign(line, _dot(number, 11, 8))


def _part_sign(key: str, number: int) -> Markup:
    return _sign(*_filled(key, number, {"x": "1", "y": "1", "width": "20", "height": "14"}))


def _bar_legend(words: tuple[str, str]) -> tuple[tuple[Markup, str], ...]:
    return (
        (_sign(element("rect", class_="scout-plot__bar", x=0, y=2, width=22, height=12)), words[0]),
        (_sign(element("rect", class_="scout-plot__mark", x=9, y=0, width=3, height=16)), words[1]),
    )


def _across(part: float) -> str:
    """Where a part of the field ends, from the left."""
    return percent(BESIDE + (1 - BESIDE) * part)


def _high(part: float) -> str:
    """How far down a part of the field ends."""
    return pixels(ABOVE + FIELD * (1 - part))

"""Which plots the pages with figures show, with their words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _

from models.store.work import Precision
from models.store.work_places import MunicipalWork
from review.figure_words import percent
from review.plots import PATTERNS, Bar, Plot, Series, bars, lines, stacked
from review.shown import labels


def first_of_queue(first: Sequence[tuple[int, Precision]]) -> Plot:
    """How many of the first leads of each day were initiatives."""
    return bars(
        "eerste",
        _("Raak bij de eerste signalen van de dag"),
        _("Voor elk aantal een balk: welk deel van de eerste signalen van elke dag een initiatief was."),
        [
            Bar(
                ngettext("de eerste %(num)s", "de eerste %(num)s", number),
                one.share,
                _share(one.share),
                cells=_counts(one),
            )
            for number, one in first
        ],
        most=1.0,
        headings=[_("Signalen"), _("Raak"), *_count_headings()],
    )


def calibration(classes: Sequence[tuple[Any, Precision]]) -> Plot:
    """How many of the leads of each class of scores were initiatives, beside what the score says."""
    return bars(
        "score",
        _("Klopt de score?"),
        _("Voor elke klasse een balk: welk deel een initiatief was. Het streepje is de voorspelling."),
        [
            Bar(
                str(name),
                one.share_of_clear,
                _share(one.share_of_clear),
                mark=one.expected,
                mark_text=_share(one.expected),
                cells=(*_counts(one), format_decimal(one.unclear)),
            )
            for name, one in classes
        ],
        most=1.0,
        legend=(_("was een initiatief"), _("voorspeld door de score")),
        headings=[
            _("Score"),
            _("Was een initiatief"),
            _("Voorspeld"),
            *_count_headings(),
            _("Waarvan niet geteld"),
        ],
    )


def by_week(work: MunicipalWork) -> Plot:
    """What came in and was promoted in each week."""
    return lines(
        "weken",
        _("Signalen per week"),
        _("Twee lijnen: signalen die binnenkwamen en signalen die in het register kwamen, week na week."),
        [_short(week.monday) for week in work.weeks],
        [
            Series(_("Binnengekomen"), tuple(week.opened for week in work.weeks)),
            Series(_("Opgenomen"), tuple(week.promoted for week in work.weeks)),
        ],
        heading=_("Week"),
        names=[_long(week.monday) for week in work.weeks],
        write=format_decimal,
    )


def by_theme(work: MunicipalWork) -> Plot:
    """What came in each week by theme: the largest themes, and the others together."""
    largest = [theme for theme, _numbers in _ordered(work) if theme is not None][: len(PATTERNS) - 1]
    series = [
        Series(labels("themes").get(theme, theme), tuple(week.themes.get(theme, 0) for week in work.weeks))
        for theme in largest
    ]
    rest = tuple(week.opened - sum(week.themes.get(theme, 0) for theme in largest) for week in work.weeks)
    if any(rest):
        series.append(Series(_("Andere of geen thema"), rest))
    return stacked(
        "themaweken",
        _("Thema’s per week"),
        _("Voor elke week een kolom van signalen die binnenkwamen, verdeeld naar thema."),
        [_short(week.monday) for week in work.weeks],
        series,
        heading=_("Week"),
        names=[_long(week.monday) for week in work.weeks],
        write=format_decimal,
    )


def themes(work: MunicipalWork) -> Plot:
    """What came in of each theme in all weeks together."""
    return bars(
        "themas",
        _("Thema’s"),
        _("Voor elk thema een balk: hoeveel signalen binnenkwamen."),
        [
            Bar(
                _("Zonder thema") if theme is None else labels("themes").get(theme, theme),
                opened,
                format_decimal(opened),
                cells=(format_decimal(promoted),),
            )
            for theme, (opened, promoted) in _ordered(work)
        ],
        headings=[_("Thema"), _("Binnengekomen"), _("Waarvan opgenomen")],
    )


def _ordered(work: MunicipalWork) -> list[tuple[str | None, tuple[int, int]]]:
    """Themes, the largest first; those without one last."""
    return sorted(work.themes.items(), key=lambda pair: (pair[0] is None, -pair[1][0], pair[0] or ""))


def _count_headings() -> list[str]:
    return [_("Besloten"), _("Opgenomen"), _("Al bekend"), _("Afgewezen")]


def _counts(one: Precision) -> tuple[str, ...]:
    return tuple(format_decimal(number) for number in (one.decided, one.promoted, one.known, one.rejected))


def _share(part: float | None) -> str:
    return percent(part) if part is not None else str(_("nog niets besloten"))


def _short(monday: date) -> str:
    """Number of the week, as it stands below a plot."""
    return str(monday.isocalendar().week)


def _long(monday: date) -> str:
    """Number of the week and the day it begins, as it stands in a table."""
    return str(
        _(
            "week %(number)s (vanaf %(day)s)",
            number=monday.isocalendar().week,
            day=format_date(monday, "d MMM yyyy"),
        )
    )

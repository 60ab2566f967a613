"""New items of a source by day: a small drawing in the list, a plot with its table on its own page."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from review.plots import Plot, Series, stacked

#: Size of the small drawing, in its own units: a column is two wide, with one between.
COLUMN, GAP, HEIGHT = 2, 1, 20


def sparkline(counts: Sequence[int]) -> Markup:
    """A column for each day, the highest as high as the drawing; who can't see it reads :func:`in_words`."""
    most = max(counts, default=0) or 1
    path = "".join(
        # At least one unit high: one item is not nothing.
        f"M{place * (COLUMN + GAP)} {HEIGHT}v-{max(1, round(HEIGHT * count / most))}h{COLUMN}V{HEIGHT}z"
        for place, count in enumerate(counts)
        if count
    )
    width = len(counts) * (COLUMN + GAP) - GAP
    # Nothing but numbers stands in it.
    return Markup(  # noqa: S704
        f'<svg class="scout-spark" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true" focusable="false"><path class="scout-spark__base" d="M0 {HEIGHT}h{width}"/>'
        f'<path class="scout-spark__days" d="{path}"/></svg>'
    )


def in_words(counts: Sequence[int]) -> str:
    """The numbers of the small drawing."""
    if not any(counts):
        return str(_("Geen nieuwe berichten in %(days)s dagen.", days=len(counts)))
    said = _(
        "Nieuwe berichten per dag, %(days)s dagen tot en met vandaag: %(counts)s.",
        days=len(counts),
        counts=", ".join(map(str, counts)),
    )
    return str(said)


def by_day(counts: Sequence[int], today: date) -> Plot:
    """A column for each day, oldest first, with the numbers in a table."""
    days = [today - timedelta(days=ago) for ago in range(len(counts) - 1, -1, -1)]
    total, highest = sum(counts), max(counts, default=0)
    return stacked(
        "per-dag",
        _("Nieuwe berichten per dag"),
        _(
            "Samen %(total)s in %(days)s dagen, op één dag hooguit %(highest)s.",
            total=total,
            days=len(counts),
            highest=highest,
        ),
        [str(day.day) for day in days],
        [Series(_("Nieuwe berichten"), tuple(counts))],
        heading=_("Dag"),
        names=[format_date(day, "EEEE d MMMM") for day in days],
    )

"""A report in parts, the same for the page, for print and for the PDF: words, drawings and tables."""

from collections.abc import Mapping

from flask_babel import gettext as _

from models.store.profiles import reached
from models.store.reports import WITHOUT
from review import report_words as words
from review import texts
from review.plots import Bar, Table, bars
from review.report_shapes import Part, Report
from review.report_where import groups_part, places_part
from review.shown import labels, names

#: Keys of the parts that are tables of numbers, in the order of :data:`review.report_words.LINES`.
NUMBERED = ("signalen", "delingen", "initiatieven")


def parts_of(report: Report) -> list[Part]:
    """The parts in order."""
    found = [*_numbers(report), _themes(report)]
    if report.figures.moves:
        found.append(_moves(report.figures.moves))
    if report.places is not None and report.code is not None:
        found.append(places_part(report.code, report.places))
        if report.profiles is not None:
            found.append(groups_part(reached(report.profiles, report.places), report.profiles))
    if report.code is None:
        found.append(_municipalities(report.figures.municipalities))
    return found


def compared_words(report: Report) -> list[str]:
    """What the figures are held against, and what to mind in doing so."""
    made = report.compared
    if made is None:
        return []
    said = [
        _(
            "Het vorige rapport ging over %(period)s (%(days)s).",
            period=words.period(made.period),
            days=words.days(made.period),
        )
    ]
    if made.period.days != report.period.days:
        said.append(
            _(
                "Dit rapport gaat over %(days)s. De aantallen zijn dus niet zonder meer te vergelijken.",
                days=words.days(report.period),
            )
        )
    return [str(one) for one in said]


def _numbers(report: Report) -> list[Part]:
    made = report.compared
    found = []
    for number, (title, lines) in enumerate(words.LINES.items()):
        rows = [
            words.line(
                key,
                name,
                report.figures.numbers.get(key),
                made.figures.numbers.get(key) if made else None,
                compared=made is not None,
            )
            for key, name in lines.items()
            if not _is_nothing(key, report)
        ]
        headings = (_("Wat"), _("Aantal"), *((_("Vorig rapport"), _("Verschil")) if made else ()))
        table = Table(
            str(title),
            tuple(str(one) for one in headings),
            tuple((row.name, row.number, *((row.before, row.difference) if made else ())) for row in rows),
        )
        found.append(Part(NUMBERED[number], str(title), tables=(table,)))
    return found


def _is_nothing(key: str, report: Report) -> bool:
    """Whether a line only tells that a part of the line before it is empty, as it was last time."""
    made = report.compared
    numbers = (report.figures.numbers.get(key), made.figures.numbers.get(key) if made else 0)
    return key.startswith(tuple(words.INSIDE)) and not any(numbers)


def _themes(report: Report) -> Part:
    ordered = sorted(
        report.figures.themes.items(),
        key=lambda pair: (pair[0] == WITHOUT, -pair[1][2], -pair[1][0], pair[0]),
    )
    title = str(_("Thema’s"))
    plot = bars(
        "themas",
        title,
        str(_("Voor elk thema een balk: hoeveel initiatieven er nu in het register staan.")),
        [
            Bar(
                str(_("Zonder thema")) if theme == WITHOUT else labels("themes").get(theme, theme),
                row[2],
                words.written(row[2]),
                cells=(words.written(row[0]), words.written(row[1])),
            )
            for theme, row in ordered
        ],
        headings=[
            str(one)
            for one in (
                _("Thema"),
                _("Nu in het register"),
                _("Signalen binnengekomen"),
                _("Signalen opgenomen"),
            )
        ],
    )
    if not ordered:
        return Part("themas", title, said=(str(_("Er zijn nog geen signalen of initiatieven.")),))
    said = str(_("De balken tonen wat er nu in het register staat, de tabel ook wat er binnenkwam."))
    return Part("themas", title, said=(said,), plots=(plot,), tables=(plot.table,))


def _moves(moves: Mapping[tuple[str, str], int]) -> Part:
    names_of = {phase.value: str(name) for phase, name in texts.PHASES.items()}
    title = str(_("Stappen naar een andere fase"))
    return Part(
        "stappen",
        title,
        tables=(
            Table(
                title,
                (str(_("Van")), str(_("Naar")), str(_("Aantal"))),
                tuple(
                    (names_of.get(old, old), names_of.get(new, new), words.written(count))
                    for (old, new), count in sorted(moves.items(), key=lambda pair: (-pair[1], pair[0]))
                ),
            ),
        ),
    )


def _municipalities(rows: Mapping[str, Mapping[str, int]]) -> Part:
    title = str(_("Gemeenten"))
    ordered = sorted(rows.items(), key=lambda pair: (pair[0] == WITHOUT, names().get(pair[0], pair[0])))
    return Part(
        "gemeenten",
        title,
        tables=(
            Table(
                title,
                (str(_("Gemeente")), *(str(name) for name in words.OF_EACH.values())),
                tuple(
                    (
                        str(_("Zonder gemeente")) if code == WITHOUT else names().get(code, code),
                        *(words.written(row.get(key, 0)) for key in words.OF_EACH),
                    )
                    for code, row in ordered
                ),
            ),
        ),
    )

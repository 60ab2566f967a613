"""A report as PDF, made by Typst in a process of its own: tagged, with a title and words for its drawings."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from markupsafe import Markup

from review import report_words as words
from review.plots import Table
from review.report_shapes import Drawing, Part, Report

SCRIPT = Path(__file__).resolve().parent / "typst" / "make_pdf.py"
#: Seconds that one PDF may take; a report of the whole network takes less than one.
SECONDS = 30
#: How many are made at once; others wait for their turn.
AT_ONCE = threading.BoundedSemaphore(2)
#: Width of drawings that are as wide as their place, in pixels.
WIDTH = 560
#: Widths on paper in centimetres: of a plot, a map, and tiles.
PLOT, MAP, TILES = 17, 9, 12
#: What the style sheets say of drawings, for paper: one colour beside black, and forms.
STYLE = """
text { font-family: "Libertinus Serif"; fill: #000; font-size: 14px }
.scout-plot__value { font-weight: bold }
.scout-plot__track { fill: #e3e8ec }
.scout-plot__bar { fill: #0b6165 }
.scout-tiles__one { fill: #fff; stroke: #333; stroke-width: 1 }
.scout-tiles__one--full { fill: #0b6165; stroke: #0b6165 }
.scout-tiles__one--leads { stroke-dasharray: 3 2 }
.scout-tiles__count { fill: #fff; font-weight: bold }
.scout-tiles__dot { fill: #333 }
.scout-map__around { fill: #f0f2ee; stroke: #b9c2bd; stroke-width: 0.8 }
.scout-map__here { fill: #d5ebea; stroke: #0b6165; stroke-width: 1.5; stroke-linejoin: round }
.scout-map__name { fill: #4d5a5e; font-size: 9.5px; text-anchor: middle }
.scout-map__dot { fill: #8f1d18; stroke: #fff; stroke-width: 1.5 }
.scout-map__count { fill: #fff; font-size: 8px; font-weight: bold; text-anchor: middle }
.scout-map__none { fill: #fff; stroke: #333; stroke-width: 1.2 }
"""


class PdfError(Exception):
    """No PDF could be made; the message says why, for the log."""


def pdf_of(report: Report, parts: Sequence[Part], said: Sequence[str], *, language: str) -> bytes:
    """The report as PDF.

    Raises:
        PdfError: it could not be made, or took too long.
    """
    data = {
        "title": report.title,
        "lang": language,
        "period": words.period(report.period),
        "said": list(said),
        "parts": [_part(part) for part in parts],
        "made": str(
            _("Gemaakt op %(moment)s.", moment=format_datetime(report.made_at, "d MMMM yyyy, HH:mm"))
        ),
    }
    asked = json.dumps({"data": data, "at": int(report.made_at.timestamp())}).encode()
    with AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments; what people wrote is on its input
                [sys.executable, "-I", str(SCRIPT)],
                input=asked,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PdfError(f"the PDF could not be made: {type(error).__name__}") from None
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        # The last line names the mistake; the data is not in it.
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise PdfError(f"the PDF could not be made: {''.join(last)[:200]}")
    return done.stdout


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "said": list(part.said),
        "small": list(part.small),
        "drawings": [
            *(_drawn(one) for one in part.drawings),
            *(
                {
                    "title": plot.title,
                    "alt": str(_("%(title)s. De tabel hieronder noemt de cijfers.", title=plot.title)),
                    "svgs": [_alone(plot.svg)],
                    "width": PLOT,
                    "legend": "",
                }
                for plot in part.plots
            ),
        ],
        "tables": [_table(table, part.title) for table in part.tables if table.rows],
    }


def _drawn(one: Drawing) -> dict[str, Any]:
    legend = _("Gevuld vakje met getal: initiatieven. Stip: alleen signalen. Leeg vakje: niets.")
    return {
        "title": one.title,
        "alt": one.description,
        "svgs": [_alone(svg) for svg in one.svgs],
        "width": MAP if one.is_map else TILES,
        "legend": str(legend) if one.legend else "",
    }


def _alone(svg: Markup) -> str:
    """A drawing of a page as a file of its own, with its style."""
    text = str(svg).replace('width="100%"', f'width="{WIDTH}"', 1)
    head, _bracket, rest = text.partition(">")
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"{head}><style>{STYLE}</style>{rest}"


def _table(table: Table, heading: str) -> dict[str, Any]:
    """A table with what each column needs: numbers stand right and narrow, names take what is left."""
    columns = len(table.headings)
    numbers = [
        column
        for column in range(1, columns)
        if all(len(row[column]) <= 12 and ", " not in row[column] for row in table.rows)
    ]
    return {
        # Not twice the same words below each other.
        "caption": "" if table.caption == heading else table.caption,
        "headings": list(table.headings),
        "rows": [list(row) for row in table.rows],
        "numbers": numbers,
        "narrow": [column in numbers for column in range(columns)],
    }

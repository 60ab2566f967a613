"""Reports: the figures of a municipality, or of the network, over some days; as a page, a PDF and files."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from models.base import ZONE, utc_now
from models.store.audit import record
from models.store.profiles import profiles_of
from models.store.reports import UnknownReportError, check_reportable, figures_of
from models.store.reports_made import (
    MOST_NEWS,
    Made,
    ReportNotAllowedError,
    ReportPeriodError,
    StaleReportError,
    check_period,
    close_report,
    last_made,
    news_since,
)
from models.store.reports_period import EARLIEST, MOST_DAYS, Period, presets
from models.store.reports_places import places_of
from review import report_words as words
from review import share_texts
from review.actions import number
from review.asked import MUNICIPALITY
from review.channel_choice import all_municipalities
from review.database import db, writing
from review.export_formats import csv_parts, write_xlsx
from review.handed_files import day_of
from review.kept import Kept
from review.language import chosen_language
from review.report_files import COLUMNS, file_rows
from review.report_parts import compared_words, parts_of
from review.report_pdf import PdfError, pdf_of
from review.report_shapes import Report

blueprint = Blueprint("reports", __name__)

#: Form of a file -> the type that it is sent as.
FORMS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Asked:
    """Of what a report is asked, over which days."""

    #: CBS code; None = the whole network.
    code: str | None
    name: str
    period: Period
    #: Word of :data:`review.report_words.PRESETS`; empty = days of one's own.
    preset: str
    presets: Mapping[str, Period]
    #: The report that was closed last; None = none was.
    last: Made | None
    today: date
    #: Field -> what is wrong with it; the days are then the usual ones.
    problems: Mapping[str, str]
    #: The days as they were sent, to be shown again.
    sent: Mapping[str, str]

    @property
    def address(self) -> dict[str, Any]:
        """As the addresses of this report carry it."""
        return {
            "gemeente": self.code if g.viewer.decides else None,
            "vanaf": self.period.first.isoformat(),
            "tot-en-met": self.period.last.isoformat(),
        }


@blueprint.get("/rapport")
def index() -> str | tuple[str, int]:
    """The report as a page, which reads well on paper."""
    if not g.viewer.decides and g.viewer.municipality_code is None:
        return render_template("figures_none.html")
    asked = _asked(request.args)
    page = _page(asked)
    return (page, 400) if asked.problems else page


@blueprint.post("/rapport/afsluiten")
def close() -> AnyResponse | tuple[str, int]:
    """Keep the figures, for the next report to be held against."""
    asked = _asked(request.form)
    if not asked.problems and not (request.form.get("vanaf") and request.form.get("tot-en-met")):
        abort(400)
    if asked.problems:
        return _page(asked), 400
    try:
        with writing() as session:
            close_report(
                session,
                asked.code,
                asked.period,
                viewer=g.viewer,
                last_id=number(request.form.get("vorig", "")) or 0,
            )
    except ReportPeriodError:
        abort(400)
    except ReportNotAllowedError:
        abort(403)
    except StaleReportError as error:
        said = _(
            "Iemand anders heeft intussen een rapport afgesloten over %(period)s. Dit rapport is nog niet "
            "afgesloten. Kijk het na en sluit het daarna zo nodig af.",
            period=words.period(error.last.period),
        )
        return _page(_asked(request.form), problem=str(said)), 409
    flash(
        _("Het rapport over %(period)s is afgesloten.", period=words.period(asked.period)),
        "ok",
    )
    return redirect(url_for(".index", **asked.address), code=303)


@blueprint.get(f"/rapport.<any({', '.join(FORMS)}):form>")
def file(form: str) -> AnyResponse | tuple[str, int]:
    """The same figures as a file; that somebody took it is logged before it is sent."""
    asked = _asked(request.args)
    if asked.problems:
        return _page(asked), 400
    try:
        content = _content(_report(asked), form)
    except PdfError as error:
        current_app.logger.error("%s", error)
        flash(_("Het PDF-bestand kon niet worden gemaakt. Probeer het later, of druk de pagina af."), "error")
        return redirect(url_for(".index", **asked.address), code=303)
    with writing() as session:
        told = {
            "format": form,
            "municipality": asked.code,
            "from": asked.period.first.isoformat(),
            "until": asked.period.last.isoformat(),
        }
        record(session, g.viewer.account_id, "export", "report", "", after=told)
    whose = (asked.code or "netwerk").lower()
    name = f"rapport-{whose}-{asked.period.first}-{asked.period.last}.{form}"
    return Response(
        content,
        mimetype=FORMS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _content(report: Report, form: str) -> bytes:
    if form == "pdf":
        return pdf_of(report, parts_of(report), compared_words(report), language=chosen_language())
    if form == "xlsx":
        book = io.BytesIO()
        write_xlsx(COLUMNS, file_rows(report), book)
        return book.getvalue()
    # With the mark by which spreadsheet programs know UTF-8.
    return "".join(csv_parts(COLUMNS, file_rows(report))).encode("utf-8-sig")


def _page(asked: Asked, problem: str = "") -> str:
    report = _report(asked)
    return render_template(
        "report.html",
        report=report,
        asked=asked,
        problem=problem,
        chapters=parts_of(report),
        said=compared_words(report),
        words=words,
        choices=[(word, str(words.PRESETS[word]), word == asked.preset) for word in asked.presets],
        municipalities=all_municipalities() if g.viewer.decides else [],
        may_close=g.viewer.writes_register,
        answers=share_texts.ANSWERS,
        most_news=MOST_NEWS,
    )


def _report(asked: Asked) -> Report:
    """All that is asked for. The network's figures are some minutes old at most, as on the other pages."""
    viewer = g.viewer
    code, period = asked.code, asked.period
    compared = last_made(db.session, viewer, code, before=period.first)
    if code is None:
        kept: Kept = current_app.extensions["scout_figures"]
        figures, made_at = kept.get(("report", period), lambda: figures_of(db.session, viewer, None, period))
        return Report(None, "", period, figures, compared, made_at)
    return Report(
        code,
        asked.name,
        period,
        figures_of(db.session, viewer, code, period),
        compared,
        utc_now(),
        places=places_of(db.session, viewer, code, period),
        profiles=profiles_of(db.session, viewer, code),
        news=news_since(db.session, viewer, code, compared.made_at) if compared else None,
    )


def _asked(sent: Mapping[str, str]) -> Asked:
    """What the address or the form asks for; 404 when it is not there for this visitor."""
    code = g.viewer.municipality_code
    if g.viewer.decides:
        code = sent.get("gemeente", "") or None
        if code is not None and not MUNICIPALITY.fullmatch(code):
            abort(404)
    elif code is None:
        abort(404)
    today = utc_now().astimezone(ZONE).date()
    try:
        name = check_reportable(db.session, g.viewer, code)
        last = last_made(db.session, g.viewer, code)
    except UnknownReportError:
        abort(404)
    choices = presets(today, last.period.last if last else None)
    wanted = sent.get("periode", "")
    preset = wanted if wanted in choices else next(iter(choices))
    period = choices[preset]
    problems: dict[str, str] = {}
    days = {name: sent.get(name, "").strip() for name in ("vanaf", "tot-en-met")}
    if any(days.values()):
        own, problems = _days(days, today)
        if own is not None:
            period = own
            preset = next((word for word, one in choices.items() if one == own), "")
    return Asked(code, name, period, preset, choices, last, today, problems, days if problems else {})


def _days(sent: Mapping[str, str], today: date) -> tuple[Period | None, dict[str, str]]:
    """The days that were sent, or what is wrong with them."""
    first, last = day_of(sent["vanaf"]), day_of(sent["tot-en-met"])
    problems: dict[str, Any] = {}
    wrong = _("Dit is geen dag. Schrijf de dag zoals 21-11-2026.")
    if first is None:
        problems["vanaf"] = wrong
    elif first < EARLIEST:
        problems["vanaf"] = _("Kies een dag vanaf %(day)s.", day=words.day(EARLIEST))
    if last is None:
        problems["tot-en-met"] = wrong
    elif last > today:
        problems["tot-en-met"] = _("Deze dag moet nog komen. Kies vandaag of een eerdere dag.")
    if first is None or last is None or problems:
        return None, problems
    if first > last:
        problems["tot-en-met"] = _(
            "De laatste dag ligt voor de eerste. Wissel ze om, of kies een andere dag."
        )
    elif last - first >= timedelta(days=MOST_DAYS):
        problems["vanaf"] = _("Kies hoogstens %(days)s dagen.", days=MOST_DAYS)
    if problems:
        return None, problems
    period = Period(first, last)
    check_period(period, today)
    return period, {}

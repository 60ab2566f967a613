"""The network: which municipalities take part, whether its bounds are met, and what it contributes."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import format_currency
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.settings import Settings
from models.store.municipalities import ParticipationError
from models.store.network import (
    BackwardsDaysError,
    NetworkNotAllowedError,
    StaleParticipationError,
    change_participation,
    change_staff_body,
    get_member,
    network,
)
from models.store.staff_bodies import LONGEST
from review.actions import written
from review.asked import MUNICIPALITY
from review.database import db, writing
from review.handed_files import day_of
from review.leads import municipality_names
from review.register_asked import day_asked
from review.shown import names

blueprint = Blueprint("network", __name__, url_prefix="/netwerk")

#: Years that a first or last day can be in.
YEARS = range(2000, 2101)


@blueprint.get("")
def index() -> str:
    """The network today, or on another day."""
    return _index({}, {})


@blueprint.post("")
def add() -> Response | tuple[str, int]:
    """Let a municipality take part."""
    values = {name: written(request.form, name) for name in ("gemeente", "first", "last")}
    code = values["gemeente"]
    start, end, problems = _days(values)
    if not MUNICIPALITY.fullmatch(code) or code not in names():
        problems = {"gemeente": _("Kies een gemeente uit de lijst."), **problems}
    elif start is None and "first" not in problems:
        problems["first"] = _("Vul de eerste dag in.")
    member = get_member(db.session, g.viewer, _settings(), code, day=_today()) if not problems else None
    if member is not None and member.start is not None:
        problems["gemeente"] = _("%(name)s staat al in de lijst. Wijzig daar de dagen.", name=member.name)
    if problems:
        return _index(values, problems), 400
    try:
        with writing() as session:
            change_participation(session, code, start, end, viewer=g.viewer, seen=(None, None), day=_today())
    except NetworkNotAllowedError:
        abort(403)
    except StaleParticipationError:
        said = _("%(name)s staat al in de lijst. Wijzig daar de dagen.", name=names()[code])
        return _index(values, {"gemeente": said}), 409
    flash(_("%(name)s staat in de lijst.", name=names()[code]), "ok")
    return redirect(url_for(".index"), code=303)


@blueprint.get("/<code>")
def one(code: str) -> str:
    """The days of one municipality, to change them."""
    return _one(code)


@blueprint.post("/<code>")
def change(code: str) -> Response | tuple[str, int]:
    """Set the days of one municipality; no first day = it takes no part."""
    if not MUNICIPALITY.fullmatch(code) or code not in names():
        abort(404)
    values = {name: written(request.form, name) for name in ("first", "last", "body")}
    start, end, problems = _days(values)
    if len(values["body"]) > LONGEST:
        problems["body"] = _("Deze naam is te lang: gebruik hooguit %(most)s tekens.", most=LONGEST)
    if end is not None and start is None and "first" not in problems:
        problems["first"] = _("Vul ook de eerste dag in, of maak beide leeg.")
    if problems:
        return _one(code, values, problems), 400
    seen = (day_asked(request.form.get("seen_first", "")), day_asked(request.form.get("seen_last", "")))
    try:
        with writing() as session:
            change_participation(session, code, start, end, viewer=g.viewer, seen=seen, day=_today())
            # Only what was typed anew: a form that was open for long puts nothing back.
            if values["body"] != written(request.form, "seen_body"):
                change_staff_body(session, code, values["body"], viewer=g.viewer)
    except StaleParticipationError as error:
        return _one(code, values, stale=error), 409
    except (BackwardsDaysError, ParticipationError):
        return _one(code, values, {"last": _backwards()}), 400
    except NetworkNotAllowedError:
        abort(403)
    flash(_("Bewaard."), "ok")
    return redirect(url_for(".index"), code=303)


def day_shown() -> date:
    """The day that the address asks about; today unless it names another one."""
    asked = day_asked(request.args.get("op", ""))
    return asked if asked is not None and asked.year in YEARS else _today()


def _index(values: dict[str, str], problems: dict[str, Any]) -> str:
    settings, day = _settings(), day_shown()
    return render_template(
        "network.html",
        net=network(db.session, g.viewer, settings, day=day),
        today=_today(),
        settings=settings,
        euro=lambda amount: format_currency(amount, "EUR"),
        values=values,
        problems=problems,
        fields=_fields(),
        municipalities=municipality_names() if g.viewer.keeps_sources else [],
    )


def _one(
    code: str,
    values: dict[str, str] | None = None,
    problems: dict[str, Any] | None = None,
    *,
    stale: StaleParticipationError | None = None,
) -> str:
    member = None
    if MUNICIPALITY.fullmatch(code):
        member = get_member(db.session, g.viewer, _settings(), code, day=_today())
    if member is None:
        abort(404)
    now = {"first": _typed(member.start), "last": _typed(member.end), "body": member.staff_body}
    # After a mistake the form still begins with what its sender saw; after another's change with what is now.
    seen = {name: request.form.get(f"seen_{name}", now[name]) for name in now} if problems else now
    return render_template(
        "network_one.html",
        member=member,
        values=now if values is None else values,
        seen=seen,
        problems=problems or {},
        stale=stale,
        fields=_fields(),
    )


def _days(values: dict[str, str]) -> tuple[date | None, date | None, dict[str, Any]]:
    """First and last day as typed, and what is wrong with them."""
    problems: dict[str, Any] = {}
    days: dict[str, date | None] = {}
    for name in ("first", "last"):
        day = day_of(values[name]) if values[name] else None
        if values[name] and (day is None or day.year not in YEARS):
            problems[name] = _("Vul een dag in, bijvoorbeeld 01-01-2027.")
        days[name] = day
    start, end = days["first"], days["last"]
    if not problems and start is not None and end is not None and end < start:
        problems["last"] = _backwards()
    return start, end, problems


def _backwards() -> Any:
    return _("De laatste dag ligt vóór de eerste. Verander een van de twee.")


def _fields() -> dict[str, Any]:
    return {
        "gemeente": _("Gemeente"),
        "first": _("Eerste dag"),
        "last": _("Laatste dag"),
        "body": _("Gezamenlijke ambtelijke organisatie"),
    }


def _typed(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _today() -> date:
    return utc_now().astimezone(ZONE).date()


def _settings() -> Settings:
    settings: Settings = current_app.extensions["scout"].settings
    return settings

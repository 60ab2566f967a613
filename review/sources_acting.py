"""Pausing, resuming, visiting, changing and removing a source."""

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from models.base import utc_now
from models.source import Source
from models.source_definition import definition_of_row
from models.store import added_sources as store_of
from models.store.added_sources import SourceNotFoundError
from models.store.rhythm import day_of
from review import source_form as form
from review import source_list as listed
from review import source_texts as texts
from review.asked import CONTROLS
from review.database import writing
from review.errors import show as show_error
from review.sources import KEY, show, source_or_404

blueprint = Blueprint("sources_acting", __name__, url_prefix="/bronnen")


@blueprint.post(f"/<{KEY}>/pauzeren")
def pause(key: str) -> Response | tuple[str, int]:
    """Visit a source no more until somebody resumes it."""
    row = _standing(key)
    why = CONTROLS.sub(" ", request.form.get("waarom", "")).strip()
    problem = ""
    if not why:
        problem = _("Schrijf waarom, zodat een ander weet wanneer de bron weer aan kan.")
    elif len(why) > texts.LIMITS["waarom"]:
        problem = _("Maak dit korter: hooguit %(limit)s tekens.", limit=texts.LIMITS["waarom"])
    if problem:
        return show(row, {"waarom": problem}, {"waarom": why}), 400
    with writing() as session:
        store_of.pause(session, key, why, account_id=g.viewer.account_id, now=utc_now())
    return _done(key, _("‘%(title)s’ is gepauzeerd.", title=row.title))


@blueprint.post(f"/<{KEY}>/hervatten")
def resume(key: str) -> Response:
    """Visit a paused source again."""
    row = _standing(key)
    with writing() as session:
        store_of.resume(session, key, account_id=g.viewer.account_id, now=utc_now())
    return _done(key, _("‘%(title)s’ wordt weer bezocht.", title=row.title))


@blueprint.post(f"/<{KEY}>/nu-bezoeken")
def visit(key: str) -> Response:
    """Ask for a visit at once, and show how it goes."""
    _standing(key)
    with writing() as session:
        errand = store_of.visit_soon(session, key, account_id=g.viewer.account_id, now=utc_now())
        number = errand.id
    return redirect(url_for("sources.one", key=key, bezoek=number), code=303)


@blueprint.route(f"/<{KEY}>/veranderen", methods=["GET", "POST"])
def change(key: str) -> Response | str | tuple[str, int]:
    """Change a source that was added on a page; one of a source file is changed there."""
    row = _added(key)
    definition = definition_of_row(row)
    if request.method == "GET":
        return _form(row, form.of_definition(definition), {})
    values = {**form.sent(request.form), "sleutel": key}
    address = CONTROLS.sub("", request.form.get("adres", "")).strip()
    filled = form.read(
        values,
        kind=definition.kind,
        url=address,
        options=definition.options,
        today=day_of(utc_now()),
    )
    # A new address must be one that could have been added; the old one was let in before.
    refusal = "" if address == row.url else form.refusal(address, current_app.extensions["scout"].settings)
    if filled.definition is None or refusal:
        problems = {**filled.problems, **({"adres": refusal} if refusal else {})}
        return _form(row, {**values, "adres": address}, problems), 400
    with writing() as session:
        store_of.change_source(session, key, filled.definition, account_id=g.viewer.account_id, now=utc_now())
    return _done(key, _("‘%(title)s’ is bewaard.", title=filled.definition.title))


@blueprint.post(f"/<{KEY}>/weghalen")
def remove(key: str) -> Response:
    """Remove a source that was added on a page; its items stay."""
    row = _added(key)
    with writing() as session:
        store_of.remove_source(session, key, account_id=g.viewer.account_id, now=utc_now())
    listed.forget()
    flash(_("‘%(title)s’ is weggehaald. De berichten ervan blijven.", title=row.title), "ok")
    return redirect(url_for("sources.index"), code=303)


def _standing(key: str) -> Source:
    """The source, unless it was removed."""
    row = source_or_404(key)
    if row.removed_at is not None:
        abort(404)
    return row


def _added(key: str) -> Source:
    """The source, if it was added on a page."""
    row = _standing(key)
    if row.defined_in:
        abort(404)
    return row


def _done(key: str, said: str) -> Response:
    listed.forget()
    flash(said, "ok")
    return redirect(url_for("sources.one", key=key), code=303)


def _form(row: Source, values: dict[str, str], problems: dict[str, str]) -> str:
    values.setdefault("adres", row.url)
    return render_template(
        "source_change.html",
        source=row,
        values=values,
        problems=problems,
        has_pattern=form.has_pattern(row.kind),
        texts=texts,
        today=day_of(utc_now()),
        terms=[],
    )


@blueprint.errorhandler(SourceNotFoundError)
def gone(error: SourceNotFoundError) -> ResponseReturnValue:
    """A source that somebody removed at the same moment is as one that never was."""
    return show_error(NotFound())

"""Lessons: the list for everybody, and for staff reading, editing and approving them."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.initiative import Initiative
from models.labels import Labels
from models.match import Match
from models.store.evaluations import evaluations_due, evaluations_of
from models.store.lessons import (
    LONGEST,
    InvalidLessonError,
    LessonDraft,
    LessonNotFoundError,
    StaleLessonError,
    approve_lesson,
    change_lesson,
    remove_lesson,
    withhold_lesson,
    write_lesson,
)
from models.store.lessons_list import (
    LessonRow,
    get_lesson,
    lesson_page,
    lessons_like,
    waiting_lessons,
)
from review import evaluation_words, match_words
from review import lesson_words as words
from review.actions import Form, number, written
from review.asked import NUMBER
from review.database import db, writing
from review.register_acting import version_sent
from review.shown import labels

blueprint = Blueprint("lessons", __name__, url_prefix="/lessen")

#: What a button of the form does beside keeping the words.
_APPROVE, _WITHHOLD = "goedkeuren", "terughalen"


@blueprint.get("")
def index() -> str | Response:
    """The list, newest first."""
    if "" in request.args.values():
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    chosen, conditions = {}, {}
    for name, part, condition in (("thema", "themes", "theme"), ("kennis", "expertise", "expertise")):
        slug = request.args.get(name, "")
        if slug in labels(part):
            chosen[name] = conditions[condition] = slug
    waiting = g.viewer.decides and request.args.get("stand") == "lezen"
    page = lesson_page(
        db.session,
        g.viewer,
        theme=conditions.get("theme"),
        expertise=conditions.get("expertise"),
        waiting=waiting,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
    )
    return render_template(
        "lessons.html",
        page=page,
        place={**chosen, **({"stand": "lezen"} if waiting else {})},
        waiting=waiting,
        to_read=waiting_lessons(db.session, g.viewer),
        chosen=[labels(part)[chosen[name]] for name, part in _PARTS.items() if name in chosen],
        words=words,
    )


_PARTS = {"thema": "themes", "kennis": "expertise"}


@blueprint.get("/evaluaties")
def forms() -> str:
    """Forms that were asked and not answered yet."""
    today = utc_now().astimezone(ZONE).date()
    return render_template(
        "lessons_forms.html",
        rows=evaluations_due(db.session, g.viewer, day=today),
        today=today,
        words=evaluation_words,
        parties=match_words.PARTIES,
        to_read=waiting_lessons(db.session, g.viewer),
    )


@blueprint.get("/nieuw")
def new() -> str:
    """The empty form."""
    return _page(None, MultiDict())


@blueprint.post("/nieuw")
def add() -> Response | tuple[str, int]:
    """Write a lesson that came from no form."""
    form: Form = MultiDict(request.form)
    try:
        with writing() as session:
            row = write_lesson(session, _draft(form), viewer=g.viewer, labels=_labels())
            if form.get("do") == _APPROVE:
                approve_lesson(session, row.id, viewer=g.viewer, version=row.version)
    except InvalidLessonError as error:
        return _page(None, form, words.problems_in_words(error)), 400
    return _done(form)


@blueprint.get(f"/<{NUMBER}:lesson_id>")
def edit(lesson_id: int) -> str:
    """One lesson, as a form."""
    row = _row(lesson_id)
    form: Form = MultiDict({"text": row.text, "about": row.about, "theme": row.theme or ""})
    form.setlist("expertise", row.expertise)
    return _page(row, form)


@blueprint.post(f"/<{NUMBER}:lesson_id>")
def change(lesson_id: int) -> Response | tuple[str, int]:
    """Keep the words, and let others see them (or no longer); what was typed is not lost."""
    row = _row(lesson_id)
    form: Form = MultiDict(request.form)
    try:
        with writing() as session:
            if form.get("do") == _WITHHOLD:
                withhold_lesson(session, lesson_id, viewer=g.viewer, version=version_sent())
            else:
                kept = change_lesson(
                    session,
                    lesson_id,
                    _draft(form),
                    viewer=g.viewer,
                    version=version_sent(),
                    labels=_labels(),
                )
                if form.get("do") == _APPROVE:
                    approve_lesson(session, lesson_id, viewer=g.viewer, version=kept.version)
    except StaleLessonError:
        return _page(_row(lesson_id), form, stale=True), 409
    except LessonNotFoundError:
        abort(404)
    except InvalidLessonError as error:
        return _page(row, form, words.problems_in_words(error)), 400
    return _done(form, approved=row.approved_at is not None)


@blueprint.post(f"/<{NUMBER}:lesson_id>/weghalen")
def remove(lesson_id: int) -> Response | tuple[str, int]:
    """Take a lesson away."""
    row = _row(lesson_id)
    form: Form = MultiDict({"text": row.text, "about": row.about, "theme": row.theme or ""})
    form.setlist("expertise", row.expertise)
    if request.form.get("sure", "") != "ja":
        problem = _("Zet eerst een vinkje, zodat dit niet per ongeluk gebeurt.")
        return _page(row, form, {"sure": problem}), 400
    try:
        with writing() as session:
            remove_lesson(session, lesson_id, viewer=g.viewer, version=version_sent())
    except StaleLessonError:
        return _page(_row(lesson_id), form, stale=True), 409
    except LessonNotFoundError:
        abort(404)
    flash(_("De les is weggehaald."), "ok")
    return redirect(url_for(".index"), code=303)


def lessons_for(initiative_id: int, limit: int = 3) -> list[LessonRow]:
    """Approved lessons that help with an initiative: of the same theme, or of the expertise it asks for."""
    initiative = db.session.get(Initiative, initiative_id)
    if initiative is None:
        return []
    return lessons_like(db.session, initiative.theme, initiative.expertise, limit=limit)


def evaluations_for(match_id: int) -> list[dict[str, Any]]:
    """The forms of one match for whoever is looking, with party, moment and answers in words."""
    today = utc_now().astimezone(ZONE).date()
    return [
        {
            "row": row,
            "asking": row.ask_on <= today,
            "party": match_words.PARTIES[row.party],
            "moment": evaluation_words.MOMENTS[row.moment],
            "answers": evaluation_words.answers_in_words(row.moment, row.party, row.answers),
        }
        for row in evaluations_of(db.session, g.viewer, match_id)
    ]


@blueprint.record_once
def _for_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(
        lessons_for=lessons_for, evaluations_for=evaluations_for, lesson_about=words.ABOUT
    )


def _row(lesson_id: int) -> LessonRow:
    try:
        return get_lesson(db.session, g.viewer, lesson_id)
    except LessonNotFoundError:
        abort(404)


def _draft(form: Form) -> LessonDraft:
    return LessonDraft(
        text=written(form, "text"),
        about=form.get("about", ""),
        theme=form.get("theme", "") or None,
        expertise=tuple(form.getlist("expertise")),
    )


def _done(form: Form, *, approved: bool = False) -> Response:
    """Back to the list that the lesson stands in now."""
    what = form.get("do", "")
    said = {
        _APPROVE: _("Goedgekeurd. Iedereen in het netwerk ziet deze les nu."),
        _WITHHOLD: _("Teruggehaald. Anderen zien deze les niet meer."),
    }
    flash(said.get(what, _("Bewaard.")), "ok")
    stand = None if what == _APPROVE or (approved and what != _WITHHOLD) else "lezen"
    return redirect(url_for(".index", stand=stand), code=303)


def _page(
    row: LessonRow | None, values: Form, problems: dict[str, str] | None = None, *, stale: bool = False
) -> str:
    match = db.session.get(Match, row.match_id) if row is not None and row.match_id is not None else None
    return render_template(
        "lesson_form.html",
        row=row,
        values=values,
        problems=problems or {},
        stale=stale,
        match=match,
        words=words,
        FIELDS={**words.NAMES, "sure": _("Weghalen")},
        LIMITS={"text": LONGEST},
    )


def _labels() -> Labels:
    found: Labels = current_app.extensions["scout"].labels
    return found

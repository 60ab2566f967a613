"""The form for a consultant, and the small forms: available or not, and taking out."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.labels import Labels
from models.store.consultant_drafts import (
    LIMITS,
    WRITTEN,
    ConsultantDraft,
    ConsultantProblem,
    InvalidConsultantError,
    problems_of,
    tidy,
)
from models.store.consultants import (
    KEEP_DAYS,
    ConsultantNotAllowedError,
    StaleConsultantError,
    add_consultant,
    change_consultant,
    remove_consultant,
    set_available,
)
from models.store.consultants_list import ConsultantRow, get_consultant
from models.store.drafts import find_place
from review import consultant_words as words
from review.actions import Form, written
from review.asked import NUMBER
from review.consultants import Sent, changed_by, page_of
from review.database import db, writing
from review.handed_files import day_of
from review.leads import municipality_names, place_names
from review.register_acting import version_sent

blueprint = Blueprint("consultant_form", __name__, url_prefix="/consultants")

#: Fields of the form that are lists of boxes.
_BOXES = ("expertise", "themes", "languages")


@blueprint.get("/nieuw")
def new() -> str:
    """The empty form."""
    own = None if g.viewer.decides else g.viewer.municipality_code
    form: Form = MultiDict({"municipality_code": own or "", "most": "1", "available": "ja"})
    form.setlist("languages", ["nl"])
    return _page(None, form)


@blueprint.post("/nieuw")
def add() -> Response | tuple[str, int]:
    """Enter a consultant."""
    form: Form = MultiDict(request.form)
    if not g.viewer.decides:
        form["municipality_code"] = g.viewer.municipality_code
    try:
        with writing() as session:
            draft = _checked(session, form, None)
            consultant_id = add_consultant(session, draft, viewer=g.viewer, labels=_labels()).id
    except InvalidConsultantError as error:
        return _page(None, form, error.problems), 400
    except ConsultantNotAllowedError:
        abort(403, _("Uw account mag dit niet voor deze gemeente."))
    flash(_("De consultant staat in de lijst."), "ok")
    return redirect(url_for("consultants.one", consultant_id=consultant_id), code=303)


@blueprint.get(f"/<{NUMBER}:consultant_id>/wijzigen")
def edit(consultant_id: int) -> str:
    """The form as the consultant is now."""
    row = get_consultant(db.session, g.viewer, consultant_id)
    return _page(row, shown(row))


@blueprint.post(f"/<{NUMBER}:consultant_id>/wijzigen")
def change(consultant_id: int) -> Response | tuple[str, int]:
    """Correct a consultant; when somebody else did so first, say what they did, and keep what was typed."""
    row = get_consultant(db.session, g.viewer, consultant_id)
    form: Form = MultiDict(request.form)
    form["municipality_code"] = row.municipality_code
    try:
        with writing() as session:
            change_consultant(
                session,
                consultant_id,
                _checked(session, form, row),
                viewer=g.viewer,
                version=version_sent(),
                labels=_labels(),
            )
    except StaleConsultantError as error:
        row = get_consultant(db.session, g.viewer, consultant_id)
        return _page(row, _merged(row, form), stale=error), 409
    except InvalidConsultantError as error:
        return _page(row, form, error.problems), 400
    except ConsultantNotAllowedError:
        abort(403, _("Uw account mag dit niet voor deze gemeente."))
    flash(_("Bewaard."), "ok")
    return redirect(url_for("consultants.one", consultant_id=consultant_id), code=303)


def _available(session: Session, consultant_id: int) -> Any:
    answer = request.form.get("available", "")
    if answer not in words.AVAILABLE:
        return {"available": _("Kies een antwoord.")}
    set_available(session, consultant_id, answer == "ja", viewer=g.viewer, version=version_sent())
    return _("Bewaard.")


def _removal(session: Session, consultant_id: int) -> Any:
    if request.form.get("sure", "") != "ja":
        return {"sure": _("Zet eerst een vinkje, zodat dit niet per ongeluk gebeurt.")}
    remove_consultant(session, consultant_id, viewer=g.viewer, version=version_sent())
    return _("De consultant is weggehaald. Naam en adressen zijn gewist.")


#: Last part of the address that a form is sent to -> what it does; gives one sentence, or what is wrong.
ACTIONS: dict[str, Callable[[Session, int], Any]] = {"beschikbaar": _available, "weghalen": _removal}
ACTION = "any(" + ", ".join(f"'{name}'" for name in ACTIONS) + ")"


@blueprint.get(f"/<{NUMBER}:consultant_id>/<{ACTION}:action>")
def back(consultant_id: int, action: str) -> Response:
    """The address of a form, opened as a page: show the consultant."""
    get_consultant(db.session, g.viewer, consultant_id)
    return redirect(url_for("consultants.one", consultant_id=consultant_id), code=303)


@blueprint.post(f"/<{NUMBER}:consultant_id>/<{ACTION}:action>")
def act(consultant_id: int, action: str) -> Response | tuple[str, int]:
    """Do it, or show the consultant again with why not."""
    get_consultant(db.session, g.viewer, consultant_id)
    try:
        with writing() as session:
            said = ACTIONS[action](session, consultant_id)
    except StaleConsultantError as error:
        return page_of(consultant_id, Sent(stale=error)), 409
    except ConsultantNotAllowedError:
        abort(403, _("Uw account mag dit niet voor deze gemeente."))
    if isinstance(said, dict):
        return page_of(consultant_id, Sent(said)), 400
    flash(str(said), "ok")
    if action == "weghalen":
        return redirect(url_for("consultants.index"), code=303)
    return redirect(url_for("consultants.one", consultant_id=consultant_id), code=303)


def shown(row: ConsultantRow) -> Form:
    """A consultant as the form shows it."""
    form: Form = MultiDict()
    for name in WRITTEN:
        value = getattr(row, name)
        form[name] = "" if value is None else str(value)
    for name in ("expertise", "languages"):
        form.setlist(name, list(getattr(row, name)))
    form.setlist("themes", list(row.themes))
    for theme, count in row.themes.items():
        form[f"aantal-{theme}"] = str(count)
    form["half_hours"] = words.hours_typed(row.half_hours)
    form["place_key"] = row.place or ""
    form["available"] = "ja" if row.available else "nee"
    return form


def _checked(session: Session, form: Form, row: ConsultantRow | None) -> ConsultantDraft:
    """What was written.

    Raises:
        InvalidConsultantError: it can't be taken; all that is wrong is told.
    """
    unread: dict[str, ConsultantProblem] = {}
    days = {}
    for name in ("period_from", "period_until"):
        typed = written(form, name)
        days[name] = day_of(typed) if typed else None
        if typed and days[name] is None:
            unread[name] = ConsultantProblem.NO_DAY
    answer = form.get("available", "ja")
    if answer not in words.AVAILABLE:
        unread["available"] = ConsultantProblem.UNKNOWN
    code, place, radius = (written(form, name) for name in ("municipality_code", "place_key", "radius_km"))
    # Several places may have one name: who leaves the name as it is keeps the place.
    key = row.place_key if row is not None and row.place == place else find_place(session, code, place)
    draft = tidy(
        ConsultantDraft(
            municipality_code=code,
            name=written(form, "name"),
            email=written(form, "email"),
            function=written(form, "function"),
            expertise=tuple(form.getlist("expertise")),
            themes=_themes(form),
            languages=tuple(form.getlist("languages")),
            experience=written(form, "experience"),
            half_hours=words.half_hours_of(form.get("half_hours", "")),
            period_from=days["period_from"],
            period_until=days["period_until"],
            most=words.whole_of(form.get("most", "")),
            radius_km=words.whole_of(radius) if radius else None,
            # A name that is no place is passed on as it is: no key looks like it, so it is refused.
            place_key=key or place or None,
            employer_name=written(form, "employer_name"),
            employer_email=written(form, "employer_email"),
            available=answer == "ja",
        )
    )
    problems = problems_of(session, draft, _labels(), consultant_id=row.id if row else None) | unread
    if problems:
        raise InvalidConsultantError({name: problems[name] for name in WRITTEN if name in problems})
    return draft


def _themes(form: Form) -> dict[str, int]:
    """Themes that are ticked, or that have a number; no number is none."""
    found = {}
    for theme in dict.fromkeys([*_labels().themes, *form.getlist("themes")]):
        typed = written(form, f"aantal-{theme}")
        if theme in form.getlist("themes") or typed not in ("", "0"):
            found[theme] = words.whole_of(typed) if typed else 0
    return found


def _fingerprints(form: Form) -> dict[str, str]:
    """Field -> a short hash of what stands in it: tells later which fields were not touched."""
    return {name: hashlib.sha256(repr(_value(form, name)).encode()).hexdigest()[:12] for name in WRITTEN}


def _value(form: Form, name: str) -> Any:
    if name == "themes":
        return sorted(_themes(form).items())
    return sorted(form.getlist(name)) if name in _BOXES else written(form, name)


def _merged(row: ConsultantRow, form: Form) -> Form:
    """What was typed, and where nothing was typed what somebody else wrote meanwhile."""
    try:
        began = json.loads(form.get("was", ""))
    except ValueError:
        began = {}
    began = began if isinstance(began, dict) else {}
    current, typed = shown(row), _fingerprints(form)
    merged: Form = MultiDict(form)
    for name in WRITTEN:
        if began.get(name) == typed[name]:
            merged.setlist(name, current.getlist(name))
            if name == "themes":
                for theme in _labels().themes:
                    merged[f"aantal-{theme}"] = current.get(f"aantal-{theme}", "")
    return merged


def _page(
    row: ConsultantRow | None,
    values: Form,
    problems: dict[str, ConsultantProblem] | None = None,
    *,
    stale: StaleConsultantError | None = None,
) -> str:
    code = values.get("municipality_code", "")
    # After a refusal the form still begins with what its sender saw; after a merge with what is there now.
    again = problems is not None and row is not None
    return render_template(
        "consultant_form.html",
        row=row,
        version=stale.version if stale else values.get("version", row.version if row else 1),
        was=values.get("was", "") if again else json.dumps(_fingerprints(shown(row) if row else values)),
        values=values,
        problems={name: words.problem_words(name, one) for name, one in (problems or {}).items()},
        stale=stale,
        by=changed_by(stale) if stale else "",
        municipalities=municipality_names() if g.viewer.decides and row is None else [],
        places=place_names().get(code, []),
        words=words,
        keep_months=KEEP_DAYS * 12 // 365,
        FIELDS=words.NAMES,
        LIMITS=LIMITS,
    )


def _labels() -> Labels:
    labels: Labels = current_app.extensions["scout"].labels
    return labels

"""The form of the register: adding an entry by hand, and correcting one."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.store.copying import ALLOWED
from models.store.deciding import CopiedTextError
from models.store.drafts import InitiativeDraft, InvalidInitiativeError, check_draft
from models.store.initiatives import InitiativeRow, get_initiative
from models.store.register import (
    InitiativeNotAllowedError,
    StaleInitiativeError,
    add_initiative,
    change_initiative,
)
from models.store.register_changing import OWN_WORDS, WRITTEN, tidy
from models.store.similar import SimilarInitiative
from review.actions import Form, number, numbers, written
from review.asked import NUMBER
from review.database import db, writing
from review.deciding import LooksKnownError, lookalikes, place_key_of
from review.leads import municipality_names, place_names
from review.register_acting import version_sent
from review.register_words import fields_of, place_names_of, who
from review.texts import FIELDS, problem_text

blueprint = Blueprint("register_form", __name__, url_prefix="/register")


@blueprint.get("/nieuw")
def new() -> str:
    """The empty form."""
    own = _own_code()
    return _page(None, MultiDict({"municipality_code": own or ""}))


@blueprint.post("/nieuw")
def add() -> Response | tuple[str, int]:
    """Put an entry into the register; what looks like it is shown first."""
    form = _form_sent()
    scout = current_app.extensions["scout"]
    try:
        with writing() as session:
            draft = _draft(session, form, None)
            check_draft(session, tidy(draft), scout.labels.themes, scout.labels.expertise)
            likely = lookalikes(session, g.viewer, None, draft)
            if not {one.id for one in likely} <= numbers(form.get("gezien", "").split()):
                raise LooksKnownError(likely)
            entry = add_initiative(
                session,
                draft,
                viewer=g.viewer,
                secret=scout.secret,
                themes=scout.labels.themes,
                expertise=scout.labels.expertise,
            )
            initiative_id = entry.id
    except LooksKnownError as error:
        return _page(None, form, likely=error.entries), 200
    except InvalidInitiativeError as error:
        return _page(None, form, _problems(error)), 400
    except InitiativeNotAllowedError:
        abort(403, _("Uw account mag het register niet veranderen."))
    flash(_("Het initiatief staat nu in het register."), "ok")
    return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)


@blueprint.get(f"/<{NUMBER}:initiative_id>/wijzigen")
def edit(initiative_id: int) -> str | Response:
    """The form as the entry is now."""
    entry = get_initiative(db.session, g.viewer, initiative_id)
    if entry.withdrawn_at is not None:
        flash(_("Dit kan niet (meer) met dit initiatief."), "info")
        return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)
    return _page(entry, _shown(_written_of(entry)))


@blueprint.post(f"/<{NUMBER}:initiative_id>/wijzigen")
def change(initiative_id: int) -> Response | tuple[str, int]:
    """Correct an entry; when somebody else did so first, say what they did, and keep what was typed."""
    entry = get_initiative(db.session, g.viewer, initiative_id)
    form = _form_sent()
    scout = current_app.extensions["scout"]
    try:
        with writing() as session:
            change_initiative(
                session,
                initiative_id,
                _draft(session, form, entry),
                viewer=g.viewer,
                version=version_sent(),
                secret=scout.secret,
                themes=scout.labels.themes,
                expertise=scout.labels.expertise,
            )
    except StaleInitiativeError as error:
        entry = get_initiative(db.session, g.viewer, initiative_id)
        return _page(entry, _merged(entry, form, error), stale=error), 409
    except InvalidInitiativeError as error:
        return _page(entry, form, _problems(error)), 400
    except CopiedTextError as error:
        return _page(entry, form, _copied(entry, form, error)), 400
    except InitiativeNotAllowedError:
        flash(_("Dit kan niet (meer) met dit initiatief."), "info")
        return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)
    flash(_("Bewaard."), "ok")
    return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)


def _own_code() -> str | None:
    """The municipality that an officer writes for; None = staff, which chooses one."""
    return None if g.viewer.decides else g.viewer.municipality_code


def _form_sent() -> Form:
    form: Form = MultiDict(request.form)
    own = _own_code()
    if own is not None:
        form["municipality_code"] = own
    return form


def _draft(session: Session, form: Form, entry: InitiativeRow | None) -> InitiativeDraft:
    """What was written, not yet checked."""
    code, place = written(form, "municipality_code"), written(form, "place_key")
    # Several places may have one name: who leaves the name as it is keeps the place.
    same = entry is not None and (entry.place, entry.municipality_code) == (place, code)
    key = entry.place_key if entry is not None and same else place_key_of(session, None, code, place)
    hours = written(form, "hours")
    return InitiativeDraft(
        name=written(form, "name"),
        summary=written(form, "summary"),
        municipality_code=code,
        # A name that is no place is passed on as it is: no key looks like it, so it is refused.
        place_key=key or place or None,
        theme=written(form, "theme") or None,
        question=written(form, "question"),
        link=written(form, "link"),
        links=tuple(line.strip() for line in written(form, "links").splitlines() if line.strip()),
        contact=written(form, "contact"),
        expertise=tuple(form.getlist("expertise")),
        # 0 is refused, and stands for what is no whole number.
        hours=None if not hours else number(hours) or 0,
    )


def _written_of(entry: InitiativeRow) -> dict[str, Any]:
    values = asdict(entry)
    return {name: values[name] for name in WRITTEN}


def _shown(values: dict[str, Any]) -> Form:
    """Values of fields as the form shows them."""
    form: Form = MultiDict()
    for name, value in values.items():
        if name == "expertise":
            form.setlist(name, list(value))
        elif name == "links":
            form[name] = "\n".join(value)
        elif name == "place_key":
            form[name] = place_names_of([value]).get(value, "") if value else ""
        else:
            form[name] = "" if value is None else str(value)
    return form


def _merged(entry: InitiativeRow, form: Form, error: StaleInitiativeError) -> Form:
    """What was typed, and where nothing was typed what somebody else wrote meanwhile."""
    now = _written_of(entry)
    base = dict(now)
    # The newest change comes first, so the last to be set here is what this form began with.
    for row in error.changes:
        base.update({name: pair[0] for name, pair in row.fields.items() if name in base})
    # An address that was taken out because its page is gone must not come back by an old form.
    taken_out = {name for row in error.changes if row.by_itself for name in row.fields}
    current, began = _shown(now), _shown(base)
    merged: Form = MultiDict(form)
    for name in WRITTEN:
        if name == "expertise":
            if set(form.getlist(name)) == set(began.getlist(name)):
                merged.setlist(name, current.getlist(name))
        elif name in taken_out or written(form, name) == began.get(name, ""):
            merged[name] = current.get(name, "")
    merged.pop("version", None)
    return merged


def _problems(error: InvalidInitiativeError) -> dict[str, Any]:
    return {name: problem_text(name, problem) for name, problem in error.problems.items()}


def _copied(entry: InitiativeRow, form: Form, error: CopiedTextError) -> dict[str, Any]:
    """The problem, beside the text that holds the passage."""
    plain = " ".join(error.passage.split()).casefold()
    holding = (name for name in OWN_WORDS if plain[:60] in " ".join(form.get(name, "").split()).casefold())
    return {
        next(holding, "summary"): _(
            "Meer dan %(limit)s tekens achter elkaar staan ook in een bron: “%(passage)s…”. "
            "Schrijf het in uw eigen woorden.",
            limit=ALLOWED,
            passage=error.passage[:60],
        )
    }


def _page(
    entry: InitiativeRow | None,
    values: Form,
    problems: dict[str, Any] | None = None,
    *,
    likely: list[SimilarInitiative] | None = None,
    stale: StaleInitiativeError | None = None,
) -> str:
    code = values.get("municipality_code", "")
    return render_template(
        "initiative_form.html",
        entry=entry,
        version=stale.version if stale is not None else values.get("version", entry.version if entry else 1),
        values=values,
        # In the order of the form.
        problems={name: problems[name] for name in FIELDS if name in problems} if problems else {},
        likely=likely or [],
        stale=stale,
        municipalities=municipality_names() if g.viewer.decides else [],
        places=place_names().get(code, []),
        fields_of=fields_of,
        who=who,
    )

"""Saved views: keeping a choice of leads under a name, for oneself or for colleagues too."""

from urllib.parse import urlencode

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from models.store.views import NAME_LIMIT, VIEW_LIMIT, ViewError, ViewProblem, remove_view, save_view
from review.actions import written
from review.asked import NUMBER, context
from review.database import writing
from review.queue import Sent, list_page

blueprint = Blueprint("views", __name__)

#: What is wrong with a view and what to do.
PROBLEMS = {
    ViewProblem.NO_NAME: _l("Geef deze keuze een naam."),
    ViewProblem.NAME_TOO_LONG: _l("Maak dit korter: hooguit %(limit)s tekens.", limit=NAME_LIMIT),
    ViewProblem.TOO_MANY: _l("U hebt al %(limit)s keuzes bewaard. Verwijder er eerst een.", limit=VIEW_LIMIT),
    ViewProblem.NOT_YOURS: _l("Deze keuze was al verwijderd."),
    ViewProblem.NOT_ALLOWED: _l("Uw account mag geen signalen en initiatieven zien."),
}


@blueprint.get("/weergaven")
def back_to_list() -> Response:
    """The address of the form, opened as a page: show the list."""
    return redirect(url_for("queue.index"), code=303)


@blueprint.post("/weergaven")
def save() -> Response | tuple[str, int]:
    """Keep the choice that the form carries; one of one's own by the same name is replaced."""
    name, chosen = written(request.form, "name"), context()
    # Shared among staff only: a municipality sees no views but its own.
    shared = bool(request.form.get("shared")) and g.viewer.decides
    try:
        with writing() as session:
            save_view(session, g.viewer, name, urlencode(chosen), shared)
    except ViewError as error:
        values = {"name": name, "shared": "ja" if shared else ""}
        return list_page(view=Sent(problems={"name": PROBLEMS[error.reason]}, values=values)), 400
    flash(_("De keuze ‘%(name)s’ is bewaard.", name=" ".join(name.split())), "ok")
    return redirect(url_for("queue.index", **chosen), code=303)  # type: ignore[arg-type]


@blueprint.post(f"/weergaven/<{NUMBER}:view_id>/weg")
def remove(view_id: int) -> Response:
    """Remove an own view, and go on with the list as it was."""
    try:
        with writing() as session:
            remove_view(session, g.viewer, view_id)
        flash(_("De keuze is verwijderd."), "ok")
    except ViewError as error:
        flash(str(PROBLEMS[error.reason]), "info")
    return redirect(url_for("queue.index", **context()), code=303)  # type: ignore[arg-type]

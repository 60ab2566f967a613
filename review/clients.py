"""``/kanalen/programmas``: programs that use the API: making one, its secret once, and revoking."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.base import utc_now
from models.store import api_clients as store_of
from models.store.api_clients import (
    NAME_MAX,
    ClientNotAllowedError,
    ClientNotFoundError,
    InvalidClientError,
    as_client,
    fitting_scopes,
)
from review.accounts import needs_fresh
from review.asked import NUMBER
from review.channel_choice import Choice, all_municipalities, choice, line_sent
from review.client_texts import PROBLEMS, SCOPES
from review.database import db, writing
from review.programs import PREFIX, TOKENS, website

blueprint = Blueprint("clients", __name__, url_prefix="/kanalen/programmas")


@blueprint.get("")
def index() -> str:
    """The programs of a municipality or the network, or of all that one keeps."""
    chosen = choice(with_network=True)
    rows = store_of.list_clients(db.session, g.viewer)
    if chosen.made:
        rows = [row for row in rows if row.municipality_code == chosen.code]
    return render_template(
        "clients.html",
        chosen=chosen,
        rows=rows,
        scopes=SCOPES,
        municipalities=all_municipalities() if g.viewer.keeps_sources else [],
    )


@blueprint.get("/nieuw")
@needs_fresh
def form() -> str:
    """The form for a new one."""
    return _form(choice(with_network=True), {}, "", [])


@blueprint.post("/nieuw")
@needs_fresh
def make() -> str | tuple[str, int]:
    """Make one; its secret is shown once, on the answer."""
    chosen, name = choice(with_network=True), line_sent("name")
    wanted = request.form.getlist("scopes")
    if not chosen.made:
        return _form(chosen, {"municipality": str(PROBLEMS["municipality", "unknown"])}, name, wanted), 400
    try:
        with writing() as store:
            row, secret = store_of.add_client(
                store, name, wanted, viewer=g.viewer, municipality_code=chosen.code, now=utc_now()
            )
    except InvalidClientError as error:
        problems = {field: str(PROBLEMS[field, why]) for field, why in error.problems.items()}
        return _form(chosen, problems, name, wanted), 400
    except ClientNotAllowedError:
        abort(403)
    return render_template(
        "client_secret.html",
        row=row,
        secret=secret,
        chosen=chosen,
        scopes=SCOPES,
        tokens=f"{website()}{TOKENS}",
        document=f"{website()}{PREFIX}/openapi.json",
    )


@blueprint.post(f"/<{NUMBER}:client_id>/intrekken")
def revoke(client_id: int) -> Response:
    """Take access away; whoever is in a hurry is not asked for a password first."""
    try:
        row = store_of.get_client(db.session, g.viewer, client_id)
        with writing() as store:
            store_of.revoke_client(store, client_id, viewer=g.viewer, now=utc_now())
    except ClientNotFoundError:
        abort(404)
    flash(_("‘%(name)s’ heeft geen toegang meer.", name=row.name), "ok")
    asked = (row.municipality_code or "netwerk") if g.viewer.keeps_sources else None
    return redirect(url_for("clients.index", gemeente=asked), code=303)


def _form(chosen: Choice, problems: dict[str, str], name: str, wanted: list[str]) -> str:
    fitting = fitting_scopes(as_client(g.viewer, chosen.code)) if chosen.made else ()
    return render_template(
        "client_form.html",
        chosen=chosen,
        problems=problems,
        name=name,
        wanted=wanted,
        scopes={scope: SCOPES[scope] for scope in fitting},
        municipalities=all_municipalities() if g.viewer.keeps_sources else [],
        limit=NAME_MAX,
    )

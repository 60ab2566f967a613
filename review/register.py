"""The register: its list and one entry."""

from flask import Blueprint, g, render_template, request

from models.store.initiatives import (
    get_initiative,
    initiative_page,
    municipalities_in_register,
)
from models.store.leads import decision_log, lead_items
from models.words import DecisionKind
from review.actions import written
from review.asked import NUMBER, municipality_asked
from review.database import db

blueprint = Blueprint("register", __name__, url_prefix="/register")

#: Most characters of a name that is searched for.
SEARCH_LIMIT = 100


@blueprint.get("")
def index() -> str:
    """The register, newest first."""
    name = written(request.args, "naam")[:SEARCH_LIMIT]
    code = municipality_asked()
    page = initiative_page(
        db.session,
        g.viewer,
        name=name,
        municipality_code=code,
        after=_number(request.args.get("na", "")),
        before=_number(request.args.get("voor", "")),
    )
    return render_template(
        "register.html",
        page=page,
        name=name,
        code=code,
        municipalities=municipalities_in_register(db.session, g.viewer),
        place={"gemeente": code, "naam": name or None},
    )


@blueprint.get(f"/<{NUMBER}:initiative_id>")
def initiative(initiative_id: int) -> str:
    """One entry, with where it came from and what happened to it."""
    entry = get_initiative(db.session, g.viewer, initiative_id)
    log = []
    if entry.lead_id is not None and g.viewer.decides:
        whole = decision_log(db.session, entry.lead_id)
        log = [one for one in whole if one.initiative_id == entry.id]
    standing = next((one for one in log if one.kind is DecisionKind.PROMOTE and not one.undone), None)
    return render_template(
        "initiative.html",
        entry=entry,
        items=lead_items(db.session, entry.lead_id) if entry.lead_id is not None else [],
        log=list(reversed(log)),
        standing=standing,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

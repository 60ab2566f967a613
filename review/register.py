"""The register: its list and one entry."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.store.initiatives import (
    get_initiative,
    initiative_page,
    municipalities_in_register,
)
from models.store.leads import decision_log, lead_items
from models.words import DecisionKind, Phase
from review.actions import number
from review.asked import NUMBER, SEARCH_LIMIT, context, filter_asked
from review.chips import chips
from review.choices import counted
from review.database import db
from review.texts import PHASES

blueprint = Blueprint("register", __name__, url_prefix="/register")

#: Choices of the queue that the register knows too.
SHARED = ("zoek", "gemeente", "thema")


@blueprint.get("")
def index() -> str | Response:
    """The register, newest first."""
    if "" in request.args.values():
        # As in the queue: an address to keep holds only what was chosen.
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    wanted, phase = filter_asked(), _phase()
    chosen = {name: text for name, text in context().items() if name in SHARED}
    if phase is not None:
        chosen["fase"] = phase.value
    page = initiative_page(
        db.session,
        g.viewer,
        text=wanted.text,
        municipality_code=wanted.municipality_code,
        theme=wanted.theme,
        phase=phase,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
    )
    return render_template(
        "register.html",
        page=page,
        filter=wanted,
        phase=phase,
        phases=PHASES,
        municipalities=counted(municipalities_in_register(db.session, g.viewer)) if g.viewer.decides else [],
        place=chosen,
        chips=chips("register.index", chosen),
        SEARCH_LIMIT=SEARCH_LIMIT,
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


def _phase() -> Phase | None:
    text = request.args.get("fase", "")
    return Phase(text) if text in set(Phase) else None

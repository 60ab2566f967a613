"""What other municipalities let others see of their part of the register."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.store.initiatives import InitiativeNotFoundError, get_initiative
from models.store.register_foreign import foreign_initiative, foreign_page
from review.actions import number
from review.asked import MUNICIPALITY, NUMBER, SEARCH_LIMIT, filter_asked
from review.chips import chips
from review.database import db
from review.leads import municipality_names
from review.register_asked import phase_asked
from review.texts import PHASES

blueprint = Blueprint("register_foreign", __name__, url_prefix="/register")


@blueprint.get("/elders")
def index() -> str | Response:
    """Approved entries of other municipalities, newest first; for staff of all."""
    if "" in request.args.values():
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    wanted, phase, code = filter_asked(), phase_asked(), request.args.get("van", "")
    chosen = {
        "zoek": wanted.text,
        "van": code if MUNICIPALITY.fullmatch(code) else "",
        "thema": wanted.theme or "",
        "fase": phase.value if phase else "",
    }
    chosen = {name: value for name, value in chosen.items() if value}
    page = foreign_page(
        db.session,
        g.viewer,
        text=wanted.text,
        municipality_code=chosen.get("van"),
        theme=wanted.theme,
        phase=phase,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
    )
    return render_template(
        "register_foreign.html",
        page=page,
        place=chosen,
        chips=chips("register_foreign.index", chosen),
        municipalities=[
            one for one in municipality_names() if g.viewer.decides or one[0] != g.viewer.municipality_code
        ],
        phases=PHASES,
        SEARCH_LIMIT=SEARCH_LIMIT,
    )


@blueprint.get(f"/<{NUMBER}:initiative_id>/elders")
def initiative(initiative_id: int) -> str | Response:
    """One of them; who asks for an entry of their own is sent to its own page."""
    try:
        entry = foreign_initiative(db.session, g.viewer, initiative_id)
    except InitiativeNotFoundError:
        get_initiative(db.session, g.viewer, initiative_id)
        return redirect(url_for("register.initiative", initiative_id=initiative_id), code=303)
    return render_template("initiative_foreign.html", entry=entry)

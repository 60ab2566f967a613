"""The second look: decided leads judged once more by somebody who does not know what was decided."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.store.leads import LeadNotFoundError, get_lead, lead_items
from models.store.second_looks import (
    AlreadyAnsweredError,
    LapsedError,
    NotForYouError,
    SecondLookRow,
    UnknownReasonError,
    answer,
    get_look,
    next_look,
    waiting,
)
from models.words import Verdict
from review.actions import written
from review.asked import NUMBER
from review.database import db, writing
from review.shown import labels

blueprint = Blueprint("second_look", __name__)

#: Fields of the form that may be wrong.
REASON = "reason"


@blueprint.get("/tweede-blik")
def index() -> str:
    """The lead that waits longest for a second look, without a word of what was decided."""
    look = next_look(db.session, g.viewer, after=_passed_over())
    return _page(look)


@blueprint.post(f"/tweede-blik/<{NUMBER}:look_id>")
def answer_look(look_id: int) -> Response | tuple[str, int]:
    """Keep what somebody makes of a lead, and show the next one."""
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        abort(400, _("Kies of dit een initiatief is."))
    try:
        with writing() as session:
            answer(
                session,
                look_id,
                viewer=g.viewer,
                verdict=verdict,
                reason=written(request.form, REASON),
                reasons=_reasons(),
            )
    except NotForYouError:
        abort(404)
    except AlreadyAnsweredError as error:
        if error.by == g.viewer.name:
            flash(_("U had dit signaal al beoordeeld. Uw eerste antwoord blijft staan."), "info")
        else:
            flash(
                _("%(name)s was u net voor. Uw antwoord is niet bewaard; dat hoeft ook niet.", name=error.by),
                "info",
            )
    except LapsedError:
        flash(_("Dit signaal hoeft niet meer beoordeeld te worden. Uw antwoord is niet bewaard."), "info")
    except UnknownReasonError:
        problems = {REASON: _("Kies waarom dit geen initiatief is.")}
        return _page(get_look(db.session, g.viewer, look_id), problems), 400
    else:
        flash(_("Dank u wel. Uw antwoord is bewaard."), "ok")
    return redirect(url_for(".index", na=_passed_over() or None), code=303)


def _page(look: SecondLookRow | None, problems: dict[str, Any] | None = None) -> str:
    lead = items = None
    if look is not None:
        try:
            lead = get_lead(db.session, g.viewer, look.lead_id)
        except LeadNotFoundError:
            abort(404)
        items = lead_items(db.session, look.lead_id)
    return render_template(
        "second_look.html",
        look=look,
        lead=lead,
        items=items,
        waiting=waiting(db.session, g.viewer),
        passed_over=_passed_over(),
        reasons=_reasons(),
        problems=problems or {},
    )


def _reasons() -> dict[str, str]:
    """Slug -> name of the reasons that say "this is no initiative"."""
    no_initiative = current_app.extensions["scout"].labels.no_initiative
    return {slug: words for slug, words in labels("reasons").items() if slug in no_initiative}


def _passed_over() -> int:
    """Number of the last look that was passed over, as the address or the form says."""
    text = request.values.get("na", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

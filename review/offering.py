"""Giving a lead that waits for a decision to its municipality, to ask what it makes of it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.store.leads import get_lead
from models.store.share_rules import AlreadySharedError, NotShareableError, TextTooLongError
from models.store.shares import offer_lead
from review.actions import written
from review.asked import NUMBER, context
from review.database import db, writing
from review.sharing_acting import too_long

Shown = Response | tuple[str, int]

blueprint = Blueprint("offering", __name__)


@blueprint.get(f"/signalen/<{NUMBER}:lead_id>/delen")
def form(lead_id: int) -> str:
    """The form with which a lead is offered, as a page of its own."""
    return _offering(lead_id, {}, {})


@blueprint.post(f"/signalen/<{NUMBER}:lead_id>/delen")
def send(lead_id: int) -> Shown:
    """Ask the municipality of a lead what it makes of it."""
    get_lead(db.session, g.viewer, lead_id)
    try:
        with writing() as store:
            offer_lead(store, lead_id, viewer=g.viewer, message=written(request.form, "message"))
    except TextTooLongError:
        return _offering(lead_id, request.form, {"message": too_long()}), 400
    except AlreadySharedError:
        flash(_("Dit signaal was al gedeeld met de gemeente."), "info")
    except NotShareableError:
        flash(
            _("Dit signaal kan niet worden gedeeld: er is al over besloten, of de gemeente is onbekend."),
            "info",
        )
    else:
        flash(_("Dit signaal is gedeeld met de gemeente."), "ok")
    view: dict[str, Any] = {**context()}
    return redirect(url_for("leads.lead", lead_id=lead_id, **view), code=303)


def _offering(lead_id: int, sent: Mapping[str, str], problems: dict[str, Any]) -> str:
    lead = get_lead(db.session, g.viewer, lead_id)
    return render_template("share_offer.html", lead=lead, form=sent, problems=problems)

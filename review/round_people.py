"""Making a round up: which consultants are in it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from models.store.round_candidates import consultants_to_put
from models.store.round_seeding import AT_ONCE, put_consultants, take_out_consultant
from models.store.rounds import RoundConsultantRow, RoundStateError, RoundView, consultants_of
from models.words import RoundState
from review import consultant_words as words
from review.actions import numbers
from review.asked import NUMBER
from review.database import db, writing
from review.round_seeding import late, round_for, say

blueprint = Blueprint("round_people", __name__, url_prefix="/rondes")


@blueprint.get(f"/<{NUMBER}:round_id>/samenstellen/consultants")
def find(round_id: int) -> str:
    """Consultants who have time."""
    return _page(round_for(round_id), {})


@blueprint.post(f"/<{NUMBER}:round_id>/samenstellen/consultants")
def add(round_id: int) -> Response | tuple[str, int]:
    """Put in who was ticked, or all who have time."""
    row = round_for(round_id)
    if request.form.get("alles", "") == "ja":
        picked = {one.id for one in consultants_to_put(db.session, g.viewer, round_id)}
    else:
        picked = numbers(request.form.getlist("kies"))
    if not picked:
        return _page(row, {"kies": _("Zet eerst een vinkje bij een of meer consultants.")}), 400
    try:
        with writing() as session:
            put = put_consultants(session, round_id, picked, viewer=g.viewer)
    except RoundStateError:
        return late(round_id)
    say(put, ngettext("%(num)s consultant toegevoegd.", "%(num)s consultants toegevoegd.", len(put.added)))
    return redirect(url_for("round_seeding.index", round_id=round_id), code=303)


@blueprint.get(f"/<{NUMBER}:round_id>/samenstellen/consultants/<{NUMBER}:consultant_id>/weg")
def back(round_id: int, consultant_id: int) -> Response:
    """The address of the form that takes out, opened as a page: show what is in the round."""
    _one(round_for(round_id), consultant_id)
    return redirect(url_for("round_seeding.index", round_id=round_id), code=303)


@blueprint.post(f"/<{NUMBER}:round_id>/samenstellen/consultants/<{NUMBER}:consultant_id>/weg")
def take_out(round_id: int, consultant_id: int) -> Response:
    """Take a consultant out of the round; the consultant stays in the list of consultants."""
    one = _one(round_for(round_id), consultant_id)
    try:
        with writing() as session:
            take_out_consultant(session, round_id, consultant_id, viewer=g.viewer)
    except RoundStateError:
        return late(round_id)
    name = one.name or words.unknown()
    flash(_("%(name)s doet niet meer mee in deze ronde.", name=name), "ok")
    return redirect(url_for("round_seeding.index", round_id=round_id), code=303)


def _page(row: RoundView, problems: Mapping[str, Any]) -> str:
    return render_template(
        "round_people.html",
        round=row,
        open=row.state in (RoundState.SEEDING, RoundState.SELECTION),
        people=consultants_to_put(db.session, g.viewer, row.id),
        problems=problems,
        words=words,
        AT_ONCE=AT_ONCE,
    )


def _one(row: RoundView, consultant_id: int) -> RoundConsultantRow:
    for one in consultants_of(db.session, g.viewer, row.id):
        if one.consultant_id == consultant_id:
            return one
    abort(404)

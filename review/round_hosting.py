"""Making a round up: who hosts the consultant, and how much help an initiative asks for."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.store.round_hosts import LIMITS, InvalidHostError, StaleHostError, fingerprint, set_host
from models.store.rounds import (
    RoundInitiativeRow,
    RoundNotAllowedError,
    RoundNotFoundError,
    RoundStateError,
    RoundView,
)
from models.words import RoundState
from review import consultant_words as words
from review.actions import written
from review.asked import NUMBER
from review.database import db, writing
from review.round_choice_words import HOST_FIELDS, host_problem
from review.round_seeding import late, one_of, round_for, writes_about
from review.shown import labels

blueprint = Blueprint("round_hosting", __name__, url_prefix="/rondes")


@blueprint.get(f"/<{NUMBER}:round_id>/samenstellen/<{NUMBER}:initiative_id>")
def index(round_id: int, initiative_id: int) -> str:
    """Who hosts, and how much help is asked for."""
    row = round_for(round_id)
    return _page(row, one_of(row, initiative_id))


@blueprint.post(f"/<{NUMBER}:round_id>/samenstellen/<{NUMBER}:initiative_id>")
def keep(round_id: int, initiative_id: int) -> Response | tuple[str, int]:
    """Keep what was filled in."""
    row = round_for(round_id)
    one = one_of(row, initiative_id)
    form = {name: written(request.form, name) for name in HOST_FIELDS}
    frozen = row.state is not RoundState.SEEDING
    try:
        with writing() as session:
            set_host(
                session,
                round_id,
                initiative_id,
                viewer=g.viewer,
                name=form["host_name"],
                email=form["host_email"],
                hours=words.whole_of(form["host_hours"]),
                half_hours=one.half_hours if frozen else words.half_hours_of(form["half_hours"]),
                language=one.language if frozen else form["language"],
                languages=labels("languages").keys(),
                seen=request.form.get("seen", ""),
            )
    except InvalidHostError as error:
        return _page(row, one, form, {name: host_problem(name, p) for name, p in error.problems.items()}), 400
    except StaleHostError:
        db.session.rollback()
        return _page(row, one_of(row, initiative_id), form, stale=True), 409
    except RoundStateError:
        return late(round_id)
    except RoundNotAllowedError:
        abort(403, _("Uw account mag dit niet in deze ronde."))
    except RoundNotFoundError:
        abort(404)
    flash(_("Bewaard."), "ok")
    return redirect(url_for("round_seeding.index", round_id=round_id), code=303)


def _page(
    row: RoundView,
    one: RoundInitiativeRow,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, Any] | None = None,
    *,
    stale: bool = False,
) -> str:
    if not writes_about(one) or one.out_at is not None:
        abort(404)
    now = {
        "host_name": one.host_name,
        "host_email": one.host_email,
        "host_hours": str(one.host_hours or ""),
        "half_hours": words.hours_typed(one.half_hours) if one.half_hours else "",
        "language": one.language,
    }
    return render_template(
        "round_host.html",
        round=row,
        one=one,
        now=now,
        values={**now, **(values or {})},
        # After a mistake the form still begins with what its sender saw.
        seen=request.form.get("seen", "") if problems else fingerprint(one),
        problems=problems or {},
        stale=stale,
        making=row.state is RoundState.SEEDING,
        ended=not row.open,
        words=words,
        FIELDS=HOST_FIELDS,
        LIMITS=LIMITS,
    )

"""One lead: its page, the forms that decide on it, and taking decisions back."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.decision import Decision
from models.geo import municipalities
from models.store.copying import ALLOWED
from models.store.decisions import (
    NOTE_LIMIT,
    AlreadyDecidedError,
    AlreadyUndoneError,
    CopiedTextError,
    DecisionNotFoundError,
    NotAllowedError,
    NoteTooLongError,
    NotUndoableError,
    ReasonRequiredError,
    StaleLeadError,
    undo,
)
from models.store.initiatives import LIMITS, InvalidInitiativeError, place_names
from models.store.leads import LeadRow, decision_log, get_lead, lead_items, next_lead
from models.words import LeadStatus
from review.actions import ACTIONS, written
from review.asked import NUMBER, municipality_asked, order_asked, order_shown
from review.database import db, writing
from review.shown import heading_of
from review.texts import problem_text

blueprint = Blueprint("leads", __name__)


@blueprint.get(f"/signalen/<{NUMBER}:lead_id>")
def lead(lead_id: int) -> str:
    """One lead: why it was flagged, what it is made of, and what to do with it."""
    return _lead_page(lead_id)


@blueprint.get(f"/signalen/<{NUMBER}:lead_id>/<action>")
def back_to_lead(lead_id: int, action: str) -> Response:
    """The address of a form, opened as a page (after signing in again, say): show the lead."""
    if action not in ACTIONS:
        abort(404)
    return redirect(url_for(".lead", lead_id=lead_id), code=303)


@blueprint.post(f"/signalen/<{NUMBER}:lead_id>/<action>")
def act(lead_id: int, action: str) -> Response | tuple[str, int]:
    """Decide on a lead and show the next one."""
    if action not in ACTIONS:
        abort(404)
    shown = get_lead(db.session, g.viewer, lead_id)
    try:
        with writing() as session:
            decision = ACTIONS[action](session, lead_id, g.viewer, request.form)
            decided = decision.id
    except NotAllowedError:
        abort(403, _("Uw account mag geen besluiten nemen."))
    except AlreadyDecidedError as error:
        return _lead_page(lead_id, refused=error, form=request.form), 409
    except StaleLeadError:
        return _lead_page(lead_id, changed=True, form=request.form, opened=action), 409
    except (InvalidInitiativeError, CopiedTextError, ReasonRequiredError, NoteTooLongError) as error:
        return _lead_page(lead_id, problems=problems_of(error), form=request.form, opened=action), 400
    flash(f"{lead_id}/{decided}", "decision")
    code = municipality_asked()
    following = next_lead(
        db.session, g.viewer, after=shown.cursor, municipality_code=code, order=order_asked()
    )
    place: dict[str, Any] = {"gemeente": code, "volgorde": order_shown()}
    if following is None:
        return redirect(url_for("queue.index", **place), code=303)
    return redirect(url_for(".lead", lead_id=following, **place), code=303)


@blueprint.post(f"/besluiten/<{NUMBER}:decision_id>/ongedaan")
def undo_decision(decision_id: int) -> Response | tuple[str, int]:
    """Take a decision back."""
    lead_id = db.session.scalar(select(Decision.lead_id).where(Decision.id == decision_id))
    if lead_id is None:
        abort(404)
    get_lead(db.session, g.viewer, lead_id)
    try:
        with writing() as session:
            undone = undo(session, decision_id, viewer=g.viewer, reason=written(request.form, "reason"))
            flash(f"{lead_id}/{undone.id}", "decision")
    except NotAllowedError:
        abort(403, _("Uw account mag geen besluiten nemen."))
    except DecisionNotFoundError:
        abort(404)
    except AlreadyUndoneError as error:
        by = error.undone.by if error.undone else ""
        flash(_("Dit besluit was al ongedaan gemaakt door %(name)s.", name=by), "info")
    except NotUndoableError:
        flash(_("Dit besluit kan niet meer ongedaan worden gemaakt."), "info")
    except (ReasonRequiredError, NoteTooLongError) as error:
        problems = problems_of(error, undoing=True)
        return _lead_page(lead_id, problems=problems, form=request.form, undoing=decision_id), 400
    return redirect(url_for(".lead", lead_id=lead_id), code=303)


def problems_of(error: Exception, *, undoing: bool = False) -> dict[str, Any]:
    """Field -> what is wrong with it, for the summary of errors and beside the fields."""
    if isinstance(error, InvalidInitiativeError):
        return {name: problem_text(name, problem) for name, problem in error.problems.items()}
    if isinstance(error, CopiedTextError):
        return {
            "summary": _(
                "Meer dan %(limit)s tekens achter elkaar staan ook in een bron: “%(passage)s…”. "
                "Schrijf het in uw eigen woorden.",
                limit=ALLOWED,
                passage=error.passage[:60],
            )
        }
    if isinstance(error, NoteTooLongError):
        field = "reason" if undoing else "note"
        return {field: _("Maak dit korter: hooguit %(limit)s tekens.", limit=NOTE_LIMIT)}
    if undoing:
        return {"reason": _("Schrijf waarom u het besluit van een ander ongedaan maakt.")}
    return {"reason": _("Kies waarom u dit signaal afwijst.")}


def _lead_page(
    lead_id: int,
    *,
    problems: dict[str, Any] | None = None,
    form: Any = None,
    opened: str = "",
    refused: AlreadyDecidedError | None = None,
    changed: bool = False,
    undoing: int | None = None,
) -> str:
    """The page of a lead.

    Args:
        problems: field -> what is wrong with what was sent.
        form: what was sent; shown again, so that nothing typed is lost.
        opened: the action whose form is shown open.
        refused: somebody else decided first.
        changed: the lead changed while it was looked at.
        undoing: the decision whose undo form has problems.
    """
    found = get_lead(db.session, g.viewer, lead_id)
    items = lead_items(db.session, lead_id)
    log = decision_log(db.session, lead_id) if g.viewer.decides else []
    last = log[-1] if log else None
    decides = g.viewer.decides and found.status in (LeadStatus.OPEN, LeadStatus.SNOOZED)
    return render_template(
        "lead.html",
        lead=found,
        items=items,
        log=list(reversed(log)),
        # Only the newest decision stands; it can be taken back while the content is still there.
        standing=last if last and not last.undone and _undoable(found, last) else None,
        decides=decides,
        values=form if form is not None else _filled_in(found, [item.url for item in items]),
        problems=problems or {},
        opened=opened,
        refused=refused,
        changed=changed,
        undoing=undoing,
        municipalities=[(one.code, one.name) for one in sorted(municipalities(), key=lambda m: m.name)],
        places=place_names(db.session, found.municipality_code)
        if decides and found.municipality_code
        else [],
        context=municipality_asked(),
        order=order_shown(),
    )


def _undoable(found: LeadRow, last: Any) -> bool:
    return last.undoes_id is None and found.purged_at is None and found.status is last.new_status


def _filled_in(found: LeadRow, urls: list[str]) -> dict[str, str]:
    """What the form for the register starts with; the summary is left to the person."""
    return {
        "name": (found.initiative_name or found.organisation_name or heading_of(found))[: LIMITS["name"]],
        "municipality_code": found.municipality_code or "",
        "place_key": found.place or "",
        "theme": found.theme or "",
        "link": next((url for url in urls if url), ""),
    }

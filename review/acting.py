"""What the forms of a lead do: decide, work on it, take a decision back; and then show what comes next."""

from typing import Any

from flask import abort, flash, g, redirect, request, session, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models.decision import Decision
from models.lead import Lead
from models.store.casework import EmptyNoteError, NoWakingError, SnoozeDateError, UnknownAssigneeError
from models.store.claims import move_on, take
from models.store.copying import ALLOWED
from models.store.deciding import PurgedLeadError, UnknownEntryError
from models.store.decisions import (
    NOTE_LIMIT,
    UNDECIDED,
    VISIBLE,
    AlreadyDecidedError,
    AlreadyUndoneError,
    CopiedTextError,
    DecisionError,
    DecisionNotFoundError,
    NotAllowedError,
    NoteTooLongError,
    NotUndoableError,
    ReasonRequiredError,
    StaleLeadError,
    undo,
)
from models.store.initiatives import InvalidInitiativeError
from models.store.leads import Cursor, LeadNotFoundError, LeadRow, get_lead
from models.store.leads_hand import ItemsError, SameLeadError
from models.store.leads_list import next_lead
from review.actions import (
    ACTION,
    ACTIONS,
    Form,
    NoOtherLeadError,
    UnseenLeadError,
    numbers,
    written,
)
from review.asked import NUMBER, context, filter_asked, order_asked
from review.database import db, writing
from review.deciding import LooksKnownError
from review.leads import Sent, blueprint, page_of
from review.shown import LAST
from review.texts import STATUSES, problem_text

Answer = Response | tuple[str, int] | tuple[str, int, dict[str, str]]

#: What can't be done -> the field it is said beside, and what to do about it.
PROBLEMS: dict[type[Exception], tuple[str, Any]] = {
    ReasonRequiredError: ("reason", _l("Kies waarom u dit signaal afwijst.")),
    NoWakingError: ("tot", _l("Kies tot wanneer u dit signaal uitstelt.")),
    NoOtherLeadError: ("met", _l("Kies een signaal, of vul een nummer in.")),
    SameLeadError: ("met", _l("Dit is hetzelfde signaal. Kies een ander.")),
    ItemsError: ("bericht", _l("Kies een of meer berichten, maar niet allemaal.")),
    UnknownAssigneeError: ("aan", _l("Kies een collega uit de lijst.")),
    EmptyNoteError: ("text", _l("Schrijf eerst iets op.")),
    UnknownEntryError: ("note", _l("Dit initiatief staat niet meer in het register. Kies opnieuw.")),
    PurgedLeadError: ("note", _l("De inhoud van dit signaal is verwijderd. Er kan niets meer mee gebeuren.")),
}

#: How often another lead is taken when somebody else was just quicker to take the one found.
TRIES = 10


@blueprint.post(f"/signalen/<{NUMBER}:lead_id>/<{ACTION}:action>")
def act(lead_id: int, action: str) -> Answer:
    """Do something with a lead; after a decision the next one is shown, and is taken in the same breath."""
    shown = get_lead(db.session, g.viewer, lead_id)
    following: int | None = lead_id
    try:
        with writing() as store:
            done = ACTIONS[action].do(store, lead_id, g.viewer, request.form)
            if ACTIONS[action].leads_on:
                following = _take_next(store, shown.cursor)
    except NotAllowedError:
        abort(403, _("Uw account mag geen besluiten nemen."))
    except (
        DecisionError,
        InvalidInitiativeError,
        LooksKnownError,
        NoOtherLeadError,
        UnseenLeadError,
    ) as error:
        return _refused(shown, action, error)
    except LeadNotFoundError:
        # The lead itself was there a moment ago: it is the other one of a merge.
        return _refused(shown, action, NoOtherLeadError("there is no such lead"))
    if isinstance(done, Decision):
        session[LAST] = done.id
        flash(f"{lead_id}/{done.id}", "decision")
    elif done:
        flash(done, "ok")
    return _show(following)


@blueprint.post(f"/besluiten/<{NUMBER}:decision_id>/ongedaan")
def undo_decision(decision_id: int) -> Answer:
    """Take a decision back, and show its lead."""
    lead_id = db.session.scalar(select(Decision.lead_id).where(Decision.id == decision_id))
    if lead_id is None:
        abort(404)
    get_lead(db.session, g.viewer, lead_id)
    try:
        with writing() as store:
            undone = undo(store, decision_id, viewer=g.viewer, reason=written(request.form, "reason"))
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
        problems = {"reason": _undo_problem(error)}
        return _page(lead_id, 400, Sent(form=request.form, problems=problems, undoing=decision_id))
    if session.get(LAST) == decision_id:
        session.pop(LAST)
    return _show(lead_id)


def _undo_problem(error: DecisionError) -> Any:
    if isinstance(error, NoteTooLongError):
        return _("Maak dit korter: hooguit %(limit)s tekens.", limit=NOTE_LIMIT)
    return _("Schrijf waarom u dit besluit ongedaan maakt.")


def _take_next(store: Session, after: Cursor) -> int | None:
    """Number of the next lead, which the viewer has in front of them from now on; None = there are no more.

    The one that the page had ready goes first, as long as nobody else has it: it is on screen already.
    """
    chosen, order = filter_asked(), order_asked()
    for ready in numbers(request.form.getlist("volgende")):
        status = store.scalar(
            select(Lead.status).where(Lead.id == ready, g.viewer.scope(Lead.municipality_code))
        )
        if status is chosen.status and take(store, g.viewer, ready) is None:
            move_on(store, g.viewer, ready)
            return ready
    passed: set[int] = set()
    for _again in range(TRIES):
        found = next_lead(store, g.viewer, after=after, filter=chosen, order=order, skip=passed)
        if found is None or take(store, g.viewer, found) is None:
            if found is not None:
                move_on(store, g.viewer, found)
            return found
        passed.add(found)
    return None


def _show(lead_id: int | None) -> Answer:
    """Show a lead, or the list when there is none.

    Who has scripts gets the page in this very answer; others are sent there, so that it can be read again.
    """
    scripts = request.headers.get("HX-Request") == "true"
    view: dict[str, Any] = {**context()}
    if lead_id is None:
        address = url_for("queue.index", **view)
        return Response(headers={"HX-Redirect": address}) if scripts else redirect(address, code=303)
    address = url_for(".lead", lead_id=lead_id, **view)
    if scripts:
        return page_of(lead_id), 200, {"HX-Push-Url": address}
    return redirect(address, code=303)


def _page(lead_id: int, status: int, sent: Sent) -> Answer:
    """The lead again, with what was sent; its address stays what it was."""
    return page_of(lead_id, sent), status, {"HX-Push-Url": "false"}


def _refused(shown: LeadRow, action: str, error: Exception) -> Answer:
    """Say why nothing was done, and show what was sent."""
    form = request.form
    if isinstance(error, LooksKnownError):
        return _page(shown.id, 200, Sent(opened=action, form=form, likely=error.entries))
    if isinstance(error, UnseenLeadError):
        return _other_lead(shown, action, error.lead_id)
    if isinstance(error, (AlreadyDecidedError, StaleLeadError)):
        now = get_lead(db.session, g.viewer, shown.id)
        same = now.status in UNDECIDED and str(now.version) == form.get("version")
        if action == "samenvoegen" and same:
            # It is the other one of the two that changed: it is shown anew.
            problems = {"met": _("Het andere signaal is intussen veranderd. Kies het opnieuw.")}
            return _page(shown.id, 409, Sent(opened=action, form=form, problems=problems))
        if isinstance(error, AlreadyDecidedError):
            return _page(shown.id, 409, Sent(form=form, refused=error))
        return _page(shown.id, 409, Sent(opened=action, form=form, changed=True))
    return _page(shown.id, 400, Sent(opened=action, form=form, problems=problems_of(action, error)))


def _other_lead(shown: LeadRow, action: str, lead_id: int) -> Answer:
    """Show the lead that was named by its number, so that one knows what is put together."""
    form = request.form
    try:
        other = get_lead(db.session, g.viewer, lead_id)
    except LeadNotFoundError:
        other = None
    problem = _not_mergeable(shown, other)
    if problem or other is None:
        return _page(shown.id, 400, Sent(opened=action, form=form, problems={"nummer": problem}))
    return _page(shown.id, 200, Sent(opened=action, form=_without(form, "nummer"), other=other))


def _not_mergeable(shown: LeadRow, other: LeadRow | None) -> Any:
    if other is None:
        return _("Er is geen signaal met dit nummer.")
    if other.id == shown.id:
        return _("Dit is het nummer van dit signaal zelf.")
    if other.purged_at is not None:
        return _("De inhoud van dat signaal is verwijderd.")
    if other.status not in VISIBLE:
        return _("Dat signaal heeft de status ‘%(status)s’.", status=STATUSES[other.status])
    return ""


def _without(form: Form, name: str) -> Form:
    kept = form.copy()
    kept.poplist(name)
    return kept


def problems_of(action: str, error: Exception) -> dict[str, Any]:
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
        name = "text" if action == "notitie" else "note"
        return {name: _("Maak dit korter: hooguit %(limit)s tekens.", limit=NOTE_LIMIT)}
    if isinstance(error, SnoozeDateError):
        latest = format_date(error.latest, "d MMMM yyyy")
        return {"tot": _("Kies een dag na vandaag, uiterlijk %(day)s.", day=latest)}
    field, text = PROBLEMS.get(type(error), ("note", _l("Dit kan niet met dit signaal.")))
    return {field: text}

"""Deciding on several leads of the list together, and taking that back."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased
from werkzeug.wrappers import Response

from models.account import Account
from models.decision import Decision
from models.lead import Lead
from models.store.bulk import MOST, BulkOutcome, decide_all, undo_batch
from models.store.casework import assign
from models.store.deciding import (
    NOTE_LIMIT,
    AlreadyUndoneError,
    DecisionError,
    DecisionNotFoundError,
    NoteTooLongError,
    ReasonRequiredError,
    reason_needed,
)
from models.store.leads import LeadNotFoundError
from models.store.leads_apart import lock_leads
from models.words import DecisionKind
from review.actions import written
from review.asked import LARGEST, MINE, NOBODY, context, cursor_of
from review.choices import people
from review.database import db, writing
from review.queue import Sent, list_page
from review.told import ASSIGN, bulk_notices, done_text, tell, today

blueprint = Blueprint("bulk", __name__)

#: Word in the form -> the decision it stands for.
DECISIONS = {
    "afwijzen": DecisionKind.REJECT,
    "al-bekend": DecisionKind.KNOWN,
    "uitstellen": DecisionKind.SNOOZE,
}
FIELDS = ("besluit", "reason", "until", "on_news", "assignee", "note")
#: A ticked lead: its number, and its version as it was shown.
PICKED = re.compile(r"([0-9]{1,10})-([0-9]{1,9})")
#: As ``models.store.bulk`` names them.
BATCH = re.compile(r"[0-9a-f]{8,32}")
#: Days as people write them when a browser offers no calendar.
DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")

blueprint.add_app_template_global(bulk_notices)


@blueprint.get("/signalen/samen")
def back_to_list() -> Response:
    """The address of the form, opened as a page: show the list."""
    return redirect(url_for("queue.index"), code=303)


@blueprint.post("/signalen/samen")
def decide_together() -> Response | tuple[str, int]:
    """Do one thing with all ticked leads; each alone succeeds or is refused."""
    picked = _picked()
    values = {name: written(request.form, name) for name in FIELDS}
    problems = _problems(picked, values)
    if problems:
        return list_page(bulk=Sent(problems=problems, values=values, picked=picked)), 400
    scout = current_app.extensions["scout"]
    with writing() as session:
        if values["besluit"] == ASSIGN:
            to = _assignee(values["assignee"])
            outcome, told = _assign_all(session, picked, to or None), {"deed": ASSIGN, "to": to}
        else:
            kind = DECISIONS[values["besluit"]]
            outcome = decide_all(
                session,
                picked.items(),
                kind,
                viewer=g.viewer,
                secret=scout.secret,
                reason=values["reason"],
                reasons=scout.labels.reasons,
                note=values["note"],
                until=_day(values["until"]),
                on_news=bool(values["on_news"]),
                drawing=scout.drawing,
            )
            told = {"deed": kind.value, "batch": outcome.batch}
    tell(outcome, told)
    return _to_list()


@blueprint.get("/besluiten/samen/<batch>")
def batch(batch: str) -> str:
    """What was decided in one go, by whom, and the form to take it back."""
    return _batch_page(batch)


@blueprint.get("/besluiten/samen/<batch>/ongedaan")
def back_to_batch(batch: str) -> Response:
    """The address of the form, opened as a page."""
    return redirect(url_for(".batch", batch=batch), code=303)


@blueprint.post("/besluiten/samen/<batch>/ongedaan")
def undo_together(batch: str) -> Response | tuple[str, int]:
    """Take back what was decided in one go, as far as it still stands."""
    if not BATCH.fullmatch(batch):
        abort(404)
    reason = written(request.form, "reason")
    try:
        with writing() as session:
            outcome = undo_batch(session, batch, viewer=g.viewer, reason=reason)
    except DecisionNotFoundError:
        abort(404)
    except AlreadyUndoneError as error:
        by = error.undone.by if error.undone else ""
        flash(_("Deze besluiten waren al ongedaan gemaakt door %(name)s.", name=by), "info")
        return _to_list()
    except ReasonRequiredError:
        problem = _("Schrijf waarom u deze besluiten ongedaan maakt.")
        return _batch_page(batch, problem=problem), 400
    except NoteTooLongError:
        problem = _("Maak dit korter: hooguit %(limit)s tekens.", limit=NOTE_LIMIT)
        return _batch_page(batch, problem=problem, reason=reason), 400
    tell(outcome, {"deed": DecisionKind.UNDO.value})
    return _to_list()


def _to_list() -> Response:
    """Back to where the list was; what stood before the decided leads is above it still."""
    at = request.form.get("na", "")
    place = {**context(), **({"na": at} if cursor_of(at) else {})}
    return redirect(url_for("queue.index", **place), code=303)  # type: ignore[arg-type]


# -- what was sent ------------------------------------------------------------------------------------


def _picked() -> dict[int, int]:
    """Number -> version of each ticked lead."""
    matches = [PICKED.fullmatch(text) for text in request.form.getlist("kies")]
    return {int(match[1]): int(match[2]) for match in matches if match and int(match[1]) <= LARGEST}


def _problems(picked: Mapping[int, int], values: Mapping[str, str]) -> dict[str, str]:
    """Field -> what is wrong with it and what to do."""
    problems: dict[str, str] = {}
    deed = values["besluit"]
    if not picked:
        problems["kies"] = _("Kies eerst een of meer signalen.")
    elif len(picked) > MOST:
        problems["kies"] = _("Kies hooguit %(most)s signalen tegelijk.", most=MOST)
    if deed not in (*DECISIONS, ASSIGN):
        problems["besluit"] = _("Kies wat u met de gekozen signalen wilt doen.")
    if deed == "afwijzen" and values["reason"] not in current_app.extensions["scout"].labels.reasons:
        problems["reason"] = _("Kies waarom u deze signalen afwijst.")
    if deed == "uitstellen":
        day = _day(values["until"])
        if values["until"] and day is None:
            problems["until"] = _("Vul een datum in, bijvoorbeeld 31-12-2026.")
        elif day is not None and day <= today():
            problems["until"] = _("Kies een dag na vandaag.")
        elif day is None and not values["on_news"]:
            problems["until"] = _(
                "Kies een dag, of kies dat het signaal terugkomt als er een nieuw bericht is."
            )
    if deed == ASSIGN and _assignee(values["assignee"]) is None:
        problems["assignee"] = _("Kies een naam uit de lijst.")
    if deed in DECISIONS and len(values["note"]) > NOTE_LIMIT:
        problems["note"] = _("Maak dit korter: hooguit %(limit)s tekens.", limit=NOTE_LIMIT)
    return problems


def _day(text: str) -> date | None:
    """A day as browsers send it, or as people write it."""
    match = DAY.fullmatch(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    except ValueError:
        return None


def _assignee(text: str) -> int | None:
    """Number of an account, 0 for nobody; None = not one that leads can be given to."""
    if text == NOBODY:
        return 0
    wanted = str(g.viewer.account_id) if text == MINE else text
    return next((number for number, _name in people() if str(number) == wanted), None)


def _assign_all(session: Session, picked: Mapping[int, int], to: int | None) -> BulkOutcome:
    outcome = BulkOutcome(batch="")
    lock_leads(session, picked)
    for lead_id in sorted(picked):
        try:
            with session.begin_nested():
                assign(session, lead_id, viewer=g.viewer, assignee_id=to)
        except (DecisionError, LeadNotFoundError) as refusal:
            outcome.refused.append((lead_id, refusal))
        else:
            outcome.done.append(lead_id)
    return outcome


# -- one batch ----------------------------------------------------------------------------------------


def _batch_page(batch: str, *, problem: str = "", reason: str = "") -> str:
    rows = _decisions(batch) if BATCH.fullmatch(batch) else []
    if not rows:
        abort(404)
    standing = [row for row in rows if row.undone_id is None]
    first = rows[0]
    return render_template(
        "batch.html",
        batch=batch,
        rows=rows,
        first=first,
        standing=standing,
        needs_reason=any(_needs_reason(row.account_id, row.made_at) for row in standing),
        heading=done_text({"deed": first.kind, "done": len(rows)}),
        problems={"reason": problem} if problem else {},
        values={"reason": reason},
    )


def _needs_reason(account_id: int, made_at: datetime) -> bool:
    return reason_needed(g.viewer, account_id=account_id, made_at=made_at)


def _decisions(batch: str) -> list[Any]:
    """The decisions of a batch with their leads, by lead."""
    undoing = aliased(Decision)
    return list(
        db.session.execute(
            select(
                Decision.lead_id,
                Decision.kind,
                Decision.reason,
                Decision.note,
                Decision.account_id,
                Decision.made_at,
                Lead.title,
                Lead.snippet,
                func.coalesce(func.nullif(Account.name, ""), Account.email).label("by"),
                undoing.id.label("undone_id"),
            )
            .join(Lead, Lead.id == Decision.lead_id)
            .join(Account, Account.id == Decision.account_id)
            .outerjoin(undoing, undoing.undoes_id == Decision.id)
            .where(
                Decision.batch == batch,
                Decision.kind != DecisionKind.UNDO,
                g.viewer.scope(Lead.municipality_code),
            )
            .order_by(Decision.lead_id)
            .limit(MOST)
        )
    )

"""The register: its list and one entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.store.deciding import reason_needed
from models.store.initiatives import (
    InitiativeRow,
    get_initiative,
    initiative_page,
    municipalities_in_register,
)
from models.store.leads import LogEntry, decision_log, lead_items
from models.store.register import StaleInitiativeError, removable
from models.store.register_history import HistoryRow, history, notes
from models.words import DecisionKind
from review.actions import number
from review.asked import NUMBER, SEARCH_LIMIT, filter_asked
from review.chips import chips
from review.choices import counted, places_of
from review.database import db
from review.register_asked import entries_asked
from review.register_words import INFORMED, fields_of, who
from review.texts import PHASES

blueprint = Blueprint("register", __name__, url_prefix="/register")


@dataclass(frozen=True)
class Sent:
    """A form on the page of an entry that was sent and not taken."""

    #: Its name; empty = none.
    form: str = ""
    #: What was typed; shown again.
    values: Mapping[str, str] = field(default_factory=dict)
    #: Field -> what is wrong with it.
    problems: Mapping[str, Any] = field(default_factory=dict)
    #: Somebody else changed the entry first.
    stale: StaleInitiativeError | None = None


@dataclass(frozen=True)
class Line:
    """One thing that happened to an entry."""

    at: datetime
    #: A decision on its lead, or a change of the entry itself.
    decision: LogEntry | None = None
    change: HistoryRow | None = None


@blueprint.get("")
def index() -> str | Response:
    """The register, newest first."""
    if "" in request.args.values():
        # As in the queue: an address to keep holds only what was chosen.
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    asked = entries_asked()
    page = initiative_page(
        db.session,
        g.viewer,
        **asked.conditions,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
    )
    wanted = filter_asked()
    code = wanted.municipality_code if g.viewer.decides else g.viewer.municipality_code
    return render_template(
        "register.html",
        page=page,
        filter=wanted,
        phase=asked.phase,
        phases=PHASES,
        municipalities=counted(municipalities_in_register(db.session, g.viewer)) if g.viewer.decides else [],
        places=places_of(code) if code else {},
        place=asked.chosen,
        more=bool(asked.chosen.keys() & {"buurt", "kennis", "goedgekeurd", "informeren", "sinds"}),
        chips=chips("register.index", asked.chosen),
        today=utc_now().astimezone(ZONE).date(),
        SEARCH_LIMIT=SEARCH_LIMIT,
    )


@blueprint.get(f"/<{NUMBER}:initiative_id>")
def initiative(initiative_id: int) -> str:
    """One entry, with where it came from, what happened to it, and what can be done with it."""
    return page_of(initiative_id)


def page_of(initiative_id: int, sent: Sent = Sent()) -> str:
    """The page of one entry.

    Raises:
        InitiativeNotFoundError: it does not exist, or is not for this viewer.
    """
    entry = get_initiative(db.session, g.viewer, initiative_id)
    log = decisions_of(entry)
    standing = next((one for one in log if one.kind is DecisionKind.PROMOTE and not one.undone), None)
    changes = history(db.session, g.viewer, entry.id)
    return render_template(
        "initiative.html",
        entry=entry,
        items=lead_items(db.session, entry.lead_id) if entry.lead_id is not None else [],
        lines=lines_of(log, changes),
        notes=notes(db.session, g.viewer, entry.id),
        standing=standing,
        needs_reason=standing is not None
        and reason_needed(g.viewer, account_id=standing.account_id, made_at=standing.made_at),
        writes=g.viewer.writes_register and entry.withdrawn_at is None,
        removes=removable(g.viewer, entry.lead_id, entry.municipality_code, entry.entered_by_code),
        today=utc_now().astimezone(ZONE).date(),
        phases=PHASES,
        informed=INFORMED,
        sent=sent,
        fields_of=fields_of,
        who=who,
    )


def decisions_of(entry: InitiativeRow) -> list[LogEntry]:
    """Decisions on its lead that are about this entry, oldest first; only for staff."""
    if entry.lead_id is None or not g.viewer.decides:
        return []
    return [one for one in decision_log(db.session, entry.lead_id) if one.initiative_id == entry.id]


def lines_of(log: list[LogEntry], changes: list[HistoryRow]) -> list[Line]:
    """What happened, the newest first."""
    lines = [
        *(Line(one.made_at, decision=one) for one in log),
        *(Line(one.at, change=one) for one in changes),
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)

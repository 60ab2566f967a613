"""The page of one lead, and the next one as it is shown while the server decides on this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.geo import municipalities, quarters, towns
from models.lead import Lead
from models.store.audit import AuditRow, audit_page
from models.store.casework import NoteRow, Wake, latest_day, notes_of, wakes_of
from models.store.claims import Claim, fresh, move_on, take, without_waiting
from models.store.decisions import UNDECIDED, VISIBLE, AlreadyDecidedError, reason_needed
from models.store.initiatives import LIMITS
from models.store.leads import (
    Cursor,
    ItemRow,
    LeadNotFoundError,
    LeadRow,
    LogEntry,
    decision_log,
    items_of,
    lead_rows,
)
from models.store.leads_apart import root_of
from models.store.leads_list import next_lead, previous_lead
from models.store.similar import Similar, SimilarInitiative, similar_leads
from models.words import DecisionKind, LeadStatus
from review import map as drawing
from review.actions import ACTION, ACTIONS, snooze_days
from review.asked import NUMBER, context, filter_asked, order_asked
from review.choices import people
from review.database import db, writing
from review.deciding import alike_in_register
from review.shown import heading_of, last_decision

blueprint = Blueprint("leads", __name__)

#: Own claims are made to last longer when a page is asked for again after this.
RENEWED = timedelta(minutes=2)


@dataclass(frozen=True)
class Sent:
    """A form that was sent and not taken, or that wants an answer first."""

    #: The action whose form is shown open; empty = none.
    opened: str = ""
    #: What was sent; shown again, so that nothing typed is lost.
    form: Mapping[str, str] | None = None
    #: Field -> what is wrong with it.
    problems: Mapping[str, Any] = field(default_factory=dict)
    #: Somebody else decided first.
    refused: AlreadyDecidedError | None = None
    #: The lead changed while it was looked at.
    changed: bool = False
    #: The decision whose undo form has problems.
    undoing: int | None = None
    #: Entries of the register that the new one looks like.
    likely: list[SimilarInitiative] = field(default_factory=list)
    #: The lead to merge with, when it was named by its number.
    other: LeadRow | None = None


@dataclass(frozen=True)
class Told:
    """One line of a lead's history."""

    at: Any
    #: A decision, a lead that came back by itself, or one that was given to somebody.
    decision: LogEntry | None = None
    wake: Wake | None = None
    given: AuditRow | None = None


@dataclass(frozen=True)
class Shown:
    """One lead with all that its page shows."""

    lead: LeadRow
    items: list[ItemRow]
    map: Markup | None
    #: It waits for a decision, and this viewer may take it.
    decides: bool
    #: Items may be split off from it.
    splits: bool
    #: The last day until which it can be snoozed, and those that can be chosen by a word.
    latest: date
    tomorrow: date
    days: dict[str, date]
    #: What its form for the register starts with.
    values: Mapping[str, str]
    places: list[str]
    #: Merged: the lead that has its items now, if that is for this viewer too.
    into: LeadRow | None = None
    #: Who else has it in front of them.
    claim: Claim | None = None
    #: Leads and entries of the register that may be about the same; None = not looked for.
    similar: list[Similar] | None = None
    entries: list[SimilarInitiative] | None = None
    notes: list[NoteRow] = field(default_factory=list)
    history: list[Told] = field(default_factory=list)
    #: The decision that stands and can be taken back, and whether that needs a reason.
    standing: LogEntry | None = None
    needs_reason: bool = False

    @property
    def heading(self) -> str:
        """Title of the lead, also when its content is gone."""
        return heading_of(self.lead) or _("Inhoud verwijderd")

    @property
    def chosen(self) -> list[str]:
        """Slugs of the expertise that was ticked."""
        return self.values.getlist("expertise") if isinstance(self.values, MultiDict) else []


@blueprint.get(f"/signalen/<{NUMBER}:lead_id>")
def lead(lead_id: int) -> str:
    """One lead: why it was flagged, what it is made of, and what to do with it."""
    asked = request.args.get("doe", "")
    return page_of(lead_id, Sent(opened=asked if asked in ACTIONS else ""))


@blueprint.get(f"/signalen/<{NUMBER}:lead_id>/alvast")
def ahead(lead_id: int) -> str:
    """A lead in short, for whoever is still at the one before it: a fragment, which claims nothing."""
    return render_template("lead_ahead.html", one=_one(lead_id), sent=None, problems={}, context=context())


@blueprint.get(f"/signalen/<{NUMBER}:lead_id>/<{ACTION}:action>")
def back_to_lead(lead_id: int, action: str) -> Response:
    """The address of a form, opened as a page (after signing in again, say): show the lead."""
    return redirect(url_for(".lead", lead_id=lead_id), code=303)


def page_of(lead_id: int, sent: Sent = Sent()) -> str:
    """The page of a lead; whoever may decide has it in front of them from now on.

    Raises:
        LeadNotFoundError: it does not exist, or is not for this viewer.
    """
    cursor = _cursor(lead_id)
    view, order = filter_asked(), order_asked()
    following = next_lead(db.session, g.viewer, after=cursor, skip={lead_id}, filter=view, order=order)
    preceding = previous_lead(db.session, g.viewer, before=cursor, filter=view, order=order)
    return render_template(
        "lead.html",
        one=_whole(_one(lead_id, sent)),
        next=following,
        previous=preceding,
        sent=sent,
        problems=sent.problems,
        context=context(),
        last=last_decision(),
        people=people(),
        municipalities=municipality_names(),
    )


def _one(lead_id: int, sent: Sent = Sent()) -> Shown:
    """What any page shows of a lead; raises LeadNotFoundError."""
    for row in lead_rows(db.session, g.viewer, [lead_id]):
        return _shown(row, items_of(db.session, [lead_id])[lead_id], sent)
    raise LeadNotFoundError(f"there is no lead {lead_id}")


def _cursor(lead_id: int) -> Cursor:
    """Where a lead stands in the lists."""
    row = db.session.execute(
        select(Lead.score, Lead.precedence).where(Lead.id == lead_id, g.viewer.scope(Lead.municipality_code))
    ).one_or_none()
    if row is None:
        raise LeadNotFoundError(f"there is no lead {lead_id}")
    return Cursor(row.score, lead_id, row.precedence)


@lru_cache(maxsize=1)
def municipality_names() -> list[tuple[str, str]]:
    """Code and name of every municipality, by name."""
    return [(one.code, one.name) for one in sorted(municipalities(), key=lambda one: one.name)]


@lru_cache(maxsize=1)
def place_names() -> dict[str, list[str]]:
    """CBS code -> names of all places in that municipality, each once, by name."""
    found: dict[str, set[str]] = {}
    for town in towns():
        found.setdefault(town.municipality_code, set()).add(town.match_name)
    for quarter in quarters():
        found.setdefault(quarter.municipality_code, set()).add(quarter.name)
    return {code: sorted(names) for code, names in found.items()}


def _claim(found: LeadRow) -> Claim | None:
    """Who else has this lead in front of them; when nobody has, the viewer has now."""
    if not g.viewer.decides or found.status not in UNDECIDED:
        return None
    held = fresh(db.session, [found.id]).get(found.id)
    mine = held is not None and held.account_id == g.viewer.account_id
    if held is not None and (not mine or utc_now() - held.claimed_at < RENEWED):
        return None if mine else held
    with writing() as store:
        without_waiting(store)
        other = take(store, g.viewer, found.id)
        move_on(store, g.viewer, found.id)
    return other


def _shown(found: LeadRow, items: list[ItemRow], sent: Sent) -> Shown:
    decides = g.viewer.decides and found.status in UNDECIDED and found.purged_at is None
    today = utc_now().astimezone(ZONE).date()
    latest = latest_day(found.opened_at)
    values = sent.form if sent.form is not None else _filled_in(found, [item.url for item in items])
    return Shown(
        lead=found,
        items=items,
        map=_map(found),
        decides=decides,
        splits=g.viewer.decides and found.status in VISIBLE and not found.purged_at and len(items) > 1,
        latest=latest,
        tomorrow=today + timedelta(days=1),
        days={word: day for word, day in snooze_days(today).items() if day <= latest},
        values=values,
        places=place_names().get(found.municipality_code or "", []) if decides else [],
        into=_went_into(found),
    )


def _whole(one: Shown) -> Shown:
    """The same with what looks like it, its notes and what happened to it, for staff.

    The next lead goes without: it is on screen for the blink of an eye before it comes whole.
    """
    if not g.viewer.decides:
        return one
    lead_id = one.lead.id
    log = decision_log(db.session, lead_id)
    given, _more = audit_page(db.session, object_kind="lead", object_id=str(lead_id), action="assign")
    told = [
        *(Told(entry.made_at, decision=entry) for entry in log),
        *(Told(wake.at, wake=wake) for wake in (wakes_of(db.session, lead_id) if one.lead.woken_at else ())),
        *(Told(entry.at, given=entry) for entry in given),
    ]
    last = log[-1] if log else None
    # Only the newest decision stands; it can be taken back while the content is still there.
    standing = last if last is not None and _undoable(one.lead, last) else None
    return replace(
        one,
        claim=_claim(one.lead),
        similar=similar_leads(db.session, g.viewer, one.lead) if one.decides else None,
        entries=alike_in_register(db.session, g.viewer, one.lead, one.items) if one.decides else None,
        notes=notes_of(db.session, lead_id),
        history=sorted(told, key=lambda line: line.at, reverse=True),
        standing=standing,
        needs_reason=standing is not None
        and reason_needed(g.viewer, account_id=standing.account_id, made_at=standing.made_at),
    )


def _undoable(found: LeadRow, last: LogEntry) -> bool:
    if last.undone or last.kind is DecisionKind.UNDO or found.purged_at is not None:
        return False
    return found.status is last.new_status


def _went_into(found: LeadRow) -> LeadRow | None:
    """The lead that has the items of a merged one now; None when it is not merged, or not for this viewer."""
    if found.status is not LeadStatus.MERGED:
        return None
    return next(iter(lead_rows(db.session, g.viewer, [root_of(db.session, found.id)])), None)


def _map(found: LeadRow) -> Markup | None:
    if found.municipality_code is None:
        return None
    town = found.municipality or ""
    if drawing.has_dot(found.place_key):
        said = _(
            "Een stip geeft aan waar %(place)s ligt in de gemeente %(town)s.", place=found.place, town=town
        )
    else:
        said = _("De gemeente %(town)s en haar buren. De precieze plek is niet bekend.", town=town)
    return drawing.draw(found.municipality_code, found.place_key, _("Kaart van %(town)s", town=town), said)


def _filled_in(found: LeadRow, urls: list[str]) -> dict[str, str]:
    """What the form for the register starts with; the summary is left to the person."""
    return {
        "name": (found.initiative_name or found.organisation_name or heading_of(found))[: LIMITS["name"]],
        "municipality_code": found.municipality_code or "",
        "place_key": found.place or "",
        "theme": found.theme or "",
        "link": next((url for url in urls if url), ""),
    }

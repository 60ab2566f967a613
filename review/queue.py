"""The queue: the list of leads that wait, and of those that were decided on; choosing among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.lead import Lead
from models.store.claims import fresh
from models.store.lead_counts import count_by_status, municipalities_with_leads
from models.store.leads_filter import Order, order_for
from models.store.leads_list import lead_page
from models.store.second_looks import waiting
from models.store.views import NAME_LIMIT, clean, views_of
from models.words import LeadStatus
from review.asked import (
    LARGEST,
    SEARCH_LIMIT,
    context,
    cursor_of,
    filter_asked,
    order_asked,
    source_not_found,
)
from review.chips import age_in_words, chips
from review.choices import counted, people, places_of, source_of, sources_like, sources_suggested
from review.database import db
from review.shown import heading_of
from review.texts import LIKELIHOODS

blueprint = Blueprint("queue", __name__)

#: Ages that can be chosen, in days.
AGES = (1, 3, 7, 14, 30)
#: Choices that are always in sight; the others stand under "Meer keuzes".
FIRST = frozenset({"zoek", "gemeente", "status", "volgorde"})
#: Choices for which there are numbers without counting.
COUNTED = frozenset({"gemeente", "status", "volgorde"})
#: Leads in these states can be decided on together.
UNDECIDED = (LeadStatus.OPEN, LeadStatus.SNOOZED)


@dataclass(frozen=True)
class Sent:
    """A form of the list that could not be carried out: shown again as it was sent."""

    #: Field -> what is wrong with it, in words.
    problems: Mapping[str, Any] = field(default_factory=dict)
    #: What was filled in.
    values: Mapping[str, str] = field(default_factory=dict)
    #: Number of each lead that was ticked -> its version as it was shown.
    picked: Mapping[int, int] = field(default_factory=dict)


@blueprint.get("/")
def index() -> str | Response:
    """The queue: open leads in mixed order or best first; those of another status best first."""
    if "" in request.args.values():
        # Forms send every field; an address to keep or to send on holds only what was chosen.
        return redirect(url_for(".index", **without_empty(request.args)), code=303)
    return list_page()


def without_empty(args: Mapping[str, str]) -> dict[str, Any]:
    """What an address says, without what says nothing."""
    return {name: text for name, text in args.items() if text and (name, text) != ("status", LeadStatus.OPEN)}


def list_page(*, bulk: Sent | None = None, view: Sent | None = None) -> str:
    """The page with the list that the address or the form asks for.

    Args:
        bulk: a decision on several leads that could not be taken.
        view: a choice that could not be saved.
    """
    wanted, order, chosen = filter_asked(), order_asked(), context()
    at = {name: request.values.get(name, "") for name in ("na", "voor")}
    at = {name: text for name, text in at.items() if cursor_of(text)}
    found = lead_page(
        db.session,
        g.viewer,
        wanted,
        order=order,
        after=cursor_of(at.get("na", "")),
        before=cursor_of(at.get("voor", "")),
    )
    if at and not found.rows:
        # What stood here is gone, decided on perhaps: from the start again.
        at = {}
        found = lead_page(db.session, g.viewer, wanted, order=order)
    shown = [row.id for row in found.rows]
    decides = g.viewer.decides and wanted.status in UNDECIDED
    sent = bulk or Sent()
    if request.method == "GET" and request.args.get("alles") == "1":
        sent = Sent(picked={row.id: row.version for row in found.rows})
    counts = count_by_status(db.session, g.viewer, municipality_code=wanted.municipality_code)
    return render_template(
        "queue.html",
        page=found,
        # Made once: every address of a list differs in one number only.
        lead_address=url_for("leads.lead", lead_id=LARGEST, **chosen).split(str(LARGEST), 1),  # type: ignore[arg-type]
        filter=wanted,
        order=order,
        # Some choices have an order of their own; then there is none to choose.
        listed=order_for(wanted, Order.MIXED),
        place=chosen,
        # So that a decision that is taken back from here leads back here.
        context=chosen,
        here={**chosen, **at},
        total=counts.get(wanted.status, 0),
        counted=set(chosen) <= COUNTED,
        chips=chips("queue.index", chosen),
        claims=fresh(db.session, shown),
        views=[one for one in views_of(db.session, g.viewer) if one.own or g.viewer.decides],
        query=clean(urlencode(chosen)),
        second_looks=waiting(db.session, g.viewer) if g.viewer.decides else 0,
        decides=decides,
        people=people(),
        bulk=sent,
        elsewhere=_headings(set(sent.picked) - set(shown)),
        first_day=(utc_now().astimezone(ZONE).date() + timedelta(days=1)).isoformat(),
        SEARCH_LIMIT=SEARCH_LIMIT,
        VIEW_NAME_LIMIT=NAME_LIMIT,
        view=view or Sent(),
        **_form(chosen, counts),
    )


def _headings(ids: set[int]) -> dict[int, str]:
    """Number -> heading of leads that were ticked and are on the page no longer."""
    if not ids:
        return {}
    found: Any = db.session.execute(
        select(Lead.id, Lead.title, Lead.snippet)
        .where(Lead.id.in_(ids), g.viewer.scope(Lead.municipality_code))
        .order_by(Lead.id)
    )
    return {row.id: heading_of(row) for row in found}


def _form(chosen: dict[str, str], counts: dict[LeadStatus, int]) -> dict[str, Any]:
    """What the form for choosing offers."""
    wanted = filter_asked()
    code = wanted.municipality_code if g.viewer.decides else g.viewer.municipality_code
    typed = source_not_found()
    source = source_of(g.viewer, wanted.source_key) if wanted.source_key else None
    return {
        "counts": counts,
        "statuses": [one for one in LeadStatus if one in counts or one in (LeadStatus.OPEN, wanted.status)],
        "municipalities": counted(municipalities_with_leads(db.session, g.viewer, wanted.status))
        if g.viewer.decides
        else [],
        "places": places_of(code) if code else {},
        "likelihoods": LIKELIHOODS,
        "ages": [(days, age_in_words(days)) for days in sorted({*AGES, wanted.days or AGES[0]})],
        "sources": sources_suggested(g.viewer, code),
        "source": source.title if source else typed,
        "not_found": typed,
        "meant": sources_like(g.viewer, typed) if typed else [],
        "more": bool(set(chosen) - FIRST) or bool(typed),
    }

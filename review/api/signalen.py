"""``/signalen``: leads, as the queue lists them and as their own page shows them."""

from datetime import UTC, date, datetime, time
from typing import Any

from flask import current_app, g

from models.base import ZONE
from models.store.leads import Cursor, decision_log, get_lead, lead_items
from models.store.leads_list import Filter, LeadPage, Order, lead_page
from models.store.viewer import Viewer
from models.words import LeadStatus, Scope
from review.api.core import Room
from review.api.examples import ADDRESS, DECISION, LEAD
from review.api.names import LEAD_STATUSES, ORDERS, meaning
from review.api.paging import page, where
from review.api.problems import problem
from review.api.schemas import NUMBER
from review.api.schemas_leads import SignaalGeheel, SignalenFilter, SignalenPagina
from review.api.shown_leads import decision_shown, item_shown, lead_shown, made_of
from review.database import db

#: Nothing is older; the first days of the calendar have no time in UTC.
EARLIEST = date(1900, 1, 1)

room = Room(
    "signalen",
    "Signalen: mogelijke bewonersinitiatieven die Scout vond of die mensen inbrachten. Een programma van een "
    "gemeente ziet die van de eigen gemeente.",
    path={"id": ("Nummer van het signaal.", LEAD["id"])},
)


@room.operation(
    "GET",
    "/signalen",
    summary="Signalen",
    description="Signalen met één status, standaard de open. Dezelfde keuzes en volgorde als in de wachtrij "
    "op het scherm.",
    scopes=(Scope.LEADS_READ,),
    query=SignalenFilter,
    answer=SignalenPagina,
    example={"resultaten": [LEAD], "_links": {"self": {"href": f"{ADDRESS}/signalen"}}},
)
def signalen_lezen(query: dict[str, Any]) -> dict[str, Any]:
    """One page of leads."""
    asked = where(query)
    filter = filter_of(query, g.viewer)
    found: LeadPage = lead_page(
        db.session,
        g.viewer,
        filter,
        order=_order(query, filter),
        after=_cursor(asked.after),
        before=_cursor(asked.before),
        limit=asked.limit,
    )
    labels = current_app.extensions["scout"].labels
    made = made_of(db.session, g.viewer, [row.id for row in found.rows])
    return page(
        [lead_shown(row, labels, made.get(row.id)) for row in found.rows],
        after=_key(found.after),
        before=_key(found.before),
    )


@room.operation(
    "GET",
    f"/signalen/<{NUMBER}:id>",
    summary="Eén signaal",
    description="Eén signaal met zijn berichten en besluiten. Stuur de versie of de ETag mee met een "
    "besluit.",
    scopes=(Scope.LEADS_READ,),
    answer=SignaalGeheel,
    example={
        **LEAD,
        "berichten": [
            {
                "url": "https://krant.example/buurttuin",
                "bron": "Arnhemse Koerier",
                "titel": "Buurttuin aan de Kamperweg",
                "publicatieDatum": "2026-11-21",
            }
        ],
        "besluiten": [DECISION],
    },
    tagged=True,
)
def signaal_lezen(id: int) -> dict[str, Any]:
    """One lead."""
    return whole(g.viewer, id)


def whole(viewer: Viewer, lead_id: int) -> dict[str, Any]:
    """One lead with all there is of it, as :class:`SignaalGeheel` dumps it.

    Raises:
        LeadNotFoundError: it does not exist, or is not for this viewer.
    """
    row = get_lead(db.session, viewer, lead_id)
    made = made_of(db.session, viewer, [lead_id])
    return {
        **lead_shown(row, current_app.extensions["scout"].labels, made.get(lead_id)),
        "berichten": [item_shown(one) for one in lead_items(db.session, lead_id)],
        "besluiten": [decision_shown(lead_id, one, viewer) for one in decision_log(db.session, lead_id)],
    }


def filter_of(query: dict[str, Any], viewer: Viewer) -> Filter:
    """The choice of the queue that the parameters make.

    Raises:
        Problem: 403: something is asked for that is for staff only.
    """
    assignee = query.get("toegewezen_aan")
    if assignee is not None and not viewer.decides:
        problem(403, "Alleen een programma van medewerkers kan toegewezenAan vragen.")
    return Filter(
        status=meaning(LEAD_STATUSES, query["status"]),
        municipality_code=query.get("gemeente"),
        place_key=query.get("buurt"),
        theme=query.get("thema"),
        score_from=query.get("score_vanaf"),
        source_key=query.get("bron"),
        opened_from=_start_of(query.get("gevonden_vanaf")),
        newest_from=_start_of(query.get("nieuwste_bericht_vanaf")),
        assignee_id=None if assignee is None else viewer.account_id if assignee == "mij" else 0,
        text=query.get("zoek", "").strip(),
    )


def _order(query: dict[str, Any], filter: Filter) -> Order:
    """Only what is open has turns, as in the queue."""
    order = meaning(ORDERS, query["volgorde"])
    return Order.SCORE if order is Order.MIXED and filter.status is not LeadStatus.OPEN else order


def _start_of(day: date | None) -> datetime | None:
    """When a day begins in the Netherlands."""
    return datetime.combine(max(day, EARLIEST), time(), ZONE).astimezone(UTC) if day is not None else None


def _key(cursor: Cursor | None) -> list[Any] | None:
    return [cursor.score, cursor.lead_id, cursor.precedence] if cursor is not None else None


def _cursor(key: Any) -> Cursor | None:
    return Cursor(*key) if key is not None else None

"""The queue: the list of leads that wait, and of those that were decided on."""

from flask import Blueprint, g, render_template, request

from models.store.leads import (
    Filter,
    Order,
    count_by_status,
    lead_page,
    municipalities_with_leads,
)
from models.words import LeadStatus
from review.asked import cursor_of, municipality_asked, order_asked, order_shown
from review.database import db

blueprint = Blueprint("queue", __name__)


@blueprint.get("/")
def index() -> str:
    """The queue: open leads in mixed order or best first; those of another status best first."""
    status = _status(request.args.get("status", ""))
    code = municipality_asked()
    # Only what waits has turns.
    order = order_asked() if status is LeadStatus.OPEN else Order.SCORE
    wanted = Filter(status, code)
    page = lead_page(
        db.session,
        g.viewer,
        wanted,
        order=order,
        after=cursor_of(request.args.get("na", "")),
        before=cursor_of(request.args.get("voor", "")),
    )
    counts = count_by_status(db.session, g.viewer, municipality_code=code)
    return render_template(
        "queue.html",
        page=page,
        filter=wanted,
        order=order,
        total=counts.get(status, 0),
        statuses=[one for one in LeadStatus if one in counts or one in (LeadStatus.OPEN, status)],
        counts=counts,
        municipalities=municipalities_with_leads(db.session, g.viewer, status),
        place={
            "gemeente": code,
            "status": None if status is LeadStatus.OPEN else status.value,
            "volgorde": order_shown(),
        },
    )


def _status(text: str) -> LeadStatus:
    try:
        return LeadStatus(text)
    except ValueError:
        return LeadStatus.OPEN

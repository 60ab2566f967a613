"""Lists of leads: the queue with its filters, page by page, and which lead comes next."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.lead import Lead
from models.lead_claim import CLAIM_TERM, LeadClaim
from models.store.leads import Cursor, LeadRow, lead_rows
from models.store.leads_filter import Filter, Order, columns_for, order_for
from models.store.leads_walk import lead_ids
from models.store.viewer import Viewer

__all__ = ["PAGE_SIZE", "Cursor", "Filter", "LeadPage", "Order", "lead_page", "next_lead", "order_for"]

#: Leads on one page of the queue.
PAGE_SIZE = 25
#: Every open lead, for whoever chooses nothing.
EVERYTHING = Filter()


@dataclass(frozen=True)
class LeadPage:
    """One page of leads with where the neighbouring pages begin (None = there are none)."""

    rows: list[LeadRow]
    before: Cursor | None
    after: Cursor | None


def _start(session: Session, filter: Filter, order: Order, cursor: Cursor | None) -> list[Any] | None:
    """What the list goes by, of the lead at the cursor."""
    if cursor is None:
        return None
    known = {"id": cursor.lead_id, "score": cursor.score, "precedence": cursor.precedence}
    columns = columns_for(filter, order_for(filter, order))
    if Lead.opened_at in columns:
        # Never changes, so an address need not carry it; a number that does not exist: the list from its top.
        known["opened_at"] = session.scalar(select(Lead.opened_at).where(Lead.id == cursor.lead_id))
        if known["opened_at"] is None:
            return None
    return [known[column.key] for column in columns]


def lead_page(
    session: Session,
    viewer: Viewer,
    filter: Filter,
    *,
    order: Order = Order.SCORE,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> LeadPage:
    """One page of leads; of those with the same place the best, of equal ones the newest first.

    What is searched for comes newest first by number, a choice of scores best first and a choice of ages
    newest first, whatever ``order`` says (:func:`models.store.leads_filter.order_for`).

    Args:
        after: show what comes below this place in the list.
        before: show what comes just above it instead.
    """
    upwards = before is not None
    start = _start(session, filter, order, before or after)
    found = lead_ids(session, viewer, filter, order, start=start, upwards=upwards, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if upwards:
        found.reverse()
    rows = lead_rows(session, viewer, found)
    first = rows[0].cursor if rows else None
    last = rows[-1].cursor if rows else None
    return LeadPage(
        rows=rows,
        before=first if (more if upwards else after is not None) else None,
        after=last if (upwards or more) else None,
    )


def next_lead(
    session: Session,
    viewer: Viewer,
    *,
    after: Cursor | None,
    filter: Filter = EVERYTHING,
    order: Order = Order.SCORE,
    skip: Collection[int] = frozenset(),
) -> int | None:
    """Number of the lead to show next: the first one below ``after``, else the first of all; None = no more.

    Leads that somebody else has in front of them are left out.

    Args:
        skip: leads that are not to be shown either.
    """
    claimed = session.scalars(
        select(LeadClaim.lead_id).where(
            LeadClaim.claimed_at > utc_now() - CLAIM_TERM, LeadClaim.account_id != viewer.account_id
        )
    )
    passed = {*skip, *claimed}
    for start in dict.fromkeys((after, None)):
        values = _start(session, filter, order, start)
        found = lead_ids(session, viewer, filter, order, start=values, upwards=False, limit=1, skip=passed)
        if found:
            return found[0]
    return None


def previous_lead(
    session: Session,
    viewer: Viewer,
    *,
    before: Cursor,
    filter: Filter = EVERYTHING,
    order: Order = Order.SCORE,
) -> int | None:
    """Number of the lead just above ``before``, whoever has it in front of them; None = there is none."""
    start = _start(session, filter, order, before)
    found = lead_ids(session, viewer, filter, order, start=start, upwards=True, limit=1)
    return found[0] if found else None

"""Rows for exports of what somebody has in front of them: the choice of a list, within what they may see."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models.store.exports import moment
from models.store.initiatives import InitiativeRow, initiative_page
from models.store.leads_filter import Filter, Order
from models.store.leads_walk import lead_ids
from models.store.shares_list import ShareRow, share_page
from models.store.viewer import Viewer

#: Leads that are chosen at most; all of them is for ``review export``, which needs no list of numbers.
LEADS_MOST = 200_000
#: Rows read at a time.
PORTION = 250


def chosen_leads(session: Session, viewer: Viewer, filter: Filter, order: Order) -> Sequence[int]:
    """Numbers of all leads of a choice, in its order; of too many, one more than :data:`LEADS_MOST`."""
    return lead_ids(session, viewer, filter, order, start=None, upwards=False, limit=LEADS_MOST + 1)


def count_entries(session: Session, viewer: Viewer, **conditions: Any) -> int:
    """How many rows :func:`export_entries` will give."""
    return initiative_page(session, viewer, **conditions, limit=1).total


def export_entries(session: Session, viewer: Viewer, **conditions: Any) -> Iterator[dict[str, Any]]:
    """Entries of the register, newest first, with the keys of ``export_initiatives``.

    Args:
        conditions: as :func:`models.store.initiatives.initiative_page` takes them.
    """
    after: int | None = None
    while True:
        page = initiative_page(session, viewer, **conditions, after=after, limit=PORTION, counted=False)
        for row in page.rows:
            yield _entry(row)
        after = page.after
        if after is None:
            return


def count_shares(session: Session, viewer: Viewer, **conditions: Any) -> int:
    """How many rows :func:`export_shares` will give."""
    return share_page(session, viewer, **conditions, limit=1).total


def export_shares(session: Session, viewer: Viewer, **conditions: Any) -> Iterator[dict[str, Any]]:
    """Shares, newest first, without names of people.

    Args:
        conditions: as :func:`models.store.shares_list.share_page` takes them.
    """
    after: int | None = None
    while True:
        page = share_page(session, viewer, **conditions, after=after, limit=PORTION, counted=False)
        for row in page.rows:
            yield _share(row)
        after = page.after
        if after is None:
            return


def _entry(row: InitiativeRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "summary": row.summary,
        "municipality": row.municipality_code,
        "place": row.place,
        "theme": row.theme,
        "question": row.question,
        "link": row.link,
        "contact": row.contact,
        "expertise": list(row.expertise),
        "hours": row.hours,
        "phase": row.phase.value,
        "lead": row.lead_id,
        "created": moment(row.created_at),
        "updated": moment(row.updated_at),
    }


def _share(row: ShareRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "municipality": row.municipality_code,
        "title": row.title,
        "place": row.place,
        "theme": row.theme,
        "link": row.link,
        "lead": row.lead_id,
        "initiative": row.initiative_id,
        "status": row.status.value,
        "offered": moment(row.offered_at),
        "message": row.message,
        "seen": moment(row.seen_at),
        "answer": row.answer.value if row.answer else None,
        "answered": moment(row.answered_at),
        "answer_note": row.answer_note,
        "later_on": row.later_on.isoformat() if row.later_on else None,
        "reminded": moment(row.reminded_at),
        "in_contact": moment(row.in_contact_at),
        "ended": moment(row.ended_at),
        "ending": row.ending.value if row.ending else None,
        "ending_note": row.ending_note,
    }

"""Leads and decisions as the API shows them to somebody. Only staff sees names, notes and what was merged."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.initiative import Initiative
from models.labels import Labels
from models.store.leads import ItemRow, LeadRow, LogEntry
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus
from review.api.names import DECISIONS, LEAD_STATUSES
from review.api.paging import address
from review.api.schemas import municipality, place
from review.evidence import SNIPPET, reasons
from review.shown import heading_of


def lead_shown(row: LeadRow, labels: Labels, initiative_id: int | None) -> dict[str, Any]:
    """One lead as lists show it.

    Args:
        initiative_id: what was made of it, if the viewer may see that (:func:`made_of`).
    """
    links = {"self": address(f"/signalen/{row.id}")}
    if initiative_id is not None:
        links["initiatief"] = address(f"/initiatieven/{initiative_id}")
    return {
        "id": row.id,
        "titel": heading_of(row),
        "fragment": row.snippet[:SNIPPET],
        "gemeente": municipality(row.municipality_code, row.municipality),
        "plaats": place(row.place_key, row.place),
        "thema": row.theme,
        "score": round(row.score, 6),
        "status": LEAD_STATUSES[row.status],
        "redenen": [one.name for one in reasons(row.snippet, row.evidence, labels.evidence) if one.in_favour],
        "gevonden_op": row.opened_at,
        "nieuwste_bericht_op": row.newest_at,
        "aantal_berichten": row.items,
        "uitgesteld_tot": row.snoozed_until if row.status is LeadStatus.SNOOZED else None,
        "inhoud_verwijderd": row.purged_at is not None,
        "versie": row.version,
        "links": links,
    }


def item_shown(row: ItemRow) -> dict[str, Any]:
    """One item of a lead."""
    day = row.published_at.astimezone(ZONE).date() if row.published_at is not None else None
    return {"url": row.url, "bron": row.source, "titel": row.title, "publicatie_datum": day}


def decision_shown(lead_id: int, entry: LogEntry, viewer: Viewer) -> dict[str, Any]:
    """One decision. What staff writes to each other, and numbers that may be another municipality's, are
    for staff only."""
    self = address(f"/signalen/{lead_id}/besluiten/{entry.id}")
    shown: dict[str, Any] = {
        "id": entry.id,
        "signaal_id": lead_id,
        "soort": DECISIONS[entry.kind],
        "status_voor": LEAD_STATUSES[entry.old_status],
        "status_na": LEAD_STATUSES[entry.new_status],
        "gemaakt_op": entry.made_at,
        "reden": entry.reason or None if entry.kind is DecisionKind.REJECT or viewer.decides else None,
        "teruggedraaid": entry.undone,
        "uitgesteld_tot": entry.snoozed_until,
        "links": {"self": self, "signaal": address(f"/signalen/{lead_id}")},
    }
    if viewer.decides:
        shown |= {
            "toelichting": entry.note,
            "door": entry.by,
            "draait_terug": entry.undoes_id,
            "initiatief_id": entry.initiative_id,
            "bij_nieuws": entry.wake_on_news,
        }
        if entry.initiative_id is not None:
            shown["links"]["initiatief"] = address(f"/initiatieven/{entry.initiative_id}")
    return shown


def made_of(session: Session, viewer: Viewer, lead_ids: Collection[int]) -> dict[int, int]:
    """Lead -> entry of the register that was made of it, of those that this viewer may see."""
    return {
        lead_id: number
        for lead_id, number in session.execute(
            select(Initiative.lead_id, Initiative.id)
            .where(
                Initiative.lead_id.in_(lead_ids),
                Initiative.withdrawn_at.is_(None),
                viewer.scope(Initiative.municipality_code),
            )
            .order_by(Initiative.id)
        )
        if lead_id is not None
    }

"""Entries of the register as the API shows them."""

from collections.abc import Sequence
from typing import Any

from models.store.initiatives import InitiativeRow
from models.store.register_feed import ChangedRow
from models.store.register_foreign import ForeignRow
from review.api.names import INFORMED, PHASES
from review.api.paging import address
from review.api.schemas import municipality, place


def entry_shown(row: InitiativeRow) -> dict[str, Any]:
    """An entry that the viewer sees whole; of a withdrawn one only that it is."""
    if row.withdrawn_at is not None:
        return _gone(row.id, row.change_number)
    links = {"self": address(f"/initiatieven/{row.id}")}
    if row.lead_id is not None:
        links["signaal"] = address(f"/signalen/{row.lead_id}")
    return {
        "id": row.id,
        "beperkt": False,
        "vervallen": False,
        "naam": row.name,
        "samenvatting": row.summary,
        "gemeente": municipality(row.municipality_code, row.municipality),
        "plaats": place(row.place_key, row.place),
        "thema": row.theme,
        "fase": PHASES[row.phase],
        "vraag": row.question,
        "link": row.link,
        "meer_links": list(row.links),
        "contact": row.contact,
        "expertise": list(row.expertise),
        "uren": row.hours,
        "goedgekeurd": row.approved_at is not None,
        "geinformeerd": INFORMED[row.informed],
        "geinformeerd_op": row.informed_on,
        "signaal_id": row.lead_id,
        "opgenomen_op": row.created_at,
        "gewijzigd_op": row.updated_at,
        "versie": row.version,
        "wijziging": row.change_number,
        "links": links,
    }


def foreign_shown(row: ForeignRow) -> dict[str, Any]:
    """An approved entry of another municipality."""
    return {
        "id": row.id,
        "beperkt": True,
        "vervallen": False,
        "naam": row.name,
        "gemeente": municipality(row.municipality_code, row.municipality),
        "plaats": {"naam": row.place} if row.place is not None else None,
        "thema": row.theme,
        "fase": PHASES[row.phase],
        "link": row.link,
        "links": {"self": address(f"/initiatieven/{row.id}")},
    }


def changes_shown(rows: Sequence[ChangedRow]) -> list[dict[str, Any]]:
    """Entries that changed, as they are now, each with the number of the change that it is listed by."""
    return [
        {**entry_shown(row.initiative), "wijziging": row.change_number}
        if row.initiative is not None
        else _gone(row.id, row.change_number)
        for row in rows
    ]


def _gone(number: int, change_number: int) -> dict[str, Any]:
    return {
        "id": number,
        "beperkt": False,
        "vervallen": True,
        "wijziging": change_number,
        "links": {"self": address(f"/initiatieven/{number}")},
    }

"""Rows for exports, read in portions so that any number of them fits in memory."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.place import Place
from models.source import Source
from models.store.viewer import Viewer
from models.words import LeadStatus, Phase

#: Leads read at a time, each portion with one query for all its items.
PORTION = 500


def moment(value: datetime | None) -> str | None:
    """``2026-11-21T14:03:00Z``, to the second; None stays None."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value is not None else None


def count_leads(session: Session, viewer: Viewer, *, status: LeadStatus | None = None) -> int:
    """How many leads :func:`export_leads` will give."""
    query = select(func.count()).select_from(Lead).where(viewer.scope(Lead.municipality_code))
    if status is not None:
        query = query.where(Lead.status == status)
    return session.scalar(query) or 0


def export_leads(
    session: Session,
    viewer: Viewer,
    *,
    status: LeadStatus | None = None,
    numbers: Sequence[int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Leads by number, as contracted (DESIGN 5).

    Args:
        status: only these; None = all.
        numbers: only these, in this order; None = all.

    Yields:
        ``{"id", "title", "municipality", "place", "theme", "score", "status", "items"}``: the
        municipality as CBS code, the place by name, items as ``{"url", "source", "title",
        "published"}`` with the source's key and the date in UTC. What was purged is empty.
    """
    columns = (Lead.id, Lead.title, Lead.municipality_code, Place.name, Lead.theme, Lead.score, Lead.status)
    query = select(*columns).join_from(Lead, Place, Place.key == Lead.place_key, isouter=True)
    query = query.where(viewer.scope(Lead.municipality_code))
    if status is not None:
        query = query.where(Lead.status == status)
    for portion in _portions(session, query, numbers):
        items = _items(session, [lead.id for lead in portion])
        for lead_id, title, municipality, place, theme, score, lead_status in portion:
            yield {
                "id": lead_id,
                "title": title,
                "municipality": municipality,
                "place": place,
                "theme": theme,
                "score": round(score, 6),
                "status": lead_status.value,
                "items": items.get(lead_id, []),
            }


def _portions(session: Session, query: Any, numbers: Sequence[int] | None) -> Iterator[Sequence[Any]]:
    """Leads by number, or those of these numbers in their order; what is gone by then is left out."""
    if numbers is not None:
        for start in range(0, len(numbers), PORTION):
            wanted = list(numbers[start : start + PORTION])
            found = {row.id: row for row in session.execute(query.where(Lead.id.in_(wanted)))}
            yield [found[number] for number in wanted if number in found]
        return
    last = 0
    while True:
        portion = session.execute(query.where(Lead.id > last).order_by(Lead.id).limit(PORTION)).all()
        if not portion:
            return
        last = portion[-1].id
        yield portion


def _items(session: Session, lead_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for lead_id, url, source, title, published in session.execute(
        select(LeadItem.lead_id, Item.url, Source.key, Item.title, Item.published_at)
        .join_from(LeadItem, Item, Item.id == LeadItem.item_id)
        .join(Source, Source.key == Item.source_key)
        .where(LeadItem.lead_id.in_(lead_ids))
        .order_by(LeadItem.lead_id, Item.id)
    ):
        found.setdefault(lead_id, []).append(
            {"url": url, "source": source, "title": title, "published": moment(published)}
        )
    return found


def count_initiatives(session: Session, viewer: Viewer, *, phase: Phase | None = None) -> int:
    """How many entries :func:`export_initiatives` will give."""
    query = (
        select(func.count())
        .select_from(Initiative)
        .where(Initiative.withdrawn_at.is_(None), viewer.scope(Initiative.municipality_code))
    )
    if phase is not None:
        query = query.where(Initiative.phase == phase)
    return session.scalar(query) or 0


def export_initiatives(
    session: Session, viewer: Viewer, *, phase: Phase | None = None
) -> Iterator[dict[str, Any]]:
    """Entries of the register by number, withdrawn ones left out.

    Args:
        phase: only these; None = all.

    Yields:
        ``{"id", "name", "summary", "municipality", "place", "theme", "question", "link",
        "contact", "expertise", "hours", "phase", "lead", "created", "updated"}``.
    """
    last = 0
    while True:
        query = (
            select(
                Initiative.id,
                Initiative.name,
                Initiative.summary,
                Initiative.municipality_code.label("municipality"),
                Place.name.label("place"),
                Initiative.theme,
                Initiative.question,
                Initiative.link,
                Initiative.contact,
                Initiative.expertise,
                Initiative.hours,
                Initiative.phase,
                Initiative.lead_id.label("lead"),
                Initiative.created_at.label("created"),
                Initiative.updated_at.label("updated"),
            )
            .join(Place, Place.key == Initiative.place_key, isouter=True)
            .where(
                Initiative.id > last,
                Initiative.withdrawn_at.is_(None),
                viewer.scope(Initiative.municipality_code),
            )
            .order_by(Initiative.id)
            .limit(PORTION)
        )
        if phase is not None:
            query = query.where(Initiative.phase == phase)
        portion = session.execute(query).mappings().all()
        if not portion:
            return
        last = portion[-1]["id"]
        for row in portion:
            yield {
                **row,
                "expertise": list(row["expertise"]),
                "phase": row["phase"].value,
                "created": moment(row["created"]),
                "updated": moment(row["updated"]),
            }

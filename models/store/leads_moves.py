"""Moving items from one lead to another, remembered with the decision, so that it can be undone."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.decision import Decision
from models.item_section import ItemSection
from models.lead import Lead
from models.lead_item import LeadItem
from models.lead_move import LeadMove
from models.store.leads_apart import bring_together
from models.store.leads_follow import follow_best_item


def put_together(session: Session, decision: Decision, lead: Lead, into: Lead) -> None:
    """Do what a merge does once it is logged; both leads are held."""
    bring_together(session, lead.id, into.id, decision.id)
    lead.merged_into_id = into.id
    move_items(session, decision.id, lead, into, now=decision.made_at, only=None)


def move_items(
    session: Session,
    decision_id: int,
    source: Lead,
    target: Lead,
    *,
    now: datetime,
    only: Iterable[int] | None,
) -> None:
    """Put items of one lead into another, with the sections that feed it, and remember it.

    Args:
        only: ids of the items; None = all. Items that do not stand in ``source`` are passed over.
    """
    query = select(LeadItem).where(LeadItem.lead_id == source.id).order_by(LeadItem.item_id)
    if only is not None:
        query = query.where(LeadItem.item_id.in_(sorted(set(only))))
    for row in session.scalars(query).all():
        sections = _sections(session, row.item_id, source.id)
        stood_there = session.get(LeadItem, (target.id, row.item_id)) is not None
        move = LeadMove(
            decision_id=decision_id,
            item_id=row.item_id,
            added_at=row.added_at,
            why=row.why,
            stood_there=stood_there,
            section_ids=[section.id for section in sections],
        )
        session.add(move)
        _put(session, move, source, target, sections)
    _refresh(session, source, target, now)


def movable_back(session: Session, decision_id: int, target_id: int) -> bool:
    """Whether something that was moved for a decision is still there, or nothing had been moved."""
    moved = select(LeadMove.item_id).where(LeadMove.decision_id == decision_id)
    if session.scalar(moved.limit(1)) is None:
        return True
    there = select(LeadItem.item_id).where(LeadItem.lead_id == target_id, LeadItem.item_id.in_(moved))
    return session.scalar(there.limit(1)) is not None


def move_back(session: Session, decision_id: int, source: Lead, target: Lead, *, now: datetime) -> None:
    """Take back what was moved for a decision: from ``target``, where it is now, to ``source``.

    Items that a person moved elsewhere since then stay there.
    """
    moves = session.scalars(
        select(LeadMove).where(LeadMove.decision_id == decision_id).order_by(LeadMove.item_id)
    ).all()
    for move in moves:
        if session.get(LeadItem, (target.id, move.item_id)) is None:
            continue
        sections = _sections(session, move.item_id, target.id)
        if move.stood_there:
            sections = [section for section in sections if section.id in set(move.section_ids)]
            _enter(session, move, source)
            for section in sections:
                section.lead_id = source.id
        else:
            _put(session, move, target, source, sections)
    _refresh(session, source, target, now)


def _sections(session: Session, item_id: int, lead_id: int) -> list[ItemSection]:
    """The sections of an item that feed a lead."""
    return list(
        session.scalars(
            select(ItemSection)
            .where(ItemSection.item_id == item_id, ItemSection.lead_id == lead_id)
            .order_by(ItemSection.id)
        )
    )


def _put(
    session: Session, move: LeadMove, source: Lead, target: Lead, sections: Iterable[ItemSection]
) -> None:
    """Out of ``source``, into ``target``."""
    there = session.get(LeadItem, (source.id, move.item_id))
    if there is not None:
        session.delete(there)
    _enter(session, move, target)
    for section in sections:
        section.lead_id = target.id
    session.flush()


def _enter(session: Session, move: LeadMove, lead: Lead) -> None:
    if session.get(LeadItem, (lead.id, move.item_id)) is None:
        session.add(LeadItem(lead_id=lead.id, item_id=move.item_id, added_at=move.added_at, why=move.why))


def _refresh(session: Session, source: Lead, target: Lead, now: datetime) -> None:
    session.flush()
    for lead in (source, target):
        # Also tells whoever is looking at it that it has changed.
        lead.extended_at = now
        follow_best_item(session, lead)
    session.flush()

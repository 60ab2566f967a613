"""Merging and splitting leads by hand; ``models.store.decisions.undo`` takes either back.

What a person put together or told apart is respected for ever: grouping goes by it, and so does
whatever is merged later. The caller commits; on SQLite the session must be one that writes.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.decision import Decision
from models.lead import Lead
from models.lead_item import LeadItem
from models.store.assigning import give, take_over
from models.store.deciding import (
    UNDECIDED,
    VISIBLE,
    DecisionError,
    PurgedLeadError,
    check_decider,
    check_status,
    check_version,
    log_decision,
)
from models.store.leads import LeadNotFoundError
from models.store.leads_apart import keep_apart, lock_leads
from models.store.leads_follow import newest_estimates
from models.store.leads_moves import move_items, put_together
from models.store.search import refresh_lead
from models.store.shares_follow import follow_merge, hold_shares_of
from models.store.viewer import Viewer
from models.store.waking import wake_for_merge
from models.words import DecisionKind, LeadStatus

__all__ = ["ItemsError", "PurgedLeadError", "SameLeadError", "Split", "merge_leads", "split_lead"]


class SameLeadError(DecisionError):
    """A lead can't be merged into itself."""


class ItemsError(DecisionError):
    """What is to be split off is nothing, everything, or not in the lead."""


class Split(NamedTuple):
    """What came of a split."""

    decision: Decision
    #: The new, open lead.
    lead: Lead


def merge_leads(
    session: Session,
    lead_id: int,
    into_id: int,
    *,
    viewer: Viewer,
    version: int,
    into_version: int,
    note: str = "",
) -> Decision:
    """Say that one lead is about the same initiative as another: its items and its news go there.

    So does whoever has it in hand, unless somebody has the other one; and a lead that is snoozed until
    something new appears wakes up, for this is new.

    Args:
        lead_id: the lead that goes; it waits for a decision.
        into_id: the lead that stays, decided on or not; its status does not change.
        version, into_version: ``Lead.version`` of both as shown to the person who decides.
        note: free text for the next reviewer; may be empty.

    Raises:
        NotAllowedError, LeadNotFoundError, SameLeadError, AlreadyDecidedError, PurgedLeadError,
        StaleLeadError, NoteTooLongError: nothing was changed.
    """
    check_decider(viewer, note)
    if lead_id == into_id:
        raise SameLeadError("a lead can't be merged into itself")
    held = _held(session, viewer, lead_id, into_id)
    lead, into = held[lead_id], held[into_id]
    _usable(session, lead, UNDECIDED, version)
    _usable(session, into, VISIBLE, into_version)
    hold_shares_of(session, [lead_id, into_id])
    decision = log_decision(
        session, lead, DecisionKind.MERGE, LeadStatus.MERGED, viewer, note=note, other_lead_id=into.id
    )
    put_together(session, decision, lead, into)
    take_over(session, decision, lead, into, viewer)
    follow_merge(session, lead, into, decision)
    wake_for_merge(session, decision, into)
    for changed in (lead, into):
        refresh_lead(session, changed.id)
    return decision


def split_lead(
    session: Session,
    lead_id: int,
    item_ids: Iterable[int],
    *,
    viewer: Viewer,
    version: int,
    note: str = "",
) -> Split:
    """Say that some items of a lead are about another initiative: they become a new, open lead.

    Args:
        item_ids: items of the lead, not all of them.
        version: ``Lead.version`` as shown to the person who decides.
        note: free text for the next reviewer; may be empty.

    Raises:
        NotAllowedError, LeadNotFoundError, AlreadyDecidedError, PurgedLeadError, StaleLeadError,
        ItemsError, NoteTooLongError: nothing was changed.
    """
    check_decider(viewer, note)
    lead = _held(session, viewer, lead_id)[lead_id]
    _usable(session, lead, VISIBLE, version)
    wanted = set(item_ids)
    standing = set(session.scalars(select(LeadItem.item_id).where(LeadItem.lead_id == lead_id)))
    if not wanted or not wanted < standing:
        raise ItemsError("choose some items of this lead, not all of them")
    now = utc_now()
    new = Lead(
        title="",
        score=0.0,
        municipality_code=lead.municipality_code,
        place_key=lead.place_key,
        theme=lead.theme,
        drawn=_drawn(session, wanted),
        # Found when the other one was; its term runs from now, for somebody has just looked at it.
        opened_at=lead.opened_at,
        extended_at=now,
        decided_at=now,
    )
    session.add(new)
    session.flush()
    decision = log_decision(
        session, lead, DecisionKind.SPLIT, lead.status, viewer, note=note, other_lead_id=new.id
    )
    move_items(session, decision.id, lead, new, now=now, only=wanted)
    keep_apart(session, lead.id, new.id, decision.id)
    if lead.status in UNDECIDED and lead.assignee_id is not None:
        # Both halves of what somebody has in hand.
        give(session, new, lead.assignee_id, viewer, decision=decision)
    for changed in (lead, new):
        refresh_lead(session, changed.id)
    return Split(decision, new)


def _drawn(session: Session, item_ids: Iterable[int]) -> float | None:
    """Chance of these items to be drawn for review; None when one of them needed no luck."""
    chances = [estimate.drawn for estimate in newest_estimates(session, sorted(item_ids)).values()]
    return max((chance for chance in chances if chance is not None), default=None) if all(chances) else None


def _held(session: Session, viewer: Viewer, *ids: int) -> dict[int, Lead]:
    """These leads, held until the transaction ends, if the viewer may see them all."""
    held = lock_leads(session, ids)
    seen = set(session.scalars(select(Lead.id).where(Lead.id.in_(ids), viewer.scope(Lead.municipality_code))))
    for lead_id in ids:
        if lead_id not in seen:
            raise LeadNotFoundError(f"there is no lead {lead_id}")
    return held


def _usable(session: Session, lead: Lead, statuses: Iterable[LeadStatus], version: int) -> None:
    check_status(session, lead, statuses)
    if lead.purged_at is not None:
        raise PurgedLeadError("the lead's content has been deleted")
    check_version(lead, version)

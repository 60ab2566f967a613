"""Taking decisions back: the lead is what it was before, and so is what the decision did to others.

The caller commits; on SQLite the session must be one that writes.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.base import utc_now
from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.store.assigning import give_back, take_over
from models.store.attention import NOT_ARRANGED
from models.store.deciding import (
    UNDECIDED,
    VISIBLE,
    AlreadyUndoneError,
    DecisionNotFoundError,
    NotUndoableError,
    ReasonRequiredError,
    check_decider,
    hold,
    log_decision,
    reason_needed,
    snooze_of,
)
from models.store.leads import LeadNotFoundError, decision_log
from models.store.leads_apart import keep_apart, lock_leads, root_of, tell_apart_again
from models.store.leads_moves import movable_back, move_back, put_together
from models.store.round_leavers import Why, initiative_left
from models.store.round_rules import hold_open_rounds
from models.store.search import refresh_lead
from models.store.shares_follow import follow_merge, follow_undo, hold_shares_of
from models.store.viewer import Viewer
from models.store.waking import sleep_again, snooze_before
from models.words import DecisionKind, LeadStatus


def undo(
    session: Session, decision_id: int, *, viewer: Viewer, reason: str = "", batch: str | None = None
) -> Decision:
    """Take a decision back: the lead is what it was before; a promoted entry leaves the register.

    A merged lead gets its items back, and is kept apart from the other one from then on. What was split
    off is merged back into the lead that it came from. A snooze gives way to the one before it, if any.

    Args:
        reason: why; required unless it is an own decision of this session (``reason_needed``).
        batch: shared by decisions that are taken in one go.

    Raises:
        NotAllowedError, DecisionNotFoundError, AlreadyUndoneError, NotUndoableError,
        ReasonRequiredError, NoteTooLongError: nothing was changed.
    """
    check_decider(viewer, reason)
    decision = session.get(Decision, decision_id)
    if decision is None:
        raise DecisionNotFoundError(f"there is no decision {decision_id}")
    hold_open_rounds(session)
    # Both leads of a merge or split are held, in the order that everybody keeps to.
    held = lock_leads(session, concerned(session, decision))
    try:
        lead = hold(session, viewer, decision.lead_id)
    except LeadNotFoundError:
        raise DecisionNotFoundError(f"there is no decision {decision_id}") from None
    _check_standing(session, decision, lead)
    other = _other_lead(session, decision, held)
    needed = reason_needed(viewer, account_id=decision.account_id, made_at=decision.made_at)
    if needed and not reason.strip():
        raise ReasonRequiredError("say why this decision is undone")
    # A lead may be known by an entry that another one made: that one stays.
    made = decision.initiative_id if decision.kind is DecisionKind.PROMOTE else None
    initiative = (
        session.get(Initiative, made, with_for_update={"key_share": True}, populate_existing=True)
        if made
        else None
    )
    leaves = initiative is not None and initiative.withdrawn_at is None
    if initiative is not None and leaves:
        initiative.withdrawn_at = initiative.updated_at = utc_now()
        initiative.version += 1
        session.flush()
        now = initiative.withdrawn_at
        initiative_left(session, initiative.id, Why.WITHDRAWN, now=now, account_id=viewer.account_id)
    hold_shares_of(session, {lead.id, *([other.id] if other is not None else ())})
    snoozed = snooze_of(lead) if decision.kind is DecisionKind.SNOOZE else None
    if snoozed is not None:
        anew = decision.old_status is LeadStatus.SNOOZED
        lead.snoozed_until, lead.wake_on_news = (
            snooze_before(session, lead.id, decision.id) if anew else (None, False)
        )
    # Back in the queue: its old place is from before what was decided since.
    lead.precedence = NOT_ARRANGED
    undone = log_decision(
        session,
        lead,
        DecisionKind.UNDO,
        lead.status if decision.kind is DecisionKind.SPLIT else decision.old_status,
        viewer,
        reason=reason.strip(),
        undoes=decision,
        initiative=initiative,
        other_lead_id=decision.other_lead_id,
        batch=batch,
        before=snoozed,
        after=snooze_of(lead) if snoozed is not None else None,
    )
    if decision.kind is DecisionKind.MERGE and other is not None:
        _take_out(session, decision, undone, lead, other, viewer=viewer)
    if decision.kind is DecisionKind.SPLIT and other is not None:
        again = log_decision(
            session, other, DecisionKind.MERGE, LeadStatus.MERGED, viewer, other_lead_id=lead.id
        )
        put_together(session, again, other, lead)
        take_over(session, again, other, lead, viewer)
        follow_merge(session, other, lead, again)
    follow_undo(
        session,
        decision,
        undone,
        [lead.id, *([other.id] if other is not None else ())],
        initiative if leaves else None,
    )
    for changed in (lead, other) if other is not None else (lead,):
        refresh_lead(session, changed.id)
    return undone


def _check_standing(session: Session, decision: Decision, lead: Lead) -> None:
    """Say no when there is nothing left to take back."""
    undone_by = session.scalar(select(Decision.id).where(Decision.undoes_id == decision.id))
    if undone_by is not None:
        raise AlreadyUndoneError(decision_log(session, lead.id, decision_id=undone_by)[0])
    # A split leaves the status alone, so it does not matter what was decided since.
    stands = VISIBLE if decision.kind is DecisionKind.SPLIT else (decision.new_status,)
    if decision.kind is DecisionKind.UNDO or lead.status not in stands:
        raise NotUndoableError("the lead has moved on since this decision")
    if decision.kind is DecisionKind.SNOOZE and _later_snooze(session, decision) is not None:
        raise NotUndoableError("the lead was snoozed anew since this decision")
    if lead.purged_at is not None:
        raise NotUndoableError("the lead's content has been deleted")


def _later_snooze(session: Session, decision: Decision) -> int | None:
    """A later snooze of the same lead that stands."""
    undoing = aliased(Decision)
    return session.scalar(
        select(Decision.id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(
            Decision.lead_id == decision.lead_id,
            Decision.id > decision.id,
            Decision.kind == DecisionKind.SNOOZE,
            undoing.id.is_(None),
        )
        .limit(1)
    )


def concerned(session: Session, decision: Decision) -> set[int]:
    """The leads that undoing a decision may change."""
    found = {decision.lead_id}
    if decision.kind is DecisionKind.MERGE:
        found.add(root_of(session, decision.lead_id))
    elif decision.kind is DecisionKind.SPLIT and decision.other_lead_id is not None:
        found.add(decision.other_lead_id)
    return found


def _other_lead(session: Session, decision: Decision, held: dict[int, Lead]) -> Lead | None:
    """The lead in which the items of a merge are now, or the one that was split off; None for all else.

    Raises:
        NotUndoableError: it has moved on.
    """
    if decision.kind is DecisionKind.SPLIT:
        new = held[decision.other_lead_id or 0]
        if new.status not in UNDECIDED:
            raise NotUndoableError("the lead that was split off has moved on since")
        return new
    if decision.kind is not DecisionKind.MERGE:
        return None
    root = root_of(session, decision.lead_id)
    into = held.get(root) or lock_leads(session, [root])[root]
    if into.purged_at is not None:
        raise NotUndoableError("the content of the lead that it was merged into has been deleted")
    if not movable_back(session, decision.id, root):
        raise NotUndoableError("the items of the lead have been moved elsewhere since")
    return into


def _take_out(
    session: Session, merge: Decision, undone: Decision, lead: Lead, into: Lead, *, viewer: Viewer
) -> None:
    """Give a merged lead its items back, and remember that the two are not the same."""
    lead.merged_into_id = None
    move_back(session, merge.id, lead, into, now=undone.made_at)
    tell_apart_again(session, merge.id)
    keep_apart(session, lead.id, merge.other_lead_id or into.id, undone.id)
    give_back(session, merge, undone, into, viewer)
    sleep_again(session, merge, undone, into, viewer)

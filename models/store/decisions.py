"""Deciding on leads: every change of status with who did it and why.

The caller commits, so that one request is one transaction; on SQLite the session must be one
that writes (``session_factory(engine)``), so that two deciders wait for each other.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.store.attention import NOT_ARRANGED
from models.store.audit import record
from models.store.copying import find_copied
from models.store.initiatives import InitiativeDraft, InvalidInitiativeError, Problem, check_draft
from models.store.leads import LeadNotFoundError, LogEntry, decision_log
from models.store.leads_apart import keep_apart, lock_leads, root_of, tell_apart_again
from models.store.leads_moves import movable_back, move_back, put_together
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus, Phase

#: What each decision makes of a lead.
OUTCOMES = {
    DecisionKind.PROMOTE: LeadStatus.PROMOTED,
    DecisionKind.REJECT: LeadStatus.REJECTED,
    DecisionKind.KNOWN: LeadStatus.KNOWN,
}

#: Leads in these states wait for a decision.
UNDECIDED = (LeadStatus.OPEN, LeadStatus.SNOOZED)

#: Leads that take items by hand, and from which items can be split off.
VISIBLE = (*UNDECIDED, LeadStatus.PROMOTED, LeadStatus.REJECTED, LeadStatus.KNOWN)

#: Most characters of a note, and of a reason in own words.
NOTE_LIMIT = 500


class DecisionError(Exception):
    """A decision can't be taken; nothing was changed."""


class NotAllowedError(DecisionError):
    """This account may not decide."""


class AlreadyDecidedError(DecisionError):
    """Somebody else decided first."""

    def __init__(self, status: LeadStatus, last: LogEntry | None) -> None:
        super().__init__(f"the lead is already {status}")
        self.status = status
        #: Who, what and when; None if no person did it (gone at the source, expired).
        self.last = last


class StaleLeadError(DecisionError):
    """The lead is still open but has changed since it was shown."""


class ReasonRequiredError(DecisionError):
    """A rejection, or undoing another's decision, without a (known) reason."""


class NoteTooLongError(DecisionError):
    """A note or reason over :data:`NOTE_LIMIT` characters."""


class CopiedTextError(DecisionError):
    """The summary or another text was copied from a source."""

    def __init__(self, passage: str) -> None:
        super().__init__("more than 150 characters in a row are the same as in a source")
        self.passage = passage


class DecisionNotFoundError(DecisionError):
    """No decision with this number on a lead that this viewer may see."""


class AlreadyUndoneError(DecisionError):
    """The decision was undone before."""

    def __init__(self, undone: LogEntry | None) -> None:
        super().__init__("the decision was undone before")
        #: Who undid it and when.
        self.undone = undone


class NotUndoableError(DecisionError):
    """The decision can't be undone: it is an undo itself, or the lead has moved on or was purged."""


def decide(
    session: Session,
    lead_id: int,
    kind: DecisionKind,
    *,
    viewer: Viewer,
    version: int,
    secret: bytes,
    reason: str = "",
    note: str = "",
    reasons: Collection[str] = (),
    draft: InitiativeDraft | None = None,
    themes: dict[str, str] | None = None,
) -> Decision:
    """Promote or reject a lead, or note that it was known already, and log who did it and why.

    Args:
        version: ``Lead.version`` as shown to the person who decides.
        secret: keys the hashes by which copied text is known after its source was purged.
        reason: for reject: one of ``reasons``.
        note: free text for the next reviewer; may be empty.
        draft: for promote: the register entry to make.
        themes: for promote: the known themes (keys are slugs).

    Raises:
        NotAllowedError, LeadNotFoundError, AlreadyDecidedError, StaleLeadError,
        ReasonRequiredError, NoteTooLongError, InvalidInitiativeError, CopiedTextError:
            nothing was changed.
    """
    if not viewer.decides:
        raise NotAllowedError("this account may not decide")
    lead = _locked(session, viewer, lead_id)
    if lead.status not in UNDECIDED:
        log = decision_log(session, lead_id)
        raise AlreadyDecidedError(lead.status, log[-1] if log else None)
    if lead.version != version:
        raise StaleLeadError("the lead has changed since it was shown")
    if kind is DecisionKind.REJECT and reason not in reasons:
        raise ReasonRequiredError("say why the lead is rejected")
    if len(note) > NOTE_LIMIT:
        raise NoteTooLongError(f"a note has at most {NOTE_LIMIT} characters")
    initiative = None
    if kind is DecisionKind.PROMOTE:
        if draft is None:
            raise InvalidInitiativeError({"name": Problem.EMPTY})
        check_draft(session, draft, themes or {})
        passage = find_copied(session, secret, lead_id, (draft.summary, draft.question, draft.contact))
        if passage is not None:
            raise CopiedTextError(passage)
        initiative = _enter(session, lead, draft, viewer)
    return log_decision(
        session,
        lead,
        kind,
        OUTCOMES[kind],
        viewer,
        reason=reason if kind is DecisionKind.REJECT else "",
        note=note,
        initiative=initiative,
    )


def undo(session: Session, decision_id: int, *, viewer: Viewer, reason: str = "") -> Decision:
    """Take a decision back: the lead is what it was before; a promoted entry leaves the register.

    A merged lead gets its items back, and is kept apart from the other one from then on. What was split
    off is merged back into the lead that it came from.

    Args:
        reason: why; required for another person's decision.

    Raises:
        NotAllowedError, DecisionNotFoundError, AlreadyUndoneError, NotUndoableError,
        ReasonRequiredError, NoteTooLongError: nothing was changed.
    """
    if not viewer.decides:
        raise NotAllowedError("this account may not decide")
    decision = session.get(Decision, decision_id)
    if decision is None:
        raise DecisionNotFoundError(f"there is no decision {decision_id}")
    # Both leads of a merge or split are held, in the order that everybody keeps to.
    held = lock_leads(session, _concerned(session, decision))
    try:
        lead = _locked(session, viewer, decision.lead_id)
    except LeadNotFoundError:
        raise DecisionNotFoundError(f"there is no decision {decision_id}") from None
    undone_by = session.scalar(select(Decision.id).where(Decision.undoes_id == decision.id))
    if undone_by is not None:
        raise AlreadyUndoneError(decision_log(session, lead.id, decision_id=undone_by)[0])
    # A split leaves the status alone, so it does not matter what was decided since.
    stands = VISIBLE if decision.kind is DecisionKind.SPLIT else (decision.new_status,)
    if decision.kind is DecisionKind.UNDO or lead.status not in stands:
        raise NotUndoableError("the lead has moved on since this decision")
    if lead.purged_at is not None:
        raise NotUndoableError("the lead's content has been deleted")
    other = _other_lead(session, decision, held)
    if decision.account_id != viewer.account_id and not reason.strip():
        raise ReasonRequiredError("say why another person's decision is undone")
    if len(reason) > NOTE_LIMIT:
        raise NoteTooLongError(f"a reason has at most {NOTE_LIMIT} characters")
    initiative = session.get(Initiative, decision.initiative_id) if decision.initiative_id else None
    if initiative is not None and initiative.withdrawn_at is None:
        initiative.withdrawn_at = initiative.updated_at = utc_now()
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
    )
    if decision.kind is DecisionKind.MERGE and other is not None:
        _take_out(session, decision, undone, lead, other)
    if decision.kind is DecisionKind.SPLIT and other is not None:
        again = log_decision(
            session, other, DecisionKind.MERGE, LeadStatus.MERGED, viewer, other_lead_id=lead.id
        )
        put_together(session, again, other, lead)
    return undone


def _concerned(session: Session, decision: Decision) -> set[int]:
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


def _take_out(session: Session, merge: Decision, undone: Decision, lead: Lead, into: Lead) -> None:
    """Give a merged lead its items back, and remember that the two are not the same."""
    lead.merged_into_id = None
    move_back(session, merge.id, lead, into, now=undone.made_at)
    tell_apart_again(session, merge.id)
    keep_apart(session, lead.id, merge.other_lead_id or into.id, undone.id)


def _locked(session: Session, viewer: Viewer, lead_id: int) -> Lead:
    """The lead, held until the transaction ends."""
    lead = session.scalar(
        select(Lead)
        .where(Lead.id == lead_id, viewer.scope(Lead.municipality_code))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if lead is None:
        raise LeadNotFoundError(f"there is no lead {lead_id}")
    return lead


def _enter(session: Session, lead: Lead, draft: InitiativeDraft, viewer: Viewer) -> Initiative:
    now = utc_now()
    initiative = Initiative(
        name=draft.name.strip(),
        summary=draft.summary.strip(),
        municipality_code=draft.municipality_code,
        place_key=draft.place_key or None,
        theme=draft.theme or None,
        question=draft.question.strip(),
        link=draft.link.strip(),
        contact=draft.contact.strip(),
        phase=Phase.SIGNALLED,
        lead_id=lead.id,
        created_by_id=viewer.account_id,
        created_at=now,
        updated_at=now,
    )
    session.add(initiative)
    session.flush()
    return initiative


def log_decision(
    session: Session,
    lead: Lead,
    kind: DecisionKind,
    status: LeadStatus,
    viewer: Viewer,
    *,
    reason: str = "",
    note: str = "",
    undoes: Decision | None = None,
    initiative: Initiative | None = None,
    other_lead_id: int | None = None,
    batch: str | None = None,
) -> Decision:
    """Write one decision and give the lead its new status; the lead is held."""
    now = utc_now()
    decision = Decision(
        lead_id=lead.id,
        kind=kind,
        old_status=lead.status,
        new_status=status,
        account_id=viewer.account_id,
        reason=reason,
        note=note.strip(),
        undoes_id=undoes.id if undoes else None,
        initiative_id=initiative.id if initiative else None,
        other_lead_id=other_lead_id,
        batch=batch,
        made_at=now,
    )
    if status is not lead.status or status in UNDECIDED:
        # A split of a decided lead changes nothing about when it was decided.
        lead.decided_at = now
    before = lead.status
    lead.status = status
    session.add(decision)
    session.flush()
    record(
        session,
        viewer.account_id,
        "undo" if kind is DecisionKind.UNDO else "decide",
        "lead",
        lead.id,
        before={"status": before.value},
        after={
            "status": status.value,
            "decision": decision.id,
            "kind": kind.value,
            **({"undoes": undoes.id} if undoes else {}),
            **({"initiative": initiative.id} if initiative else {}),
            **({"other_lead": other_lead_id} if other_lead_id else {}),
            **({"batch": batch} if batch else {}),
        },
        at=now,
    )
    return decision

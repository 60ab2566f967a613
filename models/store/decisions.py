"""Deciding on leads: every change of status with who did it and why.

The caller commits, so that one request is one transaction; on SQLite the session must be one
that writes (``session_factory(engine)``), so that two deciders wait for each other.
"""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from models.base import utc_now
from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.store.copying import find_copied
from models.store.deciding import (
    NOTE_LIMIT,
    UNDECIDED,
    VISIBLE,
    AlreadyDecidedError,
    AlreadyUndoneError,
    CopiedTextError,
    DecisionError,
    DecisionNotFoundError,
    NotAllowedError,
    NoteTooLongError,
    NotUndoableError,
    PurgedLeadError,
    ReasonRequiredError,
    StaleLeadError,
    UnknownEntryError,
    check_decider,
    check_status,
    check_version,
    hold,
    log_decision,
    reason_needed,
)
from models.store.initiatives import (
    InitiativeDraft,
    InitiativeNotFoundError,
    InvalidInitiativeError,
    Problem,
    check_draft,
    get_initiative,
)
from models.store.search import refresh_lead
from models.store.second_looks import USUAL, Drawing, draw
from models.store.shares_follow import follow_decision, hold_shares_of
from models.store.undoing import undo
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus, Phase

__all__ = [
    "NOTE_LIMIT",
    "OUTCOMES",
    "UNDECIDED",
    "VISIBLE",
    "AlreadyDecidedError",
    "AlreadyUndoneError",
    "CopiedTextError",
    "DecisionError",
    "DecisionNotFoundError",
    "NotAllowedError",
    "NotUndoableError",
    "NoteTooLongError",
    "PurgedLeadError",
    "ReasonRequiredError",
    "StaleLeadError",
    "UnknownEntryError",
    "decide",
    "reason_needed",
    "undo",
]

#: What each decision makes of a lead.
OUTCOMES = {
    DecisionKind.PROMOTE: LeadStatus.PROMOTED,
    DecisionKind.REJECT: LeadStatus.REJECTED,
    DecisionKind.KNOWN: LeadStatus.KNOWN,
}


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
    themes: Mapping[str, str] | None = None,
    expertise: Mapping[str, str] | None = None,
    initiative_id: int | None = None,
    batch: str | None = None,
    drawing: Drawing = USUAL,
) -> Decision:
    """Promote or reject a lead, or note that it was known already, and log who did it and why.

    Args:
        kind: a key of :data:`OUTCOMES`.
        version: ``Lead.version`` as shown to the person who decides.
        secret: keys the hashes by which copied text is known after its source was purged.
        reason: for reject: one of ``reasons``.
        note: free text for the next reviewer; may be empty.
        draft: for promote: the register entry to make.
        themes, expertise: for promote: the known themes and kinds of expertise (keys are slugs).
        initiative_id: for known: the register entry that it was known by; None = not said.
        batch: shared by decisions that are taken in one go.
        drawing: which decisions are drawn for a second look.

    Raises:
        NotAllowedError, LeadNotFoundError, AlreadyDecidedError, StaleLeadError,
        ReasonRequiredError, NoteTooLongError, InvalidInitiativeError, CopiedTextError,
        UnknownEntryError: nothing was changed.
    """
    check_decider(viewer, note)
    lead = hold(session, viewer, lead_id)
    check_status(session, lead, UNDECIDED)
    check_version(lead, version)
    if kind is DecisionKind.REJECT and reason not in reasons:
        raise ReasonRequiredError("say why the lead is rejected")
    hold_shares_of(session, [lead.id])
    initiative = None
    if kind is DecisionKind.PROMOTE:
        if draft is None:
            raise InvalidInitiativeError({"name": Problem.EMPTY})
        check_draft(session, draft, themes or {}, expertise or {})
        passage = find_copied(session, secret, lead_id, (draft.summary, draft.question, draft.contact))
        if passage is not None:
            raise CopiedTextError(passage)
        initiative = _enter(session, lead, draft, viewer)
    elif kind is DecisionKind.KNOWN and initiative_id is not None:
        initiative = _entry(session, viewer, initiative_id)
    decision = log_decision(
        session,
        lead,
        kind,
        OUTCOMES[kind],
        viewer,
        reason=reason if kind is DecisionKind.REJECT else "",
        note=note,
        initiative=initiative,
        batch=batch,
    )
    draw(session, decision, secret, drawing)
    follow_decision(session, lead, decision, initiative)
    if kind is DecisionKind.PROMOTE:
        refresh_lead(session, lead.id)
    return decision


def _entry(session: Session, viewer: Viewer, initiative_id: int) -> Initiative:
    """The register entry that a lead was known by."""
    try:
        row = get_initiative(session, viewer, initiative_id)
    except InitiativeNotFoundError:
        row = None
    entry = session.get(Initiative, initiative_id) if row is not None and row.withdrawn_at is None else None
    if entry is None:
        raise UnknownEntryError(f"the register has no entry {initiative_id}")
    return entry


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
        links=list(dict.fromkeys(draft.links)),
        contact=draft.contact.strip(),
        expertise=list(dict.fromkeys(draft.expertise)),
        hours=draft.hours,
        phase=Phase.SIGNALLED,
        lead_id=lead.id,
        created_by_id=viewer.account_id,
        created_at=now,
        updated_at=now,
    )
    session.add(initiative)
    session.flush()
    return initiative

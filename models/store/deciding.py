"""What every decision shares: what may go wrong, holding the lead, and writing to the log.

``models.store.decisions`` decides, ``undoing`` takes back, ``leads_hand`` merges and splits, ``casework``
snoozes, ``bulk`` does many at once.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.lead_claim import LeadClaim
from models.store.audit import record
from models.store.leads import LeadNotFoundError, LogEntry, decision_log
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus

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


class PurgedLeadError(DecisionError):
    """The content of the lead has been deleted: nobody can see any more what it was about."""


class ReasonRequiredError(DecisionError):
    """A rejection without a known reason, or an undo that needs one (:func:`reason_needed`)."""


class NoteTooLongError(DecisionError):
    """A note or reason over :data:`NOTE_LIMIT` characters."""


class CopiedTextError(DecisionError):
    """The summary or another text was copied from a source."""

    def __init__(self, passage: str) -> None:
        super().__init__("more than 150 characters in a row are the same as in a source")
        self.passage = passage


class UnknownEntryError(DecisionError):
    """The register has no entry with this number that this viewer may see."""


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


def check_decider(viewer: Viewer, *texts: str) -> None:
    """Say no to whoever may not decide, and to a note or reason that is too long.

    Raises:
        NotAllowedError, NoteTooLongError
    """
    if not viewer.decides:
        raise NotAllowedError("this account may not decide")
    if any(len(text) > NOTE_LIMIT for text in texts):
        raise NoteTooLongError(f"a note or reason has at most {NOTE_LIMIT} characters")


def reason_needed(viewer: Viewer, *, account_id: int, made_at: datetime) -> bool:
    """Whether undoing a decision needs a reason: everybody's but an own one of this session.

    Args:
        account_id, made_at: who took the decision, and when.
    """
    if account_id != viewer.account_id:
        return True
    return viewer.signed_in_at is not None and made_at < viewer.signed_in_at


def hold(session: Session, viewer: Viewer, lead_id: int) -> Lead:
    """The lead, fresh and held until the transaction ends.

    Raises:
        LeadNotFoundError: it does not exist, or is not for this viewer.
    """
    lead = session.scalar(
        select(Lead)
        .where(Lead.id == lead_id, viewer.scope(Lead.municipality_code))
        # Whoever only refers to the lead meanwhile (a claim, say) does not wait.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if lead is None:
        raise LeadNotFoundError(f"there is no lead {lead_id}")
    return lead


def check_status(session: Session, lead: Lead, statuses: Iterable[LeadStatus]) -> None:
    """Say no when the lead is past that, with who decided what.

    Raises:
        AlreadyDecidedError
    """
    if lead.status not in statuses:
        log = decision_log(session, lead.id)
        raise AlreadyDecidedError(lead.status, log[-1] if log else None)


def check_version(lead: Lead, version: int) -> None:
    """Say no when the lead is not as it was shown.

    Raises:
        StaleLeadError
    """
    if lead.version != version:
        raise StaleLeadError("the lead has changed since it was shown")


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
    snoozed_until: datetime | None = None,
    wake_on_news: bool | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Decision:
    """Write one decision and give the lead its new status; the lead is held.

    Args:
        before, after: what else changed, for the audit log; as :func:`models.store.audit.record` takes it.
    """
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
        snoozed_until=snoozed_until,
        wake_on_news=wake_on_news,
        batch=batch,
        made_at=now,
    )
    if status is not lead.status or status in UNDECIDED:
        # A split of a decided lead changes nothing about when it was decided.
        lead.decided_at = now
    status_before = lead.status
    lead.status = status
    session.add(decision)
    session.flush()
    told: dict[str, Any] = {
        "undoes": undoes.id if undoes else None,
        "initiative": initiative.id if initiative else None,
        "other_lead": other_lead_id,
        "batch": batch,
        "snoozed_until": snoozed_until.isoformat() if snoozed_until else None,
        "wake_on_news": wake_on_news,
    }
    record(
        session,
        viewer.account_id,
        "undo" if kind is DecisionKind.UNDO else "decide",
        "lead",
        lead.id,
        before={"status": status_before.value, **(before or {})},
        after={
            "status": status.value,
            "decision": decision.id,
            "kind": kind.value,
            **{name: value for name, value in told.items() if value is not None},
            **(after or {}),
        },
        at=now,
    )
    # After the log, like all that changes claims: who holds one must not wait for who writes the log.
    _done_looking(session, lead, viewer)
    return decision


def snooze_of(lead: Lead) -> dict[str, str | bool | None]:
    """How a lead is snoozed, as the audit log tells it."""
    until = lead.snoozed_until
    return {"snoozed_until": until.isoformat() if until else None, "wake_on_news": lead.wake_on_news}


def _done_looking(session: Session, lead: Lead, viewer: Viewer) -> None:
    """Whoever decided has the lead in front of them no longer; on a decided lead nobody has."""
    query = delete(LeadClaim).where(LeadClaim.lead_id == lead.id)
    if lead.status in UNDECIDED:
        query = query.where(LeadClaim.account_id == viewer.account_id)
    session.execute(query)

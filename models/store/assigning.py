"""Who has a lead in hand.

Assigning is no change of the lead itself: whoever has it open may still decide on it. So it leaves
``Lead.version`` alone; the audit log tells who gave it to whom.
"""

from datetime import datetime

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.account import Account, AccountRole
from models.audit_entry import AuditEntry
from models.decision import Decision
from models.lead import Lead
from models.store.audit import record
from models.store.deciding import UNDECIDED, DecisionError, check_decider, check_status, hold
from models.store.viewer import STAFF, Viewer


class UnknownAssigneeError(DecisionError):
    """No lead can be given to this account: it is closed, or not one of the staff."""


def assignable(session: Session) -> list[tuple[int, str]]:
    """Number and name (else e-mail address) of everybody who may have a lead in hand, by name."""
    name = func.coalesce(func.nullif(Account.name, ""), Account.email)
    rows = session.execute(
        select(Account.id, name)
        .where(
            Account.active,
            Account.id.in_(select(AccountRole.account_id).where(AccountRole.role_name.in_(sorted(STAFF)))),
        )
        .order_by(func.lower(name), Account.id)
    )
    return [(number, shown) for number, shown in rows]


def assign(session: Session, lead_id: int, *, viewer: Viewer, assignee_id: int | None) -> None:
    """Give a lead that waits for a decision to somebody, or to nobody.

    Args:
        assignee_id: one of :func:`assignable`; None = nobody.

    Raises:
        NotAllowedError, LeadNotFoundError, AlreadyDecidedError, UnknownAssigneeError:
            nothing was changed.
    """
    check_decider(viewer)
    if assignee_id is not None and assignee_id not in dict(assignable(session)):
        raise UnknownAssigneeError(f"no lead can be given to account {assignee_id}")
    lead = hold(session, viewer, lead_id)
    check_status(session, lead, UNDECIDED)
    if lead.assignee_id != assignee_id:
        give(session, lead, assignee_id, viewer)


def give(
    session: Session,
    lead: Lead,
    assignee_id: int | None,
    viewer: Viewer,
    *,
    decision: Decision | None = None,
) -> None:
    """Write who has a lead, which is held, in hand; past the mapper, so that its version stays.

    Args:
        decision: the merge, split or undo that it came from.
    """
    before = lead.assignee_id
    table = Lead.__table__
    assert isinstance(table, Table)
    session.connection().execute(update(table).where(table.c.id == lead.id).values(assignee_id=assignee_id))
    set_committed_value(lead, "assignee_id", assignee_id)
    at: datetime | None = decision.made_at if decision is not None else None
    record(
        session,
        viewer.account_id,
        "assign",
        "lead",
        lead.id,
        before={"assignee": before},
        after={"assignee": assignee_id, **({"decision": decision.id} if decision is not None else {})},
        at=at,
    )


def take_over(session: Session, decision: Decision, lead: Lead, into: Lead, viewer: Viewer) -> None:
    """Whoever had a merged lead in hand has the other one now, unless somebody has that already."""
    if into.status in UNDECIDED and into.assignee_id is None and lead.assignee_id is not None:
        give(session, into, lead.assignee_id, viewer, decision=decision)


def give_back(session: Session, merge: Decision, undone: Decision, into: Lead, viewer: Viewer) -> None:
    """Take :func:`take_over` back, unless the lead was given to somebody since."""
    last = session.scalar(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == "lead",
            AuditEntry.object_id == str(into.id),
            AuditEntry.action == "assign",
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    if last is not None and last.after.get("decision") == merge.id:
        give(session, into, last.before["assignee"], viewer, decision=undone)

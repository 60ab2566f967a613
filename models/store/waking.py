"""Snoozed leads that come back into the queue: on their day, or as soon as there is news of them.

Nobody decides that, so it is no decision: it stands in the audit log without a name, and
:func:`wakes_of` tells it to who reads the history of a lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.audit_entry import AuditEntry
from models.base import utc_now
from models.decision import Decision
from models.lead import Lead
from models.store.attention import NOT_ARRANGED
from models.store.audit import record
from models.store.deciding import snooze_of
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus

#: Leads woken in one transaction, so that who decides beside it never waits long.
BATCH = 100


class Woken(StrEnum):
    """Why a lead came back."""

    DATE = "date"  # its day came
    NEWS = "news"  # an item joined it
    MERGE = "merge"  # somebody merged another lead into it


@dataclass(frozen=True)
class Wake:
    """One time that a lead came back."""

    at: datetime
    why: Woken


def wake_due(session: Session, now: datetime | None = None) -> int:
    """Put every lead whose day has come back into the queue. Commits in batches; may be stopped and repeated.

    Returns:
        How many came back.
    """
    at = now or utc_now()
    done = 0
    while True:
        # Held first and logged after: the log lets one transaction write at a time.
        leads = _due(session, at)
        for lead in leads:
            wake(session, lead, Woken.DATE, now=at)
        session.commit()
        if not leads:
            return done
        done += len(leads)


def _due(session: Session, at: datetime) -> Sequence[Lead]:
    return session.scalars(
        select(Lead)
        .where(Lead.status == LeadStatus.SNOOZED, Lead.snoozed_until <= at, Lead.purged_at.is_(None))
        .order_by(Lead.id)
        .limit(BATCH)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def wake(session: Session, lead: Lead, why: Woken, *, now: datetime, decision_id: int | None = None) -> None:
    """Put one snoozed lead, which is held, back into the queue, in front.

    Args:
        decision_id: the merge that brought news.
    """
    before = {"status": lead.status.value, **snooze_of(lead)}
    lead.status = LeadStatus.OPEN
    lead.snoozed_until, lead.wake_on_news = None, False
    lead.woken_at = lead.decided_at = now
    lead.precedence = NOT_ARRANGED
    after: dict[str, str | int] = {"status": lead.status.value, "why": why.value}
    if decision_id is not None:
        after |= {"decision": decision_id}
    record(session, None, "wake", "lead", lead.id, before=before, after=after, at=now)


def wake_for_news(session: Session, lead: Lead, *, now: datetime) -> None:
    """Wake a lead, which is held, when it waits for news; an item has joined it."""
    if lead.status is LeadStatus.SNOOZED and lead.wake_on_news:
        wake(session, lead, Woken.NEWS, now=now)


def wake_for_merge(session: Session, merge: Decision, into: Lead) -> None:
    """The same for news that a person brought by merging another lead into it."""
    if into.status is LeadStatus.SNOOZED and into.wake_on_news:
        wake(session, into, Woken.MERGE, now=merge.made_at, decision_id=merge.id)


def sleep_again(session: Session, merge: Decision, undone: Decision, into: Lead, viewer: Viewer) -> None:
    """Take :func:`wake_for_merge` back when nobody decided on the lead since; both are held."""
    if into.status is not LeadStatus.OPEN or not into.woken_at == into.decided_at == merge.made_at:
        return
    until, on_news = snooze_before(session, into.id, merge.id)
    if until is None and not on_news:
        return
    into.status = LeadStatus.SNOOZED
    into.snoozed_until, into.wake_on_news = until, on_news
    into.woken_at, into.decided_at = None, undone.made_at
    record(
        session,
        viewer.account_id,
        "undo",
        "lead",
        into.id,
        before={"status": LeadStatus.OPEN.value},
        after={"status": into.status.value, "decision": undone.id, **snooze_of(into)},
        at=undone.made_at,
    )


def snooze_before(session: Session, lead_id: int, decision_id: int) -> tuple[datetime | None, bool]:
    """Until when, and whether until news, the newest snooze that stands put a lead away.

    Args:
        decision_id: only snoozes before this decision.

    Returns:
        (None, False) when there is none.
    """
    undoing = aliased(Decision)
    row = session.execute(
        select(Decision.snoozed_until, Decision.wake_on_news)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(
            Decision.lead_id == lead_id,
            Decision.id < decision_id,
            Decision.kind == DecisionKind.SNOOZE,
            undoing.id.is_(None),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    return (row[0], bool(row[1])) if row is not None else (None, False)


def wakes_of(session: Session, lead_id: int) -> list[Wake]:
    """When and why a lead came back into the queue by itself, oldest first."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.after)
        .where(
            AuditEntry.object_kind == "lead",
            AuditEntry.object_id == str(lead_id),
            AuditEntry.action == "wake",
        )
        .order_by(AuditEntry.id)
    )
    return [Wake(at, Woken(after["why"])) for at, after in rows]

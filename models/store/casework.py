"""Working on a lead before it is decided on: snoozing, notes, and who has it in hand.

The caller commits; on SQLite the session must be one that writes. See ``models.store.waking`` for how a
snoozed lead comes back.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import ZONE, utc_now
from models.decision import Decision
from models.lead_note import LeadNote
from models.store.assigning import UnknownAssigneeError, assign, assignable
from models.store.audit import record
from models.store.deciding import (
    UNDECIDED,
    DecisionError,
    PurgedLeadError,
    check_decider,
    check_status,
    check_version,
    hold,
    log_decision,
    snooze_of,
)
from models.store.leads_apart import stands_for
from models.store.viewer import Viewer
from models.store.waking import Wake, Woken, wake_due, wakes_of
from models.words import DecisionKind, LeadStatus

__all__ = [
    "LONGEST",
    "EmptyNoteError",
    "NoWakingError",
    "NoteRow",
    "SnoozeDateError",
    "UnknownAssigneeError",
    "Wake",
    "Woken",
    "add_note",
    "assign",
    "assignable",
    "latest_day",
    "notes_of",
    "snooze",
    "wake_due",
    "wakes_of",
]

#: How long after it was found a snoozed lead may be kept (DESIGN 7).
LONGEST = timedelta(days=90)


class NoWakingError(DecisionError):
    """A snooze without a day, and not until something new appears either: the lead would never come back."""


class SnoozeDateError(DecisionError):
    """A lead can't be snoozed until this day: it is not after today, or too far away."""

    def __init__(self, latest: date) -> None:
        super().__init__(f"choose a day after today, {latest:%Y-%m-%d} at the latest")
        #: The last day that can be chosen; today or earlier = the lead can't be snoozed any more.
        self.latest = latest


class EmptyNoteError(DecisionError):
    """A note without text."""


@dataclass(frozen=True)
class NoteRow:
    """One note as shown."""

    id: int
    #: Name of who wrote it, else the e-mail address.
    by: str
    account_id: int
    #: Empty after purging.
    text: str
    made_at: datetime
    #: The lead it was written on: this one, or one that was merged into it.
    lead_id: int


def latest_day(opened_at: datetime) -> date:
    """The last day until which a lead opened then can be snoozed: the one before it must go."""
    return (opened_at + LONGEST).astimezone(ZONE).date() - timedelta(days=1)


def snooze(
    session: Session,
    lead_id: int,
    *,
    viewer: Viewer,
    version: int,
    until: date | None,
    on_news: bool,
    note: str = "",
    batch: str | None = None,
    now: datetime | None = None,
) -> Decision:
    """Put a lead away until a day, until something new appears, or until whichever comes first.

    A lead that is snoozed already can be snoozed anew.

    Args:
        version: ``Lead.version`` as shown to the person who decides.
        until: it comes back as this day begins in the Netherlands; None = no day.
        on_news: it comes back as soon as an item joins it.
        note: free text for the next reviewer; may be empty.
        batch: shared by decisions that are taken in one go.

    Raises:
        NotAllowedError, LeadNotFoundError, AlreadyDecidedError, StaleLeadError, NoWakingError,
        SnoozeDateError, NoteTooLongError: nothing was changed.
    """
    check_decider(viewer, note)
    if until is None and not on_news:
        raise NoWakingError("say until which day, or until something new appears")
    lead = hold(session, viewer, lead_id)
    check_status(session, lead, UNDECIDED)
    check_version(lead, version)
    today = (now or utc_now()).astimezone(ZONE).date()
    latest = latest_day(lead.opened_at)
    if not today < (until or latest) <= latest:
        raise SnoozeDateError(latest)
    before = snooze_of(lead) if lead.status is LeadStatus.SNOOZED else None
    lead.snoozed_until = datetime.combine(until, time(), ZONE).astimezone(UTC) if until else None
    lead.wake_on_news = on_news
    return log_decision(
        session,
        lead,
        DecisionKind.SNOOZE,
        LeadStatus.SNOOZED,
        viewer,
        note=note,
        batch=batch,
        snoozed_until=lead.snoozed_until,
        wake_on_news=on_news,
        before=before,
    )


def add_note(session: Session, lead_id: int, *, viewer: Viewer, text: str) -> LeadNote:
    """Write a note on a lead for the other reviewers.

    Raises:
        NotAllowedError, LeadNotFoundError, EmptyNoteError, NoteTooLongError, PurgedLeadError:
            nothing was changed.
    """
    text = text.strip()
    check_decider(viewer, text)
    if not text:
        raise EmptyNoteError("write something")
    # Held: its content may be going at this very moment, and a note would stay behind.
    lead = hold(session, viewer, lead_id)
    if lead.purged_at is not None:
        raise PurgedLeadError("the lead's content has been deleted")
    note = LeadNote(lead_id=lead_id, account_id=viewer.account_id, text=text, made_at=utc_now())
    session.add(note)
    session.flush()
    record(
        session,
        viewer.account_id,
        "note",
        "lead",
        lead_id,
        after={"note": note.id, "characters": len(text)},
        at=note.made_at,
    )
    return note


_NOTES = (
    select(
        LeadNote.id,
        func.coalesce(func.nullif(Account.name, ""), Account.email),
        LeadNote.account_id,
        LeadNote.text,
        LeadNote.made_at,
        LeadNote.lead_id,
    )
    .join(Account, Account.id == LeadNote.account_id)
    .where(LeadNote.lead_id.in_(bindparam("leads", expanding=True)), LeadNote.text != "")
    .order_by(LeadNote.made_at, LeadNote.id)
)


def notes_of(session: Session, lead_id: int) -> list[NoteRow]:
    """Notes on a lead and on those that were merged into it, oldest first.

    For staff only: ask whether ``viewer.decides``, and :func:`models.store.leads.get_lead` first.
    """
    return [NoteRow(*row) for row in session.execute(_NOTES, {"leads": list(stands_for(session, lead_id))})]

"""Deciding on many leads in one go, and taking that back in one go.

Each lead alone succeeds or is refused, and nothing is done by halves. The caller commits; on SQLite the
session must be one that writes.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.decision import Decision
from models.lead import Lead
from models.store.casework import NoWakingError, snooze
from models.store.deciding import (
    AlreadyUndoneError,
    DecisionError,
    DecisionNotFoundError,
    ReasonRequiredError,
    check_decider,
    reason_needed,
)
from models.store.decisions import decide
from models.store.leads import LeadNotFoundError, decision_log
from models.store.leads_apart import lock_leads
from models.store.round_rules import hold_open_rounds
from models.store.second_looks import USUAL, Drawing
from models.store.shares_follow import hold_shares_of
from models.store.undoing import concerned, undo
from models.store.viewer import Viewer
from models.words import DecisionKind

#: Most leads in one go: a page of the list, and short enough that nobody beside it waits long.
MOST = 100

#: What can be done with many leads at once; promoting takes a form for each.
KINDS = (DecisionKind.REJECT, DecisionKind.KNOWN, DecisionKind.SNOOZE)


class TooManyError(DecisionError):
    """More than :data:`MOST` leads at once."""


class NotInBulkError(DecisionError):
    """A decision that must be taken on each lead alone; see :data:`KINDS`."""


@dataclass(frozen=True)
class BulkOutcome:
    """What became of each lead."""

    #: Stands in every decision that was taken in this go (``Decision.batch``).
    batch: str
    #: Leads on which it was done, by number.
    done: list[int] = field(default_factory=list)
    #: Leads on which it was not done, with why (:class:`DecisionError` or ``LeadNotFoundError``).
    refused: list[tuple[int, Exception]] = field(default_factory=list)


def decide_all(
    session: Session,
    leads: Iterable[tuple[int, int]],
    kind: DecisionKind,
    *,
    viewer: Viewer,
    secret: bytes,
    reason: str = "",
    note: str = "",
    reasons: Collection[str] = (),
    until: date | None = None,
    on_news: bool = False,
    drawing: Drawing = USUAL,
) -> BulkOutcome:
    """Reject or snooze leads, or note that they were known already.

    Args:
        leads: number and version of each as shown to the person who decides; twice the same counts once.
        kind: one of :data:`KINDS`.
        reason, reasons, note, drawing: see :func:`models.store.decisions.decide`.
        until, on_news: see :func:`models.store.casework.snooze`.

    Raises:
        NotAllowedError, NotInBulkError, TooManyError, ReasonRequiredError, NoWakingError,
        NoteTooLongError: it can be done on none of the leads, and nothing was changed.
    """
    check_decider(viewer, note)
    if kind not in KINDS:
        raise NotInBulkError(f"{kind} takes a decision on each lead alone")
    if kind is DecisionKind.REJECT and reason not in reasons:
        raise ReasonRequiredError("say why the leads are rejected")
    if kind is DecisionKind.SNOOZE and until is None and not on_news:
        raise NoWakingError("say until which day, or until something new appears")
    versions = dict(leads)
    _check_number(len(versions))
    batch = _new_batch()

    def act(lead_id: int) -> None:
        version = versions[lead_id]
        if kind is DecisionKind.SNOOZE:
            snooze(
                session,
                lead_id,
                viewer=viewer,
                version=version,
                until=until,
                on_news=on_news,
                note=note,
                batch=batch,
            )
            return
        decide(
            session,
            lead_id,
            kind,
            viewer=viewer,
            version=version,
            secret=secret,
            reason=reason,
            note=note,
            reasons=reasons,
            batch=batch,
            drawing=drawing,
        )

    # All at once and in order, before the first line in the log: who decides on one of them waits for all,
    # and nobody for each other.
    lock_leads(session, versions)
    hold_shares_of(session, versions)
    return _each(session, batch, [(lead_id, lead_id) for lead_id in sorted(versions)], act)


def undo_batch(session: Session, batch: str, *, viewer: Viewer, reason: str = "") -> BulkOutcome:
    """Take back all decisions that were taken in one go, as far as they stand; the undos are a batch too.

    Args:
        reason: why; required unless they are own decisions of this session.

    Raises:
        NotAllowedError, NoteTooLongError, DecisionNotFoundError, AlreadyUndoneError (all of them),
        ReasonRequiredError: none was undone.
    """
    check_decider(viewer, reason)
    undoing = aliased(Decision)
    decisions = session.scalars(
        select(Decision)
        .join(Lead, Lead.id == Decision.lead_id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(
            Decision.batch == batch,
            Decision.kind != DecisionKind.UNDO,
            undoing.id.is_(None),
            viewer.scope(Lead.municipality_code),
        )
        .order_by(Decision.lead_id)
    ).all()
    if not decisions:
        raise _nothing_to_undo(session, batch, viewer)
    if not reason.strip() and any(
        reason_needed(viewer, account_id=one.account_id, made_at=one.made_at) for one in decisions
    ):
        raise ReasonRequiredError("say why these decisions are undone")
    leads = {lead_id for decision in decisions for lead_id in concerned(session, decision)}
    hold_open_rounds(session)
    lock_leads(session, leads)
    hold_shares_of(session, leads)
    again = _new_batch()

    def act(decision_id: int) -> None:
        undo(session, decision_id, viewer=viewer, reason=reason, batch=again)

    return _each(session, again, [(one.lead_id, one.id) for one in decisions], act)


def _nothing_to_undo(session: Session, batch: str, viewer: Viewer) -> DecisionError:
    """Why: somebody did it already, or there is no such batch."""
    undoing = aliased(Decision)
    last = session.execute(
        select(undoing.id, undoing.lead_id)
        .join(Decision, undoing.undoes_id == Decision.id)
        .join(Lead, Lead.id == Decision.lead_id)
        .where(Decision.batch == batch, viewer.scope(Lead.municipality_code))
        .order_by(undoing.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return DecisionNotFoundError(f"there is no batch {batch}")
    return AlreadyUndoneError(decision_log(session, last.lead_id, decision_id=last.id)[0])


def _each(
    session: Session, batch: str, wanted: Iterable[tuple[int, int]], act: Callable[[int], None]
) -> BulkOutcome:
    """Do it for each, with a savepoint around it.

    Args:
        wanted: number of the lead, and what ``act`` is called with.
    """
    outcome = BulkOutcome(batch)
    for lead_id, number in wanted:
        try:
            with session.begin_nested():
                act(number)
        except (DecisionError, LeadNotFoundError) as refusal:
            outcome.refused.append((lead_id, refusal))
        else:
            outcome.done.append(lead_id)
    return outcome


def _check_number(number: int) -> None:
    if number > MOST:
        raise TooManyError(f"choose at most {MOST} leads at once, not {number}")


def _new_batch() -> str:
    return secrets.token_hex(8)

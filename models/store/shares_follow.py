"""What becomes of shares when something else happens: a decision, an undo, a merge, a source that is gone.

All in the transaction of what it follows from. Leads are held by whoever calls, and their shares before the
first line in the log: :func:`hold_shares_of`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.share import Share
from models.store.events import tell
from models.store.share_changes import (
    ask_anew,
    carry,
    hold_shares,
    make_share,
    put_back,
    tell_changed,
    withdraw_share,
)
from models.store.share_rules import OVER, WAITING, Why
from models.words import DecisionKind, EventKind, LeadStatus, ShareStatus

#: Decisions that take the shares of a lead back -> with which reason.
ENDING = {DecisionKind.REJECT: Why.REJECTED, DecisionKind.KNOWN: Why.KNOWN}
#: The same for the status of a lead that another one is merged into.
ENDED = {LeadStatus.REJECTED: Why.REJECTED, LeadStatus.KNOWN: Why.KNOWN}


def hold_shares_of(session: Session, lead_ids: Collection[int]) -> list[Share]:
    """All shares of these leads, and of the entries that were made of them, held."""
    entries = session.scalars(select(Initiative.id).where(Initiative.lead_id.in_(sorted(lead_ids)))).all()
    return hold_shares(session, lead_ids=lead_ids, initiative_ids=entries)


def offer_initiative(
    session: Session,
    initiative: Initiative,
    *,
    account_id: int,
    now: datetime,
    decision_id: int | None = None,
) -> Share:
    """Give an entry of the register to its municipality, when staff promotes, adds or moves it.

    A share of the lead that it came from is carried over, with what was answered; shares with other
    municipalities are taken back. Done twice, it does nothing more. Call it before the first line in the log.

    Args:
        decision_id: the promotion that it comes from.
    """
    session.flush()
    held = hold_shares(
        session,
        lead_ids=[initiative.lead_id] if initiative.lead_id is not None else (),
        initiative_ids=[initiative.id],
    )
    for other in held:
        if other.municipality_code != initiative.municipality_code:
            withdraw_share(session, other, Why.MOVED, account_id=account_id, at=now, decision_id=decision_id)
    own = [share for share in held if share.municipality_code == initiative.municipality_code]
    # One of the entry itself goes before one of its lead.
    own.sort(key=lambda share: share.initiative_id is None)
    cause = {"decision": decision_id} if decision_id is not None else {}
    if not own:
        return make_share(
            session,
            municipality_code=initiative.municipality_code,
            initiative_id=initiative.id,
            account_id=account_id,
            at=now,
            cause=cause,
        )
    share = own[0]
    if share.initiative_id is None:
        carry(
            session,
            share,
            {"initiative_id": initiative.id},
            account_id=account_id,
            at=now,
            decision_id=decision_id,
        )
    if share.status in (ShareStatus.WITHDRAWN, ShareStatus.LAPSED):
        ask_anew(session, share, account_id=account_id, at=now, cause=cause)
    return share


def take_back_initiative(session: Session, initiative: Initiative, *, account_id: int, now: datetime) -> None:
    """Take all shares of an entry back that leaves the register. Call it before the first line in the log."""
    for share in hold_shares(session, initiative_ids=[initiative.id]):
        withdraw_share(session, share, Why.REMOVED, account_id=account_id, at=now)


def follow_decision(
    session: Session, lead: Lead, decision: Decision, initiative: Initiative | None = None
) -> None:
    """After promoting a lead, rejecting it, or noting that it was known already.

    Args:
        initiative: for promote: the entry that was made.
    """
    if decision.kind is DecisionKind.PROMOTE and initiative is not None:
        tell(
            session,
            EventKind.INITIATIVE_ENTERED,
            municipality_code=initiative.municipality_code,
            initiative=initiative,
            data={"phase": initiative.phase.value},
            at=decision.made_at,
        )
        offer_initiative(
            session,
            initiative,
            account_id=decision.account_id,
            now=decision.made_at,
            decision_id=decision.id,
        )
    elif decision.kind in ENDING:
        for share in hold_shares(session, lead_ids=[lead.id]):
            _withdraw(session, share, ENDING[decision.kind], decision)


def follow_merge(session: Session, lead: Lead, into: Lead, merge: Decision) -> None:
    """After a merge: a share goes along, or is taken back where the other lead has one or can't have it."""
    theirs = hold_shares_of(session, [into.id])
    entry = session.scalar(
        select(Initiative).where(
            Initiative.lead_id == into.id,
            Initiative.withdrawn_at.is_(None),
            Initiative.municipality_code == into.municipality_code,
        )
    )
    for share in hold_shares(session, lead_ids=[lead.id]):
        if share.status in OVER:
            continue
        own = any(one.municipality_code == share.municipality_code for one in theirs)
        why = ENDED.get(into.status, Why.MERGED)
        if own or into.status in ENDED or share.municipality_code != into.municipality_code:
            _withdraw(session, share, why, merge)
        else:
            carry(
                session,
                share,
                {"lead_id": into.id, **({"initiative_id": entry.id} if entry is not None else {})},
                account_id=merge.account_id,
                at=merge.made_at,
                decision_id=merge.id,
                why=Why.MERGED,
            )


def follow_undo(
    session: Session,
    decision: Decision,
    undone: Decision,
    leads: Iterable[int],
    initiative: Initiative | None,
) -> None:
    """After undoing a decision: shares are what they were before it.

    Args:
        leads: numbers of the leads that it was about.
        initiative: the entry that left the register.
    """
    shares = hold_shares_of(session, sorted(set(leads)))
    if initiative is not None:
        tell(
            session,
            EventKind.INITIATIVE_WITHDRAWN,
            municipality_code=initiative.municipality_code,
            initiative=initiative,
            at=undone.made_at,
        )
        for share in shares:
            if share.initiative_id != initiative.id:
                continue
            if share.lead_id is None:
                _withdraw(session, share, Why.UNDONE, undone)
            else:
                # It was given as a lead before, and is that again.
                carry(
                    session,
                    share,
                    {"initiative_id": None},
                    account_id=undone.account_id,
                    at=undone.made_at,
                    why=Why.UNDONE,
                )
    for share in shares:
        _restore(session, share, decision, undone)


def _restore(session: Session, share: Share, decision: Decision, undone: Decision) -> None:
    """Take back what a decision did to a share, as far as nothing came after it; the log knows."""
    lines = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == "share",
            AuditEntry.object_id == str(share.id),
            AuditEntry.action == "share",
        )
        .order_by(AuditEntry.id.desc())
    ).all()
    carried = next(
        (one for one in lines if one.after.get("decision") == decision.id and one.before.get("lead")), None
    )
    if carried is not None and share.lead_id == carried.after.get("lead"):
        went = {
            "lead_id": carried.before["lead"],
            **({"initiative_id": None} if "initiative" in carried.after else {}),
        }
        carry(session, share, went, account_id=undone.account_id, at=undone.made_at)
    last = lines[0] if lines else None
    withdrawn = share.status is ShareStatus.WITHDRAWN and last is not None
    if withdrawn and last is not None and last.after.get("decision") == decision.id:
        put_back(
            session,
            share,
            ShareStatus(last.before["status"]),
            account_id=undone.account_id,
            at=undone.made_at,
            decision_id=decision.id,
        )


def _withdraw(session: Session, share: Share, why: Why, decision: Decision) -> None:
    withdraw_share(
        session,
        share,
        why,
        account_id=decision.account_id,
        at=decision.made_at,
        decision_id=decision.id,
    )


def follow_source(session: Session, lead: Lead, *, gone: bool, why: Why, at: datetime) -> None:
    """After items of a lead, or all of them, were taken out: whoever received it is told.

    Args:
        gone: nothing is left of it. What stands in the register stays, but its source is no longer there.
    """
    for share in hold_shares_of(session, [lead.id]):
        if share.status is ShareStatus.WITHDRAWN:
            continue
        if gone and share.initiative_id is None:
            _blank(share)
            if not withdraw_share(session, share, why, account_id=None, at=at):
                tell_changed(session, share, why, at=at)
        else:
            tell_changed(session, share, why, at=at)


def follow_purge(session: Session, lead_ids: Collection[int], at: datetime) -> None:
    """After the content of leads went: the words of their shares go along; what is counted stays.

    Who was still asked is no longer. What stands in the register keeps its share.
    """
    shares = session.scalars(
        select(Share)
        .join(Initiative, Initiative.id == Share.initiative_id, isouter=True)
        .where(
            func.coalesce(Share.lead_id, Initiative.lead_id).in_(sorted(lead_ids)),
            or_(Share.initiative_id.is_(None), Initiative.withdrawn_at.is_not(None)),
        )
        .order_by(Share.id)
        .with_for_update(of=Share, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for share in shares:
        _blank(share)
        # What was answered or lapsed stands; only "later" never asks again.
        if share.status in WAITING or share.due_on is not None:
            withdraw_share(session, share, Why.EXPIRED, account_id=None, at=at)
    session.flush()


def _blank(share: Share) -> None:
    share.message = share.answer_note = share.ending_note = ""

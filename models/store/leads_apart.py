"""Which leads stand for one another, and which a person told apart.

A merged lead stands for the one it went into, through chains. What was told apart stays so for all that
was merged into either of the two.
"""

from collections.abc import Iterable

from sqlalchemy import BindParameter, bindparam, or_, select, update
from sqlalchemy.orm import Session

from models.lead import Lead
from models.lead_apart import LeadApart


def lock_leads(session: Session, ids: Iterable[int]) -> dict[int, Lead]:
    """These leads, fresh and held until the transaction ends: somebody may be deciding on them.

    Always in order of number, so that two who want the same leads wait for each other in turn.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.scalars(
        select(Lead)
        .where(Lead.id.in_(wanted))
        .order_by(Lead.id)
        # Whoever only refers to a lead meanwhile (a claim, say) does not wait.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {lead.id: lead for lead in rows}


_LEADS: BindParameter[int] = bindparam("leads", expanding=True)
_MERGED_INTO = select(Lead.id).where(Lead.merged_into_id.in_(_LEADS))
_APART_FROM = (
    select(LeadApart)
    .where(
        LeadApart.lifted_by_id.is_(None),
        or_(LeadApart.one_id.in_(_LEADS), LeadApart.other_id.in_(_LEADS)),
    )
    .order_by(LeadApart.id)
)


def root_of(session: Session, lead_id: int) -> int:
    """Number of the lead that this one went into in the end; its own when it was not merged."""
    passed = {lead_id}
    while True:
        into = session.scalar(select(Lead.merged_into_id).where(Lead.id == lead_id))
        if into is None or into in passed:
            return lead_id
        passed.add(into)
        lead_id = into


def stands_for(session: Session, lead_id: int) -> set[int]:
    """Numbers of this lead and of all that went into it, directly or not."""
    found, edge = {lead_id}, {lead_id}
    while edge:
        edge = set(session.scalars(_MERGED_INTO, {"leads": list(edge)})) - found
        found |= edge
    return found


def apart_from(session: Session, lead_id: int) -> dict[int, int]:
    """Numbers of the leads (as they are merged now) that this one is kept apart from, with the decision."""
    own = stands_for(session, lead_id)
    facts = session.scalars(_APART_FROM, {"leads": list(own)})
    found: dict[int, int] = {}
    for fact in facts:
        other = root_of(session, fact.other_id if fact.one_id in own else fact.one_id)
        if other not in own:
            found.setdefault(other, fact.decision_id)
    return found


def keep_apart(session: Session, lead_id: int, other_id: int, decision_id: int) -> None:
    """Remember that a person told these two apart."""
    one_id, other_id = sorted((lead_id, other_id))
    fact = session.scalar(select(LeadApart).where(LeadApart.one_id == one_id, LeadApart.other_id == other_id))
    if fact is None:
        session.add(LeadApart(one_id=one_id, other_id=other_id, decision_id=decision_id))
    elif fact.lifted_by_id is not None:
        fact.lifted_by_id, fact.decision_id = None, decision_id
    session.flush()


def bring_together(session: Session, lead_id: int, other_id: int, decision_id: int) -> None:
    """A person says that these two are one after all: what kept them apart is lifted."""
    here, there = stands_for(session, lead_id), stands_for(session, other_id)
    session.execute(
        update(LeadApart)
        .where(
            LeadApart.lifted_by_id.is_(None),
            or_(
                LeadApart.one_id.in_(here) & LeadApart.other_id.in_(there),
                LeadApart.one_id.in_(there) & LeadApart.other_id.in_(here),
            ),
        )
        .values(lifted_by_id=decision_id)
    )


def tell_apart_again(session: Session, decision_id: int) -> None:
    """Put back what :func:`bring_together` lifted for this decision."""
    session.execute(update(LeadApart).where(LeadApart.lifted_by_id == decision_id).values(lifted_by_id=None))

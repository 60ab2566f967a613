"""Taking out what its maker took back or objects to, so that it never comes back.

All in one transaction: text, title, snippet, link, evidence, features, sketches and words of the search
index. What stays is a tombstone with keyed hashes, and rows of :class:`Suppression` that keep it out.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text, cast, delete, or_, select
from sqlalchemy.orm import Session

from models.decision import Decision
from models.item import Item
from models.item_features import ItemFeatures
from models.item_section import ItemSection
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.lead_move import LeadMove
from models.run import Run
from models.settings import Settings
from models.store.audit import record
from models.store.leads_apart import lock_leads
from models.store.leads_follow import tell_again
from models.store.purge import blank_items, blank_notes, keep_shingles
from models.store.search import refresh_lead
from models.store.share_rules import Why as WhyShare
from models.store.shares_follow import follow_source, hold_shares_of
from models.store.unlinking import tell_unlinked, unlink
from models.suppression import Suppression
from models.words import LeadStatus

#: What stands in the log of visits for an address of which nothing is kept.
_TAKEN_OUT = "(an address that was taken out)"
#: Addresses that the database looks for itself in that log; for more of them all of it is read.
_ONE_BY_ONE = 50


class Why(StrEnum):
    """Why something is kept out for good: ``Suppression.why``."""

    GONE = "deleted at the source"
    OBJECTION = "objection"


#: The same as shares tell it.
SHARES = {Why.GONE: WhyShare.GONE, Why.OBJECTION: WhyShare.OBJECTION}


@dataclass(frozen=True)
class Withdrawn:
    """What was taken out."""

    #: Ids of the items.
    items: tuple[int, ...] = ()
    #: Numbers of the leads that they stood in.
    leads: tuple[int, ...] = ()


def keep_out(session: Session, keys: Iterable[tuple[str, str]], why: Why, now: datetime) -> None:
    """Never store again what has one of these keys. The caller commits.

    Args:
        keys: (``Suppression.key``, ``Suppression.kind``); those that are kept out already stay as they are.
    """
    wanted = dict(keys)
    known = set(session.scalars(select(Suppression.key).where(Suppression.key.in_(wanted))))
    session.add_all(
        Suppression(key=key, kind=kind, added_at=now, why=why.value)
        for key, kind in wanted.items()
        if key not in known
    )
    session.flush()


def withdraw(
    session: Session, item_ids: Collection[int], settings: Settings, now: datetime, *, why: Why = Why.GONE
) -> Withdrawn:
    """Take these items out, in this transaction; the caller commits. At most some hundreds at a time.

    A lead goes on with its other items: with the words of the best of them, and the score too if it waits
    for a decision. One that waits and has no others is withdrawn; what somebody decided on keeps that status
    and loses the words. The register keeps what staff wrote themselves, but no link to an item that is gone.
    """
    leads = hold_leads(session, item_ids)
    items = session.scalars(
        select(Item)
        .where(Item.id.in_(item_ids), Item.purged_at.is_(None))
        .order_by(Item.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if not items:
        return Withdrawn()
    ids = [item.id for item in items]
    keep_out(session, [(item.url_key, "url") for item in items], why, now)
    keep_out(session, [(key, "item") for key in _own_keys(session, items)], why, now)
    texts = session.scalars(select(ItemText).where(ItemText.item_id.in_(ids)))
    keep_shingles(session, settings, {row.item_id: row.text for row in texts})
    unlinked = unlink(session, leads, {item.url for item in items if item.url}, now)
    hold_shares_of(session, list(leads))
    _out_of_runs(session, items)
    for table in (ItemFeatures, ItemSketch, ItemSection):
        session.execute(delete(table).where(table.item_id.in_(ids)))
    blank_items(session, ids, now)
    session.flush()
    standing: dict[int, set[int]] = {}
    for lead_id, item_id in session.execute(
        select(LeadItem.lead_id, LeadItem.item_id).where(LeadItem.item_id.in_(ids))
    ):
        standing.setdefault(lead_id, set()).add(item_id)
    for lead in leads.values():
        _without(session, lead, len(standing.get(lead.id, ())), why, now)
    _tell_of_others(session, items, {item_id for own in standing.values() for item_id in own}, why, now)
    tell_unlinked(session, unlinked, now)
    for lead_id in leads:
        refresh_lead(session, lead_id)
    return Withdrawn(tuple(ids), tuple(sorted(standing)))


def hold_leads(session: Session, item_ids: Collection[int]) -> dict[int, Lead]:
    """Hold the leads that would change with these items: always before the items, as purging does."""
    return lock_leads(session, _concerned(session, item_ids))


def _concerned(session: Session, item_ids: Collection[int]) -> set[int]:
    """The leads that these items stand in, and those from which a person moved one of them: they were told
    in its words."""
    found = set(session.scalars(select(LeadItem.lead_id).where(LeadItem.item_id.in_(item_ids))))
    moved = select(LeadMove.decision_id).where(LeadMove.item_id.in_(item_ids))
    for pair in session.execute(
        select(Decision.lead_id, Decision.other_lead_id).where(Decision.id.in_(moved))
    ):
        found |= {lead_id for lead_id in pair if lead_id is not None}
    return found


def _own_keys(session: Session, items: Sequence[Item]) -> set[str]:
    """Keyed ids of these items, by which they are known under another address too.

    Some feeds give all their entries one id: that of an item beside which another has it keeps nobody out.
    """
    wanted = {item.external_key for item in items}
    shared = set(
        session.scalars(
            select(Item.external_key).where(
                Item.source_key.in_({item.source_key for item in items}),
                Item.external_key.in_(wanted),
                Item.id.not_in([item.id for item in items]),
                or_(Item.purged_at.is_(None), Item.gone_at.is_(None)),
            )
        )
    )
    often = {key for key, count in Counter(item.external_key for item in items).items() if count > 1}
    return wanted - shared - often


def _out_of_runs(session: Session, items: Sequence[Item]) -> None:
    """What is told of visits no longer names these addresses: "… answered 404" does."""
    addresses = sorted({item.url for item in items if item.url})
    if not addresses:
        return
    named = re.compile(rf"(?:{'|'.join(map(re.escape, addresses))})(?=[\s:,]|$)")
    warnings_told = cast(Run.warnings, Text)
    told = select(Run).where(
        Run.source_key.in_({item.source_key for item in items}),
        or_(Run.problem.is_not(None), warnings_told != "[]"),
    )
    if len(addresses) <= _ONE_BY_ONE:
        columns = (Run.problem, warnings_told)
        told = told.where(
            or_(*(one.contains(each, autoescape=True) for one in columns for each in addresses))
        )
    for run in session.scalars(told):
        run.problem = run.problem and named.sub(_TAKEN_OUT, run.problem)
        warnings = [named.sub(_TAKEN_OUT, warning) for warning in run.warnings]
        if warnings != run.warnings:
            run.warnings = warnings


def _without(session: Session, lead: Lead, lost: int, why: Why, now: datetime) -> None:
    """Bring a lead in line with what it has left.

    Args:
        lost: how many of its items were taken out; 0 = they stood in it once.
    """
    if lost and why is Why.GONE:
        lead.source_gone_at = now
    if lead.purged_at is None:
        before = lead.status
        left = session.scalars(
            select(Item)
            .join(LeadItem, LeadItem.item_id == Item.id)
            .where(LeadItem.lead_id == lead.id, Item.purged_at.is_(None))
            .order_by(Item.id)
        ).all()
        words = (lead.title, lead.snippet, lead.initiative_name, lead.organisation_name)
        tell_again(session, lead)
        if left:
            lead.title = lead.title or left[0].title
        elif lost and lead.status in (LeadStatus.OPEN, LeadStatus.SNOOZED):
            lead.status = LeadStatus.WITHDRAWN
        if not left and lost and lead.status not in (LeadStatus.PROMOTED, LeadStatus.MERGED):
            lead.purged_at = now
            session.flush()
            blank_notes(session, [lead])
        if not lost and words == (lead.title, lead.snippet, lead.initiative_name, lead.organisation_name):
            return
        after = {"status": lead.status.value, "why": why.value}
        record(
            session,
            None,
            "withdraw",
            "lead",
            lead.id,
            before={"status": before.value, "items": len(left) + lost},
            after={**after, "items": len(left)},
            at=now,
        )
        follow_source(session, lead, gone=not left, why=SHARES[why], at=now)


def _tell_of_others(
    session: Session, items: Iterable[Item], in_leads: Collection[int], why: Why, now: datetime
) -> None:
    """Items of no lead stand in the log together, by source."""
    counts = Counter(item.source_key for item in items if item.id not in in_leads)
    for source_key, count in sorted(counts.items()):
        after = {"entries": count, "why": why.value}
        record(session, None, "withdraw", "source", source_key, after=after, at=now)

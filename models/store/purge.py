"""Retention: what must go, and what stays as a tombstone (DESIGN 7).

What goes is title, snippet, link, evidence, text and what was noted about it. What stays is id,
municipality, theme, status, score, model, dates, source and keyed hashes, for reports, statistics and
merges.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.base import utc_now
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.lead_note import LeadNote
from models.lead_shingles import LeadShingles
from models.prediction import Prediction
from models.run import Run
from models.settings import Settings
from models.share import Share
from models.shingles import pack, shingle_hashes, unpack
from models.store.audit import expire
from models.store.claims import drop_lapsed
from models.store.consultant_import import forget_imports
from models.store.consultants import forget_consultants
from models.store.digests import forget_stopped
from models.store.events import forget_events
from models.store.invitations import forget_old
from models.store.leads_apart import root_of, stands_for
from models.store.rhythm import forget_days
from models.store.shares_follow import follow_purge
from models.store.uploads import forget_uploads
from models.words import LeadStatus, ShareStatus

#: Days after which a lead nobody looked at goes.
UNREVIEWED_DAYS = 30
#: Days after its decision that a rejected lead goes.
REJECTED_DAYS = 7
#: Days after its decision that a lead goes which was known already or merged into another.
SETTLED_DAYS = 30
#: Days after it was found that a lead goes which somebody looked at without deciding: snoozed, woken since,
#: in somebody's hand, or given to its municipality.
SNOOZED_DAYS = 90
#: Days that the log of visits is kept: 12 months.
RUN_DAYS = 365
#: Rows handled in one transaction, so that writers beside it never wait long.
BATCH = 500


@dataclass
class PurgeReport:
    """How many of each went this time."""

    texts: int = 0
    items: int = 0
    leads: int = 0
    runs: int = 0
    audit: int = 0

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def purge(session: Session, settings: Settings, *, now: datetime | None = None) -> PurgeReport:
    """Remove all that is past its term. Commits in batches; may be stopped and repeated at any time."""
    at = now or utc_now()
    report = PurgeReport()
    report.leads = _purge_leads(session, at)
    report.items = _purge_items_without_lead(session, at)
    report.texts = _purge_texts(session, settings, at)
    report.runs = _purge_runs(session, at)
    forget_events(session, now=at)
    report.audit = expire(session, now=at)
    drop_lapsed(session, now=at)
    forget_old(session, now=at)
    forget_uploads(session, now=at)
    forget_stopped(session, now=at)
    forget_imports(session, now=at)
    forget_days(session, now=at)
    session.commit()
    while forget_consultants(session, now=at):
        session.commit()
    session.rollback()
    return report


def _lead_is_due(at: datetime) -> ColumnElement[bool]:
    """Whether a lead is past its term, for each status that has one; promoted leads have none."""
    since = func.coalesce(Lead.decided_at, Lead.opened_at)
    over = Lead.opened_at <= at - timedelta(days=SNOOZED_DAYS)
    shared = exists().where(Share.lead_id == Lead.id, Share.status != ShareStatus.WITHDRAWN)
    unseen = and_(Lead.assignee_id.is_(None), Lead.woken_at.is_(None), ~shared)
    return or_(
        # One that came back by an undo has its days from then on, also past those of a reviewed one.
        and_(
            Lead.status == LeadStatus.OPEN,
            since <= at - timedelta(days=UNREVIEWED_DAYS),
            or_(unseen, over),
        ),
        # One that woke and was left alone since has not.
        and_(Lead.status == LeadStatus.OPEN, Lead.woken_at == Lead.decided_at, over),
        and_(Lead.status == LeadStatus.REJECTED, since <= at - timedelta(days=REJECTED_DAYS)),
        and_(
            Lead.status.in_([LeadStatus.KNOWN, LeadStatus.MERGED]), since <= at - timedelta(days=SETTLED_DAYS)
        ),
        and_(Lead.status == LeadStatus.SNOOZED, over),
        Lead.status.in_([LeadStatus.WITHDRAWN, LeadStatus.EXPIRED]),
        # Promoted while all its items went at their source; that was undone, and nothing is left to look at.
        and_(
            Lead.status.in_([LeadStatus.OPEN, LeadStatus.SNOOZED]),
            Lead.source_gone_at.is_not(None),
            Lead.title == "",
            Lead.snippet == "",
        ),
    )


def _purge_leads(session: Session, at: datetime) -> int:
    done = last = 0
    while True:
        leads = session.scalars(
            select(Lead)
            # From where it was: the leads before are not read again for each batch.
            .where(Lead.id > last, Lead.purged_at.is_(None), _lead_is_due(at))
            .order_by(Lead.id)
            .limit(BATCH)
            # Somebody may be deciding on one of them, or writing a note.
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).all()
        if not leads:
            session.rollback()
            return done
        last = leads[-1].id
        for lead in leads:
            if lead.status in (LeadStatus.OPEN, LeadStatus.SNOOZED):
                emptied = lead.source_gone_at is not None and not lead.title
                lead.status = LeadStatus.WITHDRAWN if emptied else LeadStatus.EXPIRED
            lead.title = ""
            lead.snippet = ""
            lead.initiative_name = lead.organisation_name = ""
            lead.purged_at = at
        session.flush()
        numbers = [lead.id for lead in leads]
        follow_purge(session, numbers, at)
        blank_notes(session, leads)
        alone = select(LeadItem.item_id).where(LeadItem.lead_id.in_(numbers), ~_lives(LeadItem.item_id))
        blank_items(session, session.scalars(alone).all(), at)
        session.commit()
        done += len(leads)


def _lives(item_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether an item is in a lead that still lives; asked of each by itself, for few are asked about."""
    beside = aliased(LeadItem)
    lead = aliased(Lead)
    return (
        select(beside.lead_id)
        .join(lead, lead.id == beside.lead_id)
        .where(beside.item_id == item_id, lead.purged_at.is_(None))
        .exists()
    )


def blank_notes(session: Session, leads: Sequence[Lead]) -> None:
    """Texts of notes go with their lead; those of a merged one with the lead that it went into."""
    gone: set[int] = set()
    for lead in leads:
        root = lead.id if lead.merged_into_id is None else root_of(session, lead.id)
        if session.scalar(select(Lead.purged_at.is_not(None)).where(Lead.id == root)):
            gone |= {lead.id, *(stands_for(session, lead.id) if root == lead.id else ())}
    if gone:
        session.execute(
            update(LeadNote).where(LeadNote.lead_id.in_(gone), LeadNote.text != "").values(text="")
        )


def _purge_items_without_lead(session: Session, at: datetime) -> int:
    """Items that are in no lead that still lives go with the term of an unreviewed one."""
    done = last = 0
    while True:
        numbers = session.scalars(
            select(Item.id)
            .where(
                Item.id > last,
                Item.purged_at.is_(None),
                func.coalesce(Item.changed_at, Item.first_seen_at) <= at - timedelta(days=UNREVIEWED_DAYS),
                # Nor does an item that joined a lead whose own term had passed already.
                ~_lives(Item.id),
            )
            .order_by(Item.id)
            .limit(BATCH)
        ).all()
        if not numbers:
            session.rollback()
            return done
        last = numbers[-1]
        blank_items(session, numbers, at)
        session.commit()
        done += len(numbers)


def blank_items(session: Session, numbers: Sequence[int], at: datetime) -> None:
    """Take all words of these items away, and what leads to them; the caller commits."""
    if not numbers:
        return
    session.execute(delete(ItemText).where(ItemText.item_id.in_(numbers)))
    session.execute(
        update(Prediction)
        .where(Prediction.item_id.in_(numbers))
        .values(snippet="", evidence=[], sections=[], initiative_name="", organisation_name="")
    )
    session.execute(
        update(Item)
        .where(Item.id.in_(numbers))
        .values(url="", title="", published_raw="", native_id="", account_key=None, purged_at=at)
    )


def _purge_texts(session: Session, settings: Settings, at: datetime) -> int:
    limit = at - timedelta(days=settings.keep_text_days)
    done = 0
    while True:
        rows = session.execute(
            select(ItemText.item_id, ItemText.text)
            .join(Item, Item.id == ItemText.item_id)
            .where(func.coalesce(Item.changed_at, Item.first_seen_at) <= limit)
            .order_by(ItemText.item_id)
            .limit(BATCH)
        ).all()
        if not rows:
            session.rollback()
            return done
        keep_shingles(session, settings, {row.item_id: row.text for row in rows})
        session.execute(delete(ItemText).where(ItemText.item_id.in_([row.item_id for row in rows])))
        session.commit()
        done += len(rows)


def keep_shingles(session: Session, settings: Settings, texts: dict[int, str]) -> None:
    """Add the shingles of these items' texts to their promoted leads, before the texts go.

    Args:
        texts: item id -> full text.
    """
    links = session.execute(
        select(LeadItem.lead_id, LeadItem.item_id)
        .join(Lead, Lead.id == LeadItem.lead_id)
        .where(LeadItem.item_id.in_(texts), Lead.status == LeadStatus.PROMOTED)
    ).all()
    for lead_id, item_id in links:
        hashes = shingle_hashes(settings.effective_secret_key, texts[item_id])
        row = session.get(LeadShingles, lead_id)
        if row is None:
            session.add(LeadShingles(lead_id=lead_id, hashes=pack(hashes)))
        else:
            row.hashes = pack(hashes | unpack(row.hashes))
    session.flush()


def _purge_runs(session: Session, at: datetime) -> int:
    old = session.scalars(select(Run.id).where(Run.started_at <= at - timedelta(days=RUN_DAYS))).all()
    for start in range(0, len(old), BATCH):
        session.execute(delete(Run).where(Run.id.in_(old[start : start + BATCH])))
        session.commit()
    session.rollback()
    return len(old)

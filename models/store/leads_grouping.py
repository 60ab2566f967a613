"""Bringing items together into leads: what waits for it, and writing what was decided.

The caller commits after each item, so that a lead, its item and the mark that the item was grouped
come or stay away together. What a person decided is never changed here: a decided lead takes
further items in silence, and an item stays in the lead where it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from models.item import Item
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.words import LeadStatus

#: Leads nobody has decided on: only these follow their best item.
UNDECIDED = (LeadStatus.OPEN, LeadStatus.SNOOZED)
#: Leads that are over without anybody having looked: news about them opens a new one.
OVER = (LeadStatus.EXPIRED, LeadStatus.WITHDRAWN)
#: Characters at most of the title of a lead whose best item has none: its first words.
TITLE_LENGTH = 80
#: Sketches read at a time.
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """One item that waits: flagged, or changed while it stood in a lead."""

    id: int
    #: What was looked at; the item may change in the meantime.
    content_hash: str
    #: Reference time: published, else first seen.
    at: datetime
    title: str
    #: Empty when the text is gone already.
    text: str
    #: From its newest estimate.
    municipality_code: str | None
    place_key: str | None
    theme: str | None


class Grouped(StrEnum):
    """What became of one item."""

    OPENED = "opened"
    EXTENDED = "extended"
    KEPT = "kept"  # changed, and stayed in its lead
    SKIPPED = "skipped"  # changed or purged since it was read: it waits again, or never will


def ungrouped(session: Session) -> list[int]:
    """Ids of the items that wait, in the order in which they are to be grouped.

    That order, by reference time and then address, is the same in every run, so that a run that was
    broken off goes on as it would have done.
    """
    current = and_(
        Item.purged_at.is_(None),
        Item.flagged_hash == Item.content_hash,
        or_(Item.grouped_hash.is_(None), Item.grouped_hash != Item.content_hash),
    )
    at = func.coalesce(Item.published_at, Item.first_seen_at)
    flagged = (
        select(Item.id, at.label("at"), Item.url_key, Prediction.id.label("prediction"))
        .join(Prediction, Prediction.item_id == Item.id)
        .where(current, Prediction.flagged, Prediction.content_hash == Item.content_hash)
    )
    in_lead = select(Item.id, at.label("at"), Item.url_key).where(
        current, Item.id.in_(select(LeadItem.item_id))
    )
    waiting = {row.id: (row.at, row.url_key) for row in session.execute(in_lead)}
    candidates = {row.id: (row.at, row.url_key) for row in session.execute(flagged)}
    for item_id, prediction in _newest(session, list(candidates)).items():
        # An older model may have flagged what the present one does not.
        if prediction.flagged:
            waiting[item_id] = candidates[item_id]
    return sorted(waiting, key=waiting.__getitem__)


def read_ungrouped(session: Session, ids: Sequence[int]) -> list[Ungrouped]:
    """Details of waiting items, in the order of ``ids``; those that changed meanwhile are left out."""
    rows = session.execute(
        select(Item, ItemText.text).outerjoin(ItemText, ItemText.item_id == Item.id).where(Item.id.in_(ids))
    ).all()
    newest = _newest(session, ids)
    found: dict[int, Ungrouped] = {}
    for item, text in rows:
        prediction = newest.get(item.id)
        if prediction is not None and prediction.content_hash == item.content_hash:
            found[item.id] = Ungrouped(
                id=item.id,
                content_hash=item.content_hash,
                at=item.published_at or item.first_seen_at,
                title=item.title,
                text=text or "",
                municipality_code=prediction.municipality_code,
                place_key=prediction.place_key,
                theme=prediction.theme,
            )
    return [found[item_id] for item_id in ids if item_id in found]


def sketches_between(session: Session, start: datetime, end: datetime) -> Iterator[ItemSketch]:
    """Sketches of items with a reference time from ``start`` to ``end``, by id of the item."""
    query = (
        select(ItemSketch).where(ItemSketch.at >= start, ItemSketch.at <= end).order_by(ItemSketch.item_id)
    )
    for row in session.scalars(query.execution_options(yield_per=CHUNK)):
        yield row
        session.expunge(row)


def times(session: Session, ids: Sequence[int], margin: timedelta) -> tuple[datetime, datetime] | None:
    """From the earliest to the latest reference time of these items, widened by ``margin`` at both ends."""
    at = func.coalesce(Item.published_at, Item.first_seen_at)
    found = [
        moment
        for start in range(0, len(ids), CHUNK)
        for moment in session.scalars(select(at).where(Item.id.in_(ids[start : start + CHUNK])))
    ]
    return (min(found) - margin, max(found) + margin) if found else None


def put_item(
    session: Session,
    item: Ungrouped,
    sketch: ItemSketch,
    matches: Sequence[tuple[int, str]],
    *,
    now: datetime,
) -> Grouped:
    """Put one item into its lead and mark it as grouped; the caller commits.

    Args:
        sketch: of this very item, replaces an earlier one.
        matches: items about the same initiative with the reason, best first. The first that stands in
            a lead which still takes items decides; without one a new lead is opened.
    """
    row = session.get(Item, item.id, with_for_update=True, populate_existing=True)
    if row is None or row.content_hash != item.content_hash or row.purged_at is not None:
        return Grouped.SKIPPED
    session.execute(delete(ItemSketch).where(ItemSketch.item_id == item.id))
    session.add(sketch)
    row.grouped_hash = item.content_hash
    own = session.scalars(select(LeadItem.lead_id).where(LeadItem.item_id == item.id)).all()
    if own:
        for lead_id in own:
            _follow_best_item(session, _locked(session, lead_id))
        session.flush()
        return Grouped.KEPT
    for other, why in matches:
        lead = _lead_of(session, other)
        if lead is not None:
            session.add(LeadItem(lead_id=lead.id, item_id=item.id, added_at=now, why=why))
            lead.extended_at = now
            session.flush()
            _follow_best_item(session, lead)
            session.flush()
            return Grouped.EXTENDED
    lead = Lead(title="", score=0.0, opened_at=now, extended_at=now)
    session.add(lead)
    session.flush()
    session.add(LeadItem(lead_id=lead.id, item_id=item.id, added_at=now, why="first"))
    session.flush()
    _follow_best_item(session, lead)
    session.flush()
    return Grouped.OPENED


def _locked(session: Session, lead_id: int) -> Lead:
    """The lead, held until the transaction ends: somebody may be deciding on it."""
    lead = session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    assert lead is not None  # a foreign key points at it
    return lead


def _lead_of(session: Session, item_id: int) -> Lead | None:
    """The lead to join for whoever is about the same as ``item_id``: where merges lead to; None if over."""
    for lead_id in session.scalars(
        select(LeadItem.lead_id)
        .where(LeadItem.item_id == item_id)
        .order_by(LeadItem.added_at, LeadItem.lead_id)
    ):
        lead = _locked(session, lead_id)
        passed = {lead.id}
        while lead.merged_into_id is not None and lead.merged_into_id not in passed:
            lead = _locked(session, lead.merged_into_id)
            passed.add(lead.id)
        if lead.status not in OVER:
            return lead
    return None


def _follow_best_item(session: Session, lead: Lead) -> None:
    """Give an undecided lead title, snippet, theme, score and place of its best item."""
    if lead.status not in UNDECIDED or lead.purged_at is not None:
        return
    items = session.scalars(
        select(Item)
        .join(LeadItem, LeadItem.item_id == Item.id)
        .where(LeadItem.lead_id == lead.id, Item.purged_at.is_(None))
    ).all()
    newest = _newest(session, [item.id for item in items])
    ranked = sorted(
        (item for item in items if item.id in newest),
        key=lambda item: (-newest[item.id].score, item.published_at or item.first_seen_at, item.url_key),
    )
    if not ranked:
        return
    best = ranked[0]
    estimate = newest[best.id]
    title = best.title or _first_words(session, best.id)
    lead.title = title or lead.title
    lead.snippet = estimate.snippet
    lead.score = estimate.score
    lead.theme = estimate.theme
    # A copy on a site of nowhere may score best; the place then comes from the next item that has one.
    located = next((newest[item.id] for item in ranked if newest[item.id].municipality_code), estimate)
    lead.municipality_code = located.municipality_code
    lead.place_key = located.place_key


def _first_words(session: Session, item_id: int) -> str:
    text = " ".join((session.scalar(select(ItemText.text).where(ItemText.item_id == item_id)) or "").split())
    if len(text) <= TITLE_LENGTH:
        return text
    return text[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:-–") + " …"


def _newest(session: Session, ids: Sequence[int]) -> dict[int, Prediction]:
    """The newest estimate of each of these items."""
    newest: dict[int, Prediction] = {}
    for start in range(0, len(ids), CHUNK):
        for prediction in session.scalars(
            select(Prediction)
            .where(Prediction.item_id.in_(ids[start : start + CHUNK]))
            .order_by(Prediction.id)
        ):
            newest[prediction.item_id] = prediction
    return newest

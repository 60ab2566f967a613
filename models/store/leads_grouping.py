"""Bringing items together into leads: what waits for it, and writing what was decided.

The caller commits after each item, so that a lead, its item and the mark that the item was grouped
come or stay away together. What a person decided is never changed here: a decided lead takes
further items in silence, and an item stays in the lead where it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from models.item import Item
from models.item_section import ItemSection
from models.item_sketch import ItemSketch
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.store.leads_apart import apart_from, keep_apart, lock_leads, root_of
from models.store.leads_follow import follow_best_item, newest_estimates, tell_again
from models.store.waking import wake_for_news
from models.words import LeadStatus

#: Leads that are over without anybody having looked: news about them opens a new one.
OVER = (LeadStatus.EXPIRED, LeadStatus.WITHDRAWN)
#: Sketches read at a time.
CHUNK = 1000


#: One text that is grouped: id of the item, and number of the section (0 = the whole text).
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """One text to be grouped: the whole item, or one section of a round-up."""

    #: 0 = the whole item.
    number: int
    title: str
    #: Empty when the text is gone already.
    text: str
    municipality_code: str | None
    place_key: str | None
    theme: str | None


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """One item that waits: flagged, drawn, or changed while it stood in a lead."""

    id: int
    #: What was looked at; the item may change in the meantime.
    content_hash: str
    #: Reference time: published, else first seen.
    at: datetime
    #: What is grouped, by its newest estimate: the whole item, or the sections of a round-up that are
    #: about initiatives.
    passages: tuple[Passage, ...]
    #: By its newest estimate: whether it reached the threshold, or else the chance it was drawn with.
    flagged: bool
    drawn: float | None


@dataclass(frozen=True, slots=True)
class Unit:
    """One passage with what grouping found out about it."""

    number: int
    #: Columns of its sketch (:class:`models.item_sketch.SketchColumns`).
    sketch: dict[str, Any]
    #: Texts of other items about the same initiative with the reason, best first.
    matches: Sequence[tuple[Key, str]] = ()
    #: Number of the passage that this one was before the item changed; None = none, or a new item.
    was: int | None = None
    #: Number of an earlier passage of the same item about the same initiative.
    like: int | None = None


class Grouped(StrEnum):
    """What became of one passage."""

    OPENED = "opened"
    EXTENDED = "extended"
    KEPT = "kept"  # its item stood in that lead already
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
    estimated = (
        select(Item.id, at.label("at"), Item.url_key)
        .join(Prediction, Prediction.item_id == Item.id)
        .where(current, Prediction.content_hash == Item.content_hash)
    )
    in_lead = select(Item.id, at.label("at"), Item.url_key).where(
        current, Item.id.in_(select(LeadItem.item_id))
    )
    waiting = {row.id: (row.at, row.url_key) for row in session.execute(in_lead)}
    candidates = {
        row.id: (row.at, row.url_key)
        # One after the other: each has an index of its own.
        for chosen in (Prediction.flagged, Prediction.drawn.is_not(None))
        for row in session.execute(estimated.where(chosen))
    }
    for item_id, prediction in newest_estimates(session, list(candidates)).items():
        # An older model may have flagged what the present one does not.
        if prediction.flagged or prediction.drawn is not None:
            waiting[item_id] = candidates[item_id]
    return sorted(waiting, key=waiting.__getitem__)


def read_ungrouped(session: Session, ids: Sequence[int]) -> list[Ungrouped]:
    """Details of waiting items, in the order of ``ids``; those that changed meanwhile are left out."""
    rows = session.execute(
        select(Item, ItemText.text).outerjoin(ItemText, ItemText.item_id == Item.id).where(Item.id.in_(ids))
    ).all()
    newest = newest_estimates(session, ids)
    found: dict[int, Ungrouped] = {}
    for item, text in rows:
        prediction = newest.get(item.id)
        if prediction is not None and prediction.content_hash == item.content_hash:
            found[item.id] = Ungrouped(
                id=item.id,
                content_hash=item.content_hash,
                at=item.published_at or item.first_seen_at,
                passages=tuple(_passages(item, text or "", prediction)),
                flagged=prediction.flagged,
                drawn=None if prediction.flagged else prediction.drawn,
            )
    return [found[item_id] for item_id in ids if item_id in found]


def _passages(item: Item, text: str, estimate: Prediction) -> Iterator[Passage]:
    """Sections with text, else the whole item."""
    if not text or not estimate.sections:
        yield Passage(0, item.title, text, estimate.municipality_code, estimate.place_key, estimate.theme)
        return
    for section in estimate.sections:
        start, body, end = section["start"], section["body"], section["end"]
        yield Passage(
            section["number"],
            text[start:body].strip(),
            text[body:end].strip(),
            section["municipality_code"],
            section["place_key"],
            section["theme"],
        )


def sketches_between(
    session: Session, start: datetime, end: datetime
) -> Iterator[tuple[Key, ItemSketch | ItemSection]]:
    """Sketches of items with a reference time from ``start`` to ``end``, by id of the item."""
    whole = select(ItemSketch).where(ItemSketch.at >= start, ItemSketch.at <= end)
    for row in session.scalars(whole.order_by(ItemSketch.item_id).execution_options(yield_per=CHUNK)):
        yield (row.item_id, 0), row
        session.expunge(row)
    parts = select(ItemSection).where(ItemSection.at >= start, ItemSection.at <= end)
    order = (ItemSection.item_id, ItemSection.number)
    for part in session.scalars(parts.order_by(*order).execution_options(yield_per=CHUNK)):
        yield (part.item_id, part.number), part
        session.expunge(part)


def times(session: Session, ids: Sequence[int], margin: timedelta) -> tuple[datetime, datetime] | None:
    """From the earliest to the latest reference time of these items, widened by ``margin`` at both ends."""
    at = func.coalesce(Item.published_at, Item.first_seen_at)
    found = [
        moment
        for start in range(0, len(ids), CHUNK)
        for moment in session.scalars(select(at).where(Item.id.in_(ids[start : start + CHUNK])))
    ]
    return (min(found) - margin, max(found) + margin) if found else None


def put_item(session: Session, item: Ungrouped, units: Sequence[Unit], *, now: datetime) -> list[Grouped]:
    """Put the passages of one item into their leads and mark it as grouped; the caller commits.

    A passage goes into the lead of the best match that still takes items, never into one that a person
    told apart from a better match; without any a new lead is opened. A changed item stays in its leads.

    Args:
        units: its passages in order, all of them.

    Returns:
        What became of each passage.
    """
    # Others may refer to the item meanwhile: they hold a lead that is wanted below.
    row = session.get(Item, item.id, with_for_update={"key_share": True}, populate_existing=True)
    if row is None or row.content_hash != item.content_hash or row.purged_at is not None:
        return [Grouped.SKIPPED] * len(units)
    edited = row.grouped_hash is not None
    row.grouped_hash = item.content_hash
    placing = _Placing(session, item.id, units, now, drawn=item.drawn)
    found = [placing.place(unit) for unit in units]
    placing.keep_sketches(units)
    session.flush()
    for lead_id in sorted({*placing.own, *placing.leads.values()}):
        if item.flagged:
            # It would have come to light without any draw.
            placing.held[lead_id].drawn = None
        (tell_again if edited else follow_best_item)(session, placing.held[lead_id])
    session.flush()
    return found


class _Placing:
    """Finding the leads of one item's passages, one after another."""

    def __init__(
        self, session: Session, item_id: int, units: Sequence[Unit], now: datetime, *, drawn: float | None
    ) -> None:
        self.session, self.item_id, self.now, self.drawn = session, item_id, now, drawn
        self.before = {
            part.number: part
            for part in session.scalars(select(ItemSection).where(ItemSection.item_id == item_id))
        }
        #: The leads that the item stood in before, the first joined first.
        self.own: list[int] = _leads_of(session, [item_id]).get(item_id, [])
        #: Number of a passage -> its lead.
        self.leads: dict[int, int] = {}
        keys = {key for unit in units for key, _ in unit.matches}
        self.fed = _fed(session, keys)
        # Locked all at once, in order; a merge that came between is followed.
        candidates = {lead_id for leads in self.fed.values() for lead_id in leads}
        self.held = lock_leads(session, {*self.own, *(root_of(session, lead_id) for lead_id in candidates)})
        self.roots = {lead_id: root_of(session, lead_id) for lead_id in candidates}
        self.held |= lock_leads(session, set(self.roots.values()) - self.held.keys())

    def place(self, unit: Unit) -> Grouped:
        """Find or open the lead of one passage."""
        lead_id, outcome = self._kept(unit), Grouped.KEPT
        if lead_id is None:
            lead_id, why, over = self._joined(unit)
            if lead_id is None:
                lead, outcome = self._opened(over), Grouped.OPENED
                lead_id, why = lead.id, "first"
            if self._enter(lead_id, why) and outcome is Grouped.KEPT:
                outcome = Grouped.EXTENDED
        self.leads[unit.number] = lead_id
        return outcome

    def _kept(self, unit: Unit) -> int | None:
        """The lead in which this passage stands already."""
        if unit.like is not None:
            return self.leads[unit.like]
        if not self.own:
            return None
        if unit.was in self.before:
            return self.before[unit.was].lead_id
        # A text that is one again, or that no section looks like any more, stays where it was first.
        return self.own[0] if unit.number == 0 or unit.was is not None else None

    def _joined(self, unit: Unit) -> tuple[int | None, str, list[int]]:
        """The lead to join and why; and the leads that would have been better but are over."""
        over: list[int] = []
        barred: set[int] = set()
        for key, why in unit.matches:
            for lead_id in dict.fromkeys(self.roots[found] for found in self.fed.get(key, ())):
                if self.held[lead_id].status in OVER:
                    if lead_id not in over:
                        over.append(lead_id)
                        barred.update(apart_from(self.session, lead_id))
                elif lead_id not in barred:
                    return lead_id, why, over
        return None, "", over

    def _opened(self, over: Iterable[int]) -> Lead:
        """A new lead; it goes on where those that are over stopped, also in what it is kept apart from."""
        lead = Lead(title="", score=0.0, drawn=self.drawn, opened_at=self.now, extended_at=self.now)
        self.session.add(lead)
        self.session.flush()
        self.held[lead.id] = lead
        for before in over:
            for other_id, decision_id in apart_from(self.session, before).items():
                keep_apart(self.session, lead.id, other_id, decision_id)
        return lead

    def _enter(self, lead_id: int, why: str) -> bool:
        """Put the item into a lead; False when it stands there."""
        if self.session.get(LeadItem, (lead_id, self.item_id)) is not None:
            return False
        self.session.add(LeadItem(lead_id=lead_id, item_id=self.item_id, added_at=self.now, why=why))
        self.held[lead_id].extended_at = self.now
        wake_for_news(self.session, self.held[lead_id], now=self.now)
        self.session.flush()
        return True

    def keep_sketches(self, units: Sequence[Unit]) -> None:
        """Replace the sketches of the item; sections that are still there keep their id."""
        self.session.execute(delete(ItemSketch).where(ItemSketch.item_id == self.item_id))
        if [unit.number for unit in units] == [0] and len(self.own) <= 1:
            for part in self.before.values():
                self.session.delete(part)
            self.session.add(ItemSketch(item_id=self.item_id, **units[0].sketch))
            return
        left = dict(self.before)
        for unit in units:
            columns = {**unit.sketch, "number": unit.number, "lead_id": self.leads[unit.number]}
            if unit.was not in left:
                self.session.add(ItemSection(item_id=self.item_id, **columns))
                continue
            known = left.pop(unit.was)
            for name, value in columns.items():
                setattr(known, name, value)
        for part in left.values():
            self.session.delete(part)


def _leads_of(session: Session, items: Sequence[int]) -> dict[int, list[int]]:
    """Item -> the leads that it stands in, the first joined first."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(items), CHUNK):
        for item_id, lead_id in session.execute(
            select(LeadItem.item_id, LeadItem.lead_id)
            .where(LeadItem.item_id.in_(items[start : start + CHUNK]))
            .order_by(LeadItem.added_at, LeadItem.lead_id)
        ):
            found.setdefault(item_id, []).append(lead_id)
    return found


def _fed(session: Session, keys: Iterable[Key]) -> dict[Key, list[int]]:
    """Text -> the leads that it feeds: of a section one, of a whole item all that it stands in."""
    wanted = set(keys)
    items = sorted({item_id for item_id, _ in wanted})
    found: dict[Key, list[int]] = {
        (item_id, 0): leads for item_id, leads in _leads_of(session, items).items() if (item_id, 0) in wanted
    }
    for start in range(0, len(items), CHUNK):
        for item_id, number, lead_id in session.execute(
            select(ItemSection.item_id, ItemSection.number, ItemSection.lead_id).where(
                ItemSection.item_id.in_(items[start : start + CHUNK])
            )
        ):
            if (item_id, number) in wanted:
                found[item_id, number] = [lead_id]
    return found

"""Deletions at the source: which items it is to be asked about, and what follows from its answers.

An item goes after two answers that it is gone, at least an hour apart (:data:`CONFIRM`); an answer that it is
there takes the first one back, and one that says neither changes nothing. The caller commits.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.source import Source
from models.store.withdrawing import Withdrawn, hold_leads, withdraw
from models.words import LeadStatus, SourceKind

__all__ = [
    "DueItem",
    "Withdrawn",
    "due_items",
    "due_sources",
    "items_with_ids",
    "note_gone",
    "note_there",
    "note_unknown",
    "withdraw",
]

T = TypeVar("T")

#: Items of leads that wait for a decision are shown every day. Two hours less than a day, so that what is
#: gone has gone here within one: the second answer comes an hour after the first, and runs are hourly.
ASK_WAITING = timedelta(hours=22)
#: All others. Promoted leads are in staff's own words by then. Items without a lead are shown to nobody and
#: go after 30 days by themselves: weekly means four questions each at most, and daily would mean more
#: requests for these than for all the news.
ASK_OTHERS = timedelta(days=7)
#: Time between the two answers that an item is gone.
CONFIRM = timedelta(hours=1)
#: Values in one IN list.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class DueItem:
    """An item that its source is to be asked about."""

    id: int
    url: str
    #: See ``Item.native_id``.
    native_id: str


def due_sources(session: Session, now: datetime) -> set[str]:
    """Keys of the sources that are to be asked about any of their items.

    What people handed in is never asked about: whoever did so knows where it came from.
    """
    asked = select(Source.key).where(
        Source.kind != SourceKind.HANDIN,
        Source.enabled,
        Source.removed_at.is_(None),
        Source.paused.is_(None),
    )
    due = select(Item.source_key).where(_is_due(now), Item.source_key.in_(asked))
    return set(session.scalars(due.distinct()))


def due_items(session: Session, source_key: str, now: datetime, limit: int) -> list[DueItem]:
    """Items of one source that it is to be asked about.

    First those that it said once are gone, then those of leads that wait for a decision, of promoted ones,
    and the rest; of each sort the one asked about longest ago first.
    """
    order = case(
        (Item.gone_at.is_not(None), 0),
        (_of_leads(*_WAITING), 1),
        (_of_leads(LeadStatus.PROMOTED), 2),
        else_=3,
    )
    rows = session.execute(
        select(Item.id, Item.url, Item.native_id)
        .where(Item.source_key == source_key, _is_due(now))
        .order_by(order, _asked_at, Item.id)
        .limit(limit)
    )
    return [DueItem(*row) for row in rows]


_WAITING = (LeadStatus.OPEN, LeadStatus.SNOOZED)
#: When an item was asked about last; that it was gathered says the same.
_asked_at = func.coalesce(Item.checked_at, Item.first_seen_at)


def _of_leads(*statuses: LeadStatus) -> ColumnElement[bool]:
    return Item.id.in_(
        select(LeadItem.item_id)
        .join(Lead, Lead.id == LeadItem.lead_id)
        .where(Lead.status.in_(statuses), Lead.purged_at.is_(None))
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        Item.purged_at.is_(None),
        or_(
            and_(Item.gone_at.is_not(None), now - CONFIRM >= _asked_at),
            and_(now - ASK_WAITING >= _asked_at, _of_leads(*_WAITING)),
            now - ASK_OTHERS >= _asked_at,
        ),
    )


def items_with_ids(session: Session, source_key: str, external_keys: Collection[str]) -> list[int]:
    """Items of a source that still have content, by ``Item.external_key``."""
    return [
        item_id
        for chunk in _chunks(sorted(set(external_keys)))
        for item_id in session.scalars(
            select(Item.id).where(
                Item.source_key == source_key, Item.external_key.in_(chunk), Item.purged_at.is_(None)
            )
        )
    ]


def note_there(session: Session, item_ids: Collection[int], now: datetime) -> None:
    """The source says that these items are there; what it said before no longer counts."""
    _note(session, item_ids, {"checked_at": now, "gone_at": None})


def note_unknown(session: Session, item_ids: Collection[int], now: datetime) -> None:
    """The source was asked about these items, and can't or won't say."""
    _note(session, item_ids, {"checked_at": now})


def note_gone(session: Session, item_ids: Collection[int], now: datetime) -> list[int]:
    """The source says that these items are gone.

    Returns:
        Those of which it said so before, at least an hour ago: to be withdrawn in the same transaction
        (:func:`withdraw`).
    """
    first: list[int] = []
    again: list[int] = []
    if item_ids:
        hold_leads(session, item_ids)
    for chunk in _chunks(sorted(set(item_ids))):
        for item_id, gone_at in session.execute(
            select(Item.id, Item.gone_at)
            .where(Item.id.in_(chunk), Item.purged_at.is_(None))
            .order_by(Item.id)
            .with_for_update(key_share=True)
        ):
            if gone_at is None:
                first.append(item_id)
            elif gone_at <= now - CONFIRM:
                again.append(item_id)
            # Said twice within the hour it is one answer: it is asked again when the hour is over.
    _note(session, first, {"checked_at": now, "gone_at": now})
    return again


def _note(session: Session, item_ids: Collection[int], values: dict[str, datetime | None]) -> None:
    for chunk in _chunks(sorted(set(item_ids))):
        session.execute(update(Item).where(Item.id.in_(chunk), Item.purged_at.is_(None)).values(values))


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]

"""What lists of leads can be asked for: filters, orders, and what they mean as conditions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import InstrumentedAttribute

from models.base import utc_now
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.words import LeadStatus


class Order(StrEnum):
    """In which order leads are listed; the values stand in addresses."""

    MIXED = "gemengd"  # by turn: municipalities and kinds of leads in fair proportions
    SCORE = "score"  # best first
    NEWEST = "nieuwste"  # opened last first


#: What each order goes by, all of it highest first. The last one tells all leads apart.
ORDERS: dict[Order, tuple[InstrumentedAttribute[Any], ...]] = {
    Order.MIXED: (Lead.precedence, Lead.score, Lead.id),
    Order.SCORE: (Lead.score, Lead.id),
    Order.NEWEST: (Lead.opened_at, Lead.id),
}

#: The order of what was searched for: that in which the search index gives it, so that it can stop early.
FOUND = (Lead.id,)


@dataclass(frozen=True)
class Filter:
    """Which leads to list; what is left at its default filters nothing, but for the status."""

    status: LeadStatus = LeadStatus.OPEN
    #: CBS code; None = all that the viewer may see.
    municipality_code: str | None = None
    #: A place, with what lies in it.
    place_key: str | None = None
    #: Slug.
    theme: str | None = None
    #: From this score on, and below that one; 0.0 to 1.0.
    score_from: float | None = None
    score_below: float | None = None
    #: With at least one item of this source.
    source_key: str | None = None
    #: Opened in the last so many days.
    days: int | None = None
    #: Opened from this moment on.
    opened_from: datetime | None = None
    #: With at least one item that was published (else found) from this moment on.
    newest_from: datetime | None = None
    #: Account that has it in hand; 0 = nobody.
    assignee_id: int | None = None
    #: What somebody typed to search for; see :func:`models.search.read`.
    text: str = ""


def order_for(filter: Filter, wanted: Order) -> Order:
    """The order in which leads are listed with this filter; what is searched for comes newest first.

    A choice of scores is listed best first and a choice of ages newest first, whatever was asked for:
    those leads stand together in that order, so that a page is found without looking at the others.
    """
    if filter.text:
        return Order.NEWEST
    if filter.score_from is not None or filter.score_below is not None:
        return Order.SCORE
    return Order.NEWEST if (filter.days, filter.opened_from) != (None, None) else wanted


def columns_for(filter: Filter, order: Order) -> tuple[InstrumentedAttribute[Any], ...]:
    """What a list with this filter goes by, highest first."""
    return FOUND if filter.text else ORDERS[order]


def ranges(filter: Filter, lead: Any, *, only: str = "", but: str = "") -> list[ColumnElement[bool]]:
    """Conditions on score and age.

    Args:
        lead: columns to look at: ``Lead``, or something with the same names.
        only, but: ``score`` or ``opened_at``: of this one only, or not of this one.
    """
    found: dict[str, list[ColumnElement[bool]]] = {"score": [], "opened_at": []}
    if filter.score_from is not None:
        found["score"].append(lead.score >= filter.score_from)
    if filter.score_below is not None:
        found["score"].append(lead.score < filter.score_below)
    if filter.days is not None:
        found["opened_at"].append(lead.opened_at >= utc_now() - timedelta(days=filter.days))
    if filter.opened_from is not None:
        found["opened_at"].append(lead.opened_at >= filter.opened_from)
    return [one for name, some in found.items() if name != but and only in ("", name) for one in some]


def others(filter: Filter, places: Collection[str], lead: Any) -> list[ColumnElement[bool]]:
    """Conditions on place, theme, person, source and the date of items.

    Args:
        places: keys of the place asked for and what lies in it.
        lead: columns to look at: ``Lead``, or a selection with the same names.
    """
    found: list[ColumnElement[bool]] = []
    if filter.place_key is not None:
        found.append(lead.place_key.in_(sorted(places)) if places else false())
    if filter.theme is not None:
        found.append(lead.theme == filter.theme)
    if filter.assignee_id is not None:
        found.append(
            lead.assignee_id == filter.assignee_id if filter.assignee_id else lead.assignee_id.is_(None)
        )
    if filter.source_key is not None:
        found.append(
            select(LeadItem.lead_id)
            .join(Item, Item.id == LeadItem.item_id)
            .where(LeadItem.lead_id == lead.id, Item.source_key == filter.source_key)
            .exists()
        )
    if filter.newest_from is not None:
        seen_at = func.coalesce(Item.published_at, Item.first_seen_at)
        found.append(
            select(LeadItem.lead_id)
            .join(Item, Item.id == LeadItem.item_id)
            .where(LeadItem.lead_id == lead.id, seen_at >= filter.newest_from)
            .exists()
        )
    return found


def facets(filter: Filter, code: str | None, places: Collection[str]) -> list[tuple[str, ...]]:
    """The filter as facets of the search index: of each, one of these must be there.

    Args:
        code: municipality to keep to; None = all.
    """
    found: list[tuple[str, ...]] = [(f"s:{filter.status.value}",)]
    if code is not None:
        found.append((f"m:{code}",))
    if filter.place_key is not None:
        found.append(tuple(f"p:{key.replace(' ', '_')}" for key in sorted(places)))
    if filter.theme is not None:
        found.append((f"t:{filter.theme}",))
    if filter.assignee_id is not None:
        found.append((f"a:{filter.assignee_id}",))
    return found + source_facets(filter)


def source_facets(filter: Filter) -> list[tuple[str, ...]]:
    """What of these facets is about the source."""
    return [(f"b:{filter.source_key}",)] if filter.source_key is not None else []

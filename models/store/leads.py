"""Reading leads: the queue, one lead with its items, and its history.

Every function takes a :class:`models.store.viewer.Viewer` and shows only what it may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.account import Account
from models.decision import Decision
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.place import Place
from models.prediction import Prediction
from models.source import Source
from models.store.viewer import Viewer
from models.words import DecisionKind, LeadStatus

#: Leads on one page of the queue.
PAGE_SIZE = 25


class LeadNotFoundError(Exception):
    """No lead with this number that this viewer may see."""


class Order(StrEnum):
    """In which order leads are listed; the values stand in addresses."""

    MIXED = "gemengd"  # by turn: municipalities and kinds of leads in fair proportions
    SCORE = "score"  # best first


#: What each order goes by, all of it highest first. The last one tells all leads apart.
ORDERS: dict[Order, tuple[InstrumentedAttribute[Any], ...]] = {
    Order.MIXED: (Lead.precedence, Lead.score, Lead.id),
    Order.SCORE: (Lead.score, Lead.id),
}


@dataclass(frozen=True)
class Cursor:
    """Where a page of the queue begins or ends: score, number and place of the lead there."""

    score: float
    lead_id: int
    #: ``Lead.precedence``; counts in the mixed order only.
    precedence: int = 0


@dataclass(frozen=True)
class Filter:
    """Which leads to list."""

    status: LeadStatus = LeadStatus.OPEN
    #: CBS code; None = all that the viewer may see.
    municipality_code: str | None = None


@dataclass(frozen=True)
class LeadRow:
    """One lead as lists show it."""

    id: int
    status: LeadStatus
    #: Empty after purging.
    title: str
    #: At most 150 characters; empty after purging.
    snippet: str
    municipality_code: str | None
    municipality: str | None
    place: str | None
    theme: str | None
    score: float
    opened_at: datetime
    version: int
    place_key: str | None = None
    purged_at: datetime | None = None
    #: Drawn at random from what scored too low, with this chance; None = it scored high enough.
    drawn: float | None = None
    precedence: int = 0
    #: What its best item calls the initiative and the organisation behind it; empty when it does not say.
    initiative_name: str = ""
    organisation_name: str = ""
    #: How many items and how many different sources, and the date of the newest item.
    items: int = 0
    sources: int = 0
    newest_at: datetime | None = None
    #: Of its best item: ``[{"reason", "start", "end", "weight"}]``, offsets in ``snippet``.
    evidence: list[dict[str, Any]] = field(default_factory=list)
    #: How likely its theme is among all, 0.0 to 1.0; 0.0 = not known.
    theme_score: float = 0.0

    @property
    def cursor(self) -> Cursor:
        """Its place in a list."""
        return Cursor(self.score, self.id, self.precedence)


@dataclass(frozen=True)
class LeadPage:
    """One page of leads with where the neighbouring pages begin (None = there are none)."""

    rows: list[LeadRow]
    before: Cursor | None
    after: Cursor | None


@dataclass(frozen=True)
class ItemRow:
    """One item of a lead. Title and address are empty after purging."""

    id: int
    title: str
    url: str
    source: str
    published_at: datetime | None
    first_seen_at: datetime
    why: str


@dataclass(frozen=True)
class LogEntry:
    """One decision as the history shows it."""

    id: int
    kind: DecisionKind
    old_status: LeadStatus
    new_status: LeadStatus
    reason: str
    note: str
    made_at: datetime
    account_id: int
    #: Name of who decided, else the e-mail address.
    by: str
    undoes_id: int | None
    initiative_id: int | None
    #: Another decision has undone this one.
    undone: bool


def _rows(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Lead.id,
            Lead.status,
            Lead.title,
            Lead.snippet,
            Lead.municipality_code,
            Municipality.name,
            Place.name,
            Lead.theme,
            Lead.score,
            Lead.opened_at,
            Lead.version,
            Lead.place_key,
            Lead.purged_at,
            Lead.drawn,
            Lead.precedence,
            Lead.initiative_name,
            Lead.organisation_name,
        )
        .join_from(Lead, Municipality, Lead.municipality_code == Municipality.code, isouter=True)
        .join(Place, Lead.place_key == Place.key, isouter=True)
        .where(viewer.scope(Lead.municipality_code))
    )


def _matching(filter: Filter) -> ColumnElement[bool]:
    wanted = Lead.status == filter.status
    if filter.municipality_code is not None:
        wanted = and_(wanted, Lead.municipality_code == filter.municipality_code)
    return wanted


def _values(cursor: Cursor, order: Order) -> tuple[float, ...]:
    place = (cursor.score, cursor.lead_id)
    return (cursor.precedence, *place) if order is Order.MIXED else place


def _below(cursor: Cursor, order: Order) -> ColumnElement[bool]:
    # Compared as one row of values: an index takes that at once, however far down the list.
    return tuple_(*ORDERS[order]) < tuple_(*_values(cursor, order))


def _above(cursor: Cursor, order: Order) -> ColumnElement[bool]:
    return tuple_(*ORDERS[order]) > tuple_(*_values(cursor, order))


def lead_page(
    session: Session,
    viewer: Viewer,
    filter: Filter,
    *,
    order: Order = Order.SCORE,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> LeadPage:
    """One page of leads; of those with the same place the best, of equal ones the newest first.

    Args:
        after: show what comes below this place in the list.
        before: show what comes just above it instead.
    """
    query = _rows(viewer).where(_matching(filter)).limit(limit + 1)
    if before is not None:
        query = query.where(_above(before, order)).order_by(*ORDERS[order])
    else:
        query = query.where(_below(after, order) if after else true()).order_by(*_first_to_last(order))
    found = [LeadRow(*row) for row in session.execute(query)]
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    rows = _with_details(session, found)
    first = rows[0].cursor if rows else None
    last = rows[-1].cursor if rows else None
    return LeadPage(
        rows=rows,
        before=first if (more if before is not None else after is not None) else None,
        after=last if (before is not None or more) else None,
    )


def _first_to_last(order: Order) -> list[ColumnElement[Any]]:
    return [column.desc() for column in ORDERS[order]]


def get_lead(session: Session, viewer: Viewer, lead_id: int) -> LeadRow:
    """One lead as shown.

    Raises:
        LeadNotFoundError: it does not exist, or is not for this viewer.
    """
    row = session.execute(_rows(viewer).where(Lead.id == lead_id)).one_or_none()
    if row is None:
        raise LeadNotFoundError(f"there is no lead {lead_id}")
    return _with_details(session, [LeadRow(*row)])[0]


def _with_details(session: Session, rows: Sequence[LeadRow]) -> list[LeadRow]:
    """Add what comes from the items, in a few queries for all rows together."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    seen_at = func.coalesce(Item.published_at, Item.first_seen_at)
    counts = {
        lead_id: (items, sources, newest)
        for lead_id, items, sources, newest in session.execute(
            select(
                LeadItem.lead_id,
                func.count(Item.id),
                func.count(Item.source_key.distinct()),
                func.max(seen_at),
            )
            .join(Item, Item.id == LeadItem.item_id)
            .where(LeadItem.lead_id.in_(ids))
            .group_by(LeadItem.lead_id)
        )
    }
    evidence = _evidence(session, {row.id: row.snippet for row in rows})
    detailed = []
    for row in rows:
        items, sources, newest_at = counts.get(row.id, (0, 0, None))
        reasons, theme, theme_score = evidence.get(row.id, ([], None, 0.0))
        detailed.append(
            replace(
                row,
                items=items,
                sources=sources,
                newest_at=newest_at,
                evidence=reasons,
                theme_score=theme_score if theme == row.theme else 0.0,
            )
        )
    return detailed


def _evidence(
    session: Session, snippets: dict[int, str]
) -> dict[int, tuple[list[dict[str, Any]], str | None, float]]:
    """Evidence, theme and its score of the prediction that each lead's snippet came from.

    It is that one and no other, so that the offsets fit; of a round-up, the section.
    """
    found: dict[int, tuple[list[dict[str, Any]], str | None, float]] = {}
    # Newest last, so that the newest prediction with this very snippet wins.
    for lead_id, snippet, sections, *told in session.execute(
        select(
            LeadItem.lead_id,
            Prediction.snippet,
            Prediction.sections,
            Prediction.evidence,
            Prediction.theme,
            Prediction.theme_score,
        )
        .join(Prediction, Prediction.item_id == LeadItem.item_id)
        .where(LeadItem.lead_id.in_(list(snippets)), or_(Prediction.flagged, Prediction.drawn.is_not(None)))
        .order_by(Prediction.id)
    ):
        if snippet == snippets[lead_id]:
            evidence, theme, theme_score = told
            found[lead_id] = evidence, theme, theme_score
        for section in sections:
            if section["snippet"] == snippets[lead_id]:
                found[lead_id] = section["evidence"], section["theme"], section["theme_score"]
    return found


def lead_items(session: Session, lead_id: int) -> list[ItemRow]:
    """Items of a lead, newest first. Ask :func:`get_lead` first whether the viewer may see it."""
    seen_at = func.coalesce(Item.published_at, Item.first_seen_at)
    return [
        ItemRow(*row)
        for row in session.execute(
            select(
                Item.id,
                Item.title,
                Item.url,
                Source.title,
                Item.published_at,
                Item.first_seen_at,
                LeadItem.why,
            )
            .join_from(LeadItem, Item, Item.id == LeadItem.item_id)
            .join(Source, Source.key == Item.source_key)
            .where(LeadItem.lead_id == lead_id)
            .order_by(seen_at.desc(), Item.id.desc())
        )
    ]


def next_lead(
    session: Session,
    viewer: Viewer,
    *,
    after: Cursor | None,
    municipality_code: str | None = None,
    order: Order = Order.SCORE,
) -> int | None:
    """Number of the open lead to show next: the first one below ``after``, else the first of all."""
    wanted = (
        select(Lead.id)
        .where(viewer.scope(Lead.municipality_code), _matching(Filter(LeadStatus.OPEN, municipality_code)))
        .order_by(*_first_to_last(order))
        .limit(1)
    )
    if after is not None:
        below = session.scalar(wanted.where(_below(after, order)))
        if below is not None:
            return below
    return session.scalar(wanted)


def count_by_status(
    session: Session, viewer: Viewer, *, municipality_code: str | None = None
) -> dict[LeadStatus, int]:
    """How many leads there are of each status; a status without leads is left out."""
    query = (
        select(Lead.status, func.count().label("count"))
        .where(viewer.scope(Lead.municipality_code))
        .group_by(Lead.status)
    )
    if municipality_code is not None:
        query = query.where(Lead.municipality_code == municipality_code)
    found = session.execute(query).all()
    return {status: number for status, number in found}  # noqa: C416 - rows are not pairs to mypy


def municipalities_with_leads(
    session: Session, viewer: Viewer, status: LeadStatus
) -> list[tuple[str, str, int]]:
    """Code, name and number of leads of each municipality that has leads of this status, by name."""
    # Counted before names are looked up: an index alone answers that.
    counts = (
        select(Lead.municipality_code.label("code"), func.count().label("leads"))
        .where(Lead.status == status, viewer.scope(Lead.municipality_code))
        .group_by(Lead.municipality_code)
        .subquery()
    )
    return [
        (code, name, count)
        for code, name, count in session.execute(
            select(Municipality.code, Municipality.name, counts.c.leads)
            .join(counts, counts.c.code == Municipality.code)
            .order_by(Municipality.name)
        )
    ]


def decision_log(session: Session, lead_id: int, *, decision_id: int | None = None) -> list[LogEntry]:
    """Decisions on a lead, oldest first.

    Args:
        decision_id: only this one.
    """
    undoing = aliased(Decision)
    query = (
        select(
            Decision.id,
            Decision.kind,
            Decision.old_status,
            Decision.new_status,
            Decision.reason,
            Decision.note,
            Decision.made_at,
            Decision.account_id,
            func.coalesce(func.nullif(Account.name, ""), Account.email),
            Decision.undoes_id,
            Decision.initiative_id,
            undoing.id.is_not(None),
        )
        .join_from(Decision, Account, Account.id == Decision.account_id)
        .join(undoing, undoing.undoes_id == Decision.id, isouter=True)
        .where(Decision.lead_id == lead_id)
        .order_by(Decision.id)
    )
    if decision_id is not None:
        query = query.where(Decision.id == decision_id)
    return [LogEntry(*row) for row in session.execute(query)]

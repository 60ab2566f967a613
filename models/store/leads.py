"""Reading leads: the queue, one lead with its items, and its history.

Every function takes a :class:`models.store.viewer.Viewer` and shows only what it may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

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


@dataclass(frozen=True)
class Cursor:
    """Where a page of the queue begins or ends: score and number of the lead there."""

    score: float
    lead_id: int


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
    #: How many items and how many different sources, and the date of the newest item.
    items: int = 0
    sources: int = 0
    newest_at: datetime | None = None
    #: Of its best item: ``[{"reason", "start", "end", "weight"}]``, offsets in ``snippet``.
    evidence: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class LeadPage:
    """One page of leads, best first, with where the neighbouring pages begin (None = there are none)."""

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


def _below(cursor: Cursor) -> ColumnElement[bool]:
    return or_(Lead.score < cursor.score, and_(Lead.score == cursor.score, Lead.id < cursor.lead_id))


def _above(cursor: Cursor) -> ColumnElement[bool]:
    return or_(Lead.score > cursor.score, and_(Lead.score == cursor.score, Lead.id > cursor.lead_id))


def lead_page(
    session: Session,
    viewer: Viewer,
    filter: Filter,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> LeadPage:
    """One page of leads, best score first; of equal ones the newest first.

    Args:
        after: show what comes below this place in the list.
        before: show what comes just above it instead.
    """
    query = _rows(viewer).where(_matching(filter)).limit(limit + 1)
    if before is not None:
        query = query.where(_above(before)).order_by(Lead.score, Lead.id)
    else:
        query = query.where(_below(after) if after else true()).order_by(Lead.score.desc(), Lead.id.desc())
    found = [LeadRow(*row) for row in session.execute(query)]
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    rows = _with_details(session, found)
    first = Cursor(rows[0].score, rows[0].id) if rows else None
    last = Cursor(rows[-1].score, rows[-1].id) if rows else None
    return LeadPage(
        rows=rows,
        before=first if (more if before is not None else after is not None) else None,
        after=last if (before is not None or more) else None,
    )


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
    """Add what comes from the items, in two queries for all rows together."""
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
        detailed.append(
            replace(row, items=items, sources=sources, newest_at=newest_at, evidence=evidence.get(row.id, []))
        )
    return detailed


def _evidence(session: Session, snippets: dict[int, str]) -> dict[int, list[dict[str, Any]]]:
    """Evidence of the prediction that each lead's snippet came from, so that the offsets fit."""
    found: dict[int, list[dict[str, Any]]] = {}
    # Newest last, so that the newest prediction with this very snippet wins.
    for lead_id, snippet, evidence in session.execute(
        select(LeadItem.lead_id, Prediction.snippet, Prediction.evidence)
        .join(Prediction, Prediction.item_id == LeadItem.item_id)
        .where(LeadItem.lead_id.in_(list(snippets)), Prediction.flagged)
        .order_by(Prediction.id)
    ):
        if snippet == snippets[lead_id]:
            found[lead_id] = evidence
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
    session: Session, viewer: Viewer, *, after: Cursor | None, municipality_code: str | None = None
) -> int | None:
    """Number of the open lead to show next: the best one below ``after``, else the best of all."""
    wanted = (
        select(Lead.id)
        .where(viewer.scope(Lead.municipality_code), _matching(Filter(LeadStatus.OPEN, municipality_code)))
        .order_by(Lead.score.desc(), Lead.id.desc())
        .limit(1)
    )
    if after is not None:
        below = session.scalar(wanted.where(_below(after)))
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
    return [
        (code, name, count)
        for code, name, count in session.execute(
            select(Municipality.code, Municipality.name, func.count())
            .join_from(Lead, Municipality, Lead.municipality_code == Municipality.code)
            .where(Lead.status == status, viewer.scope(Lead.municipality_code))
            .group_by(Municipality.code, Municipality.name)
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

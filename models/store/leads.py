"""Reading leads: what is shown of one, its items and its history; lists are in ``leads_list``.

What is shown to somebody goes through a :class:`models.store.viewer.Viewer`, and is only what it may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select
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


class LeadNotFoundError(Exception):
    """No lead with this number that this viewer may see."""


@dataclass(frozen=True)
class Cursor:
    """Where a page of a list begins or ends: score, number and place of the lead there."""

    score: float
    lead_id: int
    #: ``Lead.precedence``; counts in the mixed order only.
    precedence: int = 0


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
    #: Who has it in hand, and that person's name (else e-mail address); None = nobody.
    assignee_id: int | None = None
    assignee: str | None = None
    #: Snoozed: when it comes back, and whether it does as soon as something new joins.
    snoozed_until: datetime | None = None
    wake_on_news: bool = False
    #: When it came back by itself after it was snoozed last; None = it never did.
    woken_at: datetime | None = None
    #: When an item of it was deleted because its source had; None = none was.
    source_gone_at: datetime | None = None

    @property
    def cursor(self) -> Cursor:
        """Its place in a list."""
        return Cursor(self.score, self.id, self.precedence)


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
    #: Of a merge the lead that it went into, of a split the one that was split off.
    other_lead_id: int | None = None
    #: Of a snooze: until when, and whether until something new appears.
    snoozed_until: datetime | None = None
    wake_on_news: bool | None = None
    #: Shared by decisions that were taken in one go.
    batch: str | None = None


#: Field of :class:`LeadRow` -> what it is read from; the others come from its items.
COLUMNS: dict[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
    "id": Lead.id,
    "status": Lead.status,
    "title": Lead.title,
    "snippet": Lead.snippet,
    "municipality_code": Lead.municipality_code,
    "municipality": Municipality.name,
    "place": Place.name,
    "theme": Lead.theme,
    "score": Lead.score,
    "opened_at": Lead.opened_at,
    "version": Lead.version,
    "place_key": Lead.place_key,
    "purged_at": Lead.purged_at,
    "drawn": Lead.drawn,
    "precedence": Lead.precedence,
    "initiative_name": Lead.initiative_name,
    "organisation_name": Lead.organisation_name,
    "assignee_id": Lead.assignee_id,
    "assignee": func.coalesce(func.nullif(Account.name, ""), Account.email),
    "snoozed_until": Lead.snoozed_until,
    "wake_on_news": Lead.wake_on_news,
    "woken_at": Lead.woken_at,
    "source_gone_at": Lead.source_gone_at,
}


# Statements stand here once: putting one together takes longer than either database needs to answer it, and
# a page asks for some thirty.
_LEADS = (
    select(*(column.label(name) for name, column in COLUMNS.items()))
    .join_from(Lead, Municipality, Lead.municipality_code == Municipality.code, isouter=True)
    .join(Place, Lead.place_key == Place.key, isouter=True)
    .join(Account, Lead.assignee_id == Account.id, isouter=True)
    .where(Lead.id.in_(bindparam("leads", expanding=True)))
)
_SEEN_AT = func.coalesce(Item.published_at, Item.first_seen_at)
_COUNTS = (
    select(
        LeadItem.lead_id,
        func.count(Item.id),
        func.count(Item.source_key.distinct()),
        func.max(_SEEN_AT),
    )
    .join(Item, Item.id == LeadItem.item_id)
    .where(LeadItem.lead_id.in_(bindparam("leads", expanding=True)))
    .group_by(LeadItem.lead_id)
)
_EVIDENCE = (
    select(
        LeadItem.lead_id,
        Prediction.snippet,
        Prediction.sections,
        Prediction.evidence,
        Prediction.theme,
        Prediction.theme_score,
    )
    .join(Prediction, Prediction.item_id == LeadItem.item_id)
    .where(
        LeadItem.lead_id.in_(bindparam("leads", expanding=True)),
        or_(Prediction.flagged, Prediction.drawn.is_not(None)),
    )
    .order_by(Prediction.id)
)
_ITEMS = (
    select(
        LeadItem.lead_id,
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
    .where(LeadItem.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(_SEEN_AT.desc(), Item.id.desc())
)
_undoing = aliased(Decision)
_DECISIONS = (
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
        _undoing.id.is_not(None),
        Decision.other_lead_id,
        Decision.snoozed_until,
        Decision.wake_on_news,
        Decision.batch,
    )
    .join_from(Decision, Account, Account.id == Decision.account_id)
    .join(_undoing, _undoing.undoes_id == Decision.id, isouter=True)
    .where(Decision.lead_id == bindparam("lead"))
    .order_by(Decision.id)
)


def lead_rows(session: Session, viewer: Viewer, lead_ids: Sequence[int]) -> list[LeadRow]:
    """These leads in this order, with their details; those not for this viewer are left out."""
    if not lead_ids:
        return []
    query = _LEADS if viewer.decides else _LEADS.where(viewer.scope(Lead.municipality_code))
    found = {
        row["id"]: LeadRow(**row) for row in session.execute(query, {"leads": list(lead_ids)}).mappings()
    }
    return _with_details(session, [found[lead_id] for lead_id in lead_ids if lead_id in found])


def get_lead(session: Session, viewer: Viewer, lead_id: int) -> LeadRow:
    """One lead as shown.

    Raises:
        LeadNotFoundError: it does not exist, or is not for this viewer.
    """
    rows = lead_rows(session, viewer, [lead_id])
    if not rows:
        raise LeadNotFoundError(f"there is no lead {lead_id}")
    return rows[0]


def _with_details(session: Session, rows: Sequence[LeadRow]) -> list[LeadRow]:
    """Add what comes from the items, in a few queries for all rows together."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    counts = {
        lead_id: (items, sources, newest)
        for lead_id, items, sources, newest in session.execute(_COUNTS, {"leads": ids})
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
    rows = session.execute(_EVIDENCE, {"leads": list(snippets)})
    for lead_id, snippet, sections, *told in rows:
        if snippet == snippets[lead_id]:
            evidence, theme, theme_score = told
            found[lead_id] = evidence, theme, theme_score
        for section in sections:
            if section["snippet"] == snippets[lead_id]:
                found[lead_id] = section["evidence"], section["theme"], section["theme_score"]
    return found


def lead_items(session: Session, lead_id: int) -> list[ItemRow]:
    """Items of a lead, newest first. Ask :func:`get_lead` first whether the viewer may see it."""
    return items_of(session, [lead_id])[lead_id]


def items_of(session: Session, lead_ids: Sequence[int]) -> dict[int, list[ItemRow]]:
    """The same for several leads at once."""
    found: dict[int, list[ItemRow]] = {lead_id: [] for lead_id in lead_ids}
    for row in session.execute(_ITEMS, {"leads": list(lead_ids)}):
        found[row[0]].append(ItemRow(*row[1:]))
    return found


def decision_log(session: Session, lead_id: int, *, decision_id: int | None = None) -> list[LogEntry]:
    """Decisions on a lead, oldest first.

    Args:
        decision_id: only this one.
    """
    query = _DECISIONS
    if decision_id is not None:
        query = query.where(Decision.id == decision_id)
    return [LogEntry(*row) for row in session.execute(query, {"lead": lead_id})]

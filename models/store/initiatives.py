"""The register: reading it."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, false, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import ZONE
from models.initiative import Initiative
from models.lead import Lead
from models.municipality import Municipality
from models.place import Place
from models.search import read
from models.store.drafts import (
    HOURS,
    LIMITS,
    LINKS_LIMIT,
    InitiativeDraft,
    InvalidInitiativeError,
    Problem,
    check_draft,
    find_place,
    is_address,
    place_names,
)
from models.store.paging import newest_first
from models.store.search import matching_entries
from models.store.viewer import Viewer
from models.words import Informed, Phase

__all__ = [
    "HOURS",
    "LIMITS",
    "LINKS_LIMIT",
    "PAGE_SIZE",
    "InitiativeDraft",
    "InitiativeNotFoundError",
    "InitiativePage",
    "InitiativeRow",
    "InvalidInitiativeError",
    "Problem",
    "check_draft",
    "find_place",
    "get_initiative",
    "initiative_page",
    "initiative_rows",
    "is_address",
    "municipalities_in_register",
    "place_names",
]

#: Entries on one page of the register.
PAGE_SIZE = 25


class InitiativeNotFoundError(Exception):
    """No entry with this number that this viewer may see."""


@dataclass(frozen=True)
class InitiativeRow:
    """One entry as shown."""

    id: int
    name: str
    summary: str
    municipality_code: str
    municipality: str
    place: str | None
    theme: str | None
    question: str
    link: str
    contact: str
    phase: Phase
    #: The lead that it came of; None = it came of none, or of one that is not for this viewer.
    lead_id: int | None
    created_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    by: str
    expertise: list[str] = field(default_factory=list)
    hours: int | None = None
    #: When an item of its lead was deleted because its source had; None = none was.
    source_gone_at: datetime | None = None
    #: Counts the changes: whoever changes it says which version they saw.
    version: int = 1
    #: More addresses where it can be read about.
    links: list[str] = field(default_factory=list)
    #: Since when other municipalities may see a part of it; None = they may not.
    approved_at: datetime | None = None
    informed: Informed = Informed.TO_DO
    informed_on: date | None = None
    #: Number of the newest event about it; 0 = none yet.
    change_number: int = 0
    place_key: str | None = None
    #: CBS code of the municipality whose officer entered it; None = staff did.
    entered_by_code: str | None = None

    @property
    def informing_due(self) -> date:
        """Until when its people must have been told of the register: a month after it was entered."""
        day = self.created_at.astimezone(ZONE).date()
        year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
        return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class InitiativePage:
    """One page of the register, newest first, with where the neighbouring pages begin."""

    rows: list[InitiativeRow]
    before: int | None
    after: int | None
    total: int


def _rows(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Initiative.id,
            Initiative.name,
            Initiative.summary,
            Initiative.municipality_code,
            Municipality.name,
            Place.name,
            Initiative.theme,
            Initiative.question,
            Initiative.link,
            Initiative.contact,
            Initiative.phase,
            # The lead may be of another municipality, or of none.
            case((viewer.scope(Lead.municipality_code), Initiative.lead_id)),
            Initiative.created_at,
            Initiative.updated_at,
            Initiative.withdrawn_at,
            func.coalesce(func.nullif(Account.name, ""), Account.email),
            Initiative.expertise,
            Initiative.hours,
            Lead.source_gone_at,
            Initiative.version,
            Initiative.links,
            Initiative.approved_at,
            Initiative.informed,
            Initiative.informed_on,
            Initiative.change_number,
            Initiative.place_key,
            Account.municipality_code,
        )
        .join_from(Initiative, Municipality, Municipality.code == Initiative.municipality_code)
        .join(Account, Account.id == Initiative.created_by_id)
        .join(Place, Place.key == Initiative.place_key, isouter=True)
        .join(Lead, Lead.id == Initiative.lead_id, isouter=True)
        .where(viewer.scope(Initiative.municipality_code))
    )


def initiative_rows(session: Session, viewer: Viewer, numbers: Collection[int]) -> dict[int, InitiativeRow]:
    """Number -> entry, of those among these that are in the register and that this viewer may see."""
    query = _rows(viewer).where(Initiative.id.in_(numbers), Initiative.withdrawn_at.is_(None))
    return {row[0]: InitiativeRow(*row) for row in session.execute(query)}


def initiative_page(
    session: Session,
    viewer: Viewer,
    *,
    name: str = "",
    text: str = "",
    municipality_code: str | None = None,
    theme: str | None = None,
    phase: Phase | None = None,
    place_key: str | None = None,
    expertise: str | None = None,
    approved: bool | None = None,
    informed: Informed | None = None,
    updated_since: datetime | None = None,
    also: ColumnElement[bool] | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
    counted: bool = True,
) -> InitiativePage:
    """One page of the register, newest first, withdrawn entries left out.

    Args:
        name: only entries whose name contains this; case does not matter.
        text: only entries in which this is found (:func:`models.search.read`).
        expertise: only entries that ask for this kind of expertise.
        approved: only entries that other municipalities may see, or only those that they may not.
        updated_since: only entries that were entered or changed at this moment or later.
        also: one more condition on :class:`models.initiative.Initiative`.
        after: show older ones than this entry.
        before: show the ones just newer than this entry instead.
        counted: False = ``total`` is not asked for, and 0.
    """
    wanted: ColumnElement[bool] = Initiative.withdrawn_at.is_(None)
    if name:
        wanted = and_(wanted, Initiative.name.icontains(name, autoescape=True))
    terms = read(text) if text else []
    found = matching_entries(session, terms) if terms else None
    if text:
        wanted = and_(wanted, Initiative.id.in_(found) if found is not None else false())
    for column, value in (
        (Initiative.municipality_code, municipality_code),
        (Initiative.theme, theme),
        (Initiative.phase, phase),
        (Initiative.place_key, place_key),
        (Initiative.informed, informed),
    ):
        if value is not None:
            wanted = and_(wanted, column == value)
    if expertise is not None:
        # Slugs have no signs that JSON would write in another way.
        asked = cast(Initiative.expertise, String).contains(f'"{expertise}"', autoescape=True)
        wanted = and_(wanted, asked)
    if approved is not None:
        known = Initiative.approved_at.is_not(None) if approved else Initiative.approved_at.is_(None)
        wanted = and_(wanted, known)
    if updated_since is not None:
        wanted = and_(wanted, Initiative.updated_at >= updated_since)
    if also is not None:
        wanted = and_(wanted, also)
    count = select(func.count()).select_from(Initiative)
    count = count.where(wanted, viewer.scope(Initiative.municipality_code))
    narrower = (
        name,
        municipality_code,
        theme,
        phase,
        place_key,
        expertise,
        approved,
        informed,
        updated_since,
        "" if also is None else "also",
    )
    if found is not None and viewer.decides and all(one in (None, "") for one in narrower):
        # Withdrawn entries have no words in the index (migration 0004): it counts without looking at entries.
        count = select(func.count()).select_from(found.subquery())
    total = session.scalar(count) if counted else 0
    page = newest_first(
        session,
        _rows(viewer),
        Initiative.id,
        lambda row: InitiativeRow(*row),
        wanted=[wanted, viewer.scope(Initiative.municipality_code)],
        after=after,
        before=before,
        limit=limit,
    )
    return InitiativePage(rows=page.rows, before=page.before, after=page.after, total=total or 0)


def get_initiative(session: Session, viewer: Viewer, initiative_id: int) -> InitiativeRow:
    """One entry; a withdrawn one only for staff.

    Raises:
        InitiativeNotFoundError: it does not exist, or is not for this viewer.
    """
    row = session.execute(_rows(viewer).where(Initiative.id == initiative_id)).one_or_none()
    entry = InitiativeRow(*row) if row is not None else None
    if entry is None or (entry.withdrawn_at is not None and not viewer.decides):
        raise InitiativeNotFoundError(f"there is no initiative {initiative_id}")
    return entry


def municipalities_in_register(session: Session, viewer: Viewer) -> list[tuple[str, str, int]]:
    """Code, name and number of entries of each municipality that is in the register, by name."""
    counts = (
        select(Initiative.municipality_code.label("code"), func.count().label("entries"))
        .where(Initiative.withdrawn_at.is_(None), viewer.scope(Initiative.municipality_code))
        .group_by(Initiative.municipality_code)
        .subquery()
    )
    return [
        (code, name, count)
        for code, name, count in session.execute(
            select(Municipality.code, Municipality.name, counts.c.entries)
            .join(counts, counts.c.code == Municipality.code)
            .order_by(Municipality.name)
        )
    ]

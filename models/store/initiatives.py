"""The register: reading it, and checking what people write into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select
from sqlalchemy.orm import Session

from models.account import Account
from models.initiative import Initiative
from models.lead import Lead
from models.municipality import Municipality
from models.place import Place
from models.search import read
from models.store.search import matching_entries
from models.store.viewer import Viewer
from models.words import Phase, PlaceKind

#: Entries on one page of the register.
PAGE_SIZE = 25

#: Most characters of each text that people write.
LIMITS = {"name": 150, "summary": 2000, "question": 1000, "link": 1000, "contact": 300}
#: Fewest and most hours of help that one initiative may ask for: most is about a year of one civil servant.
HOURS = (1, 2000)


class InitiativeNotFoundError(Exception):
    """No entry with this number that this viewer may see."""


class Problem(StrEnum):
    """What can be wrong with one field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    OUT_OF_RANGE = "out_of_range"


class InvalidInitiativeError(Exception):
    """Fields that can't be taken, each with its problem."""

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class InitiativeDraft:
    """What a person wrote about an initiative, not yet checked."""

    name: str
    #: In own words; copied passages are refused.
    summary: str
    #: CBS code.
    municipality_code: str
    place_key: str | None = None
    theme: str | None = None
    #: The question for help; may be empty.
    question: str = ""
    #: Where it can be read about: http or https; may be empty.
    link: str = ""
    #: Through the organisation; may be empty.
    contact: str = ""
    #: Slugs of the expertise wanted; twice the same counts once.
    expertise: tuple[str, ...] = ()
    #: Hours of it wanted, see :data:`HOURS`; None = not estimated. Who can't read what was typed passes 0.
    hours: int | None = None


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
    lead_id: int | None
    created_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    by: str
    expertise: list[str] = field(default_factory=list)
    hours: int | None = None
    #: When an item of its lead was deleted because its source had; None = none was.
    source_gone_at: datetime | None = None


@dataclass(frozen=True)
class InitiativePage:
    """One page of the register, newest first, with where the neighbouring pages begin."""

    rows: list[InitiativeRow]
    before: int | None
    after: int | None
    total: int


def check_draft(
    session: Session,
    draft: InitiativeDraft,
    themes: Mapping[str, str],
    expertise: Mapping[str, str] | None = None,
) -> None:
    """Say everything that is wrong with a draft, at once.

    Args:
        themes, expertise: the known themes and kinds of expertise (keys are slugs).

    Raises:
        InvalidInitiativeError: at least one field can't be taken.
    """
    problems: dict[str, Problem] = {}
    for name, limit in LIMITS.items():
        if len(getattr(draft, name)) > limit:
            problems[name] = Problem.TOO_LONG
    for name in ("name", "summary"):
        if not getattr(draft, name).strip():
            problems[name] = Problem.EMPTY
    if not draft.municipality_code:
        problems["municipality_code"] = Problem.EMPTY
    elif session.get(Municipality, draft.municipality_code) is None:
        problems["municipality_code"] = Problem.UNKNOWN
    if draft.place_key and "municipality_code" not in problems:
        place = session.get(Place, draft.place_key)
        if place is None or place.municipality_code != draft.municipality_code:
            problems["place_key"] = Problem.UNKNOWN
    if draft.theme and draft.theme not in themes:
        problems["theme"] = Problem.UNKNOWN
    if draft.link and not is_address(draft.link):
        problems["link"] = Problem.NO_ADDRESS
    problems |= _wanted_problems(draft, expertise or {})
    if problems:
        raise InvalidInitiativeError(problems)


def _wanted_problems(draft: InitiativeDraft, expertise: Mapping[str, str]) -> dict[str, Problem]:
    """What is wrong with the help that is asked for."""
    problems: dict[str, Problem] = {}
    if not set(draft.expertise) <= set(expertise):
        problems["expertise"] = Problem.UNKNOWN
    if draft.hours is not None and not HOURS[0] <= draft.hours <= HOURS[1]:
        problems["hours"] = Problem.OUT_OF_RANGE
    return problems


def is_address(text: str) -> bool:
    """Whether ``text`` is a complete http or https address that a page may link to."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not set(text) & set(' \t\r\n<>"')
        )
    except ValueError:
        return False


def find_place(session: Session, municipality_code: str, name: str) -> str | None:
    """Key of the place of this name in a municipality (case does not matter), or None.

    Of several with one name the town goes first, then neighbourhood, district and other names.
    """
    order = case(
        {
            kind.value: rank
            for rank, kind in enumerate(
                (PlaceKind.TOWN, PlaceKind.NEIGHBOURHOOD, PlaceKind.DISTRICT, PlaceKind.KNOWN)
            )
        },
        value=Place.kind,
        else_=9,
    )
    wanted = name.strip().casefold()
    for key, found in session.execute(
        select(Place.key, Place.name)
        .where(Place.municipality_code == municipality_code)
        .order_by(order, Place.key)
    ):
        if found.casefold() == wanted:
            return str(key)
    return None


def place_names(session: Session, municipality_code: str) -> list[str]:
    """Names of all places in a municipality, each once, by name."""
    return list(
        session.scalars(
            select(Place.name)
            .where(Place.municipality_code == municipality_code)
            .distinct()
            .order_by(Place.name)
        )
    )


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
            Initiative.lead_id,
            Initiative.created_at,
            Initiative.updated_at,
            Initiative.withdrawn_at,
            func.coalesce(func.nullif(Account.name, ""), Account.email),
            Initiative.expertise,
            Initiative.hours,
            Lead.source_gone_at,
        )
        .join_from(Initiative, Municipality, Municipality.code == Initiative.municipality_code)
        .join(Account, Account.id == Initiative.created_by_id)
        .join(Place, Place.key == Initiative.place_key, isouter=True)
        .join(Lead, Lead.id == Initiative.lead_id, isouter=True)
        .where(viewer.scope(Initiative.municipality_code))
    )


def initiative_page(
    session: Session,
    viewer: Viewer,
    *,
    name: str = "",
    text: str = "",
    municipality_code: str | None = None,
    theme: str | None = None,
    phase: Phase | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> InitiativePage:
    """One page of the register, newest first, withdrawn entries left out.

    Args:
        name: only entries whose name contains this; case does not matter.
        text: only entries in which this is found (:func:`models.search.read`).
        after: show older ones than this entry.
        before: show the ones just newer than this entry instead.
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
    ):
        if value is not None:
            wanted = and_(wanted, column == value)
    count = select(func.count()).select_from(Initiative)
    count = count.where(wanted, viewer.scope(Initiative.municipality_code))
    if found is not None and viewer.decides and not name and municipality_code is theme is phase is None:
        # Withdrawn entries have no words in the index (migration 0004): it counts without looking at entries.
        count = select(func.count()).select_from(found.subquery())
    total = session.scalar(count)
    query = _rows(viewer).where(wanted).limit(limit + 1)
    if before is not None:
        query = query.where(Initiative.id > before).order_by(Initiative.id)
    elif after is not None:
        query = query.where(Initiative.id < after).order_by(Initiative.id.desc())
    else:
        query = query.order_by(Initiative.id.desc())
    rows = [InitiativeRow(*row) for row in session.execute(query)]
    more, rows = len(rows) > limit, rows[:limit]
    if before is not None:
        rows.reverse()
    newer = more if before is not None else after is not None
    older = more if before is None else True
    return InitiativePage(
        rows=rows,
        before=rows[0].id if rows and newer else None,
        after=rows[-1].id if rows and older else None,
        total=total or 0,
    )


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

"""What a municipality sees of the register of others: what was approved for that, and of that a part."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.municipality import Municipality
from models.place import Place
from models.store.initiatives import PAGE_SIZE, InitiativeNotFoundError
from models.store.paging import newest_first
from models.store.viewer import Viewer
from models.words import Phase

#: Words of a search that count.
WORDS = 6


@dataclass(frozen=True)
class ForeignRow:
    """One approved entry of another municipality, with all that may be seen of it."""

    id: int
    name: str
    theme: str | None
    phase: Phase
    place: str | None
    municipality_code: str
    municipality: str
    #: Where the public can read about it; may be empty.
    link: str


@dataclass(frozen=True)
class ForeignPage:
    """One page of them, newest first, with where the neighbouring pages begin."""

    rows: list[ForeignRow]
    before: int | None
    after: int | None
    total: int


def foreign_page(
    session: Session,
    viewer: Viewer,
    *,
    text: str = "",
    municipality_code: str | None = None,
    theme: str | None = None,
    phase: Phase | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
    counted: bool = True,
) -> ForeignPage:
    """Approved entries of other municipalities, newest first; for staff those of all.

    Args:
        text: each of these words must be in the name, the place or the municipality. The index of words
            would not do: it knows what is not to be seen here.
        after: show older ones than this entry.
        before: show the ones just newer than this entry instead.
        counted: False = ``total`` is not asked for, and 0.
    """
    conditions = _seen(viewer)
    plain = not text.split()
    for word in text.split()[:WORDS]:
        places = (Initiative.name, Place.name, Municipality.name)
        conditions.append(or_(*(column.icontains(word, autoescape=True) for column in places)))
    for column, value in (
        (Initiative.municipality_code, municipality_code),
        (Initiative.theme, theme),
        (Initiative.phase, phase),
    ):
        if value is not None:
            conditions.append(column == value)
    count = select(func.count()).select_from(Initiative)
    if not plain:
        # Only then it matters what they are called.
        count = _with_names(count)
    total = session.scalar(count.where(*conditions)) if counted else 0
    page = newest_first(
        session,
        _rows() if plain else _rows().where(*conditions),
        Initiative.id,
        lambda row: ForeignRow(*row),
        wanted=conditions if plain else (),
        after=after,
        before=before,
        limit=limit,
    )
    return ForeignPage(rows=page.rows, before=page.before, after=page.after, total=total or 0)


def foreign_initiative(session: Session, viewer: Viewer, initiative_id: int) -> ForeignRow:
    """One approved entry of another municipality; for staff of any.

    Raises:
        InitiativeNotFoundError: it does not exist, is not approved, or is the viewer's own.
    """
    row = session.execute(_rows().where(Initiative.id == initiative_id, *_seen(viewer))).one_or_none()
    if row is None:
        raise InitiativeNotFoundError(f"there is no initiative {initiative_id} to be seen by others")
    return ForeignRow(*row)


def _seen(viewer: Viewer) -> list[ColumnElement[bool]]:
    """What is approved, of others than the viewer's own municipality."""
    seen: list[ColumnElement[bool]] = [
        Initiative.approved_at.is_not(None),
        Initiative.withdrawn_at.is_(None),
    ]
    if not viewer.decides:
        code = viewer.municipality_code if viewer.reads else None
        seen.append(false() if code is None else Initiative.municipality_code != code)
    return seen


def _rows() -> Select[*tuple[Any, ...]]:
    return _with_names(
        select(
            Initiative.id,
            Initiative.name,
            Initiative.theme,
            Initiative.phase,
            Place.name,
            Initiative.municipality_code,
            Municipality.name,
            Initiative.link,
        ).select_from(Initiative)
    )


def _with_names(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.join(Municipality, Municipality.code == Initiative.municipality_code).join(
        Place, Place.key == Initiative.place_key, isouter=True
    )

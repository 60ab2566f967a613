"""Consultants: reading them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, select, true
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.municipality import Municipality
from models.place import Place
from models.store.consultants import ConsultantNotFoundError
from models.store.exports import moment
from models.store.paging import newest_first
from models.store.viewer import Viewer

#: Consultants on one page of the list.
PAGE_SIZE = 25
#: Rows of an export read at a time.
PORTION = 250


@dataclass(frozen=True)
class ConsultantRow:
    """One consultant as shown; fields as in :class:`models.consultant.Consultant`."""

    id: int
    municipality_code: str
    municipality: str
    name: str
    email: str
    function: str
    expertise: list[str]
    #: Theme -> in how many assignments it was done before.
    themes: dict[str, int]
    languages: list[str]
    experience: str
    half_hours: int
    period_from: date | None
    period_until: date | None
    most: int
    radius_km: int | None
    place_key: str | None
    #: None = the middle of the municipality.
    place: str | None
    employer_name: str
    employer_email: str
    available: bool
    version: int
    added_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class ConsultantPage:
    """One page of the list, newest first, with where the neighbouring pages begin."""

    rows: list[ConsultantRow]
    before: int | None
    after: int | None
    total: int


def _rows(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Consultant.id,
            Consultant.municipality_code,
            Municipality.name,
            Consultant.name,
            Consultant.email,
            Consultant.function,
            Consultant.expertise,
            Consultant.themes,
            Consultant.languages,
            Consultant.experience,
            Consultant.half_hours,
            Consultant.period_from,
            Consultant.period_until,
            Consultant.most,
            Consultant.radius_km,
            Consultant.place_key,
            Place.name,
            Consultant.employer_name,
            Consultant.employer_email,
            Consultant.available,
            Consultant.version,
            Consultant.added_at,
            Consultant.updated_at,
        )
        .join_from(Consultant, Municipality, Municipality.code == Consultant.municipality_code)
        .join(Place, Place.key == Consultant.place_key, isouter=True)
        .where(Consultant.removed_at.is_(None), viewer.scope(Consultant.municipality_code))
    )


def consultant_page(
    session: Session,
    viewer: Viewer,
    *,
    municipality_code: str | None = None,
    expertise: str | None = None,
    theme: str | None = None,
    available: bool | None = None,
    begin: date | None = None,
    end: date | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> ConsultantPage:
    """One page of consultants, newest first; a municipality gets its own.

    Args:
        expertise, theme: only who has this one.
        available: only who can be asked, or only who can't.
        begin, end: only whose period has a day in common with the one from ``begin`` to ``end``; None = open.
        after: show older ones than this consultant.
        before: show the ones just newer than this consultant instead.
    """
    wanted = and_(
        _having(municipality_code, expertise, theme, available),
        Consultant.period_until.is_(None) | (Consultant.period_until >= begin) if begin else true(),
        Consultant.period_from.is_(None) | (Consultant.period_from <= end) if end else true(),
    )
    seen = and_(wanted, Consultant.removed_at.is_(None), viewer.scope(Consultant.municipality_code))
    total = session.scalar(select(func.count()).select_from(Consultant).where(seen))
    page = newest_first(
        session,
        _rows(viewer).where(wanted),
        Consultant.id,
        lambda row: ConsultantRow(*row),
        after=after,
        before=before,
        limit=limit,
    )
    return ConsultantPage(rows=page.rows, before=page.before, after=page.after, total=total or 0)


def _having(
    municipality_code: str | None, expertise: str | None, theme: str | None, available: bool | None
) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if municipality_code is not None:
        conditions.append(Consultant.municipality_code == municipality_code)
    for column, slug in ((Consultant.expertise, expertise), (Consultant.themes, theme)):
        if slug is not None:
            # Slugs have no signs that JSON would write in another way.
            conditions.append(cast(column, String).contains(f'"{slug}"', autoescape=True))
    if available is not None:
        conditions.append(Consultant.available.is_(available))
    return and_(*conditions)


def get_consultant(session: Session, viewer: Viewer, consultant_id: int) -> ConsultantRow:
    """One consultant.

    Raises:
        ConsultantNotFoundError: there is none, it was taken out, or it is not for this viewer.
    """
    row = session.execute(_rows(viewer).where(Consultant.id == consultant_id)).one_or_none()
    if row is None:
        raise ConsultantNotFoundError(f"there is no consultant {consultant_id}")
    return ConsultantRow(*row)


def consultants_by_email(
    session: Session, viewer: Viewer, pairs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], ConsultantRow]:
    """(Municipality's code, e-mail address in small letters) -> the consultant, of those there are."""
    emails = sorted({email for _code, email in pairs})
    found: dict[tuple[str, str], ConsultantRow] = {}
    for start in range(0, len(emails), PORTION):
        query = _rows(viewer).where(Consultant.email.in_(emails[start : start + PORTION]))
        for row in session.execute(query):
            one = ConsultantRow(*row)
            found[one.municipality_code, one.email] = one
    return {key: one for key, one in found.items() if key in pairs}


def municipalities_with_consultants(session: Session, viewer: Viewer) -> list[tuple[str, str, int]]:
    """Code, name and number of consultants of each municipality that has any, by name."""
    rows = session.execute(
        select(Municipality.code, Municipality.name, func.count(Consultant.id))
        .join(Consultant, Consultant.municipality_code == Municipality.code)
        .where(Consultant.removed_at.is_(None), viewer.scope(Consultant.municipality_code))
        .group_by(Municipality.code, Municipality.name)
        .order_by(func.lower(Municipality.name), Municipality.code)
    )
    return [(code, name, count) for code, name, count in rows]


def export_consultants(session: Session, viewer: Viewer, **conditions: Any) -> Iterator[dict[str, Any]]:
    """Consultants, newest first, as a file that can be read in again.

    Args:
        conditions: as :func:`consultant_page` takes them.
    """
    after: int | None = None
    while True:
        page = consultant_page(session, viewer, **conditions, after=after, limit=PORTION)
        for row in page.rows:
            yield _exported(row)
        after = page.after
        if after is None:
            return


def _exported(row: ConsultantRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "municipality": row.municipality_code,
        "name": row.name,
        "email": row.email,
        "function": row.function,
        "hours": row.half_hours / 2,
        "from": row.period_from.isoformat() if row.period_from else None,
        "until": row.period_until.isoformat() if row.period_until else None,
        "expertise": list(row.expertise),
        "themes": [f"{theme} {count}" for theme, count in row.themes.items()],
        "languages": list(row.languages),
        "experience": row.experience,
        "radius_km": row.radius_km,
        "most": row.most,
        "place": row.place,
        "employer_name": row.employer_name,
        "employer_email": row.employer_email,
        "available": "ja" if row.available else "nee",
        "added": moment(row.added_at),
        "updated": moment(row.updated_at),
    }

"""Lessons: reading them, and finding those that help with an initiative."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session

from models.account import Account
from models.initiative import Initiative
from models.match import Lesson, Match
from models.store.lessons import LessonNotFoundError
from models.store.paging import newest_first
from models.store.viewer import Viewer

#: Lessons on one page of the list.
PAGE_SIZE = 25
#: What having the same theme counts for, in kinds of expertise.
SAME_THEME = 2
#: The newest lessons that are looked at for one initiative.
LOOKED_AT = 500


@dataclass(frozen=True)
class LessonRow:
    """One lesson as shown."""

    id: int
    text: str
    #: ``repeat``, ``change`` or empty.
    about: str
    theme: str | None
    expertise: list[str]
    version: int
    written_at: datetime
    #: When others could see it; None = they can't.
    approved_at: datetime | None
    #: Where it comes from, and who approved it: for staff only.
    match_id: int | None
    initiative: str | None
    approved_by: str | None


@dataclass(frozen=True)
class LessonPage:
    """One page of the list, newest first, with where the neighbouring pages begin."""

    rows: list[LessonRow]
    before: int | None
    after: int | None
    total: int


def lesson_page(
    session: Session,
    viewer: Viewer,
    *,
    theme: str | None = None,
    expertise: str | None = None,
    waiting: bool = False,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> LessonPage:
    """One page of lessons, newest first.

    Args:
        theme, expertise: only lessons about this one.
        waiting: those that somebody must still read, instead of those that others see; for staff only.
        after: show older ones than this lesson.
        before: show the ones just newer than this lesson instead.
    """
    wanted = and_(
        Lesson.approved_at.is_(None) if waiting else Lesson.approved_at.is_not(None),
        _seen(viewer),
        Lesson.theme == theme if theme is not None else true(),
        _having(expertise) if expertise is not None else true(),
    )
    page = newest_first(
        session,
        _rows().where(wanted),
        Lesson.id,
        lambda row: _made(viewer, row),
        after=after,
        before=before,
        limit=limit,
    )
    total = session.scalar(select(func.count()).select_from(Lesson).where(wanted)) or 0
    return LessonPage(rows=page.rows, before=page.before, after=page.after, total=total)


def get_lesson(session: Session, viewer: Viewer, lesson_id: int) -> LessonRow:
    """One lesson.

    Raises:
        LessonNotFoundError: there is none, or it is not for this viewer.
    """
    row = session.execute(_rows().where(Lesson.id == lesson_id, _seen(viewer))).one_or_none()
    if row is None:
        raise LessonNotFoundError(f"there is no lesson {lesson_id}")
    return _made(viewer, row)


def lessons_of(session: Session, viewer: Viewer, match_id: int) -> list[LessonRow]:
    """The lessons that came from one match, oldest first; where they come from is for staff only."""
    if not viewer.decides:
        return []
    rows = session.execute(_rows().where(Lesson.match_id == match_id).order_by(Lesson.id))
    return [_made(viewer, row) for row in rows]


def waiting_lessons(session: Session, viewer: Viewer) -> int:
    """How many lessons somebody must still read; 0 for who may not."""
    if not viewer.decides:
        return 0
    query = select(func.count()).select_from(Lesson).where(Lesson.approved_at.is_(None))
    return session.scalar(query) or 0


def lessons_like(
    session: Session, theme: str | None, expertise: Collection[str], *, limit: int = 3
) -> list[LessonRow]:
    """Approved lessons that help with such an initiative, what has most in common first, then the newest.

    Args:
        theme: slug; None = not known.
        expertise: slugs of what is wanted.
    """
    having = [_having(slug) for slug in sorted(expertise)]
    if theme is not None:
        having.append(Lesson.theme == theme)
    if not having:
        return []
    rows = session.execute(
        select(Lesson.id, Lesson.theme, Lesson.expertise)
        .where(Lesson.approved_at.is_not(None), or_(*having))
        .order_by(Lesson.id.desc())
        .limit(LOOKED_AT)
    ).all()

    def common(row: Any) -> int:
        same = theme is not None and row.theme == theme
        return SAME_THEME * same + len(set(expertise) & set(row.expertise))

    # Sorting keeps the newest first where as much is the same.
    best = [row.id for row in sorted(rows, key=common, reverse=True)[:limit]]
    found = {row.id: _made(None, row) for row in session.execute(_rows().where(Lesson.id.in_(best)))}
    return [found[lesson_id] for lesson_id in best]


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Lesson.id,
            Lesson.text,
            Lesson.about,
            Lesson.theme,
            Lesson.expertise,
            Lesson.version,
            Lesson.written_at,
            Lesson.approved_at,
            Lesson.match_id,
            Initiative.name,
            func.coalesce(func.nullif(Account.name, ""), Account.email),
        )
        .join_from(Lesson, Match, Match.id == Lesson.match_id, isouter=True)
        .join(Initiative, Initiative.id == Match.initiative_id, isouter=True)
        .join(Account, Account.id == Lesson.approved_by_id, isouter=True)
    )


def _made(viewer: Viewer | None, row: Any) -> LessonRow:
    values = tuple(row)
    knows = viewer is not None and viewer.decides
    return LessonRow(*(values if knows else (*values[:8], None, None, None)))


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    """Others see what was approved, and who may not see content nothing."""
    if viewer.decides:
        return true()
    return Lesson.approved_at.is_not(None) if viewer.reads else Lesson.id.is_(None)


def _having(expertise: str) -> ColumnElement[bool]:
    # Slugs have no signs that JSON would write in another way.
    return cast(Lesson.expertise, String).contains(f'"{expertise}"', autoescape=True)

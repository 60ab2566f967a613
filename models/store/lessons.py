"""Lessons: what others can learn from a match. Staff takes out who it was, and then lets others see it.

The caller commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.consultant import Consultant
from models.initiative import Initiative
from models.labels import Labels
from models.match import Lesson, Match
from models.store.audit import record
from models.store.evaluation_questions import LESSONS
from models.store.lesson_words import Shown, revealing
from models.store.viewer import Viewer

#: Characters of a lesson: one thought, that is read in a moment.
LONGEST = 600
#: What a lesson can say: to do it again, or in another way; empty = neither.
ABOUT = ("", *LESSONS)
#: Fields that a person fills in.
WRITTEN = ("text", "about", "theme", "expertise")


class LessonError(Exception):
    """A lesson can't be kept; nothing was changed."""


class LessonNotFoundError(LessonError):
    """No lesson with this number that this viewer may see."""


class LessonNotAllowedError(LessonError):
    """This account may not write lessons."""


class StaleLessonError(LessonError):
    """Somebody else changed the lesson since it was shown."""

    def __init__(self, version: int) -> None:
        super().__init__("the lesson has changed since it was shown")
        #: The version that it has now.
        self.version = version


class InvalidLessonError(LessonError):
    """Fields that can't be taken, and passages of the text that tell who it was."""

    def __init__(self, problems: Mapping[str, str], shown: Sequence[Shown] = ()) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        #: Field -> ``empty``, ``too_long``, ``unknown`` or ``reveals``.
        self.problems = dict(problems)
        #: What tells who it was, in the order of the text.
        self.shown = tuple(shown)


@dataclass(frozen=True, kw_only=True)
class LessonDraft:
    """What a person wrote, not yet checked."""

    text: str
    #: One of :data:`ABOUT`.
    about: str = ""
    theme: str | None = None
    #: Slugs.
    expertise: tuple[str, ...] = ()


def draft_lessons(
    session: Session, match: Match, before: Mapping[str, Any], after: Mapping[str, Any], *, now: datetime
) -> None:
    """Make drafts of what an evaluation says to repeat and to change; of what it said before nothing stays.

    Args:
        before, after: the answers as they were and as they are (``models.store.evaluation_questions``).
    """
    initiative = session.get_one(Initiative, match.initiative_id)
    for about in LESSONS:
        old, new = str(before.get(about, "")), str(after.get(about, ""))
        if old == new:
            continue
        untouched = session.scalars(
            select(Lesson).where(
                Lesson.match_id == match.id,
                Lesson.about == about,
                Lesson.text == old,
                Lesson.version == 1,
            )
        ).first()
        if untouched is not None:
            session.delete(untouched)
        if new:
            session.add(
                Lesson(
                    match_id=match.id,
                    text=new,
                    about=about,
                    theme=initiative.theme,
                    expertise=list(_shared(session, match, initiative)),
                    written_at=now,
                )
            )
    session.flush()


def write_lesson(
    session: Session, draft: LessonDraft, *, viewer: Viewer, labels: Labels, now: datetime | None = None
) -> Lesson:
    """Write a lesson that comes from no form; others see it when it is approved.

    Raises:
        LessonNotAllowedError, InvalidLessonError: nothing was kept.
    """
    now, draft = now or utc_now(), _tidy(draft)
    _check_writer(viewer)
    _check(session, draft, None, labels)
    row = Lesson(**_values(draft), written_by_id=viewer.account_id, written_at=now)
    session.add(row)
    session.flush()
    _log(session, row, viewer, {"done": "added"}, now)
    return row


def change_lesson(
    session: Session,
    lesson_id: int,
    draft: LessonDraft,
    *,
    viewer: Viewer,
    version: int,
    labels: Labels,
    now: datetime | None = None,
) -> Lesson:
    """Write a lesson in other words; an approved one stays approved.

    Args:
        version: ``Lesson.version`` as shown to the person who writes.

    Raises:
        LessonNotFoundError, LessonNotAllowedError, StaleLessonError, InvalidLessonError: nothing was changed.
    """
    now, draft = now or utc_now(), _tidy(draft)
    row = _hold(session, viewer, lesson_id, version)
    _check(session, draft, row.match_id, labels)
    new = _values(draft)
    changed = [name for name in WRITTEN if getattr(row, name) != new[name]]
    if changed:
        for name in changed:
            setattr(row, name, new[name])
        row.version += 1
        row.written_by_id = viewer.account_id
        row.written_at = now
        _log(session, row, viewer, {"fields": changed}, now)
    return row


def approve_lesson(
    session: Session, lesson_id: int, *, viewer: Viewer, version: int, now: datetime | None = None
) -> Lesson:
    """Let others see a lesson, from which all that tells who it was has been taken out.

    Raises:
        LessonNotFoundError, LessonNotAllowedError, StaleLessonError: nothing was changed.
        InvalidLessonError: the text still tells who it was.
    """
    now = now or utc_now()
    row = _hold(session, viewer, lesson_id, version)
    if row.approved_at is None:
        _check(session, _draft_of(row), row.match_id, None)
        row.approved_at, row.approved_by_id = now, viewer.account_id
        row.version += 1
        _log(session, row, viewer, {"approved": True}, now)
    return row


def withhold_lesson(
    session: Session, lesson_id: int, *, viewer: Viewer, version: int, now: datetime | None = None
) -> Lesson:
    """Let others see a lesson no longer.

    Raises:
        LessonNotFoundError, LessonNotAllowedError, StaleLessonError: nothing was changed.
    """
    row = _hold(session, viewer, lesson_id, version)
    if row.approved_at is not None:
        row.approved_at = row.approved_by_id = None
        row.version += 1
        _log(session, row, viewer, {"approved": False}, now or utc_now())
    return row


def remove_lesson(
    session: Session, lesson_id: int, *, viewer: Viewer, version: int, now: datetime | None = None
) -> None:
    """Take a lesson away for good.

    Raises:
        LessonNotFoundError, LessonNotAllowedError, StaleLessonError: nothing was changed.
    """
    row = _hold(session, viewer, lesson_id, version)
    session.delete(row)
    _log(session, row, viewer, {"done": "removed"}, now or utc_now())


def _hold(session: Session, viewer: Viewer, lesson_id: int, version: int) -> Lesson:
    """The lesson, fresh and held until the transaction ends."""
    _check_writer(viewer)
    row = session.scalar(
        select(Lesson)
        .where(Lesson.id == lesson_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise LessonNotFoundError(f"there is no lesson {lesson_id}")
    if row.version != version:
        raise StaleLessonError(row.version)
    return row


def _check_writer(viewer: Viewer) -> None:
    if not viewer.decides:
        raise LessonNotAllowedError("this account may not write lessons")


def _check(session: Session, draft: LessonDraft, match_id: int | None, labels: Labels | None) -> None:
    """
    Args:
        labels: the known themes and kinds of expertise; None = they were checked when they were written.

    Raises:
        InvalidLessonError: all that is wrong.
    """
    problems: dict[str, str] = {}
    shown: list[Shown] = []
    if not draft.text:
        problems["text"] = "empty"
    elif len(draft.text) > LONGEST:
        problems["text"] = "too_long"
    else:
        shown = revealing(session, draft.text, match_id)
        if shown:
            problems["text"] = "reveals"
    if draft.about not in ABOUT:
        problems["about"] = "unknown"
    if labels is not None:
        if draft.theme is not None and draft.theme not in labels.themes:
            problems["theme"] = "unknown"
        if not set(draft.expertise) <= set(labels.expertise):
            problems["expertise"] = "unknown"
    if problems:
        raise InvalidLessonError(problems, shown)


def _shared(session: Session, match: Match, initiative: Initiative) -> list[str]:
    """Kinds of expertise that were wanted and offered; else those that were wanted."""
    offered = session.scalar(select(Consultant.expertise).where(Consultant.id == match.consultant_id)) or []
    return [slug for slug in initiative.expertise if slug in offered] or list(initiative.expertise)


def _tidy(draft: LessonDraft) -> LessonDraft:
    return replace(
        draft,
        text=draft.text.strip(),
        theme=draft.theme or None,
        expertise=tuple(dict.fromkeys(draft.expertise)),
    )


def _draft_of(row: Lesson) -> LessonDraft:
    return LessonDraft(text=row.text, about=row.about, theme=row.theme, expertise=tuple(row.expertise))


def _values(draft: LessonDraft) -> dict[str, Any]:
    return {
        "text": draft.text,
        "about": draft.about,
        "theme": draft.theme,
        "expertise": list(draft.expertise),
    }


def _log(session: Session, row: Lesson, viewer: Viewer, after: dict[str, Any], now: datetime) -> None:
    session.flush()
    record(session, viewer.account_id, "match", "lesson", row.id, after=after, at=now)

"""Automatic pairings as they may be seen: nothing of what came of them before pairing by hand is closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.round import Round, RoundJob
from models.store.round_jobs import PINS
from models.store.viewer import Viewer
from models.words import JobPurpose


@dataclass(frozen=True)
class JobRow:
    """One job as whoever looks may see it."""

    id: int
    purpose: JobPurpose
    seconds: float
    asked_by_id: int | None
    asked_at: datetime
    #: ``waiting``, ``working``, ``done``, ``failed`` or ``cancelled``.
    state: str
    #: What came of it may not be seen yet.
    hidden: bool
    #: Aim that is worked on and seconds since it began; None = nothing told yet.
    aim: str | None
    spent: float | None
    #: Value and bound of that aim; None = not known, or hidden.
    value: float | None
    bound: float | None
    ended_at: datetime | None
    #: :data:`PINS`, :data:`FAILED` or :data:`GIVEN_UP`; empty = there is a result, or not yet one.
    why: str
    #: As ``RoundJob.result``; empty = none, or hidden.
    result: Mapping[str, Any] = field(default_factory=dict)


def jobs_of(session: Session, viewer: Viewer, round_id: int, *, now: datetime) -> list[JobRow]:
    """The jobs of a round, the newest first: for staff; nobody else sees any.

    What came of a job beside the pairing by hand is left out until that pairing is closed.
    """
    if not viewer.decides:
        return []
    rows = session.execute(
        select(RoundJob, Round.paired_at)
        .join(Round, Round.id == RoundJob.round_id)
        .where(RoundJob.round_id == round_id)
        .order_by(RoundJob.id.desc())
    )
    return [_row(job, job.purpose is JobPurpose.BESIDE and paired_at is None, now) for job, paired_at in rows]


@dataclass(frozen=True)
class Answered:
    """A job with its answer, that may be seen."""

    job_id: int
    #: ``matching.snapshot`` text of what it was worked out on.
    problem: str
    #: ``{"pairs": [[initiative, consultant, fit, broken]], "gaps": […], "stopped": bool}``.
    result: Mapping[str, Any]
    done_at: datetime
    #: Seconds of working it out; None = not known.
    spent: float | None


def newest_answer(session: Session, viewer: Viewer, round_id: int, purpose: JobPurpose) -> Answered | None:
    """The newest answer for a purpose; None = there is none, or this viewer may not see it (yet)."""
    if not viewer.decides:
        return None
    query = (
        select(RoundJob)
        .join(Round, Round.id == RoundJob.round_id)
        .where(RoundJob.round_id == round_id, RoundJob.purpose == purpose)
        .where(RoundJob.done_at.is_not(None), RoundJob.problem_said == "")
        .order_by(RoundJob.done_at.desc(), RoundJob.id.desc())
        .limit(1)
    )
    if purpose is JobPurpose.BESIDE:
        query = query.where(Round.paired_at.is_not(None))
    job = session.scalar(query)
    if job is None or job.done_at is None:
        return None
    return Answered(job.id, job.problem, job.result, job.done_at, job.progress.get("seconds"))


def _row(job: RoundJob, hidden: bool, now: datetime) -> JobRow:
    told = job.progress
    # Which pins clash says nothing of the answer, for there is none: a person demanded them.
    open_result = not hidden or job.problem_said == PINS
    return JobRow(
        id=job.id,
        purpose=job.purpose,
        seconds=job.seconds,
        asked_by_id=job.asked_by_id,
        asked_at=job.asked_at,
        state=_state(job, now),
        hidden=hidden,
        aim=told.get("aim"),
        spent=told.get("seconds"),
        value=None if hidden else told.get("value"),
        bound=None if hidden else told.get("bound"),
        ended_at=job.done_at or job.cancelled_at,
        why=job.problem_said,
        result=dict(job.result) if open_result else {},
    )


def _state(job: RoundJob, now: datetime) -> str:
    if job.done_at is not None:
        return "failed" if job.problem_said else "done"
    if job.cancelled_at is not None:
        return "cancelled"
    return "working" if job.taken_until is not None and job.taken_until > now else "waiting"

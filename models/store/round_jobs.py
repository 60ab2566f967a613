"""Automatic pairings: asking for one, working it out beside the pages, and what came of it.

A worker takes a job up for a short while and says again and again that it is still at it; when it dies,
somebody else takes the job up after that, at most :data:`ATTEMPTS` times in all. Every take has a number, so
a worker that was thought dead can't write over what another one did.

What came of a job beside the pairing by hand is hidden until that pairing is closed: whoever shows jobs reads
them with ``models.store.round_jobs_list``, which leaves it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, or_, select, update
from sqlalchemy.orm import Session

from models.round import Round, RoundJob
from models.store.audit import record
from models.store.round_automatic import FoundPair, put_automatic, those_present
from models.store.round_rules import RoundNotFoundError, hold_any
from models.words import JobPurpose, RoundState

#: Seconds that one automatic pairing may take, unless somebody says otherwise, and what may be said.
SECONDS = 20.0
SHORTEST, LONGEST = 5.0, 600.0
#: A worker that was not heard of for so long is gone.
LEASE = timedelta(seconds=30)
#: How often one job is begun at most: what brings down every worker must not go on for ever.
ATTEMPTS = 3

#: Why there is no result: the words that ``RoundJob.problem_said`` holds.
PINS = "pins"  # the demanded pairs can't all be; ``RoundJob.result`` says which
FAILED = "mislukt"  # no answer
GIVEN_UP = "opgegeven"  # begun :data:`ATTEMPTS` times, never ended


class RoundJobError(Exception):
    """The round has no such job."""


@dataclass(frozen=True)
class Taken:
    """One job that this worker is to do."""

    job_id: int
    round_id: int
    purpose: JobPurpose
    #: ``matching.snapshot`` text.
    problem: str
    seconds: float
    #: Which take this is, from 1; marks it as this worker's.
    attempt: int


def ask_job(
    session: Session,
    round_: Round,
    purpose: JobPurpose,
    problem_text: str,
    problem_hash: str,
    *,
    account_id: int | None,
    seconds: float = SECONDS,
    now: datetime,
) -> RoundJob:
    """Ask for an automatic pairing; the caller holds the round and commits.

    The same question that still waits or is worked on is not asked twice; another one takes the place of
    what was asked before for the same purpose.

    Args:
        problem_text, problem_hash: of ``matching.snapshot``.
        account_id: who asks; None = the product itself, after a decline for instance.
        seconds: brought within :data:`SHORTEST` and :data:`LONGEST`.
    """
    seconds = min(max(seconds, SHORTEST), LONGEST)
    open_jobs = session.scalars(
        select(RoundJob).where(RoundJob.round_id == round_.id, RoundJob.purpose == purpose, _is_open())
    ).all()
    for job in open_jobs:
        if job.problem_hash == problem_hash and job.seconds >= seconds:
            return job
    for job in open_jobs:
        job.cancelled_at = now
    asked = RoundJob(
        round_id=round_.id,
        purpose=purpose,
        problem=problem_text,
        problem_hash=problem_hash,
        seconds=seconds,
        asked_by_id=account_id,
        asked_at=now,
        attempts=0,
        progress={},
        result={},
    )
    session.add(asked)
    record(session, account_id, "pairing", "round", round_.id, after={"job": purpose.value}, at=now)
    return asked


def cancel_job(
    session: Session, round_: Round, job_id: int, *, account_id: int | None, now: datetime
) -> bool:
    """Stop a job that waits or is worked on; the caller holds the round and commits.

    Returns:
        False: it had ended already.

    Raises:
        RoundJobError: the round has no such job.
    """
    job = session.get(RoundJob, job_id, populate_existing=True)
    if job is None or job.round_id != round_.id:
        raise RoundJobError(f"round {round_.id} has no job {job_id}")
    if job.done_at is not None or job.cancelled_at is not None:
        return False
    job.cancelled_at = now
    record(
        session, account_id, "pairing", "round", round_.id, after={"job_stopped": job.purpose.value}, at=now
    )
    return True


def cancel_all(session: Session, round_: Round, *, now: datetime) -> None:
    """Stop what is worked out for a round that has ended; the caller holds the round and commits."""
    session.execute(
        update(RoundJob).where(RoundJob.round_id == round_.id, _is_open()).values(cancelled_at=now)
    )


def has_work(session: Session, *, now: datetime) -> bool:
    """Whether a job can be taken up; reads only, so it may be asked every few seconds."""
    return session.scalar(select(RoundJob.id).where(*_free(now)).limit(1)) is not None


def take_job(session: Session, *, now: datetime) -> Taken | None:
    """Take up the job that waits longest; None = there is none. Commit before doing it.

    Nobody else gets it for :data:`LEASE`. A job that was begun too often ends here.
    """
    oldest = select(RoundJob.id).where(*_free(now)).order_by(RoundJob.asked_at, RoundJob.id).limit(1)
    while (number := session.scalar(oldest.with_for_update(skip_locked=True))) is not None:
        given_up = _changed(
            session,
            [RoundJob.id == number, RoundJob.attempts >= ATTEMPTS, *_free(now)],
            {"done_at": now, "problem_said": GIVEN_UP, "taken_until": None},
        )
        if given_up:
            continue
        taken = _changed(
            session,
            [RoundJob.id == number, *_free(now)],
            {"taken_until": now + LEASE, "attempts": RoundJob.attempts + 1},
        )
        if taken:
            job = session.get_one(RoundJob, number, populate_existing=True)
            return Taken(job.id, job.round_id, job.purpose, job.problem, job.seconds, job.attempts)
    return None


def tell_progress(
    session: Session, taken: Taken, progress: Mapping[str, Any] | None, *, now: datetime
) -> bool:
    """Say how far a job is, and that somebody is still at it. The caller commits.

    Args:
        progress: as ``RoundJob.progress``; None = nothing new.

    Returns:
        False: stop working on it: it was cancelled, or somebody else took it over.
    """
    values: dict[str, Any] = {"taken_until": now + LEASE}
    if progress is not None:
        values["progress"] = dict(progress)
    return _changed(session, _own(taken), values)


def finish_job(
    session: Session,
    taken: Taken,
    pairs: Iterable[FoundPair],
    *,
    gaps: list[dict[str, Any]],
    stopped: bool,
    progress: Mapping[str, Any] | None = None,
    now: datetime,
) -> bool:
    """Write down the answer, and with it the automatic pairing of the round. The caller commits.

    A pair with somebody who fell out of the round meanwhile is left out.

    Args:
        gaps: one an aim, ``{"aim", "value", "bound", "proved"}``.
        stopped: the time was up before everything was proved.
        progress: how long it took, as for :func:`tell_progress`.

    Returns:
        False: it no longer counts: it was cancelled, or somebody else took it over.
    """
    try:
        # Held before the job is: whoever cancels holds them in this order too.
        round_ = hold_any(session, taken.round_id)
    except RoundNotFoundError:
        return False
    if round_.state is RoundState.CANCELLED:
        _changed(session, _own(taken), {"cancelled_at": now})
        return False
    kept = those_present(session, taken.round_id, pairs)
    result = {
        "pairs": [[pair.initiative_id, pair.consultant_id, pair.fit, list(pair.broken)] for pair in kept],
        "gaps": gaps,
        "stopped": stopped,
    }
    values: dict[str, Any] = {"done_at": now, "taken_until": None, "result": result}
    if progress is not None:
        values["progress"] = dict(progress)
    if not _changed(session, _own(taken), values):
        return False
    if taken.purpose is JobPurpose.BESIDE:
        put_automatic(session, taken.round_id, kept, now)
    # Not how many, nor how well: the log is read while the pairing is still hidden.
    record(session, None, "pairing", "round", taken.round_id, after={"job_done": taken.purpose.value}, at=now)
    return True


def fail_job(
    session: Session, taken: Taken, why: str, *, clash: Mapping[str, Any] | None = None, now: datetime
) -> bool:
    """Write down that there is no answer, for good. The caller commits.

    Args:
        why: :data:`PINS` or :data:`FAILED`.
        clash: which pins, for :data:`PINS`: keys, words and numbers; kept as the result.

    Returns:
        False: it no longer counts, as for :func:`finish_job`.
    """
    values: dict[str, Any] = {"done_at": now, "taken_until": None, "problem_said": why}
    if clash is not None:
        values["result"] = dict(clash)
    return _changed(session, _own(taken), values)


def give_back(session: Session, taken: Taken) -> None:
    """Let somebody else do it at once: this worker stops before it is done. The caller commits."""
    _changed(session, _own(taken), {"taken_until": None, "attempts": RoundJob.attempts - 1})


def _is_open() -> ColumnElement[bool]:
    return RoundJob.done_at.is_(None) & RoundJob.cancelled_at.is_(None)


def _free(now: datetime) -> list[ColumnElement[bool]]:
    return [_is_open(), or_(RoundJob.taken_until.is_(None), RoundJob.taken_until <= now)]


def _own(taken: Taken) -> list[ColumnElement[bool]]:
    return [RoundJob.id == taken.job_id, RoundJob.attempts == taken.attempt, _is_open()]


def _changed(session: Session, where: list[ColumnElement[bool]], values: dict[str, Any]) -> bool:
    done = session.execute(
        update(RoundJob).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    return bool(done.rowcount)

"""What the service does by itself, at set times: sending, reminding, forgetting.

Runs beside the pages in ``review serve``, or in a process of its own (``review upkeep``); several at once on
one database do no harm, for every job takes up its work in the database before doing it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.base import utc_now
from models.database import session_factory
from models.settings import Settings

log = logging.getLogger(__name__)

DAY = 24 * 3600
#: Seconds that stopping waits for jobs to come to a good end; what is not done then is taken up again later.
GRACE = 3.0


@dataclass(frozen=True)
class Job:
    """One thing to do again and again."""

    name: str
    #: Seconds from its end to its next beginning.
    every: float
    #: Does it; what it gives back is for whoever asked for it, and holds counts only.
    run: Callable[..., Any]
    #: Takes long, and is given an event more than the others, which says that it is to stop.
    heeds: bool = False


def deliver(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Send what is due to webhooks."""
    from review.delivering import deliver_due

    return deliver_due(settings, engine, now)


def tick_shares(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Remind of shares, let them lapse, ask again."""
    from models.store.shares import tick

    return _written(engine, lambda session: tick(session, now=now))


def send_digests(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Send the digests of today."""
    from review.digests import send_due

    return send_due(settings, engine, now)


def forget_events(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Remove events that are past their term."""
    from models.store import events

    return {"events": _written(engine, lambda session: events.forget_events(session, now=now))}


def forget_tokens(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Remove tokens of the API that are past their time."""
    from models.store import api_clients

    return {"tokens": _written(engine, lambda session: api_clients.forget_tokens(session, now=now))}


def send_matches(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Send the messages about matches and their evaluations."""
    from review.match_mail import send_matches_due

    return send_matches_due(settings, engine, now)


def forget_rounds(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Remove own words and names of matches and rounds that are past their term."""
    from models.store import rounds_forgetting

    return {"rows": _written(engine, lambda session: rounds_forgetting.forget_rounds(session, now=now))}


def leave_rounds(settings: Settings, engine: Engine, now: datetime) -> Any:
    """Let fall out of the rounds whoever left because a day has passed."""
    from models.store import round_leaving

    return _written(engine, lambda session: round_leaving.leave_due(session, now=now))


def solve_rounds(settings: Settings, engine: Engine, now: datetime, stop: threading.Event) -> Any:
    """Work out the automatic pairings that were asked for."""
    from review.round_solving import solve_due

    return solve_due(settings, engine, now, stop)


#: Everything that is done by itself. Each job has a thread of its own, so that none waits for another.
JOBS: tuple[Job, ...] = (
    Job("deliveries", 1, deliver),
    Job("shares", 60, tick_shares),
    Job("digests", 60, send_digests),
    Job("events", DAY, forget_events),
    Job("tokens", DAY, forget_tokens),
    Job("matches", 60, send_matches),
    Job("leaving", 600, leave_rounds),
    Job("rounds", 2, solve_rounds, heeds=True),
    Job("own words", DAY, forget_rounds),
)


@dataclass(frozen=True)
class Done:
    """What one run of a job came to."""

    name: str
    #: Whether it ended well.
    fine: bool
    #: Counts by name; empty when it failed.
    told: dict[str, Any]
    seconds: float


def run_job(
    job: Job, settings: Settings, engine: Engine, now: datetime, stop: threading.Event | None = None
) -> Done:
    """Do a job once. An error is noted by its kind only, for its words may hold content.

    Args:
        stop: set when the job is to stop; only jobs that take long heed it.
    """
    begun = time.monotonic()
    heeded = (stop or threading.Event(),) if job.heeds else ()
    try:
        told = job.run(settings, engine, now, *heeded)
    except Exception as error:
        log.error("upkeep: %s failed: %s", job.name, type(error).__name__)
        return Done(job.name, False, {}, time.monotonic() - begun)
    counts = asdict(told) if is_dataclass(told) and not isinstance(told, type) else told
    return Done(job.name, True, counts if isinstance(counts, dict) else {}, time.monotonic() - begun)


def run_once(settings: Settings, engine: Engine, jobs: tuple[Job, ...] = JOBS) -> list[Done]:
    """Do every job once, one after the other."""
    return [run_job(job, settings, engine, utc_now()) for job in jobs]


class Upkeep:
    """Does all jobs, over and over, until it is stopped."""

    def __init__(self, settings: Settings, engine: Engine, jobs: tuple[Job, ...] = JOBS) -> None:
        self._settings = settings
        self._engine = engine
        self._stopping = threading.Event()
        # Ended with the process at the latest: nothing that waits for somebody else keeps it from stopping.
        self._threads = [
            threading.Thread(target=self._repeat, args=(job,), name=f"upkeep {job.name}", daemon=True)
            for job in jobs
        ]

    def start(self) -> None:
        """Begin; the first time of every job is now."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after what is being done now, or at least soon."""
        self._stopping.set()
        until = time.monotonic() + GRACE
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))

    def _repeat(self, job: Job) -> None:
        while not self._stopping.is_set():
            run_job(job, self._settings, self._engine, utc_now(), self._stopping)
            self._stopping.wait(job.every)


def _written(engine: Engine, change: Callable[[Session], Any]) -> Any:
    """Do something in a session of its own, and commit."""
    with session_factory(engine)() as session:
        told = change(session)
        session.commit()
        return told

"""Working out automatic pairings: what is asked for is taken up, solved in a process of its own, and kept."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from matching.problem import Key, Matching, PinsClashError
from matching.process import MatchingStoppedError, match_apart
from matching.progress import Progress
from matching.snapshot import digest, of_text, to_text
from models.database import session_factory
from models.round import Round, RoundJob
from models.settings import Settings
from models.store import round_jobs
from models.store.pairing import locked_pairs
from models.store.round_automatic import FoundPair
from models.store.round_jobs import Taken
from models.words import JobPurpose, PairingKind
from review.round_live import with_live
from review.round_problem import problem_of

#: Seconds between words to the database that somebody is still at it, and how far.
HEARTBEAT = 1.0


@dataclass
class Solved:
    """What became of the jobs of one call."""

    solved: int = 0
    failed: int = 0


def solve_due(
    settings: Settings, engine: Engine, now: datetime, stop: threading.Event | None = None
) -> Solved:
    """Work out what was asked for, one after the other; others may do so beside it.

    Args:
        now: the moment at which this call begins, aware; it moves on while the call lasts.
        stop: when set, what is being worked out is left to whoever comes next.
    """
    begun = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    stop = stop or threading.Event()
    told = Solved()
    while not stop.is_set():
        # Looking first costs no lock: most of the time there is nothing.
        with session_factory(engine, writes=False)() as session:
            if not round_jobs.has_work(session, now=clock()):
                break
        taken = _written(engine, lambda session: round_jobs.take_job(session, now=clock()))
        if taken is None:
            continue
        solved = _Work(engine, taken, clock, stop).run()
        told.solved += solved is True
        told.failed += solved is False
    return told


class _Work:
    """One job that is being worked on."""

    def __init__(
        self, engine: Engine, taken: Taken, clock: Callable[[], datetime], stop: threading.Event
    ) -> None:
        self.engine = engine
        self.taken = taken
        self.clock = clock
        self.stop = stop
        self.progress: dict[str, Any] | None = None
        self.heard = 0.0
        #: Somebody cancelled it, or took it over.
        self.lost = False

    def run(self) -> bool | None:
        """Do it; None = it was left to others, or nobody wants it any more."""
        begun = time.monotonic()
        try:
            problem = of_text(self.taken.problem)
            found = match_apart(problem, seconds=self.taken.seconds, tell=self._tell, stop=self._is_to_stop)
        except PinsClashError as error:
            return self._failed(round_jobs.PINS, clash_told(error))
        except ValueError:
            return self._failed(round_jobs.FAILED)
        except MatchingStoppedError:
            if self.stop.is_set():
                self._written(lambda session: round_jobs.give_back(session, self.taken))
                return None
            return None if self.lost else self._failed(round_jobs.FAILED)
        spent = {"aim": "done", "value": None, "bound": None, "seconds": time.monotonic() - begun}
        return True if self._written(lambda session: self._finish(session, found, spent)) else None

    def _finish(self, session: Session, found: Matching, spent: dict[str, Any]) -> bool:
        now = self.clock()
        # In one go with the answer, so that how long it took is never the half of it.
        return round_jobs.finish_job(
            session,
            self.taken,
            [
                FoundPair(
                    int(pair.initiative),
                    int(pair.consultant),
                    pair.fit,
                    tuple(rule.value for rule in pair.broken),
                )
                for pair in found.pairs
            ],
            gaps=[asdict(gap) for gap in found.gaps],
            stopped=found.stopped,
            progress=spent,
            now=now,
        )

    def _failed(self, why: str, clash: dict[str, Any] | None = None) -> bool | None:
        now = self.clock()
        kept = self._written(
            lambda session: round_jobs.fail_job(session, self.taken, why, clash=clash, now=now)
        )
        return False if kept else None

    def _tell(self, progress: Progress) -> None:
        self.progress = asdict(progress)

    def _is_to_stop(self) -> bool:
        """Asked several times a second while the other process works."""
        if self.stop.is_set() or self.lost:
            return True
        if time.monotonic() - self.heard >= HEARTBEAT:
            self.heard = time.monotonic()
            # A database that is busy for a moment is no reason to stop: the next word will get through.
            with suppress(OperationalError):
                self.lost = not self._written(
                    lambda session: round_jobs.tell_progress(
                        session, self.taken, self.progress, now=self.clock()
                    )
                )
        return self.lost

    def _written(self, change: Callable[[Session], Any]) -> Any:
        return _written(self.engine, change)


def clash_told(error: PinsClashError) -> dict[str, Any]:
    """Which pins clash and how, as kept with a job: ``review.round_explained`` puts it into words."""
    return {
        "clash": error.clash.value,
        "pins": [list(pin) for pin in error.pins],
        "rule": error.rule.value if error.rule else None,
        "wanted": error.wanted,
        "left": error.left,
    }


def ask_beside(
    session: Session,
    round_: Round,
    *,
    account_id: int | None,
    now: datetime,
    marks: bool = False,
    seconds: float = round_jobs.SECONDS,
) -> RoundJob:
    """Ask for the automatic pairing beside the one by hand, anew; the caller holds the round and commits.

    Args:
        marks: with what was demanded, forbidden and set aside by hand since the problem was frozen; without,
            both pairings begin from the same.
    """
    problem = problem_of(session, round_.id, kind=None)
    if not marks:
        # Nothing was demanded of pairs yet when the problem was frozen.
        none: frozenset[Key] = frozenset()
        problem = replace(problem, pins=none, forbidden=none, set_aside=none)
    text, hash_ = to_text(problem), digest(problem)
    return round_jobs.ask_job(
        session, round_, JobPurpose.BESIDE, text, hash_, account_id=account_id, seconds=seconds, now=now
    )


def ask_mending(
    session: Session,
    round_: Round,
    *,
    account_id: int | None,
    now: datetime,
    seconds: float = round_jobs.SECONDS,
) -> RoundJob:
    """Ask what to do after a decline or when somebody left; the caller holds the round and commits.

    Matches that live stay as they are, and of the other pairs as many as can be.
    """
    problem = with_live(
        problem_of(session, round_.id, kind=PairingKind.FINAL), locked_pairs(session, round_.id)
    )
    text, hash_ = to_text(problem), digest(problem)
    return round_jobs.ask_job(
        session, round_, JobPurpose.MENDING, text, hash_, account_id=account_id, seconds=seconds, now=now
    )


def _written(engine: Engine, change: Callable[[Session], Any]) -> Any:
    """Do something in a session of its own, and commit."""
    with session_factory(engine)() as session:
        told = change(session)
        session.commit()
        return told

"""The worker: does errands as soon as they are asked, and runs the scout every so often, until told to stop.

It only waits and looks: the work is done by children, which give their memory back and end with it. Any
number of workers may share one database.
"""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from models.base import utc_now
from models.database import ensure_ready, open_engine, session_factory
from models.settings import Settings
from models.store.errands import any_waiting, forget_old, give_back, take_next
from models.words import ErrandKind
from scout.errands import note_broken
from scout.stages import begin

#: Seconds between two looks for errands: one small query each.
LOOK_EVERY = 0.5
#: Seconds of rest after the database could not be used.
AFTER_TROUBLE = 5.0
#: Seconds between two times that old errands are forgotten, where no runs are begun.
FORGET_EVERY = 1800.0
#: Seconds that children get to end by themselves.
PATIENCE = 10.0
#: Errands of each kind done at once. Visits wait for each other anyway: one run at a time writes items.
AT_ONCE = {ErrandKind.PROBE: 2, ErrandKind.VISIT: 1}


@dataclass
class _Child:
    """A process that does one errand."""

    errand_id: int
    kind: ErrandKind
    process: "subprocess.Popen[bytes]"


class Worker:
    """Works until :meth:`stop`.

    Args:
        every: seconds between the starts of two runs, of which the first begins at once; None = no runs.
        say: told of trouble, one sentence each.
    """

    def __init__(self, settings: Settings, *, every: float | None, say: Callable[[str], None]) -> None:
        self._settings, self._every, self._say = settings, every, say
        self._engine: Engine | None = None
        self._errands: list[_Child] = []
        self._run: subprocess.Popen[bytes] | None = None
        self._next_run = time.monotonic()
        self._stopping = False

    def stop(self) -> None:
        """End soon; may be called from a signal handler."""
        self._stopping = True

    def work(self) -> None:
        """Work until stopped, then end the children; what they were at is left for another worker."""
        try:
            while not self._stopping:
                try:
                    self._step()
                    rest = LOOK_EVERY
                except (DBAPIError, OSError) as error:
                    self._say(f"the worker goes on in {AFTER_TROUBLE:g} seconds: {_in_words(error)}")
                    rest = AFTER_TROUBLE
                self._rest(rest)
        finally:
            self._end()

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))

    def _step(self) -> None:
        if self._engine is None:
            engine = open_engine(self._settings)
            ensure_ready(engine)
            self._engine = engine
        self._see_to_run(self._engine)
        self._see_to_errands(self._engine)

    # -- runs ----------------------------------------------------------------------------------

    def _see_to_run(self, engine: Engine) -> None:
        if self._run is not None:
            code = self._run.poll()
            if code is None:
                return
            self._run = None
            if code:
                self._say(f"a run could not finish (exit code {code}); the next one tries again")
        if time.monotonic() < self._next_run:
            return
        self._next_run = time.monotonic() + (self._every or FORGET_EVERY)
        with session_factory(engine)() as session:
            forget_old(session, utc_now())
            session.commit()
        if self._every is not None:
            self._run = begin("run", "--no-errands", "--json")

    # -- errands -------------------------------------------------------------------------------

    def _see_to_errands(self, engine: Engine) -> None:
        for child in list(self._errands):
            code = child.process.poll()
            if code is None:
                continue
            self._errands.remove(child)
            if code:
                note_broken(engine, child.errand_id, code, self._say)
        while not self._stopping and (free := self._free()):
            with session_factory(engine, writes=False)() as session:
                if not any_waiting(session, utc_now(), free):
                    return
            with session_factory(engine)() as session:
                errand = take_next(session, utc_now(), free)
                session.commit()
            if errand is not None:
                process = begin("errand", str(errand.id))
                self._errands.append(_Child(errand.id, errand.kind, process))

    def _free(self) -> list[ErrandKind]:
        """The kinds of errands that there is room for."""
        busy = [child.kind for child in self._errands]
        return [kind for kind, most in AT_ONCE.items() if busy.count(kind) < most]

    # -- the end -------------------------------------------------------------------------------

    def _end(self) -> None:
        processes = [child.process for child in self._errands] + ([self._run] if self._run else [])
        for process in processes:
            process.terminate()
        until = time.monotonic() + PATIENCE
        for process in processes:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._engine is None:
            return
        try:
            with session_factory(self._engine)() as session:
                for child in self._errands:
                    give_back(session, child.errand_id)
                session.commit()
        except DBAPIError as error:
            self._say(f"errands are taken up again in a quarter of an hour: {_in_words(error)}")
        self._engine.dispose()


def _in_words(error: DBAPIError | OSError) -> str:
    told = error.orig if isinstance(error, DBAPIError) else error.strerror or error
    return f"the database can't be used: {told}".splitlines()[0]


def work_until_told(settings: Settings, *, every: float | None, say: Callable[[str], None]) -> None:
    """Work until SIGTERM or Ctrl-C."""
    worker = Worker(settings, every=every, say=say)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: worker.stop())
    worker.work()

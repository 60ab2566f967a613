"""Running the stages one after another, each in a process of its own.

A process a stage gives its memory back when it ends, and Scrapy's reactor can be started only
once in a process. All stages of one run share one lock: it is a file lock that the children
inherit, so it is held until the last of them is gone, also when the first one was killed.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from models.commands import COULD_NOT_FINISH, WRONG_USE, CannotFinishError
from models.settings import Settings

#: Seconds to wait for another run to end: longer than one visit may take (10 minutes).
LOCK_SECONDS = 3600
#: Set for children: the lock is already held by the run they belong to.
HELD = "SCOUT_STAGE_OF_RUN"
#: Set for children that end with us but take the lock themselves, if they need it.
ENDS_WITH_PARENT = "SCOUT_ENDS_WITH_PARENT"


class StageError(CannotFinishError):
    """A stage could not finish; the message is one sentence."""

    def __init__(self, message: str, stage_code: int = COULD_NOT_FINISH) -> None:
        super().__init__(message)
        # What we were given was handed on: where the stage can't use it, neither can we.
        self.exit_code = WRONG_USE if stage_code == WRONG_USE else COULD_NOT_FINISH


@contextmanager
def only_one_run(settings: Settings, say: Callable[[str], None]) -> Iterator[IO[str] | None]:
    """Hold the lock of this ``var`` folder: one run at a time writes items, predictions and leads.

    Yields:
        The open lock file for children to inherit; None when this process is such a child.

    Raises:
        StageError: another run held it for an hour.
    """
    if os.environ.get(HELD):
        yield None
        return
    settings.var.mkdir(parents=True, exist_ok=True)
    with open(settings.var / "scout.lock", "w", encoding="utf-8") as file:
        until = time.monotonic() + LOCK_SECONDS
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise StageError(
                        f"another run has been at work in {settings.var} for an hour: stop it first"
                    ) from None
                if not told:
                    say(f"another run is at work in {settings.var}: waiting until it is done")
                    told = True
                time.sleep(0.1)
        yield file


def run_stage(name: str, *arguments: str, lock: IO[str] | None) -> dict[str, Any]:
    """Run ``scout NAME --json`` as a child that ends with us, and return what it reports.

    Raises:
        StageError: it ended without a report; what it said stands on standard error already.
    """
    command = [sys.executable, "-m", "scout", name, "--json", *arguments]
    environment = {**os.environ, HELD: "1"}
    inherited = (lock.fileno(),) if lock else ()
    # Our end of the pipe closes when we die, however that happens; the child watches it.
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=inherited,
    ) as child:
        try:
            assert child.stdout is not None
            output = child.stdout.read()
            code = child.wait()
        except BaseException:
            child.terminate()
            raise
    if code != 0:
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        raise StageError(f"stage {name} could not finish ({how})", code)
    report: dict[str, Any] = json.loads(output)
    return report


def begin(*words: str) -> "subprocess.Popen[bytes]":
    """Start ``scout WORDS`` as a child that ends with us; what it says goes to standard error."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "scout", *words],
        env={**os.environ, ENDS_WITH_PARENT: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )


def end_with_parent() -> None:
    """In a child of a run or of a worker: leave at once when that is gone, killed or not."""
    if not (os.environ.get(HELD) or os.environ.get(ENDS_WITH_PARENT)):
        return

    def watch() -> None:
        # os.read, not sys.stdin: a buffered reader would hold its lock while the interpreter ends.
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end with parent").start()

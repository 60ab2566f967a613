"""Matching in a process of its own, which can be stopped at any moment.

The solver is not ours and works in one long call: in a process of its own it can't hold up or bring down
whoever asked, and ends when the time is up, whatever it is doing.

    python -m matching.process < problem.json

reads a problem (``matching.snapshot``) and writes lines of JSON: progress, then the answer.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from queue import Empty, Queue
from time import monotonic
from typing import Any

from matching.pairs import check_pins, possible_pairs
from matching.problem import Gap, Matching, PinsClashError, Problem
from matching.progress import SECONDS, Progress, Tell
from matching.snapshot import of_text, to_text

#: Seconds beyond its limit after which the process is stopped from outside.
GRACE = 5.0


class MatchingStoppedError(Exception):
    """There is no answer: somebody stopped it, or the process ended by itself."""


def match_apart(
    problem: Problem,
    *,
    seconds: float = SECONDS,
    tell: Tell | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Matching:
    """What :func:`matching.solve.match` gives, worked out in another process.

    Args:
        tell: called now and then with how far it is.
        stop: asked several times a second; True = end it.

    Raises:
        PinsClashError: the pins can't all be.
        MatchingStoppedError: it was stopped, or the process failed.
    """
    check_pins(problem)
    with subprocess.Popen(  # noqa: S603 - our own module, and nothing that anybody typed
        [sys.executable, "-m", "matching.process", f"{seconds:g}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            for line in _lines(process, to_text(problem), monotonic() + seconds + GRACE, stop):
                told = json.loads(line)
                if "matching" in told:
                    return _matching(problem, told["matching"])
                if tell is not None:
                    tell(Progress(**told["progress"]))
        finally:
            process.kill()
    raise MatchingStoppedError("the matching ended without an answer")


def _lines(
    process: "subprocess.Popen[str]", text: str, until: float, stop: Callable[[], bool]
) -> Iterator[str]:
    assert process.stdin is not None
    assert process.stdout is not None
    lines: Queue[str | None] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    with suppress(BrokenPipeError):
        process.stdin.write(text)
        process.stdin.close()
    while monotonic() < until and not stop():
        with suppress(Empty):
            line = lines.get(timeout=0.1)
            if line is None:
                return
            yield line
    raise MatchingStoppedError("the matching was stopped")


def _matching(problem: Problem, told: dict[str, Any]) -> Matching:
    pairs = possible_pairs(problem)
    chosen = tuple(pairs[initiative, consultant] for initiative, consultant in told["pairs"])
    return Matching(chosen, tuple(Gap(**gap) for gap in told["gaps"]), told["stopped"])


def main() -> int:
    """Read a problem, write progress and answer."""

    def say(**told: Any) -> None:
        print(json.dumps(told), flush=True)  # noqa: T201 - this is how the answer gets out

    # Here only: the solver is for this process, not for the one that started it.
    from matching.solve import match

    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    try:
        problem = of_text(sys.stdin.read())
        found = match(problem, seconds=seconds, tell=lambda progress: say(progress=asdict(progress)))
    except (ValueError, PinsClashError) as error:
        print(f"matching: {error}", file=sys.stderr)  # noqa: T201
        return 1
    say(
        matching={
            "pairs": [list(pair.key) for pair in found.pairs],
            "gaps": [asdict(gap) for gap in found.gaps],
            "stopped": found.stopped,
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

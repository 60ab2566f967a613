"""Showing how far long work is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called with a stage's word, how much is done, and how much there is (0 = not known).
Progress = Callable[[str, int, int], None]

#: Seconds between two lines where the output is not a terminal.
LINE_EVERY = 5.0


@contextmanager
def shown() -> Iterator[Progress]:
    """Progress on standard error, so that standard output stays for results."""
    if sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield progress


def _lines() -> Progress:
    last: dict[str, float] = {}

    def progress(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        finished = total > 0 and done >= total
        if finished or now - last.get(stage, 0.0) >= LINE_EVERY:
            last[stage] = now
            print(f"{stage}: {done} of {total}" if total else f"{stage}: {done}", file=sys.stderr)  # noqa: T201

    return progress

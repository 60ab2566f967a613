"""What one visit has found so far, and how much time it has left."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from models.health import Noted, advice
from models.words import Outcome
from scout.crawl.context import Tally
from scout.crawl.trouble import Trouble

T = TypeVar("T")

#: Seconds that one visit may take (DESIGN 5).
LONGEST_VISIT = 600.0


class OutOfTime(Trouble):
    """The visit has taken as long as it may."""


@dataclass
class Findings:
    """Counts, problems and what is left to do; filled while the visit goes on."""

    #: On the event loop's clock.
    deadline: float = field(default_factory=lambda: asyncio.get_running_loop().time() + LONGEST_VISIT)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    #: Why the visit failed; the first reason counts.
    problem: str | None = None
    warnings: list[str] = field(default_factory=list)
    wait_until: datetime | None = None
    #: Something is left for the next visit: it must not be told "nothing changed".
    unfinished: bool = False
    #: See ``Source.refused``.
    refused: dict[str, list[str]] = field(default_factory=dict)
    #: What is odd about it, as it came up.
    signs: list[Noted] = field(default_factory=list)
    #: Key of another source -> drafts that are stored as items of that one.
    others: Counter[str] = field(default_factory=Counter)
    #: Why articles could not be had: for drafts that ended in ``error``, and for those whose list gave text.
    lost: list[str] = field(default_factory=list)
    stood_in: list[str] = field(default_factory=list)

    def fail(self, trouble: Trouble | str) -> None:
        """Note why the visit fails."""
        self.problem = self.problem or str(trouble)
        self.unfinished = True
        if isinstance(trouble, Trouble) and trouble.wait_until is not None:
            self.wait_until = max(trouble.wait_until, self.wait_until or trouble.wait_until)

    def see_move(self, moved: Noted | None, mildly: str | None) -> None:
        """Note that a list answers from another address for good, or say so mildly."""
        if moved is not None:
            self.signs.append(moved)
        if mildly is not None:
            self.warn(mildly)

    def meet(self, instead: Noted | None) -> None:
        """Fail because something else stands in the place of the source; it did not move there."""
        if instead is not None:
            self.signs = [instead]
            self.fail(advice(instead.sign, instead.detail))

    def warn(self, warning: str) -> None:
        """Note what a person should know, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    async def in_time(self, work: Coroutine[Any, Any, T]) -> T:
        """Await ``work`` as long as the visit may last; begins nothing after that.

        Raises:
            OutOfTime: it is over.
        """
        loop = asyncio.get_running_loop()
        if loop.time() >= self.deadline:
            work.close()
            raise _out_of_time()
        try:
            async with asyncio.timeout_at(self.deadline):
                return await work
        except TimeoutError:
            if loop.time() < self.deadline:
                raise
            raise _out_of_time() from None


def _out_of_time() -> OutOfTime:
    minutes = f"{LONGEST_VISIT / 60:g} minutes"
    return OutOfTime(f"the visit took more than {minutes}: what was found is kept, the next one goes on")

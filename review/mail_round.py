"""What every round of sending keeps: what stood in its way, and the time by which it takes messages."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(kw_only=True)
class Problems:
    """What stood in the way of one round."""

    #: In one sentence each, every one once; nothing of messages or recipients.
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        """Remember a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The time of a round, which may last longer than a message belongs to who took it."""

    #: When it began, on the clock of whoever called and on one that only goes on.
    began: tuple[datetime, float]

    def now(self) -> datetime:
        """The time by which messages are taken."""
        start, mark = self.began
        return start + timedelta(seconds=time.monotonic() - mark)

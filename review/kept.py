"""Answers that took long to work out, kept for some minutes in this process."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.base import utc_now

#: Seconds that figures are kept: nobody decides on anything by a number of five minutes ago.
SECONDS = 300
#: Answers kept at most; each is at most some tens of kilobytes.
MOST = 400


@dataclass
class _Answer:
    #: Held while the answer is worked out, so that it is done once and the others wait for it.
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    made_at: datetime | None = None
    until: float = 0.0


class Kept:
    """Keeps answers by key. The key must tell apart all who may not see the same."""

    def __init__(
        self, seconds: float = SECONDS, *, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._answers: dict[Hashable, _Answer] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> tuple[Any, datetime]:
        """The answer, made when there is none or it is too old, and when it was made."""
        with self._lock:
            answer = self._answers.pop(key, None) or _Answer()
            # Put back at the end: what was asked for longest ago stands first.
            self._answers[key] = answer
            while len(self._answers) > self._most:
                del self._answers[next(iter(self._answers))]
        with answer.lock:
            if answer.made_at is None or self._clock() >= answer.until:
                answer.value, answer.made_at = make(), utc_now()
                answer.until = self._clock() + self._seconds
            return answer.value, answer.made_at

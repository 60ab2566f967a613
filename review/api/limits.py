"""Rates: how many requests a program, or whoever asks for tokens, may make in a minute."""

import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from review.api.problems import problem

#: Requests for tokens from one network address in a minute; a whole office may share one.
TOKENS_PER_ADDRESS = 60


@dataclass(frozen=True)
class Left:
    """What a program may still ask."""

    limit: int
    remaining: int
    #: Seconds until there is room again.
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """As answers tell it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.seconds),
        }


class Rates:
    """Counts requests in the memory of this process."""

    def __init__(self, per_client: int) -> None:
        self._counts = MovingWindowRateLimiter(MemoryStorage())
        self._per_client = RateLimitItemPerMinute(per_client)
        self._per_address = RateLimitItemPerMinute(TOKENS_PER_ADDRESS)

    def client(self, client_id: int) -> Left:
        """Count one request of a client.

        Raises:
            Problem: 429.
        """
        return self._count(self._per_client, "client", str(client_id))

    def address(self, address: str) -> Left:
        """Count one request for a token.

        Raises:
            Problem: 429.
        """
        return self._count(self._per_address, "address", address)

    def _count(self, item: RateLimitItemPerMinute, *key: str) -> Left:
        fine = self._counts.hit(item, *key)
        reset, remaining = self._counts.get_window_stats(item, *key)
        left = Left(item.amount, max(0, remaining), max(1, int(reset - time.time()) + 1))
        if not fine:
            problem(429, headers={"Retry-After": str(left.seconds), **left.headers})
        return left

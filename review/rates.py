"""How often somebody may ask for what costs much or can be tried, counted in the memory of this process."""

import time

from flask import Flask, Response, abort, current_app
from flask_babel import gettext as _
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


def use_rates(app: Flask) -> None:
    """Let ``app`` count."""
    app.extensions["rates"] = MovingWindowRateLimiter(MemoryStorage())


def must_wait(rate: RateLimitItem, *key: str) -> int:
    """Count one request.

    Args:
        key: what is asked, and who or what asks it.

    Returns:
        Seconds until there is room again; 0 = it may be.
    """
    rates: MovingWindowRateLimiter = current_app.extensions["rates"]
    if rates.hit(rate, *key):
        return 0
    reset, _left = rates.get_window_stats(rate, *key)
    return max(1, int(reset - time.time()) + 1)


def count(rate: RateLimitItem, *key: str) -> None:
    """Count one request, and end it with 429 when there were too many."""
    seconds = must_wait(rate, *key)
    if seconds:
        words = _("Te vaak gevraagd. Wacht even.")
        abort(Response(f"{words}\n", 429, {"Retry-After": str(seconds)}, mimetype="text/plain"))

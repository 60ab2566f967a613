"""Waiting for the scout: how far an errand is, and telling the page that waits for it."""

from datetime import timedelta
from enum import StrEnum

from models.base import utc_now
from models.errand import Errand

#: After so long without anybody taking it up, no worker seems to be there.
PATIENCE = timedelta(minutes=1)
#: After so long a page asks no more by itself.
WATCHED = timedelta(minutes=15)


class HowFar(StrEnum):
    """How far an errand is."""

    #: Nobody has taken it up yet.
    WAITS = "wacht"
    #: Nobody has for a minute: `scout worker` does not seem to run.
    LONG = "lang"
    #: The scout is at it.
    BEGUN = "bezig"
    DONE = "klaar"


def how_far(errand: Errand) -> HowFar:
    """How far an errand is at this moment."""
    if errand.done_at is not None:
        return HowFar.DONE
    if errand.begun_at is not None:
        return HowFar.BEGUN
    return HowFar.LONG if utc_now() - errand.asked_at >= PATIENCE else HowFar.WAITS


def still_watched(errand: Errand) -> bool:
    """Whether a page may go on asking by itself: not for ever, for each time keeps a session alive."""
    return utc_now() - errand.asked_at < WATCHED

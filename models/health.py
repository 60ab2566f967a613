"""How a source is doing, decided from what its visits left behind. Pure: clock and database are outside.

What :attr:`Noted.detail` holds, so that every language can make its own sentence of it:

=========  ==========================================================================================
sign       detail
=========  ==========================================================================================
moved      the address to use from now on
parked     the address of the page that answered; the same for suspended and consent
silent     the day of its last new item, ``2026-10-03``
bounds     ``drafts:least:most`` with an empty bound where there is none: ``3:5:200``, ``0:1:``
doubled    ``visit:48:20`` (drafts of a visit, and what is usual), ``day:60:25`` (new items a day), or
           ``source:KEY:18:20`` (18 of its 20 items are those of source KEY)
=========  ==========================================================================================
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from models.words import Sign, SourceState

#: Signs in order of weight.
WEIGHT = (
    Sign.PARKED,
    Sign.SUSPENDED,
    Sign.CONSENT,
    Sign.MOVED,
    Sign.SILENT,
    Sign.BOUNDS,
    Sign.DOUBLED,
)
#: With one of these, nothing of the source itself is read.
WALLS = frozenset({Sign.PARKED, Sign.SUSPENDED, Sign.CONSENT})
#: Days that a review of terms holds.
TERMS_DAYS = 365

#: Silent: days with something new that there must be before anything is usual …
FEWEST_NEWS_DAYS = 8
#: … the shortest silence that counts, in days, and how often the gap that nine in ten stay under.
SHORTEST_SILENCE, TIMES_USUAL = 7, 4
#: First and last day (month, day) of holidays in which much stands still; they don't count as silence.
#: The regions take turns: from the first to come to the last to return.
HOLIDAYS = (((4, 20), (5, 10)), ((7, 4), (9, 6)), ((12, 19), (12, 31)), ((1, 1), (1, 7)))

#: Doubled: days in a row that are far above what is usual, and days before them that say what is.
DOUBLED_DAYS, USUAL_DAYS, FEWEST_USUAL_DAYS = 3, 56, 14
#: Twice as many, at least so many more, where at least so many are usual.
TIMES_DOUBLED, MORE_AT_LEAST, USUAL_AT_LEAST = 2, 10, 5


@dataclass(frozen=True, slots=True)
class Noted:
    """Something odd, as one visit or one look at the history saw it."""

    sign: Sign
    #: See the head of this module.
    detail: str

    def as_dict(self) -> dict[str, str]:
        """For ``Run.signs``."""
        return {"sign": self.sign.value, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class SignSeen:
    """A sign that stands, and since when."""

    sign: Sign
    detail: str
    since: datetime

    def as_dict(self) -> dict[str, str]:
        """For ``Source.signs``."""
        return {"sign": self.sign.value, "detail": self.detail, "since": self.since.isoformat()}


class Day(NamedTuple):
    """What one day brought; see :class:`models.source_day.SourceDay`."""

    day: date
    visits: int
    new: int
    drafts: int


@dataclass(frozen=True, slots=True)
class Yield:
    """What a source brought lately, for how often it is visited."""

    #: Days since its first visit on record.
    days: int
    #: New items, and leads made of its items that were accepted.
    items: int
    accepted: int
    #: The most drafts that one visit gave: how much its list holds.
    room: int


def seen(signs: Iterable[dict[str, Any]]) -> tuple[SignSeen, ...]:
    """The signs of ``Source.signs``."""
    return tuple(
        SignSeen(Sign(each["sign"]), each["detail"], datetime.fromisoformat(each["since"])) for each in signs
    )


def state_of(source: Any, *, today: date) -> SourceState:
    """How a source is doing.

    Args:
        source: a :class:`models.source.Source`, or a row with the same columns.
    """
    terms = source.terms_checked
    unreviewed = terms is None or (today - terms).days > TERMS_DAYS
    states = (
        (SourceState.REMOVED, source.removed_at is not None),
        (SourceState.DISABLED, not source.enabled),
        (SourceState.PAUSED, source.paused is not None),
        (SourceState.UNREVIEWED, unreviewed),
        (SourceState.NEW, source.last_visit_at is None),
        (SourceState.FAILING, source.consecutive_failures > 0),
        (SourceState.ODD, bool(source.signs)),
    )
    return next((state for state, holds in states if holds), SourceState.HEALTHY)


def standing(
    before: Sequence[SignSeen],
    noted: Iterable[Noted],
    over_time: Iterable[Noted],
    *,
    fine: bool,
    looked: bool,
    at: datetime,
) -> tuple[SignSeen, ...]:
    """The signs that stand after a visit, in order of weight.

    Args:
        before: those that stood before it.
        noted: what the visit noted itself.
        over_time: what :func:`silent` and :func:`doubled` say now.
        fine: the visit went well. A visit that failed clears nothing: a server that is down for an hour
            tells nothing about where its pages are.
        looked: it read the list; one that found it unchanged says nothing new of what is in it.
        at: when it ended.
    """
    found = {one.sign: one for one in (*over_time, *noted)}
    old = {one.sign: one for one in before}
    kept: set[Sign] = set()
    if not fine:
        walled = not WALLS.isdisjoint(found)
        kept = {sign for sign in old if not (walled and sign in WALLS)}
    elif not looked:
        kept = {
            sign
            for sign, one in old.items()
            if sign is Sign.BOUNDS or (sign is Sign.DOUBLED and one.detail.startswith("source:"))
        }
    now = {sign: one.detail for sign, one in old.items() if sign in kept}
    now |= {sign: one.detail for sign, one in found.items()}
    return tuple(
        SignSeen(sign, now[sign], old[sign].since if sign in old else at) for sign in WEIGHT if sign in now
    )


def silent(days: Sequence[Day], today: date) -> Noted | None:
    """Whether there has been nothing new for much longer than is usual for this source.

    Args:
        days: its days on record, oldest first.
        today: the day of a visit that went well; without visits there is no silence.
    """
    news = [one.day for one in days if one.new]
    if len(news) < FEWEST_NEWS_DAYS:
        return None
    gaps = sorted((later - earlier).days for earlier, later in pairwise(news))
    usual = gaps[-(-9 * len(gaps) // 10) - 1]  # nine in ten are no longer
    if _days_that_count(news[-1], today) <= max(SHORTEST_SILENCE, TIMES_USUAL * usual):
        return None
    return Noted(Sign.SILENT, news[-1].isoformat())


def _days_that_count(last: date, today: date) -> int:
    days = (last + timedelta(days=number) for number in range(1, (today - last).days + 1))
    return sum(not any(start <= (day.month, day.day) <= end for start, end in HOLIDAYS) for day in days)


def doubled(days: Sequence[Day], today: date) -> Noted | None:
    """Whether it has given far more than is usual for this source, for some days in a row.

    Args:
        days: its days on record, oldest first; only days on which it was visited count, and today is
            not over yet.
    """
    visited = [one for one in days if one.visits and one.day < today]
    new = _far_above([one.new for one in visited])
    if new is not None:
        return Noted(Sign.DOUBLED, f"day:{new[0]}:{new[1]}")
    # Days on which the list did not change say nothing of its length.
    drafts = _far_above([one.drafts for one in visited if one.drafts])
    if drafts is not None:
        return Noted(Sign.DOUBLED, f"visit:{drafts[0]}:{drafts[1]}")
    return None


def _far_above(counts: Sequence[int]) -> tuple[int, int] | None:
    """The least of the last counts and what was usual before, when all of them are far above that."""
    lately, before = counts[-DOUBLED_DAYS:], counts[-DOUBLED_DAYS - USUAL_DAYS : -DOUBLED_DAYS]
    if len(before) < FEWEST_USUAL_DAYS:
        return None
    usual = median(before)
    least = min(lately)
    if usual < USUAL_AT_LEAST or least < TIMES_DOUBLED * usual or least < usual + MORE_AT_LEAST:
        return None
    return least, round(usual)


#: Sign, or first word of the detail of one with several meanings -> what to do.
ADVICE = {
    Sign.MOVED: "set its url to {0}, once you have seen that it is the same source",
    Sign.PARKED: "{0} is a page that sells the domain: look where the source went, or remove it",
    Sign.SUSPENDED: "{0} is a page of the hosting firm: ask the owner, or pause it until the site is back",
    Sign.CONSENT: "{0} asks for consent or a sign-in: look for a feed without that, or ask the owner",
    Sign.SILENT: "nothing new since {0}: look whether its list moved; if it stopped, remove it",
    Sign.BOUNDS: "gave {0} items, expected {1} to {2}: look whether the page changed, or correct expect",
    "day": "gives {1} new items a day where {2} are usual: look whether it became another list",
    "visit": "gives {1} items a visit where {2} are usual: look whether it became another list",
    "source": "{2} of its {3} items are those of {1}: keep one of the two",
}


def advice(sign: Sign, detail: str) -> str:
    """What to do about a sign, in one sentence."""
    if sign is Sign.BOUNDS:
        drafts, least, most = detail.split(":")
        return ADVICE[sign].format(drafts, least or 0, most or "any number")
    if sign is Sign.DOUBLED:
        parts = detail.split(":")
        return ADVICE[parts[0]].format(*parts)
    return ADVICE[sign].format(detail)

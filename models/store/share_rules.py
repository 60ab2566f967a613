"""What may be done with a share, by whom and from which status: one visible table, for store and pages."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from models.base import ZONE
from models.share import Share
from models.store.casework import latest_day
from models.store.viewer import Viewer
from models.words import Answer, ShareStatus
from models.working_days import working_days_after

if TYPE_CHECKING:
    from models.store.shares_list import ShareRow

#: Working days without an answer after which a municipality is reminded, and after which a share lapses.
REMIND_AFTER, LAPSE_AFTER = 10, 30
#: Working days after which "later" asks again when no day was chosen, and the most days that can be chosen.
LATER_AFTER, LATEST_DAYS = 10, 92
#: Most characters of a message, and of what a municipality notes.
TEXT_LIMIT = 500
#: On what ground a municipality is given what concerns it; the task is that of the network.
GROUND = "6(1)(e) AVG"

#: A municipality still has to say what it makes of these.
WAITING = frozenset({ShareStatus.OFFERED, ShareStatus.SEEN})
#: Nothing more comes of these by themselves.
OVER = frozenset({ShareStatus.CLOSED, ShareStatus.WITHDRAWN})
#: All that is not over, also what lapsed: that can still be answered.
LIVING = frozenset(ShareStatus) - OVER
#: Answers after which there is something to be in contact about.
GOES_ON = frozenset({Answer.TAKEN_UP, Answer.KNOWN})


class Who(StrEnum):
    """Who does something with a share."""

    MUNICIPALITY = "municipality"  # an officer of the one that it was given to
    STAFF = "staff"
    PRODUCT = "product"  # time passed, or something else was decided


class Move(StrEnum):
    """What can be done with a share."""

    SEE = "see"
    ANSWER = "answer"
    CONTACT = "contact"
    CLOSE = "close"
    TAKE_BACK = "take_back"
    OFFER_AGAIN = "offer_again"
    REMIND = "remind"
    LAPSE = "lapse"
    ASK_AGAIN = "ask_again"
    WITHDRAW = "withdraw"  # goes with a decision on the lead, or with its source


class Why(StrEnum):
    """Why a share was taken back, or why one changed: as the log and the pages tell it."""

    STAFF = "by staff"
    UNDONE = "promotion undone"
    REMOVED = "out of the register"
    MOVED = "another municipality"
    REJECTED = "rejected"
    KNOWN = "known"
    MERGED = "merged"
    GONE = "deleted at the source"
    OBJECTION = "objection"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Transition:
    """From where to where, and by whom."""

    who: Who
    sources: Set[ShareStatus]
    #: None = it stays what it was.
    to: ShareStatus | None
    #: Only after one of these answers; empty = whatever was answered.
    answers: Set[Answer] = frozenset()

    def fits(self, status: ShareStatus, answer: Answer | None) -> bool:
        """Whether a share that stands like this can make this move."""
        return status in self.sources and (not self.answers or answer in self.answers)


_S = ShareStatus
#: Every move there is. An answer can be changed until there is contact; what lapsed can still be answered.
TRANSITIONS: dict[Move, Transition] = {
    Move.SEE: Transition(Who.MUNICIPALITY, {_S.OFFERED}, _S.SEEN),
    Move.ANSWER: Transition(Who.MUNICIPALITY, {*WAITING, _S.ANSWERED, _S.LAPSED}, _S.ANSWERED),
    Move.CONTACT: Transition(Who.MUNICIPALITY, {_S.ANSWERED}, _S.IN_CONTACT, GOES_ON),
    Move.CLOSE: Transition(Who.MUNICIPALITY, {_S.ANSWERED, _S.IN_CONTACT}, _S.CLOSED, GOES_ON),
    Move.TAKE_BACK: Transition(Who.STAFF, {*WAITING, _S.ANSWERED, _S.LAPSED}, _S.WITHDRAWN),
    Move.OFFER_AGAIN: Transition(Who.STAFF, {_S.LAPSED, _S.WITHDRAWN}, _S.OFFERED),
    Move.REMIND: Transition(Who.PRODUCT, WAITING, None),
    Move.LAPSE: Transition(Who.PRODUCT, WAITING, _S.LAPSED),
    Move.ASK_AGAIN: Transition(Who.PRODUCT, {_S.ANSWERED}, _S.OFFERED, {Answer.LATER}),
    Move.WITHDRAW: Transition(Who.PRODUCT, LIVING, _S.WITHDRAWN),
}


class ShareError(Exception):
    """Something can't be done with a share; nothing was changed."""


class ShareNotFoundError(ShareError):
    """No share with this number that this viewer may see."""


class ShareNotAllowedError(ShareError):
    """This is for somebody else to do: the municipality that was asked, or staff."""


class StaleShareError(ShareError):
    """Somebody else was first: the share has changed since it was shown."""

    def __init__(self, row: "ShareRow") -> None:
        super().__init__("the share has changed since it was shown")
        #: As it is now: who answered what and when.
        self.row = row


class ShareMoveError(ShareError):
    """From this status that can't be done."""

    def __init__(self, row: "ShareRow", move: Move) -> None:
        super().__init__(f"{move} is not possible from {row.status}")
        #: As it is now.
        self.row = row
        self.move = move


class AlreadySharedError(ShareError):
    """This municipality has it already."""

    def __init__(self, share_id: int) -> None:
        super().__init__("it was given to this municipality before")
        self.share_id = share_id


class NotShareableError(ShareError):
    """The lead is decided on or gone, has no municipality, or its entry left the register."""


class TextTooLongError(ShareError):
    """A message or note over :data:`TEXT_LIMIT` characters."""


class LaterDateError(ShareError):
    """It can't be asked again on this day: not after today, or too far away."""

    def __init__(self, latest: date) -> None:
        super().__init__(f"choose a day after today, {latest:%Y-%m-%d} at the latest")
        #: The last day that can be chosen; today or earlier = it can't be put off any more.
        self.latest = latest


def who_is(viewer: Viewer, municipality_code: str) -> frozenset[Who]:
    """As whom somebody may act on a share of this municipality."""
    own = viewer.answers and viewer.municipality_code == municipality_code
    return frozenset(({Who.STAFF} if viewer.decides else set()) | ({Who.MUNICIPALITY} if own else set()))


def moves_for(
    viewer: Viewer, *, municipality_code: str, status: ShareStatus, answer: Answer | None
) -> frozenset[Move]:
    """What this viewer can do with a share that stands like this."""
    who = who_is(viewer, municipality_code)
    return frozenset(
        move for move, rule in TRANSITIONS.items() if rule.who in who and rule.fits(status, answer)
    )


def day_of(moment: datetime) -> date:
    """The day that it is in the Netherlands."""
    return moment.astimezone(ZONE).date()


def asked_on(share: Share) -> date:
    """The day from which the terms of a share run: when it was offered, or asked again."""
    asked = day_of(share.offered_at)
    return max(asked, share.later_on) if share.answer is Answer.LATER and share.later_on else asked


def reminder_day(share: Share) -> date:
    """The first day on which the municipality is reminded, as long as it says nothing."""
    return working_days_after(asked_on(share), REMIND_AFTER)


def lapse_day(share: Share) -> date:
    """The first day on which a share that nobody answered is no longer waited for."""
    return working_days_after(asked_on(share), LAPSE_AFTER)


def usual_later_day(today: date, latest: date) -> date:
    """When "later" asks again when no day is chosen."""
    return min(working_days_after(today, LATER_AFTER), latest)


def latest_later_day(today: date, lead_opened_at: datetime | None) -> date:
    """The last day that can be chosen for "later".

    Args:
        lead_opened_at: of a lead that is in no register: its content goes after its own term.
    """
    latest = today + timedelta(days=LATEST_DAYS)
    return latest if lead_opened_at is None else min(latest, latest_day(lead_opened_at))

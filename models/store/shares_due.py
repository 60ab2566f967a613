"""What time brings to shares: reminders, lapsing, and asking again after "later"."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.share import Share
from models.store.share_changes import hold_where, move
from models.store.share_rules import TRANSITIONS, Move, day_of, lapse_day, reminder_day
from models.words import ShareStatus

#: Shares in one transaction, so that writers beside it never wait long.
BATCH = 100


@dataclass
class Ticked:
    """How many of each were done."""

    reminded: int = 0
    lapsed: int = 0
    asked_again: int = 0


def tick(session: Session, *, now: datetime) -> Ticked:
    """Remind, let lapse and ask again what is due. Commits in batches; may be stopped and repeated.

    Whoever is reminded hears of it through the event, which the channels of the municipality pass on. A share
    that somebody is changing at this moment waits for the next time.
    """
    done = Ticked()
    today = day_of(now)
    last = 0
    while True:
        due = hold_where(
            session,
            (Share.due_on <= today)
            & (Share.id > last)
            & Share.status.in_([ShareStatus.OFFERED, ShareStatus.SEEN, ShareStatus.ANSWERED]),
            limit=BATCH,
            skip_locked=True,
        )
        if not due:
            session.rollback()
            return done
        last = due[-1].id
        for share in due:
            _one(session, share, now, done)
        session.commit()


def _one(session: Session, share: Share, now: datetime, done: Ticked) -> None:
    today = day_of(now)
    if TRANSITIONS[Move.ASK_AGAIN].fits(share.status, share.answer):
        # Who answers now answers what is asked now: an answer to what was shown before is told so.
        move(session, share, Move.ASK_AGAIN, account_id=None, at=now, seen_at=None, reminded_at=None)
        share.due_on = reminder_day(share)
        done.asked_again += 1
    elif not TRANSITIONS[Move.REMIND].fits(share.status, share.answer):
        share.due_on = None
    elif today >= lapse_day(share):
        move(session, share, Move.LAPSE, account_id=None, at=now, counts=False, due_on=None)
        done.lapsed += 1
    elif share.reminded_at is None and today >= reminder_day(share):
        move(
            session,
            share,
            Move.REMIND,
            account_id=None,
            at=now,
            counts=False,
            reminded_at=now,
            due_on=lapse_day(share),
        )
        done.reminded += 1
    else:
        share.due_on = lapse_day(share) if share.reminded_at is not None else reminder_day(share)

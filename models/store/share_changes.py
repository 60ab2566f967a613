"""Writing shares: holding them, making them and moving them on, each with its line in the log and its event.

For ``models.store.shares`` (what people do), ``shares_follow`` (what follows from something else) and
``shares_due`` (what time brings). Shares are held after leads and entries of the register and before the
first line in the log, so that nobody waits for each other.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.share import Share
from models.store.audit import record
from models.store.events import tell
from models.store.share_rules import (
    GROUND,
    TRANSITIONS,
    WAITING,
    Move,
    Why,
    lapse_day,
    reminder_day,
)
from models.words import Answer, EventKind, ShareStatus

#: Fields of the log that events go without: they say nothing outside.
INTERNAL = frozenset({"decision", "undoes", "ground", "municipality"})


def hold_shares(
    session: Session, *, lead_ids: Collection[int] = (), initiative_ids: Collection[int] = ()
) -> list[Share]:
    """All shares of these leads and entries, fresh and held until the transaction ends."""
    if not lead_ids and not initiative_ids:
        return []
    return hold_where(
        session, or_(Share.lead_id.in_(sorted(lead_ids)), Share.initiative_id.in_(sorted(initiative_ids)))
    )


def hold_where(
    session: Session, wanted: ColumnElement[bool], *, limit: int | None = None, skip_locked: bool = False
) -> list[Share]:
    """Shares by any condition, fresh and held; in order of number.

    Args:
        skip_locked: leave those out that somebody else is changing at this moment.
    """
    rows = session.scalars(
        select(Share)
        .where(wanted)
        .order_by(Share.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def make_share(
    session: Session,
    *,
    municipality_code: str,
    account_id: int,
    at: datetime,
    lead_id: int | None = None,
    initiative_id: int | None = None,
    message: str = "",
    cause: Mapping[str, Any] | None = None,
) -> Share:
    """Give something to a municipality for the first time.

    Args:
        cause: what it came from, for the log: ``{"decision": 12}``.
    """
    share = Share(
        municipality_code=municipality_code,
        lead_id=lead_id,
        initiative_id=initiative_id,
        status=ShareStatus.OFFERED,
        offered_by_id=account_id,
        offered_at=at,
        ground=GROUND,
        message=message.strip(),
    )
    share.due_on = reminder_day(share)
    session.add(share)
    session.flush()
    _tell(
        session,
        share,
        EventKind.SHARE_OFFERED,
        account_id=account_id,
        before={},
        after={
            "status": share.status.value,
            "municipality": municipality_code,
            "lead": lead_id,
            "initiative": initiative_id,
            "ground": GROUND,
            **(cause or {}),
        },
        at=at,
    )
    return share


def ask_anew(
    session: Session,
    share: Share,
    *,
    account_id: int,
    at: datetime,
    message: str = "",
    cause: Mapping[str, Any] | None = None,
) -> None:
    """Give a share, which is held, to its municipality once more, as if for the first time."""
    before = _facts(share)
    share.status = ShareStatus.OFFERED
    share.version += 1
    share.offered_by_id, share.offered_at, share.message = account_id, at, message.strip()
    share.seen_at = share.answer = share.answered_by_id = share.answered_at = share.later_on = None
    share.reminded_at = share.in_contact_at = share.ended_at = share.ending = None
    share.answer_note = share.ending_note = ""
    share.due_on = reminder_day(share)
    after = {**_facts(share), "municipality": share.municipality_code, "ground": GROUND, **(cause or {})}
    _tell(session, share, EventKind.SHARE_OFFERED, account_id=account_id, before=before, after=after, at=at)


def move(
    session: Session,
    share: Share,
    made: Move,
    *,
    account_id: int | None,
    at: datetime,
    after: Mapping[str, Any] | None = None,
    counts: bool = True,
    **fields: Any,
) -> None:
    """Write one move of a share, which is held; whoever calls has seen that it is possible.

    Args:
        after: more for the log: words, numbers and codes.
        counts: the version rises, so that whoever answers what was shown before is told. Not for what
            changes nothing about the answer: that it was seen, a reminder, that the term is over.
        fields: columns to set beside the status.
    """
    before = _facts(share)
    rule = TRANSITIONS[made]
    for name, value in fields.items():
        setattr(share, name, value)
    share.status = rule.to or share.status
    share.version += counts
    if rule.to is ShareStatus.WITHDRAWN:
        share.due_on, share.ended_at = None, at
    kind = EventKind.SHARE_WITHDRAWN if share.status is ShareStatus.WITHDRAWN else EventKind.SHARE_CHANGED
    told = {"done": made.value, **_facts(share), **(after or {})}
    _tell(session, share, kind, account_id=account_id, before=before, after=told, at=at)


def withdraw_share(
    session: Session,
    share: Share,
    why: Why,
    *,
    account_id: int | None,
    at: datetime,
    decision_id: int | None = None,
) -> bool:
    """Take a share, which is held, back because of something else; says whether there was anything to do."""
    if not TRANSITIONS[Move.WITHDRAW].fits(share.status, share.answer):
        return False
    cause = {"why": why.value, **({"decision": decision_id} if decision_id is not None else {})}
    move(session, share, Move.WITHDRAW, account_id=account_id, at=at, after=cause)
    return True


def carry(
    session: Session,
    share: Share,
    columns: Mapping[str, int | None],
    *,
    account_id: int | None,
    at: datetime,
    decision_id: int | None = None,
    why: Why | None = None,
) -> None:
    """Let a share, which is held, stand for another lead or entry; what was answered stays.

    Args:
        columns: ``lead_id``, ``initiative_id``.
    """
    names = {"lead_id": "lead", "initiative_id": "initiative"}
    before = {names[name]: getattr(share, name) for name in columns}
    for name, value in columns.items():
        setattr(share, name, value)
    after: dict[str, Any] = {names[name]: value for name, value in columns.items()}
    if decision_id is not None:
        after["decision"] = decision_id
    if why is not None:
        after["why"] = why.value
    _tell(session, share, EventKind.SHARE_CHANGED, account_id=account_id, before=before, after=after, at=at)


def tell_changed(session: Session, share: Share, why: Why, *, at: datetime) -> None:
    """Tell the municipality that what was given to it changed, though the share did not."""
    _tell(
        session, share, EventKind.SHARE_CHANGED, account_id=None, before={}, after={"why": why.value}, at=at
    )


def put_back(
    session: Session, share: Share, status: ShareStatus, *, account_id: int, at: datetime, decision_id: int
) -> None:
    """Undo :func:`withdraw_share`: the share, which is held, stands as it did."""
    before = _facts(share)
    share.status = status
    share.version += 1
    share.ended_at = None
    if status in WAITING:
        share.due_on = reminder_day(share) if share.reminded_at is None else lapse_day(share)
    elif status is ShareStatus.ANSWERED and share.answer is Answer.LATER:
        share.due_on = share.later_on
    after = {**_facts(share), "undoes": decision_id}
    _tell(session, share, EventKind.SHARE_OFFERED, account_id=account_id, before=before, after=after, at=at)


def _facts(share: Share) -> dict[str, Any]:
    """How a share stands, as log and events tell it."""
    told = {
        "status": share.status.value,
        "answer": share.answer.value if share.answer else None,
        "ending": share.ending.value if share.ending else None,
        "later_on": share.later_on.isoformat() if share.later_on else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _tell(
    session: Session,
    share: Share,
    kind: EventKind,
    *,
    account_id: int | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    at: datetime,
) -> None:
    after = {name: value for name, value in after.items() if value is not None}
    record(session, account_id, "share", "share", share.id, before=before, after=after, at=at)
    data = {name: value for name, value in after.items() if name not in INTERNAL}
    tell(session, kind, municipality_code=share.municipality_code, share=share, data=data, at=at)

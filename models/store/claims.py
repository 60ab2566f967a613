"""Claims: who has a lead in front of them right now, so that two people don't work on one unknowingly.

Presence, no more: a claim lapses by itself, forbids nothing, and is not kept. Who has a lead in hand for
longer is assigned (``models.store.assigning``). The caller commits; on SQLite the session must be one that
writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.lead import Lead
from models.lead_claim import CLAIM_TERM, LeadClaim
from models.store.deciding import UNDECIDED, check_decider
from models.store.leads import LeadNotFoundError
from models.store.viewer import Viewer

#: Leads looked up at a time.
CHUNK = 1000


@dataclass(frozen=True)
class Claim:
    """One lead that somebody has in front of them."""

    account_id: int
    #: Name of who it is, else the e-mail address.
    by: str
    claimed_at: datetime


def take(session: Session, viewer: Viewer, lead_id: int, *, now: datetime | None = None) -> Claim | None:
    """Say that the viewer has this lead in front of them, unless somebody else said so lately.

    Of two who ask at the same time one gets it; asking again makes an own claim last longer. A lead that
    is decided on is nobody's: nothing is written then.

    Returns:
        None = it is the viewer's now; else whose it is, and nothing was changed.

    Raises:
        NotAllowedError, LeadNotFoundError
    """
    check_decider(viewer)
    status = session.scalar(
        select(Lead.status).where(Lead.id == lead_id, viewer.scope(Lead.municipality_code))
    )
    if status is None:
        raise LeadNotFoundError(f"there is no lead {lead_id}")
    if status not in UNDECIDED:
        return None
    at = now or utc_now()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    mine = {"account_id": viewer.account_id, "claimed_at": at}
    statement: Any = insert(LeadClaim).values(lead_id=lead_id, **mine)
    # One statement, so that the database itself decides who was first.
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=[LeadClaim.lead_id],
            set_=mine,
            where=or_(LeadClaim.account_id == viewer.account_id, LeadClaim.claimed_at <= at - CLAIM_TERM),
        ).returning(LeadClaim.lead_id)
    )
    if taken is not None:
        return None
    held = fresh(session, [lead_id], now=at).get(lead_id)
    return held if held is not None and held.account_id != viewer.account_id else None


def without_waiting(session: Session) -> None:
    """Say that this transaction changes claims only, so that nobody waits for the disk when it is committed.

    PostgreSQL may then lose them when the machine stops; so may SQLite always. Nobody is at work there then.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL synchronous_commit = off"))


_FRESH = (
    select(
        LeadClaim.lead_id,
        LeadClaim.account_id,
        func.coalesce(func.nullif(Account.name, ""), Account.email),
        LeadClaim.claimed_at,
    )
    .join(Account, Account.id == LeadClaim.account_id)
    .where(
        LeadClaim.lead_id.in_(bindparam("leads", expanding=True)), LeadClaim.claimed_at > bindparam("since")
    )
)


def fresh(session: Session, lead_ids: Iterable[int], *, now: datetime | None = None) -> dict[int, Claim]:
    """Lead -> who has it in front of them; leads that nobody has are left out."""
    wanted = sorted(set(lead_ids))
    since = (now or utc_now()) - CLAIM_TERM
    found: dict[int, Claim] = {}
    for start in range(0, len(wanted), CHUNK):
        asked = {"leads": wanted[start : start + CHUNK], "since": since}
        for lead_id, *claim in session.execute(_FRESH, asked):
            found[lead_id] = Claim(*claim)
    return found


def release(session: Session, viewer: Viewer, lead_id: int) -> None:
    """Say that the viewer has this lead in front of them no longer; another's claim stays."""
    session.execute(
        delete(LeadClaim).where(LeadClaim.lead_id == lead_id, LeadClaim.account_id == viewer.account_id)
    )


def move_on(session: Session, viewer: Viewer, lead_id: int) -> None:
    """Say that the viewer has no other lead in front of them than this one: who walks on blocks nobody."""
    _drop(session, LeadClaim.account_id == viewer.account_id, LeadClaim.lead_id != lead_id)


def drop_lapsed(session: Session, *, now: datetime | None = None) -> int:
    """Delete claims that have lapsed; ``scout purge`` does so with every run.

    Returns:
        How many there were.
    """
    return _drop(session, LeadClaim.claimed_at <= (now or utc_now()) - CLAIM_TERM)


def _drop(session: Session, *which: ColumnElement[bool]) -> int:
    # Several at a time: one that somebody is taking over right now is passed by, so that nobody waits.
    gone = select(LeadClaim.lead_id).where(*which).with_for_update(skip_locked=True)
    return len(
        session.execute(
            delete(LeadClaim).where(LeadClaim.lead_id.in_(gone)).returning(LeadClaim.lead_id)
        ).all()
    )

"""Who gets digests: lists for the pages, and whom mail may go to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from models.account import Account, AccountRole
from models.digest import DigestMail, DigestSubscription
from models.municipality import Municipality
from models.store.channels import kept_by
from models.store.viewer import STAFF, Viewer
from models.words import Rhythm, Role


@dataclass(frozen=True)
class SubscriptionRow:
    """One subscription as shown, with how its last mail went."""

    id: int
    #: None = the digest of the network's own staff.
    municipality_code: str | None
    #: None = a shared mailbox.
    account_id: int | None
    email: str
    rhythm: Rhythm
    language: str
    created_at: datetime
    stopped_at: datetime | None
    #: When the last digest was sent; None = none was.
    sent_at: datetime | None
    #: Day of the last one for which there was nothing to tell.
    empty_on: date | None
    #: Why sending fails, as ``models.store.digest_mails`` keeps it; empty = it does not.
    problem: str


def subscriptions(session: Session, viewer: Viewer, municipality_code: str) -> list[SubscriptionRow]:
    """Subscriptions of one municipality that are at work, own addresses first; of others: none."""
    query = _rows().where(
        DigestSubscription.municipality_code == municipality_code,
        DigestSubscription.stopped_at.is_(None),
        kept_by(viewer, DigestSubscription.municipality_code),
    )
    order = (DigestSubscription.account_id.is_(None), DigestSubscription.email)
    return [SubscriptionRow(*row) for row in session.execute(query.order_by(*order))]


def own_subscription(session: Session, viewer: Viewer) -> SubscriptionRow | None:
    """The viewer's own digest: of its municipality, or for staff that of the network; None = none."""
    code = None if viewer.decides else viewer.municipality_code
    row = session.execute(
        _rows()
        .where(
            DigestSubscription.account_id == viewer.account_id,
            DigestSubscription.stopped_at.is_(None),
            DigestSubscription.municipality_code.is_(None)
            if code is None
            else DigestSubscription.municipality_code == code,
        )
        .order_by(DigestSubscription.id)
    ).first()
    return SubscriptionRow(*row) if row is not None else None


def takes_part(day: date) -> ColumnElement[bool]:
    """Condition on :class:`Municipality`: it has not left the network, nor joins it later than this day."""
    return (func.coalesce(Municipality.participates_from, day) <= day) & (
        func.coalesce(Municipality.participates_until, day) >= day
    )


def at_work(day: date) -> Any:
    """Numbers of the subscriptions that mail may go to on this day, by number.

    Not those that were stopped, of a municipality that left the network, or of an account that was closed or
    may no longer see what the digest tells.
    """
    code = DigestSubscription.municipality_code
    may = exists().where(
        Account.id == DigestSubscription.account_id,
        Account.active,
        AccountRole.account_id == Account.id,
        or_(
            DigestSubscription.municipality_code.is_(None) & AccountRole.role_name.in_(sorted(STAFF)),
            (AccountRole.role_name == Role.MUNICIPALITY.value)
            & (Account.municipality_code == DigestSubscription.municipality_code),
        ),
    )
    here = exists().where(Municipality.code == DigestSubscription.municipality_code, takes_part(day))
    return (
        select(DigestSubscription.id)
        .where(
            DigestSubscription.stopped_at.is_(None),
            or_(DigestSubscription.municipality_code.is_(None), here),
            # A mailbox of nobody gets no digest of the staff.
            or_(may, DigestSubscription.account_id.is_(None) & code.is_not(None)),
        )
        .order_by(DigestSubscription.id)
    )


def _rows() -> Any:
    mails = DigestMail.subscription_id == DigestSubscription.id
    sent = select(func.max(DigestMail.sent_at)).where(mails).scalar_subquery()
    empty = select(func.max(DigestMail.day)).where(mails, DigestMail.empty, DigestMail.message_id != "")
    problem = (
        select(DigestMail.last_problem)
        .where(mails, DigestMail.sent_at.is_(None), DigestMail.empty.is_(False))
        .order_by(DigestMail.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(
        DigestSubscription.id,
        DigestSubscription.municipality_code,
        DigestSubscription.account_id,
        DigestSubscription.email,
        DigestSubscription.rhythm,
        DigestSubscription.language,
        DigestSubscription.created_at,
        DigestSubscription.stopped_at,
        sent,
        empty.scalar_subquery(),
        func.coalesce(problem, ""),
    )

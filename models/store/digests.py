"""Subscriptions to digests by e-mail: making, changing and stopping them, by whoever may."""

import hmac
import secrets
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import String, cast, func, or_, select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.digest import DigestSubscription
from models.keys import keyed_hash
from models.municipality import Municipality
from models.store.account_roles import AccountError
from models.store.accounts import valid_email
from models.store.audit import record
from models.store.channels import MOST, kept_by
from models.store.digest_mails import begin
from models.store.digest_readers import takes_part
from models.store.viewer import Viewer
from models.words import Rhythm

#: Days that the address of whoever stopped is kept, so that the log can be read: 12 months.
KEEP_DAYS = 365
#: Languages that a digest can be in.
LANGUAGES = ("nl", "en")


class DigestProblem(StrEnum):
    """Why a subscription can't be made."""

    EMAIL = "email"  # no e-mail address
    FOREIGN = "foreign"  # a mailbox that is not known to belong to the municipality
    LEFT = "left"  # the municipality does not take part (any more)
    FULL = "full"  # it has as many addresses as it may have


class DigestError(Exception):
    """A subscription can't be made; nothing was changed."""

    def __init__(self, problem: DigestProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class SubscriptionNotFoundError(Exception):
    """There is no such subscription that this viewer may change, or its secret word is wrong."""


class DigestNotAllowedError(Exception):
    """The viewer may not say who gets digests here."""


def subscribe(
    session: Session,
    email: str,
    *,
    viewer: Viewer,
    municipality_code: str | None,
    own: bool = False,
    rhythm: Rhythm = Rhythm.WEEKLY,
    language: str = "nl",
    now: datetime | None = None,
) -> int:
    """Let an address get a digest from the next one on; an earlier subscription of it is begun anew.

    The caller commits.

    Args:
        municipality_code: whose digest; None = that of the network's own staff, which is daily.
        own: the address is that of the viewer's own account, and the subscription ends with it.

    Returns:
        Number of the subscription.

    Raises:
        DigestNotAllowedError: the viewer may not do this.
        DigestError: the address can't be used, or the municipality gets no digests.
    """
    at = now or utc_now()
    _must_be_allowed(viewer, municipality_code, own=own)
    try:
        address = valid_email(email)
    except AccountError:
        raise DigestError(DigestProblem.EMAIL) from None
    if municipality_code is None:
        rhythm = Rhythm.DAILY
    else:
        _must_take_part(session, municipality_code, at.date())
        if not own and not viewer.keeps_sources and not _belongs(session, municipality_code, address):
            raise DigestError(DigestProblem.FOREIGN)
    if own:
        # Two requests at once wait here: addresses without a municipality are not unique by themselves.
        session.execute(select(Account.id).where(Account.id == viewer.account_id).with_for_update())
    found = session.scalar(
        select(DigestSubscription).where(
            DigestSubscription.email == address,
            DigestSubscription.municipality_code.is_(None)
            if municipality_code is None
            else DigestSubscription.municipality_code == municipality_code,
        )
    )
    if found is not None and found.stopped_at is None:
        _change(session, found, rhythm, language, viewer)
        return found.id
    _must_fit(session, municipality_code)
    if found is None:
        found = DigestSubscription(email=address, municipality_code=municipality_code)
        session.add(found)
    found.account_id = viewer.account_id if own else None
    found.rhythm = rhythm
    found.language = language if language in LANGUAGES else LANGUAGES[0]
    found.created_by_id = viewer.account_id
    found.created_at = at
    found.stopped_at = None
    # The words in mails that were sent before work no longer.
    found.salt = secrets.token_hex(16)
    session.flush()
    begin(session, found.id, now=at)
    after = {"done": "added", "rhythm": rhythm.value, "municipality": municipality_code, "shared": not own}
    record(session, viewer.account_id, "channel", "digest", found.id, after=after)
    return found.id


def change_subscription(
    session: Session, subscription_id: int, rhythm: Rhythm, *, viewer: Viewer, language: str | None = None
) -> None:
    """Say how often; the caller commits.

    Raises:
        SubscriptionNotFoundError: there is no such subscription that this viewer may change.
    """
    found = _find(session, viewer, subscription_id)
    if found.municipality_code is None:
        rhythm = Rhythm.DAILY
    _change(session, found, rhythm, language or found.language, viewer)


def stop(session: Session, subscription_id: int, *, viewer: Viewer, now: datetime | None = None) -> None:
    """End a subscription; the caller commits. One that has ended already stays as it is.

    Raises:
        SubscriptionNotFoundError: there is no such subscription that this viewer may change.
    """
    _stop(session, _find(session, viewer, subscription_id), viewer.account_id, "changed", now)


def unsubscribe_word(secret: bytes, subscription_id: int, salt: str) -> str:
    """The secret word in the address for unsubscribing: 32 hexadecimal digits, kept nowhere."""
    return keyed_hash(secret, "unsubscribe", str(subscription_id), salt)


def subscription_of_word(
    session: Session, secret: bytes, subscription_id: int, word: str
) -> DigestSubscription:
    """The subscription that an address for unsubscribing is about, ended or not.

    Raises:
        SubscriptionNotFoundError: the word is not the one of this subscription.
    """
    found = session.get(DigestSubscription, subscription_id)
    # A word is compared also when there is nothing to compare it with, so that time tells nothing.
    right = unsubscribe_word(secret, subscription_id, found.salt if found is not None else "")
    same = hmac.compare_digest(right.encode(), word.encode("utf-8", "replace"))
    if found is None or not same:
        raise SubscriptionNotFoundError
    return found


def unsubscribe(
    session: Session, secret: bytes, subscription_id: int, word: str, *, now: datetime | None = None
) -> None:
    """End a subscription by the secret word in its mails; a second time changes nothing.

    The caller commits.

    Raises:
        SubscriptionNotFoundError: the word is not the one of this subscription.
    """
    found = subscription_of_word(session, secret, subscription_id, word)
    _stop(session, found, found.account_id, "link in a mail", now)


def _must_be_allowed(viewer: Viewer, municipality_code: str | None, *, own: bool) -> None:
    if municipality_code is None:
        allowed = own and viewer.decides
    else:
        of_it = viewer.answers and viewer.municipality_code == municipality_code
        allowed = of_it or (viewer.keeps_sources and not own)
    if not allowed:
        raise DigestNotAllowedError


def _must_take_part(session: Session, code: str, day: date) -> None:
    found = select(Municipality.code).where(Municipality.code == code, takes_part(day))
    if session.scalar(found) is None:
        raise DigestError(DigestProblem.LEFT)


def _must_fit(session: Session, code: str | None) -> None:
    there = select(func.count()).where(
        DigestSubscription.municipality_code == code, DigestSubscription.stopped_at.is_(None)
    )
    if code is not None and (session.scalar(there) or 0) >= MOST:
        raise DigestError(DigestProblem.FULL)


def _belongs(session: Session, code: str, address: str) -> bool:
    """Whether a mailbox is at the municipality's own domain, or at that of its accounts."""
    domain = address.rpartition("@")[2]
    website = session.scalar(select(Municipality.website).where(Municipality.code == code)) or ""
    if website and (domain == website or domain.endswith(f".{website}")):
        return True
    known = session.scalars(select(Account.email).where(Account.municipality_code == code, Account.active))
    return domain in {one.rpartition("@")[2] for one in known}


def _find(session: Session, viewer: Viewer, subscription_id: int) -> DigestSubscription:
    code = DigestSubscription.municipality_code
    found = session.scalar(
        select(DigestSubscription).where(
            DigestSubscription.id == subscription_id,
            or_(
                DigestSubscription.account_id == viewer.account_id,
                code.is_not(None) & kept_by(viewer, code),
            ),
        )
    )
    if found is None:
        raise SubscriptionNotFoundError
    return found


def _change(
    session: Session, found: DigestSubscription, rhythm: Rhythm, language: str, viewer: Viewer
) -> None:
    if found.stopped_at is not None:
        raise SubscriptionNotFoundError
    before = found.rhythm
    found.language = language if language in LANGUAGES else found.language
    if before is not rhythm:
        found.rhythm = rhythm
        record(
            session,
            viewer.account_id,
            "channel",
            "digest",
            found.id,
            before={"rhythm": before.value},
            after={"rhythm": rhythm.value},
        )
    session.flush()


def _stop(
    session: Session, found: DigestSubscription, by_id: int | None, way: str, now: datetime | None
) -> None:
    if found.stopped_at is None:
        found.stopped_at = now or utc_now()
        record(session, by_id, "channel", "digest", found.id, after={"done": "ended", "way": way})


def forget_stopped(session: Session, *, now: datetime) -> None:
    """Take away the addresses of subscriptions that stopped long ago; the caller commits.

    The row stays for what was sent; its number stands in for the address, so that each stays one of its kind.
    """
    session.execute(
        update(DigestSubscription)
        .where(
            DigestSubscription.stopped_at <= now - timedelta(days=KEEP_DAYS),
            DigestSubscription.email.contains("@"),
        )
        .values(email=cast(DigestSubscription.id, String), account_id=None)
        .execution_options(synchronize_session=False)
    )

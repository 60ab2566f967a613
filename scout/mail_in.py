"""E-mail-in: mails to a folder of ours become hand-ins, when a sender whom we know is proven.

Of the sender nothing is kept but the number of the account. A mail that was taken is taken out of the folder,
after the hand-in is stored; one that is refused is flagged there, so that a person finds it.
"""

import email
import email.policy
import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from models.account import Account
from models.base import utc_now
from models.database import open_engine, session_factory
from models.keys import keyed_hash
from models.settings import Settings
from models.store.handed_in import (
    LIMITS,
    HandIn,
    HandInProblem,
    InvalidHandInError,
    checked,
    hand_in,
    with_origin,
)
from models.store.viewer import STAFF
from models.words import Channel, Role
from scout.mail_folder import Mail, MailError, opened
from scout.mail_proof import proven
from scout.mail_text import MailWords, is_automatic, sender_of, words_of

logger = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why a mail is not taken."""

    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    #: A machine sent it.
    AUTOMATIC = "automatic"
    #: Neither an account that may hand in nor on the list.
    UNKNOWN_SENDER = "unknown_sender"
    #: Nothing proves that it is from that sender.
    UNPROVEN = "unproven"
    NO_WORDS = "no_words"
    TOO_LONG = "too_long"


@dataclass
class MailReport:
    """What reading the folder came to."""

    taken: int = 0
    #: Came in before, in this folder or another.
    known: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)
    #: One sentence each.
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "taken": self.taken,
            "known": self.known,
            "refused": {reason.value: count for reason, count in sorted(self.refused.items())},
            "problems": self.problems,
        }


@dataclass(frozen=True)
class Told:
    """What a mail says, as far as it matters here."""

    #: Its one sender, in small letters; never stored.
    sender: str
    #: That is proven, or need not be.
    sure: bool
    automatic: bool
    #: Keyed hash of its Message-ID; of the whole mail where it has none.
    origin: str
    words: MailWords


def take_mail(write: sessionmaker[Session], settings: Settings, *, now: Callable[[], datetime]) -> MailReport:
    """Read the folder of the settings and keep what may come in as hand-ins.

    Never fails because of a folder: that is a problem in the report, and the rest of it waits.

    Raises:
        OperationalError, InterfaceError: the database can't be used.
    """
    report = MailReport()
    try:
        with opened(settings) as folder:
            for mail in folder.mails():
                refusal = _settle(write, mail, settings, now(), report)
                if refusal is None:
                    folder.remove(mail.key)
                else:
                    report.refused[refusal] += 1
                    folder.refuse(mail.key)
    except MailError as error:
        report.problems.append(str(error))
    return report


def _settle(
    write: sessionmaker[Session], mail: Mail, settings: Settings, now: datetime, report: MailReport
) -> Refusal | None:
    """Keep one mail as a hand-in, unless it came in before; or say why not."""
    if mail.content is None:
        return Refusal.TOO_LARGE
    try:
        told = _read(mail.content, settings)
    except Exception as error:
        # The library knows many ways to fail on hostile mail; a person can still look at it.
        logger.debug("a mail could not be read: %s", type(error).__name__)
        return Refusal.UNREADABLE
    if told.automatic:
        return Refusal.AUTOMATIC
    with write() as session:
        refusal = _keep(session, told, settings, now, report)
        if refusal is None:
            session.commit()
    return refusal


def _read(content: bytes, settings: Settings) -> Told:
    message = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
    sender = sender_of(message)
    named = str(message.get("Message-ID", "")).strip() or hashlib.sha256(content).hexdigest()
    return Told(
        sender=sender,
        sure=settings.mail_trusted or proven(message, sender, settings.mail_authserv),
        automatic=is_automatic(message),
        origin=keyed_hash(settings.effective_secret_key, "mail", named),
        words=words_of(message),
    )


def _keep(
    session: Session, told: Told, settings: Settings, now: datetime, report: MailReport
) -> Refusal | None:
    """Make a hand-in of the words of a mail, when its sender may hand in. The caller commits."""
    account = _account(session, told.sender)
    if account is None and told.sender not in {one.lower() for one in settings.mail_senders}:
        return Refusal.UNKNOWN_SENDER
    if not told.sure:
        return Refusal.UNPROVEN
    if with_origin(session, told.origin) is not None:
        report.known += 1
        return None
    one = HandIn(
        channel=Channel.EMAIL,
        url=told.words.url,
        title=told.words.title[: LIMITS["title"]],
        summary=told.words.summary,
        municipality_code=_municipality(account) or told.words.municipality_code,
        origin_key=told.origin,
    )
    try:
        one = _checked(one, settings, now)
    except InvalidHandInError as error:
        long = error.problems.get("summary") is HandInProblem.TOO_LONG
        return Refusal.TOO_LONG if long else Refusal.NO_WORDS
    hand_in(session, one, account_id=account.id if account is not None else None, now=now)
    report.taken += 1
    return None


def _checked(one: HandIn, settings: Settings, now: datetime) -> HandIn:
    """The hand-in as it is kept; an address that can't be one does not keep the words away."""
    today = now.astimezone(ZoneInfo("Europe/Amsterdam")).date()
    try:
        return checked(one, settings, today=today)
    except InvalidHandInError as error:
        if set(error.problems) != {"url"}:
            raise
    return checked(HandIn(**{**vars(one), "url": ""}), settings, today=today)


def _account(session: Session, sender: str) -> Account | None:
    """The account of this address, if it is not closed and may hand in."""
    account = session.scalar(select(Account).where(Account.email == sender, Account.active))
    if account is None:
        return None
    roles = {role.name for role in account.roles}
    return account if roles & {role.value for role in (*STAFF, Role.MUNICIPALITY)} else None


def _municipality(account: Account | None) -> str | None:
    """That of an officer, whatever the mail says; None = staff, who name it themselves."""
    if account is None or {role.name for role in account.roles} & {role.value for role in STAFF}:
        return None
    return account.municipality_code


def read_mail(settings: Settings) -> MailReport:
    """The same on a database of its own; ``scout mail``.

    Raises:
        SettingsError: the database can't be used.
    """
    engine = open_engine(settings)
    try:
        return take_mail(session_factory(engine), settings, now=utc_now)
    finally:
        engine.dispose()

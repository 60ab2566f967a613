"""Digests by e-mail: who gets which, and which were sent."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import Rhythm


class DigestSubscription(Base):
    """One address that gets a digest: of one municipality, or that of the network's own staff."""

    __tablename__ = "digest_subscription"
    __table_args__ = (UniqueConstraint("email", "municipality_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None = the digest of the network's own staff.
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    #: The account that it belongs to; None = a shared mailbox of the municipality.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    email: Mapped[str]
    rhythm: Mapped[Rhythm] = mapped_column(Word(Rhythm), default=Rhythm.WEEKLY)
    #: ``nl`` or ``en``.
    language: Mapped[str] = mapped_column(default="nl")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The word in the address for unsubscribing is worked out from this, so that it can be changed.
    salt: Mapped[str]
    #: Unsubscribed, or the account was closed; None = at work.
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DigestMail(Base):
    """One digest to one address for one day: made once, whoever sends and however often it is tried."""

    __tablename__ = "digest_mail"
    __table_args__ = (UniqueConstraint("subscription_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("digest_subscription.id"))
    #: The day it is of (Europe/Amsterdam); for a weekly one its Monday.
    day: Mapped[date]
    #: Name of the message (RFC 5322 Message-ID): the same at every try.
    message_id: Mapped[str]
    #: What it tells of: events above the first and up to the second number.
    after_event_id: Mapped[int] = mapped_column(default=0)
    through_event_id: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_problem: Mapped[str] = mapped_column(default="")
    #: The server took it; None = not yet.
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: There was nothing to tell, so nothing was sent.
    empty: Mapped[bool] = mapped_column(default=False)

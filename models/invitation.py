"""Invitations: how somebody gets an account, or a new password, without anybody else knowing it."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Invitation(Base):
    """One link, good for one use within its term."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    #: Words of :class:`models.words.Role`.
    roles: Mapped[list[str]] = mapped_column(JSON)
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    #: ``account`` (makes one), ``password`` (a new one for an account) or ``provider`` (an account that is to
    #: sign in at the identity provider from now on); see :mod:`models.store.invitations`.
    kind: Mapped[str] = mapped_column(default="account")
    #: The account it is about; None = it is made when the link is used.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Keyed HMAC of the secret in the link.
    token_hash: Mapped[str] = mapped_column(unique=True)
    #: None = made by the command on the machine itself.
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

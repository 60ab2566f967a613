"""Passkeys: what a browser or security key signs in with, instead of or beside a password."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class Passkey(Base):
    """One WebAuthn credential of one account; fields as Flask-Security expects them."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str]] = mapped_column(JSON, default=list)
    backup_state: Mapped[bool]
    device_type: Mapped[str]
    extensions: Mapped[str] = mapped_column(default="")
    create_datetime: Mapped[datetime] = mapped_column(UtcDateTime)
    lastuse_datetime: Mapped[datetime] = mapped_column(UtcDateTime)
    #: As its owner calls it.
    name: Mapped[str]
    #: ``first`` (instead of a password) or ``secondary`` (beside it).
    usage: Mapped[str]

"""Accounts and roles of the people who use the product."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, UtcDateTime


class AccountRole(Base):
    """Which account has which role."""

    __tablename__ = "account_role"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role_name: Mapped[str] = mapped_column(ForeignKey("role.name"), primary_key=True)


class RoleRow(Base):
    """One role; the names are those of :class:`models.words.Role`."""

    __tablename__ = "role"

    name: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str] = mapped_column(default="")


class Account(Base):
    """One person who may sign in; fields as Flask-Security expects them."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    #: As shown beside decisions.
    name: Mapped[str] = mapped_column(default="")
    #: Argon2 hash; None = cannot sign in with a password.
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    #: Changes when all sessions must end.
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    #: The municipality an officer works for; None for the network's own staff.
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: ``authenticator`` when codes of an app are asked for beside the password; None = they are not.
    tf_primary_method: Mapped[str | None]
    #: What the codes are made from, encrypted with the secret key.
    tf_totp_secret: Mapped[str | None]
    #: Number of the last half minute whose code was used, so that no code works twice.
    tf_last_counter: Mapped[int | None]
    #: Keyed hashes of single-use codes, for who lost the app.
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)
    #: Number by which passkeys know the account.
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(index=True, unique=True)
    #: Issuer and subject at the identity provider, for who signs in there.
    oidc_subject: Mapped[str | None] = mapped_column(index=True, unique=True)
    #: Own choices, such as keys; see ``models.store.preferences``.
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")

    roles: Mapped[list[RoleRow]] = relationship(secondary="account_role", lazy="selectin")

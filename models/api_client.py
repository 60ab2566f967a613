"""Clients of the API: programs of municipalities, of the network and of the matching module."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime


class ApiClient(Base):
    """One program. What it does, it does in the name of its account: a decision needs a person's name."""

    __tablename__ = "api_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The public half of its credentials.
    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    #: SHA-256 of its secret, which is long and random; shown once.
    secret_hash: Mapped[str]
    #: Values of ``models.words.Scope``; what it may do at most, and never more than its account.
    scopes: Mapped[list[str]] = mapped_column(JSON)
    #: Who answers for it. What the account may not see, it does not see either.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: It is kept to this municipality; None = to all that its account may see.
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """One access token (OAuth 2 client credentials), good for an hour."""

    __tablename__ = "api_token"

    #: SHA-256 of the token, which is long and random.
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("api_client.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

"""Tokens of the API: who holds one, or a client's secret, and what may they see and do now?"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.api_client import ApiClient, ApiToken
from models.base import utc_now
from models.store.api_clients import SCOPES, account_viewer, as_client, fitting_scopes, hashed
from models.store.viewer import Viewer
from models.words import Scope

#: How long a token is good for.
TOKEN_LIFE = timedelta(hours=1)
#: That a client was used is written down at most this often: it is to be seen, not counted.
USE_NOTED = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a token or a secret: the client, and what it may see and do now."""

    #: Primary key.
    id: int
    client_id: str
    name: str
    scopes: frozenset[Scope]
    viewer: Viewer


def check_secret(session: Session, client_id: str, secret: str) -> Holder | None:
    """Who has this name and secret; None = nobody, or it was revoked, or its account is closed."""
    if not (client_id.isascii() and client_id.isalnum()):
        return None  # none of ours, and not all that can be sent can be looked up
    client = session.scalar(select(ApiClient).where(ApiClient.client_id == client_id))
    right = secrets.compare_digest(client.secret_hash if client else hashed(""), hashed(secret))
    return _holder(session, client, client.scopes) if client is not None and right else None


def check_token(session: Session, token: str, *, now: datetime | None = None) -> Holder | None:
    """Who holds this token; None = nobody any more."""
    found = session.execute(
        select(ApiClient, ApiToken.scopes)
        .join(ApiToken, ApiToken.client_id == ApiClient.id)
        .where(ApiToken.token_hash == hashed(token), ApiToken.expires_at > (now or utc_now()))
    ).first()
    return _holder(session, found[0], found[1]) if found is not None else None


def issue_token(
    session: Session, holder: Holder, scopes: Iterable[Scope], *, now: datetime | None = None
) -> str:
    """A token for whoever :func:`check_secret` found; the caller commits.

    Args:
        scopes: some of the holder's.
    """
    at = now or utc_now()
    token = secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            token_hash=hashed(token),
            client_id=holder.id,
            scopes=[scope.value for scope in SCOPES if scope in set(scopes) & holder.scopes],
            issued_at=at,
            expires_at=at + TOKEN_LIFE,
        )
    )
    note_use(session, holder.id, now=at)
    return token


def due_note(session: Session, holder: Holder, *, now: datetime | None = None) -> bool:
    """Whether it is time to write down that a client is in use."""
    last = session.scalar(select(ApiClient.last_used_at).where(ApiClient.id == holder.id))
    return last is None or last < (now or utc_now()) - USE_NOTED


def note_use(session: Session, client_id: int, *, now: datetime | None = None) -> None:
    """Write down that a client is in use; the caller commits."""
    session.execute(update(ApiClient).where(ApiClient.id == client_id).values(last_used_at=now or utc_now()))


def _holder(session: Session, client: ApiClient, scopes: list[str]) -> Holder | None:
    viewer = account_viewer(session, client.account_id)
    if viewer is None or client.revoked_at is not None:
        return None
    if client.municipality_code is not None and not (
        viewer.keeps_sources or viewer.municipality_code == client.municipality_code
    ):
        return None  # whoever answers for it works for another municipality now
    acting = as_client(viewer, client.municipality_code)
    known = {scope.value for scope in fitting_scopes(acting)} & set(scopes) & set(client.scopes)
    return Holder(
        id=client.id,
        client_id=client.client_id,
        name=client.name,
        scopes=frozenset(Scope(scope) for scope in known),
        viewer=acting,
    )

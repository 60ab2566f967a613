"""Clients of the API: programs with a secret of their own; their tokens: ``models.store.api_tokens``.

Secrets and tokens are long and random, so their SHA-256 is kept, and a look-up by it needs no slow hash.
A client acts in the name of its account and never sees or does more than that; kept to a municipality, it
is that municipality and nothing else.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, delete, false, select, true
from sqlalchemy.orm import Session, aliased

from models.account import Account
from models.api_client import ApiClient, ApiToken
from models.base import utc_now
from models.municipality import Municipality
from models.store.audit import record
from models.store.viewer import Viewer
from models.words import Role, Scope

#: Most characters of a name, and most clients in use that one municipality, or the network, may have.
NAME_MAX, MOST = 80, 50
#: All that can be given to a client, in this order.
SCOPES = tuple(Scope)


class ClientError(Exception):
    """A client can't be made or revoked."""


class ClientNotFoundError(ClientError):
    """There is no such client, or it is another municipality's."""


class ClientNotAllowedError(ClientError):
    """This account may not do that."""


class InvalidClientError(ClientError):
    """What was filled in can't be taken; :attr:`problems` says which field and why."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {why}" for field, why in problems.items()))
        #: Field (``name``, ``scopes``, ``municipality``) -> ``empty``, ``too_long``, ``taken``, ``unknown``,
        #: ``not_fitting`` or ``too_many``.
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class ClientRow:
    """One client as listed, without its secret."""

    id: int
    client_id: str
    name: str
    scopes: tuple[Scope, ...]
    account_id: int
    #: Name of whoever answers for it.
    account: str
    #: That is somebody of the municipality itself; names of staff are not for municipalities.
    own: bool
    #: That account is closed, so the client gets no further.
    account_closed: bool
    municipality_code: str | None
    #: None = for all that its account may see.
    municipality: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def fitting_scopes(viewer: Viewer) -> tuple[Scope, ...]:
    """What a client that acts as this viewer can use at all, in order."""
    allowed = {
        Scope.LEADS_READ: viewer.reads,
        Scope.LEADS_DECIDE: viewer.decides,
        Scope.INITIATIVES_READ: viewer.reads,
        Scope.INITIATIVES_WRITE: viewer.writes_register,
        Scope.SHARES_READ: viewer.reads,
        Scope.SHARES_ANSWER: viewer.answers,
        Scope.SOURCES_READ: viewer.decides,
        Scope.ITEMS_WRITE: viewer.reads,
        Scope.ROUNDS_READ: viewer.reads,
        Scope.ROUNDS_WRITE: viewer.decides or viewer.answers,
    }
    return tuple(scope for scope in SCOPES if allowed[scope])


def as_client(viewer: Viewer, municipality_code: str | None) -> Viewer:
    """What a client of this account sees and does: the account's all, or one municipality's."""
    if municipality_code is None:
        return viewer
    return Viewer(
        account_id=viewer.account_id,
        name=viewer.name,
        roles=frozenset({Role.MUNICIPALITY}),
        municipality_code=municipality_code,
    )


def add_client(
    session: Session,
    name: str,
    scopes: Iterable[str],
    *,
    viewer: Viewer,
    municipality_code: str | None = None,
    account_id: int | None = None,
    now: datetime | None = None,
) -> tuple[ClientRow, str]:
    """Make a client; the caller commits.

    Args:
        scopes: values of :class:`Scope`.
        viewer: who makes it; also in whose name it acts, unless ``account_id`` says.
        municipality_code: keep it to this one; None = for the network. A municipality's own are always kept
            to it.
        account_id: in whose name it acts; only for commands, which have no account.

    Returns:
        The client, and its secret, which is not to be had again.

    Raises:
        ClientNotAllowedError: the viewer keeps no channels, or those of another municipality.
        InvalidClientError: something filled in can't be taken.
    """
    at = now or utc_now()
    actor = account_viewer(session, account_id) if account_id is not None else viewer
    if actor is None or not (viewer.keeps_channels and actor.keeps_channels):
        raise ClientNotAllowedError("this account may not keep programs")
    if not actor.keeps_sources:
        if municipality_code not in (None, actor.municipality_code):
            raise ClientNotAllowedError("programs of another municipality")
        municipality_code = actor.municipality_code
    wanted = _checked(session, name, scopes, actor, municipality_code)
    secret = secrets.token_urlsafe(32)
    client = ApiClient(
        client_id=secrets.token_hex(12),
        name=" ".join(name.split()),
        secret_hash=hashed(secret),
        scopes=[scope.value for scope in wanted],
        account_id=actor.account_id,
        municipality_code=municipality_code,
        created_by_id=viewer.account_id or actor.account_id,
        created_at=at,
    )
    session.add(client)
    session.flush()
    record(
        session,
        viewer.account_id,
        "channel",
        "client",
        client.id,
        after={
            "done": "added",
            "scopes": client.scopes,
            "municipality": municipality_code,
            "account": actor.account_id,
        },
        at=at,
    )
    return get_client(session, viewer, client.id), secret


def list_clients(session: Session, viewer: Viewer) -> list[ClientRow]:
    """The clients that this viewer keeps, those in use first, each by name; revoked ones too."""
    rows = session.execute(_rows().where(_kept_by(viewer)).order_by(ApiClient.name, ApiClient.id))
    return sorted((_row(row) for row in rows), key=lambda row: row.revoked_at is not None)


def get_client(session: Session, viewer: Viewer, client_id: int) -> ClientRow:
    """One client.

    Raises:
        ClientNotFoundError: there is none that this viewer keeps.
    """
    row = session.execute(_rows().where(ApiClient.id == client_id, _kept_by(viewer))).first()
    if row is None:
        raise ClientNotFoundError(client_id)
    return _row(row)


def revoke_client(session: Session, client_id: int, *, viewer: Viewer, now: datetime | None = None) -> None:
    """Take a client's access away, at once; done twice, it stays as it was. The caller commits.

    Raises:
        ClientNotFoundError: there is none that this viewer keeps.
    """
    client = session.scalar(select(ApiClient).where(ApiClient.id == client_id, _kept_by(viewer)))
    if client is None:
        raise ClientNotFoundError(client_id)
    if client.revoked_at is not None:
        return
    at = now or utc_now()
    client.revoked_at = at
    session.execute(delete(ApiToken).where(ApiToken.client_id == client.id))
    done = {"done": "ended"}
    record(session, viewer.account_id, "channel", "client", client.id, after=done, at=at)


def forget_tokens(session: Session, *, now: datetime | None = None) -> int:
    """Remove the tokens that are past their time; the caller commits. Returns how many there were."""
    gone = session.execute(delete(ApiToken).where(ApiToken.expires_at <= (now or utc_now())))
    return int(getattr(gone, "rowcount", 0))


def hashed(secret: str) -> str:
    """SHA-256 of a secret or token, as it is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def account_viewer(session: Session, account_id: int) -> Viewer | None:
    """What an account may see and do; None = there is none, or it is closed."""
    account = session.get(Account, account_id)
    if account is None or not account.active:
        return None
    return Viewer(
        account_id=account.id,
        name=account.name or account.email,
        roles=frozenset(Role(role.name) for role in account.roles if role.name in set(Role)),
        municipality_code=account.municipality_code,
    )


def _checked(
    session: Session, name: str, scopes: Iterable[str], actor: Viewer, municipality_code: str | None
) -> list[Scope]:
    problems: dict[str, str] = {}
    if not name.strip():
        problems["name"] = "empty"
    elif len(name.strip()) > NAME_MAX:
        problems["name"] = "too_long"
    if municipality_code is not None and session.get(Municipality, municipality_code) is None:
        problems["municipality"] = "unknown"
    wanted = set(scopes)
    fitting = fitting_scopes(as_client(actor, municipality_code))
    if not wanted:
        problems["scopes"] = "empty"
    elif wanted - {scope.value for scope in fitting}:
        problems["scopes"] = "not_fitting"
    if not problems:
        in_use = session.scalars(
            select(ApiClient.name).where(
                ApiClient.revoked_at.is_(None),
                ApiClient.municipality_code.is_not_distinct_from(municipality_code),
            )
        ).all()
        if " ".join(name.split()).casefold() in {one.casefold() for one in in_use}:
            problems["name"] = "taken"
        elif len(in_use) >= MOST:
            problems["name"] = "too_many"
    if problems:
        raise InvalidClientError(problems)
    return [scope for scope in fitting if scope.value in wanted]


def _kept_by(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.keeps_sources:
        return true()
    if viewer.answers:
        return ApiClient.municipality_code == viewer.municipality_code
    return false()


def _rows() -> Select[ApiClient, Account, str | None]:
    place, account = aliased(Municipality), aliased(Account)
    return (
        select(ApiClient, account, place.name)
        .join(account, account.id == ApiClient.account_id)
        .outerjoin(place, place.code == ApiClient.municipality_code)
    )


def _row(row: Row[ApiClient, Account, str | None]) -> ClientRow:
    client, account, municipality = row
    return ClientRow(
        id=client.id,
        client_id=client.client_id,
        name=client.name,
        scopes=tuple(Scope(scope) for scope in client.scopes if scope in set(Scope)),
        account_id=client.account_id,
        account=account.name or account.email,
        own=client.municipality_code is not None and account.municipality_code == client.municipality_code,
        account_closed=not account.active,
        municipality_code=client.municipality_code,
        municipality=municipality,
        created_at=client.created_at,
        last_used_at=client.last_used_at,
        revoked_at=client.revoked_at,
    )

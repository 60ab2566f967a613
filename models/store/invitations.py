"""Invitations: links with which somebody sets a password of one's own, good for one use within a week."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.invitation import Invitation
from models.keys import keyed_hash
from models.store.account_roles import AccountError, AccountProblem, checked_roles
from models.store.accounts import AccountRow, account_of, add_account, find_account, row_of, valid_email
from models.store.audit import record
from models.store.credentials import set_password
from models.store.passwords import PasswordError, problem_with

#: How long a link is good.
TERM = timedelta(days=7)
#: How long an invitation is kept after its term, used or not; what was done stays in the audit log.
KEEP = timedelta(days=30)

#: Kinds of invitation: makes an account; gives one another password; lets one sign in at the identity
#: provider from now on (no link: it waits for the next sign-in there).
ACCOUNT, PASSWORD, PROVIDER = "account", "password", "provider"


class InvitationError(Exception):
    """A link can't be used: it is unknown, used, withdrawn or past its term."""


@dataclass(frozen=True)
class InvitationRow:
    """One invitation as listed."""

    id: int
    kind: str
    email: str
    name: str
    roles: tuple[str, ...]
    municipality_code: str | None
    #: Who made it; empty = the command on the machine.
    by: str
    created_at: datetime
    expires_at: datetime


def invite(
    session: Session,
    secret: bytes,
    email: str,
    *,
    by_id: int | None,
    name: str = "",
    roles: Sequence[str],
    municipality: str = "",
) -> tuple[InvitationRow, str]:
    """Invite somebody who has no account; an earlier invitation of the address ends. The caller commits.

    Returns:
        The invitation, and the secret of its link, which is kept nowhere.

    Raises:
        AccountError: as :func:`models.store.accounts.add_account`.
    """
    address = valid_email(email)
    if session.scalar(select(Account.id).where(Account.email == address)) is not None:
        raise AccountError(f"there is an account for {address} already", AccountProblem.TAKEN)
    wanted, code = checked_roles(session, roles, municipality)
    invitation, token = _make(
        session,
        secret,
        Invitation(
            kind=ACCOUNT,
            email=address,
            name=" ".join(name.split()),
            roles=[role.value for role in wanted],
            municipality_code=code,
            invited_by_id=by_id,
        ),
    )
    return _row(invitation, ""), token


def offer_new_password(
    session: Session, secret: bytes, account_id: int, *, by_id: int | None
) -> tuple[InvitationRow, str]:
    """A link with which the owner of an account sets another password. The caller commits.

    Raises:
        AccountError: there is no such account, it is closed, or it signs in at the identity provider.
    """
    account = find_account(session, account_id)
    _must_be_open(account)
    if account.oidc_subject:
        raise AccountError("the account signs in at the identity provider", AccountProblem.PROVIDER)
    invitation, token = _make(session, secret, _about(account, PASSWORD, by_id))
    return _row(invitation, ""), token


def offer_provider(session: Session, secret: bytes, account_id: int, *, by_id: int | None) -> InvitationRow:
    """Let an account be taken over by who signs in at the identity provider with its address.

    The caller commits.

    Raises:
        AccountError: there is no such account, it is closed, or it signs in there already.
    """
    account = find_account(session, account_id)
    _must_be_open(account)
    if account.oidc_subject:
        raise AccountError("the account signs in at the identity provider", AccountProblem.PROVIDER)
    invitation, _token = _make(session, secret, _about(account, PROVIDER, by_id))
    return _row(invitation, "")


def open_invitation(session: Session, secret: bytes, token: str) -> InvitationRow:
    """What a link is for.

    Raises:
        InvitationError: it can't be used (any more).
    """
    found = session.scalar(
        select(Invitation).where(
            Invitation.token_hash == _hash(secret, token), Invitation.kind != PROVIDER, *_usable()
        )
    )
    if found is None:
        raise InvitationError
    if found.account_id is not None:
        account = find_account(session, found.account_id)
        if not account.active or account.oidc_subject:
            raise InvitationError
    return _row(found, "")


def accept(session: Session, secret: bytes, token: str, password: str, *, name: str = "") -> AccountRow:
    """Use a link: make its account, or give the account another password. The caller commits.

    Args:
        name: as the owner wants it shown; empty = as the invitation says.

    Raises:
        InvitationError: it can't be used (any more).
        PasswordError: the password is too easy to guess.
        AccountError: the account can't be made.
    """
    found = open_invitation(session, secret, token)
    shown = " ".join(name.split()) or found.name
    problem = problem_with(password, name=shown, email=found.email)
    if problem is not None:
        raise PasswordError(problem)
    use_up(session, found.id)
    if found.kind == PASSWORD:
        account = account_of(session, found.email)
        set_password(session, account.id, password, by_id=account.id)
        return row_of(account)
    row = add_account(
        session,
        found.email,
        password,
        name=shown,
        roles=found.roles,
        municipality=found.municipality_code or "",
    )
    record(
        session,
        row.id,
        "account_add",
        "account",
        row.id,
        after={"roles": list(row.roles), "municipality": row.municipality_code, "invitation": found.id},
    )
    return row


def use_up(session: Session, invitation_id: int) -> None:
    """Mark an invitation as used; of two who use it at the same moment, one succeeds. The caller commits.

    Raises:
        InvitationError: it was used, withdrawn or past its term.
    """
    done = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, *_usable())
        .values(accepted_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", done).rowcount != 1:
        raise InvitationError


def open_for(session: Session, email: str) -> Invitation | None:
    """The invitation that lets who proves to own this address in at the identity provider; None = none.

    A link for a new password does not count: it says nothing about the provider.
    """
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.email == email.strip().lower(),
            Invitation.kind.in_((ACCOUNT, PROVIDER)),
            *_usable(),
        )
        .order_by(Invitation.id.desc())
        .limit(1)
    )


def open_invitations(session: Session) -> list[InvitationRow]:
    """All that can still be used, newest first."""
    rows = session.execute(
        select(Invitation, func.coalesce(func.nullif(Account.name, ""), Account.email, ""))
        .join(Account, Account.id == Invitation.invited_by_id, isouter=True)
        .where(*_usable())
        .order_by(Invitation.id.desc())
    )
    return [_row(invitation, by) for invitation, by in rows]


def withdraw(session: Session, invitation_id: int, *, by_id: int | None) -> None:
    """Make a link useless. The caller commits.

    Raises:
        InvitationError: it is unknown or useless already.
    """
    found = session.get(Invitation, invitation_id)
    done = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, *_usable())
        .values(withdrawn_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    if found is None or cast("CursorResult[Any]", done).rowcount != 1:
        raise InvitationError
    record(
        session,
        by_id,
        "invite",
        "invitation",
        invitation_id,
        before={"kind": found.kind},
        after={"withdrawn": True},
    )


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove invitations whose term ended over :data:`KEEP` ago: they hold addresses of people who may never
    have come. The caller commits.

    Returns:
        How many went.
    """
    gone = session.execute(
        delete(Invitation)
        .where(Invitation.expires_at <= now - KEEP)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", gone).rowcount


def _usable() -> tuple[Any, ...]:
    return (
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > utc_now(),
    )


def _about(account: Account, kind: str, by_id: int | None) -> Invitation:
    return Invitation(
        kind=kind,
        email=account.email,
        name=account.name,
        roles=[role.name for role in account.roles],
        municipality_code=account.municipality_code,
        account_id=account.id,
        invited_by_id=by_id,
    )


def _make(session: Session, secret: bytes, invitation: Invitation) -> tuple[Invitation, str]:
    now = utc_now()
    # One good link for an address at a time: an older one may lie in a mailbox.
    session.execute(
        update(Invitation)
        .where(Invitation.email == invitation.email, *_usable())
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _hash(secret, token)
    invitation.created_at, invitation.expires_at = now, now + TERM
    session.add(invitation)
    session.flush()
    after: dict[str, object] = {"kind": invitation.kind, "roles": list(invitation.roles)}
    if invitation.account_id is not None:
        after["account"] = invitation.account_id
    record(session, invitation.invited_by_id, "invite", "invitation", invitation.id, after=after)
    return invitation, token


def _must_be_open(account: Account) -> None:
    if not account.active:
        raise AccountError(f"the account of {account.email} is disabled", AccountProblem.CLOSED)


def _hash(secret: bytes, token: str) -> str:
    return keyed_hash(secret, "invitation", token)


def _row(invitation: Invitation, by: str) -> InvitationRow:
    return InvitationRow(
        id=invitation.id,
        kind=invitation.kind,
        email=invitation.email,
        name=invitation.name,
        roles=tuple(invitation.roles),
        municipality_code=invitation.municipality_code,
        by=by,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )

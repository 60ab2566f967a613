"""Accounts: adding, listing, changing, closing and reopening them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.account import Account, AccountRole
from models.base import utc_now
from models.passkey import Passkey
from models.store.account_roles import AccountError, AccountProblem, checked_roles, role_rows, set_roles
from models.store.audit import record
from models.store.lockout import (
    FAILURES_PER_ADDRESS,
    FAILURES_PER_EMAIL,
    LOCK_TIME,
    LOCK_WINDOW,
    forget_failures,
    locked_for,
    note_failure,
)
from models.store.passwords import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    PasswordError,
    hash_password,
    new_password,
)
from models.words import Role

__all__ = [
    "FAILURES_PER_ADDRESS",
    "FAILURES_PER_EMAIL",
    "LOCK_TIME",
    "LOCK_WINDOW",
    "PASSWORD_MAX",
    "PASSWORD_MIN",
    "AccountError",
    "AccountProblem",
    "AccountRow",
    "add_account",
    "change_account",
    "change_name",
    "close_account",
    "disable_account",
    "forget_failures",
    "get_account",
    "hash_password",
    "list_accounts",
    "locked_for",
    "new_password",
    "note_failure",
    "reopen_account",
]

#: Most characters of a name.
NAME_MAX = 80


@dataclass(frozen=True)
class AccountRow:
    """One account as listed, without its password."""

    id: int
    email: str
    name: str
    roles: tuple[str, ...]
    municipality_code: str | None
    active: bool
    created_at: datetime
    #: Codes of an app are asked for beside the password.
    code: bool = False
    #: How many passkeys it has.
    passkeys: int = 0
    has_password: bool = True
    #: Signs in at the identity provider.
    provider: bool = False


def valid_email(email: str) -> str:
    """An e-mail address as accounts keep it.

    Raises:
        AccountError: it is none.
    """
    try:
        # The part before the @ is case-sensitive by the letter, but nobody expects it.
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise AccountError(f"{email!r} is not an e-mail address: {error}", AccountProblem.EMAIL) from None


def add_account(
    session: Session,
    email: str,
    password: str | None,
    *,
    name: str = "",
    roles: Sequence[str] = (Role.REVIEWER,),
    municipality: str = "",
) -> AccountRow:
    """Add one account; the caller commits, and records it where somebody did it.

    Args:
        password: None = it can't sign in with one.
        municipality: name or CBS code; required for the role of a municipality, refused without it.

    Raises:
        AccountError: the address is no e-mail address or taken, a role is unknown, the
            municipality is missing, unknown or not needed, or the password is too short.
    """
    address = valid_email(email)
    if session.scalar(select(Account.id).where(Account.email == address)) is not None:
        raise AccountError(f"there is an account for {address} already", AccountProblem.TAKEN)
    wanted, code = checked_roles(session, roles, municipality)
    try:
        hashed = None if password is None else hash_password(password)
    except PasswordError as error:
        raise AccountError(str(error), AccountProblem.PASSWORD) from None
    account = Account(
        email=address,
        name=_checked_name(name),
        password=hashed,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        municipality_code=code,
        created_at=utc_now(),
        roles=role_rows(session, wanted),
    )
    session.add(account)
    session.flush()
    return row_of(account)


def list_accounts(session: Session) -> list[AccountRow]:
    """All accounts, by e-mail address."""
    passkeys = dict(
        session.execute(select(Passkey.account_id, func.count()).group_by(Passkey.account_id)).all()
    )
    return [
        row_of(account, passkeys.get(account.id, 0))
        for account in session.scalars(select(Account).order_by(Account.email))
    ]


def get_account(session: Session, account_id: int) -> AccountRow:
    """One account.

    Raises:
        AccountError: there is none with this number.
    """
    account = find_account(session, account_id)
    count = select(func.count()).where(Passkey.account_id == account_id)
    return row_of(account, session.scalar(count) or 0)


def change_account(
    session: Session,
    account_id: int,
    *,
    by_id: int | None,
    name: str,
    roles: Sequence[str],
    municipality: str = "",
) -> AccountRow:
    """Give an account another name, other roles or another municipality. The caller commits.

    Raises:
        AccountError: as for :func:`add_account`; nobody would be left who keeps accounts; or its roles
            come from the identity provider.
    """
    account = find_account(session, account_id)
    wanted, code = checked_roles(session, roles, municipality)
    before = row_of(account)
    changed_roles = {role.value for role in wanted} != set(before.roles) or code != before.municipality_code
    if changed_roles and account.oidc_subject:
        raise AccountError("the roles come from the identity provider", AccountProblem.PROVIDER)
    if Role.ADMIN not in wanted:
        keep_an_admin(session, account)
    set_roles(session, account, wanted, code)
    new_name = _checked_name(name)
    named = {"name": "changed"} if new_name != before.name else {}
    account.name = new_name
    after = row_of(account)
    if after != before:
        record(
            session,
            by_id,
            "account_change",
            "account",
            account.id,
            before=_rights(before),
            after={**_rights(after), **named},
        )
    session.flush()
    return after


def change_name(session: Session, account_id: int, name: str) -> None:
    """Let somebody change the name shown beside their own decisions. The caller commits.

    Raises:
        AccountError: it is too long, or holds signs that don't belong in a name.
    """
    account = find_account(session, account_id)
    wanted = _checked_name(name)
    if wanted != account.name:
        account.name = wanted
        record(session, account_id, "account_change", "account", account_id, after={"name": "changed"})


def close_account(session: Session, account_id: int, *, by_id: int | None) -> AccountRow:
    """Close an account and end its sessions; its decisions keep its name. The caller commits.

    Raises:
        AccountError: there is no such account, it is closed already, or it is the last that keeps accounts.
    """
    account = find_account(session, account_id)
    if not account.active:
        raise AccountError(f"the account of {account.email} is disabled already", AccountProblem.CLOSED)
    if by_id is not None:
        keep_an_admin(session, account)
    account.active = False
    account.fs_uniquifier = secrets.token_hex(32)
    record(
        session,
        by_id,
        "account_change",
        "account",
        account.id,
        before={"active": True},
        after={"active": False},
    )
    return row_of(account)


def reopen_account(session: Session, account_id: int, *, by_id: int | None) -> AccountRow:
    """Let a closed account in again, with what it signed in with before. The caller commits.

    Raises:
        AccountError: there is no such account, or it is open.
    """
    account = find_account(session, account_id)
    if account.active:
        raise AccountError(f"the account of {account.email} is not disabled", AccountProblem.OPEN)
    account.active = True
    account.fs_uniquifier = secrets.token_hex(32)
    record(
        session,
        by_id,
        "account_change",
        "account",
        account.id,
        before={"active": False},
        after={"active": True},
    )
    return row_of(account)


def disable_account(session: Session, email: str) -> AccountRow:
    """Close the account of an address, as the command on the machine itself does. The caller commits.

    Raises:
        AccountError: there is no such account, or it is closed already.
    """
    return close_account(session, account_of(session, email).id, by_id=None)


def find_account(session: Session, account_id: int) -> Account:
    """The row of an account.

    Raises:
        AccountError: there is none with this number.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise AccountError(f"there is no account {account_id}", AccountProblem.NOBODY)
    return account


def account_of(session: Session, email: str) -> Account:
    """The row of the account with this address, in any case.

    Raises:
        AccountError: there is none.
    """
    account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
    if account is None:
        raise AccountError(f"there is no account for {email}", AccountProblem.NOBODY)
    return account


def keep_an_admin(session: Session, account: Account) -> None:
    """Refuse what would leave nobody who keeps accounts.

    Raises:
        AccountError: this active account is the last with the role of administrator.
    """
    admins = session.scalars(
        select(Account.id)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(AccountRole.role_name == Role.ADMIN.value, Account.active)
        # Locked, so that two who close each other at the same time do not both find the other there.
        .with_for_update(key_share=True)
    ).all()
    if list(admins) == [account.id]:
        raise AccountError("this is the last account that keeps accounts", AccountProblem.LAST_ADMIN)


def row_of(account: Account, passkeys: int = 0) -> AccountRow:
    """An account as listed."""
    return AccountRow(
        id=account.id,
        email=account.email,
        name=account.name,
        roles=tuple(sorted(role.name for role in account.roles)),
        municipality_code=account.municipality_code,
        active=account.active,
        created_at=account.created_at,
        code=account.tf_primary_method is not None,
        passkeys=passkeys,
        has_password=account.password is not None,
        provider=account.oidc_subject is not None,
    )


def _rights(row: AccountRow) -> dict[str, object]:
    return {"roles": list(row.roles), "municipality": row.municipality_code}


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > NAME_MAX or not plain.isprintable() or any(sign in plain for sign in "<>"):
        raise AccountError(f"a name has at most {NAME_MAX} characters, without < and >", AccountProblem.NAME)
    return plain

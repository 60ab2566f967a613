"""Accounts: adding, listing and closing them, and slowing down who guesses passwords."""

import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.account import Account, RoleRow
from models.base import utc_now
from models.municipality import Municipality
from models.sign_in_failure import SignInFailure
from models.store.places import find_municipality
from models.words import Role

#: Fewest and most characters of a password; no rules about sorts of characters (NIST SP 800-63B).
PASSWORD_MIN, PASSWORD_MAX = 12, 128

#: Failures within :data:`LOCK_WINDOW` after which attempts are refused for :data:`LOCK_TIME`:
#: for one e-mail address, and for one network address, which a whole office may share.
FAILURES_PER_EMAIL, FAILURES_PER_ADDRESS = 5, 30
LOCK_WINDOW = timedelta(minutes=15)
LOCK_TIME = timedelta(minutes=15)

#: On screen, for whoever lists roles.
DESCRIPTIONS = {
    Role.REVIEWER: "beoordeelt signalen",
    Role.MUNICIPALITY: "ziet de signalen en initiatieven van de eigen gemeente",
    Role.PROJECT_LEADER: "beoordeelt signalen en leidt matchingrondes",
    Role.ADMIN: "beoordeelt signalen en beheert bronnen en accounts",
    Role.PRIVACY_OFFICER: "ziet logboeken, geen inhoud",
}


class AccountError(Exception):
    """An account can't be added or changed; the message says why in one sentence."""


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


def hash_password(password: str) -> str:
    """Argon2 hash of a password, which Flask-Security verifies with the same normal form (NFKD).

    Raises:
        AccountError: it is too short or too long.
    """
    plain = unicodedata.normalize("NFKD", password)
    if not PASSWORD_MIN <= len(plain) <= PASSWORD_MAX:
        raise AccountError(f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    return PasswordHasher().hash(plain)


def new_password() -> str:
    """A password nobody can guess (120 bits), easy to copy."""
    return "-".join(secrets.token_hex(3) for _ in range(5))


def add_account(
    session: Session,
    email: str,
    password: str,
    *,
    name: str = "",
    roles: Sequence[str] = (Role.REVIEWER,),
    municipality: str = "",
) -> AccountRow:
    """Add one account; the caller commits.

    Args:
        municipality: name or CBS code; required for the role of a municipality, refused without it.

    Raises:
        AccountError: the address is no e-mail address or taken, a role is unknown, the
            municipality is missing, unknown or not needed, or the password is too short.
    """
    try:
        # The part before the @ is case-sensitive by the letter, but nobody expects it.
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise AccountError(f"{email!r} is not an e-mail address: {error}") from None
    if session.scalar(select(Account.id).where(Account.email == address)) is not None:
        raise AccountError(f"there is an account for {address} already")
    wanted = [_role(role) for role in roles]
    if not wanted:
        raise AccountError("an account needs at least one role")
    account = Account(
        email=address,
        name=name.strip(),
        password=hash_password(password),
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        municipality_code=_municipality_code(session, wanted, municipality),
        created_at=utc_now(),
        roles=_role_rows(session, wanted),
    )
    session.add(account)
    session.flush()
    return _row(account)


def list_accounts(session: Session) -> list[AccountRow]:
    """All accounts, by e-mail address."""
    return [_row(account) for account in session.scalars(select(Account).order_by(Account.email))]


def disable_account(session: Session, email: str) -> AccountRow:
    """Close an account and end its sessions; its decisions keep its name. The caller commits.

    Raises:
        AccountError: there is no such account, or it is closed already.
    """
    account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
    if account is None:
        raise AccountError(f"there is no account for {email}")
    if not account.active:
        raise AccountError(f"the account of {account.email} is disabled already")
    account.active = False
    account.fs_uniquifier = secrets.token_hex(32)
    return _row(account)


def locked_for(session: Session, keys: Iterable[str]) -> timedelta | None:
    """How long attempts under any of these keys are still refused; None = they are not."""
    now = utc_now()
    until = [
        row.locked_until
        for row in session.scalars(select(SignInFailure).where(SignInFailure.key.in_(list(keys))))
        if row.locked_until is not None and row.locked_until > now
    ]
    return max(until) - now if until else None


def note_failure(session: Session, limits: dict[str, int]) -> None:
    """Count one failed attempt; the caller commits.

    Args:
        limits: key -> failures within :data:`LOCK_WINDOW` after which it is locked.
    """
    now = utc_now()
    # Old rows go here, so that the table stays as small as the last quarter of an hour.
    session.execute(delete(SignInFailure).where(SignInFailure.first_at < now - LOCK_WINDOW - LOCK_TIME))
    for key, limit in limits.items():
        row = session.get(SignInFailure, key, with_for_update=True)
        if row is None:
            row = SignInFailure(key=key, failures=0, first_at=now)
            session.add(row)
        elif now - row.first_at > LOCK_WINDOW:
            row.failures, row.first_at, row.locked_until = 0, now, None
        row.failures += 1
        if row.failures >= limit:
            row.locked_until = now + LOCK_TIME


def forget_failures(session: Session, key: str) -> None:
    """Start counting again for a key, after a success. The caller commits."""
    session.execute(delete(SignInFailure).where(SignInFailure.key == key))


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise AccountError(f"there is no role {name!r}; choose from {known}") from None


def _role_rows(session: Session, roles: Iterable[Role]) -> list[RoleRow]:
    rows = []
    for role in dict.fromkeys(roles):
        row = session.get(RoleRow, role.value)
        if row is None:
            row = RoleRow(name=role.value, description=DESCRIPTIONS[role])
            session.add(row)
        rows.append(row)
    return rows


def _municipality_code(session: Session, roles: Sequence[Role], municipality: str) -> str | None:
    if Role.MUNICIPALITY not in roles:
        if municipality:
            raise AccountError(f"only the role {Role.MUNICIPALITY.value} goes with a municipality")
        return None
    if not municipality:
        raise AccountError(f"the role {Role.MUNICIPALITY.value} needs a municipality: name or CBS code")
    found: Municipality | None = find_municipality(session, municipality)
    if found is None:
        raise AccountError(f"there is no municipality {municipality!r}")
    return found.code


def _row(account: Account) -> AccountRow:
    return AccountRow(
        id=account.id,
        email=account.email,
        name=account.name,
        roles=tuple(sorted(role.name for role in account.roles)),
        municipality_code=account.municipality_code,
        active=account.active,
        created_at=account.created_at,
    )

"""What an account signs in with: password, codes of an app, recovery codes, passkeys.

Every change goes into the audit log, in the same transaction.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.keys import keyed_hash
from models.passkey import Passkey
from models.store.accounts import find_account
from models.store.audit import record
from models.store.passwords import hash_password

#: The one kind of code: of an app that counts half minutes (TOTP, RFC 6238).
APP = "authenticator"
#: Most passkeys of one account: a handful of devices.
PASSKEYS_MAX = 10


class TooManyPasskeysError(Exception):
    """An account has as many passkeys as it may have."""


@dataclass(frozen=True)
class PasskeyDraft:
    """A passkey as a browser has just made it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    backup_state: bool
    device_type: str
    #: As its owner calls it.
    name: str


def set_password(session: Session, account_id: int, password: str, *, by_id: int | None) -> str:
    """Give an account another password and end all its sessions. The caller commits.

    Returns:
        What the account is known by in new sessions.

    Raises:
        PasswordError: it is too short or too long.
    """
    return replace_password(session, account_id, hash_password(password), by_id=by_id)


def replace_password(session: Session, account_id: int, hashed: str | None, *, by_id: int | None) -> str:
    """The same with a hash that was made elsewhere; None = no password at all. The caller commits."""
    account = find_account(session, account_id)
    account.password = hashed
    return _end(session, account, by_id, {"password": "changed" if hashed else "removed"})


def end_sessions(session: Session, account_id: int, *, by_id: int | None) -> str:
    """Sign an account out everywhere. The caller commits.

    Returns:
        What the account is known by in new sessions.
    """
    return _end(session, find_account(session, account_id), by_id, {"sessions": "ended"})


def set_code(session: Session, account_id: int, method: str, secret: str | None) -> None:
    """Ask for codes of an app from now on; does nothing when they are asked for already.

    The caller commits.

    Args:
        secret: what the codes are made from, encrypted; None leaves it as it is.
    """
    account = find_account(session, account_id)
    if account.tf_primary_method == method and secret in (None, account.tf_totp_secret):
        return
    account.tf_primary_method = method
    if secret is not None:
        account.tf_totp_secret = secret
    record(session, account_id, "account_secure", "account", account_id, after={"code": "on"})


def remove_code(session: Session, account_id: int, *, by_id: int | None) -> None:
    """Ask for codes of an app no more. The caller commits."""
    account = find_account(session, account_id)
    account.tf_primary_method = account.tf_totp_secret = account.tf_last_counter = None
    if not _passkeys(session, account_id):
        # Codes to fall back on are worth nothing without anything to fall back from.
        account.mf_recovery_codes = None
    record(session, by_id, "account_secure", "account", account_id, after={"code": "off"})


def use_counter(session: Session, account_id: int, counter: int) -> bool:
    """Note that the code of this half minute is used; False = it was already, so it must not work again.

    One statement, so that of two who send the same code at the same moment only one gets in.
    The caller commits.
    """
    done = session.execute(
        update(Account)
        .where(
            Account.id == account_id,
            or_(Account.tf_last_counter.is_(None), Account.tf_last_counter < counter),
        )
        .values(tf_last_counter=counter)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", done).rowcount == 1


def recovery_hash(secret: bytes, account_id: int, code: str) -> str:
    """What is kept of a recovery code; capitals, spaces and dashes make no difference."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return keyed_hash(secret, "recovery code", str(account_id), plain)


def set_recovery_codes(session: Session, account_id: int, hashes: Sequence[str]) -> None:
    """Replace the recovery codes of an account. The caller commits."""
    find_account(session, account_id).mf_recovery_codes = list(hashes)
    record(
        session,
        account_id,
        "account_secure",
        "account",
        account_id,
        after={"recovery_codes": len(hashes)},
    )


def use_recovery_code(session: Session, account_id: int, hashed: str) -> bool:
    """Take a recovery code away; False = there is no such code (any more). The caller commits."""
    account = session.scalar(
        select(Account)
        .where(Account.id == account_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    left = list(account.mf_recovery_codes or []) if account is not None else []
    if account is None or hashed not in left:
        return False
    left.remove(hashed)
    account.mf_recovery_codes = left
    record(
        session,
        account_id,
        "account_secure",
        "account",
        account_id,
        after={"recovery_codes": len(left)},
    )
    return True


def set_passkey_handle(session: Session, account_id: int, handle: str) -> None:
    """The number by which passkeys know the account: made once. The caller commits."""
    account = find_account(session, account_id)
    if not account.fs_webauthn_user_handle:
        account.fs_webauthn_user_handle = handle


def add_passkey(session: Session, account_id: int, draft: PasskeyDraft) -> None:
    """Let an account sign in with this passkey. The caller commits.

    Raises:
        TooManyPasskeysError: it has :data:`PASSKEYS_MAX` already.
    """
    find_account(session, account_id)
    if _passkeys(session, account_id) >= PASSKEYS_MAX:
        raise TooManyPasskeysError
    now = utc_now()
    session.add(
        Passkey(
            account_id=account_id,
            credential_id=draft.credential_id,
            public_key=draft.public_key,
            sign_count=draft.sign_count,
            transports=list(draft.transports),
            backup_state=draft.backup_state,
            device_type=draft.device_type,
            extensions="",
            create_datetime=now,
            lastuse_datetime=now,
            name=draft.name,
            usage="first",
        )
    )
    record(session, account_id, "account_secure", "account", account_id, after={"passkey": "added"})


def remove_passkey(session: Session, passkey_id: int, *, by_id: int | None) -> None:
    """Take a passkey away. The caller commits."""
    passkey = session.get(Passkey, passkey_id)
    if passkey is None:
        return
    account = find_account(session, passkey.account_id)
    session.delete(passkey)
    session.flush()
    if not _passkeys(session, account.id) and account.tf_primary_method is None:
        account.mf_recovery_codes = None
    record(session, by_id, "account_secure", "account", account.id, after={"passkey": "removed"})


def note_passkey_use(
    session: Session, passkey_id: int, *, sign_count: int, backup_state: bool, device_type: str, at: datetime
) -> None:
    """Keep what a passkey said of itself when it was used. The caller commits."""
    session.execute(
        update(Passkey)
        .where(Passkey.id == passkey_id)
        .values(
            sign_count=sign_count, backup_state=backup_state, device_type=device_type, lastuse_datetime=at
        )
        .execution_options(synchronize_session=False)
    )


def take_second_step_away(session: Session, account_id: int, *, by_id: int | None) -> None:
    """Remove codes, recovery codes and passkeys, for who lost them all, and end the sessions.

    The caller commits.
    """
    account = find_account(session, account_id)
    account.tf_primary_method = account.tf_totp_secret = account.tf_last_counter = None
    account.mf_recovery_codes = None
    session.execute(delete(Passkey).where(Passkey.account_id == account_id))
    _end(session, account, by_id, {"second_step": "removed"})


def rehash_password(session: Session, account_id: int, hashed: str) -> None:
    """Keep the same password under a newer kind of hash. The caller commits."""
    find_account(session, account_id).password = hashed


def _passkeys(session: Session, account_id: int) -> int:
    return session.scalar(select(func.count()).where(Passkey.account_id == account_id)) or 0


def _end(session: Session, account: Account, by_id: int | None, after: dict[str, object]) -> str:
    account.fs_uniquifier = secrets.token_hex(32)
    record(session, by_id, "account_secure", "account", account.id, after=after)
    return account.fs_uniquifier

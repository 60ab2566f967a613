"""Stopping who guesses: at the password, at the second step and with passkeys."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request
from flask_babel import ngettext
from werkzeug.exceptions import TooManyRequests

from models.keys import keyed_hash
from models.store.audit import record
from models.store.lockout import (
    FAILURES_PER_ADDRESS,
    FAILURES_PER_CODE,
    FAILURES_PER_EMAIL,
    FAILURES_PER_PASSKEY,
    forget_failures,
    locked_for,
    note_failure,
)
from review.database import db, writing


@dataclass(frozen=True)
class Guesses:
    """Attempts that count together: those at one account, and those from one network address."""

    #: Key of the account, under which a success makes the count start again.
    own: str
    #: Key -> failures after which it is locked.
    limits: Mapping[str, int]

    def stop_when_locked(self) -> None:
        """Answer 429 while attempts are refused.

        Raises:
            TooManyRequests: with the seconds to wait.
        """
        wait = locked_for(db.session, self.limits)
        if wait is None:
            return
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        raise TooManyRequests(
            ngettext(
                "Er is te vaak geprobeerd om aan te melden. Wacht %(num)s minuut.",
                "Er is te vaak geprobeerd om aan te melden. Wacht %(num)s minuten.",
                minutes,
            ),
            retry_after=int(wait.total_seconds()) + 1,
        )

    def failed(self, account_id: int | None = None) -> None:
        """Count one failure; that an account is locked by it goes into the audit log."""
        with writing() as store:
            locked = note_failure(store, self.limits)
            if account_id is not None and self.own in locked:
                record(
                    store, None, "sign_in_refused", "account", account_id, after={"why": "too many failures"}
                )

    def succeeded(self) -> None:
        """Start counting again for the account; the network address keeps its count."""
        with writing() as store:
            forget_failures(store, self.own)


def at_password(email: str) -> Guesses:
    """Of the password of whoever has this e-mail address, account or not."""
    return _guesses("sign-in email", email.strip().lower(), FAILURES_PER_EMAIL)


def at_code(account_id: int) -> Guesses:
    """Of the second step of an account, after the password.

    Counted apart: whoever knows the password could else make the count start again at will.
    """
    return _guesses("second step", str(account_id), FAILURES_PER_CODE)


def with_passkey(account_id: int | None) -> Guesses:
    """With passkeys, of a known account or of none."""
    return _guesses(
        "passkey", "" if account_id is None else str(account_id), FAILURES_PER_PASSKEY, account_id is not None
    )


def _guesses(purpose: str, whose: str, limit: int, known: bool = True) -> Guesses:
    secret = current_app.extensions["scout"].secret
    own = keyed_hash(secret, purpose, whose)
    address = keyed_hash(secret, "sign-in address", request.remote_addr or "")
    return Guesses(own, {address: FAILURES_PER_ADDRESS, **({own: limit} if known else {})})

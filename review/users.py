"""Accounts as Flask-Security sees them: second views of our tables, and a store that writes at once."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import current_app
from flask_security import FSQLALiteUserDatastore, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import inspect
from sqlalchemy.orm import relationship

from models.account import Account, AccountRole, RoleRow
from models.base import Base
from models.passkey import Passkey
from models.store import credentials
from review.database import db, writing

#: What changes in a passkey when it is used.
PASSKEY_USE = frozenset({"lastuse_datetime", "sign_count", "backup_state", "device_type"})


class RoleOfUser(Base, RoleMixin):
    """A role: a second view of the table of :class:`RoleRow`."""

    __table__ = RoleRow.__table__


class PasskeyOfUser(Base, WebAuthnMixin):
    """A passkey: a second view of the table of :class:`Passkey`."""

    __table__ = Passkey.__table__
    if TYPE_CHECKING:
        account_id: int
        create_datetime: datetime

    def get_user_mapping(self) -> dict[str, Any]:
        """By what its account is found."""
        return {"id": self.account_id}


class User(Base, UserMixin):
    """An account: a second view of the table of :class:`Account`."""

    __table__ = Account.__table__
    if TYPE_CHECKING:
        name: str
        municipality_code: str | None
        oidc_subject: str | None
        tf_last_counter: int | None
    roles = relationship(RoleOfUser, secondary=AccountRole.__table__, lazy="selectin", viewonly=True)
    webauthn = relationship(
        PasskeyOfUser, viewonly=True, lazy="select", order_by=Passkey.__table__.c.create_datetime
    )

    @property
    def has_code(self) -> bool:
        """Codes of an app are asked for beside the password."""
        return bool(self.tf_primary_method and self.tf_totp_secret)

    @property
    def has_second_step(self) -> bool:
        """There is something beside the password: codes or a passkey."""
        return self.has_code or bool(self.webauthn)

    @property
    def must_have_second_step(self) -> bool:
        """The settings demand it; whoever signs in at an identity provider has it there."""
        settings = current_app.extensions["scout"].settings
        return bool(settings.second_step_required) and not self.oidc_subject

    def check_tf_required_setup(self) -> bool:
        """Codes can't be switched off: they are demanded, and there is nothing else."""
        return self.must_have_second_step and not self.webauthn


class AccountStore(FSQLALiteUserDatastore):
    """Writes each change at once, in a short transaction of its own, with its entry in the audit log.

    Flask-Security changes objects of the reading session and commits when the request ends. On SQLite a
    transaction that began by reading can't be sure of becoming a writing one, so nothing is left to that.
    """

    def __init__(self) -> None:
        super().__init__(db, User, RoleOfUser, PasskeyOfUser)

    def commit(self) -> None:
        """Everything is written already."""

    def put(self, model: Any) -> Any:
        """Write what was changed in an account or a passkey.

        Raises:
            NotImplementedError: something was changed for which there is no line below.
        """
        changed = frozenset(one.key for one in inspect(model).attrs if one.history.has_changes())
        if changed:
            self._write_changed(model, changed)
        return model

    def _write_changed(self, model: Any, changed: frozenset[str]) -> None:
        if isinstance(model, PasskeyOfUser) and changed <= PASSKEY_USE:
            self._write(
                credentials.note_passkey_use,
                model.id,
                sign_count=model.sign_count,
                backup_state=model.backup_state,
                device_type=_word(model.device_type),
                at=model.lastuse_datetime,
            )
        elif isinstance(model, User) and changed == {"password"}:
            self._write(credentials.rehash_password, model.id, model.password)
        elif isinstance(model, User) and changed == {"password", "fs_uniquifier"}:
            self._write(credentials.replace_password, model.id, model.password, by_id=model.id)
        else:
            raise NotImplementedError(f"{type(model).__name__}: {', '.join(sorted(changed))}")

    def delete(self, model: Any) -> None:
        """Nothing is deleted but passkeys, see below."""
        raise NotImplementedError(type(model).__name__)

    def tf_set(
        self, user: Any, primary_method: str, totp_secret: str | None = None, phone: str | None = None
    ) -> None:
        """Ask for codes of an app from now on."""
        self._write(credentials.set_code, user.id, primary_method, totp_secret)

    def tf_reset(self, user: Any) -> None:
        """Ask for codes no more."""
        self._write(credentials.remove_code, user.id, by_id=user.id)

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """Replace the hashes of the recovery codes."""
        self._write(credentials.set_recovery_codes, user.id, rcs or [])

    def set_webauthn_user_handle(self, user: Any, user_handle: str | None = None) -> None:
        """Give the account the number by which passkeys know it."""
        self._write(credentials.set_passkey_handle, user.id, user_handle or uuid4().hex)

    def create_webauthn(  # noqa: PLR0917 - as Flask-Security calls it
        self,
        user: Any,
        credential_id: bytes,
        public_key: bytes,
        name: str,
        sign_count: int,
        usage: str,
        device_type: str,
        backup_state: bool,
        transports: list[str] | None = None,
        extensions: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Keep a new passkey; what browsers say of extensions is not used, so not kept."""
        draft = credentials.PasskeyDraft(
            credential_id=credential_id,
            public_key=public_key,
            sign_count=sign_count,
            transports=[_word(one) for one in transports or []],
            backup_state=backup_state,
            device_type=_word(device_type),
            name=name,
        )
        self._write(credentials.add_passkey, user.id, draft)

    def delete_webauthn(self, webauthn: Any) -> None:
        """Take a passkey away."""
        self._write(credentials.remove_passkey, webauthn.id, by_id=webauthn.account_id)

    def _write(self, function: Callable[..., Any], *arguments: Any, **more: Any) -> None:
        # What was set on the objects goes with the roll-back that ends writing(); they are read anew.
        with writing() as store:
            function(store, *arguments, **more)


def _word(value: Any) -> str:
    """A word of the WebAuthn library, which gives some as enumerations."""
    return str(getattr(value, "value", value))

"""Accounts of people who sign in at an identity provider (OpenID Connect): who they are there, and here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.account import Account
from models.passkey import Passkey
from models.store.account_roles import AccountError, checked_roles, set_roles
from models.store.accounts import NAME_MAX, add_account, valid_email
from models.store.audit import record
from models.store.credentials import replace_password
from models.store.invitations import open_for, use_up
from models.words import Role

#: Words of the claim ``amr`` that say by themselves that there was a second step.
TWO_STEPS = frozenset({"mfa", "ngcmfa"})
#: Words for something one knows, and for something one has or is (RFC 8176); one of each is two steps.
KNOWN = frozenset({"pwd", "pin", "kba"})
OWNED = frozenset(
    {"face", "fido", "fpt", "hwk", "iris", "otp", "rsa", "retina", "sc", "sms", "swk", "tel", "vbm"}
)


class Refusal(StrEnum):
    """Why somebody who signed in at the provider does not get in."""

    NO_SECOND_STEP = "no_second_step"
    NO_GROUP = "no_group"
    TWO_MUNICIPALITIES = "two_municipalities"
    NO_EMAIL = "no_email"
    EMAIL_TAKEN = "email_taken"
    CLOSED = "closed"
    WRONG_ROLES = "wrong_roles"


class RefusedError(Exception):
    """Somebody does not get in; ``refusal`` says why, ``account_id`` whose account it is about."""

    def __init__(self, refusal: Refusal, account_id: int | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.account_id = account_id


@dataclass(frozen=True)
class Person:
    """Somebody as the provider describes them."""

    #: Issuer and subject, which never change.
    subject: str
    #: Lower case; empty = none was given.
    email: str
    #: The provider vouches for the address, so an invitation to it counts.
    vouched: bool
    name: str
    roles: tuple[Role, ...]
    municipality_code: str | None


def two_steps(amr: object) -> bool:
    """Whether the claim ``amr`` says that a second step was asked for."""
    words = {str(word) for word in amr} if isinstance(amr, Collection) and not isinstance(amr, str) else set()
    return bool(words & TWO_STEPS) or bool(words & KNOWN and words & OWNED)


def person_of(
    claims: Mapping[str, Any], *, groups_claim: str, roles: Mapping[str, str], mfa_trusted: bool
) -> Person:
    """Whom a checked token describes, and what that person may do here.

    Args:
        roles: group -> role, or ``gemeente:`` and a CBS code.
        mfa_trusted: the provider always asks for a second step, so it need not say so.

    Raises:
        RefusedError: no second step, no known group, or groups of two municipalities.
    """
    if not mfa_trusted and not two_steps(claims.get("amr")):
        raise RefusedError(Refusal.NO_SECOND_STEP)
    given = claims.get(groups_claim)
    groups = [given] if isinstance(given, str) else list(given) if isinstance(given, Collection) else []
    stands_for = {roles[group] for group in groups if isinstance(group, str) and group in roles}
    if not stands_for:
        raise RefusedError(Refusal.NO_GROUP)
    codes = {word.partition(":")[2] for word in stands_for if ":" in word}
    if len(codes) > 1:
        raise RefusedError(Refusal.TWO_MUNICIPALITIES)
    email, vouched = _email(claims)
    return Person(
        subject=f"{claims['iss']}|{claims['sub']}",
        email=email,
        vouched=vouched,
        name=_name(claims.get("name")),
        roles=tuple(sorted(Role(word.partition(":")[0]) for word in stands_for)),
        municipality_code=next(iter(codes), None),
    )


def let_in(session: Session, person: Person) -> int:
    """The account of somebody who signed in at the provider, with the roles that the groups give now.

    It is found by issuer and subject. An account that is here already under the same address is only
    handed over when an administrator said so; its password and passkeys go, so that the provider alone
    decides from then on. The caller commits.

    Raises:
        RefusedError: the account is closed, the address is that of another account or there is none, or a
            municipality does not exist.
    """
    account = session.scalar(select(Account).where(Account.oidc_subject == person.subject))
    if account is None:
        account = _first_time(session, person)
    if not account.active:
        raise RefusedError(Refusal.CLOSED, account.id)
    try:
        wanted, code = checked_roles(session, person.roles, person.municipality_code or "")
    except AccountError:
        raise RefusedError(Refusal.WRONG_ROLES, account.id) from None
    before = {
        "roles": sorted(role.name for role in account.roles),
        "municipality": account.municipality_code,
    }
    after = {"roles": sorted(role.value for role in wanted), "municipality": code}
    if before != after:
        set_roles(session, account, wanted, code)
        record(session, None, "account_change", "account", account.id, before=before, after=after)
    session.flush()
    return account.id


def _first_time(session: Session, person: Person) -> Account:
    if not person.email:
        raise RefusedError(Refusal.NO_EMAIL)
    invitation = open_for(session, person.email) if person.vouched else None
    account = session.scalar(select(Account).where(Account.email == person.email))
    if account is not None:
        if account.oidc_subject or invitation is None or invitation.account_id != account.id:
            raise RefusedError(Refusal.EMAIL_TAKEN, account.id)
        if not account.active:
            raise RefusedError(Refusal.CLOSED, account.id)
        _hand_over(session, account)
    else:
        try:
            row = add_account(
                session,
                person.email,
                None,
                name=person.name or (invitation.name if invitation else ""),
                roles=person.roles,
                municipality=person.municipality_code or "",
            )
        except AccountError:
            raise RefusedError(Refusal.WRONG_ROLES) from None
        after = {"roles": list(row.roles), "municipality": row.municipality_code, "provider": True}
        record(session, None, "account_add", "account", row.id, after=after)
        account = session.get_one(Account, row.id)
    account.oidc_subject = person.subject
    if invitation is not None:
        use_up(session, invitation.id)
    session.flush()
    return account


def _hand_over(session: Session, account: Account) -> None:
    account.tf_primary_method = account.tf_totp_secret = account.tf_last_counter = None
    account.mf_recovery_codes = None
    session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    replace_password(session, account.id, None, by_id=None)
    record(session, None, "account_secure", "account", account.id, after={"provider": "linked"})


def _email(claims: Mapping[str, Any]) -> tuple[str, bool]:
    for claim in ("email", "preferred_username", "upn"):
        try:
            address = valid_email(str(claims.get(claim) or ""))
        except AccountError:
            continue
        # The other two are names to sign in with, which whoever manages that directory may hand out anew.
        vouched = claim == "email" and claims.get("email_verified") is not False
        return address, vouched
    return "", False


def _name(given: object) -> str:
    plain = " ".join(str(given or "").replace("<", "").replace(">", "").split())
    return "".join(sign for sign in plain if sign.isprintable())[:NAME_MAX]

"""Roles of accounts: which there are, what belongs together, and what can be wrong with an account."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from sqlalchemy.orm import Session

from models.account import Account, RoleRow
from models.municipality import Municipality
from models.store.places import find_municipality
from models.words import Role

#: In Dutch, for whoever lists roles.
DESCRIPTIONS = {
    Role.REVIEWER: "beoordeelt signalen",
    Role.MUNICIPALITY: "ziet de signalen en initiatieven van de eigen gemeente",
    Role.PROJECT_LEADER: "beoordeelt signalen en leidt matchingrondes",
    Role.ADMIN: "beoordeelt signalen en beheert bronnen en accounts",
    Role.PRIVACY_OFFICER: "ziet logboeken, geen inhoud",
}


class AccountProblem(StrEnum):
    """What is wrong, for pages that say it in another language."""

    EMAIL = "email"
    TAKEN = "taken"
    ROLE = "role"
    NO_ROLE = "no_role"
    MUNICIPALITY_MISSING = "municipality_missing"
    MUNICIPALITY_UNKNOWN = "municipality_unknown"
    MUNICIPALITY_NEEDLESS = "municipality_needless"
    PASSWORD = "password"  # noqa: S105 - a word
    NOBODY = "nobody"
    CLOSED = "closed"
    OPEN = "open"
    LAST_ADMIN = "last_admin"
    NAME = "name"
    PROVIDER = "provider"


class AccountError(Exception):
    """An account can't be added or changed; the message says why in one sentence."""

    def __init__(self, sentence: str, problem: AccountProblem) -> None:
        super().__init__(sentence)
        self.problem = problem


def checked_roles(session: Session, roles: Sequence[str], municipality: str) -> tuple[list[Role], str | None]:
    """Roles and the code of the municipality that belong together.

    Raises:
        AccountError: a role is unknown or none is given, or the municipality is missing, unknown or not
            needed.
    """
    wanted = [_role(role) for role in dict.fromkeys(roles)]
    if not wanted:
        raise AccountError("an account needs at least one role", AccountProblem.NO_ROLE)
    return wanted, _municipality_code(session, wanted, municipality)


def set_roles(
    session: Session, account: Account, roles: Iterable[Role], municipality_code: str | None
) -> None:
    """Give an account these roles and no others."""
    account.roles = role_rows(session, roles)
    account.municipality_code = municipality_code


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise AccountError(f"there is no role {name!r}; choose from {known}", AccountProblem.ROLE) from None


def role_rows(session: Session, roles: Iterable[Role]) -> list[RoleRow]:
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
            raise AccountError(
                f"only the role {Role.MUNICIPALITY.value} goes with a municipality",
                AccountProblem.MUNICIPALITY_NEEDLESS,
            )
        return None
    if not municipality:
        raise AccountError(
            f"the role {Role.MUNICIPALITY.value} needs a municipality: name or CBS code",
            AccountProblem.MUNICIPALITY_MISSING,
        )
    found: Municipality | None = find_municipality(session, municipality)
    if found is None:
        raise AccountError(f"there is no municipality {municipality!r}", AccountProblem.MUNICIPALITY_UNKNOWN)
    return found.code

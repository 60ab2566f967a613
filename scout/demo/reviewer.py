"""The accounts with which somebody signs in to the demo: made once, the same on every later run."""

import os
from dataclasses import dataclass

from sqlalchemy import Engine, select

from models.account import Account
from models.database import session_factory
from models.settings import Settings
from models.store.accounts import add_account, new_password
from models.words import Role

EMAIL = "demo@voorbeeld.example"
#: A reviewer who may add sources as well, so that the page for it can be tried.
ROLES = (Role.REVIEWER, Role.PROJECT_LEADER)
#: An officer of a municipality of the sample region, to see what is shared with it; the same password.
OFFICER, TOWN = "gemeente@voorbeeld.example", "Arnhem"


@dataclass(frozen=True)
class Reviewer:
    """How to sign in."""

    email: str
    #: None when the file that keeps it is gone; then only somebody who wrote it down can sign in.
    password: str | None


def demo_reviewer(settings: Settings, engine: Engine) -> Reviewer:
    """The demo's accounts, added when they are not there yet; their password stays in ``var/demo_password``.

    The password is kept before the account is made, so that breaking off in between locks nobody out.
    """
    path = settings.var / "demo_password"
    with session_factory(engine)() as session:
        known = session.scalar(select(Account.id).where(Account.email == EMAIL)) is not None
        password = path.read_text("utf-8").strip() if path.is_file() else None
        if not known:
            if not password:
                password = new_password()
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(password + "\n")
            add_account(session, EMAIL, password, name="Demo", roles=ROLES)
            session.commit()
        if password and session.scalar(select(Account.id).where(Account.email == OFFICER)) is None:
            add_account(session, OFFICER, password, name="Demo", roles=[Role.MUNICIPALITY], municipality=TOWN)
            session.commit()
    return Reviewer(EMAIL, password)

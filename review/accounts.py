"""Signing in: Flask-Security on the account tables, a lock on guessing, and who may come in."""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_security import FSQLALiteUserDatastore, RoleMixin, Security, UserMixin, current_user, logout_user
from flask_security.forms import LoginForm
from flask_security.signals import user_authenticated
from flask_security.utils import validate_redirect_url
from sqlalchemy.orm import relationship
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from models.account import Account, AccountRole, RoleRow
from models.base import Base
from models.keys import keyed_hash
from models.settings import Settings
from models.store.accounts import (
    FAILURES_PER_ADDRESS,
    FAILURES_PER_EMAIL,
    PASSWORD_MAX,
    forget_failures,
    locked_for,
    note_failure,
)
from models.store.viewer import Viewer
from models.words import Role
from review.database import db, writing

log = logging.getLogger("review")

#: A session ends after this long without a request, and at the latest after a working day.
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)

#: Endpoints that need no account. Everything else does: a new page is closed until it is put here.
OPEN_TO_ALL = frozenset(
    {
        "static",
        "security.login",
        "security.logout",
        "pages.health",
        "pages.security_txt",
        "pages.accessibility",
        "pages.how_it_works",
    }
)


class RoleOfUser(Base, RoleMixin):
    """A role as Flask-Security sees it: a second view of the table of :class:`RoleRow`."""

    __table__ = RoleRow.__table__


class User(Base, UserMixin):
    """An account as Flask-Security sees it: a second view of the table of :class:`Account`."""

    __table__ = Account.__table__
    if TYPE_CHECKING:
        name: str
        municipality_code: str | None
    roles = relationship(RoleOfUser, secondary=AccountRole.__table__, lazy="selectin", viewonly=True)


class SignInForm(LoginForm):
    """Sign-in that says the same about every failure, and stops listening after too many."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not validate_redirect_url(self.next.data or ""):
            self.next.data = ""

    def validate(self, **kwargs: Any) -> bool:
        """Check e-mail address and password; counts failures, and answers 429 when there were too many."""
        secret = current_app.extensions["scout"].secret
        email = keyed_hash(secret, "sign-in email", (self.email.data or "").strip().lower())
        address = keyed_hash(secret, "sign-in address", request.remote_addr or "")
        wait = locked_for(db.session, (email, address))
        if wait is not None:
            minutes = max(1, -(-int(wait.total_seconds()) // 60))
            raise TooManyRequests(
                ngettext(
                    "Er is te vaak geprobeerd om aan te melden. Wacht %(num)s minuut.",
                    "Er is te vaak geprobeerd om aan te melden. Wacht %(num)s minuten.",
                    minutes,
                ),
                retry_after=int(wait.total_seconds()) + 1,
            )
        # Longer ones can't be right, and would only keep the processor busy.
        too_long = len(self.password.data or "") > 4 * PASSWORD_MAX
        if not too_long and super().validate(**kwargs):
            with writing() as store:
                forget_failures(store, email)
            return True
        if self.email.data and self.password.data:
            with writing() as store:
                note_failure(store, {email: FAILURES_PER_EMAIL, address: FAILURES_PER_ADDRESS})
        return False


def use_accounts(app: Flask, settings: Settings) -> None:
    """Let ``app`` know accounts and sessions, and close every page that is not open to all."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-scout" if settings.production else "scout",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=IDLE,
        # The token lives as long as the session, so a long-read page can still be sent.
        WTF_CSRF_TIME_LIMIT=None,
        SECURITY_LOGIN_URL="/aanmelden",
        SECURITY_LOGOUT_URL="/afmelden",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/aanmelden",
        SECURITY_LOGIN_USER_TEMPLATE="sign_in.html",
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        # Argon2 alone: a salt of our own would lock everyone out when the secret key changes.
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_FLASH_MESSAGES=False,
        # As accounts are added (models.store.accounts): no look-ups of domains.
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        # No page of its own for confirming a password again, no files of its own.
        SECURITY_FRESHNESS=timedelta(seconds=-1),
        SECURITY_STATIC_FOLDER=None,
        SECURITY_STATIC_FOLDER_URL=None,
        SECURITY_CLI_USERS_NAME=False,
        SECURITY_CLI_ROLES_NAME=False,
        SECURITY_API_ENABLED_METHODS=["session"],
    )
    security = Security(app, FSQLALiteUserDatastore(db, User, RoleOfUser), login_form=SignInForm)
    # Pages only: no answers in JSON, no tokens in headers or addresses.
    security.want_json(lambda request: False)
    security.login_manager.request_loader(lambda request: None)
    security.principal.skip_static = True
    security.unauthn_handler(lambda mechanisms, headers: to_sign_in())

    @user_authenticated.connect_via(app)
    def begin(sender: Flask, **extra: Any) -> None:
        session.permanent = True

    app.before_request(gate)


def gate() -> Response | None:
    """Let nobody past without an active account that may see content."""
    if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
        return None
    if not current_user.is_authenticated:
        return to_sign_in()
    if time.time() - session.get("fs_paa", 0) > LONGEST.total_seconds():
        logout_user()
        return to_sign_in()
    g.viewer = viewer_of(current_user)
    if not g.viewer.reads:
        abort(403, _l("Uw account mag geen signalen en initiatieven zien."))
    return None


def to_sign_in() -> Response:
    """Send to the sign-in page, and from there back to where one wanted to be."""
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if wanted not in (None, "/"):
        flash(str(_l("Meld u eerst aan.")), "info")
    return redirect(url_for("security.login", next=wanted if wanted != "/" else None), code=303)


def viewer_of(user: User) -> Viewer:
    """What this account may see and do."""
    roles = frozenset(Role(role.name) for role in user.roles if role.name in set(Role))
    return Viewer(
        account_id=user.id,
        name=user.name or user.email,
        roles=roles,
        municipality_code=user.municipality_code,
        signed_in_at=datetime.fromtimestamp(session["fs_paa"], UTC) if "fs_paa" in session else None,
    )

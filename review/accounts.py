"""Signing in: Flask-Security on the account tables, set up as the product needs it."""

import time
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, redirect, request, session, url_for
from flask_security import Security, current_user
from flask_security.forms import ChangePasswordForm, LoginForm, VerifyForm
from flask_security.password_util import PasswordUtil
from flask_security.signals import user_authenticated
from flask_security.utils import (
    check_and_update_authn_fresh,
    get_request_attr,
    validate_redirect_url,
)
from werkzeug.wrappers import Response

from models.base import utc_now
from models.geo import municipalities
from models.settings import Settings
from models.store.audit import record
from models.store.lockout import forget_failures
from models.store.passwords import COST, PASSWORD_MAX, normal_form, problem_with
from review import passkeys, two_factor
from review.access import to_sign_in
from review.account_texts import PASSWORD_PROBLEMS
from review.database import writing
from review.language import SECURITY_DOMAIN, TRANSLATIONS
from review.lockout import at_code, at_password
from review.sessions import Sessions
from review.users import AccountStore, User

__all__ = ["IDLE", "User", "needs_fresh", "use_accounts"]

#: A session ends after this long without a request; how long at the latest: review.access.
IDLE = timedelta(minutes=30)
#: Whoever changes how an account is secured must have signed in, or confirmed it, this short ago.
FRESH = timedelta(minutes=10)

#: Where somebody signed in -> how, for the audit log.
WAYS = {
    "security.login": "password",
    "security.two_factor_token_validation": "password and code",
    "security.mf_recovery": "password and recovery code",
    "security.wan_signin_response": "passkey",
    "sso.back": "provider",
}


class SignInForm(LoginForm):
    """Sign-in that says the same about every failure, and stops listening after too many."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not validate_redirect_url(self.next.data or ""):
            self.next.data = ""

    def validate(self, **kwargs: Any) -> bool:
        """Check e-mail address and password.

        Raises:
            TooManyRequests: there were too many failures.
        """
        guesses = at_password(self.email.data or "")
        guesses.stop_when_locked()
        # Longer ones can't be right, and would only keep the processor busy.
        too_long = len(self.password.data or "") > 4 * PASSWORD_MAX
        if not too_long and super().validate(**kwargs):
            guesses.succeeded()
            return True
        if self.email.data and self.password.data:
            guesses.failed(self.user.id if self.user is not None else None)
        return False


class ConfirmForm(VerifyForm):
    """The password once more, before something important; guesses count with those of signing in."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the password.

        Raises:
            TooManyRequests: there were too many failures.
        """
        guesses = at_password(self.user.email)
        guesses.stop_when_locked()
        if not self.user.password or len(self.password.data or "") > 4 * PASSWORD_MAX:
            return False
        if super().validate(**kwargs):
            guesses.succeeded()
            return True
        if self.password.data:
            guesses.failed(self.user.id)
        return False


class NewPasswordForm(ChangePasswordForm):
    """Another password, with the present one beside it; guesses count with those of signing in."""

    def validate(self, **kwargs: Any) -> bool:
        """Check both.

        Raises:
            TooManyRequests: there were too many failures.
        """
        guesses = at_password(current_user.email)
        guesses.stop_when_locked()
        if current_user.oidc_subject or any(
            len(field.data or "") > 4 * PASSWORD_MAX for field in (self.password, self.new_password)
        ):
            return False
        fine = bool(super().validate(**kwargs))
        if self.password.errors and self.password.data:
            guesses.failed(current_user.id)
        return fine


class OurPasswords(PasswordUtil):
    """The rules for passwords of models.store.passwords."""

    def normalize(self, password: str) -> str:
        """The form that is hashed and compared."""
        return normal_form(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """What is wrong with it, in words, and its normal form."""
        user = kwargs["user"]
        problem = problem_with(password, name=user.name, email=user.email)
        return ([str(PASSWORD_PROBLEMS[problem])] if problem else None), self.normalize(password)


def use_accounts(app: Flask, settings: Settings) -> None:
    """Let ``app`` know accounts and sessions; who may open what: ``review.access``."""
    app.session_interface = Sessions()
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
        SECURITY_VERIFY_URL="/aanmelden/bevestigen",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/aanmelden",
        SECURITY_POST_VERIFY_VIEW="/account",
        SECURITY_LOGIN_USER_TEMPLATE="sign_in.html",
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={f"argon2__{name}": value for name, value in COST.items()},
        # Argon2 alone: a salt of our own would lock everyone out when the secret key changes.
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/account/wachtwoord",
        SECURITY_POST_CHANGE_VIEW="/account",
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_DATETIME_FACTORY=utc_now,
        # As accounts are added (models.store.accounts): no look-ups of domains.
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SECURITY_FRESHNESS=FRESH,
        SECURITY_FRESHNESS_GRACE_PERIOD=FRESH,
        # Files of its own are not used.
        SECURITY_STATIC_FOLDER=None,
        SECURITY_STATIC_FOLDER_URL=None,
        SECURITY_CLI_USERS_NAME=False,
        SECURITY_CLI_ROLES_NAME=False,
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_I18N_DIRNAME=[str(TRANSLATIONS)],
        SECURITY_I18N_DOMAIN=SECURITY_DOMAIN,
        **two_factor.two_factor_settings(settings),
        **passkeys.passkey_settings(),
    )
    security = Security(
        app,
        AccountStore(),
        login_form=SignInForm,
        verify_form=ConfirmForm,
        change_password_form=NewPasswordForm,
        password_util_cls=OurPasswords,
        totp_cls=two_factor.OneTimeTotp,
        mf_recovery_codes_util_cls=two_factor.HashedRecoveryCodes,
        two_factor_verify_code_form=two_factor.CodeForm,
        two_factor_setup_form=two_factor.SetupForm,
        mf_recovery_form=two_factor.RecoveryForm,
        webauthn_util_cls=passkeys.Ceremony,
        wan_register_form=passkeys.RegisterForm,
        wan_register_response_form=passkeys.RegisterResponseForm,
        wan_signin_form=passkeys.SignInForm,
        wan_signin_response_form=passkeys.SignInResponseForm,
        wan_delete_form=passkeys.DeleteForm,
    )
    # Pages only: no answers in JSON, no tokens in headers or addresses.
    security.want_json(lambda request: False)
    security.login_manager.request_loader(lambda request: None)
    security.principal.skip_static = True
    security.unauthn_handler(lambda mechanisms, headers: to_sign_in())
    security.reauthn_handler(lambda within, grace: to_confirm())
    two_factor.use_two_factor(app)
    app.jinja_env.globals.update(
        passkeys_possible=passkeys.passkeys_possible,
        all_municipalities=all_municipalities,
        wanted_page=wanted_page,
    )
    user_authenticated.connect(begin, app)


def wanted_page() -> str:
    """Where somebody wanted to be before signing in: a path of ours, empty = nowhere special.

    Flask-Security gives the sign-in page itself, with our full address, when there was nothing else.
    """
    wanted = request.values.get("next", "")
    if not validate_redirect_url(wanted):
        return ""
    parts = urlsplit(wanted)
    if not parts.path.startswith("/") or parts.path.startswith(("//", "/aanmelden")) or "\\" in wanted:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def all_municipalities() -> list[tuple[str, str]]:
    """CBS code and name of each municipality, by name."""
    return sorted(((one.code, one.name) for one in municipalities()), key=lambda pair: pair[1].lstrip("'"))


def begin(sender: Flask, user: Any, authn_via: list[str] | None = None, **extra: Any) -> None:
    """Begin a session, and note in the audit log who signed in and how."""
    session.permanent = True
    if authn_via == ["change"]:
        return  # the same session goes on with another password
    # Whatever was in the cookie before is not this person's: a token for forms that somebody else may have
    # put there, messages about what another one did.
    for name in ("csrf_token", "_flashes"):
        session.pop(name, None)
        g.pop(name, None)
    session["begun"] = time.time()
    way = WAYS.get(request.endpoint or "", "")
    if way == "passkey" and "tf_user_id" in session:
        way = "password and passkey"
    account_id = user.id
    guesses = at_code(account_id)
    with writing() as store:
        forget_failures(store, guesses.own)
        record(store, account_id, "sign_in", "account", account_id, after={"way": way})


def needs_fresh(view: Any) -> Any:
    """A view for who signed in, or confirmed it, within :data:`FRESH`; others confirm it first."""

    @wraps(view)
    def checked(*arguments: Any, **more: Any) -> Any:
        if check_and_update_authn_fresh(FRESH, FRESH, get_request_attr("fs_authn_via")):
            return view(*arguments, **more)
        return to_confirm()

    return checked


def to_confirm() -> Response:
    """Ask for the password or a passkey once more, and go on where one was."""
    wanted = request.full_path.rstrip("?")
    if request.method != "GET":
        # What was filled in can't be sent again; the page it came from can be opened again.
        came = urlsplit(request.referrer or "")
        wanted = came.path if came.netloc == request.host and came.path.startswith("/") else "/account"
    if current_user.oidc_subject:
        return redirect(url_for("sso.confirm", next=wanted), code=303)
    return redirect(url_for("security.verify", next=wanted), code=303)

"""The second step of signing in: codes of an app (TOTP), recovery codes, and who must have one."""

from typing import Any

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from flask_security.forms import TwoFactorSetupForm, TwoFactorVerifyCodeForm
from flask_security.recovery_codes import MfRecoveryCodesUtil, MfRecoveryForm
from flask_security.totp import Totp
from passlib.exc import TokenError  # type: ignore[import-untyped]
from werkzeug.wrappers import Response

from models.keys import keyed_hash
from models.settings import Settings
from models.store.credentials import APP, recovery_hash, use_counter, use_recovery_code
from review.database import writing
from review.lockout import at_code

#: As the code stands in an app.
ISSUER = "Participatienetwerk Scout"
#: Seconds that a clock may be off, in either direction; codes last 30 seconds (RFC 6238).
WINDOW = 30
#: Recovery codes in one set, each of 48 random bits.
RECOVERY_CODES = 10

#: What may be opened by who must have a second step and has none: what it takes to set one up, and the
#: pages without content.
WITHOUT_SECOND_STEP = frozenset(
    {
        "static",
        "pages.health",
        "pages.security_txt",
        "pages.accessibility",
        "pages.how_it_works",
        "security.logout",
        "security.verify",
        "security.wan_verify",
        "security.wan_verify_response",
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        "security.wan_register",
        "security.wan_register_response",
        "account.second_step",
        "account.sign_out_everywhere",
    }
)


def two_factor_settings(settings: Settings) -> dict[str, Any]:
    """What Flask-Security must know of codes."""
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": [APP],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": WINDOW,
        # Asked at every sign-in; who has none is led to it by lead_to_second_step.
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {
            "code": "flask_security.twofactor.CodeTfPlugin",
            "webauthn": "review.passkeys.PasskeySecondStep",
        },
        "SECURITY_TWO_FACTOR_SETUP_URL": "/account/code",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/aanmelden/code",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/aanmelden/tweede-stap",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/aanmelden/hulp",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account/code-klaar",
        "SECURITY_TWO_FACTOR_ERROR_VIEW": "/aanmelden",
        "SECURITY_TOTP_SECRETS": {"1": keyed_hash(settings.effective_secret_key, "secrets of codes")},
        "SECURITY_TOTP_ISSUER": ISSUER,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/herstelcodes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/aanmelden/herstelcode",
    }


def use_two_factor(app: Flask) -> None:
    """Lead who must have a second step and has none to it; call after Flask-Security is there."""
    # Helping by e-mail is not offered.
    app.view_functions["security.two_factor_rescue"] = lambda: abort(404)
    app.before_request(lead_to_second_step)
    app.before_request(lead_away_from_sign_in)


def lead_to_second_step() -> Response | None:
    """Show nothing before there is a second step, where one is demanded."""
    if request.endpoint is None or request.endpoint in WITHOUT_SECOND_STEP:
        return None
    if not current_user.is_authenticated:
        return None
    if current_user.must_have_second_step and not current_user.has_second_step:
        return redirect(url_for("account.second_step"), code=303)
    return None


def lead_away_from_sign_in() -> Response | None:
    """The step after the password is for who is not signed in yet.

    Flask-Security would sign out who opens it; a link on another site must not be able to do that.
    """
    if request.endpoint == "security.two_factor_token_validation" and current_user.is_authenticated:
        return redirect(url_for("account.index"), code=303)
    return None


class OneTimeTotp(Totp):
    """Codes of an app, of which none works twice."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Whether this is the code of now, or of just before or after, and was not used yet."""
        # While an app is being set up the secret is another than the account's: its codes are all unused.
        known = totp_secret == user.tf_totp_secret
        try:
            match = self._totp.verify(
                token, totp_secret, window=window, last_counter=user.tf_last_counter if known else None
            )
        except TokenError:
            return False
        with writing() as store:
            # In setting up, another code of the same half minute may just have been used.
            return use_counter(store, user.id, match.counter) or not known


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes that nobody can read back: shown once, kept as keyed hashes."""

    def setup_cryptor(self, keys: list[bytes]) -> None:
        """Hashes need no cryptor."""

    def get_recovery_codes(self, user: Any) -> list[str]:
        """None: they can't be shown again."""
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether the code is right; if so it is used up at once, so that it can't be right for two."""
        if len(code) > 100:
            return False
        with writing() as store:
            return use_recovery_code(store, user.id, recovery_hash(_secret(), user.id, code))

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Checking has done that already."""
        return True

    def _encrypt_codes(self, codes: list[str]) -> list[str]:
        return [recovery_hash(_secret(), current_user.id, code) for code in codes]


class CodeForm(TwoFactorVerifyCodeForm):
    """The code of an app: at signing in, where guessing is stopped, and at setting up."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the code.

        Raises:
            TooManyRequests: too many were wrong.
        """
        if self.is_setup or self.user is None:
            return bool(super().validate(**kwargs))
        guesses = at_code(self.user.id)
        guesses.stop_when_locked()
        if not self.user.is_active:
            return False
        if super().validate(**kwargs):
            return True
        guesses.failed(self.user.id)
        return False


class RecoveryForm(MfRecoveryForm):
    """A recovery code at signing in; guesses count with those of codes."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the code, and use it up.

        Raises:
            TooManyRequests: too many were wrong.
        """
        if self.user is None:
            return False
        guesses = at_code(self.user.id)
        guesses.stop_when_locked()
        if not self.user.is_active:
            return False
        if super().validate(**kwargs):
            return True
        guesses.failed(self.user.id)
        return False


class SetupForm(TwoFactorSetupForm):
    """Setting up an app, or switching its codes off."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the choice; codes of an app are the only sort there is."""
        user: Any = self.user
        if user is not None and user.oidc_subject:
            self.form_errors.append(_("U meldt zich elders aan. Daar regelt u ook de tweede stap."))
            return False
        return bool(super().validate(**kwargs))


def _secret() -> bytes:
    return bytes(current_app.extensions["scout"].secret)

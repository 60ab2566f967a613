"""Passkeys (WebAuthn): signing in without a password, or as the second step beside it."""

import ipaddress
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, session
from flask_babel import gettext as _
from flask_security import current_user
from flask_security.webauthn import (
    WebAuthnDeleteForm,
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninForm,
    WebAuthnSigninResponseForm,
    WebAuthnTfPlugin,
    _create_credential_list,
    has_webauthn,
)
from flask_security.webauthn_util import WebauthnUtil
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from models.store.credentials import PASSKEYS_MAX
from review.lockout import with_passkey

#: Most characters of what somebody calls a passkey.
NAME_MAX = 40
#: Both words that Flask-Security keeps apart; our passkeys are good for both.
USES = ["first", "secondary"]
#: Where the session keeps the riddle that a browser was given: each answer is good once, and here only.
CHALLENGE = "passkey_challenge"


def passkey_settings() -> dict[str, Any]:
    """What Flask-Security must know of passkeys."""
    return {
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "Participatienetwerk Scout",
        "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": True,
        # Each asks for a finger, a face or a PIN (see Ceremony), so it is two steps in one.
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": True,
        "SECURITY_WAN_ALLOW_AS_VERIFY": USES,
        # Nothing is said about an address that somebody only claims to own.
        "SECURITY_WAN_ALLOW_USER_HINTS": False,
        "SECURITY_WAN_REGISTER_URL": "/account/passkeys",
        "SECURITY_WAN_DELETE_URL": "/account/passkey-weg",
        "SECURITY_WAN_SIGNIN_URL": "/aanmelden/passkey",
        "SECURITY_WAN_VERIFY_URL": "/aanmelden/bevestigen-passkey",
        "SECURITY_WAN_POST_REGISTER_VIEW": "/account/passkeys",
    }


def passkeys_possible() -> bool:
    """Browsers tie passkeys to a name: at a bare IP address there are none."""
    host = urlsplit(f"//{request.host}").hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


class Ceremony(WebauthnUtil):
    """How passkeys are made and used here."""

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """A riddle that only this session can answer, once."""
        session[CHALLENGE] = challenge = super().generate_challenge(nbytes)
        return str(challenge)

    def origin(self) -> str:
        """Where our pages are, as browsers see it: in production the address of the settings only."""
        settings = current_app.extensions["scout"].settings
        if settings.production:
            address = urlsplit(settings.public_url)
            return f"{address.scheme}://{address.netloc}"
        return str(super().origin())

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Kept on the device, so that no name need be typed, and only with finger, face or PIN."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def authentication_options(self, user: Any, usage: list[str], existing_options: dict[str, Any]) -> Any:
        """All passkeys of the account, whatever they were made for."""
        if user is not None:
            existing_options["allow_credentials"] = _create_credential_list(user, USES)
        return super().authentication_options(user, usage, existing_options)

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Always with finger, face or PIN."""
        return UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """What is wrong with a name, or the name in its normal form."""
        plain = unicodedata.normalize("NFC", " ".join(value.split()))
        if not 0 < len(plain) <= NAME_MAX:
            return _("Geef een naam van hoogstens %(most)s tekens.", most=NAME_MAX), None
        if not all(unicodedata.category(sign)[0] in "LN" or sign in " -_.'’()" for sign in plain):
            return _("Gebruik in de naam alleen letters, cijfers, spaties en streepjes."), None
        return None, plain


class PasskeySecondStep(WebAuthnTfPlugin):
    """A passkey as the step after the password."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        """Every passkey will do."""
        return [("webauthn", _("Een passkey"))] if has_webauthn(user, USES) else []


class RegisterForm(WebAuthnRegisterForm):
    """The name of a new passkey."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the name, and that there is room for one more."""
        self.usage.data = "first"
        if current_user.oidc_subject:
            self.name.errors = [_("U meldt zich elders aan. Daar regelt u ook passkeys.")]
            return False
        if len(current_user.webauthn) >= PASSKEYS_MAX:
            self.name.errors = [_("U hebt al %(most)s passkeys. Verwijder er eerst een.", most=PASSKEYS_MAX)]
            return False
        return bool(super().validate(**kwargs))


class RegisterResponseForm(WebAuthnRegisterResponseForm):
    """What the browser made."""

    def validate(self, **kwargs: Any) -> bool:
        """Check it against the riddle of this session."""
        full = len(current_user.webauthn) >= PASSKEYS_MAX or current_user.oidc_subject
        if full or not _answers(self.challenge) or not _checked(super().validate, kwargs):
            self.credential.errors = [_("De passkey is niet gemaakt. Probeer het opnieuw.")]
            return False
        return True


class SignInForm(WebAuthnSigninForm):
    """The button that begins; nothing is asked."""

    def validate(self, **kwargs: Any) -> bool:
        """Refuse while there were too many failures.

        Raises:
            TooManyRequests: there were.
        """
        with_passkey(None).stop_when_locked()
        return bool(super().validate(**kwargs))


class SignInResponseForm(WebAuthnSigninResponseForm):
    """What the browser answers, at signing in and at confirming who one is. Failures all look the same."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the answer.

        Raises:
            TooManyRequests: too many were wrong.
        """
        with_passkey(None).stop_when_locked()
        secondary = self.is_secondary
        # Flask-Security keeps passkeys for the first step and for the second apart, but not for verifying.
        self.is_verify = True
        fine = _answers(self.challenge) and _checked(super().validate, kwargs)
        guesses = with_passkey(self.user.id if self.user is not None else None)
        guesses.stop_when_locked()
        if fine and self._is_of_whom_it_should(secondary):
            guesses.succeeded()
            return True
        guesses.failed(self.user.id if self.user is not None else None)
        self.credential.errors = [_("Aanmelden met deze passkey is niet gelukt.")]
        return False

    def _is_of_whom_it_should(self, secondary: bool) -> bool:
        user: Any = self.user
        if user is None or not user.is_active or user.oidc_subject:
            return False
        # After the password of one account, a passkey of another is no second step.
        return not secondary or session.get("tf_user_id") == user.fs_uniquifier


class DeleteForm(WebAuthnDeleteForm):
    """Taking a passkey away."""

    def validate(self, **kwargs: Any) -> bool:
        """Not the last second step where one is demanded."""
        if not super().validate(**kwargs):
            return False
        last = len(current_user.webauthn) == 1 and not current_user.has_code
        if last and (current_user.must_have_second_step or not current_user.password):
            self.name.errors = [_("Dit is uw enige tweede stap. Maak eerst een andere.")]
            return False
        return True


def _answers(challenge: str) -> bool:
    """Whether this session was given the riddle and has not answered it yet."""
    return bool(challenge) and session.pop(CHALLENGE, None) == challenge


def _checked(validate: Any, kwargs: dict[str, Any]) -> bool:
    try:
        return bool(validate(**kwargs))
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        # What a browser never sends.
        return False

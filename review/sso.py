"""Signing in at an identity provider (OpenID Connect, such as Entra ID): code flow with PKCE, by Authlib."""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_security.utils import login_user, logout_user, validate_redirect_url
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from models.settings import Settings
from models.settings_mail import is_loopback
from models.store.audit import record
from models.store.invitations import InvitationError
from models.store.provider import Refusal, RefusedError, let_in, person_of
from review.database import db, writing
from review.users import User

log = logging.getLogger("review")

blueprint = Blueprint("sso", __name__, url_prefix="/aanmelden/sso")

#: Name of the provider in the session and among the extensions.
NAME = "sso"
#: Seconds until an answer of the provider is given up.
TIMEOUT = 10
#: Seconds that the clocks of the provider and of this machine may differ.
LEEWAY = 60
#: Signatures that are believed: only those made with a key that the provider alone has.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})

#: Where the session keeps where to go afterwards, and whose confirmation was asked for and when.
WANTED, CONFIRMING = "sso_wanted", "sso_confirming"

REFUSALS = {
    Refusal.NO_SECOND_STEP: _l(
        "U hebt zich aangemeld zonder tweede stap. Zet die aan bij uw werkaccount en probeer het opnieuw."
    ),
    Refusal.NO_GROUP: _l(
        "Uw werkaccount zit niet in een groep die hier toegang heeft. Vraag uw beheerder om u toe te voegen."
    ),
    Refusal.TWO_MUNICIPALITIES: _l(
        "Uw werkaccount zit in de groepen van meer dan één gemeente. Vraag uw beheerder om er één te kiezen."
    ),
    Refusal.NO_EMAIL: _l("Uw werkaccount heeft geen e-mailadres. Vraag uw beheerder om hulp."),
    Refusal.EMAIL_TAKEN: _l(
        "Er is hier al een account met uw e-mailadres. Vraag de beheerder om dat te koppelen."
    ),
    Refusal.CLOSED: _l("Uw account is gesloten. Vraag de beheerder van deze website om hulp."),
    Refusal.WRONG_ROLES: _l(
        "De groepen van uw werkaccount passen niet bij deze website. Vraag de beheerder om hulp."
    ),
}
DOWN = _l("De aanmelddienst is nu niet bereikbaar. Probeer het over een paar minuten opnieuw.")
DENIED = _l("De aanmelddienst heeft u niet doorgelaten.")
NOT_OURS = _l("Deze aanmelding is verlopen of niet hier begonnen. Begin opnieuw.")
WRONG = _l(
    "Het antwoord van de aanmelddienst klopt niet. Probeer het opnieuw, of vraag de beheerder om hulp."
)
NOT_CONFIRMED = _l("De aanmelddienst heeft niet bevestigd dat u het bent. Probeer het opnieuw.")


class ProviderError(Exception):
    """The provider does not describe itself as it should; the message says what is wrong, for the log."""


def use_provider(app: Flask, settings: Settings) -> None:
    """Let ``app`` know the provider of the settings, if there is one; asks it nothing yet."""
    app.jinja_env.globals["provider"] = settings.oidc_name if settings.oidc_issuer else None
    app.register_blueprint(blueprint)
    if settings.oidc_issuer:
        app.extensions[NAME] = OAuth(app).register(
            NAME,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT,
            },
        )


@blueprint.get("")
def start() -> Response | tuple[str, int]:
    """Send to the provider."""
    _must_be_set()
    session.pop(CONFIRMING, None)
    return _send_away()


@blueprint.get("/bevestigen")
def confirm() -> Response | tuple[str, int]:
    """Send to the provider to sign in there anew, before something important."""
    _must_be_set()
    if not current_user.oidc_subject:
        return redirect(url_for("security.verify", next=request.args.get("next")), code=303)
    session[CONFIRMING] = int(time.time())
    return _send_away(prompt="login", max_age=0)


@blueprint.get("/terug")
def back() -> Response | tuple[str, int]:
    """Where the provider sends people back to, with a code that is exchanged for who they are."""
    _must_be_set()
    return _asking(_sign_in)


def _sign_in() -> Response | tuple[str, int]:
    settings = current_app.extensions["scout"].settings
    client = _client()
    options = {
        "iss": {"essential": True, "values": [settings.oidc_issuer]},
        "aud": {"essential": True, "values": [settings.oidc_client_id]},
        "sub": {"essential": True},
        "nonce": {"essential": True},
    }
    token = client.authorize_access_token(claims_options=options, leeway=LEEWAY)
    claims = token.get("userinfo")
    if not claims:
        raise ProviderError("there is no id_token in the answer")
    wanted, confirming = session.pop(WANTED, ""), session.pop(CONFIRMING, None)
    try:
        person = person_of(
            claims,
            groups_claim=settings.oidc_groups_claim,
            roles=settings.oidc_roles,
            mfa_trusted=settings.oidc_mfa == "trusted",
        )
        if confirming is not None:
            return _confirmed(person.subject, claims.get("auth_time"), confirming, wanted)
        with writing() as store:
            account_id = let_in(store, person)
    except (RefusedError, InvitationError) as error:
        refusal = error.refusal if isinstance(error, RefusedError) else Refusal.EMAIL_TAKEN
        return _refused(refusal, getattr(error, "account_id", None))
    if current_user.is_authenticated:
        logout_user()
    login_user(db.session.get_one(User, account_id), remember=False, authn_via=["oidc"])
    return redirect(wanted or "/", code=303)


def _confirmed(subject: str, at: Any, asked_at: int, wanted: str) -> Response | tuple[str, int]:
    same = current_user.is_authenticated and current_user.oidc_subject == subject
    # The moment must be said: else a session that was open there all day would confirm anything.
    if not same or not isinstance(at, int | float) or at < asked_at - LEEWAY:
        return _failed(NOT_CONFIRMED, 403)
    session["fs_paa"] = time.time()
    return redirect(wanted or "/account", code=303)


def _send_away(**more: Any) -> Response | tuple[str, int]:
    wanted = request.args.get("next", "")
    fine = wanted.startswith("/") and "\\" not in wanted and validate_redirect_url(wanted)
    session[WANTED] = wanted if fine else ""
    for key in [key for key in session if key.startswith(f"_state_{NAME}_")]:
        # One attempt at a time: those that were given up would fill the cookie.
        session.pop(key)
    return _asking(lambda: _client().authorize_redirect(_our_address(), **more))


def _asking(question: Callable[[], Response | tuple[str, int]]) -> Response | tuple[str, int]:
    """The answer, or a page that says in words why there is none."""
    try:
        return question()
    except MismatchingStateError:
        return _failed(NOT_OURS, 400)
    except OAuthError as error:
        log.warning("identity provider: refused: %s", error.error)
        return _failed(DENIED, 403)
    except (JoseError, ProviderError) as error:
        log.warning("identity provider: %s: %s", type(error).__name__, error)
        return _failed(WRONG, 403)
    except (requests.RequestException, ValueError, RuntimeError) as error:
        # Also answers that are no JSON, and descriptions in which an address is missing.
        log.warning("identity provider: %s", type(error).__name__)
        return _failed(DOWN, 502)


def _client() -> Any:
    """Authlib's client, once the provider's description of itself was found to fit the settings.

    Raises:
        ProviderError: it names another issuer, or addresses without https.
    """
    client = current_app.extensions[NAME]
    issuer = current_app.extensions["scout"].settings.oidc_issuer
    described = client.load_server_metadata()
    if described.get("issuer") != issuer:
        raise ProviderError("the issuer in its description is another than oidc_issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = urlsplit(str(described.get(name, "")))
        if address.scheme != "https" and not (
            address.scheme == "http" and is_loopback(address.hostname or "") and issuer.startswith("http://")
        ):
            raise ProviderError(f"{name} in its description does not begin with https://")
    offered = described.get("id_token_signing_alg_values_supported") or ["RS256"]
    described["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
    return client


def _our_address() -> str:
    public = current_app.extensions["scout"].settings.public_url.rstrip("/")
    return f"{public}{url_for('.back')}" if public else url_for(".back", _external=True)


def _must_be_set() -> None:
    if NAME not in current_app.extensions:
        abort(404)


def _refused(refusal: Refusal, account_id: int | None) -> tuple[str, int]:
    log.warning("identity provider: sign-in refused: %s", refusal.value)
    with writing() as store:
        record(store, None, "sign_in_refused", "account", account_id or "", after={"why": refusal.value})
    return _failed(REFUSALS[refusal], 403)


def _failed(sentence: Any, status: int) -> tuple[str, int]:
    return render_template("sign_in_failed.html", sentence=sentence), status

"""``POST /oauth/token``: tokens for programs, by OAuth 2 client credentials (RFC 6749, sections 2.3 and 4.4).

Authlib's server was not taken: it refuses to run where it sees no HTTPS itself, as behind a proxy.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from urllib.parse import unquote_plus

from flask import Blueprint, Response, jsonify, request

from models.store.api_clients import SCOPES
from models.store.api_tokens import TOKEN_LIFE, Holder, check_secret, issue_token
from models.words import Scope
from review.api.auth import rates
from review.database import db, writing
from review.programs import TOKENS

blueprint = Blueprint("api_tokens", __name__)

#: Longest request that is read, in bytes.
LONGEST = 4096


class RefusedError(Exception):
    """No token; the words are those of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@blueprint.post(TOKENS)
def token() -> Response:
    """Give a token to whoever knows the secret of a program."""
    left = rates().address(request.remote_addr or "")
    try:
        response = _granted()
    except RefusedError as refused:
        response = jsonify(error=refused.error, error_description=refused.description)
        response.status_code = refused.status
        if refused.status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="api", charset="UTF-8"'
    response.headers.update({"Pragma": "no-cache", **left.headers})
    return response


def _granted() -> Response:
    form = _form()
    holder = _holder(form)
    if form.get("grant_type") != "client_credentials":
        missing = "grant_type" not in form
        raise RefusedError(
            "invalid_request" if missing else "unsupported_grant_type", "Stuur grant_type=client_credentials."
        )
    scopes = _scopes(form.get("scope", ""), holder)
    with writing() as store:
        given = issue_token(store, holder, scopes)
    return jsonify(
        access_token=given,
        token_type="Bearer",  # noqa: S106 - the name of a kind of token
        expires_in=int(TOKEN_LIFE.total_seconds()),
        scope=" ".join(scope.value for scope in SCOPES if scope in scopes),
    )


def _form() -> dict[str, str]:
    if request.mimetype != "application/x-www-form-urlencoded" or (request.content_length or 0) > LONGEST:
        raise RefusedError("invalid_request", "Stuur een kort formulier: application/x-www-form-urlencoded.")
    twice = [name for name, values in request.form.lists() if len(values) > 1]
    if twice:
        raise RefusedError("invalid_request", f"Dit staat er twee keer: {twice[0]}.")
    return request.form.to_dict()


def _holder(form: dict[str, str]) -> Holder:
    sent = request.headers.get("Authorization")
    if sent is not None and "client_secret" in form:
        raise RefusedError("invalid_request", "Stuur naam en geheim op één manier mee.")
    pair = _basic(sent) if sent is not None else (form.get("client_id", ""), form.get("client_secret", ""))
    holder = check_secret(db.session, *pair)
    if holder is None:
        raise RefusedError(
            "invalid_client", "Naam of geheim klopt niet, of het programma heeft geen toegang meer.", 401
        )
    return holder


def _basic(sent: str) -> tuple[str, str]:
    scheme, _, coded = sent.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        name, colon, secret = b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
        if not colon:
            raise ValueError("no secret")
    except (ValueError, Base64Error):
        raise RefusedError("invalid_client", "De kop Authorization is niet te lezen.", 401) from None
    # Both halves were written as in a form before they were joined.
    return unquote_plus(name), unquote_plus(secret)


def _scopes(asked: str, holder: Holder) -> frozenset[Scope]:
    wanted = asked.split()
    if not wanted:
        return holder.scopes
    strange = [scope for scope in wanted if scope not in {one.value for one in holder.scopes}]
    if strange:
        raise RefusedError("invalid_scope", "Dit programma heeft een van deze scopes niet.")
    return frozenset(Scope(scope) for scope in wanted)

"""Ending a digest from the mail itself, without signing in: a page with a button, or one click (RFC 8058)."""

from flask import Blueprint, current_app, render_template, request
from flask.blueprints import BlueprintSetupState

from models.digest import DigestSubscription
from models.store.digests import SubscriptionNotFoundError, subscription_of_word, unsubscribe
from review.asked import NUMBER
from review.database import db, writing

blueprint = Blueprint("unsubscribing", __name__)


@blueprint.get(f"/e-mail/afmelden/<{NUMBER}:subscription_id>/<word>")
def page(subscription_id: int, word: str) -> str | tuple[str, int]:
    """Say what the link is for. Looking ends nothing: mail servers open links too."""
    try:
        found = subscription_of_word(db.session, _secret(), subscription_id, word)
    except SubscriptionNotFoundError:
        return _page(None), 404
    return _page(found)


@blueprint.post(f"/e-mail/afmelden/<{NUMBER}:subscription_id>/<word>")
def end(subscription_id: int, word: str) -> str | tuple[str, int]:
    """End it; mail programs do this by themselves, with neither cookie nor token. Twice is once."""
    try:
        with writing() as store:
            unsubscribe(store, _secret(), subscription_id, word)
        found = subscription_of_word(db.session, _secret(), subscription_id, word)
    except SubscriptionNotFoundError:
        return _page(None), 404
    return _page(found)


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # The secret word in the address is what a token of the form would be.
    state.app.extensions["csrf"].exempt(end)


def _page(found: DigestSubscription | None) -> str:
    masked = ""
    if found is not None:
        name, _, domain = found.email.rpartition("@")
        masked = f"{name[:1]}…@{domain}"
    return render_template("unsubscribe.html", subscription=found, masked=masked, address=request.path)


def _secret() -> bytes:
    return bytes(current_app.extensions["scout"].secret)

"""Who asks: the program behind a token, and whether it may."""

from collections.abc import Iterable
from contextlib import suppress

from flask import current_app, g, request
from sqlalchemy.exc import OperationalError

from models.store.api_tokens import check_token, due_note, note_use
from models.words import Scope
from review.api.limits import Rates
from review.api.problems import problem
from review.database import db, writing

#: What a program is asked for; with what is wrong behind it (RFC 6750, section 3).
ASKED = 'Bearer realm="api"'
BAD = "Het token is niet (meer) geldig. Vraag een nieuw token."


def rates() -> Rates:
    """The counts of this application."""
    found: Rates = current_app.extensions["api_rates"]
    return found


def enter(scopes: Iterable[Scope]) -> None:
    """Let a program in that may do this: sets ``g.viewer`` and ``g.client``.

    Raises:
        Problem: 401 without a good token, 429 when it asks too often, 403 without one of the scopes.
    """
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        problem(401, headers={"WWW-Authenticate": ASKED})
    holder = check_token(db.session, sent.token)
    if holder is None:
        problem(401, BAD, headers={"WWW-Authenticate": f'{ASKED}, error="invalid_token"'})
    g.rate = rates().client(holder.id)
    for scope in scopes:
        if scope not in holder.scopes:
            problem(
                403,
                f"Dit programma mag dit niet: het token heeft de scope {scope.value} niet.",
                headers={"WWW-Authenticate": f'{ASKED}, error="insufficient_scope", scope="{scope.value}"'},
            )
    g.client, g.viewer = holder, holder.viewer
    if due_note(db.session, holder):
        # Not worth waiting for, or failing for, while somebody else writes.
        with suppress(OperationalError), writing() as store:
            note_use(store, holder.id)

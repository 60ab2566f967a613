"""The accounts of everybody, for who keeps them: list, change, close, reopen, help who is locked out."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from werkzeug.wrappers import Response

from models.store import accounts as store_of
from models.store import invitations
from models.store.accounts import AccountError, AccountProblem
from models.store.credentials import end_sessions, take_second_step_away
from review.account_texts import ACCOUNT_FIELDS, ACCOUNT_PROBLEMS, FIELD_OF, ROLES
from review.accounts import needs_fresh
from review.database import db, writing
from review.invitations import municipality_of, show_link

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")

#: An account in an address.
ACCOUNT = "int(max=2147483647)"

#: Word in the address -> what is done, and what is said then.
ACCOUNT_ACTIONS: dict[str, tuple[Callable[..., object], Any]] = {
    "sluiten": (store_of.close_account, _l("Het account is gesloten. Deze persoon is overal afgemeld.")),
    "heropenen": (store_of.reopen_account, _l("Het account is weer open.")),
    "tweede-stap-weg": (
        take_second_step_away,
        _l("De tweede stap en de passkeys zijn weg. Deze persoon is overal afgemeld."),
    ),
    "overal-afmelden": (end_sessions, _l("Deze persoon is overal afgemeld.")),
}


@blueprint.get("")
def index() -> str:
    """All accounts, and the invitations that are still open."""
    return render_template(
        "accounts.html",
        accounts=store_of.list_accounts(db.session),
        invitations=invitations.open_invitations(db.session),
        roles={role.value: words for role, (words, _does) in ROLES.items()},
    )


@blueprint.get(f"/<{ACCOUNT}:account_id>")
@needs_fresh
def one(account_id: int) -> str:
    """One account, and what can be done with it."""
    return _one(account_id, {})


@blueprint.post(f"/<{ACCOUNT}:account_id>")
@needs_fresh
def change(account_id: int) -> Response | tuple[str, int]:
    """Change name, roles or municipality."""
    values: dict[str, object] = {
        "name": request.form.get("name", ""),
        "roles": request.form.getlist("roles"),
        "municipality": request.form.get("municipality", ""),
    }
    try:
        with writing() as store:
            store_of.change_account(
                store,
                account_id,
                by_id=current_user.id,
                name=request.form.get("name", ""),
                roles=request.form.getlist("roles"),
                municipality=municipality_of(values),
            )
    except AccountError as error:
        if error.problem is AccountProblem.NOBODY:
            abort(404)
        problems = {FIELD_OF.get(error.problem, "name"): str(ACCOUNT_PROBLEMS[error.problem])}
        return _one(account_id, problems, values), 400
    flash(_("Het account is bewaard."), "ok")
    return redirect(url_for(".one", account_id=account_id), code=303)


@blueprint.post(f"/<{ACCOUNT}:account_id>/<any({', '.join(map(repr, ACCOUNT_ACTIONS))}):what>")
@needs_fresh
def act(account_id: int, what: str) -> Response | tuple[str, int]:
    """Close or reopen an account, sign it out, or take its second step away."""
    function, said = ACCOUNT_ACTIONS[what]
    try:
        with writing() as store:
            function(store, account_id, by_id=current_user.id)
    except AccountError as error:
        return _refused(account_id, error)
    flash(str(said), "ok")
    return redirect(url_for(".one", account_id=account_id), code=303)


@blueprint.post(f"/<{ACCOUNT}:account_id>/nieuw-wachtwoord")
@needs_fresh
def new_password(account_id: int) -> str | tuple[str, int]:
    """Make a link with which the owner sets another password; it is shown once."""
    try:
        with writing() as store:
            made, token = invitations.offer_new_password(store, _secret(), account_id, by_id=current_user.id)
    except AccountError as error:
        return _refused(account_id, error)
    return show_link(made, token)


@blueprint.post(f"/<{ACCOUNT}:account_id>/elders-aanmelden")
@needs_fresh
def provider(account_id: int) -> Response | tuple[str, int]:
    """Let who signs in at the identity provider with the address of this account take it over."""
    if not current_app.extensions["scout"].settings.oidc_issuer:
        abort(404)
    try:
        with writing() as store:
            invitations.offer_provider(store, _secret(), account_id, by_id=current_user.id)
    except AccountError as error:
        return _refused(account_id, error)
    flash(_("Dit account hoort bij wie zich binnen een week elders aanmeldt met dit e-mailadres."), "ok")
    return redirect(url_for(".one", account_id=account_id), code=303)


def _refused(account_id: int, error: AccountError) -> tuple[str, int]:
    if error.problem is AccountProblem.NOBODY:
        abort(404)
    return _one(account_id, {"what": str(ACCOUNT_PROBLEMS[error.problem])}), 400


def _one(account_id: int, problems: dict[str, str], values: dict[str, Any] | None = None) -> str:
    try:
        account = store_of.get_account(db.session, account_id)
    except AccountError:
        abort(404)
    return render_template(
        "account_one.html",
        person=account,
        problems=problems,
        values=values
        or {
            "name": account.name,
            "roles": list(account.roles),
            "municipality": account.municipality_code or "",
        },
        roles=ROLES,
        fields=ACCOUNT_FIELDS,
        settings=current_app.extensions["scout"].settings,
    )


def _secret() -> bytes:
    return bytes(current_app.extensions["scout"].secret)

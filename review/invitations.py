"""Invitations: the page on which somebody sets a password, and making and withdrawing links to it."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user, logout_user
from werkzeug.wrappers import Response

from models.store import invitations as store_of
from models.store.accounts import AccountError
from models.store.invitations import InvitationError, InvitationRow
from models.store.lockout import forget_failures
from models.store.passwords import PASSWORD_MAX, PASSWORD_MIN, PasswordError
from models.words import Role
from review.account_texts import ACCOUNT_FIELDS, ACCOUNT_PROBLEMS, FIELD_OF, PASSWORD_PROBLEMS, ROLES
from review.accounts import needs_fresh
from review.channel_texts import TROUBLES
from review.database import db, writing
from review.invitation_mails import send_invitation, sends_mail
from review.lockout import at_password

blueprint = Blueprint("invitations", __name__)


@blueprint.get("/uitnodiging/<token>")
def page(token: str) -> str | tuple[str, int]:
    """What the link is for, and the form for a password."""
    try:
        found = store_of.open_invitation(db.session, _secret(), token)
    except InvitationError:
        return render_template("invitation.html", invitation=None), 404
    return _page(found, {}, found.name)


@blueprint.post("/uitnodiging/<token>")
def accept(token: str) -> Response | tuple[str, int]:
    """Use the link: make the account, or keep the new password."""
    name = request.form.get("name", "")
    password = request.form.get("password", "")
    try:
        found = store_of.open_invitation(db.session, _secret(), token)
        if password != request.form.get("repeat", ""):
            return _page(found, {"repeat": _("De twee wachtwoorden zijn niet hetzelfde.")}, name), 400
        guesses = at_password(found.email)
        with writing() as store:
            store_of.accept(store, _secret(), token, password, name=name)
            forget_failures(store, guesses.own)
    except InvitationError:
        return render_template("invitation.html", invitation=None), 404
    except PasswordError as error:
        return _page(found, {"password": str(PASSWORD_PROBLEMS[error.problem])}, name), 400
    except AccountError as error:
        field = FIELD_OF.get(error.problem, "name")
        return _page(found, {field: str(ACCOUNT_PROBLEMS[error.problem])}, name), 400
    if current_user.is_authenticated:
        logout_user()
    flash(_("Uw wachtwoord is bewaard. Meld u nu aan."), "ok")
    return redirect(url_for("security.login"), code=303)


@blueprint.route("/accounts/uitnodigen", methods=["GET", "POST"])
@needs_fresh
def invite() -> str | tuple[str, int]:
    """Invite somebody; the link is sent, or shown once, on the answer."""
    if request.method == "GET":
        return _form({}, {"roles": [Role.REVIEWER.value]})
    values: dict[str, object] = {
        "email": request.form.get("email", "").strip(),
        "name": request.form.get("name", "").strip(),
        "roles": request.form.getlist("roles"),
        "municipality": request.form.get("municipality", ""),
    }
    try:
        with writing() as store:
            made, token = store_of.invite(
                store,
                _secret(),
                str(values["email"]),
                by_id=current_user.id,
                name=str(values["name"]),
                roles=request.form.getlist("roles"),
                municipality=municipality_of(values),
            )
    except AccountError as error:
        field = FIELD_OF.get(error.problem, "email")
        return _form({field: str(ACCOUNT_PROBLEMS[error.problem])}, values), 400
    return show_link(made, token)


@blueprint.post("/accounts/uitnodigingen/<int(max=2147483647):invitation_id>/intrekken")
def withdraw(invitation_id: int) -> Response:
    """Make a link useless."""
    try:
        with writing() as store:
            store_of.withdraw(store, invitation_id, by_id=current_user.id)
    except InvitationError:
        abort(404)
    flash(_("De uitnodiging is ingetrokken. De link werkt niet meer."), "ok")
    return redirect(url_for("accounts.index"), code=303)


def show_link(made: InvitationRow, token: str) -> str:
    """The one page that shows a link: what is kept of it can't be turned back into it.

    Where e-mail is sent, the link goes to whom it is for, and is shown only when that did not work.
    """
    link = link_to(token)
    if not sends_mail():
        return render_template("account_link.html", invitation=made, link=link, trouble=None)
    trouble = send_invitation(made, link)
    return render_template(
        "account_link.html",
        invitation=made,
        link=link if trouble else None,
        trouble=TROUBLES[trouble] if trouble else None,
    )


def link_to(token: str) -> str:
    """Full address of the page of a link."""
    public = current_app.extensions["scout"].settings.public_url.rstrip("/")
    path = url_for("invitations.page", token=token)
    return f"{public}{path}" if public else url_for("invitations.page", token=token, _external=True)


def municipality_of(values: dict[str, object]) -> str:
    """The municipality that was chosen, as far as there is a role that goes with one."""
    roles = values["roles"]
    return str(values["municipality"]) if isinstance(roles, list) and Role.MUNICIPALITY.value in roles else ""


def _page(found: InvitationRow, problems: dict[str, str], name: str) -> str:
    return render_template(
        "invitation.html",
        invitation=found,
        problems=problems,
        name=name,
        least=PASSWORD_MIN,
        most=PASSWORD_MAX,
        fields=ACCOUNT_FIELDS,
    )


def _form(problems: dict[str, str], values: dict[str, object]) -> str:
    return render_template(
        "account_invite.html",
        problems=problems,
        values=values,
        roles=ROLES,
        fields=ACCOUNT_FIELDS,
        sends_mail=sends_mail(),
    )


def _secret() -> bytes:
    return bytes(current_app.extensions["scout"].secret)

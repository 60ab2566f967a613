"""One's own account: name, password, second step, passkeys, sessions."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user, logout_user
from werkzeug.wrappers import Response

from models.store.accounts import NAME_MAX, AccountError, change_name
from models.store.credentials import PASSKEYS_MAX, end_sessions
from models.store.digests import DigestError, DigestNotAllowedError
from review.access import LONGEST
from review.account_texts import ACCOUNT_PROBLEMS, ROLES
from review.accounts import IDLE
from review.channel_texts import PROBLEMS
from review.channels import own_choice, save_own
from review.database import writing
from review.language import LANGUAGES, chosen_language

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def index() -> str:
    """What one's account is, and where each part of it is changed."""
    return _index({})


@blueprint.post("/naam")
def rename() -> Response | tuple[str, int]:
    """Change the name shown beside one's decisions."""
    name = request.form.get("name", "")
    try:
        with writing() as store:
            change_name(store, current_user.id, name)
    except AccountError as error:
        return _index({"name": str(ACCOUNT_PROBLEMS[error.problem])}, name), 400
    flash(_("Uw naam is bewaard."), "ok")
    return redirect(url_for(".index"), code=303)


@blueprint.post("/e-mail")
def mail() -> Response:
    """Begin, change or stop the digest that one gets by e-mail."""
    try:
        save_own(request.form.get("rhythm", ""))
    except DigestNotAllowedError:
        abort(403)
    except DigestError as error:
        flash(str(PROBLEMS[error.problem]), "info")
        return redirect(url_for(".index"), code=303)
    flash(_("Bewaard."), "ok")
    return redirect(url_for(".index"), code=303)


@blueprint.post("/overal-afmelden")
def sign_out_everywhere() -> Response:
    """End all sessions of the account, this one too."""
    with writing() as store:
        end_sessions(store, current_user.id, by_id=current_user.id)
    logout_user()
    flash(_("U bent overal afgemeld."), "ok")
    return redirect(url_for("security.login"), code=303)


@blueprint.get("/tweede-stap")
def second_step() -> str:
    """What one can choose as a second step; who must have one comes here first."""
    return render_template(
        "account_second_step.html",
        needed=current_user.must_have_second_step and not current_user.has_second_step,
    )


@blueprint.get("/code-klaar")
def code_done() -> Response:
    """After setting codes up, or switching them off: on to the recovery codes, or back."""
    if current_user.has_code and not current_user.mf_recovery_codes:
        return redirect(url_for("security.mf_recovery_codes"), code=303)
    return redirect(url_for(".index"), code=303)


def _index(problems: dict[str, str], name: str | None = None) -> str:
    begun = datetime.fromtimestamp(session.get("begun", 0), UTC)
    return render_template(
        "account.html",
        problems=problems,
        name=current_user.name if name is None else name,
        name_max=NAME_MAX,
        passkeys_max=PASSKEYS_MAX,
        roles=[ROLES[role] for role in ROLES if current_user.has_role(role.value)],
        begun=begun,
        ends=begun + LONGEST,
        idle=int(IDLE.total_seconds() // 60),
        languages=LANGUAGES,
        language_now=chosen_language(),
        provider=current_app.extensions["scout"].settings.oidc_name,
        digest=own_choice(),
        has_keys="keys.index" in current_app.view_functions,
    )

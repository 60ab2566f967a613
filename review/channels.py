"""The ways in which a municipality hears of things: an overview, and who gets a digest by e-mail."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from models.api_client import ApiClient
from models.base import utc_now
from models.feed_address import FeedAddress
from models.municipality import Municipality
from models.store import digests as store_of
from models.store.channels import MOST
from models.store.digest_readers import own_subscription, subscriptions, takes_part
from models.store.digests import DigestError, DigestNotAllowedError, SubscriptionNotFoundError
from models.webhook import Webhook
from models.words import Rhythm
from review.asked import NUMBER, municipality_asked
from review.channel_texts import PROBLEMS, RHYTHMS, problem_words
from review.database import db, writing
from review.language import chosen_language
from review.mail_pages import base_address

blueprint = Blueprint("channels", __name__)

#: Longest e-mail address that there can be.
EMAIL_LIMIT = 254
#: Whose mailbox a digest goes to: one's own, or a shared one.
OWN, SHARED = "eigen", "gedeeld"


@dataclass(frozen=True)
class Way:
    """One way to hear of things, as the overview shows it."""

    name: Any
    about: Any
    #: Address of its page.
    address: str
    #: How many are in use.
    used: int


#: Endpoint of the first page of each way -> its name and what it is for; those that are not there are left
#: out. Each takes the municipality as ``gemeente``.
WAYS: dict[str, tuple[Any, Any]] = {
    "channels.mail": (_l("E-mail"), _l("Een overzicht van wat nieuw is, elke week of elke dag.")),
    "feeds.index": (_l("Feeds"), _l("Een geheim adres waarop een feedlezer ziet wat nieuw is.")),
    "webhooks.index": (_l("Webhooks"), _l("Een seintje aan uw eigen systeem, binnen een minuut.")),
    "clients.index": (_l("Programma’s"), _l("Toegang voor uw eigen systeem, via de API.")),
}


@blueprint.get("/kanalen")
def index() -> str:
    """All ways to hear of things, and how many of each are in use."""
    code = _code()
    used = _used(code) if code or g.viewer.keeps_sources else {}
    ways = [
        Way(
            name, about, url_for(endpoint, gemeente=code if g.viewer.decides else None), used.get(endpoint, 0)
        )
        for endpoint, (name, about) in WAYS.items()
        if endpoint in current_app.view_functions
        and (code or endpoint not in ("channels.mail", "feeds.index"))
    ]
    return render_template("channels.html", code=code, ways=ways, municipalities=_municipalities())


@blueprint.get("/kanalen/e-mail")
def mail() -> str:
    """Who gets a digest of this municipality, and how the last one went."""
    return _mail({}, {"rhythm": Rhythm.WEEKLY.value})


@blueprint.post("/kanalen/e-mail")
def add() -> Response | tuple[str, int]:
    """Let an address get the digest from now on."""
    code = _code()
    if code is None:
        abort(404)
    own = request.form.get("wie") == OWN and g.viewer.answers
    email = _own_email() if own else request.form.get("email", "").strip()[: EMAIL_LIMIT + 1]
    values = {"wie": OWN if own else SHARED, "email": "" if own else email, "rhythm": _rhythm().value}
    try:
        with writing() as store:
            store_of.subscribe(
                store,
                email,
                viewer=g.viewer,
                municipality_code=code,
                own=own,
                rhythm=_rhythm(),
                language=chosen_language(),
            )
    except DigestNotAllowedError:
        abort(403)
    except DigestError as error:
        return _mail({"email": PROBLEMS[error.problem]}, values), 400
    flash(_("Dit adres krijgt voortaan het overzicht. Het eerste komt op zijn vroegst morgen."), "ok")
    return _back(code)


@blueprint.post(f"/kanalen/e-mail/<{NUMBER}:subscription_id>/ritme")
def change(subscription_id: int) -> Response:
    """Say how often one address gets it."""
    try:
        with writing() as store:
            store_of.change_subscription(store, subscription_id, _rhythm(), viewer=g.viewer)
    except SubscriptionNotFoundError:
        abort(404)
    flash(_("Bewaard."), "ok")
    return _back(_code())


@blueprint.post(f"/kanalen/e-mail/<{NUMBER}:subscription_id>/stoppen")
def stop(subscription_id: int) -> Response:
    """Let one address get it no longer."""
    try:
        with writing() as store:
            store_of.stop(store, subscription_id, viewer=g.viewer)
    except SubscriptionNotFoundError:
        abort(404)
    flash(_("Dit adres krijgt het overzicht niet meer."), "ok")
    return _back(_code())


def save_own(wanted: str) -> None:
    """Begin, change or stop the digest that the viewer gets at the address of the own account.

    Args:
        wanted: a :class:`models.words.Rhythm`, or anything else for none.
    """
    code = None if g.viewer.decides else g.viewer.municipality_code
    with writing() as store:
        now = own_subscription(store, g.viewer)
        if wanted in set(Rhythm):
            store_of.subscribe(
                store,
                _own_email(),
                viewer=g.viewer,
                municipality_code=code,
                own=True,
                rhythm=Rhythm(wanted),
                language=chosen_language(),
            )
        elif now is not None:
            store_of.stop(store, now.id, viewer=g.viewer)


def own_choice() -> dict[str, Any] | None:
    """What the page of the own account shows of the own digest; None = this account can't have one."""
    if not (g.viewer.decides or g.viewer.answers):
        return None
    now = own_subscription(db.session, g.viewer)
    offered = (Rhythm.DAILY,) if g.viewer.decides else tuple(RHYTHMS)
    return {
        "now": now,
        "offered": [(one.value, RHYTHMS[one]) for one in offered],
        "problem": problem_words(now.problem) if now else "",
    }


def _mail(problems: dict[str, Any], values: dict[str, str]) -> str:
    code = _code()
    rows = subscriptions(db.session, g.viewer, code) if code else []
    settings = current_app.extensions["scout"].settings
    here = select(Municipality.code).where(Municipality.code == code, takes_part(utc_now().date()))
    return render_template(
        "channels_mail.html",
        code=code,
        rows=rows,
        full=len(rows) >= MOST,
        municipalities=_municipalities(),
        problems=problems,
        values=values,
        rhythms=[(one.value, words) for one, words in RHYTHMS.items()],
        problem_words=problem_words,
        has_own=any(row.account_id == g.viewer.account_id for row in rows),
        own_email=_own_email(),
        takes_part=code is not None and db.session.scalar(here) is not None,
        server=bool(settings.mail_out),
        links=base_address(settings) is not None,
        EMAIL_LIMIT=EMAIL_LIMIT,
    )


def _code() -> str | None:
    """Whose channels the page is about: one's own municipality, or for staff the one that was chosen."""
    if not g.viewer.keeps_sources:
        return str(g.viewer.municipality_code)
    code = municipality_asked()
    return code if code and db.session.get(Municipality, code) is not None else None


def _municipalities() -> list[tuple[str, str]]:
    """For staff: those that take part."""
    if not g.viewer.keeps_sources:
        return []
    found = db.session.execute(
        select(Municipality.code, Municipality.name)
        .where(takes_part(utc_now().date()))
        .order_by(func.lower(Municipality.name))
    )
    return [(code, name) for code, name in found]


def _used(code: str | None) -> dict[str, int]:
    """Endpoint of a way -> how many are in use."""

    def count(table: Any, *conditions: Any) -> int:
        of_it = table.municipality_code.is_(None) if code is None else table.municipality_code == code
        return db.session.scalar(select(func.count()).select_from(table).where(of_it, *conditions)) or 0

    return {
        "channels.mail": len(subscriptions(db.session, g.viewer, code)) if code else 0,
        "feeds.index": count(FeedAddress, FeedAddress.revoked_at.is_(None)),
        "webhooks.index": count(Webhook, Webhook.removed_at.is_(None), Webhook.stopped_at.is_(None)),
        "clients.index": count(ApiClient, ApiClient.revoked_at.is_(None)),
    }


def _own_email() -> str:
    from flask_security import current_user

    return str(current_user.email)


def _rhythm() -> Rhythm:
    text = request.form.get("rhythm", "")
    return Rhythm(text) if text in set(Rhythm) else Rhythm.WEEKLY


def _back(code: str | None) -> Response:
    return redirect(url_for(".mail", gemeente=code if g.viewer.keeps_sources else None), code=303)

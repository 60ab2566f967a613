"""What is done with a webhook: trying it, stopping, resuming, removing, a new secret, sending again."""

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.sealing import SealError
from models.store import webhooks as store_of
from models.store.deliveries_list import has_delivery
from models.store.deliveries_ready import replay
from models.store.webhooks import Stopped, WebhookNotFoundError
from review import webhook_texts as texts
from review.asked import NUMBER
from review.channel_choice import NETWORK
from review.database import db, writing
from review.delivering import send_trial
from review.errors import show as show_error
from review.outgoing import OutgoingError
from review.webhooks import ONE, show, show_secret, webhook_or_404

blueprint = Blueprint("webhooks_acting", __name__, url_prefix="/kanalen/webhooks")


@blueprint.post(f"{ONE}/proef")
def trial(webhook_id: int) -> Response:
    """Send a message that tells of nothing, and show what came back."""
    webhook = webhook_or_404(webhook_id)
    row = store_of.find_webhook(db.session, webhook_id, viewer=g.viewer)
    settings = current_app.extensions["scout"].settings
    try:
        reply = send_trial(settings, row.url, row.secret, now=utc_now())
    except OutgoingError as error:
        said = str(texts.PROBLEMS[error.problem])
    except SealError:
        said = str(texts.STOPPED[Stopped.UNREADABLE])
    else:
        if 200 <= reply.status < 300:
            flash(_("Het proefbericht is aangekomen (status %(status)s).", status=reply.status), "ok")
            return _back(webhook.id)
        said = texts.problem_words("status", reply.status)
    flash(_("Het proefbericht is niet aangekomen. %(why)s", why=said), "error")
    return _back(webhook.id)


@blueprint.post(f"{ONE}/stoppen")
def stop(webhook_id: int) -> Response:
    """Send nothing until somebody resumes it."""
    with writing() as store:
        store_of.stop_webhook(store, webhook_id, viewer=g.viewer, now=utc_now())
    flash(_("De webhook is gestopt. Wat er gebeurt, blijft wachten."), "ok")
    return _back(webhook_id)


@blueprint.post(f"{ONE}/hervatten")
def resume(webhook_id: int) -> Response:
    """Send again, to begin with what waited."""
    with writing() as store:
        store_of.resume_webhook(store, webhook_id, viewer=g.viewer, now=utc_now())
    flash(_("De webhook is hervat. Wat wachtte, wordt nu verstuurd."), "ok")
    return _back(webhook_id)


@blueprint.post(f"{ONE}/weghalen")
def remove(webhook_id: int) -> Response:
    """Take it away for good."""
    webhook = webhook_or_404(webhook_id)
    with writing() as store:
        store_of.remove_webhook(store, webhook_id, viewer=g.viewer, now=utc_now())
    flash(_("De webhook ‘%(name)s’ is weggehaald.", name=webhook.name), "ok")
    asked = (webhook.municipality_code or NETWORK) if g.viewer.keeps_sources else None
    return redirect(url_for("webhooks.index", gemeente=asked), code=303)


@blueprint.post(f"{ONE}/nieuw-geheim")
def secret(webhook_id: int) -> str:
    """Give it another secret; it is shown once, on the answer."""
    with writing() as store:
        made = store_of.renew_secret(
            store, current_app.extensions["scout"].secret, webhook_id, viewer=g.viewer, now=utc_now()
        )
    return show_secret(webhook_or_404(webhook_id), made, new=False)


@blueprint.post(f"{ONE}/opnieuw")
def again(webhook_id: int) -> Response | tuple[str, int]:
    """Send once more: all that was given up, or all of a period."""
    webhook = webhook_or_404(webhook_id)
    period = None
    if request.form.get("wat") == "periode":
        values = {name: request.form.get(name, "").strip() for name in ("van", "tot")}
        days = {name: _day(text) for name, text in values.items()}
        problems = {name: _("Kies een dag.") for name, day in days.items() if day is None}
        first, last = days["van"], days["tot"]
        if first is not None and last is not None and last < first:
            problems["tot"] = _("Deze dag is voor de eerste dag.")
        if problems or first is None or last is None:
            return show(webhook, problems, values), 400
        period = (_begin(first), _begin(last + timedelta(days=1)))
    with writing() as store:
        row = store_of.find_webhook(store, webhook_id, viewer=g.viewer, lock=True)
        count = replay(store, row, now=utc_now(), period=period)
    _say(count)
    return _back(webhook_id)


@blueprint.post(f"{ONE}/berichten/<{NUMBER}:delivery_id>/opnieuw")
def one_again(webhook_id: int, delivery_id: int) -> Response:
    """Send one once more, or now instead of later."""
    with writing() as store:
        row = store_of.find_webhook(store, webhook_id, viewer=g.viewer, lock=True)
        if not has_delivery(store, row.id, delivery_id):
            raise WebhookNotFoundError
        count = replay(store, row, now=utc_now(), delivery_ids=[delivery_id])
    _say(count)
    return _back(webhook_id)


@blueprint.errorhandler(WebhookNotFoundError)
def gone(error: WebhookNotFoundError) -> ResponseReturnValue:
    """One that is of another, or that somebody removed at the same moment, is as one that never was."""
    return show_error(NotFound())


def _say(count: int) -> None:
    if not count:
        flash(_("Er is niets om opnieuw te versturen."), "info")
        return
    flash(
        ngettext(
            "%(num)s bericht wordt opnieuw verstuurd.", "%(num)s berichten worden opnieuw verstuurd.", count
        ),
        "ok",
    )


def _back(webhook_id: int) -> Response:
    return redirect(url_for("webhooks.one", webhook_id=webhook_id), code=303)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None


def _begin(day: date) -> datetime:
    """When a day begins in Amsterdam."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)

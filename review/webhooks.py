"""``/kanalen/webhooks``: which webhooks there are, adding one, and one with all that was sent to it."""

import re
from typing import Any

from flask import Blueprint, abort, current_app, g, render_template, request
from flask_babel import gettext as _

from models.base import utc_now
from models.store import webhooks as store_of
from models.store.channels import ChannelError
from models.store.deliveries_list import count_deliveries, delivery_page
from models.store.webhooks import NAME_LIMIT, Stopped, WebhookNotFoundError, WebhookRow
from models.words import DeliveryState
from review import webhook_texts as texts
from review.asked import LARGEST, NUMBER
from review.channel_choice import all_municipalities, choice, line_sent
from review.database import db, writing
from review.outgoing import refusal

blueprint = Blueprint("webhooks", __name__, url_prefix="/kanalen/webhooks")

#: Address of one webhook, below that of the list.
ONE = f"/<{NUMBER}:webhook_id>"
#: Word in addresses -> state of the deliveries that are shown.
STATES = {
    "wacht": DeliveryState.WAITING,
    "opgegeven": DeliveryState.GIVEN_UP,
    "aangekomen": DeliveryState.DELIVERED,
}


@blueprint.get("")
def index() -> str:
    """The webhooks of a municipality or of the network, and the form for another one."""
    return _page({}, {})


@blueprint.post("/toevoegen")
def add() -> str | tuple[str, int]:
    """Add a webhook; its secret is shown once, on the answer."""
    chosen, name, url = choice(with_network=True), line_sent("name"), line_sent("ontvanger")
    problems: dict[str, str] = {}
    if not chosen.made:
        problems["gemeente"] = _("Kies een gemeente uit de lijst, of het hele netwerk.")
    refused = refusal(url, current_app.extensions["scout"].settings)
    if refused is not None:
        problems["ontvanger"] = str(texts.PROBLEMS[refused])
    if not name:
        problems["name"] = _("Schrijf welk programma de berichten krijgt.")
    elif len(name) > NAME_LIMIT:
        problems["name"] = _("Maak dit korter: hooguit %(limit)s tekens.", limit=NAME_LIMIT)
    values = {"name": name, "ontvanger": url}
    if problems:
        return _page(problems, values), 400
    try:
        with writing() as store:
            made, secret = store_of.add_webhook(
                store,
                current_app.extensions["scout"].secret,
                viewer=g.viewer,
                municipality_code=chosen.code,
                url=url,
                name=name,
                now=utc_now(),
            )
    except ChannelError as error:
        return _page({"name": str(texts.REFUSED[type(error)])}, values), 400
    return show_secret(made, secret, new=True)


@blueprint.get(ONE)
def one(webhook_id: int) -> str:
    """One webhook: how it does, what was sent, and what can be done about it."""
    return show(webhook_or_404(webhook_id), {}, {})


def webhook_or_404(webhook_id: int) -> WebhookRow:
    """The webhook of an address, if this viewer keeps it."""
    try:
        return store_of.get_webhook(db.session, webhook_id, viewer=g.viewer)
    except WebhookNotFoundError:
        abort(404)


def show(webhook: WebhookRow, problems: dict[str, str], values: dict[str, str]) -> str:
    """The page of one webhook."""
    stand = request.args.get("stand", "")
    deliveries, following = delivery_page(
        db.session, g.viewer, webhook.id, state=STATES.get(stand), before=_before()
    )
    return render_template(
        "webhook.html",
        webhook=webhook,
        why=_why(webhook),
        counts=count_deliveries(db.session, g.viewer, [webhook.id])[webhook.id],
        deliveries=deliveries,
        following=following,
        stand=stand if stand in STATES else "",
        problems=problems,
        values=values,
        **_words(),
    )


def show_secret(webhook: WebhookRow, secret: str, *, new: bool) -> str:
    """The one page that shows a secret."""
    return render_template(
        "webhook_secret.html",
        webhook=webhook,
        secret=secret,
        new=new,
        overlap=int(store_of.OVERLAP.total_seconds() // 3600),
    )


def _page(problems: dict[str, str], values: dict[str, str]) -> str:
    chosen = choice(with_network=True)
    rows = store_of.webhook_rows(db.session, g.viewer, chosen.code) if chosen.made else []
    return render_template(
        "webhooks.html",
        chosen=chosen,
        webhooks=rows,
        deliveries=count_deliveries(db.session, g.viewer, [row.id for row in rows]),
        counts={} if chosen.made else store_of.count_webhooks(db.session, g.viewer),
        municipalities=all_municipalities() if g.viewer.keeps_sources else [],
        problems=problems,
        values=values,
        limit=NAME_LIMIT,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "texts": texts,
        "states": STATES,
        "DeliveryState": DeliveryState,
        "fields": texts.FIELDS,
    }


def _why(webhook: WebhookRow) -> str:
    """Why it stopped by itself; empty = it did not."""
    return str(texts.STOPPED[Stopped(webhook.stopped_why)]) if webhook.stopped_why else ""


def _before() -> int | None:
    """From which event to go on; anything else than a number counts as not asked."""
    text = request.args.get("voor", "")
    number = int(text) if re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) else 0
    return number if 0 < number <= LARGEST else None

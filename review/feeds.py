"""``/kanalen/feeds``: making and revoking the secret addresses of feeds."""

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.base import utc_now
from models.store import feed_addresses as store_of
from models.store.channels import ChannelError
from models.store.feed_addresses import NAME_LIMIT, FeedNotFoundError
from review.asked import NUMBER
from review.channel_choice import all_municipalities, choice, line_sent
from review.database import db, writing
from review.feed_atom import address_of
from review.webhook_texts import REFUSED

blueprint = Blueprint("feeds", __name__, url_prefix="/kanalen/feeds")


@blueprint.get("")
def index() -> str:
    """The addresses of a municipality, and the form for another one."""
    return _page({}, {})


@blueprint.post("/maken")
def make() -> str | tuple[str, int]:
    """Make an address; it is shown once, on the answer."""
    chosen, name = choice(), line_sent("name")
    problems = {}
    if chosen.code is None:
        problems["gemeente"] = _("Kies een gemeente uit de lijst.")
    if not name:
        problems["name"] = _("Schrijf waarvoor het adres is, zodat u het later herkent.")
    elif len(name) > NAME_LIMIT:
        problems["name"] = _("Maak dit korter: hooguit %(limit)s tekens.", limit=NAME_LIMIT)
    if problems or chosen.code is None:
        return _page(problems, {"name": name}), 400
    try:
        with writing() as store:
            made, token = store_of.make_feed(
                store,
                current_app.extensions["scout"].secret,
                viewer=g.viewer,
                municipality_code=chosen.code,
                name=name,
                now=utc_now(),
            )
    except ChannelError as error:
        return _page({"name": str(REFUSED[type(error)])}, {"name": name}), 400
    return render_template("feed_address.html", feed=made, link=address_of(token), chosen=chosen)


@blueprint.post(f"/<{NUMBER}:feed_id>/intrekken")
def revoke(feed_id: int) -> Response:
    """Make an address useless."""
    try:
        with writing() as store:
            feed = store_of.revoke_feed(store, feed_id, viewer=g.viewer, now=utc_now())
    except FeedNotFoundError:
        abort(404)
    flash(_("Het adres ‘%(name)s’ is ingetrokken. Het werkt niet meer.", name=feed.name), "ok")
    asked = feed.municipality_code if g.viewer.keeps_sources else None
    return redirect(url_for("feeds.index", gemeente=asked), code=303)


def _page(problems: dict[str, str], values: dict[str, str]) -> str:
    chosen = choice()
    return render_template(
        "feeds.html",
        chosen=chosen,
        feeds=store_of.feed_rows(db.session, g.viewer, chosen.code) if chosen.code else [],
        counts={} if chosen.made else store_of.count_feeds(db.session, g.viewer),
        municipalities=all_municipalities() if g.viewer.keeps_sources else [],
        problems=problems,
        values=values,
        limit=NAME_LIMIT,
    )

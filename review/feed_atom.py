"""``/feeds/<token>``: what changed in a municipality's shares and initiatives, as an Atom feed (RFC 4287).

Who has the address needs no account, so the feed tells what and where, never a text, and no names of people.
What is withdrawn disappears from it, and stands there as deleted (RFC 6721) for readers that keep entries.
"""

import hashlib
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, Response, abort, current_app, g, render_template, request, url_for
from limits import RateLimitItemPerMinute

from models.base import utc_now
from models.store.feed_addresses import FeedNotFoundError, FeedRow, feed_of_token, is_read_today, note_reading
from models.store.feed_entries import FeedEntry, feed_page
from review.asked import LARGEST
from review.database import db, writing
from review.rates import count
from review.share_texts import STATUSES as SHARE_STATES
from review.shown import labels, names
from review.texts import PHASES

blueprint = Blueprint("feed_atom", __name__)

MEDIA_TYPE = "application/atom+xml"
#: Readings of one address in a minute, and tries of addresses that there are not, of one network address.
READINGS, TRIES = RateLimitItemPerMinute(60), RateLimitItemPerMinute(300)
#: Seconds for which a reader may keep the feed without asking again.
KEEP_SECONDS = 30
#: What XML 1.0 has no place for.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/feeds/<token>")
def feed(token: str) -> Response:
    """A page of the feed; 404 for an address that nobody made, or that was revoked."""
    now = utc_now()
    try:
        known = feed_of_token(db.session, current_app.extensions["scout"].secret, token)
    except FeedNotFoundError:
        count(TRIES, "unknown feed", request.remote_addr or "")
        abort(404)
    count(READINGS, "feed", str(known.id))
    if not is_read_today(known, now=now):
        with writing() as store:
            note_reading(store, known.id, now=now)
    entries, following = feed_page(db.session, known.municipality_code, before=_before())
    updated = entries[0].updated_at if entries else known.created_at
    answer = Response(
        _written(known, token, entries, following, updated), content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )
    g.cache_control = f"private, max-age={KEEP_SECONDS}"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.last_modified = updated
    answer.make_conditional(request)
    return answer


def address_of(token: str) -> str:
    """Full address of a feed."""
    return _base() + url_for("feed_atom.feed", token=token)


def _written(
    known: FeedRow, token: str, entries: list[FeedEntry], following: int | None, updated: datetime
) -> str:
    address = address_of(token)
    code = known.municipality_code
    before = _before()
    return render_template(
        "feed.xml",
        id=_id(f"feeds/{code}"),
        town=names().get(code, code),
        updated=updated,
        here=f"{address}?{urlencode({'voor': before})}" if before else address,
        first=address,
        next=f"{address}?{urlencode({'voor': following})}" if following else "",
        portal=_base() + url_for("queue.index"),
        gone=[{"id": _id(_subject(one)), "when": one.updated_at} for one in entries if one.gone],
        entries=[_shown(one, code) for one in entries if not one.gone],
    )


def _shown(entry: FeedEntry, code: str) -> dict[str, Any]:
    """One entry as the template writes it."""
    themes = labels("themes")
    kind = "Deling" if entry.is_share else "Initiatief"
    state = str(SHARE_STATES[entry.status] if entry.status else PHASES[entry.phase] if entry.phase else "")
    where = names().get(code, code)
    if entry.place and entry.place != where:
        where = f"{entry.place}, {where}"
    facts = [kind, themes.get(entry.theme or "", entry.theme or ""), where, state]
    # A lead that is past its term has no title any more.
    title = " ".join(NOT_XML.sub(" ", entry.title).split()) or f"{kind} {entry.id}"
    return {
        "id": _id(_subject(entry)),
        "title": title,
        "link": f"{_base()}/{_page(entry)}",
        "updated": entry.updated_at,
        "published": entry.published_at,
        "theme": entry.theme or "",
        "theme_name": themes.get(entry.theme or "", entry.theme or ""),
        "kind": kind,
        "summary": " · ".join(NOT_XML.sub(" ", fact) for fact in facts if fact),
    }


def _subject(entry: FeedEntry) -> str:
    return f"{'delingen' if entry.is_share else 'initiatieven'}/{entry.id}"


def _page(entry: FeedEntry) -> str:
    """Path of the page about it."""
    return f"{'delingen' if entry.is_share else 'register'}/{entry.id}"


def _id(subject: str) -> str:
    """An id that never changes, wherever the pages are served."""
    source = current_app.extensions["scout"].settings.events_source
    return uuid5(NAMESPACE_URL, f"{source}/{subject}").urn


def _base() -> str:
    public: str = current_app.extensions["scout"].settings.public_url
    return (public or request.url_root).rstrip("/")


def _before() -> int | None:
    """From which event to go on; anything else than a number counts as not asked."""
    text = request.args.get("voor", "")
    number = int(text) if re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) else 0
    return number if 0 < number <= LARGEST else None

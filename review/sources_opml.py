"""Reading a list of feeds (OPML) into sources that are switched off, by the rules of ``scout sources``."""

from functools import lru_cache

from flask import Blueprint, current_app, g, render_template, request
from flask_babel import gettext as _

from models.base import utc_now
from models.geo import municipalities
from models.opml import OpmlError, read_opml
from models.opml_import import TakenOver, known_to, taken_over
from models.source_keys import slug
from models.store.added_sources import add_source
from review import source_list as listed
from review import source_texts as texts
from review.database import writing
from review.source_words import say

blueprint = Blueprint("sources_opml", __name__, url_prefix="/bronnen")

#: Largest request with a list in it, in bytes, and most feeds in one list; longer ones are for the command.
MAX_REQUEST, MOST_FEEDS = 2 * 1024 * 1024, 1_000


@blueprint.url_value_preprocessor
def room_for_lists(endpoint: str | None, values: dict[str, object] | None) -> None:
    """A list may be larger than other forms are; said before anything reads the request."""
    if request.endpoint == "sources_opml.take_over":
        request.max_content_length = MAX_REQUEST


@blueprint.post("/toevoegen/opml")
def take_over() -> str | tuple[str, int]:
    """Keep the feeds of a list as sources that are not switched on, and tell what became of each."""
    sent = request.files.get("bestand")
    body = sent.read() if sent is not None else b""
    if not body:
        return _refused(_("Kies een bestand."))
    try:
        outlines = read_opml(body)
    except OpmlError as error:
        return _refused(say(str(error)).text)
    if len(outlines) > MOST_FEEDS:
        return _refused(_("Deze lijst heeft meer dan %(most)s nieuwsfeeds. Verdeel hem.", most=MOST_FEEDS))
    settings = current_app.extensions["scout"].settings
    with writing() as session:
        result = taken_over(outlines, known_to(session), settings, municipality_in)
        for definition in result.definitions:
            add_source(session, definition, account_id=g.viewer.account_id, now=utc_now())
    listed.forget()
    return _result(result)


def municipality_in(title: str, url: str) -> str | None:
    """CBS code of the one municipality whose name stands in a title; None = there is none, or more."""
    words = f"-{slug(title)}-"
    found = {code for name, code in _names() if f"-{name}-" in words}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def _names() -> tuple[tuple[str, str], ...]:
    """Names that are no common word, as they stand in keys, with their codes."""
    return tuple((slug(one.name), one.code) for one in municipalities() if not one.common_word)


def _result(result: TakenOver) -> str:
    return render_template("source_opml.html", result=result, say=say)


def _refused(problem: str) -> tuple[str, int]:
    page = render_template(
        "source_add.html", values={"adres": ""}, problems={"bestand": problem}, municipality=None, texts=texts
    )
    return page, 400

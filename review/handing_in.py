"""Handing in: a form, a bookmark for it, files, and what became of all that. Nothing handed in is fetched."""

import json
from datetime import date
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from models.base import utc_now
from models.handed_in import Upload
from models.store.handed_in import (
    LIMITS,
    HandIn,
    HandInProblem,
    InvalidHandInError,
    checked,
    hand_in,
    origin_of_words,
    with_origin,
)
from models.store.handed_in_list import KnownAddress, handed_in_page, known_addresses
from models.store.uploads import UploadNotFoundError, confirm, save_upload, upload_of
from models.words import Channel
from review import hand_in_texts as texts
from review.actions import number
from review.asked import CONTROLS
from review.database import db, writing
from review.hand_in_rows import sort_rows
from review.handed_files import COLUMNS, MOST_BYTES, MOST_ROWS, FileError, day_of, example_file, read_rows

blueprint = Blueprint("handing_in", __name__, url_prefix="/inbrengen")

#: Largest request with a file in it, in bytes: far more than a file may have, so that too much is said on the
#: page itself.
MAX_FILE_REQUEST = 8 * MOST_BYTES
#: Good rows that the page about a file shows.
SHOWN_ROWS = 50
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_UPLOAD = "int(max=2147483647)"
_ANSWERS = {"ja": True, "nee": False}


@blueprint.url_value_preprocessor
def _room_for_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Only the form with a file may send more than forms do; before anything reads the request."""
    if request.endpoint == f"{blueprint.name}.send_file":
        request.max_content_length = MAX_FILE_REQUEST


# -- one at a time ---------------------------------------------------------------------------------


@blueprint.get("")
def index() -> str:
    """The form; a bookmark fills in address and title."""
    values = {
        "url": request.args.get("url", "")[: LIMITS["url"]],
        "title": " ".join(request.args.get("title", "").split())[: LIMITS["title"]],
    }
    known = None
    if values["url"]:
        try:
            asked = HandIn(channel=Channel.FORM, url=values["url"], summary="-")
            known = _known(checked(asked, _settings(), today=_today()))
        except InvalidHandInError:
            pass  # said when the form is sent
    return _form(values, {}, known)


@blueprint.post("")
def send() -> AnyResponse | tuple[str, int]:
    """Take one in."""
    values = {name: request.form.get(name, "") for name in ("url", "title", "summary")}
    values |= {name: request.form.get(name, "") for name in ("municipality_code", "published_on", "consent")}
    values["own"] = request.form.get("own", "")
    problems: dict[str, str] = {}
    day = day_of(values["published_on"]) if values["published_on"].strip() else None
    if values["published_on"].strip() and day is None:
        problems["published_on"] = texts.problem_words("published_on", HandInProblem.NO_DAY)
    one = HandIn(
        channel=Channel.FORM,
        url=values["url"],
        title=values["title"],
        summary=values["summary"],
        municipality_code=_code(values["municipality_code"].strip()),
        published_on=day,
        consent=_ANSWERS.get(values["consent"]),
        own=not g.viewer.decides and values["own"] == "ja",
    )
    try:
        one = checked(one, _settings(), today=_today())
    except InvalidHandInError as error:
        problems = {name: texts.problem_words(name, why) for name, why in error.problems.items()} | problems
    if problems:
        return _form(values, problems), 400
    known = _known(one)
    if known is not None:
        return _form(values, {}, known), 409
    origin = origin_of_words(_secret(), one, g.viewer.account_id)
    with writing() as session:
        new = with_origin(session, origin) is None
        kept = HandIn(**{**vars(one), "origin_key": origin})
        hand_in(session, kept, account_id=g.viewer.account_id, now=utc_now())
    flash(
        _("Dank u wel. Scout verwerkt dit bij de volgende ronde.") if new else _("Dit hebt u al ingebracht."),
        "ok" if new else "info",
    )
    return redirect(url_for(".overview"), code=303)


@blueprint.get("/overzicht")
def overview() -> str:
    """What one handed in, and what became of it."""
    after = number(request.args.get("na", ""))
    return render_template(
        "handed_in.html",
        page=handed_in_page(db.session, g.viewer, after=after),
        later=after is not None,
        channels=texts.CHANNELS,
        refusals=texts.REFUSALS,
    )


@blueprint.get("/bladwijzer")
def bookmark() -> str:
    """How to put a bookmark into the browser that opens the form with the page one is looking at."""
    settings = _settings()
    form = url_for(".index")
    address = urljoin(settings.public_url, form) if settings.public_url else url_for(".index", _external=True)
    # It runs on the other site, and reads its address and title: nothing else.
    script = (
        f"javascript:void(window.open({json.dumps(address)}"
        "+'?url='+encodeURIComponent(location.href)+'&title='+encodeURIComponent(document.title)))"
    )
    return render_template("hand_in_bookmark.html", script=script, address=address)


# -- many at a time --------------------------------------------------------------------------------


@blueprint.get("/voorbeeld.csv")
def example() -> Response:
    """A file to begin with: the header, and a row that shows what goes where."""
    answer = Response(example_file(_today(), town="Arnhem" if g.viewer.decides else ""), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="inbrengen-voorbeeld.csv"'
    return answer


@blueprint.get("/bestand")
def file() -> str:
    """The form for a file."""
    return _file_form("")


@blueprint.post("/bestand")
def send_file() -> AnyResponse | tuple[str, int]:
    """Read a file, and show what is in it before it counts."""
    try:
        sent = request.files.get("file")
        content = sent.stream.read(MOST_BYTES + 1) if sent is not None else b""
    except RequestEntityTooLarge:
        abort(413)
    if sent is None or not sent.filename:
        return _file_form(str(texts.NO_FILE)), 400
    try:
        rows = read_rows(content)
    except FileError as error:
        return _file_form(str(texts.FAULTS[error.fault])), 400
    own = not g.viewer.decides and request.form.get("own", "") == "ja"
    good, mistakes = sort_rows(db.session, rows, g.viewer, _settings(), _secret(), own=own, today=_today())
    with writing() as session:
        upload = save_upload(
            session,
            account_id=g.viewer.account_id,
            name=" ".join(CONTROLS.sub(" ", sent.filename.replace("\\", "/").rpartition("/")[2]).split()),
            rows=good,
            mistakes=mistakes,
            now=utc_now(),
        )
        upload_id = upload.id
    return redirect(url_for(".look", upload_id=upload_id), code=303)


@blueprint.get(f"/bestand/<{_UPLOAD}:upload_id>")
def look(upload_id: int) -> str:
    """What is good in a file, and every mistake in it."""
    upload = _upload(upload_id)
    return render_template(
        "hand_in_file_shown.html",
        upload=upload,
        rows=upload.rows[:SHOWN_ROWS],
        more=max(len(upload.rows) - SHOWN_ROWS, 0),
        mistakes=[(one["row"], one["column"], texts.mistake_words(one["why"])) for one in upload.mistakes],
        bad_rows=len({one["row"] for one in upload.mistakes}),
        day=date.fromisoformat,
    )


@blueprint.post(f"/bestand/<{_UPLOAD}:upload_id>")
def take_file(upload_id: int) -> AnyResponse:
    """Hand in the good rows of a file, once."""
    with writing() as session:
        try:
            count = confirm(
                session,
                upload_id,
                account_id=g.viewer.account_id,
                municipality_code=None if g.viewer.decides else g.viewer.municipality_code,
                secret=_secret(),
                now=utc_now(),
            )
        except UploadNotFoundError:
            abort(404)
    if count:
        said = ngettext(
            "%(num)s initiatief is ingebracht. Scout verwerkt het bij de volgende ronde.",
            "%(num)s initiatieven zijn ingebracht. Scout verwerkt ze bij de volgende ronde.",
            count,
        )
        flash(said, "ok")
    else:
        flash(_("Uit dit bestand is niets nieuws ingebracht."), "info")
    return redirect(url_for(".overview"), code=303)


# -- shared ----------------------------------------------------------------------------------------


def _form(values: dict[str, str], problems: dict[str, str], known: KnownAddress | None = None) -> str:
    return render_template(
        "hand_in.html",
        values=values,
        problems=problems,
        known=known,
        fields=texts.FIELDS,
        limits=LIMITS,
        today=_today(),
    )


def _file_form(problem: str) -> str:
    return render_template(
        "hand_in_file.html",
        problems={"file": problem} if problem else {},
        fields=texts.FIELDS,
        columns=list(COLUMNS),
        most_rows=MOST_ROWS,
        most_kilobytes=MOST_BYTES // 1000,
        most_characters=LIMITS["summary"],
    )


def _upload(upload_id: int) -> Upload:
    try:
        return upload_of(db.session, g.viewer.account_id, upload_id)
    except UploadNotFoundError:
        abort(404)


def _known(one: HandIn) -> KnownAddress | None:
    return known_addresses(db.session, _secret(), g.viewer, [one.url]).get(one.url) if one.url else None


def _code(chosen: str) -> str | None:
    """An officer's municipality is that of the account, whatever was sent."""
    return (chosen or None) if g.viewer.decides else g.viewer.municipality_code


def _today() -> date:
    return utc_now().astimezone(_AMSTERDAM).date()


def _settings() -> Any:
    return current_app.extensions["scout"].settings


def _secret() -> bytes:
    return bytes(current_app.extensions["scout"].secret)

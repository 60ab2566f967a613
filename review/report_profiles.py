"""Profiles of residents' engagement: a municipality's own file, looked at before it counts."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from models.store.profiles import (
    GROUP_LIMIT,
    MOST_GROUPS,
    Profiles,
    ProfilesNotAllowedError,
    StaleProfilesError,
    profiles_of,
    replace_profiles,
)
from models.store.reports import UnknownReportError, check_reportable
from models.store.reports_places import facts_of
from review import report_words as words
from review.asked import MUNICIPALITY
from review.channel_choice import all_municipalities
from review.database import db, writing
from review.figure_words import percent
from review.profile_files import (
    MOST_BYTES,
    MOST_ROWS,
    Fault,
    Mistake,
    ProfileFile,
    ProfileFileError,
    Wrong,
    as_csv,
    example,
    read_profiles,
)

blueprint = Blueprint("report_profiles", __name__, url_prefix="/rapport/profielen")

#: Largest request with a file in it, in bytes: more than a file may have, so that the page itself says it.
MAX_FILE_REQUEST = 8 * MOST_BYTES
#: Rows that the preview shows.
SHOWN_ROWS = 10

FAULTS = {
    Fault.TOO_LARGE: _l("Het bestand is te groot: hoogstens %(size)s kB.", size=MOST_BYTES // 1000),
    Fault.EMPTY: _l("Er staat niets in het bestand. Zet onder de kopregel een rij voor elke buurt."),
    Fault.NO_TEXT: _l("Dit is geen tekst die te lezen is. Bewaar het bestand als CSV (UTF-8)."),
    Fault.NO_CODES: _l(
        "De kolom ‘buurtcode’ is niet gevonden. Zet die naam boven de kolom met de codes (BU…)."
    ),
    Fault.NO_GROUPS: _l("Er zijn geen groepen gevonden. Zet boven elke andere kolom de naam van een groep."),
    Fault.TOO_MANY_GROUPS: _l("Er zijn te veel groepen: hoogstens %(most)s.", most=MOST_GROUPS),
    Fault.GROUP_NAME: _l(
        "De naam van een groep klopt niet. Geef elke groep een eigen naam van hoogstens %(most)s tekens.",
        most=GROUP_LIMIT,
    ),
    Fault.TOO_MANY: _l("Er staan te veel rijen in het bestand: hoogstens %(rows)s.", rows=MOST_ROWS),
}
WRONG = {
    Wrong.NO_CODE: _l("dit is geen buurtcode: ‘%(value)s’. Schrijf BU en acht cijfers."),
    Wrong.NOT_HERE: _l("%(value)s is geen buurt van deze gemeente."),
    Wrong.TWICE: _l("deze buurt staat ook in rij %(value)s. Laat er één staan."),
    Wrong.NO_NUMBER: _l("hier staat geen getal. Schrijf een getal, bijvoorbeeld 12,5."),
    Wrong.OUTSIDE: _l("dit deel is kleiner dan 0 of groter dan het geheel."),
    Wrong.NOT_WHOLE: _l("de groepen zijn samen %(value)s%%. Dat moet 100%% zijn."),
}
NO_FILE = _l("Kies eerst een bestand op uw computer.")
STALE = _l(
    "Iemand anders heeft de profielen intussen veranderd. Kies uw bestand opnieuw als u ze wilt vervangen."
)
EXAMPLE_GROUPS = ("Groep A", "Groep B", "Groep C")


@blueprint.url_value_preprocessor
def _room_for_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Only the form with a file may send more than forms do; before anything reads the request."""
    if request.endpoint == f"{blueprint.name}.look":
        request.max_content_length = MAX_FILE_REQUEST


@blueprint.get("")
def index() -> str | AnyResponse:
    """What there is, and the form for a file; staff comes here from the report of a municipality."""
    if g.viewer.decides and not request.args.get("gemeente", ""):
        return redirect(url_for("reports.index"), code=303)
    code = _code(request.args.get("gemeente", ""))
    return _shown(code)


@blueprint.get("/voorbeeld.csv")
def sample() -> Response:
    """A file to begin with: all neighbourhoods of the municipality."""
    code = _code(request.args.get("gemeente", ""))
    answer = Response(example(_known(code), EXAMPLE_GROUPS), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="profielen-voorbeeld.csv"'
    return answer


@blueprint.post("")
def look() -> str | tuple[str, int]:
    """Read a file, and show what is in it before it counts. Nothing is kept yet."""
    try:
        sent = request.files.get("profielen")
        content = sent.stream.read(MOST_BYTES + 1) if sent is not None else b""
    except RequestEntityTooLarge:
        abort(413)
    code = _code(request.form.get("gemeente", ""))
    if sent is None or not sent.filename:
        return _shown(code, problem=str(NO_FILE)), 400
    try:
        read = read_profiles(content, _known(code))
    except ProfileFileError as error:
        return _shown(code, problem=str(FAULTS[error.fault])), 400
    return _shown(code, read=read)


@blueprint.post("/bewaren")
def keep() -> AnyResponse | tuple[str, int]:
    """Put the good rows in the place of what there was."""
    code = _code(request.form.get("gemeente", ""))
    try:
        read = read_profiles(request.form.get("rijen", "").encode(), _known(code))
    except ProfileFileError as error:
        return _shown(code, problem=str(FAULTS[error.fault])), 400
    if not read.shares or read.mistakes:
        return _shown(code, read=read), 400
    return _replaced(code, read)


@blueprint.post("/weg")
def remove() -> AnyResponse | tuple[str, int]:
    """Take out all profiles of the municipality."""
    return _replaced(_code(request.form.get("gemeente", "")), None)


def _replaced(code: str, read: ProfileFile | None) -> AnyResponse | tuple[str, int]:
    try:
        with writing() as session:
            count = replace_profiles(
                session, code, read.shares if read else {}, viewer=g.viewer, seen=_seen()
            )
    except StaleProfilesError:
        return _shown(code, problem=str(STALE)), 409
    except ProfilesNotAllowedError:
        abort(403)
    if read is None:
        flash(_("De profielen zijn verwijderd."), "ok")
    else:
        said = ngettext(
            "De profielen van %(num)s buurt zijn bewaard.",
            "De profielen van %(num)s buurten zijn bewaard.",
            count,
        )
        flash(said, "ok")
    return redirect(url_for(".index", gemeente=code if g.viewer.decides else None), code=303)


def _shown(code: str, *, problem: str = "", read: ProfileFile | None = None) -> str:
    profiles: Profiles | None = profiles_of(db.session, g.viewer, code)
    known = _known(code)
    return render_template(
        "report_profiles.html",
        code=code,
        name=check_reportable(db.session, g.viewer, code),
        profiles=profiles,
        seen=profiles.uploaded_at.isoformat() if profiles else "",
        read=read,
        rows=as_csv(read) if read and read.shares else "",
        shown=[
            (known[one], [parts[group] for group in read.groups])
            for one, parts in list(read.shares.items())[:SHOWN_ROWS]
        ]
        if read
        else [],
        mistakes=[(one.row, one.column, wrong_words(one)) for one in read.mistakes] if read else [],
        problems={"profielen": problem} if problem else {},
        fields=words.FIELDS,
        neighbourhoods=len(known),
        most_kilobytes=MOST_BYTES // 1000,
        most_groups=MOST_GROUPS,
        municipalities=all_municipalities() if g.viewer.decides else [],
        day=words.day,
        percent=percent,
    )


def wrong_words(one: Mistake) -> str:
    """What is wrong with a row, in words."""
    return f"{WRONG[one.wrong]}" % {"value": one.value}


def _seen() -> datetime | None:
    """When the profiles were given that were shown with the form; nonsense fits none."""
    sent = request.form.get("gezien", "")
    if not sent:
        return None
    try:
        seen = datetime.fromisoformat(sent)
    except ValueError:
        abort(400)
    if seen.tzinfo is None:
        abort(400)
    return seen


def _code(sent: str) -> str:
    """Of which municipality: an officer's own; 404 when it is not there for this visitor."""
    code = sent if g.viewer.decides else g.viewer.municipality_code
    if code is None or not MUNICIPALITY.fullmatch(code):
        abort(404)
    try:
        check_reportable(db.session, g.viewer, code)
    except UnknownReportError:
        abort(404)
    return code


def _known(code: str) -> dict[str, str]:
    """CBS code of each neighbourhood of a municipality -> its name."""
    quarters, _towns = facts_of(code)
    return {one.cbs_code: one.name for one in quarters if one.kind == "buurt"}

"""A file of consultants: reading it, showing what is in it before it counts, and taking it over."""

from typing import Any

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

from models.base import ZONE, utc_now
from models.consultant import ConsultantImport
from models.store.consultant_drafts import ConsultantProblem
from models.store.consultant_import import (
    ImportNotFoundError,
    confirm_import,
    import_of,
    rows_of,
    save_import,
)
from review import consultant_words as words
from review import hand_in_texts
from review.asked import CONTROLS, NUMBER
from review.consultant_rows import COLUMNS, NEEDED, example_file, sort_rows
from review.database import db, writing
from review.handed_files import MOST_BYTES, MOST_ROWS, Fault, FileError, read_rows
from review.shown import labels, names

blueprint = Blueprint("consultant_files", __name__, url_prefix="/consultants/bestand")

#: Largest request with a file in it, in bytes: far more than a file may have, so that too much is said on the
#: page itself.
MAX_FILE_REQUEST = 8 * MOST_BYTES
#: Good rows that the page about a file shows.
SHOWN_ROWS = 100


@blueprint.url_value_preprocessor
def _room_for_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Only the form with a file may send more than forms do; before anything reads the request."""
    if request.endpoint == f"{blueprint.name}.send":
        request.max_content_length = MAX_FILE_REQUEST


@blueprint.get("/voorbeeld.csv")
def example() -> Response:
    """A file to begin with."""
    town = "Arnhem" if g.viewer.decides else names().get(g.viewer.municipality_code, "")
    answer = Response(example_file(utc_now().astimezone(ZONE).date(), town=town), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="consultants-voorbeeld.csv"'
    return answer


@blueprint.get("")
def form() -> str:
    """The form for a file."""
    return _form("")


@blueprint.post("")
def send() -> AnyResponse | tuple[str, int]:
    """Read a file, and show what is in it before it counts."""
    try:
        sent = request.files.get("file")
        content = sent.stream.read(MOST_BYTES + 1) if sent is not None else b""
    except RequestEntityTooLarge:
        abort(413)
    if sent is None or not sent.filename:
        return _form(str(hand_in_texts.NO_FILE)), 400
    try:
        rows = read_rows(content, COLUMNS, NEEDED)
    except FileError as error:
        return _form(_fault(error.fault)), 400
    good, mistakes = sort_rows(db.session, rows, g.viewer, current_app.extensions["scout"].labels)
    with writing() as session:
        kept = save_import(
            session,
            account_id=g.viewer.account_id,
            name=" ".join(CONTROLS.sub(" ", sent.filename.replace("\\", "/").rpartition("/")[2]).split()),
            rows=good,
            mistakes=mistakes,
            now=utc_now(),
        )
        import_id = kept.id
    return redirect(url_for(".look", import_id=import_id), code=303)


@blueprint.get(f"/<{NUMBER}:import_id>")
def look(import_id: int) -> str:
    """What is good in a file, and every mistake in it."""
    kept = _import(import_id)
    rows = rows_of(kept)
    new, changed = [row for row in rows if row.is_new], [row for row in rows if row.changed]
    return render_template(
        "consultant_file_shown.html",
        kept=kept,
        new=new[:SHOWN_ROWS],
        changed=changed[:SHOWN_ROWS],
        counts=(len(new), len(changed), len(rows) - len(new) - len(changed)),
        more=(max(len(new) - SHOWN_ROWS, 0), max(len(changed) - SHOWN_ROWS, 0)),
        mistakes=[(one["row"], one["column"], _mistake(one["why"])) for one in kept.mistakes],
        bad_rows=len({one["row"] for one in kept.mistakes}),
        words=words,
    )


@blueprint.post(f"/<{NUMBER}:import_id>")
def take(import_id: int) -> AnyResponse:
    """Take over the good rows of a file, once."""
    with writing() as session:
        try:
            done = confirm_import(
                session,
                import_id,
                viewer=g.viewer,
                labels=current_app.extensions["scout"].labels,
                now=utc_now(),
            )
        except ImportNotFoundError:
            abort(404)
    said = []
    if done.added:
        said.append(
            ngettext("%(num)s consultant is toegevoegd.", "%(num)s consultants zijn toegevoegd.", done.added)
        )
    if done.changed:
        said.append(
            ngettext("%(num)s consultant is gewijzigd.", "%(num)s consultants zijn gewijzigd.", done.changed)
        )
    flash(" ".join(said) or _("Uit dit bestand is niets nieuws overgenomen."), "ok" if said else "info")
    if done.skipped:
        flash(
            _(
                "Niet overgenomen: rij %(rows)s. Iemand anders was u voor. Stuur het bestand nog een keer.",
                rows=", ".join(map(str, done.skipped)),
            ),
            "info",
        )
    return redirect(url_for("consultants.index"), code=303)


def _form(problem: str) -> str:
    return render_template(
        "consultant_file.html",
        problems={"file": problem} if problem else {},
        fields=words.NAMES,
        columns=list(COLUMNS),
        most_rows=MOST_ROWS,
        most_kilobytes=MOST_BYTES // 1000,
        vocabularies={part: labels(part) for part in ("expertise", "themes", "languages")},
    )


def _import(import_id: int) -> ConsultantImport:
    try:
        return import_of(db.session, g.viewer.account_id, import_id)
    except ImportNotFoundError:
        abort(404)


def _fault(fault: Fault) -> str:
    if fault is Fault.NO_HEADER:
        return str(
            _("Op de eerste rij staan geen kolommen ‘naam’ en ‘e-mail’. Begin met het voorbeeld hieronder.")
        )
    if fault is Fault.EMPTY:
        return str(_("Er staat niets in het bestand. Zet onder de kopregel een rij voor elke consultant."))
    return str(hand_in_texts.FAULTS[fault])


def _mistake(why: str) -> str:
    if why == "formula":
        return str(_("In deze cel staat een formule. Zet er de waarde zelf neer."))
    kind, _colon, rest = why.partition(":")
    if kind == "in_file":
        return str(_("Deze consultant staat ook in rij %(row)s. Haal een van de twee weg.", row=rest))
    field, _colon, problem = rest.partition(":")
    return words.problem_words(field, ConsultantProblem(problem))

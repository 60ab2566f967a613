"""The form of a matching round: making one, and changing what was agreed about it."""

from datetime import date

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.store.rounds import (
    InvalidRoundError,
    RoundDraft,
    RoundNotAllowedError,
    RoundStateError,
    RoundView,
    StaleRoundError,
    change_round,
    get_round,
    make_round,
    problems_of,
)
from models.words import RoundState, SelectionMethod
from review import round_words as words
from review.actions import Form, written
from review.asked import NUMBER
from review.consultant_words import whole_of
from review.database import db, writing
from review.handed_files import day_of
from review.register_acting import version_sent

blueprint = Blueprint("round_form", __name__, url_prefix="/rondes")

_ANSWERS = {"ja": True, "nee": False}
LIMITS = {"name": 120}


@blueprint.get("/nieuw")
def new() -> str:
    """The form with what is usual."""
    return _page(None, _shown(RoundDraft(name="")))


@blueprint.post("/nieuw")
def make() -> Response | tuple[str, int]:
    """Make a round."""
    form: Form = MultiDict(request.form)
    try:
        with writing() as session:
            round_id = make_round(session, _checked(form, None), viewer=g.viewer).id
    except InvalidRoundError as error:
        return _page(None, form, error), 400
    except RoundNotAllowedError:
        abort(403)
    flash(_("De ronde is gemaakt. Zet er nu initiatieven en consultants in."), "ok")
    return redirect(url_for("rounds.one", round_id=round_id), code=303)


@blueprint.get(f"/<{NUMBER}:round_id>/wijzigen")
def edit(round_id: int) -> str:
    """The form as the round is now."""
    row = get_round(db.session, g.viewer, round_id)
    return _page(row, _shown(row))


@blueprint.post(f"/<{NUMBER}:round_id>/wijzigen")
def change(round_id: int) -> Response | tuple[str, int]:
    """Change what was agreed about a round."""
    row = get_round(db.session, g.viewer, round_id)
    form: Form = MultiDict(request.form)
    try:
        with writing() as session:
            change_round(session, round_id, _checked(form, row), viewer=g.viewer, version=version_sent())
    except InvalidRoundError as error:
        return _page(row, form, error), 400
    except RoundNotAllowedError:
        abort(403)
    except (StaleRoundError, RoundStateError):
        row = get_round(db.session, g.viewer, round_id)
        return _page(row, form, stale=True), 409
    flash(_("Bewaard."), "ok")
    return redirect(url_for("rounds.one", round_id=round_id), code=303)


def _shown(row: RoundView | RoundDraft) -> Form:
    """A round as the form shows it."""
    return MultiDict(
        {
            "name": row.name,
            "first_day": row.first_day.isoformat() if row.first_day else "",
            "last_day": row.last_day.isoformat() if row.last_day else "",
            "method": row.method.value,
            "points": str(row.points),
            "places": str(row.places) if row.places is not None else "",
            "quorum": str(round(row.quorum * 100)),
            "automatic": "ja" if row.automatic else "nee",
        }
    )


def fixed(row: RoundView | None) -> frozenset[str]:
    """Fields that can't be changed any more; the form shows them without an input."""
    if row is None or row.state is RoundState.SEEDING:
        return frozenset()
    found = {"method", "points", "places", "quorum"}
    if row.state is not RoundState.SELECTION:
        found.add("automatic")
    return frozenset(found)


def _checked(form: Form, row: RoundView | None) -> RoundDraft:
    """What was written; of fields that are fixed what they are.

    Raises:
        InvalidRoundError: it can't be taken; all that is wrong is told.
    """
    if row is not None:
        known = _shown(row)
        for name in fixed(row):
            form[name] = known[name]
    problems: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name in ("first_day", "last_day"):
        typed = written(form, name)
        days[name] = day_of(typed) if typed else None
        if typed and days[name] is None:
            problems[name] = "day"
    method, answer = form.get("method", ""), form.get("automatic", "")
    if method not in set(SelectionMethod):
        problems["method"] = "choice"
    if answer not in _ANSWERS:
        problems["automatic"] = "choice"
    quorum = whole_of(form.get("quorum", ""))
    draft = RoundDraft(
        name=written(form, "name"),
        **days,
        method=SelectionMethod(method) if method in set(SelectionMethod) else SelectionMethod.POINTS,
        points=whole_of(form.get("points", "")),
        places=whole_of(written(form, "places")) if written(form, "places") else None,
        # As it was kept, and not what became of it on the way through the form.
        quorum=row.quorum if row is not None and quorum == round(row.quorum * 100) else quorum / 100,
        automatic=_ANSWERS.get(answer, True),
    )
    problems = problems_of(draft) | problems
    if problems:
        raise InvalidRoundError(problems)
    return draft


def _page(
    row: RoundView | None, values: Form, error: InvalidRoundError | None = None, *, stale: bool = False
) -> str:
    problems = error.problems if error is not None else {}
    asked = row.version if row is not None and (stale or error is None) else version_sent()
    return render_template(
        "round_form.html",
        round=row,
        values=values,
        version=asked,
        problems={
            name: words.problem_words(name, problems[name]) for name in words.NAMES if name in problems
        },
        stale=stale,
        fixed=fixed(row),
        FIELDS=words.NAMES,
        LIMITS=LIMITS,
    )

"""Evaluations: the short form behind a secret link, for consultant, host municipality and initiator."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from limits import RateLimitItemPerMinute
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.match import Evaluation
from models.store.evaluation_questions import LONGEST, QUESTIONS, InvalidAnswersError, Kind
from models.store.evaluations import (
    EvaluationError,
    answer_evaluation,
    is_open,
)
from models.store.match_rows import MatchRow
from models.store.matches_list import read_match
from models.store.rounds_forgetting import KEEP_DAYS
from models.words import Moment, Party
from review import evaluation_words as words
from review.actions import written
from review.consultant_words import hours_words
from review.database import db, writing
from review.match_links import ANSWER, MatchLink, read_token
from review.rates import count

blueprint = Blueprint("evaluations", __name__)

#: Requests with one link in a minute, and tries of links that there are not, of one network address.
READINGS, TRIES = RateLimitItemPerMinute(60), RateLimitItemPerMinute(60)


@dataclass(frozen=True)
class Asked:
    """What a link opens."""

    link: MatchLink
    moment: Moment
    match: MatchRow
    row: Evaluation
    #: An answer is still taken.
    open: bool
    #: What this party said at the beginning that should come of it; empty = nothing.
    aim: str


@blueprint.get("/evaluatie/<token>")
def form(token: str) -> str | tuple[str, int]:
    """The form, with what was answered before. Looking changes nothing: mail servers open links too."""
    asked = _asked(token)
    if asked is None:
        return render_template("evaluation.html", asked=None, problems={}), 404
    return _page(asked, words.typed_answers(asked.moment, asked.link.party, asked.row.answers))


@blueprint.post("/evaluatie/<token>")
def send(token: str) -> str | Response | tuple[str, int]:
    """Keep the answers; sent twice is once."""
    asked = _asked(token)
    if asked is None:
        return render_template("evaluation.html", asked=None, problems={}), 404
    party, moment = asked.link.party, asked.moment
    questions = {one.name: one for one in QUESTIONS[moment, party]}
    typed = {name: written(request.form, name) for name in questions}
    try:
        with writing() as session:
            answers = words.read_answers(moment, party, typed)
            answer_evaluation(session, asked.link.match_id, party, moment, answers, now=utc_now())
    except InvalidAnswersError as error:
        problems = {
            name: words.problem_words(questions[name], problem) for name, problem in error.problems.items()
        }
        return _page(asked, typed, problems), 400
    except EvaluationError:
        # It was closed meanwhile.
        asked = _asked(token)
        if asked is None:
            abort(404)
        return _page(asked, typed), 409
    flash(_("Bedankt. Uw antwoorden zijn bewaard."), "ok")
    return redirect(url_for(".form", token=token), code=303)


@blueprint.after_request
def hide_address(response: Response) -> Response:
    """Let nobody be told where one came from: the address of the page is the secret."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    # The secret in the address is what a token of the form would be; browsers send no referrer from here.
    state.app.extensions["csrf"].exempt(send)


def _asked(token: str) -> Asked | None:
    """What a link opens; None = nothing."""
    link = read_token(db.session, bytes(current_app.extensions["scout"].secret), token)
    if link is None or link.purpose == ANSWER:
        count(TRIES, "unknown evaluation", request.remote_addr or "")
        return None
    count(READINGS, "evaluation", str(link.match_id), link.party.value, link.purpose)
    moment = Moment(link.purpose)
    rows = {
        row.moment: row
        for row in db.session.scalars(
            select(Evaluation).where(Evaluation.match_id == link.match_id, Evaluation.party == link.party)
        )
    }
    if moment not in rows:
        return None
    match = read_match(db.session, link.match_id)
    today = utc_now().astimezone(ZONE).date()
    begun = rows.get(Moment.START)
    aim = str(begun.answers.get("aim", "")) if begun is not None and moment is not Moment.START else ""
    return Asked(link, moment, match, rows[moment], is_open(match.state, rows[moment], day=today), aim)


def _page(asked: Asked, values: Mapping[str, str], problems: Mapping[str, str] | None = None) -> str:
    party, moment = asked.link.party, asked.moment
    return render_template(
        "evaluation.html",
        asked=asked,
        values=values,
        problems=problems or {},
        questions=QUESTIONS[moment, party],
        explained=_explained(asked),
        words=words,
        FIELDS=words.questions_in_words(moment, party),
        LIMITS={one.name: LONGEST for one in QUESTIONS[moment, party] if one.kind is Kind.TEXT},
        keep_months=KEEP_DAYS * 12 // 365,
        is_host=party is Party.HOST,
    )


def _explained(asked: Asked) -> dict[str, Any]:
    """Question -> what is said below it."""
    planned = hours_words(asked.match.half_hours)
    if asked.match.spent is None:
        hours = _("Gepland: %(hours)s.", hours=planned)
    else:
        spent = hours_words(asked.match.spent)
        hours = _("Gepland: %(hours)s. Besteed: %(spent)s.", hours=planned, spent=spent)
    return {
        "aim": _("Een of twee zinnen is genoeg."),
        "goal": _("Bij het begin schreef u: %(aim)s", aim=asked.aim) if asked.aim else "",
        "hours": hours,
        "host_hours": _("Halve uren mogen, zoals 7,5."),
        "repeat": _("Anderen leren hiervan. Schrijf geen namen op."),
        "change": _("Anderen leren hiervan. Schrijf geen namen op."),
    }

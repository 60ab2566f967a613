"""``/antwoord/<token>``: saying yes or no to a proposal by the secret link in a mail, without an account.

Looking changes nothing, for mail servers open links too. The link works as long as the proposal is open.
"""

from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from limits import RateLimitItemPerMinute

from models.match import Match
from models.store.match_rows import MatchRow
from models.store.match_rules import ANSWERED_IN, ASKED, REASON_LIMIT, ROUND_STATES, InvalidMatchError
from models.store.matches import MatchStateError, read_match
from models.words import Party
from review.actions import written
from review.database import db, writing
from review.match_letters import Writing, facts_of
from review.match_links import ANSWER, MatchLink, read_token
from review.match_steps import give_answer
from review.rates import count

blueprint = Blueprint("answers", __name__)

#: Requests with one link in a minute, and tries of links that there are not, of one network address.
READINGS, TRIES = RateLimitItemPerMinute(60), RateLimitItemPerMinute(60)
SAID = {"ja": True, "nee": False}


@blueprint.get("/antwoord/<token>")
def page(token: str) -> Response:
    """Who, what, when, how much and why; and the question."""
    link, row = _opened(token)
    if row is None or link is None:
        return _closed(link)
    return _page(link, row)


@blueprint.post("/antwoord/<token>")
def answer(token: str) -> Response:
    """Keep the answer; the same one twice is once."""
    link, row = _opened(token)
    if row is None or link is None:
        return _closed(link)
    said, reason = request.form.get("answer", ""), written(request.form, "reason")
    if said not in SAID:
        return _page(link, row, {"answer": _("Kies ja of nee.")}, 400)
    try:
        with writing() as store:
            give_answer(store, link.match_id, link.party, SAID[said], viewer=None, reason=reason)
    except InvalidMatchError:
        too_long = _("Maak dit korter: hooguit %(limit)s tekens.", limit=REASON_LIMIT)
        return _page(link, row, {"reason": too_long}, 400)
    except MatchStateError:
        # Somebody else declined at the same time.
        return _closed(link)
    row = read_match(db.session, link.match_id)
    return _shown("answer_thanks.html", 200, agrees=SAID[said], row=row, address=request.path)


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    # The secret in the address is what a token of the form would be; browsers send no referrer from here.
    state.app.extensions["csrf"].exempt(answer)


def _opened(token: str) -> tuple[MatchLink | None, MatchRow | None]:
    """What the link is for, and the match while it is open; (None, None) = it is none of ours."""
    link = read_token(db.session, current_app.extensions["scout"].secret, token)
    if link is None or link.purpose != ANSWER or link.party not in ASKED:
        count(TRIES, "unknown answer", request.remote_addr or "")
        return None, None
    count(READINGS, "answer", str(link.match_id), link.party.value)
    row = read_match(db.session, link.match_id)
    open_ = row.state in ANSWERED_IN and row.round_state in ROUND_STATES
    return link, row if open_ else None


def _page(
    link: MatchLink, row: MatchRow, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    scout = current_app.extensions["scout"]
    asked = Writing(row, db.session.get_one(Match, row.id), link.party, "", scout.secret, scout.labels)
    last = row.answers.get(link.party)
    form = request.form if problems else {}
    said = form.get("answer", "") if problems else ("" if last is None else "ja" if last.agrees else "nee")
    return _shown(
        "answer.html",
        status,
        row=row,
        party=link.party,
        Party=Party,
        facts=facts_of(asked),
        last=last,
        said=said,
        values={"reason": form.get("reason", "") if problems else (last.reason if last else "")},
        problems=problems or {},
        FIELDS={"answer": _("Uw antwoord"), "reason": _("Toelichting")},
        LIMITS={"reason": REASON_LIMIT},
        address=request.path,
    )


def _closed(link: MatchLink | None) -> Response:
    return _shown("answer_closed.html", 404 if link is None else 410, known=link is not None)


def _shown(template: str, status: int, **values: Any) -> Response:
    answer = make_response(render_template(template, **values), status)
    # The address of the page is the secret: nobody is told where one came from.
    answer.headers["Referrer-Policy"] = "no-referrer"
    g.cache_control = "no-store"
    return answer

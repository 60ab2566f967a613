"""``/matches``: the matches of the rounds, and one of them with what was answered and sent."""

from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models.base import ZONE, utc_now
from models.store.match_mails import mails_of
from models.store.match_proposing import proposable
from models.store.match_rows import MatchRow
from models.store.match_rules import (
    ACTS,
    ANSWERED_IN,
    ASKED,
    REASON_LIMIT,
    RECOMMENDATIONS_LIMIT,
    ROUND_STATES,
    MatchAct,
    may_act,
    speaks_for,
)
from models.store.matches import get_match, match_page, waiting_matches
from models.store.rounds import RoundNotFoundError, RoundView, get_round
from models.words import MatchState, Party, RoundState
from review import match_words as words
from review.access import current_viewer
from review.actions import number
from review.asked import NUMBER, municipality_asked
from review.consultant_words import hours_typed, hours_words
from review.database import db
from review.leads import municipality_names
from review.round_explained import rules_words

blueprint = Blueprint("matches", __name__, url_prefix="/matches")

#: Word in the address -> what the list is narrowed to.
STANDS: dict[str, dict[str, Any]] = {
    "wacht": {"waiting": True},
    "voorgesteld": {"state": MatchState.PROPOSED},
    "akkoord": {"state": MatchState.AGREED},
    "bezig": {"state": MatchState.DEPLOYED},
    "afgerond": {"state": MatchState.FINISHED},
    "voorbij": {"state": (MatchState.DECLINED, MatchState.STOPPED)},
}


@blueprint.get("")
def index() -> str | Response:
    """The matches that this viewer may see, newest first; of one round too."""
    if "" in request.args.values():
        # As in the queue: an address to keep holds only what was chosen.
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    stand = request.args.get("stand", "")
    code = municipality_asked() if g.viewer.decides else None
    round_id = number(request.args.get("ronde", ""))
    round_ = get_round(db.session, g.viewer, round_id) if round_id else None
    chosen = {"stand": stand} if stand in STANDS else {}
    if code is not None:
        chosen["gemeente"] = code
    if round_ is not None:
        chosen["ronde"] = str(round_.id)
    page = match_page(
        db.session,
        g.viewer,
        round_id=round_.id if round_ is not None else None,
        municipality_code=code,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
        **STANDS.get(stand, {}),
    )
    leads = g.viewer.leads_rounds and round_ is not None and round_.state is RoundState.PROPOSING
    return render_template(
        "matches.html",
        page=page,
        round=round_,
        chosen=chosen,
        stand=chosen.get("stand", ""),
        code=code,
        municipalities=municipality_names() if g.viewer.decides else [],
        stands=stand_words(),
        hours_words=hours_words,
        to_propose=proposable(db.session, round_.id) if leads and round_ is not None else None,
        words=words,
    )


@blueprint.get(f"/<{NUMBER}:match_id>")
def one(match_id: int) -> str:
    """One match: what it is about, who said what, and what can be done."""
    return page_of(match_id)


def page_of(match_id: int, **sent: Any) -> str:
    """The page of a match.

    Args:
        sent: a form that was sent and not taken: ``opened`` (its name), ``form``, ``problems``; ``first``:
            what somebody else did meanwhile.

    Raises:
        MatchNotFoundError: there is none, or it is not for this viewer.
    """
    row = get_match(db.session, g.viewer, match_id)
    going_on = row.round_state in ROUND_STATES
    answerable = speaks_for(g.viewer, host_code=row.municipality_code, employer_code=row.employer_code)
    acts = {
        act
        for act in MatchAct
        if going_on and row.state in ACTS[act] and may_act(g.viewer, act, host_code=row.municipality_code)
    }
    return render_template(
        "match.html",
        row=row,
        why=words.why_they_fit(row.reasons, current_app.extensions["scout"].labels, row.theme),
        broken=broken_words(row),
        acts={act.name.lower() for act in acts},
        parties=[party for party in ASKED if party in answerable]
        if row.state in ANSWERED_IN and going_on
        else [],
        mails=mails_of(db.session, match_id) if g.viewer.decides else [],
        round=round_of(row.round_id),
        ASKED=ASKED,
        Party=Party,
        today=utc_now().astimezone(ZONE).date(),
        hours_typed=hours_typed,
        hours_words=hours_words,
        words=words,
        FIELDS=fields(),
        LIMITS={"reason": REASON_LIMIT, "why": REASON_LIMIT, "recommendations": RECOMMENDATIONS_LIMIT},
        **{"opened": "", "form": {}, "problems": {}, "first": "", **sent},
    )


def fields() -> dict[str, Any]:
    """Field of a form -> its name."""
    return {
        "party": _("Namens wie"),
        "answer": _("Antwoord"),
        "reason": _("Toelichting"),
        "day": _("Eerste dag van het werk"),
        "visit_on": _("Dag van het afsluitende bezoek"),
        "recommendations": _("Aanbevelingen voor de gemeente"),
        "spent": _("Bestede uren"),
        "why": _("Waarom stopt het?"),
    }


def stand_words() -> list[tuple[str, str]]:
    """What the list can be narrowed to, for a select box."""
    waits = _("wacht op antwoord") if g.viewer.decides else _("wacht op uw antwoord")
    return [
        ("wacht", str(waits)),
        ("voorgesteld", str(words.STATES[MatchState.PROPOSED])),
        ("akkoord", str(words.STATES[MatchState.AGREED])),
        ("bezig", str(words.STATES[MatchState.DEPLOYED])),
        ("afgerond", str(words.STATES[MatchState.FINISHED])),
        ("voorbij", str(_("afgewezen of gestopt"))),
    ]


def broken_words(row: MatchRow) -> str:
    """Soft rules that a pair breaks, in words; empty = none, or not for this viewer."""
    return rules_words(row.reasons.get("broken", []))


def round_of(round_id: int) -> RoundView | None:
    """The round of a match; None = it is not for this viewer."""
    try:
        return get_round(db.session, g.viewer, round_id)
    except RoundNotFoundError:
        return None


def waiting_for_me() -> int:
    """How many proposals wait for an answer of this visitor's municipality; staff does not answer."""
    viewer = current_viewer()
    return waiting_matches(db.session, viewer) if viewer is not None and viewer.answers else 0


@blueprint.record_once
def use_words(setup: BlueprintSetupState) -> None:
    """Give templates the words for matches."""
    setup.app.jinja_env.filters.update(
        match_state=lambda state: words.STATES[state],
        match_colour=lambda state: words.COLOURS[state],
        match_party=lambda party: words.PARTIES[party],
    )

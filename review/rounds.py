"""Rondes: the list of matching rounds, and one of them: how far it is, what to do now, and moving it on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from models.round import Round
from models.store.matches import waiting_matches
from models.store.round_moves import LONGEST_WHY, TRANSITIONS, Transition, move, moves_from, what_is_missing
from models.store.round_overlap import overlaps
from models.store.rounds import (
    RoundNotAllowedError,
    RoundNotReadyError,
    RoundStateError,
    RoundView,
    StaleRoundError,
    get_round,
    round_page,
)
from models.words import RoundState
from review import round_words as words
from review.access import ACCESS, admits, current_viewer
from review.actions import number, written
from review.asked import NUMBER
from review.consultant_words import hours_words
from review.database import db, writing
from review.match_words import STATES as MATCH_STATES
from review.register_acting import version_sent
from review.round_problem import frozen_problem, frozen_text
from review.round_todo import todo

blueprint = Blueprint("rounds", __name__, url_prefix="/rondes")

#: Endpoint of the first page of each part of a round -> its name, and the blueprints of all its pages.
TABS: dict[str, tuple[Any, frozenset[str]]] = {
    "rounds.one": (_l("Overzicht"), frozenset({"rounds", "round_form"})),
    "round_seeding.index": (
        _l("Samenstellen"),
        frozenset({"round_seeding", "round_hosting", "round_people"}),
    ),
    "round_choice.index": (_l("Kiezen"), frozenset({"round_choice"})),
    "board.index": (_l("Bord"), frozenset({"board", "board_acting"})),
    "automatic.index": (_l("Automatisch"), frozenset({"automatic"})),
    "comparison.index": (_l("Vergelijken"), frozenset({"comparison"})),
    "matches.index": (_l("Matches"), frozenset({"matches", "matches_acting"})),
}
#: Tabs that are there only in a round that is also paired automatically.
AUTOMATIC = frozenset({"automatic.index", "comparison.index"})
#: The other parts of the menu's entry, beside each other above their lists.
PLACES: dict[str, tuple[Any, frozenset[str]]] = {
    "rounds.index": (_l("Rondes"), frozenset({"rounds", "round_form"})),
    "matches.index": (_l("Matches"), frozenset({"matches"})),
    "consultants.index": (
        _l("Consultants"),
        frozenset({"consultants", "consultant_form", "consultant_files"}),
    ),
    "network.index": (_l("Netwerk"), frozenset({"network"})),
    "lessons.index": (_l("Lessen"), frozenset({"lessons"})),
}


@dataclass(frozen=True)
class Tab:
    """One link beside others."""

    words: Any
    address: str
    #: Value of ``aria-current``; empty = elsewhere.
    here: str


@dataclass(frozen=True)
class Step:
    """One move that the leader can make from here."""

    to: RoundState
    words: str
    #: What is missing, in sentences.
    missing: list[str]
    #: Back, not on.
    back: bool


@blueprint.get("")
def index() -> str | Response:
    """The rounds that this viewer may see, newest first."""
    if "" in request.args.values():
        filled = {name: text for name, text in request.args.items() if text}
        return redirect(url_for(".index", **filled), code=303)  # type: ignore[arg-type]
    asked = request.args.get("stand", "")
    state = RoundState(asked) if asked in set(RoundState) else None
    page = round_page(
        db.session,
        g.viewer,
        state=state,
        after=number(request.args.get("na", "")),
        before=number(request.args.get("voor", "")),
    )
    chosen = {"stand": state.value} if state is not None else {}
    return render_template(
        "rounds.html",
        page=page,
        chosen=chosen,
        stand=chosen.get("stand", ""),
        waiting=waiting_matches(db.session, g.viewer) if g.viewer.answers else 0,
    )


@blueprint.get(f"/<{NUMBER}:round_id>")
def one(round_id: int) -> str:
    """One round."""
    return page_of(round_id)


@blueprint.get(f"/<{NUMBER}:round_id>/verder")
def back(round_id: int) -> Response:
    """The address of the form that moves a round, opened as a page: show the round."""
    get_round(db.session, g.viewer, round_id)
    return redirect(url_for(".one", round_id=round_id), code=303)


@blueprint.post(f"/<{NUMBER}:round_id>/verder")
def act(round_id: int) -> Response | tuple[str, int]:
    """Move a round to another state, or say what is missing."""
    row = get_round(db.session, g.viewer, round_id)
    asked, why = request.form.get("naar", ""), written(request.form, "why")
    if asked not in set(RoundState):
        abort(400)
    to = RoundState(asked)
    try:
        with writing() as session:
            move(
                session,
                round_id,
                to,
                viewer=g.viewer,
                version=version_sent(),
                freeze=frozen_text,
                why=why,
            )
    except RoundNotAllowedError:
        abort(403)
    except (StaleRoundError, RoundStateError):
        return page_of(round_id, stale=True, why=why), 409
    except RoundNotReadyError as error:
        said = [words.missing_words(word, values) for word, values in error.problems]
        if to is RoundState.CANCELLED:
            return page_of(round_id, problems={"why": " ".join(said)}, why=why), 400
        return page_of(round_id, refused=said), 400
    flash(str(words.MOVED[to]), "ok")
    # Where to go on: what is compared is on a page of its own.
    there = "comparison.index" if to is RoundState.COMPARING and _there("comparison.index") else ".one"
    return redirect(url_for(there, round_id=row.id), code=303)


def page_of(
    round_id: int,
    *,
    stale: bool = False,
    refused: list[str] | None = None,
    problems: Mapping[str, str] | None = None,
    why: str = "",
) -> str:
    """The page of a round.

    Args:
        stale: somebody else moved it first; nothing was done.
        refused: what is missing for the move that was asked.
        problems: field of the form that calls it off -> what is wrong.
        why: what was typed there.

    Raises:
        RoundNotFoundError: there is none, or it is not for this viewer.
    """
    row = get_round(db.session, g.viewer, round_id)
    return render_template(
        "round.html",
        round=row,
        tasks=[task for task in todo(row) if task.endpoint == "" or _there(task.endpoint)],
        overlaps=overlaps(db.session, g.viewer, round_id) if row.open else [],
        unreadable=g.viewer.decides and _unreadable(round_id),
        steps=_steps(row) if g.viewer.leads_rounds else [],
        transitions=[one for one in TRANSITIONS if one.fits(row.automatic)],
        stale=stale,
        refused=refused or [],
        problems=problems or {},
        values={"why": why},
        FIELDS=words.NAMES,
        LIMITS={"why": LONGEST_WHY},
        hours_words=hours_words,
        match_states=MATCH_STATES,
    )


def _unreadable(round_id: int) -> bool:
    """Whether what was frozen can't be read any more, so that the round goes on with how things are now."""
    round_ = db.session.get(Round, round_id)
    return round_ is not None and round_.frozen_at is not None and frozen_problem(round_) is None


def _steps(row: RoundView) -> list[Step]:
    """The moves from here but calling off, those back last. The pairing to propose is chosen elsewhere."""
    round_ = db.session.get(Round, row.id)
    ways = [one for one in moves_from(row.state, automatic=row.automatic) if _button(one)]
    if round_ is None:
        return []
    order = list(RoundState)
    found = [
        Step(
            one.after,
            str(_button(one)),
            [words.missing_words(*missing) for missing in what_is_missing(db.session, round_, one.after)],
            back=order.index(one.after) < order.index(one.before),
        )
        for one in ways
    ]
    return sorted(found, key=lambda step: step.back)


def _button(one: Transition) -> Any:
    return words.BUTTONS.get((one.before, one.after))


def _there(endpoint: str) -> bool:
    """Whether this visitor may open a page."""
    viewer = current_viewer()
    return viewer is not None and admits(ACCESS[endpoint], viewer)


def _here(endpoint: str, pages: frozenset[str]) -> str:
    if request.endpoint == endpoint:
        return "page"
    return "true" if request.blueprint in pages else ""


def round_tabs(row: Any) -> list[Tab]:
    """The parts of one round that this visitor may open.

    Args:
        row: the round, or how it is shown.
    """
    return [
        Tab(
            said,
            url_for(endpoint, ronde=row.id)
            if endpoint == "matches.index"
            else url_for(endpoint, round_id=row.id),
            _here(endpoint, pages),
        )
        for endpoint, (said, pages) in TABS.items()
        if _there(endpoint) and (row.automatic or endpoint not in _hidden(row))
    ]


def _hidden(row: Any) -> frozenset[str]:
    """Parts that a round has not which is paired by hand only; while proposing there is advice in it too."""
    return AUTOMATIC - {"automatic.index"} if row.state is RoundState.PROPOSING else AUTOMATIC


def round_places() -> list[Tab]:
    """Rounds, consultants, the network and lessons, as far as this visitor may open them."""
    return [
        Tab(said, url_for(endpoint), _here(endpoint, pages))
        for endpoint, (said, pages) in PLACES.items()
        if _there(endpoint)
    ]


@blueprint.record_once
def use_words(setup: BlueprintSetupState) -> None:
    """Give templates the words for rounds, and the tabs."""
    setup.app.jinja_env.filters.update(
        round_state=lambda state: words.STATES[state],
        round_colour=lambda state: words.COLOURS.get(state, "promoted"),
        round_method=lambda method: words.METHODS[method],
        pairing_kind=lambda kind: words.KINDS[kind],
    )
    setup.app.jinja_env.globals.update(
        round_tabs=round_tabs,
        round_places=round_places,
        round_words=words,
        RoundState=RoundState,
        ROUND_STATES=words.STATES,
    )

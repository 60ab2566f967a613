"""The joint choice: the ballot of a municipality, who chose, and the result once it is closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from models.store.round_result import choice_closed
from models.store.round_votes import (
    Ballot,
    InvalidVoteError,
    StaleBallotError,
    VoteProblem,
    ballot,
    result_shown,
    turnout,
    vote,
    who_voted,
)
from models.store.rounds import (
    RoundInitiativeRow,
    RoundNotAllowedError,
    RoundStateError,
    RoundView,
    initiatives_of,
)
from models.words import RoundState, SelectionMethod
from review import consultant_words as words
from review.asked import NUMBER
from review.database import db, writing
from review.round_choice_words import vote_problem, why_words
from review.round_seeding import round_for

blueprint = Blueprint("round_choice", __name__, url_prefix="/rondes")


@dataclass(frozen=True)
class Typed:
    """A ballot as it stands in the form."""

    #: Number of the initiative -> what stands in its field.
    points: Mapping[int, str]
    conflicts: frozenset[int]
    #: Number of the initiative -> what is wrong; 0 = the whole.
    problems: Mapping[int, str] = field(default_factory=dict)
    #: Added up and not kept.
    added_up: bool = False
    #: A colleague was first.
    stale: bool = False

    @property
    def given(self) -> int:
        """Points together, where they count."""
        return sum(
            words.whole_of(text)
            for number, text in self.points.items()
            if number not in self.conflicts and words.whole_of(text) > 0
        )


@blueprint.get(f"/<{NUMBER}:round_id>/kiezen")
def index(round_id: int) -> str:
    """The ballot while the choosing goes on; after that the result."""
    return _page(round_for(round_id))


@blueprint.post(f"/<{NUMBER}:round_id>/kiezen")
def hand_in(round_id: int) -> Response | tuple[str, int] | str:
    """Keep the ballot, or only add it up for who has no scripts."""
    row = round_for(round_id)
    if row.state is not RoundState.SELECTION:
        flash(_("Het kiezen is niet (meer) open. Er is niets bewaard."), "info")
        return redirect(url_for(".index", round_id=round_id), code=303)
    typed = _typed(row)
    problems = _unread(row, typed)
    if request.form.get("tel", "") == "ja":
        return _page(row, replace(typed, problems=problems, added_up=True))
    if problems:
        return _page(row, replace(typed, problems=problems)), 400
    try:
        return _keep(row, typed)
    except InvalidVoteError as error:
        # What is in the choice no more has no line on the page to say it at.
        shown = {one.initiative_id for one in _choices(round_id)}
        said = {
            number if number in shown else 0: vote_problem(problem, points=row.points, given=typed.given)
            for number, problem in error.problems.items()
        }
        return _page(row, replace(typed, problems=said)), 400
    except StaleBallotError:
        return _page(row, replace(typed, stale=True)), 409


def _keep(row: RoundView, typed: Typed) -> Response:
    try:
        with writing() as session:
            kept = vote(
                session,
                row.id,
                viewer=g.viewer,
                points={number: words.whole_of(text) for number, text in typed.points.items() if text},
                conflicts=typed.conflicts,
                seen=request.form.get("seen", ""),
            )
    except RoundNotAllowedError:
        abort(403, _("Uw gemeente kiest niet mee in deze ronde."))
    except RoundStateError:
        flash(_("Het kiezen is niet (meer) open. Er is niets bewaard."), "info")
    else:
        flash(_kept(row, kept), "ok")
    return redirect(url_for(".index", round_id=row.id), code=303)


def _page(row: RoundView, typed: Typed | None = None) -> str:
    closed = choice_closed(db.session, row.id, row.state)
    choices = _choices(row.id)
    own = ballot(db.session, g.viewer, row.id) if g.viewer.answers else None
    voters = who_voted(db.session, g.viewer, row.id)
    member = own is not None and any(one.code == own.municipality_code and not one.out for one in voters)
    found = result_shown(db.session, g.viewer, row.id) if closed else None
    names = {one.initiative_id: one.name for one in choices}
    by_points = row.method is SelectionMethod.POINTS
    return render_template(
        "round_choice.html",
        round=row,
        closed=closed,
        choosing=row.state is RoundState.SELECTION,
        by_points=by_points,
        choices={one.initiative_id: one for one in choices},
        ballot=own,
        member=member,
        typed=typed or (_written(own) if own else None),
        voters=voters,
        turnout=turnout(db.session, row.id),
        result=found,
        why=lambda one: why_words(one, found, names, by_points=by_points) if found else [],
        words=words,
    )


def _choices(round_id: int) -> list[RoundInitiativeRow]:
    """What can be chosen, by name; once the choosing is closed also what fell out later."""
    rows = initiatives_of(db.session, g.viewer, round_id)
    return [one for one in rows if one.out_at is None or one.selected is not None]


def _typed(row: RoundView) -> Typed:
    """What was sent: the points, or a tick for a yes."""
    points, conflicts = {}, set()
    for one in _choices(row.id):
        number = one.initiative_id
        text = request.form.get(f"punten-{number}", "").strip()[:10]
        points[number] = ("1" if text else "") if row.method is SelectionMethod.APPROVAL else text
        if request.form.get(f"belang-{number}", "") == "ja" or one.own:
            conflicts.add(number)
    return Typed(points, frozenset(conflicts))


def _written(own: Ballot) -> Typed:
    return Typed({number: str(given or "") for number, given in own.points.items()}, own.conflicts)


def _unread(row: RoundView, typed: Typed) -> dict[int, str]:
    """Lines that hold no number, or one that is too large; and too much together."""
    said = {
        number: vote_problem(VoteProblem.OUT_OF_RANGE, points=row.points, given=0)
        for number, text in typed.points.items()
        if text and number not in typed.conflicts and not 0 <= words.whole_of(text) <= row.points
    }
    if not said and row.method is SelectionMethod.POINTS and typed.given > row.points:
        said[0] = vote_problem(VoteProblem.TOO_MANY, points=row.points, given=typed.given)
    return said


def _kept(row: RoundView, kept: Ballot) -> str:
    given = sum(kept.points.values())
    if row.method is SelectionMethod.APPROVAL:
        return str(
            ngettext("Bewaard: u koos %(num)s initiatief.", "Bewaard: u koos %(num)s initiatieven.", given)
        )
    return str(_("Bewaard: u gaf %(given)s van de %(points)s punten.", given=given, points=row.points))

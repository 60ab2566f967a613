"""``/rondes/…/matches``: who was proposed for what, and what the parties say of it."""

from typing import Any

from flask import g, request

from models.store.match_changes import hold_match
from models.store.match_rules import speaks_for
from models.store.matches import (
    InvalidMatchError,
    MatchNotAllowedError,
    MatchNotFoundError,
    MatchRow,
    MatchStateError,
    get_match,
    match_page,
)
from models.store.rounds import RoundNotFoundError, seen_round
from models.words import Scope
from review.api import etags
from review.api.core import Room
from review.api.examples import ADDRESS, MATCH, ROUND
from review.api.names import MATCH_STATES, PARTIES, meaning
from review.api.paging import page, where
from review.api.problems import Mistake, Problem, problem, wrong
from review.api.schemas import IF_MATCH, NUMBER, cleaned
from review.api.schemas_matches import Akkoord, Match, MatchesFilter, MatchesPagina, match_shown
from review.database import db, writing
from review.match_steps import give_answer

room = Room(
    "matches",
    "Matches: een consultant voor een initiatief in een andere gemeente, van voorstel tot afronding. Een "
    "programma van een gemeente ziet die van de eigen initiatieven en van de eigen consultants.",
    path={
        "id": ("Nummer van de ronde.", ROUND["id"]),
        "matchId": ("Nummer van de match.", MATCH["id"]),
    },
)
ONE = f"/rondes/<{NUMBER}:id>/matches/<{NUMBER}:matchId>"
NOT_YOURS = "Dit programma kan niet voor deze partij antwoorden."


@room.operation(
    "GET",
    f"/rondes/<{NUMBER}:id>/matches",
    summary="Matches in een ronde",
    description="Matches in een ronde, nieuwste eerst: alleen wat is voorgesteld. Koppelingen waaraan nog "
    "wordt gewerkt zijn er niet bij.",
    scopes=(Scope.ROUNDS_READ,),
    query=MatchesFilter,
    answer=MatchesPagina,
    example={
        "resultaten": [MATCH],
        "_links": {"self": {"href": f"{ADDRESS}/rondes/{ROUND['id']}/matches"}},
    },
)
def matches_lezen(id: int, query: dict[str, Any]) -> dict[str, Any]:
    """One page of the matches of a round."""
    wanted = where(query)
    _check_round(id)
    found = match_page(
        db.session,
        g.viewer,
        round_id=id,
        state=meaning(MATCH_STATES, query["status"]) if "status" in query else None,
        waiting=query["wacht"],
        after=wanted.after,
        before=wanted.before,
        limit=wanted.limit,
    )
    return page([match_shown(row, g.viewer) for row in found.rows], after=found.after, before=found.before)


@room.operation(
    "GET",
    ONE,
    summary="Eén match",
    description="Eén match. De gemeente van het initiatief ziet wie de consultant is zolang het voorstel "
    "loopt en daarna als iedereen akkoord is.",
    scopes=(Scope.ROUNDS_READ,),
    answer=Match,
    example=MATCH,
    tagged=True,
)
def match_lezen(id: int, matchId: int) -> dict[str, Any]:
    """One match."""
    return match_shown(_match(id, matchId), g.viewer)


@room.operation(
    "POST",
    f"{ONE}/antwoorden",
    summary="Antwoorden op een match",
    description="Zegt of een partij akkoord is met een voorstel. Een gemeente antwoordt als ontvanger voor "
    "het eigen initiatief en als werkgever voor de eigen consultant; de consultant antwoordt met de link in "
    "de e-mail. Een programma van een projectleider schrijft op wat een partij zei, met in toelichting hoe "
    "dat is gehoord. Zijn alle drie akkoord, dan is de match akkoord; wil iemand niet, dan is de match "
    "afgewezen. Van twee antwoorden van een partij telt het laatste, en hetzelfde twee keer sturen telt één "
    "keer. Is de match veranderd sinds de versie die u noemt, of kan er niet meer worden geantwoord, dan is "
    "het antwoord 409 met in match hoe het nu is.",
    scopes=(Scope.ROUNDS_WRITE,),
    body=Akkoord,
    sends={"partij": "ontvanger", "akkoord": True, "toelichting": "Welkom!", "versie": 2},
    answer=Match,
    example=MATCH,
    tagged=True,
    errors=(409, 412),
    headers_in=(IF_MATCH,),
)
def match_beantwoorden(id: int, matchId: int, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a proposal."""
    row = _match(id, matchId)
    party, agrees = meaning(PARTIES, body["partij"]), body["akkoord"]
    reason = cleaned(body.get("toelichting", ""))
    tagged = bool(request.if_match)
    if tagged:
        etags.must_match(Match().dump(match_shown(row, g.viewer)))
    elif "versie" not in body:
        wrong(Mistake("body", "versie", "Noem de versie van de match, of stuur de ETag in If-Match."))
    version = row.version if tagged else body["versie"]
    viewer = g.viewer
    if party not in speaks_for(viewer, host_code=row.municipality_code, employer_code=row.employer_code):
        problem(403, NOT_YOURS)
    try:
        with writing() as store:
            _round, match = hold_match(store, matchId)
            # Said already: whatever happened since, it needs no saying again.
            said = get_match(store, viewer, matchId).answers.get(party)
            same = said is not None and (said.agrees, said.reason) == (agrees, reason)
            if match.version != version and not same:
                raise _Stale
            if not same:
                give_answer(store, matchId, party, agrees, viewer=viewer, reason=reason)
    except _Stale:
        raise _too_late(id, matchId, "De match is veranderd sinds u haar zag") from None
    except MatchStateError:
        raise _too_late(id, matchId, "Op deze match kan niet meer worden geantwoord") from None
    except MatchNotAllowedError:
        problem(403, NOT_YOURS)
    except InvalidMatchError:
        wrong(Mistake("body", "toelichting", "Vul dit in: schrijf hoe u dit hebt gehoord."))
    return match_shown(_match(id, matchId), viewer)


class _Stale(Exception):
    """It is not as the program saw it."""


def _check_round(round_id: int) -> None:
    try:
        seen_round(db.session, g.viewer, round_id)
    except RoundNotFoundError:
        problem(404)


def _match(round_id: int, match_id: int) -> MatchRow:
    """One match of this round.

    Raises:
        Problem: 404: there is none, or it is not for this program.
    """
    _check_round(round_id)
    try:
        row = get_match(db.session, g.viewer, match_id)
    except MatchNotFoundError:
        problem(404)
    if row.round_id != round_id:
        problem(404)
    return row


def _too_late(round_id: int, match_id: int, said: str) -> Problem:
    """It is not as it was, or is past answers: how it is now."""
    now = _match(round_id, match_id)
    return Problem(
        409,
        f"{said}: de status is nu {MATCH_STATES[now.state]}.",
        more={"match": Match().dump(match_shown(now, g.viewer))},
    )

"""Steps of matches that need ``matching`` too: why pairs fit, and how to mend after a decline."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from matching.pairs import fit
from models.base import utc_now
from models.match import Match
from models.round import Round, RoundPair
from models.store.match_answering import Answered, answer_match
from models.store.matches import propose
from models.store.round_rules import hold_any
from models.store.viewer import Viewer
from models.words import PairingKind, Party
from review.round_problem import key_of, problem_of
from review.round_solving import ask_mending


def propose_pairs(
    session: Session, round_id: int, *, viewer: Viewer, now: datetime | None = None
) -> list[Match]:
    """Make matches of the definite pairs, with why each fits; see :func:`models.store.matches.propose`."""
    return propose(session, round_id, viewer=viewer, now=now, explain=explain)


def give_answer(
    session: Session,
    match_id: int,
    party: Party,
    agrees: bool,
    *,
    viewer: Viewer | None,
    reason: str = "",
    now: datetime | None = None,
) -> Answered:
    """Write down an answer, and after a decline ask for a mending job in the same transaction.

    Arguments and errors as for :func:`models.store.matches.answer_match`.
    """
    now = now or utc_now()
    done = answer_match(session, match_id, party, agrees, viewer=viewer, reason=reason, now=now)
    if done.declined:
        round_ = hold_any(session, done.match.round_id)
        ask_mending(session, round_, account_id=viewer.account_id if viewer is not None else None, now=now)
    return done


def explain(session: Session, round_: Round, pairs: list[RoundPair]) -> dict[tuple[int, int], dict[str, Any]]:
    """Why each pair fits, as ``Match.reasons``; nothing of a pair with who is not in the problem."""
    problem = problem_of(session, round_.id, kind=PairingKind.FINAL)
    wanted = {one.key: one for one in problem.initiatives}
    offered = {one.key: one for one in problem.consultants}
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for pair in pairs:
        one, other = wanted.get(key_of(pair.initiative_id)), offered.get(key_of(pair.consultant_id))
        if one is None or other is None:
            continue
        told = fit(problem, one, other)
        found[pair.initiative_id, pair.consultant_id] = {
            "shared": list(told.shared),
            "theme": one.theme is not None and one.theme in other.themes,
            "times": other.themes.get(one.theme or "", 0),
            "km": None if told.km is None else round(told.km),
            "language": one.language if one.language in other.languages else "",
            "parts": {part.name: [round(part.value, 3), round(part.weight, 3)] for part in told.parts},
        }
    return found

"""What consultant, employer and host say of a proposal.

The caller commits; on SQLite the session must be one that writes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.match import Match, MatchAnswer
from models.store.match_changes import check_round, end_match, forbid, hold_match, note, tell_all
from models.store.match_mails import drop
from models.store.match_rules import (
    AGREED,
    ANSWERED_IN,
    ASKED,
    REASON_LIMIT,
    REMINDER,
    REQUEST,
    ROUND_STATES,
    InvalidMatchError,
    MatchNotAllowedError,
    MatchStateError,
    speaks_for,
)
from models.store.matches_list import get_match
from models.store.viewer import Viewer
from models.words import MatchState, Party


@dataclass(frozen=True)
class Answered:
    """What came of an answer."""

    match: Match
    #: It is the first time that this was said, so that something has changed.
    new: bool = False
    #: The pair is gone, and the round should be mended.
    declined: bool = False
    #: All have agreed now.
    agreed: bool = False


def answer_match(
    session: Session,
    match_id: int,
    party: Party,
    agrees: bool,
    *,
    viewer: Viewer | None,
    reason: str = "",
    now: datetime | None = None,
) -> Answered:
    """Write down what a party says; of two answers of one party the newer one counts.

    When all have agreed the match is; when one declines it is over: its pair goes, and may not come again in
    this round. ``Answered.declined`` then asks the caller for a mending job, also while other work goes on:
    the advice is taken over once the leader has gone back to proposing.

    Args:
        viewer: who answers; None = whoever has the secret link of this party.
        reason: in own words. Who writes down what somebody else said has to tell how that was heard.

    Raises:
        MatchNotFoundError, MatchNotAllowedError, MatchStateError, InvalidMatchError: nothing was changed.
    """
    now, reason = now or utc_now(), reason.strip()
    own = _speaking(session, match_id, party, viewer)
    round_, match = hold_match(session, match_id)
    if match.state not in ANSWERED_IN:
        raise MatchStateError("this proposal is not open any more", match.state)
    check_round(round_, match, *ROUND_STATES)
    if len(reason) > REASON_LIMIT:
        raise InvalidMatchError({"reason": "long"})
    if not own and not reason:
        raise InvalidMatchError({"reason": "empty"})
    before = _newest(session, match_id)
    last = before.get(party)
    if last is not None and (last.agrees, last.reason) == (agrees, reason):
        return Answered(match)
    account_id = viewer.account_id if viewer is not None else None
    session.add(
        MatchAnswer(
            match_id=match_id, party=party, agrees=agrees, reason=reason, account_id=account_id, at=now
        )
    )
    session.flush()
    drop(session, match_id, now=now, party=party, kinds=(REQUEST, REMINDER))
    told: dict[str, Any] = {"party": party.value, "answer": agrees}
    if not agrees:
        end_match(session, match, MatchState.DECLINED, account_id=account_id, now=now, **told)
        forbid(session, match, account_id=account_id or match.proposed_by_id, now=now)
        return Answered(match, new=True, declined=True)
    words = {one: answer.agrees for one, answer in before.items()} | {party: True}
    agreed = match.state is MatchState.PROPOSED and all(words.get(one, False) for one in ASKED)
    if agreed:
        match.state = MatchState.AGREED
        tell_all(session, match, AGREED, now=now)
    note(session, match, account_id=account_id, now=now, **told)
    return Answered(match, new=True, agreed=agreed)


def _speaking(session: Session, match_id: int, party: Party, viewer: Viewer | None) -> bool:
    """Whether this viewer speaks for the party itself; False = writes down what it said."""
    if party not in ASKED:
        raise MatchNotAllowedError("this party is not asked")
    if viewer is None:
        return True
    row = get_match(session, viewer, match_id)
    sides = {"host_code": row.municipality_code, "employer_code": row.employer_code}
    if party not in speaks_for(viewer, **sides):
        raise MatchNotAllowedError("this account does not speak for this party")
    return not viewer.leads_rounds


def _newest(session: Session, match_id: int) -> dict[Party, MatchAnswer]:
    rows = session.scalars(
        select(MatchAnswer).where(MatchAnswer.match_id == match_id).order_by(MatchAnswer.id)
    )
    return {row.party: row for row in rows}

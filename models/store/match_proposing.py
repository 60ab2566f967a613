"""Proposing matches: of every definite pair that has none, with the questions to those whose word counts.

The caller commits; on SQLite the session must be one that writes.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.round import Round, RoundConsultant, RoundInitiative, RoundMark, RoundPair
from models.store.audit import record
from models.store.match_changes import DONE
from models.store.match_mails import morning_of, queue_first
from models.store.match_rules import ASKED, LIVE, REMINDER, REQUEST
from models.store.round_rules import hold_round, in_state
from models.store.staff_bodies import same_staff
from models.store.viewer import Viewer
from models.words import MatchState, PairingKind, RoundState
from models.working_days import working_days_after

#: Working days after which a party that has not answered is reminded.
REMIND_AFTER = 5
#: Pairs that are proposed -> why each fits, as ``Match.reasons``.
Explain = Callable[[Session, Round, list[RoundPair]], Mapping[tuple[int, int], dict[str, Any]]]


def propose(
    session: Session,
    round_id: int,
    *,
    viewer: Viewer,
    now: datetime | None = None,
    explain: Explain | None = None,
) -> list[Match]:
    """Make a match of every definite pair that has none, and ask consultant, employer and host.

    A second call makes nothing that is there already. Pairs with who fell out of the round, and pairs that
    are forbidden, are left out.

    Returns:
        The new matches.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, RoundStateError: nothing was changed.
    """
    now = now or utc_now()
    round_ = hold_round(session, viewer, round_id)
    in_state(round_, RoundState.PROPOSING)
    pairs = _to_propose(session, round_id)
    reasons = explain(session, round_, [pair for pair, *_ in pairs]) if explain is not None and pairs else {}
    made = []
    for pair, half_hours, set_aside in pairs:
        why = dict(reasons.get((pair.initiative_id, pair.consultant_id), {}))
        why |= {"broken": list(pair.broken), "set_aside": set_aside}
        made.append(
            Match(
                round_id=round_id,
                initiative_id=pair.initiative_id,
                consultant_id=pair.consultant_id,
                state=MatchState.PROPOSED,
                version=1,
                half_hours=half_hours,
                fit=pair.fit,
                reasons=why,
                proposed_by_id=viewer.account_id,
                proposed_at=now,
                salt=secrets.token_hex(16),
                recommendations="",
                ended_why="",
            )
        )
    # All at once: a round has hundreds.
    session.add_all(made)
    session.flush()
    for match in made:
        after = {
            "done": DONE[match.state],
            "initiative": match.initiative_id,
            "consultant": match.consultant_id,
            "hours": match.half_hours / 2,
        }
        record(session, viewer.account_id, "match", "match", match.id, after=after, at=now)
    _ask(session, made, now)
    return made


def proposable(session: Session, round_id: int) -> int:
    """How many definite pairs of a round have no match yet."""
    return len(_to_propose(session, round_id))


def _to_propose(session: Session, round_id: int) -> list[tuple[RoundPair, int, str]]:
    """Definite pairs without a match, with half hours and why soft rules are set aside."""
    taken = select(Match.initiative_id).where(Match.round_id == round_id, Match.state.in_(sorted(LIVE)))
    rows = session.execute(
        select(
            RoundPair,
            RoundInitiative.half_hours,
            RoundMark.reason,
            RoundMark.forbidden,
            Initiative.municipality_code,
            Consultant.municipality_code,
        )
        .join(Initiative, Initiative.id == RoundPair.initiative_id)
        .join(Consultant, Consultant.id == RoundPair.consultant_id)
        .join(
            RoundInitiative,
            (RoundInitiative.round_id == RoundPair.round_id)
            & (RoundInitiative.initiative_id == RoundPair.initiative_id),
        )
        .join(
            RoundConsultant,
            (RoundConsultant.round_id == RoundPair.round_id)
            & (RoundConsultant.consultant_id == RoundPair.consultant_id),
        )
        .join(
            RoundMark,
            (RoundMark.round_id == RoundPair.round_id)
            & (RoundMark.initiative_id == RoundPair.initiative_id)
            & (RoundMark.consultant_id == RoundPair.consultant_id),
            isouter=True,
        )
        .where(
            RoundPair.round_id == round_id,
            RoundPair.kind == PairingKind.FINAL,
            RoundPair.initiative_id.not_in(taken),
            RoundInitiative.out_at.is_(None),
            RoundConsultant.out_at.is_(None),
            Initiative.withdrawn_at.is_(None),
            Consultant.removed_at.is_(None),
        )
        .order_by(RoundPair.initiative_id)
    )
    same = same_staff(session)
    return [
        (pair, half_hours, reason or "")
        for pair, half_hours, reason, forbidden, host, employer in rows
        # Whatever anybody wrote: help comes from another municipality.
        if not forbidden and not same(host, employer)
    ]


def _ask(session: Session, made: list[Match], now: datetime) -> None:
    remind = morning_of(working_days_after(now.astimezone(ZONE).date(), REMIND_AFTER))
    days = {REQUEST: now, REMINDER: remind}
    queue_first(
        session,
        ((match.id, party, kind, day) for match in made for party in ASKED for kind, day in days.items()),
    )

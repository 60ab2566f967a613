"""The table of moves of a round, and what must be true before each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.municipality import Municipality
from models.round import Round, RoundConsultant, RoundInitiative, RoundJob, RoundMark, RoundPair
from models.store.round_rules import OPEN, RoundStateError, taking_part
from models.store.staff_bodies import same_staff
from models.words import JobPurpose, MatchState, PairingKind, RoundState

#: What is missing: a word, and the numbers and names that go with it.
Missing = tuple[str, dict[str, Any]]
#: Most characters of why a round was called off, and names that are told of what is missing.
LONGEST_WHY = 500
NAMED = 5


@dataclass(frozen=True)
class Transition:
    """One move that can be made. Whoever leads rounds makes it."""

    before: RoundState
    after: RoundState
    #: What must be true, and what it does: words that ``review`` has sentences for.
    needs: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    #: Only in a round that is (True) or is not (False) also paired automatically; None = in both.
    automatic: bool | None = None

    def fits(self, automatic: bool) -> bool:
        """Whether it is there in a round that is also paired automatically, or is not."""
        return self.automatic is None or self.automatic is automatic


_S = RoundState
#: Every move, in the order in which a round goes through them.
TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        _S.SEEDING, _S.SELECTION, ("initiatives", "hosts", "hours", "municipalities"), ("choosers", "asked")
    ),
    Transition(_S.SELECTION, _S.SEEDING, (), ("votes_kept",)),
    Transition(
        _S.SELECTION, _S.PAIRING, ("quorum", "chosen", "consultants"), ("selected", "frozen", "automatic")
    ),
    Transition(_S.PAIRING, _S.COMPARING, ("pairs_by_hand",), ("closed_by_hand", "revealed"), automatic=True),
    Transition(_S.PAIRING, _S.PROPOSING, ("pairs_by_hand",), ("closed_by_hand", "copied"), automatic=False),
    Transition(_S.COMPARING, _S.PROPOSING, ("which", "pairs_of_chosen"), ("copied",), automatic=True),
    Transition(_S.PROPOSING, _S.DEPLOYED, ("all_answered", "some_agreed", "all_proposed"), ("no_more",)),
    Transition(_S.DEPLOYED, _S.PROPOSING, (), ("proposing_again",)),
    Transition(_S.DEPLOYED, _S.CLOSED, ("all_ended",), ("ended",)),
    *(
        Transition(state, _S.CANCELLED, ("why",), ("matches_stopped", "ended"))
        for state in RoundState
        if state in OPEN
    ),
)


def moves_from(state: RoundState, *, automatic: bool) -> tuple[Transition, ...]:
    """The moves that can be made from a state."""
    return tuple(one for one in TRANSITIONS if one.before is state and one.fits(automatic))


def what_is_missing(
    session: Session,
    round_: Round,
    to: RoundState,
    *,
    chosen: PairingKind | None = None,
    why: str = "",
    now: datetime | None = None,
) -> list[Missing]:
    """What must be true before a move and is not; empty = it can be made.

    Args:
        chosen: which pairing is to be proposed, where that is asked.
        why: why it is called off.

    Raises:
        RoundStateError: there is no such move from the state that the round is in.
    """
    session.flush()
    asked = _Asked(session, round_, chosen, why.strip(), now or utc_now())
    found = ((word, _CHECKS[word](asked)) for word in transition(round_, to).needs)
    return [(word, values) for word, values in found if values is not None]


def transition(round_: Round, to: RoundState) -> Transition:
    """The move from where the round is.

    Raises:
        RoundStateError: there is none.
    """
    for one in moves_from(round_.state, automatic=round_.automatic):
        if one.after is to:
            return one
    raise RoundStateError(f"there is no move to {to.value!r} from here", round_.state)


def standing_pairs(session: Session, row: Round, kind: PairingKind | None) -> list[RoundPair]:
    """Pairs of one kind that can be: nobody fell out, of two municipalities still, not forbidden since."""
    forbidden = exists().where(
        RoundMark.round_id == RoundPair.round_id,
        RoundMark.initiative_id == RoundPair.initiative_id,
        RoundMark.consultant_id == RoundPair.consultant_id,
        RoundMark.forbidden,
    )
    rows = session.execute(
        select(RoundPair, Initiative.municipality_code, Consultant.municipality_code)
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
        .join(Initiative, Initiative.id == RoundPair.initiative_id)
        .join(Consultant, Consultant.id == RoundPair.consultant_id)
        .where(
            RoundPair.round_id == row.id,
            RoundPair.kind == kind,
            RoundInitiative.out_at.is_(None),
            RoundConsultant.out_at.is_(None),
            ~forbidden,
        )
        .order_by(RoundPair.initiative_id)
    )
    same = same_staff(session)
    return [pair for pair, host, employer in rows if not same(host, employer)]


@dataclass(frozen=True)
class _Asked:
    """One move as asked for."""

    session: Session
    row: Round
    chosen: PairingKind | None
    why: str
    now: datetime

    def in_round(self) -> list[tuple[RoundInitiative, str]]:
        """Initiatives that did not fall out, with their names."""
        rows = self.session.execute(
            select(RoundInitiative, Initiative.name)
            .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
            .where(RoundInitiative.round_id == self.row.id, RoundInitiative.out_at.is_(None))
            .order_by(Initiative.id)
        )
        return [(one, name) for one, name in rows]

    def matches(self, *states: MatchState) -> int:
        """How many matches are in one of these states."""
        query = select(func.count(Match.id)).where(Match.round_id == self.row.id, Match.state.in_(states))
        return self.session.scalar(query) or 0


def _named(names: list[str]) -> dict[str, Any] | None:
    return {"count": len(names), "names": names[:NAMED]} if names else None


def _initiatives(asked: _Asked) -> dict[str, Any] | None:
    return None if asked.in_round() else {}


def _hosts(asked: _Asked) -> dict[str, Any] | None:
    return _named(
        [name for one, name in asked.in_round() if not (one.host_name and one.host_email and one.host_hours)]
    )


def _hours(asked: _Asked) -> dict[str, Any] | None:
    return _named([name for one, name in asked.in_round() if one.half_hours < 1])


def _municipalities(asked: _Asked) -> dict[str, Any] | None:
    query = select(func.count(Municipality.code)).where(taking_part(asked.now.astimezone(ZONE).date()))
    there = asked.session.scalar(query) or 0
    # Help comes from another municipality, so there have to be two.
    return {"count": there} if there < 2 else None


def _quorum(asked: _Asked) -> dict[str, Any] | None:
    from models.store.round_votes import turnout

    found = turnout(asked.session, asked.row.id)
    if found.met:
        return None
    return {"voted": found.voted, "needed": found.needed, "municipalities": found.municipalities}


def _chosen(asked: _Asked) -> dict[str, Any] | None:
    from models.store.round_votes import result

    return None if result(asked.session, asked.row.id).chosen else {}


def _consultants(asked: _Asked) -> dict[str, Any] | None:
    query = select(func.count()).where(
        RoundConsultant.round_id == asked.row.id, RoundConsultant.out_at.is_(None)
    )
    return None if asked.session.scalar(query) else {}


def _pairs_by_hand(asked: _Asked) -> dict[str, Any] | None:
    return None if standing_pairs(asked.session, asked.row, PairingKind.BY_HAND) else {}


def _which(asked: _Asked) -> dict[str, Any] | None:
    return None if asked.chosen in (PairingKind.BY_HAND, PairingKind.AUTOMATIC) else {}


def _pairs_of_chosen(asked: _Asked) -> dict[str, Any] | None:
    if _which(asked) is not None or standing_pairs(asked.session, asked.row, asked.chosen):
        return None
    waits = asked.session.scalar(
        select(func.count(RoundJob.id)).where(
            RoundJob.round_id == asked.row.id,
            RoundJob.purpose == JobPurpose.BESIDE,
            RoundJob.done_at.is_(None),
            RoundJob.cancelled_at.is_(None),
        )
    )
    return {"waits": bool(waits) and asked.chosen is PairingKind.AUTOMATIC}


def _all_answered(asked: _Asked) -> dict[str, Any] | None:
    count = asked.matches(MatchState.PROPOSED)
    return {"count": count} if count else None


def _some_agreed(asked: _Asked) -> dict[str, Any] | None:
    there = asked.matches(MatchState.AGREED, MatchState.DEPLOYED, MatchState.FINISHED)
    return None if there else {}


def _all_proposed(asked: _Asked) -> dict[str, Any] | None:
    live = select(Match.initiative_id).where(
        Match.round_id == asked.row.id,
        Match.state.not_in([MatchState.DECLINED, MatchState.STOPPED]),
    )
    matched = set(asked.session.scalars(live))
    pairs = standing_pairs(asked.session, asked.row, PairingKind.FINAL)
    count = sum(pair.initiative_id not in matched for pair in pairs)
    return {"count": count} if count else None


def _all_ended(asked: _Asked) -> dict[str, Any] | None:
    count = asked.matches(MatchState.PROPOSED, MatchState.AGREED, MatchState.DEPLOYED)
    return {"count": count} if count else None


def _why(asked: _Asked) -> dict[str, Any] | None:
    if not asked.why:
        return {"limit": LONGEST_WHY, "long": False}
    return {"limit": LONGEST_WHY, "long": True} if len(asked.why) > LONGEST_WHY else None


#: Word of :attr:`Transition.needs` -> values that go with it when it is missing; None = it is not.
_CHECKS: dict[str, Callable[[_Asked], dict[str, Any] | None]] = {
    "initiatives": _initiatives,
    "hosts": _hosts,
    "hours": _hours,
    "municipalities": _municipalities,
    "quorum": _quorum,
    "chosen": _chosen,
    "consultants": _consultants,
    "pairs_by_hand": _pairs_by_hand,
    "which": _which,
    "pairs_of_chosen": _pairs_of_chosen,
    "all_answered": _all_answered,
    "some_agreed": _some_agreed,
    "all_proposed": _all_proposed,
    "all_ended": _all_ended,
    "why": _why,
}

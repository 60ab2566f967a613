"""What came of the joint choice: while it goes on only how many chose, and all totals once it is closed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.round import Round, RoundInitiative, RoundMunicipality, RoundVote
from models.store.audit import record
from models.store.round_counting import Candidate, Result, Voice, count, needed
from models.store.round_rules import RoundNotFoundError, RoundStateError, seen_round
from models.store.viewer import Viewer
from models.words import RoundState

#: States in which nothing was chosen yet.
BEFORE = frozenset({RoundState.SEEDING, RoundState.SELECTION})


@dataclass(frozen=True)
class Turnout:
    """How many chose; tells nothing of what."""

    municipalities: int
    voted: int
    needed: int

    @property
    def met(self) -> bool:
        """Whether the quorum is met."""
        return self.voted >= self.needed


def turnout(session: Session, round_id: int) -> Turnout:
    """How many municipalities chose, for whoever moves the round on; nothing of what they chose.

    Raises:
        RoundNotFoundError: no such round.
    """
    row = session.get(Round, round_id)
    if row is None:
        raise RoundNotFoundError(f"there is no round {round_id}")
    codes = _choosers(session, row)
    chose = select(RoundVote.municipality_code).where(RoundVote.round_id == round_id).distinct()
    return Turnout(
        len(codes), len(codes.intersection(session.scalars(chose))), needed(len(codes), row.quorum)
    )


def result(session: Session, round_id: int) -> Result:
    """The choice, counted; as it was when the choosing was closed, once it is.

    For the product itself: who may see it says :func:`result_shown`.

    Raises:
        RoundNotFoundError: no such round.
    """
    row = session.get(Round, round_id)
    if row is None:
        raise RoundNotFoundError(f"there is no round {round_id}")
    closed = _closed(row)
    candidates = [
        # Once closed the votes say themselves where a municipality had an interest: an entry may move later.
        Candidate(number, town if closed is None else "", out=_fell_out(out_at, closed))
        for number, town, out_at in session.execute(
            select(RoundInitiative.initiative_id, Initiative.municipality_code, RoundInitiative.out_at)
            .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
            .where(RoundInitiative.round_id == round_id)
            .order_by(RoundInitiative.initiative_id)
        )
    ]
    return count(
        candidates,
        _voices(session, round_id),
        municipalities=_choosers(session, row),
        quorum=row.quorum,
        places=row.places,
    )


def _closed(row: Round) -> datetime | None:
    """When the choosing was closed: who or what fell out after that counted in it; None = it was not."""
    return row.frozen_at if row.state not in BEFORE else None


def _fell_out(at: datetime | None, closed: datetime | None) -> bool:
    return at is not None and (closed is None or at <= closed)


def _choosers(session: Session, row: Round) -> set[str]:
    """Codes of the municipalities whose choice counts."""
    rows = session.execute(
        select(RoundMunicipality.municipality_code, RoundMunicipality.out_at).where(
            RoundMunicipality.round_id == row.id
        )
    )
    return {code for code, out_at in rows if not _fell_out(out_at, _closed(row))}


def _voices(session: Session, round_id: int) -> list[Voice]:
    """What was given. Of the many zeros one of each municipality is enough: it says that it has chosen."""
    own = RoundVote.round_id == round_id
    says = or_(RoundVote.points > 0, RoundVote.conflict)
    given = select(
        RoundVote.municipality_code, RoundVote.initiative_id, RoundVote.points, RoundVote.conflict
    ).where(own, says)
    silent = (
        select(RoundVote.municipality_code, func.min(RoundVote.initiative_id))
        .where(own, ~says)
        .group_by(RoundVote.municipality_code)
    )
    voices = [Voice(*row) for row in session.execute(given)]
    return voices + [Voice(code, number, 0) for code, number in session.execute(silent)]


def result_shown(session: Session, viewer: Viewer, round_id: int) -> Result:
    """The choice, counted, for whoever may see the round; not before the choosing is closed.

    Raises:
        RoundNotFoundError: no such round, or not for this viewer.
        RoundStateError: the choosing was not closed.
    """
    row = seen_round(session, viewer, round_id)
    if not choice_closed(session, row.id, row.state):
        raise RoundStateError("the choosing was not closed", row.state)
    return result(session, round_id)


def choice_closed(session: Session, round_id: int, state: RoundState) -> bool:
    """Whether the municipalities have chosen: a round that was called off before that has no choice."""
    if state in BEFORE:
        return False
    decided = select(RoundInitiative.initiative_id).where(
        RoundInitiative.round_id == round_id, RoundInitiative.selected.is_not(None)
    )
    return session.scalar(decided.limit(1)) is not None


def close_choice(session: Session, row: Round, *, now: datetime) -> Result:
    """Write down what was chosen, in the transaction that closes the choosing. The round is held.

    Whether enough municipalities chose is not asked here.
    """
    session.flush()
    found = result(session, row.id)
    chosen = set(found.chosen)
    for one in session.scalars(select(RoundInitiative).where(RoundInitiative.round_id == row.id)):
        one.selected = one.initiative_id in chosen
    session.execute(
        update(RoundVote)
        .where(
            RoundVote.round_id == row.id,
            exists().where(
                Initiative.id == RoundVote.initiative_id,
                Initiative.municipality_code == RoundVote.municipality_code,
            ),
        )
        .values(conflict=True)
        .execution_options(synchronize_session=False)
    )
    after = {"done": "choice closed", "entries": len(chosen)}
    record(session, None, "round", "round", row.id, after=after, at=now)
    return found

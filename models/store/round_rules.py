"""What every writer and reader of matching rounds shares: errors, who sees a round, and holding its row."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.municipality import Municipality
from models.round import Round, RoundMunicipality
from models.store.viewer import Viewer
from models.words import RoundState

#: States in which a round goes on.
OPEN = frozenset(RoundState) - {RoundState.CLOSED, RoundState.CANCELLED}


class RoundError(Exception):
    """A round can't be changed so; nothing was."""


class RoundNotFoundError(RoundError):
    """No round with this number that this viewer may see."""


class RoundNotAllowedError(RoundError):
    """This account may not do this in this round."""


class RoundStateError(RoundError):
    """Not in the state that the round is in now."""

    def __init__(self, message: str, state: RoundState | None = None) -> None:
        super().__init__(message)
        #: The state that it is in; None = not told.
        self.state = state


class StaleRoundError(RoundError):
    """Somebody else moved or changed the round since it was shown."""

    def __init__(self, version: int) -> None:
        super().__init__("the round has changed since it was shown")
        #: The version that it has now.
        self.version = version


class RoundNotReadyError(RoundError):
    """What must be true before a move is not yet.

    ``problems`` holds a word for each thing that is missing, and the numbers and names that go with it.
    """

    def __init__(self, problems: list[tuple[str, dict[str, Any]]]) -> None:
        super().__init__("not ready: " + ", ".join(word for word, _values in problems))
        self.problems = problems


class InvalidRoundError(RoundError):
    """Fields that can't be taken: name of the field -> a word for what is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {word}" for name, word in problems.items()))
        self.problems = dict(problems)


def hold_round(session: Session, viewer: Viewer, round_id: int, version: int | None = None) -> Round:
    """The round, fresh and held until the transaction ends, for whoever leads rounds.

    Every writer of anything in a round holds its row first, before anything else that it holds and before
    the first ``record``: so no two of them wait for each other.

    Args:
        version: ``Round.version`` as shown to the person who moves or changes it; None = does not matter.

    Raises:
        RoundNotFoundError, RoundNotAllowedError, StaleRoundError
    """
    if not viewer.reads:
        raise RoundNotFoundError(f"there is no round {round_id}")
    if not viewer.leads_rounds:
        # Whoever may not even see it is not told that it is there.
        seen_round(session, viewer, round_id)
        raise RoundNotAllowedError("only who leads rounds may do this")
    row = hold_any(session, round_id)
    if version is not None and row.version != version:
        raise StaleRoundError(row.version)
    return row


def seen_round(session: Session, viewer: Viewer, round_id: int, *, now: datetime | None = None) -> Round:
    """The round to read, for whoever may see it.

    Raises:
        RoundNotFoundError: there is none, or it is not for this viewer.
    """
    row = session.scalar(select(Round).where(Round.id == round_id, seen_by(viewer, now=now)))
    if row is None:
        raise RoundNotFoundError(f"there is no round {round_id}")
    return row


def hold_any(session: Session, round_id: int) -> Round:
    """The same without asking who looks: for the product itself, and where the caller asks otherwise.

    Raises:
        RoundNotFoundError: there is no such round.
    """
    row = session.scalar(
        select(Round)
        .where(Round.id == round_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise RoundNotFoundError(f"there is no round {round_id}")
    return row


def hold_open_rounds(session: Session) -> list[Round]:
    """All rounds that go on, held in the order of their numbers.

    Whoever takes something out of whatever round it may be in begins its transaction with this.
    """
    return list(
        session.scalars(
            select(Round)
            .where(Round.state.in_(OPEN))
            .order_by(Round.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def in_state(round_: Round, *states: RoundState) -> None:
    """Check that a round is in one of these states.

    Raises:
        RoundStateError: it is not.
    """
    if round_.state not in states:
        raise RoundStateError(f"not while the round is in state {round_.state.value!r}", round_.state)


def taking_part(day: date) -> ColumnElement[bool]:
    """Condition on municipalities: those that take part in the network on a day."""
    return and_(
        Municipality.participates_from <= day,
        or_(Municipality.participates_until.is_(None), Municipality.participates_until >= day),
    )


def seen_by(viewer: Viewer, *, now: datetime | None = None) -> ColumnElement[bool]:
    """Condition on rounds: those that this viewer may see.

    Staff sees all; a municipality those that it is in, and those being made up while it takes part.
    """
    if viewer.decides:
        return true()
    code = viewer.municipality_code
    if not viewer.reads or code is None:
        return false()
    day = (now or utc_now()).astimezone(ZONE).date()
    chooses = exists().where(
        RoundMunicipality.round_id == Round.id,
        RoundMunicipality.municipality_code == code,
        RoundMunicipality.out_at.is_(None),
    )
    takes = exists().where(Municipality.code == code, taking_part(day))
    return or_(chooses, and_(Round.state == RoundState.SEEDING, takes))

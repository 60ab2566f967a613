"""Who may put what into a round, and which municipalities and consultants can be in it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from models.base import ZONE
from models.consultant import Consultant
from models.initiative import Initiative
from models.municipality import Municipality
from models.round import Round
from models.store.round_rules import (
    RoundNotAllowedError,
    hold_any,
    hold_round,
    seen_round,
    taking_part,
)
from models.store.viewer import Viewer
from models.words import RoundState


def hold_as_writer(session: Session, viewer: Viewer, round_id: int, now: datetime) -> Round:
    """The round, held, for whoever leads rounds, and for a municipality that writes about its own in it.

    Raises:
        RoundNotFoundError, RoundNotAllowedError
    """
    if viewer.leads_rounds or not viewer.answers:
        return hold_round(session, viewer, round_id)
    row = hold_any(session, round_id)
    seen_round(session, viewer, round_id, now=now)
    if row.state is RoundState.SEEDING and not part_takers(session, {viewer.municipality_code or ""}, now):
        # Staff of the network that answers for a municipality as well sees rounds that this one is not in.
        raise RoundNotAllowedError("this municipality takes no part")
    return row


def may_write(viewer: Viewer) -> ColumnElement[bool]:
    """Condition on initiatives: those that this viewer may put in and take out; to read is not enough."""
    return true() if viewer.leads_rounds else Initiative.municipality_code == viewer.municipality_code


def with_time(row: Round, now: datetime) -> ColumnElement[bool]:
    """Condition on consultants: with hours, and in a period that is not over and touches the round's days."""
    today = now.astimezone(ZONE).date()
    in_time = or_(
        Consultant.period_until.is_(None), Consultant.period_until >= max(row.first_day or today, today)
    )
    if row.last_day is not None:
        in_time &= or_(Consultant.period_from.is_(None), Consultant.period_from <= row.last_day)
    return and_(in_time, Consultant.half_hours > 0)


def part_takers(session: Session, codes: Collection[str], now: datetime) -> set[str]:
    """Those of these municipalities that take part today; held, so that none leaves meanwhile."""
    day = now.astimezone(ZONE).date()
    return set(
        session.scalars(
            select(Municipality.code)
            .where(Municipality.code.in_(codes), taking_part(day))
            .order_by(Municipality.code)
            .with_for_update(read=True)
        )
    )

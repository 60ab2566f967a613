"""What can still be put into a round: entries of the register, and consultants who have time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.consultant import Consultant
from models.initiative import Initiative
from models.municipality import Municipality
from models.round import RoundConsultant, RoundInitiative
from models.store.initiatives import InitiativePage, initiative_page
from models.store.round_rules import seen_round, taking_part
from models.store.round_seeding import AT_ONCE
from models.store.round_writers import with_time
from models.store.viewer import Viewer


@dataclass(frozen=True)
class ConsultantChoice:
    """A consultant who can be put into a round, for staff."""

    id: int
    name: str
    municipality_code: str
    municipality: str
    function: str
    #: Slugs.
    expertise: list[str]
    half_hours: int
    most: int
    period_from: date | None
    period_until: date | None


def to_seed(
    session: Session, viewer: Viewer, round_id: int, *, now: datetime | None = None, **filters: Any
) -> InitiativePage:
    """A page of entries of the register that are not in the round; a municipality gets its own.

    Only of municipalities that take part in the network today.

    Args:
        filters: as :func:`models.store.initiatives.initiative_page` takes them.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
    """
    seen_round(session, viewer, round_id, now=now)
    return initiative_page(session, viewer, **filters, also=_outside(round_id, now or utc_now()))


def all_to_seed(
    session: Session, viewer: Viewer, round_id: int, *, now: datetime | None = None, **filters: Any
) -> list[int]:
    """Numbers of all entries that :func:`to_seed` has on its pages, at most :data:`AT_ONCE`, newest first.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
    """
    page = to_seed(session, viewer, round_id, now=now, **filters, limit=AT_ONCE)
    return [one.id for one in page.rows]


def municipalities_to_seed(
    session: Session, viewer: Viewer, round_id: int, *, now: datetime | None = None
) -> list[tuple[str, str, int]]:
    """Code, name and number of entries that can be put in, of each municipality that has any, by name.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
    """
    seen_round(session, viewer, round_id, now=now)
    rows = session.execute(
        select(Municipality.code, Municipality.name, func.count(Initiative.id))
        .join(Initiative, Initiative.municipality_code == Municipality.code)
        .where(
            Initiative.withdrawn_at.is_(None),
            viewer.scope(Initiative.municipality_code),
            _outside(round_id, now or utc_now()),
        )
        .group_by(Municipality.code, Municipality.name)
        .order_by(func.lower(Municipality.name), Municipality.code)
    )
    return [(code, name, count) for code, name, count in rows]


def consultants_to_put(
    session: Session, viewer: Viewer, round_id: int, *, now: datetime | None = None
) -> list[ConsultantChoice]:
    """Consultants who can be put into the round, by municipality and name; for staff, others get none.

    At most :data:`AT_ONCE`.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
    """
    now = now or utc_now()
    row = seen_round(session, viewer, round_id, now=now)
    if not viewer.decides:
        return []
    inside = exists().where(
        RoundConsultant.round_id == round_id,
        RoundConsultant.consultant_id == Consultant.id,
        RoundConsultant.out_at.is_(None),
    )
    rows = session.execute(
        select(Consultant, Municipality.name)
        .join(Municipality, Municipality.code == Consultant.municipality_code)
        .where(
            Consultant.removed_at.is_(None),
            Consultant.available,
            taking_part(now.astimezone(ZONE).date()),
            with_time(row, now),
            ~inside,
        )
        .order_by(func.lower(Municipality.name), func.lower(Consultant.name), Consultant.id)
        .limit(AT_ONCE)
    )
    return [
        ConsultantChoice(
            id=one.id,
            name=one.name,
            municipality_code=one.municipality_code,
            municipality=municipality,
            function=one.function,
            expertise=list(one.expertise),
            half_hours=one.half_hours,
            most=one.most,
            period_from=one.period_from,
            period_until=one.period_until,
        )
        for one, municipality in rows
    ]


def _outside(round_id: int, now: datetime) -> ColumnElement[bool]:
    inside = exists().where(
        RoundInitiative.round_id == round_id,
        RoundInitiative.initiative_id == Initiative.id,
        RoundInitiative.out_at.is_(None),
    )
    parts = select(Municipality.code).where(taking_part(now.astimezone(ZONE).date()))
    return and_(~inside, Initiative.municipality_code.in_(parts))

"""The network as a whole: who takes part on a day, whether its bounds are met, and what it contributes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.municipality import Municipality
from models.settings import Settings
from models.store.audit import audit_page, record
from models.store.municipalities import Participation, find_municipality, set_participation
from models.store.round_rules import hold_open_rounds
from models.store.staff_bodies import LONGEST
from models.store.viewer import Viewer

CENT = Decimal("0.01")


class NetworkNotAllowedError(Exception):
    """This account may not say who takes part. Nothing was changed."""


class BackwardsDaysError(Exception):
    """The last day is before the first one, or there is no first one. Nothing was changed."""


class StaleParticipationError(Exception):
    """Somebody else set the days since they were shown. Nothing was changed."""

    def __init__(self, start: date | None, end: date | None, by: str, at: datetime | None) -> None:
        super().__init__("the days have changed since they were shown")
        #: The days as they are now.
        self.start, self.end = start, end
        #: Name of who set them; empty = a command.
        self.by = by
        #: When; None = not known any more.
        self.at = at


@dataclass(frozen=True)
class Member:
    """One municipality that takes part, did or will."""

    code: str
    name: str
    #: First and last day; no last day = without end.
    start: date | None
    end: date | None
    #: Whether it takes part on the day that was asked about.
    now: bool
    #: CBS, 1 January of ``inhabitants_year``; None = not for this viewer.
    inhabitants: int | None
    inhabitants_year: int | None
    #: Euro a year, to the cent; None = not for this viewer.
    contribution: Decimal | None
    #: The organisation whose civil servants work for it and for others; empty = it has its own.
    staff_body: str = ""


@dataclass(frozen=True)
class Network:
    """The network on one day. Totals count those that take part on that day."""

    day: date
    #: By name: those that take part, and those that did or will.
    members: tuple[Member, ...]
    others: tuple[Member, ...]
    count: int
    inhabitants: int
    #: Years of the inhabitants, oldest first.
    years: tuple[int, ...]
    #: Euro a year: all together, the budget, and how much more (+) or less (-) than the budget that is.
    contribution: Decimal
    budget: Decimal | None
    beyond: Decimal | None
    #: Which bounds are met.
    enough: bool
    not_too_many: bool
    enough_inhabitants: bool


def contribution(inhabitants: int, rate: Decimal) -> Decimal:
    """What so many inhabitants contribute: euro a year, to the cent.

    Args:
        rate: euro an inhabitant a year.
    """
    return (inhabitants * rate).quantize(CENT, ROUND_HALF_UP)


def network(session: Session, viewer: Viewer, settings: Settings, *, day: date) -> Network:
    """Who takes part, with inhabitants and contributions of all for staff, for a municipality of its own.

    An account that sees no content gets an empty network.
    """
    rows = session.scalars(
        select(Municipality)
        .where(or_(Municipality.participates_from.is_not(None), Municipality.participates_until.is_not(None)))
        .order_by(func.lower(Municipality.name), Municipality.code)
    ).all()
    counted = [row for row in rows if viewer.reads and takes_part(row, day)]
    rate = settings.contribution_per_inhabitant
    # Of the amounts as they are asked for, each to the cent, so that the sum is that of the list.
    total = sum((contribution(row.inhabitants, rate) for row in counted), Decimal(0)).quantize(CENT)
    inhabitants = sum(row.inhabitants for row in counted)
    budget = settings.network_budget.quantize(CENT) if settings.network_budget else None
    members = [_member(row, viewer, rate, day) for row in rows if viewer.reads]
    return Network(
        day=day,
        members=tuple(one for one in members if one.now),
        others=tuple(one for one in members if not one.now),
        count=len(counted),
        inhabitants=inhabitants,
        years=tuple(sorted({row.inhabitants_year for row in counted})),
        contribution=total,
        budget=budget,
        beyond=total - budget if budget is not None else None,
        enough=len(counted) >= settings.network_least,
        not_too_many=len(counted) <= settings.network_most,
        enough_inhabitants=inhabitants >= settings.network_inhabitants,
    )


def get_member(
    session: Session, viewer: Viewer, settings: Settings, code: str, *, day: date
) -> Member | None:
    """One municipality, also when it takes no part; None = there is none with this code."""
    row = session.get(Municipality, code)
    rate = settings.contribution_per_inhabitant
    return _member(row, viewer, rate, day) if row is not None and viewer.reads else None


def change_participation(
    session: Session,
    code: str,
    start: date | None,
    end: date | None,
    *,
    viewer: Viewer,
    seen: tuple[date | None, date | None],
    day: date,
) -> Participation:
    """Say from which day until which a municipality takes part. The caller commits.

    Args:
        start: first day; None = it takes no part.
        end: last day; None = without end.
        seen: first and last day as shown to the person who says it.
        day: today.

    Raises:
        NetworkNotAllowedError, BackwardsDaysError, StaleParticipationError: nothing was changed.
        models.store.municipalities.ParticipationError: there is no such municipality.
    """
    if not viewer.keeps_sources:
        raise NetworkNotAllowedError("this account may not say who takes part")
    if end is not None and (start is None or end < start):
        raise BackwardsDaysError("the last day is before the first one")
    hold_open_rounds(session)
    row = session.scalar(
        select(Municipality)
        .where(Municipality.code == code)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    days = (row.participates_from, row.participates_until) if row is not None else seen
    if days not in (seen, (start, end)):
        found, _more = audit_page(
            session, action="participation", object_kind="municipality", object_id=code, limit=1
        )
        by, at = (found[0].by, found[0].at) if found else ("", None)
        raise StaleParticipationError(*days, by, at)
    return set_participation(session, code, start, end, account_id=viewer.account_id, today=day)


def change_staff_body(session: Session, code: str, name: str, *, viewer: Viewer) -> bool:
    """Say which organisation's civil servants work for a municipality. The caller commits.

    Args:
        name: of the organisation, the same for all its municipalities; empty = civil servants of its own.

    Returns:
        Whether that is another one than before.

    Raises:
        NetworkNotAllowedError: nothing was changed.
        models.store.municipalities.ParticipationError: there is no such municipality.
    """
    if not viewer.keeps_sources:
        raise NetworkNotAllowedError("this account may not say whose civil servants work where")
    hold_open_rounds(session)
    row = find_municipality(session, code)
    name = " ".join(name.split())[:LONGEST]
    if row.staff_body == name:
        return False
    row.staff_body = name
    # Which organisation is written text; that there is one is not.
    after = {"fields": ["staff_body"]}
    record(session, viewer.account_id, "participation", "municipality", row.code, after=after)
    return True


def export_network(found: Network) -> list[dict[str, Any]]:
    """One row for each municipality, those that take part first; amounts are euro a year."""
    return [
        {
            "municipality": one.code,
            "name": one.name,
            "first_day": one.start.isoformat() if one.start else None,
            "last_day": one.end.isoformat() if one.end else None,
            "takes_part": "ja" if one.now else "nee",
            "inhabitants": one.inhabitants,
            "inhabitants_year": one.inhabitants_year,
            "contribution": one.contribution if one.now else None,
        }
        for one in (*found.members, *found.others)
    ]


def takes_part(row: Municipality, day: date) -> bool:
    """Whether a municipality takes part on a day."""
    start, end = row.participates_from, row.participates_until
    return start is not None and start <= day and (end is None or day <= end)


def _member(row: Municipality, viewer: Viewer, rate: Decimal, day: date) -> Member:
    known = viewer.decides or viewer.municipality_code == row.code
    return Member(
        code=row.code,
        name=row.name,
        start=row.participates_from,
        end=row.participates_until,
        now=takes_part(row, day),
        inhabitants=row.inhabitants if known else None,
        inhabitants_year=row.inhabitants_year if known else None,
        contribution=contribution(row.inhabitants, rate) if known else None,
        staff_body=row.staff_body,
    )

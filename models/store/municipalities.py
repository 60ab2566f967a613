"""Which municipalities take part in the network, and from when until when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.base import ZONE, utc_now
from models.municipality import Municipality
from models.store.audit import record
from models.store.round_leavers import municipality_left
from models.store.round_rules import hold_open_rounds


class ParticipationError(Exception):
    """The days can't be set; one sentence says why. Nothing was changed."""


@dataclass(frozen=True)
class Participation:
    """One municipality and its days in the network."""

    code: str
    name: str
    #: First day; None = it does not take part.
    start: date | None
    #: Last day; None = without end.
    end: date | None
    #: Whether it takes part on the day that was asked about.
    now: bool


def find_municipality(session: Session, name: str) -> Municipality:
    """The municipality with this name or CBS code; case does not matter.

    Raises:
        ParticipationError: there is none.
    """
    wanted = name.strip()
    found = session.get(Municipality, wanted.upper())
    if found is None:
        # All are looked at: the database's own lower() leaves letters with accents alone.
        rows = session.scalars(select(Municipality).order_by(Municipality.code))
        found = next(
            (one for one in rows if wanted.casefold() in (one.name.casefold(), one.cbs_name.casefold())), None
        )
    if found is None:
        raise ParticipationError(f"there is no municipality {wanted!r}: give its name or CBS code")
    return found


def participations(session: Session, *, today: date | None = None) -> list[Participation]:
    """All municipalities that take part, did or will, by name."""
    day = today or utc_now().date()
    rows = session.scalars(
        select(Municipality)
        .where(or_(Municipality.participates_from.is_not(None), Municipality.participates_until.is_not(None)))
        .order_by(func.lower(Municipality.name))
    )
    return [_of(row, day) for row in rows]


def set_participation(
    session: Session,
    name: str,
    start: date | None,
    end: date | None = None,
    *,
    account_id: int | None = None,
    today: date | None = None,
) -> Participation:
    """Say from which day until which a municipality takes part; the caller commits.

    Args:
        name: its name or CBS code.
        start: first day; None = it does not take part.
        end: last day; None = without end.
        account_id: who does it; None = a command.

    Raises:
        ParticipationError: there is no such municipality, or the days are the wrong way round.
    """
    if end is not None and (start is None or end < start):
        raise ParticipationError("the last day is before the first one")
    day = today or utc_now().astimezone(ZONE).date()
    hold_open_rounds(session)
    row = find_municipality(session, name)
    before = _days(row)
    took_part = _of(row, day).now
    row.participates_from, row.participates_until = start, end
    if took_part and not _of(row, day).now:
        municipality_left(session, row.code, now=utc_now(), account_id=account_id or None)
    if before != _days(row):
        record(
            session, account_id, "participation", "municipality", row.code, before=before, after=_days(row)
        )
    session.flush()
    return _of(row, day)


def _of(row: Municipality, day: date) -> Participation:
    start, end = row.participates_from, row.participates_until
    now = start is not None and start <= day and (end is None or day <= end)
    return Participation(row.code, row.name, start, end, now)


def _days(row: Municipality) -> dict[str, str | None]:
    start, end = row.participates_from, row.participates_until
    return {"from": start.isoformat() if start else None, "until": end.isoformat() if end else None}

"""The rhythm of sources: what each brought by day, noted with the end of every visit.

What is odd stands on the source's row (``Source.signs``), what it brought in ``source_day``: nobody reads
the log of visits for it, which has millions of rows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.health import Day, Noted, Yield, doubled, seen, silent, standing
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.source import Source
from models.source_day import SourceDay
from models.words import LeadStatus, Outcome

#: Days in which accepted leads count.
ACCEPTED_DAYS = 90
#: Days that are kept: those that brought something, and those that brought nothing.
KEEP_DAYS, KEEP_EMPTY_DAYS = 365, 90
#: Keys in one IN list; more, and all rows are read.
MOST_KEYS = 500
#: A find, known before or not.
ACCEPTED = (LeadStatus.PROMOTED, LeadStatus.KNOWN)


@dataclass(frozen=True)
class Rhythm:
    """What sources brought in the last 90 days."""

    #: Only those visited in that time.
    by_source: dict[str, Yield]
    #: Leads accepted in that time, from all sources.
    accepted: int


def day_of(moment: datetime) -> date:
    """The day of a moment, in Amsterdam."""
    return moment.astimezone(ZONE).date()


def among(column: Any, keys: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions for rows of these sources; none for all, nor for more than fit into one list."""
    return () if keys is None or len(keys) > MOST_KEYS else (column.in_(sorted(keys)),)


def note_visit(
    session: Session,
    row: Source,
    *,
    signs: Sequence[Noted],
    outcomes: Mapping[str, int],
    fine: bool,
    looked: bool,
    at: datetime,
) -> None:
    """Add a visit to its source's day, and say which signs stand now. The caller commits.

    Args:
        row: the source; its ``signs`` are set.
        signs: what the visit noted itself.
        fine: it went well.
        looked: it read the list anew.
        at: when it ended.
    """
    today = day_of(at)
    day = session.get(SourceDay, (row.key, today))
    if day is None:
        day = SourceDay(source_key=row.key, day=today, visits=0, new=0, drafts=0)
        session.add(day)
    day.visits += fine
    day.new += outcomes.get(Outcome.NEW.value, 0)
    day.drafts = max(day.drafts, sum(outcomes.values()) if fine else 0)
    over_time: list[Noted] = []
    if fine:
        session.flush()
        days = history(session, row.key, today)
        over_time = [one for one in (silent(days, today), doubled(days, today)) if one is not None]
    now = standing(seen(row.signs), signs, over_time, fine=fine, looked=looked, at=at)
    kept = [sign.as_dict() for sign in now]
    if kept != row.signs:
        row.signs = kept


def history(session: Session, key: str, today: date) -> list[Day]:
    """The days of a source on record, oldest first."""
    rows = session.execute(
        select(SourceDay.day, SourceDay.visits, SourceDay.new, SourceDay.drafts)
        .where(SourceDay.source_key == key, SourceDay.day > today - timedelta(days=KEEP_DAYS))
        .order_by(SourceDay.day)
    )
    return [Day(*row) for row in rows]


def accepted_leads(session: Session, *, now: datetime, keys: Collection[str] | None = None) -> dict[str, int]:
    """Source key -> leads with an item of it that were promoted or known in the last 90 days."""
    counts = (
        select(Item.source_key, func.count(Lead.id.distinct()))
        .join(LeadItem, LeadItem.item_id == Item.id)
        .join(Lead, Lead.id == LeadItem.lead_id)
        .where(
            Lead.decided_at >= now - timedelta(days=ACCEPTED_DAYS),
            Lead.status.in_(ACCEPTED),
            *among(Item.source_key, keys),
        )
        .group_by(Item.source_key)
    )
    return {row[0]: row[1] for row in session.execute(counts)}


def rhythm_of(session: Session, *, now: datetime, keys: Collection[str] | None = None) -> Rhythm:
    """What sources brought in the last 90 days, for how often they are visited."""
    today = day_of(now)
    accepted = accepted_leads(session, now=now, keys=keys)
    rows = session.execute(
        select(
            SourceDay.source_key,
            func.min(SourceDay.day),
            func.sum(SourceDay.new),
            func.max(SourceDay.drafts),
        )
        .where(SourceDay.day > today - timedelta(days=ACCEPTED_DAYS), *among(SourceDay.source_key, keys))
        .group_by(SourceDay.source_key)
    )
    whole = session.scalar(
        select(func.count()).where(
            Lead.decided_at >= now - timedelta(days=ACCEPTED_DAYS), Lead.status.in_(ACCEPTED)
        )
    )
    return Rhythm(
        by_source={
            key: Yield(days=(today - first).days, items=int(new), accepted=accepted.get(key, 0), room=drafts)
            for key, first, new, drafts in rows
        },
        accepted=whole or 0,
    )


def forget_days(session: Session, *, now: datetime) -> None:
    """Remove days past their term. The caller commits."""
    today = day_of(now)
    session.execute(delete(SourceDay).where(SourceDay.day <= today - timedelta(days=KEEP_DAYS)))
    session.execute(
        delete(SourceDay).where(SourceDay.new == 0, SourceDay.day <= today - timedelta(days=KEEP_EMPTY_DAYS))
    )

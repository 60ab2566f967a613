"""What reports count, asked of the database: one query for each function, over the days of one report.

Leads whose items went to another lead are counted there. Shares that were taken back and entries that left
the register do not count.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.lead import Lead
from models.municipality import Municipality
from models.share import Share
from models.store.attention import none_but
from models.store.reports_period import Period, working_days_between
from models.store.share_rules import LAPSE_AFTER, LATEST_DAYS, day_of
from models.store.viewer import Viewer
from models.store.work_places import COUNTED
from models.words import Answer, Ending, LeadStatus, Phase, ShareStatus
from models.working_days import working_days_after

#: Adds a count of a municipality to a number.
Add = Callable[[str | None, str, int], None]
#: Days from an offer within which it lapses at the latest, with room for holidays.
LAPSES_WITHIN = timedelta(days=LATEST_DAYS + 3 * LAPSE_AFTER)
#: What was decided.
DECIDED = (LeadStatus.PROMOTED, LeadStatus.REJECTED, LeadStatus.KNOWN)


@dataclass(frozen=True)
class Asked:
    """Of what a report is, and for whom."""

    session: Session
    viewer: Viewer
    #: None = the whole network.
    code: str | None
    period: Period

    def within(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Condition on a municipality-code column."""
        if self.code is None:
            return self.viewer.scope(column)
        return and_(self.viewer.scope(column), column == self.code)

    def in_days(self, moment: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Condition on a moment."""
        return and_(moment >= self.period.start, moment < self.period.end)


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of one status and ending: how many there are, and what of them was in the days asked for."""

    status: ShareStatus
    ending: Ending | None
    count: int
    offered: int
    in_contact: int
    ended: int


def leads_opened(asked: Asked) -> Iterator[tuple[str | None, str | None, int]]:
    """Municipality, theme and number of leads that came in."""
    yield from asked.session.execute(
        select(Lead.municipality_code, Lead.theme, func.count())
        .where(asked.within(Lead.municipality_code), asked.in_days(Lead.opened_at), none_but(COUNTED))
        .group_by(Lead.municipality_code, Lead.theme)
    )


def leads_decided(asked: Asked) -> Iterator[tuple[str | None, LeadStatus, str | None, int]]:
    """Municipality, status, theme and number of leads on which a decision that still stands was taken."""
    yield from asked.session.execute(
        select(Lead.municipality_code, Lead.status, Lead.theme, func.count())
        .where(asked.within(Lead.municipality_code), asked.in_days(Lead.decided_at), none_but(DECIDED))
        .group_by(Lead.municipality_code, Lead.status, Lead.theme)
    )


def shares(asked: Asked) -> Iterator[tuple[str, Shares]]:
    """Municipality and how its shares stand."""

    def those(moment: InstrumentedAttribute[Any]) -> ColumnElement[int]:
        return func.sum(case((asked.in_days(moment), 1), else_=0))

    for code, status, ending, *numbers in asked.session.execute(
        select(
            Share.municipality_code,
            Share.status,
            Share.ending,
            func.count(),
            those(Share.offered_at),
            those(Share.in_contact_at),
            those(Share.ended_at),
        )
        .where(asked.within(Share.municipality_code), Share.status != ShareStatus.WITHDRAWN)
        .group_by(Share.municipality_code, Share.status, Share.ending)
    ):
        yield code, Shares(status, ending, *numbers)


def lapsed(asked: Asked) -> Iterator[tuple[str, int]]:
    """Municipality and 1 for each share whose term ended in these days without an answer."""
    for code, offered_at, answer, later_on in asked.session.execute(
        select(Share.municipality_code, Share.offered_at, Share.answer, Share.later_on).where(
            asked.within(Share.municipality_code),
            Share.status == ShareStatus.LAPSED,
            Share.offered_at >= asked.period.start - LAPSES_WITHIN,
            Share.offered_at < asked.period.end,
        )
    ):
        first = day_of(offered_at)
        if answer is Answer.LATER and later_on is not None:
            first = max(first, later_on)
        if asked.period.first <= _lapse_day(first) <= asked.period.last:
            yield code, 1


def answers(asked: Asked) -> Iterator[tuple[str, Answer, int]]:
    """Municipality, answer, and the working days between offer and answer, of each answer that was given."""
    for code, answer, offered_at, answered_at in asked.session.execute(
        select(Share.municipality_code, Share.answer, Share.offered_at, Share.answered_at).where(
            asked.within(Share.municipality_code),
            asked.in_days(Share.answered_at),
            Share.status != ShareStatus.WITHDRAWN,
            Share.answer.is_not(None),
        )
    ):
        if answer is not None and answered_at is not None:
            yield code, answer, working_days_between(day_of(offered_at), day_of(answered_at))


def entered(asked: Asked) -> Iterator[tuple[str, int]]:
    """Municipality and number of entries that were made."""
    yield from asked.session.execute(
        select(Initiative.municipality_code, func.count())
        .where(
            asked.within(Initiative.municipality_code),
            asked.in_days(Initiative.created_at),
            Initiative.withdrawn_at.is_(None),
        )
        .group_by(Initiative.municipality_code)
    )


def register_now(asked: Asked) -> Iterator[tuple[str | None, Phase, int]]:
    """Theme, phase and number of entries that the register holds now."""
    yield from asked.session.execute(
        select(Initiative.theme, Initiative.phase, func.count())
        .where(asked.within(Initiative.municipality_code), Initiative.withdrawn_at.is_(None))
        .group_by(Initiative.theme, Initiative.phase)
    )


def entries_now(asked: Asked) -> Iterator[tuple[str, int]]:
    """Municipality and number of its entries in the register now."""
    yield from asked.session.execute(
        select(Initiative.municipality_code, func.count())
        .where(asked.within(Initiative.municipality_code), Initiative.withdrawn_at.is_(None))
        .group_by(Initiative.municipality_code)
    )


def phase_moves(asked: Asked) -> dict[tuple[str, str], int]:
    """Phase before and after -> how often. What an entry did before it came from elsewhere is not counted."""
    old, new = (InitiativeChange.fields[("phase", place)].as_string() for place in (0, 1))
    found: Counter[tuple[str, str]] = Counter()
    for before, after, count in asked.session.execute(
        select(old, new, func.count())
        .join(Initiative, Initiative.id == InitiativeChange.initiative_id)
        .where(
            asked.in_days(InitiativeChange.at),
            new.is_not(None),
            Initiative.withdrawn_at.is_(None),
            asked.within(Initiative.municipality_code),
            here_already(asked),
        )
        .group_by(old, new)
    ):
        found[before, after] += count
    return dict(found)


def here_already(asked: Asked) -> ColumnElement[bool]:
    """The change was made when the entry was of this municipality; of the network all were."""
    if asked.code is None:
        return Initiative.id.is_not(None)
    later = aliased(InitiativeChange)
    return ~exists().where(
        later.initiative_id == InitiativeChange.initiative_id,
        later.id > InitiativeChange.id,
        later.fields[("municipality_code", 1)].as_string().is_not(None),
    )


def taking_part(session: Session, period: Period) -> list[str]:
    """Codes of the municipalities that take part on one of these days."""
    return list(
        session.scalars(
            select(Municipality.code).where(
                Municipality.participates_from <= period.last,
                or_(
                    Municipality.participates_until.is_(None),
                    Municipality.participates_until >= period.first,
                ),
            )
        )
    )


@lru_cache(maxsize=4000)
def _lapse_day(first: date) -> date:
    return working_days_after(first, LAPSE_AFTER)

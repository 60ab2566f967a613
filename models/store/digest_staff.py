"""What the daily digest of the network's own staff tells: what waits, what came in, how sources are doing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.health import SignSeen
from models.initiative import Initiative
from models.lead import Lead
from models.source import Source
from models.store.digest_content import (
    EntryLine,
    entry_of,
    entry_query,
    events_between,
    share_rows,
)
from models.store.health import Uncovered, coverage, source_states
from models.store.share_rules import Move
from models.store.shares_list import ShareRow, share_page
from models.store.viewer import OPERATOR
from models.words import Answer, EventKind, Informed, LeadStatus, Sign, SourceState

#: Signs that staff are told of: what moved, went silent or doubled.
TOLD = frozenset({Sign.MOVED, Sign.SILENT, Sign.DOUBLED})
#: States that staff are told of.
NOT_WELL = frozenset({SourceState.FAILING, SourceState.PAUSED})
#: Days within which the people of an initiative must be told of the register, and days before their end on
#: which the digest begins to ask for it.
INFORM_DAYS, ASK_BEFORE = 30, 7
#: Lines of one part; the page that it links to has all of them.
MOST = 20


@dataclass(frozen=True)
class SourceLine:
    """One source that is not well."""

    key: str
    title: str
    state: SourceState
    signs: tuple[SignSeen, ...]
    #: Visits that failed in a row.
    failures: int


@dataclass(frozen=True)
class ToInform:
    """One entry whose people were not told of the register yet, and the last day for it."""

    entry: EntryLine
    until: date


@dataclass(frozen=True)
class StaffNews:
    """All that one digest tells the staff. Lists hold :data:`MOST` lines at most; beside them how many
    there are."""

    #: Open leads, and when the one that waits longest was opened.
    leads: int
    oldest: datetime | None
    #: Shares whose municipality was reminded and still has not answered.
    overdue: tuple[ShareRow, ...]
    overdue_count: int
    #: Answers since the digest before, those that say "not ours" apart.
    answered: tuple[ShareRow, ...]
    answered_count: int
    not_ours: tuple[ShareRow, ...]
    not_ours_count: int
    #: Sources with a sign that came since the digest before, and those that fail or are paused.
    odd: tuple[SourceLine, ...]
    odd_count: int
    unwell: tuple[SourceLine, ...]
    unwell_count: int
    uncovered: tuple[Uncovered, ...]
    to_inform: tuple[ToInform, ...]
    to_inform_count: int

    @property
    def empty(self) -> bool:
        """Whether nothing waits, came in or is wrong."""
        return not (
            self.leads
            or self.overdue_count
            or self.answered_count
            or self.not_ours_count
            or self.odd_count
            or self.unwell_count
            or self.uncovered
            or self.to_inform_count
        )


def staff_news(session: Session, *, after: int, through: int, since: datetime, now: datetime) -> StaffNews:
    """What staff are told.

    Args:
        after, through: events above the first and up to the second number hold the answers.
        since: when the digest before was sent; signs of sources that came later are told.
    """
    leads, oldest = session.execute(
        select(func.count(), func.min(Lead.opened_at)).where(Lead.status == LeadStatus.OPEN)
    ).one()
    overdue = share_page(session, OPERATOR, overdue=True, limit=MOST)
    answered, not_ours = _answers(session, after, through)
    odd, unwell = _sources(session, since, now)
    to_inform, inform_count = _to_inform(session, now)
    return StaffNews(
        leads=leads,
        oldest=oldest,
        overdue=tuple(overdue.rows),
        overdue_count=overdue.total,
        answered=tuple(answered[:MOST]),
        answered_count=len(answered),
        not_ours=tuple(not_ours[:MOST]),
        not_ours_count=len(not_ours),
        odd=tuple(odd[:MOST]),
        odd_count=len(odd),
        unwell=tuple(unwell[:MOST]),
        unwell_count=len(unwell),
        uncovered=tuple(coverage(session, now=now)),
        to_inform=tuple(to_inform),
        to_inform_count=inform_count,
    )


def _answers(session: Session, after: int, through: int) -> tuple[list[ShareRow], list[ShareRow]]:
    """Shares that were answered in a range of events, and those of them that say "not ours"."""
    numbers = {
        event.share_id
        for event in events_between(session, after, through)
        if event.kind is EventKind.SHARE_CHANGED
        and event.share_id is not None
        and event.data.get("done") == Move.ANSWER
    }
    lines = [line for line in share_rows(session, OPERATOR, numbers) if line.answer is not None]
    return (
        [line for line in lines if line.answer is not Answer.NOT_OURS],
        [line for line in lines if line.answer is Answer.NOT_OURS],
    )


def _sources(session: Session, since: datetime, now: datetime) -> tuple[list[SourceLine], list[SourceLine]]:
    states = source_states(session, now=now)
    titles = {row.key: row.title for row in session.execute(select(Source.key, Source.title))}
    odd, unwell = [], []
    for one in states:
        if one.state in (SourceState.REMOVED, SourceState.DISABLED):
            continue
        fresh = tuple(sign for sign in one.signs if sign.sign in TOLD and sign.since > since)
        line = SourceLine(one.key, titles.get(one.key) or one.key, one.state, fresh, one.failures)
        if fresh:
            odd.append(line)
        elif one.state in NOT_WELL:
            unwell.append(line)
    return odd, unwell


def _to_inform(session: Session, now: datetime) -> tuple[Sequence[ToInform], int]:
    """Entries whose people must be told soon, the most urgent first, and how many there are."""
    soon = (
        Initiative.informed == Informed.TO_DO,
        Initiative.withdrawn_at.is_(None),
        Initiative.created_at <= now - timedelta(days=INFORM_DAYS - ASK_BEFORE),
    )
    count = session.scalar(select(func.count()).select_from(Initiative).where(*soon)) or 0
    rows = session.execute(
        entry_query()
        .add_columns(Initiative.created_at)
        .where(*soon)
        .order_by(None)
        .order_by(Initiative.created_at, Initiative.id)
        .limit(MOST)
    )
    return [
        ToInform(
            entry_of(row, EventKind.INITIATIVE_ENTERED),
            row.created_at.astimezone(ZONE).date() + timedelta(days=INFORM_DAYS),
        )
        for row in rows
    ], count

"""Reports that were closed, what changed since the last one, and closing the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text, true
from sqlalchemy.orm import Session

from models.base import utc_now
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.report import ReportMade
from models.share import Share
from models.store.audit import LOCK, record
from models.store.reports import Figures, check_reportable, figures_of
from models.store.reports_counts import Asked, here_already
from models.store.reports_period import EARLIEST, MOST_DAYS, Period
from models.store.share_rules import day_of
from models.store.viewer import Viewer
from models.words import Answer, Phase, ShareStatus

#: Lines at most of each list of what is new.
MOST_NEWS = 20


class ReportNotAllowedError(Exception):
    """This account may not close a report of this municipality."""


class ReportPeriodError(Exception):
    """These days can't be reported: the last before the first, too many, too early, or still to come."""


class StaleReportError(Exception):
    """Another report was closed since this one was shown."""

    def __init__(self, last: "Made") -> None:
        super().__init__("another report was closed since this one was shown")
        #: The one that is the last now.
        self.last = last


@dataclass(frozen=True)
class Made:
    """One report that was closed."""

    id: int
    period: Period
    made_at: datetime
    figures: Figures


@dataclass(frozen=True)
class NewEntry:
    """An entry that came into the register."""

    id: int
    name: str
    theme: str | None
    phase: Phase
    at: datetime


@dataclass(frozen=True)
class NewPhase:
    """A step that an entry made."""

    id: int
    name: str
    old: str
    new: str
    at: datetime


@dataclass(frozen=True)
class NewAnswer:
    """What was answered about an entry of the register, or about a lead."""

    share_id: int
    #: Name of the entry; empty = it was about a lead.
    name: str
    answer: Answer
    at: datetime


@dataclass(frozen=True)
class News:
    """What happened since a moment, the newest first, :data:`MOST_NEWS` of each at most."""

    since: datetime
    entries: Sequence[NewEntry]
    phases: Sequence[NewPhase]
    answers: Sequence[NewAnswer]


def last_made(
    session: Session, viewer: Viewer, code: str | None, *, before: date | None = None
) -> Made | None:
    """The report of this municipality, or of the network, that was closed last; None = there is none.

    Args:
        before: only those that begin before this day: what a report that begins then is held against.

    Raises:
        UnknownReportError: it does not exist, or is not for this viewer.
    """
    check_reportable(session, viewer, code)
    row = session.scalar(
        select(ReportMade)
        .where(
            ReportMade.municipality_code.is_(None) if code is None else ReportMade.municipality_code == code
        )
        .where(ReportMade.first_day < before if before is not None else true())
        .order_by(ReportMade.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    return Made(row.id, Period(row.first_day, row.last_day), row.made_at, Figures.of_kept(row.figures))


def check_period(period: Period, today: date) -> None:
    """Say no to days that can't be reported.

    Raises:
        ReportPeriodError
    """
    if not EARLIEST <= period.first <= period.last <= today or period.days > MOST_DAYS:
        raise ReportPeriodError(f"{period.first} to {period.last} can't be reported on {today}")


def close_report(
    session: Session,
    code: str | None,
    period: Period,
    *,
    viewer: Viewer,
    last_id: int,
    now: datetime | None = None,
) -> ReportMade:
    """Keep the figures of a report, so that the next one can be held against them; the caller commits.

    Sent twice by the same person it counts once.

    Args:
        last_id: number of the report that was the last one when this one was shown; 0 = there was none.

    Raises:
        UnknownReportError, ReportNotAllowedError, ReportPeriodError, StaleReportError: nothing was changed.
    """
    now = now or utc_now()
    check_reportable(session, viewer, code)
    own = viewer.answers and code == viewer.municipality_code
    if not (viewer.decides or own):
        raise ReportNotAllowedError("this account may not close this report")
    check_period(period, day_of(now))
    if session.get_bind().dialect.name == "postgresql":
        # Two at once: the second one waits here, and then sees the first. The log takes the same lock.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    last = last_made(session, viewer, code)
    if last is not None and last.id != last_id:
        row = session.get_one(ReportMade, last.id)
        if last.period == period and row.made_by_id == viewer.account_id:
            return row
        raise StaleReportError(last)
    made = ReportMade(
        municipality_code=code,
        first_day=period.first,
        last_day=period.last,
        made_by_id=viewer.account_id,
        made_at=now,
        figures=figures_of(session, viewer, code, period).kept(),
    )
    session.add(made)
    session.flush()
    after = {"municipality": code, "from": period.first.isoformat(), "until": period.last.isoformat()}
    record(session, viewer.account_id, "report", "report", made.id, after=after, at=now)
    return made


def news_since(session: Session, viewer: Viewer, code: str, since: datetime) -> News:
    """What happened in one municipality since a moment: new entries, steps, and answers.

    Raises:
        UnknownReportError: it does not exist, or is not for this viewer.
    """
    check_reportable(session, viewer, code)
    asked = Asked(session, viewer, code, Period(day_of(since), day_of(since)))
    here = asked.within(Initiative.municipality_code)
    entries = session.execute(
        select(Initiative.id, Initiative.name, Initiative.theme, Initiative.phase, Initiative.created_at)
        .where(here, Initiative.created_at > since, Initiative.withdrawn_at.is_(None))
        .order_by(Initiative.created_at.desc(), Initiative.id.desc())
        .limit(MOST_NEWS)
    )
    old, new = (InitiativeChange.fields[("phase", place)].as_string() for place in (0, 1))
    phases = session.execute(
        select(Initiative.id, Initiative.name, old, new, InitiativeChange.at)
        .join(Initiative, Initiative.id == InitiativeChange.initiative_id)
        .where(here, InitiativeChange.at > since, new.is_not(None), Initiative.withdrawn_at.is_(None))
        .where(here_already(asked))
        .order_by(InitiativeChange.at.desc(), InitiativeChange.id.desc())
        .limit(MOST_NEWS)
    )
    answers = session.execute(
        select(Share.id, Initiative.name, Initiative.municipality_code, Share.answer, Share.answered_at)
        .join(Initiative, Initiative.id == Share.initiative_id, isouter=True)
        .where(
            asked.within(Share.municipality_code),
            Share.answered_at > since,
            Share.answer.is_not(None),
            Share.status != ShareStatus.WITHDRAWN,
        )
        .order_by(Share.answered_at.desc(), Share.id.desc())
        .limit(MOST_NEWS)
    )
    return News(
        since,
        [NewEntry(*row) for row in entries],
        [NewPhase(*row) for row in phases],
        [
            # What went to another municipality since then is not named.
            NewAnswer(number, (name or "") if of == code else "", answer, at)
            for number, name, of, answer, at in answers
            if answer is not None and at is not None
        ],
    )

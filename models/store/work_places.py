"""What came in of one municipality: leads a week, their themes, and where nothing was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import geo
from models.base import ZONE
from models.lead import Lead
from models.municipality import Municipality
from models.neighbourhoods import Coverage, coverage, districts_of
from models.store.viewer import Viewer
from models.words import LeadStatus

#: Leads of which the items went to another lead are counted there.
COUNTED = tuple(status for status in LeadStatus if status is not LeadStatus.MERGED)


class UnknownMunicipalityError(Exception):
    """No municipality with this code that this viewer may see."""


@dataclass(frozen=True, slots=True)
class Week:
    """What came in and was promoted in one week."""

    #: Its Monday; the last week goes until now.
    monday: date
    opened: int
    promoted: int
    #: Theme -> leads that came in; None = without theme.
    themes: dict[str | None, int]


@dataclass(frozen=True)
class MunicipalWork:
    """Figures of one municipality over a number of weeks."""

    code: str
    name: str
    #: Oldest first.
    weeks: tuple[Week, ...]
    #: Theme -> leads that came in, and of those the promoted ones; None = without theme.
    themes: dict[str | None, tuple[int, int]]
    #: Leads of which the district is not known: nothing but the municipality, or a town with several.
    without_place: int
    coverage: Coverage

    @property
    def opened(self) -> int:
        """All leads that came in."""
        return sum(week.opened for week in self.weeks)

    @property
    def promoted(self) -> int:
        """All leads that were promoted in these weeks, whenever they came in."""
        return sum(week.promoted for week in self.weeks)


def mondays(now: datetime, weeks: int) -> list[date]:
    """The Mondays of the week of ``now`` and those before it, oldest first."""
    today = now.astimezone(ZONE).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(weeks))]


def municipal_work(
    session: Session, viewer: Viewer, code: str, *, weeks: int, now: datetime
) -> MunicipalWork:
    """Figures of one municipality over this week and those before it.

    Raises:
        UnknownMunicipalityError: it does not exist, or is not for this viewer.
    """
    name = session.scalar(
        select(Municipality.name).where(Municipality.code == code, viewer.scope(Municipality.code))
    )
    if name is None:
        raise UnknownMunicipalityError(f"there is no municipality {code}")
    firsts = mondays(now, weeks)
    starts = [_begin(monday) for monday in firsts]
    by_week: list[dict[str | None, int]] = [{} for _ in firsts]
    themes: dict[str | None, tuple[int, int]] = {}
    places: dict[str | None, int] = {}
    week = _week(Lead.opened_at, starts)
    for number, theme, place, status, count in session.execute(
        select(week, Lead.theme, Lead.place_key, Lead.status, func.count())
        .where(Lead.municipality_code == code, Lead.opened_at >= starts[0], Lead.opened_at <= now)
        .where(Lead.status.in_(COUNTED))
        .group_by(week, Lead.theme, Lead.place_key, Lead.status)
    ):
        by_week[number][theme] = by_week[number].get(theme, 0) + count
        all_in, kept = themes.get(theme, (0, 0))
        themes[theme] = all_in + count, kept + (count if status is LeadStatus.PROMOTED else 0)
        places[place] = places.get(place, 0) + count
    promoted = _promoted(session, code, starts, now)
    quarters, towns = _places_of(code)
    located = districts_of(quarters, towns)
    return MunicipalWork(
        code=code,
        name=name,
        weeks=tuple(
            Week(monday, sum(by_week[number].values()), promoted.get(number, 0), by_week[number])
            for number, monday in enumerate(firsts)
        ),
        themes=themes,
        without_place=sum(count for place, count in places.items() if not located.get(place or "")),
        coverage=coverage(quarters, towns, {place for place in places if place is not None}),
    )


def _promoted(session: Session, code: str, starts: Sequence[datetime], now: datetime) -> dict[int, int]:
    """Number of a week -> leads promoted in it."""
    week = _week(Lead.decided_at, starts)
    rows = session.execute(
        select(week, func.count())
        .where(
            Lead.status == LeadStatus.PROMOTED,
            Lead.municipality_code == code,
            Lead.decided_at >= starts[0],
            Lead.decided_at <= now,
        )
        .group_by(week)
    )
    return {number: count for number, count in rows}  # noqa: C416 - rows are not pairs to mypy


def _begin(monday: date) -> datetime:
    return datetime(monday.year, monday.month, monday.day, tzinfo=ZONE).astimezone(UTC)


def _week(
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    starts: Sequence[datetime],
) -> ColumnElement[int]:
    """Number of the week in which a moment falls, 0 for the oldest; earlier ones are not asked for."""
    newest_first = list(enumerate(starts))[::-1]
    return case(*((moment >= start, literal(number)) for number, start in newest_first), else_=literal(0))


@lru_cache(maxsize=512)
def _places_of(code: str) -> tuple[tuple[geo.QuarterFacts, ...], tuple[geo.TownFacts, ...]]:
    return (
        tuple(one for one in geo.quarters() if one.municipality_code == code),
        tuple(one for one in geo.towns() if one.municipality_code == code),
    )

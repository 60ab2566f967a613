"""What came in of one municipality: by week, theme and place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.lead import Lead
from models.store.viewer import OPERATOR, Viewer
from models.store.work_places import UnknownMunicipalityError, mondays, municipal_work
from models.words import LeadStatus, Role
from tests.review.factories import ARNHEM, RHEDEN, place_key

#: A Wednesday.
NOW = datetime(2026, 10, 14, 15, 0, tzinfo=UTC)


def opened(
    session: Session,
    at: datetime,
    *,
    status: LeadStatus = LeadStatus.OPEN,
    theme: str | None = "groen",
    code: str = RHEDEN,
    place: str = "",
    decided_at: datetime | None = None,
) -> None:
    session.add(
        Lead(
            status=status,
            title="",
            municipality_code=code,
            place_key=place_key(session, code, place) if place else None,
            theme=theme,
            score=0.9,
            opened_at=at,
            extended_at=at,
            decided_at=decided_at,
        )
    )
    session.flush()


def test_weeks_begin_on_mondays_at_midnight_here() -> None:
    assert mondays(NOW, 3) == [date(2026, 9, 28), date(2026, 10, 5), date(2026, 10, 12)]
    # Sunday evening in UTC is Monday here.
    assert mondays(datetime(2026, 10, 18, 22, 30, tzinfo=UTC), 1) == [date(2026, 10, 19)]


@pytest.mark.both_databases
def test_leads_are_counted_in_the_week_they_came_and_promoted_ones_in_that_of_the_decision(
    session: Session,
) -> None:
    monday = datetime(2026, 10, 11, 22, 0, tzinfo=UTC)  # midnight here
    opened(session, monday)
    opened(session, monday - timedelta(seconds=1), theme="zorg")
    opened(session, monday - timedelta(days=8), theme="zorg", status=LeadStatus.PROMOTED, decided_at=NOW)
    opened(session, monday - timedelta(days=8), theme=None, status=LeadStatus.MERGED)
    opened(session, monday - timedelta(days=8), theme=None, status=LeadStatus.EXPIRED)
    opened(session, monday - timedelta(days=60), status=LeadStatus.PROMOTED, decided_at=monday)
    opened(session, NOW, code=ARNHEM, status=LeadStatus.PROMOTED, decided_at=NOW)

    work = municipal_work(session, OPERATOR, RHEDEN, weeks=3, now=NOW)

    assert work.name == "Rheden"
    assert [(week.monday.day, week.opened, week.promoted) for week in work.weeks] == [
        (28, 2, 0),
        (5, 1, 0),
        (12, 1, 2),
    ]
    assert [week.themes for week in work.weeks] == [{"zorg": 1, None: 1}, {"zorg": 1}, {"groen": 1}]
    assert work.themes == {"zorg": (2, 1), None: (1, 0), "groen": (1, 0)}
    assert (work.opened, work.promoted) == (4, 2)


@pytest.mark.both_databases
def test_where_nothing_was_found_is_about_the_weeks_asked_for(session: Session) -> None:
    opened(session, NOW, place="Velp-Noord boven spoorlijn")
    opened(session, NOW, place="Dieren")
    opened(session, NOW - timedelta(days=70), place="Spankeren")
    opened(session, NOW)

    work = municipal_work(session, OPERATOR, RHEDEN, weeks=2, now=NOW)

    assert work.coverage.districts == ("Rheden",)
    assert "Spankeren" in work.coverage.towns
    assert not {"Velp", "Dieren"} & set(work.coverage.towns)
    longer = municipal_work(session, OPERATOR, RHEDEN, weeks=20, now=NOW)
    assert "Spankeren" not in longer.coverage.towns
    assert longer.without_place == 1


def test_a_municipality_asks_for_itself_only(session: Session) -> None:
    opened(session, NOW, code=ARNHEM)
    clerk = Viewer(account_id=7, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)

    assert municipal_work(session, clerk, RHEDEN, weeks=2, now=NOW).opened == 0
    for viewer, code in ((clerk, ARNHEM), (clerk, "GM9999"), (OPERATOR, "GM9999")):
        with pytest.raises(UnknownMunicipalityError):
            municipal_work(session, viewer, code, weeks=2, now=NOW)
    officer = Viewer(account_id=8, name="", roles=frozenset({Role.PRIVACY_OFFICER}))
    with pytest.raises(UnknownMunicipalityError):
        municipal_work(session, officer, RHEDEN, weeks=2, now=NOW)

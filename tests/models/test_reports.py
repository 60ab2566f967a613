"""Reports: a quarter in Arnhem, what changed since the last one, and which groups are not reached."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.lead import Lead
from models.municipality import Municipality
from models.report import EngagementProfile, ReportMade
from models.share import Share
from models.store.profiles import (
    ProfilesNotAllowedError,
    StaleProfilesError,
    profiles_of,
    reached,
    replace_profiles,
)
from models.store.reports import Figures, UnknownReportError, figures_of
from models.store.reports_made import (
    ReportNotAllowedError,
    ReportPeriodError,
    StaleReportError,
    close_report,
    last_made,
    news_since,
)
from models.store.reports_period import Period, presets, working_days_between
from models.store.reports_places import places_of
from models.store.viewer import Viewer
from models.words import Answer, Ending, LeadStatus, Phase, Role, ShareStatus
from tests.review.factories import ARNHEM, RHEDEN, make_account, place_key, viewer_of

#: The third quarter; midnight here is two hours earlier in UTC.
QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def ada(session: Session) -> Viewer:
    """A reviewer."""
    return viewer_of(make_account(session))


@pytest.fixture
def clerk(session: Session) -> Viewer:
    """An officer of Arnhem."""
    made = make_account(
        session, "arnhem@voorbeeld.example", name="Gerda", roles=[Role.MUNICIPALITY], municipality="Arnhem"
    )
    return viewer_of(made)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def lead(session: Session, opened: datetime, status: LeadStatus = LeadStatus.OPEN, **fields: Any) -> Lead:
    values = {"municipality_code": ARNHEM, "theme": "groen", "score": 0.9, "title": "", **fields}
    row = Lead(status=status, opened_at=opened, extended_at=opened, **values)
    session.add(row)
    session.flush()
    return row


def entry(session: Session, by: Viewer, created: datetime, place: str = "", **fields: Any) -> Initiative:
    code = fields.pop("municipality_code", ARNHEM)
    values = {"name": "Buurttuin", "summary": "Een tuin.", "theme": "groen", **fields}
    row = Initiative(
        municipality_code=code,
        place_key=place_key(session, code, place) if place else None,
        created_by_id=by.account_id,
        created_at=created,
        updated_at=created,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def step(session: Session, of: Initiative, when: datetime, **fields: Any) -> None:
    session.add(InitiativeChange(initiative_id=of.id, at=when, fields=fields))
    session.flush()


def share(session: Session, by: Viewer, offered: datetime, status: ShareStatus, **fields: Any) -> Share:
    code = fields.pop("municipality_code", ARNHEM)
    of = fields.pop("initiative", None) or entry(session, by, at(date(2025, 1, 1)), municipality_code=code)
    row = Share(
        municipality_code=code,
        initiative_id=of.id,
        status=status,
        offered_by_id=by.account_id,
        offered_at=offered,
        **fields,
    )
    session.add(row)
    session.flush()
    return row


def a_quarter(session: Session, ada: Viewer) -> None:
    """What happened in Arnhem, something in Rheden, and much just outside the quarter."""
    first_moment, too_late = (
        datetime(2026, 6, 30, 22, 0, tzinfo=UTC),
        datetime(2026, 9, 30, 22, 0, tzinfo=UTC),
    )
    lead(session, first_moment)
    lead(session, first_moment - timedelta(seconds=1))
    lead(session, too_late)
    lead(session, at(date(2026, 8, 3)), LeadStatus.PROMOTED, decided_at=at(date(2026, 8, 4)), theme="zorg")
    lead(session, at(date(2026, 6, 3)), LeadStatus.PROMOTED, decided_at=at(date(2026, 7, 4)), theme=None)
    lead(session, at(date(2026, 8, 3)), LeadStatus.PROMOTED, decided_at=too_late)
    lead(session, at(date(2026, 8, 5)), LeadStatus.REJECTED, decided_at=at(date(2026, 8, 6)))
    lead(session, at(date(2026, 8, 5)), LeadStatus.KNOWN, decided_at=at(date(2026, 8, 6)))
    lead(session, at(date(2026, 8, 5)), LeadStatus.MERGED, decided_at=at(date(2026, 8, 6)))
    lead(session, at(date(2026, 8, 5)), municipality_code=RHEDEN)
    lead(session, at(date(2026, 8, 5)), municipality_code=None)
    old = entry(session, ada, at(date(2026, 5, 1)), "Klarendal-Noord", phase=Phase.GUIDED)
    step(session, old, at(date(2026, 6, 1)), phase=["gesignaleerd", "in_contact"])
    step(session, old, at(date(2026, 7, 9)), phase=["in_contact", "begeleid"])
    step(session, old, at(date(2026, 7, 9)), name=["Tuin", "Buurttuin"])
    entry(session, ada, at(date(2026, 9, 1)), theme="zorg", name="Eettafel")
    entry(session, ada, at(date(2026, 9, 1)), withdrawn_at=at(date(2026, 9, 2)))
    moved = entry(session, ada, at(date(2026, 6, 1)), name="Verhuisd", theme="sport")
    step(session, moved, at(date(2026, 7, 10)), phase=["gesignaleerd", "gestopt"])
    step(session, moved, at(date(2026, 7, 11)), municipality_code=[RHEDEN, ARNHEM])
    # Friday to Monday is one working day; Friday 3 July to 17 July is ten.
    friday = date(2026, 7, 3)
    told = {"answer": Answer.TAKEN_UP, "answered_at": at(date(2026, 7, 6))}
    share(session, ada, at(friday), ShareStatus.IN_CONTACT, in_contact_at=at(date(2026, 7, 8)), **told)
    share(
        session,
        ada,
        at(friday),
        ShareStatus.CLOSED,
        ending=Ending.HELPED,
        ended_at=at(date(2026, 9, 1)),
        in_contact_at=at(date(2026, 6, 1)),
        answer=Answer.TAKEN_UP,
        answered_at=at(date(2026, 7, 17)),
    )
    share(session, ada, at(friday), ShareStatus.ANSWERED, answer=Answer.NOT_OURS, answered_at=at(friday, 12))
    share(session, ada, at(date(2026, 9, 29)), ShareStatus.SEEN)
    share(session, ada, at(date(2026, 6, 15)), ShareStatus.LAPSED)
    share(session, ada, at(date(2026, 9, 15)), ShareStatus.LAPSED)
    share(session, ada, at(friday), ShareStatus.WITHDRAWN, **told)
    share(session, ada, at(friday), ShareStatus.SEEN, municipality_code=RHEDEN)


@pytest.mark.both_databases
def test_a_quarter_in_arnhem_is_counted_to_the_day(session: Session, ada: Viewer, clerk: Viewer) -> None:
    a_quarter(session, ada)

    found = figures_of(session, clerk, ARNHEM, QUARTER)

    numbers = {key: number for key, number in found.numbers.items() if number}
    assert numbers == {
        "leads_opened": 5,
        "leads_promoted": 2,
        "leads_rejected": 1,
        "leads_known": 1,
        "shares_offered": 5,
        "shares_answered": 3,
        "answer_opgepakt": 2,
        "answer_niet_van_ons": 1,
        "days_median": 1,
        "days_longest": 10,
        "shares_lapsed": 1,
        "shares_in_contact": 1,
        "shares_closed": 1,
        "ending_geholpen": 1,
        "shares_waiting": 1,
        "entered": 1,
        "moves": 1,
        "in_register": 10,
        "phase_gesignaleerd": 9,
        "phase_begeleid": 1,
    }
    assert found.themes == {"groen": (4, 0, 8), "zorg": (1, 1, 1), "": (0, 1, 0), "sport": (0, 0, 1)}
    assert found.moves == {("in_contact", "begeleid"): 1}
    assert found.municipalities == {}
    assert Figures.of_kept(found.kept()) == found
    assert figures_of(session, ada, ARNHEM, QUARTER) == found
    nothing = figures_of(session, clerk, ARNHEM, Period(date(2024, 1, 1), date(2024, 1, 2))).numbers
    assert nothing["leads_opened"] == 0
    assert nothing["days_median"] is None


@pytest.mark.both_databases
def test_the_network_has_a_line_for_each_municipality_and_their_sum(session: Session, ada: Viewer) -> None:
    a_quarter(session, ada)
    session.get_one(Municipality, "GM0268").participates_from = date(2026, 9, 30)
    session.flush()

    found = figures_of(session, ada, None, QUARTER)

    assert {code: row["leads_opened"] for code, row in found.municipalities.items()} == {
        ARNHEM: 5,
        RHEDEN: 1,
        "": 1,
        "GM0268": 0,
    }
    assert found.municipalities[RHEDEN] == {
        "leads_opened": 1,
        "leads_promoted": 0,
        "shares_offered": 1,
        "shares_answered": 0,
        "shares_waiting": 1,
        "entered": 0,
        "in_register": 1,
    }
    assert found.numbers["leads_opened"] == 7
    # Of an entry that moved, the step before that counts for the network.
    assert found.moves == {("in_contact", "begeleid"): 1, ("gesignaleerd", "gestopt"): 1}
    assert Figures.of_kept(found.kept()) == found


def test_a_municipality_asks_for_itself_only(session: Session, ada: Viewer, clerk: Viewer) -> None:
    officer = Viewer(account_id=8, name="", roles=frozenset({Role.PRIVACY_OFFICER}))
    for viewer, code in (
        (clerk, RHEDEN),
        (clerk, None),
        (clerk, "GM9999"),
        (officer, ARNHEM),
        (officer, None),
    ):
        for ask in (
            lambda viewer=viewer, code=code: figures_of(session, viewer, code, QUARTER),
            lambda viewer=viewer, code=code: last_made(session, viewer, code),
            lambda viewer=viewer, code=code: news_since(session, viewer, code or "", NOW),
            lambda viewer=viewer, code=code: profiles_of(session, viewer, code or "GM9999"),
            lambda viewer=viewer, code=code: close_report(session, code, QUARTER, viewer=viewer, last_id=0),
            lambda viewer=viewer, code=code: replace_profiles(
                session, code or "GM9999", {}, viewer=viewer, seen=None
            ),
        ):
            with pytest.raises(UnknownReportError):
                ask()
    assert session.scalar(select(ReportMade.id)) is None


@pytest.mark.both_databases
def test_where_initiatives_are_and_where_not(session: Session, ada: Viewer) -> None:
    entry(session, ada, at(date(2026, 8, 1)), "Klarendal-Noord")
    entry(session, ada, at(date(2026, 8, 1)), "Klarendal")
    entry(session, ada, at(date(2026, 8, 1)))
    lead(session, at(date(2026, 8, 3)), place_key=place_key(session, ARNHEM, "Spijkerkwartier"))
    lead(session, at(date(2026, 1, 3)), place_key=place_key(session, ARNHEM, "Centrum"))

    found = places_of(session, ada, ARNHEM, QUARTER)

    districts = {one.spot.name: (one.spot.entries, one.spot.leads) for one in found.districts}
    assert districts["Klarendal"] == (2, 0)
    assert districts["Spijkerkwartier"] == (0, 1)
    assert districts["Centrum"] == (0, 0)
    near = {spot.name: spot.entries for spot in found.neighbourhoods if spot.entries}
    assert near == {"Klarendal-Noord": 1}
    assert (found.entries_elsewhere, found.leads_elsewhere) == (1, 0)
    # The only town holds all.
    assert [(town.name, town.entries) for town in found.towns] == [("Arnhem", 3)]
    assert all(one.neighbourhoods for one in found.districts)


@pytest.mark.both_databases
def test_a_closed_report_is_what_the_next_one_is_held_against(
    session: Session, ada: Viewer, clerk: Viewer
) -> None:
    a_quarter(session, ada)
    assert last_made(session, clerk, ARNHEM) is None

    made = close_report(session, ARNHEM, QUARTER, viewer=clerk, last_id=0, now=NOW)
    session.commit()

    last = last_made(session, clerk, ARNHEM)
    assert last is not None
    assert (last.id, last.period, last.made_at) == (made.id, QUARTER, NOW)
    assert last.figures == figures_of(session, clerk, ARNHEM, QUARTER)
    assert last_made(session, ada, RHEDEN) is None
    assert last_made(session, ada, None) is None
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "report")).one()
    assert logged.after == {"municipality": ARNHEM, "from": "2026-07-01", "until": "2026-09-30"}

    # A double click counts once; a colleague who was slower is told.
    again = close_report(session, ARNHEM, QUARTER, viewer=clerk, last_id=0, now=NOW + timedelta(seconds=1))
    assert again.id == made.id
    with pytest.raises(StaleReportError) as stale:
        close_report(session, ARNHEM, QUARTER, viewer=ada, last_id=0, now=NOW)
    assert stale.value.last == last
    later = entry(session, ada, NOW + timedelta(hours=1), name="Klusclub")
    step(session, later, NOW + timedelta(hours=2), phase=["gesignaleerd", "in_contact"])
    told = share(
        session,
        ada,
        NOW,
        ShareStatus.ANSWERED,
        initiative=later,
        answer=Answer.LATER,
        answered_at=at(NOW, 12),
    )
    news = news_since(session, clerk, ARNHEM, last.made_at)
    assert [one.name for one in news.entries] == ["Klusclub"]
    assert [(one.name, one.old, one.new) for one in news.phases] == [
        ("Klusclub", "gesignaleerd", "in_contact")
    ]
    assert [(one.share_id, one.name, one.answer) for one in news.answers] == [
        (told.id, "Klusclub", Answer.LATER)
    ]
    # Since then it went to another municipality: no name of what is there.
    later.municipality_code = RHEDEN
    session.flush()
    news = news_since(session, clerk, ARNHEM, last.made_at)
    assert (list(news.entries), list(news.phases)) == ([], [])
    assert [one.name for one in news.answers] == [""]


def test_days_that_cannot_be_reported_are_refused(session: Session, ada: Viewer) -> None:
    for first, last in (
        (date(2026, 10, 1), date(2026, 9, 1)),
        (date(2026, 9, 1), date(2026, 10, 2)),
        (date(1999, 1, 1), date(2026, 9, 1)),
    ):
        with pytest.raises(ReportPeriodError):
            close_report(session, ARNHEM, Period(first, last), viewer=ada, last_id=0, now=NOW)
    bare = Viewer(account_id=7, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=ARNHEM)
    assert bare.answers
    with pytest.raises(UnknownReportError):
        close_report(session, None, QUARTER, viewer=bare, last_id=0, now=NOW)
    assert issubclass(ReportNotAllowedError, Exception)


def test_periods_that_are_proposed() -> None:
    today = date(2026, 5, 20)
    found = presets(today, date(2026, 5, 4))
    assert next(iter(found)) == "sinds"
    assert {word: (one.first, one.days) for word, one in found.items()} == {
        "sinds": (date(2026, 5, 5), 16),
        "4-weken": (date(2026, 4, 23), 28),
        "3-weken": (date(2026, 4, 30), 21),
        "kwartaal": (date(2026, 4, 1), 50),
        "jaar": (date(2026, 1, 1), 140),
    }
    assert next(iter(presets(today, today))) == next(iter(presets(today))) == "4-weken"


def test_working_days_between_days() -> None:
    friday = date(2026, 7, 3)
    assert [working_days_between(friday, friday + timedelta(days=days)) for days in (0, 1, 3, 14)] == [
        0,
        0,
        1,
        10,
    ]
    # Good Friday and Easter Monday.
    assert working_days_between(date(2026, 4, 2), date(2026, 4, 7)) == 1


def neighbourhoods(session: Session, name: str) -> list[str]:
    found = places_of(session, OPEN, ARNHEM, QUARTER)
    return [spot.code for one in found.districts if one.spot.name == name for spot in one.neighbourhoods]


OPEN = Viewer(account_id=0, name="", roles=frozenset({Role.ADMIN}))


@pytest.mark.both_databases
def test_groups_without_an_initiative_are_named_first(session: Session, ada: Viewer, clerk: Viewer) -> None:
    south, north = neighbourhoods(session, "Klarendal")[:2]
    centre = neighbourhoods(session, "Centrum")[0]
    entry(session, ada, NOW, "Klarendal-Noord")
    entry(session, ada, NOW, "Klarendal")
    shares = {
        north: {"Actief": 0.6, "Op afstand": 0.4},
        south: {"Actief": 0.5, "Op afstand": 0.5},
        centre: {"Actief": 0.1, "Op afstand": 0.9},
        neighbourhoods(session, "Centrum")[1]: {"Actief": 0.2, "Op afstand": 0.8},
    }

    replace_profiles(session, ARNHEM, shares, viewer=clerk, seen=None, now=NOW)
    session.commit()

    profiles = profiles_of(session, clerk, ARNHEM)
    assert profiles is not None
    assert profiles.groups == ("Actief", "Op afstand")
    found = reached(profiles, places_of(session, clerk, ARNHEM, QUARTER))
    assert [(one.group, one.largest_in, one.with_entries, one.entries) for one in found] == [
        ("Op afstand", 3, 1, 1),
        ("Actief", 2, 2, 2),
    ]
    assert found[0].share == pytest.approx(0.65)
    del shares[south]
    replace_profiles(session, ARNHEM, shares, viewer=clerk, seen=NOW, now=NOW + timedelta(hours=1))
    profiles = profiles_of(session, clerk, ARNHEM)
    assert profiles is not None
    first = reached(profiles, places_of(session, clerk, ARNHEM, QUARTER))[0]
    assert (first.group, first.entries) == ("Op afstand", 0)

    # Who saw the old ones changes nothing; nor does another municipality.
    with pytest.raises(StaleProfilesError):
        replace_profiles(session, ARNHEM, {}, viewer=ada, seen=NOW)
    rheden = Viewer(account_id=7, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)
    assert profiles_of(session, rheden, RHEDEN) is None
    assert replace_profiles(session, ARNHEM, {}, viewer=ada, seen=NOW + timedelta(hours=1)) == 0
    assert session.scalar(select(EngagementProfile.neighbourhood_code)) is None
    assert issubclass(ProfilesNotAllowedError, Exception)

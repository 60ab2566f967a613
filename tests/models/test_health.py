"""How sources are doing: what stands after each visit, what is silent or doubled, and who is left out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.database import migrate, open_engine, session_factory
from models.health import Day, Noted, SignSeen, advice, doubled, silent, standing
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.settings import Settings
from models.source import Source
from models.source_day import SourceDay
from models.store.health import coverage, source_healths, state_counts
from models.store.rhythm import forget_days, history, rhythm_of
from models.store.sources import VisitEnd, begin_run, finish_visit, sync_sources
from models.store.status import overview
from models.words import LeadStatus, Sign, SourceKind, SourceState

ARNHEM, RHEDEN, ZEVENAAR = "GM0202", "GM0275", "GM0299"
#: A Friday in November, in no holiday.
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)


def days(news: Sequence[int], *, until: date = TODAY, drafts: Sequence[int] = ()) -> list[Day]:
    """One day each, visited once, the last one ``until``."""
    first = until - (len(news) - 1) * DAY
    lists = drafts or [20] * len(news)
    return [Day(first + number * DAY, 1, new, lists[number]) for number, new in enumerate(news)]


# -- silence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        pytest.param([3] * 30 + [0] * 8, True, id="a daily paper, over a week of nothing"),
        pytest.param([3] * 30 + [0] * 7, False, id="a daily paper, a week of nothing"),
        pytest.param([5, 0, 0, 0, 0, 0, 0] * 10, False, id="a weekly paper in its week"),
        pytest.param([5, 0, 0, 0, 0, 0, 0] * 10 + [0] * 21, False, id="a weekly paper, three weeks missed"),
        pytest.param([5, 0, 0, 0, 0, 0, 0] * 10 + [0] * 23, True, id="a weekly paper, four weeks missed"),
        pytest.param([2, 0, 3, 0, 0] * 6 + [0] * 10, False, id="a club, twice a week, under two weeks"),
        pytest.param([2, 0, 3, 0, 0] * 6 + [0] * 14, True, id="a club, twice a week, over two weeks"),
        pytest.param([3] * 7 + [0] * 60, False, id="too few days with news to know what is usual"),
        pytest.param([], False, id="nothing on record"),
    ],
)
def test_silence_is_what_is_much_longer_than_usual_for_this_source(news: list[int], expected: bool) -> None:
    found = silent(days(news), TODAY)

    assert (found is not None) is expected
    if found:
        last = max(number for number, new in enumerate(news) if new)
        assert found == Noted(Sign.SILENT, str(TODAY - (len(news) - 1 - last) * DAY))


@pytest.mark.parametrize(
    ("last", "today", "expected"),
    [
        pytest.param(date(2026, 7, 3), date(2026, 9, 6), False, id="all summer"),
        pytest.param(date(2026, 7, 3), date(2026, 9, 20), True, id="all summer and two weeks"),
        pytest.param(date(2026, 12, 18), date(2027, 1, 8), False, id="Christmas"),
        pytest.param(date(2026, 4, 24), date(2026, 5, 10), False, id="May"),
    ],
)
def test_holidays_are_no_silence(last: date, today: date, expected: bool) -> None:
    assert (silent(days([4, 0, 2] * 20 + [1], until=last), today) is not None) is expected


# -- doubling ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        pytest.param([20] * 30 + [45] * 3 + [9], "day:45:20", id="three days of over twice as many"),
        pytest.param([20] * 30 + [45] * 2 + [20, 9], None, id="two days are no row"),
        pytest.param([20] * 30 + [39] * 3 + [9], None, id="less than twice"),
        pytest.param([2] * 30 + [8] * 3 + [1], None, id="few are usual: twice that is nothing"),
        pytest.param([20] * 10 + [45] * 3 + [9], None, id="too young to know what is usual"),
        pytest.param([40, 0, 0, 0, 0, 0, 0] * 8, None, id="a weekly paper"),
        pytest.param([20] * 30 + [45] * 60 + [45], None, id="what lasts becomes usual"),
        pytest.param([20] * 30 + [45] * 2 + [99], None, id="today is not over"),
    ],
)
def test_doubled_is_far_above_the_usual_for_days_in_a_row(news: list[int], expected: str | None) -> None:
    found = doubled(days(news), TODAY)

    assert (found.detail if found else None) == expected


def test_a_list_that_doubled_its_length_shows_without_more_news() -> None:
    lists = [10] * 20 + [0, 25, 0, 25, 25, 0]  # days on which it did not change say nothing
    assert doubled(days([1] * 26, drafts=lists), TODAY) == Noted(Sign.DOUBLED, "visit:25:10")
    assert doubled(days([1] * 26, drafts=[10] * 26), TODAY) is None


# -- what stands -----------------------------------------------------------------------------------------

MOVED, NEW_MOVE = Noted(Sign.MOVED, "https://b.example"), Noted(Sign.MOVED, "https://c.example")
PARKED, GATE = Noted(Sign.PARKED, "https://a.example"), Noted(Sign.CONSENT, "https://a.example")
LIMITS, SILENCE = Noted(Sign.BOUNDS, "0:1:"), Noted(Sign.SILENT, "2026-10-01")


@pytest.mark.parametrize(
    ("before", "noted", "over_time", "fine", "looked", "expected"),
    [
        pytest.param([], [], [], True, True, [], id="nothing"),
        pytest.param([], [MOVED], [SILENCE], True, True, [MOVED, SILENCE], id="both kinds, by weight"),
        pytest.param([MOVED], [NEW_MOVE], [], True, True, [NEW_MOVE], id="moved on"),
        pytest.param([PARKED, MOVED], [], [], True, True, [], id="a healthy visit clears"),
        pytest.param([PARKED, MOVED], [], [], False, False, [PARKED, MOVED], id="a failing one does not"),
        pytest.param([PARKED], [GATE], [], False, True, [GATE], id="another wall"),
        pytest.param(
            [LIMITS, MOVED], [], [], True, False, [LIMITS], id="an unchanged list is as odd as before"
        ),
        pytest.param([LIMITS], [], [], True, True, [], id="a list that was read anew is not"),
        pytest.param([SILENCE], [], [], True, False, [], id="silence is over"),
    ],
)
def test_signs_stand_until_a_visit_finds_it_right(
    before: list[Noted],
    noted: list[Noted],
    over_time: list[Noted],
    fine: bool,
    looked: bool,
    expected: list[Noted],
) -> None:
    earlier = NOW - DAY
    stood = [SignSeen(one.sign, one.detail, earlier) for one in before]

    now = standing(stood, noted, over_time, fine=fine, looked=looked, at=NOW)

    assert [Noted(one.sign, one.detail) for one in now] == expected
    known = {one.sign for one in before}
    assert all(one.since == (earlier if one.sign in known else NOW) for one in now)


@pytest.mark.parametrize("detail", ["day:60:25", "visit:48:20", "source:koerier:18:20"])
def test_there_is_advice_for_each_sign(detail: str) -> None:
    told = {Sign.DOUBLED: detail, Sign.BOUNDS: "0:1:"}
    for sign in Sign:
        sentence = advice(sign, told.get(sign, "https://x.example/a"))
        assert ": " in sentence or sign is Sign.MOVED
        assert "{" not in sentence
    assert detail.split(":")[1] in advice(Sign.DOUBLED, detail)


# -- in the store ------------------------------------------------------------------------------------------


def add_source(session: Session, key: str = "koerier", **more: Any) -> None:
    definition = {
        "key": key,
        "title": key.title(),
        "kind": SourceKind.FEED,
        "url": f"https://{key}.example/rss",
        "every_seconds": 3600,
        "expect_min": None,
        "expect_max": None,
        "full_text": True,
        "enabled": True,
        "municipality_code": ARNHEM,
        "terms_url": "https://x.example",
        "terms_checked": TODAY,
        "terms_basis": "6(1)(e) AVG",
        "terms_purpose": "vinden",
        "options": {},
        "defined_in": "sources/a.toml",
    }
    sync_sources(session, [definition | more], broken_files={"sources/a.toml"}, now=NOW)
    session.commit()


def visit(session: Session, key: str = "koerier", at: datetime = NOW, new: int = 0, **end: Any) -> None:
    """One visit from begin to end."""
    run = begin_run(session, key, "batch", at)
    outcomes = {"new": new, "unchanged": 3}
    finish_visit(
        session,
        VisitEnd(
            run_id=run,
            source_key=key,
            finished_at=at,
            next_visit_at=at + timedelta(hours=1),
            **{"outcomes": outcomes, **end},
        ),
    )
    session.commit()


def health(session: Session, key: str = "koerier", now: datetime = NOW) -> Any:
    (found,) = source_healths(session, now=now, keys=[key])
    return found


@pytest.mark.both_databases
def test_visits_are_added_up_by_the_day_in_amsterdam(session: Session) -> None:
    add_source(session)
    midnight = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)  # in Amsterdam
    visit(session, at=midnight - timedelta(seconds=1), new=2)
    visit(session, at=midnight, new=5)
    visit(session, at=NOW - timedelta(hours=1), new=1, problem="broke half-way")
    visit(session, at=NOW, outcomes={})

    assert history(session, "koerier", TODAY) == [Day(TODAY - DAY, 1, 2, 5), Day(TODAY, 2, 6, 8)]
    seen = health(session)
    assert (seen.per_day[-2:], sum(seen.per_day), len(seen.per_day), seen.new_30) == ((2, 6), 8, 28, 8)
    assert (seen.state, seen.problem, seen.last_visit_at) == (SourceState.HEALTHY, None, NOW)


@pytest.mark.both_databases
def test_a_source_goes_silent_and_comes_back(session: Session) -> None:
    add_source(session)
    for ago in range(40, 9, -1):
        visit(session, at=NOW - ago * DAY, new=2)
    visit(session, at=NOW - 4 * DAY)
    assert health(session).signs == ()

    visit(session, at=NOW - 1 * DAY)
    visit(session, at=NOW)
    seen = health(session)
    assert seen.state is SourceState.ODD
    (sign,) = seen.signs
    assert (sign.sign, sign.detail, sign.since) == (Sign.SILENT, str((NOW - 10 * DAY).date()), NOW - DAY)

    visit(session, at=NOW + DAY, problem="the server is down")
    seen = health(session)
    assert (seen.state, seen.problem, seen.signs) == (SourceState.FAILING, "the server is down", (sign,))

    visit(session, at=NOW + 2 * DAY, new=1)
    assert (health(session).state, health(session).signs) == (SourceState.HEALTHY, ())


@pytest.mark.both_databases
def test_states_and_figures_of_many_sources_at_once(session: Session) -> None:
    add_source(session, "gezond")
    visit(session, "gezond", new=3)
    add_source(session, "raar")
    visit(session, "raar", signs=(MOVED,))
    add_source(session, "stuk")
    visit(session, "stuk", at=NOW - DAY, problem="eerst dit")
    visit(session, "stuk", problem="toen dat", signs=(PARKED,))
    add_source(session, "nieuw")
    add_source(session, "uit", enabled=False)
    add_source(session, "zonder", terms_checked=None)
    add_source(session, "stil")
    session.get_one(Source, "stil").paused = "omdat"
    add_source(session, "weg")
    session.get_one(Source, "weg").removed_at = NOW
    session.commit()

    expected = {
        "gezond": SourceState.HEALTHY,
        "nieuw": SourceState.NEW,
        "raar": SourceState.ODD,
        "stil": SourceState.PAUSED,
        "stuk": SourceState.FAILING,
        "uit": SourceState.DISABLED,
        "weg": SourceState.REMOVED,
        "zonder": SourceState.UNREVIEWED,
    }
    seen = source_healths(session, now=NOW)
    assert {one.key: one.state for one in seen} == expected
    assert [one.key for one in seen] == sorted(expected)
    assert sum(state_counts(session, NOW).values()) == len(expected)
    broken = health(session, "stuk")
    assert (broken.failures, broken.problem, broken.signs[0].sign) == (2, "toen dat", Sign.PARKED)
    many = [f"geen-{number}" for number in range(600)]
    assert [one.key for one in source_healths(session, now=NOW, keys=["raar", *many])] == ["raar"]

    report = overview(session, now=NOW)
    assert report["sources"] == {state.value: 1 for state in sorted(expected.values())}
    assert [(one["source"], one["sign"]) for one in report["odd"]] == [("raar", "moved"), ("stuk", "parked")]
    assert report["odd"][0]["do"].startswith("set its url to https://b.example")
    assert report["failing"] == [{"source": "stuk", "failures": 2}]


def add_lead(session: Session, key: str, status: LeadStatus, municipality: str | None = None) -> None:
    """A lead decided on (or opened) yesterday, with one item of the source."""
    number = session.query(Item).count() + 1
    at = NOW - DAY
    item = Item(
        source_key=key,
        url_key=f"u{number}",
        external_key=f"e{number}",
        url="",
        title="",
        first_seen_at=at,
        last_seen_at=at,
        entry_hash="",
        content_hash="",
    )
    lead = Lead(
        title="", score=0.5, opened_at=at, extended_at=at, status=status, municipality_code=municipality
    )
    lead.decided_at = at if status is not LeadStatus.OPEN else None
    session.add_all([item, lead])
    session.flush()
    session.add(LeadItem(lead_id=lead.id, item_id=item.id, added_at=at))
    session.commit()


@pytest.mark.both_databases
def test_what_sources_brought_lately(session: Session) -> None:
    for key in ("goed", "kaal"):
        add_source(session, key)
        for ago in (100, 80, 10):
            visit(session, key, at=NOW - ago * DAY, new=50)
    for status in (LeadStatus.PROMOTED, LeadStatus.KNOWN, LeadStatus.REJECTED, LeadStatus.OPEN):
        add_lead(session, "goed", status)

    rhythm = rhythm_of(session, now=NOW, keys=["goed", "kaal"])

    assert rhythm.accepted == 2
    good, bare = rhythm.by_source["goed"], rhythm.by_source["kaal"]
    assert (good.days, good.items, good.accepted, good.room) == (80, 100, 2, 53)
    assert bare.accepted == 0
    assert rhythm_of(session, now=NOW).by_source == rhythm.by_source
    assert health(session, "goed").accepted == 2


@pytest.mark.both_databases
def test_municipalities_without_a_healthy_source_this_week(session: Session) -> None:
    for code in (ARNHEM, RHEDEN, ZEVENAAR):
        session.get_one(Municipality, code).participates_from = date(2026, 1, 1)
    session.get_one(Municipality, ZEVENAAR).participates_until = TODAY - DAY
    add_source(session, "arnhem")
    add_source(session, "streek", municipality_code=None)
    add_source(session, "rheden", municipality_code=RHEDEN)

    def uncovered() -> dict[str, datetime | None]:
        return {one.code: one.since for one in coverage(session, now=NOW)}

    assert uncovered() == {ARNHEM: None, RHEDEN: None}

    visit(session, "arnhem", at=NOW - 2 * DAY)
    visit(session, "rheden", at=NOW - 8 * DAY)
    visit(session, "rheden", at=NOW, problem="the server is down")
    visit(session, "streek")
    assert uncovered() == {RHEDEN: NOW - 8 * DAY}

    # A general source covers what its leads are about.
    add_lead(session, "streek", LeadStatus.OPEN, RHEDEN)
    assert uncovered() == {}

    # Being visited well is not enough when nothing comes in.
    visit(session, "arnhem", problem="te koop", signs=(PARKED,))
    assert uncovered() == {ARNHEM: NOW - 2 * DAY}
    (told,) = overview(session, now=NOW)["coverage"]
    assert (told["municipality"], told["name"]) == (ARNHEM, "Arnhem")


@pytest.mark.both_databases
def test_days_go_after_a_year_and_empty_ones_sooner(session: Session) -> None:
    add_source(session)
    kept = [(TODAY, 0), (TODAY - 80 * DAY, 0), (TODAY - 300 * DAY, 4)]
    for day, new in [*kept, (TODAY - 95 * DAY, 0), (TODAY - 366 * DAY, 4)]:
        session.add(SourceDay(source_key="koerier", day=day, visits=1, new=new, drafts=new))
    session.commit()

    forget_days(session, now=NOW)
    session.commit()

    assert [(one.day, one.new) for one in history(session, "koerier", TODAY)] == kept[::-1]


@pytest.mark.both_databases
def test_an_older_database_has_its_days_added_up(settings: Settings) -> None:
    engine = open_engine(settings)
    migrate(engine, "0004")
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO source (key, title, kind, url, every_seconds, full_text, enabled, options, "
                "defined_in, validators, consecutive_failures, refused, unread_pages) "
                "VALUES ('koerier', 'K', 'feed', 'https://k.example', "
                "3600, true, true, '{}', '', '{}', 0, '{}', false)"
            )
        )
        for day, outcomes, problem in (
            ("2026-11-19 22:59:59", '{"new": 2, "unchanged": 4}', None),
            ("2026-11-19 23:00:00", '{"new": 1}', None),
            ("2026-11-20 08:00:00", '{"new": 3, "error": 9}', "broke"),
            (None, "{}", None),
        ):
            connection.execute(
                text(
                    "INSERT INTO run (batch, source_key, started_at, finished_at, outcomes, requests, "
                    "problem, warnings) VALUES "
                    "('b', 'koerier', '2026-11-19 12:00:00', :day, :outcomes, 1, :problem, '[]')"
                ),
                {
                    "day": day and datetime.fromisoformat(f"{day}+00:00"),
                    "outcomes": outcomes,
                    "problem": problem,
                },
            )

    migrate(engine)

    with session_factory(engine)() as session:
        assert history(session, "koerier", TODAY) == [Day(TODAY - DAY, 1, 2, 6), Day(TODAY, 1, 4, 1)]
        assert session.get_one(Source, "koerier").signs == []
    engine.dispose()

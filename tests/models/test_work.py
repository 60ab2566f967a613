"""How the work goes: counts and minutes of people, and how often the queue is right."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from models.decision import Decision
from models.lead import Lead
from models.store.casework import ZONE
from models.store.viewer import Viewer
from models.store.work import (
    FIRST,
    SITTING,
    Precision,
    Work,
    in_hand,
    precision_by_score,
    precision_of_first,
    start_of_day,
    team_work,
)
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, viewer_of

NOW = datetime(2026, 10, 14, 15, 0, tzinfo=UTC)
TODAY, WEEK, MONTH = (start_of_day(NOW, days) for days in (0, 6, 29))
STARTS = (TODAY, WEEK, MONTH)
KINDS = {
    LeadStatus.PROMOTED: DecisionKind.PROMOTE,
    LeadStatus.KNOWN: DecisionKind.KNOWN,
    LeadStatus.REJECTED: DecisionKind.REJECT,
}


def decided(
    session: Session,
    viewer: Viewer,
    at: datetime,
    *,
    status: LeadStatus = LeadStatus.REJECTED,
    kind: DecisionKind | None = None,
    code: str = ARNHEM,
    score: float = 0.9,
    reason: str = "overheid",
    drawn: float | None = None,
    precedence: int = -1000,
) -> Decision:
    """A lead on which this was decided at that moment."""
    lead = Lead(
        status=status,
        title="",
        municipality_code=code,
        score=score,
        drawn=drawn,
        precedence=precedence,
        opened_at=at - timedelta(days=1),
        extended_at=at,
        decided_at=at,
    )
    session.add(lead)
    session.flush()
    made = kind or KINDS[status]
    decision = Decision(
        lead_id=lead.id,
        kind=made,
        old_status=LeadStatus.OPEN,
        new_status=status,
        account_id=viewer.account_id,
        reason=reason if made is DecisionKind.REJECT else "",
        made_at=at,
    )
    session.add(decision)
    session.flush()
    return decision


@pytest.fixture
def ada(session: Session) -> Viewer:
    return viewer_of(make_account(session, "ada@voorbeeld.example", name="Ada"))


@pytest.fixture
def bob(session: Session) -> Viewer:
    return viewer_of(make_account(session, "bob@voorbeeld.example", name="bob"))


@pytest.fixture
def leader(session: Session) -> Viewer:
    account = make_account(session, "cor@voorbeeld.example", name="Cor", roles=[Role.PROJECT_LEADER])
    return viewer_of(account)


@pytest.mark.both_databases
def test_a_morning_of_two_people(session: Session, ada: Viewer, bob: Viewer, leader: Viewer) -> None:
    for minutes in (0, 2, 3, 3.5, 20, 21):  # two sittings
        decided(session, ada, TODAY + timedelta(hours=9, minutes=minutes))
    decided(session, bob, TODAY + timedelta(hours=10))
    decided(session, bob, WEEK + timedelta(hours=1))
    decided(session, bob, MONTH + timedelta(hours=1))
    decided(session, bob, MONTH - timedelta(hours=1))  # before all periods

    own = team_work(session, ada, starts=STARTS, now=NOW).own
    seen = team_work(session, leader, starts=STARTS, now=NOW)

    # 3.5 minutes and 1 minute between decisions, and 1 for each first one.
    assert own == (Work(6, 60 * 6.5),) * 3
    assert [one.decided for one in seen.team] == [7, 8, 9]
    assert [one.seconds for one in seen.team] == pytest.approx([60 * 7.5, 60 * 8.5, 60 * 9.5])
    assert [(one.name, [work.decided for work in one.work]) for one in seen.persons] == [
        ("Ada", [6, 6, 6]),
        ("bob", [1, 2, 3]),
    ]
    assert seen.own == (Work(),) * 3


@pytest.mark.both_databases
def test_minutes_are_those_of_counting_by_hand(session: Session, ada: Viewer, bob: Viewer) -> None:
    numbers = random.Random("work")
    moments: dict[int, list[datetime]] = {ada.account_id: [], bob.account_id: []}
    for viewer in (ada, bob):
        at = MONTH
        for _ in range(60):
            at += timedelta(seconds=numbers.choice([5, 40, 200, 299, 300, 301, 4000, 90_000]))
            if at > NOW:
                break
            kind = numbers.choice(list(DecisionKind))
            decided(session, viewer, at, kind=kind, status=LeadStatus.REJECTED)
            moments[viewer.account_id].append(at)

    for viewer in (ada, bob):
        own = team_work(session, viewer, starts=STARTS, now=NOW).own
        for start, work in zip(STARTS, own, strict=True):
            every = moments[viewer.account_id]
            spent = [FIRST] * (every[0] >= start)
            for one, following in pairwise(every):
                gap = following - one
                spent += [gap if gap <= SITTING else FIRST] * (following >= start)
            assert work.seconds == pytest.approx(sum(spent, timedelta()).total_seconds(), abs=0.01)


def test_what_was_undone_is_no_decision_but_took_its_time(session: Session, ada: Viewer) -> None:
    decided(session, ada, TODAY + timedelta(hours=9))
    slip = decided(session, ada, TODAY + timedelta(hours=9, minutes=1))
    undone = decided(session, ada, TODAY + timedelta(hours=9, minutes=2), kind=DecisionKind.UNDO)
    undone_by = Decision(
        lead_id=slip.lead_id,
        kind=DecisionKind.UNDO,
        old_status=LeadStatus.REJECTED,
        new_status=LeadStatus.OPEN,
        account_id=ada.account_id,
        undoes_id=slip.id,
        made_at=undone.made_at + timedelta(minutes=1),
    )
    session.add(undone_by)
    session.flush()

    (work,) = team_work(session, ada, starts=[TODAY], now=NOW).own

    assert work == Work(1, 240.0)


def test_each_sees_itself_and_only_who_leads_sees_persons(
    session: Session, ada: Viewer, bob: Viewer, leader: Viewer
) -> None:
    for viewer in (ada, ada, bob):
        decided(session, viewer, TODAY + timedelta(hours=9))

    for viewer, mine in ((ada, 2), (bob, 1)):
        seen = team_work(session, viewer, starts=[TODAY], now=NOW)
        assert seen.persons == ()
        assert seen.own[0].decided == mine
        # Two people at work: the minutes of both would tell each what the other did.
        assert seen.team == (Work(3, None),)
    seen = team_work(session, leader, starts=[TODAY], now=NOW)
    assert [one.name for one in seen.persons] == ["Ada", "bob"]
    assert seen.team[0].seconds is not None

    decided(session, leader, TODAY + timedelta(hours=9))
    assert team_work(session, ada, starts=[TODAY], now=NOW).team[0].seconds is not None

    for role in (Role.MUNICIPALITY, Role.PRIVACY_OFFICER):
        other = Viewer(account_id=0, name="", roles=frozenset({role}), municipality_code=ARNHEM)
        seen = team_work(session, other, starts=[TODAY], now=NOW)
        assert (seen.own, seen.team, seen.persons) == ((Work(),), (Work(),), ())


def test_a_day_begins_at_midnight_here_also_when_the_clock_changes() -> None:
    before, after = datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC)

    assert start_of_day(before) == datetime(2026, 10, 23, 22, tzinfo=UTC)
    assert start_of_day(after) == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert start_of_day(after, 2) == start_of_day(before)
    assert start_of_day(datetime(2026, 10, 24, 22, 30, tzinfo=UTC)).astimezone(ZONE).day == 25


def test_leads_in_hand_are_those_that_wait_and_were_given_to_the_viewer(
    session: Session, ada: Viewer, bob: Viewer
) -> None:
    for status, viewer in (
        (LeadStatus.OPEN, ada),
        (LeadStatus.OPEN, ada),
        (LeadStatus.REJECTED, ada),
        (LeadStatus.OPEN, bob),
    ):
        lead = session.get_one(Lead, decided(session, ada, NOW).lead_id)
        lead.status, lead.assignee_id = status, viewer.account_id
    session.flush()

    assert (in_hand(session, ada), in_hand(session, bob)) == (2, 1)


@pytest.mark.both_databases
def test_precision_and_calibration_of_each_class_of_scores(session: Session, ada: Viewer) -> None:
    at = NOW - timedelta(days=3)
    for status, score in (
        (LeadStatus.PROMOTED, 0.95),
        (LeadStatus.KNOWN, 0.85),
        (LeadStatus.REJECTED, 0.9),
        (LeadStatus.REJECTED, 0.6),
        (LeadStatus.PROMOTED, 0.4),
    ):
        decided(session, ada, at, status=status, score=score)
    decided(session, ada, at, score=0.86, reason="eenmalig")
    decided(session, ada, at, score=0.05, drawn=0.02)  # a lot, not flagged
    decided(session, ada, NOW - timedelta(days=60), score=0.9)  # long ago

    high, middle, low = precision_by_score(
        session,
        ada,
        since=NOW - timedelta(days=30),
        lowest=[0.85, 0.5, 0.0],
        no_initiative={"overheid"},
    )

    assert (high.promoted, high.known, high.rejected, high.unclear) == (1, 1, 2, 1)
    assert (high.decided, high.share) == (4, 0.5)
    assert high.share_of_clear == pytest.approx(2 / 3)
    assert high.expected == pytest.approx((0.95 + 0.85 + 0.9 + 0.86) / 4)
    assert (middle.decided, middle.share) == (1, 0.0)
    assert (low.decided, low.share) == (1, 1.0)
    assert Precision().share is Precision().expected is Precision().share_of_clear is None


@pytest.mark.both_databases
def test_the_first_leads_of_each_day_are_those_with_the_earliest_turns(session: Session, ada: Viewer) -> None:
    for days in (1, 2):
        at = NOW - timedelta(days=days)
        # On each day the two first in the queue are initiatives, and decided last.
        for turn in range(6, 0, -1):
            decided(
                session,
                ada,
                at + timedelta(minutes=10 - turn),
                status=LeadStatus.PROMOTED if turn <= 2 else LeadStatus.REJECTED,
                precedence=-100 * days - turn,
                score=0.5,
            )

    two, four, all_of_them = precision_of_first(
        session, ada, since=NOW - timedelta(days=30), numbers=[2, 4, 50]
    )

    assert (two.decided, two.share) == (4, 1.0)
    assert (four.decided, four.share) == (8, 0.5)
    assert all_of_them.decided == 12
    assert all_of_them.share == pytest.approx(1 / 3)
    assert two.expected == 0.5


def test_the_figures_of_one_municipality_hold_nothing_of_others(session: Session, ada: Viewer) -> None:
    decided(session, ada, NOW, status=LeadStatus.PROMOTED, code=ARNHEM)
    decided(session, ada, NOW, code=RHEDEN)
    clerk = Viewer(account_id=7, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)
    since = NOW - timedelta(days=1)

    (classes,) = precision_by_score(session, clerk, since=since, lowest=[0.0])
    (first,) = precision_of_first(session, clerk, since=since, numbers=[10])

    assert (classes.decided, classes.promoted, first.decided) == (1, 0, 1)

"""Pairing by hand in the database: pairs, pins, what is forbidden, reasons, and the minutes it takes."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.pairs import rules_broken
from matching.problem import Rule
from models.audit_entry import AuditEntry
from models.round import Round, RoundConsultant, RoundMark, RoundPair
from models.store.network import change_staff_body
from models.store.pairing import (
    BrokenRuleError,
    LockedPairError,
    NotInRoundError,
    PinnedPairError,
    ReasonNeededError,
    StalePairError,
    board_kind,
    mark,
    marks_of,
    minutes_after,
    pairs_of,
    put_pair,
    set_minutes,
    take_pair,
)
from models.store.round_needs import standing_pairs
from models.store.round_rules import RoundNotAllowedError, RoundNotFoundError, RoundStateError
from models.store.staff_bodies import together
from models.words import MatchState, PairingKind, RoundState
from review.round_problem import problem_of
from tests.rounds_world import NOW, World, match_in, round_in, world

pytestmark = pytest.mark.both_databases

HAND, FINAL = PairingKind.BY_HAND, PairingKind.FINAL
#: Places in the lists of the world.
KEUKEN, DIEREN, VELP, SPEELPLEK, REPAIR = 1, 2, 3, 4, 5
NOOR, BAS, SAAR, TEUN, ELS = range(5)


class Table:
    """A round that is being paired, and its leader at work."""

    def __init__(self, session: Session, state: RoundState = RoundState.PAIRING) -> None:
        self.session = session
        self.world: World = world(session)
        self.round: Round = round_in(session, state, world=self.world)
        self.now = NOW

    def i(self, place: int) -> int:
        return self.world.initiatives[place].id

    def c(self, place: int) -> int:
        return self.world.consultants[place].id

    def put(self, initiative: int, consultant: int, seen: int | None = None, **more: object) -> bool:
        values = {"viewer": self.world.leader, "fit": 700, "now": self.now, **more}
        return put_pair(
            self.session,
            self.round.id,
            self.i(initiative),
            self.c(consultant),
            seen=None if seen is None else self.c(seen),
            **values,  # type: ignore[arg-type]
        )

    def take(self, initiative: int, seen: int | None) -> bool:
        return take_pair(
            self.session,
            self.round.id,
            self.i(initiative),
            viewer=self.world.leader,
            seen=None if seen is None else self.c(seen),
            now=self.now,
        )

    def mark(self, initiative: int, consultant: int, **demands: object) -> None:
        values = {"viewer": self.world.leader, "now": self.now, **demands}
        mark(self.session, self.round.id, self.i(initiative), self.c(consultant), **values)  # type: ignore[arg-type]

    def pairs(self, kind: PairingKind = HAND) -> dict[int, int]:
        """Place of an initiative -> place of its consultant."""
        initiatives = [one.id for one in self.world.initiatives]
        consultants = [one.id for one in self.world.consultants]
        return {
            initiatives.index(pair.initiative_id): consultants.index(pair.consultant_id)
            for pair in pairs_of(self.session, self.round.id, kind)
        }


@pytest.fixture
def table(session: Session) -> Table:
    return Table(session)


def test_pairs_are_put_replaced_and_taken_away(table: Table) -> None:
    assert table.put(KEUKEN, SAAR)
    assert not table.put(KEUKEN, SAAR), "sent twice changes nothing"
    assert table.put(DIEREN, BAS)
    assert table.put(KEUKEN, ELS, seen=SAAR)
    assert table.pairs() == {KEUKEN: ELS, DIEREN: BAS}
    assert table.take(DIEREN, seen=BAS)
    assert not table.take(DIEREN, seen=BAS)
    assert table.pairs() == {KEUKEN: ELS}
    row = table.session.scalars(select(RoundPair).where(RoundPair.kind == HAND)).one()
    assert (row.fit, row.broken, row.by_id) == (700, [], table.world.leader.account_id)
    log = table.session.scalars(select(AuditEntry).where(AuditEntry.action == "pairing")).all()
    assert [(one.before, one.after) for one in log][2] == (
        {"consultant": table.c(SAAR)},
        {"initiative": table.i(KEUKEN), "consultant": table.c(ELS)},
    )
    assert len(log) == 4


def test_whoever_saw_another_consultant_changes_nothing(table: Table) -> None:
    table.put(KEUKEN, SAAR)
    with pytest.raises(StalePairError) as caught:
        table.put(KEUKEN, ELS, seen=None)
    assert caught.value.consultant_id == table.c(SAAR)
    with pytest.raises(StalePairError):
        table.take(KEUKEN, seen=ELS)
    with pytest.raises(StalePairError):
        table.put(DIEREN, BAS, seen=SAAR)
    assert table.pairs() == {KEUKEN: SAAR}


def test_rules_that_always_hold_are_counted_here_once_more(table: Table) -> None:
    def refused(initiative: int, consultant: int) -> str:
        with pytest.raises(BrokenRuleError) as caught:
            table.put(initiative, consultant)
        return caught.value.rule

    assert refused(KEUKEN, NOOR) == "zelfde_gemeente"
    table.put(VELP, ELS)  # 20 of 24 half hours
    assert refused(DIEREN, ELS) == "uren"
    table.put(SPEELPLEK, TEUN)  # one of one
    assert refused(KEUKEN, TEUN) in {"uren", "maximum"}
    table.mark(KEUKEN, SAAR, forbidden=True)
    assert refused(KEUKEN, SAAR) == "verboden"
    assert table.pairs() == {VELP: ELS, SPEELPLEK: TEUN}


def test_municipalities_with_the_same_civil_servants_are_not_another(table: Table) -> None:
    """From the moment somebody says so: what was paired then is proposed no more."""
    session, leader = table.session, table.world.leader
    table.put(KEUKEN, SAAR)
    host = table.world.initiatives[KEUKEN].municipality_code
    employer = table.world.consultants[SAAR].municipality_code
    change_staff_body(session, host, "Samen aan de Rijn", viewer=leader)
    assert len(standing_pairs(session, table.round, HAND)) == 1, "one alone shares with nobody"

    change_staff_body(session, employer, " samen aan  de Rijn ", viewer=leader)
    assert together(session) == (frozenset({host, employer}),)
    assert standing_pairs(session, table.round, HAND) == []
    table.take(KEUKEN, seen=SAAR)
    with pytest.raises(BrokenRuleError) as caught:
        table.put(KEUKEN, SAAR)
    assert caught.value.rule == "zelfde_gemeente"
    problem = problem_of(session, table.round.id, kind=None)
    wanted = next(one for one in problem.initiatives if one.key == str(table.i(KEUKEN)))
    offered = next(one for one in problem.consultants if one.key == str(table.c(SAAR)))
    assert rules_broken(problem, wanted, offered)[0] is Rule.SAME_MUNICIPALITY


def test_the_maximum_counts_whatever_hours_are_left(table: Table) -> None:
    table.session.get_one(RoundConsultant, (table.round.id, table.c(SAAR))).most = 1
    table.put(SPEELPLEK, SAAR)  # 8 of 30 half hours
    with pytest.raises(BrokenRuleError) as caught:
        table.put(KEUKEN, SAAR)
    assert caught.value.rule == "maximum"
    assert table.put(KEUKEN, ELS)


def test_soft_rules_need_a_written_reason(table: Table) -> None:
    for reason in (None, "te kort", "x" * 501):
        if reason is not None:
            with pytest.raises(ReasonNeededError):
                table.mark(DIEREN, NOOR, reason=reason)
        with pytest.raises(ReasonNeededError):
            table.put(DIEREN, NOOR, broken=["geen_expertise"])
    table.mark(DIEREN, NOOR, reason="  Noor kent de tuin goed.  ")
    table.put(DIEREN, NOOR, broken=["geen_expertise"])
    [kept] = marks_of(table.session, table.round.id)
    assert kept.reason == "Noor kent de tuin goed."
    assert pairs_of(table.session, table.round.id, HAND)[0].broken == ("geen_expertise",)
    assert "Noor" not in str([one.after for one in table.session.scalars(select(AuditEntry))])


def test_what_is_pinned_stays_until_it_is_unpinned(table: Table) -> None:
    table.put(KEUKEN, SAAR)
    table.mark(KEUKEN, SAAR, pinned=True)
    with pytest.raises(PinnedPairError):
        table.put(KEUKEN, ELS, seen=SAAR)
    with pytest.raises(PinnedPairError):
        table.take(KEUKEN, seen=SAAR)
    table.mark(KEUKEN, SAAR, pinned=False)
    assert table.session.scalars(select(RoundMark)).all() == []
    table.take(KEUKEN, seen=SAAR)


def test_one_initiative_has_one_pin(table: Table) -> None:
    table.mark(KEUKEN, SAAR, pinned=True)
    table.mark(KEUKEN, ELS, pinned=True)
    assert [one.consultant_id for one in marks_of(table.session, table.round.id)] == [table.c(ELS)]


def test_what_is_forbidden_goes_and_is_not_pinned(table: Table) -> None:
    table.put(KEUKEN, SAAR)
    table.mark(KEUKEN, SAAR, pinned=True)
    table.mark(KEUKEN, SAAR, forbidden=True)
    assert table.pairs() == {}
    [kept] = marks_of(table.session, table.round.id)
    assert (kept.pinned, kept.forbidden) == (False, True)
    with pytest.raises(BrokenRuleError):
        table.mark(KEUKEN, SAAR, pinned=True)
    table.mark(KEUKEN, SAAR, forbidden=False)
    assert table.put(KEUKEN, SAAR)


def test_only_leaders_only_while_pairing_and_only_who_is_in_it(table: Table, session: Session) -> None:
    for viewer in (table.world.reviewer, table.world.arnhem):
        with pytest.raises(RoundNotAllowedError):
            table.put(KEUKEN, SAAR, viewer=viewer)
    for viewer in (table.world.watcher, table.world.officers["GM0268"]):
        with pytest.raises(RoundNotFoundError):
            table.put(KEUKEN, SAAR, viewer=viewer)
    with pytest.raises(NotInRoundError):
        table.put(REPAIR, SAAR)  # was not chosen
    other = round_in(session, RoundState.COMPARING, world=table.world)
    for act in (
        lambda: take_pair(session, other.id, table.i(KEUKEN), viewer=table.world.leader, seen=None),
        lambda: mark(session, other.id, table.i(0), table.c(SAAR), viewer=table.world.leader, pinned=True),
    ):
        with pytest.raises(RoundStateError):
            act()


def test_a_pair_with_a_proposal_is_locked(session: Session) -> None:
    table = Table(session, RoundState.PROPOSING)
    assert board_kind(table.round) is FINAL
    assert table.pairs(FINAL)[KEUKEN] == SAAR
    for act in (
        lambda: table.put(KEUKEN, ELS, seen=SAAR),
        lambda: table.take(KEUKEN, seen=SAAR),
        lambda: table.mark(KEUKEN, SAAR, forbidden=True),
    ):
        with pytest.raises(LockedPairError):
            act()
    found = match_in(session, table.round, table.world.initiatives[KEUKEN])
    found.state = MatchState.DECLINED
    session.flush()
    assert table.put(KEUKEN, ELS, seen=SAAR)
    assert table.pairs(FINAL)[KEUKEN] == ELS
    assert table.pairs(HAND)[KEUKEN] == SAAR, "the pairing by hand stays as it was compared"
    assert table.round.minutes == 42


def test_automatic_pairs_stay_hidden_until_the_pairing_by_hand_is_closed(session: Session) -> None:
    table = Table(session, RoundState.COMPARING)
    assert table.pairs(PairingKind.AUTOMATIC) != {}
    table.round.paired_at = None
    session.flush()
    assert table.pairs(PairingKind.AUTOMATIC) == {}


def test_minutes_are_counted_while_somebody_goes_on(table: Table) -> None:
    table.put(KEUKEN, SAAR)
    assert table.round.minutes == 1
    table.now += timedelta(minutes=3)
    table.put(DIEREN, BAS)
    table.mark(DIEREN, BAS, pinned=True)
    assert table.round.minutes == 4
    table.now += timedelta(hours=2)
    table.mark(KEUKEN, SAAR, pinned=True)
    assert table.round.minutes == 5
    set_minutes(table.session, table.round.id, 90, viewer=table.world.leader, now=table.now)
    assert table.round.minutes == 90
    for wrong in (-1, 10_001):
        with pytest.raises(ValueError, match="minutes must be"):
            set_minutes(table.session, table.round.id, wrong, viewer=table.world.leader)
    assert minutes_after(5, NOW, NOW - timedelta(minutes=2)) == 5, "a clock that goes back takes nothing off"

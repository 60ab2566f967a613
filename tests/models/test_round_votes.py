"""The joint choice: ballots of one's own, who chose, and the result that shows only once it is closed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.round import Round, RoundInitiative, RoundMunicipality, RoundVote
from models.store.round_counting import TieBreak, Why
from models.store.round_moves import move
from models.store.round_rules import RoundNotAllowedError, RoundNotFoundError, RoundStateError
from models.store.round_votes import (
    InvalidVoteError,
    StaleBallotError,
    VoteProblem,
    ballot,
    close_choice,
    result,
    result_shown,
    turnout,
    vote,
    who_voted,
)
from models.store.rounds import RoundDraft, change_round
from models.words import RoundState, SelectionMethod
from tests.review.factories import ARNHEM, RHEDEN
from tests.rounds_world import EDE, NOW, OUTSIDE, World, round_in, world

both = pytest.mark.both_databases


@pytest.fixture
def there(session: Session) -> World:
    """The network of the tests of rounds."""
    return world(session)


@pytest.fixture
def choosing(session: Session, there: World) -> Round:
    """A round in which the choosing goes on and nobody chose yet."""
    row = round_in(session, RoundState.SELECTION, world=there)
    for one in session.scalars(select(RoundVote)):
        session.delete(one)
    session.flush()
    return row


def numbers(there: World) -> list[int]:
    return [one.id for one in there.initiatives]


@both
def test_a_ballot_is_for_its_own_municipality_and_takes_the_place_of_the_one_before(session, there, choosing):
    _a, _b, dieren, velp, *_rest = numbers(there)
    assert not ballot(session, there.arnhem, choosing.id).cast

    vote(session, choosing.id, viewer=there.arnhem, points={dieren: 6, velp: 4}, conflicts=[], now=NOW)
    later = vote(session, choosing.id, viewer=there.arnhem, points={velp: 9}, conflicts=[dieren], now=NOW)

    assert later == ballot(session, there.arnhem, choosing.id)
    assert {number: given for number, given in later.points.items() if given} == {velp: 9}
    assert later.conflicts == {dieren, *numbers(there)[:2]}, "what is its own as well"
    assert (later.by, later.at) == ("Ambtenaar Arnhem", NOW)
    assert not ballot(session, there.rheden, choosing.id).cast
    assert session.scalar(select(RoundVote.points).where(RoundVote.initiative_id == velp)) == 9
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "round")).all()
    assert [one.after for one in logged] == [{"done": "chosen together", "municipality": ARNHEM}] * 2


@both
def test_points_for_ones_own_become_nothing_and_take_nothing_away(session, there, choosing):
    own, _b, dieren, velp, *_rest = numbers(there)

    given = vote(
        session,
        choosing.id,
        viewer=there.arnhem,
        points={own: 10, dieren: 10, velp: 3},
        conflicts=[velp],
        now=NOW,
    )

    assert {number: points for number, points in given.points.items() if points} == {dieren: 10}


@both
@pytest.mark.parametrize(
    ("points", "problem"),
    [
        ({2: 6, 3: 5}, {0: VoteProblem.TOO_MANY}),
        ({2: -1}, {2: VoteProblem.OUT_OF_RANGE}),
        ({2: 11}, {2: VoteProblem.OUT_OF_RANGE}),
        ({99: 1}, {99: VoteProblem.UNKNOWN}),
    ],
)
def test_a_ballot_that_can_not_be_taken_changes_nothing(session, there, choosing, points, problem):
    ids = numbers(there)
    vote(session, choosing.id, viewer=there.arnhem, points={ids[2]: 1}, conflicts=[], now=NOW)
    typed = {ids[place] if place < len(ids) else place: given for place, given in points.items()}

    with pytest.raises(InvalidVoteError) as caught:
        vote(session, choosing.id, viewer=there.arnhem, points=typed, conflicts=[], now=NOW)

    assert list(caught.value.problems.values()) == list(problem.values())
    assert sum(ballot(session, there.arnhem, choosing.id).points.values()) == 1


@both
def test_with_approval_each_says_yes_to_as_many_as_it_likes(session, there, choosing):
    choosing.method = SelectionMethod.APPROVAL
    choosing.points = 1
    session.flush()
    yes = dict.fromkeys(numbers(there)[2:], 1)

    assert sum(vote(session, choosing.id, viewer=there.arnhem, points=yes, conflicts=[]).points.values()) == 4
    with pytest.raises(InvalidVoteError):
        vote(session, choosing.id, viewer=there.arnhem, points={numbers(there)[2]: 2}, conflicts=[])


@both
def test_only_municipalities_of_the_round_choose_and_only_while_it_goes_on(session, there, choosing):
    def given(viewer):
        return vote(session, choosing.id, viewer=viewer, points={}, conflicts=[], now=NOW)

    for viewer in (there.leader, there.reviewer):
        with pytest.raises(RoundNotAllowedError):
            given(viewer)
        with pytest.raises(RoundNotAllowedError):
            ballot(session, viewer, choosing.id)
    for viewer in (there.watcher, there.officers[OUTSIDE]):
        for ask in (given, lambda one: ballot(session, one, choosing.id)):
            with pytest.raises(RoundNotFoundError):
                ask(viewer)
    session.get_one(RoundMunicipality, (choosing.id, EDE)).out_at = NOW
    session.flush()
    with pytest.raises(RoundNotFoundError):
        given(there.ede)
    for state in (RoundState.SEEDING, RoundState.PAIRING, RoundState.CANCELLED):
        choosing.state = state
        session.flush()
        with pytest.raises(RoundStateError):
            given(there.arnhem)


@both
def test_the_second_of_two_colleagues_is_told(session, there, choosing):
    velp = numbers(there)[3]
    began = ballot(session, there.arnhem, choosing.id).seen
    first = vote(
        session, choosing.id, viewer=there.arnhem, points={velp: 1}, conflicts=[], seen=began, now=NOW
    )

    with pytest.raises(StaleBallotError):
        vote(session, choosing.id, viewer=there.arnhem, points={velp: 2}, conflicts=[], seen=began)
    vote(session, choosing.id, viewer=there.arnhem, points={velp: 2}, conflicts=[], seen=first.seen)


@both
def test_who_chose_is_known_and_nothing_of_what(session, there, choosing):
    vote(session, choosing.id, viewer=there.rheden, points={}, conflicts=[], now=NOW)
    for viewer in (there.leader, there.arnhem):
        found = who_voted(session, viewer, choosing.id)
        assert [(one.name, one.voted) for one in found] == [
            ("Arnhem", False),
            ("Ede", False),
            ("Rheden", True),
        ]
        with pytest.raises(RoundStateError):
            result_shown(session, viewer, choosing.id)
    assert (turnout(session, choosing.id).voted, turnout(session, choosing.id).met) == (1, False)
    vote(session, choosing.id, viewer=there.ede, points={}, conflicts=[], now=NOW)
    assert turnout(session, choosing.id).met
    with pytest.raises(RoundNotFoundError):
        who_voted(session, there.officers[OUTSIDE], choosing.id)


@both
def test_the_closed_choice_is_written_down_told_to_all_and_stays_what_it_was(session, there):
    row = round_in(session, RoundState.SELECTION, world=there)
    row.places = 2
    ids = numbers(there)

    close_choice(session, row, now=NOW)
    row.state, row.frozen_at = RoundState.PAIRING, NOW
    session.flush()

    chosen = session.scalars(
        select(RoundInitiative.initiative_id)
        .where(RoundInitiative.round_id == row.id, RoundInitiative.selected)
        .order_by(RoundInitiative.initiative_id)
    ).all()
    shown = result_shown(session, there.arnhem, row.id)
    # As round_in gives them; of two with 6 points of two municipalities the oldest goes first.
    assert [one.total for one in shown.outcomes] == [8, 6, 6, 4, 4, 2]
    assert shown.chosen == (ids[0], ids[1])
    assert chosen == list(shown.chosen)
    assert shown.border is TieBreak.AGE
    assert result_shown(session, there.leader, row.id) == shown

    # Whoever leaves later takes nothing away, and an entry that moves makes no conflict of a vote.
    session.get_one(RoundMunicipality, (row.id, EDE)).out_at = NOW + timedelta(days=1)
    session.get_one(RoundInitiative, (row.id, ids[0])).out_at = NOW + timedelta(days=1)
    there.initiatives[0].municipality_code = RHEDEN
    session.flush()
    assert result_shown(session, there.arnhem, row.id) == shown


@both
def test_who_left_before_the_closing_does_not_count(session, there):
    row = round_in(session, RoundState.SELECTION, world=there)
    ids = numbers(there)
    session.get_one(RoundMunicipality, (row.id, EDE)).out_at = NOW - timedelta(hours=1)
    for number in ids[4:]:
        session.get_one(RoundInitiative, (row.id, number)).out_at = NOW - timedelta(hours=1)
    session.flush()

    found = close_choice(session, row, now=NOW)

    assert (found.municipalities, found.voted) == (2, 2)
    assert [one.why for one in found.outcomes[-2:]] == [Why.OUT, Why.OUT]
    assert max(one.support for one in found.outcomes[:4]) == 1
    selected = {one.initiative_id: one.selected for one in session.scalars(select(RoundInitiative))}
    assert [selected[number] for number in ids] == [True, True, True, True, False, False]


@both
def test_a_round_that_was_called_off_while_choosing_tells_no_totals(session, there):
    row = round_in(session, RoundState.CANCELLED, world=there)

    for viewer in (there.leader, there.arnhem):
        with pytest.raises(RoundStateError):
            result_shown(session, viewer, row.id)
    assert result(session, row.id).municipalities == 3


@both
@pytest.mark.parametrize(
    ("changed", "stays"),
    [
        pytest.param({"points": 5}, False, id="fewer points"),
        pytest.param({"method": SelectionMethod.APPROVAL}, False, id="yes or no"),
        pytest.param(
            {"name": "Zomerronde", "places": 3, "quorum": 1.0}, True, id="what says nothing of a ballot"
        ),
    ],
)
def test_ballots_by_other_rules_do_not_count_after_going_back(session, there, changed, stays):
    row = round_in(session, RoundState.SELECTION, world=there)
    row = move(session, row.id, RoundState.SEEDING, viewer=there.leader, version=row.version, now=NOW)
    draft = RoundDraft(**{name: getattr(row, name) for name in RoundDraft.__dataclass_fields__})

    change_round(session, row.id, replace(draft, **changed), viewer=there.leader, version=row.version)

    assert turnout(session, row.id).voted == (3 if stays else 0)
    assert bool(result(session, row.id).chosen) is stays


def test_points_for_an_entry_that_became_ones_own_do_not_count_and_that_stays(session, there):
    """The register corrected the municipality of the entry after Arnhem had given it 4 points."""
    row = round_in(session, RoundState.SELECTION, world=there)
    there.initiatives[2].municipality_code = ARNHEM
    session.flush()

    found = close_choice(session, row, now=NOW)
    row.state, row.frozen_at = RoundState.PAIRING, NOW
    session.flush()

    moved = next(one for one in found.outcomes if one.initiative_id == there.initiatives[2].id)
    assert (moved.total, moved.support, moved.conflicts) == (2, 1, 1)
    assert result_shown(session, there.leader, row.id) == found

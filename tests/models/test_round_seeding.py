"""Making a round up: what goes in, who may, hosts, and consultants who have time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.municipality import Municipality
from models.round import Round, RoundConsultant, RoundInitiative, RoundVote
from models.store.round_candidates import (
    all_to_seed,
    consultants_to_put,
    municipalities_to_seed,
    to_seed,
)
from models.store.round_hosts import HostProblem, InvalidHostError, StaleHostError, fingerprint, set_host
from models.store.round_rules import RoundNotAllowedError, RoundNotFoundError, RoundStateError
from models.store.round_seeding import Refusal, put_consultants, seed, take_out_consultant, unseed
from models.words import RoundState
from tests.review.factories import ARNHEM, RHEDEN
from tests.rounds_world import EDE, FIRST_DAY, LAST_DAY, NOW, OUTSIDE, World, round_in, world

both = pytest.mark.both_databases

HOST = {"name": "Piet Pand", "email": "pand@arnhem.example", "hours": 6, "half_hours": 16, "language": "nl"}


@pytest.fixture
def there(session: Session) -> World:
    """The network of the tests of rounds."""
    return world(session)


@pytest.fixture
def made(session: Session, there: World) -> Round:
    """A round with nothing in it."""
    row = Round(
        name="Eerste ronde",
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        created_by_id=there.leader.account_id,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def inside(session: Session, row: Round) -> list[int]:
    return sorted(
        session.scalars(select(RoundInitiative.initiative_id).where(RoundInitiative.round_id == row.id))
    )


def people(session: Session, row: Round) -> list[int]:
    return sorted(
        session.scalars(select(RoundConsultant.consultant_id).where(RoundConsultant.round_id == row.id))
    )


@both
def test_a_leader_puts_entries_in_with_the_hours_of_the_register(session, there, made):
    first, second, *_rest = (one.id for one in there.initiatives)
    there.initiatives[1].hours = None

    put = seed(session, made.id, [second, first, first], viewer=there.leader, now=NOW)

    assert (put.added, put.already, put.refused) == ((first, second), (), {})
    rows = session.scalars(select(RoundInitiative).order_by(RoundInitiative.initiative_id)).all()
    assert [(one.half_hours, one.selected, one.host_name) for one in rows] == [(16, None, ""), (0, None, "")]
    again = seed(session, made.id, [first], viewer=there.leader, now=NOW)
    assert (again.added, again.already) == ((), (first,))
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "round")).all()
    assert [one.after for one in logged] == [{"done": "initiatives put in", "numbers": [first, second]}]


@both
def test_what_can_not_be_put_in_is_told_and_the_rest_goes_in(session, there, made):
    gone, elsewhere, good = there.initiatives[0], there.initiatives[1], there.initiatives[2]
    gone.withdrawn_at = NOW
    elsewhere.municipality_code = OUTSIDE

    put = seed(session, made.id, [gone.id, elsewhere.id, good.id, 999_999], viewer=there.leader, now=NOW)

    assert put.added == (good.id,)
    assert put.refused == {
        gone.id: Refusal.GONE,
        999_999: Refusal.GONE,
        elsewhere.id: Refusal.NO_PART,
    }


@both
def test_a_municipality_puts_forward_and_takes_back_only_its_own(session, there, made):
    own, foreign = there.initiatives[0].id, there.initiatives[2].id

    put = seed(session, made.id, [own, foreign], viewer=there.arnhem, now=NOW)
    assert put.added == (own,)
    assert put.refused == {foreign: Refusal.GONE}, "not told that it is there"
    seed(session, made.id, [foreign], viewer=there.leader, now=NOW)
    unseed(session, made.id, foreign, viewer=there.arnhem, now=NOW)
    assert inside(session, made) == sorted([own, foreign])
    unseed(session, made.id, own, viewer=there.arnhem, now=NOW)
    unseed(session, made.id, own, viewer=there.arnhem, now=NOW)
    assert inside(session, made) == [foreign]


@both
def test_others_put_nothing_in(session, there, made):
    ids = [there.initiatives[0].id]
    with pytest.raises(RoundNotAllowedError):
        seed(session, made.id, ids, viewer=there.reviewer, now=NOW)
    for viewer in (there.watcher, there.officers[OUTSIDE]):
        with pytest.raises(RoundNotFoundError):
            seed(session, made.id, ids, viewer=viewer, now=NOW)
    for viewer in (there.arnhem, there.reviewer):
        with pytest.raises(RoundNotAllowedError):
            put_consultants(session, made.id, [there.consultants[0].id], viewer=viewer, now=NOW)
    with pytest.raises(RoundNotFoundError):
        seed(session, 999_999, ids, viewer=there.leader, now=NOW)
    assert inside(session, made) == []
    assert people(session, made) == []


@both
def test_after_the_making_up_nothing_goes_in_or_out(session, there):
    row = round_in(session, RoundState.SELECTION, world=there)
    number = there.initiatives[0].id
    with pytest.raises(RoundStateError):
        seed(session, row.id, [number], viewer=there.leader, now=NOW)
    with pytest.raises(RoundStateError):
        unseed(session, row.id, number, viewer=there.leader, now=NOW)
    take_out_consultant(session, row.id, there.consultants[0].id, viewer=there.leader, now=NOW)
    assert there.consultants[0].id not in people(session, row)
    put_consultants(session, row.id, [there.consultants[0].id], viewer=there.leader, now=NOW)
    row.state = RoundState.PAIRING
    session.flush()
    for change in (put_consultants, take_out_consultant):
        what = [there.consultants[0].id] if change is put_consultants else there.consultants[0].id
        with pytest.raises(RoundStateError):
            change(session, row.id, what, viewer=there.leader, now=NOW)


@both
def test_what_is_taken_out_loses_the_points_of_an_earlier_choice(session, there):
    row = round_in(session, RoundState.SELECTION, world=there)
    row.state = RoundState.SEEDING
    session.flush()
    number = there.initiatives[2].id

    unseed(session, row.id, number, viewer=there.leader, now=NOW)

    voted = set(session.scalars(select(RoundVote.initiative_id).where(RoundVote.round_id == row.id)))
    assert number not in voted
    assert len(voted) == 5


@both
def test_what_fell_out_can_be_put_in_again_and_keeps_its_host(session, there, made):
    number = there.initiatives[0].id
    seed(session, made.id, [number], viewer=there.arnhem, now=NOW)
    set_host(session, made.id, number, viewer=there.arnhem, **HOST, now=NOW)
    row = session.get_one(RoundInitiative, (made.id, number))
    row.out_at, row.out_why = NOW, "withdrawn"
    session.flush()
    assert number in all_to_seed(session, there.leader, made.id, now=NOW)

    assert seed(session, made.id, [number], viewer=there.leader, now=NOW).added == (number,)

    session.refresh(row)
    assert (row.out_at, row.out_why, row.host_name) == (None, "", "Piet Pand")


@both
def test_only_what_is_not_in_the_round_of_who_takes_part_can_be_chosen_by_the_filters(session, there, made):
    names = [one.name for one in there.initiatives]
    seed(session, made.id, [there.initiatives[0].id], viewer=there.leader, now=NOW)
    there.initiatives[5].municipality_code = OUTSIDE
    session.flush()

    def found(viewer, **filters):
        return {one.name for one in to_seed(session, viewer, made.id, now=NOW, **filters).rows}

    assert found(there.leader) == set(names[1:5])
    assert found(there.leader, theme="groen") == {names[2]}
    assert found(there.leader, expertise="juridisch") == {names[1], names[3]}
    assert found(there.leader, municipality_code=RHEDEN, theme="energie") == {names[3]}
    assert found(there.arnhem) == {names[1]}
    assert to_seed(session, there.leader, made.id, now=NOW).total == 4
    assert municipalities_to_seed(session, there.leader, made.id, now=NOW) == [
        (ARNHEM, "Arnhem", 1),
        (EDE, "Ede", 1),
        (RHEDEN, "Rheden", 2),
    ]
    assert municipalities_to_seed(session, there.arnhem, made.id, now=NOW) == [(ARNHEM, "Arnhem", 1)]
    for viewer in (there.watcher, there.officers[OUTSIDE]):
        with pytest.raises(RoundNotFoundError):
            to_seed(session, viewer, made.id, now=NOW)
    # Leaving the network takes all of a municipality off the list.
    session.get_one(Municipality, RHEDEN).participates_until = date(2026, 11, 22)
    session.flush()
    assert found(there.leader) == {names[1], names[4]}


@both
def test_a_host_is_filled_in_by_its_own_municipality_or_a_leader_and_stands_in_no_log(session, there, made):
    own, foreign = there.initiatives[0].id, there.initiatives[2].id
    seed(session, made.id, [own, foreign], viewer=there.leader, now=NOW)
    typed = HOST | {"name": "  Piet   Pand ", "email": " Pand@Arnhem.example"}

    row = set_host(session, made.id, own, viewer=there.arnhem, **typed, now=NOW)

    assert (row.host_name, row.host_email, row.host_hours) == ("Piet Pand", "pand@arnhem.example", 6)
    with pytest.raises(RoundNotFoundError):
        set_host(session, made.id, foreign, viewer=there.arnhem, **HOST, now=NOW)
    with pytest.raises(RoundNotAllowedError):
        set_host(session, made.id, own, viewer=there.reviewer, **HOST, now=NOW)
    set_host(session, made.id, foreign, viewer=there.leader, **HOST, now=NOW)
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "round")).all()
    assert logged[1].after == {"initiative": own, "fields": ["host_name", "host_email", "host_hours"]}
    assert "Pand" not in str([(one.before, one.after) for one in logged])


@both
def test_all_that_is_wrong_with_a_host_is_told_at_once(session, there, made):
    own = there.initiatives[0].id
    seed(session, made.id, [own], viewer=there.arnhem, now=NOW)

    with pytest.raises(InvalidHostError) as caught:
        set_host(
            session,
            made.id,
            own,
            viewer=there.arnhem,
            name=" ",
            email="piet@",
            hours=0,
            half_hours=4001,
            language="xx",
            languages={"nl", "fy"},
            now=NOW,
        )
    assert caught.value.problems == {
        "host_name": HostProblem.EMPTY,
        "host_email": HostProblem.NO_EMAIL,
        "host_hours": HostProblem.OUT_OF_RANGE,
        "half_hours": HostProblem.OUT_OF_RANGE,
        "language": HostProblem.UNKNOWN,
    }
    with pytest.raises(InvalidHostError) as caught:
        set_host(session, made.id, own, viewer=there.arnhem, **HOST | {"name": "x" * 121}, now=NOW)
    assert caught.value.problems == {"host_name": HostProblem.TOO_LONG}


@both
def test_the_second_of_two_who_fill_a_host_in_is_told(session, there, made):
    own = there.initiatives[0].id
    seed(session, made.id, [own], viewer=there.arnhem, now=NOW)
    row = session.get_one(RoundInitiative, (made.id, own))
    began = fingerprint(row)
    set_host(session, made.id, own, viewer=there.arnhem, **HOST, seen=began, now=NOW)

    with pytest.raises(StaleHostError):
        set_host(session, made.id, own, viewer=there.leader, **HOST | {"hours": 9}, seen=began, now=NOW)

    # The same once more is what somebody gets who sends a form twice.
    set_host(session, made.id, own, viewer=there.arnhem, **HOST, seen=began, now=NOW)
    set_host(
        session, made.id, own, viewer=there.leader, **HOST | {"hours": 9}, seen=fingerprint(row), now=NOW
    )
    assert row.host_hours == 9


@both
def test_during_the_round_the_contact_may_change_but_not_what_was_agreed(session, there):
    row = round_in(session, RoundState.PAIRING, world=there)
    number = there.initiatives[0].id

    one = set_host(session, row.id, number, viewer=there.arnhem, **HOST, now=NOW)
    assert one.host_name == "Piet Pand"
    with pytest.raises(RoundStateError):
        set_host(session, row.id, number, viewer=there.arnhem, **HOST | {"half_hours": 20}, now=NOW)
    row.state = RoundState.CLOSED
    session.flush()
    with pytest.raises(RoundStateError):
        set_host(session, row.id, number, viewer=there.arnhem, **HOST, now=NOW)


@both
@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({}, None),
        ({"available": False}, Refusal.GONE),
        ({"removed_at": NOW}, Refusal.GONE),
        ({"half_hours": 0}, Refusal.NO_TIME),
        ({"period_until": FIRST_DAY - timedelta(days=1)}, Refusal.NO_TIME),
        ({"period_until": FIRST_DAY}, None),
        ({"period_from": LAST_DAY + timedelta(days=1), "period_until": None}, Refusal.NO_TIME),
        ({"period_from": LAST_DAY, "period_until": None}, None),
        ({"municipality_code": OUTSIDE}, Refusal.NO_PART),
    ],
)
def test_only_consultants_who_have_time_are_put_in(session, there, made, change, refused):
    one = there.consultants[0]
    for name, value in change.items():
        setattr(one, name, value)
    session.flush()

    offered = {choice.id for choice in consultants_to_put(session, there.leader, made.id, now=NOW)}
    put = put_consultants(session, made.id, [one.id], viewer=there.leader, now=NOW)

    assert put.refused == ({} if refused is None else {one.id: refused})
    assert (one.id in offered) is (refused is None)
    assert people(session, made) == ([one.id] if refused is None else [])


@both
def test_a_round_without_days_takes_who_is_not_past_the_period_today(session, there, made):
    made.first_day = made.last_day = None
    today, yesterday = there.consultants[:2]
    today.period_until, yesterday.period_until = NOW.date(), NOW.date() - timedelta(days=1)
    session.flush()

    put = put_consultants(session, made.id, [today.id, yesterday.id], viewer=there.leader, now=NOW)

    assert (put.added, put.refused) == ((today.id,), {yesterday.id: Refusal.NO_TIME})


@both
def test_hours_are_as_they_were_when_somebody_was_put_in_and_anew_after_falling_out(session, there, made):
    one = there.consultants[0]
    put_consultants(session, made.id, [one.id], viewer=there.leader, now=NOW)
    one.half_hours = 8
    assert put_consultants(session, made.id, [one.id], viewer=there.leader, now=NOW).already == (one.id,)
    row = session.get_one(RoundConsultant, (made.id, one.id))
    assert (row.half_hours, row.most) == (40, 2)
    row.out_at, row.out_why = NOW, "unavailable"
    session.flush()

    assert put_consultants(session, made.id, [one.id], viewer=there.leader, now=NOW).added == (one.id,)
    assert (row.half_hours, row.out_at, row.out_why) == (8, None, "")
    assert consultants_to_put(session, there.arnhem, made.id, now=NOW) == []


@both
def test_staff_that_also_answers_for_a_municipality_leads_as_staff(session, there, made):
    """A leader with a municipality puts in entries of all."""
    viewer = replace(there.leader, roles=there.leader.roles | there.arnhem.roles, municipality_code=ARNHEM)
    ids = [one.id for one in there.initiatives]

    assert seed(session, made.id, ids, viewer=viewer, now=NOW).added == tuple(sorted(ids))


@both
def test_a_reviewer_who_also_answers_for_a_municipality_writes_only_for_that_one(session, there, made):
    viewer = replace(
        there.reviewer, roles=there.reviewer.roles | there.arnhem.roles, municipality_code=ARNHEM
    )
    own, foreign = there.initiatives[0].id, there.initiatives[2].id

    assert seed(session, made.id, [own, foreign], viewer=viewer, now=NOW).added == (own,)
    seed(session, made.id, [foreign], viewer=there.leader, now=NOW)
    unseed(session, made.id, foreign, viewer=viewer, now=NOW)
    assert inside(session, made) == sorted([own, foreign])
    with pytest.raises(RoundNotFoundError):
        set_host(session, made.id, foreign, viewer=viewer, **HOST, now=NOW)

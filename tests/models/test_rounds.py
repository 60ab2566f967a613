"""Matching rounds in the store: who makes and changes them, and who sees what."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.audit_entry import AuditEntry
from models.municipality import Municipality
from models.round import (
    Round,
    RoundInitiative,
)
from models.store.rounds import (
    InvalidRoundError,
    RoundDraft,
    RoundNotAllowedError,
    RoundNotFoundError,
    RoundStateError,
    StaleRoundError,
    change_round,
    consultants_of,
    get_round,
    hold_round,
    initiatives_of,
    make_round,
    round_page,
)
from models.words import MatchState, RoundState, SelectionMethod
from tests.rounds_world import NOW, OUTSIDE, match_in, round_in, world

pytestmark = pytest.mark.both_databases

DRAFT = RoundDraft(name="  Eerste   ronde ", first_day=date(2027, 1, 4), last_day=date(2027, 3, 26), places=5)


def test_only_who_leads_makes_rounds_and_bad_fields_are_all_told(session):
    w = world(session)
    row = make_round(session, DRAFT, viewer=w.leader, now=NOW)

    assert (row.name, row.state, row.version) == ("Eerste ronde", RoundState.SEEDING, 1)
    for viewer in (w.reviewer, w.arnhem, w.watcher):
        with pytest.raises(RoundNotAllowedError):
            make_round(session, DRAFT, viewer=viewer)
    bad = RoundDraft(
        name=" ", first_day=date(2027, 2, 1), last_day=date(2027, 1, 1), points=0, places=0, quorum=1.5
    )
    with pytest.raises(InvalidRoundError) as error:
        make_round(session, bad, viewer=w.leader)
    assert error.value.problems == {
        "name": "empty",
        "last_day": "backwards",
        "points": "bounds",
        "places": "bounds",
        "quorum": "bounds",
    }


def test_two_who_change_a_round_do_not_undo_each_other(session):
    w = world(session)
    row = make_round(session, DRAFT, viewer=w.leader, now=NOW)
    change_round(session, row.id, replace(DRAFT, points=8), viewer=w.leader, version=1, now=NOW)

    with pytest.raises(StaleRoundError) as error:
        change_round(session, row.id, replace(DRAFT, points=6), viewer=w.leader, version=1)
    assert (error.value.version, row.points) == (2, 8)
    # What changes nothing counts as no change.
    assert change_round(session, row.id, replace(DRAFT, points=8), viewer=w.leader, version=2).version == 2
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.before, entry.after) == ({"points": 10}, {"points": 8, "fields": ["points"]})


def test_what_was_agreed_on_stands_once_the_choosing_has_begun(session):
    w = world(session)
    row = round_in(session, RoundState.SELECTION, world=w)
    same = RoundDraft(
        name="Voorjaarsronde", first_day=row.first_day, last_day=row.last_day, places=5, automatic=True
    )

    for other in (
        replace(same, points=3),
        replace(same, places=None),
        replace(same, quorum=0.1),
        replace(same, method=SelectionMethod.APPROVAL),
    ):
        with pytest.raises(RoundStateError):
            change_round(session, row.id, other, viewer=w.leader, version=row.version)
    change_round(session, row.id, replace(same, automatic=False), viewer=w.leader, version=row.version)
    row.state = RoundState.PAIRING
    with pytest.raises(RoundStateError):
        change_round(session, row.id, same, viewer=w.leader, version=row.version)
    change_round(
        session, row.id, replace(same, automatic=False, name="Lente"), viewer=w.leader, version=row.version
    )
    assert (row.name, row.automatic) == ("Lente", False)


def test_who_sees_a_round(session):
    w = world(session)
    seeding = round_in(session, RoundState.SEEDING, world=w)
    pairing = round_in(session, RoundState.PAIRING, world=w)
    nijmegen = w.officers[OUTSIDE]

    assert [row.id for row in round_page(session, w.reviewer).rows] == [pairing.id, seeding.id]
    assert round_page(session, w.arnhem).total == 2
    assert round_page(session, w.arnhem, state=RoundState.PAIRING).total == 1
    for viewer in (nijmegen, w.watcher):
        assert round_page(session, viewer).total == 0
        for row in (seeding, pairing):
            with pytest.raises(RoundNotFoundError):
                get_round(session, viewer, row.id)
            with pytest.raises(RoundNotFoundError):
                initiatives_of(session, viewer, row.id)
            with pytest.raises(RoundNotFoundError):
                hold_round(session, viewer, row.id)
    # Who joins the network sees what is being made up, not what others chose without it.
    session.get(Municipality, OUTSIDE).participates_from = date(2026, 1, 1)
    assert [row.id for row in round_page(session, nijmegen).rows] == [seeding.id]
    with pytest.raises(RoundNotAllowedError):
        hold_round(session, w.arnhem, seeding.id)
    with pytest.raises(RoundNotAllowedError):
        hold_round(session, w.reviewer, seeding.id)


def test_a_municipality_sees_own_consultants_and_those_it_is_matched_with(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    noor, bas, saar, teun, els = w.consultants

    assert [one.name for one in consultants_of(session, w.leader, row.id)] == sorted(
        one.name for one in w.consultants
    )
    seen = {one.consultant_id: one for one in consultants_of(session, w.arnhem, row.id)}
    assert set(seen) == {noor.id, bas.id, saar.id}
    assert seen[noor.id].own
    assert seen[noor.id].expertise == noor.expertise
    other = seen[saar.id]
    assert (other.name, other.email, other.expertise, other.half_hours) == (saar.name, saar.email, [], 0)
    # Ede's initiative is matched with Bas; the decline takes his name away again.
    match_in(session, row, w.initiatives[4]).state = MatchState.DECLINED
    assert [one.consultant_id for one in consultants_of(session, w.ede, row.id)] == [els.id]
    assert teun.id not in seen


def test_a_municipality_sees_initiatives_of_others_without_host_and_only_those_still_in(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    gone = session.get(RoundInitiative, (row.id, w.initiatives[2].id))
    gone.out_at, gone.out_why = NOW, "withdrawn"

    rows = {one.initiative_id: one for one in initiatives_of(session, w.arnhem, row.id)}
    assert set(rows) == {one.id for one in w.initiatives} - {gone.initiative_id}
    assert rows[w.initiatives[0].id].host_name == "Contactpersoon Arnhem"
    other = rows[w.initiatives[3].id]
    assert (other.host_name, other.host_email, other.host_hours) == ("", "", None)
    assert other.question == w.initiatives[3].question
    assert other.host_known is False
    assert len(initiatives_of(session, w.rheden, row.id)) == 6
    assert [one.kind for one in get_round(session, w.rheden, row.id).fallen] == ["initiative"]
    assert get_round(session, w.arnhem, row.id).fallen == ()


def test_rounds_come_a_page_at_a_time(session):
    w = world(session)
    made = [make_round(session, DRAFT, viewer=w.leader, now=NOW + timedelta(days=day)) for day in range(5)]
    numbers = [row.id for row in made][::-1]

    first = round_page(session, w.leader, limit=2)
    second = round_page(session, w.leader, after=first.after, limit=2)
    assert [row.id for row in first.rows + second.rows] == numbers[:4]
    assert [row.id for row in round_page(session, w.leader, before=second.before, limit=2).rows] == numbers[
        :2
    ]
    assert (first.before, first.total) == (None, 5)


def test_numbers_of_a_round(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    view = get_round(session, w.leader, row.id)

    assert (view.municipalities, view.initiatives, view.selected, view.consultants) == (3, 6, 5, 5)
    assert (view.wanted, view.offered) == (66, 124)
    assert view.matches == {MatchState.PROPOSED: 5}
    assert view.minutes == 42.0
    own = get_round(session, w.ede, row.id)
    assert own.matches == {MatchState.PROPOSED: 1}
    assert (own.minutes, own.chosen) == (0.0, None)
    assert session.get(Round, row.id) is row

"""Moving a matching round on: what must be true first, and what each move does."""

import hashlib
from datetime import date

import pytest
from sqlalchemy import select

from matching.snapshot import of_text
from models.audit_entry import AuditEntry
from models.match import Match
from models.municipality import Municipality
from models.round import (
    RoundInitiative,
    RoundJob,
    RoundMunicipality,
    RoundPair,
    RoundVote,
)
from models.store.round_moves import TRANSITIONS, move, moves_from, what_is_missing
from models.store.rounds import (
    OPEN,
    RoundNotAllowedError,
    RoundNotFoundError,
    RoundNotReadyError,
    RoundStateError,
    StaleRoundError,
)
from models.words import JobPurpose, MatchState, PairingKind, RoundState
from review.round_problem import frozen_text
from tests.review.factories import ARNHEM
from tests.rounds_world import EDE, NOW, OUTSIDE, pairs_in, round_in, world

pytestmark = pytest.mark.both_databases


def go(session, round_, to, w, **more):
    """Move a round as the leader does, seeing it as it is."""
    more = {"viewer": w.leader, "version": round_.version, "freeze": frozen_text, "now": NOW} | more
    return move(session, round_.id, to, **more)


def words(error):
    return [word for word, _values in error.value.problems]


def test_the_way_of_a_round_with_both_pairings(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    go(session, row, RoundState.SELECTION, w)
    assert {one.municipality_code for one in session.scalars(select(RoundMunicipality))} == set(
        w.officers
    ) - {OUTSIDE}
    with pytest.raises(RoundNotReadyError) as error:
        go(session, row, RoundState.PAIRING, w)
    assert words(error) == ["quorum", "chosen"]
    assert error.value.problems[0][1] == {"voted": 0, "needed": 2, "municipalities": 3}
    for code in (ARNHEM, EDE):
        for initiative in w.initiatives[2:4]:
            session.add(
                RoundVote(
                    round_id=row.id,
                    municipality_code=code,
                    initiative_id=initiative.id,
                    points=2,
                    account_id=w.officers[code].account_id,
                    at=NOW,
                )
            )
    go(session, row, RoundState.PAIRING, w)
    chosen = [one.initiative_id for one in session.scalars(select(RoundInitiative)) if one.selected]
    assert chosen == [w.initiatives[2].id, w.initiatives[3].id]
    assert hashlib.sha256(row.snapshot.encode()).hexdigest() == row.snapshot_hash
    assert {one.key for one in of_text(row.snapshot).initiatives} == {str(number) for number in chosen}
    job = session.scalars(select(RoundJob)).one()
    assert (job.purpose, job.problem_hash) == (JobPurpose.BESIDE, row.snapshot_hash)
    with pytest.raises(RoundNotReadyError) as error:
        go(session, row, RoundState.COMPARING, w)
    assert words(error) == ["pairs_by_hand"]
    with pytest.raises(RoundStateError):
        go(session, row, RoundState.PROPOSING, w)
    for kind, number in ((PairingKind.BY_HAND, 1), (PairingKind.AUTOMATIC, 4)):
        session.add(
            RoundPair(
                round_id=row.id,
                kind=kind,
                initiative_id=chosen[0],
                consultant_id=w.consultants[number].id,
                fit=700,
                broken=[],
                at=NOW,
            )
        )
    go(session, row, RoundState.COMPARING, w)
    assert row.paired_at == NOW
    with pytest.raises(RoundNotReadyError) as error:
        go(session, row, RoundState.PROPOSING, w)
    assert words(error) == ["which"]
    go(session, row, RoundState.PROPOSING, w, chosen=PairingKind.AUTOMATIC)
    final = session.scalars(select(RoundPair).where(RoundPair.kind == PairingKind.FINAL)).all()
    assert [(one.initiative_id, one.consultant_id) for one in final] == [(chosen[0], w.consultants[4].id)]
    assert row.chosen is PairingKind.AUTOMATIC
    assert row.paired_at == NOW


def test_without_the_automatic_pairing_proposals_follow_the_pairing_by_hand(session):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w, automatic=False)
    with pytest.raises(RoundStateError):
        what_is_missing(session, row, RoundState.COMPARING)
    initiative, consultant = pairs_in(w)[0]
    session.add(
        RoundPair(
            round_id=row.id,
            kind=PairingKind.BY_HAND,
            initiative_id=initiative.id,
            consultant_id=consultant.id,
            fit=700,
            broken=["te_ver"],
            at=NOW,
        )
    )
    go(session, row, RoundState.PROPOSING, w)

    final = session.scalars(select(RoundPair).where(RoundPair.kind == PairingKind.FINAL)).one()
    assert (final.consultant_id, final.broken, final.by_id) == (
        consultant.id,
        ["te_ver"],
        w.leader.account_id,
    )
    assert (row.chosen, row.paired_at) == (PairingKind.BY_HAND, NOW)


def test_a_round_waits_for_hosts_and_hours_and_says_of_which(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    session.get(RoundInitiative, (row.id, w.initiatives[1].id)).host_email = ""
    session.get(RoundInitiative, (row.id, w.initiatives[3].id)).half_hours = 0
    for code in (ARNHEM, EDE):
        session.get(Municipality, code).participates_until = date(2026, 6, 1)

    with pytest.raises(RoundNotReadyError) as error:
        go(session, row, RoundState.SELECTION, w)
    assert error.value.problems == [
        ("hosts", {"count": 1, "names": ["Buurtkeuken Klarendal"]}),
        ("hours", {"count": 1, "names": ["Zonnedak Velp"]}),
        ("municipalities", {"count": 1}),
    ]
    assert row.state is RoundState.SEEDING
    assert session.scalars(select(RoundMunicipality)).all() == []


def test_back_to_making_up_keeps_the_votes_and_counts_anew_who_takes_part(session):
    w = world(session)
    row = round_in(session, RoundState.SELECTION, world=w)
    votes = len(session.scalars(select(RoundVote)).all())
    go(session, row, RoundState.SEEDING, w)
    session.get(Municipality, EDE).participates_until = date(2026, 11, 1)
    session.get(Municipality, OUTSIDE).participates_from = date(2026, 11, 1)
    go(session, row, RoundState.SELECTION, w)

    assert len(session.scalars(select(RoundVote)).all()) == votes
    rows = {one.municipality_code: one.out_at for one in session.scalars(select(RoundMunicipality))}
    assert rows.pop(EDE) == NOW
    assert set(rows.values()) == {None}
    assert OUTSIDE in rows


def test_proposals_end_in_work_and_work_in_closing(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    matches = session.scalars(select(Match)).all()
    assert what_is_missing(session, row, RoundState.DEPLOYED) == [
        ("all_answered", {"count": len(matches)}),
        ("some_agreed", {}),
    ]
    for match in matches:
        match.state = MatchState.AGREED
    matches[0].state = MatchState.STOPPED
    assert what_is_missing(session, row, RoundState.DEPLOYED) == [("all_proposed", {"count": 1})]
    session.delete(
        session.scalars(
            select(RoundPair).where(
                RoundPair.kind == PairingKind.FINAL, RoundPair.initiative_id == matches[0].initiative_id
            )
        ).one()
    )
    go(session, row, RoundState.DEPLOYED, w)
    go(session, row, RoundState.PROPOSING, w)
    assert row.chosen is PairingKind.BY_HAND
    go(session, row, RoundState.DEPLOYED, w)
    with pytest.raises(RoundNotReadyError) as error:
        go(session, row, RoundState.CLOSED, w)
    assert error.value.problems == [("all_ended", {"count": len(matches) - 1})]
    for match in matches[1:]:
        match.state = MatchState.FINISHED
    go(session, row, RoundState.CLOSED, w)
    assert (row.state, row.ended_at) == (RoundState.CLOSED, NOW)
    with pytest.raises(RoundStateError):
        go(session, row, RoundState.CANCELLED, w, why="Te laat.")


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_round_can_be_called_off_at_any_time_with_a_reason(session, state):
    w = world(session)
    row = round_in(session, state, world=w)
    with pytest.raises(RoundNotReadyError):
        go(session, row, RoundState.CANCELLED, w, why="  ")
    with pytest.raises(RoundNotReadyError):
        go(session, row, RoundState.CANCELLED, w, why="x" * 501)
    go(session, row, RoundState.CANCELLED, w, why=" Te weinig consultants. ")

    assert (row.ended_why, row.ended_at) == ("Te weinig consultants.", NOW)
    assert {one.state for one in session.scalars(select(Match))} <= {MatchState.STOPPED}
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "round").order_by(AuditEntry.id.desc())
    ).first()
    assert (entry.before, entry.after) == ({"state": state.value}, {"state": "gestopt"})


def test_only_the_leader_moves_and_only_what_was_seen(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    for viewer in (w.reviewer, w.arnhem):
        with pytest.raises(RoundNotAllowedError):
            go(session, row, RoundState.SELECTION, w, viewer=viewer)
    with pytest.raises(RoundNotFoundError):
        go(session, row, RoundState.SELECTION, w, viewer=w.watcher)
    with pytest.raises(StaleRoundError):
        go(session, row, RoundState.SELECTION, w, version=row.version + 1)
    assert row.state is RoundState.SEEDING


def test_every_state_but_the_last_two_leads_on(session):
    for state in RoundState:
        ways = [one for automatic in (True, False) for one in moves_from(state, automatic=automatic)]
        assert bool(ways) is (state in OPEN)
    assert len({(one.before, one.after, one.automatic) for one in TRANSITIONS}) == len(TRANSITIONS)

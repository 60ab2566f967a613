"""Who or what falls out during a matching round: pairs go, matches stop, and the round says so."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.audit_entry import AuditEntry
from models.base import ZONE
from models.consultant import Consultant
from models.database import session_factory
from models.initiative import Initiative
from models.labels import load_labels
from models.match import Match
from models.municipality import Municipality
from models.round import RoundConsultant, RoundInitiative, RoundMark, RoundMunicipality, RoundPair
from models.store.consultant_drafts import ConsultantDraft
from models.store.consultants import (
    change_consultant,
    forget_consultants,
    remove_consultant,
    set_available,
)
from models.store.network import change_participation
from models.store.pairing import put_pair
from models.store.register import remove_initiative
from models.store.round_leavers import Why, initiative_left, municipality_left
from models.store.round_leaving import leave_due
from models.store.rounds import consultants_of, get_round, hold_round
from models.words import MatchState, PairingKind, RoundState
from review.round_problem import problem_of
from tests.review.factories import ARNHEM, RHEDEN
from tests.rounds_world import EDE, NOW, match_in, round_in, world

pytestmark = pytest.mark.both_databases

SAAR = 2  # of Rheden; paired with both initiatives of Arnhem


def kinds_of(session, round_, consultant):
    """In which pairings a consultant stands."""
    return {
        one.kind
        for one in session.scalars(
            select(RoundPair).where(RoundPair.round_id == round_.id, RoundPair.consultant_id == consultant.id)
        )
    }


def states_of(session, round_, consultant):
    """In which states the matches of a consultant are."""
    rows = session.scalars(
        select(Match).where(Match.round_id == round_.id, Match.consultant_id == consultant.id)
    )
    return [one.state for one in rows]


def test_a_consultant_who_is_taken_out_leaves_pairs_proposals_and_the_name(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    saar = w.consultants[SAAR]
    session.add(
        RoundMark(
            round_id=row.id,
            initiative_id=w.initiatives[0].id,
            consultant_id=saar.id,
            pinned=True,
            by_id=w.leader.account_id,
            at=NOW,
        )
    )
    remove_consultant(session, saar.id, viewer=w.rheden, version=saar.version, now=NOW)

    out = session.get(RoundConsultant, (row.id, saar.id))
    assert (out.out_at, out.out_why) == (NOW, "removed")
    # What was compared stays for the comparison.
    assert kinds_of(session, row, saar) == {PairingKind.BY_HAND, PairingKind.AUTOMATIC}
    assert states_of(session, row, saar) == [MatchState.STOPPED] * 2
    assert match_in(session, row, w.initiatives[0]).ended_why == "removed"
    assert not session.scalars(select(RoundMark)).one().pinned
    fallen = get_round(session, w.leader, row.id).fallen
    assert [(one.kind, one.name, one.municipality, one.why) for one in fallen] == [
        ("consultant", "", "Rheden", "removed")
    ]
    assert {one.name for one in consultants_of(session, w.leader, row.id)} == {
        "",
        *(one.name for one in w.consultants if one is not saar),
    }
    log = session.scalars(select(AuditEntry).where(AuditEntry.action == "round")).all()
    assert [one.after for one in log] == [{"done": "fell out", "consultant": saar.id, "why": "removed"}]


def test_while_pairing_by_hand_the_pairs_go_and_afterwards_they_stay(session):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w)
    saar = w.consultants[SAAR]
    for initiative in w.initiatives[:2]:
        session.add(
            RoundPair(
                round_id=row.id,
                kind=PairingKind.BY_HAND,
                initiative_id=initiative.id,
                consultant_id=saar.id,
                fit=1,
                broken=[],
                at=NOW,
            )
        )
    set_available(session, saar.id, False, viewer=w.rheden, version=1, now=NOW)
    assert kinds_of(session, row, saar) == set()


def test_work_that_has_begun_goes_on_with_who_is_only_not_available(session):
    w = world(session)
    row = round_in(session, RoundState.DEPLOYED, world=w)
    saar = w.consultants[SAAR]
    match_in(session, row, w.initiatives[1]).state = MatchState.AGREED
    set_available(session, saar.id, False, viewer=w.leader, version=1, now=NOW)

    assert match_in(session, row, w.initiatives[0]).state is MatchState.DEPLOYED
    stopped = match_in(session, row, w.initiatives[1])
    assert (stopped.state, stopped.ended_why) == (MatchState.STOPPED, "unavailable")
    final = select(RoundPair.initiative_id).where(
        RoundPair.kind == PairingKind.FINAL, RoundPair.consultant_id == saar.id
    )
    assert session.scalars(final).all() == [w.initiatives[0].id]
    # Has time for what goes on, and for nothing else.
    problem = problem_of(session, row.id, kind=PairingKind.FINAL)
    left = next(one for one in problem.consultants if one.key == str(saar.id))
    assert (left.available, left.half_hours, left.most) == (True, 16, 1)
    assert problem.pins == {(str(w.initiatives[0].id), str(saar.id))}
    # Who is taken out after all stops that too.
    remove_consultant(session, saar.id, viewer=w.leader, version=2, now=NOW)
    assert states_of(session, row, saar) == [MatchState.STOPPED] * 2


def test_a_period_that_ends_before_the_work_begins_takes_a_consultant_out(session, settings):
    w = world(session)
    row = round_in(session, RoundState.SELECTION, world=w)
    bas = w.consultants[1]
    draft = _draft_of(bas)
    labels = load_labels(settings)
    shorter = replace(draft, period_until=row.first_day)
    change_consultant(session, bas.id, shorter, viewer=w.arnhem, version=1, labels=labels, now=NOW)
    assert session.get(RoundConsultant, (row.id, bas.id)).out_at is None
    shorter = replace(draft, period_until=row.first_day - timedelta(days=1))
    change_consultant(session, bas.id, shorter, viewer=w.arnhem, version=2, labels=labels, now=NOW)
    assert session.get(RoundConsultant, (row.id, bas.id)).out_why == "period"


def _draft_of(row):
    return ConsultantDraft(**{name: getattr(row, name) for name in ConsultantDraft.__dataclass_fields__})


def test_a_consultant_past_the_term_leaves_the_round_too(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    bas = w.consultants[1]
    bas.period_until = date(2025, 11, 1)
    session.flush()
    assert forget_consultants(session, now=NOW) == 1
    assert session.get(RoundConsultant, (row.id, bas.id)).out_why == "removed"


def test_an_initiative_taken_out_of_the_register_leaves_the_round(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    garden = w.initiatives[2]
    remove_initiative(session, garden.id, viewer=w.leader, version=garden.version, now=NOW)

    out = session.get(RoundInitiative, (row.id, garden.id))
    assert (out.out_at, out.out_why) == (NOW, "withdrawn")
    assert match_in(session, row, garden).state is MatchState.STOPPED
    pairs = select(RoundPair.initiative_id).where(RoundPair.kind == PairingKind.FINAL)
    assert garden.id not in session.scalars(pairs).all()
    # A second word of the same changes nothing.
    assert initiative_left(session, garden.id, Why.WITHDRAWN, now=NOW).initiatives == 0


def test_a_municipality_that_leaves_takes_its_initiatives_and_consultants_along(session):
    w = world(session)
    row = round_in(session, RoundState.PROPOSING, world=w)
    closed = round_in(session, RoundState.CLOSED, world=w)
    change_participation(
        session,
        RHEDEN,
        date(2026, 1, 1),
        date(2026, 11, 22),
        viewer=w.leader,
        seen=(date(2026, 1, 1), None),
        day=NOW.astimezone(ZONE).date(),
    )

    assert session.get(RoundMunicipality, (row.id, RHEDEN)).out_at is not None
    fallen = get_round(session, w.leader, row.id).fallen
    assert sorted((one.kind, one.why) for one in fallen) == [
        *[("consultant", "municipality_left")] * 2,
        *[("initiative", "municipality_left")] * 2,
        ("municipality", "municipality_left"),
    ]
    going = {
        one.initiative_id
        for one in session.scalars(select(Match).where(Match.round_id == row.id))
        if one.state is MatchState.PROPOSED
    }
    # Of the five matches only that of Ede with Arnhem is left.
    assert going == {w.initiatives[4].id}
    assert get_round(session, w.leader, closed.id).fallen == ()


def test_a_last_day_in_the_future_takes_nothing_away_before_it_has_passed(session):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w)
    change_participation(
        session,
        EDE,
        date(2026, 1, 1),
        date(2026, 12, 31),
        viewer=w.leader,
        seen=(date(2026, 1, 1), None),
        day=NOW.date(),
    )
    assert leave_due(session, now=NOW).municipalities == 0
    later = NOW + timedelta(days=60)
    left = leave_due(session, now=later)
    assert (left.municipalities, left.initiatives, left.consultants) == (1, 2, 1)
    assert session.get(RoundMunicipality, (row.id, EDE)).out_at == later
    again = leave_due(session, now=later)
    assert (again.municipalities, again.initiatives, again.consultants, again.matches) == (0, 0, 0, 0)


def test_what_was_put_in_while_it_was_taken_out_is_found_later(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    session.get(Initiative, w.initiatives[0].id).withdrawn_at = NOW
    session.get(Consultant, w.consultants[0].id).removed_at = NOW
    session.get(Consultant, w.consultants[4].id).available = False
    session.flush()
    left = leave_due(session, now=NOW)

    assert (left.initiatives, left.consultants) == (1, 2)
    assert session.get(RoundConsultant, (row.id, w.consultants[0].id)).out_why == "removed"
    assert session.get(RoundConsultant, (row.id, w.consultants[4].id)).out_why == "unavailable"


def test_a_municipality_that_left_while_a_round_was_made_up_takes_its_own_along(session):
    w = world(session)
    row = round_in(session, RoundState.SEEDING, world=w)
    session.get(Municipality, ARNHEM).participates_until = date(2026, 11, 1)
    left = municipality_left(session, ARNHEM, now=NOW)

    assert (left.municipalities, left.initiatives, left.consultants) == (0, 2, 2)
    assert get_round(session, w.leader, row.id).initiatives == 4


def test_whoever_leaves_waits_for_whoever_works_in_the_round(engine, session):
    w = world(session)
    row = round_in(session, RoundState.PAIRING, world=w)
    round_id, saar_id, pair = row.id, w.consultants[SAAR].id, (w.initiatives[0].id, w.consultants[SAAR].id)
    session.commit()
    writing = session_factory(engine)
    held = threading.Event()

    def leave():
        with writing() as other:
            held.wait(10)
            remove_consultant(other, saar_id, viewer=w.rheden, version=1, now=NOW)
            other.commit()

    with ThreadPoolExecutor(1) as pool:
        leaving = pool.submit(leave)
        with writing() as mine:
            hold_round(mine, w.leader, round_id)
            held.set()
            put_pair(mine, round_id, *pair, viewer=w.leader, seen=None, fit=800, now=NOW)
            mine.commit()
        leaving.result(timeout=20)
    session.expire_all()
    # First the pair was made, then it fell out with the consultant; nobody was refused.
    assert session.scalars(select(RoundPair).where(RoundPair.kind == PairingKind.BY_HAND)).all() == []
    assert session.get(RoundConsultant, (round_id, saar_id)).out_why == "removed"

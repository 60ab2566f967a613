"""Several people at once in one round: one of them wins, the others are told; nothing is lost or doubled."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from matching.snapshot import digest, to_text
from models.consultant import Consultant
from models.database import session_factory
from models.initiative import Initiative
from models.match import Match, MatchAnswer, MatchMail
from models.municipality import Municipality
from models.round import (
    RoundConsultant,
    RoundInitiative,
    RoundJob,
    RoundMunicipality,
    RoundPair,
    RoundVote,
)
from models.store import round_jobs
from models.store.consultants import remove_consultant, set_available
from models.store.match_mails import note_sent, take
from models.store.match_rules import ASKED, MatchError, MatchStateError, StaleMatchError
from models.store.matches import deploy, stop
from models.store.network import change_participation
from models.store.pairing import PairingError, StalePairError, put_pair
from models.store.register import remove_initiative
from models.store.round_automatic import FoundPair
from models.store.round_leaving import leave_due
from models.store.round_moves import move
from models.store.round_rules import RoundError, StaleRoundError, hold_any
from models.store.round_seeding import put_consultants, seed
from models.store.round_votes import vote
from models.words import JobPurpose, MatchState, PairingKind, RoundState
from review.match_steps import give_answer, propose_pairs
from review.round_problem import frozen_text, problem_of
from review.round_solving import ask_mending
from tests.models.rounds_invariants import check
from tests.rounds_world import EDE, NOW, match_in, pairs_in, round_in, world

pytestmark = pytest.mark.both_databases

DAY = date(2026, 12, 1)


@pytest.fixture
def people(session):
    """Municipalities, initiatives and consultants."""
    made = world(session)
    session.commit()
    return made


@pytest.fixture
def together(engine, session):
    """Does several things at once, each in a transaction of its own; gives what each returned or raised.

    Whatever came of it, every rule that always holds does.
    """

    def run(*tasks):
        session.rollback()  # what was read holds SQLite's only pen
        sessions = session_factory(engine)
        begin = threading.Barrier(len(tasks))
        results = [None] * len(tasks)

        def work(place, task):
            begin.wait()
            try:
                with sessions() as session:
                    results[place] = task(session)
                    session.commit()
            except (RoundError, MatchError) as error:
                results[place] = error
            except Exception as error:  # a deadlock, for instance
                results[place] = AssertionError(f"{type(error).__name__}: {error}")

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(tasks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
        faults = [one for one in results if isinstance(one, AssertionError)]
        assert not faults, faults
        session.expire_all()
        check(session)
        return results

    return run


def refused(results, kind):
    return [isinstance(one, kind) for one in results].count(True)


def count(session, table, *where):
    return session.scalar(select(func.count()).select_from(table).where(*where))


def moved(people, number, to, version, **more):
    return lambda session: move(
        session, number, to, viewer=people.leader, version=version, now=NOW, freeze=frozen_text, **more
    )


def test_two_leaders_who_move_a_round_at_once_move_it_once(session, people, together):
    row = round_in(session, RoundState.SELECTION, world=people)
    session.commit()
    done = together(*[moved(people, row.id, RoundState.PAIRING, 1)] * 3)

    assert refused(done, StaleRoundError) == 2
    session.refresh(row)
    assert (row.state, row.version) == (RoundState.PAIRING, 2)
    assert count(session, RoundJob) == 1


def test_closing_and_calling_off_at_once_is_one_of_the_two(session, people, together):
    row = round_in(session, RoundState.PROPOSING, world=people)
    matches = [one.id for one in session.scalars(select(Match))]
    for one in matches:
        for party in ASKED:
            give_answer(session, one, party, True, viewer=None, now=NOW)
    session.commit()
    done = together(
        moved(people, row.id, RoundState.DEPLOYED, 1),
        moved(people, row.id, RoundState.CANCELLED, 1, why="Geen geld."),
        *[lambda session, one=one: deployed(session, people, one) for one in matches[:3]],
    )
    assert refused(done[:2], StaleRoundError) == 1


def deployed(session, people, number):
    version = session.scalar(select(Match.version).where(Match.id == number))
    deploy(session, number, viewer=people.leader, version=version, day=DAY, now=NOW)


def test_two_who_pair_the_same_initiative_or_give_the_last_hours_away(session, people, together):
    row = round_in(session, RoundState.PAIRING, world=people, automatic=False)
    noor, saar, els = people.consultants[0], people.consultants[2], people.consultants[4]
    food, kitchen, garden = people.initiatives[0], people.initiatives[1], people.initiatives[2]
    session.commit()
    number = row.id

    def put(initiative, consultant):
        both = initiative.id, consultant.id
        return lambda session: put_pair(
            session, number, *both, viewer=people.leader, seen=None, fit=9, now=NOW
        )

    done = together(put(food, saar), put(food, els), put(food, saar))
    assert refused(done, StalePairError) in (1, 2)
    [pair] = session.scalars(select(RoundPair))
    session.delete(pair)
    # Hours for one of the two.
    session.get(RoundConsultant, (row.id, els.id)).half_hours = 16
    session.commit()
    done = together(put(food, els), put(kitchen, els), put(garden, noor))
    assert refused(done, PairingError) == 1


def test_proposing_twice_at_once_asks_everybody_once(session, people, together):
    row = round_in(session, RoundState.PROPOSING, world=people)
    for match in session.scalars(select(Match)).all():
        session.delete(match)
    session.commit()
    done = together(*[lambda session: propose_pairs(session, row.id, viewer=people.leader, now=NOW)] * 3)

    assert sorted(len(one) for one in done) == [0, 0, 5]
    assert (count(session, Match), count(session, MatchMail)) == (5, 5 * 2 * 3)


def test_an_answer_that_comes_while_the_match_is_stopped(session, people, together):
    row = round_in(session, RoundState.PROPOSING, world=people)
    match = match_in(session, row, people.initiatives[0])
    session.commit()
    done = together(
        lambda session: stop(
            session, match.id, viewer=people.leader, version=1, why="Kan niet meer.", now=NOW
        ),
        *[
            lambda session, party=party: give_answer(session, match.id, party, True, viewer=None, now=NOW)
            for party in ASKED
        ],
    )
    session.refresh(match)
    if isinstance(done[0], StaleMatchError):
        assert match.state in (MatchState.AGREED, MatchState.PROPOSED)
    else:
        assert match.state is MatchState.STOPPED
    answered = sum(not isinstance(one, MatchStateError) for one in done[1:])
    assert count(session, MatchAnswer) == answered


def test_the_same_answer_sent_twice_at_once_is_kept_once(session, people, together):
    row = round_in(session, RoundState.PROPOSING, world=people)
    match = match_in(session, row, people.initiatives[0])
    session.commit()
    together(*[lambda session: give_answer(session, match.id, ASKED[0], False, viewer=None, now=NOW)] * 3)

    assert count(session, MatchAnswer) == 1
    assert count(session, RoundJob, RoundJob.purpose == JobPurpose.MENDING) == 1


def test_who_leaves_while_proposals_are_made_gets_none_that_goes_on(session, people, together):
    row = round_in(session, RoundState.PROPOSING, world=people)
    round_in(session, RoundState.PAIRING, world=people)
    for match in session.scalars(select(Match)).all():
        session.delete(match)
    saar, food = people.consultants[2], people.initiatives[3]
    session.commit()
    together(
        lambda session: propose_pairs(session, row.id, viewer=people.leader, now=NOW),
        lambda session: remove_consultant(session, saar.id, viewer=people.rheden, version=1, now=NOW),
        lambda session: remove_initiative(session, food.id, viewer=people.leader, version=1, now=NOW),
        lambda session: leave_due(session, now=NOW),
    )
    live = select(Match).where(Match.state == MatchState.PROPOSED)
    for match in session.scalars(live):
        assert match.consultant_id != saar.id
        assert match.initiative_id != food.id


def leaving(people, code):
    def go(session):
        row = session.get(Municipality, code)
        seen = (row.participates_from, row.participates_until)
        change_participation(session, code, None, None, viewer=people.leader, seen=seen, day=NOW.date())

    return go


def test_a_municipality_that_leaves_while_it_chooses_and_the_choice_is_closed(session, people, together):
    row = round_in(session, RoundState.SELECTION, world=people)
    numbers = [one.id for one in people.initiatives]
    session.commit()
    together(
        leaving(people, EDE),
        lambda session: vote(
            session,
            row.id,
            viewer=people.ede,
            points={numbers[0]: 3, numbers[2]: 7},
            conflicts=set(),
            now=NOW,
        ),
        moved(people, row.id, RoundState.PAIRING, 1),
    )
    session.refresh(row)
    assert session.get(RoundMunicipality, (row.id, EDE)).out_at is not None
    theirs = [one for one in people.initiatives if one.municipality_code == EDE]
    assert all(session.get(RoundInitiative, (row.id, one.id)).out_at for one in theirs)
    if row.state is RoundState.PAIRING:
        there = {one.key for one in problem_of(session, row.id, kind=None).initiatives}
        assert not there & {str(one.id) for one in theirs}
    given = session.scalars(
        select(RoundVote.points).where(RoundVote.round_id == row.id, RoundVote.municipality_code == EDE)
    ).all()
    assert sum(given) == 10


def test_putting_in_while_it_leaves_leaves_nothing_behind_after_the_daily_work(session, people, together):
    row = round_in(session, RoundState.SEEDING, world=people)
    number, els = row.id, people.consultants[4].id
    others = [one.id for one in people.initiatives]
    session.commit()
    for _ in range(2):
        together(
            leaving(people, EDE),
            lambda session: seed(session, number, others, viewer=people.leader, now=NOW),
            lambda session: put_consultants(session, number, [els], viewer=people.leader, now=NOW),
        )
    leave_due(session, now=NOW)
    session.commit()
    there = select(RoundInitiative.initiative_id).join(
        Initiative, Initiative.id == RoundInitiative.initiative_id
    )
    there = there.where(RoundInitiative.out_at.is_(None), Initiative.municipality_code == EDE)
    assert session.scalars(there).all() == []
    assert session.get(RoundConsultant, (number, els)).out_at is not None


def test_a_decline_at_the_moment_that_the_work_begins_is_one_of_the_two(session, people, together):
    row = round_in(session, RoundState.PROPOSING, world=people)
    match = match_in(session, row, people.initiatives[0])
    for party in ASKED:
        give_answer(session, match.id, party, True, viewer=None, now=NOW)
    session.commit()
    number, version = match.id, match.version
    done = together(
        lambda session: deploy(session, number, viewer=people.leader, version=version, day=DAY, now=NOW),
        lambda session: give_answer(session, number, ASKED[2], False, viewer=None, now=NOW),
    )
    assert refused(done, MatchError) == 1
    session.refresh(match)
    assert match.state is (MatchState.DECLINED if isinstance(done[0], MatchError) else MatchState.DEPLOYED)


def test_two_answers_of_one_job_and_a_call_off_at_once(session, people, together):
    row = round_in(session, RoundState.PAIRING, world=people)
    text, hash_ = frozen_text(session, row)
    round_jobs.ask_job(session, row, JobPurpose.BESIDE, text, hash_, account_id=None, now=NOW)
    session.commit()
    first = round_jobs.take_job(session, now=NOW)
    session.commit()
    second = round_jobs.take_job(session, now=NOW + round_jobs.LEASE + timedelta(seconds=1))
    session.commit()
    pairs = [FoundPair(one.id, other.id, 9) for one, other in pairs_in(people)]

    def finish(taken):
        return lambda session: round_jobs.finish_job(session, taken, pairs, gaps=[], stopped=False, now=NOW)

    done = together(finish(first), finish(second), finish(second), finish(first))

    assert sorted(one for one in done) == [False, False, False, True]
    assert count(session, RoundPair, RoundPair.kind == PairingKind.AUTOMATIC) == 5

    text = to_text(problem_of(session, row.id, kind=PairingKind.BY_HAND))
    hash_ = digest(problem_of(session, row.id, kind=None)) + "x"
    round_jobs.ask_job(session, row, JobPurpose.BESIDE, text, hash_[-64:], account_id=None, now=NOW)
    session.commit()
    again = round_jobs.take_job(session, now=NOW)
    session.commit()
    together(finish(again), moved(people, row.id, RoundState.CANCELLED, 1, why="Geen geld."))


def test_everything_at_once_in_two_rounds(session, people, together):
    """No two wait for each other, whoever holds what first."""
    first = round_in(session, RoundState.PROPOSING, world=people).id
    second = round_in(session, RoundState.PROPOSING, world=people).id
    numbers = session.scalars(select(Match.id).order_by(Match.id)).all()
    session.add_all(
        MatchMail(match_id=number, party=ASKED[0], kind="verzoek", due_at=NOW, attempts=0, problem="")
        for number in numbers
    )
    session.commit()
    mails = session.scalars(select(MatchMail.id).order_by(MatchMail.id.desc())).all()
    bas = people.consultants[1].id

    def mail(session):
        for number in mails:
            taken = take(session, number, now=NOW)
            session.commit()
            if taken is not None:
                note_sent(session, taken, at=NOW)
                session.commit()

    def available(session):
        row = session.get(Consultant, bas)
        set_available(session, bas, False, viewer=people.arnhem, version=row.version, now=NOW)

    together(
        mail,
        available,
        leaving(people, EDE),
        lambda session: [
            give_answer(session, number, ASKED[0], False, viewer=None, now=NOW) for number in numbers[5:6]
        ],
        lambda session: give_answer(session, numbers[0], ASKED[1], False, viewer=None, now=NOW),
        lambda session: ask_mending(session, hold_any(session, second), account_id=None, now=NOW),
        moved(people, first, RoundState.CANCELLED, 1, why="Geen geld."),
        lambda session: propose_pairs(session, second, viewer=people.leader, now=NOW),
    )
    assert count(session, MatchMail) >= len(numbers)

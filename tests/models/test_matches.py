"""Matches in the store: proposing, answers of three parties, declines, the work, and who sees what."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.database import session_factory
from models.match import Match, MatchAnswer, MatchMail
from models.round import RoundJob, RoundMark, RoundPair
from models.store import match_mails
from models.store.match_rules import AGREED, BEGUN, REMINDER, REQUEST, STOPPED
from models.store.matches import (
    InvalidMatchError,
    MatchNotAllowedError,
    MatchNotFoundError,
    MatchStateError,
    StaleMatchError,
    answer_match,
    deploy,
    end_matches,
    finish,
    get_match,
    match_page,
    stop,
    waiting_matches,
)
from models.store.round_rules import RoundNotAllowedError, RoundStateError, hold_any
from models.words import JobPurpose, MatchState, PairingKind, Party, RoundState
from review.match_steps import give_answer, propose_pairs
from tests.match_world import ALL, NOW, Proposing, proposing

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


@pytest.fixture
def ready(session: Session) -> Proposing:
    """Five definite pairs that nobody was asked about."""
    return proposing(session)


def kinds(session: Session, match: Match, *, waiting: bool = True) -> set[tuple[Party, str]]:
    """Party and kind of messages that are to be sent."""
    rows = session.scalars(select(MatchMail).where(MatchMail.match_id == match.id))
    return {
        (row.party, row.kind)
        for row in rows
        if not waiting or (row.dropped_at is None and row.sent_at is None)
    }


def agree(session: Session, match: Match, *parties: Party) -> None:
    for party in parties or ALL:
        answer_match(session, match.id, party, True, viewer=None, now=NOW)


def test_every_definite_pair_is_proposed_once_and_three_parties_are_asked(
    session: Session, ready: Proposing
) -> None:
    made = ready.propose(session)
    again = ready.propose(session)

    assert len(made) == 5
    assert again == []
    for match in made:
        assert match.state is MatchState.PROPOSED
        assert kinds(session, match) == {(party, kind) for party in ALL for kind in (REQUEST, REMINDER)}
    assert len({match.salt for match in made}) == 5
    subsidy = next(match for match in made if match.initiative_id == ready.world.initiatives[0].id)
    assert subsidy.reasons["shared"] == ["subsidies"]
    assert subsidy.reasons["theme"] is True
    assert subsidy.reasons["times"] == 3
    assert subsidy.half_hours == 16
    reminders = set(session.scalars(select(MatchMail.due_at).where(MatchMail.kind == REMINDER)))
    # Five working days after a Monday is the next Monday.
    assert {moment.date() for moment in reminders} == {date(2026, 11, 30)}


def test_only_the_leader_proposes_and_only_in_its_state(session: Session, ready: Proposing) -> None:
    for viewer in (ready.world.reviewer, ready.world.arnhem):
        with pytest.raises(RoundNotAllowedError):
            propose_pairs(session, ready.round.id, viewer=viewer, now=NOW)
    ready.round.state = RoundState.COMPARING
    session.commit()
    with pytest.raises(RoundStateError):
        ready.propose(session)
    assert session.scalar(select(func.count()).select_from(Match)) == 0


def test_who_fell_out_and_what_is_forbidden_is_not_proposed(session: Session, ready: Proposing) -> None:
    first, second, third = session.scalars(
        select(RoundPair).where(RoundPair.kind == PairingKind.FINAL).order_by(RoundPair.initiative_id)
    ).all()[:3]
    session.add(
        RoundMark(
            round_id=ready.round.id,
            initiative_id=first.initiative_id,
            consultant_id=first.consultant_id,
            forbidden=True,
            pinned=False,
            reason="",
            by_id=ready.world.leader.account_id,
            at=NOW,
        )
    )
    ready.world.initiatives[1].withdrawn_at = NOW
    # Of the own municipality, however it came to be.
    third.consultant_id = next(one.id for one in ready.world.consultants if one.municipality_code == "GM0275")
    session.commit()

    made = ready.propose(session)

    left_out = {first.initiative_id, second.initiative_id, third.initiative_id}
    assert len(made) == 2
    assert not left_out & {match.initiative_id for match in made}


def test_all_three_agree_and_everybody_hears_it(session: Session, ready: Proposing) -> None:
    match = ready.propose(session)[0]

    agree(session, match, Party.CONSULTANT, Party.HOST)
    assert match.state is MatchState.PROPOSED
    assert get_match(session, ready.world.leader, match.id).waits_for == (Party.EMPLOYER,)
    assert kinds(session, match) == {(Party.EMPLOYER, REQUEST), (Party.EMPLOYER, REMINDER)}
    last = answer_match(session, match.id, Party.EMPLOYER, True, viewer=None, now=NOW)

    assert last.agreed
    assert match.state is MatchState.AGREED
    assert kinds(session, match) == {(party, AGREED) for party in ALL}


def test_the_same_answer_twice_is_one(session: Session, ready: Proposing) -> None:
    match = ready.propose(session)[0]
    first = answer_match(session, match.id, Party.HOST, True, viewer=None, now=NOW)
    version = match.version
    second = answer_match(session, match.id, Party.HOST, True, viewer=None, now=NOW + DAY)

    assert (first.new, second.new) == (True, False)
    assert match.version == version
    assert session.scalar(select(func.count()).select_from(MatchAnswer)) == 1


def test_a_decline_ends_the_match_forbids_the_pair_and_asks_how_to_mend(
    session: Session, ready: Proposing
) -> None:
    match, other = ready.propose(session)[:2]
    agree(session, match, Party.HOST)
    mails = match_mails.due_mails(session, now=NOW)
    for mail_id in mails:
        taken = match_mails.take(session, mail_id, now=NOW)
        assert taken is not None
        if taken.party is Party.EMPLOYER:
            match_mails.note_sent(session, taken, at=NOW)
        else:
            match_mails.give_back(session, taken)

    done = give_answer(
        session, match.id, Party.CONSULTANT, False, viewer=None, reason="Te ver.", now=NOW + DAY
    )
    session.commit()

    assert done.declined
    assert match.state is MatchState.DECLINED
    assert match.ended_at == NOW + DAY
    pairs = session.scalars(select(RoundPair.initiative_id).where(RoundPair.kind == PairingKind.FINAL)).all()
    assert match.initiative_id not in pairs
    assert other.initiative_id in pairs
    mark = session.get_one(RoundMark, (ready.round.id, match.initiative_id, match.consultant_id))
    assert mark.forbidden
    (job,) = session.scalars(select(RoundJob)).all()
    assert job.purpose is JobPurpose.MENDING
    # Only who was asked hears that it is over.
    assert kinds(session, match) == {(Party.EMPLOYER, STOPPED)}
    with pytest.raises(MatchStateError):
        answer_match(session, match.id, Party.CONSULTANT, True, viewer=None, now=NOW + DAY)
    assert ready.propose(session, NOW + DAY) == []


def test_somebody_who_agreed_thinks_better_of_it(session: Session, ready: Proposing) -> None:
    match = ready.propose(session)[0]
    agree(session, match)

    answer_match(session, match.id, Party.EMPLOYER, False, viewer=None, now=NOW + DAY)

    assert match.state is MatchState.DECLINED
    assert (Party.HOST, AGREED) not in kinds(session, match)


def test_who_speaks_for_whom(session: Session, ready: Proposing) -> None:
    match = ready.propose(session)[0]  # of Arnhem, by a consultant of Rheden
    world = ready.world

    answer_match(session, match.id, Party.HOST, True, viewer=world.arnhem, now=NOW)
    answer_match(session, match.id, Party.EMPLOYER, True, viewer=world.rheden, now=NOW)
    for viewer, party in (
        (world.arnhem, Party.EMPLOYER),
        (world.rheden, Party.HOST),
        (world.rheden, Party.CONSULTANT),
        (world.reviewer, Party.HOST),
        (world.leader, Party.INITIATOR),
    ):
        with pytest.raises(MatchNotAllowedError):
            answer_match(session, match.id, party, True, viewer=viewer, now=NOW)
    for stranger in (world.ede, world.watcher):
        with pytest.raises(MatchNotFoundError):
            answer_match(session, match.id, Party.HOST, True, viewer=stranger, now=NOW)
    with pytest.raises(InvalidMatchError) as error:
        answer_match(session, match.id, Party.CONSULTANT, True, viewer=world.leader, now=NOW)
    assert error.value.problems == {"reason": "empty"}
    answer_match(
        session, match.id, Party.CONSULTANT, True, viewer=world.leader, reason="Belde zelf.", now=NOW
    )

    assert match.state is MatchState.AGREED
    # One initiative of its own still waits, and three assignments for its consultants.
    assert waiting_matches(session, world.arnhem) == 4


def test_what_each_side_sees(session: Session, ready: Proposing) -> None:
    match = ready.propose(session)[0]
    answer_match(
        session, match.id, Party.EMPLOYER, True, viewer=ready.world.rheden, reason="Prima zo.", now=NOW
    )
    world = ready.world

    staff = get_match(session, world.leader, match.id)
    host = get_match(session, world.arnhem, match.id)
    employer = get_match(session, world.rheden, match.id)

    assert staff.fit == 800
    assert "parts" in staff.reasons
    assert staff.answers[Party.EMPLOYER].by == "Ambtenaar Rheden"
    assert host.consultant == "Saar Subsidie"
    assert (host.fit, host.employer_name, host.employer_email) == (None, "", "")
    assert "parts" not in host.reasons
    assert host.answers[Party.EMPLOYER].agrees
    assert (host.answers[Party.EMPLOYER].reason, host.answers[Party.EMPLOYER].by) == ("", "")
    assert employer.answers[Party.EMPLOYER].reason == "Prima zo."
    assert (employer.host_name, employer.host_email) == ("", "")
    for stranger in (world.ede, world.watcher):
        with pytest.raises(MatchNotFoundError):
            get_match(session, stranger, match.id)
    assert match_page(session, world.watcher).total == 0
    assert match_page(session, world.leader, round_id=ready.round.id).total == 5
    assert {
        row.id for row in match_page(session, world.ede).rows if world.ede.municipality_code is not None
    } == {
        row.id
        for row in match_page(session, world.leader).rows
        if world.ede.municipality_code in (row.municipality_code, row.employer_code)
    }

    agree(session, match, Party.CONSULTANT, Party.HOST)
    assert get_match(session, world.rheden, match.id).host_email == "gastheer@arnhem.example"
    stop(session, match.id, viewer=world.leader, version=match.version, why="Het kan niet.", now=NOW)
    assert get_match(session, world.arnhem, match.id).consultant == ""
    assert get_match(session, world.rheden, match.id).consultant == "Saar Subsidie"


def test_from_agreement_to_the_visit(session: Session, ready: Proposing) -> None:
    match = ready.propose(session)[0]
    leader = ready.world.leader
    with pytest.raises(MatchStateError):
        deploy(session, match.id, viewer=leader, version=match.version, day=date(2026, 12, 1), now=NOW)
    agree(session, match)
    begins = date(2026, 12, 1)
    for other in (ready.world.rheden, ready.world.reviewer):  # the employer, and staff that leads no rounds
        with pytest.raises(MatchNotAllowedError):
            deploy(session, match.id, viewer=other, version=match.version, day=begins, now=NOW)
    with pytest.raises(StaleMatchError):
        deploy(session, match.id, viewer=leader, version=1, day=date(2026, 12, 1), now=NOW)
    with pytest.raises(InvalidMatchError):
        deploy(session, match.id, viewer=leader, version=match.version, day=date(2026, 11, 1), now=NOW)
    deploy(session, match.id, viewer=leader, version=match.version, day=date(2026, 12, 1), now=NOW)

    assert match.state is MatchState.DEPLOYED
    assert {(party, BEGUN) for party in ALL} <= kinds(session, match)
    with pytest.raises(MatchStateError):
        answer_match(session, match.id, Party.HOST, False, viewer=None, now=NOW)

    later = NOW + 60 * DAY
    wrong = {"visit_on": date(2026, 11, 24), "recommendations": " ", "spent": -1}
    with pytest.raises(InvalidMatchError) as error:
        finish(session, match.id, viewer=leader, version=match.version, now=later, **wrong)  # type: ignore[arg-type]
    assert error.value.problems == {"visit_on": "early", "recommendations": "empty", "spent": "bounds"}
    finish(
        session,
        match.id,
        viewer=leader,
        version=match.version,
        visit_on=date(2027, 1, 15),
        recommendations="Geef de tuin een vast budget.",
        spent=14,
        now=later,
    )

    assert match.state is MatchState.FINISHED
    assert (match.spent, match.visit_on) == (14, date(2027, 1, 15))
    with pytest.raises(MatchStateError):
        stop(session, match.id, viewer=leader, version=match.version, why="Toch niet.", now=later)
    told = [
        str(entry.after)
        for entry in session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "match"))
    ]
    assert not any("budget" in words for words in told)


def test_the_host_municipality_begins_and_ends_the_work_but_does_not_stop_it(
    session: Session, ready: Proposing
) -> None:
    match = ready.propose(session)[0]
    agree(session, match)
    arnhem, rheden = ready.world.arnhem, ready.world.rheden

    deploy(session, match.id, viewer=arnhem, version=match.version, day=date(2026, 12, 1), now=NOW)

    told = {"visit_on": date(2026, 12, 8), "recommendations": "Ga zo door.", "spent": 12}
    later = NOW + 20 * DAY
    with pytest.raises(MatchNotAllowedError):
        finish(session, match.id, viewer=rheden, version=match.version, now=later, **told)  # type: ignore[arg-type]
    with pytest.raises(MatchNotAllowedError):
        stop(session, match.id, viewer=arnhem, version=match.version, why="Wij willen niet.", now=later)
    finish(session, match.id, viewer=arnhem, version=match.version, now=later, **told)  # type: ignore[arg-type]
    assert (match.state, match.recommendations) == (MatchState.FINISHED, "Ga zo door.")


def test_all_matches_of_a_consultant_stop_and_the_pairs_go(session: Session, ready: Proposing) -> None:
    made = ready.propose(session)
    consultant = made[0].consultant_id
    hold_any(session, ready.round.id)

    count = end_matches(session, ready.round.id, why="removed", now=NOW, consultant_id=consultant)

    own = [match for match in made if match.consultant_id == consultant]
    assert count == len(own) == 2
    assert all(match.state is MatchState.STOPPED for match in own)
    assert (
        session.scalar(
            select(func.count())
            .select_from(RoundPair)
            .where(RoundPair.kind == PairingKind.FINAL, RoundPair.consultant_id == consultant)
        )
        == 0
    )


def test_all_three_answer_at_once_and_agreement_is_found_once(
    engine: Engine, session: Session, ready: Proposing
) -> None:
    match = ready.propose(session)[0]
    session.commit()
    start = threading.Barrier(3)
    agreed: list[bool] = []

    def say(party: Party) -> None:
        start.wait()
        with session_factory(engine)() as own:
            agreed.append(answer_match(own, match.id, party, True, viewer=None, now=NOW).agreed)
            own.commit()

    threads = [threading.Thread(target=say, args=(party,)) for party in ALL]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.refresh(match)
    assert sorted(agreed) == [False, False, True]
    assert match.state is MatchState.AGREED
    assert kinds(session, match) == {(party, AGREED) for party in ALL}


def test_two_propose_at_once_and_nothing_is_doubled(
    engine: Engine, session: Session, ready: Proposing
) -> None:
    start = threading.Barrier(2)
    made: list[int] = []

    def go() -> None:
        start.wait()
        with session_factory(engine)() as own:
            made.append(len(propose_pairs(own, ready.round.id, viewer=ready.world.leader, now=NOW)))
            own.commit()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [0, 5]
    assert session.scalar(select(func.count()).select_from(MatchMail)) == 30


def test_a_message_is_taken_by_one_and_waits_longer_after_each_failure(
    session: Session, ready: Proposing
) -> None:
    ready.propose(session)
    mail_id = match_mails.due_mails(session, now=NOW)[0]

    first = match_mails.take(session, mail_id, now=NOW)
    assert first is not None
    assert match_mails.take(session, mail_id, now=NOW) is None
    late = NOW + match_mails.TERM
    second = match_mails.take(session, mail_id, now=late)
    assert second is not None
    assert second.name == first.name
    # The first sender comes back too late: what it says about a failure no longer counts.
    match_mails.note_failed(session, first, now=late)
    match_mails.note_failed(session, second, now=late)
    assert match_mails.take(session, mail_id, now=late + timedelta(minutes=9)) is None
    third = match_mails.take(session, mail_id, now=late + timedelta(minutes=10))
    assert third is not None
    match_mails.note_useless(session, third, "recipient 550")
    assert match_mails.take(session, mail_id, now=late + DAY) is None
    assert match_mails.send_again(session, third.match_id, mail_id, now=late + DAY)
    assert match_mails.take(session, mail_id, now=late + DAY) is not None

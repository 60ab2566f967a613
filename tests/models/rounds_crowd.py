"""People who do whatever comes to their minds in rounds, whether it is allowed at that moment or not.

``Crowd`` does one thing after another through the same functions that the pages and the API call.
"""

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from matching.problem import PinsClashError
from matching.snapshot import of_text
from matching.solve import match as solve
from models.consultant import Consultant
from models.database import session_factory
from models.initiative import Initiative
from models.match import Match
from models.municipality import Municipality
from models.round import (
    Round,
    RoundInitiative,
    RoundPair,
)
from models.store import round_jobs
from models.store.consultants import ConsultantError, remove_consultant, set_available
from models.store.match_rules import ASKED, MatchError
from models.store.match_rules import OPEN as OPEN_MATCHES
from models.store.matches import deploy, finish, stop
from models.store.network import StaleParticipationError, change_participation
from models.store.pairing import ReasonNeededError, mark, put_pair, take_pair
from models.store.register import remove_initiative
from models.store.register_changing import RegisterError
from models.store.round_automatic import FoundPair
from models.store.round_hosts import set_host
from models.store.round_jobs import RoundJobError
from models.store.round_leaving import leave_due
from models.store.round_moves import TRANSITIONS, move
from models.store.round_rules import OPEN, RoundError, hold_any, in_state
from models.store.round_seeding import put_consultants, seed, take_out_consultant, unseed
from models.store.round_votes import vote
from models.store.rounds import RoundDraft, make_round
from models.words import MatchState, PairingKind, Party, RoundState
from review.match_steps import give_answer, propose_pairs
from review.mending import advice_of, take_advice
from review.round_problem import frozen_text
from review.round_solving import ask_beside, ask_mending, clash_told
from tests.models.rounds_invariants import WORKED_ON
from tests.rounds_world import FIRST_DAY, LAST_DAY, NAMES

#: What a person can be told; anything else is a fault of ours.
REFUSED = (RoundError, MatchError, ConsultantError, RegisterError, RoundJobError, StaleParticipationError)


class Crowd:
    """Leaders, municipalities and consultants who act at random, each in a transaction of its own."""

    def __init__(self, engine, world, random, now):
        self.engine = engine
        self.world = world
        self.random = random
        self.now = now
        self.sessions = session_factory(engine)
        self.told = Counter()
        self.initiatives = [one.id for one in world.initiatives]
        self.consultants = [one.id for one in world.consultants]

    def act(self, *names):
        """Do one thing; True = something was done, False = it was refused."""
        name = self.random.choice(names or tuple(WEIGHTED))
        self.now += timedelta(minutes=self.random.choice((1, 7, 60, 60 * 30)))
        with self.sessions() as session:
            try:
                getattr(self, f"_{name}")(session)
                session.commit()
            except REFUSED as error:
                session.rollback()
                self.told[name, type(error).__name__] += 1
                return False
            self.told[name, "done"] += 1
            return True

    # -- whom and what -------------------------------------------------------------------------

    def _round(self, session):
        numbers = session.scalars(select(Round.id).where(Round.state.in_(OPEN)).order_by(Round.id)).all()
        if not numbers:
            raise RoundError("there is none")
        return self.random.choice(numbers)

    def _match(self, session, *states):
        query = select(Match).order_by(Match.id)
        rows = session.scalars(query.where(Match.state.in_(states)) if states else query).all()
        if not rows:
            raise RoundError("there is none")
        return self.random.choice(rows)

    def _both(self):
        return self.random.choice(self.initiatives), self.random.choice(self.consultants)

    # -- what they do ----------------------------------------------------------------------------

    def _make(self, session):
        if session.scalar(select(func.count(Round.id)).where(Round.state.in_(OPEN))) >= 2:
            raise RoundError("enough")
        draft = RoundDraft(
            name="Ronde",
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            quorum=0.3,
            places=5,
            automatic=self.random.random() < 0.6,
        )
        row = make_round(session, draft, viewer=self.world.leader, now=self.now)
        seed(session, row.id, self.initiatives, viewer=self.world.leader, now=self.now)
        put_consultants(session, row.id, self.consultants, viewer=self.world.leader, now=self.now)
        for one in session.scalars(select(RoundInitiative).where(RoundInitiative.round_id == row.id)).all():
            set_host(
                session,
                row.id,
                one.initiative_id,
                viewer=self.world.leader,
                name="Ans",
                email="ans@gemeente.example",
                hours=4,
                half_hours=self.random.choice((6, 10, 14)),
                language="nl",
                now=self.now,
            )

    def _seed(self, session):
        seed(session, self._round(session), self._both()[:1], viewer=self.world.leader, now=self.now)

    def _unseed(self, session):
        unseed(session, self._round(session), self._both()[0], viewer=self.world.leader, now=self.now)

    def _come(self, session):
        put_consultants(
            session, self._round(session), self._both()[1:], viewer=self.world.leader, now=self.now
        )

    def _go(self, session):
        take_out_consultant(
            session, self._round(session), self._both()[1], viewer=self.world.leader, now=self.now
        )

    def _move(self, session):
        row = session.get(Round, self._round(session))
        ways = [one.after for one in TRANSITIONS if one.before is row.state]
        if self.random.random() < 0.9:
            ways = [way for way in ways if way is not RoundState.CANCELLED] or ways
        if self.random.random() < 0.1:
            ways = list(RoundState)
        move(
            session,
            row.id,
            self.random.choice(ways),
            viewer=self.world.leader,
            version=row.version,
            now=self.now,
            freeze=frozen_text,
            chosen=self.random.choice((PairingKind.BY_HAND, PairingKind.AUTOMATIC)),
            why="Het kan niet meer.",
        )

    def _vote(self, session):
        viewer = self.random.choice([self.world.officers[code] for code in NAMES])
        points = {number: self.random.choice((0, 1, 2)) for number in self.initiatives}
        vote(session, self._round(session), viewer=viewer, points=points, conflicts=set(), now=self.now)

    def _pair(self, session):
        number = self._round(session)
        row = session.get(Round, number)
        initiative, consultant = self._both()
        seen = session.scalar(
            select(RoundPair.consultant_id).where(
                RoundPair.round_id == number,
                RoundPair.kind == WORKED_ON.get(row.state),
                RoundPair.initiative_id == initiative,
            )
        )
        put_pair(
            session, number, initiative, consultant, viewer=self.world.leader, seen=seen, fit=5, now=self.now
        )

    def _unpair(self, session):
        initiative, consultant = self._both()
        take_pair(
            session,
            self._round(session),
            initiative,
            viewer=self.world.leader,
            seen=consultant,
            now=self.now,
        )

    def _mark(self, session):
        how = self.random.choice(
            ({"pinned": True}, {"pinned": False}, {"forbidden": True}, {"forbidden": False})
        )
        mark(session, self._round(session), *self._both(), viewer=self.world.leader, now=self.now, **how)

    def _ask(self, session):
        row = session.get(Round, self._round(session))
        if row.state in (RoundState.PAIRING, RoundState.COMPARING) and row.automatic:
            ask_beside(session, row, account_id=None, now=self.now, marks=self.random.random() < 0.5)
        elif row.state in (RoundState.PROPOSING, RoundState.DEPLOYED):
            ask_mending(session, row, account_id=None, now=self.now)

    def _work(self, session):
        """A worker takes what was asked up, and writes the answer in another transaction."""
        taken = round_jobs.take_job(session, now=self.now)
        session.commit()
        if taken is None:
            return
        try:
            found = solve(of_text(taken.problem), seconds=5)
        except PinsClashError as error:
            round_jobs.fail_job(session, taken, round_jobs.PINS, clash=clash_told(error), now=self.now)
            return
        self.held = (
            taken,
            [FoundPair(int(pair.initiative), int(pair.consultant), pair.fit) for pair in found.pairs],
        )
        if self.random.random() < 0.7:
            self._answer_comes(session)

    held = None

    def _answer_comes(self, session):
        """What was worked out comes at last, however late, perhaps twice."""
        if self.held is not None:
            taken, pairs = self.held
            round_jobs.finish_job(session, taken, pairs, gaps=[], stopped=False, now=self.now)

    def _take_over(self, session):
        number = self._round(session)
        advice = advice_of(session, self.world.leader, number)
        if advice is None:
            raise RoundError("there is none")
        take_advice(session, self.world.leader, number, advice.stand, now=self.now)

    def _mend(self, session):
        """Advice that is taken over before anything else happens fits."""
        number = self._round(session)
        row = hold_any(session, number)
        in_state(row, RoundState.PROPOSING)
        job = ask_mending(session, row, account_id=None, now=self.now)
        try:
            found = solve(of_text(job.problem), seconds=5)
        except PinsClashError:
            return
        job.taken_until, job.attempts = self.now + round_jobs.LEASE, job.attempts + 1
        session.flush()
        taken = round_jobs.Taken(job.id, number, job.purpose, job.problem, job.seconds, job.attempts)
        pairs = [
            FoundPair(int(pair.initiative), int(pair.consultant), pair.fit, tuple(pair.broken))
            for pair in found.pairs
        ]
        assert round_jobs.finish_job(session, taken, pairs, gaps=[], stopped=False, now=self.now)
        session.expire_all()
        advice = advice_of(session, self.world.leader, number)
        try:
            take_advice(session, self.world.leader, number, advice.stand, now=self.now)
        except ReasonNeededError:
            # Somebody pinned a pair that breaks soft rules, and wrote no reason: that stays for a person.
            session.rollback()
            return
        except RoundError as error:
            raise AssertionError(f"advice that does not fit: {error!r}") from error
        assert advice_of(session, self.world.leader, number).changes == ()

    def _propose(self, session):
        propose_pairs(session, self._round(session), viewer=self.world.leader, now=self.now)

    def _answer(self, session):
        match = self._match(session, *OPEN_MATCHES)
        party = self.random.choice(ASKED)
        give_answer(session, match.id, party, self.random.random() < 0.85, viewer=None, now=self.now)

    def _all_agree(self, session):
        match = self._match(session, MatchState.PROPOSED)
        for party in Party:
            if party in ASKED:
                give_answer(session, match.id, party, True, viewer=None, now=self.now)

    def _deploy(self, session):
        match = self._match(session)
        deploy(
            session,
            match.id,
            viewer=self.world.leader,
            version=match.version,
            day=self.now.date() + timedelta(days=1),
            now=self.now,
        )

    def _finish(self, session):
        match = self._match(session)
        finish(
            session,
            match.id,
            viewer=self.world.leader,
            version=match.version,
            visit_on=self.now.date(),
            recommendations="Ga door.",
            spent=3,
            now=self.now,
        )

    def _stop(self, session):
        match = self._match(session)
        stop(
            session,
            match.id,
            viewer=self.world.leader,
            version=match.version,
            why="Het gaat niet door.",
            now=self.now,
        )

    def _available(self, session):
        row = session.get(Consultant, self._both()[1])
        viewer = self.world.officers[row.municipality_code]
        set_available(session, row.id, not row.available, viewer=viewer, version=row.version, now=self.now)

    def _remove(self, session):
        row = session.get(Consultant, self._both()[1])
        viewer = self.world.officers[row.municipality_code]
        remove_consultant(session, row.id, viewer=viewer, version=row.version, now=self.now)

    def _withdraw(self, session):
        row = session.get(Initiative, self._both()[0])
        remove_initiative(session, row.id, viewer=self.world.leader, version=row.version, now=self.now)

    def _network(self, session):
        row = session.get(Municipality, self.random.choice(sorted(NAMES)))
        seen = (row.participates_from, row.participates_until)
        there = row.participates_from is not None
        start = None if there else self.now.date()
        change_participation(
            session, row.code, start, None, viewer=self.world.leader, seen=seen, day=self.now.date()
        )

    def _leave(self, session):
        leave_due(session, now=self.now)


#: What is done -> how often: what ends everything is rare.
OFTEN = {
    "make": 3,
    "seed": 1,
    "unseed": 1,
    "come": 2,
    "go": 1,
    "move": 14,
    "vote": 9,
    "pair": 22,
    "unpair": 3,
    "mark": 6,
    "ask": 3,
    "work": 5,
    "answer_comes": 2,
    "take_over": 4,
    "mend": 4,
    "propose": 6,
    "answer": 6,
    "all_agree": 5,
    "deploy": 4,
    "finish": 2,
    "stop": 1,
    "available": 1,
    "leave": 1,
}
#: Rare, for nothing brings these back.
RARE = ("remove", "withdraw", "network")
WEIGHTED = [name for name, times in OFTEN.items() for _ in range(times * 3)] + list(RARE)

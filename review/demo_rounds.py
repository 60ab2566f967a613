"""Sample matching rounds for ``make demo``: one that municipalities choose in, and one in which work goes on.

Made once, through the same functions as the pages, so that everything about them can be looked up; a second
time does nothing. ``scout`` finds and may not pair, so the demo starts this beside it:

    python -m review.demo_rounds demo@voorbeeld.example gemeente@voorbeeld.example
"""

import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.pairs import fit
from matching.snapshot import of_text
from matching.solve import match as solve
from models.account import Account
from models.base import ZONE, utc_now
from models.consultant import Consultant
from models.database import open_engine, session_factory
from models.initiative import Initiative
from models.labels import Labels, load_labels
from models.match import Lesson, Match
from models.municipality import Municipality
from models.round import Round
from models.settings import Settings, load_settings
from models.store import round_jobs
from models.store.accounts import add_account
from models.store.consultant_drafts import ConsultantDraft
from models.store.consultants import add_consultant
from models.store.drafts import InitiativeDraft
from models.store.evaluations import answer_evaluation
from models.store.lessons import approve_lesson
from models.store.match_rules import ASKED
from models.store.matches import deploy, finish
from models.store.municipalities import set_participation
from models.store.pairing import put_pair
from models.store.register import add_initiative
from models.store.round_automatic import FoundPair
from models.store.round_hosts import set_host
from models.store.round_moves import move
from models.store.round_seeding import put_consultants, seed
from models.store.round_votes import vote
from models.store.rounds import RoundDraft, make_round
from models.store.viewer import Viewer
from models.words import Moment, PairingKind, Party, Role, RoundState
from review.demo_round_texts import (
    ARNHEM,
    CHOSEN,
    CONSULTANTS,
    INITIATIVES,
    LESSON,
    NEXT,
    OFFICERS,
    PAIRS,
    RECOMMENDATIONS,
)
from review.match_steps import give_answer, propose_pairs
from review.round_problem import frozen_text, problem_of


def demo_rounds(session: Session, labels: Labels, leader: str, officer: str, *, now: datetime) -> bool:
    """Make the sample rounds, with what they need; the caller commits.

    Args:
        leader, officer: addresses of the accounts of the demo: who leads rounds, and who answers for Arnhem.

    Returns:
        False: there are rounds already, so nothing was made.
    """
    if session.scalar(select(Round.id).limit(1)) is not None:
        return False
    begun = now - timedelta(days=70)
    leads, officers = _people(session, leader, officer, begun)
    demo = _Demo(session, labels, leads, officers, now)
    initiatives = [demo.initiative(place, begun) for place in range(len(INITIATIVES))]
    consultants = [demo.consultant(place, begun) for place in range(len(CONSULTANTS))]
    working = demo.chosen_in(CHOSEN, initiatives, consultants, begun)
    demo.work(working, initiatives, consultants, begun)
    # The one that the demo signs in as can still choose here.
    demo.chosen_in(NEXT, initiatives[1:], consultants, now - timedelta(days=9), without=ARNHEM)
    return True


def _people(session: Session, leader: str, officer: str, at: datetime) -> tuple[Viewer, dict[str, Viewer]]:
    """Who leads, and who answers for each municipality that takes part: from now on, where it did not."""
    for code, address in OFFICERS.items():
        if session.scalar(select(Account.id).where(Account.email == address)) is None:
            # Without a password: they are only there so that their municipality has chosen and answered.
            add_account(session, address, None, name="Demo", roles=[Role.MUNICIPALITY], municipality=code)
    leads, day = _viewer(session, leader), at.astimezone(ZONE).date()
    for code in (ARNHEM, *OFFICERS):
        if session.get_one(Municipality, code).participates_from is None:
            set_participation(session, code, day, account_id=leads.account_id, today=day)
    return leads, {code: _viewer(session, address) for code, address in {**OFFICERS, ARNHEM: officer}.items()}


def _viewer(session: Session, address: str) -> Viewer:
    account = session.scalars(select(Account).where(Account.email == address)).one()
    return Viewer(
        account_id=account.id,
        name=account.name,
        roles=frozenset(Role(role.name) for role in account.roles),
        municipality_code=account.municipality_code,
    )


@dataclass(frozen=True)
class _Demo:
    """What the sample rounds are made with."""

    session: Session
    labels: Labels
    leader: Viewer
    #: Code -> who answers for that municipality.
    officers: dict[str, Viewer]
    now: datetime

    def initiative(self, place: int, at: datetime) -> Initiative:
        """Enter one of :data:`INITIATIVES` into the register."""
        name, code, theme, expertise, hours, question = INITIATIVES[place]
        draft = InitiativeDraft(
            name=name,
            summary=f"{name}: bewoners doen het samen, en zoeken hulp van iemand die dit vaker deed.",
            municipality_code=code,
            theme=theme if theme in self.labels.themes else None,
            question=question,
            contact=f"via de werkgroep van {name}",
            expertise=tuple(slug for slug in expertise if slug in self.labels.expertise),
            hours=hours,
        )
        return add_initiative(
            self.session,
            draft,
            viewer=self.officers[code],
            secret=b"",
            themes=self.labels.themes,
            expertise=self.labels.expertise,
            now=at,
        )

    def consultant(self, place: int, at: datetime) -> Consultant:
        """Enter one of :data:`CONSULTANTS`."""
        name, code, function, expertise, themes, hours, most = CONSULTANTS[place]
        word = name.split()[0].lower()
        draft = ConsultantDraft(
            municipality_code=code,
            name=name,
            email=f"{word}@voorbeeld.example",
            function=function,
            expertise=tuple(slug for slug in expertise if slug in self.labels.expertise),
            themes={theme: times for theme, times in themes.items() if theme in self.labels.themes},
            half_hours=2 * hours,
            period_until=(self.now + timedelta(days=300)).astimezone(ZONE).date(),
            most=most,
            employer_name="Teamleider (voorbeeld)",
            employer_email=f"leiding-{word}@voorbeeld.example",
        )
        return add_consultant(self.session, draft, viewer=self.officers[code], labels=self.labels, now=at)

    def chosen_in(
        self,
        name: str,
        initiatives: list[Initiative],
        consultants: list[Consultant],
        at: datetime,
        without: str = "",
    ) -> int:
        """A round in which all municipalities chose, but for one; gives its number."""
        session, leader = self.session, self.leader
        first = (at + timedelta(days=25)).astimezone(ZONE).date()
        draft = RoundDraft(name=name, first_day=first, last_day=first + timedelta(days=120), places=3)
        number = make_round(session, draft, viewer=leader, now=at).id
        seed(session, number, [one.id for one in initiatives], viewer=leader, now=at)
        put_consultants(session, number, [one.id for one in consultants], viewer=leader, now=at)
        for one in initiatives:
            set_host(
                session,
                number,
                one.id,
                viewer=self.officers[one.municipality_code],
                name="Contactpersoon (voorbeeld)",
                email="gastheer@voorbeeld.example",
                hours=6,
                half_hours=2 * (one.hours or 8),
                language="nl",
                now=at,
            )
        self.move(number, RoundState.SELECTION, at)
        for code, viewer in self.officers.items():
            others = [one.id for one in initiatives if one.municipality_code != code]
            points = dict(zip(others, (4, 3, 2, 1), strict=False))
            if code != without:
                vote(session, number, viewer=viewer, points=points, conflicts=(), now=at + timedelta(days=4))
        return number

    def move(self, number: int, to: RoundState, at: datetime) -> None:
        """Move a round on."""
        version = self.session.get_one(Round, number).version
        chosen = PairingKind.BY_HAND if to is RoundState.PROPOSING else None
        move(
            self.session,
            number,
            to,
            viewer=self.leader,
            version=version,
            now=at,
            freeze=frozen_text,
            chosen=chosen,
        )

    def work(
        self, number: int, initiatives: list[Initiative], consultants: list[Consultant], begun: datetime
    ) -> None:
        """From the joint choice to work that is going on, and some that is done."""
        session, leader = self.session, self.leader
        at = begun + timedelta(days=7)
        self.move(number, RoundState.PAIRING, at)
        for place, other in PAIRS:
            self.pair(number, initiatives[place].id, consultants[other].id, at)
        self.automatic(at)
        self.move(number, RoundState.COMPARING, at + timedelta(days=1))
        self.move(number, RoundState.PROPOSING, at + timedelta(days=2))
        at += timedelta(days=3)
        matches = propose_pairs(session, number, viewer=leader, now=at)
        for match in matches:
            for party in ASKED:
                give_answer(session, match.id, party, True, viewer=None, now=at + timedelta(days=2))
        at += timedelta(days=5)
        self.move(number, RoundState.DEPLOYED, at)
        day = at.astimezone(ZONE).date()
        for match in matches[:2]:
            deploy(session, match.id, viewer=leader, version=match.version, day=day, now=at)
        self.finish(matches[0], self.now - timedelta(days=6))

    def pair(self, number: int, initiative: int, consultant: int, at: datetime) -> None:
        """Put a consultant beside an initiative that was chosen."""
        problem = problem_of(self.session, number, kind=None)
        wanted = {one.key: one for one in problem.initiatives}
        offered = {one.key: one for one in problem.consultants}
        if str(initiative) in wanted:
            told = fit(problem, wanted[str(initiative)], offered[str(consultant)])
            put_pair(
                self.session,
                number,
                initiative,
                consultant,
                viewer=self.leader,
                seen=None,
                fit=told.fit,
                now=at,
            )

    def automatic(self, at: datetime) -> None:
        """Work out the automatic pairing at once: it is small, and nobody serves pages yet."""
        taken = round_jobs.take_job(self.session, now=at)
        assert taken is not None
        found = solve(of_text(taken.problem), seconds=5)
        pairs = [FoundPair(int(pair.initiative), int(pair.consultant), pair.fit) for pair in found.pairs]
        gaps = [asdict(gap) for gap in found.gaps]
        round_jobs.finish_job(self.session, taken, pairs, gaps=gaps, stopped=found.stopped, now=at)

    def finish(self, match: Match, at: datetime) -> None:
        """Close the work of a match, with a lesson of it that others can read."""
        finish(
            self.session,
            match.id,
            viewer=self.leader,
            version=match.version,
            visit_on=at.astimezone(ZONE).date(),
            recommendations=RECOMMENDATIONS,
            spent=match.half_hours,
            now=at,
        )
        answers = {"goal": 4, "fit": 5, "hours": "zoals_gepland", "host_hours": 12, "repeat": LESSON}
        at += timedelta(days=2)
        answer_evaluation(self.session, match.id, Party.HOST, Moment.AFTERWARDS, answers, now=at)
        lesson = self.session.scalars(select(Lesson).where(Lesson.match_id == match.id)).one()
        approve_lesson(self.session, lesson.id, viewer=self.leader, version=lesson.version, now=at)


def main(leader: str, officer: str, settings: Settings | None = None) -> int:
    """Make the sample rounds in the database of the settings."""
    settings = settings or load_settings()
    engine = open_engine(settings)
    try:
        with session_factory(engine)() as session:
            demo_rounds(session, load_labels(settings), leader, officer, now=utc_now())
            session.commit()
    finally:
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

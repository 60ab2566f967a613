"""Matches in the rounds of the matrices in which both municipalities are, and what came of them."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Evaluation, Lesson, Match, MatchAnswer, MatchMail
from models.round import Round
from models.words import MatchState, Moment, Party
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.matrix_people import CANARY, STAFF_CANARY, World

BOTH = (ARNHEM, RHEDEN)
OTHER = {ARNHEM: RHEDEN, RHEDEN: ARNHEM}


def add_match(
    session: Session, world: World, row: Round, entry: Initiative, lent: Consultant, owner: str, now: datetime
) -> Match:
    """A proposal; ``owner`` is who may see it."""
    match = Match(
        round_id=row.id,
        initiative_id=entry.id,
        consultant_id=lent.id,
        half_hours=20,
        fit=613,
        reasons={"shared": ["subsidies"], "broken": ["te_ver"], "set_aside": f"Zegt {STAFF_CANARY}."},
        proposed_by_id=world.accounts["projectleider"],
        proposed_at=now,
        salt=f"zout{entry.id}x{row.id}",
    )
    session.add(match)
    session.flush()
    world.matches.setdefault(owner, []).append(match.id)
    world.round_of[match.id] = row.id
    session.add(
        MatchMail(match_id=match.id, party=Party.HOST, kind="verzoek", due_at=now, problem="refused 550")
    )
    return match


def add_answers(session: Session, world: World, match: Match, code: str, now: datetime) -> None:
    """Both sides gave a reason of their own; a leader wrote down what the host said once more."""
    for party, by, account in (
        (Party.HOST, code, code),
        (Party.EMPLOYER, OTHER[code], OTHER[code]),
        (Party.EMPLOYER, OTHER[code], "projectleider"),
    ):
        session.add(
            MatchAnswer(
                match_id=match.id,
                party=party,
                agrees=True,
                reason=f"Wij van {CANARY[by]} willen dit.",
                account_id=world.accounts[account],
                at=now,
            )
        )
    session.flush()


def finish_match(session: Session, match: Match, code: str, now: datetime) -> None:
    """Done, with recommendations for the host and what everybody said of it."""
    match.state, match.deployed_on, match.visit_on = MatchState.FINISHED, now.date(), now.date()
    match.recommendations, match.spent, match.ended_at = f"Ga door met {CANARY[code]}.", 18, now
    words = {
        Party.HOST: f"Dit schreef {CANARY[code]} zelf.",
        Party.CONSULTANT: f"Alleen voor {STAFF_CANARY}.",
    }
    for party, text in words.items():
        session.add(
            Evaluation(
                match_id=match.id,
                party=party,
                moment=Moment.AFTERWARDS,
                ask_on=now.date(),
                due_on=now.date(),
                answered_at=now,
                answers={"goal": 4, "fit": 2, "repeat": text},
            )
        )
    session.flush()


def add_approved_lesson(session: Session, world: World, now: datetime) -> None:
    """A lesson that all may read; where it comes from and who approved it, not."""
    lesson = Lesson(
        match_id=world.matches[ARNHEM][0],
        text="Plan de eerste afspraak meteen.",
        about="repeat",
        theme="groen",
        expertise=["subsidies"],
        approved_by_id=world.accounts["collega"],
        approved_at=now,
        written_by_id=world.accounts["collega"],
        written_at=now,
    )
    session.add(lesson)
    session.flush()
    world.lessons.append(lesson.id)

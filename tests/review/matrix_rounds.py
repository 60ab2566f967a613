"""Matching rounds for the matrices: each with one municipality only, so that all in it is that one's.

What two municipalities of one round see of each other: ``tests/review/matrix_shared.py``.
"""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.match import Evaluation, Lesson, Match, MatchAnswer
from models.round import Round, RoundConsultant, RoundInitiative, RoundMunicipality
from models.words import Moment, Party, RoundState
from tests.review.matrix_people import CANARY, STAFF_CANARY, World

#: Where the consultants come from; nothing in their texts is of one of the municipalities of the matrix.
LENDER = "GM0228"


def add_round(session: Session, world: World, code: str | None) -> None:
    """A round in which matches are proposed; of None one without anything in it."""
    now, staff = datetime.now(UTC), world.accounts["projectleider"]
    round_ = Round(
        name=f"Ronde {CANARY[code]}",
        state=RoundState.PROPOSING,
        first_day=date(2027, 1, 4),
        last_day=date(2027, 6, 30),
        created_by_id=staff,
        created_at=now,
    )
    session.add(round_)
    session.flush()
    world.rounds[code], world.matches[code] = [round_.id], []
    if code is None:
        return
    session.add(RoundMunicipality(round_id=round_.id, municipality_code=code))
    initiative_id = world.initiatives[code][0]
    session.add(
        RoundInitiative(
            round_id=round_.id,
            initiative_id=initiative_id,
            half_hours=20,
            host_name=f"Gastheer {CANARY[code]}",
            host_email=f"gastheer-{CANARY[code]}@gemeente.example",
            host_hours=8,
            seeded_by_id=staff,
            seeded_at=now,
            selected=True,
        )
    )
    consultant = Consultant(
        municipality_code=LENDER,
        name="Elf Uitgeleend",
        email=f"elf-{code.lower()}@uitleen.example",
        expertise=["subsidies"],
        themes={"groen": 1},
        languages=["nl"],
        half_hours=40,
        employer_name="Baas Uitleen",
        employer_email="baas@uitleen.example",
        added_by_id=staff,
        added_at=now,
        updated_at=now,
    )
    session.add(consultant)
    session.flush()
    session.add(
        RoundConsultant(round_id=round_.id, consultant_id=consultant.id, half_hours=40, most=1, added_at=now)
    )
    match = Match(
        round_id=round_.id,
        initiative_id=initiative_id,
        consultant_id=consultant.id,
        half_hours=20,
        fit=700,
        reasons={"shared": ["subsidies"], "set_aside": f"Alleen voor {STAFF_CANARY}."},
        proposed_by_id=staff,
        proposed_at=now,
        salt=f"zout{CANARY[code]}",
    )
    session.add(match)
    session.flush()
    world.matches[code].append(match.id)
    world.round_of[match.id] = round_.id
    for party, reason in (
        (Party.EMPLOYER, f"Alleen voor de leiding: {STAFF_CANARY}."),
        (Party.HOST, "Gehoord aan de telefoon."),
    ):
        session.add(
            MatchAnswer(match_id=match.id, party=party, agrees=True, reason=reason, account_id=staff, at=now)
        )
    add_lesson(session, world, match, f"Bij {CANARY[code]} zei {STAFF_CANARY} dit.")


def add_lesson(session: Session, world: World, match: Match, words: str) -> None:
    """What a consultant answered, and the draft of a lesson that came of it: for staff only."""
    now = datetime.now(UTC)
    session.add(
        Evaluation(
            match_id=match.id,
            party=Party.CONSULTANT,
            moment=Moment.AFTERWARDS,
            ask_on=now.date(),
            due_on=now.date(),
            answered_at=now,
            answers={"goal": 4, "fit": 2, "hours": "meer", "repeat": words},
        )
    )
    lesson = Lesson(
        match_id=match.id, text=words, about="repeat", theme="groen", expertise=[], written_at=now
    )
    session.add(lesson)
    session.flush()
    world.lessons.append(lesson.id)

"""The audit log of a matching round: numbers and codes, nothing that anybody wrote and nobody's name."""

import json

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.labels import load_labels
from models.match import Lesson
from models.settings import Settings
from models.store.evaluations import answer_evaluation
from models.store.lessons import LessonDraft, approve_lesson, change_lesson
from models.store.matches import deploy, finish, stop
from models.store.pairing import mark, put_pair
from models.store.round_hosts import set_host
from models.store.round_moves import move
from models.store.round_votes import vote
from models.store.rounds import RoundDraft, change_round
from models.words import Moment, Party, RoundState, SelectionMethod
from review.match_steps import give_answer
from review.round_problem import frozen_text
from tests.review.factories import ARNHEM, RHEDEN
from tests.rounds_world import NOW, World, match_in, round_in, world


@pytest.fixture
def there(session: Session) -> World:
    """Three municipalities with initiatives and consultants; its rows are read no more after a commit."""
    session.expire_on_commit = False
    found = world(session)
    session.commit()
    return found


def test_the_log_of_a_whole_round_holds_nothing_that_anybody_wrote_and_nobodys_name(
    session: Session, there: World, settings: Settings
) -> None:
    """Every text that can be written in a round holds the same word; nobody finds it in the log."""
    word, now = "vuurdoornhaag", NOW
    leader, food = there.leader, there.initiatives[0]
    saar, els = there.consultants[2], there.consultants[4]
    session.execute(delete(AuditEntry))
    row = round_in(session, RoundState.SELECTION, world=there)
    for code in (ARNHEM, RHEDEN):
        viewer = there.officers[code]
        points = {there.initiatives[2 if code == ARNHEM else 0].id: 7}
        vote(session, row.id, viewer=viewer, points=points, conflicts=set(), now=now)
    draft = RoundDraft(name=f"Ronde {word}", first_day=row.first_day, method=SelectionMethod.POINTS, places=5)
    change_round(session, row.id, draft, viewer=leader, version=row.version, now=now)
    set_host(
        session,
        row.id,
        food.id,
        viewer=there.arnhem,
        name=f"Gastheer {word}",
        email=f"{word}@arnhem.example",
        hours=6,
        half_hours=16,
        language="nl",
        now=now,
    )
    move(session, row.id, RoundState.PAIRING, viewer=leader, version=row.version, freeze=frozen_text, now=now)
    why = f"Omdat {word} dit graag wil."
    for consultant in (saar, els):
        mark(session, row.id, food.id, consultant.id, viewer=leader, reason=why, now=now)
    put_pair(session, row.id, food.id, saar.id, viewer=leader, seen=None, fit=600, broken=["te_ver"], now=now)
    done = RoundState.CANCELLED
    move(session, row.id, done, viewer=leader, version=row.version, why=f"Geen {word}.", now=now)

    other = round_in(session, RoundState.PROPOSING, world=there)
    matches = [match_in(session, other, one) for one in there.initiatives[:3]]
    for match in matches[:2]:
        for party in (Party.HOST, Party.EMPLOYER, Party.CONSULTANT):
            give_answer(session, match.id, party, True, viewer=None, reason=f"Ja, {word}.", now=now)
    give_answer(session, matches[2].id, Party.HOST, False, viewer=leader, reason=f"Nee, {word}.", now=now)
    deploy(session, matches[0].id, viewer=leader, version=matches[0].version, day=now.date(), now=now)
    ended = {"visit_on": now.date(), "recommendations": f"Ga door met {word}.", "spent": 9}
    finish(session, matches[0].id, viewer=leader, version=matches[0].version, **ended, now=now)
    stop(session, matches[1].id, viewer=leader, version=matches[1].version, why=f"Want {word}.", now=now)
    said = {"goal": 4, "fit": 5, "hours": "meer", "host_hours": 8, "repeat": f"Meer {word} graag."}
    answer_evaluation(session, matches[0].id, Party.HOST, Moment.AFTERWARDS, said, now=now)
    lesson = session.scalars(select(Lesson)).one()
    labels = load_labels(settings)
    text = LessonDraft(text=f"Plan meer {word}.", about="repeat", theme="groen")
    change_lesson(session, lesson.id, text, viewer=leader, version=lesson.version, labels=labels, now=now)
    approve_lesson(session, lesson.id, viewer=leader, version=lesson.version, now=now)
    session.flush()

    entries = list(session.scalars(select(AuditEntry)))
    logged = [json.dumps([one.object_id, one.before, one.after], ensure_ascii=False) for one in entries]
    assert {"round", "pairing", "match"} <= {one.action for one in entries}
    assert len(logged) >= 20
    people = [*(one.name for one in there.consultants), *(one.name for one in there.initiatives)]
    people += ["Gastheer", "Contactpersoon", "@", "Lea", "Ambtenaar", "te_ver"]
    for secret in (word, *people):
        assert not [one for one in logged if secret in one], secret
    # Nor what was given to whom.
    assert not [one for one in logged if "points" in one and '"points": 7' in one]

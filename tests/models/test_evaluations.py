"""Evaluations, lessons and what is learned, in the store: who is asked when, what is kept, and what goes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.labels import load_labels
from models.match import Evaluation, Lesson, Match, MatchAnswer, MatchMail
from models.round import RoundInitiative, RoundMark
from models.store.evaluation_questions import (
    ASKED,
    AnswerProblem,
    InvalidAnswersError,
)
from models.store.evaluations import (
    EvaluationClosedError,
    EvaluationNotFoundError,
    answer_evaluation,
    evaluations_due,
    evaluations_of,
    note_mailed,
    plan_evaluations,
)
from models.store.learned import learned, round_scores
from models.store.lesson_words import Revealing
from models.store.lessons import (
    InvalidLessonError,
    LessonDraft,
    LessonNotAllowedError,
    StaleLessonError,
    approve_lesson,
    change_lesson,
    remove_lesson,
    withhold_lesson,
    write_lesson,
)
from models.store.lessons_list import (
    LessonNotFoundError,
    get_lesson,
    lesson_page,
    lessons_like,
    lessons_of,
    waiting_lessons,
)
from models.store.match_mails import due_mails
from models.store.rounds_forgetting import forget_rounds
from models.store.viewer import Viewer
from models.words import MatchState, Moment, Party, Role, RoundState
from tests.evaluations_world import BEGUN, leader_of, make_match, make_round
from tests.review.factories import ARNHEM, NIJMEGEN, make_account, viewer_of

pytestmark = pytest.mark.both_databases

DONE = datetime(2026, 12, 21, 15, 0, tzinfo=UTC)
#: What a host says afterwards.
WELL: dict[str, Any] = {"goal": 4, "fit": 5, "hours": "zoals_gepland", "host_hours": 12}


@pytest.fixture
def labels(settings):
    """The words of the product."""
    return load_labels(settings)


@pytest.fixture
def ada(session: Session) -> Viewer:
    """A reviewer."""
    return viewer_of(make_account(session))


def officer(session: Session, town: str, email: str) -> Viewer:
    return viewer_of(make_account(session, email, name="Cor", roles=[Role.MUNICIPALITY], municipality=town))


def finished(session: Session, *, now: datetime = DONE, **fields: Any) -> Match:
    """A match of which the work is done, with its forms planned."""
    match = make_match(session, state=MatchState.FINISHED, visit_on=now.date(), ended_at=now, **fields)
    plan_evaluations(session, match, now=now)
    return match


def say(session: Session, match: Match, party: Party = Party.HOST, **answers: Any) -> Evaluation:
    """Answer the form after the work."""
    given = {**WELL, **answers}
    return answer_evaluation(session, match.id, party, Moment.AFTERWARDS, given, now=DONE + timedelta(days=1))


def test_at_the_beginning_three_parties_are_asked_once_and_reminded_in_time(session):
    match = make_match(session)
    plan_evaluations(session, match, now=BEGUN)
    plan_evaluations(session, match, now=BEGUN + timedelta(days=3))

    rows = session.scalars(select(Evaluation).order_by(Evaluation.id)).all()
    assert [(row.party, row.moment) for row in rows] == [(party, Moment.START) for party in ASKED]
    assert {(row.ask_on, row.due_on) for row in rows} == {(date(2026, 11, 16), date(2026, 11, 30))}
    mails = session.scalars(select(MatchMail).order_by(MatchMail.due_at, MatchMail.id)).all()
    assert [(mail.kind, mail.due_at.date()) for mail in mails] == [
        *[("evaluatie_start", date(2026, 11, 16))] * 3,
        *[("herinnering_start", date(2026, 11, 23))] * 3,
    ]
    assert len(due_mails(session, now=BEGUN)) == 3


def test_work_that_begins_later_is_asked_about_on_its_first_working_day(session):
    # A Saturday.
    match = make_match(session, deployed_on=date(2027, 1, 2))
    plan_evaluations(session, match, now=BEGUN)
    assert set(session.scalars(select(Evaluation.ask_on))) == {date(2027, 1, 4)}


def test_after_the_work_and_half_a_year_later_all_are_asked_and_the_beginning_no_more(session):
    match = make_match(session)
    plan_evaluations(session, match, now=BEGUN)
    match.state, match.visit_on, match.ended_at = MatchState.FINISHED, date(2026, 12, 18), DONE
    plan_evaluations(session, match, now=DONE)

    days = set(session.execute(select(Evaluation.moment, Evaluation.ask_on, Evaluation.due_on)))
    assert days == {
        (Moment.START, date(2026, 11, 16), date(2026, 11, 30)),
        (Moment.AFTERWARDS, date(2026, 12, 21), date(2027, 1, 4)),
        (Moment.HALF_YEAR, date(2027, 6, 18), date(2027, 7, 2)),
    }
    open_kinds = set(session.scalars(select(MatchMail.kind).where(MatchMail.dropped_at.is_(None))))
    assert open_kinds == {
        "evaluatie_na_afloop",
        "herinnering_na_afloop",
        "evaluatie_half_jaar",
        "herinnering_half_jaar",
    }


def test_an_answer_is_kept_ends_the_reminding_and_becomes_drafts_of_lessons(session, ada):
    match = finished(session)
    say(session, match, repeat=" Samen ter plekke kijken. ", change="Eerder beginnen.", unknown="x")

    row = session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).one()
    assert row.answers == {**WELL, "repeat": "Samen ter plekke kijken.", "change": "Eerder beginnen."}
    dropped = session.scalars(
        select(MatchMail.kind).where(MatchMail.party == Party.HOST, MatchMail.dropped_at.is_not(None))
    )
    assert set(dropped) == {"evaluatie_na_afloop", "herinnering_na_afloop"}
    drafts = lesson_page(session, ada, waiting=True).rows
    assert [(one.about, one.text, one.theme, one.expertise) for one in drafts] == [
        ("change", "Eerder beginnen.", "groen", ["juridisch"]),
        ("repeat", "Samen ter plekke kijken.", "groen", ["juridisch"]),
    ]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.after == {"done": "evaluated", "party": "ontvanger", "moment": "na_afloop"}


def test_answering_again_corrects_and_leaves_no_old_draft_unless_somebody_worked_on_it(session, ada, labels):
    match = finished(session)
    say(session, match, repeat="Samen kijken.", change="Eerder beginnen.")
    touched = session.scalars(select(Lesson).where(Lesson.about == "change")).one()
    draft = LessonDraft(text="Eerder beginnen.", about="change", theme="wonen")
    change_lesson(session, touched.id, draft, viewer=ada, version=1, labels=labels)
    say(session, match, goal=2, repeat="Samen praten.", change="Later beginnen.")
    say(session, match, goal=2, repeat="Samen praten.", change="Later beginnen.")

    assert sorted(session.scalars(select(Lesson.text))) == [
        "Eerder beginnen.",
        "Later beginnen.",
        "Samen praten.",
    ]
    assert (
        session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).one().answers["goal"]
        == 2
    )
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "match")).all()) == 2


def test_all_that_is_wrong_with_answers_is_told_and_nothing_kept(session):
    match = finished(session)
    with pytest.raises(InvalidAnswersError) as caught:
        say(session, match, goal=None, fit=6, hours="veel", host_hours=-1, repeat="x" * 1001)
    assert caught.value.problems == {
        "goal": AnswerProblem.EMPTY,
        "fit": AnswerProblem.OUT_OF_RANGE,
        "hours": AnswerProblem.UNKNOWN,
        "host_hours": AnswerProblem.OUT_OF_RANGE,
        "repeat": AnswerProblem.TOO_LONG,
    }
    assert session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).all() == []


def test_nobody_answers_for_a_stopped_match_long_after_the_term_or_without_being_asked(session):
    match = finished(session)
    with pytest.raises(EvaluationNotFoundError):
        say(session, match, Party.EMPLOYER)
    with pytest.raises(EvaluationNotFoundError):
        answer_evaluation(session, 999, Party.HOST, Moment.START, {}, now=DONE)
    late = DONE + timedelta(days=14 + 91)
    with pytest.raises(EvaluationClosedError):
        answer_evaluation(session, match.id, Party.HOST, Moment.AFTERWARDS, WELL, now=late)
    match.state = MatchState.STOPPED
    with pytest.raises(EvaluationClosedError):
        say(session, match)


def test_answers_are_for_staff_and_a_host_sees_its_own(session, ada):
    match = finished(session)
    say(session, match)
    say(session, match, Party.CONSULTANT, goal=1)
    host, lender, other = (
        officer(session, town, f"{town.lower()}@voorbeeld.example")
        for town in ("Arnhem", "Rheden", "Nijmegen")
    )
    watcher = viewer_of(make_account(session, "fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER]))

    def read(viewer: Viewer) -> dict[Party, Any]:
        rows = evaluations_of(session, viewer, match.id)
        return {row.party: row.answers.get("goal") for row in rows if row.answered_at is not None}

    assert read(ada) == {Party.CONSULTANT: 1, Party.HOST: 4}
    assert read(host) == {Party.CONSULTANT: None, Party.HOST: 4}
    assert read(lender) == {Party.CONSULTANT: None, Party.HOST: None}
    assert evaluations_of(session, other, match.id) == evaluations_of(session, watcher, match.id) == []
    assert [row.moment for row in evaluations_of(session, ada, match.id)] == [
        *[Moment.AFTERWARDS] * 3,
        *[Moment.HALF_YEAR] * 3,
    ]


def test_open_forms_are_listed_for_staff_with_what_was_mailed(session, ada):
    match = finished(session)
    note_mailed(session, match.id, Party.HOST, "evaluatie_na_afloop", at=DONE)
    note_mailed(session, match.id, Party.HOST, "akkoord", at=DONE)
    say(session, match, Party.CONSULTANT)

    due = evaluations_due(session, ada, day=DONE.date())
    assert [(one.party, one.asked_at, one.initiative) for one in due] == [
        (Party.HOST, DONE, "Buurttuin Kampenberg"),
        (Party.INITIATOR, None, "Buurttuin Kampenberg"),
    ]
    assert evaluations_due(session, officer(session, "Arnhem", "c@voorbeeld.example"), day=DONE.date()) == []


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("Vraag het Kim, of kim.", ["Kim", "kim"]),
        ("kim voorbeeld deed dit", ["kim voorbeeld"]),
        ("Zoals ria gastvrouw zei.", ["ria gastvrouw"]),
        ("De Teamleider vond het goed, een teamleider ook.", ["Teamleider"]),
        ("In Rheden en Arnhem ging het goed.", ["Rheden", "Arnhem"]),
        ("Bij Buurttuin  kampenberg werkte het.", ["Buurttuin  kampenberg"]),
        ("Mail a.b@voorbeeld.example of bel 06 - 1234 56 78.", ["a.b@voorbeeld.example", "06 - 1234 56 78"]),
        ("Bel (026) 123 45 67 of +31 6 12345678.", ["(026) 123 45 67", "+31 6 12345678"]),
        ("Zie www.voorbeeld.example/tuin", ["www.voorbeeld.example/tuin"]),
        ("In 2026-2027 kostte het 1.250.000 euro.", []),
        ("Kijk samen ter plekke; een kimono hoeft niet.", []),
    ],
)
def test_names_of_parties_addresses_and_numbers_are_found(session, ada, labels, text, passages):
    match = finished(session)
    say(session, match, repeat=text)
    lesson = session.scalars(select(Lesson)).one()
    if not passages:
        approve_lesson(session, lesson.id, viewer=ada, version=1)
        return
    with pytest.raises(InvalidLessonError) as caught:
        approve_lesson(session, lesson.id, viewer=ada, version=1)
    assert [one.passage for one in caught.value.shown] == passages
    assert caught.value.problems == {"text": "reveals"}


def test_a_lesson_is_read_edited_and_approved_before_others_see_it(session, ada, labels):
    cor = officer(session, "Nijmegen", "cor@voorbeeld.example")
    match = finished(session)
    say(session, match, repeat="Kim keek mee bij de notaris.")
    lesson = session.scalars(select(Lesson)).one()
    assert waiting_lessons(session, ada) == 1
    assert waiting_lessons(session, cor) == lesson_page(session, cor, waiting=True).total == 0
    with pytest.raises(LessonNotFoundError):
        get_lesson(session, cor, lesson.id)
    with pytest.raises(InvalidLessonError) as caught:
        approve_lesson(session, lesson.id, viewer=ada, version=1)
    assert [(one.how, one.passage) for one in caught.value.shown] == [(Revealing.NAME, "Kim")]

    better = LessonDraft(
        text="Kijk mee bij de notaris.", about="repeat", theme="groen", expertise=("juridisch",)
    )
    with pytest.raises(LessonNotAllowedError):
        change_lesson(session, lesson.id, better, viewer=cor, version=1, labels=labels)
    change_lesson(session, lesson.id, better, viewer=ada, version=1, labels=labels)
    with pytest.raises(StaleLessonError):
        approve_lesson(session, lesson.id, viewer=ada, version=1)
    approve_lesson(session, lesson.id, viewer=ada, version=2)

    seen = get_lesson(session, cor, lesson.id)
    assert (seen.text, seen.match_id, seen.initiative, seen.approved_by) == (better.text, None, None, None)
    assert get_lesson(session, ada, lesson.id).initiative == "Buurttuin Kampenberg"
    assert [one.id for one in lessons_of(session, ada, match.id)] == [lesson.id]
    withhold_lesson(session, lesson.id, viewer=ada, version=3)
    assert lesson_page(session, cor).total == 0
    remove_lesson(session, lesson.id, viewer=ada, version=4)
    assert session.scalars(select(Lesson)).all() == []
    told = session.scalars(select(AuditEntry.after).where(AuditEntry.object_kind == "lesson")).all()
    assert told == [
        {"fields": ["text"]},
        {"approved": True},
        {"approved": False},
        {"done": "removed"},
    ]


def test_what_is_wrong_with_a_lesson_is_told(session, ada, labels):
    for draft, problems in (
        (LessonDraft(text="  "), {"text": "empty"}),
        (LessonDraft(text="x" * 601), {"text": "too_long"}),
        (
            LessonDraft(text="Goed.", about="iets", theme="toveren", expertise=("vliegen",)),
            {"about": "unknown", "theme": "unknown", "expertise": "unknown"},
        ),
    ):
        with pytest.raises(InvalidLessonError) as caught:
            write_lesson(session, draft, viewer=ada, labels=labels)
        assert caught.value.problems == problems
    assert session.scalars(select(Lesson)).all() == []


def test_the_lessons_that_have_most_in_common_come_first_then_the_newest(session, ada, labels):
    def lesson(text: str, theme: str | None, *expertise: str, approved: bool = True) -> None:
        draft = LessonDraft(text=text, theme=theme, expertise=expertise)
        row = write_lesson(session, draft, viewer=ada, labels=labels)
        if approved:
            approve_lesson(session, row.id, viewer=ada, version=1)

    lesson("een kennis", "energie", "juridisch")
    lesson("thema", "groen")
    lesson("alles", "groen", "juridisch", "subsidies")
    lesson("nieuwer thema", "groen", "vastgoed")
    lesson("niets", "energie", "vastgoed")
    lesson("niet goedgekeurd", "groen", "juridisch", approved=False)

    like = lessons_like(session, "groen", ["juridisch", "subsidies"], limit=4)
    assert [one.text for one in like] == ["alles", "nieuwer thema", "thema", "een kennis"]
    assert lessons_like(session, None, []) == []
    assert [one.text for one in lesson_page(session, ada, theme="energie", expertise="juridisch").rows] == [
        "een kennis"
    ]


def test_little_is_learned_from_few_answers_and_nothing_from_one_consultant(session):
    for _ in range(2):
        match = finished(session)
        say(session, match, fit=5, goal=5)
    assert learned(session) == {}
    say(session, match, Party.INITIATOR, fit=1, goal=3)
    # (1 + 1 - 0.5) / (3 answers + 3)
    assert learned(session) == {("groen", "juridisch"): pytest.approx(0.25)}

    alone = finished(session, theme="sport", wanted=("subsidies",))
    for party in ASKED:
        say(session, alone, party)
    assert ("sport", "subsidies") not in learned(session)


def test_a_round_has_means_of_its_own_matches(session):
    round_ = make_round(session)
    first, second = finished(session, round_=round_), finished(session, round_=round_)
    say(session, finished(session), fit=1, goal=1)
    say(session, first, fit=5, goal=4)
    say(session, second, fit=4, goal=2)

    scores = round_scores(session, round_.id)
    assert (scores.answered, scores.asked, scores.fit, scores.goal) == (2, 6, 4.5, 3)
    assert round_scores(session, round_.id, [first.id]).goal == 4
    assert round_scores(session, round_.id, []).fit is None


def test_own_words_and_names_go_after_a_year_and_numbers_stay(session, ada):
    round_ = make_round(session, state=RoundState.CLOSED, ended_at=DONE)
    match = finished(session, round_=round_, recommendations="Zet een plan op.")
    match.reasons = {"shared": ["juridisch"], "set_aside": "Woont er om de hoek."}
    say(session, match, repeat="Samen kijken.")
    session.add(MatchAnswer(match_id=match.id, party=Party.HOST, agrees=True, reason="Fijn.", at=BEGUN))
    session.add(
        RoundMark(
            round_id=round_.id,
            initiative_id=match.initiative_id,
            consultant_id=match.consultant_id,
            reason="Woont er om de hoek.",
            by_id=leader_of(session).id,
            at=BEGUN,
        )
    )
    recent = finished(session, recommendations="Ga zo door.", now=DONE + timedelta(days=10))
    session.flush()

    assert forget_rounds(session, now=DONE + timedelta(days=364)) == 0
    assert forget_rounds(session, now=DONE + timedelta(days=365)) == 7

    session.expire_all()
    assert session.get_one(Match, match.id).recommendations == ""
    assert session.get_one(Match, match.id).reasons == {"shared": ["juridisch"], "set_aside": ""}
    row = session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).one()
    assert row.answers == WELL
    host = session.get_one(RoundInitiative, (round_.id, match.initiative_id))
    assert (host.host_name, host.host_email, host.host_hours) == ("", "", 8)
    assert session.scalars(select(MatchAnswer.reason)).all() == [""]
    assert session.scalars(select(RoundMark.reason)).all() == [""]
    assert session.scalars(select(Lesson)).all() == []
    assert session.get_one(Match, recent.id).recommendations == "Ga zo door."
    assert session.get_one(RoundInitiative, (recent.round_id, recent.initiative_id)).host_name != ""
    assert forget_rounds(session, now=DONE + timedelta(days=365)) == 0


def test_an_approved_lesson_stays_and_the_host_of_a_match_that_goes_on_too(session, ada):
    round_ = make_round(session)
    over = finished(session, round_=round_)
    say(session, over, repeat="Samen kijken.")
    lesson = session.scalars(select(Lesson)).one()
    approve_lesson(session, lesson.id, viewer=ada, version=1)
    going_on = make_match(session, round_=round_, town=NIJMEGEN, employer=ARNHEM)

    forget_rounds(session, now=DONE + timedelta(days=400))

    assert lesson_page(session, ada).total == 1
    rows = session.execute(select(RoundInitiative.initiative_id, RoundInitiative.host_name)).all()
    hosts = {row.initiative_id: row.host_name for row in rows}
    assert hosts == {over.initiative_id: "", going_on.initiative_id: "Ria Gastvrouw"}

"""Evaluations through the front door: the secret form, the mails about it, and lessons that come of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.labels import load_labels
from models.match import Evaluation, Lesson, Match
from models.settings import Settings
from models.store.evaluations import plan_evaluations
from models.store.match_mails import mails_of
from models.store.matches_list import read_match
from models.words import MatchState, Moment, Party, Role
from review import evaluations
from review.evaluation_letters import EVALUATION_PATH, LETTERS
from review.evaluation_words import questions_in_words
from review.match_letters import Writing
from review.match_links import ANSWER, token_of
from review.match_mail import KINDS
from tests.evaluations_world import make_match
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
WELL = {"goal": "4", "fit": "5", "hours": "zoals_gepland"}


def begun(session: Session, **fields: Any) -> Match:
    """A match of which the work begins now, with its forms asked."""
    now = datetime.now(UTC)
    match = make_match(session, deployed_on=now.date(), **fields)
    plan_evaluations(session, match, now=now)
    session.commit()
    return match


def done(session: Session, **fields: Any) -> Match:
    """A match of which the work was finished a week ago, so that there was a working day since."""
    now = datetime.now(UTC) - timedelta(days=7)
    match = make_match(
        session, state=MatchState.FINISHED, visit_on=now.date(), ended_at=now, spent=28, **fields
    )
    plan_evaluations(session, match, now=now)
    session.commit()
    return match


@pytest.fixture
def link(settings: Settings) -> Callable[..., str]:
    """The address of the form of a party and moment."""
    secret = settings.effective_secret_key

    def address(match: Match, party: Party = Party.HOST, moment: Moment = Moment.AFTERWARDS) -> str:
        return EVALUATION_PATH.format(token_of(secret, match, party, moment.value))

    return address


def test_a_host_answers_without_an_account_and_can_correct_it(
    visitor: Visitor, session: Session, link: Callable[..., str]
) -> None:
    match = done(session)
    address = link(match)
    visitor.get(address)
    assert visitor.heading == "Hoe ging het?"
    assert "Gepland: 12 uur. Besteed: 14 uur." in visitor.main
    assert "en uw eigen gemeente" in visitor.main
    visitor.send(address, **WELL, host_hours="7,5", repeat="Samen kijken.\r\nTer plekke.")
    assert "Bedankt. Uw antwoorden zijn bewaard." in visitor.notices

    row = session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).one()
    session.commit()
    assert (row.party, row.answers) == (
        Party.HOST,
        {
            "goal": 4,
            "fit": 5,
            "hours": "zoals_gepland",
            "host_hours": 15,
            "repeat": "Samen kijken.\nTer plekke.",
        },
    )
    assert visitor.form(address)["host_hours"] == "7,5"
    assert "U kunt uw antwoorden nog veranderen." in visitor.main
    visitor.send(address, goal="2")
    session.expire_all()
    assert session.get_one(Evaluation, row.id).answers["goal"] == 2
    assert len(session.scalars(select(Lesson)).all()) == 1


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    visitor: Visitor, session: Session, link: Callable[..., str]
) -> None:
    match = done(session)
    visitor.get(link(match))
    visitor.send(link(match), fit="5", hours="meer", host_hours="veel", change="Eerder beginnen.")

    assert visitor.answer.status_code == 400
    errors = visitor.page.cssselect("#fouten")[0].text_content()
    assert "Is het doel gehaald?: Kies een antwoord." in " ".join(errors.split())
    assert "Vul hele of halve uren in" in errors
    typed = visitor.form(link(match))
    assert (typed["fit"], typed["host_hours"], typed["change"]) == ("5", "veel", "Eerder beginnen.")
    assert session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).all() == []


def test_every_form_opens_with_its_own_questions_and_shows_what_was_aimed_at(
    visitor: Visitor, session: Session, link: Callable[..., str]
) -> None:
    match = begun(session)
    start = link(match, Party.CONSULTANT, Moment.START)
    visitor.get(start)
    visitor.send(start, aim="De vergunning is aangevraagd.", clear="5")
    now = datetime.now(UTC)
    match = session.get_one(Match, match.id)
    match.state, match.visit_on, match.ended_at = MatchState.FINISHED, now.date(), now
    plan_evaluations(session, match, now=now)
    session.commit()

    for moment in Moment:
        for party in (Party.CONSULTANT, Party.HOST, Party.INITIATOR):
            visitor.get(link(match, party, moment))
            assert visitor.answer.status_code == 200
            for question in questions_in_words(moment, party).values():
                assert question in visitor.main
    visitor.get(link(match, Party.CONSULTANT))
    assert "Bij het begin schreef u: De vergunning is aangevraagd." in visitor.main
    visitor.get(link(match, Party.HOST))
    assert "De vergunning is aangevraagd." not in visitor.main


def test_a_link_that_is_not_ours_or_for_something_else_opens_nothing(
    visitor: Visitor, session: Session, link: Callable[..., str], settings: Settings
) -> None:
    match = done(session)
    good = link(match)
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    answer = EVALUATION_PATH.format(token_of(settings.effective_secret_key, match, Party.HOST, ANSWER))
    employer = link(match, Party.EMPLOYER)
    not_asked = link(match, moment=Moment.START)
    for address in (wrong, answer, employer, not_asked, EVALUATION_PATH.format("x")):
        visitor.get(address)
        assert (visitor.answer.status_code, visitor.heading) == (404, "Deze link werkt niet")
        assert "Kampenberg" not in visitor.main


def test_the_form_of_a_stopped_match_is_closed(
    visitor: Visitor, session: Session, link: Callable[..., str]
) -> None:
    match = begun(session)
    address = link(match, moment=Moment.START)
    visitor.get(address)
    token = visitor.form(address)["csrf_token"]
    session.get_one(Match, match.id).state = MatchState.STOPPED
    session.commit()
    late = {"csrf_token": token, "aim": "Iets", "clear": "3", "host_hours": "8"}
    answer = visitor.client.post(address, data=late)
    assert answer.status_code == 409
    assert "Dit formulier is gesloten." in answer.text
    visitor.get(address)
    assert visitor.actions == [] or address not in visitor.actions
    assert session.scalars(select(Evaluation).where(Evaluation.answered_at.is_not(None))).all() == []


def test_every_message_has_a_link_that_opens_its_form(
    app: Flask, session: Session, settings: Settings
) -> None:
    match = done(session)
    match.state = MatchState.DEPLOYED
    plan_evaluations(session, match, now=datetime.now(UTC))
    session.commit()
    assert {mail.kind for mail in mails_of(session, match.id)} == LETTERS.keys() <= KINDS.keys()
    row = read_match(session, match.id)
    client = app.test_client()
    with app.test_request_context():
        for mail in mails_of(session, match.id):
            for passed_on in {False, mail.party is Party.INITIATOR}:
                writing = Writing(
                    row,
                    match,
                    mail.party,
                    "https://scout.example",
                    settings.effective_secret_key,
                    load_labels(settings),
                    passed_on=passed_on,
                )
                letter = KINDS[mail.kind].write(writing)
                assert letter.link is not None
                assert client.get(letter.link[1].removeprefix("https://scout.example")).status_code == 200
                words = " ".join((letter.subject, *letter.before, *letter.after))
                assert ("doorsturen" in words) is passed_on
                assert "Buurttuin Kampenberg" in words


def test_staff_reads_a_draft_takes_the_name_out_and_approves_it_for_everybody(
    visitor: Visitor, sign_in: SignIn, session: Session, link: Callable[..., str]
) -> None:
    ada = sign_in()
    cor = sign_in("cor@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Nijmegen")
    match = done(session)
    visitor.get(link(match))
    visitor.send(link(match), **WELL, host_hours="8", repeat="Kim keek mee bij de notaris.")

    ada.get("/lessen?stand=lezen")
    assert "Kim keek mee bij de notaris." in ada.main
    lesson_id = session.scalars(select(Lesson.id)).one()
    session.commit()
    address = f"/lessen/{lesson_id}"
    ada.get(address)
    ada.answer = ada.client.post(address, data={**ada.form(address), "do": "goedkeuren"})
    assert ada.answer.status_code == 400
    assert "‘Kim’ (naam)" in ada.main
    better = {**ada.form(address), "text": "Kijk mee bij de notaris.", "do": "goedkeuren"}
    ada.answer = ada.client.post(address, data=better, follow_redirects=True)
    assert "Iedereen in het netwerk ziet deze les nu." in ada.notices

    cor.get("/lessen?thema=groen&kennis=juridisch")
    assert "Kijk mee bij de notaris." in cor.main
    assert "Kampenberg" not in cor.main
    cor.get("/lessen?thema=sport")
    assert "Geen lessen gevonden" in cor.main
    cor.get("/lessen?stand=lezen")
    assert "Nog te lezen" not in cor.main
    for closed in (address, "/lessen/evaluaties", "/lessen/nieuw"):
        assert cor.get(closed).status_code == 403

    # Sent from a page that is older than the approval.
    stale = ada.client.post(address, data={**better, "text": "Iets anders."})
    assert stale.status_code == 409
    assert "Iets anders." in stale.text
    assert "Kijk mee bij de notaris." in stale.text
    ada.get(address)
    ada.send(f"{address}/weghalen")
    assert "Zet eerst een vinkje" in ada.main
    ada.send(f"{address}/weghalen", sure="ja")
    assert "De les is weggehaald." in ada.notices
    assert session.scalars(select(Lesson)).all() == []


def test_staff_writes_a_lesson_of_its_own_and_sees_which_forms_are_open(
    ada: Visitor, session: Session
) -> None:
    done(session)
    ada.get("/lessen/nieuw")
    ada.send("/lessen/nieuw", text="Bel 026 - 123 45 67.")
    assert "telefoonnummer of ander nummer" in ada.main
    ada.send("/lessen/nieuw", text="Vraag eerst wie de grond heeft.", theme="groen")
    ada.get("/lessen?stand=lezen")
    assert "Vraag eerst wie de grond heeft." in ada.main
    ada.get("/lessen/evaluaties")
    assert "3 zonder antwoord" in ada.main
    assert len(re.findall(r"Buurttuin Kampenberg", ada.main)) == 3


def test_the_pieces_for_other_pages_show_lessons_and_answers(
    sign_in: SignIn, session: Session, link: Callable[..., str]
) -> None:
    ada = sign_in()
    match = done(session)
    visitor = Visitor(ada.app)
    visitor.get(link(match))
    visitor.send(link(match), **WELL, host_hours="8", repeat="Kijk samen.")
    ada.get("/lessen?stand=lezen")
    lesson_id = session.scalars(select(Lesson.id)).one()
    session.commit()
    ada.get(f"/lessen/{lesson_id}")
    sent = {**ada.form(f"/lessen/{lesson_id}"), "do": "goedkeuren"}
    ada.client.post(f"/lessen/{lesson_id}", data=sent)
    next_one = make_match(session, name="Dorpstuin")
    session.commit()

    ada.get(f"/matches/{next_one.id}")
    assert "Geleerd van eerdere opdrachten" in ada.main
    assert "Kijk samen." in ada.main
    ada.get(f"/matches/{match.id}")
    assert "Is het doel gehaald?grotendeels (4 van 5)" in ada.main


def test_links_are_not_tried_without_end(
    visitor: Visitor, session: Session, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluations, "TRIES", type(evaluations.TRIES)(2))
    address = link(done(session))
    wrong = f"{address[:-4]}0000"

    assert [visitor.get(wrong).status_code for _try in range(3)] == [404, 404, 429]
    assert visitor.get(address).status_code == 200

"""Invented matching rounds for the pictures: one in each state, made as the pages make them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matching.pairs import fit, rules_broken
from models.base import utc_now
from models.labels import load_labels
from models.match import Evaluation, Match, MatchAnswer
from models.round import Round, RoundMark, RoundPair, RoundVote
from models.settings import Settings
from models.store.evaluations import answer_evaluation, plan_evaluations
from models.store.lessons import LessonDraft, approve_lesson, write_lesson
from models.store.matches import answer_match
from models.store.round_leavers import Why, consultant_left
from models.store.round_moves import move
from models.words import Moment, PairingKind, Party, RoundState
from review.match_links import ANSWER, token_of
from review.match_steps import propose_pairs
from review.round_problem import key_of, problem_of
from review.round_solving import ask_beside, solve_due
from tests.match_world import ALL
from tests.review.factories import ARNHEM
from tests.rounds_world import World, round_in, world

#: Who looks: a project leader and the officer of Arnhem; accounts of ``tests.rounds_world``.
ROUND_LEADER, ROUND_OFFICER = "lea@rondes.example", "arnhem@rondes.example"
#: Initiative and consultant by their places in ``tests.rounds_world``: a pairing as somebody made it by hand.
BY_HAND = ((0, 2), (2, 1), (3, 0))
#: A pair that breaks a soft rule, and why it was made all the same.
DESPITE, REASON = (4, 2), "Saar hielp eerder een speelplek aan subsidie en kent de wijk."
#: What initiatives ask and are, in the place of the short texts of the tests.
TEXTS = (
    ("Wij zoeken subsidie voor bomen en een pad.", "Buren planten een voedselbos achter de flats."),
    ("Mogen wij in een schoolkeuken koken?", "Vrijwilligers koken elke week voor wie alleen eet."),
    ("Wie helpt ons met een beheerplan?", "Het dorp legt samen een tuin aan bij de kerk."),
    ("Welke vorm past bij ons: vereniging of coöperatie?", "Bewoners leggen panelen op het dorpshuis."),
    ("Wie keurt toestellen die wij zelf maken?", "Ouders maken een speelplek van hergebruikt hout."),
    ("Hoe bereiken wij meer mensen?", "Vrijwilligers repareren elke maand spullen."),
)
LESSONS = (
    ("Spreek in het eerste gesprek af wie welke vergunning aanvraagt.", "repeat", "groen", ("subsidies",)),
    ("Plan het bezoek aan het einde al bij de start in.", "change", None, ("juridisch",)),
)


def fill_rounds(session: Session, settings: Settings, engine: Engine) -> dict[str, str]:
    """Rounds in every state but the last; everything is committed.

    Returns:
        Name of an address that can't be known beforehand -> the address.
    """
    there, now = world(session), utc_now()
    for initiative, (question, summary) in zip(there.initiatives, TEXTS, strict=True):
        initiative.question, initiative.summary = question, summary
    proposing = _named(session, there, RoundState.PROPOSING, "Najaarsronde", now)
    deployed = _named(session, there, RoundState.CLOSED, "Zomerronde", now)
    _begin(session, there, proposing, now)
    _evaluate(session, settings, there, deployed, now)
    _named(session, there, RoundState.SEEDING, "Ronde groen en energie", now)
    choosing = _named(session, there, RoundState.SELECTION, "Winterronde", now)
    _divide(session, choosing, there)
    pairing = _named(session, there, RoundState.PAIRING, "Voorjaarsronde", now)
    _pair(session, there, pairing, (*BY_HAND[:2], DESPITE), now)
    comparing = _named(session, there, RoundState.PAIRING, "Ronde ontmoeting", now)
    _pair(session, there, comparing, (*BY_HAND, DESPITE), now)
    comparing.minutes, comparing.worked_at = 38.0, now
    ask_beside(session, comparing, account_id=None, now=now)
    session.commit()
    solve_due(settings, engine, now)
    move(session, comparing.id, RoundState.COMPARING, viewer=there.leader, version=comparing.version)
    session.commit()
    secret = settings.effective_secret_key
    asked, over = _matches(session, proposing)[-1], _matches(session, deployed)[1]
    return {
        "antwoord": f"antwoord/{token_of(secret, asked, Party.CONSULTANT, ANSWER)}",
        "evaluatie": f"evaluatie/{token_of(secret, over, Party.HOST, Moment.AFTERWARDS.value)}",
        "match": f"matches/{asked.id}",
        "match-afgerond": f"matches/{_matches(session, deployed)[0].id}",
        **{
            f"ronde-{row.state}": f"rondes/{row.id}"
            for row in session.scalars(select(Round).order_by(Round.id))
        },
    }


def _named(session: Session, there: World, state: RoundState, name: str, now: datetime) -> Round:
    row = round_in(session, state, world=there, now=now)
    row.name = name
    session.flush()
    return row


def _matches(session: Session, row: Round) -> list[Match]:
    return list(session.scalars(select(Match).where(Match.round_id == row.id).order_by(Match.id)))


def _begin(session: Session, there: World, row: Round, now: datetime) -> None:
    """Proposals with answers, and somebody who fell out; the last one waits for everybody but the host."""
    for match in _matches(session, row):
        session.delete(match)
    session.flush()
    session.commit()
    proposed = propose_pairs(session, row.id, viewer=there.leader, now=now - timedelta(days=2))
    for match in proposed[:2]:
        for party in ALL:
            answer_match(session, match.id, party, True, viewer=None, now=now - timedelta(days=1))
    answer_match(session, proposed[-1].id, Party.HOST, True, viewer=None, now=now - timedelta(hours=20))
    consultant_left(session, there.consultants[0].id, Why.UNAVAILABLE, now=now)
    session.commit()


def _evaluate(session: Session, settings: Settings, there: World, row: Round, now: datetime) -> None:
    """The work of one round is done: forms that were answered, and lessons from them."""
    today = now.date()
    row.first_day, row.last_day = today - timedelta(days=90), today - timedelta(days=3)
    for match in _matches(session, row):
        match.deployed_on, match.visit_on = row.first_day, row.last_day
        session.add_all(
            MatchAnswer(match_id=match.id, party=party, agrees=True, at=now - timedelta(days=100))
            for party in ALL
        )
        plan_evaluations(session, match, now=now - timedelta(days=2))
    first = _matches(session, row)[0]
    for form in session.scalars(select(Evaluation).where(Evaluation.moment == Moment.AFTERWARDS)):
        form.ask_on = min(form.ask_on, today)
    said: dict[str, Any] = {"goal": 4, "fit": 5, "hours": "meer"}
    words = {"repeat": "Samen de aanvraag schrijven.", "change": "Eerder beginnen met de begroting."}
    answers = {Party.CONSULTANT: said | words, Party.HOST: said | {"host_hours": 18}}
    for party, answer in answers.items():
        answer_evaluation(session, first.id, party, Moment.AFTERWARDS, answer, now=now - timedelta(hours=3))
    labels = load_labels(settings)
    for text, about, theme, expertise in LESSONS:
        draft = LessonDraft(text=text, about=about, theme=theme, expertise=expertise)
        lesson = write_lesson(session, draft, viewer=there.leader, labels=labels)
        approve_lesson(session, lesson.id, viewer=there.leader, version=lesson.version)
    session.commit()


def _divide(session: Session, row: Round, there: World) -> None:
    """One municipality has not chosen yet; Arnhem gave 6 and 3 points."""
    votes = session.scalars(select(RoundVote).where(RoundVote.round_id == row.id)).all()
    given = iter((6, 3, 0, 0))
    for vote in votes:
        if vote.municipality_code == there.initiatives[4].municipality_code:
            session.delete(vote)
        elif vote.municipality_code == ARNHEM:
            vote.points = next(given)
    session.flush()


def _pair(
    session: Session, there: World, row: Round, places: Sequence[tuple[int, int]], now: datetime
) -> None:
    """Pairs by hand, with the fit that the board gives them."""
    problem = problem_of(session, row.id, kind=None)
    wanted = {one.key: one for one in problem.initiatives}
    offered = {one.key: one for one in problem.consultants}
    for place in places:
        initiative, consultant = there.initiatives[place[0]], there.consultants[place[1]]
        one, other = wanted[key_of(initiative.id)], offered[key_of(consultant.id)]
        numbers = {"round_id": row.id, "initiative_id": initiative.id, "consultant_id": consultant.id}
        session.add(
            RoundPair(
                **numbers,
                kind=PairingKind.BY_HAND,
                fit=fit(problem, one, other).fit,
                broken=[rule.value for rule in rules_broken(problem, one, other)],
                by_id=there.leader.account_id,
                at=now,
            )
        )
        if place in ((0, 2), DESPITE):
            session.add(
                RoundMark(
                    **numbers,
                    pinned=place == (0, 2),
                    reason=REASON if place == DESPITE else "",
                    by_id=there.leader.account_id,
                    at=now,
                )
            )
    session.flush()

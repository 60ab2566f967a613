"""What is asked of whom when: every form takes at most three minutes, so at most six questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.words import Moment, Party

#: Characters of an answer in own words.
LONGEST = 1000
#: A scale goes from 1 (not at all) to this (entirely).
TOP = 5
#: Most half hours that can be answered.
MOST_HALF_HOURS = 4000


class Kind(StrEnum):
    """How a question is answered."""

    SCALE = "schaal"  # 1 to TOP
    CHOICE = "keuze"  # one of its words
    HOURS = "uren"  # half hours
    TEXT = "tekst"  # own words


class AnswerProblem(StrEnum):
    """Why an answer can't be taken."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    OUT_OF_RANGE = "out_of_range"


class InvalidAnswersError(Exception):
    """Answers that can't be taken, each with its problem. Nothing was kept."""

    def __init__(self, problems: Mapping[str, AnswerProblem]) -> None:
        super().__init__(", ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Question:
    """One question of a form."""

    name: str
    kind: Kind
    #: Without an answer the form is not taken.
    needed: bool = True
    #: Words to choose from.
    choices: tuple[str, ...] = ()


_AIM = Question("aim", Kind.TEXT)
_CLEAR = Question("clear", Kind.SCALE)
_NEED = Question("need", Kind.TEXT, needed=False)
_HOST_HOURS = Question("host_hours", Kind.HOURS)
_GOAL = Question("goal", Kind.SCALE)
_FIT = Question("fit", Kind.SCALE)
_HOURS = Question("hours", Kind.CHOICE, choices=("minder", "zoals_gepland", "meer"))
_REPEAT = Question("repeat", Kind.TEXT, needed=False)
_CHANGE = Question("change", Kind.TEXT, needed=False)
_FOLLOWED = Question("followed", Kind.CHOICE, choices=("ja", "deels", "nog_niet", "nee"))
_LASTING = Question("lasting", Kind.SCALE)
_CONTACT = Question("contact", Kind.CHOICE, choices=("ja", "nee"))
_DONE = Question("done", Kind.TEXT)
_OBSTACLE = Question("obstacle", Kind.TEXT, needed=False)
_HOME = Question("home", Kind.TEXT, needed=False)

#: Moment and party -> what is asked, in the order of the form. Words on screen: ``review.evaluation_words``.
QUESTIONS: dict[tuple[Moment, Party], tuple[Question, ...]] = {
    (Moment.START, Party.CONSULTANT): (_AIM, _CLEAR, _NEED),
    (Moment.START, Party.HOST): (_AIM, _HOST_HOURS, _CLEAR, _NEED),
    (Moment.START, Party.INITIATOR): (_AIM, _CLEAR, _NEED),
    (Moment.AFTERWARDS, Party.CONSULTANT): (_GOAL, _FIT, _HOURS, _REPEAT, _CHANGE),
    (Moment.AFTERWARDS, Party.HOST): (_GOAL, _FIT, _HOURS, _HOST_HOURS, _REPEAT, _CHANGE),
    (Moment.AFTERWARDS, Party.INITIATOR): (_GOAL, _FIT, _HOURS, _REPEAT, _CHANGE),
    (Moment.HALF_YEAR, Party.CONSULTANT): (_CONTACT, _HOME),
    (Moment.HALF_YEAR, Party.HOST): (_FOLLOWED, _DONE, _OBSTACLE),
    (Moment.HALF_YEAR, Party.INITIATOR): (_LASTING, _DONE, _OBSTACLE),
}
#: Who is asked, in the order of the pages. The employer agreed beforehand, and is asked nothing.
ASKED = (Party.CONSULTANT, Party.HOST, Party.INITIATOR)
#: Questions of which the answer can become a lesson for others.
LESSONS = (_REPEAT.name, _CHANGE.name)
#: Questions that are answered in own words: those answers go, the others stay.
OWN_WORDS = frozenset(one.name for asked in QUESTIONS.values() for one in asked if one.kind is Kind.TEXT)


def checked(moment: Moment, party: Party, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are kept; what was left open and is not asked for is not among them.

    Args:
        answers: name of a question -> whole number (a scale, half hours), word or own words;
            None = left open. Who can't read what was typed as a number passes -1.

    Raises:
        InvalidAnswersError: all that is wrong.
    """
    kept: dict[str, Any] = {}
    problems: dict[str, AnswerProblem] = {}
    for question in QUESTIONS[moment, party]:
        answer = answers.get(question.name)
        if isinstance(answer, str):
            answer = answer.strip()
        if answer is None or answer == "":
            if question.needed:
                problems[question.name] = AnswerProblem.EMPTY
            continue
        problem = _problem(question, answer)
        if problem is None:
            kept[question.name] = answer
        else:
            problems[question.name] = problem
    if problems:
        raise InvalidAnswersError(problems)
    return kept


def _problem(question: Question, answer: Any) -> AnswerProblem | None:
    if question.kind is Kind.TEXT:
        return AnswerProblem.TOO_LONG if len(str(answer)) > LONGEST else None
    if question.kind is Kind.CHOICE:
        return None if answer in question.choices else AnswerProblem.UNKNOWN
    least, most = (1, TOP) if question.kind is Kind.SCALE else (0, MOST_HALF_HOURS)
    fits = isinstance(answer, int) and least <= answer <= most
    return None if fits else AnswerProblem.OUT_OF_RANGE

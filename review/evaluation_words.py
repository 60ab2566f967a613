"""Evaluations in words: questions, answers, and what is wrong with an answer; and reading what is typed."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.store.evaluation_questions import (
    LONGEST,
    MOST_HALF_HOURS,
    QUESTIONS,
    TOP,
    AnswerProblem,
    Kind,
    Question,
)
from models.words import Moment, Party
from review.consultant_words import half_hours_of, hours_typed, hours_words

MOMENTS: dict[Moment, Any] = {
    Moment.START: _l("bij het begin"),
    Moment.AFTERWARDS: _l("na afloop"),
    Moment.HALF_YEAR: _l("na een half jaar"),
}
#: Heading of the form.
HEADINGS: dict[Moment, Any] = {
    Moment.START: _l("Hoe begint het?"),
    Moment.AFTERWARDS: _l("Hoe ging het?"),
    Moment.HALF_YEAR: _l("Wat is er een half jaar later van gekomen?"),
}
#: Answers on a scale.
SCALE: dict[int, Any] = {
    1: _l("helemaal niet"),
    2: _l("een beetje"),
    3: _l("voor de helft"),
    4: _l("grotendeels"),
    5: _l("helemaal"),
}
CHOICES: dict[str, Any] = {
    "minder": _l("minder dan gepland"),
    "zoals_gepland": _l("zoals gepland"),
    "meer": _l("meer dan gepland"),
    "ja": _l("ja"),
    "deels": _l("deels"),
    "nog_niet": _l("nog niet"),
    "nee": _l("nee"),
}
_ASKED: dict[str, Any] = {
    "aim": _l("Wat moet er aan het einde klaar of veranderd zijn?"),
    "clear": _l("Is duidelijk wie wat doet?"),
    "need": _l("Wat hebt u nog nodig?"),
    "goal": _l("Is het doel gehaald?"),
    "fit": _l("Paste de consultant bij de vraag?"),
    "hours": _l("Kostte het zoveel uur als gepland?"),
    "repeat": _l("Wat moet een volgende keer weer zo?"),
    "change": _l("Wat moet een volgende keer anders?"),
    "followed": _l("Zijn de aanbevelingen opgevolgd?"),
    "lasting": _l("Is het doel nu nog steeds gehaald?"),
    "contact": _l("Hebt u nog contact met het initiatief of de gemeente?"),
    "done": _l("Wat is er sindsdien gedaan?"),
    "obstacle": _l("Wat stond in de weg?"),
    "home": _l("Wat doet u nu anders in uw eigen gemeente?"),
}
#: Where a moment or party is asked in other words.
_ASKED_OTHERWISE: dict[tuple[Moment, Party, str], Any] = {
    (Moment.START, Party.HOST, "host_hours"): _l("Hoeveel uur maakt uw gemeente zelf vrij?"),
    (Moment.AFTERWARDS, Party.HOST, "host_hours"): _l("Hoeveel uur was uw gemeente er zelf mee bezig?"),
    (Moment.AFTERWARDS, Party.CONSULTANT, "fit"): _l("Paste de opdracht bij uw kennis?"),
}


def question_words(moment: Moment, party: Party, name: str) -> str:
    """A question as it is asked."""
    return str(_ASKED_OTHERWISE.get((moment, party, name)) or _ASKED[name])


def questions_in_words(moment: Moment, party: Party) -> dict[str, str]:
    """Name -> question, of one form in its order."""
    return {one.name: question_words(moment, party, one.name) for one in QUESTIONS[moment, party]}


def choices_of(question: Question) -> list[tuple[str, str]]:
    """What can be chosen as an answer: value of the form and words."""
    if question.kind is Kind.SCALE:
        return [(str(number), str(words)) for number, words in SCALE.items()]
    return [(word, str(CHOICES[word])) for word in question.choices]


def answer_words(question: Question, answer: Any) -> str:
    """An answer as it is shown."""
    if question.kind is Kind.SCALE:
        return str(_("%(words)s (%(number)s van %(top)s)", words=SCALE[answer], number=answer, top=TOP))
    if question.kind is Kind.HOURS:
        return hours_words(answer)
    return str(CHOICES[answer] if question.kind is Kind.CHOICE else answer)


def answers_in_words(moment: Moment, party: Party, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Question and answer, of all that was answered."""
    return [
        (question_words(moment, party, one.name), answer_words(one, answers[one.name]))
        for one in QUESTIONS[moment, party]
        if one.name in answers
    ]


def problem_words(question: Question, problem: AnswerProblem) -> str:
    """What is wrong with an answer and what to do, in one sentence."""
    if problem is AnswerProblem.TOO_LONG:
        return str(_("Maak dit korter: hooguit %(limit)s tekens.", limit=LONGEST))
    if question.kind is Kind.HOURS:
        most = hours_typed(MOST_HALF_HOURS)
        return str(_("Vul hele of halve uren in, van 0 tot en met %(most)s.", most=most))
    return str(_("Vul dit in.") if question.kind is Kind.TEXT else _("Kies een antwoord."))


def read_answers(moment: Moment, party: Party, form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as ``models.store.evaluation_questions.checked`` takes it."""
    return {one.name: _read(one, form.get(one.name, "")) for one in QUESTIONS[moment, party]}


def _read(question: Question, typed: str) -> Any:
    # Browsers end lines in two characters, people in one.
    typed = typed.replace("\r\n", "\n").strip()
    if not typed:
        return None
    if question.kind is Kind.SCALE:
        return int(typed) if typed in {str(number) for number in SCALE} else -1
    if question.kind is Kind.HOURS:
        return 0 if typed.strip("0") in ("", ".", ",") and typed[0] == "0" else half_hours_of(typed) or -1
    return typed


def typed_answers(moment: Moment, party: Party, answers: Mapping[str, Any]) -> dict[str, str]:
    """Answers as the form shows them."""
    kinds = {one.name: one.kind for one in QUESTIONS[moment, party]}
    return {
        name: hours_typed(answer) if kinds[name] is Kind.HOURS else str(answer)
        for name, answer in answers.items()
        if name in kinds
    }

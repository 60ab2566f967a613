"""What evaluations say of kinds of expertise for themes, and of rounds; never of persons.

Somebody's own score exists nowhere: a value is a mean of several answers about several consultants, it counts
for everybody with that expertise alike, and few answers weigh little.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Evaluation, Match
from models.store.evaluation_questions import TOP
from models.words import Moment

#: Questions after the work whose answers count, on a scale from 1 to ``TOP``.
COUNTED = ("fit", "goal")
#: Forms, and consultants whom they are about, without which nothing is learned: one match says little, and
#: what is said of one person must not become a number.
LEAST_FORMS, LEAST_CONSULTANTS = 3, 2
#: Forms "neither well nor badly" that are added before the mean is taken, so that few answers weigh little.
SHRINK = 3.0


@dataclass(frozen=True)
class Scores:
    """What the evaluations after the work say of one round."""

    #: Forms that were answered, and that were asked.
    answered: int
    asked: int
    #: Means from 1 to ``TOP``; None = nobody answered.
    fit: float | None
    goal: float | None


def score(answer: int) -> float:
    """An answer on a scale, from -1 (not at all) over 0 (in the middle) to 1 (entirely)."""
    return (answer - 1) / (TOP - 1) * 2 - 1


def learned(session: Session) -> dict[tuple[str, str], float]:
    """(Theme, expertise) -> how well it worked out when such an expertise helped with such a theme, -1 to 1.

    A theme that is not known is the empty string. Pairs about which too little is known are left out.
    """
    rows = session.execute(
        select(
            Evaluation.answers, Initiative.theme, Initiative.expertise, Consultant.expertise, Consultant.id
        )
        .join(Match, Match.id == Evaluation.match_id)
        .join(Initiative, Initiative.id == Match.initiative_id)
        .join(Consultant, Consultant.id == Match.consultant_id)
        .where(Evaluation.moment == Moment.AFTERWARDS, Evaluation.answered_at.is_not(None))
        .order_by(Evaluation.id)
    )
    values: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    about: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for answers, theme, wanted, offered, consultant_id in rows:
        found = [score(answers[name]) for name in COUNTED if name in answers]
        for slug in sorted(set(wanted) & set(offered)) if found else ():
            values[theme or "", slug].append(fmean(found))
            about[theme or "", slug].add(consultant_id)
    return {
        key: sum(found) / (len(found) + SHRINK)
        for key, found in values.items()
        if len(found) >= LEAST_FORMS and len(about[key]) >= LEAST_CONSULTANTS
    }


def round_scores(session: Session, round_id: int, match_ids: Iterable[int] | None = None) -> Scores:
    """What the evaluations after the work say of the matches of a round together.

    Args:
        match_ids: only these matches; None = all of the round.
    """
    query = (
        select(Evaluation.answers, Evaluation.answered_at)
        .join(Match, Match.id == Evaluation.match_id)
        .where(Match.round_id == round_id, Evaluation.moment == Moment.AFTERWARDS)
    )
    if match_ids is not None:
        query = query.where(Match.id.in_(sorted(match_ids)))
    rows = session.execute(query).all()
    answered: list[dict[str, Any]] = [row.answers for row in rows if row.answered_at is not None]
    fits = [answers["fit"] for answers in answered if "fit" in answers]
    goals = [answers["goal"] for answers in answered if "goal" in answers]
    return Scores(
        answered=len(answered),
        asked=len(rows),
        fit=fmean(fits) if fits else None,
        goal=fmean(goals) if goals else None,
    )

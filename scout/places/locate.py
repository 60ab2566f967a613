"""Which municipality a text is about, from the places that it names; abstains rather than guesses."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scout.places.mention import WEIGHT, PlaceMention, Role
from scout.places.senses import Chosen, choose

#: What each further mention of the same municipality adds, as a share of its weight.
FURTHER = 0.35
#: Worth of the municipality that the source is about.
DEFAULT = 1.0
#: Less than this determines nothing.
ENOUGH = 0.65
#: Only so many mentions are weighed, from the start: no text needs more to say where it plays.
ENOUGH_MENTIONS = 200
#: The best municipality must lead: the second may have at most this share of its score.
RIVAL = 0.72
#: The same in a text that says it is about several municipalities.
RIVAL_OF_SEVERAL = 0.4
#: A place is named as the one that a text is about from this weight on; finer places count for more.
LEAST_OF_A_PLACE = 0.5
FINENESS = {"municipality": 1.0, "town": 3.0}
FINENESS_OF_A_QUARTER = 5.0
#: So many municipalities are a round-up.
MANY = 4
SEVERAL = re.compile(
    r"\b(?:beide|beider|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|twa|trije|fjouwer)"
    r" (?:gemeenten?s?|raden|rieden|gemeenteraden|colleges)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a text plays."""

    #: CBS code; None = the text does not say.
    municipality_code: str | None
    #: Key of the town or neighbourhood; None = no more is known than the municipality.
    place_key: str | None
    #: 0.0 to 1.0; 0.0 where it abstains.
    confidence: float
    #: What decided: a role (``dateline``, ``inside`` …), ``source`` (the default), ``nothing``, ``several``.
    why: str


def locate(title: str, text: str, mentions: Sequence[PlaceMention], default: str | None = None) -> Location:
    """Say which municipality a text is about.

    Args:
        mentions: of ``title + "\\n" + text``, as the gazetteer finds them.
        default: CBS code of the municipality that the source is about, if there is one; it counts
            where the text names nothing else, and for neighbourhoods that stand there.
    """
    if not mentions:
        return _fall_back(default, "nothing")
    mentions = mentions[:ENOUGH_MENTIONS]
    chosen, unresolved = choose(f"{title}\n{text}", len(title), mentions, default)
    scores, reasons = _scores(chosen)
    if default is not None:
        scores[default] = scores.get(default, 0.0) + DEFAULT
    if not scores:
        return _fall_back(default, "nothing")
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    best = ranked[0]
    score = scores[best]
    rival = max(unresolved, scores[ranked[1]] if len(ranked) > 1 else 0.0)
    if score < ENOUGH:
        return _fall_back(default, "nothing")
    if rival > _rival(text, scores, score) * score:
        return _fall_back(default if default in ranked[:2] else None, "several")
    if best not in reasons:
        return _fall_back(default, "source")
    confidence = round(min(1.0, score / (score + rival + 0.5)), 3)
    return Location(best, _place_key(chosen, best), confidence, reasons[best].value)


def _rival(text: str, scores: Mapping[str, float], best: float) -> float:
    """Share of the best score that the second may have: less in a text about several municipalities."""
    named = sum(score >= ENOUGH for score in scores.values())
    several = best < WEIGHT[Role.DATELINE] and (named >= MANY or SEVERAL.search(text) is not None)
    return RIVAL_OF_SEVERAL if several else RIVAL


def _fall_back(default: str | None, why: str) -> Location:
    if default is None:
        return Location(None, None, 0.0, why)
    return Location(default, None, 0.5, "source")


def _scores(chosen: Sequence[Chosen]) -> tuple[dict[str, float], dict[str, Role]]:
    weights: dict[str, list[tuple[float, Role]]] = defaultdict(list)
    for one in chosen:
        weights[one.sense.municipality_code].append((one.weight, one.mention.role))
    scores: dict[str, float] = {}
    reasons: dict[str, Role] = {}
    for code, found in weights.items():
        found.sort(key=lambda pair: -pair[0])
        scores[code] = found[0][0] + FURTHER * sum(weight for weight, _ in found[1:])
        reasons[code] = found[0][1]
    return scores, reasons


def _place_key(chosen: Sequence[Chosen], code: str) -> str | None:
    """The most telling place in the municipality: the finer before the wider, the better role first."""
    best: tuple[float, int] = (0.0, 0)
    key = None
    for one in chosen:
        if one.sense.municipality_code != code or not one.sense.key or one.weight < LEAST_OF_A_PLACE:
            continue
        if one.mention.role is Role.MUNICIPALITY and one.sense.kind == "municipality":
            continue
        rank = one.weight * (FINENESS.get(one.sense.kind, FINENESS_OF_A_QUARTER)), -one.mention.start
        if rank > best:
            best, key = rank, one.sense.key
    return key

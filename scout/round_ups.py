"""Judging the sections of round-ups: which of them tell of an initiative.

Only flagged texts are looked into, and only those that may be about several things cost a second
judgement, so that ordinary items are not slowed down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from models.store.predictions import WaitingItem
from scout.classify.pipeline import Judgement, Recogniser, Text
from scout.classify.reading import READ_CHARACTERS
from scout.group.sections import Section, sections
from scout.places import Location, place

#: Sections found only by what they are about (not by a list, heading or label) must be so many that
#: tell of an initiative, else the text is about one thing after all.
LEAST_FOUND = 2

Judged = dict[str, Any]


def judge_sections(
    recogniser: Recogniser, judged: Iterable[tuple[WaitingItem, Judgement]]
) -> dict[int, list[Judged]]:
    """Item id -> the sections about initiatives, as :class:`models.prediction.Prediction` keeps them.

    Items about one thing are left out.
    """
    found = [
        (item, parts, _around(item, parts))
        for item, judgement in judged
        if judgement.flagged
        and (parts := sections(item.title, item.text[:READ_CHARACTERS], judgement.places))
    ]
    texts = [
        Text(
            item.text[part.start : part.body].strip(),
            item.text[part.body : part.end].strip(),
            around.municipality_code,
        )
        for item, parts, around in found
        for part in parts
    ]
    judgements = recogniser.judge(texts)
    kept = {}
    for item, parts, around in found:
        flagged = [
            _judged(part, judgement, around)
            for part, judgement in [(part, next(judgements)) for part in parts]
            if judgement.flagged
        ]
        if len(flagged) >= (1 if parts[0].marked else LEAST_FOUND):
            kept[item.id] = flagged
    return kept


def _around(item: WaitingItem, parts: Sequence[Section]) -> Location:
    """Where sections play that don't say so: where the text says it does before the first of them."""
    return place(item.title, item.text[: parts[0].start], item.municipality_code).location


def _judged(part: Section, judgement: Judgement, around: Location) -> Judged:
    evidence = judgement.evidence
    here = judgement.municipality_code == around.municipality_code
    return {
        "number": part.number,
        "start": part.start,
        "body": part.body,
        "end": part.end,
        "score": judgement.score,
        "theme": judgement.theme,
        "theme_score": judgement.theme_score,
        "municipality_code": judgement.municipality_code,
        "place_key": judgement.place_key or (around.place_key if here else None),
        "initiative_name": judgement.names.initiative.text if judgement.names.initiative else "",
        "organisation_name": judgement.names.organisation.text if judgement.names.organisation else "",
        "snippet": evidence.snippet.text if evidence else "",
        "evidence": [asdict(reason) for reason in evidence.snippet.reasons] if evidence else [],
    }

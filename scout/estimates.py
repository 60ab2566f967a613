"""Estimates of items: what a judgement means for the database, with what a reviewer is shown."""

from dataclasses import asdict, replace
from typing import Any

from models.settings import Settings
from models.store.predictions import Estimate, WaitingItem
from scout.classify.evidence import explain
from scout.classify.hashing import SPACE, pack
from scout.classify.pipeline import Judgement, Recogniser, Text
from scout.classify.reading import read
from scout.classify.signs import gather
from scout.draw import chance_of, is_drawn
from scout.round_ups import judge_sections

#: Named among the reasons of an item that a person handed in (``config/labels.toml``).
HANDED_IN = "iemand bracht dit in"
#: Characters of a snippet (DESIGN 7).
SNIPPET = 150


def estimates_of(
    recogniser: Recogniser, items: list[WaitingItem], settings: Settings, *, draw: bool
) -> list[Estimate]:
    """One estimate for each item, in their order.

    Args:
        draw: whether chance may draw items that are not flagged for review.
    """
    texts = (Text(item.title, item.text, item.municipality_code) for item in items)
    judged = list(zip(items, recogniser.judge(texts), strict=True))
    sections = judge_sections(recogniser, judged)
    estimates = []
    for item, judgement in judged:
        estimate = replace(_estimate(item, judgement), sections=sections.get(item.id, []))
        if item.handed_in:
            estimate = _handed_in(estimate, item, judgement, recogniser)
        elif draw and not judgement.flagged:
            estimate = _drawn(estimate, item, judgement, recogniser, settings)
        estimates.append(estimate)
    return estimates


def _estimate(item: WaitingItem, judgement: Judgement) -> Estimate:
    """What is kept of a judgement: of items that are not flagged, only score, theme and place.

    Items in a lead keep their features whatever the present model says: a decision is a label.
    """
    evidence = judgement.evidence
    return Estimate(
        item_id=item.id,
        content_hash=item.content_hash,
        score=judgement.score,
        flagged=judgement.flagged,
        theme=judgement.theme,
        theme_score=judgement.theme_score,
        initiative_name=judgement.names.initiative.text if judgement.names.initiative else "",
        organisation_name=judgement.names.organisation.text if judgement.names.organisation else "",
        municipality_code=judgement.municipality_code,
        place_key=judgement.place_key,
        snippet=evidence.snippet.text if evidence else "",
        evidence=[asdict(reason) for reason in evidence.snippet.reasons] if evidence else [],
        space=SPACE,
        features=pack(judgement.vector) if judgement.flagged or item.in_lead else None,
    )


def _handed_in(
    estimate: Estimate, item: WaitingItem, judgement: Judgement, recogniser: Recogniser
) -> Estimate:
    """The estimate of what a person handed in: with its own score, and always with what a reviewer needs."""
    handed: list[dict[str, Any]] = [{"reason": HANDED_IN, "start": None, "end": None, "weight": 1.0}]
    if judgement.flagged:
        return replace(estimate, evidence=[*estimate.evidence, *handed])
    reading = read(item.title, item.text)
    snippet = f"{item.title}\n{item.text}".strip()[:SNIPPET]
    if reading.clauses:
        row = recogniser.model.space.row(judgement.vector)
        snippet = explain(recogniser.model, reading, gather(reading), row).snippet.text
    return replace(
        estimate,
        flagged=True,
        snippet=snippet,
        evidence=handed,
        sections=[],
        features=pack(judgement.vector),
    )


def _drawn(
    estimate: Estimate, item: WaitingItem, judgement: Judgement, recogniser: Recogniser, settings: Settings
) -> Estimate:
    """The estimate with what a reviewer needs, where chance draws the item; else as it is.

    It comes without reasons: the model has none for a text that it does not think of as an initiative.
    """
    chance = chance_of(judgement.score, recogniser.threshold, settings)
    if not is_drawn(settings.effective_secret_key, item.url_key, chance):
        return estimate
    reading = read(item.title, item.text)
    if not reading.clauses:
        return estimate  # nothing there to look at
    shown = explain(recogniser.model, reading, gather(reading), recogniser.model.space.row(judgement.vector))
    return replace(estimate, drawn=chance, snippet=shown.snippet.text, features=pack(judgement.vector))

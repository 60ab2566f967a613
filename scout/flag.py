"""The stage ``flag``: an estimate for every new or changed item.

Small transactions of their own: killed at any moment, the next run goes on where this one
stopped, and what was written twice is the same.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.base import utc_now
from models.database import open_engine, session_factory
from models.settings import Settings
from models.store.predictions import (
    Estimate,
    WaitingItem,
    count_open,
    count_waiting,
    open_items,
    save_estimates,
    waiting_items,
)
from scout.classify.evidence import explain
from scout.classify.hashing import SPACE, pack
from scout.classify.pipeline import Judgement, Recogniser, Text
from scout.classify.reading import read
from scout.classify.signs import gather
from scout.draw import chance_of, is_drawn
from scout.progress import Progress
from scout.round_ups import judge_sections

#: Items in one transaction.
BATCH = 200
#: Named among the reasons of an item that a person handed in (``config/labels.toml``).
HANDED_IN = "iemand bracht dit in"
#: Characters of a snippet (DESIGN 7).
SNIPPET = 150


@dataclass(frozen=True)
class FlagReport:
    """What one run of the stage did."""

    #: Items that got an estimate.
    scored: int
    #: Of these, likely initiatives.
    flagged: int
    #: Of the others, drawn for review all the same.
    drawn: int = 0


def flag(
    settings: Settings,
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
    again: bool = False,
) -> FlagReport:
    """Estimate every item that waits for it.

    Args:
        now: moment of the estimates; the clock's by default.
        again: also estimate anew the items of open leads that the present model has not judged.

    Raises:
        CorpusError, OSError: the model can't be trained (see ``ensure_model``).
    """
    engine = open_engine(settings)
    try:
        read, write = session_factory(engine, writes=False), session_factory(engine)
        if not again:
            with read() as session:
                if not count_waiting(session):
                    return FlagReport(0, 0)  # most runs of a quiet day: the model need not even be loaded
        recogniser = Recogniser.load(settings, progress=progress)
        version = recogniser.model.version
        rounds: list[tuple[Callable[[Session], int], Callable[[Session, int], list[WaitingItem]]]] = [
            (count_waiting, lambda session, after: waiting_items(session, limit=BATCH, after=after))
        ]
        if again:
            rounds.append(
                (
                    lambda session: count_open(session, model_version=version),
                    lambda session, after: open_items(
                        session, model_version=version, limit=BATCH, after=after
                    ),
                )
            )
        scored = flagged = drawn = 0
        for count, fetch in rounds:
            with read() as session:
                total = scored + count(session)
            after = 0
            while True:
                with read() as session:
                    items = fetch(session, after)
                if not items:
                    break
                after = items[-1].id
                estimates = _estimates(recogniser, items, settings, draw=fetch is rounds[0][1])
                with write() as session:
                    scored += save_estimates(
                        session, estimates, model_version=version, made_at=now or utc_now()
                    )
                    session.commit()
                flagged += sum(estimate.flagged for estimate in estimates)
                drawn += sum(estimate.drawn is not None for estimate in estimates)
                if progress is not None:
                    progress("flag", scored, max(total, scored))
        return FlagReport(scored, flagged, drawn)
    finally:
        engine.dispose()


def _estimates(
    recogniser: Recogniser, items: list[WaitingItem], settings: Settings, *, draw: bool
) -> list[Estimate]:
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

"""The stage ``flag``: an estimate for every new or changed item.

Small transactions of their own: killed at any moment, the next run goes on where this one
stopped, and what was written twice is the same.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

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
from scout.classify.hashing import SPACE, pack
from scout.classify.pipeline import Judgement, Recogniser, Text
from scout.progress import Progress

#: Items in one transaction.
BATCH = 200


@dataclass(frozen=True)
class FlagReport:
    """What one run of the stage did."""

    #: Items that got an estimate.
    scored: int
    #: Of these, likely initiatives.
    flagged: int


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
        scored = flagged = 0
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
                estimates = _estimates(recogniser, items, keep_all=fetch is not rounds[0][1])
                with write() as session:
                    scored += save_estimates(
                        session, estimates, model_version=version, made_at=now or utc_now()
                    )
                    session.commit()
                flagged += sum(estimate.flagged for estimate in estimates)
                if progress is not None:
                    progress("flag", scored, max(total, scored))
        return FlagReport(scored, flagged)
    finally:
        engine.dispose()


def _estimates(recogniser: Recogniser, items: list[WaitingItem], *, keep_all: bool) -> list[Estimate]:
    texts = (Text(item.title, item.text, item.municipality_code) for item in items)
    return [
        _estimate(item, judgement, keep_features=keep_all or judgement.flagged)
        for item, judgement in zip(items, recogniser.judge(texts), strict=True)
    ]


def _estimate(item: WaitingItem, judgement: Judgement, *, keep_features: bool) -> Estimate:
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
        municipality_code=judgement.municipality_code,
        place_key=judgement.place_key,
        snippet=evidence.snippet.text if evidence else "",
        evidence=[asdict(reason) for reason in evidence.snippet.reasons] if evidence else [],
        space=SPACE,
        features=pack(judgement.vector) if keep_features else None,
    )

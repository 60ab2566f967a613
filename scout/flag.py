"""The stage ``flag``: an estimate for every new or changed item.

Small transactions of their own: killed at any moment, the next run goes on where this one
stopped, and what was written twice is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.base import utc_now
from models.database import open_engine, session_factory
from models.settings import Settings
from models.store.predictions import (
    WaitingItem,
    count_open,
    count_waiting,
    open_items,
    save_estimates,
    waiting_items,
)
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
                    return FlagReport(0, 0)  # most runs of a quiet day: recognition need not even be loaded
        from scout.classify.pipeline import Recogniser
        from scout.estimates import estimates_of

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
                estimates = estimates_of(recogniser, items, settings, draw=fetch is rounds[0][1])
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

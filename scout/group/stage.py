"""The stage ``group``: flagged items about the same initiative become one lead.

A round-up is grouped by its sections, each for itself, so that it stands in several leads.

Each item is one small transaction of its own: its leads, its sketches and the mark that it was grouped.
Items pass in a fixed order, and each is compared with what stood in the database before it, so that
a run that is killed and repeated ends as an undisturbed one does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from models.attention import Shares
from models.base import utc_now
from models.database import open_engine, session_factory
from models.item_sketch import SketchColumns
from models.settings import Settings
from models.store.attention import arrange
from models.store.leads_grouping import (
    Grouped,
    Key,
    Ungrouped,
    Unit,
    put_item,
    read_ungrouped,
    sketches_between,
    times,
    ungrouped,
)
from models.store.search_upkeep import refresh_all
from models.store.waking import wake_due
from scout.group.decide import WITHIN, followed, repeated
from scout.group.sections import MOST_SECTIONS
from scout.group.sketch import Sketch, sketch
from scout.group.window import Window
from scout.progress import Progress

#: Items read at a time.
BATCH = 100


@dataclass(frozen=True)
class GroupReport:
    """What one run of the stage did."""

    #: New leads.
    opened: int
    #: Items, or sections of round-ups, that joined a lead which was there already, be it since this very run.
    extended: int


def group(
    settings: Settings, *, progress: Progress | None = None, now: datetime | None = None
) -> GroupReport:
    """Bring every flagged item that waits into a lead.

    Args:
        now: moment at which leads are opened and extended; the clock's by default.
    """
    engine = open_engine(settings)
    try:
        read, write = session_factory(engine, writes=False), session_factory(engine)
        with write() as session:
            wake_due(session, now)
        with read() as session:
            waiting = ungrouped(session)
        opened = extended = 0
        if waiting:
            window = _window(read, waiting)
            secret = settings.effective_secret_key
            for done, item in enumerate(_items(read, waiting), start=1):
                outcomes = _group_one(write, window, item, secret, now or utc_now())
                opened += outcomes.count(Grouped.OPENED)
                extended += outcomes.count(Grouped.EXTENDED)
                if progress is not None:
                    progress("group", done, len(waiting))
        # Also when nothing waited: an earlier run may have been killed before it came this far.
        arrange(read, write, Shares.of(settings), now=now)
        refresh_all(write)
        return GroupReport(opened, extended)
    finally:
        engine.dispose()


def _items(read: sessionmaker[Session], waiting: Sequence[int]) -> Iterator[Ungrouped]:
    for start in range(0, len(waiting), BATCH):
        with read() as session:
            items = read_ungrouped(session, waiting[start : start + BATCH])
        yield from items


def _group_one(
    write: sessionmaker[Session], window: Window[Key], item: Ungrouped, secret: bytes, now: datetime
) -> list[Grouped]:
    made = {
        passage.number: sketch(
            secret,
            passage.title,
            passage.text,
            at=item.at,
            municipality_code=passage.municipality_code,
            place_key=passage.place_key,
            theme=passage.theme,
        )
        for passage in item.passages
    }
    # What it was before it changed must not match anything any more, itself included.
    before = {
        number: dropped
        for number in range(MOST_SECTIONS + 1)
        if (dropped := window.drop((item.id, number))) is not None
    }
    was, like = followed(before, made), repeated(made)
    units = [
        Unit(
            number,
            _columns(one),
            [(key, match.reason.value) for key, match in window.matches(one)],
            was.get(number),
            like.get(number),
        )
        for number, one in made.items()
    ]
    with write() as session:
        outcomes = put_item(session, item, units, now=now)
        session.commit()
    if Grouped.SKIPPED not in outcomes:
        for number, one in made.items():
            window.add((item.id, number), one)
    return outcomes


def _window(read: sessionmaker[Session], waiting: Sequence[int]) -> Window[Key]:
    """All kept sketches that are close enough in time to one of the waiting items."""
    window: Window[Key] = Window()
    with read() as session:
        span = times(session, waiting, WITHIN)
        if span is not None:
            for key, row in sketches_between(session, *span):
                window.add(key, _sketch(row))
    return window


def _columns(made: Sketch) -> dict[str, Any]:
    return {
        "at": made.at,
        "municipality_code": made.municipality_code,
        "place_key": made.place_key,
        "theme": made.theme,
        "minhash": made.minhash.astype("<u4").tobytes(),
        "shingles": made.shingles.astype("<u4").tobytes(),
        "terms": made.terms.astype("<u4").tobytes(),
        "weights": made.weights.astype("<f4").tobytes(),
        "names": {str(name): weight for name, weight in made.names.items()},
    }


def _sketch(row: SketchColumns) -> Sketch:
    return Sketch(
        at=row.at,
        municipality_code=row.municipality_code,
        place_key=row.place_key,
        theme=row.theme,
        minhash=np.frombuffer(row.minhash, dtype="<u4"),
        shingles=np.frombuffer(row.shingles, dtype="<u4"),
        terms=np.frombuffer(row.terms, dtype="<u4"),
        weights=np.frombuffer(row.weights, dtype="<f4"),
        names={int(name): weight for name, weight in row.names.items()},
    )

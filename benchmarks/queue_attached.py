"""What hangs on the leads of a large queue: sketches of their items, and shares with municipalities.

    python -m benchmarks.queue_attached URL     on a database of ``benchmarks.queue_data`` without them

``benchmarks.queue_data`` does this by itself; it stands apart because these tables are younger than the
triggers that it goes back behind. Drawn by seed; nothing here is about a real text.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, Select, insert, literal, null, select

from benchmarks.adding import added
from models.database import session_factory
from models.initiative import Initiative
from models.item import Item
from models.item_sketch import ItemSketch
from models.lead import Lead
from models.lead_item import LeadItem
from models.share import Share
from models.words import Answer, LeadStatus, ShareStatus

#: Telling words of a text, and hashes of its pairs of words: means of 69 texts of ``make demo``, 2026-11-22.
TERMS, SHINGLES = 62, 142
#: Words that texts draw from, the common ones most.
VOCABULARY = 40_000
#: Part of the items that are about the same as the one before: most of their words are those of that one.
AGAIN = 0.02
#: What became of shares, with weights.
STATES = {
    ShareStatus.OFFERED: 8,
    ShareStatus.SEEN: 4,
    ShareStatus.ANSWERED: 30,
    ShareStatus.IN_CONTACT: 10,
    ShareStatus.CLOSED: 33,
    ShareStatus.LAPSED: 10,
    ShareStatus.WITHDRAWN: 5,
}
#: Days within which a municipality answers; part of the open leads that are shared already.
TERM, BEFORE = 14, 0.02
CHUNK = 5000


def attach(engine: Engine, *, seed: int = 1, tell: Any = lambda words: None) -> None:
    """Fill the tables.

    Raises:
        ValueError: there is something in them.
    """
    with session_factory(engine)() as session:
        for table, rows in ((ItemSketch, _sketches(engine, seed)), (Share, _shares(engine, seed))):
            if session.execute(select(table).limit(1)).first() is not None:
                raise ValueError(f"there is something in {table.__tablename__} already")
            done = 0
            for chunk in rows:
                session.execute(insert(table), chunk)
                session.commit()
                done += len(chunk)
                if done % 500_000 < CHUNK:
                    tell(f"{done:,} rows of {table.__tablename__}")


def _sketches(engine: Engine, seed: int) -> Iterator[list[dict[str, Any]]]:
    """One for each item of a lead."""
    draw = np.random.default_rng(seed)
    # Scattered over all numbers, as hashes are.
    words = np.unique(draw.integers(0, 2**32, VOCABULARY, dtype=np.uint32))
    rarity = np.linspace(0.2, 1.0, len(words))
    query = (
        select(LeadItem.item_id, Item.first_seen_at, Lead.municipality_code, Lead.place_key, Lead.theme)
        .join(Item, Item.id == LeadItem.item_id)
        .join(Lead, Lead.id == LeadItem.lead_id)
        .order_by(LeadItem.item_id)
        .execution_options(yield_per=CHUNK)
    )
    with session_factory(engine, writes=False)() as session:
        last = np.zeros(0, dtype=np.int64)
        for rows in session.execute(query).partitions():
            chunk = []
            for row in rows:
                ranks = (draw.random(TERMS) ** 2.5 * len(words)).astype(np.int64)
                if len(last) and draw.random() < AGAIN:
                    ranks[: TERMS * 3 // 4] = last[: TERMS * 3 // 4]
                last = ranks
                ranks = np.unique(ranks)
                weights = rarity[ranks] / np.sqrt((rarity[ranks] ** 2).sum())
                chunk.append(
                    {
                        "item_id": row.item_id,
                        "at": row.first_seen_at,
                        "municipality_code": row.municipality_code,
                        "place_key": row.place_key,
                        "theme": row.theme,
                        "minhash": draw.bytes(512),
                        "shingles": draw.bytes(4 * SHINGLES),
                        "terms": words[ranks].astype("<u4").tobytes(),
                        "weights": weights.astype("<f4").tobytes(),
                        "names": {},
                    }
                )
            yield chunk


def _shares(engine: Engine, seed: int) -> Iterator[list[dict[str, Any]]]:
    """One for each initiative that was made of a lead, as promoting gives it, and some for open leads."""
    draw = np.random.default_rng(seed)
    states = list(STATES)
    weights = np.array(list(STATES.values())) / sum(STATES.values())
    promoted: Select[*tuple[Any, ...]] = select(
        Initiative.municipality_code,
        Initiative.lead_id,
        Initiative.id,
        Initiative.created_by_id,
        Initiative.created_at,
    ).where(Initiative.lead_id.is_not(None))
    waiting: Select[*tuple[Any, ...]] = select(
        Lead.municipality_code, Lead.id, null(), literal(1), Lead.opened_at
    ).where(Lead.status == LeadStatus.OPEN, Lead.municipality_code.is_not(None))
    with session_factory(engine, writes=False)() as session:
        chunk: list[dict[str, Any]] = []
        for query, part in ((promoted, 1.0), (waiting, BEFORE)):
            for row in session.execute(query):
                if draw.random() > part:
                    continue
                state = states[draw.choice(len(states), p=weights)]
                chunk.append(_share(row, state, timedelta(days=draw.exponential(5))))
                if len(chunk) == CHUNK:
                    yield chunk
                    chunk = []
        yield chunk


def _share(row: Sequence[Any], state: ShareStatus, after: timedelta) -> dict[str, Any]:
    code, lead_id, initiative_id, by, offered_at = row
    answered = state in (ShareStatus.ANSWERED, ShareStatus.IN_CONTACT, ShareStatus.CLOSED)
    due: date = (offered_at + timedelta(days=TERM)).date()
    return {
        "municipality_code": code,
        "lead_id": lead_id,
        "initiative_id": initiative_id,
        "status": state,
        "offered_by_id": by,
        "offered_at": offered_at,
        "answer": Answer.TAKEN_UP if answered else None,
        "answered_at": offered_at + after if answered else None,
        "due_on": due if state in (ShareStatus.OFFERED, ShareStatus.SEEN) else None,
    }


def main() -> int:
    """Fill, and say how long it took."""
    return added("queue_attached", __doc__, lambda engine, tell: attach(engine, tell=tell))


if __name__ == "__main__":
    sys.exit(main())

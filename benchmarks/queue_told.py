"""What follows from the register and the shares of a large queue, and from gathering it, drawn by seed.

    python -m benchmarks.queue_told URL     on a database of ``benchmarks.queue_data`` without it

Events of all shares and entries, entries that other municipalities may see, municipalities that take part,
what they handed in, visits to sources, consultants, and one round that is being made up.
``benchmarks.queue_data`` does this by itself. Nothing here is about a real text or person.
"""

import sys
import uuid
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session

from benchmarks.adding import added
from models.account import Account
from models.base import ZONE
from models.consultant import Consultant
from models.database import session_factory
from models.event import Event
from models.handed_in import HandedIn
from models.initiative import Initiative
from models.municipality import Municipality
from models.round import Round
from models.run import Run
from models.share import Share
from models.source import Source
from models.source_day import SourceDay
from models.words import Answer, Channel, EventKind, Outcome, ShareStatus

#: One in so many entries may be seen by other municipalities.
APPROVED = 5
#: Days that sources were visited, once a day; what each municipality handed in; its consultants.
DAYS, HANDED_IN, CONSULTANTS = 30, 15, 2
CHUNK = 5000
#: Rows with and without a value go in together.
NULLS = {"render_nulls": True}


def tell_all(engine: Engine, *, now: datetime, seed: int = 1, tell: Any = lambda words: None) -> None:
    """Fill the tables.

    Raises:
        ValueError: there are entries already that other municipalities may see.
    """
    draw = Random(seed)
    with session_factory(engine)() as session:
        if session.scalar(select(Initiative.id).where(Initiative.approved_at.is_not(None)).limit(1)):
            raise ValueError("there are approved entries already")
        _network(session, draw, now)
        for table, rows in (
            (Event, _events(session, draw)),
            (Run, _visits(session, draw, now)),
            (SourceDay, _days(session, draw, now)),
        ):
            done = 0
            for start in range(0, len(rows), CHUNK):
                session.execute(insert(table), rows[start : start + CHUNK], execution_options=NULLS)
                session.commit()
                done += len(rows[start : start + CHUNK])
            tell(f"{done:,} rows of {table.__tablename__}")
        session.execute(
            update(Initiative)
            .values(
                change_number=select(func.coalesce(func.max(Event.id), 0))
                .where(Event.initiative_id == Initiative.id)
                .scalar_subquery()
            )
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Initiative)
            .where(Initiative.id % APPROVED == 0, Initiative.withdrawn_at.is_(None))
            .values(approved_at=Initiative.created_at, approved_by_id=Initiative.created_by_id)
            .execution_options(synchronize_session=False)
        )
        session.commit()
        tell("numbers of changes, and what others may see")


def _network(session: Session, draw: Random, now: datetime) -> None:
    """All municipalities take part, lend consultants out and hand things in."""
    began = (now - timedelta(days=400)).astimezone(ZONE).date()
    session.execute(
        update(Municipality).values(participates_from=began).execution_options(synchronize_session=False)
    )
    codes = session.scalars(select(Municipality.code).order_by(Municipality.code)).all()
    first = session.scalars(select(Account.id).order_by(Account.id).limit(1)).one()
    clerks = {
        code: number
        for number, code in session.execute(
            select(Account.id, Account.municipality_code).where(Account.municipality_code.is_not(None))
        )
    }
    session.execute(
        insert(Consultant),
        [
            {
                "municipality_code": code,
                "name": f"Consultant {code} {number}",
                "email": f"consultant{number}.{code}@voorbeeld.example",
                "expertise": draw.sample(["subsidie", "recht", "communicatie"], k=2),
                "themes": {"groen": draw.randrange(4)},
                "languages": ["nl"],
                "half_hours": draw.choice((16, 32, 64)),
                "employer_name": f"Leidinggevende {code}",
                "employer_email": f"leiding.{code}@voorbeeld.example",
                "added_by_id": first,
                "added_at": now,
                "updated_at": now,
            }
            for code in codes
            for number in range(CONSULTANTS)
        ],
    )
    session.execute(
        insert(HandedIn),
        [
            {
                "channel": Channel.FORM,
                "summary": "",
                "municipality_code": code,
                "handed_in_by_id": clerks.get(code, first),
                "handed_in_at": now - timedelta(days=draw.uniform(0, 300)),
                "taken_at": now,
                "outcome": Outcome.NEW,
                "item_id": draw.randrange(1, 1000),
            }
            for code in codes
            for _ in range(HANDED_IN)
        ],
    )
    session.add(
        Round(
            name="Ronde om te meten",
            first_day=began + timedelta(days=430),
            last_day=began + timedelta(days=520),
            created_by_id=first,
            created_at=now,
        )
    )
    session.commit()


def _events(session: Session, draw: Random) -> list[dict[str, Any]]:
    """What was told of each entry and share, in the order of time."""
    happened: list[tuple[datetime, EventKind, str, int | None, int | None]] = [
        (row.created_at, EventKind.INITIATIVE_ENTERED, row.municipality_code, None, row.id)
        for row in session.execute(select(Initiative.id, Initiative.municipality_code, Initiative.created_at))
    ]
    for row in session.execute(
        select(Share.id, Share.municipality_code, Share.status, Share.offered_at, Share.answered_at)
    ):
        happened.append((row.offered_at, EventKind.SHARE_OFFERED, row.municipality_code, row.id, None))
        if row.answered_at is not None:
            happened.append((row.answered_at, EventKind.SHARE_CHANGED, row.municipality_code, row.id, None))
        if row.status in (ShareStatus.WITHDRAWN, ShareStatus.CLOSED, ShareStatus.LAPSED):
            gone = row.status is ShareStatus.WITHDRAWN
            kind = EventKind.SHARE_WITHDRAWN if gone else EventKind.SHARE_CHANGED
            after = row.offered_at + timedelta(days=20)
            happened.append((after, kind, row.municipality_code, row.id, None))
    happened.sort(key=lambda one: one[0])
    answered = {"done": "answer", "status": ShareStatus.ANSWERED.value, "answer": Answer.TAKEN_UP.value}
    return [
        {
            "uid": str(uuid.UUID(int=draw.getrandbits(128))),
            "kind": kind,
            "at": at,
            "municipality_code": code,
            "share_id": share,
            "initiative_id": entry,
            "data": answered if kind is EventKind.SHARE_CHANGED else {},
        }
        for at, kind, code, share, entry in happened
    ]


def _visits(session: Session, draw: Random, now: datetime) -> list[dict[str, Any]]:
    keys = session.scalars(select(Source.key).order_by(Source.key)).all()
    return [
        {
            "batch": f"measuring-{day:03d}",
            "source_key": key,
            "started_at": now - timedelta(days=day, seconds=number),
            "finished_at": now - timedelta(days=day, seconds=number - 2),
            "outcomes": {"new": draw.randrange(3), "unchanged": 10},
            "requests": 3,
        }
        for day in range(DAYS, 0, -1)
        for number, key in enumerate(keys)
    ]


def _days(session: Session, draw: Random, now: datetime) -> list[dict[str, Any]]:
    today = now.astimezone(ZONE).date()
    return [
        {
            "source_key": key,
            "day": today - timedelta(days=day),
            "visits": 1,
            "new": draw.randrange(3),
            "drafts": 10,
        }
        for key in session.scalars(select(Source.key).order_by(Source.key))
        for day in range(DAYS, 0, -1)
    ]


def main() -> int:
    """Fill, and say how long it took."""
    return added(
        "queue_told", __doc__, lambda engine, tell: tell_all(engine, now=datetime.now(UTC), tell=tell)
    )


if __name__ == "__main__":
    sys.exit(main())

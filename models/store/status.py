"""One look at everything: sources by health, items, leads, the last run."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.health import advice
from models.item import Item
from models.lead import Lead
from models.municipality import Municipality
from models.run import Run
from models.store.health import VISITED, coverage, source_states
from models.store.missed import missed_overview
from models.store.predictions import count_waiting
from models.store.viewer import OPERATOR
from models.words import Outcome, SourceState


def overview(session: Session, *, now: datetime | None = None) -> dict[str, Any]:
    """Counts for ``scout status``; times are ISO 8601 in UTC."""
    at = now or utc_now()
    sources = source_states(session, now=at)
    found = Counter(source.state.value for source in sources)
    leads = {
        str(status): count
        for status, count in session.execute(select(Lead.status, func.count()).group_by(Lead.status))
    }
    items, with_text = session.execute(
        select(func.count(Item.id), func.count(Item.id).filter(Item.purged_at.is_(None)))
    ).one()
    return {
        "sources": dict(sorted(found.items())),
        "failing": [
            {"source": source.key, "failures": source.failures}
            for source in sources
            if source.state is SourceState.FAILING
        ],
        "paused": [
            {"source": source.key, "why": source.paused}
            for source in sources
            if source.state is SourceState.PAUSED
        ],
        "odd": [
            {
                "source": source.key,
                "sign": seen.sign.value,
                "since": seen.since.isoformat(),
                "detail": seen.detail,
                "do": advice(seen.sign, seen.detail),
            }
            for source in sources
            if source.state in VISITED
            for seen in source.signs
        ],
        "coverage": _uncovered(session, at),
        "items": {"all": items, "living": with_text, "to_flag": count_waiting(session)},
        "leads": leads,
        "missed": missed_overview(session, OPERATOR, now=at),
        "last_run": _last_run(session),
    }


def _uncovered(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Participating municipalities without a healthy source this week."""
    uncovered = coverage(session, now=at)
    codes = [one.code for one in uncovered]
    named = session.execute(select(Municipality.code, Municipality.name).where(Municipality.code.in_(codes)))
    names = {row.code: row.name for row in named}
    return [
        {
            "municipality": one.code,
            "name": names[one.code],
            "since": one.since.isoformat() if one.since else None,
        }
        for one in uncovered
    ]


def _last_run(session: Session) -> dict[str, Any] | None:
    newest = session.scalars(select(Run).order_by(Run.started_at.desc(), Run.id.desc()).limit(1)).first()
    if newest is None:
        return None
    visits = session.scalars(select(Run).where(Run.batch == newest.batch).order_by(Run.id)).all()
    outcomes: Counter[str] = Counter()
    for visit in visits:
        outcomes.update(visit.outcomes)
    finished = [visit.finished_at for visit in visits if visit.finished_at is not None]
    return {
        "started": visits[0].started_at.isoformat(),
        "finished": max(finished).isoformat() if len(finished) == len(visits) else None,
        "sources": len(visits),
        "failed": sum(visit.problem is not None for visit in visits),
        "items": {str(outcome): outcomes.get(outcome, 0) for outcome in Outcome},
        "problems": [
            {"source": visit.source_key, "problem": visit.problem} for visit in visits if visit.problem
        ],
    }

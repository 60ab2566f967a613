"""One look at everything: sources by health, items, leads, the last run."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.item import Item
from models.lead import Lead
from models.run import Run
from models.source import Source
from models.store.missed import missed_overview
from models.store.predictions import count_waiting
from models.store.viewer import OPERATOR
from models.words import Outcome


def health(source: Source, *, today: date) -> str:
    """One word for how a source is doing; a row with the same columns will do too.

    Returns:
        ``removed`` (no longer in the files), ``disabled``, ``paused``, ``unreviewed`` (no valid terms),
        ``new`` (never visited), ``failing`` (its last visit failed) or ``healthy``.
    """
    if source.removed_at is not None:
        return "removed"
    if not source.enabled:
        return "disabled"
    if source.paused:
        return "paused"
    if source.terms_checked is None or (today - source.terms_checked).days > 365:
        return "unreviewed"
    if source.last_visit_at is None:
        return "new"
    return "failing" if source.consecutive_failures else "healthy"


def overview(session: Session, *, now: datetime | None = None) -> dict[str, Any]:
    """Counts for ``scout status``; times are ISO 8601 in UTC."""
    at = now or utc_now()
    sources = session.scalars(select(Source).order_by(Source.key)).all()
    found: Counter[str] = Counter(health(source, today=at.date()) for source in sources)
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
            {"source": source.key, "failures": source.consecutive_failures}
            for source in sources
            if health(source, today=at.date()) == "failing"
        ],
        "paused": [
            {"source": source.key, "why": source.paused}
            for source in sources
            if health(source, today=at.date()) == "paused"
        ],
        "items": {"all": items, "living": with_text, "to_flag": count_waiting(session)},
        "leads": leads,
        "missed": missed_overview(session, OPERATOR, now=at),
        "last_run": _last_run(session),
    }


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

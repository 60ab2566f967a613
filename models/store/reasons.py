"""Why leads are rejected: how often each reason was given lately."""

import time
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, exists, func, select
from sqlalchemy.orm import Session, aliased

from models.base import utc_now
from models.decision import Decision
from models.lead import Lead
from models.store.viewer import Viewer
from models.words import DecisionKind

#: Days that shares look back: long enough for figures that mean something, short enough to follow what the
#: sources bring now.
DAYS = 90
#: Seconds that shares are kept in memory: they change slowly, and are shown on every page of a lead.
KEPT_SECONDS = 300

#: Database -> whose scope and how far back -> until when it counts, and the shares.
_kept: WeakKeyDictionary[Engine, dict[tuple[str | None, int], tuple[float, dict[str, float]]]] = (
    WeakKeyDictionary()
)


def reason_shares(
    session: Session, viewer: Viewer, *, days: int = DAYS, now: datetime | None = None
) -> dict[str, float]:
    """Reason -> its part of the rejections of the last ``days``, 0.0 to 1.0, undone ones left out.

    Only of leads that this viewer may see. At most :data:`KEPT_SECONDS` old, unless ``now`` is given.
    """
    bound = session.get_bind()
    engine = bound.engine if isinstance(bound, Connection) else bound
    whose = "" if viewer.decides else viewer.municipality_code if viewer.reads else None
    kept = _kept.setdefault(engine, {})
    until, shares = kept.get((whose, days), (0.0, {}))
    if now is None and time.monotonic() < until:
        return shares
    shares = _shares(session, viewer, (now or utc_now()) - timedelta(days=days))
    kept[whose, days] = (time.monotonic() + KEPT_SECONDS, shares)
    return shares


def forget_shares() -> None:
    """Drop what is kept in memory, so that the next question is answered from the database."""
    _kept.clear()


def _shares(session: Session, viewer: Viewer, since: datetime) -> dict[str, float]:
    undoing = aliased(Decision)
    query = (
        select(Decision.reason, func.count())
        .where(
            Decision.made_at >= since,
            Decision.kind == DecisionKind.REJECT,
            ~exists().where(undoing.undoes_id == Decision.id),
        )
        .group_by(Decision.reason)
    )
    if not viewer.decides:
        query = query.join(Lead, Lead.id == Decision.lead_id).where(viewer.scope(Lead.municipality_code))
    counts = {reason: number for reason, number in session.execute(query)}  # noqa: C416 - not pairs to mypy
    total = sum(counts.values())
    return {reason: number / total for reason, number in counts.items()}

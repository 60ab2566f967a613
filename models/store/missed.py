"""Estimates of missed initiatives from what is in the database: draws, and what people decided on them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.attention import flow_of
from models.base import utc_now
from models.lead import Lead
from models.missed import Draw, Missed, estimates
from models.store.attention import participating, seen_as
from models.store.viewer import Viewer
from models.words import LeadStatus

#: Days that an estimate is about, unless asked otherwise: long enough for some draws in every municipality.
PERIOD_DAYS = 90
#: What a decision says about whether a lead is an initiative; other statuses say nothing.
INITIATIVE = {LeadStatus.PROMOTED: True, LeadStatus.KNOWN: True, LeadStatus.REJECTED: False}


@dataclass(frozen=True)
class MissedReport:
    """Estimates for one period."""

    #: By flow: CBS code, or one of the flows of ``models.attention``.
    by_flow: dict[str, Missed]
    #: For all together; None for who sees one municipality only.
    whole: Missed | None


def missed(session: Session, viewer: Viewer, *, since: datetime, now: datetime | None = None) -> MissedReport:
    """How many initiatives were missed among what came in since ``since``.

    Args:
        since: leads opened from then on count.
    """
    taking_part, own = seen_as(viewer, participating(session, (now or utc_now()).date()))
    found: Counter[str] = Counter()
    for code, count in session.execute(
        select(Lead.municipality_code, func.count())
        .where(
            Lead.status.in_([status for status, yes in INITIATIVE.items() if yes]),
            Lead.drawn.is_(None),
            Lead.opened_at >= since,
        )
        .group_by(Lead.municipality_code)
    ):
        found[flow_of(code, taking_part)] += count
    draws: dict[str, list[Draw]] = {}
    # Counted by the database: of one municipality there are as many kinds of draws as chances.
    for code, chance, status, count in session.execute(
        select(Lead.municipality_code, Lead.drawn, Lead.status, func.count())
        .where(Lead.drawn.is_not(None), Lead.opened_at >= since)
        .group_by(Lead.municipality_code, Lead.drawn, Lead.status)
        .order_by(Lead.municipality_code, Lead.drawn, Lead.status)
    ):
        if chance:
            draws.setdefault(flow_of(code, taking_part), []).append(
                Draw(chance, INITIATIVE.get(status), count)
            )
    by_flow, whole = estimates(draws, found)
    if viewer.decides:
        return MissedReport(by_flow, whole)
    return MissedReport({flow: one for flow, one in by_flow.items() if flow in own}, None)


def missed_overview(session: Session, viewer: Viewer, *, now: datetime) -> dict[str, Any]:
    """The estimate for the whole network as ``scout status`` gives it; numbers null when unknown."""
    whole = missed(session, viewer, since=now - timedelta(days=PERIOD_DAYS), now=now).whole
    assert whole is not None  # for staff and operators there is one
    part = whole.share_found
    return {
        "days": PERIOD_DAYS,
        "drawn": whole.drawn,
        "looked_at": whole.looked_at,
        "found_by_draw": whole.hits,
        "found": whole.found,
        "estimate": round(whole.estimate, 1) if whole.known else None,
        "low": whole.between[0] if whole.known else None,
        "high": whole.between[1] if whole.known else None,
        "share_found": [round(one, 3) for one in part] if part else None,
    }

"""Counting shares: how those of each municipality stand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from models.municipality import Municipality
from models.share import Share
from models.store.share_rules import WAITING
from models.store.viewer import Viewer
from models.words import ShareStatus


@dataclass(frozen=True)
class SharesOf:
    """How the shares of one municipality stand."""

    municipality_code: str
    municipality: str
    waiting: int
    overdue: int
    lapsed: int
    #: When the oldest that waits was offered; None = none waits.
    oldest_at: datetime | None


def shares_by_municipality(session: Session, viewer: Viewer) -> list[SharesOf]:
    """How the shares of each municipality stand that has any, by name."""
    waits = Share.status.in_(sorted(WAITING))
    # All others are not looked at: in time they are nearly all.
    told = Share.status.in_(sorted([*WAITING, ShareStatus.LAPSED]))
    seen = viewer.scope(Share.municipality_code)
    any_share = select(Share.id).where(seen, Share.municipality_code == Municipality.code).exists()
    counts = (
        select(
            Share.municipality_code.label("code"),
            func.sum(case((waits, 1), else_=0)).label("waiting"),
            func.sum(case((waits & Share.reminded_at.is_not(None), 1), else_=0)).label("overdue"),
            func.sum(case((Share.status == ShareStatus.LAPSED, 1), else_=0)).label("lapsed"),
            func.min(case((waits, Share.offered_at))).label("oldest"),
        )
        .where(seen, told)
        .group_by(Share.municipality_code)
        .subquery()
    )
    return [
        SharesOf(*row)
        for row in session.execute(
            select(
                Municipality.code,
                Municipality.name,
                func.coalesce(counts.c.waiting, 0),
                func.coalesce(counts.c.overdue, 0),
                func.coalesce(counts.c.lapsed, 0),
                counts.c.oldest,
            )
            .join(counts, counts.c.code == Municipality.code, isouter=True)
            .where(any_share)
            .order_by(Municipality.name)
        )
    ]

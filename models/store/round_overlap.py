"""Consultants who are in several rounds at once.

What a round can give away is what was offered for it: the hours are copied when somebody is put into it, so
that no round changes under another. Whether all rounds together ask more than somebody has, is told here.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.match import Match
from models.round import Round, RoundConsultant
from models.store.match_rules import OPEN as OPEN_MATCHES
from models.store.round_rules import OPEN
from models.store.viewer import Viewer


@dataclass(frozen=True)
class Overlap:
    """A consultant of whom the rounds that go on may together give away more than there is."""

    consultant_id: int
    name: str
    #: Rounds that go on with this consultant in them.
    rounds: int
    #: Half hours: of the consultant, offered in those rounds together, and given to matches that live.
    has: int
    offered: int
    given: int


def overlaps(session: Session, viewer: Viewer, round_id: int) -> list[Overlap]:
    """For staff: consultants of a round that goes on whose hours are offered more than once, by name."""
    if not viewer.decides:
        return []
    here = select(RoundConsultant.consultant_id).where(
        RoundConsultant.round_id == round_id, RoundConsultant.out_at.is_(None)
    )
    goes_on = select(Round.id).where(Round.state.in_(sorted(OPEN)))
    given = (
        select(func.coalesce(func.sum(Match.half_hours), 0))
        .where(
            Match.consultant_id == Consultant.id,
            Match.state.in_(sorted(OPEN_MATCHES)),
            Match.round_id.in_(goes_on),
        )
        .correlate(Consultant)
        .scalar_subquery()
    )
    offered = func.sum(RoundConsultant.half_hours)
    rows = session.execute(
        select(
            Consultant.id, Consultant.name, func.count(), Consultant.half_hours, offered, given.label("given")
        )
        .join(RoundConsultant, RoundConsultant.consultant_id == Consultant.id)
        .where(
            Consultant.id.in_(here),
            RoundConsultant.out_at.is_(None),
            RoundConsultant.round_id.in_(goes_on),
            select(Round.id).where(Round.id == round_id, Round.state.in_(sorted(OPEN))).exists(),
        )
        .group_by(Consultant.id, Consultant.name, Consultant.half_hours)
        .having(func.count() > 1, offered > Consultant.half_hours)
        .order_by(func.lower(Consultant.name), Consultant.id)
    )
    return [
        Overlap(number, name, rounds, has, int(offered), int(given))
        for number, name, rounds, has, offered, given in rows
    ]

"""Who left a round without a word: because a day has passed, or at the very moment that it was put in."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.consultant import Consultant
from models.initiative import Initiative
from models.municipality import Municipality
from models.round import RoundConsultant, RoundInitiative, RoundMunicipality
from models.store.round_leavers import Left, Why, consultant_left, initiative_left, municipality_left
from models.store.round_rules import hold_open_rounds, taking_part


def leave_due(session: Session, *, now: datetime) -> Left:
    """Let go whoever left without a word: municipalities whose last day has passed, and what was missed.

    What was taken out at the very moment that somebody put it into a round is found here too. The caller
    commits; a second time changes nothing.
    """
    left = Left()
    rounds = [round_.id for round_ in hold_open_rounds(session)]
    if not rounds:
        return left
    day = now.astimezone(ZONE).date()
    there = select(Municipality.code).where(taking_part(day))
    codes = set(
        session.scalars(
            select(RoundMunicipality.municipality_code).where(
                RoundMunicipality.round_id.in_(rounds),
                RoundMunicipality.out_at.is_(None),
                RoundMunicipality.municipality_code.not_in(there),
            )
        )
    )
    initiatives = session.execute(
        select(Initiative.id, Initiative.municipality_code, Initiative.withdrawn_at)
        .join(RoundInitiative, RoundInitiative.initiative_id == Initiative.id)
        .where(
            RoundInitiative.round_id.in_(rounds),
            RoundInitiative.out_at.is_(None),
            or_(Initiative.withdrawn_at.is_not(None), Initiative.municipality_code.not_in(there)),
        )
        .order_by(Initiative.id)
        .distinct()
    ).all()
    consultants = session.execute(
        select(Consultant.id, Consultant.municipality_code, Consultant.removed_at, Consultant.available)
        .join(RoundConsultant, RoundConsultant.consultant_id == Consultant.id)
        .where(
            RoundConsultant.round_id.in_(rounds),
            RoundConsultant.out_at.is_(None),
            or_(
                Consultant.removed_at.is_not(None),
                Consultant.available.is_(False),
                Consultant.municipality_code.not_in(there),
            ),
        )
        .order_by(Consultant.id)
        .distinct()
    ).all()
    for number, _code, withdrawn_at in initiatives:
        if withdrawn_at is not None:
            left += initiative_left(session, number, Why.WITHDRAWN, now=now)
    for number, _code, removed_at, available in consultants:
        if removed_at is not None or not available:
            why = Why.REMOVED if removed_at is not None else Why.UNAVAILABLE
            left += consultant_left(session, number, why, now=now)
    taking = set(session.scalars(there))
    codes |= {row.municipality_code for row in initiatives} - taking
    codes |= {row.municipality_code for row in consultants} - taking
    for code in sorted(codes):
        left += municipality_left(session, code, now=now)
    return left

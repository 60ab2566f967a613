"""Who or what falls out of the rounds that go on, and what that does to pairs and matches.

Called in the transaction in which somebody leaves; who leaves because a day has passed is found by
``models.store.round_leaving``. Whoever calls it holds the open rounds first
(``round_rules.hold_open_rounds``), before the row of who leaves and before the first ``record``, so that no
two wait for each other.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.round import Round, RoundConsultant, RoundInitiative, RoundMark, RoundMunicipality, RoundPair
from models.store.audit import record
from models.store.match_changes import end_matches
from models.store.match_rules import LIVE
from models.store.match_rules import OPEN as OPEN_MATCHES
from models.store.round_rules import hold_open_rounds
from models.words import MatchState, PairingKind


class Why(StrEnum):
    """Why somebody or something fell out: ``out_why``, and ``Match.ended_why`` of what stopped by it."""

    #: A consultant was taken out by the own municipality, or is past the term.
    REMOVED = "removed"
    #: A consultant was said not to be available.
    UNAVAILABLE = "unavailable"
    #: The period of a consultant ends before the work of the round begins.
    PERIOD = "period"
    #: An initiative was taken out of the register.
    WITHDRAWN = "withdrawn"
    #: The own municipality takes no part in the network any more.
    MUNICIPALITY_LEFT = "municipality_left"
    #: Not somebody that fell out: the whole round was called off.
    ROUND_CANCELLED = "round_cancelled"


#: Work that has begun goes on when somebody is only not asked for anything new.
NOT_BEGUN = OPEN_MATCHES - {MatchState.DEPLOYED}
GOES_ON = frozenset({Why.UNAVAILABLE, Why.PERIOD})


@dataclass(frozen=True)
class Left:
    """What fell out of rounds."""

    initiatives: int = 0
    consultants: int = 0
    municipalities: int = 0
    matches: int = 0

    def __add__(self, other: "Left") -> "Left":
        return Left(
            self.initiatives + other.initiatives,
            self.consultants + other.consultants,
            self.municipalities + other.municipalities,
            self.matches + other.matches,
        )


def consultant_left(
    session: Session,
    consultant_id: int,
    why: Why,
    *,
    now: datetime,
    account_id: int | None = None,
    round_id: int | None = None,
) -> Left:
    """Let a consultant fall out of the rounds that go on.

    Pairs that are worked on go; matches that have not begun stop, and those that have too, unless the
    consultant is only not to be asked any more.

    Args:
        account_id: who did it; None = the product itself.
        round_id: only of this round.
    """
    left = Left()
    for round_ in _rounds(session, round_id):
        row = session.get(RoundConsultant, (round_.id, consultant_id), populate_existing=True)
        if row is None:
            continue
        states = NOT_BEGUN if why in GOES_ON else OPEN_MATCHES
        stopped = end_matches(
            session,
            round_.id,
            why=why.value,
            now=now,
            account_id=account_id,
            consultant_id=consultant_id,
            states=states,
        )
        if row.out_at is None:
            row.out_at, row.out_why = now, why.value
            _drop_pairs(session, round_, consultant_id=consultant_id)
            _note(session, round_, why, account_id=account_id, now=now, consultant=consultant_id)
            left += Left(consultants=1)
        left += Left(matches=stopped)
    return left


def initiative_left(
    session: Session,
    initiative_id: int,
    why: Why,
    *,
    now: datetime,
    account_id: int | None = None,
    round_id: int | None = None,
) -> Left:
    """Let an initiative fall out of the rounds that go on, with its pairs and all its matches.

    Args:
        account_id, round_id: as :func:`consultant_left`.
    """
    left = Left()
    for round_ in _rounds(session, round_id):
        row = session.get(RoundInitiative, (round_.id, initiative_id), populate_existing=True)
        if row is None:
            continue
        stopped = end_matches(
            session,
            round_.id,
            why=why.value,
            now=now,
            account_id=account_id,
            initiative_id=initiative_id,
            states=OPEN_MATCHES,
        )
        if row.out_at is None:
            row.out_at, row.out_why = now, why.value
            _drop_pairs(session, round_, initiative_id=initiative_id)
            _note(session, round_, why, account_id=account_id, now=now, initiative=initiative_id)
            left += Left(initiatives=1)
        left += Left(matches=stopped)
    return left


def municipality_left(session: Session, code: str, *, now: datetime, account_id: int | None = None) -> Left:
    """Let a municipality fall out of the rounds that go on, with its initiatives and its consultants."""
    left = Left()
    for round_ in hold_open_rounds(session):
        row = session.get(RoundMunicipality, (round_.id, code), populate_existing=True)
        if row is not None and row.out_at is None:
            row.out_at = now
            _note(
                session,
                round_,
                Why.MUNICIPALITY_LEFT,
                account_id=account_id,
                now=now,
                municipality=code,
            )
            left += Left(municipalities=1)
        initiatives = session.scalars(
            select(RoundInitiative.initiative_id)
            .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
            .where(
                RoundInitiative.round_id == round_.id,
                RoundInitiative.out_at.is_(None),
                Initiative.municipality_code == code,
            )
            .order_by(Initiative.id)
        ).all()
        consultants = session.scalars(
            select(RoundConsultant.consultant_id)
            .join(Consultant, Consultant.id == RoundConsultant.consultant_id)
            .where(
                RoundConsultant.round_id == round_.id,
                RoundConsultant.out_at.is_(None),
                Consultant.municipality_code == code,
            )
            .order_by(Consultant.id)
        ).all()
        for number, go in (
            *((number, initiative_left) for number in initiatives),
            *((number, consultant_left) for number in consultants),
        ):
            left += go(
                session,
                number,
                Why.MUNICIPALITY_LEFT,
                now=now,
                account_id=account_id,
                round_id=round_.id,
            )
    return left


def period_changed(
    session: Session, row: Consultant, *, now: datetime, account_id: int | None = None
) -> Left:
    """Let a consultant fall out of the rounds whose work begins after the consultant's period ends."""
    left = Left()
    for round_ in hold_open_rounds(session):
        if row.period_until is not None and row.period_until < _begins(round_, now):
            left += consultant_left(
                session, row.id, Why.PERIOD, now=now, account_id=account_id, round_id=round_.id
            )
    return left


def _rounds(session: Session, round_id: int | None) -> list[Round]:
    return [one for one in hold_open_rounds(session) if round_id in (None, one.id)]


def _begins(round_: Round, now: datetime) -> date:
    """First day of the work; today where it has begun, or was not agreed on."""
    today = now.astimezone(ZONE).date()
    return max(round_.first_day or today, today)


def _drop_pairs(
    session: Session, round_: Round, *, initiative_id: int | None = None, consultant_id: int | None = None
) -> None:
    """Take away the pairs that are worked on, and pins; what was compared stays, and what work goes on of."""
    kinds = [PairingKind.FINAL] + ([PairingKind.BY_HAND] if round_.paired_at is None else [])
    goes_on = exists().where(
        Match.round_id == RoundPair.round_id,
        Match.initiative_id == RoundPair.initiative_id,
        Match.consultant_id == RoundPair.consultant_id,
        Match.state.in_(sorted(LIVE)),
    )
    pairs = delete(RoundPair).where(RoundPair.round_id == round_.id, RoundPair.kind.in_(kinds), ~goes_on)
    marks = select(RoundMark).where(RoundMark.round_id == round_.id, RoundMark.pinned)
    if initiative_id is not None:
        pairs = pairs.where(RoundPair.initiative_id == initiative_id)
        marks = marks.where(RoundMark.initiative_id == initiative_id)
    if consultant_id is not None:
        pairs = pairs.where(RoundPair.consultant_id == consultant_id)
        marks = marks.where(RoundMark.consultant_id == consultant_id)
    session.execute(pairs.execution_options(synchronize_session="fetch"))
    for mark in session.scalars(marks):
        mark.pinned = False
    session.flush()


def _note(
    session: Session, round_: Round, why: Why, *, account_id: int | None, now: datetime, **whom: int | str
) -> None:
    after = {"done": "fell out", **whom, "why": why.value}
    record(session, account_id, "round", "round", round_.id, after=after, at=now)

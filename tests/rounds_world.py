"""A matching round in a small network, as tests of rounds find it.

``world`` (``tests.rounds_network``) puts three municipalities that take part, six initiatives (two each) and
five consultants into a database; ``round_in`` makes a round of them that has come as far as a state, without
the work of the pages.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.round import Round, RoundConsultant, RoundInitiative, RoundMunicipality, RoundPair, RoundVote
from models.words import MatchState, PairingKind, RoundState, SelectionMethod
from tests.rounds_network import (
    CONSULTANTS,
    EDE,
    FIRST_DAY,
    INITIATIVES,
    LAST_DAY,
    NAMES,
    NOW,
    OUTSIDE,
    PAIRS,
    World,
    world,
)

__all__ = [
    "CONSULTANTS",
    "EDE",
    "FIRST_DAY",
    "INITIATIVES",
    "LAST_DAY",
    "NAMES",
    "NOW",
    "ORDER",
    "OUTSIDE",
    "PAIRS",
    "World",
    "match_in",
    "pairs_in",
    "round_in",
    "world",
]

ORDER = (
    RoundState.SEEDING,
    RoundState.SELECTION,
    RoundState.PAIRING,
    RoundState.COMPARING,
    RoundState.PROPOSING,
    RoundState.DEPLOYED,
    RoundState.CLOSED,
)


def round_in(
    session: Session, state: RoundState, *, world: World, automatic: bool = True, now: datetime = NOW
) -> Round:
    """A round that has come as far as ``state``, with all initiatives and consultants of the world.

    From ``kiezen`` on every municipality has chosen; from ``koppelen`` on it is frozen (the snapshot is that
    of ``review.round_problem``) and all are chosen but the last initiative; from ``vergelijken`` on there are
    pairs by hand and automatic ones; from ``voorstellen`` on final ones with a proposed match each. Those are
    begun from ``uitvoeren`` on, and finished in ``afgesloten``. ``gestopt`` was called off while choosing.
    """
    from review.round_problem import frozen_text

    far = ORDER.index(RoundState.SELECTION if state is RoundState.CANCELLED else state)
    row = Round(
        name="Voorjaarsronde",
        state=state,
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        method=SelectionMethod.POINTS,
        points=10,
        places=5,
        quorum=0.5,
        automatic=automatic,
        created_by_id=world.leader.account_id,
        created_at=now - timedelta(days=20),
    )
    session.add(row)
    session.flush()
    _put_in(session, row, world, chosen=far >= ORDER.index(RoundState.PAIRING))
    if far >= ORDER.index(RoundState.SELECTION):
        _choose(session, row, world, now)
    if far >= ORDER.index(RoundState.PAIRING):
        row.snapshot, row.snapshot_hash = frozen_text(session, row)
        assert hashlib.sha256(row.snapshot.encode()).hexdigest() == row.snapshot_hash
        row.frozen_at = now - timedelta(days=5)
    if far >= ORDER.index(RoundState.COMPARING):
        row.paired_at = now - timedelta(days=4)
        row.minutes, row.worked_at = 42.0, row.paired_at
        _pair(session, row, world, PairingKind.BY_HAND, world.leader.account_id, now)
        if automatic:
            _pair(session, row, world, PairingKind.AUTOMATIC, None, now)
    if far >= ORDER.index(RoundState.PROPOSING):
        row.chosen = PairingKind.BY_HAND
        _pair(session, row, world, PairingKind.FINAL, world.leader.account_id, now)
        _propose(session, row, world, now)
    if state in (RoundState.CLOSED, RoundState.CANCELLED):
        row.ended_at = now - timedelta(days=1)
        row.ended_why = "Te weinig tijd." if state is RoundState.CANCELLED else ""
    session.flush()
    return row


def pairs_in(world: World) -> list[tuple[Initiative, Consultant]]:
    """The pairs of every pairing that :func:`round_in` makes."""
    return [(world.initiatives[one], world.consultants[other]) for one, other in PAIRS[:-1]]


def match_in(session: Session, round_: Round, initiative: Initiative) -> Match:
    """The match of an initiative in a round."""
    return session.scalars(
        select(Match).where(Match.round_id == round_.id, Match.initiative_id == initiative.id)
    ).one()


def _put_in(session: Session, row: Round, world: World, *, chosen: bool) -> None:
    at = row.created_at + timedelta(days=1)
    for number, initiative in enumerate(world.initiatives):
        town = NAMES[initiative.municipality_code]
        session.add(
            RoundInitiative(
                round_id=row.id,
                initiative_id=initiative.id,
                half_hours=INITIATIVES[number][4],
                host_name=f"Contactpersoon {town}",
                host_email=f"gastheer@{town.lower()}.example",
                host_hours=8,
                seeded_by_id=world.leader.account_id,
                seeded_at=at,
                selected=number < len(world.initiatives) - 1 if chosen else None,
            )
        )
    for consultant in world.consultants:
        session.add(
            RoundConsultant(
                round_id=row.id,
                consultant_id=consultant.id,
                half_hours=consultant.half_hours,
                most=consultant.most,
                added_at=at,
            )
        )
    session.flush()


def _choose(session: Session, row: Round, world: World, now: datetime) -> None:
    """Each municipality gives the others' initiatives 4, 3, 2 and 1 points, in the order of the list."""
    for code in NAMES:
        session.add(RoundMunicipality(round_id=row.id, municipality_code=code))
        others = [one for one in world.initiatives if one.municipality_code != code]
        for points, initiative in zip((4, 3, 2, 1), others, strict=True):
            session.add(
                RoundVote(
                    round_id=row.id,
                    municipality_code=code,
                    initiative_id=initiative.id,
                    points=points,
                    account_id=world.officers[code].account_id,
                    at=now - timedelta(days=8),
                )
            )
    session.flush()


def _pair(
    session: Session, row: Round, world: World, kind: PairingKind, by: int | None, now: datetime
) -> None:
    for initiative, consultant in pairs_in(world):
        session.add(
            RoundPair(
                round_id=row.id,
                kind=kind,
                initiative_id=initiative.id,
                consultant_id=consultant.id,
                fit=800,
                broken=[],
                by_id=by,
                at=now - timedelta(days=4),
            )
        )
    session.flush()


def _propose(session: Session, row: Round, world: World, now: datetime) -> None:
    far = ORDER.index(row.state)
    begun, over = far >= ORDER.index(RoundState.DEPLOYED), row.state is RoundState.CLOSED
    state = MatchState.FINISHED if over else MatchState.DEPLOYED if begun else MatchState.PROPOSED
    for number, (initiative, consultant) in enumerate(pairs_in(world)):
        session.add(
            Match(
                round_id=row.id,
                initiative_id=initiative.id,
                consultant_id=consultant.id,
                state=state,
                half_hours=INITIATIVES[number][4],
                fit=800,
                reasons={},
                proposed_by_id=world.leader.account_id,
                proposed_at=now - timedelta(days=3),
                salt=f"salt{row.id}x{initiative.id}",
                deployed_on=FIRST_DAY if begun else None,
                visit_on=LAST_DAY if over else None,
                recommendations="Ga door met de werkgroep." if over else "",
                spent=INITIATIVES[number][4] if over else None,
                ended_at=now - timedelta(days=2) if over else None,
            )
        )
    session.flush()

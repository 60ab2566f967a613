"""Matches of which the work has begun or is done, for the tests of evaluations and lessons."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.round import Round, RoundInitiative, RoundMunicipality
from models.words import MatchState, Phase, Role, RoundState
from tests.review.factories import ARNHEM, RHEDEN, make_account

#: A Monday.
BEGUN = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def leader_of(session: Session) -> Account:
    """The project leader of every round here."""
    email = "lea@voorbeeld.example"
    found = session.scalar(select(Account).where(Account.email == email))
    return found or make_account(session, email, name="Lea", roles=[Role.PROJECT_LEADER])


def make_round(session: Session, **fields: Any) -> Round:
    """A round whose matches are worked on."""
    row = Round(
        **{
            "name": "Najaarsronde",
            "state": RoundState.DEPLOYED,
            "created_by_id": leader_of(session).id,
            "created_at": BEGUN,
            **fields,
        }
    )
    session.add(row)
    session.flush()
    return row


def make_match(
    session: Session,
    *,
    state: MatchState = MatchState.DEPLOYED,
    town: str = ARNHEM,
    employer: str = RHEDEN,
    theme: str | None = "groen",
    wanted: tuple[str, ...] = ("juridisch",),
    offered: tuple[str, ...] = ("juridisch", "subsidies"),
    name: str = "Buurttuin Kampenberg",
    contact: str = "",
    consultant: str = "Kim Voorbeeld",
    round_: Round | None = None,
    **fields: Any,
) -> Match:
    """One match with an initiative, a consultant and a host of its own."""
    round_ = round_ or make_round(session)
    leader = leader_of(session)
    for code in (town, employer):
        if session.get(RoundMunicipality, (round_.id, code)) is None:
            session.add(RoundMunicipality(round_id=round_.id, municipality_code=code))
    initiative = Initiative(
        name=name,
        summary="Bewoners leggen samen een tuin aan.",
        municipality_code=town,
        theme=theme,
        contact=contact,
        expertise=list(wanted),
        phase=Phase.GUIDED,
        created_by_id=leader.id,
        created_at=BEGUN,
        updated_at=BEGUN,
    )
    lent = Consultant(
        municipality_code=employer,
        name=consultant,
        email="kim@rheden.example",
        expertise=list(offered),
        themes={},
        languages=["nl"],
        half_hours=60,
        employer_name="Teamleider Recht",
        employer_email="recht@rheden.example",
        added_by_id=leader.id,
        added_at=BEGUN,
        updated_at=BEGUN,
    )
    session.add_all([initiative, lent])
    session.flush()
    session.add(
        RoundInitiative(
            round_id=round_.id,
            initiative_id=initiative.id,
            half_hours=24,
            host_name="Ria Gastvrouw",
            host_email="ria@arnhem.example",
            host_hours=8,
            seeded_by_id=leader.id,
            seeded_at=BEGUN,
        )
    )
    match = Match(
        **{
            "round_id": round_.id,
            "initiative_id": initiative.id,
            "consultant_id": lent.id,
            "state": state,
            "half_hours": 24,
            "fit": 800,
            "reasons": {},
            "proposed_by_id": leader.id,
            "proposed_at": BEGUN,
            "salt": f"zout {initiative.id}",
            "deployed_on": date(2026, 11, 16),
            **fields,
        }
    )
    session.add(match)
    session.flush()
    return match

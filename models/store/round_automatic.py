"""The automatic pairing of a round, as it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.round import RoundConsultant, RoundInitiative, RoundPair
from models.words import PairingKind


@dataclass(frozen=True)
class FoundPair:
    """One pair of the answer."""

    initiative_id: int
    consultant_id: int
    #: 0 to 1000, and the soft rules that it breaks.
    fit: int
    broken: tuple[str, ...] = ()


def put_automatic(session: Session, round_id: int, pairs: list[FoundPair], now: datetime) -> None:
    """Let this be the automatic pairing, instead of the one before; the caller holds the round."""
    automatic = [RoundPair.round_id == round_id, RoundPair.kind == PairingKind.AUTOMATIC]
    session.execute(delete(RoundPair).where(*automatic).execution_options(synchronize_session="fetch"))
    session.add_all(
        RoundPair(
            round_id=round_id,
            kind=PairingKind.AUTOMATIC,
            initiative_id=pair.initiative_id,
            consultant_id=pair.consultant_id,
            fit=pair.fit,
            broken=list(pair.broken),
            at=now,
        )
        for pair in pairs
    )
    session.flush()


def those_present(session: Session, round_id: int, pairs: Iterable[FoundPair]) -> list[FoundPair]:
    """The pairs of which neither fell out of the round."""
    initiatives = select(RoundInitiative.initiative_id).where(
        RoundInitiative.round_id == round_id, RoundInitiative.out_at.is_(None)
    )
    consultants = select(RoundConsultant.consultant_id).where(
        RoundConsultant.round_id == round_id, RoundConsultant.out_at.is_(None)
    )
    wanted, offered = set(session.scalars(initiatives)), set(session.scalars(consultants))
    return [pair for pair in pairs if pair.initiative_id in wanted and pair.consultant_id in offered]

"""A round whose pairs are to be proposed, for tests of matches."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.match import Match
from models.round import Round
from models.words import Party, RoundState
from review.match_steps import propose_pairs
from tests.rounds_world import World, round_in, world

#: A Monday; ten in the morning in Amsterdam.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ALL = (Party.CONSULTANT, Party.EMPLOYER, Party.HOST)


@dataclass(frozen=True)
class Proposing:
    """A round in the state of proposing, with definite pairs."""

    world: World
    round: Round

    def propose(self, session: Session, now: datetime = NOW) -> list[Match]:
        """Propose what is not proposed yet."""
        return propose_pairs(session, self.round.id, viewer=self.world.leader, now=now)


def proposing(session: Session) -> Proposing:
    """Five definite pairs, none of which was proposed. Committed."""
    made = world(session)
    round_ = round_in(session, RoundState.PROPOSING, world=made)
    session.execute(delete(Match))
    session.commit()
    return Proposing(made, round_)

"""Does one thing in a round and is killed halfway: ``python -m tests.review.round_killed_at WHAT``.

What it works on is what ``tests.review.test_round_killed`` put into the database of the settings.
"""

import os
import signal
import sys
from types import ModuleType

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.consultant import Consultant
from models.database import open_engine, session_factory
from models.round import Round
from models.settings import load_settings
from models.store import match_proposing, round_jobs, round_leavers, round_moves
from models.store.consultants import remove_consultant
from models.store.viewer import Viewer
from models.words import PairingKind, RoundState
from review import mending
from review.match_steps import propose_pairs
from review.round_problem import frozen_text
from tests.review.factories import viewer_of
from tests.rounds_world import NOW


def die(*_args: object, **_named: object) -> None:
    """End at once, as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_in(module: ModuleType, name: str) -> None:
    """Let a function of a module end the process when it is called."""
    setattr(module, name, die)


def freeze(session: Session, leader: Viewer) -> None:
    """While the choice is closed: the problem is known, nothing is committed."""
    die_in(round_moves, "ask_job")
    row = session.scalars(select(Round)).one()
    round_moves.move(
        session,
        row.id,
        RoundState.PAIRING,
        viewer=leader,
        version=row.version,
        now=NOW,
        freeze=frozen_text,
    )


def answer(session: Session, leader: Viewer) -> None:
    """The job is noted as done, its pairs are not there yet."""
    taken = round_jobs.take_job(session, now=NOW)
    session.commit()
    assert taken is not None
    die_in(round_jobs, "put_automatic")
    round_jobs.finish_job(session, taken, [], gaps=[], stopped=False, now=NOW)


def chosen(session: Session, leader: Viewer) -> None:
    """The pairs to propose are copied, the round is not moved yet."""
    die_in(round_moves, "record")
    row = session.scalars(select(Round)).one()
    round_moves.move(
        session,
        row.id,
        RoundState.PROPOSING,
        viewer=leader,
        version=row.version,
        now=NOW,
        chosen=PairingKind.BY_HAND,
    )


def ask(session: Session, leader: Viewer) -> None:
    """The matches are made, nobody is asked yet."""
    die_in(match_proposing, "_ask")
    propose_pairs(session, session.scalars(select(Round.id)).one(), viewer=leader, now=NOW)


def advice(session: Session, leader: Viewer) -> None:
    """What goes by the advice is gone from the board, what comes is not there yet."""
    die_in(mending, "put_pair")
    number = session.scalars(select(Round.id)).one()
    found = mending.advice_of(session, leader, number)
    assert found is not None
    mending.take_advice(session, leader, number, found.stand, now=NOW)


def leave(session: Session, leader: Viewer) -> None:
    """The name of a consultant is gone and the matches have stopped; the log does not say so yet."""
    die_in(round_leavers, "record")
    row = session.scalars(select(Consultant).where(Consultant.name == "Saar Subsidie")).one()
    remove_consultant(session, row.id, viewer=leader, version=row.version, now=NOW)


def main() -> int:
    """Do what is asked, and be killed."""
    engine = open_engine(load_settings())
    with session_factory(engine)() as session:
        leader = viewer_of(
            session.scalars(select(Account).where(Account.email == "lea@rondes.example")).one()
        )
        {one.__name__: one for one in (freeze, answer, chosen, ask, advice, leave)}[sys.argv[1]](
            session, leader
        )
        session.commit()
    return 0


if __name__ == "__main__":
    sys.exit(main())

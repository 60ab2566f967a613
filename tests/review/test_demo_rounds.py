"""The sample rounds of ``make demo``: there at once, once, and everything about them in order."""

from sqlalchemy import func, select

from models.account import Account
from models.base import utc_now
from models.database import session_factory
from models.match import Lesson, Match
from models.round import Round
from models.store.accounts import add_account
from models.store.round_votes import who_voted
from models.words import MatchState, Role, RoundState
from review.demo_rounds import main
from tests.models.rounds_invariants import check
from tests.review.factories import viewer_of

LEADER, OFFICER = "demo@voorbeeld.example", "gemeente@voorbeeld.example"


def test_the_demo_has_a_round_to_choose_in_and_one_at_work(settings, engine):
    with session_factory(engine)() as session:
        add_account(session, LEADER, None, roles=[Role.REVIEWER, Role.PROJECT_LEADER])
        add_account(session, OFFICER, None, roles=[Role.MUNICIPALITY], municipality="Arnhem")
        session.commit()
    assert main(LEADER, OFFICER, settings) == 0
    # A second time nothing is made.
    assert main(LEADER, OFFICER, settings) == 0

    with session_factory(engine, writes=False)() as session:
        check(session)
        rounds = {row.state: row for row in session.scalars(select(Round))}
        assert set(rounds) == {RoundState.SELECTION, RoundState.DEPLOYED}
        assert set(session.scalars(select(Match.state))) == {
            MatchState.AGREED,
            MatchState.DEPLOYED,
            MatchState.FINISHED,
        }
        assert session.scalar(select(func.count(Lesson.id)).where(Lesson.approved_at.is_not(None))) == 1
        leader = viewer_of(session.scalars(select(Account).where(Account.email == LEADER)).one())
        voted = {one.name: one.voted for one in who_voted(session, leader, rounds[RoundState.SELECTION].id)}
        assert voted == {"Arnhem": False, "Overbetuwe": True, "Rheden": True}
        assert all(row.created_at < utc_now() for row in rounds.values())

"""What must hold of every round at every moment: ``check`` looks at the whole database."""

from collections import Counter, defaultdict

from sqlalchemy import func, select

from matching.snapshot import of_text
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match, MatchAnswer, MatchMail
from models.mergers import MERGERS
from models.round import (
    Round,
    RoundConsultant,
    RoundInitiative,
    RoundJob,
    RoundMark,
    RoundPair,
    RoundVote,
)
from models.store.audit import first_broken
from models.store.match_rules import ASKED, LIVE
from models.store.match_rules import OPEN as OPEN_MATCHES
from models.store.round_moves import TRANSITIONS
from models.store.round_rules import OPEN
from models.words import MatchState, PairingKind, RoundState

MOVES = {(one.before, one.after) for one in TRANSITIONS}
#: States that end a match for good, and what can come of each that does not.
NEXT = {
    MatchState.PROPOSED: {MatchState.AGREED, MatchState.DECLINED, MatchState.STOPPED},
    MatchState.AGREED: {MatchState.DEPLOYED, MatchState.DECLINED, MatchState.STOPPED},
    MatchState.DEPLOYED: {MatchState.FINISHED, MatchState.STOPPED},
}
#: Pairings in which a person works: state of the round -> kind.
WORKED_ON = {
    RoundState.PAIRING: PairingKind.BY_HAND,
    RoundState.PROPOSING: PairingKind.FINAL,
    RoundState.DEPLOYED: PairingKind.FINAL,
}


def now_code(code):
    """The municipality that one belongs to by now."""
    return MERGERS[code].into if code in MERGERS else code


def check(session):
    """Everything that must hold, whatever happened."""
    towns = {
        Initiative: dict(session.execute(select(Initiative.id, Initiative.municipality_code)).all()),
        Consultant: dict(session.execute(select(Consultant.id, Consultant.municipality_code)).all()),
    }
    assert first_broken(session) is None
    for row in session.scalars(select(Round)):
        _check_round(session, row, towns)
    for match in session.scalars(select(Match)):
        _check_answers(session, match)
    twice = select(MatchMail.match_id).group_by(MatchMail.match_id, MatchMail.party, MatchMail.kind)
    assert session.scalars(twice.having(func.count() > 1)).all() == []
    for one in session.scalars(select(Consultant).where(Consultant.removed_at.is_not(None))):
        assert (one.name, one.email) == ("", "")


def _check_round(session, row, towns):
    matches = session.scalars(select(Match).where(Match.round_id == row.id)).all()
    live = {one.initiative_id: one for one in matches if one.state in LIVE}
    assert len(live) == sum(one.state in LIVE for one in matches), "two live matches of one initiative"
    for one in live.values():
        assert now_code(towns[Initiative][one.initiative_id]) != now_code(
            towns[Consultant][one.consultant_id]
        ), "help from the own municipality"
    initiatives = {
        one.initiative_id: one
        for one in session.scalars(select(RoundInitiative).where(RoundInitiative.round_id == row.id))
    }
    consultants = {
        one.consultant_id: one
        for one in session.scalars(select(RoundConsultant).where(RoundConsultant.round_id == row.id))
    }
    marks = {
        (one.initiative_id, one.consultant_id): one
        for one in session.scalars(select(RoundMark).where(RoundMark.round_id == row.id))
    }
    pairs = defaultdict(dict)
    for pair in session.scalars(select(RoundPair).where(RoundPair.round_id == row.id)):
        assert pair.initiative_id not in pairs[pair.kind]
        pairs[pair.kind][pair.initiative_id] = pair.consultant_id
    kind = WORKED_ON.get(row.state)
    if kind is not None:
        used, count = Counter(), Counter()
        for initiative, consultant in pairs[kind].items():
            assert now_code(towns[Initiative][initiative]) != now_code(towns[Consultant][consultant])
            used[consultant] += initiatives[initiative].half_hours
            count[consultant] += 1
            held = live.get(initiative)
            if held is not None and held.consultant_id == consultant:
                continue
            assert initiatives[initiative].out_at is None, "a pair of an initiative that fell out"
            assert initiatives[initiative].selected
            assert consultants[consultant].out_at is None, "a pair of a consultant who fell out"
            found = marks.get((initiative, consultant))
            assert found is None or not found.forbidden, "a pair that is forbidden"
        for consultant, hours in used.items():
            assert hours <= consultants[consultant].half_hours, "more hours than were offered"
            assert count[consultant] <= consultants[consultant].most, "more initiatives than at most"
    if row.state in (RoundState.PROPOSING, RoundState.DEPLOYED):
        for initiative, one in live.items():
            assert pairs[PairingKind.FINAL].get(initiative) == one.consultant_id, "a match without its pair"
    for one in matches:
        if one.state in (MatchState.PROPOSED, MatchState.AGREED):
            assert initiatives[one.initiative_id].out_at is None
            assert consultants[one.consultant_id].out_at is None
        if one.state in OPEN_MATCHES:
            assert row.state in (RoundState.PROPOSING, RoundState.DEPLOYED), "a match in a round that ended"
    for one in marks.values():
        assert not (one.pinned and one.forbidden)
    jobs = session.scalars(select(RoundJob).where(RoundJob.round_id == row.id)).all()
    waiting = [one.purpose for one in jobs if one.done_at is None and one.cancelled_at is None]
    assert len(waiting) == len(set(waiting)), "two jobs for one purpose"
    if row.state not in OPEN:
        assert not waiting
        assert row.ended_at is not None
    if row.frozen_at is not None:
        of_text(row.snapshot)
    given = Counter()
    for one in session.scalars(select(RoundVote).where(RoundVote.round_id == row.id)):
        assert one.points >= 0
        assert not one.points or one.municipality_code != towns[Initiative][one.initiative_id]
        given[one.municipality_code] += one.points
    assert all(points <= row.points for points in given.values())
    if row.state in OPEN:
        gone = select(RoundConsultant.consultant_id).join(
            Consultant, Consultant.id == RoundConsultant.consultant_id
        )
        gone = gone.where(RoundConsultant.round_id == row.id, RoundConsultant.out_at.is_(None))
        assert session.scalars(gone.where(Consultant.removed_at.is_not(None))).all() == []
        taken = select(RoundInitiative.initiative_id).join(
            Initiative, Initiative.id == RoundInitiative.initiative_id
        )
        taken = taken.where(RoundInitiative.round_id == row.id, RoundInitiative.out_at.is_(None))
        assert session.scalars(taken.where(Initiative.withdrawn_at.is_not(None))).all() == []


def _check_answers(session, match):
    newest = {}
    for answer in session.scalars(
        select(MatchAnswer).where(MatchAnswer.match_id == match.id).order_by(MatchAnswer.id)
    ):
        newest[answer.party] = answer.agrees
    if match.state in (MatchState.AGREED, MatchState.DEPLOYED, MatchState.FINISHED):
        assert all(newest.get(party) for party in ASKED), "agreed without everybody's word"
    if match.state is MatchState.DECLINED:
        assert not all(newest.values())
        assert match.ended_at is not None
    if match.state is MatchState.PROPOSED:
        assert not all(newest.get(party, False) for party in ASKED)


def states(session):
    """State of every round and match."""
    return (
        dict(session.execute(select(Round.id, Round.state)).all()),
        dict(session.execute(select(Match.id, Match.state)).all()),
    )

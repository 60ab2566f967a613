"""Reading matches: one, lists and counts, for whoever may see them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match, MatchAnswer
from models.store.match_rows import AnswerRow, MatchRow, finished, made, match_rows
from models.store.match_rules import MatchNotFoundError
from models.store.paging import newest_first
from models.store.viewer import Viewer
from models.words import MatchState, Party

__all__ = ["AnswerRow", "MatchPage", "MatchRow", "get_match", "match_page", "read_match", "waiting_matches"]

#: Matches on one page of the list.
PAGE_SIZE = 25


@dataclass(frozen=True)
class MatchPage:
    """One page of matches, newest first, with where the neighbouring pages begin."""

    rows: list[MatchRow]
    before: int | None
    after: int | None
    total: int


def sees(viewer: Viewer) -> ColumnElement[bool]:
    """Condition on matches joined with initiative and consultant: those of either side."""
    return or_(viewer.scope(Initiative.municipality_code), viewer.scope(Consultant.municipality_code))


def get_match(session: Session, viewer: Viewer, match_id: int) -> MatchRow:
    """One match, with what was answered.

    Raises:
        MatchNotFoundError: there is none, or it is not for this viewer.
    """
    found = session.execute(match_rows().where(Match.id == match_id, sees(viewer))).one_or_none()
    if found is None:
        raise MatchNotFoundError(f"there is no match {match_id}")
    return finished(session, [made(found)], viewer)[0]


def read_match(session: Session, match_id: int) -> MatchRow:
    """All of one match, whoever is looking: for messages, and for pages behind a secret link.

    Raises:
        MatchNotFoundError: there is none.
    """
    found = session.execute(match_rows().where(Match.id == match_id)).one_or_none()
    if found is None:
        raise MatchNotFoundError(f"there is no match {match_id}")
    return finished(session, [made(found)], None)[0]


def match_page(
    session: Session,
    viewer: Viewer,
    *,
    round_id: int | None = None,
    state: MatchState | Collection[MatchState] | None = None,
    municipality_code: str | None = None,
    waiting: bool = False,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> MatchPage:
    """One page of matches, newest first; a municipality gets those of its initiatives and its consultants.

    Args:
        state: only those in this state, or in one of these.
        municipality_code: only those with an initiative or consultant of this municipality.
        waiting: only those that wait for an answer of somebody; for a municipality: for its own.
        after: show older ones than this match.
        before: show the ones just newer than this match instead.
    """
    wanted: list[ColumnElement[bool]] = [sees(viewer)]
    if round_id is not None:
        wanted.append(Match.round_id == round_id)
    if state is not None:
        states = [state] if isinstance(state, MatchState) else sorted(state)
        wanted.append(Match.state.in_(states))
    if municipality_code is not None:
        sides = (Initiative.municipality_code, Consultant.municipality_code)
        wanted.append(or_(*(side == municipality_code for side in sides)))
    if waiting:
        wanted.append(_waits(viewer))
    page = newest_first(
        session, match_rows().where(*wanted), Match.id, made, after=after, before=before, limit=limit
    )
    return MatchPage(finished(session, page.rows, viewer), page.before, page.after, _count(session, wanted))


def waiting_matches(session: Session, viewer: Viewer, *, round_id: int | None = None) -> int:
    """How many proposals (of one round) wait for an answer: of this municipality, or for staff of anybody."""
    wanted = [sees(viewer), _waits(viewer)]
    if round_id is not None:
        wanted.append(Match.round_id == round_id)
    return _count(session, wanted)


def _count(session: Session, wanted: list[ColumnElement[bool]]) -> int:
    query = (
        select(func.count())
        .select_from(Match)
        .join(Initiative, Initiative.id == Match.initiative_id)
        .join(Consultant, Consultant.id == Match.consultant_id)
        .where(*wanted)
    )
    return session.scalar(query) or 0


def _waits(viewer: Viewer) -> ColumnElement[bool]:
    """Proposed, and somebody for whom this viewer speaks has not answered."""

    def silent(party: Party) -> ColumnElement[bool]:
        return ~(
            select(MatchAnswer.id)
            .where(MatchAnswer.match_id == Match.id, MatchAnswer.party == party)
            .exists()
        )

    proposed = Match.state == MatchState.PROPOSED
    if viewer.decides:
        return proposed
    host = viewer.scope(Initiative.municipality_code) & silent(Party.HOST)
    employer = viewer.scope(Consultant.municipality_code) & silent(Party.EMPLOYER)
    return and_(proposed, or_(host, employer))

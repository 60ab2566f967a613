"""Matching rounds as shown: one, or a page of them, with numbers and what fell out."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.municipality import Municipality
from models.round import Round, RoundConsultant, RoundInitiative, RoundMunicipality
from models.store.paging import newest_first
from models.store.round_rules import OPEN, seen_by, seen_round
from models.store.viewer import Viewer
from models.words import MatchState, PairingKind, RoundState, SelectionMethod

#: Rounds on one page of the list.
PAGE_SIZE = 25


@dataclass(frozen=True)
class Fallen:
    """Who or what fell out of a round."""

    #: ``initiative``, ``consultant`` or ``municipality``.
    kind: str
    #: Its number, or the code of the municipality.
    key: str
    #: Empty = not known any more.
    name: str
    municipality: str
    at: datetime
    #: A word: see ``models.store.round_leavers.WHY``.
    why: str


@dataclass(frozen=True, kw_only=True)
class RoundView:
    """One round as shown; fields as in :class:`models.round.Round`."""

    id: int
    name: str
    state: RoundState
    version: int
    first_day: date | None
    last_day: date | None
    method: SelectionMethod
    points: int
    places: int | None
    quorum: float
    automatic: bool
    created_by_id: int
    created_at: datetime
    snapshot_hash: str
    frozen_at: datetime | None
    paired_at: datetime | None
    #: These three for staff only.
    chosen: PairingKind | None
    minutes: float
    worked_at: datetime | None
    ended_at: datetime | None
    ended_why: str
    #: How many are in it, without who fell out.
    municipalities: int = 0
    initiatives: int = 0
    selected: int = 0
    consultants: int = 0
    #: Half hours: of the initiatives (the chosen ones once there are), and of the consultants.
    wanted: int = 0
    offered: int = 0
    #: State -> number; of a municipality its own matches, as host or as employer.
    matches: dict[MatchState, int] = field(default_factory=dict)
    #: The newest first; for a municipality its own. Only from :func:`get_round`.
    fallen: tuple[Fallen, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the round goes on."""
        return self.state in OPEN


@dataclass(frozen=True)
class RoundPage:
    """One page of the list, newest first, with where the neighbouring pages begin."""

    rows: list[RoundView]
    before: int | None
    after: int | None
    total: int


def get_round(session: Session, viewer: Viewer, round_id: int) -> RoundView:
    """One round, with what fell out of it.

    Raises:
        RoundNotFoundError: there is none, or it is not for this viewer.
    """
    row = seen_round(session, viewer, round_id)
    return _views(session, viewer, [row], fallen=_fallen(session, viewer, round_id))[0]


def round_page(
    session: Session,
    viewer: Viewer,
    *,
    state: RoundState | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> RoundPage:
    """One page of rounds, newest first.

    Args:
        state: only rounds in this state.
        after: show older ones than this round.
        before: show the ones just newer than this round instead.
    """
    wanted = [seen_by(viewer)] + ([Round.state == state] if state is not None else [])
    total = session.scalar(select(func.count()).select_from(Round).where(*wanted)) or 0
    query: Select[*tuple[Any, ...]] = select(Round).where(*wanted)
    page = newest_first(session, query, Round.id, _row_of, after=after, before=before, limit=limit)
    return RoundPage(_views(session, viewer, page.rows), page.before, page.after, total)


def _row_of(found: Any) -> Round:
    row: Round = found[0]
    return row


def _views(
    session: Session, viewer: Viewer, rows: list[Round], *, fallen: tuple[Fallen, ...] = ()
) -> list[RoundView]:
    """Rounds as shown, counted in a few queries however many there are."""
    ids = [row.id for row in rows]
    municipalities = _counts(session, ids, RoundMunicipality.round_id, RoundMunicipality.out_at)
    initiatives = _counts(
        session,
        ids,
        RoundInitiative.round_id,
        RoundInitiative.out_at,
        func.sum(case((RoundInitiative.selected.is_(True), 1), else_=0)),
        # What was not chosen wants nothing any more.
        func.sum(case((RoundInitiative.selected.is_(False), 0), else_=RoundInitiative.half_hours)),
    )
    consultants = _counts(
        session,
        ids,
        RoundConsultant.round_id,
        RoundConsultant.out_at,
        func.sum(RoundConsultant.half_hours),
    )
    matches = _matches(session, viewer, ids)
    shown = []
    for row in rows:
        there, chosen, wanted = initiatives.get(row.id, (0, 0, 0))
        people, offered = consultants.get(row.id, (0, 0))
        shown.append(
            RoundView(
                id=row.id,
                name=row.name,
                state=row.state,
                version=row.version,
                first_day=row.first_day,
                last_day=row.last_day,
                method=row.method,
                points=row.points,
                places=row.places,
                quorum=row.quorum,
                automatic=row.automatic,
                created_by_id=row.created_by_id,
                created_at=row.created_at,
                snapshot_hash=row.snapshot_hash,
                frozen_at=row.frozen_at,
                paired_at=row.paired_at,
                chosen=row.chosen if viewer.decides else None,
                minutes=row.minutes if viewer.decides else 0.0,
                worked_at=row.worked_at if viewer.decides else None,
                ended_at=row.ended_at,
                ended_why=row.ended_why,
                municipalities=municipalities.get(row.id, (0,))[0],
                initiatives=there,
                selected=chosen,
                consultants=people,
                wanted=wanted,
                offered=offered,
                matches=matches.get(row.id, {}),
                fallen=fallen,
            )
        )
    return shown


def _counts(
    session: Session,
    ids: list[int],
    number: InstrumentedAttribute[int],
    out_at: InstrumentedAttribute[datetime | None],
    *more: Any,
) -> dict[int, tuple[int, ...]]:
    """Round -> how many rows of it have not fallen out, and more sums of them."""
    rows = session.execute(
        select(number, func.count(), *more).where(number.in_(ids), out_at.is_(None)).group_by(number)
    )
    return {row[0]: tuple(int(value or 0) for value in row[1:]) for row in rows}


def _matches(session: Session, viewer: Viewer, ids: list[int]) -> dict[int, dict[MatchState, int]]:
    own = or_(
        Initiative.municipality_code == viewer.municipality_code,
        Consultant.municipality_code == viewer.municipality_code,
    )
    found: dict[int, dict[MatchState, int]] = {}
    for number, state, count in session.execute(
        select(Match.round_id, Match.state, func.count())
        .join(Initiative, Initiative.id == Match.initiative_id)
        .join(Consultant, Consultant.id == Match.consultant_id)
        .where(Match.round_id.in_(ids), true() if viewer.decides else own)
        .group_by(Match.round_id, Match.state)
    ):
        found.setdefault(number, {})[state] = count
    return found


def _fallen(session: Session, viewer: Viewer, round_id: int) -> tuple[Fallen, ...]:
    """What fell out, the newest first; a municipality is told of its own."""
    kinds: tuple[tuple[str, Select[*tuple[Any, ...]]], ...] = (
        (
            "initiative",
            select(
                Initiative.id,
                Initiative.name,
                Municipality.name,
                RoundInitiative.out_at,
                RoundInitiative.out_why,
            )
            .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
            .join(Municipality, Municipality.code == Initiative.municipality_code)
            .where(
                RoundInitiative.round_id == round_id,
                RoundInitiative.out_at.is_not(None),
                viewer.scope(Initiative.municipality_code),
            ),
        ),
        (
            "consultant",
            select(
                Consultant.id,
                Consultant.name,
                Municipality.name,
                RoundConsultant.out_at,
                RoundConsultant.out_why,
            )
            .join(Consultant, Consultant.id == RoundConsultant.consultant_id)
            .join(Municipality, Municipality.code == Consultant.municipality_code)
            .where(
                RoundConsultant.round_id == round_id,
                RoundConsultant.out_at.is_not(None),
                viewer.scope(Consultant.municipality_code),
            ),
        ),
        (
            "municipality",
            select(Municipality.code, Municipality.name, Municipality.name, RoundMunicipality.out_at)
            .join(Municipality, Municipality.code == RoundMunicipality.municipality_code)
            .where(
                RoundMunicipality.round_id == round_id,
                RoundMunicipality.out_at.is_not(None),
                viewer.scope(Municipality.code),
            ),
        ),
    )
    found = [
        Fallen(kind, str(key), name, municipality, at, why[0] if why else "municipality_left")
        for kind, query in kinds
        for key, name, municipality, at, *why in session.execute(query)
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.kind, one.key), reverse=True))

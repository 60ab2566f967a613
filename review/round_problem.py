"""From a round in the database to the problem that ``matching`` works on."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.problem import Key, Offered, Problem, Wanted
from matching.snapshot import digest, of_text, to_text
from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.mergers import MERGERS
from models.municipality import Municipality
from models.place import Place
from models.round import Round, RoundConsultant, RoundInitiative, RoundMark, RoundPair
from models.store.learned import learned
from models.store.rounds import RoundNotFoundError
from models.store.staff_bodies import together
from models.words import MatchState, PairingKind, RoundState

#: From so many possible pairs on, only the best fitting consultants of each initiative are looked at.
MANY_PAIRS = 50_000
CANDIDATES = 20
#: States in which who came into the round after it was frozen counts too: the pairings were compared.
GROWING = frozenset({RoundState.PROPOSING, RoundState.DEPLOYED})


def key_of(number: int) -> str:
    """Number of an initiative or consultant -> its key in a problem."""
    return str(number)


def problem_of(session: Session, round_id: int, *, kind: PairingKind | None, frozen: bool = True) -> Problem:
    """What is to be matched in a round, with what people demanded of pairs.

    Who fell out of the round is left out (an initiative) or unavailable (a consultant). Once proposals are
    made, who came in after the round was frozen is there too.

    Args:
        kind: the pairs of this kind are the draft; None = there is no draft.
        frozen: as it was frozen, if it was and can be read; False = as everything is now.

    Raises:
        RoundNotFoundError: there is no such round.
    """
    round_ = session.get(Round, round_id)
    if round_ is None:
        raise RoundNotFoundError(f"there is no round {round_id}")
    frozen_then = frozen_problem(round_) if frozen else None
    if frozen_then is not None:
        problem = frozen_then
        if round_.state in GROWING:
            problem = _grown(problem, _as_it_is(session, round_))
        problem = _moved(session, round_, problem)
    else:
        problem = _as_it_is(session, round_)
    return _demanded(session, round_, _without_fallen(session, round_, problem), kind)


def frozen_problem(round_: Round) -> Problem | None:
    """The problem as it was frozen; None = it was not yet, or can't be read any more.

    What can't be read (another version of the product wrote it) is no reason to stop: the round goes on with
    everything as it is now, and its page says so.
    """
    if not round_.snapshot:
        return None
    try:
        return of_text(round_.snapshot)
    except ValueError:
        return None


def frozen_text(session: Session, round_: Round) -> tuple[str, str]:
    """The problem to be frozen as text, and its SHA-256: without what people demand of pairs."""
    session.flush()
    problem = _as_it_is(session, round_)
    return to_text(problem), digest(problem)


def _as_it_is(session: Session, round_: Round) -> Problem:
    initiatives = tuple(_initiatives(session, round_))
    consultants = tuple(_consultants(session, round_))
    many = len(initiatives) * len(consultants) > MANY_PAIRS
    return Problem(
        initiatives=initiatives,
        consultants=consultants,
        learned=learned(session),
        successors={code: merger.into for code, merger in sorted(MERGERS.items())},
        together=together(session),
        candidates=CANDIDATES if many else None,
    )


def _initiatives(session: Session, round_: Round) -> Iterable[Wanted]:
    """Those that were not left out by the joint choice, by number."""
    rows = session.execute(
        select(RoundInitiative, Initiative, Municipality, Place)
        .join(Initiative, Initiative.id == RoundInitiative.initiative_id)
        .join(Municipality, Municipality.code == Initiative.municipality_code)
        .join(Place, Place.key == Initiative.place_key, isouter=True)
        .where(
            RoundInitiative.round_id == round_.id,
            RoundInitiative.out_at.is_(None),
            RoundInitiative.selected.is_not(False),
        )
        .order_by(Initiative.id)
    )
    for one, initiative, municipality, place in rows:
        lat, lon = _where(municipality, place)
        yield Wanted(
            key=key_of(initiative.id),
            municipality=initiative.municipality_code,
            half_hours=max(1, one.half_hours),
            expertise=frozenset(initiative.expertise),
            theme=initiative.theme,
            language=one.language,
            lat=lat,
            lon=lon,
        )


def _consultants(session: Session, round_: Round) -> Iterable[Offered]:
    rows = session.execute(
        select(RoundConsultant, Consultant, Municipality, Place)
        .join(Consultant, Consultant.id == RoundConsultant.consultant_id)
        .join(Municipality, Municipality.code == Consultant.municipality_code)
        .join(Place, Place.key == Consultant.place_key, isouter=True)
        .where(RoundConsultant.round_id == round_.id, RoundConsultant.out_at.is_(None))
        .order_by(Consultant.id)
    )
    for one, consultant, municipality, place in rows:
        lat, lon = _where(municipality, place)
        yield Offered(
            key=key_of(consultant.id),
            municipality=consultant.municipality_code,
            half_hours=one.half_hours,
            most=one.most,
            expertise=frozenset(consultant.expertise),
            themes=dict(consultant.themes),
            languages=frozenset(consultant.languages),
            radius_km=consultant.radius_km,
            lat=lat,
            lon=lon,
        )


def _where(municipality: Municipality, place: Place | None) -> tuple[float | None, float | None]:
    """Of the place, else of the middle of the municipality."""
    if place is not None and place.lat is not None and place.lon is not None:
        return place.lat, place.lon
    return municipality.lat, municipality.lon


def _grown(problem: Problem, now: Problem) -> Problem:
    """The frozen problem with who came in since."""
    wanted = {one.key for one in problem.initiatives}
    offered = {one.key for one in problem.consultants}
    return replace(
        problem,
        initiatives=problem.initiatives + tuple(one for one in now.initiatives if one.key not in wanted),
        consultants=problem.consultants + tuple(one for one in now.consultants if one.key not in offered),
    )


def _moved(session: Session, round_: Round, problem: Problem) -> Problem:
    """With municipalities as they are now: "another one" holds whatever was frozen."""
    codes = {
        key_of(number): code
        for number, code in session.execute(
            select(Initiative.id, Initiative.municipality_code)
            .join(RoundInitiative, RoundInitiative.initiative_id == Initiative.id)
            .where(RoundInitiative.round_id == round_.id)
        )
    }
    return replace(
        problem,
        initiatives=tuple(
            replace(one, municipality=codes.get(one.key, one.municipality)) for one in problem.initiatives
        ),
        together=together(session),
    )


def _without_fallen(session: Session, round_: Round, problem: Problem) -> Problem:
    gone = _fallen(session, select(RoundInitiative.initiative_id), RoundInitiative, round_)
    out = _fallen(session, select(RoundConsultant.consultant_id), RoundConsultant, round_)
    wanted = {one.key: one for one in problem.initiatives if one.key not in gone}
    busy: dict[str, list[str]] = {}
    for initiative, consultant in _going_on(session, round_):
        if initiative in wanted and consultant in out:
            busy.setdefault(consultant, []).append(initiative)

    def left(one: Offered) -> Offered:
        if one.key not in busy:
            return replace(one, available=False)
        # Work that has begun goes on, so the consultant has time for that, and for nothing else.
        hours = sum(wanted[key].half_hours for key in busy[one.key])
        return replace(one, half_hours=hours, most=len(busy[one.key]))

    return replace(
        problem,
        initiatives=tuple(wanted.values()),
        consultants=tuple(left(one) if one.key in out else one for one in problem.consultants),
        pins=frozenset((initiative, key) for key, initiatives in busy.items() for initiative in initiatives),
    )


def _going_on(session: Session, round_: Round) -> set[Key]:
    """Pairs whose work has begun, or is done."""
    rows = session.execute(
        select(Match.initiative_id, Match.consultant_id).where(
            Match.round_id == round_.id, Match.state.in_([MatchState.DEPLOYED, MatchState.FINISHED])
        )
    )
    return {(key_of(initiative), key_of(consultant)) for initiative, consultant in rows}


def _fallen(session: Session, numbers: Any, table: Any, round_: Round) -> set[str]:
    query = numbers.where(table.round_id == round_.id, table.out_at.is_not(None))
    return {key_of(number) for number in session.scalars(query)}


def _demanded(session: Session, round_: Round, problem: Problem, kind: PairingKind | None) -> Problem:
    """Pins, forbidden pairs, soft rules set aside, and the draft: of who is still there."""
    wanted = {one.key for one in problem.initiatives}
    known = {one.key for one in problem.consultants}
    there = {one.key for one in problem.consultants if one.available}
    marks = session.scalars(select(RoundMark).where(RoundMark.round_id == round_.id)).all()

    def pairs(rows: Iterable[Any], offered: set[str]) -> frozenset[Key]:
        keys = ((key_of(row.initiative_id), key_of(row.consultant_id)) for row in rows)
        return frozenset(key for key in keys if key[0] in wanted and key[1] in offered)

    draft: Iterable[RoundPair] = ()
    if kind is not None:
        draft = session.scalars(
            select(RoundPair).where(RoundPair.round_id == round_.id, RoundPair.kind == kind)
        ).all()
    return replace(
        problem,
        pins=problem.pins | pairs((mark for mark in marks if mark.pinned), there),
        forbidden=pairs((mark for mark in marks if mark.forbidden), known),
        set_aside=pairs((mark for mark in marks if mark.reason), known),
        draft=pairs(draft, there),
    )

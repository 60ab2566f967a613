"""The pairings of a round side by side: only once the pairing by hand is closed, and only for staff."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Evaluation, Match
from models.municipality import Municipality
from models.round import Round, RoundConsultant, RoundInitiative, RoundMark, RoundPair
from models.store.round_jobs_list import newest_answer
from models.store.round_rules import RoundNotFoundError
from models.store.viewer import Viewer
from models.words import JobPurpose, Moment, PairingKind

#: A pair: number of the initiative, number of the consultant.
Numbers = tuple[int, int]


class StillHiddenError(Exception):
    """The pairing by hand is not closed yet, so nothing automatic may be seen."""


@dataclass(frozen=True)
class Measures:
    """How one pairing does."""

    kind: PairingKind
    #: Initiatives with a consultant, of so many that were chosen.
    served: int
    wanted: int
    #: 0 to 1000; None = there are no pairs.
    lowest: int | None
    median: float | None
    total: int
    #: Most initiatives of one consultant, and consultants with at least one, of so many.
    busiest: int
    working: int
    consultants: int
    #: Pairs that are, although soft rules say no.
    despite: int
    #: Minutes of the project leader, or of the computer; None = not known.
    minutes: float | None
    #: What parties said afterwards of matches with these pairs, 1 to 5; None = nobody yet.
    fit_said: float | None
    goal_said: float | None
    #: How many forms these are from.
    forms: int


@dataclass(frozen=True)
class Side:
    """Whom one initiative has in one pairing."""

    consultant_id: int
    #: Empty = taken out meanwhile.
    name: str
    fit: int
    #: Soft rules that it breaks, and why they were set aside.
    broken: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class InitiativeCompared:
    """One initiative in all pairings."""

    id: int
    name: str
    municipality: str
    #: Kind -> whom it has; kinds in which it has nobody are missing.
    sides: Mapping[PairingKind, Side] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """By hand and automatically the same, also when both have nobody."""
        by_hand, other = self.sides.get(PairingKind.BY_HAND), self.sides.get(PairingKind.AUTOMATIC)
        return (by_hand and by_hand.consultant_id) == (other and other.consultant_id)


@dataclass(frozen=True)
class Compared:
    """All pairings of one round."""

    round_id: int
    #: By hand first, then the automatic one (if there is one), then what became of it (if that is there).
    measures: tuple[Measures, ...]
    initiatives: tuple[InitiativeCompared, ...]
    #: Pairs that are the same by hand and automatically.
    same_pairs: int

    def of(self, kind: PairingKind) -> Measures | None:
        """The measures of one pairing; None = there is none."""
        return next((one for one in self.measures if one.kind is kind), None)


def compared(session: Session, viewer: Viewer, round_id: int) -> Compared:
    """The pairings of a round, side by side.

    What fell out before the pairing by hand was closed counts for none: it left that pairing too.

    Raises:
        RoundNotFoundError: there is no such round, or it is not for this viewer.
        StillHiddenError: the pairing by hand is not closed.
    """
    round_ = session.get(Round, round_id) if viewer.decides else None
    if round_ is None:
        raise RoundNotFoundError(f"there is no round {round_id}")
    if round_.paired_at is None:
        raise StillHiddenError(f"the pairing by hand of round {round_id} is not closed")
    initiatives = _initiatives(session, round_)
    consultants = _consultants(session, round_)
    pairs: dict[PairingKind, list[RoundPair]] = {}
    for pair in session.scalars(select(RoundPair).where(RoundPair.round_id == round_id)):
        if pair.initiative_id in initiatives and pair.consultant_id in consultants:
            pairs.setdefault(pair.kind, []).append(pair)
    answer = newest_answer(session, viewer, round_id, JobPurpose.BESIDE)
    minutes = {PairingKind.BY_HAND: round_.minutes}
    if answer is not None and answer.spent is not None:
        minutes[PairingKind.AUTOMATIC] = answer.spent / 60
    kinds = [PairingKind.BY_HAND]
    if PairingKind.AUTOMATIC in pairs or answer is not None:
        kinds.append(PairingKind.AUTOMATIC)
    if round_.chosen is not None:
        kinds.append(PairingKind.FINAL)
    said = _said(session, round_id)
    measures = tuple(
        measured(
            kind,
            pairs.get(kind, []),
            wanted=len(initiatives),
            consultants=len(consultants),
            minutes=minutes.get(kind),
            said=said,
        )
        for kind in kinds
    )
    sides = _sides(session, round_id, pairs, consultants)
    rows = tuple(
        InitiativeCompared(number, *told, sides=sides.get(number, {})) for number, told in initiatives.items()
    )
    by_hand, automatic = (
        {(pair.initiative_id, pair.consultant_id) for pair in pairs.get(kind, [])}
        for kind in (PairingKind.BY_HAND, PairingKind.AUTOMATIC)
    )
    return Compared(round_id, measures, rows, len(by_hand & automatic))


def measured(
    kind: PairingKind,
    pairs: Sequence[RoundPair],
    *,
    wanted: int,
    consultants: int,
    minutes: float | None,
    said: Mapping[Numbers, Sequence[Mapping[str, Any]]],
) -> Measures:
    """How a pairing does; nothing is asked of the database.

    Args:
        said: pair -> answers to the forms of afterwards.
    """
    fits = [pair.fit for pair in pairs]
    load = Counter(pair.consultant_id for pair in pairs)
    forms = [form for pair in pairs for form in said.get((pair.initiative_id, pair.consultant_id), ())]
    return Measures(
        kind=kind,
        served=len(pairs),
        wanted=wanted,
        lowest=min(fits, default=None),
        median=median(fits) if fits else None,
        total=sum(fits),
        busiest=max(load.values(), default=0),
        working=len(load),
        consultants=consultants,
        despite=sum(bool(pair.broken) for pair in pairs),
        minutes=minutes,
        fit_said=_mean(form.get("fit") for form in forms),
        goal_said=_mean(form.get("goal") for form in forms),
        forms=len(forms),
    )


def _mean(answers: Iterable[Any]) -> float | None:
    known = [answer for answer in answers if isinstance(answer, (int, float))]
    return fmean(known) if known else None


def _initiatives(session: Session, round_: Round) -> dict[int, tuple[str, str]]:
    """Number -> name and municipality of those that were chosen, by name."""
    rows = session.execute(
        select(Initiative.id, Initiative.name, Municipality.name, RoundInitiative.out_at)
        .join(RoundInitiative, RoundInitiative.initiative_id == Initiative.id)
        .join(Municipality, Municipality.code == Initiative.municipality_code)
        .where(RoundInitiative.round_id == round_.id, RoundInitiative.selected.is_(True))
        .order_by(Initiative.name, Initiative.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows if not _fell_out(row.out_at, round_)}


def _consultants(session: Session, round_: Round) -> dict[int, str]:
    """Number -> name."""
    rows = session.execute(
        select(Consultant.id, Consultant.name, RoundConsultant.out_at)
        .join(RoundConsultant, RoundConsultant.consultant_id == Consultant.id)
        .where(RoundConsultant.round_id == round_.id)
        .order_by(Consultant.id)
    )
    return {row.id: row.name for row in rows if not _fell_out(row.out_at, round_)}


def _fell_out(out_at: Any, round_: Round) -> bool:
    return out_at is not None and round_.paired_at is not None and out_at <= round_.paired_at


def _sides(
    session: Session,
    round_id: int,
    pairs: Mapping[PairingKind, Sequence[RoundPair]],
    consultants: Mapping[int, str],
) -> dict[int, dict[PairingKind, Side]]:
    marks = session.scalars(select(RoundMark).where(RoundMark.round_id == round_id, RoundMark.reason != ""))
    reasons = {(mark.initiative_id, mark.consultant_id): mark.reason for mark in marks}
    found: dict[int, dict[PairingKind, Side]] = {}
    for kind, own in pairs.items():
        for pair in own:
            broken = tuple(pair.broken)
            reason = reasons.get((pair.initiative_id, pair.consultant_id), "") if broken else ""
            side = Side(pair.consultant_id, consultants[pair.consultant_id], pair.fit, broken, reason)
            found.setdefault(pair.initiative_id, {})[kind] = side
    return found


def _said(session: Session, round_id: int) -> dict[Numbers, list[Mapping[str, Any]]]:
    rows = session.execute(
        select(Match.initiative_id, Match.consultant_id, Evaluation.answers)
        .join(Evaluation, Evaluation.match_id == Match.id)
        .where(
            Match.round_id == round_id,
            Evaluation.moment == Moment.AFTERWARDS,
            Evaluation.answered_at.is_not(None),
        )
    )
    found: dict[Numbers, list[Mapping[str, Any]]] = {}
    for initiative_id, consultant_id, answers in rows:
        found.setdefault((initiative_id, consultant_id), []).append(answers)
    return found

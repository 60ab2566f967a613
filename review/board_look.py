"""The board as it is now: every initiative with its consultant, and every pair that could be looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from matching.pairs import fit, rules_broken
from matching.problem import HARD, Offered, Part, Problem, Rule, Wanted
from models.store.pairing import MarkRow, PairRow, board_kind, locked_pairs, marks_of, pairs_of
from models.store.rounds import (
    RoundConsultantRow,
    RoundInitiativeRow,
    RoundView,
    consultants_of,
    get_round,
    initiatives_of,
)
from models.store.viewer import Viewer
from models.words import PairingKind
from review.board_words import reasons_words, rule_words
from review.round_problem import key_of, problem_of

#: A row of the board: nobody, paired, paired though soft rules say otherwise, paired though that can't be.
NOBODY, PAIRED, DESPITE, CONFLICT = "niemand", "gekoppeld", "ondanks", "conflict"


@dataclass(frozen=True)
class Look:
    """One pair, looked at as the others are now."""

    wanted: Wanted
    offered: Offered
    #: 0 to 1000, and its parts.
    fit: int
    parts: tuple[Part, ...]
    #: Kilometres as the crow flies; None = not known.
    km: float | None
    #: Slugs of what is wanted and offered.
    shared: tuple[str, ...]
    #: Rules that it breaks, with what other initiatives take of the consultant's hours.
    hard: tuple[Rule, ...]
    soft: tuple[Rule, ...]
    #: Half hours and initiatives that the others leave to the consultant.
    left: int
    places: int
    #: Why soft rules do not count; empty = they do.
    reason: str
    pinned: bool
    forbidden: bool

    @property
    def may(self) -> bool:
        """Whether they can be paired without writing why."""
        return not self.hard and (not self.soft or bool(self.reason))

    @property
    def hard_words(self) -> list[str]:
        """Rules that always hold and that it breaks."""
        return [rule_words(rule, self) for rule in self.hard]

    @property
    def soft_words(self) -> list[str]:
        """Rules that can be set aside and that it breaks."""
        return [rule_words(rule, self) for rule in self.soft]

    @property
    def reasons(self) -> list[str]:
        """Why they fit."""
        return reasons_words(self)


@dataclass(frozen=True)
class Row:
    """One initiative with who stands beside it."""

    initiative: RoundInitiativeRow
    consultant: RoundConsultantRow | None
    #: None = nobody stands beside it.
    look: Look | None
    #: One of the four above.
    state: str
    #: Number of the match that was made from the pair; None = none.
    match_id: int | None

    @property
    def id(self) -> int:
        """Number of the initiative."""
        return self.initiative.initiative_id


@dataclass(frozen=True)
class Load:
    """One consultant with what is left."""

    consultant: RoundConsultantRow
    #: Half hours and initiatives in all, and left.
    half_hours: int
    left: int
    most: int
    places: int
    #: Numbers of the initiatives.
    has: tuple[int, ...]
    available: bool

    @property
    def id(self) -> int:
        """Number of the consultant."""
        return self.consultant.consultant_id


class Board:
    """A round with its pairs, looked at once for one page or one change."""

    def __init__(self, session: Session, viewer: Viewer, round_id: int) -> None:
        """Read it.

        Raises:
            models.store.rounds.RoundNotFoundError: no such round, or not for this viewer.
        """
        self.round: RoundView = get_round(session, viewer, round_id)
        self.kind: PairingKind = board_kind(self.round)
        self.problem: Problem = problem_of(session, round_id, kind=self.kind)
        self.initiatives = {one.initiative_id: one for one in initiatives_of(session, viewer, round_id)}
        self.consultants = {one.consultant_id: one for one in consultants_of(session, viewer, round_id)}
        self.pairs: dict[int, PairRow] = {
            one.initiative_id: one for one in pairs_of(session, round_id, self.kind)
        }
        self.locked = locked_pairs(session, round_id)
        self._marks = {(one.initiative_id, one.consultant_id): one for one in marks_of(session, round_id)}
        self._wanted = {one.key: one for one in self.problem.initiatives}
        self._offered = {one.key: one for one in self.problem.consultants}
        self._has: dict[int, list[int]] = {}
        for pair in self.pairs.values():
            self._has.setdefault(pair.consultant_id, []).append(pair.initiative_id)

    def knows(self, initiative_id: int, consultant_id: int) -> bool:
        """Whether both are in the problem, so that they can be looked at."""
        return key_of(initiative_id) in self._wanted and key_of(consultant_id) in self._offered

    def look(self, initiative_id: int, consultant_id: int) -> Look:
        """How a pair would do, with all other pairs as they are.

        Raises:
            KeyError: one of the two is not in the round.
        """
        wanted, offered = self._wanted[key_of(initiative_id)], self._offered[key_of(consultant_id)]
        found = fit(self.problem, wanted, offered)
        left, places = self._room(offered, consultant_id, initiative_id)
        broken = set(rules_broken(self.problem, wanted, offered))
        if wanted.half_hours > left:
            broken.add(Rule.HOURS)
        if places < 1:
            broken.add(Rule.MAXIMUM)
        mark = self._marks.get((initiative_id, consultant_id)) or MarkRow(
            initiative_id, consultant_id, False, False, ""
        )
        return Look(
            wanted=wanted,
            offered=offered,
            fit=found.fit,
            parts=found.parts,
            km=found.km,
            shared=found.shared,
            hard=tuple(rule for rule in Rule if rule in broken and rule in HARD),
            soft=tuple(rule for rule in Rule if rule in broken and rule not in HARD),
            left=left,
            places=places,
            reason=mark.reason,
            pinned=mark.pinned,
            forbidden=mark.forbidden,
        )

    def _room(self, offered: Offered, consultant_id: int, besides: int | None) -> tuple[int, int]:
        others = [one for one in self._has.get(consultant_id, ()) if one != besides]
        taken = sum(self._half_hours(one) for one in others)
        return offered.half_hours - taken, offered.most - len(others)

    def _half_hours(self, initiative_id: int) -> int:
        wanted = self._wanted.get(key_of(initiative_id))
        return wanted.half_hours if wanted is not None else 0

    @cached_property
    def rows(self) -> list[Row]:
        """The initiatives that can be paired, by name."""
        return [self.row(number) for number in self.initiatives if key_of(number) in self._wanted]

    def row(self, initiative_id: int) -> Row:
        """One initiative with its consultant."""
        pair = self.pairs.get(initiative_id)
        locked = self.locked.get(initiative_id)
        look = None
        if pair is not None and self.knows(initiative_id, pair.consultant_id):
            look = self.look(initiative_id, pair.consultant_id)
        if pair is None:
            state = NOBODY
        elif look is None or not look.may:
            state = CONFLICT
        else:
            state = DESPITE if look.soft else PAIRED
        return Row(
            initiative=self.initiatives[initiative_id],
            consultant=self.consultants.get(pair.consultant_id) if pair is not None else None,
            look=look,
            state=state,
            match_id=locked[1] if locked is not None else None,
        )

    @cached_property
    def loads(self) -> list[Load]:
        """The consultants, by name; those who are not available last."""
        found = [self.load(number) for number in self.consultants if key_of(number) in self._offered]
        return sorted(found, key=lambda one: not one.available)

    def load(self, consultant_id: int) -> Load:
        """One consultant with what is left."""
        offered = self._offered[key_of(consultant_id)]
        left, places = self._room(offered, consultant_id, None)
        return Load(
            consultant=self.consultants[consultant_id],
            half_hours=offered.half_hours,
            left=left,
            most=offered.most,
            places=places,
            has=tuple(self._has.get(consultant_id, ())),
            available=offered.available,
        )

    def candidates(self, initiative_id: int) -> list[tuple[Load, Look]]:
        """All for one initiative: who may, then who may with a reason, then who can’t; each by fit."""
        found = [(load, self.look(initiative_id, load.id)) for load in self.loads]
        return sorted(found, key=lambda one: (order_of(one[1]), -one[1].fit))

    def next_without(self, after: int | None) -> Row | None:
        """The first initiative without a consultant, from one initiative on and then from the start."""
        numbers = [row.id for row in self.rows]
        at = numbers.index(after) + 1 if after in numbers else 0
        around: Iterable[Row] = self.rows[at:] + self.rows[:at]
        return next((row for row in around if row.state == NOBODY and row.id != after), None)


def order_of(look: Look) -> int:
    """0 = can be paired, 1 = with a written reason, 2 = never."""
    return 2 if look.hard else 0 if look.may else 1

"""The automatic pairing as pages show it: each initiative with its reasons, and what else could have been.

Explained on the problem that it was worked out on, not on what has changed since. Read only once it may be
seen: ``models.store`` gives nothing before the pairing by hand is closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from matching.explain import (
    Room,
    WhyNot,
    relaxations,
    room_of,
    runners_up,
    why_not,
)
from matching.pairs import fit, rules_broken
from matching.problem import HARD, Key, Matching, Offered, Pair, Problem, Rule, Wanted
from matching.process import match_apart
from matching.snapshot import of_text
from models.store.pairing import pairs_of
from models.store.round_jobs_list import Answered, newest_answer
from models.store.rounds import consultants_of, initiatives_of
from models.store.viewer import Viewer
from models.words import JobPurpose, PairingKind
from review import round_explained as words
from review.consultant_words import unknown
from review.round_why import why_not_words

#: Ways to help an initiative that has nobody, on its own page.
WAYS = 5
#: Seconds for working out what everything would be with another pair.
WHY_SECONDS = 5.0
#: Initiatives that are explained on one page.
PAGE_SIZE = 50


@dataclass(frozen=True)
class Runner:
    """Somebody who came near."""

    name: str
    fit: str
    why: str


@dataclass(frozen=True)
class Told:
    """One initiative in the automatic pairing, in words."""

    id: int
    name: str
    municipality: str
    #: None = it has nobody.
    consultant: str | None
    fit: str
    reasons: list[str]
    #: The cheapest way to give it somebody, for who has nobody; empty = there is none.
    advice: str


@dataclass(frozen=True)
class ToldPage:
    """Some of the initiatives, explained."""

    rows: list[Told]
    #: Of how many, and how many of them have nobody.
    total: int
    without: int
    #: Which page it is, from 1, and how many there are.
    number: int
    last: int


class AutomaticPairing:
    """The automatic pairing of one round, with what it was worked out on."""

    def __init__(self, session: Session, viewer: Viewer, round_id: int, answer: Answered) -> None:
        self.answer = answer
        self.problem: Problem = of_text(answer.problem)
        self.initiatives = {str(one.initiative_id): one for one in initiatives_of(session, viewer, round_id)}
        self.names = {key: one.name for key, one in self.initiatives.items()}
        self.consultants = {
            str(one.consultant_id): one.name for one in consultants_of(session, viewer, round_id)
        }
        self._wanted = {one.key: one for one in self.problem.initiatives}
        self._offered = {one.key: one for one in self.problem.consultants}
        pairs = pairs_of(session, round_id, PairingKind.AUTOMATIC)
        found = ((str(pair.initiative_id), str(pair.consultant_id)) for pair in pairs)
        #: As it stands: without who fell out since.
        self.keys: frozenset[Key] = frozenset(
            key for key in found if key[0] in self._wanted and key[1] in self._offered
        )
        self._has = dict(self.keys)

    @property
    def done_at(self) -> datetime:
        """When it was worked out."""
        return self.answer.done_at

    @property
    def stopped(self) -> bool:
        """The time was up before everything was proved."""
        return bool(self.answer.result["stopped"])

    @cached_property
    def gaps(self) -> list[tuple[str, str]]:
        """Each aim, and how far it may be from the best."""
        return [
            (str(words.AIMS[gap["aim"]]), words.gap_words(gap)) for gap in self.answer.result.get("gaps", ())
        ]

    def page(self, number: int) -> ToldPage:
        """Some of the initiatives, by name; those without a consultant first, for there is something to do.

        Args:
            number: of the page, from 1; one that is not there is the nearest that is.
        """
        keys = sorted((key for key in self.initiatives if key in self._wanted), key=self._has.__contains__)
        last = max(1, -(-len(keys) // PAGE_SIZE))
        number = min(max(number, 1), last)
        return ToldPage(
            rows=[self.told(key) for key in keys[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]],
            total=len(keys),
            without=sum(key not in self._has for key in keys),
            number=number,
            last=last,
        )

    def knows(self, initiative: str) -> bool:
        """Whether this initiative took part."""
        return initiative in self._wanted and initiative in self.initiatives

    def told(self, key: str) -> Told:
        """One initiative, in words."""
        initiative = self.initiatives[key]
        consultant = self._has.get(key)
        if consultant is None:
            ways = relaxations(self.problem, self.keys, key)
            advice = words.relaxation_words(ways[0], self.consultants) if ways else ""
            return Told(
                initiative.initiative_id, initiative.name, initiative.municipality, None, "", [], advice
            )
        pair = self._pair(self._wanted[key], self._offered[consultant])
        return Told(
            initiative.initiative_id,
            initiative.name,
            initiative.municipality,
            words.named(self.consultants, consultant),
            words.fit_words(pair.fit),
            words.reasons(pair, self._wanted[key], self._offered[consultant]),
            "",
        )

    def _pair(self, wanted: Wanted, offered: Offered) -> Pair:
        return replace(fit(self.problem, wanted, offered), broken=rules_broken(self.problem, wanted, offered))

    def left(self, key: str) -> str:
        """What is left to the consultant of an initiative; empty = it has nobody."""
        consultant = self._has.get(key)
        if consultant is None:
            return ""
        room: Room = room_of(self.problem, self.keys)[consultant]
        return words.left_words(room.half_hours, room.places)

    def runners(self, key: str) -> list[Runner]:
        """Who came near, and why each was not chosen."""
        return [
            Runner(
                words.named(self.consultants, one.pair.consultant),
                words.fit_words(one.pair.fit),
                words.runner_words(one, self.names),
            )
            for one in runners_up(self.problem, self.keys, key)
        ]

    def ways(self, key: str) -> list[str]:
        """What would give an initiative a consultant while all others keep theirs, the cheapest first."""
        return [
            words.relaxation_words(one, self.consultants)
            for one in relaxations(self.problem, self.keys, key)[:WAYS]
        ]

    def nobody(self, key: str) -> str:
        """Why nobody at all may have an initiative; empty = somebody may."""
        counts: dict[Rule, int] = {}
        for offered in self.problem.consultants:
            rules = rules_broken(self.problem, self._wanted[key], offered)
            set_aside = (key, offered.key) in self.problem.set_aside | self.problem.pins
            if not rules or (set_aside and not HARD.intersection(rules)):
                return ""
            counts[rules[0]] = counts.get(rules[0], 0) + 1
        return words.nobody_words(counts)

    def others(self, key: str) -> list[tuple[str, str]]:
        """Number and name of everybody besides whom an initiative has, by name."""
        return sorted(
            (
                (other, name or unknown())
                for other, name in self.consultants.items()
                if self._may_ask(key, other)
            ),
            key=lambda one: (one[1].lower(), one[0]),
        )

    def _may_ask(self, key: str, consultant: str) -> bool:
        return consultant in self._offered and self._has.get(key) != consultant

    def why_not(self, key: str, consultant: str) -> list[str]:
        """Why an initiative does not have this consultant: sentences.

        Raises:
            KeyError: the consultant did not take part, or has it.
            matching.process.MatchingStoppedError: it took too long.
        """
        if not self._may_ask(key, consultant):
            raise KeyError(consultant)
        pairs = tuple(
            self._pair(self._wanted[initiative], self._offered[offered])
            for initiative, offered in sorted(self.keys)
        )
        now = Matching(pairs, ())
        why: WhyNot = why_not(self.problem, now, (key, consultant), seconds=WHY_SECONDS, solve=match_apart)
        return why_not_words(why, self.names, self.consultants)


def automatic_pairing(session: Session, viewer: Viewer, round_id: int) -> AutomaticPairing | None:
    """The automatic pairing; None = there is none, or it may not be seen (yet).

    Raises:
        models.store.rounds.RoundNotFoundError: no such round, or not for this viewer.
    """
    answer = newest_answer(session, viewer, round_id, JobPurpose.BESIDE)
    if answer is None:
        return None
    try:
        return AutomaticPairing(session, viewer, round_id, answer)
    except ValueError:
        # Another version of the product worked it out: its pairs stay on the board, its reasons are gone.
        return None

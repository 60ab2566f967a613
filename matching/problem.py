"""What goes into a matching, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: A pair: key of the initiative, key of the consultant.
Key = tuple[str, str]

#: A fit is a whole number from 0 to this, so that two of them are the same or are not.
FULL = 1000


class Rule(StrEnum):
    """Why a pair can't be, or should not be."""

    #: Never, whatever anybody writes.
    SAME_MUNICIPALITY = "zelfde_gemeente"
    UNAVAILABLE = "niet_beschikbaar"
    FORBIDDEN = "verboden"
    HOURS = "uren"
    MAXIMUM = "maximum"
    #: May be set aside by the project leader, with a written reason.
    TOO_FAR = "te_ver"
    NO_EXPERTISE = "geen_expertise"
    LANGUAGE = "taal"


#: Rules that hold always. That the consultant comes from another municipality is what the network is for.
HARD = frozenset({Rule.SAME_MUNICIPALITY, Rule.UNAVAILABLE, Rule.FORBIDDEN, Rule.HOURS, Rule.MAXIMUM})
#: Rules that a person may set aside for one pair.
SOFT = frozenset(Rule) - HARD


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One initiative that wants help."""

    key: str
    #: CBS code of its municipality, as it is now.
    municipality: str
    #: In half hours, at least 1.
    half_hours: int
    #: Slugs; empty = it was not said what is wanted.
    expertise: frozenset[str] = frozenset()
    theme: str | None = None
    #: Language of the question: ``nl``, ``fy``, ``en`` …
    language: str = "nl"
    #: WGS84 degrees; None = not known.
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One consultant."""

    key: str
    #: CBS code of the own municipality, as it is now.
    municipality: str
    #: Hours left in this round, in half hours.
    half_hours: int
    #: Most initiatives at once.
    most: int = 1
    expertise: frozenset[str] = frozenset()
    #: Themes that the consultant knows, and in how many assignments that was shown before.
    themes: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset({"nl"})
    #: How far the consultant will travel; None = anywhere.
    radius_km: float | None = None
    lat: float | None = None
    lon: float | None = None
    #: Out of this round: on leave, or the own municipality has left.
    available: bool = True


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each part counts for the fit. Only their proportions matter."""

    expertise: float = 50
    theme: float = 20
    experience: float = 10
    distance: float = 10
    language: float = 10


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One matching to be made.

    Raises:
        ValueError: two have the same key, or a pair names somebody who is not there.
    """

    initiatives: tuple[Wanted, ...]
    consultants: tuple[Offered, ...]
    #: Pairs that must be.
    pins: frozenset[Key] = frozenset()
    #: Pairs that must not be: a decline, a conflict of interest.
    forbidden: frozenset[Key] = frozenset()
    #: Pairs for which the soft rules were set aside.
    set_aside: frozenset[Key] = frozenset()
    #: The pairs as they were: of all equally good answers, the one that changes the fewest is taken.
    draft: frozenset[Key] = frozenset()
    weights: Weights = Weights()
    #: (theme, expertise) -> how well that worked out before, -1 to 1; nothing about persons.
    learned: Mapping[tuple[str, str], float] = field(default_factory=dict)
    #: Former municipality -> the one that it became part of.
    successors: Mapping[str, str] = field(default_factory=dict)
    #: Groups of municipalities that share their civil servants: inside one, nobody is "of another".
    together: tuple[frozenset[str], ...] = ()
    #: Most consultants that are looked at for one initiative, the best fitting; None = all.
    candidates: int | None = None

    def __post_init__(self) -> None:
        wanted = {one.key for one in self.initiatives}
        offered = {one.key for one in self.consultants}
        if len(wanted) < len(self.initiatives) or len(offered) < len(self.consultants):
            raise ValueError("two initiatives or two consultants have the same key")
        for pair in self.pins | self.forbidden | self.set_aside | self.draft:
            if pair[0] not in wanted or pair[1] not in offered:
                raise ValueError(f"the pair {pair} names somebody who is not in the round")


@dataclass(frozen=True)
class Part:
    """One part of a fit."""

    #: ``expertise``, ``theme``, ``experience``, ``distance`` or ``language``.
    name: str
    #: 0 to 1.
    value: float
    #: Its share of the whole, 0 to 1; those of all parts add up to 1.
    weight: float


@dataclass(frozen=True)
class Pair:
    """A pair that may be."""

    initiative: str
    consultant: str
    #: 0 to :data:`FULL`.
    fit: int
    parts: tuple[Part, ...]
    #: Kilometres as the crow flies; None = not known.
    km: float | None
    #: Slugs of what is wanted and offered.
    shared: tuple[str, ...]
    #: Soft rules that it breaks and that were set aside for it.
    broken: tuple[Rule, ...] = ()

    @property
    def key(self) -> Key:
        """Both keys."""
        return self.initiative, self.consultant


@dataclass(frozen=True)
class Gap:
    """How far one aim may still be from the best possible."""

    #: ``served``, ``worst``, ``total``, ``load`` or ``changes``.
    aim: str
    #: Value that was reached, and the bound that no answer can be better than.
    value: float
    bound: float
    proved: bool

    @property
    def share(self) -> float:
        """The gap as a share of the bound, 0 = none."""
        return abs(self.bound - self.value) / max(abs(self.bound), 1e-9)


@dataclass(frozen=True)
class Matching:
    """The answer."""

    pairs: tuple[Pair, ...]
    #: One an aim, in the order of the aims.
    gaps: tuple[Gap, ...]
    #: The time limit ended it before everything was proved.
    stopped: bool = False

    @property
    def served(self) -> int:
        """How many initiatives have a consultant."""
        return len(self.pairs)

    @property
    def worst(self) -> int | None:
        """The lowest fit of all pairs; None = there are none."""
        return min((pair.fit for pair in self.pairs), default=None)

    @property
    def total(self) -> int:
        """All fits together."""
        return sum(pair.fit for pair in self.pairs)

    @property
    def keys(self) -> frozenset[Key]:
        """The pairs, by their keys."""
        return frozenset(pair.key for pair in self.pairs)


class Clash(StrEnum):
    """How pins can't all be honoured."""

    RULE = "regel"
    TWICE = "twee_consultants"
    HOURS = "uren"
    MAXIMUM = "maximum"


class PinsClashError(Exception):
    """The pins can't all be; says which, so that a person can take one away."""

    def __init__(
        self, clash: Clash, pins: tuple[Key, ...], *, rule: Rule | None = None, wanted: int = 0, left: int = 0
    ) -> None:
        super().__init__(_sentence(clash, pins, rule, wanted, left))
        self.clash = clash
        self.pins = pins
        #: The rule that one pin breaks.
        self.rule = rule
        #: Half hours (or pairs) that the pins take, and that there are.
        self.wanted, self.left = wanted, left


def _sentence(clash: Clash, pins: tuple[Key, ...], rule: Rule | None, wanted: int, left: int) -> str:
    initiative, consultant = pins[0]
    if clash is Clash.RULE:
        return f"{initiative} is pinned to {consultant}, which breaks a rule that always holds: {rule}"
    if clash is Clash.TWICE:
        names = " and ".join(sorted(pin[1] for pin in pins))
        return f"{initiative} is pinned to {names}: take one of these pins away"
    if clash is Clash.HOURS:
        return f"{consultant} is pinned for {wanted / 2:g} hours, but has {left / 2:g}: take a pin away"
    return f"{consultant} is pinned to {wanted} initiatives, but takes at most {left}: take a pin away"

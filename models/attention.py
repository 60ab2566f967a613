"""Whose turn it is: the mixed order of the queue, worked out without database or clock.

Two things are shared out. Places in the queue among municipalities, by fair queueing: every lead has a
*turn*, a moment on a clock of the queue, and the queue shows the earliest turns first. The leads of one
municipality follow each other on that clock, each as much later as it *costs*. A likely lead costs
little, an unlikely one at most :data:`FULL_COST`, so likely leads come first and still no municipality
waits for ever: its next lead is never later than one full cost.

And the places of one municipality among three kinds of leads: likely ones, uncertain ones and drawn
ones, in fixed proportions, counting what was decided lately.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.settings import Settings

#: What a place costs a municipality when the lead is certainly no initiative; in ticks of the clock.
FULL_COST = 1000
#: Leads from this score on are likely ones; the screens call them "waarschijnlijk" (``review.texts``).
LIKELY_FROM = 0.7
#: The score about which a decision teaches most.
UNCERTAIN_AT = 0.5

#: Flows beside the codes of participating municipalities: leads without municipality, and those of
#: municipalities that do not take part. Each counts as one municipality.
NOWHERE = ""
ELSEWHERE = "elsewhere"


class Kind(StrEnum):
    """Why a lead is worth a look; the order is that in which equals are shown."""

    LIKELY = "likely"
    UNCERTAIN = "uncertain"
    DRAWN = "drawn"


@dataclass(frozen=True)
class Shares:
    """How attention is divided; see ``config/settings.toml`` for the reasons."""

    #: Part of an equal share that a municipality has for certain, above 0.0, at most 1.0.
    guaranteed: float
    #: Places of a municipality by kind, as proportions.
    kinds: Mapping[Kind, float]

    @classmethod
    def of(cls, settings: Settings) -> "Shares":
        """As the settings say."""
        return cls(
            guaranteed=settings.attention_guaranteed,
            kinds={
                Kind.LIKELY: settings.attention_likely,
                Kind.UNCERTAIN: settings.attention_uncertain,
                Kind.DRAWN: settings.attention_drawn,
            },
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open lead, as far as its place in the queue goes."""

    id: int
    #: 0.0 to 1.0.
    score: float
    #: Opened by a random draw from what scored too low.
    drawn: bool = False

    @property
    def kind(self) -> Kind:
        """Which of the three kinds it is."""
        if self.drawn:
            return Kind.DRAWN
        return Kind.LIKELY if self.score >= LIKELY_FROM else Kind.UNCERTAIN


def flow_of(municipality_code: str | None, participating: Iterable[str]) -> str:
    """Whose share a lead uses: a municipality's own, :data:`NOWHERE` or :data:`ELSEWHERE`.

    Args:
        participating: codes; as long as there are none, every municipality has a share of its own.
    """
    if municipality_code is None:
        return NOWHERE
    return municipality_code if not participating or municipality_code in participating else ELSEWHERE


def cost(score: float, guaranteed: float) -> int:
    """What a place costs its municipality, in ticks: :data:`FULL_COST` at score 0, less for likely leads."""
    return max(1, round(FULL_COST * (1 - (1 - guaranteed) * min(max(score, 0.0), 1.0))))


def mixed(
    waiting: Iterable[Waiting], decided: Mapping[Kind, int], kinds: Mapping[Kind, float]
) -> list[Waiting]:
    """The leads of one municipality in the order in which they should be shown.

    Likely leads by score, uncertain ones by nearness to :data:`UNCERTAIN_AT`, drawn ones in the order in
    which they came, so that which of them is looked at says nothing about what they are.

    Args:
        decided: how many of each kind were decided lately: the proportions hold over what was decided
            and what comes next together.
        kinds: places by kind, as proportions.
    """
    lanes: dict[Kind, list[Waiting]] = {kind: [] for kind in Kind}
    for lead in waiting:
        lanes[lead.kind].append(lead)
    lanes[Kind.LIKELY].sort(key=lambda lead: (-lead.score, lead.id))
    lanes[Kind.UNCERTAIN].sort(key=lambda lead: (abs(lead.score - UNCERTAIN_AT), -lead.score, lead.id))
    lanes[Kind.DRAWN].sort(key=lambda lead: lead.id)
    # A lead takes the middle of its place; the last one looked at stood here.
    front = max(((count - 0.5) / kinds[kind] for kind, count in decided.items() if count), default=0.0)
    seats = []
    for place, (kind, leads) in enumerate(lanes.items()):
        # A kind of which nothing came for long comes next, but does not make up for a whole row of places.
        start = max(decided.get(kind, 0) / kinds[kind], front - 0.5 / kinds[kind])
        seats += [
            (round(start + (number + 0.5) / kinds[kind], 9), place, number, lead)
            for number, lead in enumerate(leads)
        ]
    return [lead for *_, lead in sorted(seats, key=lambda seat: seat[:3])]


def turns(order: Sequence[Waiting], start: int, guaranteed: float) -> dict[int, int]:
    """Lead id -> its turn in ticks: the leads of one municipality one after another from ``start``."""
    found, now = {}, start
    for lead in order:
        now += cost(lead.score, guaranteed)
        found[lead.id] = now
    return found


def starts(heads: Mapping[str, int], used: Mapping[str, int]) -> dict[str, int]:
    """Flow -> where on the clock its leads begin.

    A flow that had leads waiting goes on where it was. One that had none begins with those that wait
    longest: neither does it get back the turns that it did not need, nor does it pay for turns that
    nobody else needed.

    Args:
        heads: flow -> where the first of its waiting leads begins, for flows that were waiting already.
        used: flow -> turn of the last lead that was decided on, 0 for none, for all flows with leads.
    """
    front = min(heads.values()) if heads else max(used.values(), default=0)
    return {flow: heads[flow] if flow in heads else max(turn, front) for flow, turn in used.items()}


def fair_shares(demand: Mapping[str, int], places: int) -> dict[str, float]:
    """Flow -> how many of ``places`` are its fair part: equal parts, but to none more than it asks for.

    Args:
        demand: flow -> how many leads it had to be looked at.
        places: how many leads were looked at in all.
    """
    left, parts = float(min(places, sum(demand.values()))), dict.fromkeys(demand, 0.0)
    asking = sorted((flow for flow in demand if demand[flow] > 0), key=lambda flow: (demand[flow], flow))
    for done, flow in enumerate(asking):
        parts[flow] = min(float(demand[flow]), left / (len(asking) - done))
        left -= parts[flow]
    return parts

"""Which place each mention means, and how much it says about where the text plays."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from scout.places.cues import COURT, COURT_TOWNS
from scout.places.mention import WEIGHT, PlaceMention, Role, Sense
from scout.places.regions import TOWN_AND_PROVINCE, WIDE_TALK, Regions

#: Roles in which even the weak name (a word, a surname) of a neighbourhood is a place without support.
PLAINLY_A_QUARTER = frozenset(
    {Role.DATELINE, Role.HERE, Role.MUNICIPALITY, Role.BRACKETS, Role.VILLAGE, Role.INSIDE, Role.HASHTAG}
)
#: The same for the weak name of a town, as those are more often a town than not.
PLAINLY_A_PLACE = PLAINLY_A_QUARTER | {
    Role.RESIDENTS, Role.NEAR, Role.FROM, Role.TOWARDS, Role.OF, Role.MEDIUM,
}  # fmt: skip
#: A weak name there is worth this share of a good one.
WEAK = 0.9
#: Share of its weight that a name adds when it may mean this municipality and another name leads there.
SUPPORT = 0.7
#: The same for a town in a province that the text speaks of, or in whose language it is written.
SUPPORT_BY_PROVINCE = 0.8
#: The first place that a text names, and one in its title, is worth this much more.
FIRST, IN_TITLE = 1.2, 1.25
#: A neighbourhood is worth this share when the towns named lie elsewhere: halls and pubs share its name.
STRAY_QUARTER = 0.4
#: Share for the dateline of a report from court, and for the government or the airport by its town's name.
ELSEWHERE = 0.25
#: Share for a town's name that may mean its province.
OF_THE_PROVINCE = 0.2
#: "Den Haag" without a preposition of place is the government, "Schiphol" the airport.
METONYMS = frozenset({"Den Haag", "Schiphol"})
METONYM_ROLES = frozenset({Role.PLAIN, Role.PART, Role.FROM, Role.TOWARDS})
#: A town's name gives way to a neighbourhood's only where the town of that one is named this strongly.
STRONG = 1.0
#: Kilometres within which two villages speak for each other.
NEIGHBOURS_KM = 18.0
#: Kilometres beyond which one village is not "bij" another.
FAR_KM = 30.0
#: Weight with which the source's municipality tells namesakes apart.
DEFAULT_ANCHOR = 1.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """One mention with the meaning it was given and its weight."""

    mention: PlaceMention
    sense: Sense
    weight: float


def choose(
    text: str, title_end: int, mentions: Sequence[PlaceMention], default: str | None
) -> tuple[list[Chosen], float]:
    """Give each mention a meaning where something decides it.

    Returns:
        The mentions that count, and the weight of the heaviest one that stayed open: a rival that
        could be anywhere.
    """
    regions = Regions.load()
    sure: list[Chosen] = []
    unsure: list[tuple[PlaceMention, float]] = []
    for mention, weight in _weighed(text, title_end, mentions):
        sense = mention.candidates[0]
        plainly = mention.role in (PLAINLY_A_PLACE if sense.is_town else PLAINLY_A_QUARTER)
        if sense.prior > 0 and (not mention.weak or plainly) and not _doubly_weak(mention):
            share = WEAK if mention.weak and sense.is_town else sense.prior
            sure.append(Chosen(mention, sense, weight * share))
        elif weight > 0:
            unsure.append((mention, weight))
    sure = _without_namesakes([one for one in sure if one.weight > 0], text, regions)
    rest = _Rest(text, regions, default, sure, [mention for mention, _ in unsure])
    decided = [rest.reconsidered(chosen) for chosen in sure]
    rest = _Rest(text, regions, default, decided, rest.unsure)
    open_weight = 0.0
    for mention, weight in unsure:
        meaning = rest.supported(mention)
        if meaning is not None:
            hinted = meaning.is_town and regions.province(meaning.municipality_code) in rest.hinted
            decided.append(Chosen(mention, meaning, weight * (SUPPORT_BY_PROVINCE if hinted else SUPPORT)))
        elif len(mention.candidates) > 1 and _may_be_town(mention):
            open_weight = max(open_weight, weight)
    return _without_strays(decided), open_weight


@dataclass
class _Rest:
    """What else a text says, to decide what one of its names means."""

    text: str
    regions: Regions
    #: Municipality of the source.
    default: str | None
    chosen: Sequence[Chosen]
    unsure: Sequence[PlaceMention]

    @cached_property
    def hinted(self) -> frozenset[str]:
        """The provinces that the text speaks of."""
        return self.regions.hinted(self.text)

    def anchors(self, *, without: str = "") -> dict[str, float]:
        """How strongly each municipality is named, by other names than ``without``."""
        anchors: dict[str, float] = defaultdict(float)
        for one in self.chosen:
            if one.mention.name != without:
                anchors[one.sense.municipality_code] += one.weight
        if self.default is not None:
            anchors[self.default] += DEFAULT_ANCHOR
        return anchors

    @cached_property
    def all_anchors(self) -> dict[str, float]:
        return self.anchors()

    def reconsidered(self, chosen: Chosen) -> Chosen:
        """The usual meaning of an ambiguous name gives way to one that the rest of the text supports."""
        own, candidates = chosen.sense, chosen.mention.candidates
        if len(candidates) == 1 or chosen.mention.role is Role.MUNICIPALITY:
            return chosen
        anchors = self.anchors(without=chosen.mention.name)
        best = max(candidates, key=lambda sense: (anchors.get(sense.municipality_code, 0.0), sense is own))
        strength = anchors.get(best.municipality_code, 0.0)
        if best is not own and strength > (0.0 if best.is_town else STRONG):
            return replace(chosen, sense=best)
        if strength > 0:
            return chosen
        towns = [sense for sense in candidates if sense.is_town]
        meaning = self.regions.named_within(self.text, towns, own.name)
        if (
            meaning is None
            and self.hinted
            and self.regions.province(own.municipality_code) not in self.hinted
        ):
            meaning = self.regions.only_one_in(self.hinted, towns)
        return replace(chosen, sense=meaning) if meaning is not None else chosen

    def supported(self, mention: PlaceMention) -> Sense | None:
        """What a name means that alone says too little; None if nothing tells."""
        anchors = self.all_anchors
        leading = [sense for sense in mention.candidates if sense.municipality_code in anchors]
        if leading:
            return max(leading, key=lambda sense: anchors[sense.municipality_code])
        if not _may_be_town(mention):
            return None
        towns = [sense for sense in mention.candidates if sense.is_town]
        named = self.regions.named_within(self.text, towns, mention.name)
        if named is not None:
            return named
        others = {
            sense.municipality_code
            for other in self.unsure
            for sense in other.candidates
            if other.name != mention.name and sense.is_town
        }
        together = [sense for sense in towns if sense.municipality_code in others]
        if len(together) == 1:
            return together[0]
        first = sorted(anchors, key=lambda code: -anchors[code])
        return self.regions.nearest(towns, first, self.hinted, NEIGHBOURS_KM)


def _doubly_weak(mention: PlaceMention) -> bool:
    """A word or surname that several places have, none of them a municipality: "Haren", "Nieuwland"."""
    if not mention.weak or mention.candidates[0].kind != "town":
        return False
    return len(mention.candidates) > 2 or sum(sense.is_town for sense in mention.candidates) > 1


def _may_be_town(mention: PlaceMention) -> bool:
    return mention.candidates[0].is_town and (not mention.weak or mention.role in PLAINLY_A_PLACE)


def _weighed(
    text: str, title_end: int, mentions: Sequence[PlaceMention]
) -> Iterator[tuple[PlaceMention, float]]:
    """Each mention with its worth by role and place in the text."""
    first = True
    court = wide = None
    buildings = {mention.name for mention in mentions if mention.role is Role.BUILDING}
    for mention in mentions:
        weight = WEIGHT[Role.BUILDING if mention.name in buildings else mention.role]
        if weight > 0 and (not mention.weak or mention.role in PLAINLY_A_PLACE):
            weight *= FIRST if first else 1.0
            first = False
        if mention.start < title_end:
            weight *= IN_TITLE
        if mention.name in METONYMS and mention.role in METONYM_ROLES:
            weight *= ELSEWHERE
        if mention.role is Role.DATELINE and mention.name in COURT_TOWNS:
            court = bool(COURT.search(text)) if court is None else court
            weight *= ELSEWHERE if court else 1.0
        elif mention.name in TOWN_AND_PROVINCE and mention.role is not Role.DATELINE:
            wide = bool(WIDE_TALK.search(text)) if wide is None else wide
            weight *= OF_THE_PROVINCE if wide else 1.0
        yield mention, weight


def _without_namesakes(sure: list[Chosen], text: str, regions: Regions) -> list[Chosen]:
    """In "Veenhuizen bij Heerhugowaard" the first is a hamlet there, not the village far away."""
    kept = list(sure)
    for one, other in pairwise(sure):
        if text[one.mention.end : other.mention.start] != " bij " or not one.sense.is_town:
            continue
        if regions.distance_km(one.sense, other.sense.municipality_code) > FAR_KM:
            kept.remove(one)
            kept[kept.index(other)] = replace(other, weight=one.weight)
    return kept


def _without_strays(decided: list[Chosen]) -> list[Chosen]:
    """Weaken neighbourhoods that stand alone while the text names towns elsewhere."""
    with_town = {
        chosen.sense.municipality_code
        for chosen in decided
        if _names_a_town(chosen.sense) and chosen.weight >= WEIGHT[Role.TOWARDS]
    }
    if not with_town:
        return decided
    return [
        chosen
        if _names_a_town(chosen.sense) or chosen.sense.municipality_code in with_town
        else replace(chosen, weight=chosen.weight * STRAY_QUARTER)
        for chosen in decided
    ]


def _names_a_town(sense: Sense) -> bool:
    """It is a town, or a neighbourhood with the municipality's name in front ("Almere Haven")."""
    return sense.is_town or sense.name.startswith(Regions.load().name(sense.municipality_code))

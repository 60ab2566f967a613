"""How a place stands in its sentence: one rule for each role, tried in order."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from scout.places import cues
from scout.places.context import Context
from scout.places.mention import PlaceMention, Role

#: What follows the name in a dateline: "ARNHEM - ", "Velp (Rheden) – ", "ARNHEM/NIJMEGEN - ".
AFTER_DATELINE = re.compile(
    r"(?:\s?[/,&]\s?[A-Z][\w' /-]{1,30}|\sen\s[A-Z][\w'-]{2,30})?\s?(?:\([\w .,'/-]{1,40}\)\s?)?"
    r"(?:\s[-–—|•]{1,2}\s|\s?[–—]\s|: )"
)
#: Roles that the next place of an enumeration does not share.
NOT_INHERITED = frozenset({Role.ADJECTIVE, Role.PERSON, Role.HASHTAG, Role.DATELINE, Role.PART, Role.WITHIN})


@dataclass(frozen=True)
class Name:
    """What the gazetteer knows of the name itself (see ``scout.places.names.Form``)."""

    town: bool
    weak: bool
    surname: bool
    word: bool


class Spot:
    """A name where it stands: words ``first`` to ``last``, characters ``start`` to ``end``."""

    def __init__(
        self, context: Context, name: Name, span: tuple[int, int, int, int], before: list[PlaceMention]
    ) -> None:
        self.context, self.name, self.text = context, name, context.text
        self.first, self.last, self.start, self.end = span
        #: The mention before this one.
        self.earlier = before[-1] if before else None

        words = context.before(self.first, 5)
        #: The articles and the like right before it ("in de", "ons"), in small letters.
        self.skipped: list[str] = []
        while words and words[0].lower() in cues.FILLERS and (words[0].islower() or len(words) == 1):
            self.skipped.append(words.pop(0).lower())
        #: Up to five words of its clause before those, nearest first.
        self.previous = words

    @cached_property
    def lower(self) -> list[str]:
        return [word.lower() for word in self.previous]

    @cached_property
    def one(self) -> str:
        """The word before it in small letters, or an empty string."""
        return self.lower[0] if self.lower else ""

    @cached_property
    def two(self) -> str:
        """The word before that."""
        return self.lower[1] if len(self.lower) > 1 else ""

    @cached_property
    def following(self) -> str:
        """The word right behind it, or an empty string."""
        return self.context.after(self.last)

    @cached_property
    def follows_capital(self) -> bool:
        """A word with a capital stands right before it: "Buurtbus Velp", "Piet Beek"."""
        return bool(self.previous) and self.previous[0][0].isupper() and not self.skipped

    def capital_inside(self, back: int) -> bool:
        """The word ``back`` words before has a capital, though no sentence starts there."""
        if len(self.previous) < back or not self.previous[back - 1][0].isupper():
            return False
        return not self.context.starts_sentence(self.context.words[self.first - back][0])


def role_of(
    context: Context, name: Name, span: tuple[int, int, int, int], before: list[PlaceMention]
) -> Role:
    """The role of a name in its sentence.

    Args:
        span: its first and last word, its first character and the one after its last.
        before: the mentions that were found earlier in the text.
    """
    spot = Spot(context, name, span, before)
    if spot.earlier is not None and context.text[spot.earlier.end : spot.start] in cues.LIST_GAPS:
        if spot.earlier.role is Role.DATELINE and AFTER_DATELINE.match(context.text, spot.end):
            return Role.DATELINE
        if spot.earlier.role not in NOT_INHERITED:
            return spot.earlier.role
    for role, applies in RULES:
        if applies(spot):
            return role
    return Role.PLAIN


def _dateline(spot: Spot) -> bool:
    if not AFTER_DATELINE.match(spot.text, spot.end) or not spot.context.starts_line(spot.start):
        return False
    return not (spot.name.weak and spot.name.word and spot.text.startswith(":", spot.end))


def _brackets(spot: Spot) -> bool:
    if not spot.text.startswith((")", ","), spot.end):
        return False
    opening = spot.text.rfind("(", max(0, spot.start - 24), spot.start)
    return opening >= 0 and spot.text[opening + 1 : spot.start].strip().lower() in {
        "",
        "gemeente",
        "gem.",
        "gem",
    }


def _person(spot: Spot) -> bool:
    """A surname, or a weak name as a part of a longer one."""
    name = spot.name
    if name.weak and spot.following[:1].isupper() and spot.following not in cues.PARTS_OF_A_TOWN:
        return True
    if not name.town and spot.one in cues.TITLES:
        return True
    if spot.one == "van" and (name.weak or name.surname):
        if spot.two in cues.ABOUT:
            return False
        return (
            spot.capital_inside(1) or spot.two in cues.TITLES or (spot.capital_inside(2) and not spot.skipped)
        )
    return False


def _surname(spot: Spot) -> bool:
    """A weak name that stands as surnames do, where no rule for places applied."""
    if not (spot.name.weak or spot.name.surname) or not spot.previous:
        return False
    after_particle = spot.one in cues.PARTICLES and len(spot.previous) > 1
    return spot.one in cues.TITLES or after_particle or spot.follows_capital


def _compared(spot: Spot) -> bool:
    if any(word in cues.COMPARED_BEFORE for word in spot.lower[1:4]):
        return True
    if any(word in cues.OFFICES for word in spot.lower[2:5]):
        return True
    if cues.AMONG_OTHERS.search(spot.text, max(0, spot.start - 90), spot.start):
        return True
    if "net als" in " ".join(reversed(spot.lower[:4])):
        return True
    placed = spot.one in cues.INSIDE_BEFORE or spot.one in cues.NEAR_BEFORE
    return placed and cues.COMPARED_AFTER.match(spot.text, spot.end) is not None


def _institution(spot: Spot) -> bool:
    if spot.one in cues.INSTITUTION_BEFORE or spot.following.lower() in cues.INSTITUTION_AFTER:
        return True
    return spot.one == "van" and spot.two in cues.INSTITUTION_BEFORE


def _village(spot: Spot) -> bool:
    return spot.one in cues.VILLAGE_BEFORE or (spot.one in cues.VAN and spot.two in cues.VILLAGE_BEFORE)


def _residents(spot: Spot) -> bool:
    if spot.one in cues.FROM_BEFORE:
        return spot.two in cues.PEOPLE
    return spot.one in cues.VAN and spot.two in cues.RESIDENTS


def _beside_other(spot: Spot) -> bool:
    """The second in "Beek bij Nijmegen" only says which Beek."""
    earlier = spot.earlier
    if earlier is None or not earlier.candidates[0].is_town:  # "de Linge bij Beesd" is a river
        return False
    return spot.text[earlier.end : spot.start] == " bij "


def _has_other_beside(spot: Spot) -> bool:
    return spot.text.startswith(" bij ", spot.end) and spot.text[spot.end + 5 : spot.end + 6].isupper()


def _near(spot: Spot) -> bool:
    if spot.one in cues.VAN and spot.two in {"buurt", "omgeving"}:
        return len(spot.lower) > 2 and spot.lower[2] in {"de", "in", "uit"}
    return spot.one in cues.NEAR_BEFORE


#: Role -> when a name has it; the first that applies counts.
RULES: tuple[tuple[Role, Callable[[Spot], bool]], ...] = (
    (Role.DATELINE, _dateline),
    (Role.HASHTAG, lambda spot: spot.start > 0 and spot.text[spot.start - 1] == "#"),
    (Role.HERE, lambda spot: "ons" in spot.skipped),
    (Role.BRACKETS, _brackets),
    (Role.FAR, _beside_other),
    (Role.PERSON, _person),
    (
        Role.BUILDING,
        lambda spot: not spot.name.town and cues.is_building(spot.one, spot.context.words[spot.first][2]),
    ),
    (Role.TOWARDS, lambda spot: spot.one in {"van", "fan"} and spot.following in {"naar", "tot", "nei"}),
    (Role.MUNICIPALITY, lambda spot: spot.one in cues.MUNICIPALITY_BEFORE),
    (Role.COMPARED, _compared),
    (Role.INSTITUTION, _institution),
    (Role.MEDIUM, lambda spot: spot.one in cues.MEDIUM_BEFORE),
    (Role.HERE, lambda spot: spot.one in cues.INSIDE_BEFORE and spot.two in cues.HERE_BEFORE),
    (Role.INSIDE, lambda spot: spot.one in cues.INSIDE_BEFORE),
    (Role.NEAR, _near),
    (Role.MUNICIPALITY, lambda spot: spot.one in cues.VAN and spot.two in cues.MUNICIPALITY_BEFORE),
    (Role.VILLAGE, _village),
    (Role.RESIDENTS, _residents),
    (Role.INSIDE, _has_other_beside),
    (Role.FROM, lambda spot: spot.one in cues.FROM_BEFORE),
    (Role.TOWARDS, lambda spot: spot.one in cues.TOWARDS_BEFORE),
    (Role.FAR, lambda spot: spot.one in cues.VAN and spot.two in cues.FAR_BEFORE),
    (Role.OF, lambda spot: spot.one in cues.VAN),
    (Role.PERSON, _surname),
    (Role.PART, lambda spot: spot.follows_capital or spot.following[:1].isupper()),
)

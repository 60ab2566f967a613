"""The front door: the places of a text and the municipality it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scout.places.gazetteer import Gazetteer
from scout.places.locate import Location, locate
from scout.places.mention import PlaceMention, Role, Sense
from scout.places.senses import PLAINLY_A_PLACE

#: Not names of places: words made of them, people, buildings and longer words.
NOT_SHOWN = frozenset({Role.ADJECTIVE, Role.PERSON, Role.WITHIN})


@dataclass(frozen=True, slots=True)
class Placed:
    """What :func:`place` says of one text."""

    location: Location
    #: The places that the text names, each with one meaning where that is known; offsets in
    #: ``title + "\\n" + text``.
    places: tuple[PlaceMention, ...]


def place(title: str, text: str, default: str | None = None) -> Placed:
    """Name the places of a text and say which municipality it is about.

    Args:
        default: CBS code of the municipality that the source is about, if there is one.
    """
    mentions = Gazetteer.load().find(f"{title}\n{text}")
    location = locate(title, text, mentions, default)
    return Placed(location, named(mentions, location))


def named(mentions: Sequence[PlaceMention], location: Location) -> tuple[PlaceMention, ...]:
    """The mentions that name a place, with the meaning that fits ``location``."""
    shown: list[PlaceMention] = []
    for mention in mentions:
        if mention.role in NOT_SHOWN:
            continue
        code = location.municipality_code
        sense = next((sense for sense in mention.candidates if sense.municipality_code == code), None)
        if sense is not None:
            shown.append(meaning(mention, sense))
        elif not mention.weak or (mention.role in PLAINLY_A_PLACE and mention.candidates[0].is_town):
            shown.append(mention)
    return tuple(shown)


def meaning(mention: PlaceMention, sense: Sense) -> PlaceMention:
    """``mention`` with one of its candidates as what it means."""
    return replace(
        mention,
        name=sense.name,
        code=sense.code,
        kind=sense.kind,
        key=sense.key,
        municipality_code=sense.municipality_code,
    )

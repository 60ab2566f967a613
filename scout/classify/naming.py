"""What a text calls the initiative, and the organisation behind it; empty rather than unsure.

Each rule proposes stretches of the text with a weight: a word of a kind with a name behind it
("Buurtbus Velp", "stichting Mooi Binnenveld"), words that give a name ("onder de naam"), an apposition
("HET, een initiatief van") or a name that is said again. What governments, companies, professionals,
parties, media and streets are called is never proposed, and no name of a person ever.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scout.classify.naming_rules import RULES
from scout.classify.naming_text import Finder, Proposal, key_of
from scout.classify.reading import Reading
from scout.places.mention import PlaceMention

#: Less than this is not said.
ENOUGH = 3.0
#: Characters of a text that names are looked for in: who acts is said before. The longest text of the corpus
#: has under 2,000 (2026-11-22).
LOOKED_AT = 6_000
#: What a further proposal of the same name adds, and how often.
AGAIN, AGAIN_AT_MOST = 0.5, 3
IN_TITLE = 0.5


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it stands in the text, quotation marks left out."""

    #: First letter made a capital: "Stichting Mooi Binnenveld".
    text: str
    #: Offsets in ``title + "\\n" + text``.
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Names:
    """What a text calls the initiative and the organisation behind it; None where it does not say."""

    initiative: Name | None = None
    organisation: Name | None = None


#: Of a text that gives no names.
NOTHING_NAMED = Names()


def names_of(title: str, text: str, reading: Reading, places: Sequence[PlaceMention] = ()) -> Names:
    """Name of the initiative and of the organisation behind it, where the text gives them.

    Args:
        reading: of ``title`` and ``text``; its first :data:`LOOKED_AT` characters are looked at.
        places: the places that the text names.
    """
    found = Finder(reading.text[:LOOKED_AT], len(title), [one for one in places if one.end <= LOOKED_AT])
    best = {flag: _best(found, flag) for flag in (False, True)}
    initiative, organisation = best[False], best[True]
    if initiative and organisation and _same(found.text, initiative, organisation):
        initiative = None
    return Names(_name(found.text, initiative), _name(found.text, organisation))


def _same(text: str, one: Proposal, other: Proposal) -> bool:
    """The one names the other: "stichting Voedselbos Velp" and "Voedselbos Velp"."""
    first, second = (text[found.start : found.end].lower() for found in (one, other))
    return first in second or second in first


def _name(text: str, found: Proposal | None) -> Name | None:
    if found is None:
        return None
    written = text[found.start : found.end]
    return Name(written[:1].upper() + written[1:], found.start, found.end)


def _best(found: Finder, organisation: bool) -> Proposal | None:
    """The weightiest proposal; the same name said again weighs more."""
    groups: dict[str, list[Proposal]] = {}
    for one in _proposals(found):
        if one.organisation is organisation:
            groups.setdefault(key_of(found.text[one.start : one.end]), []).append(one)
    ranked = [
        (max(one.weight for one in same) + AGAIN * min(len(same) - 1, AGAIN_AT_MOST), -same[0].start, same)
        for same in groups.values()
    ]
    if not ranked:
        return None
    weight, _, same = max(ranked, key=lambda entry: entry[:2])
    return max(same, key=lambda one: (one.weight, one.start)) if weight >= ENOUGH else None


def _proposals(found: Finder) -> Iterator[Proposal]:
    """Everything that may be a name, with its weight."""
    for rule in RULES:
        for one in rule(found):
            if found.may_be(one.start, one.end):
                title = IN_TITLE if one.end <= found.title_end else 0.0
                yield Proposal(one.start, one.end, one.weight + title, one.organisation)

"""A text as names are looked for in it: what stands before a stretch, and whether it may be a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scout.classify import naming_cues as cues
from scout.classify.lexicon import OTHERS, classes_of
from scout.classify.reading import fold
from scout.group.given_names import GIVEN_NAMES
from scout.places.gazetteer import Gazetteer
from scout.places.mention import PlaceMention, Role

#: Characters of a name at most; longer runs of capitals are headlines.
LONGEST = 60
#: Classes whose members never are the name of an initiative.
PROFESSIONAL = frozenset(OTHERS) & {
    "GEMEENTE",
    "WELZIJN",
    "CORPORATIE",
    "INSTELLING",
    "BEROEPS",
    "BEDRIJF",
    "PARTIJ",
    "LANDELIJK",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    start: int
    end: int
    weight: float
    organisation: bool = False


def key_of(name: str) -> str:
    return re.sub(rf"^{cues.ARTICLE} ", "", name).lower()


@lru_cache(maxsize=10_000)
def made_of_a_town(word: str) -> bool:
    """ "Haagse", "Vlaardinger"."""
    return any(found.role is Role.ADJECTIVE for found in Gazetteer.load().find(word))


@lru_cache(maxsize=10_000)
def is_given_name(word: str) -> bool:
    folded = fold(word)[0]
    return folded in GIVEN_NAMES or "PERSOON" in classes_of(folded)


class Finder:
    """All proposals of one text."""

    def __init__(self, text: str, title_end: int, places: Sequence[PlaceMention]) -> None:
        self.text, self.title_end = text, title_end
        self.places = [one for one in places if one.role is not Role.PERSON]
        self.place_at = {position for one in self.places for position in range(one.start, one.end)}

    def before(self, start: int, count: int) -> list[str]:
        """Up to ``count`` words before ``start`` in the sentence, nearest first, in small letters."""
        sentence = re.split(r"[.!?;:\n]", self.text[max(0, start - 90) : start])[-1]
        return [word.lower() for word in reversed(cues.WORD.findall(sentence))][:count]

    def opens_sentence(self, start: int) -> bool:
        before = self.text[:start].rstrip(" '’‘\"“„(-–•*#")
        return not before or before[-1] in ".!?:;\n…|" or ord(before[-1]) > 0x2190

    def is_place(self, start: int, end: int) -> bool:
        """Nothing but names of places, articles left out."""
        return all(
            match.start() + start in self.place_at or match.group() in cues.SMALL
            for match in cues.WORD.finditer(self.text[start:end])
        )

    def may_be(self, start: int, end: int) -> bool:
        """Not a place alone, a street, a person, or something of professionals."""
        name = self.text[start:end]
        parts = cues.WORD.findall(name)
        if not parts or not 3 <= len(name) <= LONGEST or "#" in name or "\n" in name:
            return False
        if self.is_place(start, end) or (len(parts) == 1 and cues.STREET.search(parts[0])):
            return False
        return not self._person(start, end, parts) and not PROFESSIONAL & set(classes_of(fold(parts[0])[0]))

    def _person(self, start: int, end: int, parts: list[str]) -> bool:
        """It has a given name, or stands as persons do; rather one name too few than one person's."""
        name, previous, first = self.text[start:end], self.before(start, 1), parts[0].lower()
        given = any(
            is_given_name(part)
            for part in parts
            if part[0].isupper() and not self._in_place(name, part, start)
        )
        return (
            given
            or first in cues.PERSONAL
            or first.startswith(("oud-", "ex-"))  # "Oud-postbode Marien"
            or bool(previous and previous[0] in cues.PERSONAL | cues.SAYING)
            or cues.AGE.match(self.text, end) is not None
            or self._surname(name)
        )

    def _surname(self, name: str) -> bool:
        """ "De Lange", where the text elsewhere has "Kees de Lange"."""
        article, _, last = name.partition(" ")
        if article.lower() not in {"de", "het", "'t", "’t", "van"} or " " in last:
            return False
        particle = r"(?i:(?:van )?(?:de|den|der|het|['’]t))"
        return re.search(rf"{cues.CAPITAL} {particle} {re.escape(last)}(?!\w)", self.text) is not None

    def _in_place(self, name: str, part: str, start: int) -> bool:
        return start + name.index(part) in self.place_at

    def cut(self, start: int, end: int) -> int:
        """End of a run of capitals without what only follows it: "Voedselbos X in Y", "Stichting X en Z"."""
        for match in cues.LINK.finditer(self.text, start, end):
            link = match["link"]
            left = cues.WORD.findall(self.text[start : match.start()])
            right = re.match(r"[\w-]+", self.text[match.end() :])
            if link in {"in", "op", "te"} and left[-1].lower() not in cues.GOES_ON:
                return match.start()
            if link in {"en", "&"} and (len(left) > 2 or (right and cues.BODY.match(right.group() + " A"))):
                return match.start()
        return end

    def ahead(self, match: re.Match[str]) -> tuple[int, int, bool] | None:
        """Where the name after a cue stands, and whether in quotation marks."""
        if match["quoted"]:
            start, end = match.span("quoted")
            return start, end - len(match["quoted"]) + len(match["quoted"].rstrip(" ,.")), True
        if match["run"]:
            start = match.start("run")
            return start, self.cut(start, match.end("run")), False
        return None

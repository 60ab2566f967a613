"""What in the words of a lesson tells who it was: names of the parties, addresses and telephone numbers.

No machine finds everything that tells who somebody is. This finds what must never stand there; a person reads
the rest before others see it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.match import Match
from models.municipality import Municipality
from models.place import Place
from models.round import RoundInitiative

EMAIL = re.compile(r"[^\s@<>(),;]+@[^\s@<>(),;]+")
WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
#: Nine digits or more with little between them: a telephone number, or another number of a person.
NUMBER = re.compile(r"(?<!\d)(?:\+|\(?0|\d)(?:[\s().\-/]{0,3}\d){8,}")
#: Words in names of people that say nothing by themselves.
SMALL = frozenset(
    {"van", "von", "de", "den", "der", "het", "ten", "ter", "te", "in", "op", "aan", "bij", "el", "al", "la"}
)
#: A shorter part of a name is an initial, or an ordinary word.
SHORTEST = 3


class Revealing(StrEnum):
    """How a passage tells who it was."""

    EMAIL = "email"
    WEB = "web"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True)
class Shown:
    """One passage that tells who it was."""

    how: Revealing
    #: As it stands in the text.
    passage: str


def revealing(session: Session, text: str, match_id: int | None) -> list[Shown]:
    """Every passage of ``text`` that tells who it was, in the order of the text, each once.

    Args:
        match_id: names of the parties of this match are looked for; None = no names are known.
    """
    found: dict[range, Shown] = {}
    for how, pattern in (
        (Revealing.EMAIL, EMAIL),
        (Revealing.WEB, WEB),
        (Revealing.NUMBER, NUMBER),
        *((Revealing.NAME, pattern) for pattern in _names(session, match_id)),
    ):
        for one in pattern.finditer(text):
            # A name within an address, or a part of a whole name, is told already.
            if not any(one.start() in span for span in found):
                found[range(*one.span())] = Shown(how, one[0])
    return list(dict.fromkeys(found[span] for span in sorted(found, key=lambda span: span.start)))


def _names(session: Session, match_id: int | None) -> list[re.Pattern[str]]:
    """Patterns of the names of who and what a match is about, the longest of each first."""
    if match_id is None:
        return []
    match = session.get_one(Match, match_id)
    initiative = session.get_one(Initiative, match.initiative_id)
    consultant = session.get_one(Consultant, match.consultant_id)
    host = session.scalar(
        select(RoundInitiative.host_name).where(
            RoundInitiative.round_id == match.round_id,
            RoundInitiative.initiative_id == match.initiative_id,
        )
    )
    towns = session.scalars(
        select(Municipality.name).where(
            Municipality.code.in_({initiative.municipality_code, consultant.municipality_code})
        )
    )
    places = session.scalars(
        select(Place.name).where(Place.key.in_([initiative.place_key or "", consultant.place_key or ""]))
    )
    wholes = [initiative.name, consultant.name, consultant.employer_name, host or ""]
    patterns = [_pattern(name, re.IGNORECASE) for name in wholes if len(name) >= SHORTEST]
    # In one's own name every part tells who it is. A contact person may also be written as a function: there,
    # and in names of places, only a word with its capital counts ("Best", "Huizen").
    patterns += [_pattern(part, re.IGNORECASE) for part in _parts(consultant.name)]
    patterns += [_pattern(part) for name in (consultant.employer_name, host or "") for part in _parts(name)]
    return patterns + [_pattern(name) for name in (*towns, *places)]


def _parts(name: str) -> list[str]:
    """Words of a name that tell something by themselves."""
    words = re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", name)
    return [word for word in words if len(word) >= SHORTEST and word.casefold() not in SMALL]


def _pattern(name: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    spaced = r"\s+".join(re.escape(word) for word in name.split())
    return re.compile(rf"(?<!\w){spaced}(?!\w)", flags)

"""What the gazetteer finds: one mention of a place, and what its name may mean."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """How a place stands in its sentence; ``WEIGHT`` says what that is worth."""

    DATELINE = "dateline"  # "ARNHEM - ", "Westerhaar (Twenterand) – "
    MUNICIPALITY = "municipality"  # "gemeente X", "burgemeester van X"
    BRACKETS = "brackets"  # "Zevenhuizen (Zuidplas)"
    VILLAGE = "village"  # "het dorp X", "de wijk X", "wijkvereniging X"
    RESIDENTS = "residents"  # "inwoners van X", "ouders uit X"
    HERE = "here"  # "hier in X", "bij ons in X", "ons X"
    INSIDE = "inside"  # "in X", "te X"
    NEAR = "near"  # "bij X", "rond X"
    HASHTAG = "hashtag"  # "#X"
    PLAIN = "plain"
    OF = "of"  # "van X"
    PART = "part"  # part of a longer name: "Buurtbus X", "X Zuid-Oost Beheer"
    BUILDING = "building"  # "sportpark De Wierden": named like a neighbourhood somewhere
    MEDIUM = "medium"  # "Omroep X", "station X", "vv X"
    WITHIN = "within"  # in a longer word or an address: "Texelfonds"
    FROM = "from"  # "uit X"
    TOWARDS = "towards"  # "naar X", "richting X", "tegen X"
    COMPARED = "compared"  # "net als in X", "naar voorbeeld van X"
    INSTITUTION = "institution"  # "Universiteit X", "FC X", "rechtbank X"
    FAR = "far"  # "tien kilometer van X"
    ADJECTIVE = "adjective"  # "Arnhemse", "Eibergenaren"
    PERSON = "person"  # "Joke van X"


#: What one mention is worth by its role.
WEIGHT = {
    Role.DATELINE: 5.0,
    Role.HERE: 3.2,
    Role.MUNICIPALITY: 2.6,
    Role.BRACKETS: 2.2,
    Role.VILLAGE: 2.2,
    Role.RESIDENTS: 2.0,
    Role.INSIDE: 2.0,
    Role.HASHTAG: 1.6,
    Role.PLAIN: 1.5,
    Role.NEAR: 1.3,
    Role.OF: 1.3,
    Role.PART: 1.2,
    Role.ADJECTIVE: 0.9,
    Role.FROM: 0.7,
    Role.MEDIUM: 0.7,
    Role.WITHIN: 0.7,
    Role.TOWARDS: 0.55,
    Role.BUILDING: 0.4,
    Role.COMPARED: 0.2,
    Role.INSTITUTION: 0.2,
    Role.FAR: 0.2,
    Role.PERSON: 0.0,
}


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a name may mean."""

    #: The official name, BAG suffix removed.
    name: str
    #: ``GM0202``, a BAG code (``1245``) or a CBS code (``WK``/``BU``); empty where it has none.
    code: str
    #: ``municipality``, ``town``, ``district``, ``neighbourhood``, ``alias`` or ``known``.
    kind: str
    #: Key of the place in ``models.geo``; empty for a municipality without a town of its name.
    key: str
    municipality_code: str
    #: How far the bare name means this one: 1.0 surely, 0.0 only where something else supports it.
    prior: float

    @property
    def is_town(self) -> bool:
        """A municipality or town, not a part of one."""
        return self.kind in {"municipality", "town"}


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """One mention of a place in a text.

    ``code``, ``kind``, ``key`` and ``municipality_code`` are those of the likeliest meaning; they
    are None (``kind`` stays) while the name alone does not decide. ``candidates`` has all meanings.
    """

    #: Official name of the place where that is known, else as the text spells it.
    name: str
    code: str | None
    kind: str
    #: Offsets in the text that was read: ``text[start:end]`` is the name as it stands there.
    start: int
    end: int
    key: str | None
    municipality_code: str | None
    role: Role
    #: The name is an ordinary word, a surname or generic: it counts only with support.
    weak: bool
    candidates: tuple[Sense, ...]

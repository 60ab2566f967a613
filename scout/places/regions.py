"""Provinces, regions and distances: what tells namesakes apart."""

import math
import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from models import geo
from scout.places.mention import Sense

#: Region (or another word for a province) -> the provinces that it lies in.
REGIONS = {
    "Friesland": "Fryslân", "Friese": "Fryslân", "Fries": "Fryslân", "Fryske": "Fryslân",
    "Drentse": "Drenthe", "Drents": "Drenthe", "Groninger": "Groningen", "Groningse": "Groningen",
    "Hogeland": "Groningen", "Ommelanden": "Groningen", "Westerkwartier": "Groningen",
    "Grunnegs": "Groningen", "Twente": "Overijssel", "Twentse": "Overijssel", "Twents": "Overijssel",
    "Tukkers": "Overijssel", "Dinkel": "Overijssel", "Salland": "Overijssel", "Sallandse": "Overijssel",
    "Overijsselse": "Overijssel", "Achterhoek": "Gelderland", "Achterhoekse": "Gelderland",
    "Veluwe": "Gelderland", "Veluwse": "Gelderland", "Betuwe": "Gelderland", "Betuwse": "Gelderland",
    "Liemers": "Gelderland", "Gelderse": "Gelderland", "Bommelerwaard": "Gelderland",
    "Montferland": "Gelderland", "Heuvelrug": "Utrecht", "Gooi": "Noord-Holland",
    "Gooise": "Noord-Holland", "West-Friesland": "Noord-Holland", "West-Friese": "Noord-Holland",
    "Kennemerland": "Noord-Holland", "Zaanstreek": "Noord-Holland", "Alblasserwaard": "Zuid-Holland",
    "Krimpenerwaard": "Zuid-Holland", "Bollenstreek": "Zuid-Holland", "Westland": "Zuid-Holland",
    "Walcheren": "Zeeland", "Vlaanderen": "Zeeland", "Zeeuwse": "Zeeland", "Zeeuws": "Zeeland",
    "Beveland": "Zeeland", "Brabant": "Noord-Brabant", "Brabantse": "Noord-Brabant",
    "Kempen": "Noord-Brabant", "Meierij": "Noord-Brabant", "Langstraat": "Noord-Brabant",
    "Limburgse": "Limburg", "Limburgs": "Limburg", "Heuvelland": "Limburg", "Mijnstreek": "Limburg",
    "Maasduinen": "Limburg", "Noordoostpolder": "Flevoland", "Flevopolder": "Flevoland",
}  # fmt: skip
#: Frisian words that Dutch does not have; this many of them make a text Frisian, thus from Fryslân.
FRISIAN = re.compile(
    r"\b(?:fan|wy|yn|hat|ha|binne|wurdt|wurdst|dy't|oan|skoalle|doarp|mienskip|tige|wêr|jûn|harren)\b", re.I
)
FRISIAN_WORDS = 3
#: "Groningen" and "Utrecht" are provinces too: in such a text they may mean more than the town.
WIDE_TALK = re.compile(
    r"\b(?:provinci\w+|gemeenten|dorpen|dorpshuizen|dorpsverenigingen|regio|steden)\b", re.IGNORECASE
)
TOWN_AND_PROVINCE = frozenset({"Groningen", "Utrecht"})


class Regions:
    """Which province each municipality lies in, and how far places are apart."""

    def __init__(self) -> None:
        facts = geo.municipalities()
        self._name = {municipality.code: municipality.name.split(" (")[0] for municipality in facts}
        self._province = {municipality.code: municipality.province for municipality in facts}
        self._centre = {m.code: (m.lat, m.lon) for m in facts if m.lat is not None and m.lon is not None}
        self._point = {t.key: (t.lat, t.lon) for t in geo.towns() if t.lat is not None and t.lon is not None}
        names = {province: province for province in self._province.values()} | REGIONS
        self._names = {name: province for name, province in names.items() if name not in TOWN_AND_PROVINCE}
        longest_first = sorted(map(re.escape, self._names), key=len, reverse=True)
        self._pattern = re.compile(r"\b(?:" + "|".join(longest_first) + r")\b")

    @classmethod
    def load(cls) -> "Regions":
        """The facts, read once."""
        return _loaded()

    def hinted(self, text: str) -> frozenset[str]:
        """The provinces that a text speaks of, by their own name, a region's, or its language."""
        provinces = {self._names[match.group()] for match in self._pattern.finditer(text)}
        if len(FRISIAN.findall(text)) >= FRISIAN_WORDS:
            provinces.add("Fryslân")
        return frozenset(provinces)

    def name(self, code: str) -> str:
        """Name of a municipality without its suffix: ``Bergen``."""
        return self._name[code]

    def province(self, code: str) -> str:
        """Province of a municipality."""
        return self._province[code]

    def named_within(self, text: str, senses: Sequence[Sense], name: str) -> Sense | None:
        """The one meaning whose municipality's name the text has, be it inside a word ("Texelfonds")."""
        found = [
            sense for sense in senses if (own := self._name[sense.municipality_code]) != name and own in text
        ]
        return found[0] if len(found) == 1 else None

    def nearest(
        self, senses: Sequence[Sense], anchors: Iterable[str], hinted: frozenset[str], within_km: float
    ) -> Sense | None:
        """The one meaning that the rest supports: in a hinted province, near an anchor, in its province.

        Args:
            anchors: municipalities that the text names surely, the most important first.
        """
        only = self.only_one_in(hinted, senses)
        if only is not None:
            return only
        codes = list(anchors)
        for code in codes:
            close = [sense for sense in senses if self.distance_km(sense, code) <= within_km]
            if len(close) == 1:
                return close[0]
        return self.only_one_in({self._province[code] for code in codes}, senses)

    def only_one_in(self, provinces: Collection[str], senses: Sequence[Sense]) -> Sense | None:
        """The one meaning that lies in these provinces; None if none or several do."""
        same = [sense for sense in senses if self._province[sense.municipality_code] in provinces]
        return same[0] if len(same) == 1 else None

    def distance_km(self, sense: Sense, code: str) -> float:
        """From a place to the middle of a municipality; infinite where a point is not known."""
        here = self._point.get(sense.key) or self._centre.get(sense.municipality_code)
        there = self._centre.get(code)
        if here is None or there is None:
            return math.inf
        north = (here[0] - there[0]) * 111.2
        east = (here[1] - there[1]) * 111.2 * math.cos(math.radians(52.2))
        return math.hypot(north, east)


@lru_cache(maxsize=1)
def _loaded() -> Regions:
    return Regions()

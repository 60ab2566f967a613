"""Every name that the gazetteer knows, and what each may mean."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models import geo
from scout.places.mention import Sense
from scout.places.words import words

OTHER_NAMES = Path(__file__).resolve().parent / "data" / "other_names.csv"

WORD = re.compile(r"\w+")

#: Prior of a neighbourhood name that only one municipality has: most are right, but the list of
#: neighbourhoods (2021) does not know every hamlet and estate elsewhere that is called the same.
UNIQUE_QUARTER = 0.8
#: The same for a name with an article, as halls, schools and pubs have it too.
ARTICLE_QUARTER = 0.5
#: The same for a name that is a word, a surname or like a street's: only where it plainly is a place.
WEAK_QUARTER = 0.4

#: Kind column of wijken_buurten.csv -> kind of place, best first where one name has several.
QUARTER_KINDS = {"wijk": "district", "bekend": "known", "alias": "alias", "buurt": "neighbourhood"}

#: Neighbourhoods called after a street or a common object: such a name stands in many more towns.
LIKE_A_STREET = re.compile(
    r"(?:weg|straat|laan|plein|singel|kade|gracht|pad|markt|brug|station|school|ziekenhuis|begraafplaats"
    r"|sportpark|terrein)$"
)
#: Neighbourhoods called by a word, a region, a foreign place or a firm, which the data do not mark as such.
WORDS = words(
    """
    binnen boord heken jonen kerkhoven kladde kluts rectum sloot vormer waterlinie westen zuidrand
    afrika amerika azie europa napels indie nassau olympus drents flevo borneo norden thames vivaldi
    lorentz barrier pomona padua linge westend enka umcg archeon chasse
    """
)
#: Neighbourhoods that most people know, though smaller places have one of that name too.
FAMOUS = {
    "Binckhorst": "GM0518", "Duinoord": "GM0518", "Kadoelen": "GM0363", "Kanaleneiland": "GM0344",
    "Lombok": "GM0344", "Maaspoort": "GM0796", "Middelland": "GM0599", "Noordereiland": "GM0599",
    "Poelenburg": "GM0479", "Schilderswijk": "GM0518", "Vreewijk": "GM0599", "Wielwijk": "GM0505",
    "Zeeheldenkwartier": "GM0518",
}  # fmt: skip
#: Neighbourhoods called by what they are, or as a region is.
NO_NAMES = frozenset(
    (word,)
    for word in words(
        """
        wyk buurt dorp kern stad een veluwe salland achterhoek betuwe twente liemers kempen peel gooi
        walcheren beveland waterlinie
        """
    )
)
#: ``common_reason`` that makes a name short or known elsewhere, yet no word and no surname.
LIGHT_REASONS = frozenset({"kort", "naam", "historisch"})
#: Towns called like a feast or a person when they stand alone.
WEAK_TOWNS = frozenset({("sint", "maarten"), ("sint", "nicolaas"), ("hendrik",)})
#: ``common_reason`` of towns whose name means something wider: only something else makes them the town.
WIDE_REASONS = frozenset({"provincie", "land"})
_WINDS = words("noord oost zuid west noordoost noordwest zuidoost zuidwest midden")
_AREAS = words(
    """
    groningen utrecht drenthe friesland fryslan gelderland overyssel limburg brabant holland nederland
    twente veluwe salland achterhoek vlaanderen zeeland flevoland
    """
)
#: Not a place in one municipality; read as a whole, so that "Oost-Groningen" does not name the town.
WIDER = frozenset((wind, area) for wind in _WINDS for area in _AREAS) | {("zeeuws", "vlaanderen")}
#: Split over two municipalities, and mostly in this one; the data leave these open.
MAIN_PART = {"Harkstede": "GM1952"}
#: A town that outshines its namesakes has so many inhabitants; of two villages neither is meant surely.
OUTSHINES = 5_000
#: "Verspreide huizen Hezingen" is the land around a hamlet that may have no row of its own.
AROUND = re.compile(
    r"^(?:verspreide huizen|buitengebied|landelijk gebied|omgeving|buurtschap|kern|kom|dorp|dorpskern)"
    r"\s+(?:van\s+|om\s+|in\s+|de kern\s+)?(?P<name>\D{4,})$",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"\s*(?:e\.o\.|eo|en omgeving|\(.*\)|, .*)$|-?(?:noord|oost|zuid|west|dorp|kern|buitengebied)+$",
    re.IGNORECASE,
)
FIRST_PART = re.compile(r"([A-Z]\w{5,})(?:-| en [A-Z]| aan de[nr]? )")
NOT_ALONE = words(
    """
    nieuw oud nij ald nieuwe oude klein groot sint st noord oost zuid west boven beneden hoog laag
    midden over ter ten het de hendrik den van aan bij bedrijventerrein industrieterrein recreatiegebied
    buitengebied centrum dorp wijk buurt polder heide bos veld veen kade haven
    """
)


def tokens(name: str) -> tuple[str, ...]:
    """Lower-case words of a name without accents: how names are compared."""
    return tuple(WORD.findall(fold(name)))


def fold(text: str) -> str:
    """Lower case without accents, and ``y`` for ``ij``: Katlijk and Katlyk are one village."""
    text = text.lower()
    if not text.isascii():
        text = text.replace("ĳ", "ij")
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    return text.replace("ij", "y")


@dataclass(slots=True)
class Form:
    """One name as it may be written."""

    tokens: tuple[str, ...]
    #: For each token whether it is written with a capital.
    capitals: tuple[bool, ...]
    senses: list[Sense]
    #: It names a municipality or town; else a neighbourhood only.
    town: bool
    #: An ordinary word, a surname, too short or generic: counts only with support.
    weak: bool
    #: Also a surname: not a place after "van" and the like.
    surname: bool
    #: Also a word in small letters: no place at the start of a sentence.
    word: bool
    #: Recognised without capitals too ("in beijum").
    lower: bool


@dataclass(slots=True)
class _Spelling:
    """One way to write one place."""

    written: str
    sense: Sense
    weak: bool
    surname: bool
    word: bool = True


class _Builder:
    """Collects senses for each name; towns before neighbourhoods, so that they win."""

    def __init__(self) -> None:
        self.forms: dict[tuple[str, ...], Form] = {}

    def add(self, spelling: _Spelling, *, town: bool) -> None:
        words_of_name = WORD.findall(spelling.written)
        if not words_of_name:
            return
        key = tokens(spelling.written)
        weak, surname = spelling.weak, spelling.surname
        form = self.forms.get(key)
        if form is None:
            capitals = tuple(word[0].isupper() for word in words_of_name)
            self.forms[key] = Form(
                key, capitals, [spelling.sense], town, weak, surname, word=spelling.word, lower=not weak
            )
            return
        if any(other.municipality_code == spelling.sense.municipality_code for other in form.senses):
            return
        form.senses.append(spelling.sense)
        if town:
            form.weak = form.weak or weak
            form.surname = form.surname or surname
            form.word = form.word or spelling.word


def all_forms() -> dict[tuple[str, ...], Form]:
    """Name as tokens -> its form; a name's meanings lie in different municipalities, likeliest first."""
    build = _Builder()
    town_keys = _add_towns(build)
    _add_other_names(build, town_keys)
    _add_quarters(build)
    for key in WIDER - build.forms.keys():
        build.forms[key] = Form(
            key, (True,) * len(key), [], town=False, weak=True, surname=False, word=True, lower=False
        )
    for form in build.forms.values():
        form.senses.sort(key=lambda sense: (-sense.prior, not sense.is_town, sense.municipality_code))
    return build.forms


def _add_towns(build: _Builder) -> dict[tuple[str, str], geo.TownFacts]:
    """Add municipalities and towns; returns each town by (spelling, municipality)."""
    municipalities = {facts.code: facts for facts in geo.municipalities()}
    by_name: dict[tuple[str, str], geo.TownFacts] = {}
    same_name: dict[str, geo.TownFacts] = {}
    for town in geo.towns():
        for name in (town.match_name, town.name, *town.alt_names):
            by_name.setdefault((name, town.municipality_code), town)
        facts = municipalities[town.municipality_code]
        if tokens(town.match_name) == tokens(_bare(facts.name)):
            same_name[facts.code] = town
        elif town.match_name in facts.alt_names:
            same_name.setdefault(facts.code, town)  # "Valkenburg" in Valkenburg aan de Geul
    spellings: list[_Spelling] = []
    for code, facts in municipalities.items():
        spellings += _of_municipality(facts, same_name.get(code))
    shared = Counter(town.match_name for town in geo.towns() if not town.split_village)
    for town in geo.towns():
        same = same_name.get(town.municipality_code) is town
        alone = same or shared[town.match_name] < 2 or (town.inhabitants or 0) >= OUTSHINES
        spellings += _of_town(town, municipalities[town.municipality_code] if same else None, alone=alone)
    spellings += _first_parts({tokens(spelling.written) for spelling in spellings})
    best: dict[tuple[tuple[str, ...], str], float] = defaultdict(float)
    for spelling in spellings:
        owner = tokens(spelling.written), spelling.sense.municipality_code
        best[owner] = max(best[owner], spelling.sense.prior)
    for spelling in spellings:
        prior = best[tokens(spelling.written), spelling.sense.municipality_code]
        spelling.sense = replace(spelling.sense, prior=prior)
        build.add(spelling, town=True)
        if spelling.written.startswith(("Sint ", "Sint-")):
            build.add(replace(spelling, written=f"St{spelling.written[4:]}"), town=True)
    return by_name


def _of_municipality(facts: geo.MunicipalityFacts, own: geo.TownFacts | None) -> Iterator[_Spelling]:
    """How a municipality is written; ``own`` is its town of the same name."""
    for name in sorted({facts.name, facts.cbs_name, _bare(facts.name), *facts.alt_names}):
        # "Bergen" may be either municipality, "Bergen (NH)" only one.
        sure = own is None or own.dominant or tokens(name) != tokens(own.match_name)
        sense = Sense(
            facts.name, facts.code, "municipality", own.key if own else "", facts.code, 1.0 if sure else 0.0
        )
        yield _Spelling(name, sense, *_risk(facts.common_word, facts.common_reason, name))


def _of_town(
    town: geo.TownFacts, municipality: geo.MunicipalityFacts | None, *, alone: bool
) -> Iterator[_Spelling]:
    """How a town is written.

    Args:
        municipality: the one that has its name, which then stands for both.
        alone: no other village, or none of weight, has its name.
    """
    wide = bool(WIDE_REASONS & set(town.common_reason.split("|")))
    main = (town.dominant and alone) or MAIN_PART.get(town.match_name) == town.municipality_code
    for name in sorted({town.match_name, town.name, *town.alt_names}):
        sure = not wide and (main or name != town.match_name)
        sense = Sense(
            municipality.name if municipality else town.match_name,
            municipality.code if municipality else town.bag_code,
            "municipality" if municipality else "town",
            town.key,
            town.municipality_code,
            1.0 if sure else 0.0,
        )
        yield _Spelling(name, sense, *_risk(town.common_word, town.common_reason, name))


def _first_parts(taken: set[tuple[str, ...]]) -> Iterator[_Spelling]:
    """ "Westerhaar" is Westerhaar-Vriezenveensewijk; "Berkel" may be two, thus neither surely."""
    parts: dict[str, list[geo.TownFacts]] = defaultdict(list)
    for town in geo.towns():
        first = FIRST_PART.match(town.match_name)
        if first and first[1].lower() not in NOT_ALONE:
            parts[first[1]].append(town)
    for name, towns in parts.items():
        only = tokens(name) not in taken and len({town.municipality_code for town in towns}) == 1
        for town in towns:
            sense = Sense(
                town.match_name, town.bag_code, "town", town.key, town.municipality_code, 0.9 if only else 0.0
            )
            yield _Spelling(name, sense, weak=False, surname=False)


def _risk(common: bool, reason: str, name: str) -> tuple[bool, bool, bool]:
    """Whether a town's name is weak, whether it is a surname, and whether a word."""
    key, reasons = tokens(name), set(reason.split("|"))
    weak = (common and len(key) == 1 and not reasons <= LIGHT_REASONS) or key in WEAK_TOWNS
    return weak, "achternaam" in reasons, bool(reasons & {"woord", "voornaam", "provincie", "land"})


def _bare(name: str) -> str:
    return re.sub(r"\s*\(.*\)$", "", name)


def _add_other_names(build: _Builder, towns: dict[tuple[str, str], geo.TownFacts]) -> None:
    codes = {facts.name: facts.code for facts in geo.municipalities()}
    with open(OTHER_NAMES, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code = codes[row["municipality"]]
            town = towns.get((row["town"], code))
            if town is None:
                sense = Sense(row["municipality"], code, "municipality", "", code, 1.0)
            else:
                sense = Sense(town.match_name, town.bag_code, "town", town.key, code, 1.0)
            build.add(_Spelling(row["other"], sense, weak=False, surname=False), town=True)


def _add_quarters(build: _Builder) -> None:
    order = list(QUARTER_KINDS)
    municipal = {
        key[0] for key in map(tokens, (_bare(facts.name) for facts in geo.municipalities())) if len(key) == 1
    }
    names: dict[tuple[str, ...], list[tuple[int, str, geo.QuarterFacts, bool]]] = defaultdict(list)
    for facts in geo.quarters():
        for name in _spellings(facts.name):
            names[tokens(name)].append((order.index(facts.kind), name, facts, False))
        around = AROUND.match(facts.name)
        if around:
            name = TAIL.sub("", around["name"]).strip(" -")
            if len(name) >= 5 and name[0].isupper() and name.lower() not in NOT_ALONE:
                names[tokens(name)].append((len(order), name, facts, True))
    for key, rows in names.items():
        if key in NO_NAMES:
            continue
        rows.sort(key=lambda row: (row[0], row[2].key))
        owners = {facts.municipality_code for _, _, facts, _ in rows}
        famous = {
            facts.municipality_code
            for _, _, facts, _ in rows
            if facts.kind == "bekend" and not facts.common_word
        }
        for _, name, facts, derived in rows:
            with_town = len(key) > 1 and key[0] in municipal and not facts.generic
            weak = not with_town and (
                (facts.generic and not derived)
                or facts.common_word
                or len("".join(key)) <= 3
                or (len(key) == 1 and key[0] in WORDS)
                or bool(LIKE_A_STREET.search(key[-1]))
            )
            alone = (
                len(owners) == 1
                or famous == {facts.municipality_code}
                or FAMOUS.get(name) == facts.municipality_code
            )
            telling = (len(key) > 1 or key[0] not in WORDS) and not LIKE_A_STREET.search(key[-1])
            prior = _quarter_prior(name, alone=alone and (telling or with_town), weak=weak)
            form = build.forms.get(key)
            if form is not None and form.town:
                prior = 0.0
            kind = "known" if derived else QUARTER_KINDS[facts.kind]
            sense = Sense(name, facts.cbs_code, kind, facts.key, facts.municipality_code, prior)
            build.add(_Spelling(name, sense, weak, facts.common_word), town=False)
            form = build.forms[key]
            if not form.town:
                form.weak = form.weak or weak
                form.surname = form.surname or facts.common_word
                form.lower = with_town or (
                    not form.weak and len(owners) == 1 and len(key) == 1 and len(key[0]) >= 5
                )


def _quarter_prior(name: str, *, alone: bool, weak: bool) -> float:
    if not alone:
        return 0.0
    if weak:
        return WEAK_QUARTER
    return ARTICLE_QUARTER if name.startswith(("De ", "Het ", "'t ", "t ")) else UNIQUE_QUARTER


def _spellings(name: str) -> tuple[str, ...]:
    """A neighbourhood's name, and for "Rustenburg en Oostbroek" also its two halves joined by a hyphen."""
    if name.count(" en ") == 1 and "," not in name:
        first, second = name.split(" en ")
        if " " not in first + second:
            return name, f"{first}-{second}"
    return (name,)

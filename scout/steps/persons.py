"""Persons out of official texts: names, house numbers, postcodes, telephone numbers, e-mail addresses. Pure.

Announcements and council papers name applicants, speakers and councillors. None of them is followed, so
none is kept; streets, places, parties and organisations stay. Where a rule can't tell a person from something
else, it takes the name out.
"""

import re
from functools import cache

from models import geo
from scout.group.given_names import GIVEN_NAMES
from scout.steps.contacts import without_contacts
from scout.steps.numbers import ACCOUNT

#: What stands in the place of a name.
SOMEBODY = "iemand"

#: Lengths are bounded, so that no text takes more time than in proportion to its own.
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w’']{0,40}(?:-[A-ZÀ-ÖØ-Þ][\w’']{0,40}){0,3}"
_SMALL = (
    r"(?:[Vv]an|[Vv]on|[Dd]er|[Dd]en|[Dd]e|[Hh]et|[Tt]en|[Tt]er|[Tt]e|[Oo]p|[Ii]n|['’]t|[Ll]a|[Ll]e|[Ee]l|[Dd]i"
    r"|v\.d\.|v/d)"
)
_INITIALS = r"(?:(?:[A-Z]|Th|Ph|Ch|Chr|IJ|Tj|Sj)\.[ ]?){1,5}"
_SURNAME = rf"(?:{_SMALL} ){{0,3}}{_CAPITAL}(?:-{_SMALL} (?:{_SMALL} )?{_CAPITAL})?"
#: A name of which the first word has a capital, so that "burgemeester van Zwolle" is none.
_NAME = rf"(?:{_INITIALS})?{_CAPITAL}(?: {_SURNAME}){{0,2}}"

#: Words before a name of a person and of nothing else.
_ADDRESSED = (
    r"\b(?:(?:[Dd]e )?[Hh]eer en (?:mevrouw|mevr\.|mw\.)|(?:[Dd]e )?[Hh]e(?:er|ren)|[Dd]hr\.?|[Mm]eneer"
    r"|[Mm]evrouw|[Mm]evr\.?|[Mm]w\.?|[Mm]ejuffrouw|[Ff]amilie|[Ff]am\.)"
)
_ACADEMIC = r"(?:(?:[Pp]rof|[Dd]rs|[Dd]r|[Mm]r|[Ii]ng|[Ii]r|[Dd]s)\. )"
#: Offices, which stay while the name goes.
_OFFICE = (
    r"\b(?P<office>[Ww]ethouders?|[Bb]urgemeester|[Rr]aadsl(?:id|eden)|[Cc]ommissiel(?:id|eden)"
    r"|[Ff]ractievoorzitter|(?:[Rr]aads)?[Gg]riffier|[Gg]emeentesecretaris|[Ii]nsprekers?|[Pp]ortefeuillehouder)"
)
_NO_NAME = (
    r"(?!(?:Stichting|Vereniging|Co[öo]peratie|Werkgroep|Bewoners\w*|Dorps\w*|Wijk\w*|Buurt\w*|Gemeente)\b)"
)
_AND_NAME = rf"(?: (?:en|&) {_NO_NAME}{_NAME})?"
#: A form of address with a capital: a sentence begins here.
_BEGINS = re.compile(r"(?:De h|Heer|Heren|Dhr|Meneer|Mevr|Mw|Mej|Fam)")
_PARTY = (
    r"(?:CDA|VVD|D66|PvdA|GroenLinks|GL|GL-PvdA|GL/PvdA|PRO|SP|PVV|CU|ChristenUnie|SGP|PvdD|FvD|FVD|JA21|Volt|BBB"
    r"|DENK|50PLUS|50Plus|NSC|BIJ1)"
)
_NO_PERSON = r"(?!(?:Motie|Amendement|Vragen|Fractie|Partij|Initiatiefvoorstel|Voorstel|De|Het|Iemand)\b)"

_FORMS = (
    re.compile(
        rf"{_ADDRESSED} {_ACADEMIC}*(?P<name>(?:{_INITIALS})?{_SURNAME}(?: {_SURNAME}){{0,2}}){_AND_NAME}"
    ),
    re.compile(rf"{_OFFICE}:? {_NO_NAME}{_ACADEMIC}*(?P<name>{_NAME}){_AND_NAME}"),
    re.compile(rf"\b{_ACADEMIC}+(?P<name>(?:{_INITIALS})?{_SURNAME})"),
    re.compile(
        rf"{_NO_PERSON}\b(?P<name>(?:{_CAPITAL} )?(?:{_SMALL} ){{0,3}}{_NO_PERSON}{_CAPITAL})"
        rf"(?= ?\({_PARTY}\))"
    ),
)
_INITIALLED = re.compile(rf"(?<![\w.])(?P<initials>{_INITIALS})(?P<name>{_SURNAME})")
#: Initials of organisations, and signs of a list ("A. Inleiding").
_NOT_INITIALS = frozenset(
    {"B.V.", "N.V.", "V.V.", "S.V.", "C.V.", "R.K.", "F.C.", "T.C.", "K.V.", "S.C.", "B.S."}
)
_LIST_SIGN = re.compile(r"[A-H]\.")

#: Endings of streets, squares and buildings that are called after persons.
_STREET = (
    r"(?:straat|weg|laan|plein|pad|kade|dijk|dyk|singel|gracht|steeg|plantsoen|baan|markt|hof|park|dreef|brink|erf"
    r"|wal|dam|ring|hoek|kamp|einde|eind|veld|akker|oord|horst|waard|tuin|straatje|weggetje|laantje|pleintje)"
)
#: What is called after a person. Not all endings of streets: Van Dijk, Hoek and Bakker are surnames.
_NAMED_AFTER = re.compile(
    r"(?:straat|weg|laan|plein|pad|kade|singel|gracht|steeg|plantsoen|park|markt|school|kerk|museum|college|lyceum"
    r"|theater|centrum|arena|fonds|huis)s?$",
    re.IGNORECASE,
)

_MONTH = r"(?:jan|feb|mrt|maart|apr|mei|jun|jul|aug|sep|okt|nov|dec)"
#: No year, no day of a month, no number of hours or euros.
_ONE = rf"(?!(?:19|20)\d\d\b)\d{{1,4}}\b(?! ?(?:{_MONTH}|uur|euro|%|jaar|dagen|weken|deelnemers|personen))"
_LETTERED = rf"(?:{_ONE}|\d{{1,4}}[a-zA-Z]\b)(?:(?! ?t/m) ?[-/]? ?(?:[a-zA-Z]|bis|hs|I{{1,3}}|\d{{1,3}})\b)?"
_NUMBER = rf"{_LETTERED}(?:(?: ?[-–/] ?| t/m | tot en met | en |, ?)(?:{_LETTERED}))*"
#: "2026 EN" is a year and a word.
_POSTCODE = r"\b(?!(?:19|20)\d\d (?:EN|OP|IN|TE|OF|DE|VAN)\b)[1-9]\d{3} ?[A-Z]{2}\b"
_CALLED = r"(?:(?:huis)?n(?:umme)?rs?\.? )?"
_NO_STREET = (
    r"(?!(?:[Aa]rtikel|Fase|Wijk|Kavel|Blok|Deel|Versie|Zone|Route|Bijlage|Raad|Nummer|Agendapunt|Tranche|Groep)"
    r"\b)"
)
_BEFORE_POSTCODE = re.compile(
    r"(?P<street>\b[A-ZÀ-ÖØ-Þ][\w’'.-]{0,40}(?: [\w’'.-]{1,40}){0,3}),? "
    rf"{_CALLED}\d{{1,4}} ?[-/]?\w{{0,3}}(?=,? ?{_POSTCODE})"
)
_HOUSES = (
    re.compile(
        rf"(?P<street>\b[\w’'.-]{{0,40}}{_STREET}\b(?: (?:noord|zuid|oost|west)\b)?),? {_CALLED}{_NUMBER}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<street>\b(?:[Aa]an|[Nn]abij|[Tt]egenover|[Nn]aast|[Ll]ocatie|[Aa]dres|[Hh]oek|[Ww]oonachtig|t\.h\.v\."
        rf"|[Hh]oogte van):? (?:(?:de|het|['’]t) )?{_NO_STREET}{_CAPITAL}(?: {_SURNAME}){{0,2}}) "
        rf"{_CALLED}{_NUMBER}"
    ),
    re.compile(
        rf"(?P<street>(?:[,;:–(]| -) ?{_NO_STREET}{_CAPITAL}(?: {_SURNAME}){{0,2}}) {_CALLED}{_NUMBER}"
        r"(?=$|\n|[,;)]| -| –| te | in )"
    ),
)
#: Squares whose name ends in a number: "Plein 1944", "Plein 40-45".
_NUMBER_IN_NAME = re.compile(r"\bPlein (?:40|1940)\s?-\s?(?:45|1945)\b")

_ACCOUNT = re.compile(r"\bNL\d{2} ?[A-Z]{4}(?: ?\d){10}\b")

_TIDY = (
    (re.compile(r"\([ ,]*\)"), ""),
    (re.compile(r"[ \t]{2,}"), " "),
    (re.compile(r" +([,;.)])"), r"\1"),
    (re.compile(r",(?: ?,)+"), ","),
    (re.compile(r"[ ,–-]+(?=\n|$)"), ""),
)


def without_persons(text: str) -> str:
    """The text without names of persons, house numbers, postcodes, and ways to reach a person.

    "De heer J. Jansen, Dorpsstraat 12, 1234 AB Velp" becomes "Iemand, Dorpsstraat, Velp". Takes plain text,
    one line or many; doing it again changes nothing. Time is in proportion to the length.
    """
    found = without_contacts(_ACCOUNT.sub(ACCOUNT, text))
    found = re.sub(_POSTCODE, "", _BEFORE_POSTCODE.sub(_house, found))
    for form in _HOUSES:
        found = form.sub(_house, found)
    for form in _FORMS:
        found = form.sub(_person, found)
    found = _with_given_name().sub(_person, found)
    found = _INITIALLED.sub(_initialled, found)
    if found == text:
        return text
    for form, instead in _TIDY:
        found = form.sub(instead, found)
    return found.strip()


def _house(match: re.Match[str]) -> str:
    return match[0] if _NUMBER_IN_NAME.search(match[0]) else match["street"]


def _person(match: re.Match[str]) -> str:
    """What stands for a person; the words as they were if a street or building has that name."""
    name, groups = match["name"], match.groupdict()
    rest = ""
    if _NAMED_AFTER.search(name):
        before, _, last = name.rpartition(" ")
        if not before or re.search(rf"(?:^| ){_SMALL}$|\.$", before) or "given" in groups:
            return match[0]
        rest = f" {last}"  # "de heer Jansen Dorpsstraat"
    if "given" in groups and name.casefold() in _towns():
        return match[0]
    if groups.get("office"):
        return f"{groups['office']}{rest}"
    return f"{_somebody(match[0])}{rest}"


def _initialled(match: re.Match[str]) -> str:
    initials = match["initials"].replace(" ", "")
    starts_line = match.start() == 0 or match.string[match.start() - 1] == "\n"
    if initials in _NOT_INITIALS or (starts_line and _LIST_SIGN.fullmatch(initials)):
        return match[0]
    return match[0] if _NAMED_AFTER.search(match["name"]) else _somebody(match[0], capital=starts_line)


def _somebody(words: str, *, capital: bool | None = None) -> str:
    if capital is None:
        capital = _BEGINS.match(words) is not None
    return SOMEBODY.capitalize() if capital else SOMEBODY


@cache
def _with_given_name() -> re.Pattern[str]:
    """A given name with a surname behind it."""
    accents = {"e": "[eéèëê]", "i": "[iïí]", "o": "[oöó]", "u": "[uü]", "a": "[aáä]", "c": "[cç]"}
    names = "|".join(
        name[0].upper() + "".join(accents.get(letter, letter) for letter in name[1:])
        for name in sorted(GIVEN_NAMES, key=len, reverse=True)
    )
    return re.compile(rf"\b(?P<name>(?P<given>{names})(?:-{_CAPITAL})? (?:{_INITIALS})?{_SURNAME})")


@cache
def _towns() -> frozenset[str]:
    """Towns that are called like a person: "Anna Paulowna"."""
    return frozenset(town.match_name.casefold() for town in geo.towns() if " " in town.match_name)

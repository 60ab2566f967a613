"""The rules that propose names: each gives stretches of a text with a weight (:data:`RULES`)."""

import re
from collections.abc import Callable, Iterator

from scout.classify import naming_cues as cues
from scout.classify.lexicon import OPENERS, PREPOSITIONS, classes_of
from scout.classify.naming_text import PROFESSIONAL, Finder, Proposal, is_given_name, key_of, made_of_a_town
from scout.classify.reading import fold
from scout.places.cues import PARTS_OF_A_TOWN
from scout.places.mention import Role
from scout.places.regions import REGIONS

#: Characters before a place that are looked at for the word in front of it.
WINDOW = 60
FIRST = re.compile(rf"(?<![\w#-])(?P<first>{cues.CAPITAL}) $")
NEXT = re.compile(rf" {cues.CAPITAL}")
LAST = re.compile(rf" (?P<last>{cues.CAPITAL}|20[2-9]\d)(?![\w-])")
FOLLOWING = re.compile(r" (\w+)")


def bodies(found: Finder) -> Iterator[Proposal]:
    """ "Stichting X", "Dorpsbelang X", "Amelander Energie Coöperatie", "Zonnestichting"."""
    for match in cues.BODY.finditer(found.text):
        head = match["head"].lower()
        name = found.ahead(match)
        if name is None or (cues.NOT_OURS.match(head) and head != "vereniging"):
            continue
        start, end, quoted = name
        if cues.ELSEWHERE.match(found.text[start:end].lower()) or not _acts(found, match.start()):
            continue
        if not quoted and not found.text[start].isupper() and found.text[start : start + 3].lower() == "ons":
            continue
        known = head in {"dorpsraad", "wijkraad"} and found.is_place(start, end)
        yield Proposal(start if quoted else match.start(), end, 3.5 if known else 4.5, True)
    for match in cues.BODY_LAST.finditer(found.text):
        if _acts(found, match.start()) and not found.opens_sentence(match.start("run")):
            yield Proposal(*match.span("run"), 4.5, True)
    for match in cues.BODY_ALONE.finditer(found.text):
        word = match["run"].lower()
        if (
            not cues.NOT_OURS.match(word)
            and not found.opens_sentence(match.start())
            and _acts(found, match.start())
        ):
            yield Proposal(*match.span("run"), 3.5, True)
    for match in cues.CLUB_ALONE.finditer(found.text):
        previous = found.before(match.start(), 1)
        if not previous and re.match(r" (?!van|en\b|uit)[a-z]", found.text[match.end() : match.end() + 6]):
            yield Proposal(*match.span("run"), 3.0, True)


def _acts(found: Finder, start: int) -> bool:
    """The body is who acts, as far as the words before it tell."""
    previous = [
        word for word in found.before(start, 6) if word not in {"de", "het", "een", "der", "it", "onze"}
    ]
    if not previous:
        return True
    if previous[0] in cues.NOT_ACTING or previous[0] in cues.BESIDE:
        return False
    if previous[0] in {"van", "fan", "voor"}:
        return any(word in cues.DEED_OF for word in previous[1:4]) or bool(
            cues.LATER.search(found.text, start)
        )
    return not (len(previous) > 1 and previous[1] in cues.BESIDE)


def things(found: Finder) -> Iterator[Proposal]:
    """ "Buurtbus X", "speeltuin De Y", "Repair Café Z"."""
    for match in cues.THING.finditer(found.text):
        head = match["head"].lower()
        if cues.NOT_A_THING.search(head) or classes_of(fold(head)[0])[:1] in {
            ("GEMEENTE",),
            ("WELZIJN",),
            ("BEDRIJF",),
        }:
            continue
        if match["line"]:
            if head in {"buurtbus"}:
                yield Proposal(match.start(), match.end("line"), 4.0)
            continue
        name = found.ahead(match)
        if name is None:
            continue
        start, end, quoted = name
        previous = found.before(match.start(), 2)
        placed = bool(previous) and (
            previous[0] in cues.PLACING
            or (previous[0] in {"de", "het", "ons"} and previous[-1] in cues.PLACING)
        )
        if cues.HALLS.search(head) and not _runs_hall(found, match.start(), placed):
            continue
        if found.text[start:end].isupper() and len(found.text[start:end]) > 5:
            continue
        yield Proposal(start if quoted else match.start(), end, 4.0 if not placed else 3.5)


def _runs_hall(found: Finder, start: int, placed: bool) -> bool:
    """A hall that is named as what people run, not as where they meet."""
    previous = found.before(start, 2)
    of = len(previous) > 1 and previous[0] in {"van", "fan"} and previous[1] in cues.DEED_OF
    return of or (not placed and found.text[start].isupper())


def called(found: Finder) -> Iterator[Proposal]:
    """ "het project X", "onder de naam X", "heet voortaan 't X"."""
    for match in cues.CALLED.finditer(found.text):
        name = found.ahead(match)
        if name is None:
            continue
        start, end, quoted = name
        # "een groep Zwolse ouderen", "het plan Oost": no names, unless in quotation marks.
        single = " " not in found.text[start:end]
        if quoted or not (single and match["cue"].lower() in {"groep", "groepje", "clubje", "plan"}):
            yield Proposal(start, end, 4.5)
    for match in cues.IS_CALLED.finditer(found.text):
        name = found.ahead(match)
        if name is None:
            continue
        start, end, quoted = name
        single = len(cues.WORD.findall(found.text[start:end])) == 1
        of_whom = set(found.before(match.start(), 3)) & cues.PERSONAL
        if not of_whom and (quoted or not single):
            yield Proposal(start, end, 4.5)


def appositions(found: Finder) -> Iterator[Proposal]:
    """ "HET, een initiatief van een paar bewoners"."""
    for match in cues.APPOSITION.finditer(found.text):
        start, end = match.span("run")
        written = found.text[start:end]
        # "Wij, een groepje buren": only what is written as a name may open a sentence with one word.
        plain = " " not in written and found.opens_sentence(start) and written[1:].islower()
        if not plain and not found.is_place(start, end):
            yield Proposal(start, end, 4.0, match["kind"] in cues.BODIES_OF_APPOSITION)


def parts_of_places(found: Finder) -> Iterator[Proposal]:
    """ "Rollend Groningen", "Paddepoel Energiek", "Ulrum 2034", "Energie Dongen"."""
    for place in found.places:
        before = FIRST.search(found.text, max(0, place.start - WINDOW), place.start)
        if before is not None:
            first, start = before["first"].lower(), before.start("first")
            proud = first in cues.PROUD
            opens = found.opens_sentence(start)
            if proud or (not opens and _free(found, first, start)):
                cooperative = first == "energie" and "coöperatie" in found.text.lower()
                after = NEXT.match(found.text, place.end)
                end = place.end + (
                    after.end() - place.end if after and not found.opens_sentence(place.end + 1) else 0
                )
                yield Proposal(_widened(found, start), end, 3.5, cooperative)
        after = LAST.match(found.text, place.end)
        if after is not None and after["last"] not in PARTS_OF_A_TOWN:
            last = after["last"].lower()
            if _free(found, last, place.end + 1) and place.role not in {Role.DATELINE, Role.HASHTAG}:
                previous = found.before(place.start, 1)
                if last.isdigit() and previous and previous[0] in {"in", "te", "op"}:
                    continue
                yield Proposal(_widened(found, place.start), after.end(), 3.0)


def _widened(found: Finder, start: int) -> int:
    """Where the capitals before a name begin: "Heel Arnhem Schoon", "Griene Mienskip Velp"."""
    while before := FIRST.search(found.text, max(0, start - WINDOW), start):
        word = before["first"].lower()
        if word not in {"heel", "samen", "open"} and not _free(found, word, before.start("first")):
            break
        start = before.start("first")
    return start


def _free(found: Finder, word: str, start: int) -> bool:
    """A word that is not the kind of an institution, a given name or an everyday one."""
    folded = fold(word)[0]
    known = set(classes_of(folded))
    if word in cues.COMMON or folded in cues.COMMON or folded in PREPOSITIONS or folded in OPENERS:
        return False
    if (
        is_given_name(folded)
        or start in found.place_at
        or cues.HALLS.search(word)
        or made_of_a_town(word.capitalize())
        or word.capitalize() in REGIONS
    ):
        return False
    return not (known - {"plek", "begint", "maakt", "helpt", "zelf", "plan"}) and not cues.STREET.search(word)


def titles(found: Finder) -> Iterator[Proposal]:
    """ "Wie zijn de Walburgers?", "Kelderwerk, wie zijn wij"."""
    title = found.text[: found.title_end]
    for pattern in cues.TITLE:
        for match in pattern.finditer(title):
            start, end = match.span("run")
            if not found.is_place(start, end):
                article = re.match(rf"{cues.ARTICLE} (?=[A-Z])", found.text[start:end])
                again = found.text[start:end][article.end() if article else 0 :]
                yield Proposal(start, end, 4.0 if found.text.count(again) > 1 or not article else 3.0)


def repeated(found: Finder) -> Iterator[Proposal]:
    """A name of several words, or with an article, that is said more than once, and never of a person."""
    runs: dict[str, list[tuple[int, int]]] = {}
    for match in cues.NAMES.finditer(found.text):
        start, end = match.start(), found.cut(match.start(), match.end())
        runs.setdefault(key_of(found.text[start:end]), []).append((start, end))
    for spans in runs.values():
        if len(spans) < 2:
            continue
        longest = max(spans, key=lambda span: (span[1] - span[0], -span[0]))
        parts = cues.WORD.findall(found.text[longest[0] : longest[1]])
        if len(parts) < 2 or any(_unlike(found, start, end) for start, end in spans):
            continue
        telling = [
            part.lower()
            for part in parts
            if part[0].isupper() and part.lower() not in {"de", "het", "d'n", "'t"}
        ]
        if not all(_free(found, word, -1) for word in telling):
            continue
        # Two plain words with capitals may be a person whose given name we don't know.
        if len(parts) == len(telling) == 2 and not any(_ordinary(found, word) for word in telling):
            continue
        # "het Schepen": with an article in small letters only, it is mostly a place.
        if len(telling) == 1 and not any(found.text[start].isupper() for start, _ in spans):
            continue
        yield Proposal(*longest, 3.0)


def _ordinary(found: Finder, word: str) -> bool:
    """A word that the text or our lists also know in small letters, or a place."""
    if classes_of(fold(word)[0]) or word in cues.PROUD:
        return True
    small = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", found.text)
    return small is not None or any(found.text[one.start : one.end].lower() == word for one in found.places)


def _unlike(found: Finder, start: int, end: int) -> bool:
    """It stands as persons, venues and institutions do."""
    previous = found.before(start, 2)
    if previous and (
        previous[0] in cues.SAYING | cues.PERSONAL | cues.PLACING
        or set(classes_of(fold(previous[0])[0])) & PROFESSIONAL
    ):
        return True
    if previous and cues.HALLS.search(previous[0]):
        return True
    following = FOLLOWING.match(found.text, end)
    before = re.search(rf"{cues.CAPITAL} (?:van |de |der |den )*$", found.text[max(0, start - 30) : start])
    return bool(following and following[1] in cues.SAYING) or before is not None


#: In no particular order: the weights decide.
RULES: tuple[Callable[[Finder], Iterator[Proposal]], ...] = (
    bodies,
    things,
    called,
    appositions,
    parts_of_places,
    titles,
    repeated,
)

"""Finding the names of places in a text."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from scout.places.adjectives import adjectives
from scout.places.context import Context
from scout.places.mention import WEIGHT, PlaceMention, Role, Sense
from scout.places.names import WORD, Form, all_forms, fold, tokens
from scout.places.regions import Regions
from scout.places.roles import Name, role_of
from scout.places.spelling import written_as_name
from scout.places.words import words

#: What may stand between two words of one name: "Alphen a/d Rijn", "St. Annaland", "Arnhem-Zuid".
JOINT = re.compile(r"(?:[ \u00a0]|[.][ -]?|['’‘]|[ ]?['’‘]|[-‐‑/] ?| & |,[ ])\Z")
HASHTAG = re.compile(r"#(\w{3,80})")
CAMEL = re.compile(r"[A-Z][^A-Z\d_]*|[^A-Z\d_]+")

#: Area codes, which posts use as a town's tag.
AREA_CODES = {
    "010": "Rotterdam", "013": "Tilburg", "015": "Delft", "020": "Amsterdam", "023": "Haarlem",
    "024": "Nijmegen", "026": "Arnhem", "030": "Utrecht", "033": "Amersfoort", "038": "Zwolle",
    "040": "Eindhoven", "043": "Maastricht", "050": "Groningen", "053": "Enschede", "055": "Apeldoorn",
    "058": "Leeuwarden", "070": "Den Haag", "071": "Leiden", "073": "'s-Hertogenbosch", "076": "Breda",
}  # fmt: skip
#: A name at the start of a longer word counts before these only: streets are named after towns elsewhere.
WITHIN_BEFORE = re.compile(
    r"(?:fonds|meer|festival|loop|run|dag|dagen|bode|courant|krant|nieuws|museum|theater|bad|park|bos|duinen|feest|kermis)$"
)
#: "Zwolse Vaart": called after the town that it leads to.
NAMED_AFTER = words("Vaart Poort Weg Straatweg Heerweg Dijk Brug Kade Trekvaart Straat Baan")
HANDLE = re.compile(r"@(?:gem(?:eente)?)_?([A-Za-z]{3,30})")
#: Letters that a place has at least when it is a part of a tag or of a word.
SHORTEST_TAG_PART = 5
#: Letters that a neighbourhood has at least to be seen at the end of a tag in small letters.
SURE_TAG_QUARTER = 8
#: A place at the start of a word is looked for in its first so many letters.
LONGEST_WORD = 40

#: Words made of a town's name that posts write small.
IN_SMALL = frozenset({"stadjers", "stadjer"})

_END: Any = object()


class Gazetteer:
    """All names of Dutch municipalities, towns and neighbourhoods; make one with :meth:`load`."""

    def __init__(self, forms: dict[tuple[str, ...], Form]) -> None:
        self._trie: dict[Any, Any] = {}
        self._tags: dict[str, Form] = {}
        for key, form in forms.items():
            node = self._trie
            for token in key:
                node = node.setdefault(token, {})
            node[_END] = form
            squashed = "".join(key)
            if (
                form.senses
                and form.senses[0].prior > 0
                and not form.weak
                and len(squashed) >= SHORTEST_TAG_PART
            ):
                self._tags.setdefault(squashed, form)
        for code, name in AREA_CODES.items():
            self._tags[code] = forms[tokens(name)]
        self._adjectives = adjectives(forms)

    @classmethod
    def load(cls) -> "Gazetteer":
        """The gazetteer over ``models.geo``; read once, then shared (about half a second)."""
        return _loaded()

    def find(self, text: str) -> list[PlaceMention]:
        """Every mention of a place in ``text``, in order, longest names first, none overlapping.

        Weak names (ordinary words, surnames, generic neighbourhoods) are among them, marked
        ``weak``: :func:`scout.places.locate.locate` decides which of them count.
        """
        words = [(match.start(), match.end(), match.group()) for match in WORD.finditer(text)]
        context = Context(text, words)
        found: list[PlaceMention] = []
        index, total = 0, len(words)
        while index < total:
            word = words[index][2]
            token = fold(word)
            node = self._trie.get(token)
            if node is not None:
                match = self._longest(text, words, index, node)
                if match is not None:
                    form, last = match
                    mention = _mention(form, context, index, last, found) if form.senses else None
                    if mention is not None:
                        found.append(mention)
                    index = last + 1
                    continue
            if word[0].isupper() or token in IN_SMALL:
                self._add_derived(token, words[index], context.after(index), found)
            index += 1
        if "#" in text or "@" in text:
            _add_tags(self, text, found)
        return found

    def _add_derived(
        self, token: str, word: tuple[int, int, str], following: str, found: list[PlaceMention]
    ) -> None:
        """A word made of a town's name: "Arnhemse", "Texelfonds"."""
        sense = self._adjectives.get(token)
        if sense is not None:
            if following not in NAMED_AFTER:
                found.append(_single(sense, word, Role.ADJECTIVE))
            return
        for length in range(min(len(token), LONGEST_WORD) - 3, SHORTEST_TAG_PART - 1, -1):
            form = self._tags.get(token[:length])
            if form is not None and form.town and len(form.tokens) == 1:
                if WITHIN_BEFORE.match(token[length:]):
                    found.append(_single(form.senses[0], word, Role.WITHIN))
                return

    def _longest(
        self, text: str, words: list[tuple[int, int, str]], index: int, node: dict[Any, Any]
    ) -> tuple[Form, int] | None:
        best: tuple[Form, int] | None = None
        last = index
        while True:
            form = node.get(_END)
            if form is not None and written_as_name(form, text, words, index, last):
                best = form, last
            if last + 1 >= len(words):
                return best
            gap = text[words[last][1] : words[last + 1][0]]
            if len(gap) > 3 or not JOINT.match(gap):
                return best
            last += 1
            following = node.get(fold(words[last][2]))
            if following is None:
                return best
            node = following

    def tag(self, tag: str) -> Form | None:
        """The place that a hashtag (without ``#``) is, or starts or ends with."""
        parts = [fold(part) for part in CAMEL.findall(tag)]
        squashed = fold(tag).replace("_", "")
        whole = self._tags.get(squashed)
        if whole is not None:
            return whole
        if len(parts) > 1:
            for size in range(len(parts) - 1, 0, -1):
                for start in (len(parts) - size, 0):
                    form = self._tags.get("".join(parts[start : start + size]))
                    if form is not None:
                        return form
        for length in range(len(squashed) - 3, SHORTEST_TAG_PART, -1):
            last = self._tags.get(squashed[-length:])
            if last is not None and (last.town or length >= SURE_TAG_QUARTER):
                return last
            first = self._tags.get(squashed[:length])
            if first is not None and first.town:
                return first
        return None


@lru_cache(maxsize=1)
def _loaded() -> Gazetteer:
    return Gazetteer(all_forms())


#: "Wirdum (Gr.)", "Bergen (NH)".
PROVINCE_MARK = re.compile(
    r" ?\((Gr|Gn|Gron|Fr|Frl|Dr|Ov|O|Gld|Gl|G|U|Ut|Utr|NH|N-H|ZH|Z-H|Z|Zld|NB|N-Br|L|Lb|Limb|Fl)\.?\)"
)
PROVINCE_MARKS = {
    "Groningen": "Gr Gn Gron", "Fryslân": "Fr Frl", "Drenthe": "Dr", "Overijssel": "Ov O",
    "Gelderland": "Gld Gl G", "Utrecht": "U Ut Utr", "Noord-Holland": "NH N-H", "Zuid-Holland": "ZH Z-H",
    "Zeeland": "Z Zld", "Noord-Brabant": "NB N-Br", "Limburg": "L Lb Limb", "Flevoland": "Fl",
}  # fmt: skip
_MARKED = {mark: province for province, marks in PROVINCE_MARKS.items() for mark in marks.split()}


def _mention(
    form: Form, context: Context, first: int, last: int, before: list[PlaceMention]
) -> PlaceMention | None:
    start, end = context.words[first][0], context.words[last][1]
    if start > 0 and context.text[start - 1] in "'’‘" and form.tokens[0] in {"s", "t"}:
        start -= 1
    if context.in_address(start, end):
        return (
            _made(form, context.text, (start, end), Role.WITHIN, form.senses)
            if form.town and not form.weak
            else None
        )
    name = Name(form.town, form.weak, form.surname, form.word)
    role = role_of(context, name, (first, last, start, end), before)
    word_alone = form.weak and form.word and role is Role.PLAIN and first == last
    if word_alone and context.starts_sentence(start) and not context.text.startswith(" bij ", end):
        return None  # "Een", "Best" and the like at the start of a sentence are words
    marked = PROVINCE_MARK.match(context.text, end) if len(form.senses) > 1 else None
    if marked is not None:
        regions, province = Regions.load(), _MARKED[marked.group(1)]
        senses = [sense for sense in form.senses if regions.province(sense.municipality_code) == province]
        if senses:
            senses[0] = replace(senses[0], prior=1.0)
            return _made(
                form, context.text, (start, end), max(role, Role.BRACKETS, key=WEIGHT.__getitem__), senses
            )
    return _made(form, context.text, (start, end), role, form.senses)


def _made(form: Form, text: str, span: tuple[int, int], role: Role, senses: list[Sense]) -> PlaceMention:
    start, end = span
    likeliest = senses[0]
    sure = likeliest.prior > 0 or len(senses) == 1
    return PlaceMention(
        name=likeliest.name if sure else text[start:end],
        code=likeliest.code if sure else None,
        kind=likeliest.kind,
        start=start,
        end=end,
        key=likeliest.key if sure else None,
        municipality_code=likeliest.municipality_code if sure else None,
        role=role,
        # Surnames stand behind a title, a given name or "van"; in its own right such a name is a place.
        weak=form.weak and (form.word or role is not Role.PLAIN or len(senses) > 1),
        candidates=tuple(senses),
    )


def _single(sense: Sense, word: tuple[int, int, str], role: Role) -> PlaceMention:
    return PlaceMention(
        name=sense.name,
        code=sense.code,
        kind=sense.kind,
        start=word[0],
        end=word[1],
        key=sense.key,
        municipality_code=sense.municipality_code,
        role=role,
        weak=False,
        candidates=(sense,),
    )


def _add_tags(gazetteer: Gazetteer, text: str, found: list[PlaceMention]) -> None:
    """Add the places of hashtags and of municipalities' handles; a tag replaces what was found inside it."""
    exact = {mention.start for mention in found if mention.role is Role.HASHTAG}
    tags: list[PlaceMention] = []
    for pattern in (HASHTAG, HANDLE):
        for match in pattern.finditer(text):
            form = None if match.start(1) in exact else gazetteer.tag(match.group(1))
            if form is not None:
                tags.append(_made(form, text, match.span(1), Role.HASHTAG, form.senses))
    if not tags:
        return
    inside = {position for tag in tags for position in range(tag.start - 1, tag.end)}
    found[:] = [mention for mention in found if mention.start not in inside]
    found += tags
    found.sort(key=lambda mention: mention.start)

"""A text as the first stage reads it: folded, in words, sentences and clauses, with who stands where.

Pure and independent of any tokenizer, so that the same text gives the same features for ever.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from scout.classify.lexicon import (
    ACTORS,
    DEMONYM,
    DOINGS,
    JOINERS,
    NUMBERS,
    OPENERS,
    PREPOSITIONS,
    SOURCES,
    classes_of,
)

#: Characters of a text that are read; the rest adds nothing to a judgement and would cost memory.
#: The longest corpus text has under 2,000 (2026-11-21).
READ_CHARACTERS = 20_000
#: Characters of one word that are read; longer runs are no words (addresses, text without spaces).
WORD_CHARACTERS = 40

_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]{0,300}>|&(?:nbsp|amp|quot|lt|gt|#\d{1,6});")
_PARTS = re.compile(
    rf"(?P<word>[^\W\d_]{{1,{WORD_CHARACTERS}}}(?:['&-][^\W\d_]{{1,{WORD_CHARACTERS}}}){{0,3}})"
    r"|(?P<number>\d+(?:[.,:]\d+)*)|(?P<stop>[.!?\n]+)|(?P<mark>[,;:()\"/|•-]+)"
)
_INVISIBLE = {0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFE0E, 0xFE0F, 0xFEFF}


def _plain(code: int) -> str | None:
    """One character that stands for ``code``: no accent, plain quote, dash or space."""
    char = chr(code)
    if char in "‘’ʼ`´′":
        return "'"
    if char in "“”„«»″":
        return '"'
    if char in "–—−‐‑":
        return "-"
    if char.isspace() and char != "\n":
        return " "
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base if len(base) == 1 else None


#: One for one, so that offsets stay those of the original text.
_FOLD = {
    code: plain
    for code in (*range(0x21, 0x250), 0xA0, *range(0x1E00, 0x1F00), *range(0x2000, 0x2070), 0x3000, 0xFB01)
    if code not in _INVISIBLE and (plain := _plain(code)) is not None and plain != chr(code)
}
_REMOVE = re.compile("[" + "".join(chr(code) for code in sorted(_INVISIBLE)) + "\u0300-\u036f]")


def fold(text: str) -> tuple[str, list[int] | None]:
    """Lower case without accents, mark-up and invisible characters.

    Returns:
        The folded text, and for each of its characters the offset in ``text``; None when these
        are the same (nearly always).
    """
    if "<" in text or "&" in text:
        text = _MARKUP.sub(lambda match: " " * len(match.group()), text)
    if _REMOVE.search(text) is None:
        return text.translate(_FOLD), None
    kept = [index for index, char in enumerate(text) if not _REMOVE.match(char)]
    return "".join(text[index] for index in kept).translate(_FOLD), kept


@dataclass(slots=True)
class Token:
    """One word or number; offsets in the text that was read."""

    word: str
    start: int
    end: int
    classes: tuple[str, ...]
    #: Begins with a capital and does not open its sentence.
    name: bool
    #: Role of an actor in its clause: ``"bare"`` (subject or object), or the preposition before it.
    role: str = ""


@dataclass(slots=True)
class Clause:
    """Words between two punctuation marks or conjunctions."""

    tokens: list[Token]
    #: Sentence number; 0 is the title when there is one.
    sentence: int
    title: bool
    actors: list[Token] = field(default_factory=list)
    doings: list[Token] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """A whole text: title, line break, text."""

    text: str
    folded: str
    offsets: list[int] | None
    clauses: list[Clause]
    title_end: int

    @property
    def tokens(self) -> list[Token]:
        """All tokens in order."""
        return [token for clause in self.clauses for token in clause.tokens]


@lru_cache(maxsize=100_000)
def _is_actor(classes: tuple[str, ...]) -> bool:
    return any(name in ACTORS for name in classes)


@lru_cache(maxsize=100_000)
def _is_doing(classes: tuple[str, ...]) -> bool:
    return any(name in DOINGS for name in classes)


def read(title: str, text: str) -> Reading:
    """Read ``title + "\\n" + text``, at most :data:`READ_CHARACTERS` of it."""
    whole = f"{title}\n{text}"[:READ_CHARACTERS]
    folded, offsets = fold(whole)
    title_end = len(title) if title.strip() else -1
    clauses: list[Clause] = []
    tokens: list[Token] = []
    sentence = 0
    opens = True

    def close() -> None:
        nonlocal tokens
        if tokens:
            clause = Clause(tokens, sentence, title=tokens[0].start < title_end)
            _give_roles(clause)
            clauses.append(clause)
            tokens = []

    for match in _PARTS.finditer(folded):
        kind = match.lastgroup
        begin, stop = match.span()
        if offsets is None:
            start, end = begin, stop
        else:
            start, end = offsets[begin], offsets[stop - 1] + 1
        if kind == "word":
            word = match.group()
            if word in OPENERS and tokens and word != "als":
                close()
            capital = whole[start].isupper()
            classes = classes_of(word)
            if "PERSOON" in classes and not capital:
                classes = ()
            elif not classes and capital and not opens and DEMONYM.search(word) and _counted(tokens):
                classes = ("BEWONERS",)
            tokens.append(Token(word, start, end, classes, not opens and capital))
            opens = False
        elif kind == "number":
            tokens.append(Token("0" * min(stop - begin, 5), start, end, (), False))
            opens = False
        elif kind == "stop":
            close()
            if not opens or begin == 0:
                sentence += 1
            opens = True
        else:
            close()
            opens = '"' in match.group() or opens
    close()
    return Reading(whole, folded, offsets, clauses, title_end)


def _counted(tokens: list[Token]) -> bool:
    """ "Zes Needenaren", "een handvol Eibergenaren": a number or a group before the name."""
    return bool(tokens) and (
        tokens[-1].word in NUMBERS or tokens[-1].word[0] == "0" or "GROEP" in tokens[-1].classes
    )


def _give_roles(clause: Clause) -> None:
    """Say of each actor whether a preposition governs it: "door bewoners" is not "bewoners"."""
    pending = ""
    distance = 0
    last_actor: Token | None = None
    joined = False
    for number, token in enumerate(clause.tokens):
        distance += 1
        if token.word in PREPOSITIONS:
            before = clause.tokens[number - 1].word if number else ""
            pending, distance, joined = (before if before in SOURCES else token.word), 0, False
        elif _is_actor(token.classes):
            if joined and last_actor is not None:
                token.role = last_actor.role
            else:
                token.role = pending if pending and distance <= 3 else "bare"
            pending, joined, last_actor = "", False, token
            clause.actors.append(token)
        elif token.word in JOINERS:
            joined = last_actor is not None
        elif _is_doing(token.classes) or "is" in token.classes or "wil" in token.classes:
            pending, joined = "", False
        if _is_doing(token.classes):
            clause.doings.append(token)

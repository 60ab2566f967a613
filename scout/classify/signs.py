"""Who stands where in a text: gathered once, for the named features and the hashed ones."""

from dataclasses import dataclass, field
from itertools import pairwise

from scout.classify.lexicon import ACTORS, DOINGS, JOINERS, OPENERS, PREPOSITIONS
from scout.classify.reading import Clause, Reading, Token

#: First and last character of something found, as offsets in the text that was read.
Span = tuple[int, int]
#: Doings and circumstances that an actor is paired with.
_PAIRED = DOINGS | {"geeft", "besluit", "wil", "spreekt", "protest", "bekendmaking", "handel"}


@dataclass(slots=True)
class Signs:
    """Spans by what was found there."""

    #: class -> spans of its words
    words: dict[str, list[Span]] = field(default_factory=dict)
    #: (actor, doing) -> spans from the one to the other, the actor free of prepositions
    acts: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    #: (preposition, actor) -> spans
    governed: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    #: class after "onze" -> spans
    ours: dict[str, list[Span]] = field(default_factory=dict)
    #: actor with a verb of saying -> spans
    says: dict[str, list[Span]] = field(default_factory=dict)
    #: hashed view: what to hash, and where it was found
    keys: list[tuple[str, int, int]] = field(default_factory=list)
    #: hashed view, in pairs: who and what occurs anywhere in the text, by name, and where first
    present: list[tuple[str, int, int]] = field(default_factory=list)


def gather(reading: Reading) -> Signs:
    """Find all signs in a text."""
    signs = Signs()
    present: dict[str, Span] = {}
    last: tuple[str, ...] = ()
    for clause in reading.clauses:
        _words(clause, signs, present)
        _pairs(clause, signs, present)
        last = _carried_on(clause, signs, last)
        _skeleton(clause, signs)
    signs.present = [(name, *present[name]) for name in sorted(present)]
    return signs


def _words(clause: Clause, signs: Signs, present: dict[str, Span]) -> None:
    since_our = 9
    for token in clause.tokens:
        span = (token.start, token.end)
        since_our += 1
        for name in token.classes:
            signs.words.setdefault(name, []).append(span)
            present.setdefault(f"any:{name}", span)
            signs.keys.append((f"c:{name}", *span))
            if clause.title:
                signs.keys.append((f"ct:{name}", *span))
            if clause.sentence <= 1:
                signs.keys.append((f"c1:{name}", *span))
            if since_our <= 2:
                signs.ours.setdefault(name, []).append(span)
                signs.keys.append((f"o:{name}", *span))
        if "ONS" in token.classes:
            since_our = 0


def _pairs(clause: Clause, signs: Signs, present: dict[str, Span]) -> None:
    doings = [(token, name) for token in clause.tokens for name in token.classes if name in _PAIRED]
    for actor in clause.actors:
        bare = actor.role == "bare"
        for who in actor.classes:
            if who not in ACTORS:
                continue
            span = (actor.start, actor.end)
            signs.keys.append((f"r:{actor.role}:{who}", *span))
            present.setdefault(who if bare else f"{'door' if actor.role == 'door' else 'pp'}:{who}", span)
            if not bare:
                signs.governed.setdefault((actor.role, who), []).append(span)
            for token, doing in doings:
                if token is actor:
                    continue
                reach = (min(actor.start, token.start), max(actor.end, token.end))
                signs.keys.append((f"ad:{'bare' if bare else 'pp'}:{who}:{doing}", *reach))
                if not bare:
                    signs.keys.append((f"ad:{actor.role}:{who}:{doing}", *reach))
                    continue
                if doing == "spreekt":
                    signs.says.setdefault(who, []).append(reach)
                signs.acts.setdefault((who, doing), []).append(reach)


def _carried_on(clause: Clause, signs: Signs, last: tuple[str, ...]) -> tuple[str, ...]:
    """Doings in a clause that names no actor, or only "ze" or "hij", go to the actor named before."""
    bare = [actor for actor in clause.actors if actor.role == "bare"]
    if bare:
        return tuple(name for name in bare[-1].classes if name in ACTORS)
    for token in clause.tokens:
        for doing in token.classes:
            if doing in DOINGS:
                signs.keys.extend((f"ref:{who}:{doing}", token.start, token.end) for who in last)
    return last


def _skeleton(clause: Clause, signs: Signs) -> None:
    """Sequences of two or three word classes, prepositions and names: the shape of a clause."""
    shape = ["^"]
    starts = [clause.tokens[0].start]
    ends = [clause.tokens[0].start]
    for token in clause.tokens:
        sign = _sign(token)
        if sign != shape[-1] or sign not in ("_", "NAAM"):
            shape.append(sign)
            starts.append(token.start)
            ends.append(token.end)
    shape.append("$")
    starts.append(clause.tokens[-1].end)
    ends.append(clause.tokens[-1].end)
    keys = signs.keys
    keys += zip([f"s2:{a} {b}" for a, b in pairwise(shape)], starts, ends[1:], strict=False)
    three = [f"s3:{a} {b} {c}" for a, b, c in zip(shape, shape[1:], shape[2:], strict=False)]
    keys += zip(three, starts, ends[2:], strict=False)


def _sign(token: Token) -> str:
    if token.classes:
        return token.classes[0]
    if token.word in PREPOSITIONS or token.word in JOINERS or token.word in OPENERS:
        return token.word
    if token.name:
        return "NAAM"
    return "0" if token.word[0] == "0" else "_"

"""The spaCy pipeline: tokenizer, then ``places``, ``initiative``, ``theme`` and ``evidence``.

Every component adds to the document what it found, as an extension attribute (``doc._``):
``placed``, ``reading``, ``signs``, ``vector``, ``row``, ``logit``, ``score``, ``flagged``, ``theme``,
``theme_score`` and ``evidence``. Nothing depends on which other texts are in a batch.
"""

import gc
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from models.settings import Settings
from scout.classify.evidence import Evidence, explain
from scout.classify.hashing import Vector, vectorise
from scout.classify.model import Model, ensure_model
from scout.classify.reading import READ_CHARACTERS, read
from scout.classify.signs import gather
from scout.classify.training import Progress
from scout.places import Placed, PlaceMention, place

#: Texts that go through the pipeline together.
BATCH = 128
#: Words in spaCy's vocabulary at which the pipeline is made anew (about 100 MB).
VOCABULARY = 200_000
#: A second opinion on a text: log-odds at the natural rate, blended with the first stage's.
SecondStage = Callable[[str, str], float]
#: The second stage is asked only where it can change the outcome: log-odds of the first from, to.
SECOND_STAGE_BAND = (-6.0, 6.0)
#: Share of the first stage in the blend.
FIRST_STAGE_SHARE = 0.5

#: What can't be in a text: half of a character pair, and zero bytes.
_BROKEN = re.compile("[\ud800-\udfff\x00]")
#: A run that is no word: an address, a picture in letters, text without spaces.
_ENDLESS = re.compile(r"\S{400}")
_PIECES = re.compile(r"\S{1,100}|\s+")

_EXTENSIONS = (
    "title",
    "body",
    "default",
    "placed",
    "reading",
    "signs",
    "vector",
    "row",
    "logit",
    "score",
    "flagged",
    "theme",
    "theme_score",
    "evidence",
)


@dataclass(frozen=True, slots=True)
class Text:
    """What goes in: nothing else of an item is looked at."""

    title: str
    text: str
    #: CBS code of the municipality that the source is about.
    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What comes out. Offsets are in ``title + "\\n" + text``."""

    #: 0.0 to 1.0, calibrated for a natural week of feeds; 6 decimals.
    score: float
    flagged: bool
    theme: str | None
    theme_score: float
    municipality_code: str | None
    place_key: str | None
    places: tuple[PlaceMention, ...]
    #: Only for flagged texts.
    evidence: Evidence | None
    vector: Vector


@Language.factory("scout_places")
class Places:
    """Which places a text names, and which municipality it is about."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        doc._.placed = place(doc._.title, doc._.body, doc._.default)
        return doc


@Language.factory("scout_initiative")
class Initiative:
    """How likely a text is about a citizen initiative; give it a model before use."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.model: Model
        self.second_stage: SecondStage | None = None

    def __call__(self, doc: Doc) -> Doc:
        reading = read(doc._.title, doc._.body)
        signs = gather(reading)
        vector = vectorise(reading, signs)
        row = self.model.space.row(vector)
        logit = self.model.logit(row)
        low, high = SECOND_STAGE_BAND
        if self.second_stage is not None and low <= logit <= high:
            second = self.second_stage(doc._.title, doc._.body)
            logit = FIRST_STAGE_SHARE * logit + (1 - FIRST_STAGE_SHARE) * second
        doc._.reading, doc._.signs, doc._.vector, doc._.row = reading, signs, vector, row
        doc._.logit = logit
        doc._.score = score_of(logit)
        # Without a single word there is nothing to go by, whatever the bias says.
        doc._.flagged = bool(reading.clauses) and doc._.score >= self.model.threshold
        return doc


@Language.factory("scout_theme")
class Theme:
    """Which of the themes a text belongs to."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.model: Model

    def __call__(self, doc: Doc) -> Doc:
        if doc._.reading.clauses:
            doc._.theme, doc._.theme_score = self.model.theme(doc._.row)
        else:
            doc._.theme, doc._.theme_score = None, 0.0
        return doc


@Language.factory("scout_evidence")
class Evidencer:
    """Which phrases carried the score of a flagged text."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.model: Model

    def __call__(self, doc: Doc) -> Doc:
        doc._.evidence = explain(self.model, doc._.reading, doc._.signs, doc._.row) if doc._.flagged else None
        return doc


#: Name in the pipeline -> factory, in order.
COMPONENTS = {
    "places": "scout_places",
    "initiative": "scout_initiative",
    "theme": "scout_theme",
    "evidence": "scout_evidence",
}


def score_of(logit: float) -> float:
    """Log-odds as a score between 0.0 and 1.0, with the 6 decimals that are kept and compared."""
    return round(1 / (1 + math.exp(-max(-50.0, min(50.0, logit)))), 6)


class Recogniser:
    """The pipeline with a trained model in it."""

    def __init__(self, model: Model, *, second_stage: SecondStage | None = None) -> None:
        for name in _EXTENSIONS:
            Doc.set_extension(name, default=None, force=True)
        self.model = model
        self.second_stage = second_stage
        self.nlp = self._pipeline()
        place("", "")
        # Gazetteer and model stay for ever: without this the garbage collector walks through them
        # again and again, a fifth of all time (measured 2026-11-22).
        gc.collect()
        gc.freeze()

    def _pipeline(self) -> Language:
        nlp = spacy.blank("nl")
        for name, factory in COMPONENTS.items():
            component: Any = nlp.add_pipe(factory, name=name)
            component.model = self.model
            if name == "initiative":
                component.second_stage = self.second_stage
        return nlp

    @classmethod
    def load(cls, settings: Settings, *, progress: Progress | None = None) -> "Recogniser":
        """With the current model, trained first where needed (see :func:`ensure_model` for errors)."""
        return cls(ensure_model(settings, progress=progress))

    def judge(self, texts: Iterable[Text]) -> Iterator[Judgement]:
        """One judgement for each text, in order; holds at most a batch in memory."""
        batch: list[Text] = []
        for text in texts:
            batch.append(text)
            if len(batch) == BATCH:
                yield from self._batch(batch)
                batch = []
        yield from self._batch(batch)

    def _batch(self, texts: list[Text]) -> list[Judgement]:
        # spaCy keeps every word it ever met; a fresh start now and then keeps memory bounded.
        if len(self.nlp.vocab) > VOCABULARY:
            self.nlp = self._pipeline()
        return [_judgement(doc) for doc in self.nlp.pipe([self._doc(text) for text in texts])]

    def _doc(self, text: Text) -> Doc:
        title = _BROKEN.sub("\ufffd", text.title[:READ_CHARACTERS])
        body = _BROKEN.sub("\ufffd", text.text[: max(READ_CHARACTERS - len(title) - 1, 0)])
        whole = f"{title}\n{body}"
        if _ENDLESS.search(whole):
            # The tokenizer takes time by the square of such a run; its words are not needed for a judgement.
            pieces = _PIECES.findall(whole)
            doc = Doc(self.nlp.vocab, words=pieces, spaces=[False] * len(pieces))
        else:
            doc = self.nlp.make_doc(whole)
        doc._.title, doc._.body, doc._.default = title, body, text.municipality
        return doc


def _judgement(doc: Doc) -> Judgement:
    placed: Placed = doc._.placed
    return Judgement(
        score=doc._.score,
        flagged=doc._.flagged,
        theme=doc._.theme,
        theme_score=doc._.theme_score,
        municipality_code=placed.location.municipality_code,
        place_key=placed.location.place_key,
        places=placed.places,
        evidence=doc._.evidence,
        vector=doc._.vector,
    )

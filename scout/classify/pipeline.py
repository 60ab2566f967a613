"""The spaCy pipeline: tokenizer, then places, initiative, second reading, theme, evidence and names.

Every component adds to the document what it found, as an extension attribute (``doc._``):
``placed``, ``reading``, ``signs``, ``vector``, ``row``, ``first`` (log-odds of the first stage), ``second``
(what the encoder said, if asked), ``score``, ``flagged``, ``theme``, ``theme_score``, ``evidence`` and
``names``.
Nothing depends on which other texts are in a batch.
"""

import gc
import math
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from models.settings import Settings
from scout.classify.blend import Blend, theme_odds
from scout.classify.encoder import Encoder
from scout.classify.evidence import Evidence, explain
from scout.classify.hashing import Vector, vectorise
from scout.classify.model import Model, ensure_model
from scout.classify.naming import NOTHING_NAMED, Names, names_of
from scout.classify.reading import READ_CHARACTERS, read
from scout.classify.signs import gather
from scout.places import Placed, PlaceMention, place

if TYPE_CHECKING:
    from scout.classify.training import Progress

#: Texts that go through the pipeline together.
BATCH = 128
#: Words in spaCy's vocabulary at which the pipeline is made anew (about 100 MB).
VOCABULARY = 200_000
#: Texts that wait while the encoder reads them; meanwhile the first stage goes on with the next.
AHEAD = 64

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
    "first",
    "second",
    "score",
    "flagged",
    "theme",
    "theme_score",
    "evidence",
    "names",
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
    #: What the text calls the initiative and the organisation behind it; of texts that are not flagged none.
    names: Names = NOTHING_NAMED


@dataclass(frozen=True, slots=True)
class Second:
    """The second stage: an encoder, and how its answer is used."""

    encoder: Encoder
    blend: Blend


#: An answer of the encoder that is on its way.
Asked = Future[npt.NDArray[np.float32]]


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
    """First stage: how likely a text is about a citizen initiative; give it a model before use."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.model: Model

    def __call__(self, doc: Doc) -> Doc:
        reading = read(doc._.title, doc._.body)
        signs = gather(reading)
        vector = vectorise(reading, signs)
        row = self.model.space.row(vector)
        doc._.reading, doc._.signs, doc._.vector, doc._.row = reading, signs, vector, row
        doc._.first = self.model.logit(row)
        return doc


@Language.factory("scout_second_reading")
class SecondReading:
    """Second stage: an encoder reads the texts where it can change the outcome; then score and flag."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.second: Second | None = None
        self.model: Model

    def __call__(self, doc: Doc) -> Doc:
        return self._settle(doc, self._ask(doc))

    def pipe(self, stream: Iterable[Doc], batch_size: int) -> Iterator[Doc]:
        """Documents in order; the encoder reads in its own threads while later ones get their first stage."""
        waiting: deque[tuple[Doc, Asked | None]] = deque()
        for doc in stream:
            waiting.append((doc, self._ask(doc)))
            while len(waiting) > AHEAD or (waiting and _ready(waiting[0][1])):
                yield self._settle(*waiting.popleft())
        while waiting:
            yield self._settle(*waiting.popleft())

    def _ask(self, doc: Doc) -> "Asked | None":
        # Without a single word there is nothing to go by.
        if self.second is None or not doc._.reading.clauses or not self.second.blend.asks(doc._.first):
            return None
        return self.second.encoder.ask(doc._.title, doc._.body)

    def _settle(self, doc: Doc, asked: "Asked | None") -> Doc:
        logit, threshold = doc._.first, self.model.threshold
        if self.second is not None:
            threshold = self.second.blend.threshold
            if asked is not None:
                doc._.second = asked.result()
                logit = self.second.blend.logit(logit, float(doc._.second[0]))
        doc._.score = score_of(logit)
        doc._.flagged = bool(doc._.reading.clauses) and doc._.score >= threshold
        return doc


@Language.factory("scout_theme")
class Theme:
    """Which of the themes a text belongs to; where the encoder was asked, both stages have a say."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.model: Model
        self.second: Second | None = None

    def __call__(self, doc: Doc) -> Doc:
        themes = self.model.themes
        doc._.theme, doc._.theme_score = None, 0.0
        if themes and doc._.reading.clauses:
            shares = self.model.theme_shares(doc._.row)
            if self.second is not None and doc._.second is not None:
                said = doc._.second[1:].astype(np.float64)
                shares = theme_odds(themes, shares, self.second.encoder.themes, said)
            best = int(shares.argmax())
            doc._.theme, doc._.theme_score = themes[best], float(shares[best])
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


@Language.factory("scout_names")
class Namer:
    """What a flagged text calls the initiative and the organisation behind it."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        doc._.names = NOTHING_NAMED
        if doc._.flagged:
            doc._.names = names_of(doc._.title, doc._.body, doc._.reading, doc._.placed.places)
        return doc


#: Name in the pipeline -> factory, in order.
COMPONENTS = {
    "places": "scout_places",
    "initiative": "scout_initiative",
    "second_reading": "scout_second_reading",
    "theme": "scout_theme",
    "evidence": "scout_evidence",
    "names": "scout_names",
}


def score_of(logit: float) -> float:
    """Log-odds as a score between 0.0 and 1.0, with the 6 decimals that are kept and compared."""
    return round(1 / (1 + math.exp(-max(-50.0, min(50.0, logit)))), 6)


def _second(model: Model, encoder: Encoder | None) -> Second | None:
    blend = Blend.of(model.card.get("blend"))
    if encoder is None or blend is None or blend.encoder != encoder.version:
        return None
    return Second(encoder, blend)


def _ready(asked: Asked | None) -> bool:
    return asked is None or asked.done()


class Recogniser:
    """The pipeline with a trained model in it."""

    def __init__(self, model: Model, *, encoder: Encoder | None = None) -> None:
        """An encoder that the model was not blended with is left out: its answers mean something else."""
        for name in _EXTENSIONS:
            Doc.set_extension(name, default=None, force=True)
        self.model = model
        self.second = _second(model, encoder)
        self.nlp = self._pipeline()
        place("", "")
        # Gazetteer and model stay for ever: without this the garbage collector walks through them
        # again and again, a fifth of all time (measured 2026-11-22).
        gc.collect()
        gc.freeze()

    @property
    def threshold(self) -> float:
        """Score from which on a text is flagged."""
        return self.second.blend.threshold if self.second else self.model.threshold

    def _pipeline(self) -> Language:
        nlp = spacy.blank("nl")
        for name, factory in COMPONENTS.items():
            component: Any = nlp.add_pipe(factory, name=name)
            component.model = self.model
            component.second = self.second
        return nlp

    @classmethod
    def load(cls, settings: Settings, *, progress: "Progress | None" = None) -> "Recogniser":
        """With the current model, trained first where needed (see :func:`ensure_model` for errors)."""
        return cls(ensure_model(settings, progress=progress), encoder=Encoder.load())

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
        names=doc._.names,
    )

"""A small corpus, and texts of another file taken as if people had decided on them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from models.words import Origin
from scout.classify import gate, model, retraining, training
from scout.classify.corpus import Example, read_corpus
from scout.classify.hashing import Vector
from scout.classify.learning import Taught, fingerprint_of
from scout.classify.training import Fitted, fit, vectors_of

#: The frozen set and two more, so that a training takes a second or two.
FILES = frozenset({"oost", "west", "noordzuid", "stream", "pairs", "grow2"})
#: For what a model knows does not matter, only which one is in use.
FEW = frozenset({"west", "grow2"})
#: The file that the decisions are about; 231 texts, 110 of them initiatives.
DECIDED = "oost2"


@cache
def small_corpus(files: frozenset[str] = FILES) -> list[Example]:
    """Some files of the corpus."""
    return [example for example in read_corpus() if example.source in files]


@cache
def decided_texts() -> list[Example]:
    """What the decisions are about."""
    return [example for example in read_corpus() if example.source == DECIDED]


@cache
def right_decisions() -> tuple[Taught, ...]:
    """Each text of the file with its right label, and a lead of its own."""
    texts = decided_texts()
    return tuple(
        Taught(vector, text.initiative, text.theme, Origin.REVIEWER, number, "GM0202", 1.0)
        for number, (text, vector) in enumerate(zip(texts, vectors_of(texts), strict=True), start=1)
    )


def wrong(rows: Iterable[Taught]) -> list[Taught]:
    """The same decisions by somebody who says no to every initiative and yes to all else."""
    return [replace(row, initiative=not row.initiative, theme="") for row in rows]


def use_only(monkeypatch: pytest.MonkeyPatch, files: frozenset[str]) -> None:
    """Train on these files from now on, and on the same texts and decisions only once."""
    for module in (model, retraining):
        monkeypatch.setattr(module, "read_corpus", lambda folder=None: small_corpus(files))
    monkeypatch.setattr(retraining, "vectors_of", vectors_once)
    for module in (gate, retraining, training):
        monkeypatch.setattr(module, "fit", fit_once)


#: What was read and fitted before; the same always gives the same, as a test of each promises.
_vectors: dict[str, Vector] = {}
_fitted: dict[tuple[frozenset[str], str], Fitted] = {}


def vectors_once(examples: Sequence[Example]) -> list[Vector]:
    """Like ``vectors_of``."""
    new = [example for example in examples if example.id not in _vectors]
    _vectors.update(zip((example.id for example in new), vectors_of(new), strict=True))
    return [_vectors[example.id] for example in examples]


def fit_once(examples: Sequence[Example], *, taught: Sequence[Taught] = (), **more: Any) -> Fitted:
    """Like ``fit``."""
    key = frozenset(example.id for example in examples), fingerprint_of(taught)
    if key not in _fitted:
        vectors = more.get("vectors") or vectors_once(examples)
        _fitted[key] = fit(examples, taught=taught, **{**more, "vectors": vectors})
    return _fitted[key]

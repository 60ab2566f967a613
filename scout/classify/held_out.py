"""What the model says of the corpus itself, each text by a model that never saw its file.

The figures of the closing of an issue, and of the model card, come from here: none is of training data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scout.classify.blend import Blend, theme_odds
from scout.classify.corpus import Example
from scout.classify.encoder import artefact
from scout.classify.hashing import Vector
from scout.classify.linear import Space
from scout.classify.pipeline import score_of
from scout.classify.training import Doubles, Fitted, fit, fit_themes, folds_of, vectors_of


@dataclass(frozen=True, slots=True)
class Unseen:
    """One text, judged by a model that never saw its file."""

    #: 0.0 to 1.0, of both stages, and of the first one alone.
    score: float
    first_score: float
    flagged: bool
    #: The second stage was asked.
    asked: bool
    theme: str | None
    theme_score: float


def judge_unseen(examples: Sequence[Example]) -> tuple[Fitted, list[Unseen]]:
    """Judge every example by cross-validation over files; one of the result for each, in order.

    Also returns the model trained on all of them, whose threshold was used.
    """
    vectors = vectors_of(examples)
    fitted = fit(examples, vectors=vectors)
    blend = Blend.of(fitted.card["blend"])
    threshold = blend.threshold if blend else fitted.threshold
    second = artefact.out_of_fold(artefact.SHIPPED)
    themes = _themes(examples, vectors)
    found = []
    for example, first, both, (names, alone) in zip(
        examples, fitted.out_of_fold, fitted.both_out_of_fold, themes, strict=True
    ):
        answer = second.outputs.get(example.id)
        asked = blend is not None and answer is not None and blend.asks(first)
        shares = theme_odds(names, alone, second.themes, np.array(answer[1:])) if asked and answer else alone
        best = int(shares.argmax()) if len(shares) else -1
        score = score_of(both)
        found.append(
            Unseen(
                score,
                score_of(first),
                score >= threshold,
                asked,
                names[best] if best >= 0 else None,
                float(shares[best]) if best >= 0 else 0.0,
            )
        )
    return fitted, found


def _themes(examples: Sequence[Example], vectors: list[Vector]) -> list[tuple[tuple[str, ...], Doubles]]:
    """For each example the themes, and the share that the first stage gives each."""
    folds = folds_of(examples)
    found: list[tuple[tuple[str, ...], Doubles]] = [((), np.zeros(0))] * len(examples)
    for fold in np.unique(folds):
        rest = [index for index in range(len(examples)) if folds[index] != fold]
        space = Space.learn([vectors[index] for index in rest])
        words = space.matrix(vectors)[:, : space.starts[2]].tocsr()
        known = [examples[index] for index in rest]
        names, weights, bias = fit_themes(words[rest], known, [], np.ones(len(rest)))
        for index in np.flatnonzero(folds == fold):
            odds = np.asarray(words[index] @ weights).ravel() + bias
            shares = np.exp(odds - odds.max(initial=0.0)).astype(np.float64)
            found[index] = (names, shares / shares.sum() if len(shares) else shares)
    return found

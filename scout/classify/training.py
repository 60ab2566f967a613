"""Fitting the first stage: two linear models on two views, blended and calibrated by cross-validation.

Choices, by leaving one corpus file out (2,968 texts in 14 files, 2026-11-22; average precision on the seven
mixed files / the pairs / all posts / the stream, then precision at recall 0.95 on the seven):

- words alone 0.888 / 0.806 / 0.823 / 0.560, 0.66; characters alone 0.902 / 0.850 / 0.831 / 0.776, 0.70;
  words and characters in one model 0.916 / 0.870 / 0.848 / 0.773, 0.71;
- who does what alone (hashed signs and named features) 0.871 / 0.869 / 0.775 / 0.535, 0.68;
- one model on all columns 0.920 / 0.906 / 0.841 / 0.779, 0.75;
- taken: words and characters in one model, who does what in another 0.926 / 0.901 / 0.852 / 0.798, 0.76;
- no gain, on the first 2,119 texts: characters up to 5 or across words, squared-hinge and naive Bayes
  weighting, quadratic and RBF kernels, unknown features in the length, word classes four in a row.

``benchmarks/recognition.py`` prints the comparison with other methods anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.linear_model import LogisticRegression

from scout.classify.blend import Blend, answers, cross_blended, fit_blend
from scout.classify.calibration import NATURAL_RATE, calibrate, natural, natural_weights
from scout.classify.corpus import Example, fingerprint
from scout.classify.encoder import artefact
from scout.classify.figures import figures_of, threshold_at_recall
from scout.classify.hashing import Vector, vectorise
from scout.classify.learning import Taught, balanced, summary
from scout.classify.linear import Floats, Space
from scout.classify.reading import read
from scout.classify.signs import gather

#: Inverse regularisation of each head, in the order of :data:`HEADS`; of 1, 3, 10 and 30 the best on average.
STRENGTH = (10.0, 3.0)
#: How much each head says, in units of the spread of its unseen scores.
SHARES = (1.5, 0.5)
#: Columns of each head: from which to which start of the space.
HEADS = ((0, 2), (2, 4))
#: Inverse regularisation of the theme models.
THEME_STRENGTH = 10.0
#: Makes the shares of the themes as sure as they are right: of 1.0 to 2.5, on files not trained on, the
#: likelihood was best from 1.6 to 2.0, with a calibration error of 0.05 instead of 0.23 (2026-11-22).
THEME_SHARPNESS = 1.8
#: Folds of the cross-validation at most; each is one corpus file, or a few when there are more files.
FOLDS = 10
#: Recall at which the threshold is set (DESIGN, scout score).
RECALL = 0.95
Doubles = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Fitted:
    """What training found; everything that scoring needs, and the figures."""

    space: Space
    #: One weight a column: calibrated logit = row · weights + bias.
    weights: Floats
    bias: float
    #: First columns (words and characters) by themes, and one bias a theme: softmax(row · weights + bias).
    theme_weights: Floats
    theme_bias: Floats
    themes: tuple[str, ...]
    #: Calibrated probability at which an item is flagged.
    threshold: float
    card: dict[str, Any]
    #: Calibrated log-odds of each example by a first stage that never saw its file.
    out_of_fold: Doubles
    #: The same of both stages together; the first's where there is no encoder.
    both_out_of_fold: Doubles


def vectors_of(examples: Sequence[Example]) -> list[Vector]:
    """Hashed features of each example's title and text."""
    vectors = []
    for example in examples:
        reading = read(example.title, example.text)
        vectors.append(vectorise(reading, gather(reading)))
    return vectors


def folds_of(examples: Sequence[Example], limit: int = FOLDS) -> npt.NDArray[np.int64]:
    """Fold number of each example: whole files stay together; with one file, minimal sets do."""
    names = [example.source for example in examples]
    if len(set(names)) < 2:
        names = [example.group for example in examples]
    unique, codes = np.unique(names, return_inverse=True)
    sizes = np.bincount(codes)
    count = min(limit, len(unique))
    filled = [0] * count
    fold_of = np.zeros(len(unique), dtype=np.int64)
    for name in sorted(range(len(unique)), key=lambda n: (-sizes[n], n)):
        fold = filled.index(min(filled))
        fold_of[name] = fold
        filled[fold] += int(sizes[name])
    return fold_of[codes]


def fit(
    examples: Sequence[Example],
    *,
    taught: Sequence[Taught] = (),
    vectors: Sequence[Vector] | None = None,
    encoder: Path = artefact.SHIPPED,
    progress: Progress | None = None,
) -> Fitted:
    """Train on labelled texts and decisions. Deterministic: the same ones give the same weights.

    Calibration, threshold and figures come from the corpus alone: what is decided on is a choice of the
    model itself, no natural week.

    Args:
        taught: what decisions taught; learnt from in every fold, since none of it is in the corpus.
        vectors: of the examples, where the caller has them already.
        encoder: folder of the artefact that the first stage is blended with; there need be none.
    """
    everything = [*(vectors if vectors is not None else vectors_of(examples))]
    everything += [row.vector for row in taught]
    labels = np.array([example.initiative for example in examples])
    known = np.concatenate((labels, np.array([row.initiative for row in taught], dtype=bool)))
    counts = np.concatenate((np.ones(len(examples)), balanced(taught, len(examples))))
    folds = folds_of(examples)
    fold_count = int(folds.max()) + 1
    held_out = np.zeros((len(HEADS), len(examples)))
    for fold in range(fold_count):
        if progress is not None:
            progress("train", fold, fold_count + 1)
        test = np.concatenate((folds == fold, np.zeros(len(taught), dtype=bool)))
        if len(set(known[~test])) < 2:
            continue
        # Not even how rare a word is may come from the texts that are held out.
        space = Space.learn([vector for vector, out in zip(everything, test, strict=True) if not out])
        for head, columns in enumerate(_heads(space.matrix(everything).tocsc(), space)):
            weights, bias = _fit_head(columns[~test], known[~test], STRENGTH[head], counts[~test])
            held_out[head, folds == fold] = columns[test] @ weights + bias
    scales = np.array(SHARES) / np.maximum(held_out.std(axis=1), 1e-9)
    raw = scales @ held_out
    weights_of_texts = natural_weights(labels, natural(examples))
    slope, shift = calibrate(raw, labels, weights_of_texts)

    space = Space.learn(everything)
    matrix = space.matrix(everything).tocsc()
    weights = np.zeros(matrix.shape[1])
    bias = shift
    for head, columns in enumerate(_heads(matrix, space)):
        first, end = (space.starts[edge] for edge in HEADS[head])
        head_weights, head_bias = _fit_head(columns, known, STRENGTH[head], counts)
        weights[first:end] = head_weights * scales[head] * slope
        bias += head_bias * scales[head] * slope
    themes, theme_weights, theme_bias = fit_themes(
        matrix[:, : space.starts[2]].tocsr(), examples, taught, counts
    )
    if progress is not None:
        progress("train", fold_count + 1, fold_count + 1)

    logits = slope * raw + shift
    threshold = threshold_at_recall(labels, probability(logits), RECALL)
    blend, both = _blend(encoder, examples, logits, labels=labels, weights=weights_of_texts, folds=folds)
    flags_at = blend.threshold if blend else threshold
    card = {
        "texts": len(examples),
        "initiatives": int(labels.sum()),
        "corpus": fingerprint(examples),
        "decisions": summary(taught, len(examples)),
        "folds": fold_count,
        "threshold": threshold,
        "natural_rate": NATURAL_RATE,
        "figures": figures_of(examples, probability(both), flags_at),
        "first_stage": figures_of(examples, probability(logits), threshold),
        "blend": blend.as_dict() if blend else None,
    }
    return Fitted(
        space,
        weights.astype(np.float32),
        float(bias),
        theme_weights,
        theme_bias,
        themes,
        threshold,
        card,
        logits,
        both,
    )


def probability(logits: Doubles) -> Doubles:
    """Logistic function."""
    result: Doubles = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
    return result


def _blend(
    folder: Path,
    examples: Sequence[Example],
    first: Doubles,
    *,
    labels: npt.NDArray[np.bool_],
    weights: Doubles,
    folds: npt.NDArray[np.int64],
) -> tuple[Blend | None, Doubles]:
    """How the encoder in a folder is used, and log-odds of both stages by blends that never saw the file."""
    manifest = artefact.read_manifest(folder)
    if manifest is None:
        return None, first
    second = answers([example.id for example in examples], artefact.out_of_fold(folder).logits())
    blend = fit_blend(manifest.version, labels, weights, first, second)
    if blend is None:
        return None, first
    both = cross_blended(manifest.version, labels, weights, first, second, folds=folds)
    return replace(blend, threshold=threshold_at_recall(labels, probability(both), RECALL)), both


def _heads(matrix: csc_matrix, space: Space) -> list[csr_matrix]:
    return [matrix[:, space.starts[first] : space.starts[end]].tocsr() for first, end in HEADS]


def _fit_head(
    rows: csr_matrix, labels: npt.NDArray[np.bool_], strength: float, counts: Doubles
) -> tuple[Doubles, float]:
    """Weights and bias; both labels weigh the same together, a row counts as many times as it says."""
    both = np.where(labels, counts[labels].sum(), counts[~labels].sum())
    model = LogisticRegression(
        # The dual problem has one variable a text, not one a feature: eight times as fast here.
        C=strength,
        solver="liblinear",
        dual=True,
        max_iter=1000,
        random_state=0,
    ).fit(rows, labels, sample_weight=counts * (counts.sum() / (2 * both)))
    return model.coef_[0], float(model.intercept_[0])


def fit_themes(
    matrix: csr_matrix, examples: Sequence[Example], taught: Sequence[Taught], counts: Doubles
) -> tuple[tuple[str, ...], Floats, Floats]:
    """One against the rest for each theme, on the initiatives, which are the texts that have one.

    Only words and characters: what is done says more of a theme than who does it.
    """
    themes = tuple(sorted({example.theme for example in examples if example.theme}))
    # One that only decisions know has too few texts to be learnt.
    of_all = [*(example.theme for example in examples), *(row.theme for row in taught)]
    rows = [index for index, theme in enumerate(of_all) if theme in themes]
    names = np.array([of_all[index] for index in rows])
    weights = np.zeros((matrix.shape[1], len(themes)), dtype=np.float32)
    bias = np.zeros(len(themes), dtype=np.float32)
    if len(themes) > 1:
        for number, theme in enumerate(themes):
            theme_weights, theme_bias = _fit_head(matrix[rows], names == theme, THEME_STRENGTH, counts[rows])
            weights[:, number] = theme_weights * THEME_SHARPNESS
            bias[number] = theme_bias * THEME_SHARPNESS
    return themes, weights, bias

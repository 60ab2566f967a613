"""Figures of recognition: plain functions from labels and scores to numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, precision_recall_curve

from scout.classify.corpus import Example

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


def recall_at_precision(labels: Labels, scores: Doubles, precision: float) -> float:
    """Highest recall of any threshold that reaches this precision."""
    precisions, recalls, _ = precision_recall_curve(labels, scores)
    return float(recalls[precisions >= precision].max())


def precision_at_recall(labels: Labels, scores: Doubles, recall: float) -> float:
    """Highest precision of any threshold that reaches this recall."""
    precisions, recalls, _ = precision_recall_curve(labels, scores)
    return float(precisions[recalls >= recall].max())


def threshold_at_recall(labels: Labels, scores: Doubles, recall: float) -> float:
    """Highest threshold at or above which this share of the initiatives scores; 0.5 without any."""
    positive = np.sort(scores[labels])[::-1]
    if not len(positive):
        return 0.5
    return float(positive[int(np.ceil(recall * len(positive))) - 1])


def calibration_error(labels: Labels, scores: Doubles, bins: int = 10) -> float:
    """Expected calibration error: mean gap between score and share of initiatives, over equal-width bins."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        abs(float(scores[places == place].mean() - labels[places == place].mean()))
        * float((places == place).mean())
        for place in range(bins)
        if (places == place).any()
    ]
    return sum(gaps)


def reliability(labels: Labels, scores: Doubles, bins: int = 10) -> list[dict[str, float]]:
    """Reliability diagram: for each bin that holds texts its mean score, share of initiatives and size."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        {
            "score": float(scores[places == place].mean()),
            "share": float(labels[places == place].mean()),
            "texts": int((places == place).sum()),
        }
        for place in range(bins)
        if (places == place).any()
    ]


def ranking(labels: Labels, scores: Doubles) -> dict[str, Any]:
    """Figures that need no threshold; None where one label is missing."""
    both = bool(labels.any() and not labels.all())
    return {
        "texts": len(labels),
        "initiatives": int(labels.sum()),
        "average_precision": float(average_precision_score(labels, scores)) if both else None,
        "recall_at_precision_0.90": recall_at_precision(labels, scores, 0.90) if both else None,
        "recall_at_precision_0.85": recall_at_precision(labels, scores, 0.85) if both else None,
        "precision_at_recall_0.95": precision_at_recall(labels, scores, 0.95) if both else None,
        "calibration_error": calibration_error(labels, scores) if len(labels) else None,
    }


def at_threshold(labels: Labels, scores: Doubles, threshold: float) -> dict[str, Any]:
    """What flagging at this threshold does; shares are None where they have no denominator."""
    flagged = scores >= threshold
    hits = int((flagged & labels).sum())
    return {
        "threshold": threshold,
        "flagged": int(flagged.sum()),
        "hits": hits,
        "false_alarms": int((flagged & ~labels).sum()),
        "missed": int((~flagged & labels).sum()),
        "precision": hits / int(flagged.sum()) if flagged.any() else None,
        "recall": hits / int(labels.sum()) if labels.any() else None,
    }


def figures_of(examples: Sequence[Example], scores: Doubles, threshold: float) -> dict[str, Any]:
    """Figures of a model over examples that it never saw: all of them, and by file."""
    labels = np.array([example.initiative for example in examples])
    sources = np.array([example.source for example in examples])
    return {
        "all": {**ranking(labels, scores), **at_threshold(labels, scores, threshold)},
        "by_file": {
            str(name): {
                **ranking(labels[sources == name], scores[sources == name]),
                **at_threshold(labels[sources == name], scores[sources == name], threshold),
            }
            for name in np.unique(sources)
        },
    }

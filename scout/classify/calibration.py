"""What a natural week of feeds is, and how raw scores become probabilities at its rate of initiatives."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from scout.classify.corpus import Example

#: Share of initiatives in a natural week of feeds: 20 of 259 in the stream file (2026-11-21).
NATURAL_RATE = 0.08
#: A corpus file with a smaller share of initiatives is a natural week as it comes, not a balanced choice.
NATURAL_FILE = 0.25
#: Share of the other texts' weight that the natural weeks get in calibration; the hard ones share the rest.
#: Expected calibration error on the stream 0.024 with 0.5, 0.025 without (leave one file out).
NATURAL_SHARE = 0.5

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


def natural(examples: Sequence[Example]) -> Labels:
    """Which examples stand in a file that is a natural week of feeds."""
    files: dict[str, list[bool]] = {}
    for example in examples:
        files.setdefault(example.source, []).append(example.initiative)
    weeks = {name for name, labels in files.items() if sum(labels) < NATURAL_FILE * len(labels)}
    return np.array([example.source in weeks for example in examples], dtype=bool)


def natural_weights(labels: Labels, weeks: Labels) -> Doubles:
    """How often a text like each comes along in a natural week; the mean is 1.

    The corpus is nearly half initiatives and mostly hard; a week of feeds is neither. So texts are
    weighted: initiatives together :data:`NATURAL_RATE`, of the others half the natural weeks'.
    """
    weights = np.zeros(len(labels))
    weights[labels] = NATURAL_RATE / max(labels.sum(), 1)
    easy, hard = weeks & ~labels, ~weeks & ~labels
    share = NATURAL_SHARE if easy.any() and hard.any() else float(easy.any())
    weights[easy] = (1 - NATURAL_RATE) * share / max(easy.sum(), 1)
    weights[hard] = (1 - NATURAL_RATE) * (1 - share) / max(hard.sum(), 1)
    return weights * len(labels)


def calibrate(raw: Doubles, labels: Labels, weights: Doubles) -> tuple[float, float]:
    """Slope and shift that turn unseen raw scores into log-odds, for texts that come along this often."""
    model = LogisticRegression(C=1e6, random_state=0).fit(raw[:, None], labels, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])

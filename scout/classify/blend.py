"""The second stage beside the first: which texts an encoder is asked about, and what its answer counts.

Fitted on texts that neither stage had seen: the first stage's cross-validated log-odds, and the encoder's,
which its artefact brings along as a table by text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

#: Share of a natural week's texts that the encoder is asked about: the likeliest of the first stage; the
#: others can't become likely. With 0.2, 0.3, 0.4 and 1.0 average precision on unseen files was 0.951, 0.954,
#: 0.955 and 0.957, on the stream (20 initiatives) 0.87, 0.92, 0.94 and 0.95; flagging the stream costs 9, 10,
#: 11 and over 20 times its tokenising (2 cores, 2026-11-22).
ASKED = 0.3
#: Texts with an answer of the encoder that a blend needs at least.
ENOUGH = 200
#: What the encoder counts in the theme, beside the first stage: the best on unseen files, 73 % right, where
#: the first stage alone has 67 % and the encoder 64 % (initiatives of the corpus, 2026-11-22).
THEME_SHARE = 0.3

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blend:
    """How two log-odds become one."""

    #: Version of the encoder that this was fitted for; another one's answers mean something else.
    encoder: str
    #: First-stage log-odds from which on the encoder is asked.
    low: float
    #: blended = first * its log-odds + second * the encoder's + shift, calibrated at the natural rate.
    first: float
    second: float
    shift: float
    #: Probability at which an item is flagged when the encoder is at hand.
    threshold: float

    def asks(self, first: float) -> bool:
        """Whether the encoder is worth asking after this answer of the first stage."""
        return first >= self.low

    def logit(self, first: float, second: float) -> float:
        """Both answers as one: calibrated log-odds."""
        return self.first * first + self.second * second + self.shift

    def as_dict(self) -> dict[str, Any]:
        """For the model's card."""
        return asdict(self)

    @classmethod
    def of(cls, card: Mapping[str, Any] | None) -> Self | None:
        """What the card of a model says; None where it was trained without an encoder."""
        return cls(**card) if card else None


def blended(blend: Blend, first: Doubles, second: Doubles) -> Doubles:
    """Calibrated log-odds of many texts; ``second`` is NaN where the encoder has no answer."""
    asked = (first >= blend.low) & ~np.isnan(second)
    result: Doubles = np.where(
        asked, blend.first * first + blend.second * np.nan_to_num(second) + blend.shift, first
    )
    return result


def answers(ids: Sequence[str], table: Mapping[str, float]) -> Doubles:
    """The encoder's log-odds of each text by a model that had not learnt from it; NaN where there is none."""
    return np.array([table.get(name, np.nan) for name in ids], dtype=np.float64)


def fit_blend(
    encoder: str,
    labels: npt.NDArray[np.bool_],
    weights: Doubles,
    first: Doubles,
    second: Doubles,
) -> Blend | None:
    """Fit the blend on unseen answers of both stages; None when the encoder answered too few texts.

    Args:
        weights: how often a text like this comes along in a natural week.
        first: calibrated log-odds of the first stage, cross-validated.
        second: log-odds of the encoder, cross-validated; NaN = not known.

    Returns:
        The blend; its threshold, 0.5, is for the caller to choose.
    """
    # Only now: whoever blends alone has no need of it, and it takes half a second.
    from sklearn.linear_model import LogisticRegression

    low = _quantile(first, weights, 1 - ASKED)
    used = (first >= low) & ~np.isnan(second)
    if used.sum() < ENOUGH or labels[used].all() or not labels[used].any():
        return None
    rows = np.column_stack([first[used], second[used]])
    model = LogisticRegression(C=1e6, random_state=0, max_iter=1000).fit(
        rows, labels[used], sample_weight=weights[used] * used.sum() / weights[used].sum()
    )
    one, other = model.coef_[0]
    return Blend(encoder, low, float(one), float(other), float(model.intercept_[0]), 0.5)


def cross_blended(
    encoder: str,
    labels: npt.NDArray[np.bool_],
    weights: Doubles,
    first: Doubles,
    second: Doubles,
    *,
    folds: npt.NDArray[np.int64],
) -> Doubles:
    """Blended log-odds of each text by a blend that was fitted without its fold."""
    found = first.copy()
    for fold in np.unique(folds):
        out = folds == fold
        blend = fit_blend(encoder, labels[~out], weights[~out], first[~out], second[~out])
        if blend is not None:
            found[out] = blended(blend, first[out], second[out])
    return found


def theme_odds(themes: Sequence[str], shares: Doubles, named: Sequence[str], second: Doubles) -> Doubles:
    """Share of each theme by both stages together; they sum to 1.

    Args:
        themes: slugs that the first stage knows, and ``shares`` what it gives each.
        named: slugs that the encoder knows, and ``second`` its logit of each.
    """
    column = {theme: place for place, theme in enumerate(named)}
    if not len(shares) or not all(theme in column for theme in themes):
        return shares
    logits = second[[column[theme] for theme in themes]]
    logits = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    odds = THEME_SHARE * logits + (1 - THEME_SHARE) * np.log(np.maximum(shares, 1e-9))
    odds = np.exp(odds - odds.max())
    result: Doubles = odds / odds.sum()
    return result


def _quantile(values: Doubles, weights: Doubles, share: float) -> float:
    """The value below which this share of the weight lies."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][min(int(np.searchsorted(below, share * below[-1])), len(values) - 1)])

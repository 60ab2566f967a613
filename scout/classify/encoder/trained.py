"""How an encoder is trained, and what comes out: plain numbers, without torch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scout.classify.encoder.base import BaseModel


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train.

    The defaults are what the shipped encoder was trained with. Average precision on 665 unseen texts
    (2026-11-22, 1,454 to learn from): heads that start from zero, 4 epochs at 1.5e-4: 0.860; heads fitted
    first, 7 epochs at 2e-4: 0.904. Hiding pieces was not compared with not hiding them.
    """

    epochs: int = 5
    #: Pieces of a text that are read.
    longest: int = 256
    #: Texts a step.
    batch: int = 16
    #: Learning rate of the highest layer; each lower one gets ``falling`` times that of the one above.
    rate: float = 2e-4
    falling: float = 0.9
    #: Learning rate of the heads.
    head_rate: float = 1e-3
    #: Share of the steps in which the rates rise from 0; afterwards they fall to 0 in a line.
    warm_up: float = 0.1
    weight_decay: float = 0.01
    #: Layers, from the lowest, that stay as they were.
    frozen: int = 4
    #: Share of the pooled numbers blanked in training.
    dropout: float = 0.1
    #: Share of the pieces hidden in training.
    hidden: float = 0.15
    #: Weight of the ranking within minimal sets, and of the theme, beside the label.
    ranking: float = 0.5
    theme: float = 0.2
    seed: int = 1
    #: Threads; the same number gives the same weights. One is best on a busy machine: 0.05 s a text and epoch
    #: (bfloat16 instructions, 2026-11-22), where two spent most of their time waiting for each other.
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A fine-tuned model: the base with other weights, and its heads."""

    base: BaseModel
    recipe: Recipe
    #: width, and the constant to add: gives the logit of "initiative".
    head: npt.NDArray[np.float32]
    head_bias: float
    themes: tuple[str, ...]
    #: themes x width and themes: give the logits of the themes.
    theme_head: npt.NDArray[np.float32]
    theme_bias: npt.NDArray[np.float32]

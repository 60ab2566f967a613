"""A tiny untrained encoder for tests: random weights from a fixed seed, no torch."""

import numpy as np

from scout.classify.encoder.base import BaseModel, Shape
from scout.classify.encoder.pieces import WORD_START, Vocabulary
from scout.classify.encoder.trained import Recipe, Trained

SHAPE = Shape(width=128, layers=2, heads=4, inner=256, epsilon=1e-12)
PIECES = [
    "<s>", "<pad>", "</s>", "<unk>", WORD_START, *"abcdefghijklmnopqrstuvwxyz.,",
    *(WORD_START + word for word in ("de", "buurt", "bewoners", "beginnen", "een", "tuin", "gemeente")),
    WORD_START + "zelf",
    "tuin", "en", "er", "je", "huis",
]  # fmt: skip


def tiny_vocabulary() -> Vocabulary:
    scores = [0.0] * 4 + [-8.0 + 0.6 * len(piece) for piece in PIECES[4:]]
    changes = {"\n": " ", "\u00a0": " ", "É": "e", "ﬁ": "fi"} | {
        chr(c): chr(c).lower() for c in range(65, 91)
    }
    return Vocabulary(pieces=PIECES, scores=scores, start=0, end=2, unknown=3, changes=changes)


def tiny_base(seed: int = 5) -> BaseModel:
    random = np.random.default_rng(seed)

    def numbers(*size: int) -> np.ndarray:
        return random.normal(scale=0.2, size=size).astype(np.float32)

    width, inner = SHAPE.width, SHAPE.inner
    weights = {
        "embedding.word": numbers(len(PIECES), width),
        "embedding.position": numbers(64, width),
        "embedding.type": numbers(width),
        "embedding.norm.weight": 1 + numbers(width),
        "embedding.norm.bias": numbers(width),
    }
    for layer in range(SHAPE.layers):
        sizes = {"query": (width, width), "key": (width, width), "value": (width, width)}
        sizes |= {"attention_out": (width, width), "inner": (inner, width), "outer": (width, inner)}
        for name, (rows, columns) in sizes.items():
            weights[f"{layer}.{name}.weight"] = numbers(rows, columns)
            weights[f"{layer}.{name}.bias"] = numbers(rows)
        for name in ("attention_norm", "outer_norm"):
            weights[f"{layer}.{name}.weight"] = 1 + numbers(width)
            weights[f"{layer}.{name}.bias"] = numbers(width)
    return BaseModel(name="tiny", shape=SHAPE, vocabulary=tiny_vocabulary(), weights=weights)


def tiny_model(seed: int = 5) -> Trained:
    random = np.random.default_rng(seed + 1)
    return Trained(
        base=tiny_base(seed),
        recipe=Recipe(longest=48, frozen=1),
        head=random.normal(size=SHAPE.width).astype(np.float32),
        head_bias=0.25,
        themes=("groen", "zorg"),
        theme_head=random.normal(size=(2, SHAPE.width)).astype(np.float32),
        theme_bias=np.array([0.5, -0.5], np.float32),
    )

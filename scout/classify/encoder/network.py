"""The encoder's arithmetic in torch, for training only: plain functions over a table of weights."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from scout.classify.encoder.base import BaseModel, Shape

Weights = dict[str, Tensor]


def as_tensors(base: BaseModel) -> Weights:
    """The base model's weights as tensors of their own."""
    return {name: torch.from_numpy(values.copy()) for name, values in base.weights.items()}


def embed(weights: Weights, shape: Shape, ids: Tensor) -> Tensor:
    """Piece ids (texts x pieces) -> what the lowest layer reads (texts x pieces x width)."""
    hidden = weights["embedding.word"][ids] + weights["embedding.position"][: ids.shape[1]]
    return _norm(weights, shape, "embedding.norm", hidden + weights["embedding.type"])


def run_layers(weights: Weights, shape: Shape, hidden: Tensor, mask: Tensor, layers: Iterable[int]) -> Tensor:
    """Lead hidden states (texts x pieces x width) through some layers.

    Args:
        mask: texts x pieces, True where there is a piece.
    """
    texts, pieces, width = hidden.shape
    seen = mask[:, None, None, :]
    for layer in layers:
        query, key, value = (
            _linear(weights, f"{layer}.{name}", hidden).view(texts, pieces, shape.heads, -1).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        mixed = mixed.transpose(1, 2).reshape(texts, pieces, width)
        mixed = _linear(weights, f"{layer}.attention_out", mixed)
        hidden = _norm(weights, shape, f"{layer}.attention_norm", hidden + mixed)
        inner = functional.gelu(_linear(weights, f"{layer}.inner", hidden))
        hidden = _norm(
            weights, shape, f"{layer}.outer_norm", hidden + _linear(weights, f"{layer}.outer", inner)
        )
    return hidden


def pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """The mean over each text's pieces (texts x width)."""
    weight = mask.to(torch.float32)[:, :, None]
    return (hidden.to(torch.float32) * weight).sum(1) / weight.sum(1)


def pad(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Rows of different length -> one block, filled up with zeros, and its mask."""
    block = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
    mask = torch.arange(block.shape[1])[None, :] < torch.tensor([len(row) for row in rows])[:, None]
    return block, mask


def _linear(weights: Weights, name: str, values: Tensor) -> Tensor:
    return functional.linear(values, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Weights, shape: Shape, name: str, values: Tensor) -> Tensor:
    return functional.layer_norm(
        values, (shape.width,), weights[f"{name}.weight"], weights[f"{name}.bias"], shape.epsilon
    )

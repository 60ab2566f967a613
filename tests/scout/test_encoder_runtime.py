"""Scoring with an artefact: what it gives, that neighbours don't matter, and what if it is not there."""

import builtins
import json
import shutil

import numpy as np
import pytest

from scout.classify.encoder import Encoder, EncoderError, artefact
from scout.classify.encoder.pieces import joined
from tests.scout.encoder_model import SHAPE, tiny_model

pytest.importorskip("onnxruntime", reason="onnxruntime runs the encoder")
pytest.importorskip("onnx", reason="the test model is written with onnx")

TEXTS = [
    ("Buurttuin", "Bewoners beginnen zelf een tuin."),
    ("", "de gemeente"),
    ("Huis", "de buurt " * 80),
    ("", ""),
    ("😀", "\u200b漢字"),
    ("Er is er een jarig", "En de tuin, je huis."),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    from scout.classify.encoder.produce import write

    folder = tmp_path_factory.mktemp("encoder")
    write(folder, tiny_model(), "0123456789abcdef", 6, {"hard: average precision": 0.5})
    return folder


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written, tmp_path / "encoder")


def by_hand(title: str, text: str) -> np.ndarray:
    """The same model in plain numpy, without rounding to 8 bits."""
    model = tiny_model()
    weights = model.base.weights
    ids = model.base.vocabulary.encode(joined(title, text), model.recipe.longest)

    def norm(values, name):
        values = values - values.mean(-1, keepdims=True)
        values = values / np.sqrt((values**2).mean(-1, keepdims=True) + SHAPE.epsilon)
        return values * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def linear(values, name):
        return values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def erf(values):
        import math

        return np.vectorize(math.erf)(values)

    hidden = (
        weights["embedding.word"][ids] + weights["embedding.position"][: len(ids)] + weights["embedding.type"]
    )
    hidden = norm(hidden, "embedding.norm")
    for layer in range(SHAPE.layers):
        parts = [linear(hidden, f"{layer}.{name}") for name in ("query", "key", "value")]
        query, key, value = (part.reshape(len(ids), SHAPE.heads, -1).swapaxes(0, 1) for part in parts)
        close = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
        close = np.exp(close - close.max(-1, keepdims=True))
        mixed = (close / close.sum(-1, keepdims=True) @ value).swapaxes(0, 1).reshape(len(ids), -1)
        hidden = norm(hidden + linear(mixed, f"{layer}.attention_out"), f"{layer}.attention_norm")
        inner = linear(hidden, f"{layer}.inner")
        inner = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
        hidden = norm(hidden + linear(inner, f"{layer}.outer"), f"{layer}.outer_norm")
    pooled = hidden.mean(0)
    return np.concatenate(
        [[pooled @ model.head + model.head_bias], model.theme_head @ pooled + model.theme_bias]
    )


def test_outputs_are_those_of_the_model_but_for_rounding(folder):
    outputs = Encoder.load(folder).outputs(TEXTS)

    expected = np.array([by_hand(*text) for text in TEXTS])
    assert outputs.dtype == np.float32
    # Logits here span some 17; 8-bit rounding of random layers moved them by 0.6 at most (2026-11-22).
    assert np.abs(outputs - expected).max() < 1
    assert np.corrcoef(outputs.ravel(), expected.ravel())[0, 1] > 0.995


def test_a_text_scores_the_same_whatever_is_scored_with_it(folder):
    encoder = Encoder.load(folder)

    together = encoder.logits(TEXTS)

    assert together.tolist() == [float(encoder.logits([text])[0]) for text in TEXTS]
    assert encoder.logits(TEXTS[::-1]).tolist() == together.tolist()[::-1]
    assert Encoder.load(folder).logits(TEXTS * 3).tolist() == together.tolist() * 3


def test_no_texts_give_no_logits(folder):
    assert Encoder.load(folder).logits([]).shape == (0,)


def test_it_says_what_it_is(folder):
    encoder = Encoder.load(folder)

    assert encoder.themes == ("groen", "zorg")
    assert len(encoder.version) == 12
    assert encoder.manifest.texts == 6
    card = (folder / "README.md").read_text("utf-8")
    assert encoder.version in card
    assert "0.500" in card
    assert "MIT License" in (folder / "NOTICE").read_text("utf-8")


def test_without_an_artefact_there_is_no_encoder(tmp_path):
    assert Encoder.load(tmp_path) is None
    assert Encoder.load(tmp_path / "nowhere") is None


def test_without_onnxruntime_there_is_no_encoder(folder, monkeypatch):
    imported = builtins.__import__

    def refuse(name, *rest, **more):
        if name == "onnxruntime":
            raise ImportError(name)
        return imported(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)

    assert Encoder.load(folder) is None


@pytest.mark.parametrize("name", [artefact.GRAPH, artefact.PIECES])
def test_a_changed_file_is_named(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"!")

    with pytest.raises(EncoderError, match=name):
        Encoder.load(folder)


def test_a_missing_file_is_named(folder):
    (folder / artefact.GRAPH).unlink()

    with pytest.raises(EncoderError, match=r"encoder\.onnx: missing"):
        Encoder.load(folder)


@pytest.mark.parametrize("text", ["{}", "[1]", "version https://example.org/large-file", ""])
def test_a_manifest_that_is_none_is_named(folder, text):
    (folder / artefact.MANIFEST).write_text(text)

    with pytest.raises(EncoderError, match=r"manifest\.json"):
        Encoder.load(folder)


def test_an_artefact_of_a_later_format_is_refused(folder):
    manifest = json.loads((folder / artefact.MANIFEST).read_text())
    (folder / artefact.MANIFEST).write_text(json.dumps(manifest | {"format": 99}))

    with pytest.raises(EncoderError, match="format 99"):
        Encoder.load(folder)


def test_the_same_model_is_written_as_the_same_bytes(written, tmp_path):
    from scout.classify.encoder.produce import write

    again = write(tmp_path, tiny_model(), "0123456789abcdef", 6, {"hard: average precision": 0.5})

    assert again == artefact.read_manifest(written)

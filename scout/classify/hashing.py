"""A text as hashed features: what the first stage learns from, and what is kept after the text is gone.

Three views share one index space: words (1 to 3 in a row within a clause), characters (2 to 6
within a word) and who does what (:mod:`scout.classify.signs`), followed by the named features.
Hashes are our own arithmetic on 64 bits, so the same text gives the same indices on every machine.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from scout.classify.features import FEATURES
from scout.classify.reading import Reading
from scout.classify.signs import Signs

Indices = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.uint16]

#: Raise when the same text would give other indices: kept features of another space can't be replayed.
SPACE = "1"
WORDS = 1 << 19
CHARS = 1 << 19
WHO = 1 << 17
#: First index of each view, and the end of all.
STARTS = (0, WORDS, WORDS + CHARS, WORDS + CHARS + WHO)
NAMED = STARTS[3]
#: Room for named features, so that a new one does not move the others.
END = NAMED + 128
CHAR_SIZES = (2, 3, 4, 5, 6)

_MIX = np.uint64(0xFF51AFD7ED558CCD)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SALTS = tuple(np.uint64(n * 0xC2B2AE3D27D4EB4F % (1 << 64)) for n in range(1, 9))
_SHIFT = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Vector:
    """Indices (ascending, each once) with how often each occurred (at most 65,535)."""

    indices: Indices
    counts: Counts


@lru_cache(maxsize=200_000)
def hash_of(key: str) -> int:
    """64-bit hash of a string."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _slots(hashes: npt.NDArray[np.uint64], view: int, size: int) -> Indices:
    mixed = (hashes ^ (hashes >> _SHIFT)) * _MIX
    slots: Indices = ((mixed >> _SHIFT) & np.uint64(size - 1)).astype(np.uint32) + np.uint32(STARTS[view])
    return slots


def word_grams(reading: Reading) -> tuple[list[Indices], list[npt.NDArray[np.int64]]]:
    """Indices of one, two and three words in a row within a clause.

    Returns:
        For each size an index array, and an array with the number of each one's first token.
    """
    hashes = [hash_of(token.word) for clause in reading.clauses for token in clause.tokens]
    sizes = [len(clause.tokens) for clause in reading.clauses]
    words = np.array(hashes, dtype=np.uint64)
    clauses = np.repeat(np.arange(len(sizes)), sizes)
    two = np.nonzero(clauses[:-1] == clauses[1:])[0]
    three = np.nonzero(clauses[:-2] == clauses[2:])[0]
    grams = [
        _slots(words * _SALTS[0], 0, WORDS),
        _slots((words[two] * _STEP + words[two + 1]) * _SALTS[1], 0, WORDS),
        _slots(((words[three] * _STEP + words[three + 1]) * _STEP + words[three + 2]) * _SALTS[2], 0, WORDS),
    ]
    return grams, [np.arange(len(words)), two, three]


def char_grams(reading: Reading) -> list[tuple[Indices, npt.NDArray[np.int64]]]:
    """For each size: indices, and the first character (in the folded text) of each."""
    padded = " " + reading.folded.replace("\n", " ") + " "
    codes = np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    space = codes == 32
    spaces_before = np.concatenate(([0], np.cumsum(space)))
    grams = []
    hashes = codes
    for size in CHAR_SIZES:
        length = len(codes) - size + 1
        if length <= 0:
            break
        hashes = hashes[:length] * _STEP + codes[size - 1 :]
        # Spaces may only stand at the ends: the inside of every gram lies within one word.
        inside = spaces_before[size - 1 : size - 1 + length] - spaces_before[1 : 1 + length]
        edges = space[:length] & space[size - 1 :] if size == 2 else np.zeros(length, dtype=bool)
        fits = (inside == 0) & ~edges
        starts = np.nonzero(fits)[0]
        grams.append((_slots(hashes[fits] * _SALTS[size], 1, CHARS), starts - 1))
    return grams


def who_keys(signs: Signs) -> Indices:
    """Index of each key of the signs, in their order, then of each pair of what is present."""
    keys = np.array([hash_of(key) for key, _, _ in signs.keys], dtype=np.uint64)
    names = np.array([hash_of(name) for name, _, _ in signs.present], dtype=np.uint64)
    first, second = _pairs(len(names))
    return _slots(
        np.concatenate((keys * _SALTS[0], (names[first] * _STEP + names[second]) * _SALTS[1])), 2, WHO
    )


def who_spans(signs: Signs) -> npt.NDArray[np.int64]:
    """Begin and end, in two columns, of what :func:`who_keys` gives; a pair stands at its first half."""
    keys = np.array([span for _, *span in signs.keys], dtype=np.int64).reshape(-1, 2)
    names = np.array([span for _, *span in signs.present], dtype=np.int64).reshape(-1, 2)
    first, _ = _pairs(len(names))
    return np.concatenate((keys, names[first]))


@lru_cache(maxsize=256)
def _pairs(count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    first, second = np.triu_indices(count, 1)
    return first, second


def vectorise(reading: Reading, signs: Signs) -> Vector:
    """All features of one text."""
    grams, _ = word_grams(reading)
    parts = [*grams, *(indices for indices, _ in char_grams(reading)), who_keys(signs)]
    indices, counts = np.unique(np.concatenate(parts), return_counts=True)
    named = [(NAMED + i, len(feature(signs))) for i, feature in enumerate(FEATURES.values())]
    found = [(index, count) for index, count in named if count]
    return Vector(
        np.concatenate((indices, np.array([i for i, _ in found], dtype=np.uint32))).astype(np.uint32),
        np.minimum(np.concatenate((counts, np.array([c for _, c in found], dtype=np.int64))), 65_535).astype(
            np.uint16
        ),
    )


def pack(vector: Vector) -> bytes:
    """A vector in few bytes (about 5 kB for a text of 600 characters)."""
    steps = np.diff(vector.indices, prepend=np.uint32(0)).astype("<u4")
    planes = steps.view(np.uint8).reshape(-1, 4).T.tobytes()
    return zlib.compress(len(steps).to_bytes(4, "little") + planes + vector.counts.astype("<u2").tobytes(), 6)


def unpack(blob: bytes) -> Vector:
    """The vector that :func:`pack` wrote.

    Raises:
        ValueError: the bytes are not such a vector.
    """
    try:
        data = zlib.decompress(blob)
    except zlib.error:
        raise ValueError("not packed features") from None
    size = int.from_bytes(data[:4], "little")
    if len(data) != 4 + 6 * size:
        raise ValueError("not packed features")
    planes = np.frombuffer(data, dtype=np.uint8, count=4 * size, offset=4).reshape(4, size)
    steps = np.ascontiguousarray(planes.T).view("<u4").reshape(-1)
    counts = np.frombuffer(data, dtype="<u2", offset=4 + 4 * size)
    return Vector(np.cumsum(steps, dtype=np.uint32), counts.astype(np.uint16))

"""The sketches of the last weeks, and those among them that a new one may belong to.

Everything stands in arrays: 100,000 sketches take some 200 MB, and looking one up takes
milliseconds, so that no index on disk is needed.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from scout.group.decide import COPY_CANDIDATE, LEAST, Match, rank, same_initiative
from scout.group.signature import PERMUTATIONS
from scout.group.sketch import Sketch

K = TypeVar("K", bound=Hashable)

#: Of a MinHash value the last byte is compared: two that differ agree in it once in 256 times.
_START = 1024


@dataclass
class _Column:
    """An array that grows."""

    values: npt.NDArray[np.generic]
    used: int = 0

    def extend(self, new: npt.NDArray[np.generic]) -> None:
        needed = self.used + len(new)
        if needed > len(self.values):
            grown = np.empty((max(needed, 2 * len(self.values)), *self.values.shape[1:]), self.values.dtype)
            grown[: self.used] = self.values[: self.used]
            self.values = grown
        self.values[self.used : needed] = new
        self.used = needed

    @property
    def array(self) -> npt.NDArray[np.generic]:
        return self.values[: self.used]


@dataclass
class _Bucket:
    """The telling words of all sketches in one municipality, one after another."""

    hashes: _Column = field(default_factory=lambda: _Column(np.empty(_START, np.uint32)))
    weights: _Column = field(default_factory=lambda: _Column(np.empty(_START, np.float32)))
    #: Number of the sketch within this bucket that each word belongs to.
    owners: _Column = field(default_factory=lambda: _Column(np.empty(_START, np.int32)))
    #: Number of the sketch in the window.
    rows: list[int] = field(default_factory=list)


class Window(Generic[K]):
    """Sketches, each under a key: item, or item and section."""

    def __init__(self) -> None:
        self._keys: list[K] = []
        self._sketches: list[Sketch] = []
        self._low = _Column(np.empty((_START, PERMUTATIONS), np.uint8))
        self._buckets: dict[str, _Bucket] = {}
        self._rows: dict[K, int] = {}
        self._dropped: set[int] = set()
        #: Hash of a word in a name -> rows.
        self._named: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, key: K, sketch: Sketch) -> None:
        """Take a sketch in; drop an earlier one under the same key first."""
        row = len(self._keys)
        self._rows[key] = row
        self._keys.append(key)
        self._sketches.append(sketch)
        self._low.extend((sketch.minhash & 0xFF).astype(np.uint8)[None, :])
        for name in sketch.names:
            self._named.setdefault(name, []).append(row)
        if sketch.municipality_code is None:
            return
        bucket = self._buckets.setdefault(sketch.municipality_code, _Bucket())
        bucket.hashes.extend(sketch.terms)
        bucket.weights.extend(sketch.weights)
        bucket.owners.extend(np.full(len(sketch.terms), len(bucket.rows), np.int32))
        bucket.rows.append(row)

    def drop(self, key: K) -> Sketch | None:
        """Forget the sketch under a key and give it back; None when there is none."""
        row = self._rows.pop(key, None)
        if row is None:
            return None
        self._dropped.add(row)
        return self._sketches[row]

    def matches(self, sketch: Sketch) -> list[tuple[K, Match]]:
        """Keys of texts about the same initiative with the reason, best first; of equals the first added."""
        found: list[tuple[tuple[int, float, int], K, Match]] = []
        for row in sorted(set(self._possible(sketch)) - self._dropped):
            match = same_initiative(sketch, self._sketches[row])
            if match is not None:
                found.append(((*rank(match), row), self._keys[row], match))
        found.sort(key=lambda entry: entry[0])
        return [(key, match) for _, key, match in found]

    def _possible(self, sketch: Sketch) -> Iterator[int]:
        """Rows that may match; none that does is left out."""
        low = (sketch.minhash & 0xFF).astype(np.uint8)
        agreeing = np.count_nonzero(self._low.array == low, axis=1)
        yield from np.flatnonzero(agreeing >= COPY_CANDIDATE * PERMUTATIONS).tolist()
        for name in sketch.names:
            for row in self._named.get(name, ()):
                if sketch.municipality_code is None or self._sketches[row].municipality_code is None:
                    yield row
        bucket = self._buckets.get(sketch.municipality_code or "")
        if bucket is None or not len(sketch.terms):
            return
        position = np.searchsorted(sketch.terms, bucket.hashes.array)
        position[position == len(sketch.terms)] = 0
        shared = sketch.terms[position] == bucket.hashes.array
        alike = np.bincount(
            bucket.owners.array[shared].astype(np.int64),
            weights=bucket.weights.array[shared].astype(np.float64) * sketch.weights[position[shared]],
            minlength=len(bucket.rows),
        )
        for number in np.flatnonzero(alike >= LEAST * 0.999):
            yield bucket.rows[number]

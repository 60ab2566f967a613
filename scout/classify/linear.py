"""The first stage as arithmetic: one weight for each feature, and one bias."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from scout.classify.hashing import END, NAMED, STARTS, Vector

Floats = npt.NDArray[np.float32]

#: How much named features weigh beside the hashed signs, which have length 1 together.
NAMED_SCALE = 0.25


@dataclass(frozen=True, slots=True)
class Row:
    """The features of one text that the model knows, ascending."""

    positions: npt.NDArray[np.int32]
    values: Floats
    #: How often each occurred.
    counts: npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Space:
    """The features that occurred in at least two training texts, with their rarity."""

    #: Kept indices, ascending.
    columns: npt.NDArray[np.uint32]
    #: Inverse document frequency of each kept index; constant for named features.
    idf: Floats
    #: index -> position in ``columns``, or -1.
    lookup: npt.NDArray[np.int32]
    #: First position of each view, and the end.
    starts: tuple[int, ...]

    @classmethod
    def of(cls, columns: npt.NDArray[np.uint32], idf: Floats) -> "Space":
        """Space with its look-up made from the columns."""
        lookup = np.full(END, -1, dtype=np.int32)
        lookup[columns] = np.arange(len(columns), dtype=np.int32)
        starts = tuple(int(start) for start in np.searchsorted(columns, (*STARTS, END)))
        return cls(columns, idf, lookup, starts)

    @classmethod
    def learn(cls, vectors: list[Vector]) -> "Space":
        """Count in how many texts each feature occurs."""
        frequency = np.zeros(END, dtype=np.int64)
        for vector in vectors:
            frequency[vector.indices] += 1
        columns = np.nonzero(frequency >= 2)[0].astype(np.uint32)
        idf = (np.log((1 + len(vectors)) / (1 + frequency[columns])) + 1).astype(np.float32)
        idf[columns >= NAMED] = 1.0
        return cls.of(columns, idf)

    def row(self, vector: Vector) -> Row:
        """One text as a row: each hashed view has length 1, named features are 0 to NAMED_SCALE."""
        positions = self.lookup[vector.indices]
        known = positions >= 0
        positions = positions[known]
        counts = vector.counts[known].astype(np.float32)
        values = (1 + np.log(counts)) * self.idf[positions]
        cuts = np.searchsorted(positions, self.starts)
        for first, end in pairwise(cuts[:4]):
            length = np.sqrt(np.dot(values[first:end], values[first:end]))
            if length > 0:
                values[first:end] /= length
        values[cuts[3] :] = NAMED_SCALE * (1 - 0.5 ** counts[cuts[3] :])
        return Row(positions, values.astype(np.float32), vector.counts[known])

    def matrix(self, vectors: list[Vector]) -> csr_matrix:
        """All rows, one a text."""
        rows = [self.row(vector) for vector in vectors]
        ends = np.cumsum([0] + [len(row.positions) for row in rows])
        positions = np.concatenate([np.zeros(0, np.int32), *(row.positions for row in rows)])
        values = np.concatenate([np.zeros(0, np.float32), *(row.values for row in rows)])
        return csr_matrix((values, positions, ends), shape=(len(rows), len(self.columns)))

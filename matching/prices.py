"""First prices of the initiatives: those of the programme in which pairs may be split."""

from typing import Any

import highspy
import numpy as np

from matching.patterns import Patterns
from matching.program import INFINITY, Vector


def first_prices(patterns: Patterns, value: Vector) -> Vector:
    """What one initiative more would be worth less, per initiative, when pairs may be split.

    A good place to begin, and nothing else depends on it.
    """
    count, people, pairs = patterns.count, len(patterns.most), len(value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = pairs, count + 2 * people
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = value
    model.col_lower_, model.col_upper_ = np.zeros(pairs), patterns.usable.astype(float)
    model.row_lower_ = np.full(model.num_row_, -INFINITY)
    model.row_upper_ = np.concatenate([np.ones(count), patterns.capacity, patterns.most]).astype(float)
    rows = [
        patterns.initiative,
        count + patterns.consultant,
        count + people + patterns.consultant,
    ]
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.arange(0, 3 * pairs + 1, 3, dtype=np.int32)
    matrix.index_ = np.stack(rows, axis=1).ravel().astype(np.int32)
    matrix.value_ = np.stack([np.ones(pairs), patterns.hours, np.ones(pairs)], axis=1).ravel().astype(float)
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    for name, option in (("threads", 1), ("solver", "ipm")):
        highs.setOptionValue(name, option)
    highs.passModel(model)
    highs.run()
    prices = np.array(highs.getSolution().row_dual[:count])
    return np.append(np.maximum(0.0, prices) if len(prices) == count else np.zeros(count), [0.0, 0.0])

"""No change may cost recognition or location on the frozen set more than chance does."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import frozen


@pytest.fixture(scope="module")
def found():
    return frozen.measure()


def test_the_frozen_set_is_recognised_and_located_as_well_as_on_record(found):
    _, fallen = frozen.falls(found)

    assert not fallen, "see python -m benchmarks.frozen"


def test_a_worse_model_would_be_noticed(found):
    chance = np.random.default_rng(2)
    noisy = replace(found, scores=found.scores + chance.normal(scale=3.0, size=len(found.scores)))
    lost = replace(found, located=found.located - 0.02)

    assert frozen.falls(noisy)[1]
    assert not frozen.location_falls(noisy)
    assert frozen.location_falls(lost)

"""The loss of a constant output, and runs that end above it."""

import math

import numpy as np
import pytest

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.constant_baseline import constant_loss, is_worse_than_constant
from core.topics.playground.data import make_dataset


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, math.log(2)), ({"loss": "squares"}, 0.25), ({"data": "hills"}, None)],
)
def test_the_constant_loss_is_that_of_the_best_constant_output(changes, expected):
    config = PlaygroundConfig(**changes)
    y = make_dataset(config).train_y.double().numpy()
    assert constant_loss(config) == pytest.approx(np.var(y) if expected is None else expected, rel=1e-4)


@pytest.mark.parametrize(
    ("initial", "final", "expected"),
    [(0.7, 1.1, True), (0.7, 1.0, False), (1.2, 1.1, False), (1.0, 1.1, True), (None, 1.1, False), (0.7, None, False)],
)
def test_a_run_has_failed_if_it_ends_far_above_the_constant_and_above_its_start(initial, final, expected):
    assert 1.0 < 1.5 * math.log(2) < 1.1
    assert is_worse_than_constant(PlaygroundConfig(), initial, final) is expected

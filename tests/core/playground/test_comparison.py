"""Comparisons of two runs of the playground."""

import numpy as np
import pytest

from core.topics.playground.comparison import has_comparable_losses, has_same_start
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.train import initial_event

CONFIG = PlaygroundConfig(samples=40)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"learning_rate": 3.0, "optimizer": "Adam", "epochs": 3, "batch_size": 7, "l2": 0.1, "dropout": 0.5}, True),
        ({"units_1": 5}, False),
        ({"seed": 1}, False),
        ({"noise": 0.2}, False),
        ({"early_stopping": 3}, False),
    ],
)
def test_runs_have_the_same_start_if_only_their_training_differs(changes, expected):
    other = CONFIG.changed(**changes)
    assert has_same_start(CONFIG, other) is expected
    if expected:
        np.testing.assert_array_equal(initial_event(CONFIG).arrays["weights"], initial_event(other).arrays["weights"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"units_1": 5, "seed": 1, "l2": 0.1}, True), ({"noise": 0.2}, False), ({"loss": "squares"}, False)],
)
def test_losses_are_comparable_on_the_same_points_alone(changes, expected):
    assert has_comparable_losses(CONFIG, CONFIG.changed(**changes)) is expected

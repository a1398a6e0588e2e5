"""Networks with the same output for every digit are diagnosed as dead or not learning, unless the run is young."""

import numpy as np
import pytest

from core.topics.mnist_cnn.failures import diagnose, finite_evaluations, has_no_finite_outputs
from core.training.progress import Progress


def evaluation(step: int, difference: float) -> tuple[int, np.ndarray]:
    """Return probabilities of two digits with this difference."""
    return step, np.array([[0.5, 0.5], [0.5 + difference, 0.5 - difference]], np.float16)


@pytest.mark.parametrize(
    ("differences", "last_step", "diagnosis"),
    [
        ([0.1, 0.4, 0.0], 60, "dead"),
        ([0.1, 0.4, 0.0], 49, None),  # too young
        ([0.1, 0.4, 0.005], 60, None),  # the digits still differ
        ([0.0, 0.0005, 0.0005], 60, "not_learning"),
        ([0.0, 0.0], 50, "not_learning"),
        ([0.0], 60, "not_learning"),
        ([0.0, 0.1], 60, None),
        ([], 60, None),
    ],
)
def test_a_network_is_diagnosed_by_the_differences_of_its_predictions(differences, last_step, diagnosis):
    steps = [*range(len(differences) - 1), last_step]
    evaluations = [evaluation(step, difference) for step, difference in zip(steps, differences, strict=False)]
    assert diagnose(evaluations) == diagnosis


def test_only_finite_evaluations_count():
    good, bad = np.full((2, 10), 0.1), np.array([[0.1] * 9 + [np.nan]])
    arrays = [{"probabilities": good}, {}, {"probabilities": bad}, {"filters": good}]
    history = [Progress(step, 4, {}, values) for step, values in enumerate(arrays)]
    ((step, probabilities),) = finite_evaluations(history)
    assert step == 0
    assert probabilities is good


@pytest.mark.parametrize(
    ("final", "expected"),
    [
        ({"accuracy/test": 0.9, "epoch": 2}, False),
        ({"accuracy/test": None}, True),
        ({"loss": None}, True),
        ({"accuracy/test": 0.1, "diverged_at": 7}, True),
        ({"accuracy/test": 0.9, "diverged_at": 70, "epoch": 1}, False),  # early stopping: the network of epoch 1
    ],
)
def test_a_run_that_diverged_leaves_a_network_only_with_early_stopping(final, expected):
    assert has_no_finite_outputs(final) == expected

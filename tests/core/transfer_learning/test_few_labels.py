"""The recordings with other numbers of labels."""

import numpy as np
import pytest

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.transfer_learning.config import PAIRS, STRATEGIES
from core.topics.transfer_learning.results import strategy_results


@pytest.mark.parametrize("pair", PAIRS)
def test_more_labels_turn_wrong_predictions_right(pair):
    means = []
    for count in (1, 20):
        run = RunStore(CHECKPOINTS).load(f"transfer_learning-{pair}-{count}")
        assert run.latest.arrays["predictions"].shape == (len(STRATEGIES), 20)
        results = strategy_results(run.config, run.metrics)
        means.append([results[strategy].mean for strategy in STRATEGIES])
    assert (np.array(means[1]) > np.array(means[0]) + 0.1).all()

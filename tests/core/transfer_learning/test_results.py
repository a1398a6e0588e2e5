"""The results of a run: accuracies over the seeds, the comparison with training from scratch, memorized labels."""

import numpy as np
import pytest

from core.topics.transfer_learning.config import STRATEGIES, TransferConfig
from core.topics.transfer_learning.results import (
    StrategyResult,
    compare_with_scratch,
    has_final_results,
    has_memorized,
    strategy_results,
)


def results(**accuracies: tuple[float, ...]) -> dict[str, StrategyResult]:
    return {strategy: StrategyResult(np.array(values)) for strategy, values in accuracies.items()}


def test_results_are_over_the_seeds():
    metrics = {
        f"accuracy/{strategy}/{seed}": index + seed / 10
        for index, strategy in enumerate(STRATEGIES)
        for seed in range(3)
    }
    found = strategy_results(TransferConfig(seeds=3), metrics)
    assert tuple(found) == STRATEGIES
    for index, result in enumerate(found.values()):
        assert (result.low, result.mean, result.high) == pytest.approx((index, index + 0.1, index + 0.2))
    assert has_final_results(metrics)
    assert not has_final_results({"loss/scratch": 1.0})


@pytest.mark.parametrize(
    ("frozen", "fine_tuned", "best", "differences", "disagree"),
    [
        ((0.7, 0.8), (0.4, 0.5), "frozen", (0.25, 0.25), False),
        ((0.4, 0.5), (0.7, 0.9), "fine_tuned", (0.25, 0.35), False),
        ((0.3, 0.35), (0.2, 0.4), "frozen", (-0.2, -0.15), False),
        ((0.3, 0.35), (0.2, 0.6), "fine_tuned", (-0.25, 0.05), True),
    ],
)
def test_the_better_transfer_strategy_is_compared_seed_by_seed(frozen, fine_tuned, best, differences, disagree):
    comparison = compare_with_scratch(results(scratch=(0.45, 0.55), frozen=frozen, fine_tuned=fine_tuned))
    assert comparison.best == best
    assert comparison.seed_differences == pytest.approx(differences)
    assert comparison.seeds_disagree is disagree


@pytest.mark.parametrize(
    ("losses", "memorized"),
    [
        ({"scratch": 0.05, "fine_tuned": 0.09, "frozen": 3.0}, True),
        ({"scratch": 0.05, "fine_tuned": 0.11}, False),
        ({"scratch": None, "fine_tuned": 0.01}, False),
        ({"scratch": 0.01}, False),
        ({}, False),
    ],
)
def test_labels_are_memorized_by_networks_from_scratch_and_fine_tuned(losses, memorized):
    assert has_memorized(losses) is memorized

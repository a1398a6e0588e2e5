"""Results of a transfer run: the accuracies of each strategy over its seeds, and their comparison."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.topics.transfer_learning.config import STRATEGIES, TRANSFER_STRATEGIES, Strategy, TransferConfig

MEMORIZED_LOSS = 0.1
"""Training cross-entropy below which a network has memorized nearly all labels."""


@dataclass(frozen=True)
class StrategyResult:
    """The accuracies of a strategy, one for each seed."""

    accuracies: np.ndarray

    @property
    def mean(self) -> float:
        """Mean accuracy over the seeds."""
        return float(self.accuracies.mean())

    @property
    def low(self) -> float:
        """Lowest accuracy over the seeds."""
        return float(self.accuracies.min())

    @property
    def high(self) -> float:
        """Highest accuracy over the seeds."""
        return float(self.accuracies.max())


def strategy_results(config: TransferConfig, metrics: Mapping[str, float | None]) -> dict[Strategy, StrategyResult]:
    """Return the results of all strategies from the metrics of an event or of a finished run."""
    return {
        strategy: StrategyResult(np.array([metrics[f"accuracy/{strategy}/{n}"] for n in range(config.seeds)]))
        for strategy in STRATEGIES
    }


def has_final_results(metrics: Mapping[str, float | None]) -> bool:
    """Return whether the metrics include accuracies."""
    return "accuracy/scratch/0" in metrics


def has_memorized(losses: Mapping[Strategy, float | None]) -> bool:
    """Return whether the networks trained from scratch and the fine-tuned networks have memorized the labels.

    ``losses`` holds the training loss of each strategy. None stands for a loss that is not finite.
    """
    last = [losses.get(strategy) for strategy in ("scratch", "fine_tuned")]
    return all(loss is not None and loss < MEMORIZED_LOSS for loss in last)


@dataclass(frozen=True)
class TransferComparison:
    """Comparison of the better transfer strategy (frozen or fine-tuned) with training from scratch."""

    best: Strategy
    seed_differences: tuple[float, float]
    """Smallest and largest difference over the seeds: the accuracy of ``best`` minus the accuracy from scratch."""

    @property
    def seeds_disagree(self) -> bool:
        """Whether the range of differences in accuracy includes zero.

        In this case, the seeds do not agree on which strategy is better.
        """
        return self.seed_differences[0] <= 0 <= self.seed_differences[1]


def compare_with_scratch(results: Mapping[Strategy, StrategyResult]) -> TransferComparison:
    """Compare the better transfer strategy with training from scratch, seed by seed.

    The comparison describes only a few seeds. It is not a significance test.
    """
    best = max(TRANSFER_STRATEGIES, key=lambda strategy: results[strategy].mean)
    differences = results[best].accuracies - results["scratch"].accuracies
    return TransferComparison(best, (float(differences.min()), float(differences.max())))

"""Results of a transfer run: the accuracies of each strategy over its seeds, and their comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.topics.transfer_learning.config import STRATEGIES, TRANSFER_STRATEGIES, Strategy, TransferConfig

Outcome = Literal["positive", "negative", "unclear"]

MEMORIZED_LOSS = 0.1
"""Training cross-entropy below which a network has memorized nearly all labels."""


@dataclass(frozen=True)
class StrategyResult:
    """The accuracies of a strategy, one for each seed."""

    accuracies: np.ndarray

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(self.accuracies.mean())

    @property
    def low(self) -> float:
        """Accuracy of the worst seed."""
        return float(self.accuracies.min())

    @property
    def high(self) -> float:
        """Accuracy of the best seed."""
        return float(self.accuracies.max())


def strategy_results(config: TransferConfig, metrics: Mapping[str, float | None]) -> dict[Strategy, StrategyResult]:
    """Return the results of all strategies at an event, or at the end of a run."""
    return {
        strategy: StrategyResult(np.array([metrics[f"accuracy/{strategy}/{n}"] for n in range(config.seeds)]))
        for strategy in STRATEGIES
    }


def has_final_results(metrics: Mapping[str, float | None]) -> bool:
    """Return whether the metrics of a run hold its accuracies."""
    return "accuracy/scratch/0" in metrics


def has_memorized(losses: Mapping[Strategy, float | None]) -> bool:
    """Return whether the networks from scratch and the fine-tuned ones have memorized their labels."""
    last = [losses.get(strategy) for strategy in ("scratch", "fine_tuned")]
    return all(loss is not None and loss < MEMORIZED_LOSS for loss in last)


@dataclass(frozen=True)
class TransferComparison:
    """The better one of frozen and fine-tuned, compared with training from scratch."""

    outcome: Outcome
    """Whether every seed is better, or every seed of both strategies worse, than all seeds from scratch."""
    best: Strategy
    difference: float
    """Absolute difference of the mean accuracies."""


def compare_with_scratch(results: Mapping[Strategy, StrategyResult]) -> TransferComparison:
    """Compare the transfer strategies with training from scratch."""
    scratch = results["scratch"]
    best = max(TRANSFER_STRATEGIES, key=lambda strategy: results[strategy].mean)
    outcome: Outcome = "unclear"
    if results[best].low > scratch.high:
        outcome = "positive"
    elif max(results[strategy].high for strategy in TRANSFER_STRATEGIES) < scratch.low:
        outcome = "negative"
    return TransferComparison(outcome, best, abs(results[best].mean - scratch.mean))

"""Results of a label-efficiency study: accuracies by number of labels, and the labels that a strategy saves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from core.topics.transfer_learning.config import TRANSFER_STRATEGIES, Strategy, TransferConfig
from core.topics.transfer_learning.label_efficiency.config import LabelEfficiencyConfig, StrategyVariant, variants


class LabelEfficiency:
    """The accuracies of a study, for every variant and number of labels."""

    def __init__(self, config: LabelEfficiencyConfig, metrics: Mapping[str, float | None]):
        self.label_counts: Sequence[int] = config.label_counts
        self._metrics = {name: value for name, value in metrics.items() if value is not None}
        self._seeds = config.seeds

    def accuracies(self, variant: StrategyVariant, count: int) -> Float64[np.ndarray, " seeds"]:
        """Return the accuracy of each seed."""
        return np.array([self._metrics[f"{count}/{variant}/{number}"] for number in range(self._seeds)], np.float64)

    def gains(self, variant: StrategyVariant, count: int) -> Float64[np.ndarray, " seeds"]:
        """Return each seed's accuracy minus that from scratch with the same labels."""
        return self.accuracies(variant, count) - self.accuracies("scratch", count)

    def best_learning_rate(self, variant: StrategyVariant, count: int) -> float:
        """Return the learning rate that was chosen."""
        return self._metrics[f"{count}/{variant}/rate"]

    def accuracy_at(self, variant: StrategyVariant, labels: float) -> float:
        """Return the mean accuracy for any number of labels, interpolated over its logarithm."""
        means = [self.accuracies(variant, count).mean() for count in self.label_counts]
        return float(np.interp(math.log(labels), np.log(self.label_counts), means))

    def labels_needed(self, variant: StrategyVariant, accuracy: float) -> float | None:
        """Return the smallest number of labels with such a mean accuracy, or None if no studied number reaches it."""
        counts = self.label_counts
        means = [float(self.accuracies(variant, count).mean()) for count in counts]
        first = next((index for index, value in enumerate(means) if value >= accuracy), None)
        if not first:
            return None if first is None else float(counts[0])
        low, high = means[first - 1], means[first]
        share = (accuracy - low) / (high - low)
        return math.exp(math.log(counts[first - 1]) * (1 - share) + math.log(counts[first]) * share)

    def has_negative_transfer(self, variant: StrategyVariant, count: int) -> bool:
        """Return whether every seed is worse than all seeds from scratch."""
        return bool(self.accuracies(variant, count).max() < self.accuracies("scratch", count).min())

    def has_positive_transfer(self, variant: StrategyVariant, count: int) -> bool:
        """Return whether every seed is better than all seeds from scratch."""
        return bool(self.accuracies(variant, count).min() > self.accuracies("scratch", count).max())


@dataclass(frozen=True)
class Comparison:
    """Transfer with a number of labels, compared with training from scratch."""

    labels: int
    """Labels per class, at most the largest number of the study."""
    accuracies: Mapping[Strategy, float]
    """Mean accuracy of each strategy, interpolated."""
    gain: float
    """Accuracy of the better one of frozen and fine-tuned, minus that from scratch."""
    seed_gains: tuple[float, float]
    """Smallest and largest gain of a seed, at the nearest number of labels of the study."""
    labels_from_scratch: float | None
    """Labels per class with which training from scratch is as good; None if the study has no such number."""

    @property
    def seeds_disagree(self) -> bool:
        """Whether some seeds gain and others do not."""
        return self.seed_gains[0] <= 0 <= self.seed_gains[1]

    @property
    def labels_saved(self) -> float | None:
        """Fraction of the labels from scratch that transfer saves; None if their number is unknown."""
        return None if self.labels_from_scratch is None else 1 - self.labels / self.labels_from_scratch


def compare(study: LabelEfficiency, labels: int, n_transferred: int) -> Comparison:
    """Compare transfer with training from scratch, for a number of labels per class and of transferred layers."""
    labels = min(labels, study.label_counts[-1])
    by_strategy = variants(n_transferred)
    accuracies = {strategy: study.accuracy_at(variant, labels) for strategy, variant in by_strategy.items()}
    best = max(TRANSFER_STRATEGIES, key=accuracies.__getitem__)
    nearest_count = min(study.label_counts, key=lambda count: abs(math.log(count / labels)))
    seed_gains = study.gains(by_strategy[best], nearest_count)
    return Comparison(
        labels=labels,
        accuracies=accuracies,
        gain=accuracies[best] - accuracies["scratch"],
        seed_gains=(float(seed_gains.min()), float(seed_gains.max())),
        labels_from_scratch=study.labels_needed("scratch", accuracies[best]),
    )


def is_comparable(run: TransferConfig, config: TransferConfig) -> bool:
    """Return whether a run fits the study of ``config``: the same pair and variants, no noise, no shifts."""
    same_variants = variants(run.n_transferred) == variants(config.n_transferred)
    return run.pair == config.pair and same_variants and not (run.noise or run.shifts)

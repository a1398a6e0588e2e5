"""Results of a label-efficiency study: accuracies by number of labels, and the labels that a strategy saves."""

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

    def labels_needed(self, variant: StrategyVariant, accuracy: float) -> tuple[int | None, int | None]:
        """Return the two neighbouring numbers of labels between which the mean accuracy reaches a value.

        None stands for fewer than the study has, or more.
        """
        means = [float(self.accuracies(variant, count).mean()) for count in self.label_counts]
        first = next((index for index, mean in enumerate(means) if mean >= accuracy), len(means))
        return (
            self.label_counts[first - 1] if first else None,
            self.label_counts[first] if first < len(means) else None,
        )

    def has_negative_transfer(self, variant: StrategyVariant, count: int) -> bool:
        """Return whether every seed is worse than all seeds from scratch."""
        return bool(self.accuracies(variant, count).max() < self.accuracies("scratch", count).min())

    def has_positive_transfer(self, variant: StrategyVariant, count: int) -> bool:
        """Return whether every seed is better than all seeds from scratch."""
        return bool(self.accuracies(variant, count).min() > self.accuracies("scratch", count).max())


@dataclass(frozen=True)
class Comparison:
    """Transfer with a number of labels of the study, compared with training from scratch."""

    accuracies: Mapping[Strategy, float]
    """Mean accuracy of each strategy."""
    best: Strategy
    """The better one of frozen and fine-tuned."""
    seed_gains: tuple[float, float]
    """Smallest and largest gain of a seed: the accuracy of the better one minus that from scratch."""
    labels_from_scratch: tuple[int | None, int | None]
    """Numbers of labels of the study between which training from scratch becomes as good."""

    @property
    def seeds_disagree(self) -> bool:
        """Whether some seeds gain and others do not."""
        return self.seed_gains[0] <= 0 <= self.seed_gains[1]


def compare(study: LabelEfficiency, labels: int, n_transferred: int) -> Comparison:
    """Compare transfer with training from scratch, for one of the study's numbers of labels per class."""
    by_strategy = variants(n_transferred)
    accuracies = {
        strategy: float(study.accuracies(variant, labels).mean()) for strategy, variant in by_strategy.items()
    }
    best = max(TRANSFER_STRATEGIES, key=accuracies.__getitem__)
    seed_gains = study.gains(by_strategy[best], labels)
    return Comparison(
        accuracies=accuracies,
        best=best,
        seed_gains=(float(seed_gains.min()), float(seed_gains.max())),
        labels_from_scratch=study.labels_needed("scratch", accuracies[best]),
    )


def is_studied(config: TransferConfig) -> bool:
    """Return whether the study has such networks: no noise, no shifts, at least two transferred layers."""
    return config.n_transferred >= 2 and not (config.noise or config.shifts)

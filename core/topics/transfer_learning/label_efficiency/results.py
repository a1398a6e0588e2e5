"""What a ladder says: accuracies over the number of labels, and how many labels a way needs for as much."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.topics.transfer_learning.label_efficiency.config import LadderConfig, Rung


class Ladder:
    """A ladder that was climbed: for every rung the accuracies at every count of labels."""

    def __init__(self, config: LadderConfig, metrics: Mapping[str, float | None]):
        self.counts: Sequence[int] = config.counts
        self._metrics, self._seeds = metrics, config.seeds

    def accuracies(self, rung: Rung, count: int) -> np.ndarray:
        """Those of the seeds, float64 (seeds,)."""
        return np.array([self._metrics[f"{count}/{rung}/{number}"] for number in range(self._seeds)], np.float64)

    def gains(self, rung: Rung, count: int) -> np.ndarray:
        """By how much each seed is better than from scratch with the same labels, float64 (seeds,)."""
        return self.accuracies(rung, count) - self.accuracies("scratch", count)

    def rate(self, rung: Rung, count: int) -> float:
        """The learning rate that was best there."""
        return self._metrics[f"{count}/{rung}/rate"]

    def at(self, rung: Rung, labels: float) -> float:
        """The mean accuracy at any count of labels: between those that were tried, straight over their logarithm."""
        means = [self.accuracies(rung, count).mean() for count in self.counts]
        return float(np.interp(math.log(labels), np.log(self.counts), means))

    def labels_for(self, rung: Rung, accuracy: float) -> float | None:
        """The smallest count of labels that gives such a mean accuracy, or None where no count that was tried does."""
        means = [float(self.accuracies(rung, count).mean()) for count in self.counts]
        reached = next((place for place, value in enumerate(means) if value >= accuracy), None)
        if not reached:
            return None if reached is None else float(self.counts[0])
        low, high = means[reached - 1], means[reached]
        share = (accuracy - low) / (high - low)
        return math.exp(math.log(self.counts[reached - 1]) * (1 - share) + math.log(self.counts[reached]) * share)

    def harms(self, rung: Rung, count: int) -> bool:
        """Negative transfer: all seeds are worse than all of those that began from scratch."""
        return bool(self.accuracies(rung, count).max() < self.accuracies("scratch", count).min())

    def helps(self, rung: Rung, count: int) -> bool:
        """All seeds are better than all of those that began from scratch."""
        return bool(self.accuracies(rung, count).min() > self.accuracies("scratch", count).max())

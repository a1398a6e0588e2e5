"""Results of a label-efficiency study: accuracies by number of labels, and labels needed to reach an accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from scipy.stats import ttest_rel

from core.topics.transfer_learning.config import TRANSFER_STRATEGIES, Pair, Strategy, TransferConfig
from core.topics.transfer_learning.label_efficiency.config import (
    CONTROLS,
    LabelEfficiencyConfig,
    StrategyVariant,
    variants,
)


class LabelEfficiency:
    """The accuracies of a study, for every variant and number of labels."""

    def __init__(self, config: LabelEfficiencyConfig, metrics: Mapping[str, float | None]):
        self.label_counts: Sequence[int] = config.label_counts
        self._metrics = {name: value for name, value in metrics.items() if value is not None}
        self.seeds = config.seeds

    def accuracies(self, variant: StrategyVariant, count: int) -> Float64[np.ndarray, " seeds"]:
        """Return the accuracy of a variant with ``count`` labels per class, for each seed."""
        return np.array([self._metrics[f"{count}/{variant}/{number}"] for number in range(self.seeds)], np.float64)

    def gains(
        self, variant: StrategyVariant, count: int, *, over: StrategyVariant = "scratch"
    ) -> Float64[np.ndarray, " seeds"]:
        """Return, for each seed, the accuracy of ``variant`` minus the accuracy of ``over`` with the same labels."""
        return self.accuracies(variant, count) - self.accuracies(over, count)

    def best_learning_rate(self, variant: StrategyVariant, count: int) -> float:
        """Return the learning rate chosen on validation images for a variant with ``count`` labels per class."""
        return self._metrics[f"{count}/{variant}/rate"]

    def labels_needed(self, variant: StrategyVariant, accuracy: float) -> tuple[int | None, int | None]:
        """Return two adjacent numbers of labels between which the mean accuracy of a variant reaches ``accuracy``.

        None stands for a number below the smallest or above the largest number in the study.
        """
        means = [float(self.accuracies(variant, count).mean()) for count in self.label_counts]
        first = next((index for index, mean in enumerate(means) if mean >= accuracy), len(means))
        return (
            self.label_counts[first - 1] if first else None,
            self.label_counts[first] if first < len(means) else None,
        )


Cell = tuple[Pair, StrategyVariant, int]
"""A pair of tasks, a variant, and a number of labels per class."""


def significant_cells(studies: Mapping[Pair, LabelEfficiency], *, level: float = 0.05) -> tuple[set[Cell], int]:
    """Return the significant cells, and the total number of cells.

    A cell is a pair of tasks, a variant, and a number of labels per class. In a significant cell, the accuracies of the
    variant and of its control differ significantly in a paired t-test over the seeds. Holm's method limits the
    probability of one or more false positives among all cells to ``level``.

    Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.
    """
    p_values = {
        (pair, variant, count): paired_p_value(study.accuracies(variant, count), study.accuracies(control, count))
        for pair, study in studies.items()
        for variant, control in CONTROLS.items()
        for count in study.label_counts
    }
    cells = list(p_values)
    rejected = holm([p_values[cell] for cell in cells], level=level)
    return {cell for cell, is_rejected in zip(cells, rejected, strict=True) if is_rejected}, len(cells)


def paired_p_value(first: Float64[np.ndarray, " seeds"], second: Float64[np.ndarray, " seeds"]) -> float:
    """Return the p-value of a two-sided paired t-test.

    If the two samples are equal, or if there is only one seed, the p-value is 1.
    """
    if len(first) < 2 or not (first - second).any():
        return 1.0
    return float(ttest_rel(first, second).pvalue)


def holm(p_values: Sequence[float], *, level: float) -> list[bool]:
    """Return, for each p-value, whether Holm's method rejects the null hypothesis.

    ``level`` is the family-wise error rate.
    """
    order, rejected = np.argsort(p_values, kind="stable"), [False] * len(p_values)
    for rank, index in enumerate(order):
        if p_values[index] > level / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


@dataclass(frozen=True)
class Comparison:
    """Comparison of transfer with training from scratch, for one number of labels in the study.

    The comparison describes only the seeds of the study. It is not a significance test.
    """

    accuracies: Mapping[Strategy, float]
    """Mean accuracy of each strategy."""
    best: Strategy
    """The transfer strategy ("frozen" or "fine_tuned") with the higher mean accuracy."""
    seed_gains: tuple[float, float]
    """Smallest and largest gain over the seeds: the accuracy of ``best`` minus the accuracy from scratch."""
    labels_from_scratch: tuple[int | None, int | None]
    """Numbers of labels between which the mean accuracy from scratch reaches the mean accuracy of ``best``."""

    @property
    def seeds_disagree(self) -> bool:
        """Whether the range of gains includes zero.

        In this case, the seeds do not agree on which strategy is better.
        """
        return self.seed_gains[0] <= 0 <= self.seed_gains[1]


def compare(study: LabelEfficiency, labels: int, n_transferred: int) -> Comparison:
    """Compare the better transfer strategy with training from scratch, for ``labels`` labels per class."""
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


_DEFAULT = ("noise", "shifts", "pretrained_lr_multiplier", "n_frozen", "batch_size", "weight_decay")
"""Settings that have their default values in the study."""


def is_studied(config: TransferConfig) -> bool:
    """Return whether the study covers these settings: at least two transferred layers, and defaults for most others.

    Each network of the study has its own learning rate and number of epochs.
    """
    defaults = {name: TransferConfig.model_fields[name].default for name in _DEFAULT}
    return config.n_transferred >= 2 and config.model_dump(include=set(_DEFAULT)) == defaults

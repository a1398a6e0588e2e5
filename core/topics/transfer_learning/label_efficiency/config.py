"""The settings of the label-efficiency study, with their bounds and presets."""

from typing import Literal

import torch
from pydantic import Field

from core.topics.transfer_learning.config import PAIRS, STRATEGIES, Pair, Strategy, TransferConfig
from core.topics.transfer_learning.data import load
from core.training.batching import batches_per_epoch
from core.training.config import RunConfig

LABEL_COUNTS = (1, 5, 10, 20, 50, 200)
"""Numbers of labels per class."""

LEARNING_RATES = (0.0005, 0.002, 0.008, 0.03)
"""Candidate learning rates; the best one is chosen for each variant and number of labels."""

MIN_UPDATES, MIN_EPOCHS = 300, 20
"""Minimum numbers of updates and epochs. With a quarter of these numbers, training from scratch does not converge."""

StrategyVariant = Literal[
    "scratch", "frozen", "frozen_hidden", "fine_tuned", "fine_tuned_hidden", "random", "random_hidden"
]

VARIANTS: dict[StrategyVariant, tuple[Strategy, int]] = {
    "scratch": ("scratch", 2),
    "frozen": ("frozen", 2),
    "frozen_hidden": ("frozen", 3),
    "fine_tuned": ("fine_tuned", 2),
    "fine_tuned_hidden": ("fine_tuned", 3),
    "random": ("random", 2),
    "random_hidden": ("random", 3),
}
"""Name of the variant -> strategy and number of transferred layers."""

CONTROLS: dict[StrategyVariant, StrategyVariant] = {
    "frozen": "random",
    "frozen_hidden": "random_hidden",
    "fine_tuned": "scratch",
    "fine_tuned_hidden": "scratch",
    "random": "scratch",
    "random_hidden": "scratch",
}
"""Name of the variant -> its control, in which the same layers are trained, but without pretrained weights.

The control of frozen random layers is training from scratch: the difference in accuracy is the effect of freezing.
"""


def variants(n_transferred: int) -> dict[Strategy, StrategyVariant]:
    """Return, for each strategy, the variant with ``n_transferred`` transferred layers.

    The study has no variants with a single transferred layer. If ``n_transferred`` is 1, it is treated as 2.
    """
    studied = max(n_transferred, 2)
    pairs = {pair: name for name, pair in VARIANTS.items()}
    return {strategy: pairs[strategy, 2 if strategy == "scratch" else studied] for strategy in STRATEGIES}


class LabelEfficiencyConfig(RunConfig):
    """The settings of a label-efficiency study: one pair of tasks, with several numbers of labels per class."""

    pair: Pair = Field("other_digits", title="Tasks", description="The source task and the target task.")
    seeds: int = Field(
        12,
        ge=1,
        le=20,
        title="Seeds",
        description=(
            "Number of repetitions. Each repetition uses different labeled images and different initial weights."
        ),
    )
    tuning_seeds: int = Field(
        3,
        ge=1,
        le=20,
        title="Tuning seeds",
        description=(
            "Number of seeds used to compare the learning rates. It cannot exceed the number of seeds in the study."
        ),
    )

    @property
    def n_tuning_seeds(self) -> int:
        """Number of seeds used to compare the learning rates."""
        return min(self.tuning_seeds, self.seeds)

    @property
    def label_counts(self) -> tuple[int, ...]:
        """The values in LABEL_COUNTS that leave at least as many validation images as training images in each class."""
        rarest = int(torch.bincount(load(PAIRS[self.pair][1], "train").labels).min())
        return tuple(count for count in LABEL_COUNTS if 2 * count <= rarest)

    def transfer_config(self, count: int, learning_rate: float, variant: StrategyVariant) -> TransferConfig:
        """Return the settings for training a variant with ``count`` labels per class."""
        config = TransferConfig(
            seed=self.seed,
            threads=self.threads,
            pair=self.pair,
            labels=count,
            learning_rate=learning_rate,
            n_transferred=VARIANTS[variant][1],
        )
        updates_per_epoch = batches_per_epoch(config.samples, config.batch_size)
        return config.changed(epochs=max(MIN_EPOCHS, -(-MIN_UPDATES // updates_per_epoch)))


PRESETS: dict[str, LabelEfficiencyConfig] = {pair: LabelEfficiencyConfig(pair=pair) for pair in PAIRS}

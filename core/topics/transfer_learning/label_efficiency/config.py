"""The settings of the label-efficiency study, with their bounds and presets."""

from typing import Literal

import torch
from pydantic import Field

from core.topics.transfer_learning.config import PAIRS, Pair, TransferConfig, Way
from core.topics.transfer_learning.data import load
from core.training.batching import batches_per_epoch
from core.training.config import RunConfig

COUNTS = (1, 5, 10, 20, 50, 200)
"""Labels per class that are tried."""

RATES = (0.0005, 0.002, 0.008, 0.03)
"""Learning rates that every way is tried with at every count."""

UPDATES, EPOCHS = 300, 20
"""At least so many updates, and at least so many passes through the labels: with a quarter of them, networks from
scratch are not done yet."""

Rung = Literal["scratch", "frozen", "frozen_hidden", "fine_tuned", "fine_tuned_hidden", "random", "random_hidden"]

RUNGS: dict[Rung, tuple[Way, int]] = {
    "scratch": ("scratch", 2),
    "frozen": ("frozen", 2),
    "frozen_hidden": ("frozen", 3),
    "fine_tuned": ("fine_tuned", 2),
    "fine_tuned_hidden": ("fine_tuned", 3),
    "random": ("random", 2),
    "random_hidden": ("random", 3),
}
"""Name -> the way, and the number of layers that are taken over."""


class LadderConfig(RunConfig):
    """One pair at all counts of labels."""

    pair: Pair = Field(
        "other_digits", title="From what to what", description="What the source has learnt, and what is to be learnt."
    )
    seeds: int = Field(
        3, ge=1, le=10, title="Seeds", description="How often all is done, with other labels and other first weights."
    )

    @property
    def counts(self) -> tuple[int, ...]:
        """Labels per class that are tried: as many pictures of each class are left to choose rates by."""
        fewest = int(torch.bincount(load(PAIRS[self.pair][1], "train").labels).min())
        return tuple(count for count in COUNTS if 2 * count <= fewest)

    def at(self, count: int, rate: float, rung: Rung) -> TransferConfig:
        """The settings of the networks of a rung."""
        config = TransferConfig(
            seed=self.seed,
            threads=self.threads,
            pair=self.pair,
            seeds=self.seeds,
            labels=count,
            learning_rate=rate,
            kept=RUNGS[rung][1],
        )
        of_epoch = batches_per_epoch(config.samples, config.batch_size)
        return config.changed(epochs=max(EPOCHS, -(-UPDATES // of_epoch)))


PRESETS: dict[str, LadderConfig] = {pair: LadderConfig(pair=pair) for pair in PAIRS}

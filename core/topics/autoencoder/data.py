"""Pairs of corrupted and clean images, for training and for evaluation."""

import torch
from jaxtyping import Float32
from torch import Tensor

from core.data import datasets
from core.data.corruptions import LIMITS, corrupt
from core.topics.autoencoder.config import AutoencoderConfig, Corruption, CorruptionLevels
from core.training.batching import BatchPlan, sample_indices
from core.training.rng import Stream, generator

N_SHOWN = 12
"""Number of test images that the page shows."""
EVAL_SUBSET = 500
"""Number of test images that are reconstructed at every keyframe."""

_N_LEVELS = 20
"""Number of equal steps between the lowest and the highest level of a corruption with real-valued levels."""

Pair = tuple[Tensor, Tensor]
"""Corrupted and clean images, both float32 (N, 1, 28, 28) in 0..1."""


class Images:
    """The training and test images of a run. ``train_indices`` (int64) selects the training images from the dataset."""

    def __init__(self, config: AutoencoderConfig):
        self.config = config
        self.train = datasets.load(config.data, "train")
        self.train_indices = sample_indices(
            len(self.train.labels), config.pictures, generator(config.seed, Stream.AUTOENCODER_SAMPLES)
        )
        self.plan = BatchPlan(config.pictures, config.batch_size)
        """The plan of the batches. The batch size may change during the run."""

    def batch(self, step: int) -> Pair:
        """Return the corrupted and the clean images for update ``step`` (counted from 0).

        New random corruptions are drawn for each update.
        """
        seed = self.config.seed
        positions = self.plan.indices(step, seed=seed)
        clean, _labels = self.train.batch(self.train_indices[positions])
        random = generator(seed, Stream.AUTOENCODER_TRAINING, step)
        return corrupt(clean, self.config.corruption_levels, random), clean

    def test_subset(self, count: int) -> Pair:
        """Return corrupted and clean copies of the first ``count`` test images.

        The types and the levels of the corruptions are the same as in training.
        """
        return corrupted_pairs(self.config.data, "test", self.config.corruption_levels, count)


def corrupted_pairs(
    data: str, split: str, levels: CorruptionLevels, count: int
) -> tuple[Float32[Tensor, "{count} 1 28 28"], Float32[Tensor, "{count} 1 28 28"]]:
    """Return corrupted and clean copies of the first ``count`` images of a dataset split.

    The random corruptions are the same in every call. Increasing ``count`` adds pairs at the end, and does
    not change the other pairs.
    """
    clean, _labels = datasets.load(data, split).batch(torch.arange(count))
    corrupted = clean
    for index, level in enumerate(levels):
        corrupted = corrupt(corrupted, [level], generator(0, Stream.AUTOENCODER_TEST, index))
    return corrupted, clean


def level_grid(name: Corruption, level: float) -> tuple[float, ...]:
    """Return evenly spaced levels of a corruption, from the lowest to the highest, with ``level`` inserted in order.

    If the levels of the corruption are integers, all levels are returned.
    """
    low, high = LIMITS[name]
    if isinstance(high, int):
        return tuple(range(int(low), high + 1))
    grid = {round(low + (high - low) * number / _N_LEVELS, 6) for number in range(_N_LEVELS + 1)}
    return tuple(sorted(grid | {level}))


def with_level(levels: CorruptionLevels, name: Corruption, level: float) -> CorruptionLevels:
    """Return a copy of ``levels`` in which the corruption ``name`` has the level ``level``."""
    return tuple((each, level if each == name else before) for each, before in levels)

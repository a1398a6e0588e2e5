"""The pictures of a run: clean, and as the network gets them."""

import torch
from torch import Tensor

from core.data import datasets
from core.data.corruptions import corrupt
from core.topics.autoencoder.config import AutoencoderConfig, Steps
from core.training.batching import batch_indices, sample_indices
from core.training.rng import Stream, generator

SHOWN = 12  # test pictures that the page shows
SOME = 500  # test pictures that are restored at every keyframe


Pair = tuple[Tensor, Tensor]
"""Corrupted and clean pictures, both float32 (N, 1, 28, 28) in 0..1."""


class Pictures:
    """The pictures of a run."""

    def __init__(self, config: AutoencoderConfig):
        self.config = config
        self.train = datasets.load(config.data, "train")
        self.chosen = sample_indices(len(self.train.labels), config.pictures, config.seed, Stream.AUTOENCODER_SAMPLES)

    def batch(self, step: int) -> Pair:
        """The pictures of update ``step``, corrupted anew for that update."""
        seed, size = self.config.seed, self.config.batch_size
        clean, _labels = self.train.batch(self.chosen[batch_indices(len(self.chosen), size, step, seed=seed)])
        return corrupt(clean, self.config.steps, generator(seed, Stream.AUTOENCODER_TRAINING, step)), clean

    def tested(self, count: int) -> Pair:
        """The first ``count`` test pictures, corrupted as in training."""
        return spoilt(self.config.data, "test", self.config.steps, count)


def spoilt(data: str, split: str, steps: Steps, count: int) -> Pair:
    """The first ``count`` pictures of a data set, corrupted in the same way every time, in all runs and pages.

    Few of them are the first of many.
    """
    clean, _labels = datasets.load(data, split).batch(torch.arange(count))
    corrupted = clean
    for place, step in enumerate(steps):
        corrupted = corrupt(corrupted, [step], generator(0, Stream.AUTOENCODER_TEST, place))
    return corrupted, clean

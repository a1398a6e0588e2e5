"""Data for batched networks: small digits, optionally with label noise, or random inputs with random targets."""

from typing import ClassVar

import torch
from jaxtyping import Float, Num
from torch import Tensor

from core.data import datasets
from core.training.batched.config import BatchedConfig
from core.training.batching import batch_indices
from core.training.rng import Stream, generator

TRAINING_SIZE = 50_000
"""Number of MNIST training digits used for training. The remaining digits are for validation."""
VALIDATION_SIZE = 2_000

Batch = tuple[Tensor, Tensor]
Split = tuple[Float[Tensor, "samples inputs"], Num[Tensor, " samples *outputs"]]


class DataSplits:
    """Training, validation, and test data, each as a pair of inputs x and targets y.

    - Digits: x (N, inputs) holds pixel values from 0 to 1. y (N,) holds int64 labels.
    - Random data: x (N, inputs) and y (N, outputs) hold normally distributed numbers.
    """

    dtype: ClassVar[torch.dtype] = torch.float32
    """Type of the numbers, and of the networks that are trained on them. Some tests use float64."""

    def __init__(self, config: BatchedConfig):
        self.config = config
        if config.data == "random":
            random = generator(config.seed, Stream.BATCHED_TARGETS)
            self._x = torch.randn(config.samples, config.sizes[0], generator=random).to(self.dtype)
            self._y = torch.randn(config.samples, config.sizes[2], generator=random).to(self.dtype)
        else:
            side = 28 if config.full_size else 14
            self._x, self._y = datasets.downsampled("mnist", "train", side=side), datasets.load("mnist", "train").labels
            self._test = datasets.downsampled("mnist", "test", side=side), datasets.load("mnist", "test").labels
            self._y = self._with_label_noise(self._y)

    def batch(self, step: int) -> Batch:
        """Return the batch for update ``step``, counted from 0. All networks get the same batch."""
        config = self.config
        return self.training_samples(batch_indices(config.samples, config.batch_size, step, seed=config.seed))

    def training_samples(self, indices: Tensor) -> Batch:
        """Return the training samples at ``indices``."""
        return self._select(self._x, self._y, indices)

    def validation(self) -> Split:
        """Return the data used to choose learning rates.

        For digits, the result is the validation split. For random targets, the result is the training data, because
        networks cannot generalize from random targets.
        """
        if self.config.data == "random":
            return self._x, self._y
        return self.training_samples(torch.arange(TRAINING_SIZE, TRAINING_SIZE + VALIDATION_SIZE))

    def test(self) -> Split | None:
        """Return the test set, or None for random targets. The test set is not used to choose learning rates."""
        return None if self.config.data == "random" else self._select(*self._test, torch.arange(10_000))

    def _select(self, x: Tensor, y: Tensor, indices: Tensor) -> Batch:
        x = x[indices]
        return (x if x.is_floating_point() else x.to(self.dtype).div_(255)), y[indices]

    def _with_label_noise(self, labels: Tensor) -> Tensor:
        """Replace each training label with a random label, with probability ``noise``.

        On average, one in ten random labels is correct.
        """
        random = generator(self.config.seed, Stream.BATCHED_LABELS)
        replaced = torch.rand(TRAINING_SIZE, generator=random) < self.config.noise
        labels = labels.clone()
        labels[:TRAINING_SIZE][replaced] = torch.randint(0, 10, (int(replaced.sum()),), generator=random)
        return labels

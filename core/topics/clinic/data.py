"""The data of the programs, and placeholders for their settings."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import TensorDataset

from core.data import datasets
from core.topics.clinic.config import ClinicConfig
from core.training.rng import Stream, generator

LEARNING_RATE, EPOCHS = 0.1, 10
"""Placeholders in the programs. The settings of a run replace them."""

N_DIGITS = 2_000


def load_digits(config: ClinicConfig | None = None) -> tuple[Tensor, Tensor]:
    """Return 2,000 handwritten digits, uint8 (2000, 28, 28), and their labels, int64 (2000,), in random order."""
    config = config or ClinicConfig()
    mnist = datasets.load("mnist", "train")
    chosen = torch.randperm(len(mnist.labels), generator=generator(config.seed, Stream.CLINIC_DATA))[:N_DIGITS]
    return with_noise(mnist.images[chosen], config), mnist.labels[chosen]


def with_noise(images: Tensor, config: ClinicConfig) -> Tensor:
    """Add Gaussian noise to uint8 images. `ClinicConfig.noise` is its standard deviation, relative to the range."""
    if not config.noise:
        return images
    noise = torch.randn(images.shape, generator=generator(config.seed, Stream.CLINIC_NOISE))
    return (images + 255 * config.noise * noise).round().clamp(0, 255).to(torch.uint8)


def load_points(config: ClinicConfig | None = None) -> tuple[Tensor, Tensor]:
    """Return points of a sine curve in random order: x, float32 (256, 1), from -3 to 3, and y, float32 (256,)."""
    config = config or ClinicConfig()
    random = generator(config.seed, Stream.CLINIC_DATA)
    x = 6 * torch.rand(256, 1, generator=random) - 3
    noise = torch.randn(256, generator=random)
    return x, torch.sin(x[:, 0] * math.pi / 2) + config.noise * noise


class Batches:
    """The batches of a program, with random numbers of its own. The arguments are those of PyTorch's data loader.

    So the batches of two programs are equal even if one of them draws more random numbers, for example for dropout.
    """

    def __init__(self, dataset: TensorDataset, batch_size: int, shuffle: bool = False, *, seed: int):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self._random = generator(seed, Stream.BATCHES)

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield the batches of one epoch."""
        count = len(self.dataset)
        order = torch.randperm(count, generator=self._random) if self.shuffle else torch.arange(count)
        for indices in order.split(self.batch_size):
            yield self.dataset[indices]


class OneBatch(Batches):
    """The first batch, again and again."""

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield the first batch as often as there are batches."""
        if not hasattr(self, "_batch"):
            self._batch = next(super().__iter__())
        for _ in range(len(self)):
            yield self._batch


LOADERS = {"load_digits": load_digits, "load_points": load_points}
"""The functions that load the data of the programs: a tuple of inputs, targets, and further data."""

"""What the race learns: small digits, with some labels wrong if wished, or the tutorial's random targets."""

import torch
from torch import Tensor

from core.data import datasets
from core.training.batched.config import NetworkConfig
from core.training.batching import batch_indices
from core.training.rng import Stream, generator

VALIDATED = 2_000  # of the 10,000 digits at the end of MNIST's training set, which no race trains on

Batch = tuple[Tensor, Tensor]


class Task:
    """Training, validation and test data of a race: x float32 (N, inputs) from 0 to 1; y labels (N,) or targets."""

    def __init__(self, config: NetworkConfig):
        self.config = config
        if config.data == "random":
            random = generator(config.seed, Stream.BATCHED_TARGETS)
            self._x = torch.randn(config.samples, config.sizes[0], generator=random)
            self._y = torch.randn(config.samples, config.sizes[2], generator=random)
        else:
            side = 28 if config.full_size else 14
            self._x, self._y = datasets.small("mnist", "train", side=side), datasets.load("mnist", "train").labels
            self._test = datasets.small("mnist", "test", side=side), datasets.load("mnist", "test").labels
            self._y = self._with_noise(self._y)

    def batch(self, step: int) -> Batch:
        """The batch of update ``step``, the same for every network."""
        config = self.config
        return self.samples(batch_indices(config.samples, config.batch_size, step, seed=config.seed))

    def samples(self, indices: Tensor) -> Batch:
        """These samples of the training set."""
        return self._take(self._x, self._y, indices)

    def judged(self) -> Batch:
        """What the best rates are chosen by: the validation split; of random targets the training data.

        What a network has learnt of random targets is true of no other data.
        """
        if self.config.data == "random":
            return self._x, self._y
        return self.samples(torch.arange(50_000, 50_000 + VALIDATED))

    def test(self) -> Batch | None:
        """The test set, which chooses nothing; None where there is nothing to be tested on."""
        return None if self.config.data == "random" else self._take(*self._test, torch.arange(10_000))

    def _take(self, x: Tensor, y: Tensor, indices: Tensor) -> Batch:
        x = x[indices]
        return (x if x.is_floating_point() else x.float().div_(255)), y[indices]

    def _with_noise(self, labels: Tensor) -> Tensor:
        """Every label of the training set replaced by a random one with the probability ``noise``."""
        random = generator(self.config.seed, Stream.BATCHED_LABELS)
        replaced = torch.rand(50_000, generator=random) < self.config.noise
        labels = labels.clone()
        labels[:50_000][replaced] = torch.randint(0, 10, (int(replaced.sum()),), generator=random)
        return labels

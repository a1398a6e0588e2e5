"""Data and initial weights of the manual MLP. The settings alone determine every batch."""

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import one_hot

from core.data import datasets
from core.topics.manual_mlp.config import IMPLEMENTATION_NAMES, Implementation, MLPConfig
from core.training.batching import BatchPlan
from core.training.rng import Stream, generator
from core.training.state import Change

Batch = tuple[Float[Tensor, "batch inputs"], Float[Tensor, "batch outputs"]]
"""Inputs x and targets y."""

Weights = tuple[Float[Tensor, "inputs hidden"], Float[Tensor, "hidden outputs"]]
"""W1 and W2."""


class Task:
    """Training and test data of a run. The settings determine all random values."""

    def __init__(self, config: MLPConfig, changes: Iterable[Change] = ()):
        """Load or draw the data. ``changes`` are the changes to the settings in the run so far."""
        self.config = config
        self.use(changes)
        self.dtype = getattr(torch, config.precision)
        if config.data == "digits":
            self._digits = datasets.load("mnist", "train"), datasets.load("mnist", "test")
        else:
            self._training = self._draw(self._random(Stream.MANUAL_MLP_DATA))

    def use(self, changes: Iterable[Change]) -> None:
        """Plan the batches. A change to the batch size in ``changes`` applies from the next epoch on."""
        self.plan = BatchPlan(self.config.samples, self.config.batch_size, changes, ahead=1)

    def batch(self, step: int) -> Batch:
        """Return the batch of update ``step`` (counted from 0). For digits, new noise is drawn for every update."""
        config = self.config
        indices = self.plan.indices(step, seed=config.seed)
        if config.data == "digits":
            return self._digit_batch(0, indices, self._random(Stream.MANUAL_MLP_NOISE, step))
        x, y = self._training
        return x[indices], y[indices]

    def batches(self, first: int = 0) -> Iterator[Batch]:
        """Yield the batches from update ``first`` on, and one more batch to evaluate the final weights."""
        for step in range(first, self.plan.updates(self.config.epochs) + 1):
            yield self.batch(step)

    def training_data(self) -> Batch:
        """Return the training samples (for digits, at most the first 10,000).

        The noise on digits is the same in every call.
        """
        if self.config.data == "digits":
            return self._digit_batch(
                0, torch.arange(min(self.config.samples, 10_000)), self._random(Stream.MANUAL_MLP_NOISE, 0)
            )
        return self._training

    def test_data(self, samples: int = 10_000) -> Batch:
        """Return at most ``samples`` held-out samples: the first test digits or, for other data, new samples."""
        if self.config.data == "digits":
            return self._digit_batch(1, torch.arange(min(samples, 10_000)), self._random(Stream.MANUAL_MLP_TEST))
        x, y = self._draw(self._random(Stream.MANUAL_MLP_TEST))
        return x[:samples], y[:samples]

    def fresh_data(self, draw: int = 0) -> Batch:
        """Return new samples: as many as the training set has, but at most 10,000. New digits come from the test set.

        Different values of ``draw`` give different random samples.
        """
        if self.config.data == "digits":
            chosen = torch.randperm(10_000, generator=self._random(Stream.MANUAL_MLP_FRESH_DATA, draw))
            return self._digit_batch(1, chosen[: self.config.samples], self._random(Stream.MANUAL_MLP_FRESH_DATA, draw))
        return self._draw(self._random(Stream.MANUAL_MLP_FRESH_DATA, draw))

    def displayed_data(self, count: int) -> Batch:
        """Return the samples that the page displays.

        For digits, these are ``count`` test samples, the same for every seed, with noise that depends on the seed. For
        other data, they are at most ``count`` training samples, followed by the same number of new samples.
        """
        if self.config.data == "digits":
            chosen = torch.randperm(10_000, generator=generator(0, Stream.MANUAL_MLP_SHOWN))[:count]
            return self._digit_batch(1, chosen, self._random(Stream.MANUAL_MLP_SHOWN))
        x, y = self._training
        x_new, y_new = self._draw(self._random(Stream.MANUAL_MLP_TEST))
        return torch.cat([x[:count], x_new[:count]]), torch.cat([y[:count], y_new[:count]])

    def _random(self, stream: Stream, *indices: int) -> torch.Generator:
        return generator(self.config.seed, stream, *indices)

    def _digit_batch(self, split: int, indices: Int64[Tensor, " batch"], random: torch.Generator) -> Batch:
        """Return training digits (``split`` 0) or test digits (1) with noise, and their labels as one-hot rows."""
        images, labels = self._digits[split].batch(indices)
        if self.config.noise:
            images = images + self.config.noise * torch.randn(images.shape, generator=random)
            images = images.clamp(0, 1)
        return images.flatten(1).to(self.dtype), one_hot(labels, 10).to(self.dtype)

    def _draw(self, random: torch.Generator) -> Batch:
        """Return Gaussian inputs, and targets: random numbers or the outputs of the teacher network, plus noise."""
        config = self.config
        x = torch.randn(config.samples, config.input_size, generator=random)
        y = torch.randn(config.samples, config.output_size, generator=random)
        if config.data == "teacher":
            W1, W2 = _draw_weights(config, 1.0, self._random(Stream.MANUAL_MLP_TEACHER))
            y = torch.relu(x @ W1) @ W2 + config.noise * y
        else:
            y = y + config.noise * torch.randn(y.shape, generator=random)
        return x.to(self.dtype), y.to(self.dtype)


def initial_weights(config: MLPConfig, implementation: Implementation) -> Weights:
    """Return the initial weights of an implementation.

    The weights are the same for all implementations, unless ``config.different_initial_weights`` is true.
    """
    number = IMPLEMENTATION_NAMES.index(implementation) if config.different_initial_weights else 0
    random = generator(config.seed, Stream.MANUAL_MLP_WEIGHTS, number)
    W1, W2 = _draw_weights(config, config.initialization, random)
    dtype = getattr(torch, config.precision)
    return W1.to(dtype), W2.to(dtype)


def initial_std(fan_in: int, initialization: float) -> float:
    """Return the standard deviation of initial weights, interpolated between randn and Kaiming initialization.

    The result is (2 / fan_in) ** (s / 2), where s is ``initialization``. For s = 0 (randn), it is 1. For s = 1
    (Kaiming), it is √(2 / fan_in).

    Source: He et al., Delving Deep into Rectifiers, arXiv 1502.01852, equation 10.
    """
    return (2 / fan_in) ** (initialization / 2)


def _draw_weights(config: MLPConfig, initialization: float, random: torch.Generator) -> Weights:
    shapes = (config.input_size, config.hidden_size), (config.hidden_size, config.output_size)
    W1, W2 = (torch.randn(shape, generator=random) * initial_std(shape[0], initialization) for shape in shapes)
    return W1, W2

"""Data and first weights of the network by hand. Any batch can be drawn again from the settings alone."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from core.data import datasets
from core.topics.manual_mlp.config import WAY_NAMES, MLPConfig, Way
from core.training.batching import batch_indices
from core.training.rng import Stream, generator

Batch = tuple[Tensor, Tensor]


class Task:
    """Training and test data of a run: x (N, inputs) and targets y (N, outputs), drawn from its seed."""

    def __init__(self, config: MLPConfig):
        self.config = config
        self.dtype = getattr(torch, config.precision)
        if config.data == "digits":
            self._digits = datasets.load("mnist", "train"), datasets.load("mnist", "test")
        else:
            self._training = self._draw(Stream.MANUAL_MLP_DATA)

    def batch(self, step: int) -> Batch:
        """The batch of update ``step``; digits come with their noise, drawn anew for every step."""
        config = self.config
        indices = batch_indices(config.samples, config.batch_size, step, seed=config.seed)
        if config.data == "digits":
            return self._digit_batch(0, indices, noise=(Stream.MANUAL_MLP_NOISE, step))
        x, y = self._training
        return x[indices], y[indices]

    def batches(self, first: int = 0) -> Iterator[Batch]:
        """The batches from update ``first`` on, and one more than the run has updates: it measures the end."""
        for step in range(first, self.config.updates + 1):
            yield self.batch(step)

    def training(self) -> Batch:
        """What the training sees, at most its first 10,000 samples; digits with the noise of the first update."""
        if self.config.data == "digits":
            return self._digit_batch(
                0, torch.arange(min(self.config.samples, 10_000)), noise=(Stream.MANUAL_MLP_NOISE, 0)
            )
        return self._training

    def test(self, samples: int = 10_000) -> Batch:
        """Data that the training never sees. Digits: the first of the test set; else newly drawn."""
        if self.config.data == "digits":
            return self._digit_batch(1, torch.arange(min(samples, 10_000)), noise=(Stream.MANUAL_MLP_TEST,))
        x, y = self._draw(Stream.MANUAL_MLP_TEST)
        return x[:samples], y[:samples]

    def fresh(self, number: int = 0) -> Batch:
        """As many new samples as the training set has, at most 10,000; digits: from the test set."""
        if self.config.data == "digits":
            chosen = torch.randperm(10_000, generator=generator(self.config.seed, Stream.MANUAL_MLP_FRESH_DATA, number))
            return self._digit_batch(1, chosen[: self.config.samples], noise=(Stream.MANUAL_MLP_FRESH_DATA, number))
        return self._draw(Stream.MANUAL_MLP_FRESH_DATA, number)

    def shown(self, count: int) -> Batch:
        """The samples that the page shows, the same for every run of these data.

        Digits: ``count`` of the test set. Else: ``count`` samples of the training set, then as many new ones.
        """
        if self.config.data == "digits":
            chosen = torch.randperm(10_000, generator=generator(Stream.MANUAL_MLP_SHOWN))[:count]
            return self._digit_batch(1, chosen, noise=(Stream.MANUAL_MLP_SHOWN,))
        x, y = self._training
        x_new, y_new = self._draw(Stream.MANUAL_MLP_TEST)
        return torch.cat([x[:count], x_new[:count]]), torch.cat([y[:count], y_new[:count]])

    def _digit_batch(self, split: int, indices: Tensor, *, noise: tuple[int, ...]) -> Batch:
        images, labels = self._digits[split].batch(indices)
        if self.config.noise:
            images = images + self.config.noise * torch.randn(
                images.shape, generator=generator(self.config.seed, *noise)
            )
            images = images.clamp(0, 1)
        return images.flatten(1).to(self.dtype), one_hot(labels, 10).to(self.dtype)

    def _draw(self, *stream: int) -> Batch:
        """Gaussian inputs with random targets, or with a teacher network's answers plus noise."""
        config, random = self.config, generator(self.config.seed, *stream)
        x = torch.randn(config.samples, config.input_size, generator=random)
        y = torch.randn(config.samples, config.output_size, generator=random)
        if config.data == "teacher":
            W1, W2 = _draw_weights(config, 1.0, generator(config.seed, Stream.MANUAL_MLP_TEACHER))
            y = torch.relu(x @ W1) @ W2 + config.noise * y
        else:
            y = y + config.noise * torch.randn(y.shape, generator=random)
        return x.to(self.dtype), y.to(self.dtype)


def initial_weights(config: MLPConfig, way: Way) -> tuple[Tensor, Tensor]:
    """The weights W1 (inputs, hidden) and W2 (hidden, outputs) before training.

    The same for every way, unless each is to have its own.
    """
    random = generator(config.seed, Stream.MANUAL_MLP_WEIGHTS, WAY_NAMES.index(way) if config.own_weights else 0)
    W1, W2 = _draw_weights(config, config.initialisation, random)
    dtype = getattr(torch, config.precision)
    return W1.to(dtype), W2.to(dtype)


def deviation(fan_in: int, initialisation: float) -> float:
    """Standard deviation of a layer's first weights: from 1 (randn, 0) to √(2 / fan_in) (1).

    Source: He et al., Delving Deep into Rectifiers, arXiv 1502.01852, equation 10; between the two ends the
    exponent is interpolated.
    """
    return (2 / fan_in) ** (initialisation / 2)


def _draw_weights(config: MLPConfig, initialisation: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    shapes = (config.input_size, config.hidden_size), (config.hidden_size, config.output_size)
    W1, W2 = (torch.randn(shape, generator=random) * deviation(shape[0], initialisation) for shape in shapes)
    return W1, W2

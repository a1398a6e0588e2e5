"""The true curves, and noisy samples of them."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from core.topics.bias_variance.config import BiasVarianceConfig
from core.training.rng import Stream, generator

X_LIMIT = 3.0
"""The curves are sampled, fitted, and evaluated from -X_LIMIT to X_LIMIT."""
N_TEST_POINTS = 200
"""Number of test points per dataset."""
N_GRID_POINTS = 81
"""Number of points of the grid on which fits are plotted."""

CURVES: dict[str, Callable[[Tensor], Tensor]] = {
    "sine": lambda x: torch.sin(math.pi * x / 2),
    "step": lambda x: torch.where(x < 0, -0.8, 0.8).to(x.dtype),
    "parabola": lambda x: 2 * (x / X_LIMIT) ** 2 - 1,
    "wiggly": lambda x: 0.6 * torch.sin(2 / 3 * math.pi * x) + 0.4 * torch.sin(6.4 / 3 * math.pi * x),
    "constant": lambda x: torch.zeros_like(x),
}


class Samples(NamedTuple):
    """Noisy samples of the true curve for all datasets. ``x`` and ``y`` are float64 tensors (datasets, points)."""

    x: Tensor
    y: Tensor


class Task:
    """All datasets of a run.

    ``train`` and ``validation`` each contain ``config.points`` samples per dataset. ``test`` contains N_TEST_POINTS
    samples per dataset.
    """

    def __init__(self, config: BiasVarianceConfig):
        self.config = config
        sets = [self._sample_data_set(number) for number in range(config.data_sets)]
        self.train, self.validation, self.test = (
            Samples(*(torch.stack(parts) for parts in zip(*split, strict=True))) for split in zip(*sets, strict=True)
        )

    def true_curve(self, x: Float[Tensor, "*points"]) -> Float[Tensor, "*points"]:
        """Return the values of the true curve, without noise, at x."""
        return CURVES[self.config.curve](x)

    def training_points(self, data_set: int) -> Float64[np.ndarray, "points 2"]:
        """Return the training samples of one dataset as points (x, y)."""
        return np.stack([part[data_set].numpy() for part in self.train], axis=1)

    def _sample_data_set(self, number: int) -> tuple[Samples, Samples, Samples]:
        count, random = self.config.points, generator(self.config.seed, Stream.BIAS_VARIANCE_POINTS, number)
        uniform = torch.rand(2, count, generator=random, dtype=torch.float64)
        train_x = evenly_spaced(count) if self.config.x_sampling == "even" else (2 * uniform[0] - 1) * X_LIMIT
        # Stratified sampling: one point in each of N_TEST_POINTS equal intervals. The estimate of the test error has
        # less variance than with uniform sampling
        strata = torch.arange(N_TEST_POINTS)
        test_x = (strata + torch.rand(N_TEST_POINTS, generator=random, dtype=torch.float64)) / N_TEST_POINTS
        return (
            self._add_noise(train_x.sort().values, random),
            self._add_noise((2 * uniform[1] - 1) * X_LIMIT, random),
            self._add_noise((2 * test_x - 1) * X_LIMIT, random),
        )

    def _add_noise(self, x: Tensor, random: torch.Generator) -> Samples:
        noise = torch.randn(len(x), generator=random, dtype=torch.float64)
        return Samples(x, self.true_curve(x) + self.config.noise * noise)


def evenly_spaced(count: int) -> Float64[Tensor, " points"]:
    """Return ``count`` evenly spaced values of x from -X_LIMIT to X_LIMIT. If ``count`` is 1, the value is 0."""
    return torch.linspace(-X_LIMIT, X_LIMIT, count, dtype=torch.float64) if count > 1 else torch.zeros(1).double()


def plot_grid() -> Float64[Tensor, " points"]:
    """Return the N_GRID_POINTS values of x at which fits are plotted.

    The grid is denser near the ends, where polynomials oscillate.
    """
    evenly = torch.linspace(-1, 1, N_GRID_POINTS, dtype=torch.float64)
    return X_LIMIT * (evenly + torch.sin(math.pi / 2 * evenly)) / 2

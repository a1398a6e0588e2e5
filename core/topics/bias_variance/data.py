"""The curves, and the noisy points through which they are seen."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from core.topics.bias_variance.config import BiasVarianceConfig
from core.training.rng import Stream, generator

X_LIMIT = 3.0  # the curves are drawn, seen and judged from -REACH to REACH
TEST = 200  # points that each data set is tested on
N_GRID_POINTS = 81  # places at which the fits are drawn

CURVES: dict[str, Callable[[Tensor], Tensor]] = {
    "sine": lambda x: torch.sin(math.pi * x / 2),
    "step": lambda x: torch.where(x < 0, -0.8, 0.8).to(x.dtype),
    "parabola": lambda x: 2 * (x / X_LIMIT) ** 2 - 1,
    "wiggly": lambda x: 0.6 * torch.sin(2 / 3 * math.pi * x) + 0.4 * torch.sin(6.4 / 3 * math.pi * x),
    "constant": lambda x: torch.zeros_like(x),
}


class Samples(NamedTuple):
    """Noisy points of all data sets: x and y float64 (data sets, points)."""

    x: Tensor
    y: Tensor


class Task:
    """The points of every data set: ``train`` and ``validation`` have as many, ``test`` has TEST."""

    def __init__(self, config: BiasVarianceConfig):
        self.config = config
        sets = [self._draw(number) for number in range(config.data_sets)]
        self.train, self.validation, self.test = (
            Samples(*(torch.stack(parts) for parts in zip(*split, strict=True))) for split in zip(*sets, strict=True)
        )

    def true_curve(self, x: Tensor) -> Tensor:
        """The curve without noise."""
        return CURVES[self.config.curve](x)

    def _draw(self, number: int) -> tuple[Samples, Samples, Samples]:
        count, random = self.config.points, generator(self.config.seed, Stream.BIAS_VARIANCE_POINTS, number)
        anywhere = torch.rand(2, count, generator=random, dtype=torch.float64)
        places = evenly_spaced(count) if self.config.places == "even" else (2 * anywhere[0] - 1) * X_LIMIT
        # One in each of TEST equal parts: uniform, and with less chance than anywhere
        tested = (torch.arange(TEST) + torch.rand(TEST, generator=random, dtype=torch.float64)) / TEST
        return (
            self._seen(places.sort().values, random),
            self._seen((2 * anywhere[1] - 1) * X_LIMIT, random),
            self._seen((2 * tested - 1) * X_LIMIT, random),
        )

    def _seen(self, x: Tensor, random: torch.Generator) -> Samples:
        noise = torch.randn(len(x), generator=random, dtype=torch.float64)
        return Samples(x, self.true_curve(x) + self.config.noise * noise)


def evenly_spaced(count: int) -> Tensor:
    """Evenly spaced places from -REACH to REACH, float64 (count,); one alone lies in the middle."""
    return torch.linspace(-X_LIMIT, X_LIMIT, count, dtype=torch.float64) if count > 1 else torch.zeros(1).double()


def drawn() -> Tensor:
    """The GRID places at which fits are drawn, float64: closer to each other near the ends, where polynomials swing."""
    evenly = torch.linspace(-1, 1, N_GRID_POINTS, dtype=torch.float64)
    return X_LIMIT * (evenly + torch.sin(math.pi / 2 * evenly)) / 2

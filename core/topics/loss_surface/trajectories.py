"""Optimizers that descend on a surface, step by step, from the same point with the same noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.topics.loss_surface.config import Descender, SurfaceConfig
from core.topics.loss_surface.surfaces import Point, Surface, loss_and_gradient
from core.training.optimizers import TORCH_OPTIMIZERS
from core.training.rng import Stream, generator

FAR = 100  # times the size of the map: as good as infinitely far
NEAR = 0.01  # of the way down from the start: as good as at the minimum


@dataclass(frozen=True)
class Descent:
    """The way of one optimizer: points (T + 1, 2) and losses (T + 1,), the start first."""

    points: np.ndarray
    losses: np.ndarray
    diverged_at: int | None
    """The step after which it was not finite, or as good as infinitely far."""
    left_at: int | None
    """The step after which it has left the map for good."""
    reached_at: int | None
    """The steps until the loss was within 1 % (of the way down from the start) of the known minimum value."""

    @property
    def lowest(self) -> float:
        """The lowest loss that it has seen."""
        return float(np.nanmin(self.losses))

    @property
    def kept(self) -> int:
        """How many of its points come before it has left the map for good; what comes after would spoil any axis."""
        return len(self.points) if self.left_at is None else self.left_at

    @property
    def step_lengths(self) -> np.ndarray:
        """How far each step went in x and in y (T, 2)."""
        return np.abs(np.diff(self.points, axis=0))

    def distances(self, minima: Sequence[Point]) -> np.ndarray:
        """The distances (T + 1,) to the nearest of the minima."""
        return np.linalg.norm(self.points[:, None] - np.array(minima), axis=2).min(1)


def descend(config: SurfaceConfig) -> dict[Descender, Descent]:
    """Let the chosen optimizers of `torch.optim` descend, in float64, each from the same start.

    In every step all get the same noise on their gradients (GD none). L-BFGS needs several evaluations of the surface
    for a step, and waits at its place meanwhile, so that its steps are counted in evaluations.
    """
    surface = config.resolved()
    start = torch.tensor([config.x, config.y], dtype=torch.float64)
    noise = disturbances(config)
    names = [name for name in config.optimizers if name != "lbfgs"]
    ways = dict(zip(names, descend_together(config, names, surface, start, noise), strict=True)) if names else {}
    if "lbfgs" in config.optimizers:
        ways["lbfgs"] = _by_evaluations(config, surface, start, noise)
    return {name: _judged(surface, ways[name]) for name in config.optimizers}


def disturbances(config: SurfaceConfig) -> Tensor:
    """What is added to the gradients in each step, (steps, 2)."""
    return config.noise * torch.randn(
        config.steps, 2, dtype=torch.float64, generator=generator(config.seed, Stream.LOSS_SURFACE_NOISE)
    )


def descend_together(
    config: SurfaceConfig, names: Sequence[Descender], surface: Surface, start: Tensor, noise: Tensor
) -> Tensor:
    """The points (optimizers, T + 1, 2): all take their steps together, from one evaluation of the surface."""
    points = [torch.nn.Parameter(start.clone()) for _name in names]
    optimizers = [
        TORCH_OPTIMIZERS[name]([point], config.rate(name), config.weight_decay, **config.settings_for(name))
        for name, point in zip(names, points, strict=True)
    ]
    exact = torch.tensor([[float(name != "gd")] for name in names], dtype=torch.float64)
    visited = [torch.stack([point.detach() for point in points])]
    for disturbance in noise:
        _loss, gradients = loss_and_gradient(surface, visited[-1])
        for point, optimizer, gradient in zip(points, optimizers, gradients + exact * disturbance, strict=True):
            point.grad = gradient
            optimizer.step()
        visited.append(torch.stack([point.detach() for point in points]))
    return torch.stack(visited, dim=1)


def _by_evaluations(config: SurfaceConfig, surface: Surface, start: Tensor, noise: Tensor) -> Tensor:
    """The points (T + 1, 2) of L-BFGS after 0, 1, 2 ... evaluations of the surface."""
    point = torch.nn.Parameter(start.clone())
    optimizer = TORCH_OPTIMIZERS["lbfgs"]([point], config.rate("lbfgs"), config.weight_decay)
    seen: dict[tuple[float, ...], tuple[Tensor, Tensor]] = {}

    def closure() -> Tensor:
        at = tuple(point.detach().tolist())
        if at not in seen:
            loss, gradient = loss_and_gradient(surface, point.detach()[None])
            disturbance = noise[min(len(seen), len(noise) - 1)]
            # In the direction of the noise the surface seems to slope: its value and its gradient agree
            loss = loss[0] + disturbance @ point.detach() + config.weight_decay / 2 * point.detach().square().sum()
            seen[at] = loss, gradient[0] + disturbance + config.weight_decay * point.detach()
        loss, point.grad = seen[at][0], seen[at][1].clone()
        return loss

    visited = [start.clone()]
    while len(visited) <= config.steps:
        before = len(seen)
        try:
            optimizer.step(closure)
        except (ZeroDivisionError, ValueError, IndexError, RuntimeError):
            # torch's line search does not check its numbers where the surface has no value
            point.data.fill_(math.nan)
        spent = len(seen) - before
        visited += [visited[-1]] * (spent - 1) + [point.detach().clone()]
        if not point.isfinite().all():
            break
        if not spent:  # it has arrived: the gradient is zero
            visited += [visited[-1]] * (config.steps + 1 - len(visited))
    return torch.stack(visited[: config.steps + 1])


def _judged(surface: Surface, points: Tensor) -> Descent:
    """What became of a way: it ends where it diverged; without a known minimum also where it descends off the map."""
    losses = surface(points[:, 0], points[:, 1])
    x_low, x_high, y_low, y_high = surface.bounds
    size, middle = max(x_high - x_low, y_high - y_low), torch.tensor([x_low + x_high, y_low + y_high]) / 2
    lost = ~(losses.isfinite() & ((points - middle).abs().amax(1) < FAR * size))
    x, y = points.T
    outside = (x < x_low) | (x > x_high) | (y < y_low) | (y > y_high)
    end = int(lost.nonzero()[0]) if lost.any() else len(points)
    diverged = end < len(points)
    deeper = outside & (losses < losses[0]) & losses.isfinite()
    if surface.lowest is None and deeper[: end + 1].any():
        end, diverged = int(deeper.nonzero()[0]) + 1, False
    points, losses, outside = points[:end], losses[:end], outside[:end]
    inside = (~outside).nonzero()
    last = int(inside[-1]) if len(inside) else -1
    reached = None
    if surface.lowest is not None:
        near = (losses - surface.lowest <= NEAR * (losses[0] - surface.lowest)).nonzero()
        reached = int(near[0]) if len(near) else None
    return Descent(
        points.numpy(),
        losses.numpy(),
        diverged_at=end if diverged else None,
        left_at=last + 1 if last < len(points) - 1 else None,
        reached_at=reached,
    )

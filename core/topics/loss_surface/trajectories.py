"""Trajectories of optimizers on a loss surface, from the same start and with the same noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from core.topics.loss_surface.config import LossSurfaceConfig, SurfaceOptimizerName
from core.topics.loss_surface.surfaces import Point, Surface, loss_and_gradient
from core.training.rng import Stream, generator
from core.training.torch_optimizers import TORCH_OPTIMIZERS

DIVERGED_DISTANCE = 100
"""A trajectory diverges if its distance from the middle of the map exceeds this multiple of the map's longer side."""
CONVERGED_SHARE = 0.01
"""A trajectory has converged if its loss minus the minimum is at most this fraction of the initial difference."""


@dataclass(frozen=True)
class Trajectory:
    """The trajectory of one optimizer: its points (T + 1, 2) and losses (T + 1,) after 0 to T steps."""

    points: np.ndarray
    losses: np.ndarray
    diverged_at: int | None
    """The first step after which the loss is not finite or the point is beyond DIVERGED_DISTANCE.

    None if there is no such step."""
    left_at: int | None
    """The step at which the trajectory leaves the map for good, or None if it ends on the map."""
    reached_at: int | None
    """Number of steps until the difference between the loss and the known minimum is at most 1% of its initial value.

    None if this never happens, or if no minimum is known."""

    @property
    def lowest(self) -> float:
        """The lowest loss on the trajectory."""
        return float(np.nanmin(self.losses))

    @property
    def n_on_map(self) -> int:
        """Number of points up to and including the last one on the map. Later points would distort the charts."""
        return len(self.points) if self.left_at is None else self.left_at

    @property
    def step_lengths(self) -> Float64[np.ndarray, "steps 2"]:
        """Length of each step in x and in y."""
        return np.abs(np.diff(self.points, axis=0))

    def losses_above(self, minimum: float | None) -> Float64[np.ndarray, " points"]:
        """Return the losses minus the minimum, or the losses themselves if the minimum is None."""
        return self.losses - (minimum or 0.0)

    def distances(self, minima: Sequence[Point]) -> Float64[np.ndarray, " points"]:
        """Return the distance from each point to the nearest minimum."""
        return np.linalg.norm(self.points[:, None] - np.array(minima), axis=2).min(1)


def descend(config: LossSurfaceConfig) -> dict[SurfaceOptimizerName, Trajectory]:
    """Run the selected optimizers of `torch.optim` on the surface, in float64, from the same start.

    In each step, all optimizers except GD get the same gradient noise. For L-BFGS, each evaluation of the surface
    counts as a step. The position of L-BFGS changes only at the end of an iteration, which usually takes several
    evaluations.
    """
    surface = config.build_surface()
    start = torch.tensor([config.x, config.y], dtype=torch.float64)
    noise = sample_gradient_noise(config)
    names = [name for name in config.optimizers if name != "lbfgs"]
    points = dict(zip(names, descend_together(config, names, surface, start, noise), strict=True)) if names else {}
    if "lbfgs" in config.optimizers:
        points["lbfgs"] = _descend_with_lbfgs(config, surface, start, noise)
    return {name: _trajectory(surface, points[name]) for name in config.optimizers}


def sample_gradient_noise(config: LossSurfaceConfig) -> Float64[Tensor, "steps 2"]:
    """Draw the random noise that is added to the gradient in each step."""
    return config.noise * torch.randn(
        config.steps, 2, dtype=torch.float64, generator=generator(config.seed, Stream.LOSS_SURFACE_NOISE)
    )


def descend_together(
    config: LossSurfaceConfig, names: Sequence[SurfaceOptimizerName], surface: Surface, start: Tensor, noise: Tensor
) -> Tensor:
    """Run optimizers from the same start, and return their points (optimizers, T + 1, 2) after 0 to T steps.

    In each step, a row of ``noise`` (T, 2) is added to the gradients of all optimizers except GD. The surface is
    evaluated once per step, for all optimizers together.
    """
    weights = start.repeat(len(names), 1)
    points = [torch.nn.Parameter(row) for row in weights]  # views of the rows
    optimizers = [
        TORCH_OPTIMIZERS[name]([point], config.rate(name), config.weight_decay, **config.settings_for(name))
        for name, point in zip(names, points, strict=True)
    ]
    noisy = torch.tensor([[float(name != "gd")] for name in names], dtype=torch.float64)
    noisy_gradients = torch.zeros_like(weights)
    for point, gradient in zip(points, noisy_gradients, strict=True):
        point.grad = gradient
    visited = [weights.clone()]
    for step_noise in noise:
        _loss, gradients = loss_and_gradient(surface, weights)
        noisy_gradients.copy_(gradients + noisy * step_noise)
        for optimizer in optimizers:
            optimizer.step()
        visited.append(weights.clone())
    return torch.stack(visited, dim=1)


def _descend_with_lbfgs(
    config: LossSurfaceConfig, surface: Surface, start: Float64[Tensor, "2"], noise: Float64[Tensor, "steps 2"]
) -> Float64[Tensor, "points 2"]:
    """Return the points of L-BFGS after 0, 1, 2, ... evaluations of the surface."""
    point = torch.nn.Parameter(start.clone())
    optimizer = TORCH_OPTIMIZERS["lbfgs"]([point], config.rate("lbfgs"), config.weight_decay)
    evaluated: dict[tuple[float, ...], tuple[Tensor, Tensor]] = {}

    def closure() -> float:
        key = tuple(point.detach().tolist())
        if key not in evaluated:
            loss, gradient = loss_and_gradient(surface, point.detach()[None])
            step_noise = noise[min(len(evaluated), len(noise) - 1)]
            # A linear term with the noise as its slope makes the loss consistent with the noisy gradient
            loss = loss[0] + step_noise @ point.detach() + config.weight_decay / 2 * point.detach().square().sum()
            evaluated[key] = loss, gradient[0] + step_noise + config.weight_decay * point.detach()
        loss, point.grad = evaluated[key][0], evaluated[key][1].clone()
        return float(loss)

    visited = [start.clone()]
    while len(visited) <= config.steps:
        before = len(evaluated)
        try:
            optimizer.step(closure)
        except (ZeroDivisionError, ValueError, IndexError, RuntimeError):
            # PyTorch's line search fails where the loss is not finite
            point.data.fill_(math.nan)
        n_evaluations = len(evaluated) - before
        visited += [visited[-1]] * (n_evaluations - 1) + [point.detach().clone()]
        if not point.isfinite().all():
            break
        if not n_evaluations:  # converged: the gradient is zero
            visited += [visited[-1]] * (config.steps + 1 - len(visited))
    return torch.stack(visited[: config.steps + 1])


def _trajectory(surface: Surface, points: Float64[Tensor, "points 2"]) -> Trajectory:
    """Return the trajectory through ``points``, cut off where it diverges.

    If no minimum is known, it is also cut off where the loss outside the map is lower than at the start.
    """
    losses = surface(points[:, 0], points[:, 1])
    x_low, x_high, y_low, y_high = surface.bounds
    size, middle = max(x_high - x_low, y_high - y_low), torch.tensor([x_low + x_high, y_low + y_high]) / 2
    lost = ~(losses.isfinite() & ((points - middle).abs().amax(1) < DIVERGED_DISTANCE * size))
    x, y = points.T
    outside = (x < x_low) | (x > x_high) | (y < y_low) | (y > y_high)
    end = int(lost.nonzero()[0]) if lost.any() else len(points)
    diverged = end < len(points)
    deeper = outside & (losses < losses[0]) & losses.isfinite()
    if surface.lowest is None and deeper[: end + 1].any():
        end, diverged = int(deeper.nonzero()[0]) + 1, False
    points, losses, outside = points[:end], losses[:end], outside[:end]
    inside = (~outside).nonzero()
    last_inside = int(inside[-1]) if len(inside) else -1
    reached_at = None
    if surface.lowest is not None:
        near = (losses - surface.lowest <= CONVERGED_SHARE * (losses[0] - surface.lowest)).nonzero()
        reached_at = int(near[0]) if len(near) else None
    return Trajectory(
        points.numpy(),
        losses.numpy(),
        diverged_at=end if diverged else None,
        left_at=last_inside + 1 if last_inside < len(points) - 1 else None,
        reached_at=reached_at,
    )

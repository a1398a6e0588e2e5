"""Search for the best learning rate of every optimizer on a surface."""

import math

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from core.topics.loss_surface.config import SURFACE_OPTIMIZERS, LossSurfaceConfig, SurfaceOptimizerName
from core.topics.loss_surface.surfaces import Surface, loss_and_gradient
from core.topics.loss_surface.trajectories import CONVERGED_SHARE, sample_gradient_noise
from core.training.optimizers import OPTIMIZERS
from core.training.rng import Stream, generator

CANDIDATES = tuple(float(f"{10 ** (power / 10):.2g}") for power in range(-40, 21))
"""The learning rates that are tried: ten per power of 10, from 1e-4 to 100."""
N_STARTS = 25
"""Number of starting points: the selected one, N_NEIGHBOURS near it, and random ones in the middle half of the map."""
N_NEIGHBOURS = 4
ESCAPED_LOSS = -1.0
"""The loss below which an optimizer has escaped from the saddle."""


def best_rates(config: LossSurfaceConfig) -> dict[SurfaceOptimizerName, float]:
    """Return the best learning rate of every optimizer for the configured surface, noise, and number of steps.

    Each learning rate in CANDIDATES is tried from the configured start, from points near the start, and from random
    points, so that one lucky jump does not decide the result. The best learning rate has the lowest mean cost. In this
    mean, the start and its neighbors together have the same weight as all other points together. If the optimizer
    converges from the start with some learning rates, only these are considered. The learning rate of L-BFGS is always
    1, because L-BFGS uses a line search.

    A trajectory has converged once the gap between its loss and the minimum stays at or below 1% of the initial gap.
    For user-defined formulas, the minimum is the lowest loss of all trajectories from the same point; for the saddle,
    it is ESCAPED_LOSS.

    The cost of a trajectory is the number of steps until it has converged. If it never converges, the cost is the total
    number of steps times a factor from 1 to 2. The less the loss has fallen, the larger the factor.

    A trajectory counts as not converged if it leaves its region. For trajectories from the start, this region is the
    map. For all other trajectories, the region is twice as wide and twice as high as the map. On the saddle, the region
    is the map for all trajectories, and a trajectory may leave the map once its loss is below ESCAPED_LOSS.
    """
    surface = config.build_surface()
    noise = sample_gradient_noise(config)
    starts = _starting_points(config, surface)
    losses = {name: _losses(config, name, surface, starts, noise) for name in SURFACE_OPTIMIZERS if name != "lbfgs"}
    if config.surface == "saddle":
        lowest = np.array(ESCAPED_LOSS)
    elif surface.lowest is not None:
        lowest = np.array(surface.lowest)
    else:
        lowest = np.min([np.nanmin(values, axis=(0, 2)) for values in losses.values()], axis=0)[:, None]
    rates: dict[SurfaceOptimizerName, float] = {"lbfgs": 1.0}
    for name, values in losses.items():
        costs = _costs(values, lowest)
        converges = costs[0] <= config.steps
        n_near = 1 + min(N_NEIGHBOURS, len(costs) - 2)
        mean = costs[:n_near].mean(0) + costs[n_near:].mean(0)
        rates[name] = CANDIDATES[int(np.where(converges | ~converges.any(), mean, np.inf).argmin())]
    return rates


def _starting_points(config: LossSurfaceConfig, surface: Surface) -> Float64[Tensor, "points 2"]:
    """Return up to N_STARTS points with a finite loss and gradient, the selected start first."""
    x_low, x_high, y_low, y_high = surface.bounds
    low, size = torch.tensor([x_low, y_low]), torch.tensor([x_high - x_low, y_high - y_low])
    starts = low + size * (
        0.25 + 0.5 * torch.rand(N_STARTS, 2, dtype=torch.float64, generator=generator(0, Stream.LOSS_SURFACE_STARTS))
    )
    start = torch.tensor([config.x, config.y], dtype=torch.float64)
    offsets = (starts[: 1 + N_NEIGHBOURS] - low) / size - 0.5  # from -1/4 to 1/4
    starts[: 1 + N_NEIGHBOURS] = (start + 0.1 * size * offsets).clamp(low, low + size)
    starts[0] = start
    loss, gradients = loss_and_gradient(surface, starts)
    return starts[loss.isfinite() & gradients.isfinite().all(1)]


def _losses(
    config: LossSurfaceConfig,
    name: SurfaceOptimizerName,
    surface: Surface,
    starts: Float64[Tensor, "starts 2"],
    noise: Float64[Tensor, "steps 2"],
) -> Float64[np.ndarray, "steps+1 starts rates"]:
    """Return the losses of an optimizer at every candidate learning rate.

    The losses of a trajectory are NaN after it has left its region (see `best_rates`) or reached a loss that is not
    finite.
    """
    x_low, x_high, y_low, y_high = surface.bounds
    middle = torch.tensor([x_low + x_high, y_low + y_high], dtype=torch.float64) / 2
    size = torch.tensor([x_high - x_low, y_high - y_low], dtype=torch.float64)
    reach = (size / 2 if config.surface == "saddle" else size).repeat(len(starts), 1, 1)
    reach[0] = size / 2  # for the start itself
    points = starts[:, None].repeat(1, len(CANDIDATES), 1)
    rates = torch.tensor(CANDIDATES, dtype=torch.float64)[:, None]
    rule = OPTIMIZERS[name](points, rates, config.weight_decay, **config.settings_for(name))
    losses: list[Tensor] = []
    lost = torch.zeros(points.shape[:2], dtype=torch.bool)
    for step_noise in torch.cat([noise * float(name != "gd"), torch.zeros(1, 2)]):
        loss, gradients = loss_and_gradient(surface, points)
        if config.surface == "saddle":
            escaped = losses[-1] < ESCAPED_LOSS if losses else lost
        else:
            escaped = torch.zeros_like(lost)
        lost |= ((points - middle).abs() > reach).any(-1) & ~escaped | ~loss.isfinite()
        losses.append(loss.where(~lost, math.nan))
        rule.step(gradients + step_noise)
    return torch.stack(losses).numpy()


def _costs(
    losses: Float64[np.ndarray, "points starts rates"], lowest: Float64[np.ndarray, "..."]
) -> Float64[np.ndarray, "starts rates"]:
    """Return the costs of trajectories from their losses (see `best_rates`)."""
    steps = len(losses) - 1
    gaps = (losses - lowest) / np.maximum(losses[0] - lowest, 1e-30)
    near = gaps <= CONVERGED_SHARE
    converged_at = np.where(near.all(0), 0, steps + 1 - near[::-1].argmin(0))
    remaining = np.nan_to_num(gaps[-max(1, steps // 10) :].mean(0), nan=1.0)
    return np.where(near[-1], converged_at, steps * (1 + np.clip(remaining, 0, 1)))

"""Searches the best learning rate of every optimizer for a surface."""

import math

import numpy as np
import torch
from torch import Tensor

from core.topics.loss_surface.config import DESCENDERS, Descender, SurfaceConfig
from core.topics.loss_surface.surfaces import Surface, loss_and_gradient
from core.topics.loss_surface.trajectories import NEAR, disturbances
from core.training.optimizers import OPTIMIZERS
from core.training.rng import Stream, generator

TRIED = tuple(float(f"{10 ** (power / 10):.2g}") for power in range(-40, 21))
"""The learning rates of a sweep: ten in each decade from 1e-4 to 100."""
STARTS = 25  # of a sweep: beside the chosen one NEIGHBOURS at its side, the others from the middle half of the map
NEIGHBOURS = 4
ESCAPED = -1.0  # the loss at which a saddle is left behind


def best_rates(config: SurfaceConfig) -> dict[Descender, float]:
    """The best learning rate of every optimizer for this surface, noise and number of steps, by a sweep.

    Each rate is tried from the start, from points beside it, and from random ones, lest a lucky jump decide. A descent
    costs the steps after which its loss stays within 1 % of the known minimum (of typed formulas: of the lowest value
    that was seen; of the saddle: stays below ESCAPED). If it never does, or leaves the map before (from the random
    points: goes far off the map), it costs the number of steps times 1 to 2, by how little it has descended. The
    best rate has the lowest mean cost, in which the start and its neighbours count as much as all other points
    together, among those that arrive from the start, if any do. L-BFGS searches along its line, from 1.
    """
    surface = config.resolved()
    noise = disturbances(config)
    x_low, x_high, y_low, y_high = surface.bounds
    low, size = torch.tensor([x_low, y_low]), torch.tensor([x_high - x_low, y_high - y_low])
    starts = low + size * (
        0.25 + 0.5 * torch.rand(STARTS, 2, dtype=torch.float64, generator=generator(Stream.LOSS_SURFACE_STARTS))
    )
    start = torch.tensor([config.x, config.y], dtype=torch.float64)
    beside = (starts[: 1 + NEIGHBOURS] - low) / size - 0.5  # within a quarter on each side
    starts[: 1 + NEIGHBOURS] = (start + 0.1 * size * beside).clamp(low, low + size)
    starts[0] = start
    loss, gradients = loss_and_gradient(surface, starts)
    starts = starts[loss.isfinite() & gradients.isfinite().all(1)]
    losses = {name: _sweep(config, name, surface, starts, noise) for name in DESCENDERS if name != "lbfgs"}
    if config.surface == "saddle":
        lowest = np.array(ESCAPED)
    elif surface.lowest is not None:
        lowest = np.array(surface.lowest)
    else:
        lowest = np.min([np.nanmin(values, axis=(0, 2)) for values in losses.values()], axis=0)[:, None]
    rates = {"lbfgs": 1.0}
    for name, values in losses.items():
        costs = _costs(values, lowest)
        arrives = costs[0] <= config.steps
        near = 1 + min(NEIGHBOURS, len(costs) - 2)
        mean = costs[:near].mean(0) + costs[near:].mean(0)
        rates[name] = TRIED[int(np.where(arrives | ~arrives.any(), mean, np.inf).argmin())]
    return rates


def _sweep(config: SurfaceConfig, name: Descender, surface: Surface, starts: Tensor, noise: Tensor) -> np.ndarray:
    """The losses (T + 1, starts, rates) of an optimizer with every tried learning rate; NaN once it is lost."""
    x_low, x_high, y_low, y_high = surface.bounds
    middle = torch.tensor([x_low + x_high, y_low + y_high], dtype=torch.float64) / 2
    size = torch.tensor([x_high - x_low, y_high - y_low], dtype=torch.float64)
    reach = (size / 2 if config.surface == "saddle" else size).repeat(len(starts), 1, 1)
    reach[0] = size / 2  # of the start itself
    points = starts[:, None].repeat(1, len(TRIED), 1)
    rates = torch.tensor(TRIED, dtype=torch.float64)[:, None]
    rule = OPTIMIZERS[name](points, rates, config.weight_decay, **config.settings_for(name))
    losses, lost = [], torch.zeros(points.shape[:2], dtype=torch.bool)
    for disturbance in torch.cat([noise * float(name != "gd"), torch.zeros(1, 2)]):
        loss, gradients = loss_and_gradient(surface, points)
        descended = (losses[-1] < ESCAPED if losses else lost) if config.surface == "saddle" else torch.zeros_like(lost)
        lost |= ((points - middle).abs() > reach).any(-1) & ~descended | ~loss.isfinite()
        losses.append(loss.where(~lost, math.nan))
        rule.step(gradients + disturbance)
    return torch.stack(losses).numpy()


def _costs(losses: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """The costs (starts, rates) of descents with losses (T + 1, starts, rates), see `best_rates`."""
    steps = len(losses) - 1
    gaps = (losses - lowest) / np.maximum(losses[0] - lowest, 1e-30)
    near = gaps <= NEAR
    settled = np.where(near.all(0), 0, steps + 1 - near[::-1].argmin(0))
    remaining = np.nan_to_num(gaps[-max(1, steps // 10) :].mean(0), nan=1.0)
    return np.where(near[-1], settled, steps * (1 + np.clip(remaining, 0, 1)))

"""The same trajectories in plain loops of torch.optim."""

import numpy as np
import torch

from core.topics.loss_surface.config import LossSurfaceConfig
from core.topics.loss_surface.surfaces import Surface
from tests.core import torch_reference


def gradient(surface: Surface, point: torch.Tensor) -> torch.Tensor:
    """Return the gradient at a point (2,), or at each of several (..., 2)."""
    at = point.detach().clone().requires_grad_()
    return torch.autograd.grad(surface(at[..., 0], at[..., 1]).sum(), at)[0]


def plain_loop(
    config: LossSurfaceConfig, name: str, noise: torch.Tensor, starts: torch.Tensor | None = None, **options: float
) -> np.ndarray:
    """Return the points of a torch optimizer in a plain loop, from one start or several (..., 2)."""
    surface = config.build_surface()
    starts = torch.tensor([config.x, config.y], dtype=torch.float64) if starts is None else starts.clone()
    point = torch.nn.Parameter(starts)
    if name in ("rmsprop", "adadelta"):
        kind = {"rmsprop": torch.optim.RMSprop, "adadelta": torch.optim.Adadelta}[name]
        optimizer = kind([point], lr=config.rate(name), weight_decay=config.weight_decay, **options)
    else:
        optimizer = torch_reference.OPTIMIZERS[name](
            [point], lr=config.rate(name), weight_decay=config.weight_decay, **options
        )
    points = [point.detach().clone()]
    for step_noise in noise:
        point.grad = gradient(surface, point) + (step_noise if name != "gd" else 0)
        optimizer.step()
        points.append(point.detach().clone())
    return torch.stack(points).numpy()

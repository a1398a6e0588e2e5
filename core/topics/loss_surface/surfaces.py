"""Loss surfaces (functions of two weights, x and y) and their height maps."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

Point = tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """A loss function of two weights, x and y, with the bounds of its map and a starting point.

    ``function`` takes tensors x and y of the same shape, and returns losses of this shape. The function must be
    differentiable by autograd. ``minima`` are the known global minima.
    """

    function: Callable[[Tensor, Tensor], Tensor]
    bounds: tuple[float, float, float, float]
    """The lowest and highest x, then the lowest and highest y."""
    start: Point
    minima: tuple[Point, ...] = ()
    lowest: float | None = None
    """The value at the global minima, or None if there is no global minimum or its value is not known."""

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return self.function(x, y)


def ravine(x: Tensor, y: Tensor, *, condition: float = 50.0) -> Tensor:
    """Return ½ (x² / κ + y²), where κ is ``condition``.

    The curvature is 1 in y and 1 / κ in x, so κ is the condition number.
    """
    return 0.5 * (x**2 / condition + y**2)


def beale(x: Tensor, y: Tensor) -> Tensor:
    """Evaluate Beale's function, which is flat in the middle and steep in the corners. Its minimum is 0, at (3, ½).

    Source: Moré, Garbow, and Hillstrom, ACM Transactions on Mathematical Software 7 (1981), problem 5.
    """
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    """Evaluate Rosenbrock's function, which has a minimum in a long, curved valley.

    The valley is easy to reach, but progress along the valley is slow. The minimum is 0, at (1, 1).

    Source: Rosenbrock, The Computer Journal 3 (1960).
    """
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def himmelblau(x: Tensor, y: Tensor) -> Tensor:
    """Evaluate Himmelblau's function, which has four minima with the value 0.

    Source: Himmelblau, Applied Nonlinear Programming (1972).
    """
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def saddle(x: Tensor, y: Tensor) -> Tensor:
    """Return x² − y² / 2. The gradient is zero at the origin, but the function is not bounded below."""
    return x**2 - 0.5 * y**2


def cliff(x: Tensor, y: Tensor) -> Tensor:
    """Return σ(6 x) + (x + 2)² / 200 + y² / 20: a plateau with a tiny gradient, then a cliff at x = 0."""
    return torch.sigmoid(6 * x) + (x + 2) ** 2 / 200 + y**2 / 20


def bowl(x: Tensor, y: Tensor) -> Tensor:
    """Return ½ (x² + y²): the simplest surface, made difficult only by gradient noise."""
    return 0.5 * (x**2 + y**2)


_HIMMELBLAU = ((3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126))

SURFACES: dict[str, Surface] = {
    "ravine": Surface(ravine, (-10, 4, -3, 3), (-9.0, 2.0), ((0.0, 0.0),), 0.0),
    "beale": Surface(beale, (-4.5, 4.5, -4.5, 4.5), (1.0, 1.8), ((3.0, 0.5),), 0.0),
    "rosenbrock": Surface(rosenbrock, (-2, 2, -1, 3), (-1.2, 1.0), ((1.0, 1.0),), 0.0),
    "himmelblau": Surface(himmelblau, (-5, 5, -5, 5), (0.0, 0.0), _HIMMELBLAU, 0.0),
    "saddle": Surface(saddle, (-2, 2, -2, 2), (1.5, 0.001)),
    "cliff": Surface(cliff, (-5, 5, -3, 3), (4.0, 2.0), ((-2.0036075, 0.0),), 6.078e-06),
    "bowl": Surface(bowl, (-5, 5, -4, 4), (-4.0, 3.0), ((0.0, 0.0),), 0.0),
}
"""Name -> surface. For user-defined formulas, see `core.topics.loss_surface.formulas`."""


def loss_and_gradient(surface: Surface, points: Tensor) -> tuple[Tensor, Tensor]:
    """Return the losses (...) at ``points`` (..., 2), and the gradients (..., 2) of the losses.

    The gradients are taken with respect to x and y.
    """
    with torch.enable_grad():
        points = points.clone().requires_grad_()
        losses = surface(points[..., 0], points[..., 1])
        (gradients,) = torch.autograd.grad(losses.sum(), points)
    return losses.detach(), gradients


@dataclass(frozen=True)
class Relief:
    """The height map of a surface.

    ``heights`` (rows, columns) are in 0..1, or NaN where the loss is not finite. The first row has the lowest y.
    ``low`` and ``high`` are the losses at heights 0 and 1. If ``scale`` is None, heights are linear in the losses.
    Otherwise, heights are logarithmic: the smaller the scale, the more the map emphasizes differences between low
    losses.
    """

    heights: np.ndarray
    low: float
    high: float
    scale: float | None

    def height(self, losses: Float[np.ndarray, "*points"]) -> Float[np.ndarray, "*points"]:
        """Convert losses to heights. A loss above ``high`` has a height above 1.

        A loss below ``low`` has a height below 0, or 0 if the map is logarithmic.
        """
        gaps = (losses - self.low) / (self.high - self.low or 1.0)
        if self.scale is None:
            return gaps
        return np.log1p(np.maximum(gaps, 0) / self.scale) / math.log1p(1 / self.scale)


@lru_cache(maxsize=32)
def relief(surface: Surface, *, size: int = 128) -> Relief:
    """Return the height map of a surface, with ``size`` rows and ``size`` columns."""
    losses = surface(*grid(surface, size)).numpy().astype(np.float64)
    finite = losses[np.isfinite(losses)].clip(-1e300, 1e300)  # keeps differences of losses finite
    # Exclude extreme values: next to a pole, everything else would have one color
    low, high = (float(value) for value in np.quantile(finite, (0.0, 0.995)))
    low = low if high - low < 1e6 * (high - np.median(finite) + 1e-12) else float(np.quantile(finite, 0.005))
    losses = np.where(np.isfinite(losses), np.clip(losses, low, high), np.nan)
    median = (float(np.median(finite)) - low) / (high - low or 1.0)
    plain = Relief(losses, low, high, None if median > 0.25 else max(median, 1e-6) / 20)
    return Relief(plain.height(losses), low, high, plain.scale)


def grid(surface: Surface, size: int) -> tuple[Float64[Tensor, "size size"], Float64[Tensor, "size size"]]:
    """Return x and y for a grid of ``size`` x ``size`` points that covers the map. The first row has the lowest y."""
    x_low, x_high, y_low, y_high = surface.bounds
    y, x = torch.meshgrid(
        torch.linspace(y_low, y_high, size, dtype=torch.float64),
        torch.linspace(x_low, x_high, size, dtype=torch.float64),
        indexing="ij",
    )
    return x, y

"""The straight line that fits points best, exactly, by the losses that people compare."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from core.errors import CoreError
from core.topics.losses.functions import huber

_MOST_ROUNDS = 10_000  # of weighting anew; a few are enough except where many lines are almost equally good


@dataclass(frozen=True)
class Line:
    """y = slope · x + intercept. ``tied`` where other lines are equally good."""

    slope: float
    intercept: float
    tied: bool = False

    def __call__(self, x: np.ndarray | float) -> np.ndarray | float:
        return self.slope * x + self.intercept

    def distance(self, other: "Line", low: float, high: float) -> float:
        """The mean of how far two lines are apart in y, over x from low to high."""
        at_low, at_high = self(low) - other(low), self(high) - other(high)
        if at_low * at_high >= 0:
            return abs(at_low + at_high) / 2
        return (at_low**2 + at_high**2) / (2 * abs(at_low - at_high))  # two triangles: they cross in between


def least_squares(x: np.ndarray, y: np.ndarray) -> Line:
    """The line with the least mean of squares (MSE), and so with the least root of it (RMSE), in closed form.

    ``x`` and ``y`` are (N,). Raises CoreError "line_undetermined" where not two points have different x.
    """
    return _weighted(x, y, np.ones(len(x)))


def least_absolute(x: np.ndarray, y: np.ndarray) -> Line:
    """The line with the least mean of absolute errors (MAE): one of the best passes through two of the points.

    So all pairs are tried; for N points that takes N³ / 2 subtractions. ``x``, ``y`` and errors as in `least_squares`.

    Source: Bloomfield and Steiger, Least Absolute Deviations (1983), chapter 1.
    """
    _check(x)
    first, second = np.triu_indices(len(x), 1)
    beside = x[first] != x[second]
    first, second = first[beside], second[beside]
    slopes = (y[second] - y[first]) / (x[second] - x[first])
    intercepts = y[first] - slopes * x[first]
    losses = np.abs(y - slopes[:, None] * x - intercepts[:, None]).sum(axis=1)
    best = losses.argmin()
    good = losses <= losses[best] + 1e-9 * (1 + np.abs(y).sum())
    ends = [slopes[good] * at + intercepts[good] for at in (x.min(), x.max())]
    tied = max(np.ptp(end) for end in ends) > 1e-6 * (1 + np.abs(y).max())
    return Line(slopes[best].item(), intercepts[best].item(), bool(tied))


def least_huber(x: np.ndarray, y: np.ndarray, *, delta: float = 1.0) -> Line:
    """The line with the least Huber loss, by weighting the points anew until it stays.

    Points further off than ``delta`` get the weight δ / |error|. Once one knows which points those are, the best line
    is the solution of two equations: that ends the search, exactly. ``x``, ``y`` and errors as in `least_squares`.

    Source: Huber, Robust Statistics (1981), section 7.8.
    """

    def loss(line: Line) -> float:
        return huber(torch.from_numpy(line(x)), torch.from_numpy(y), delta=delta).item()

    line = min(least_squares(x, y), least_absolute(x, y), key=loss)
    for _ in range(_MOST_ROUNDS):
        far = _far(line, x, y, delta)
        solved = _given_far(x, y, delta * far, far == 0)
        if solved and np.array_equal(_far(solved, x, y, delta), far):
            return solved
        weighted = _weighted(x, y, delta / np.maximum(np.abs(y - line(x)), delta))
        before, line = line, min(filter(None, (weighted, solved)), key=loss)
        if line.distance(before, x.min(), x.max()) < 1e-13 * (1 + np.abs(y).max()):
            break
    return line


FITS: dict[str, Callable[..., Line]] = {
    "mse": least_squares,
    "rmse": least_squares,
    "mae": least_absolute,
    "huber": least_huber,
}
"""Name of the loss -> the fit of (x, y). "huber" has a setting, ``delta``."""


def _check(x: np.ndarray) -> None:
    if len(np.unique(x)) < 2:
        raise CoreError("line_undetermined")


def _weighted(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Line:
    """The line with the least weighted sum of squares."""
    _check(x)
    middle_x, middle_y = np.average(x, weights=weights), np.average(y, weights=weights)
    slope = (weights * (x - middle_x) * (y - middle_y)).sum() / (weights * (x - middle_x) ** 2).sum()
    return Line(float(slope), float(middle_y - slope * middle_x))


def _far(line: Line, x: np.ndarray, y: np.ndarray, delta: float) -> np.ndarray:
    """1 for points above the line by more than delta, -1 for those below by more, 0 for the others (N,)."""
    errors = y - line(x)
    return np.sign(errors) * (np.abs(errors) > delta)


def _given_far(x: np.ndarray, y: np.ndarray, pulls: np.ndarray, near: np.ndarray) -> Line | None:
    """Where the near points' errors and the far ones' ``pulls`` (N,) balance; None if there is not one such line."""
    if len(np.unique(x[near])) < 2:
        return None
    middle_x, middle_y = x[near].mean(), y[near].mean() + pulls.sum() / near.sum()
    beside = x - middle_x
    slope = (beside[near] @ y[near] + beside @ pulls) / (beside[near] @ beside[near])
    return Line(float(slope), float(middle_y - slope * middle_x))

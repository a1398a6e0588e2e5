"""Exact fits of a straight line that minimize the MSE, the MAE, or the Huber loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float

from core.errors import CoreError
from core.topics.losses.functions import huber

Numbers = TypeVar("Numbers", float, np.ndarray)

_MAX_ITERATIONS = 10_000  # a few are enough, unless many lines are almost equally good


@dataclass(frozen=True)
class Line:
    """The line y = slope · x + intercept. ``tied`` is true if `least_absolute` found other lines with the same loss."""

    slope: float
    intercept: float
    tied: bool = False

    def __call__(self, x: Numbers) -> Numbers:
        return self.slope * x + self.intercept

    def mean_distance(self, other: "Line", low: float, high: float) -> float:
        """Return the mean vertical distance between this line and another line, for x from ``low`` to ``high``."""
        at_low, at_high = self(low) - other(low), self(high) - other(high)
        if at_low * at_high >= 0:
            return abs(at_low + at_high) / 2
        return (at_low**2 + at_high**2) / (2 * abs(at_low - at_high))  # the lines cross: two triangles


def least_squares(x: np.ndarray, y: np.ndarray) -> Line:
    """Fit the line that minimizes the MSE (and so the RMSE), in closed form.

    ``x`` and ``y`` have the shape (N,). Raises CoreError "line_undetermined" if all points have the same x.
    """
    return _weighted(x, y, np.ones(len(x)))


def least_absolute(x: np.ndarray, y: np.ndarray) -> Line:
    """Fit the line that minimizes the MAE, by trying the lines through all pairs of points.

    At least one of the best lines passes through two of the points. Trying all pairs takes O(N³) time.
    The arguments and exceptions are the same as in `least_squares`.

    Source: Bloomfield and Steiger, Least Absolute Deviations (1983), chapter 1.
    """
    _check_determined(x)
    first, second = np.triu_indices(len(x), 1)
    has_slope = x[first] != x[second]
    first, second = first[has_slope], second[has_slope]
    slopes = (y[second] - y[first]) / (x[second] - x[first])
    intercepts = y[first] - slopes * x[first]
    losses = np.abs(y - slopes[:, None] * x - intercepts[:, None]).sum(axis=1)
    best = losses.argmin()
    is_best = losses <= losses[best] + 1e-9 * (1 + np.abs(y).sum())
    ends = [slopes[is_best] * x_end + intercepts[is_best] for x_end in (x.min(), x.max())]
    tied = max(np.ptp(end) for end in ends) > 1e-6 * (1 + np.abs(y).max())
    return Line(slopes[best].item(), intercepts[best].item(), bool(tied))


def least_huber(x: np.ndarray, y: np.ndarray, *, delta: float = 1.0) -> Line:
    """Fit the line that minimizes the Huber loss, by iteratively reweighted least squares.

    Points with |error| > δ get the weight δ / |error|, where δ is ``delta``. All other points get the weight 1. Once
    the iteration has identified the points with |error| > δ, two linear equations give the exact line. For ``x``,
    ``y``, and the exceptions, see `least_squares`.

    Source: Huber, Robust Statistics (1981), section 7.8.
    """

    def loss(line: Line) -> float:
        return huber(torch.from_numpy(line(x)), torch.from_numpy(y), delta=delta).item()

    line = min(least_squares(x, y), least_absolute(x, y), key=loss)
    for _ in range(_MAX_ITERATIONS):
        outliers = _outlier_signs(line, x, y, delta)
        solved = _solve_with_outliers(x, y, delta * outliers, outliers == 0)
        if solved and np.array_equal(_outlier_signs(solved, x, y, delta), outliers):
            return solved
        weighted = _weighted(x, y, delta / np.maximum(np.abs(y - line(x)), delta))
        before, line = line, min(filter(None, (weighted, solved)), key=loss)
        if line.mean_distance(before, x.min(), x.max()) < 1e-13 * (1 + np.abs(y).max()):
            break
    return line


FITS: dict[str, Callable[..., Line]] = {
    "mse": least_squares,
    "rmse": least_squares,
    "mae": least_absolute,
    "huber": least_huber,
}
"""Name of the loss -> function (x, y) that fits a line. The function for "huber" has an option, ``delta``."""


def fit_lines(
    x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"], *, delta: float = 1.0
) -> dict[str, Line]:
    """Fit the lines that minimize the MSE (and so the RMSE), the Huber loss, and the MAE.

    The keys of the result are "mse", "huber", and "mae". Raises the same error as `least_squares`.
    """
    return {
        "mse": least_squares(x, y),
        "huber": least_huber(x, y, delta=delta),
        "mae": least_absolute(x, y),
    }


def _check_determined(x: np.ndarray) -> None:
    if len(np.unique(x)) < 2:
        raise CoreError("line_undetermined")


def _weighted(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Line:
    """Fit the line with the minimal weighted sum of squared errors."""
    _check_determined(x)
    mean_x, mean_y = np.average(x, weights=weights), np.average(y, weights=weights)
    slope = (weights * (x - mean_x) * (y - mean_y)).sum() / (weights * (x - mean_x) ** 2).sum()
    return Line(float(slope), float(mean_y - slope * mean_x))


def _outlier_signs(line: Line, x: np.ndarray, y: np.ndarray, delta: float) -> np.ndarray:
    """Return (N,): 1 for points more than delta above the line, -1 for points more than delta below it, otherwise 0."""
    errors = y - line(x)
    return np.sign(errors) * (np.abs(errors) > delta)


def _solve_with_outliers(x: np.ndarray, y: np.ndarray, gradients: np.ndarray, near: np.ndarray) -> Line | None:
    """Return the line that minimizes the Huber loss if the outliers are known.

    ``near`` (N,) is true for points that are not outliers. ``gradients`` (N,) are ±δ for outliers, and 0 for other
    points. Returns None if the line is not unique.
    """
    if len(np.unique(x[near])) < 2:
        return None
    mean_x, mean_y = x[near].mean(), y[near].mean() + gradients.sum() / near.sum()
    deviations = x - mean_x
    slope = (deviations[near] @ y[near] + deviations @ gradients) / (deviations[near] @ deviations[near])
    return Line(float(slope), float(mean_y - slope * mean_x))

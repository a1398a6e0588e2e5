"""Summaries of the curves that health checks compare."""

from itertools import pairwise
from statistics import fmean, median

from core.training.health.signals import Series


def finite_values(series: Series) -> list[float]:
    """Return the finite values of a series."""
    return [value for _step, value in series if value is not None]


def from_step(series: Series, step: float) -> Series:
    """Return the part of a series from an update on."""
    return tuple(point for point in series if point[0] >= step)


def part_mean(series: Series, start: float, end: float) -> float | None:
    """Return the mean over a part of a series, from a fraction ``start`` to a fraction ``end`` of its finite values."""
    values = finite_values(series)
    part = values[int(len(values) * start) : max(int(len(values) * end), int(len(values) * start) + 1)]
    return fmean(part) if part else None


def recent_median(series: Series, share: float = 0.25) -> float | None:
    """Return the median of the last values of a series: the fraction ``share`` of its finite values, at least one."""
    values = finite_values(series)
    return median(values[-max(1, int(len(values) * share)) :]) if values else None


def window_means(series: Series, windows: int) -> list[tuple[int, float]]:
    """Return the means of up to ``windows`` consecutive parts of a series, with the last update of each part."""
    points = [(step, value) for step, value in series if value is not None]
    bounds = [len(points) * number // windows for number in range(windows + 1)]
    parts = [points[start:end] for start, end in pairwise(bounds) if end > start]
    return [(part[-1][0], fmean(value for _step, value in part)) for part in parts]

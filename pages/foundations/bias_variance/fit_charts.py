"""The chart of the mean fit at one capacity, with the standard deviation of the fits."""

import math

import numpy as np

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.data import X_LIMIT, plot_grid
from pages.components.charts import vega
from pages.components.text import _
from pages.foundations.chart_style import HEIGHT, colour, hover, shades


def draw_band(analysis: CapacityAnalysis, index: int, points: np.ndarray, true_curve: np.ndarray, *, key: str) -> None:
    """Draw the mean fit, a band of ±1 standard deviation, and the area between the mean fit and the true curve.

    ``index`` is the index of the capacity. ``true_curve`` contains the values of the true curve at the x values of
    `plot_grid`. ``points`` (N, 2) are not drawn. They only extend the vertical axis.
    """
    grid, (mean, spread) = plot_grid().numpy(), analysis.mean_fit(index)
    titles = {"mean": _("mean fit"), "true": _("true curve"), "spread": _("standard deviation")}
    x, y = _axes(points, true_curve)
    line_colours = shades({"mean": colour("variance"), "true": colour("test")}, titles)
    band = _between(grid, mean - spread, mean + spread)
    layers = [
        _area(band, colour("variance"), 0.3, x, y),
        _area(_between(grid, mean, true_curve), colour("bias"), 0.6, x, y),
        *(
            {
                "transform": [{"filter": {"field": "line", "equal": name}}],
                "mark": {"type": "line", "strokeWidth": width, "clip": True, "strokeDash": dash},
                "encoding": {"x": x, "y": y, "color": line_colours},
            }
            for name, width, dash in (("mean", 2.5, [1, 0]), ("true", 2, [5, 4]))
        ),
        hover(grid.round(2), {"mean": mean, "true": true_curve, "spread": spread}, x, titles=titles),
    ]
    curves = [*_rows(grid, mean, "mean"), *_rows(grid, true_curve, "true")]
    vega.draw(
        {"data": {"values": curves}, "layer": layers, "height": HEIGHT},
        key=key,
        alt=_(
            "The mean fit with a band of ±1 standard deviation, and the area between the mean fit and the true curve"
        ),
    )


def _axes(points: np.ndarray, true_curve: np.ndarray) -> tuple[dict, dict]:
    """Return (x, y) axes that contain the points (N, 2) and the true curve, and clip fits far beyond these."""
    ends = np.concatenate([points[:, 1], true_curve])
    margin = 0.3 * (ends.max() - ends.min()) or 1.0
    domain = [float(ends.min() - margin), float(ends.max() + margin)]
    return (
        {
            "field": "x",
            "type": "quantitative",
            "title": None,
            "scale": {"domain": [-1.03 * X_LIMIT, 1.03 * X_LIMIT], "nice": False},
        },
        {"field": "y", "type": "quantitative", "title": None, "scale": {"domain": domain, "nice": False}},
    )


def _rows(grid: np.ndarray, curve: np.ndarray, name: str) -> list[dict]:
    finite = np.isfinite(curve)
    return [{"x": x, "y": y, "line": name} for x, y in zip(grid[finite].tolist(), curve[finite].tolist(), strict=True)]


def _between(grid: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[dict]:
    return [
        {"x": float(x), "low": float(below), "high": float(above)}
        for x, below, above in zip(grid, low, high, strict=True)
        if math.isfinite(below) and math.isfinite(above)
    ]


def _area(values: list[dict], shade: str, opacity: float, x: dict, y: dict) -> dict:
    return {
        "data": {"values": values},
        "mark": {"type": "area", "opacity": opacity, "color": shade, "clip": True, "tooltip": False},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
    }

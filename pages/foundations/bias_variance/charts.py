"""The chart that decomposes the test error at every capacity."""

import math

import numpy as np

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from pages.components.charts import vega
from pages.components.text import _
from pages.foundations.bias_variance import labels
from pages.foundations.chart_style import HEIGHT, colour, hover, shades

_MAX_RATIO = 4.0  # axis maximum / lowest error, unless the smallest capacity has a larger error


def draw_parts(analysis: CapacityAnalysis, index: int, *, key: str) -> None:
    """Draw noise, bias², and variance as stacked areas, and the measured test error as a line.

    ``index`` is the index of the capacity to highlight.
    """
    bias2, variance = analysis.decomposition
    parts = {"noise": np.full(len(bias2), analysis.noise_variance), "bias": bias2, "variance": variance}
    titles = {
        "capacity": labels.axis_title(analysis.config),
        "noise": _("noise"),
        "bias": _("bias²"),
        "variance": _("variance"),
        "sum": _("sum"),
        "measured": _("measured test error"),
    }
    expected = analysis.noise_variance + bias2 + variance
    top = parts_top(analysis)
    values, low = [], np.zeros(len(bias2))
    for name, part in parts.items():
        values += [
            {"capacity": capacity, "low": float(below), "high": float(below + value), "part": name}
            for capacity, below, value in zip(analysis.capacities, low, part, strict=True)
            if math.isfinite(below + value)
        ]
        low = low + part
    colours = shades({name: colour(name) for name in parts}, titles, field="part", columns=3)
    x = _capacity_axis(analysis.config)
    y = {
        "field": "low",
        "type": "quantitative",
        "title": _("expected test error"),
        "scale": {"domain": [0, top]},
        "axis": {"tickCount": 5, "format": "~g"},
    }
    is_single = len(analysis.capacities) == 1
    mark = {"type": "bar", "size": 60} if is_single else {"type": "area", "opacity": 0.85}
    measured = [
        {"capacity": capacity, "error": float(error)}
        for capacity, error in zip(analysis.capacities, analysis.mean_errors[2], strict=True)
        if math.isfinite(error)
    ]
    layers = [
        {
            "mark": mark | {"clip": True},
            "encoding": {"x": x, "y": y, "y2": {"field": "high"}, "color": colours},
        },
        *_capacity_marker(analysis.capacities[index], x),
        {
            "data": {"values": measured},
            "mark": {
                "type": "line",
                "color": colour("test"),
                "strokeDash": [2, 2],
                "strokeWidth": 1.5,
                "clip": True,
                "point": {"size": 22, "color": colour("test")},
            },
            "encoding": {"x": x, "y": y | {"field": "error"}},
        },
        hover(analysis.capacities, parts | {"sum": expected, "measured": analysis.mean_errors[2]}, x, titles=titles),
    ]
    vega.draw(
        {"data": {"values": values}, "layer": layers, "height": HEIGHT},
        key=key,
        alt=_("Noise, bias², and variance at every capacity, as stacked areas that add up to the expected test error"),
    )


def parts_top(analysis: CapacityAnalysis) -> float:
    """Return the upper limit of the error axis. A few errors that are far above the rest may exceed this limit."""
    expected = np.nan_to_num(analysis.noise_variance + analysis.decomposition.sum(0), nan=np.inf, posinf=np.inf)
    top = max(1.25 * float(expected[0]), _MAX_RATIO * float(expected.min()))
    return min(top, 1.05 * float(expected.max())) if np.isfinite(top) and expected.max() > 0 else 1.0


def _capacity_axis(config: BiasVarianceConfig) -> dict:
    widths = config.model == "network"
    low, high = config.capacities[0], config.capacities[-1]
    scale = {"type": "log", "base": 2, "nice": False} if widths else {"nice": False, "zero": False}
    return {
        "field": "capacity",
        "type": "quantitative",
        "title": labels.axis_title(config),
        "scale": scale
        | ({"domain": [low, high]} if low < high else {"domain": [low / 2, low * 2] if widths else [-1, 1]}),
        "axis": {"values": list(config.capacities), "format": "d", "labelOverlap": True, "grid": False},
    }


def _capacity_marker(capacity: int, x: dict) -> list[dict]:
    """Return a list with one Vega-Lite layer, which highlights the selected capacity."""
    mark = {"type": "rule", "strokeWidth": 16, "opacity": 0.16, "color": colour("variance"), "clip": True}
    return [{"data": {"values": [{"capacity": capacity}]}, "mark": mark, "encoding": {"x": x}}]

"""The charts against capacity: training, validation and test errors, and the decomposition of the test error."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.topics.bias_variance.analysis import NEGLIGIBLE_ERROR, CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from pages.components.charts import vega
from pages.components.text import _
from pages.foundations.chart_style import (
    HEIGHT,
    RING,
    colour,
    hover,
    level,
    shades,
    ticks,
)

_TICK_LABEL = "format(datum.value, datum.value < 0.001 ? '.0e' : '~g')"
_MAX_RATIO = 4.0  # the axis shows so many times the lowest error, or the error of the smallest capacity


def axis_title(config: BiasVarianceConfig) -> str:
    """Return the title of the axis of capacities."""
    return _("degree of the polynomial") if config.model == "polynomial" else _("width: hidden units")


def draw_errors(analysis: CapacityAnalysis, index: int, comparison: tuple[str, np.ndarray] | None, *, key: str) -> None:
    """Draw the errors against capacity, with the capacity at ``index`` marked.

    ``comparison`` has the label of other test errors, and those (C,).
    """
    train, validation, test = analysis.mean_errors
    names = {_("training"): "train", _("validation"): "validation", _("test"): "test"}
    curves = dict(zip(names, (train, validation, test), strict=True))
    colours = {title: colour(name) for title, name in names.items()}
    if comparison:
        curves[comparison[0]], colours[comparison[0]] = comparison[1], colour("noise")
    values: list[dict[str, Any]] = [
        {"capacity": capacity, "error": max(float(error), NEGLIGIBLE_ERROR), "line": name}
        for name, curve in curves.items()
        for capacity, error in zip(analysis.capacities, curve, strict=True)
        if math.isfinite(error)
    ]
    x = _capacity_axis(analysis.config)
    y = {
        "field": "error",
        "type": "quantitative",
        "title": _("mean squared error"),
        "scale": {"type": "log", "nice": False, "domain": _padded_domain([row["error"] for row in values])},
        "axis": {"labelExpr": _TICK_LABEL, "values": ticks([row["error"] for row in values])},
    }
    dashes = {
        "condition": {"test": {"field": "line", "equal": (comparison or ("",))[0]}, "value": [4, 3]},
        "value": [1, 0],
    }
    line_encoding = {"x": x, "y": y, "color": shades(colours, columns=2 if comparison else 3), "strokeDash": dashes}
    best = analysis.capacities[analysis.best_index]
    lowest = {"capacity": best, "error": max(float(validation[analysis.best_index]), NEGLIGIBLE_ERROR)}
    layers = [
        *_capacity_marker(analysis.capacities[index], x),
        *(
            [level(max(analysis.noise_variance, NEGLIGIBLE_ERROR), _("noise alone"), y)]
            if analysis.noise_variance
            else []
        ),
        {"mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 28}}, "encoding": line_encoding},
        *_annotations(analysis, x),
        {
            "data": {"values": [lowest]},
            "mark": RING | {"color": colour("validation")},
            "encoding": {"x": x, "y": y},
        },
        hover(
            analysis.capacities,
            axis_title(analysis.config),
            {**curves, _("noise"): np.full(len(train), analysis.noise_variance)},
            x,
        ),
    ]
    vega.draw(
        {"data": {"values": values}, "layer": layers, "height": HEIGHT},
        key=key,
        alt=_("The training, validation and test error at every capacity; validation is lowest at {best}").format(
            best=best
        ),
    )


def draw_parts(analysis: CapacityAnalysis, index: int, *, key: str) -> None:
    """Draw noise, bias² and variance as stacked areas, and the measured test error as a line."""
    bias2, variance = analysis.decomposition
    parts = {
        _("noise"): (np.full(len(bias2), analysis.noise_variance), "noise"),
        _("bias²"): (bias2, "bias"),
        _("variance"): (variance, "variance"),
    }
    expected = analysis.noise_variance + bias2 + variance
    top = parts_top(analysis)
    colours = {title: colour(name) for title, (_part, name) in parts.items()}
    values, low = [], np.zeros(len(bias2))
    for name, (part, _colour) in parts.items():
        values += [
            {"capacity": capacity, "low": float(below), "high": float(below + value), "part": name}
            for capacity, below, value in zip(analysis.capacities, low, part, strict=True)
            if math.isfinite(below + value)
        ]
        low = low + part
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
            "encoding": {"x": x, "y": y, "y2": {"field": "high"}, "color": shades(colours, field="part", columns=3)},
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
        hover(
            analysis.capacities,
            axis_title(analysis.config),
            {name: part for name, (part, _colour) in parts.items()}
            | {_("their sum"): expected, _("test, measured"): analysis.mean_errors[2]},
            x,
        ),
    ]
    vega.draw(
        {"data": {"values": values}, "layer": layers, "height": HEIGHT},
        key=key,
        alt=_("The noise, bias² and variance at every capacity, as areas that add up to the expected test error"),
    )


def parts_top(analysis: CapacityAnalysis) -> float:
    """Return the top of the axis of the areas, which cuts off errors far above the others."""
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
        "title": axis_title(config),
        "scale": scale
        | ({"domain": [low, high]} if low < high else {"domain": [low / 2, low * 2] if widths else [-1, 1]}),
        "axis": {"values": list(config.capacities), "format": "d", "labelOverlap": True, "grid": False},
    }


def _padded_domain(values: Sequence[float]) -> list[float]:
    """Return the ends of a logarithmic axis for these values, with room for the annotations above."""
    low, high = min(values, default=0.1), max(values, default=1.0)
    ratio = max(high / low, 2.0)
    return [low / ratio**0.06, high * ratio**0.16]


def _capacity_marker(capacity: int, x: dict) -> list[dict]:
    """Return a light bar at the chosen capacity."""
    mark = {"type": "rule", "strokeWidth": 16, "opacity": 0.16, "color": colour("variance"), "clip": True}
    return [{"data": {"values": [{"capacity": capacity}]}, "mark": mark, "encoding": {"x": x}}]


def _annotations(analysis: CapacityAnalysis, x: dict) -> list[dict]:
    """Return the words "underfits" and "overfits", each where it applies."""
    annotations = [
        (analysis.underfits, {"align": "left", "x": 4}, _("← underfits"), "bias"),
        (analysis.overfits, {"align": "right", "x": "width", "dx": -4}, _("overfits →"), "variance"),
    ]
    return [
        {
            "data": {"values": [{"text": text}]},
            "mark": {"type": "text", "y": 9, "fontSize": 13, "fontWeight": 600, "color": colour(name)} | position,
            "encoding": {"text": {"field": "text"}},
        }
        for applies, position, text, name in annotations
        if applies
    ]

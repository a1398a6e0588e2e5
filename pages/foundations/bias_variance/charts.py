"""The pictures of under- and overfitting: errors against capacity, what they consist of, errors over the epochs."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.topics.bias_variance.analysis import EXACT, CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
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

_SHORT = "format(datum.value, datum.value < 0.001 ? '.0e' : '~g')"
_WIDE = 4.0  # times the lowest error: as much as the areas show, or the error of the smallest capacity


def axis_title(config: BiasVarianceConfig) -> str:
    """What the capacity is called on the axes."""
    return _("degree of the polynomial") if config.model == "polynomial" else _("width: hidden units")


def draw_errors(found: CapacityAnalysis, at: int, compared: tuple[str, np.ndarray] | None, *, key: str) -> None:
    """Draw the errors against capacity; ``at`` is the place of the chosen one, ``compared`` other test errors (C,)."""
    train, validation, test = found.means
    names = {_("training"): "train", _("validation"): "validation", _("test"): "test"}
    curves = dict(zip(names, (train, validation, test), strict=True))
    colours = {name: colour(of) for name, of in names.items()}
    if compared:
        curves[compared[0]], colours[compared[0]] = compared[1], colour("noise")
    values = [
        {"capacity": capacity, "error": max(float(error), EXACT), "line": name}
        for name, curve in curves.items()
        for capacity, error in zip(found.capacities, curve, strict=True)
        if math.isfinite(error)
    ]
    x = _capacity_axis(found.config)
    y = {
        "field": "error",
        "type": "quantitative",
        "title": _("mean squared error"),
        "scale": {"type": "log", "nice": False, "domain": _room([row["error"] for row in values])},
        "axis": {"labelExpr": _SHORT, "values": ticks([row["error"] for row in values])},
    }
    dashes = {
        "condition": {"test": {"field": "line", "equal": (compared or ("",))[0]}, "value": [4, 3]},
        "value": [1, 0],
    }
    lines_ = {"x": x, "y": y, "color": shades(colours, columns=2 if compared else 3), "strokeDash": dashes}
    best = found.capacities[found.best]
    lowest = {"capacity": best, "error": max(float(validation[found.best]), EXACT)}
    layers = [
        *_chosen(found.capacities[at], x),
        *([level(max(found.noise, EXACT), _("noise alone"), y)] if found.noise else []),
        {"mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 28}}, "encoding": lines_},
        *_arrows(found, x),
        {
            "data": {"values": [lowest]},
            "mark": RING | {"color": colour("validation")},
            "encoding": {"x": x, "y": y},
        },
        hover(found.capacities, axis_title(found.config), {**curves, _("noise"): np.full(len(train), found.noise)}, x),
    ]
    st.vega_lite_chart(
        {"data": {"values": values}, "layer": layers, "height": HEIGHT},
        key=key,
        alt=_("The training, validation and test error at every capacity; validation is lowest at {best}").format(
            best=best
        ),
    )


def draw_parts(found: CapacityAnalysis, at: int, *, key: str) -> None:
    """Draw what the expected test error consists of, as areas, and the one that was measured as a line."""
    bias2, variance = found.parts
    parts = {
        _("noise"): (np.full(len(bias2), found.noise), "noise"),
        _("bias²"): (bias2, "bias"),
        _("variance"): (variance, "variance"),
    }
    whole = found.noise + bias2 + variance
    top = parts_top(found)
    colours = {name: colour(of) for name, (_values, of) in parts.items()}
    values, low = [], np.zeros(len(bias2))
    for name, (part, _of) in parts.items():
        values += [
            {"capacity": capacity, "low": float(below), "high": float(below + value), "part": name}
            for capacity, below, value in zip(found.capacities, low, part, strict=True)
            if math.isfinite(below + value)
        ]
        low = low + part
    x = _capacity_axis(found.config)
    y = {
        "field": "low",
        "type": "quantitative",
        "title": _("expected test error"),
        "scale": {"domain": [0, top]},
        "axis": {"tickCount": 5, "format": "~g"},
    }
    alone = len(found.capacities) == 1
    mark = {"type": "bar", "size": 60} if alone else {"type": "area", "opacity": 0.85}
    measured = [
        {"capacity": capacity, "error": float(error)}
        for capacity, error in zip(found.capacities, found.means[2], strict=True)
        if math.isfinite(error)
    ]
    layers = [
        {
            "mark": mark | {"clip": True},
            "encoding": {"x": x, "y": y, "y2": {"field": "high"}, "color": shades(colours, field="part", columns=3)},
        },
        *_chosen(found.capacities[at], x),
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
            found.capacities,
            axis_title(found.config),
            {name: part for name, (part, _of) in parts.items()}
            | {_("their sum"): whole, _("test, measured"): found.means[2]},
            x,
        ),
    ]
    st.vega_lite_chart(
        {"data": {"values": values}, "layer": layers, "height": HEIGHT},
        key=key,
        alt=_("The noise, bias² and variance at every capacity, as areas that add up to the expected test error"),
    )


def parts_top(found: CapacityAnalysis) -> float:
    """How far up the areas are shown: the errors that matter, not the largest ones."""
    whole = np.nan_to_num(found.noise + found.parts.sum(0), nan=np.inf, posinf=np.inf)
    matter = max(1.25 * float(whole[0]), _WIDE * float(whole.min()))
    return min(matter, 1.05 * float(whole.max())) if np.isfinite(matter) and whole.max() > 0 else 1.0


def draw_epochs(found: CapacityAnalysis, at: int, history: Sequence[tuple[int, np.ndarray]], *, key: str) -> None:
    """Draw the mean errors of one capacity over the epochs: ``history`` has (epoch, (3, C))."""
    names = {_("training"): "train", _("validation"): "validation", _("test"): "test"}
    after = [(epoch, now[:, at]) for epoch, now in history if epoch or len(history) == 1]
    values = [
        {"epoch": epoch, "error": float(errors[place]), "line": name}
        for place, name in enumerate(names)
        for epoch, errors in after
        if math.isfinite(errors[place])
    ]
    finite = [(epoch, float(errors[1])) for epoch, errors in after if math.isfinite(errors[1])]
    lowest = min(finite, key=lambda point: point[1], default=(0, 1.0))
    highest = max((error for _epoch, error in finite[len(finite) // 8 :]), default=1.0)
    x = {"field": "epoch", "type": "quantitative", "title": _("epoch")}
    x["scale"] = {"nice": False, "domain": [after[0][0], max(after[-1][0], 1)]}
    x["axis"] = {"format": ",d", "tickMinStep": 1, "grid": False}
    y = {
        "field": "error",
        "type": "quantitative",
        "title": _("mean squared error"),
        "scale": {"domain": [0, 1.15 * highest]},
        "axis": {"tickCount": 5, "format": "~g"},
    }
    named = shades({name: colour(of) for name, of in names.items()}, columns=3)
    tooltip = [
        {"field": "line", "title": " "},
        {"field": "epoch", "title": _("epoch"), "format": ",d"},
        {"field": "error", "title": _("mean squared error"), "format": ".3~g"},
    ]
    nearest = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    layers = [
        {"mark": {"type": "line", "strokeWidth": 2.5, "clip": True}, "encoding": {"x": x, "y": y, "color": named}},
        *([level(found.noise, _("noise alone"), y)] if found.noise else []),
        {
            "data": {"values": [{"epoch": lowest[0], "error": lowest[1]}]},
            "mark": RING | {"color": colour("validation")},
            "encoding": {"x": x, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "clip": True},
            "params": [{"name": "hover", "select": nearest}],
            "encoding": {"x": x, "y": y, "color": named, "tooltip": tooltip}
            | {"opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0}},
        },
    ]
    st.vega_lite_chart(
        {"data": {"values": values}, "layer": layers, "height": 280},
        key=key,
        alt=_("The training, validation and test error over the epochs; validation is lowest at epoch {epoch}").format(
            epoch=lowest[0]
        ),
    )


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


def _room(values: Sequence[float]) -> list[float]:
    """The ends of a logarithmic axis for these values, with room for words above them."""
    low, high = min(values, default=0.1), max(values, default=1.0)
    ratio = max(high / low, 2.0)
    return [low / ratio**0.06, high * ratio**0.16]


def _chosen(capacity: int, x: dict) -> list[dict]:
    """A light bar where the chosen capacity is."""
    mark = {"type": "rule", "strokeWidth": 16, "opacity": 0.16, "color": colour("variance"), "clip": True}
    return [{"data": {"values": [{"capacity": capacity}]}, "mark": mark, "encoding": {"x": x}}]


def _arrows(found: CapacityAnalysis, x: dict) -> list[dict]:
    """The words for both sides of the lowest error, where it rises to them."""
    said = [
        (found.left, {"align": "left", "x": 4}, _("← underfits"), "bias"),
        (found.right, {"align": "right", "x": "width", "dx": -4}, _("overfits →"), "variance"),
    ]
    return [
        {
            "data": {"values": [{"text": text}]},
            "mark": {"type": "text", "y": 9, "fontSize": 13, "fontWeight": 600, "color": colour(of)} | place,
            "encoding": {"text": {"field": "text"}},
        }
        for so, place, text, of in said
        if so
    ]

"""Functions of one variable as curves, with values on hover and a marked x."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from torch import Tensor

from pages.components.charts import vega
from pages.components.inputs.canvas import CLASS_COLOURS

# Pairs of colors: for a light and for a dark background
(BLUE, ORANGE), GREEN = CLASS_COLOURS, ("#009E73", "#2FC79E")
PINK, GREY = ("#CC79A7", "#E09CC2"), ("#6B7785", "#9AA7B4")


@dataclass(frozen=True)
class Curve:
    """A function, given by its values ``y`` at the points ``x``. Both have shape (N,).

    ``colours`` contains the colors for light and dark backgrounds. ``dot`` is a highlighted point (x, y) on the curve.
    """

    x: Tensor
    y: Tensor
    colours: tuple[str, str]
    dashed: bool = False
    dot: tuple[float, float] | None = None


def colour(colours: tuple[str, str]) -> str:
    """Return the color for the user's theme. ``colours`` contains the colors for light and dark backgrounds."""
    return colours[st.context.theme.type == "dark"]


def draw(
    curves: Mapping[str, Curve],
    *,
    titles: Mapping[Any, str] = {},
    x: str,
    y: str,
    low: float,
    high: float,
    key: str,
    alt: str,
    marked: float | None = None,
    ring: tuple[float, float] | None = None,
    height: int = 330,
) -> None:
    """Draw the curves in ``curves``. Parts of a curve below ``low`` or above ``high`` are cut off.

    ``titles`` maps the names of curves to labels. ``x`` and ``y`` are the titles of the axes. ``marked`` is the
    x-coordinate of a vertical line. ``ring`` is the center (x, y) of a ring.
    """
    shown = {name: titles.get(name, name) for name in curves}
    first = next(iter(curves.values()))
    across = {
        "field": "x",
        "type": "quantitative",
        "title": x,
        "scale": {"nice": False, "padding": 5, "domain": [first.x[0].item(), first.x[-1].item()]},
        "axis": {"format": "~g", "grid": False, "tickCount": 7},
    }
    up = {
        "field": "y",
        "type": "quantitative",
        "title": y,
        "scale": {"domain": [low, high], "nice": False},
        "axis": {"tickCount": 5},
    }
    shade = {
        "field": "curve",
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": list(curves), "range": [colour(curve.colours) for curve in curves.values()]},
        "legend": {
            "orient": "bottom",
            "columns": 2 if max(map(len, shown.values())) < 27 else 1,  # also on a phone
            "labelExpr": vega.label(titles),
            "labelLimit": 300,
            "rowPadding": 0,
            "symbolSize": 60,
            "symbolOpacity": 1,
            "offset": 4,
        },
    }
    dashed = {"field": "curve", "oneOf": [name for name, curve in curves.items() if curve.dashed]}
    position = {"x": across, "y": up, "color": shade}
    tooltip = {
        "tooltip": [
            {"field": "title", "title": " "},
            {"field": "x", "type": "quantitative", "title": x, "format": ".3~g"},
            {"field": "y", "type": "quantitative", "title": y, "format": ".3~g"},
        ]
    }
    hover = {"name": "hover", "select": {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}}
    hovered = {"opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0}}
    point = {"type": "point", "filled": True, "size": 60, "clip": True}
    dots = [
        {"x": curve.dot[0], "y": curve.dot[1], "curve": name, "title": shown[name]}
        for name, curve in curves.items()
        if curve.dot
    ]
    layers = [
        {"data": {"values": [{"y": 0.0}]}, "mark": {"type": "rule", "color": "#888888"}, "encoding": {"y": up}},
        *([] if marked is None else [_rule(marked, across)]),
        {
            "mark": {"type": "line", "strokeWidth": 2.5, "clip": True},
            "encoding": position | {"strokeDash": {"condition": {"test": dashed, "value": [6, 6]}, "value": [1, 0]}},
        },
        {"mark": point, "params": [hover], "encoding": position | tooltip | hovered},
        {"data": {"values": dots}, "mark": point | {"size": 130, "opacity": 1}, "encoding": position | tooltip},
        *([] if ring is None else [_ring(ring, across, up)]),
    ]
    values = [
        {"x": x_value, "y": y_value, "curve": name, "title": shown[name]}
        for name, curve in curves.items()
        for x_value, y_value in zip(curve.x.tolist(), curve.y.tolist(), strict=True)
        if math.isfinite(y_value)
    ]
    vega.draw({"data": {"values": values}, "layer": layers, "height": height}, key=key, alt=alt)


def _rule(marked: float, across: dict) -> dict:
    """Return the layer of a vertical line at the marked x."""
    mark = {"type": "rule", "color": "#888888", "strokeDash": [3, 3]}
    return {"data": {"values": [{"x": marked}]}, "mark": mark, "encoding": {"x": across}}


def _ring(point: tuple[float, float], across: dict, up: dict) -> dict:
    mark = {"type": "point", "filled": False, "size": 260, "strokeWidth": 2.5, "color": "#888888", "tooltip": None}
    return {"data": {"values": [{"x": point[0], "y": point[1]}]}, "mark": mark, "encoding": {"x": across, "y": up}}

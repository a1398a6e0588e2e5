"""Scatter plots as Vega-Lite specs: points around a diagonal, and dots in groups."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pages.components.charts import vega


def draw(
    groups: Mapping[str, np.ndarray],
    *,
    titles: Mapping[Any, str] = {},
    x: str,
    y: str,
    key: str,
    alt: str,
    height: int = 330,
) -> None:
    """Draw groups of points and the diagonal y = x. ``groups`` maps the name of each group to its points (N, 2).

    ``titles`` maps the names of groups to labels. ``x`` and ``y`` are the titles of the axes. Points are omitted if y
    is NaN or |y| ≥ 1e30.
    """
    values: list[dict[str, Any]] = [
        {"x": float(x_value), "y": float(y_value), "group": name, "title": titles.get(name, name)}
        for name, group in groups.items()
        for x_value, y_value in group
    ]
    finite = [point for point in values if abs(point["y"]) < 1e30]
    low = min((min(point["x"] for point in finite), -1)) if finite else -1
    high = max((max(point["x"] for point in finite), 1)) if finite else 1
    axes = {
        "x": {"field": "x", "type": "quantitative", "title": x},
        "y": {"field": "y", "type": "quantitative", "title": y, "axis": {"labelExpr": vega.SHORT_NUMBERS}},
    }
    colour = {
        "field": "group",
        "type": "nominal",
        "title": None,
        "sort": None,
        "legend": {"orient": "bottom", "labelExpr": vega.label(titles)},
    }
    layers = [
        {
            "data": {"values": [{"x": low, "y": low}, {"x": high, "y": high}]},
            "mark": {"type": "line", "strokeDash": [4, 3], "color": "#888888"},
            "encoding": axes,
        },
        {
            "mark": {"type": "circle", "opacity": 0.6, "size": 22},
            "encoding": axes
            | {
                "color": colour,
                "tooltip": [
                    {"field": "title", "title": " "},
                    {"field": "x", "title": x, "format": ".3~g"},
                    {"field": "y", "title": y, "format": ".3~g"},
                ],
            },
        },
    ]
    vega.draw({"data": {"values": finite}, "layer": layers, "height": height}, key=key, alt=alt)


def draw_groups(
    groups: Mapping[str, Sequence[float]],
    *,
    titles: Mapping[Any, str] = {},
    y: str,
    key: str,
    alt: str,
    height: int = 280,
) -> None:
    """Draw a dot for each finite value of each group. The groups are side by side; the vertical axis is logarithmic.

    ``titles`` maps the names of groups to labels. ``y`` is the title of the vertical axis.
    """
    encoding = {
        "x": {
            "field": "group",
            "type": "nominal",
            "title": None,
            "sort": None,
            "axis": {"labelAngle": 0, "labelLimit": 220, "labelExpr": vega.label(titles)},
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": y,
            "scale": {"type": "log", "nice": False, "padding": 12},
            "axis": {"labelExpr": vega.SHORT_NUMBERS, "tickCount": 4},
        },
        "color": {"field": "group", "type": "nominal", "legend": None, "sort": None},
        "tooltip": [{"field": "title", "title": " "}, {"field": "value", "title": y, "format": ".4~g"}],
    }
    data = [
        {"group": name, "title": titles.get(name, name), "value": value}
        for name, values in groups.items()
        for value in values
        if np.isfinite(value)
    ]
    vega.draw(
        {
            "data": {"values": data},
            "mark": {"type": "point", "size": 60},
            "encoding": encoding,
            "height": height,
        },
        key=key,
        alt=alt,
    )

"""Shared parts of the charts: colors, legends, a labeled horizontal line, ticks, and values on hover."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pages.components.charts.function_plot import (
    BLUE,
    GREEN,
    ORANGE,
    PINK,
)
from pages.components.charts.function_plot import colour as on_ground
from pages.components.text import number

HEIGHT = 350
RING = {"type": "point", "size": 190, "strokeWidth": 3, "filled": False, "clip": False}

PAIRS = {  # light and dark theme; bias and variance as in the sentence beside the chart
    "train": PINK,
    "validation": GREEN,
    "test": ("#1C2733", "#FFFFFF"),
    "bias": ORANGE,
    "variance": BLUE,
    "noise": ("#8593A0", "#7C8A98"),
}


def colour(name: str) -> str:
    """Return the color of an error, or of a component of the test error, in the current theme."""
    return on_ground(PAIRS[name])


def shades(colours: dict[str, str], *, field: str = "line", columns: int = 2) -> dict:
    """Return the encoding of colors by name, with a legend of ``columns`` columns below the chart."""
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {
            "orient": "bottom",
            "columns": columns,
            "labelLimit": 300,
            "symbolOpacity": 1,
            "symbolSize": 70,
            "rowPadding": 0,
            "offset": 4,
        },
    }


def level(value: float, text: str, y: dict) -> dict:
    """Return a layer with a horizontal line and a label at its right end."""
    data, position = {"values": [{"error": value, "text": text}]}, {"y": y}
    grey = {"color": colour("noise"), "clip": True}
    label = {"type": "text", "align": "right", "baseline": "bottom", "fontSize": 11, "dy": -2, "dx": -4, "x": "width"}
    return {
        "data": data,
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [2, 3]} | grey, "encoding": position},
            {"mark": label | grey, "encoding": position | {"text": {"field": "text"}}},
        ],
    }


def ticks(values: Sequence[float]) -> list[float]:
    """Return ticks for a logarithmic axis: 1, 2, and 5 times powers of ten, or only powers for a wide range."""
    low, high = (math.floor(math.log10(bound(values, default=1.0))) for bound in (min, max))
    digits, spacing = ((1, 2, 5), 1) if high - low < 3 else ((1,), 1 + (high - low) // 6)
    return [digit * 10.0**power for power in range(low, high + 1, spacing) for digit in digits]


def hover(
    x_values: Sequence[float] | np.ndarray, name: str, curves: Mapping[str, Sequence[float] | np.ndarray], x: dict
) -> dict:
    """Return a layer that shows the values of all curves at the x nearest to the pointer. ``name`` labels x."""
    values = [
        {x["field"]: float(x_value)} | {f"v{n}": number(float(curve[row])) for n, curve in enumerate(curves.values())}
        for row, x_value in enumerate(x_values)
    ]
    nearest = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout", "encodings": ["x"]}
    return {
        "data": {"values": values},
        "params": [{"name": "hover", "select": nearest}],
        "mark": {"type": "rule", "color": "#888888"},
        "encoding": {
            "x": x,
            "opacity": {"condition": {"param": "hover", "empty": False, "value": 0.6}, "value": 0},
            "tooltip": [
                {"field": x["field"], "title": name},
                *({"field": f"v{n}", "title": title} for n, title in enumerate(curves)),
            ],
        },
    }

"""Shared parts of the charts of the "Foundations" page: colors, legends, and values on hover."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pages.components.charts import vega
from pages.components.charts.function_plot import BLUE, GREEN, ORANGE, PINK
from pages.components.charts.function_plot import colour as on_ground
from pages.components.text import number

HEIGHT = 350

PAIRS = {  # for the light and the dark theme; bias and variance are colored as in the sentence beside the chart
    "train": PINK,
    "validation": GREEN,
    "test": ("#1C2733", "#FFFFFF"),
    "bias": ORANGE,
    "variance": BLUE,
    "noise": ("#8593A0", "#7C8A98"),
}


def colour(name: str) -> str:
    """Return the color of an error, or of an error component, in the current theme. ``name`` is a key of PAIRS."""
    return on_ground(PAIRS[name])


def shades(colours: Mapping[str, str], titles: Mapping[Any, str], *, field: str = "line", columns: int = 2) -> dict:
    """Return a Vega-Lite color encoding, with a legend of ``columns`` columns below the chart.

    ``colours`` maps the values of the data field ``field`` to colors, and ``titles`` maps these values to labels.
    """
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
            "labelExpr": vega.label(titles),
            "symbolOpacity": 1,
            "symbolSize": 70,
            "rowPadding": 0,
            "offset": 4,
        },
    }


def hover(
    x_values: Sequence[float] | np.ndarray,
    curves: Mapping[str, Sequence[float] | np.ndarray],
    x: dict,
    *,
    titles: Mapping[Any, str],
) -> dict:
    """Return a Vega-Lite layer that shows the values of all curves at the x value nearest to the pointer.

    ``curves`` maps the name of each curve to its values at ``x_values``. ``x`` is the encoding of the horizontal
    axis. ``titles`` maps the names of the curves and the data field of ``x`` to labels.
    """
    values = [
        {x["field"]: float(x_value)} | {name: number(float(curve[row])) for name, curve in curves.items()}
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
            "tooltip": [{"field": name, "title": titles.get(name, name)} for name in (x["field"], *curves)],
        },
    }

"""Numbers to a grid of colours, as a Vega-Lite spec."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st


@dataclass(frozen=True)
class Cell:
    """A value in a grid, in a row at a place on the axis; not finite where there is none. A marked cell is ringed."""

    row: str
    at: float
    value: float
    marked: bool = False


def draw(
    cells: Sequence[Cell],
    *,
    rows: Sequence[str],
    x: str,
    value: str,
    missing: str,
    key: str,
    alt: str,
    height: int = 330,
) -> None:
    """Draw values as a grid of colours, the lowest ones dark, the logarithm of the value as the colour."""
    finite = [cell.value for cell in cells if math.isfinite(cell.value) and cell.value > 0]
    low = min(finite, default=1.0)
    # The worst fifth is equally lost: the colours tell the good from the best
    high = max(float(np.quantile(finite or [1.0], 0.8)), low * 1.01)
    data = [
        {
            "row": cell.row,
            "at": f"{cell.at:g}",
            "value": cell.value if math.isfinite(cell.value) else None,
            "colour": min(max(cell.value, low), high) if math.isfinite(cell.value) else None,
            "text": f"{cell.value:.2g}".replace("e+0", "e").replace("e-0", "e-") if math.isfinite(cell.value) else "×",
            "shown": f"{cell.value:.3g}" if math.isfinite(cell.value) else missing,
            "marked": cell.marked,
            "dark": bool(math.isfinite(cell.value) and cell.value < (low * high) ** 0.5),
        }
        for cell in cells
    ]
    places = [f"{at:g}" for at in sorted({cell.at for cell in cells})]
    axes = {
        "x": {
            "field": "at",
            "type": "ordinal",
            "title": x,
            "sort": places,
            "scale": {"domain": places},
            "axis": {"labelAngle": 0, "labelOverlap": True},
        },
        "y": {"field": "row", "type": "ordinal", "title": None, "sort": list(rows), "scale": {"domain": list(rows)}},
        "tooltip": [
            {"field": "row", "title": " "},
            {"field": "at", "title": x},
            {"field": "shown", "title": value},
        ],
    }
    shade = {
        "field": "colour",
        "type": "quantitative",
        "legend": None,
        "scale": {
            "type": "log",
            "domain": [low, high],
            "range": ["#08306b", "#2171b5", "#6baed6", "#c6dbef", "#f2f5f9"],
        },
    }
    layers = [
        {
            "mark": {"type": "rect", "cornerRadius": 3},
            "encoding": axes | {"color": {"condition": {"test": "datum.colour === null", "value": "#8884"}, **shade}},
        },
        {
            "transform": [{"filter": "datum.marked"}],
            "mark": {"type": "rect", "filled": False, "strokeWidth": 3, "cornerRadius": 3, "stroke": "#D55E00"},
            "encoding": axes,
        },
        {
            "mark": {"type": "text", "fontSize": 11},
            "encoding": axes
            | {
                "text": {"field": "text"},
                "color": {"condition": {"test": "datum.dark", "value": "#ffffff"}, "value": "#1C2733"},
            },
        },
    ]
    st.vega_lite_chart({"data": {"values": data}, "layer": layers, "height": height}, key=key, alt=alt)

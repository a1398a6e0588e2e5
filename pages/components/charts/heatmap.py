"""A table of figures as colours."""

import math
from collections.abc import Mapping, Sequence

import streamlit as st


def draw(
    values: Mapping[tuple[str, str], float],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    row_title: str,
    column_title: str,
    value: str,
    darkest: float,
    key: str,
    alt: str,
    infinite: str = "∞",
    ringed: Sequence[tuple[str, str]] = (),
    signed: bool = False,
) -> None:
    """Draw figures by (row, column) as a grid, those from ``darkest`` on in the darkest colour; some with a ring.

    ``infinite`` is said of a figure that is infinite. Of ``signed`` figures those below zero are orange, and zero is
    white.
    """
    low, high = min(figure for figure in values.values() if math.isfinite(figure)), darkest
    if signed:
        low = -darkest
    form = "+" if signed else ""
    data = [
        {
            "row": row,
            "column": column,
            "value": max(low, min(figure, high)),
            "text": f"{figure:{form}.1f}" if math.isfinite(figure) else infinite,
            "finite": math.isfinite(figure),
            "told": f"{figure:{form}.2f}" if math.isfinite(figure) else infinite,
            "dark": abs(figure) > 0.6 * high if signed else figure > (low + high) / 2,
            "ringed": (row, column) in ringed,
        }
        for (row, column), figure in values.items()
    ]
    axis = {"labelAngle": 0, "labelLimit": 140, "labelOverlap": False, "labelFlush": False}
    axis |= {"domain": False, "ticks": False}
    words = axis | {"labelExpr": "split(datum.label, ' ')"}  # one below the other
    axes = {
        "x": {"field": "column", "type": "ordinal", "title": column_title, "sort": list(columns), "axis": words},
        "y": {"field": "row", "type": "ordinal", "title": row_title, "sort": list(rows), "axis": axis},
        "tooltip": [
            {"field": "row", "title": row_title},
            {"field": "column", "title": column_title},
            {"field": "told", "title": value},
        ],
    }
    colours = ["#f2f5f9", "#c6dbef", "#6baed6", "#2171b5", "#08306b"]
    if signed:
        colours = ["#a63d00", "#f0a473", "#f5f5f5", "#6baed6", "#08519c"]
    shade = {
        "field": "value",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [low + (high - low) * part / 4 for part in range(5)], "range": colours},
    }
    # A word is longer than a number, and a cell is always high enough
    finite = {"test": "datum.finite"}
    size, angle = ({"condition": finite | {"value": of[0]}, "value": of[1]} for of in ((12, 9), (0, 270)))
    ink = {"condition": {"test": "datum.dark", "value": "#ffffff"}, "value": "#1C2733"}
    layers = [
        {"mark": {"type": "rect", "cornerRadius": 3}, "encoding": axes | {"color": shade}},
        {
            "transform": [{"filter": "datum.ringed"}],
            "mark": {"type": "rect", "filled": False, "strokeWidth": 3, "cornerRadius": 3, "stroke": "#D55E00"},
            "encoding": axes,
        },
        {
            "mark": {"type": "text", "tooltip": None},
            "encoding": {name: axes[name] for name in ("x", "y")}
            | {"text": {"field": "text"}, "color": ink, "size": size, "angle": angle},
        },
    ]
    st.vega_lite_chart({"data": {"values": data}, "layer": layers, "height": 60 + 44 * len(rows)}, key=key, alt=alt)

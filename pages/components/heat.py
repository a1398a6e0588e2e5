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
    infinite: str,
    key: str,
    alt: str,
    ringed: Sequence[tuple[str, str]] = (),
) -> None:
    """Draw figures by (row, column) as a grid, the highest ones in the darkest colour; some cells with a ring.

    ``infinite`` is said of a figure that is infinite.
    """
    finite = [figure for figure in values.values() if math.isfinite(figure)]
    low, high = min(finite), max(finite)
    data = [
        {
            "row": row,
            "column": column,
            "value": min(figure, high),
            "text": f"{figure:.1f}" if math.isfinite(figure) else infinite,
            "finite": math.isfinite(figure),
            "told": f"{figure:.2f}" if math.isfinite(figure) else infinite,
            "dark": figure > (low + high) / 2,
            "ringed": (row, column) in ringed,
        }
        for (row, column), figure in values.items()
    ]
    axis = {"labelAngle": 0, "labelLimit": 140, "labelOverlap": False, "domain": False, "ticks": False}
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
    shade = {
        "field": "value",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [low, high], "range": ["#f2f5f9", "#c6dbef", "#6baed6", "#2171b5", "#08306b"]},
    }
    size = {"condition": {"test": "datum.finite", "value": 12}, "value": 9}  # a word is longer
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
            | {"text": {"field": "text"}, "color": ink, "size": size},
        },
    ]
    st.vega_lite_chart({"data": {"values": data}, "layer": layers, "height": 60 + 44 * len(rows)}, key=key, alt=alt)

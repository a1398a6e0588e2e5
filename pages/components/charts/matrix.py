"""A confusion matrix whose cells can be clicked."""

import numpy as np
import streamlit as st

from pages.components.text import _


def draw(
    counts: np.ndarray, *, classes: tuple[str, ...], key: str, alt: str, height: int = 380
) -> tuple[int, int] | None:
    """Draw how often each class (rows) got each answer (columns), the diagonal blue, mistakes the more orange.

    ``counts`` are whole numbers (classes, classes). Returns the cell that the reader has clicked, as (row, column).
    """
    wrong = counts * (1 - np.eye(len(classes), dtype=counts.dtype))
    values = [
        {
            "label": classes[row],
            "answer": classes[column],
            "count": int(counts[row, column]),
            "right": row == column,
            "share": float(wrong[row, column] / max(1, wrong.max())),
        }
        for row in range(len(classes))
        for column in range(len(classes))
    ]
    axis = {"type": "ordinal", "sort": list(classes), "axis": {"labelAngle": 0, "domain": False, "ticks": False}}
    encoding = {
        "x": {"field": "answer", "title": _("answer"), **axis},
        "y": {"field": "label", "title": _("label"), **axis},
        "tooltip": [
            {"field": "label", "title": _("label")},
            {"field": "answer", "title": _("answer")},
            {"field": "count", "title": _("how often"), "format": ","},
        ],
    }
    colour = {
        "condition": {"test": "datum.right", "value": "#0072B2"},
        "field": "share",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [0, 1], "range": ["#8881", "#D55E00"], "type": "sqrt"},
    }
    cell = {"name": "cell", "select": {"type": "point", "fields": ["label", "answer"], "on": "click"}}
    spec = {
        "data": {"values": values},
        "height": height,
        "layer": [
            {
                "params": [cell],
                "mark": {"type": "rect", "cornerRadius": 3, "cursor": "pointer"},
                "encoding": encoding
                | {
                    "color": colour,
                    "stroke": {"condition": {"param": "cell", "empty": False, "value": "#888888"}, "value": None},
                    "strokeWidth": {"value": 3},
                },
            },
            {
                "mark": {"type": "text", "fontSize": 12, "tooltip": None},
                "transform": [{"filter": "datum.count > 0"}],
                "encoding": {axis_name: encoding[axis_name] for axis_name in ("x", "y")}
                | {
                    "text": {"field": "count", "format": ","},
                    "color": {
                        "condition": {"test": "datum.right || datum.share > 0.5", "value": "#ffffff"},
                        "value": "#E6ECF2" if st.context.theme.type == "dark" else "#1C2733",
                    },
                },
            },
        ],
    }
    chosen = st.vega_lite_chart(spec, key=key, alt=alt, on_select="rerun", selection_mode="cell")
    cells = chosen.selection.get("cell") or []
    if not cells:
        return None
    return classes.index(cells[0]["label"]), classes.index(cells[0]["answer"])

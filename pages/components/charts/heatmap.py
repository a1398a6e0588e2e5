"""Heat maps as Vega-Lite specs: a table of numbers, and a confusion matrix."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st

from pages.components.charts import vega
from pages.components.text import _

BLUES = ("#f2f5f9", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
_ORANGE_TO_BLUE = ("#a63d00", "#f0a473", "#f5f5f5", "#6baed6", "#08519c")
_BARE_AXIS = {"domain": False, "ticks": False}


@dataclass(frozen=True)
class Cell:
    """A cell of a heat map: its position, value, color, text, and tooltip."""

    row: str
    """The name of the row of the cell."""
    column: str
    value: float | None
    """The number in the cell, or None if the number is not finite."""
    shade: float | None
    """The value that determines the color, in the domain of the color scale. None means gray."""
    text: str
    tooltip: str
    is_dark: bool = False
    """Whether the text is white."""
    ringed: bool = False
    correct: bool = False
    """Whether the cell counts correct predictions. Such a cell is blue, regardless of its ``shade``."""


def draw(
    cells: Sequence[Cell],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    titles: Mapping[Any, str] = {},
    row_title: str | None,
    column_title: str,
    value_title: str,
    scale: Mapping[str, object],
    height: int,
    key: str,
    alt: str,
    axis: Mapping[str, object] | None = None,
    column_axis: Mapping[str, object] | None = None,
    text: Mapping[str, object] | None = None,
    text_colour: str = "#1C2733",
    selectable: bool = False,
) -> tuple[str, str] | None:
    """Draw a heat map with the colors of a Vega-Lite scale. Cells with ``ringed=True`` have an orange frame.

    ``rows`` and ``columns`` contain the names of the rows and columns in display order, and ``titles`` maps these names
    to labels. ``axis`` contains Vega-Lite options for both axes; ``column_axis`` contains options for the column axis
    only. ``text`` contains further Vega-Lite encodings for the text in the cells, such as its size.

    If ``selectable`` is true, the user can select a cell by clicking it. Returns the names (row, column) of the
    selected cell, or None if no cell is selected.
    """
    axis = {"labelExpr": vega.label(titles)} | dict(axis or {})
    position = {
        "x": {
            "field": "column",
            "type": "ordinal",
            "title": column_title,
            "sort": list(columns),
            "scale": {"domain": list(columns)},
            "axis": {"labelAngle": 0} | axis | dict(column_axis or {}),
        },
        "y": {
            "field": "row",
            "type": "ordinal",
            "title": row_title,
            "sort": list(rows),
            "scale": {"domain": list(rows)},
            "axis": axis,
        },
    }
    tooltip = [
        {"field": "row_title", "title": row_title or " "},
        {"field": "column_title", "title": column_title},
        {"field": "tooltip", "title": value_title},
    ]
    colour = {
        "condition": [
            {"test": "datum.correct", "value": "#0072B2"},
            {"test": "datum.shade === null", "value": "#8884"},
        ],
        "field": "shade",
        "type": "quantitative",
        "legend": None,
        "scale": dict(scale),
    }
    rectangles: dict[str, Any] = {
        "mark": {"type": "rect", "cornerRadius": 3},
        "encoding": position | {"tooltip": tooltip, "color": colour},
    }
    if selectable:
        rectangles["params"] = [
            {"name": "cell", "select": {"type": "point", "fields": ["row", "column"], "on": "click"}}
        ]
        rectangles["mark"] |= {"cursor": "pointer"}
        rectangles["encoding"] |= {
            "stroke": {"condition": {"param": "cell", "empty": False, "value": "#888888"}, "value": None},
            "strokeWidth": {"value": 3},
        }
    rings = {
        "transform": [{"filter": "datum.ringed"}],
        "mark": {"type": "rect", "filled": False, "strokeWidth": 3, "cornerRadius": 3, "stroke": "#D55E00"},
        "encoding": position | {"tooltip": tooltip},
    }
    texts = {
        "mark": {"type": "text", "tooltip": None},
        "encoding": position
        | {
            "text": {"field": "text"},
            "color": {"condition": {"test": "datum.is_dark", "value": "#ffffff"}, "value": text_colour},
        }
        | dict(text or {"size": {"value": 12}}),
    }
    spec = {
        "data": {
            "values": [
                asdict(cell)
                | {"row_title": titles.get(cell.row, cell.row), "column_title": titles.get(cell.column, cell.column)}
                for cell in cells
            ]
        },
        "layer": [rectangles, *([rings] if any(cell.ringed for cell in cells) else []), texts],
        "height": height,
    }
    if not selectable:
        vega.draw(spec, key=key, alt=alt)
        return None
    event = vega.draw(spec, key=key, alt=alt, on_select="rerun", selection_mode="cell")
    selected = event.selection.get("cell")
    return (selected[0]["row"], selected[0]["column"]) if selected else None


def draw_table(
    values: Mapping[tuple[str, str], float],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    titles: Mapping[Any, str] = {},
    row_title: str,
    column_title: str,
    value_title: str,
    darkest: float,
    key: str,
    alt: str,
    infinite: str = "∞",
    ringed: Sequence[tuple[str, str]] = (),
    signed: bool = False,
) -> None:
    """Draw a table of numbers as a heat map. ``values`` maps the names (row, column) of each cell to its number.

    Numbers of at least ``darkest`` have the darkest color. ``titles`` maps the names of rows and columns to labels.
    ``infinite`` is the text for infinity. ``ringed`` contains the names (row, column) of the cells with an orange
    frame. If ``signed`` is true, positive numbers are blue, negative numbers are orange, and zero is white.
    """
    low = -darkest if signed else min(value for value in values.values() if math.isfinite(value))
    sign = "+" if signed else ""
    cells = [
        Cell(
            row,
            column,
            value if math.isfinite(value) else None,
            max(low, min(value, darkest)),
            f"{value:{sign}.1f}" if math.isfinite(value) else infinite,
            f"{value:{sign}.2f}" if math.isfinite(value) else infinite,
            is_dark=abs(value) > 0.6 * darkest if signed else value > (low + darkest) / 2,
            ringed=(row, column) in ringed,
        )
        for (row, column), value in values.items()
    ]
    # Words may be wider than a cell, so words are small and vertical
    is_number = {"test": "datum.value !== null"}
    draw(
        cells,
        rows=rows,
        columns=columns,
        titles=titles,
        row_title=row_title,
        column_title=column_title,
        value_title=value_title,
        scale={
            "domain": [low + (darkest - low) * part / 4 for part in range(5)],
            "range": _ORANGE_TO_BLUE if signed else BLUES,
        },
        height=60 + 44 * len(rows),
        key=key,
        alt=alt,
        axis=_BARE_AXIS | {"labelAngle": 0, "labelLimit": 140, "labelOverlap": False, "labelFlush": False},
        column_axis={"labelExpr": f"split({vega.label(titles)}, ' ')"},  # one word per line
        text={
            "size": {"condition": is_number | {"value": 12}, "value": 9},
            "angle": {"condition": is_number | {"value": 0}, "value": 270},
        },
    )


def draw_confusion_matrix(
    counts: np.ndarray, *, classes: Sequence[str], key: str, alt: str, height: int = 380
) -> tuple[int, int] | None:
    """Draw a confusion matrix, with the true labels in rows and the predictions in columns.

    ``counts`` is an integer array of shape (classes, classes). Correct predictions are blue, and wrong predictions are
    orange. Returns the indices (row, column) of the selected cell, or None if no cell is selected.
    """
    mistakes = counts * (1 - np.eye(len(classes), dtype=counts.dtype))
    shares = mistakes / max(1, mistakes.max())
    cells = [
        Cell(
            classes[row],
            classes[column],
            int(count),
            float(shares[row, column]),
            f"{count:,}" if count else "",
            f"{count:,}",
            is_dark=bool(row == column or shares[row, column] > 0.5),
            correct=row == column,
        )
        for (row, column), count in np.ndenumerate(counts)
    ]
    clicked = draw(
        cells,
        rows=classes,
        columns=classes,
        row_title=_("true label"),
        column_title=_("prediction"),
        value_title=_("count"),
        scale={"domain": [0, 1], "range": ["#8881", "#D55E00"], "type": "sqrt"},
        height=height,
        key=key,
        alt=alt,
        axis=_BARE_AXIS | {"labelAngle": 0},
        text_colour="#E6ECF2" if st.context.theme.type == "dark" else "#1C2733",
        selectable=True,
    )
    return (classes.index(clicked[0]), classes.index(clicked[1])) if clicked else None

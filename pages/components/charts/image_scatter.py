"""A scatter plot of pictures, coloured by class: each is seen on hover, and every position can be clicked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from pages.components.charts import images, vega

_CELLS = 48  # clickable cells along each side: about as fine as a finger

# Ten colours that stay as far apart as can be for colour-blind eyes too, on light and on dark ground. Classes whose
# colours are close have different shapes
_LIGHT = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#1C2733",
    "#B5B5B5",
    "#882255",
    "#5A4FCF",
)
_DARK = (
    "#56B4E9",
    "#F08A4B",
    "#2FC79E",
    "#E09CC2",
    "#F0C24B",
    "#1E7FCB",
    "#F4F7FA",
    "#8A8A6A",
    "#C04848",
    "#6C5CD8",
)
_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down") * 2


def class_marks() -> tuple[Sequence[str], Sequence[str]]:
    """Return the colours of ten classes in the reader's theme, and their shapes."""
    return _DARK if st.context.theme.type == "dark" else _LIGHT, _SHAPES


@dataclass(frozen=True)
class Selection:
    """The ``position`` (x, y) that the reader has clicked, and the index of the ``point`` there, if there is one."""

    position: tuple[float, float]
    point: int | None


def draw(
    points: np.ndarray,
    pictures: Sequence[str],
    labels: np.ndarray,
    *,
    classes: Sequence[str],
    low: np.ndarray,
    high: np.ndarray,
    x: str | None,
    y: str | None,
    key: str,
    alt: str,
    height: int = 460,
    clickable: bool = True,
) -> Selection | None:
    """Draw points (N, 2) with their pictures as data URLs and their labels (N,), whole numbers from 0 to 9.

    ``low`` and ``high`` (2,) are the corners of the rectangle that is shown. Without a name an axis is not drawn.
    Returns the position that the reader has clicked, if the plot is ``clickable``: the middle of one of 48 x 48 cells,
    or a point.
    """
    values = [
        {
            "x": float(x_value),
            "y": float(y_value),
            "class": classes[label],
            "image": picture,
            "place": _CELLS**2 + number,
        }
        for number, ((x_value, y_value), label, picture) in enumerate(zip(points, labels, pictures, strict=True))
    ]
    dark = st.context.theme.type == "dark"
    axes = {
        name: {
            "field": name,
            "type": "quantitative",
            "title": title,
            "scale": {"domain": [float(low[axis]), float(high[axis])], "nice": False, "zero": False},
            "axis": {"tickCount": 6, "grid": False} if title else None,
        }
        for axis, (name, title) in enumerate({"x": x, "y": y}.items())
    }
    by_class = {"field": "class", "type": "nominal", "title": None, "sort": None}
    legend = {"orient": "bottom", "columns": _columns(classes), "symbolOpacity": 1, "symbolSize": 70, "rowPadding": 0}
    place = {"name": "place", "select": {"type": "point", "fields": ["place"], "on": "click"}}
    chosen = {"param": "place", "empty": False}
    dots = {"type": "point", "filled": True, "size": 42, "opacity": 0.8, "clip": True}
    encoding = axes | {
        "color": by_class | {"scale": {"domain": classes, "range": _DARK if dark else _LIGHT}, "legend": legend},
        "shape": by_class | {"scale": {"domain": classes, "range": _SHAPES}, "legend": legend},
        "tooltip": [{"field": "image"}, {"field": "class", "title": " "}],
    }
    around = {
        "stroke": {"condition": chosen | {"value": "#FFFFFF" if dark else "#000000"}, "value": None},
        "strokeWidth": {"value": 2},
    }
    layers = [
        *([_cells(axes, low, high, place)] if clickable else []),
        {
            "mark": dots | ({"cursor": "pointer"} if clickable else {}),
            "encoding": encoding | (around if clickable else {}),
        },
        *(_names(axes, by_class, dark=dark)),
    ]
    spec = {
        "data": {"values": values},
        "layer": layers,
        "height": height + 20 * -(-len(classes) // _columns(classes)),  # what the legend takes of it
    }
    # A picture of 28 x 28 pixels would be too small to be recognised
    st.html("<style>#vg-tooltip-element img { width: 112px; image-rendering: pixelated; }</style>")
    if not clickable:
        vega.draw(spec, key=key, alt=alt)
        return None
    answer = vega.draw(spec, key=key, alt=alt, on_select="rerun", selection_mode="place")
    return _selection(answer.selection.get("place"), points, low, high)


def data_urls(pictures: np.ndarray) -> tuple[str, ...]:
    """Return grey pictures uint8 (N, H, W) as data URLs."""
    return tuple(images.data_url(Image.fromarray(picture)) for picture in pictures)


def _cells(axes: dict, low: np.ndarray, high: np.ndarray, place: dict) -> dict:
    """The cells that can be clicked, row by row from below; the browser makes them. The chosen one has an edge."""
    width, height = ((high - low) / _CELLS).tolist()
    column, row = f"(datum.place % {_CELLS})", f"floor(datum.place / {_CELLS})"
    edges = {
        "left": f"{float(low[0])} + {column} * {width}",
        "right": f"{float(low[0])} + ({column} + 1) * {width}",
        "bottom": f"{float(low[1])} + {row} * {height}",
        "top": f"{float(low[1])} + ({row} + 1) * {height}",
    }
    return {
        "data": {"sequence": {"start": 0, "stop": _CELLS**2, "as": "place"}},
        "transform": [{"calculate": edge, "as": name} for name, edge in edges.items()],
        "params": [place],
        "mark": {"type": "rect", "fill": "transparent", "cursor": "crosshair", "tooltip": None},
        "encoding": {
            "x": axes["x"] | {"field": "left"},
            "x2": {"field": "right"},
            "y": axes["y"] | {"field": "bottom"},
            "y2": {"field": "top"},
            "stroke": {"condition": {"param": "place", "empty": False, "value": "#888888"}, "value": None},
            "strokeWidth": {"value": 2},
        },
    }


def _names(axes: dict, by_class: dict, *, dark: bool) -> list[dict]:
    """The name of each class in the middle of its points, on a halo. A click goes through them."""
    middle = [{"op": "median", "field": axis, "as": axis} for axis in ("x", "y")]
    text = {"type": "text", "fontSize": 15, "fontWeight": "bold", "tooltip": None}
    halo = text | {"strokeWidth": 4, "strokeJoin": "round", "stroke": "#12181F" if dark else "#FFFFFF"}
    return [
        {
            "transform": [{"aggregate": middle, "groupby": ["class"]}],
            "mark": mark | {"fill": "#E6ECF2" if dark else "#1C2733"},
            "encoding": axes | {"text": {"field": "class"}, "detail": by_class},
        }
        for mark in (halo, text)
    ]


def _columns(classes: Sequence[str]) -> int:
    """Columns of the legend: as many as fit a phone."""
    return 5 if max(map(len, classes)) < 4 else 3


def _selection(
    selected: Sequence[Mapping[str, object]] | None, points: np.ndarray, low: np.ndarray, high: np.ndarray
) -> Selection | None:
    """Return the selection for the number that the browser sends: first all cells are numbered, then the points."""
    number = selected[-1].get("place") if selected else None
    if not isinstance(number, int) or not 0 <= number < _CELLS**2 + len(points):
        return None
    if number >= _CELLS**2:
        point = number - _CELLS**2
        return Selection(tuple(points[point].tolist()), point)
    row, column = divmod(number, _CELLS)
    return Selection(tuple((low + (np.array([column, row]) + 0.5) / _CELLS * (high - low)).tolist()), None)

"""A scatter plot of points that stand for images, colored by class. Pointing at a point shows its image."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image

from pages.components.charts import images, vega

# Ten colors that are as distinct as possible, also for color-blind readers, on light and dark backgrounds. Classes with
# similar colors have different shapes
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
    """Return ten class colors for the user's theme, and ten Vega-Lite shapes for the points of these classes."""
    return _DARK if st.context.theme.type == "dark" else _LIGHT, _SHAPES


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
) -> None:
    """Draw points (N, 2), colored by class. When the user hovers over a point, the image of this point is shown.

    ``pictures`` contains the data URLs of the N images. ``labels`` (N,) contains integer indices into ``classes``, the
    names of at most ten classes. ``low`` (2,) and ``high`` (2,) are the lower-left and upper-right corners of the
    visible rectangle. ``x`` and ``y`` are the titles of the axes; an axis without a title is not drawn.
    """
    values = [
        {"x": float(x_value), "y": float(y_value), "class": str(label), "title": classes[label], "image": picture}
        for (x_value, y_value), label, picture in zip(points, labels, pictures, strict=True)
    ]
    titles = {str(label): title for label, title in enumerate(classes)}
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
    legend["labelExpr"] = vega.label(titles)
    dots = {"type": "point", "filled": True, "size": 42, "opacity": 0.8, "clip": True}
    encoding = axes | {
        "color": by_class | {"scale": {"domain": list(titles), "range": _DARK if dark else _LIGHT}, "legend": legend},
        "shape": by_class | {"scale": {"domain": list(titles), "range": _SHAPES}, "legend": legend},
        "tooltip": [{"field": "image"}, {"field": "title", "title": " "}],
    }
    layers = [{"mark": dots, "encoding": encoding}, *_names(axes, by_class, dark=dark)]
    spec = {
        "data": {"values": values},
        "layer": layers,
        "height": height + 20 * -(-len(classes) // _columns(classes)),  # height of the legend
    }
    # An image of 28 x 28 pixels would be too small to recognize
    st.html("<style>#vg-tooltip-element img { width: 112px; image-rendering: pixelated; }</style>")
    vega.draw(spec, key=key, alt=alt)


def data_urls(pictures: np.ndarray) -> tuple[str, ...]:
    """Encode gray uint8 images (N, H, W) as PNG files, and return their data URLs."""
    return tuple(images.data_url(Image.fromarray(picture)) for picture in pictures)


def _names(axes: dict, by_class: dict, *, dark: bool) -> list[dict]:
    """Return the layers that draw the name of each class, with a halo, at the median of its points."""
    middle = [{"op": "median", "field": axis, "as": axis} for axis in ("x", "y")]
    text = {"type": "text", "fontSize": 15, "fontWeight": "bold", "tooltip": None}
    halo = text | {"strokeWidth": 4, "strokeJoin": "round", "stroke": "#12181F" if dark else "#FFFFFF"}
    return [
        {
            "transform": [{"aggregate": middle, "groupby": ["class", "title"]}],
            "mark": mark | {"fill": "#E6ECF2" if dark else "#1C2733"},
            "encoding": axes | {"text": {"field": "title"}, "detail": by_class},
        }
        for mark in (halo, text)
    ]


def _columns(classes: Sequence[str]) -> int:
    """Return the number of legend columns that fit on a phone."""
    return 5 if max(map(len, classes)) < 4 else 3

"""A plane of points with images: the user drags a marker, and the browser draws the images at its position."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components import browser_component, image_files
from pages.components.charts import image_scatter

COLUMNS = 20
"""Number of images per row in the sheets with the images of the points. It must divide the number of points."""
_ASSETS = Path(__file__).parent / "image_plane_assets"
_STAGE = '<div class="stage {name}" tabindex="0" role="slider"><canvas></canvas><i></i></div>'
_HTML = f"""
<section class="image-plane">
  <ul class="legend"></ul>
  <p class="place"></p>
  <div><p class="axis"></p>{_STAGE.format(name="plane")}<p class="axis x"></p></div>
  <div class="images">
    <canvas class="from-grid" width="28" height="28"></canvas><p></p>
    <canvas class="nearest small" width="28" height="28"></canvas><p></p>
    <canvas class="restored small" width="28" height="28"></canvas><p></p>
  </div>
  <div><p class="map-title"></p>{_STAGE.format(name="map")}</div>
  <p class="note"></p>
</section>
"""


@dataclass(frozen=True)
class Grid:
    """Images for ``side`` x ``side`` cells of equal size that divide the plane, in one PNG sheet.

    A map next to the plane shows one image per block of ``every`` x ``every`` cells. If ``decodes`` is true, each image
    is decoded from the center of its cell, and the browser also shows an interpolated image for the position of the
    marker. While the marker is in a cell, the note ``Words.marked`` is shown if ``marked`` (side * side,) is true for
    the cell, and ``Words.note`` otherwise. By default, no cell is marked.
    """

    png: bytes
    side: int
    decodes: bool
    every: int = 1
    marked: np.ndarray | None = None


@dataclass(frozen=True)
class Words:
    """The texts shown with an image plane.

    ``place`` is a template with the placeholders {x}, {y}, and {class}. ``nearest`` is a template with the placeholder
    {class}.
    """

    alt: str
    map_alt: str
    map_title: str
    x: str
    y: str
    place: str
    decoded: str
    nearest: str
    restored: str
    note: str
    marked: str = ""


def draw(
    points: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    *,
    low: np.ndarray,
    high: np.ndarray,
    sheets: Mapping[str, bytes],
    grid: Grid,
    words: Words,
    key: str,
) -> None:
    """Draw points (N, 2) in a rectangle of the plane, and a marker that the user moves.

    The images for the position of the marker are shown beside the plane. ``low`` (2,) and ``high`` (2,) are the
    lower-left and upper-right corners of the rectangle. ``labels`` (N,) are indices into the class names ``classes``.
    ``sheets`` contains two PNG sheets with COLUMNS images per row: "nearest" has the image of each point, and
    "restored" has the reconstruction of each of these images. ``grid`` contains images for a regular grid of positions.
    """
    shares = ((points - low) / (high - low)).astype("<f4")
    colours, shapes = image_scatter.class_marks()
    data = {
        "points": base64.b64encode(shares.tobytes()).decode(),
        "labels": labels.tolist(),
        "classes": list(classes),
        "colours": list(colours),
        "shapes": [shape.replace("triangle-up", "triangle") for shape in shapes],
        "low": low.tolist(),
        "high": high.tolist(),
        "start": shares.mean(axis=0).tolist(),
        "size": 28,
        "columns": COLUMNS,
        "sheets": {name: image_files.address(png) for name, png in {**sheets, "grid": grid.png}.items()},
        "grid": {
            "side": grid.side,
            "every": grid.every,
            "decodes": grid.decodes,
            "marked": None if grid.marked is None else "".join("01"[int(each)] for each in grid.marked),
        },
        "captions": {"from-grid": words.decoded, "nearest": words.nearest, "restored": words.restored},
        "axes": [words.y, words.x],
        "alt": words.alt,
        "map_alt": words.map_alt,
        "map_title": words.map_title,
        "words": {"place": words.place, "point": words.nearest, "note": words.note, "marked": words.marked},
    }
    data["id"] = hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()
    render = browser_component.register("image_plane", _ASSETS, ("image_plane.js",), _HTML)
    render(key=key, data=data | {"dark": st.context.theme.type == "dark"})
